/* What a browser and an operator read: the browser tag, the console, the page of moments, its
 * stream, the interface's own description, health. */
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
enum { FILE_HEADERS_MAX = 16 };

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

/* --- the demo shop: served where the demo workspace is ---------------------------------------- */

/* What docs/tag.md tells a shop to say. The two hashes are those of the stub and of the style it
 * sets. */
static const struct http_header shop_headers[] = {
    {SLICE_INIT("Content-Security-Policy"),
     SLICE_INIT("default-src 'none'; connect-src 'self'; img-src 'self'; "
                "script-src 'self' 'sha256-hmERqmuM7Opls4tij7+DotXOAG7q1KuLtnFuhlwFRG8='; "
                "style-src 'self' 'sha256-A7NHc4Q8qedjrmWq0ISWIQNL0HkidMRuzt6SYI2MzPE='; "
                "base-uri 'none'; form-action 'self'; frame-ancestors 'self'")},
    {SLICE_INIT("Cache-Control"), SLICE_INIT("no-cache")},
    {SLICE_INIT("X-Robots-Tag"), SLICE_INIT("noindex")},
};
enum { SHOP_HEADERS = sizeof shop_headers / sizeof *shop_headers };

static struct slice replaced(struct arena *arena, struct slice text, struct slice from,
                             struct slice to)
{
    const char *found = memmem(text.data, text.size, from.data, from.size);
    if (!found)
        return text;
    size_t before = (size_t)(found - text.data);
    struct slice rest = slice_from(text, before + from.size);
    return arena_format(arena, "%.*s%.*s%.*s", (int)before, text.data, SLICE_ARG(to),
                        SLICE_ARG(rest));
}

/* In a frame of the console's vis-à-vis a page is another visitor's: shop-as.js reads from the
 * frame's name whose, and does nothing without. No page outside of a frame carries it. */
static struct slice with_another_visitor(struct http_request *request, struct slice body)
{
    static const char first[] = "<script src=\"/shop/language.js\"></script>";
    static const char both[] = "<script src=\"/shop/language.js\"></script>\n"
                               "<script src=\"/assets/shop-as.js\"></script>";
    if (!slice_is(http_header(request, "sec-fetch-dest"), "iframe"))
        return body;
    return replaced(request->arena, body, SLICE(first), SLICE(both));
}

/* The pages name a server and a key as a shop's own do; here they are this server and the demo's
 * key, which is another one after each start. */
static void send_shop_page(struct http_request *request, const struct embedded_file *file,
                           struct slice key)
{
    struct slice body = replaced(request->arena, with_another_visitor(request, file->bytes),
                                 SLICE("https://visavis.example"), SLICE_NONE);
    http_respond(request, &(struct http_response){
                              .code = 200,
                              .content_type = file->content_type,
                              .body = replaced(request->arena, body, SLICE("WRITE_KEY"), key),
                              .headers = shop_headers,
                              .header_count = SHOP_HEADERS});
}

void api_shop(void *context, struct http_request *request)
{
    struct api *api = context;
    struct slice key = api->settings.shop_key;
    if (key.size == 0) {
        http_problem_code(request, 404, STATUS_NOT_FOUND,
                          "This server has no demo shop: `visavis demo --data DIR` runs one");
        return;
    }
    struct slice page = request->parameters[0].size ? request->parameters[0] : SLICE("index.html");
    struct slice name = arena_format(request->arena, "shop-%.*s", SLICE_ARG(page));
    const struct embedded_file *file = embedded_file(name);
    if (file && slice_ends_with(name, SLICE(".html")))
        send_shop_page(request, file, key);
    else
        send_file(request, name, shop_headers, SHOP_HEADERS);
}

/* --- the console ------------------------------------------------------------------------------ */

/* A page that knows a user's secrets: no other site frames it, opens it as a window of its own
 * or learns from where it leads; nothing inline runs. Its one frame is the demo shop
 * (vis-à-vis). HSTS counts once a proxy gives TLS. */
static const struct http_header console_headers[] = {
    {SLICE_INIT("Content-Security-Policy"),
     SLICE_INIT("default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
                "img-src 'self' data: https:; connect-src 'self'; frame-src 'self'; "
                "object-src 'none'; base-uri 'none'; form-action 'self'; "
                "frame-ancestors 'none'")},
    {SLICE_INIT("Strict-Transport-Security"), SLICE_INIT("max-age=31536000")},
    {SLICE_INIT("Referrer-Policy"), SLICE_INIT("no-referrer")},
    {SLICE_INIT("Permissions-Policy"),
     SLICE_INIT("camera=(), geolocation=(), microphone=(), payment=(), usb=()")},
    {SLICE_INIT("Cross-Origin-Opener-Policy"), SLICE_INIT("same-origin")},
    {SLICE_INIT("Cross-Origin-Resource-Policy"), SLICE_INIT("same-origin")},
    {SLICE_INIT("X-Robots-Tag"), SLICE_INIT("noindex")},
};

enum { CONSOLE_HEADERS = sizeof console_headers / sizeof *console_headers };

static void send_console(struct http_request *request, struct slice name, struct slice kept)
{
    struct http_header headers[CONSOLE_HEADERS + 1];
    memcpy(headers, console_headers, sizeof console_headers);
    headers[CONSOLE_HEADERS] = (struct http_header){SLICE("Cache-Control"), kept};
    send_file(request, name, headers, CONSOLE_HEADERS + 1);
}

/* Every address of a screen is the same page: its own router reads the path. */
void api_console(void *context, struct http_request *request)
{
    (void)context;
    send_console(request, SLICE("console/index.html"), SLICE("no-cache"));
}

/* Their names change with their content. */
void api_console_asset(void *context, struct http_request *request)
{
    (void)context;
    send_console(
        request,
        arena_format(request->arena, "console/assets/%.*s", SLICE_ARG(request->parameters[0])),
        SLICE("public, max-age=31536000, immutable"));
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
