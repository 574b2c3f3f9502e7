/* The state machine of a connection; see connection.h. */
#include "http/connection.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/stream.h"

#include <assert.h>
#include <stdlib.h>

enum { POOLED_CONNECTIONS_MAX = 256, PENDING_BYTES_MAX = 131072 };

enum connection_state {
    CONNECTION_READING,   /* idle, or part of a request has come */
    CONNECTION_WORKING,   /* a handler has the request */
    CONNECTION_WRITING,   /* the kernel has not taken the whole answer yet */
    CONNECTION_STREAMING, /* an answer without an end */
    CONNECTION_LINGERING, /* answered for the last time; what still comes is read away */
    CONNECTION_CLOSING,
};

struct connection {
    struct http_loop *loop;
    struct net_socket *socket;
    struct connection *next, *previous;
    struct exchange *exchange; /* from a request's first byte until its answer is written */
    enum connection_state state;
    struct address peer;
    struct buf pending;     /* what came after the request in work */
    uint64_t deadline_ms;   /* of the present state */
    uint64_t body_start_ms; /* 0 while no body is awaited */
    uint64_t ping_ms;
    size_t untaken_mark; /* bytes not taken when the present stall window began */
    size_t lingered_bytes;
    bool fresh;       /* no request has come yet */
    bool in_process;  /* on the stack below */
    bool half_closed; /* the client sends no more */
    bool refused;     /* beyond the cap */
};

static uint64_t now_ms(const struct connection *connection)
{
    return net_loop_now_ms(connection->loop->net);
}

static const struct http_deadlines *deadlines_of(const struct connection *connection)
{
    return &connection->loop->server->options.deadlines;
}

/* --- life ------------------------------------------------------------------------------------- */

static void close_connection(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSING)
        return;
    connection->state = CONNECTION_CLOSING;
    net_socket_close(connection->socket);
}

static void forget_exchange(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (!exchange)
        return;
    connection->exchange = NULL;
    exchange->connection = NULL;
    if (exchange->handed_out && !exchange->arrived)
        return; /* it is the handler's still */
    if (exchange->stream)
        stream_close(exchange->stream);
    exchange_give_back(exchange);
}

static void unlink_connection(struct connection *connection)
{
    struct http_loop *loop = connection->loop;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        loop->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    loop->connection_count--;
    loop->refused_count -= connection->refused;
    atomic_store_explicit(&loop->counters.connections_open, loop->connection_count,
                          memory_order_relaxed);
}

static void finish_when_drained(struct http_loop *loop)
{
    if (!loop->draining || loop->finished || loop->connections)
        return;
    if (loop->in_flight > 0 && net_loop_now_ms(loop->net) < loop->drain_end_ms)
        return;
    loop->finished = true;
    net_loop_finish(loop->net);
}

static void on_closed(void *owner)
{
    struct connection *connection = owner;
    struct http_loop *loop = connection->loop;
    forget_exchange(connection);
    unlink_connection(connection);
    buf_done(&connection->pending);
    if (loop->idle_connection_count < POOLED_CONNECTIONS_MAX) {
        connection->next = loop->idle_connections;
        loop->idle_connections = connection;
        loop->idle_connection_count++;
    } else {
        free(connection);
    }
    finish_when_drained(loop);
}

void connection_free_pool(struct http_loop *loop)
{
    while (loop->idle_connections) {
        struct connection *next = loop->idle_connections->next;
        free(loop->idle_connections);
        loop->idle_connections = next;
    }
}

static struct connection *take_connection(struct http_loop *loop)
{
    struct connection *connection = loop->idle_connections;
    if (connection) {
        loop->idle_connections = connection->next;
        loop->idle_connection_count--;
        memset(connection, 0, sizeof *connection);
    } else {
        connection = must_alloc_zero(1, sizeof *connection);
    }
    connection->loop = loop;
    buf_init(&connection->pending, PENDING_BYTES_MAX);
    connection->next = loop->connections;
    if (connection->next)
        connection->next->previous = connection;
    loop->connections = connection;
    return connection;
}

/* The answer has gone out; the client may still be sending. FIN, then a while of reading away,
 * so that no reset eats the answer. */
static void linger(struct connection *connection)
{
    if (connection->half_closed) {
        close_connection(connection);
        return;
    }
    connection->state = CONNECTION_LINGERING;
    connection->deadline_ms = now_ms(connection) + deadlines_of(connection)->linger_ms;
    buf_done(&connection->pending);
    net_socket_shutdown(connection->socket);
    net_socket_read(connection->socket, true);
}

/* At the cap a client is still told so at once; only beyond a second cap is it just closed. */
static void *on_open(void *context, struct net_socket *socket, struct address peer)
{
    struct http_loop *loop = context;
    bool full =
        loop->connection_count - loop->refused_count >= loop->server->options.connections_max;
    count_add(&loop->counters.connections_total, 1);
    if (full)
        count_add(&loop->counters.refused_overload, 1);
    if (full && loop->refused_count >= HTTP_REFUSED_CONNECTIONS_MAX)
        return NULL;
    struct connection *connection = take_connection(loop);
    connection->socket = socket;
    connection->peer = peer;
    connection->fresh = true;
    connection->refused = full;
    loop->connection_count++;
    loop->refused_count += full;
    atomic_store_explicit(&loop->counters.connections_open, loop->connection_count,
                          memory_order_relaxed);
    connection->deadline_ms = now_ms(connection) + deadlines_of(connection)->head_ms;
    if (!full)
        net_socket_read(socket, true);
    else if (net_socket_write(socket, respond_refusal()) == NET_SENT)
        linger(connection);
    else
        close_connection(connection);
    return connection;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void process(struct connection *connection, struct slice bytes);

static void tell_answer(struct exchange *exchange, size_t bytes)
{
    const struct http_options *options = &exchange->loop->server->options;
    if (options->on_answer)
        options->on_answer(options->context, &exchange->request, exchange->code, bytes,
                           exchange->request.received_us
                               ? clock_monotonic_us() - exchange->request.received_us
                               : 0);
}

/* The whole answer is with the kernel: the connection is free for the next request, or done. */
static void after_answer(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    bool last = connection->half_closed && connection->pending.size == 0;
    bool close = exchange->close || last;
    connection->exchange = NULL;
    tell_answer(exchange, exchange->out.size);
    exchange_give_back(exchange);
    if (close) {
        linger(connection);
        return;
    }
    connection->state = CONNECTION_READING;
    connection->fresh = false;
    connection->body_start_ms = 0;
    connection->deadline_ms =
        now_ms(connection) +
        (connection->loop->draining ? HTTP_DRAIN_IDLE_MS : deadlines_of(connection)->idle_ms);
    if (!connection->in_process)
        process(connection, SLICE_NONE);
}

static void begin_stall_window(struct connection *connection)
{
    connection->untaken_mark = net_socket_untaken(connection->socket);
    connection->deadline_ms = now_ms(connection) + deadlines_of(connection)->write_stall_ms;
}

static void begin_stream(struct connection *connection)
{
    connection->state = CONNECTION_STREAMING;
    tell_answer(connection->exchange, connection->exchange->out.size);
    connection->ping_ms = now_ms(connection) + deadlines_of(connection)->ping_ms;
    buf_done(&connection->pending);
    net_socket_read(connection->socket, true);
    begin_stall_window(connection);
    if (connection->half_closed || connection->loop->draining)
        close_connection(connection);
    else
        connection_flush_stream(connection);
}

void connection_flush_stream(struct connection *connection)
{
    struct slice bytes;
    if (connection->state != CONNECTION_STREAMING)
        return;
    struct http_stream *stream = connection->exchange->stream;
    if (stream_is_broken(stream)) {
        count_add(&connection->loop->counters.closed_slow, 1);
        close_connection(connection);
        return;
    }
    while (net_socket_unsent(connection->socket) == 0 && stream_take(stream, &bytes)) {
        count_add(&connection->loop->counters.bytes_out, bytes.size);
        enum net_sent sent = net_socket_write(connection->socket, bytes);
        if (sent == NET_FAILED) {
            close_connection(connection);
            return;
        }
        begin_stall_window(connection);
    }
}

static void drop_answer(struct exchange *exchange)
{
    tell_answer(exchange, 0);
    if (exchange->stream)
        stream_close(exchange->stream);
    exchange_give_back(exchange);
}

void connection_answer(struct exchange *exchange)
{
    struct http_loop *loop = exchange->loop;
    struct connection *connection = exchange->connection;
    loop->in_flight -= exchange->handed_out;
    exchange->arrived = true;
    if (!connection) {
        drop_answer(exchange);
        finish_when_drained(loop);
        return;
    }
    if (connection->state == CONNECTION_CLOSING)
        return; /* on_closed gives it back */
    count_add(&loop->counters.bytes_out, exchange->out.size);
    enum net_sent sent = net_socket_write(connection->socket, buf_slice(&exchange->out));
    if (sent == NET_FAILED) {
        tell_answer(exchange, 0);
        close_connection(connection);
    } else if (exchange->stream) {
        begin_stream(connection);
    } else if (sent == NET_SENDING) {
        connection->state = CONNECTION_WRITING;
        (void)exchange_count_held(exchange); /* the next body that grows is refused */
        begin_stall_window(connection);
    } else {
        after_answer(connection);
    }
}

static void on_written(void *owner, bool failed)
{
    struct connection *connection = owner;
    if (failed)
        close_connection(connection);
    else if (connection->state == CONNECTION_WRITING)
        after_answer(connection);
    else if (connection->state == CONNECTION_STREAMING)
        connection_flush_stream(connection);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void make_exchange(struct connection *connection)
{
    connection->exchange = exchange_take(connection->loop);
    connection->exchange->connection = connection;
    if (!connection->fresh)
        connection->deadline_ms = now_ms(connection) + deadlines_of(connection)->head_ms;
}

/* Answers with a problem and never reads this connection as HTTP again. */
static void refuse(struct connection *connection, int code, enum status status, const char *detail)
{
    struct exchange *exchange = connection->exchange;
    exchange->close = true;
    connection->state = CONNECTION_WORKING;
    if (!exchange->reader.head_checked) { /* no head to take anything from */
        exchange->reader.head.header_count = 0;
        exchange->reader.head.method = exchange->reader.head.target = SLICE_NONE;
    }
    if (exchange->request.received_us == 0)
        exchange_fill(exchange, connection->peer);
    http_problem_code(&exchange->request, code, status, detail);
}

static void refuse_malformed(struct connection *connection)
{
    struct guard_refusal refusal = connection->exchange->reader.refusal;
    bool too_large = refusal.code == 413 || refusal.code == 414 || refusal.code == 431;
    count_add(&connection->loop->counters.refused_malformed, 1);
    refuse(connection, refusal.code, too_large ? STATUS_TOO_LARGE : STATUS_INVALID,
           refusal.sentence);
}

/* Many large bodies that come slowly, or answers that go slowly, would else fill the memory. */
static void refuse_for_want_of_room(struct connection *connection)
{
    count_add(&connection->loop->counters.refused_overload, 1);
    refuse(connection, 503, STATUS_OVERLOADED, "Too many large requests are under way");
}

static bool awaits_body(const struct reader *reader)
{
    return reader->head.chunked || reader->head.content_length > 0;
}

static void on_head(struct connection *connection, bool more_has_come)
{
    struct exchange *exchange = connection->exchange;
    exchange_fill(exchange, connection->peer);
    if (!awaits_body(&exchange->reader))
        return;
    connection->body_start_ms = now_ms(connection);
    connection->deadline_ms = connection->body_start_ms + deadlines_of(connection)->body_ms;
    if (!exchange->reader.head.expect_continue || more_has_come)
        return;
    struct slice go_on = SLICE("HTTP/1.1 100 Continue\r\n\r\n");
    if (net_socket_write(connection->socket, go_on) != NET_SENT)
        close_connection(connection);
}

/* One step of reading; false when the rest of the bytes must wait. */
static bool read_step(struct connection *connection, struct slice *bytes)
{
    size_t used;
    if (!connection->exchange)
        make_exchange(connection);
    struct exchange *exchange = connection->exchange;
    enum reader_step step = reader_feed(&exchange->reader, &exchange->arena, *bytes, &used);
    *bytes = slice_from(*bytes, used);
    switch (step) {
    case READER_MORE:
        if (!exchange_count_held(exchange)) {
            *bytes = SLICE_NONE;
            refuse_for_want_of_room(connection);
        }
        return bytes->size > 0;
    case READER_HEAD:
        on_head(connection, bytes->size > 0);
        return true;
    case READER_REFUSED:
        *bytes = SLICE_NONE;
        refuse_malformed(connection);
        return false;
    case READER_DONE:
        connection->state = CONNECTION_WORKING;
        connection->body_start_ms = 0;
        count_add(&connection->loop->counters.requests_total, 1);
        exchange_dispatch(exchange);
        return bytes->size > 0;
    }
    return false;
}

/* Feeds bytes, after those that waited, until a request is being worked on or all are used. */
static void process(struct connection *connection, struct slice bytes)
{
    struct buf waited = connection->pending;
    bool had_waited = waited.size > 0;
    if (had_waited) {
        buf_add(&waited, bytes);
        buf_init(&connection->pending, PENDING_BYTES_MAX);
        bytes = buf_slice(&waited);
    }
    connection->in_process = true;
    bool more = bytes.size > 0;
    while (more && connection->state == CONNECTION_READING)
        more = read_step(connection, &bytes);
    connection->in_process = false;
    bool waits = connection->state == CONNECTION_WORKING || connection->state == CONNECTION_WRITING;
    if (bytes.size > 0 && waits) {
        buf_add(&connection->pending, bytes);
        assert(!connection->pending.overflowed);
        net_socket_read(connection->socket, false);
    }
    if (had_waited)
        buf_done(&waited);
    if (connection->state == CONNECTION_READING && connection->half_closed)
        close_connection(connection);
    else if (connection->state == CONNECTION_READING)
        net_socket_read(connection->socket, true);
}

static void on_bytes(void *owner, struct slice bytes)
{
    struct connection *connection = owner;
    count_add(&connection->loop->counters.bytes_in, bytes.size);
    switch (connection->state) {
    case CONNECTION_READING:
        process(connection, bytes);
        break;
    case CONNECTION_WORKING:
    case CONNECTION_WRITING:
        buf_add(&connection->pending, bytes);
        assert(!connection->pending.overflowed);
        net_socket_read(connection->socket, false);
        break;
    case CONNECTION_LINGERING:
        connection->lingered_bytes += bytes.size;
        if (connection->lingered_bytes > HTTP_LINGER_BYTES_MAX)
            close_connection(connection);
        break;
    default:
        break;
    }
}

/* A client that only stopped sending still gets its answer; one that is gone gets nothing more. */
static void on_end(void *owner, bool broken)
{
    struct connection *connection = owner;
    bool waits = connection->state == CONNECTION_WORKING || connection->state == CONNECTION_WRITING;
    connection->half_closed = true;
    if (broken || !waits)
        close_connection(connection);
}

/* --- deadlines -------------------------------------------------------------------------------- */

static bool body_too_slow(const struct connection *connection, uint64_t now)
{
    const struct http_deadlines *deadlines = deadlines_of(connection);
    uint64_t elapsed = now - connection->body_start_ms;
    if (connection->body_start_ms == 0 || elapsed <= deadlines->body_grace_ms)
        return false;
    uint64_t due = (elapsed - deadlines->body_grace_ms) * deadlines->body_rate_min / MS_PER_SECOND;
    return connection->exchange->reader.wire_bytes < due;
}

static void check_reading(struct connection *connection, uint64_t now)
{
    if (now < connection->deadline_ms && !body_too_slow(connection, now))
        return;
    bool begun = connection->exchange != NULL;
    if (begun || connection->fresh)
        count_add(&connection->loop->counters.closed_slow, 1);
    if (begun)
        refuse(connection, 408, STATUS_INVALID, "The request did not come in time");
    else
        close_connection(connection);
}

/* In each window a reader must take all, or at least the minimum rate. */
static void check_writing(struct connection *connection, uint64_t now)
{
    if (net_socket_unsent(connection->socket) == 0 || now < connection->deadline_ms)
        return;
    size_t untaken = net_socket_untaken(connection->socket);
    const struct http_deadlines *deadlines = deadlines_of(connection);
    uint64_t due = (uint64_t)deadlines->write_stall_ms * deadlines->body_rate_min / MS_PER_SECOND;
    if (connection->untaken_mark >= untaken + due) {
        begin_stall_window(connection);
        return;
    }
    count_add(&connection->loop->counters.closed_slow, 1);
    close_connection(connection);
}

static void check_connection(struct connection *connection, uint64_t now)
{
    switch (connection->state) {
    case CONNECTION_READING:
        check_reading(connection, now);
        break;
    case CONNECTION_WRITING:
        check_writing(connection, now);
        break;
    case CONNECTION_STREAMING:
        check_writing(connection, now);
        if (connection->state == CONNECTION_STREAMING && now >= connection->ping_ms) {
            connection->ping_ms = now + deadlines_of(connection)->ping_ms;
            stream_ping(connection->exchange->stream);
        }
        break;
    case CONNECTION_LINGERING:
        if (now >= connection->deadline_ms)
            close_connection(connection);
        break;
    default:
        break;
    }
}

/* A whole turn over the connections: some thousands take less than a millisecond, some times a
 * second. */
static void on_tick(void *context)
{
    struct http_loop *loop = context;
    uint64_t now = net_loop_now_ms(loop->net);
    bool over = loop->draining && now >= loop->drain_end_ms;
    for (struct connection *at = loop->connections, *next; at; at = next) {
        next = at->next; /* closing is told later, so the list stands */
        if (over)
            close_connection(at);
        else
            check_connection(at, now);
    }
    finish_when_drained(loop);
}

/* --- drain and wake-ups ----------------------------------------------------------------------- */

/* Begins to end all connections; the loop finishes when the last one is gone. */
static void drain_all(struct http_loop *loop)
{
    if (loop->draining)
        return;
    loop->draining = true;
    uint64_t now = net_loop_now_ms(loop->net);
    loop->drain_end_ms = now + loop->server->options.deadlines.drain_ms;
    net_loop_stop_listening(loop->net);
    for (struct connection *at = loop->connections; at; at = at->next) {
        if (at->state == CONNECTION_STREAMING)
            close_connection(at);
        else if (at->state == CONNECTION_READING && !at->exchange)
            at->deadline_ms = now + HTTP_DRAIN_IDLE_MS;
    }
    finish_when_drained(loop);
}

/* What other threads have made ready for this one. */
static void deliver_posts(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    struct post *post = loop->first_post;
    loop->first_post = loop->last_post = NULL;
    pthread_mutex_unlock(&loop->mutex);
    while (post) {
        struct post *next = post->next; /* the delivery may free it */
        post->deliver(post, false);
        post = next;
    }
}

static void on_wake(void *context)
{
    struct http_loop *loop = context;
    deliver_posts(loop);
    if (atomic_load(&loop->closing_down))
        drain_all(loop);
}

/* An answer that is ready does not queue behind all that is coming in. */
static bool on_polled(void *context)
{
    deliver_posts(context);
    return turns_serve(context);
}

static void on_shed(void *context)
{
    struct http_loop *loop = context;
    count_add(&loop->counters.refused_overload, 1);
}

const struct net_events connection_events = {
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_written = on_written,
    .on_closed = on_closed,
    .on_shed = on_shed,
    .on_tick = on_tick,
    .on_wake = on_wake,
    .on_polled = on_polled,
    .shed_answer = respond_refusal,
};
