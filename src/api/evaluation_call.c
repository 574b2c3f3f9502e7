/* Evaluations over HTTP: begin one, look at it, stop it. */
#include "api/api.h"
#include "api/evaluations.h"

static void settle(struct http_request *request, enum status status, struct buf *body)
{
    struct diag diag = {0};
    if (status != STATUS_OK)
        (void)diag_set(&diag, status, "id", "No evaluation of this placement was asked for");
    api_settle(request, status, &diag, body);
}

void api_evaluation_start(void *context, struct http_request *request)
{
    struct api *api = context;
    const struct json *body;
    struct diag diag = {0};
    if (!api_body(request, &body))
        return;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    const struct evaluation_call call = {caller->workspace->id, request->parameters[0], body};
    enum status status = evaluations_start(api->evaluations, &call, &diag);
    api_leave(caller);
    if (status == STATUS_OK)
        http_respond(request, &(struct http_response){.code = 202,
                                                      .body = SLICE("{\"state\":\"running\"}")});
    else
        http_problem(request, status, diag.sentence[0] ? &diag : NULL);
}

void api_evaluation(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, (size_t)2 * EVALUATION_REPORT_BYTES_MAX);
    enum locale locale = locale_from_text(http_query(request, "lang"), caller->workspace->locale);
    enum status status = evaluations_write(api->evaluations, caller->workspace->id,
                                           request->parameters[0], locale, &body);
    api_leave(caller);
    if (status == STATUS_NOT_FOUND) { /* that none was asked for is no error of who looks */
        buf_add(&body, SLICE("{\"state\":\"none\"}"));
        status = STATUS_OK;
    }
    settle(request, status, &body);
}

void api_evaluation_stop(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, EVALUATION_REPORT_BYTES_MAX);
    buf_add(&body, SLICE("{\"success\":true}"));
    enum status status =
        evaluations_stop(api->evaluations, caller->workspace->id, request->parameters[0]);
    api_leave(caller);
    settle(request, status, &body);
}
