#include "test.h"

#include "unit/catalog/shop.h"

#include "api/assortment.h"

#include <stdio.h>
#include <unistd.h>

enum { ITEMS = 8 };

static void put_item(struct shop *shop, unsigned number, const char *title, unsigned stock)
{
    char text[160];
    struct catalog_change change;
    struct ledger_entry *entry = &change.entry;
    struct ledger_commit commit = {.entries = &entry, .entry_count = 1};
    (void)snprintf(text, sizeof text,
                   "{'id':'i%u','title':'%s','category':'Maison > Lampes','stock':%u}", number,
                   title, stock);
    catalog_change_init(shop->catalog, &change, SHOP);
    change.item = shop_item(&shop->arena, text);
    assert_int_equal(ledger_submit_and_wait(shop->ledger, &commit), STATUS_OK);
}

/* The first assortment of the catalogue as it is when item 0 is called that and has so many. */
static const struct assortment *pin_when(struct assortments *assortments, struct shop *shop,
                                         const char *title, int64_t stock)
{
    const struct workspace workspace = {.id = SHOP, .locale = LOCALE_FR};
    for (int i = 0; i < 2000; i++) {
        while (assortments_refresh(assortments, shop->catalog, &workspace))
            ;
        const struct assortment *pinned = assortments_pin(assortments, SHOP);
        const struct item *item = pinned ? catalog_find(pinned->catalog, SLICE("i0")) : NULL;
        if (item && slice_is(item->title, title) && item->stock == stock &&
            catalog_count(pinned->catalog) == ITEMS)
            return pinned;
        assortment_unpin(pinned);
        usleep(10000);
    }
    fail_msg("the items were never published");
    return NULL;
}

static size_t count_alike(const struct assortment *assortment, struct arena *arena,
                          const struct alike **out_list)
{
    return alikes_find(assortment->alikes, SLICE("i1"), arena, out_list);
}

static void what_is_alike_stays_found_while_only_stock_changes(void **state)
{
    struct shop *shop = *state;
    struct assortments *assortments = assortments_new();
    const struct alike *found, *again;
    for (unsigned i = 0; i < ITEMS; i++)
        put_item(shop, i, i % 2 ? "Lampe bleue" : "Lampe rouge", 5);
    const struct assortment *first = pin_when(assortments, shop, "Lampe rouge", 5);
    for (int i = 0; i < 2; i++) /* the second time it is kept */
        assert_int_equal(count_alike(first, &shop->arena, &found), ITEMS - 1);
    put_item(shop, 0, "Lampe rouge", 0);
    const struct assortment *sold = pin_when(assortments, shop, "Lampe rouge", 0);
    assert_int_equal(count_alike(sold, &shop->arena, &again), ITEMS - 1);
    assert_ptr_equal(again, found);
    put_item(shop, 0, "Lampe bleue", 0);
    const struct assortment *renamed = pin_when(assortments, shop, "Lampe bleue", 0);
    assortment_unpin(first);
    assert_int_equal(count_alike(renamed, &shop->arena, &again), ITEMS - 1);
    assert_ptr_not_equal(again, found);
    assert_int_equal(count_alike(sold, &shop->arena, &again), ITEMS - 1);
    assert_ptr_equal(again, found);
    assortment_unpin(sold);
    assortment_unpin(renamed);
    assortments_free(assortments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_alike_stays_found_while_only_stock_changes,
                                        set_up_shop, tear_down_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
