/* The HTTP/1.1 server: what a handler sees.
 *
 * One libuv loop a thread, each with its own listening socket (SO_REUSEPORT). A handler is
 * called on the thread of the connection with the whole request (head and body read, gunzipped,
 * within the limits of base/limits.h) and either answers at once or keeps the request and
 * answers later, from any thread, with http_respond: the connection waits, no thread does.
 * Everything in a request lives in its arena, which dies when the answer has been written or
 * dropped, never while a handler has the request; an answer to a client that has gone is dropped
 * quietly. Every answer has a request id; every error is application/problem+json.
 *
 * Invariants:
 *  1. Each request is answered exactly once (http_respond, http_problem or http_stream_open),
 *     also when the client has gone.
 *  2. What is ambiguous between two parsers is refused with 400 and the connection closed (see
 *     http/guard.h).
 *  3. Deadlines are absolute: head, body, write and idle; a slow client costs a socket and a
 *     bounded buffer, never a thread.
 *  4. Over its limits, and when a request would wait too long for its turn (http/turns.h), the
 *     server answers 503 with Retry-After: 1 without calling a handler. */
#ifndef VISAVIS_HTTP_HTTP_H
#define VISAVIS_HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER
};

struct http_header {
    struct slice name, value;
};

enum { HTTP_PATH_PARAMETERS_MAX = 4, HTTP_ANSWER_HEADERS_MAX = 4 };

struct http_request {
    struct arena *arena;
    enum http_method method;
    struct slice target; /* as sent */
    struct slice path;   /* percent-decoded, no query, normalised; starts with '/' */
    struct slice query;  /* raw, without '?' */
    struct http_header *headers;
    size_t header_count;
    struct slice body;    /* after gunzip */
    struct slice peer;    /* the client's address as text, after trusted proxies */
    char id[65];          /* X-Request-Id given (if at most 64 of A-Za-z0-9._-) or made */
    uint64_t received_us; /* monotonic, when the head was complete */
    struct slice parameters[HTTP_PATH_PARAMETERS_MAX]; /* {placeholders} of the route, decoded */
    const void *route; /* the matched row's tag (struct http_route.tag) */
    void *slot;        /* for the handler's own use between calls */
};

/* A header's value by name (any case), empty when absent. */
struct slice http_header(const struct http_request *request, const char *name);
/* A decoded query parameter, empty when absent. */
struct slice http_query(struct http_request *request, const char *name);

struct http_response {
    int code;
    const char *content_type;          /* NULL: application/json; charset=utf-8 */
    struct slice body;                 /* copied before the call returns */
    const struct http_header *headers; /* extra ones; names and values are checked for CR and LF */
    size_t header_count;
};

/* Answers a request; any thread, exactly once a request. */
void http_respond(struct http_request *request, const struct http_response *response);
/* Answers with problem+json (RFC 9457): type, title, status, detail, instance, request_id and
 * errors[] with line, column, pointer. */
void http_problem(struct http_request *request, enum status status, const struct diag *diag);
/* As http_problem with a code of its own and a free detail sentence. */
void http_problem_code(struct http_request *request, int code, enum status status,
                       const char *detail);

/* The same for what may come again in so many seconds (Retry-After). */
void http_problem_later(struct http_request *request, enum status status, const char *detail,
                        unsigned seconds);

/* A response without an end: server-sent events. Opened by a handler instead of http_respond;
 * http_stream_send from any thread, dropped (and the stream closed) when the client reads too
 * slowly (64 KiB unsent). on_close is called once, on the loop. */
struct http_stream;
struct http_stream *http_stream_open(struct http_request *request, const char *content_type,
                                     void (*on_close)(void *context), void *context);
void http_stream_send(struct http_stream *stream, struct slice bytes);
void http_stream_ref(struct http_stream *stream);
void http_stream_unref(struct http_stream *stream);

typedef void http_handler(void *context, struct http_request *request);

/* Who goes first when more come than can be served; see http/turns.h. */
enum http_rank {
    HTTP_RANK_FIRST,   /* choices of people, probes, what is nearly free: never refused for load */
    HTTP_RANK_DECIDE,  /* somebody looks at an empty page */
    HTTP_RANK_TAKE_IN, /* events, items, settings: the sender comes again */
    HTTP_RANK_READ,    /* reports, lists, look-ups */
    HTTP_RANK_COUNT
};

/* One row of the router; path is a template such as "/v1/decisions/{id}". Rows come from
 * spec/openapi.yaml. */
struct http_route {
    enum http_method method;
    const char *path;
    http_handler *handler;
    const void *tag; /* what the api wants to know of the row: scopes, cost class */
    enum http_rank rank;
};

/* Milliseconds; 0 takes the value of base/limits.h. Tests shorten them. */
struct http_deadlines {
    unsigned head_ms, body_grace_ms, body_ms, write_stall_ms, idle_ms, drain_ms, linger_ms, ping_ms;
    unsigned body_rate_min; /* bytes a second */
};

struct http_options {
    const char *listen_address; /* "127.0.0.1:8080", "[::1]:8080"; port 0 picks one */
    unsigned thread_count;      /* 1 to 64 */
    const struct http_route *routes;
    size_t route_count;
    void *context; /* given to each handler */
    const char *const
        *trusted_proxies; /* addresses or CIDR blocks whose X-Forwarded-For is believed */
    size_t trusted_proxy_count;
    unsigned connections_max; /* a thread; 0 takes HTTP_CONNECTIONS_MAX */
    unsigned
        /* a thread, handed to handlers and not answered; beyond it 503. 0 takes 4096 */
        requests_in_flight_max;
    /* CORS: may this origin call this path? The api answers; called for requests with an Origin,
     * and for preflights as if the method asked for had come (request->route is that row's tag).
     * On the loop's thread, before the handler. NULL allows none. */
    bool (*origin_allowed)(void *context, const struct http_request *request, struct slice origin);
    /* Called after each answer, for logs and metrics; on the loop's thread. May be NULL. */
    void (*on_answer)(void *context, const struct http_request *request, int code, size_t bytes,
                      uint64_t duration_us);
    /* Headers the api wants on every answer, whoever makes it: called while the head is written,
     * on the thread that answers; texts live in the request's arena. Answers how many. May be
     * NULL. */
    size_t (*answer_headers)(void *context, struct http_request *request,
                             struct http_header out_headers[HTTP_ANSWER_HEADERS_MAX]);
    struct http_deadlines deadlines;
    unsigned held_bytes_max; /* a thread: bodies coming in, answers going out; 0: its limit */
};

struct http_server;

/* Binds and starts the threads. STATUS_INVALID (address), STATUS_CONFLICT (in use), STATUS_IO. */
enum status http_server_start(const struct http_options *options, struct http_server **out_server,
                              struct diag *diag) MUST_CHECK;
/* The port really bound. */
unsigned http_server_port(const struct http_server *server);
/* Graceful: stops accepting, answers "Connection: close", lets requests in flight finish within
 * HTTP_DRAIN_MS_MAX, closes idle connections, ends streams. */
void http_server_drain(struct http_server *server);
/* Waits for the drain, joins the threads, frees. */
void http_server_stop(struct http_server *server);

/* Counters since the start, summed over threads. */
struct http_counts {
    uint64_t connections_open, connections_total, requests_total, refused_malformed,
        refused_overload, closed_slow, bytes_in, bytes_out;
};
void http_server_counts(const struct http_server *server, struct http_counts *out_counts);

#endif
