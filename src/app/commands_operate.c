/* refused, audit: what was not taken in, and who did what. NDJSON, newest first. */
#include "app/command.h"

#include "api/audit.h"
#include "api/refused.h"

enum { ROW_BYTES_MAX = 64 << 10 }; /* a refused message of control characters, six bytes each */

/* --workspace and --limit, which both commands take; no limit is all. */
static enum status read_options(struct call *call, uint32_t *out_workspace, size_t *out_limit,
                                struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    int64_t limit = INT64_MAX;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK)
        *out_workspace = workspace->id;
    workspaces_unpin(snapshot);
    if (status == STATUS_OK && call_has(call, "limit") &&
        (!slice_to_int64(call_option(call, "limit"), &limit) || limit < 1))
        status = diag_set(diag, STATUS_INVALID, "limit", "A limit is a number from 1 on");
    *out_limit = (size_t)limit;
    return status;
}

static enum status write_line(struct call *call, const struct buf *line)
{
    output_write(&call->out, buf_slice(line));
    output_write(&call->out, SLICE("\n"));
    return call->out.broken ? STATUS_IO : STATUS_OK;
}

static enum status tell_refused(void *context, const struct refused_row *row)
{
    struct buf line;
    buf_init(&line, ROW_BYTES_MAX);
    struct json_out out = json_out(&line);
    refused_write(row, &out);
    enum status status = write_line(context, &line);
    buf_done(&line);
    return status;
}

enum status command_refused(struct call *call, struct diag *diag)
{
    struct refused_range range = {0};
    enum status status = read_options(call, &range.workspace, &range.limit, diag);
    if (status != STATUS_OK)
        return status;
    struct audit audit;
    audit_init(call->engine->ledger, &audit, range.workspace, AUDIT_REFUSED_READ, call_by(call));
    status = audit_append(call->engine->ledger, &audit);
    return status == STATUS_OK ? refused_each(call->engine->store, &range, tell_refused, call)
                               : status;
}

static enum status tell_audit(void *context, const struct audit_row *row)
{
    struct buf line;
    buf_init(&line, ROW_BYTES_MAX);
    struct json_out out = json_out(&line);
    audit_write(row, &out);
    enum status status = write_line(context, &line);
    buf_done(&line);
    return status;
}

enum status command_audit(struct call *call, struct diag *diag)
{
    struct audit_range range = {0};
    enum status status = read_options(call, &range.workspace, &range.limit, diag);
    return status == STATUS_OK ? audit_each(call->engine->store, &range, tell_audit, call) : status;
}
