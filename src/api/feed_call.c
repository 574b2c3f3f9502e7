/* Feeds over HTTP: the list, one put or taken away, what is asked of one; a guess at columns. */
#include "api/api.h"

#include "api/feeds.h"
#include "catalog/feed_guess.h"

#include <sys/mman.h>
#include <unistd.h>

enum { BODY_BYTES_MAX = 4 << 20 };

void api_feeds_list(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    struct json_out out = json_out(&body);
    feeds_write(api->engine->feeds, caller->workspace->id, request->arena, &out);
    api_leave(caller);
    api_answer(request, 200, &body);
    buf_done(&body);
}

void api_feed_versions(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    const struct feed_name name = {.workspace = caller->workspace->id,
                                   .id = request->parameters[0]};
    struct diag diag = {0};
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    struct json_out out = json_out(&body);
    enum status status = feeds_write_past(api->engine->feeds, &name, &out);
    api_leave(caller);
    if (status != STATUS_OK)
        (void)diag_set(&diag, status, "id", "There is no feed of this name");
    api_settle(request, status, &diag, &body);
}

/* --- changes: they wait for the ledger -------------------------------------------------------- */

struct feed_call {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    const struct json *settings;
    enum feed_wish wish;
    bool asks; /* a wish, else a change of settings */
};

static void run_call(struct errand *errand)
{
    struct feed_call *call = (struct feed_call *)errand;
    struct http_request *request = call->request;
    struct feeds *feeds = call->api->engine->feeds;
    struct diag diag = {0};
    struct feed_name name = {.workspace = call->caller->workspace->id,
                             .id = request->parameters[0],
                             .by = caller_by(call->caller, request->arena)};
    enum status status = call->asks ? feeds_ask(feeds, &name, call->wish, &diag)
                                    : feeds_put(feeds, &name, call->settings, &diag);
    bool later = call->asks && call->wish != FEED_WISH_REJECT;
    api_leave(call->caller);
    if (status == STATUS_OK)
        http_respond(request, &(struct http_response){.code = later ? 202 : 200,
                                                      .body = SLICE("{\"success\":true}")});
    else
        http_problem(request, status, diag.sentence[0] ? &diag : NULL);
}

static void start_call(struct feed_call *call)
{
    call->caller = api_enter(call->api, call->request, SLICE_NONE);
    if (!call->caller)
        return;
    call->errand.run = run_call;
    api_apart(call->api, call->request, call->caller, &call->errand);
}

static struct feed_call *new_call(void *context, struct http_request *request)
{
    struct feed_call *call = ARENA_NEW(request->arena, struct feed_call);
    call->api = context;
    call->request = request;
    return call;
}

static void ask(void *context, struct http_request *request, enum feed_wish wish)
{
    struct feed_call *call = new_call(context, request);
    call->asks = true;
    call->wish = wish;
    start_call(call);
}

void api_feed_put(void *context, struct http_request *request)
{
    struct feed_call *call = new_call(context, request);
    if (api_body(request, &call->settings))
        start_call(call);
}

void api_feed_delete(void *context, struct http_request *request)
{
    start_call(new_call(context, request));
}

void api_feed_run(void *context, struct http_request *request)
{
    ask(context, request, FEED_WISH_RUN);
}

void api_feed_approve(void *context, struct http_request *request)
{
    ask(context, request, FEED_WISH_APPROVE);
}

void api_feed_reject(void *context, struct http_request *request)
{
    ask(context, request, FEED_WISH_REJECT);
}

/* --- a guess at columns ----------------------------------------------------------------------- */

/* The reader wants a descriptor; the front of a feed is small. */
static int file_of(struct slice bytes)
{
    int fd = memfd_create("feed", MFD_CLOEXEC);
    while (fd >= 0 && bytes.size > 0) {
        ssize_t wrote = write(fd, bytes.data, bytes.size);
        if (wrote <= 0) {
            close(fd);
            return -1;
        }
        bytes = slice_from(bytes, (size_t)wrote);
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static enum status guess(struct http_request *request, int fd, struct guesses *out_guesses,
                         struct diag *diag)
{
    struct feed *feed;
    enum status status = feed_open(fd, FEED_AUTO, &feed, diag);
    if (status != STATUS_OK)
        return status;
    status = feed_guess(feed, request->arena, out_guesses, diag);
    feed_close(feed);
    return status;
}

void api_catalog_guess(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    enum locale locale = locale_from_text(http_query(request, "lang"), caller->workspace->locale);
    api_leave(caller);
    struct guesses guesses;
    struct diag diag = {0};
    int fd = file_of(request->body);
    enum status status = fd < 0 ? STATUS_IO : guess(request, fd, &guesses, &diag);
    if (fd >= 0)
        close(fd);
    if (status != STATUS_OK) {
        http_problem(request, status, diag.sentence[0] ? &diag : NULL);
        return;
    }
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    guesses_to_json(&guesses, locale, &out);
    json_end(&out);
    api_answer(request, 200, &body);
    buf_done(&body);
}
