/* refused, audit: what was not taken in, and who did what. NDJSON, newest first. */
#include "app/command.h"

#include "api/audit.h"
#include "api/refused.h"

enum { ROW_BYTES_MAX = 64 << 10 }; /* a refused message of control characters, six bytes each */

struct options {
    uint32_t workspace;
    enum locale locale;
    size_t limit;
};

/* --workspace, --limit and --lang; no limit is all. */
static enum status read_options(struct call *call, struct options *out_options, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    int64_t limit = INT64_MAX;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK)
        *out_options = (struct options){
            .workspace = workspace->id,
            .locale = locale_from_text(call_option(call, "lang"), workspace->locale)};
    workspaces_unpin(snapshot);
    if (status == STATUS_OK && call_has(call, "limit") &&
        (!slice_to_int64(call_option(call, "limit"), &limit) || limit < 1))
        status = diag_set(diag, STATUS_INVALID, "limit", "A limit is a number from 1 on");
    out_options->limit = (size_t)limit;
    return status;
}

static enum status write_line(struct call *call, const struct buf *line)
{
    output_write(&call->out, buf_slice(line));
    output_write(&call->out, SLICE("\n"));
    return call->out.broken ? STATUS_IO : STATUS_OK;
}

struct telling {
    struct call *call;
    enum locale locale;
};

static enum status tell_refused(void *context, const struct refused_row *row)
{
    const struct telling *telling = context;
    struct buf line;
    buf_init(&line, ROW_BYTES_MAX);
    struct json_out out = json_out(&line);
    refused_write(row, telling->locale, &out);
    enum status status = write_line(telling->call, &line);
    buf_done(&line);
    return status;
}

enum status command_refused(struct call *call, struct diag *diag)
{
    struct options options = {0};
    enum status status = read_options(call, &options, diag);
    if (status != STATUS_OK)
        return status;
    const struct refused_range range = {.workspace = options.workspace, .limit = options.limit};
    struct telling telling = {.call = call, .locale = options.locale};
    struct audit audit;
    audit_init(call->engine->ledger, &audit, range.workspace, AUDIT_REFUSED_READ, call_by(call));
    status = audit_append(call->engine->ledger, &audit);
    return status == STATUS_OK ? refused_each(call->engine->store, &range, tell_refused, &telling)
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
    struct options options = {0};
    enum status status = read_options(call, &options, diag);
    const struct audit_range range = {.workspace = options.workspace, .limit = options.limit};
    return status == STATUS_OK ? audit_each(call->engine->store, &range, tell_audit, call) : status;
}
