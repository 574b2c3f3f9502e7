/* GET /api/v1/catalog/items/{id} and its prices. */
#include "api/api.h"

#include "base/clock.h"
#include "catalog/item_text.h"
#include "catalog/money.h"
#include "catalog/price_reference.h"

enum { BODY_BYTES_MAX = 1 << 20, PRICES_READ_MAX = 20000, PRICES_TOLD_MAX = 1000 };

/* With a language only what is read in it; without, the whole item. */
static void write_item(const struct item *item, struct slice lang, enum locale workspace,
                       struct json_out *out)
{
    const struct locale_wish wish = {lang, slice_of(locale_name(workspace))};
    struct item told = *item;
    if (lang.size > 0) {
        struct item_text text = item_text_in(item, &wish);
        told.title = text.title;
        told.description = text.description;
        told.url = text.url;
        told.category = text.category;
        told.locale = text.locale;
        told.text_count = 0;
    }
    catalog_item_to_json(&told, out);
}

void api_catalog_item(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    const struct catalog_snapshot *items = catalog_pin(api->engine->catalog, caller->workspace->id);
    const struct item *item = catalog_find(items, request->parameters[0]);
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    struct json_out out = json_out(&body);
    if (item)
        write_item(item, http_query(request, "lang"), caller->workspace->locale, &out);
    catalog_unpin(items);
    api_leave(caller);
    api_settle(request, item ? STATUS_OK : STATUS_NOT_FOUND, NULL, &body);
}

/* --- prices ----------------------------------------------------------------------------------- */

static void put_window(struct json_out *out, const char *name, const struct price_window *window,
                       struct slice currency)
{
    money_member(out, name, window->lowest_minor, currency);
    JSON_TIME_MEMBER(out, "from", window->from_ms);
    JSON_BOOL_MEMBER(out, "whole", window->whole);
}

static void put_reference(struct json_out *out, const struct price_reference *reference,
                          struct slice currency)
{
    if (reference->announced) {
        json_name(out, "reduction");
        json_object(out);
        JSON_TIME_MEMBER(out, "since", reference->started_ms);
        put_window(out, "reference", &reference->before, currency);
        json_end(out);
    }
    json_name(out, "recent");
    json_object(out);
    put_window(out, "lowest", &reference->recent, currency);
    json_end(out);
}

static void put_prices(struct json_out *out, const struct catalog_price *prices, size_t count)
{
    json_name(out, "prices");
    json_array(out);
    for (size_t i = 0; i < count && i < PRICES_TOLD_MAX; i++) {
        json_object(out);
        JSON_TIME_MEMBER(out, "at", prices[i].time_ms);
        money_member(out, "price", prices[i].price_minor, prices[i].currency);
        money_member(out, "listPrice", prices[i].list_price_minor, prices[i].currency);
        JSON_STRING_MEMBER(out, "currency", prices[i].currency);
        json_end(out);
    }
    json_end(out);
}

static void write_prices(struct http_request *request, const struct catalog_price *prices,
                         size_t count, struct slice timezone, struct buf *body)
{
    struct price_reference reference;
    struct json_out out = json_out(body);
    price_reference(prices, count, timezone, clock_now_ms(), &reference);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "item", request->parameters[0]);
    put_reference(&out, &reference, count > 0 ? prices[0].currency : SLICE_NONE);
    put_prices(&out, prices, count);
    json_end(&out);
}

void api_catalog_item_prices(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct catalog_price_query query = {.workspace = caller->workspace->id,
                                        .item = request->parameters[0],
                                        .count_max = PRICES_READ_MAX};
    struct catalog_price *prices =
        ARENA_ARRAY(request->arena, PRICES_READ_MAX, struct catalog_price);
    size_t count = 0;
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    enum status status =
        catalog_price_history(api->engine->catalog, &query, request->arena, prices, &count);
    if (status == STATUS_OK && count == 0)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        write_prices(request, prices, count, caller->workspace->timezone, &body);
    api_leave(caller);
    api_settle(request, status, NULL, &body);
}
