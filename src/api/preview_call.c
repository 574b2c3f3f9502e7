/* POST /api/v1/preview: what people would be shown, without showing it. Whose name is given is
 * looked up, which needs the scope for it; a visitor met in a decision stays without a name, and
 * needs the scope to read decisions. Both leave an audit row before the answer. */
#include "api/api.h"
#include "api/audit.h"
#include "api/preview.h"

#include <stdio.h>

struct previewing {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    const struct json *body;
    struct preview preview;
};

static bool may(const struct previewing *previewing, unsigned scope)
{
    return previewing->caller->key->scopes >> scope & 1;
}

static enum status check_scope(const struct previewing *previewing, struct diag *diag)
{
    for (size_t i = 0; i < previewing->preview.person_count; i++) {
        enum preview_who who = previewing->preview.people[i].who;
        if (who == PREVIEW_NAMED && !may(previewing, SCOPE_PROFILES_READ))
            return diag_set(diag, STATUS_FORBIDDEN, "/people",
                            "Looking a person up takes the scope profiles:read; use an example");
        if (who == PREVIEW_VISITOR && !may(previewing, SCOPE_DECISIONS_READ))
            return diag_set(diag, STATUS_FORBIDDEN, "/people",
                            "The visitor of a decision takes the scope decisions:read; use an "
                            "example");
    }
    return STATUS_OK;
}

static enum status note_lookups(const struct previewing *previewing)
{
    struct ledger *ledger = previewing->api->engine->ledger;
    const struct preview *preview = &previewing->preview;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < preview->person_count && status == STATUS_OK; i++) {
        struct audit audit;
        bool visitor = preview->people[i].who == PREVIEW_VISITOR;
        if (preview->people[i].who != PREVIEW_NAMED && !visitor)
            continue;
        audit_init(ledger, &audit, preview->workspace->id, AUDIT_PERSON_PREVIEW,
                   caller_by(previewing->caller, previewing->request->arena));
        audit.node = preview->people[i].node;
        if (visitor)
            (void)snprintf(audit.detail, sizeof audit.detail, "decision");
        else if (uuid_is_zero(audit.node))
            (void)snprintf(audit.detail, sizeof audit.detail, "%s", status_name(STATUS_NOT_FOUND));
        status = audit_append(ledger, &audit);
    }
    return status;
}

static void run(struct errand *errand)
{
    struct previewing *previewing = (struct previewing *)errand;
    struct http_request *request = previewing->request;
    struct engine *engine = previewing->api->engine;
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, PREVIEW_BYTES_MAX);
    previewing->preview.workspace = previewing->caller->workspace;
    enum status status =
        preview_read(engine, previewing->body, request->arena, &previewing->preview, &diag);
    if (status == STATUS_OK)
        status = check_scope(previewing, &diag);
    if (status == STATUS_OK)
        status = preview_find_visitors(engine, &previewing->preview, request->arena, &diag);
    if (status == STATUS_OK)
        status = preview_write(engine, &previewing->preview, request->arena, &body);
    if (status == STATUS_OK)
        status = note_lookups(previewing);
    api_leave(previewing->caller);
    api_settle(request, status, &diag, &body);
}

void api_preview(void *context, struct http_request *request)
{
    const struct json *body;
    if (!api_body(request, &body))
        return;
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    struct previewing *previewing = ARENA_NEW(request->arena, struct previewing);
    previewing->api = context;
    previewing->request = request;
    previewing->caller = caller;
    previewing->body = body;
    previewing->errand.run = run;
    api_apart(context, request, caller, &previewing->errand);
}
