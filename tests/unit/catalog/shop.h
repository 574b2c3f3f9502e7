/* A catalogue on a real store in a temporary directory, of one test. */
#ifndef VISAVIS_TESTS_CATALOG_SHOP_H
#define VISAVIS_TESTS_CATALOG_SHOP_H

#include "test.h"

#include "base/clock.h"
#include "catalog/catalog.h"
#include "unit/store/temporary.h"

enum { SHOP = 1 };

struct shop {
    char parent[64], directory[128];
    struct store *store;
    struct ledger *ledger;
    struct catalog *catalog;
    struct arena arena;
};

static inline void open_shop(struct shop *shop)
{
    struct diag diag = {0};
    struct store_options options = {.create = true};
    assert_int_equal(store_open(shop->directory, &options, &shop->store, &diag), STATUS_OK);
    assert_int_equal(ledger_open(shop->store, NULL, &shop->ledger, &diag), STATUS_OK);
    assert_int_equal(catalog_open(shop->store, shop->ledger, &shop->catalog, &diag), STATUS_OK);
    assert_int_equal(ledger_start(shop->ledger, &diag), STATUS_OK);
}

static inline void close_shop(struct shop *shop)
{
    ledger_stop(shop->ledger);
    catalog_close(shop->catalog);
    ledger_close(shop->ledger);
    store_close(shop->store);
}

static inline int set_up_shop(void **state)
{
    struct shop *shop = must_alloc_zero(1, sizeof *shop);
    temporary_make(shop->parent);
    (void)snprintf(shop->directory, sizeof shop->directory, "%s/data", shop->parent);
    arena_init(&shop->arena);
    open_shop(shop);
    *state = shop;
    return 0;
}

static inline int tear_down_shop(void **state)
{
    struct shop *shop = *state;
    clock_free_run();
    close_shop(shop);
    arena_done(&shop->arena);
    temporary_remove(shop->parent);
    free(shop);
    return 0;
}

/* "{'id':'1'}" with ' for ". */
static inline const struct json *shop_json(struct arena *arena, const char *text)
{
    char *copy = arena_copy_text(arena, slice_of(text));
    const struct json *json;
    struct diag diag = {0};
    for (char *at = copy; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    if (json_parse(arena, slice_of(copy), &json, &diag) != STATUS_OK)
        fail_msg("%s: %s", copy, diag.sentence);
    return json;
}

static inline struct item shop_item(struct arena *arena, const char *text)
{
    struct item item;
    struct diag diag = {0};
    if (catalog_item_from_json(shop_json(arena, text), SLICE("EUR"), arena, &item, &diag) !=
        STATUS_OK)
        fail_msg("%s: %s %s", text, diag.field, diag.sentence);
    return item;
}

#endif
