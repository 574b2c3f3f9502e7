/* One request and its answer, and the loop they live on: what the parts of the server share and
 * nobody else sees.
 *
 * Who owns an exchange: its connection while it is read and while its answer is written; the
 * handler in between, on whatever thread, until it answers. The client may go meanwhile
 * (connection NULL): then the answer is dropped. Exchanges and connections are pooled by the
 * loop. Unless said otherwise everything here belongs to the loop's thread. */
#ifndef VISAVIS_HTTP_EXCHANGE_H
#define VISAVIS_HTTP_EXCHANGE_H

#include "http/address.h"
#include "http/net.h"
#include "http/reader.h"
#include "http/router.h"
#include "http/turns.h"

#include <pthread.h>
#include <stdatomic.h>

struct connection;
struct http_loop;

/* Work for the loop's thread from another one; embedded in what it is about. loop_gone: nobody
 * runs the loop any more. */
struct post {
    struct post *next;
    void (*deliver)(struct post *post, bool loop_gone);
};

struct exchange {
    struct http_request request; /* first, so that a handler's request is its exchange */
    struct post post;
    struct arena arena;
    struct reader reader;
    struct http_loop *loop;
    struct connection *connection;  /* NULL when the client has gone */
    struct http_stream *stream;     /* when the answer is one without an end */
    struct exchange *next;          /* in the pool, or waiting for its turn */
    const struct http_route *route; /* waited for since joined_ms, or called */
    uint64_t joined_ms;
    struct buf out;      /* the answer's bytes */
    struct slice origin; /* allowed by the api, to be echoed */
    size_t held_bytes;   /* by its buffers, as counted in the loop's sum */
    int code;
    bool vary_origin, head_only, close;
    bool handed_out; /* to a handler, or waiting for its turn with one */
    bool answered;   /* by whoever owns it, so that nobody does so twice */
    bool arrived;    /* the answer is back on the loop */
};

struct http_counters {
    atomic_uint_fast64_t connections_open, connections_total, requests_total, refused_malformed,
        refused_overload, closed_slow, bytes_in, bytes_out;
};

struct http_loop {
    const struct http_server *server; /* not once the loop is gone */
    /* as in the options; handlers answer through them also when the server is gone */
    size_t (*answer_headers)(void *context, struct http_request *request,
                             struct http_header out_headers[HTTP_ANSWER_HEADERS_MAX]);
    void *context;
    struct net_loop *net;
    pthread_t thread;
    struct connection *connections, *idle_connections; /* open ones, doubly linked; pooled ones */
    struct exchange *idle_exchanges;
    size_t connection_count, refused_count, idle_connection_count, idle_exchange_count;
    struct turns turns;
    size_t in_flight;  /* handed out and not answered */
    size_t held_bytes; /* by the buffers of all exchanges in use */
    bool draining, finished;
    uint64_t drain_end_ms;
    struct http_counters counters; /* written by the loop's thread, read by any */
    atomic_bool closing_down;      /* draining, for the threads that answer */
    pthread_mutex_t mutex;         /* guards what follows */
    struct post *first_post, *last_post;
    bool gone;
    size_t orphans; /* once gone: exchanges still out with handlers, and the server itself */
};

struct http_server {
    struct http_options options; /* with the defaults filled in */
    struct router *router;
    struct address_block *trusted;
    size_t trusted_count;
    struct http_loop **loops;
    size_t loop_count;
    unsigned port;
    atomic_bool draining;
};

/* A counter has one writer, so a plain add does. */
static inline void count_add(atomic_uint_fast64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value,
                          memory_order_relaxed);
}

/* -- exchange.c -- */
struct exchange *exchange_take(struct http_loop *loop);
void exchange_give_back(struct exchange *exchange);
void exchange_free(struct exchange *exchange);
/* Counts its buffers in the loop's sum; false when the sum is over held_bytes_max. */
bool exchange_count_held(struct exchange *exchange);
/* The head is whole: fills the request but path and route. */
void exchange_fill(struct exchange *exchange, struct address peer);
/* The request is whole: it waits for its turn with its handler, or is answered at once. */
void exchange_dispatch(struct exchange *exchange);
/* The answer's bytes are in out: on to the connection. Any thread. */
void exchange_answered(struct exchange *exchange);
/* Delivers the post on the loop's thread, in order. False when nobody runs the loop any more.
 * Any thread. */
bool loop_post(struct http_loop *loop, struct post *post) MUST_CHECK;
/* Gives back one hold on a loop that is gone; the last one frees it. Any thread. */
void loop_release(struct http_loop *loop);
extern _Thread_local struct http_loop *loop_here; /* the loop this thread runs */

/* -- respond.c -- */
void respond_format_stream(struct exchange *exchange, const char *content_type);
/* Answers with problem+json; diag and header may be NULL. */
struct problem {
    int code;
    enum status status;
    const char *detail;
    const struct diag *diag;
    const struct http_header *header;
};
void respond_problem(struct http_request *request, const struct problem *problem);
/* What is told to a client that finds no room: a whole answer, static. */
struct slice respond_refusal(void);

#endif
