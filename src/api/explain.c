/* GET /v1/decisions/{id}: why this was shown, for a role and in a language. */
#include "api/api.h"
#include "api/explaining.h"

bool role_from_text(struct slice text, enum audience_role *out_role)
{
    static const char *const names[ROLE_COUNT] = {"marketer", "agent", "shopper"};
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (slice_is(text, names[role])) {
            *out_role = (enum audience_role)role;
            return true;
        }
    }
    *out_role = ROLE_MARKETER;
    return text.size == 0;
}

enum status explain_decision(struct engine *engine, uint32_t workspace,
                             const struct explaining *explaining, struct buf *buf)
{
    struct arena arena;
    arena_init(&arena);
    struct replayed *replayed = ARENA_NEW(&arena, struct replayed);
    const struct replay_wish wish = {.workspace = workspace, .decision = explaining->decision};
    enum status status = replay_decision(engine, &wish, &arena, replayed);
    size_t index = decision_index(explaining->decision);
    if (status == STATUS_OK && index >= replayed->outcome.decision_count)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        struct item_titles titles = {catalog_pin(engine->catalog, workspace), explaining->titles};
        struct explain_options options = {.role = explaining->role,
                                          .locale = explaining->locale,
                                          .title = item_titles_find,
                                          .title_context = &titles,
                                          .what_if = true};
        struct json_out out = json_out(buf);
        decide_explain(&replayed->record.input, &replayed->outcome, index, &options, &out);
        catalog_unpin(titles.catalog);
    }
    arena_done(&arena);
    return status;
}

enum status explaining_read(struct http_request *request, const struct workspace *workspace,
                            struct explaining *out_explaining, struct diag *diag)
{
    if (!uuid_parse(request->parameters[0], &out_explaining->decision))
        return diag_set(diag, STATUS_INVALID, "id", "The id is a UUID, as decide answered it");
    if (!role_from_text(http_query(request, "as"), &out_explaining->role))
        return diag_set(diag, STATUS_INVALID, "as", "as is marketer, agent or shopper");
    out_explaining->locale = locale_from_text(http_query(request, "lang"), workspace->locale);
    out_explaining->titles =
        (struct locale_wish){http_query(request, "lang"), slice_of(locale_name(workspace->locale))};
    return STATUS_OK;
}

void explaining_absence(enum status status, struct diag *diag)
{
    if (status == STATUS_GONE)
        (void)diag_set(diag, status, "id", "This decision was erased with its person");
    else if (status == STATUS_NOT_FOUND)
        (void)diag_set(diag, status, "id", "No decision of this id is on record");
}

void api_explain(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct explaining explaining = {.item = SLICE_NONE};
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, EXPLANATION_BYTES_MAX);
    enum status status = explaining_read(request, caller->workspace, &explaining, &diag);
    if (status == STATUS_OK) {
        status = explain_decision(api->engine, caller->workspace->id, &explaining, &body);
        explaining_absence(status, &diag);
    }
    api_leave(caller);
    api_settle(request, status, &diag, &body);
}
