#include "test.h"

#include "unit/catalog/shop.h"

#include "api/category_tops.h"

#include <stdio.h>
#include <unistd.h>

enum { ITEMS = 60, ORDERS = 300 };

/* A category lies in those above it. */
static const struct {
    const char *path;
    unsigned of_three; /* bit i: items i, i + 3, i + 6 … lie in it */
} categories[] = {
    {"Femme", 3}, {"Femme > Robes", 1}, {"Femme > Manteaux", 2}, {"Maison", 4}, {"Jardin", 0}};
static const char *const leaves[] = {"Femme > Robes", "Femme > Manteaux", "Maison"};

static void put_item(struct shop *shop, unsigned number)
{
    char text[100];
    struct catalog_change change;
    struct ledger_entry *entry = &change.entry;
    struct ledger_commit commit = {.entries = &entry, .entry_count = 1};
    (void)snprintf(text, sizeof text, "{'id':'i%u','title':'x','category':'%s'}", number,
                   leaves[number % 3]);
    catalog_change_init(shop->catalog, &change, SHOP);
    change.item = shop_item(&shop->arena, text);
    assert_int_equal(ledger_submit_and_wait(shop->ledger, &commit), STATUS_OK);
}

/* Some items that are ordered are not in the catalogue. */
static struct learn *sell(void)
{
    struct learn *learn = learn_new();
    for (unsigned i = 0; i < ORDERS; i++) {
        char id[8];
        struct slice item = {
            id, (size_t)snprintf(id, sizeof id, "i%u", (i % 3 ? 17 * i : i * i) % (ITEMS + 9))};
        learn_observe(learn, &(struct learn_observation){.time_ms = 1700000000000 + i,
                                                         .person = {{(uint8_t)i, 1}},
                                                         .personal = true,
                                                         .act = LEARN_ORDER,
                                                         .items = &item,
                                                         .item_count = 1});
    }
    while (!learn_publish(learn, 1700000100000))
        ;
    return learn;
}

static const struct catalog_snapshot *pin_all(struct shop *shop)
{
    for (int i = 0; i < 1000; i++) {
        const struct catalog_snapshot *snapshot = catalog_pin(shop->catalog, SHOP);
        if (catalog_count(snapshot) == ITEMS)
            return snapshot;
        catalog_unpin(snapshot);
        usleep(10000);
    }
    fail_msg("the items were never published");
    return NULL;
}

/* What a look at all of the list finds. */
static size_t find_slowly(const struct learn_snapshot *learned, unsigned of_three,
                          const struct learn_score *found[ITEMS])
{
    const struct learn_score *scores;
    size_t count = learn_best_sellers(learned, &scores), kept = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t number;
        assert_true(slice_to_int64(slice_from(scores[i].item, 1), &number));
        if (number < ITEMS && of_three >> number % 3 & 1)
            found[kept++] = &scores[i];
    }
    return kept;
}

static void a_category_holds_what_lies_in_it_or_below_in_the_list_s_order(void **state)
{
    struct shop *shop = *state;
    for (unsigned i = 0; i < ITEMS; i++)
        put_item(shop, i);
    struct learn *learn = sell();
    struct category_tops *tops = category_tops_new(pin_all(shop), learn_pin(learn));
    const struct learn_snapshot *learned = learn_pin(learn);
    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++) {
        const struct learn_score *expected[ITEMS];
        const struct top_place *places;
        size_t wanted = find_slowly(learned, categories[i].of_three, expected);
        size_t count =
            category_tops_find(tops, TOP_BEST_SELLERS, slice_of(categories[i].path), &places);
        assert_int_equal(count, wanted);
        assert_true(count > 10 || categories[i].of_three == 0);
        for (size_t k = 0; k < count; k++)
            assert_ptr_equal(places[k].score, expected[k]);
    }
    learn_unpin(learned);
    category_tops_unref(tops);
    learn_free(learn);
}

static void they_are_old_when_the_catalogue_or_a_list_is_another_one(void **state)
{
    struct shop *shop = *state;
    for (unsigned i = 0; i < ITEMS; i++)
        put_item(shop, i);
    struct learn *learn = sell();
    const struct catalog_snapshot *items = pin_all(shop), *none = catalog_pin(shop->catalog, 2);
    const struct learn_snapshot *learned = learn_pin(learn);
    struct category_tops *tops = category_tops_new(catalog_ref(items), learn_pin(learn));
    assert_true(category_tops_are_old(NULL, items, learned));
    assert_false(category_tops_are_old(tops, items, learned));
    assert_true(category_tops_are_of(tops, items));
    assert_false(category_tops_are_of(tops, none));
    assert_false(category_tops_are_of(NULL, items));
    assert_true(category_tops_are_old(tops, none, learned));
    struct slice item = SLICE("i7");
    learn_observe(learn, &(struct learn_observation){.time_ms = 1700000200000,
                                                     .person = {{7, 7}},
                                                     .personal = true,
                                                     .act = LEARN_ORDER,
                                                     .items = &item,
                                                     .item_count = 1});
    while (!learn_publish(learn, 1700000200000))
        ;
    learn_unpin(learned);
    learned = learn_pin(learn);
    assert_true(category_tops_are_old(tops, items, learned));
    learn_unpin(learned);
    category_tops_unref(tops);
    catalog_unpin(none);
    catalog_unpin(items);
    learn_free(learn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_category_holds_what_lies_in_it_or_below_in_the_list_s_order, set_up_shop,
            tear_down_shop),
        cmocka_unit_test_setup_teardown(they_are_old_when_the_catalogue_or_a_list_is_another_one,
                                        set_up_shop, tear_down_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
