/* POST /api/v1/catalog/items: one item, or many under "items"; each bad one is named and costs
 * only itself. Answered when the items are on disk and published: the next call finds them. */
#include "api/api.h"

enum { ITEMS_PER_CALL_MAX = 1000 };

struct bad_item {
    size_t index;
    struct diag diag;
};

/* One call; in the request's arena. */
struct changing {
    struct ledger_commit commit; /* first */
    struct catalog_wait wait;
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct catalog_change *changes;
    struct ledger_entry **entries;
    size_t count;
    struct bad_item *bad;
    size_t bad_count;
};

static void write_bad(const struct changing *changing, struct json_out *out)
{
    json_name(out, "errors");
    json_array(out);
    for (size_t i = 0; i < changing->bad_count; i++) {
        json_object(out);
        JSON_INT_MEMBER(out, "index", (int64_t)changing->bad[i].index);
        JSON_STRING_MEMBER(out, "field", slice_of(changing->bad[i].diag.field));
        JSON_STRING_MEMBER(out, "detail", slice_of(changing->bad[i].diag.sentence));
        json_end(out);
    }
    json_end(out);
}

static void answer(struct changing *changing)
{
    size_t written = 0;
    for (size_t i = 0; i < changing->count; i++)
        written += changing->changes[i].entry.status == STATUS_OK;
    struct buf body;
    buf_init(&body, HTTP_RESPONSE_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_BOOL_MEMBER(&out, "success", changing->bad_count == 0);
    JSON_INT_MEMBER(&out, "written", (int64_t)written);
    JSON_INT_MEMBER(&out, "unchanged", (int64_t)(changing->count - written));
    if (changing->bad_count)
        write_bad(changing, &out);
    json_end(&out);
    api_leave(changing->caller);
    api_answer(changing->request, 200, &body);
    buf_done(&body);
}

static void on_published(struct catalog_wait *wait)
{
    answer((struct changing *)((char *)wait - offsetof(struct changing, wait)));
}

static void on_done(struct ledger_commit *commit, enum status status)
{
    struct changing *changing = (struct changing *)commit;
    if (status == STATUS_OK) {
        changing->wait.done = on_published;
        catalog_await(changing->api->engine->catalog, changing->caller->workspace->id,
                      &changing->wait);
        return;
    }
    struct http_request *request = changing->request;
    api_leave(changing->caller);
    http_problem(request, status, NULL);
}

static void take_item(struct changing *changing, const struct json *json, size_t index)
{
    const struct workspace *workspace = changing->caller->workspace;
    struct catalog_change *change = &changing->changes[changing->count];
    struct bad_item *bad = &changing->bad[changing->bad_count];
    bad->index = index;
    catalog_change_init(changing->api->engine->catalog, change, workspace->id);
    change->rows.locale = slice_of(locale_name(workspace->locale));
    if (catalog_item_from_json(json, workspace->currency, changing->request->arena, &change->item,
                               &bad->diag) != STATUS_OK) {
        changing->bad_count++;
        return;
    }
    change->item.category = category_map_path(&workspace->category_map, change->item.category,
                                              changing->request->arena);
    changing->entries[changing->count++] = &change->entry;
}

static enum status take_items(struct changing *changing, const struct json *body, struct diag *diag)
{
    const struct json *items = json_get(body, "items");
    if (items && !json_is(items, JSON_ARRAY))
        return diag_set(diag, STATUS_INVALID, "/items", "items is a list of items");
    size_t count = items ? items->count : 1;
    if (count > ITEMS_PER_CALL_MAX)
        return diag_set(diag, STATUS_TOO_LARGE, "/items", "At most %d items a call",
                        ITEMS_PER_CALL_MAX);
    struct arena *arena = changing->request->arena;
    changing->changes = ARENA_ARRAY(arena, count, struct catalog_change);
    changing->entries = ARENA_ARRAY(arena, count, struct ledger_entry *);
    changing->bad = ARENA_ARRAY(arena, count, struct bad_item);
    for (size_t i = 0; i < count; i++)
        take_item(changing, items ? &items->elements[i] : body, i);
    if (!items && changing->bad_count) {
        *diag = changing->bad[0].diag;
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

void api_catalog_items(void *context, struct http_request *request)
{
    struct changing *changing = ARENA_NEW(request->arena, struct changing);
    changing->api = context;
    changing->request = request;
    const struct json *body;
    struct diag diag = {0};
    if (!api_body(request, &body))
        return;
    changing->caller = api_enter(changing->api, request, SLICE_NONE);
    if (!changing->caller)
        return;
    enum status status = take_items(changing, body, &diag);
    if (status == STATUS_OK && changing->count == 0) {
        answer(changing);
        return;
    }
    if (status == STATUS_OK) {
        changing->commit = (struct ledger_commit){
            .entries = changing->entries, .entry_count = changing->count, .done = on_done};
        status = ledger_submit(changing->api->engine->ledger, &changing->commit);
        if (status == STATUS_OK)
            return;
    }
    api_leave(changing->caller);
    http_problem(request, status, diag.sentence[0] ? &diag : NULL);
}
