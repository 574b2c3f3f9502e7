/* GET /api/v1/reports/placements/{id}: what a placement earns. */
#include "api/api.h"
#include "api/reporting.h"

enum { REPORT_BYTES_MAX = 65536 };

void api_report(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    struct diag diag = {0};
    buf_init(&body, REPORT_BYTES_MAX);
    const struct reporting reporting = {
        .workspace = caller->workspace,
        .placement = request->parameters[0],
        .locale = locale_from_text(http_query(request, "lang"), caller->workspace->locale)};
    enum status status = report_placement(api->engine, &reporting, &body);
    api_leave(caller);
    if (status != STATUS_OK)
        (void)diag_set(&diag, status, "id", "No placement of this id is published");
    api_settle(request, status, &diag, &body);
}
