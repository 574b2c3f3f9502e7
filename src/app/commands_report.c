/* report: what a placement earns. */
#include "api/reporting.h"
#include "app/command.h"

enum { REPORT_BYTES_MAX = 65536 };

enum status command_report(struct call *call, struct diag *diag)
{
    if (call->word_count != 2 || !slice_is(call->words[0], "placement"))
        return diag_set(diag, STATUS_INVALID, "", "Say `report placement ID`");
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    struct reporting reporting = {.placement = call->words[1]};
    struct buf text;
    buf_init(&text, REPORT_BYTES_MAX);
    enum status status = call_workspace(call, snapshot, &reporting.workspace, diag);
    if (status == STATUS_OK) {
        reporting.locale = locale_from_text(call_option(call, "lang"), reporting.workspace->locale);
        status = report_placement(call->engine, &reporting, &text);
        if (status == STATUS_NOT_FOUND)
            (void)diag_set(diag, status, "", "No placement of this id is published");
    }
    workspaces_unpin(snapshot);
    if (status == STATUS_OK) {
        output_write(&call->out, buf_slice(&text));
        output_format(&call->out, "\n");
    }
    buf_done(&text);
    return status;
}
