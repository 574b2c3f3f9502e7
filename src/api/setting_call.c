/* /api/v1/settings: a workspace's zone, money, language and consent categories; and
 * /api/v1/integration: whether what the shop sends is whole. */
#include "api/api.h"
#include "api/sightings.h"
#include "api/workspace_row.h"

#include "base/clock.h"

enum { SETTINGS_BYTES_MAX = 1 << 20 };

struct setting {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    const struct json *body;
    struct diag diag;
};

static void answer_settings(struct setting *setting, enum status status)
{
    struct buf body;
    buf_init(&body, SETTINGS_BYTES_MAX);
    struct json_out out = json_out(&body);
    const struct workspaces_snapshot *now = workspaces_pin(setting->api->engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(now, setting->caller->workspace->id);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "workspace", workspace->name);
    workspace_write_settings(workspace, &out);
    json_name(&out, "keeps");
    json_object(&out);
    JSON_INT_MEMBER(&out, "refusedDays", REFUSED_MS / MS_PER_DAY);
    JSON_INT_MEMBER(&out, "decisionDays", DECISION_DAYS_DEFAULT);
    JSON_INT_MEMBER(&out, "priceDays", PRICE_HISTORY_DAYS);
    json_end(&out);
    json_end(&out);
    workspaces_unpin(now);
    struct diag diag = setting->diag;
    api_leave(setting->caller);
    api_settle(setting->request, status, &diag, &body);
}

void api_settings_show(void *context, struct http_request *request)
{
    struct setting *setting = ARENA_NEW(request->arena, struct setting);
    *setting = (struct setting){.api = context, .request = request};
    setting->caller = api_enter(context, request, SLICE_NONE);
    if (setting->caller)
        answer_settings(setting, STATUS_OK);
}

static void run_change(struct errand *errand)
{
    struct setting *setting = (struct setting *)errand;
    struct slice by = caller_by(setting->caller, setting->request->arena);
    answer_settings(setting,
                    workspaces_set(setting->api->engine->workspaces, setting->caller->workspace->id,
                                   setting->body, by, &setting->diag));
}

void api_settings_change(void *context, struct http_request *request)
{
    struct setting *setting = ARENA_NEW(request->arena, struct setting);
    *setting = (struct setting){.errand.run = run_change, .api = context, .request = request};
    setting->caller = api_enter(context, request, SLICE_NONE);
    if (!setting->caller)
        return;
    enum status status = json_parse(request->arena, request->body, &setting->body, &setting->diag);
    if (status == STATUS_OK)
        status = workspaces_check_settings(setting->body, request->arena, &setting->diag);
    if (status == STATUS_OK)
        status = errands_add(setting->api->chores, &setting->errand);
    if (status == STATUS_OK)
        return;
    struct diag diag = setting->diag;
    api_leave(setting->caller);
    http_problem(request, status, diag.sentence[0] ? &diag : NULL);
}

void api_integration(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, SIGHTINGS_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    sightings_write(api->sightings, caller->workspace->id, &out);
    json_end(&out);
    api_leave(caller);
    api_settle(request, STATUS_OK, NULL, &body);
}
