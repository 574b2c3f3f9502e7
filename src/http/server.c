/* Start, drain and stop of the HTTP server: its threads and what they share. */
#include "http/connection.h"
#include "http/listen.h"

#include "base/limits.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 64, TICK_MS_MAX = 250, TICK_MS_MIN = 10 };

static unsigned either(unsigned given, unsigned fallback)
{
    return given > 0 ? given : fallback;
}

static void fill_defaults(struct http_options *options)
{
    struct http_deadlines *deadlines = &options->deadlines;
    options->thread_count = either(options->thread_count, 1);
    options->connections_max = either(options->connections_max, HTTP_CONNECTIONS_MAX);
    options->requests_in_flight_max = either(options->requests_in_flight_max, HTTP_IN_FLIGHT_MAX);
    options->held_bytes_max = either(options->held_bytes_max, HTTP_HELD_BYTES_MAX);
    deadlines->head_ms = either(deadlines->head_ms, HTTP_HEAD_MS_MAX);
    deadlines->body_grace_ms = either(deadlines->body_grace_ms, HTTP_BODY_GRACE_MS);
    deadlines->body_ms = either(deadlines->body_ms, HTTP_BODY_MS_MAX);
    deadlines->write_stall_ms = either(deadlines->write_stall_ms, HTTP_WRITE_STALL_MS_MAX);
    deadlines->idle_ms = either(deadlines->idle_ms, HTTP_IDLE_MS_MAX);
    deadlines->drain_ms = either(deadlines->drain_ms, HTTP_DRAIN_MS_MAX);
    deadlines->linger_ms = either(deadlines->linger_ms, HTTP_LINGER_MS_MAX);
    deadlines->ping_ms = either(deadlines->ping_ms, HTTP_STREAM_PING_MS);
    deadlines->body_rate_min = either(deadlines->body_rate_min, HTTP_BODY_RATE_MIN);
}

/* Deadlines are met within a tick; a quarter of the shortest keeps shortened ones honest. */
static unsigned tick_ms(const struct http_deadlines *deadlines)
{
    const unsigned all[] = {deadlines->head_ms,   deadlines->body_grace_ms,
                            deadlines->body_ms,   deadlines->write_stall_ms,
                            deadlines->idle_ms,   deadlines->drain_ms,
                            deadlines->linger_ms, deadlines->ping_ms};
    unsigned shortest = 4 * TICK_MS_MAX;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] < shortest)
            shortest = all[i];
    return shortest / 4 > TICK_MS_MIN ? shortest / 4 : TICK_MS_MIN;
}

static enum status parse_trusted(struct http_server *server, struct diag *diag)
{
    const struct http_options *options = &server->options;
    server->trusted = must_alloc_zero(options->trusted_proxy_count, sizeof *server->trusted);
    server->trusted_count = options->trusted_proxy_count;
    for (size_t i = 0; i < server->trusted_count; i++)
        if (!address_block_parse(slice_of(options->trusted_proxies[i]), &server->trusted[i]))
            return diag_set(diag, STATUS_INVALID, "trusted_proxies",
                            "%s is not an address or a block such as 10.0.0.0/8",
                            options->trusted_proxies[i]);
    return STATUS_OK;
}

static void *run_loop(void *argument)
{
    struct http_loop *loop = argument;
    /* A client that has gone is told by the write's error; the signal would end the process. */
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    loop_here = loop;
    net_loop_run(loop->net);
    loop_here = NULL;
    return NULL;
}

/* NULL when the machine gives no loop. */
static struct http_loop *new_loop(struct http_server *server, int listen_fd)
{
    struct http_loop *loop = must_alloc_zero(1, sizeof *loop);
    loop->server = server;
    loop->answer_headers = server->options.answer_headers;
    loop->context = server->options.context;
    pthread_mutex_init(&loop->mutex, NULL);
    loop->net =
        net_loop_new(listen_fd, tick_ms(&server->options.deadlines), &connection_events, loop);
    if (loop->net)
        return loop;
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
    return NULL;
}

/* After its loop has run to its end. What handlers still hold keeps a husk of it alive. */
static void free_loop(struct http_loop *loop)
{
    turns_done(loop);
    pthread_mutex_lock(&loop->mutex);
    struct post *post = loop->first_post;
    loop->gone = true;
    loop->orphans = loop->in_flight + 1;
    pthread_mutex_unlock(&loop->mutex);
    while (post) {
        struct post *next = post->next;
        post->deliver(post, true);
        post = next;
    }
    net_loop_free(loop->net);
    connection_free_pool(loop);
    while (loop->idle_exchanges) {
        struct exchange *next = loop->idle_exchanges->next;
        exchange_free(loop->idle_exchanges);
        loop->idle_exchanges = next;
    }
    loop_release(loop);
}

static void free_server(struct http_server *server)
{
    for (size_t i = 0; i < server->loop_count; i++)
        free_loop(server->loops[i]);
    router_free(server->router);
    free(server->trusted);
    free(server->loops);
    free(server);
}

/* Loops for all sockets, or none. */
static bool make_loops(struct http_server *server, const int *fds, size_t count)
{
    server->loops = must_alloc_zero(count, sizeof(struct http_loop *));
    while (server->loop_count < count) {
        struct http_loop *loop = new_loop(server, fds[server->loop_count]);
        if (!loop)
            break;
        server->loops[server->loop_count++] = loop;
    }
    if (server->loop_count == count)
        return true;
    for (size_t i = server->loop_count; i < count; i++)
        close(fds[i]);
    for (size_t i = 0; i < server->loop_count; i++) {
        net_loop_finish(server->loops[i]->net);
        net_loop_run(server->loops[i]->net); /* only closes what was opened */
    }
    return false;
}

static enum status start_threads(struct http_server *server, struct diag *diag)
{
    int fds[THREADS_MAX];
    size_t count = server->options.thread_count;
    enum status status =
        listen_open(server->options.listen_address, fds, count, &server->port, diag);
    if (status)
        return status;
    if (!make_loops(server, fds, count))
        return diag_set(diag, STATUS_IO, "threads",
                        "the machine gives no room for %zu HTTP threads; allow more open files",
                        count);
    for (size_t i = 0; i < count; i++) {
        struct http_loop *loop = server->loops[i];
        int failed = pthread_create(&loop->thread, NULL, run_loop, loop);
        assert(failed == 0);
    }
    return STATUS_OK;
}

enum status http_server_start(const struct http_options *options, struct http_server **out_server,
                              struct diag *diag)
{
    if (options->thread_count > THREADS_MAX)
        return diag_set(diag, STATUS_INVALID, "threads", "there can be 1 to 64 HTTP threads");
    struct http_server *server = must_alloc_zero(1, sizeof *server);
    server->options = *options;
    fill_defaults(&server->options);
    server->router = router_new(options->routes, options->route_count);
    enum status status = parse_trusted(server, diag);
    if (!status)
        status = start_threads(server, diag);
    if (status) {
        free_server(server);
        return status;
    }
    *out_server = server;
    return STATUS_OK;
}

unsigned http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_drain(struct http_server *server)
{
    if (atomic_exchange(&server->draining, true))
        return;
    for (size_t i = 0; i < server->loop_count; i++) {
        atomic_store(&server->loops[i]->closing_down, true);
        net_loop_wake(server->loops[i]->net);
    }
}

void http_server_stop(struct http_server *server)
{
    http_server_drain(server);
    for (size_t i = 0; i < server->loop_count; i++)
        pthread_join(server->loops[i]->thread, NULL);
    free_server(server);
}

static uint64_t count_of(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void http_server_counts(const struct http_server *server, struct http_counts *out_counts)
{
    *out_counts = (struct http_counts){0};
    for (size_t i = 0; i < server->loop_count; i++) {
        const struct http_counters *counters = &server->loops[i]->counters;
        out_counts->connections_open += count_of(&counters->connections_open);
        out_counts->connections_total += count_of(&counters->connections_total);
        out_counts->requests_total += count_of(&counters->requests_total);
        out_counts->refused_malformed += count_of(&counters->refused_malformed);
        out_counts->refused_overload += count_of(&counters->refused_overload);
        out_counts->closed_slow += count_of(&counters->closed_slow);
        out_counts->bytes_in += count_of(&counters->bytes_in);
        out_counts->bytes_out += count_of(&counters->bytes_out);
    }
}
