/* POST /api/v1/models/rebuild. */
#include "api/api.h"

void api_rebuild(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct diag diag = {0};
    enum status status = rebuilding_ask(api->engine->rebuilding, caller->workspace->id);
    api_leave(caller);
    if (status == STATUS_NOT_FOUND)
        (void)diag_set(&diag, status, "", "Nothing was learned in this workspace yet");
    if (status == STATUS_CONFLICT)
        (void)diag_set(&diag, status, "", "A rebuild is running; it ends by itself");
    if (status == STATUS_OK)
        http_respond(request, &(struct http_response){.code = 202,
                                                      .body = SLICE("{\"state\":\"running\"}")});
    else
        http_problem(request, status, &diag);
}
