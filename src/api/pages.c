/* What a browser and an operator read: the page of moments, its stream, the interface's own
 * description, health. */
#include "api/api.h"

#include "embedded.h"

/* Nothing from elsewhere, nothing inline: what the page needs stands beside it. */
static const struct http_header page_headers[] = {
    {SLICE_INIT("Content-Security-Policy"),
     SLICE_INIT(
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
         "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")},
    {SLICE_INIT("Referrer-Policy"), SLICE_INIT("no-referrer")},
    {SLICE_INIT("Cache-Control"), SLICE_INIT("no-cache")},
    {SLICE_INIT("X-Robots-Tag"), SLICE_INIT("noindex")},
};

static void send_file(struct http_request *request, struct slice name)
{
    const struct embedded_file *file = embedded_file(name);
    if (!file) {
        http_problem_code(request, 404, STATUS_NOT_FOUND, "No file has this name");
        return;
    }
    struct http_header headers[5];
    memcpy(headers, page_headers, sizeof page_headers);
    headers[4] = (struct http_header){SLICE("ETag"), slice_of(file->etag)};
    bool same = slice_is(http_header(request, "if-none-match"), file->etag);
    struct http_response response = {.code = same ? 304 : 200,
                                     .content_type = file->content_type,
                                     .body = same ? SLICE_NONE : file->bytes,
                                     .headers = headers,
                                     .header_count = 5};
    http_respond(request, &response);
}

void api_home(void *context, struct http_request *request)
{
    (void)context;
    send_file(request, SLICE("index.html"));
}

void api_asset(void *context, struct http_request *request)
{
    (void)context;
    send_file(request, request->parameters[0]);
}

void api_openapi(void *context, struct http_request *request)
{
    (void)context;
    send_file(request, SLICE("openapi.json"));
}

void api_moments(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    uint32_t workspace = caller->workspace->id;
    api_leave(caller);
    moments_listen(api->moments, workspace, request);
}

void api_livez(void *context, struct http_request *request)
{
    (void)context;
    http_respond(request,
                 &(struct http_response){.code = 200, .body = SLICE("{\"status\":\"alive\"}")});
}

void api_readyz(void *context, struct http_request *request)
{
    struct api *api = context;
    struct store *store = api->engine->store;
    if (atomic_load(&api->draining))
        http_problem_code(request, 503, STATUS_OVERLOADED, "The server is stopping");
    else if (store_free_bytes(store) < store_reserve_bytes(store))
        http_problem_code(request, 503, STATUS_NO_SPACE,
                          "The disk is full: decisions go on, collection waits for space");
    else
        http_respond(request,
                     &(struct http_response){.code = 200, .body = SLICE("{\"status\":\"ready\"}")});
}
