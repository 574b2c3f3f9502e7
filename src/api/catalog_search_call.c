/* GET /api/v1/catalog/items, a search; GET /api/v1/catalog/items/{id}/alike, an item's
 * neighbours by content.
 *
 * A search walks the snapshot in its order, by hash of the id, and stops after a page or
 * SCAN_MAX items, whichever comes first; the hash of the last item looked at is where the next
 * call goes on, also in a later snapshot. Folding a title takes about a microsecond, so a call
 * costs 100 ms at most and has a thread of its own. */
#include "api/api.h"
#include "api/assortment.h"

#include "base/hash.h"
#include "catalog/money.h"
#include "learn/terms.h"

#include <stdio.h>

enum {
    FOUND_BYTES_MAX = 1 << 20,
    SCAN_MAX = 100000,
    FOUND_DEFAULT = 50,
    FOUND_MAX = 100,
    QUERY_BYTES_MAX = 200
};

struct searching {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct slice id, words, category; /* id: as asked; words: folded */
    bool by_stock, in_stock;
    uint64_t after; /* hashes up to this one were looked at; 0: none */
    size_t limit;
};

/* --- what is asked ---------------------------------------------------------------------------- */

static enum status read_after(struct searching *searching, struct slice text, struct diag *diag)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        char digit = text.data[i];
        bool decimal = digit >= '0' && digit <= '9', letter = digit >= 'a' && digit <= 'f';
        if (text.size != 16 || (!decimal && !letter))
            return diag_set(diag, STATUS_INVALID, "after",
                            "after is what the page before said: next");
        value = value << 4 | (uint64_t)(decimal ? digit - '0' : digit - 'a' + 10);
    }
    searching->after = value;
    return STATUS_OK;
}

static enum status read_search(struct searching *searching, struct diag *diag)
{
    struct http_request *request = searching->request;
    struct slice limit = http_query(request, "limit"), stock = http_query(request, "in_stock");
    int64_t most = FOUND_DEFAULT;
    searching->id = slice_trim(http_query(request, "q"));
    searching->category = http_query(request, "category");
    searching->by_stock = stock.size > 0;
    searching->in_stock = slice_is(stock, "true");
    if (searching->id.size > QUERY_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "q", "q is at most %d bytes", QUERY_BYTES_MAX);
    if (stock.size && !searching->in_stock && !slice_is(stock, "false"))
        return diag_set(diag, STATUS_INVALID, "in_stock", "in_stock is true or false");
    if (limit.size && (!slice_to_int64(limit, &most) || most < 1 || most > FOUND_MAX))
        return diag_set(diag, STATUS_INVALID, "limit", "limit is 1 to %d", FOUND_MAX);
    searching->limit = (size_t)most;
    searching->words = terms_fold(searching->id, request->arena);
    return read_after(searching, http_query(request, "after"), diag);
}

/* --- does it fit? ----------------------------------------------------------------------------- */

/* Each word asked for begins a word of the text; both are folded. */
static bool has_words(struct slice text, struct slice words)
{
    while (words.size > 0) {
        struct slice word = words, rest = SLICE_NONE, at = text;
        if (!slice_cut(words, ' ', &word, &rest))
            word = words;
        bool found = false;
        while (at.size > 0 && !found) {
            struct slice next = SLICE_NONE, head;
            found = slice_starts_with(at, word);
            at = slice_cut(at, ' ', &head, &next) ? next : SLICE_NONE;
        }
        if (!found)
            return false;
        words = rest;
    }
    return true;
}

static bool lies_in(struct slice category, struct slice wanted)
{
    return slice_starts_with(category, wanted) &&
           (category.size == wanted.size ||
            slice_starts_with(slice_make(category.data + wanted.size, category.size - wanted.size),
                              SLICE(" > ")));
}

static bool fits(const struct searching *searching, const struct item *item, struct arena *arena)
{
    if (searching->category.size && !lies_in(item->category, searching->category))
        return false;
    if (searching->by_stock && item_available(item) != searching->in_stock)
        return false;
    if (searching->id.size == 0 || slice_starts_with(item->id, searching->id))
        return true;
    if (searching->words.size == 0)
        return false;
    arena_reset(arena);
    struct slice text =
        arena_format(arena, "%.*s %.*s", SLICE_ARG(item->title), SLICE_ARG(item->brand));
    return has_words(terms_fold(text, arena), searching->words);
}

/* --- the walk --------------------------------------------------------------------------------- */

static void write_item(const struct item *item, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", item->id);
    JSON_STRING_MEMBER(out, "title", item->title);
    json_text_member(out, "brand", item->brand);
    json_text_member(out, "category", item->category);
    json_text_member(out, "image", item->image);
    if (item->price_minor >= 0)
        money_member(out, "price", item->price_minor, item->currency);
    json_text_member(out, "currency", item->currency);
    if (item->stock >= 0)
        JSON_INT_MEMBER(out, "stock", item->stock);
    JSON_BOOL_MEMBER(out, "available", item_available(item));
    JSON_BOOL_MEMBER(out, "hidden", item->hidden);
    JSON_INT_MEMBER(out, "variants", (int64_t)item->variant_count);
    JSON_TIME_MEMBER(out, "updated", item->updated_ms);
    json_end(out);
}

/* The first position whose hash is beyond `after`. */
static size_t position_after(const struct catalog_snapshot *catalog, uint64_t after)
{
    size_t low = 0, high = catalog_count(catalog);
    while (after > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        if (hash64(catalog_at(catalog, middle)->id) <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void walk(const struct searching *searching, const struct catalog_snapshot *catalog,
                 struct json_out *out)
{
    size_t count = catalog_count(catalog), at = position_after(catalog, searching->after);
    size_t end = count - at > SCAN_MAX ? at + SCAN_MAX : count, found = 0;
    struct arena arena;
    arena_init(&arena);
    json_name(out, "items");
    json_array(out);
    for (; at < end && found < searching->limit; at++) {
        const struct item *item = catalog_at(catalog, at);
        if (!fits(searching, item, &arena))
            continue;
        write_item(item, out);
        found++;
    }
    json_end(out);
    arena_done(&arena);
    JSON_INT_MEMBER(out, "count", (int64_t)count);
    if (at < count && at > 0) {
        char next[17];
        (void)snprintf(next, sizeof next, "%016llx",
                       (unsigned long long)hash64(catalog_at(catalog, at - 1)->id));
        JSON_STRING_MEMBER(out, "next", slice_of(next));
    }
}

static void search(struct errand *errand)
{
    struct searching *searching = (struct searching *)errand;
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, FOUND_BYTES_MAX);
    struct json_out out = json_out(&body);
    enum status status = read_search(searching, &diag);
    if (status == STATUS_OK) {
        const struct catalog_snapshot *catalog =
            catalog_pin(searching->api->engine->catalog, searching->caller->workspace->id);
        json_object(&out);
        walk(searching, catalog, &out);
        json_end(&out);
        catalog_unpin(catalog);
    }
    api_leave(searching->caller);
    api_settle(searching->request, status, &diag, &body);
}

void api_catalog_search(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    struct searching *searching = ARENA_NEW(request->arena, struct searching);
    *searching = (struct searching){
        .errand = {.run = search}, .api = context, .request = request, .caller = caller};
    api_apart(context, request, caller, &searching->errand);
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* Likeness is worked out where a placement asks for it; else it is not ready, and says so. */
static void write_alike(struct engine *engine, uint32_t workspace, const struct item *item,
                        const struct catalog_snapshot *catalog, struct json_out *out)
{
    const struct assortment *assortment = assortments_pin(engine->assortments, workspace);
    struct alikes *alikes = assortment ? assortment->alikes : NULL;
    const struct alike *list;
    struct arena arena;
    arena_init(&arena);
    size_t count = alikes ? alikes_find(alikes, item->id, &arena, &list) : 0;
    JSON_BOOL_MEMBER(out, "ready", alikes != NULL);
    json_name(out, "items");
    json_array(out);
    for (size_t i = 0; i < count; i++) {
        const struct item *other = catalog_find(catalog, list[i].item->key);
        if (!other)
            continue;
        json_object(out);
        JSON_FIGURE_MEMBER(out, "score", list[i].score);
        json_name(out, "item");
        write_item(other, out);
        json_end(out);
    }
    json_end(out);
    arena_done(&arena);
    assortment_unpin(assortment);
}

void api_catalog_alike(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    uint32_t workspace = caller->workspace->id;
    const struct catalog_snapshot *catalog = catalog_pin(api->engine->catalog, workspace);
    const struct item *item = catalog_find(catalog, request->parameters[0]);
    struct buf body;
    buf_init(&body, FOUND_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    if (item)
        write_alike(api->engine, workspace, item, catalog, &out);
    json_end(&out);
    catalog_unpin(catalog);
    api_leave(caller);
    api_settle(request, item ? STATUS_OK : STATUS_NOT_FOUND, NULL, &body);
}
