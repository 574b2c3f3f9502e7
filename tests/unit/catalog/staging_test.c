/* Feeds staged, compared, written, held and dropped, on a real store. */
#include "test.h"

#include "base/clock.h"
#include "base/limits.h"
#include "catalog/staging.h"
#include "unit/store/temporary.h"

struct shop {
    char parent[64], directory[128];
    struct store *store;
    struct ledger *ledger;
    struct catalog *catalog;
    struct arena arena;
};

enum { SHOP = 1 };

static void open_shop(struct shop *shop)
{
    struct diag diag = {0};
    struct store_options options = {.create = true};
    assert_int_equal(store_open(shop->directory, &options, &shop->store, &diag), STATUS_OK);
    assert_int_equal(ledger_open(shop->store, NULL, &shop->ledger, &diag), STATUS_OK);
    assert_int_equal(catalog_open(shop->store, shop->ledger, &shop->catalog, &diag), STATUS_OK);
    assert_int_equal(ledger_start(shop->ledger, &diag), STATUS_OK);
}

static void close_shop(struct shop *shop)
{
    ledger_stop(shop->ledger);
    catalog_close(shop->catalog);
    ledger_close(shop->ledger);
    store_close(shop->store);
}

static int set_up(void **state)
{
    struct shop *shop = must_alloc_zero(1, sizeof *shop);
    temporary_make(shop->parent);
    (void)snprintf(shop->directory, sizeof shop->directory, "%s/data", shop->parent);
    arena_init(&shop->arena);
    open_shop(shop);
    *state = shop;
    return 0;
}

static int tear_down(void **state)
{
    struct shop *shop = *state;
    close_shop(shop);
    arena_done(&shop->arena);
    temporary_remove(shop->parent);
    free(shop);
    return 0;
}

static struct staging_about about_of(enum feed_mode mode)
{
    return (struct staging_about){
        .workspace = SHOP, .feed = SLICE("shop-feed"), .mode = mode, .taken_ms = 1700000000000};
}

/* "A:12.50:3 B:9:0": id, price, stock ("" unknown). "!A" is a refused row that names A. */
static struct staging *stage(struct shop *shop, enum feed_mode mode, const char *rows)
{
    struct staging_about about = about_of(mode);
    struct staging *staging;
    struct diag diag = {0};
    unsigned line = 1;
    char *rest = arena_copy_text(&shop->arena, slice_of(rows)), *word;
    assert_int_equal(staging_new(shop->catalog, &about, &staging, &diag), STATUS_OK);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *id = strsep(&word, ":"), *price = strsep(&word, ":"), *stock = word;
        if (id[0] == '!') {
            staging_keep(staging, slice_of(id + 1));
            continue;
        }
        struct item item = {.id = slice_of(id),
                            .title = arena_format(&shop->arena, "Item %s", id),
                            .price_minor = (int64_t)(strtod(price, NULL) * 100),
                            .list_price_minor = -1,
                            .currency = SLICE("EUR"),
                            .stock = stock && *stock ? strtol(stock, NULL, 10) : -1};
        assert_int_equal(staging_put(staging, &item, line++, &diag), STATUS_OK);
    }
    return staging;
}

static void expect_diff(struct shop *shop, struct staging *staging, const char *wanted)
{
    struct feed_diff diff;
    char text[200];
    assert_int_equal(staging_compare(staging, &shop->arena, &diff), STATUS_OK);
    (void)snprintf(
        text, sizeof text,
        "before %d items %d same %d new %d down %d up %d out %d back %d changed %d gone %d",
        (int)diff.before, (int)diff.items, (int)diff.unchanged, (int)diff.counts[DIFF_NEW],
        (int)diff.counts[DIFF_PRICE_DOWN], (int)diff.counts[DIFF_PRICE_UP],
        (int)diff.counts[DIFF_OUT_OF_STOCK], (int)diff.counts[DIFF_BACK_IN_STOCK],
        (int)diff.counts[DIFF_CHANGED], (int)diff.counts[DIFF_GONE]);
    assert_string_equal(text, wanted);
}

static void expect_applied(struct staging *staging, unsigned written, unsigned unchanged,
                           unsigned hidden)
{
    struct staging_result result = {0};
    assert_int_equal(staging_apply(staging, &result), STATUS_OK);
    assert_int_equal(result.written, written);
    assert_int_equal(result.unchanged, unchanged);
    assert_int_equal(result.hidden, hidden);
    assert_int_equal(result.refused, 0);
}

static void apply(struct shop *shop, enum feed_mode mode, const char *rows)
{
    struct staging *staging = stage(shop, mode, rows);
    struct staging_result result = {0};
    assert_int_equal(staging_apply(staging, &result), STATUS_OK);
    staging_free(staging);
}

static bool shown(struct shop *shop, const char *id)
{
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    const struct item *item = catalog_find(snapshot, slice_of(id));
    bool found = item && !item->hidden;
    catalog_unpin(snapshot);
    return found;
}

static void a_dry_comparison_tells_each_kind_of_change(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_DELTA, "A:10:5 B:20:5 C:30:0 D:40:5 E:50:5");
    struct staging *staging = stage(shop, FEED_FULL, "A:10:5 B:15:5 C:35:4 D:40:0 F:60:1");
    expect_diff(shop, staging,
                "before 5 items 5 same 1 new 1 down 1 up 1 out 1 back 1 changed 3 gone 1");
    struct feed_diff diff;
    assert_int_equal(staging_compare(staging, &shop->arena, &diff), STATUS_OK);
    assert_true(slice_is(diff.examples[DIFF_PRICE_DOWN][0].id, "B"));
    assert_int_equal(diff.examples[DIFF_PRICE_DOWN][0].before_minor, 2000);
    assert_int_equal(diff.examples[DIFF_PRICE_DOWN][0].after_minor, 1500);
    assert_true(slice_is(diff.examples[DIFF_GONE][0].title, "Item E"));
    struct buf text;
    buf_init(&text, 1 << 16);
    struct json_out out = json_out(&text);
    json_object(&out);
    feed_diff_to_json(&diff, true, &out);
    json_end(&out);
    buf_add_byte(&text, 0);
    assert_non_null(strstr(text.data, "\"priceDown\":[{\"id\":\"B\",\"title\":\"Item B\","
                                      "\"before\":\"20.00\",\"after\":\"15.00\"}]"));
    buf_done(&text);
    staging_free(staging);
    assert_true(shown(shop, "E") && !shown(shop, "F"));
}

static void the_last_row_of_an_item_counts(void **state)
{
    struct shop *shop = *state;
    struct staging *staging = stage(shop, FEED_DELTA, "A:10 B:20 A:11 A:12");
    assert_int_equal(staging_items(staging), 2);
    expect_applied(staging, 2, 0, 0);
    staging_free(staging);
    const struct catalog_snapshot *snapshot = catalog_pin_latest(shop->catalog, SHOP);
    assert_int_equal(catalog_find(snapshot, SLICE("A"))->price_minor, 1200);
    catalog_unpin(snapshot);
}

static void an_unchanged_feed_writes_nothing(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_FULL, "A:10:5 B:20:5");
    uint64_t before = ledger_sequence(shop->ledger);
    struct staging *staging = stage(shop, FEED_FULL, "A:10:5 B:20:5");
    expect_diff(shop, staging,
                "before 2 items 2 same 2 new 0 down 0 up 0 out 0 back 0 changed 0 gone 0");
    expect_applied(staging, 0, 2, 0);
    staging_free(staging);
    assert_int_equal(ledger_sequence(shop->ledger), before);
}

static void full_hides_what_is_gone_and_delta_does_not(void **state)
{
    struct shop *shop = *state;
    apply(shop, FEED_DELTA, "A:10 B:20 C:30 D:40");
    apply(shop, FEED_DELTA, "A:10");
    assert_true(shown(shop, "B"));
    struct staging *staging = stage(shop, FEED_FULL, "A:10 C:30 !D");
    expect_applied(staging, 0, 2, 1);
    staging_free(staging);
    assert_true(shown(shop, "A") && !shown(shop, "B") && shown(shop, "C"));
    assert_true(shown(shop, "D")); /* its row was refused, it is not gone */
    staging = stage(shop, FEED_FULL, "A:10 B:20 C:30 D:40");
    expect_diff(shop, staging,
                "before 3 items 4 same 3 new 1 down 0 up 0 out 0 back 0 changed 0 gone 0");
    expect_applied(staging, 1, 3, 0);
    staging_free(staging);
    assert_true(shown(shop, "B"));
}

static void a_feed_shrinks_from_thirty_percent_on(void **state)
{
    (void)state;
    static const struct {
        uint64_t before, gone;
        bool shrinks;
    } cases[] = {{0, 0, false},      {10, 3, false},    {10, 4, true},
                 {1000, 300, false}, {1000, 301, true}, {1, 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct feed_diff diff = {.before = cases[i].before};
        diff.counts[DIFF_GONE] = cases[i].gone;
        assert_int_equal(feed_diff_shrinks(&diff), cases[i].shrinks);
    }
}

static void a_held_feed_outlives_a_restart_and_is_applied_then(void **state)
{
    struct shop *shop = *state;
    struct diag diag = {0};
    apply(shop, FEED_DELTA, "A:10 B:20 C:30");
    struct staging *staging = stage(shop, FEED_FULL, "A:1 A:11 !C");
    assert_int_equal(staging_hold(staging, 9, 2, &diag), STATUS_OK);
    staging_free(staging);
    struct staging *left = stage(shop, FEED_FULL, "Z:1"); /* what a crash would leave */
    close_shop(shop);
    open_shop(shop);
    struct slice names[4];
    assert_int_equal(staging_list_held(shop->catalog, SHOP, &shop->arena, names, 4), 1);
    assert_true(slice_is(names[0], "shop-feed"));
    assert_int_equal(staging_list_held(shop->catalog, SHOP + 1, &shop->arena, names, 4), 0);
    assert_int_equal(staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag),
                     STATUS_OK);
    assert_int_equal(staging_about(staging)->rows, 9);
    assert_int_equal(staging_about(staging)->refused, 2);
    assert_int_equal(staging_about(staging)->mode, FEED_FULL);
    expect_diff(shop, staging,
                "before 3 items 1 same 0 new 0 down 0 up 1 out 0 back 0 changed 1 gone 1");
    expect_applied(staging, 1, 0, 1);
    staging_free(staging);
    assert_true(shown(shop, "C") && !shown(shop, "B"));
    assert_int_equal(staging_drop_held(shop->catalog, SHOP, SLICE("shop-feed")), STATUS_OK);
    assert_int_equal(staging_drop_held(shop->catalog, SHOP, SLICE("shop-feed")), STATUS_NOT_FOUND);
    assert_int_equal(staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag),
                     STATUS_NOT_FOUND);
    staging_free(left);
}

static void what_was_held_and_is_damaged_is_refused(void **state)
{
    struct shop *shop = *state;
    struct diag diag = {0};
    struct staging *staging = stage(shop, FEED_FULL, "A:10 B:20 C:30 !D");
    assert_int_equal(staging_hold(staging, 9, 2, &diag), STATUS_OK);
    staging_free(staging);
    char path[256];
    (void)snprintf(path, sizeof path, "%s/feeds/%d-shop-feed.held", shop->directory, SHOP);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[4096];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    for (size_t cut = 0; cut < size; cut += 3) { /* every third length */
        file = fopen(path, "wb");
        assert_int_equal(fwrite(bytes, 1, cut, file), cut);
        assert_int_equal(fclose(file), 0);
        enum status status =
            staging_open_held(shop->catalog, SHOP, SLICE("shop-feed"), &staging, &diag);
        assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
        if (status == STATUS_OK) /* cut between two rows */
            staging_free(staging);
    }
}

static void a_feed_has_a_name_that_is_a_file_name(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "shop-feed", "fr_FR.v2", "9"};
    static const char *const bad[] = {"", ".", "..", ".a", "a/b", "a b", "\xC3\xA9", "a\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(feed_name_valid(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(feed_name_valid(slice_of(bad[i])));
}

#define ON_A_SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SHOP(a_dry_comparison_tells_each_kind_of_change),
        ON_A_SHOP(the_last_row_of_an_item_counts),
        ON_A_SHOP(an_unchanged_feed_writes_nothing),
        ON_A_SHOP(full_hides_what_is_gone_and_delta_does_not),
        ON_A_SHOP(a_held_feed_outlives_a_restart_and_is_applied_then),
        ON_A_SHOP(what_was_held_and_is_damaged_is_refused),
        cmocka_unit_test(a_feed_shrinks_from_thirty_percent_on),
        cmocka_unit_test(a_feed_has_a_name_that_is_a_file_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
