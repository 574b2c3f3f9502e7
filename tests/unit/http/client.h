/* A raw client on loopback and a small server to talk to, for the tests of the HTTP server. */
#ifndef VISAVIS_TESTS_UNIT_HTTP_CLIENT_H
#define VISAVIS_TESTS_UNIT_HTTP_CLIENT_H

#include "unit/test.h"

#include "base/clock.h"
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, HELD_MAX = 64 };

/* --- the server under test -------------------------------------------------------------------- */

struct stage {
    struct http_server *server;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct http_request *held[HELD_MAX];
    size_t held_count;
    struct http_stream *stream;
    unsigned calls, streams_closed, answers;
};

static inline void stage_note(struct stage *stage, unsigned *counter)
{
    pthread_mutex_lock(&stage->mutex);
    ++*counter;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->mutex);
}

static inline unsigned stage_look(struct stage *stage, const unsigned *counter)
{
    pthread_mutex_lock(&stage->mutex);
    unsigned value = *counter;
    pthread_mutex_unlock(&stage->mutex);
    return value;
}

/* Waits until a counter of the stage has reached a value. */
static inline void stage_await(struct stage *stage, const unsigned *counter, unsigned value)
{
    for (unsigned waited_ms = 0; stage_look(stage, counter) < value; waited_ms++) {
        assert_true(waited_ms < PATIENCE_MS);
        usleep(1000);
    }
}

static inline void answer_text(struct http_request *request, struct slice text)
{
    struct http_response response = {.code = 200, .content_type = "text/plain", .body = text};
    http_respond(request, &response);
}

static inline void handle_echo(void *context, struct http_request *request)
{
    stage_note(context, &((struct stage *)context)->calls);
    answer_text(request, request->body);
}

static inline void handle_peer(void *context, struct http_request *request)
{
    (void)context;
    answer_text(request, request->peer);
}

static inline void handle_item(void *context, struct http_request *request)
{
    (void)context;
    struct slice id = request->parameters[0], lang = http_query(request, "lang");
    answer_text(request, arena_format(request->arena, "%.*s|%.*s|%.*s", SLICE_ARG(id),
                                      SLICE_ARG(lang), SLICE_ARG(request->path)));
}

static inline void handle_big(void *context, struct http_request *request)
{
    (void)context;
    size_t size = 8 << 20;
    char *bytes = must_alloc(size);
    memset(bytes, 'b', size);
    answer_text(request, slice_make(bytes, size));
    free(bytes);
}

static inline void *answer_later(void *argument)
{
    struct http_request *request = argument;
    usleep(2000);
    answer_text(request, request->query);
    return NULL;
}

static inline void handle_later(void *context, struct http_request *request)
{
    (void)context;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_later, request), 0);
    pthread_detach(thread);
}

static inline void handle_hold(void *context, struct http_request *request)
{
    struct stage *stage = context;
    pthread_mutex_lock(&stage->mutex);
    assert_true(stage->held_count < HELD_MAX);
    stage->held[stage->held_count++] = request;
    pthread_mutex_unlock(&stage->mutex);
    stage_note(stage, &stage->calls);
}

static inline void on_stream_close(void *context)
{
    struct stage *stage = context;
    stage_note(stage, &stage->streams_closed);
}

static inline void handle_stream(void *context, struct http_request *request)
{
    struct stage *stage = context;
    struct http_stream *stream =
        http_stream_open(request, "text/event-stream", on_stream_close, stage);
    pthread_mutex_lock(&stage->mutex);
    stage->stream = stream;
    pthread_mutex_unlock(&stage->mutex);
    stage_note(stage, &stage->calls);
}

static inline void handle_bad_headers(void *context, struct http_request *request)
{
    (void)context;
    struct http_header headers[] = {{SLICE("X-Good"), SLICE("yes")},
                                    {SLICE("X-Bad"), SLICE("a\r\nSet-Cookie: x")},
                                    {SLICE("X-\nWorse"), SLICE("b")}};
    http_respond(request,
                 &(struct http_response){.code = 204, .headers = headers, .header_count = 3});
}

static inline bool allow_shop(void *context, const struct http_request *request,
                              struct slice origin)
{
    (void)context;
    (void)request;
    return slice_is(origin, "https://shop.example") || slice_is(origin, "null");
}

static inline void count_answer(void *context, const struct http_request *request, int code,
                                size_t bytes, uint64_t duration_us)
{
    (void)request;
    (void)code;
    (void)bytes;
    (void)duration_us;
    stage_note(context, &((struct stage *)context)->answers);
}

static const struct http_route stage_routes[] = {
    {HTTP_POST, "/echo", handle_echo, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/echo", handle_echo, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/peer", handle_peer, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/items/{id}", handle_item, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/big", handle_big, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/later", handle_later, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/hold", handle_hold, NULL, HTTP_RANK_READ},
    {HTTP_GET, "/stream", handle_stream, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/headers", handle_bad_headers, NULL, HTTP_RANK_FIRST},
};

static inline void stage_open(struct stage *stage, struct http_options options)
{
    struct diag diag = {0};
    memset(stage, 0, sizeof *stage);
    pthread_mutex_init(&stage->mutex, NULL);
    pthread_cond_init(&stage->changed, NULL);
    if (!options.listen_address)
        options.listen_address = "127.0.0.1:0";
    if (!options.routes) {
        options.routes = stage_routes;
        options.route_count = sizeof stage_routes / sizeof stage_routes[0];
    }
    options.context = stage;
    options.on_answer = count_answer;
    if (http_server_start(&options, &stage->server, &diag) != STATUS_OK)
        fail_msg("%s", diag.sentence);
}

static inline void stage_close(struct stage *stage)
{
    http_server_stop(stage->server);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->mutex);
}

static inline void stage_release(struct stage *stage, size_t index)
{
    pthread_mutex_lock(&stage->mutex);
    struct http_request *request = stage->held[index];
    pthread_mutex_unlock(&stage->mutex);
    answer_text(request, SLICE("released"));
}

/* --- the client ------------------------------------------------------------------------------- */

struct client {
    int fd;
    struct buf got;
    bool ended, reset;
};

struct answer {
    int code;
    char head[4096];
    struct slice body; /* good until the client reads on */
};

static inline void client_connect(struct client *client, const struct stage *stage)
{
    struct sockaddr_in place = {.sin_family = AF_INET,
                                .sin_port = htons((in_port_t)http_server_port(stage->server))};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    buf_init(&client->got, 64 << 20);
    client->ended = client->reset = false;
    assert_int_equal(connect(client->fd, (struct sockaddr *)&place, sizeof place), 0);
}

static inline struct client client_open(const struct stage *stage)
{
    struct client client = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(client.fd >= 0);
    client_connect(&client, stage);
    return client;
}

static inline void client_close(struct client *client)
{
    close(client->fd);
    buf_done(&client->got);
}

/* What the server no longer takes is no fault of the client. */
static inline void client_send(struct client *client, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(client->fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes = slice_from(bytes, (size_t)sent);
    }
}

static inline void client_send_text(struct client *client, const char *text)
{
    client_send(client, slice_of(text));
}

/* Reads once more; false at the end of the connection or of patience. */
static inline bool client_read(struct client *client, int patience_ms)
{
    struct pollfd waiting = {.fd = client->fd, .events = POLLIN};
    if (client->ended || poll(&waiting, 1, patience_ms) != 1)
        return false;
    char *room = buf_reserve(&client->got, 65536);
    ssize_t size = recv(client->fd, room, 65536, 0);
    client->ended = size <= 0;
    client->reset = size < 0;
    if (size > 0)
        buf_added(&client->got, (size_t)size);
    return size > 0;
}

static inline const char *client_find(const struct client *client, const char *text)
{
    return client->got.size ? memmem(client->got.data, client->got.size, text, strlen(text)) : NULL;
}

static inline void client_expect(struct client *client, const char *text)
{
    while (!client_find(client, text))
        if (!client_read(client, PATIENCE_MS))
            fail_msg("\"%s\" did not come, but %.*s", text, SLICE_ARG(buf_slice(&client->got)));
}

static inline size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length: ");
    return at ? strtoul(at + 18, NULL, 10) : 0;
}

/* Takes the next answer; the bytes of the one before are dropped first by client_next. */
static inline struct answer client_answer(struct client *client)
{
    struct answer answer = {0};
    client_expect(client, "\r\n\r\n");
    size_t head_size = (size_t)(client_find(client, "\r\n\r\n") - client->got.data) + 4;
    assert_true(head_size < sizeof answer.head);
    memcpy(answer.head, client->got.data, head_size);
    size_t body_size = content_length(answer.head);
    while (client->got.size < head_size + body_size)
        assert_true(client_read(client, PATIENCE_MS));
    assert_memory_equal(answer.head, "HTTP/1.1 ", 9);
    answer.code = (int)strtol(answer.head + 9, NULL, 10);
    answer.body = slice_make(client->got.data + head_size, body_size);
    return answer;
}

static inline void client_next(struct client *client, const struct answer *answer)
{
    size_t taken = strlen(answer->head) + answer->body.size;
    client->got.size -= taken;
    memmove(client->got.data, client->got.data + taken, client->got.size);
}

/* The server closes, with nothing more to say. */
static inline void client_expect_end(struct client *client, int patience_ms)
{
    size_t before = client->got.size;
    while (client_read(client, patience_ms))
        ;
    if (!client->ended || client->got.size != before)
        fail_msg("the connection is not at its end");
}

static inline int ask(const struct stage *stage, const char *request, struct answer *out_answer)
{
    static char body[65536];
    struct client client = client_open(stage);
    client_send_text(&client, request);
    struct answer answer = client_answer(&client);
    assert_true(answer.body.size < sizeof body);
    memcpy(body, answer.body.data, answer.body.size);
    answer.body.data = body;
    *out_answer = answer;
    client_close(&client);
    return answer.code;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

#endif
