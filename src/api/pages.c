/* What a browser and an operator read: the browser tag, the page of moments, its stream, the
 * interface's own description, health. */
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

/* What an answer says of its own, then of its file: etag, what caches tell apart, encoding. */
enum { FILE_HEADERS_MAX = 8 };

static bool takes_gzip(const struct http_request *request)
{
    struct slice accepted = http_header(request, "accept-encoding");
    return accepted.size && memmem(accepted.data, accepted.size, "gzip", 4) &&
           !memmem(accepted.data, accepted.size, "gzip;q=0", 8);
}

static void send_file(struct http_request *request, struct slice name,
                      const struct http_header *own, size_t own_count)
{
    const struct embedded_file *file = embedded_file(name);
    if (!file) {
        http_problem_code(request, 404, STATUS_NOT_FOUND, "No file has this name");
        return;
    }
    struct http_header headers[FILE_HEADERS_MAX];
    size_t count = own_count;
    memcpy(headers, own, own_count * sizeof *own);
    bool same = slice_is(http_header(request, "if-none-match"), file->etag);
    bool gzip = file->gzip.size && takes_gzip(request);
    headers[count++] = (struct http_header){SLICE("ETag"), slice_of(file->etag)};
    headers[count++] = (struct http_header){SLICE("Vary"), SLICE("Accept-Encoding")};
    if (gzip && !same)
        headers[count++] = (struct http_header){SLICE("Content-Encoding"), SLICE("gzip")};
    struct slice body = gzip ? file->gzip : file->bytes;
    struct http_response response = {.code = same ? 304 : 200,
                                     .content_type = file->content_type,
                                     .body = same ? SLICE_NONE : body,
                                     .headers = headers,
                                     .header_count = count};
    http_respond(request, &response);
}

static void send_page(struct http_request *request, struct slice name)
{
    send_file(request, name, page_headers, sizeof page_headers / sizeof *page_headers);
}

/* --- the browser tag: any shop's page may load it --------------------------------------------- */

static const struct http_header tag_headers[] = {
    {SLICE_INIT("Cache-Control"),
     SLICE_INIT("public, max-age=600, stale-while-revalidate=604800, stale-if-error=604800")},
    {SLICE_INIT("Cross-Origin-Resource-Policy"), SLICE_INIT("cross-origin")},
    {SLICE_INIT("Timing-Allow-Origin"), SLICE_INIT("*")},
};

static void send_tag(struct http_request *request, struct slice name)
{
    send_file(request, name, tag_headers, sizeof tag_headers / sizeof *tag_headers);
}

void api_tag(void *context, struct http_request *request)
{
    (void)context;
    send_tag(request, SLICE("tag.js"));
}

void api_tag_chunk(void *context, struct http_request *request)
{
    (void)context;
    send_tag(request, arena_format(request->arena, "tag-%.*s", SLICE_ARG(request->parameters[0])));
}

/* --- the page of moments ---------------------------------------------------------------------- */

void api_home(void *context, struct http_request *request)
{
    (void)context;
    send_page(request, SLICE("index.html"));
}

void api_asset(void *context, struct http_request *request)
{
    (void)context;
    send_page(request, request->parameters[0]);
}

void api_openapi(void *context, struct http_request *request)
{
    (void)context;
    send_page(request, SLICE("openapi.json"));
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
