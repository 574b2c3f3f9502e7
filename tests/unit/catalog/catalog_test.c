#include "test.h"

#include "base/clock.h"
#include "base/limits.h"
#include "catalog/catalog.h"
#include "unit/catalog/shop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Any thread. */
static void submit(struct shop *shop, struct catalog_change *changes, size_t count)
{
    struct ledger_entry **entries = must_alloc(count * sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = &changes[i].entry;
    struct ledger_commit commit = {.entries = entries, .entry_count = count};
    assert_int_equal(ledger_submit_and_wait(shop->ledger, &commit), STATUS_OK);
    free(entries);
}

/* One item from JSON; answers what became of it. */
static enum status put(struct shop *shop, uint32_t workspace, const char *text)
{
    struct catalog_change change;
    struct diag diag = {0};
    const struct json *json;
    catalog_change_init(shop->catalog, &change, workspace);
    assert_int_equal(json_parse(&shop->arena, slice_of(text), &json, &diag), STATUS_OK);
    assert_int_equal(catalog_item_from_json(json, SLICE("EUR"), &shop->arena, &change.item, &diag),
                     STATUS_OK);
    submit(shop, &change, 1);
    assert_int_equal(change.unchanged, change.entry.status == STATUS_CONFLICT);
    return change.entry.status;
}

static enum status hide(struct shop *shop, uint32_t workspace, const char *id)
{
    struct catalog_change change;
    catalog_change_init(shop->catalog, &change, workspace);
    change.remove = true;
    change.item.id = slice_of(id);
    submit(shop, &change, 1);
    return change.entry.status;
}

static const struct catalog_snapshot *pin_latest(struct shop *shop, uint32_t workspace,
                                                 uint64_t sequence)
{
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, workspace);
    assert_true(catalog_sequence(snapshot) >= sequence);
    return snapshot;
}

static bool attributes_of(const struct catalog_snapshot *snapshot, const char *item,
                          const char *variant, const struct attribute **out_attributes,
                          size_t *out_count)
{
    struct slice id = slice_of(item), of = slice_of(variant);
    return catalog_attributes(snapshot, &id, &of, out_attributes, out_count);
}

static uint64_t rows(struct shop *shop, enum space space)
{
    uint64_t counts[SPACE_COUNT];
    struct diag diag = {0};
    assert_int_equal(store_verify(shop->store, counts, &diag), STATUS_OK);
    return counts[space];
}

static void a_new_item_is_visible_and_after_a_restart(void **state)
{
    struct shop *shop = *state;
    const struct catalog_snapshot *snapshot = catalog_pin(shop->catalog, 1);
    assert_int_equal(catalog_count(snapshot), 0);
    catalog_unpin(snapshot);
    assert_int_equal(put(shop, 1,
                         "{\"id\":\"a\",\"title\":\"A\",\"price\":\"25\",\"brand\":\"B\","
                         "\"variants\":[{\"id\":\"a1\",\"attributes\":{\"size\":\"M\"}}]}"),
                     STATUS_OK);
    for (int restart = 0; restart < 2; restart++) {
        snapshot = pin_latest(shop, 1, restart ? 1 : ledger_sequence(shop->ledger));
        const struct item *item = catalog_find(snapshot, SLICE("a"));
        assert_non_null(item);
        assert_true(slice_is(item->title, "A"));
        assert_ptr_equal(item, catalog_at(snapshot, 0));
        const struct attribute *attributes;
        size_t count;
        assert_true(attributes_of(snapshot, "a", "a1", &attributes, &count));
        assert_int_equal(count, 3);
        assert_true(slice_is(attributes[2].value, "M"));
        assert_true(attributes_of(snapshot, "a", "", &attributes, &count));
        assert_int_equal(count, 2);
        assert_false(attributes_of(snapshot, "z", "", &attributes, &count));
        assert_null(catalog_find_variant(item, SLICE("zz")));
        catalog_unpin(snapshot);
        snapshot = catalog_pin(shop->catalog, 2);
        assert_null(catalog_find(snapshot, SLICE("a"))); /* another shop's */
        catalog_unpin(snapshot);
        close_shop(shop);
        open_shop(shop);
    }
}

static void an_unchanged_item_writes_nothing(void **state)
{
    struct shop *shop = *state;
    static const char text[] = "{\"id\":\"a\",\"title\":\"A\",\"price\":\"25\",\"attributes\":"
                               "{\"x\":\"1\",\"y\":\"2\"}}";
    static const char same[] = "{\"attributes\":{\"y\":2,\"x\":1},\"price\":25.00,\"title\":\" A "
                               "\",\"id\":\"a\",\"currency\":\"EUR\"}";
    clock_fix(1700000000000);
    assert_int_equal(put(shop, 1, text), STATUS_OK);
    uint64_t sequence = ledger_sequence(shop->ledger), log = rows(shop, SPACE_LOG);
    clock_fix(1700000900000);
    assert_int_equal(put(shop, 1, same), STATUS_CONFLICT);
    assert_int_equal(ledger_sequence(shop->ledger), sequence);
    assert_int_equal(rows(shop, SPACE_LOG), log);
    assert_int_equal(rows(shop, SPACE_PRICE), 1);
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"Other\",\"price\":\"25\"}"),
                     STATUS_OK);
    const struct catalog_snapshot *snapshot = pin_latest(shop, 1, ledger_sequence(shop->ledger));
    const struct item *item = catalog_find(snapshot, SLICE("a"));
    assert_int_equal(item->added_ms, 1700000000000);
    assert_int_equal(item->updated_ms, 1700000900000);
    catalog_unpin(snapshot);
    struct catalog_counts counts;
    catalog_counts(shop->catalog, &counts);
    assert_int_equal(counts.changes, 2);
    assert_int_equal(counts.unchanged, 1);
    assert_int_equal(counts.items, 1);
}

static void two_changes_of_one_group_see_each_other(void **state)
{
    struct shop *shop = *state;
    struct catalog_change changes[3];
    for (int i = 0; i < 3; i++) {
        catalog_change_init(shop->catalog, &changes[i], 1);
        changes[i].item = (struct item){.id = SLICE("a"),
                                        .title = i == 0 ? SLICE("one") : SLICE("two"),
                                        .currency = SLICE("EUR"),
                                        .price_minor = -1,
                                        .list_price_minor = -1,
                                        .stock = -1};
    }
    submit(shop, changes, 3);
    assert_int_equal(changes[0].entry.status, STATUS_OK);
    assert_int_equal(changes[1].entry.status, STATUS_OK);
    assert_int_equal(changes[2].entry.status, STATUS_CONFLICT);
    const struct catalog_snapshot *snapshot = pin_latest(shop, 1, ledger_sequence(shop->ledger));
    assert_true(slice_is(catalog_find(snapshot, SLICE("a"))->title, "two"));
    assert_int_equal(catalog_count(snapshot), 1);
    catalog_unpin(snapshot);
}

static void a_removed_item_is_hidden_and_stays_known(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(hide(shop, 1, "a"), STATUS_NOT_FOUND);
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"A\",\"price\":\"25\"}"), STATUS_OK);
    assert_int_equal(hide(shop, 1, "a"), STATUS_OK);
    assert_int_equal(hide(shop, 1, "a"), STATUS_CONFLICT);
    const struct catalog_snapshot *snapshot = pin_latest(shop, 1, ledger_sequence(shop->ledger));
    assert_true(catalog_find(snapshot, SLICE("a"))->hidden);
    catalog_unpin(snapshot);
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"A\",\"price\":\"25\"}"), STATUS_OK);
    snapshot = pin_latest(shop, 1, ledger_sequence(shop->ledger));
    assert_false(catalog_find(snapshot, SLICE("a"))->hidden);
    catalog_unpin(snapshot);
    assert_int_equal(rows(shop, SPACE_PRICE), 1); /* hiding changes no price */
}

static void keeps_each_price_that_held_within_400_days(void **state)
{
    struct shop *shop = *state;
    static const char *const prices[] = {"10", "12", "12", "9.99"};
    int64_t day = 86400000, start = 1700000000000;
    for (int i = 0; i < 4; i++) {
        char text[128];
        clock_fix(start + i * 10 * day);
        (void)snprintf(text, sizeof text,
                       "{\"id\":\"a\",\"title\":\"A\",\"price\":\"%s\",\"stock\":%d}", prices[i],
                       i);
        assert_int_equal(put(shop, 1, text), STATUS_OK);
    }
    struct catalog_price history[8];
    size_t count;
    struct catalog_price_query query = {.workspace = 1, .item = SLICE("a"), .count_max = 8};
    assert_int_equal(catalog_price_history(shop->catalog, &query, &shop->arena, history, &count),
                     STATUS_OK);
    assert_int_equal(count, 3);
    assert_int_equal(history[0].price_minor, 999);
    assert_int_equal(history[0].time_ms, start + 30 * day);
    assert_int_equal(history[1].price_minor, 1200);
    assert_int_equal(history[2].price_minor, 1000);
    assert_true(slice_is(history[2].currency, "EUR"));
    clock_fix(start + 405 * day);
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"A\",\"price\":\"8\"}"), STATUS_OK);
    assert_int_equal(catalog_price_history(shop->catalog, &query, &shop->arena, history, &count),
                     STATUS_OK);
    assert_int_equal(count, 4); /* the first held until ten days after, 395 days ago */
    assert_int_equal(history[0].price_minor, 800);
    assert_int_equal(history[3].price_minor, 1000);
    clock_fix(start + 415 * day);
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"A\",\"price\":\"7\"}"), STATUS_OK);
    assert_int_equal(catalog_price_history(shop->catalog, &query, &shop->arena, history, &count),
                     STATUS_OK);
    assert_int_equal(count, 4);
    assert_int_equal(history[3].price_minor, 1200);
    clock_fix(start + 2000 * day); /* nothing for years: what held until now stays */
    assert_int_equal(put(shop, 1, "{\"id\":\"a\",\"title\":\"A\",\"price\":\"6\"}"), STATUS_OK);
    assert_int_equal(catalog_price_history(shop->catalog, &query, &shop->arena, history, &count),
                     STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(history[1].price_minor, 700);
}

static void refuses_an_item_over_its_size(void **state)
{
    struct shop *shop = *state;
    struct catalog_change change;
    catalog_change_init(shop->catalog, &change, 1);
    char *text = arena_alloc(&shop->arena, ITEM_BYTES_MAX);
    memset(text, 'x', ITEM_BYTES_MAX);
    change.item = (struct item){.id = SLICE("a"),
                                .title = SLICE("T"),
                                .description = slice_make(text, ITEM_BYTES_MAX),
                                .price_minor = -1};
    submit(shop, &change, 1);
    assert_int_equal(change.entry.status, STATUS_TOO_LARGE);
    assert_int_equal(rows(shop, SPACE_ITEM), 0);
}

struct reading {
    struct shop *shop;
    _Atomic bool stop;
};

static void *read_on(void *context)
{
    struct reading *reading = context;
    while (!atomic_load(&reading->stop)) {
        const struct catalog_snapshot *snapshot = catalog_pin(reading->shop->catalog, 1);
        size_t count = catalog_count(snapshot);
        for (size_t i = 0; i < count; i += 7) {
            const struct item *item = catalog_at(snapshot, i);
            if (catalog_find(snapshot, item->id) != item || item->title.size == 0)
                abort();
        }
        catalog_unpin(snapshot);
    }
    return NULL;
}

static void readers_see_whole_items_while_the_shop_changes(void **state)
{
    struct shop *shop = *state;
    struct reading reading = {.shop = shop};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reading), 0);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 10; i++) {
            char text[128];
            (void)snprintf(text, sizeof text, "{\"id\":\"item%d\",\"title\":\"T%d\"}",
                           (round * 7 + i) % 100, round);
            enum status status = put(shop, 1, text);
            assert_int_equal(status, STATUS_OK);
        }
        usleep(20000);
    }
    atomic_store(&reading.stop, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    const struct catalog_snapshot *snapshot = pin_latest(shop, 1, ledger_sequence(shop->ledger));
    assert_true(catalog_count(snapshot) > 50);
    catalog_unpin(snapshot);
}

struct posting {
    struct shop *shop;
    char prefix;
};

static void *post_on(void *context)
{
    const struct posting *posting = context;
    struct catalog *catalog = posting->shop->catalog;
    for (int i = 0; i < 60; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%c%d", posting->prefix, i);
        struct catalog_change change;
        catalog_change_init(catalog, &change, SHOP);
        change.item = (struct item){.id = slice_of(id),
                                    .title = SLICE("T"),
                                    .price_minor = -1,
                                    .list_price_minor = -1,
                                    .stock = -1};
        submit(posting->shop, &change, 1);
        catalog_settle(catalog, SHOP);
        const struct catalog_snapshot *snapshot = catalog_pin(catalog, SHOP);
        assert_non_null(catalog_find(snapshot, slice_of(id)));
        catalog_unpin(snapshot);
    }
    return NULL;
}

static void who_waits_is_told_when_the_item_is_there(void **state)
{
    struct shop *shop = *state;
    struct posting posting[4];
    pthread_t threads[4];
    catalog_settle(shop->catalog, SHOP); /* nothing to wait for */
    for (int i = 0; i < 4; i++) {
        posting[i] = (struct posting){shop, (char)('a' + i)};
        assert_int_equal(pthread_create(&threads[i], NULL, post_on, &posting[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    const struct catalog_snapshot *snapshot = catalog_pin(shop->catalog, SHOP);
    assert_int_equal(catalog_count(snapshot), 240);
    catalog_unpin(snapshot);
}

enum { MANY = 100000, BURST = 2000 };

static void put_burst(struct shop *shop, struct catalog_change *changes, size_t from)
{
    for (size_t i = 0; i < BURST; i++) {
        struct item *item = &changes[i].item;
        catalog_change_init(shop->catalog, &changes[i], (uint32_t)(1 + i % 2));
        item->id = arena_format(&shop->arena, "sku-%zu", from + i);
        item->title = arena_format(&shop->arena, "Product number %zu", from + i);
        item->brand = arena_format(&shop->arena, "brand %zu", i % 100);
        item->category = SLICE("Women > Dresses");
        item->currency = SLICE("EUR");
        item->price_minor = (int64_t)(from + i);
        item->list_price_minor = item->stock = -1;
    }
    submit(shop, changes, BURST);
}

static void a_hundred_thousand_items_come_back_after_a_restart(void **state)
{
    struct shop *shop = *state;
    struct catalog_change *changes = must_alloc(BURST * sizeof *changes);
    for (size_t from = 0; from < MANY; from += BURST) {
        put_burst(shop, changes, from);
        arena_reset(&shop->arena);
    }
    uint64_t sequence = ledger_sequence(shop->ledger);
    put_burst(shop, changes, 0); /* again: nothing is written */
    assert_int_equal(ledger_sequence(shop->ledger), sequence);
    free(changes);
    assert_int_equal(store_flush(shop->store),
                     STATUS_OK); /* else the WAL's replay is what is timed */
    close_shop(shop);
    uint64_t began_us = clock_monotonic_us();
    open_shop(shop);
    print_message("# opened with %d items in %llu ms\n", MANY,
                  (unsigned long long)(clock_monotonic_us() - began_us) / 1000);
    struct catalog_counts counts;
    catalog_counts(shop->catalog, &counts);
    assert_int_equal(counts.items, MANY);
    assert_int_equal(counts.workspaces, 2);
    print_message("# %llu bytes an item\n", (unsigned long long)(counts.bytes / MANY));
    const struct catalog_snapshot *snapshot = catalog_pin(shop->catalog, 2);
    assert_int_equal(catalog_count(snapshot), MANY / 2);
    assert_non_null(catalog_find(snapshot, SLICE("sku-99999")));
    assert_null(catalog_find(snapshot, SLICE("sku-99998")));
    catalog_unpin(snapshot);
}

static void expect_found(struct shop *shop, const char *id, const char *item, const char *variant)
{
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    struct slice own = slice_of(id), of = SLICE_NONE;
    const struct attribute *attributes;
    size_t count;
    bool found = catalog_attributes(snapshot, &own, &of, &attributes, &count);
    assert_int_equal(found, item != NULL);
    if (item && (!slice_is(own, item) || !slice_is(of, variant)))
        fail_msg("%s is %.*s %.*s", id, SLICE_ARG(own), SLICE_ARG(of));
    assert_true(slice_is(catalog_canonical_id(snapshot, slice_of(id)), item ? item : id));
    const struct item *direct = catalog_find(snapshot, slice_of(id));
    assert_int_equal(direct != NULL, item != NULL);
    catalog_unpin(snapshot);
}

static void a_groups_item_is_found_by_the_ids_of_its_rows(void **state)
{
    struct shop *shop = *state;
    static const char *const rows[] = {
        "{\"id\":\"a1\",\"item_group_id\":\"A\",\"title\":\"T\"}",
        "{\"id\":\"a2\",\"item_group_id\":\"A\",\"title\":\"T\"}",
        "{\"id\":\"B\",\"title\":\"T\",\"variants\":[{\"id\":\"38\"}]}",
        "{\"id\":\"a2\",\"title\":\"An item of its own\"}"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(put(shop, SHOP, rows[i]), STATUS_OK);
    expect_found(shop, "A", "A", "");
    expect_found(shop, "a1", "A", "a1");
    expect_found(shop, "a2", "A", "a2");
    expect_found(shop, "38", NULL, ""); /* told with its item, "38" is any shirt's */
    assert_int_equal(put(shop, SHOP, rows[3]), STATUS_OK);
    expect_found(shop, "a2", "a2", "");
    assert_int_equal(hide(shop, SHOP, "a2"), STATUS_OK); /* what the shop calls it now counts */
    expect_found(shop, "a2", "A", "a2");
    close_shop(shop);
    open_shop(shop);
    expect_found(shop, "a1", "A", "a1");
    expect_found(shop, "a2", "A", "a2");
}

static void a_row_that_leaves_its_group_or_moves_is_found_where_it_is(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(put(shop, SHOP, "{\"id\":\"a1\",\"item_group_id\":\"A\",\"title\":\"T\"}"),
                     STATUS_OK);
    assert_int_equal(put(shop, SHOP, "{\"id\":\"a2\",\"item_group_id\":\"A\",\"title\":\"T\"}"),
                     STATUS_OK);
    assert_int_equal(put(shop, SHOP, "{\"id\":\"a2\",\"item_group_id\":\"B\",\"title\":\"T\"}"),
                     STATUS_OK);
    expect_found(shop, "a2", "B", "a2");
    assert_int_equal(
        put(shop, SHOP, "{\"id\":\"A\",\"title\":\"T\",\"variants\":[{\"id\":\"a1\"}]}"),
        STATUS_OK);
    expect_found(shop, "a1", NULL, "");
    expect_found(shop, "a2", "B", "a2");
    expect_found(shop, "A", "A", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_item_is_visible_and_after_a_restart, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(an_unchanged_item_writes_nothing, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(two_changes_of_one_group_see_each_other, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(a_removed_item_is_hidden_and_stays_known, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(keeps_each_price_that_held_within_400_days, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(refuses_an_item_over_its_size, set_up_shop, tear_down_shop),
        cmocka_unit_test_setup_teardown(readers_see_whole_items_while_the_shop_changes, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(who_waits_is_told_when_the_item_is_there, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(a_hundred_thousand_items_come_back_after_a_restart,
                                        set_up_shop, tear_down_shop),
        cmocka_unit_test_setup_teardown(a_groups_item_is_found_by_the_ids_of_its_rows, set_up_shop,
                                        tear_down_shop),
        cmocka_unit_test_setup_teardown(a_row_that_leaves_its_group_or_moves_is_found_where_it_is,
                                        set_up_shop, tear_down_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
