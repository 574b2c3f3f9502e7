/* /api/v1/keys: what shops and servers call with. Made with at most the scopes of who makes them;
 * changes wait for the disk, on the thread of errands. */
#include "api/api.h"
#include "api/key_uses.h"
#include "api/shape.h"
#include "api/sightings.h"

#include "base/clock.h"

enum { KEYS_BYTES_MAX = 1 << 20, DAYS_MAX = 3650 };

/* One change on its way; in the request's arena. */
struct keying {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    const struct json *body;
    struct diag diag;
    struct slice id;
    struct key_wish wish;
    struct key_edit edit;
    char text[KEY_TEXT_MAX]; /* of a new one */
};

/* --- told ------------------------------------------------------------------------------------- */

static void write_texts(const char *name, const struct slice *texts, size_t count,
                        struct json_out *out)
{
    json_name(out, name);
    json_array(out);
    for (size_t i = 0; i < count; i++)
        json_string(out, texts[i]);
    json_end(out);
}

static void write_scopes(uint32_t scopes, struct json_out *out)
{
    json_name(out, "scopes");
    json_array(out);
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        if (scopes >> scope & 1)
            json_string(out, slice_of(scope_name((enum scope)scope)));
    json_end(out);
}

/* text: of a new one, told this once; NULL for those that are there. */
static void write_key(struct api *api, const struct api_key *key, const char *text,
                      struct json_out *out)
{
    int64_t last_ms = key_uses_last(api->key_uses, key);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", key->id);
    JSON_STRING_MEMBER(out, "name", key->name);
    JSON_STRING_MEMBER(out, "hint", key->hint);
    JSON_STRING_MEMBER(out, "kind", key->secret ? SLICE("secret") : SLICE("write"));
    write_scopes(key->scopes, out);
    write_texts("origins", key->origins, key->origin_count, out);
    json_text_member(out, "madeBy", key->made_by);
    if (key->created_ms)
        JSON_TIME_MEMBER(out, "created", key->created_ms);
    if (key->expires_ms)
        JSON_TIME_MEMBER(out, "expires", key->expires_ms);
    if (last_ms)
        JSON_TIME_MEMBER(out, "lastUsed", last_ms);
    JSON_BOOL_MEMBER(out, "revoked", key->revoked);
    JSON_BOOL_MEMBER(out, "lives", key_lives(key));
    json_text_member(out, "text", text ? slice_of(text) : key->text);
    json_end(out);
}

void api_keys_list(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, KEYS_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "keys");
    json_array(&out);
    for (size_t i = caller->workspace->key_count; i > 0; i--)
        write_key(api, &caller->workspace->keys[i - 1], NULL, &out);
    json_end(&out);
    JSON_TIME_MEMBER(&out, "usedSince", api->started_ms);
    json_end(&out);
    api_leave(caller);
    api_settle(request, STATUS_OK, NULL, &body);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void finish(struct keying *keying, enum status status)
{
    struct buf body;
    uint32_t workspace = keying->caller->workspace->id;
    buf_init(&body, KEYS_BYTES_MAX);
    struct json_out out = json_out(&body);
    const struct workspaces_snapshot *now = workspaces_pin(keying->api->engine->workspaces);
    const struct workspace *shop = workspaces_by_id(now, workspace);
    const struct api_key *found = NULL;
    for (size_t i = 0; status == STATUS_OK && shop && i < shop->key_count; i++)
        if (keying->text[0] ? i + 1 == shop->key_count : slice_equal(shop->keys[i].id, keying->id))
            found = &shop->keys[i];
    if (status == STATUS_OK && !found)
        status = STATUS_NOT_FOUND;
    if (found)
        write_key(keying->api, found, keying->text[0] ? keying->text : NULL, &out);
    workspaces_unpin(now);
    api_leave(keying->caller);
    struct diag diag = keying->diag;
    api_settle(keying->request, status, &diag, &body);
}

/* NULL: answered. */
static struct keying *enter(void *context, struct http_request *request)
{
    struct keying *keying = ARENA_NEW(request->arena, struct keying);
    *keying = (struct keying){.api = context, .request = request, .id = request->parameters[0]};
    keying->caller = api_enter(context, request, SLICE_NONE);
    return keying->caller ? keying : NULL;
}

static void start(struct keying *keying, void (*run)(struct errand *errand), enum status status)
{
    keying->errand.run = run;
    if (status == STATUS_OK)
        status = errands_add(keying->api->chores, &keying->errand);
    if (status == STATUS_OK)
        return;
    struct diag diag = keying->diag;
    api_leave(keying->caller);
    http_problem(keying->request, status, diag.sentence[0] ? &diag : NULL);
}

static enum status read_body(struct keying *keying, const struct shape *shape)
{
    enum status status =
        json_parse(keying->request->arena, keying->request->body, &keying->body, &keying->diag);
    if (status == STATUS_OK && !json_is(keying->body, JSON_OBJECT))
        status =
            diag_set(&keying->diag, STATUS_INVALID, "", "The body is not an object; send { … }");
    return status == STATUS_OK ? shape_check(shape, keying->body, &keying->diag) : status;
}

static enum status read_name(struct keying *keying, struct slice *out_name)
{
    *out_name = slice_trim(json_get_text(keying->body, "name"));
    return out_name->size <= KEY_NAME_BYTES_MAX
               ? STATUS_OK
               : diag_set(&keying->diag, STATUS_INVALID, "/name", "A name has at most %d bytes",
                          KEY_NAME_BYTES_MAX);
}

static enum status read_origins(struct keying *keying, const struct slice **out_origins,
                                size_t *out_count)
{
    const struct json *list = json_get(keying->body, "origins");
    size_t count = json_is(list, JSON_ARRAY) ? list->count : 0;
    struct slice *origins = ARENA_ARRAY(keying->request->arena, count, struct slice);
    for (size_t i = 0; i < count; i++) {
        origins[i] = json_text(&list->elements[i]);
        enum status status = origin_check(origins[i], &keying->diag);
        if (status != STATUS_OK)
            return status;
    }
    *out_origins = origins;
    *out_count = count;
    return STATUS_OK;
}

/* Nobody gives away more than he has; what any write key may do is everybody's to give. */
static enum status read_scopes(struct keying *keying)
{
    const struct json *list = json_get(keying->body, "scopes");
    const uint32_t may = keying->caller->key->scopes | SCOPES_OF_WRITE_KEY;
    struct key_wish *wish = &keying->wish;
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++) {
        enum scope scope;
        struct slice name = json_text(&list->elements[i]);
        if (!scope_from_name(name, &scope) || scope == SCOPE_USERS_WRITE)
            return diag_set(&keying->diag, STATUS_INVALID, "/scopes",
                            "There is no scope \"%.*s\" for a key", SLICE_ARG(name));
        if (!(may >> scope & 1))
            return diag_set(&keying->diag, STATUS_FORBIDDEN, "/scopes",
                            "You may not do %.*s yourself, so no key of yours may",
                            SLICE_ARG(name));
        wish->scopes |= 1U << scope;
    }
    if (wish->secret && !wish->scopes)
        return diag_set(&keying->diag, STATUS_INVALID, "/scopes",
                        "Say what a secret key may do: at least one scope");
    return wish->secret || !wish->scopes
               ? STATUS_OK
               : diag_set(&keying->diag, STATUS_INVALID, "/scopes",
                          "A write key collects and decides, no more; leave scopes out");
}

static enum status read_wish(struct keying *keying)
{
    static const struct shape_member members[] = {
        {.name = "kind", .type = SHAPE_TEXT},
        {.name = "name", .type = SHAPE_TEXT},
        {.name = "scopes", .type = SHAPE_LIST, .max = SCOPE_COUNT},
        {.name = "origins", .type = SHAPE_LIST, .max = ORIGINS_PER_KEY_MAX},
        {.name = "replaces", .type = SHAPE_TEXT},
        {.name = "expiresInDays", .type = SHAPE_COUNT, .min = 1, .max = DAYS_MAX}};
    static const struct shape shape = {.at = "", .members = members, .count = 6};
    struct key_wish *wish = &keying->wish;
    enum status status = read_body(keying, &shape);
    struct slice kind = json_get_text(keying->body, "kind");
    if (status == STATUS_OK && !slice_is(kind, "write") && !slice_is(kind, "secret"))
        status = diag_set(&keying->diag, STATUS_INVALID, "/kind", "kind is write or secret");
    wish->secret = slice_is(kind, "secret");
    wish->replaces = json_get_text(keying->body, "replaces");
    wish->by = caller_by(keying->caller, keying->request->arena);
    int64_t days = status == STATUS_OK ? json_get_int(keying->body, "expiresInDays", 0) : 0;
    wish->expires_ms = days ? clock_now_ms() + days * MS_PER_DAY : 0;
    if (status == STATUS_OK)
        status = read_name(keying, &wish->name);
    if (status == STATUS_OK)
        status = read_scopes(keying);
    if (status == STATUS_OK)
        status = read_origins(keying, &wish->origins, &wish->origin_count);
    if (status == STATUS_OK && wish->secret && wish->origin_count)
        status = diag_set(&keying->diag, STATUS_INVALID, "/origins",
                          "A secret key has no origins: it must never reach a browser");
    return status;
}

static void run_add(struct errand *errand)
{
    struct keying *keying = (struct keying *)errand;
    enum status status =
        workspaces_add_key(keying->api->engine->workspaces, keying->caller->workspace->id,
                           &keying->wish, keying->text, &keying->diag);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_INVALID; /* the key to replace, not the route */
    finish(keying, status);
}

void api_key_add(void *context, struct http_request *request)
{
    struct keying *keying = enter(context, request);
    if (keying)
        start(keying, run_add, read_wish(keying));
}

static enum status read_edit(struct keying *keying)
{
    static const struct shape_member members[] = {
        {.name = "name", .type = SHAPE_TEXT},
        {.name = "origins", .type = SHAPE_LIST, .max = ORIGINS_PER_KEY_MAX},
        {.name = "addOrigin", .type = SHAPE_TEXT}};
    static const struct shape shape = {.at = "", .members = members, .count = 3};
    struct key_edit *edit = &keying->edit;
    enum status status = read_body(keying, &shape);
    if (status == STATUS_OK && json_get(keying->body, "name")) {
        struct slice *name = ARENA_NEW(keying->request->arena, struct slice);
        status = read_name(keying, name);
        edit->name = name;
    }
    if (status == STATUS_OK && json_get(keying->body, "origins"))
        status = read_origins(keying, &edit->origins, &edit->origin_count);
    edit->add_origin = status == STATUS_OK ? json_get_text(keying->body, "addOrigin") : SLICE_NONE;
    return edit->add_origin.size ? origin_check(edit->add_origin, &keying->diag) : status;
}

static void run_edit(struct errand *errand)
{
    struct keying *keying = (struct keying *)errand;
    uint32_t workspace = keying->caller->workspace->id;
    keying->edit.key_id = keying->id;
    keying->edit.by = caller_by(keying->caller, keying->request->arena);
    enum status status = workspaces_edit_key(keying->api->engine->workspaces, workspace,
                                             &keying->edit, &keying->diag);
    if (status == STATUS_OK && keying->edit.add_origin.size)
        sightings_forget_origin(keying->api->sightings, workspace, keying->edit.add_origin);
    finish(keying, status);
}

void api_key_edit(void *context, struct http_request *request)
{
    struct keying *keying = enter(context, request);
    if (keying)
        start(keying, run_edit, read_edit(keying));
}

static void run_revoke(struct errand *errand)
{
    struct keying *keying = (struct keying *)errand;
    struct slice by = caller_by(keying->caller, keying->request->arena);
    finish(keying,
           workspaces_revoke_key(keying->api->engine->workspaces, keying->caller->workspace->id,
                                 keying->id, by, &keying->diag));
}

void api_key_revoke(void *context, struct http_request *request)
{
    struct keying *keying = enter(context, request);
    if (keying)
        start(keying, run_revoke, STATUS_OK);
}
