#include "api/audited.h"

#include <stdio.h>

struct audited *audited_new(struct api *api, const struct caller *caller,
                            struct http_request *request, enum audit_action action,
                            size_t body_bytes_max)
{
    struct audited *audited = ARENA_NEW(request->arena, struct audited);
    audited->request = request;
    audit_init(api->engine->ledger, &audited->audit, caller->workspace->id, action,
               caller_by(caller, request->arena));
    buf_init(&audited->body, body_bytes_max);
    return audited;
}

/* The request's arena may die with the answer; the body's memory is ours. */
static void answer(struct audited *audited, enum status status, const struct diag *diag)
{
    struct buf body = audited->body;
    api_settle(audited->request, status, diag, &body);
}

static void on_done(struct ledger_commit *commit, enum status status)
{
    struct audited *audited = (struct audited *)commit;
    if (status == STATUS_OK)
        status = audited->entry->status;
    if (status == STATUS_OK)
        answer(audited, audited->status, &audited->diag);
    else
        answer(audited, status, NULL);
}

void audited_answer(struct api *api, struct audited *audited)
{
    if (audited->status == STATUS_OK && audited->body.overflowed)
        audited->status = STATUS_TOO_LARGE;
    if (audited->status != STATUS_OK)
        snprintf(audited->audit.detail, sizeof audited->audit.detail, "%s",
                 status_name(audited->status));
    audited->entry = &audited->audit.entry;
    audited->commit =
        (struct ledger_commit){.entries = &audited->entry, .entry_count = 1, .done = on_done};
    enum status status = ledger_submit(api->engine->ledger, &audited->commit);
    if (status != STATUS_OK)
        answer(audited, status, NULL);
}

enum status page_limit(struct http_request *request, size_t *out_limit, struct diag *diag)
{
    struct slice text = http_query(request, "limit");
    int64_t limit = PAGE_ROWS;
    if (text.size && (!slice_to_int64(text, &limit) || limit < 1 || limit > PAGE_ROWS_MAX))
        return diag_set(diag, STATUS_INVALID, "limit", "limit is 1 to %d", PAGE_ROWS_MAX);
    *out_limit = (size_t)limit;
    return STATUS_OK;
}
