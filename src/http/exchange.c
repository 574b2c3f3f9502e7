/* The middle of an exchange: the request's fields, routing, CORS, overload; and the queue by
 * which answers come back to the loop. */
#include "http/exchange.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "http/connection.h"
#include "http/stream.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { POOLED_EXCHANGES_MAX = 256, KEPT_OUT_BYTES_MAX = 65536, OUT_HEAD_BYTES_MAX = 65536 };

_Thread_local struct http_loop *loop_here;

/* --- memory ----------------------------------------------------------------------------------- */

struct exchange *exchange_take(struct http_loop *loop)
{
    struct exchange *exchange = loop->idle_exchanges;
    if (exchange) {
        loop->idle_exchanges = exchange->next;
        loop->idle_exchange_count--;
        return exchange;
    }
    exchange = must_alloc_zero(1, sizeof *exchange);
    arena_init(&exchange->arena);
    reader_init(&exchange->reader);
    buf_init(&exchange->out, HTTP_RESPONSE_BYTES_MAX + OUT_HEAD_BYTES_MAX);
    exchange->loop = loop;
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    arena_done(&exchange->arena);
    reader_done(&exchange->reader);
    buf_done(&exchange->out);
    free(exchange);
}

bool exchange_count_held(struct exchange *exchange)
{
    struct http_loop *loop = exchange->loop;
    const struct reader *reader = &exchange->reader;
    size_t held =
        reader->held.room + reader->body.room + reader->inflated.room + exchange->out.room;
    loop->held_bytes = loop->held_bytes - exchange->held_bytes + held;
    exchange->held_bytes = held;
    return loop->held_bytes <= loop->server->options.held_bytes_max;
}

void exchange_give_back(struct exchange *exchange)
{
    struct http_loop *loop = exchange->loop;
    loop->held_bytes -= exchange->held_bytes;
    exchange->held_bytes = 0;
    if (loop->idle_exchange_count == POOLED_EXCHANGES_MAX) {
        exchange_free(exchange);
        return;
    }
    arena_reset(&exchange->arena);
    reader_reset(&exchange->reader);
    buf_clear(&exchange->out);
    if (exchange->out.room > KEPT_OUT_BYTES_MAX)
        buf_done(&exchange->out);
    memset(&exchange->request, 0, sizeof exchange->request);
    exchange->connection = NULL;
    exchange->stream = NULL;
    exchange->origin = SLICE_NONE;
    exchange->vary_origin = exchange->head_only = exchange->close = false;
    exchange->handed_out = exchange->answered = exchange->arrived = false;
    exchange->next = loop->idle_exchanges;
    loop->idle_exchanges = exchange;
    loop->idle_exchange_count++;
}

/* --- answers from any thread ------------------------------------------------------------------ */

bool loop_post(struct http_loop *loop, struct post *post)
{
    post->next = NULL;
    pthread_mutex_lock(&loop->mutex);
    bool gone = loop->gone;
    bool first = loop->first_post == NULL;
    if (!gone && first)
        loop->first_post = post;
    else if (!gone)
        loop->last_post->next = post;
    if (!gone)
        loop->last_post = post;
    if (!gone && first) /* under the mutex: the loop cannot go away meanwhile */
        net_loop_wake(loop->net);
    pthread_mutex_unlock(&loop->mutex);
    return !gone;
}

void loop_release(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    bool last = --loop->orphans == 0;
    pthread_mutex_unlock(&loop->mutex);
    if (!last)
        return;
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

/* The handler outlived the loop; the last such exchange frees what is left of it. */
static void drop_orphan(struct exchange *exchange)
{
    struct http_loop *loop = exchange->loop;
    if (exchange->stream)
        stream_close(exchange->stream);
    exchange_free(exchange);
    loop_release(loop);
}

static struct exchange *exchange_of_post(struct post *post)
{
    return (struct exchange *)(void *)((char *)post - offsetof(struct exchange, post));
}

static void on_post(struct post *post, bool loop_gone)
{
    if (loop_gone)
        drop_orphan(exchange_of_post(post));
    else
        connection_answer(exchange_of_post(post));
}

void exchange_answered(struct exchange *exchange)
{
    assert(!exchange->answered);
    exchange->answered = true;
    exchange->post.deliver = on_post;
    if (exchange->loop == loop_here)
        connection_answer(exchange);
    else if (!loop_post(exchange->loop, &exchange->post))
        drop_orphan(exchange);
}

/* --- the request's fields --------------------------------------------------------------------- */

struct slice http_header(const struct http_request *request, const char *name)
{
    struct slice wanted = slice_of(name);
    for (size_t i = 0; i < request->header_count; i++)
        if (slice_equal_ignoring_case(request->headers[i].name, wanted))
            return request->headers[i].value;
    return SLICE_NONE;
}

static struct slice decode_parameter(struct arena *arena, struct slice text)
{
    char *decoded = arena_alloc(arena, text.size + 1);
    size_t size;
    if (!router_percent_decode(text, true, decoded, &size))
        return text; /* written by hand; better as it stands than not at all */
    return slice_make(decoded, size);
}

struct slice http_query(struct http_request *request, const char *name)
{
    struct slice rest = request->query;
    while (rest.size > 0) {
        struct slice pair = rest, next = SLICE_NONE;
        slice_cut(rest, '&', &pair, &next);
        struct slice key = pair, value = SLICE_NONE;
        slice_cut(pair, '=', &key, &value);
        if (slice_is(decode_parameter(request->arena, key), name))
            return decode_parameter(request->arena, value);
        rest = next;
    }
    return SLICE_NONE;
}

static bool is_clean_id(struct slice id)
{
    if (id.size == 0 || id.size >= sizeof((struct http_request *)0)->id)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static void fill_id(struct http_request *request)
{
    struct slice given = http_header(request, "x-request-id");
    if (is_clean_id(given))
        memcpy(request->id, given.data, given.size);
    else
        uuid_format(uuid_new(), request->id);
}

/* A proxy in between may have added its own line: the last one is nearest. */
static struct address client_address(const struct exchange *exchange, struct address peer)
{
    const struct http_server *server = exchange->loop->server;
    for (size_t i = exchange->request.header_count; server->trusted_count > 0 && i > 0; i--) {
        const struct http_header *header = &exchange->request.headers[i - 1];
        if (slice_equal_ignoring_case(header->name, SLICE("x-forwarded-for")))
            peer = address_forwarded(peer, header->value, server->trusted, server->trusted_count);
    }
    return peer;
}

void exchange_fill(struct exchange *exchange, struct address peer)
{
    struct http_request *request = &exchange->request;
    struct guard_head *head = &exchange->reader.head;
    request->arena = &exchange->arena;
    request->received_us = clock_monotonic_us();
    request->method = router_method(head->method);
    request->target = request->path = head->target;
    slice_cut(head->target, '?', &request->path, &request->query);
    request->headers = head->headers;
    request->header_count = head->header_count;
    exchange->head_only = request->method == HTTP_HEAD;
    if (!head->keep_alive)
        exchange->close = true;
    fill_id(request);
    char text[ADDRESS_TEXT_SIZE];
    address_format(client_address(exchange, peer), text);
    request->peer = arena_copy(&exchange->arena, slice_of(text));
}

/* --- CORS ------------------------------------------------------------------------------------- */

/* An allowed origin is echoed, never with credentials; "null" (a file, a sandbox) is nobody. */
static void ask_origin(struct exchange *exchange)
{
    const struct http_options *options = &exchange->loop->server->options;
    exchange->vary_origin = options->origin_allowed != NULL;
    if (!options->origin_allowed)
        return;
    struct slice origin = http_header(&exchange->request, "origin");
    if (origin.size > 0 && !slice_is(origin, "null") &&
        options->origin_allowed(options->context, &exchange->request, origin))
        exchange->origin = origin;
}

static struct slice list_methods(struct arena *arena, unsigned methods)
{
    char *text = arena_alloc(arena, 64);
    size_t size = 0;
    for (int method = HTTP_GET; method < HTTP_OTHER; method++)
        if (methods & (1u << method))
            size += (size_t)snprintf(text + size, 64 - size, "%s%s", size > 0 ? ", " : "",
                                     router_method_name((enum http_method)method));
    return slice_make(text, size);
}

static void answer_options(struct exchange *exchange, const struct router_match *match)
{
    struct slice methods = list_methods(&exchange->arena, match->methods);
    struct http_header headers[] = {
        {SLICE("Allow"), methods},
        {SLICE("Access-Control-Allow-Methods"), methods},
        {SLICE("Access-Control-Allow-Headers"),
         SLICE("authorization, content-type, x-retry-count, x-write-key, traceparent, "
               /* of RudderStack's and Jitsu's browser clients */
               "anonymousid, sentat, rsa-recovered, rsa-retry-attempt, rsa-retry-reason, "
               "rsa-since-first-attempt, rsa-since-last-attempt, x-enable-debug, x-ip-policy")},
        {SLICE("Access-Control-Max-Age"), SLICE("600")},
    };
    struct slice wanted = http_header(&exchange->request, "access-control-request-method");
    bool preflight = wanted.size > 0 && exchange->origin.size > 0;
    struct http_response response = {
        .code = 204, .headers = headers, .header_count = preflight ? 4 : 1};
    http_respond(&exchange->request, &response);
}

/* --- routing ---------------------------------------------------------------------------------- */

static void answer_method_missing(struct exchange *exchange, const struct router_match *match)
{
    struct http_header allow = {SLICE("Allow"), list_methods(&exchange->arena, match->methods)};
    respond_problem(&exchange->request, &(struct problem){.code = 405,
                                                          .status = STATUS_INVALID,
                                                          .detail = "This path has no such method",
                                                          .header = &allow});
}

/* Who is never refused for load has as many places again. */
static bool has_place(const struct http_loop *loop, enum http_rank rank)
{
    size_t places = loop->server->options.requests_in_flight_max;
    return loop->in_flight < (rank == HTTP_RANK_FIRST ? 2 * places : places);
}

static void hand_out(struct exchange *exchange, const struct http_route *route)
{
    struct http_loop *loop = exchange->loop;
    if (!has_place(loop, route->rank) || !turns_join(exchange, route)) {
        count_add(&loop->counters.refused_overload, 1);
        http_problem_code(&exchange->request, 503, STATUS_OVERLOADED,
                          "Too many requests are being worked on");
        return;
    }
    loop->in_flight++;
    exchange->handed_out = true;
}

/* A preflight asks for the method that will come, so that the api sees the row that will serve
 * it. */
static enum http_method method_to_find(const struct http_request *request)
{
    struct slice wanted = SLICE_NONE;
    if (request->method == HTTP_OPTIONS)
        wanted = http_header(request, "access-control-request-method");
    return wanted.size > 0 ? router_method(wanted) : request->method;
}

void exchange_dispatch(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct router_path path;
    struct router_match match;
    request->body = exchange->reader.content;
    if (slice_is(request->path, "*")) {
        answer_options(exchange, &(struct router_match){.methods = (1u << HTTP_OTHER) - 1});
        return;
    }
    if (!router_decode_path(&exchange->arena, request->path, &path, &request->path)) {
        request->path = SLICE_NONE;
        exchange->close = true;
        http_problem_code(request, 400, STATUS_INVALID, "The path is not readable");
        return;
    }
    router_find(exchange->loop->server->router, method_to_find(request), &path, &match);
    if (!match.path_known) {
        http_problem_code(request, 404, STATUS_NOT_FOUND, "No resource has this path");
        return;
    }
    memcpy(request->parameters, match.parameters, sizeof request->parameters);
    if (match.route) {
        request->route = match.route->tag;
        ask_origin(exchange);
    }
    if (request->method == HTTP_OPTIONS)
        answer_options(exchange, &match);
    else if (!match.route)
        answer_method_missing(exchange, &match);
    else
        hand_out(exchange, match.route);
}
