/* The server over real sockets: what a client sees. */
#include "client.h"

#include "base/limits.h"

#include <fcntl.h>
#include <sys/resource.h>

static void answers_a_request_and_keeps_the_connection(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    for (int i = 0; i < 3; i++) {
        client_send_text(&client,
                         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.code, 200);
        assert_true(slice_is(answer.body, "hello"));
        assert_non_null(strstr(answer.head, "X-Content-Type-Options: nosniff\r\n"));
        assert_null(strstr(answer.head, "Connection: close"));
        client_next(&client, &answer);
    }
    client_close(&client);
    struct http_counts counts;
    http_server_counts(stage.server, &counts);
    assert_int_equal(counts.requests_total, 3);
    assert_int_equal(counts.connections_total, 1);
    stage_close(&stage);
}

static void routes_decodes_and_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int code;
        const char *in_head, *body;
    } tried[] = {
        {GET("/items/a%20b?x=1&lang=f%72"), 200, "", "a b|fr|/items/a b"},
        {GET("/items/1/?lang="), 200, "", "1||/items/1"},
        {GET("/nowhere"), 404, "application/problem+json", NULL},
        {GET("/items/%zz"), 400, "Connection: close", NULL},
        {GET("/items/../echo"), 400, "Connection: close", NULL},
        {"PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET, HEAD, POST, OPTIONS\r\n", NULL},
        {"OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Allow: GET, HEAD, POST, OPTIONS\r\n",
         ""},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Allow: GET", ""},
        {"GET /echo HTTP/1.0\r\n\r\n", 200, "Connection: close", ""},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, "Connection: close",
         ""},
        {GET("/headers"), 204, "X-Good: yes\r\n", ""},
    };
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct answer answer;
        if (ask(&stage, tried[i].request, &answer) != tried[i].code)
            fail_msg("%d for %s", answer.code, tried[i].request);
        if (!strstr(answer.head, tried[i].in_head))
            fail_msg("no %s in %s", tried[i].in_head, answer.head);
        assert_null(strstr(answer.head, "Set-Cookie"));
        if (tried[i].body && !slice_is(answer.body, tried[i].body))
            fail_msg("%.*s", SLICE_ARG(answer.body));
    }
    stage_close(&stage);
}

static void answers_head_as_get_without_the_body(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    client_send_text(&client, "HEAD /items/1 HTTP/1.1\r\nHost: a\r\n\r\n" GET("/peer"));
    client_expect(&client, "127.0.0.1");
    assert_non_null(client_find(&client, "Content-Length: 11\r\n"));
    assert_null(client_find(&client, "1||/items/1"));
    client_close(&client);
    stage_close(&stage);
}

static void gives_each_answer_a_request_id(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        bool echoed;
    } tried[] = {{"abc-123_X.y", true},
                 {"0123456789012345678901234567890123456789012345678901234567890123", true},
                 {"01234567890123456789012345678901234567890123456789012345678901234", false},
                 {"a b", false},
                 {"a\"b", false},
                 {"", false}};
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        char request[256], line[128];
        struct answer answer;
        snprintf(request, sizeof request,
                 "GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Request-Id: %s\r\n\r\n", tried[i].given);
        ask(&stage, request, &answer);
        snprintf(line, sizeof line, "X-Request-Id: %s\r\n", tried[i].given);
        assert_int_equal(strstr(answer.head, line) != NULL, tried[i].echoed);
        const char *id = strstr(answer.head, "X-Request-Id: ") + 14;
        size_t size = (size_t)(strstr(id, "\r\n") - id);
        assert_int_equal(size, tried[i].echoed ? strlen(tried[i].given) : 36);
        assert_non_null(memmem(answer.body.data, answer.body.size, id, size));
    }
    stage_close(&stage);
}

static void refuses_ambiguous_requests_and_never_reads_on(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int code;
    } tried[] = {
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n" GET("/echo"),
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello" GET("/echo"), 400},
        {"GET /echo HTTP/1.1\nHost: a\n\n" GET("/echo"), 400},
        {"GET /echo HTTP/1.1\r\n\r\n" GET("/echo"), 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello" GET(
             "/echo"),
         400},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n" GET("/echo"), 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 512001\r\n\r\n" GET("/echo"), 413},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx" GET(
             "/echo"),
         415},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 512001\r\n\r\n",
         413},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417},
    };
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct client client = client_open(&stage);
        client_send_text(&client, tried[i].request);
        struct answer answer = client_answer(&client);
        if (answer.code != tried[i].code)
            fail_msg("%d for %s", answer.code, tried[i].request);
        assert_non_null(strstr(answer.head, "application/problem+json"));
        assert_non_null(strstr(answer.head, "Connection: close"));
        client_expect_end(&client, PATIENCE_MS);
        assert_false(client.reset);
        client_close(&client);
    }
    assert_int_equal(stage_look(&stage, &stage.calls), 0);
    struct http_counts counts;
    http_server_counts(stage.server, &counts);
    assert_int_equal(counts.refused_malformed, sizeof tried / sizeof tried[0]);
    stage_close(&stage);
}

/* The head, then the byte times count, while the answer may come at any time. */
static int send_large(const struct stage *stage, const char *head, size_t count)
{
    struct client client = client_open(stage);
    static char bytes[65536];
    memset(bytes, 'x', sizeof bytes);
    client_send_text(&client, head);
    for (size_t sent = 0; sent < count; sent += sizeof bytes)
        client_send(&client, slice_make(bytes, sizeof bytes));
    struct answer answer = client_answer(&client);
    assert_non_null(strstr(answer.head, "application/problem+json"));
    client_expect_end(&client, PATIENCE_MS);
    client_close(&client);
    return answer.code;
}

static void answers_oversizes_even_while_the_client_still_sends(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    assert_int_equal(send_large(&stage, "GET /", 65536), 414);
    assert_int_equal(send_large(&stage, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 65536), 431);
    assert_int_equal(send_large(&stage,
                                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n",
                                3000000),
                     413);
    assert_int_equal(
        send_large(&stage,
                   "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2DC6C0\r\n",
                   3000000),
        413);
    assert_int_equal(stage_look(&stage, &stage.calls), 0);
    stage_close(&stage);
}

static void takes_bodies_up_to_the_limit(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    char *bytes = malloc(HTTP_BODY_BYTES_MAX);
    memset(bytes, 'x', HTTP_BODY_BYTES_MAX);
    for (int i = 0; i < 2; i++) {
        client_send_text(&client,
                         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 512000\r\n\r\n");
        client_send(&client, slice_make(bytes, HTTP_BODY_BYTES_MAX));
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.code, 200);
        assert_int_equal(answer.body.size, HTTP_BODY_BYTES_MAX);
        client_next(&client, &answer);
    }
    free(bytes);
    client_close(&client);
    stage_close(&stage);
}

static void unpacks_gzip_before_the_handler_sees_it(void **state)
{
    (void)state;
    static const unsigned char packed[] = {0x1f, 0x8b, 8,    0,    0,    0,    0, 0, 0,
                                           3,    0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86,
                                           0xa6, 0x10, 0x36, 5,    0,    0,    0};
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    char head[128];
    snprintf(head, sizeof head,
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
             "Content-Length: %zu\r\n\r\n",
             sizeof packed);
    client_send_text(&client, head);
    client_send(&client, slice_make(packed, sizeof packed));
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.code, 200);
    assert_true(slice_is(answer.body, "hello"));
    client_close(&client);
    stage_close(&stage);
}

static void asks_for_the_body_when_the_client_waits_for_that(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    client_send_text(&client, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                              "Content-Length: 5\r\n\r\n");
    struct answer go_on = client_answer(&client);
    assert_int_equal(go_on.code, 100);
    client_next(&client, &go_on);
    client_send_text(&client, "hello");
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.code, 200);
    assert_true(slice_is(answer.body, "hello"));
    client_close(&client);
    stage_close(&stage);
}

static void answers_a_pipeline_in_order(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    for (int i = 0; i < 200; i++)
        buf_format(&bytes, "GET /%s?n=%d HTTP/1.1\r\nHost: a\r\nX-Request-Id: n%d\r\n\r\n",
                   i % 3 ? "echo" : "later", i, i);
    client_send(&client, buf_slice(&bytes));
    for (int i = 0; i < 200; i++) {
        char line[64];
        struct answer answer = client_answer(&client);
        snprintf(line, sizeof line, "X-Request-Id: n%d\r\n", i);
        assert_int_equal(answer.code, 200);
        assert_non_null(strstr(answer.head, line));
        client_next(&client, &answer);
    }
    buf_done(&bytes);
    client_close(&client);
    stage_close(&stage);
}

/* A client may send without end behind a request that is not answered; the server stops reading. */
static void holds_a_bounded_part_of_a_pipeline(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    client_send_text(&client, GET("/hold"));
    stage_await(&stage, &stage.calls, 1);
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    while (bytes.size < 800000)
        buf_add_text(&bytes, GET("/echo"));
    size_t sent = 0;
    for (struct slice rest = buf_slice(&bytes); rest.size > 0 && sent < 64 << 20;) {
        ssize_t size = send(client.fd, rest.data, rest.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        struct pollfd writable = {.fd = client.fd, .events = POLLOUT};
        if (size < 0 && poll(&writable, 1, 200) == 0)
            break;
        sent += size > 0 ? (size_t)size : 0;
    }
    struct http_counts counts;
    http_server_counts(stage.server, &counts);
    assert_true(counts.bytes_in <= 200000);
    assert_int_equal(stage_look(&stage, &stage.calls), 1);
    stage_release(&stage, 0);
    client_expect(&client, "released");
    client_close(&client);
    buf_done(&bytes);
    stage_close(&stage);
}

static void answers_from_other_threads(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.thread_count = 2});
    struct client clients[20];
    for (size_t i = 0; i < 20; i++) {
        clients[i] = client_open(&stage);
        client_send_text(&clients[i], GET("/later?first") GET("/later?second"));
    }
    for (size_t i = 0; i < 20; i++) {
        struct answer answer = client_answer(&clients[i]);
        assert_true(slice_is(answer.body, "first"));
        client_next(&clients[i], &answer);
        answer = client_answer(&clients[i]);
        assert_true(slice_is(answer.body, "second"));
        client_close(&clients[i]);
    }
    stage_close(&stage);
}

static void drops_the_answer_for_a_client_that_has_gone(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    for (unsigned i = 0; i < 4; i++) {
        struct client client = client_open(&stage);
        struct linger hard = {.l_onoff = 1};
        if (i % 2) /* a reset, else an ordinary end */
            setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        client_send_text(&client, GET("/hold"));
        stage_await(&stage, &stage.calls, i + 1);
        client_close(&client);
        usleep(20000);
        stage_release(&stage, i);
        stage_await(&stage, &stage.answers, i + 1);
    }
    struct answer answer;
    assert_int_equal(ask(&stage, GET("/peer"), &answer), 200);
    stage_close(&stage);
}

static void answers_a_client_that_only_stopped_sending(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){0});
    struct client client = client_open(&stage);
    client_send_text(&client, GET("/later?still") GET("/later?here"));
    shutdown(client.fd, SHUT_WR);
    client_expect(&client, "still");
    client_expect(&client, "here");
    client_expect_end(&client, PATIENCE_MS);
    client_close(&client);
    stage_close(&stage);
}

static void turns_away_requests_over_the_limit_in_flight(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.requests_in_flight_max = 2});
    struct client clients[2];
    for (unsigned i = 0; i < 2; i++) {
        clients[i] = client_open(&stage);
        client_send_text(&clients[i], GET("/hold"));
        stage_await(&stage, &stage.calls, i + 1);
    }
    struct answer answer;
    assert_int_equal(ask(&stage, GET("/hold"), &answer), 503);
    assert_non_null(strstr(answer.head, "Retry-After: 1\r\n"));
    assert_int_equal(stage_look(&stage, &stage.calls), 2);
    stage_release(&stage, 0);
    stage_release(&stage, 1);
    for (unsigned i = 0; i < 2; i++) {
        client_expect(&clients[i], "released");
        client_close(&clients[i]);
    }
    assert_int_equal(ask(&stage, GET("/peer"), &answer), 200);
    stage_close(&stage);
}

static void turns_away_connections_over_the_cap_at_once(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.connections_max = 2});
    struct client inside[2];
    for (size_t i = 0; i < 2; i++) {
        inside[i] = client_open(&stage);
        client_send_text(&inside[i], GET("/peer"));
        client_expect(&inside[i], "127.0.0.1");
    }
    struct client outside = client_open(&stage);
    uint64_t before_us = clock_monotonic_us();
    client_send_text(&outside, GET("/peer"));
    struct answer answer = client_answer(&outside);
    assert_true(clock_monotonic_us() - before_us < 500000); /* 5 ms on a quiet machine */
    assert_int_equal(answer.code, 503);
    assert_non_null(strstr(answer.head, "Retry-After: 1\r\n"));
    client_expect_end(&outside, PATIENCE_MS);
    assert_false(outside.reset);
    client_close(&outside);
    client_close(&inside[0]);
    usleep(50000);
    assert_int_equal(ask(&stage, GET("/peer"), &answer), 200);
    client_close(&inside[1]);
    stage_close(&stage);
}

static void speaks_cors_to_allowed_origins_only(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int code;
        bool allowed;
    } tried[] = {
        {"OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n"
         "Access-Control-Request-Method: POST\r\n\r\n",
         204, true},
        {"OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n"
         "Access-Control-Request-Method: POST\r\n\r\n",
         204, false},
        {"OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: null\r\n"
         "Access-Control-Request-Method: POST\r\n\r\n",
         204, false},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n\r\n", 200, true},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example.evil\r\n\r\n", 200, false},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nOrigin: null\r\n\r\n", 200, false},
        {GET("/echo"), 200, false},
    };
    struct stage stage;
    stage_open(&stage, (struct http_options){.origin_allowed = allow_shop});
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct answer answer;
        assert_int_equal(ask(&stage, tried[i].request, &answer), tried[i].code);
        bool told = strstr(answer.head, "Access-Control-Allow-Origin: https://shop.example\r\n");
        assert_int_equal(told, tried[i].allowed);
        assert_int_equal(strstr(answer.head, "Access-Control-Allow-Origin") != NULL, told);
        assert_null(strstr(answer.head, "Credentials"));
        assert_non_null(strstr(answer.head, "Vary: Origin\r\n"));
        bool preflight = tried[i].code == 204 && told;
        assert_int_equal(strstr(answer.head, "Access-Control-Max-Age: 600\r\n") != NULL, preflight);
        assert_int_equal(strstr(answer.head, "Allow-Headers: authorization, content-type, "
                                             "x-retry-count, x-write-key, traceparent, ") != NULL,
                         preflight);
    }
    stage_close(&stage);
}

static void tells_the_client_behind_a_trusted_proxy(void **state)
{
    (void)state;
    static const char *const trusted[] = {"127.0.0.0/8", "10.0.0.0/8"};
    const char *request =
        "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n"
        "X-Forwarded-For: 10.0.0.2\r\n\r\n";
    struct stage stage;
    struct answer answer;
    stage_open(&stage, (struct http_options){.trusted_proxies = trusted, .trusted_proxy_count = 2});
    ask(&stage, request, &answer);
    assert_true(slice_is(answer.body, "203.0.113.9"));
    stage_close(&stage);
    stage_open(&stage, (struct http_options){0});
    ask(&stage, request, &answer);
    assert_true(slice_is(answer.body, "127.0.0.1"));
    stage_close(&stage);
}

static void bounds_what_all_connections_hold_together(void **state)
{
    (void)state;
    enum { CLIENTS = 20 };
    struct client clients[CLIENTS];
    struct stage stage;
    stage_open(&stage, (struct http_options){.held_bytes_max = 4 << 20});
    char *bytes = calloc(1, HTTP_BODY_BYTES_MAX);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = client_open(&stage);
        client_send_text(&clients[i],
                         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 512000\r\n\r\n");
        client_send(&clients[i], slice_make(bytes, HTTP_BODY_BYTES_MAX - 1));
    }
    struct http_counts counts = {0};
    for (unsigned waited = 0; counts.refused_overload < 12; waited++) {
        assert_true(waited < PATIENCE_MS);
        usleep(1000);
        http_server_counts(stage.server, &counts);
    }
    unsigned refused = 0, taken = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        client_send_text(&clients[i], "x");
        struct answer answer = client_answer(&clients[i]);
        refused += answer.code == 503 && strstr(answer.head, "Retry-After: 1\r\n");
        taken += answer.code == 200;
    }
    assert_int_equal(refused + taken, CLIENTS);
    assert_true(refused >= 12 && taken > 0);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
    free(bytes);
    stage_close(&stage);
}

static void says_why_it_cannot_start(void **state)
{
    (void)state;
    struct stage stage;
    struct http_server *server;
    struct diag diag;
    char taken[32];
    stage_open(&stage, (struct http_options){.thread_count = 2});
    snprintf(taken, sizeof taken, "127.0.0.1:%u", http_server_port(stage.server));
    const char *proxies[] = {"proxy.example"};
    const struct {
        struct http_options options;
        enum status status;
    } tried[] = {
        {{.listen_address = taken}, STATUS_CONFLICT},
        {{.listen_address = taken, .thread_count = 2}, STATUS_CONFLICT},
        {{.listen_address = "localhost:80"}, STATUS_INVALID},
        {{.listen_address = "127.0.0.1"}, STATUS_INVALID},
        {{.listen_address = "127.0.0.1:65536"}, STATUS_INVALID},
        {{.listen_address = "192.0.2.1:0"}, STATUS_INVALID},
        {{.listen_address = NULL}, STATUS_INVALID},
        {{.listen_address = "127.0.0.1:0", .thread_count = 65}, STATUS_INVALID},
        {{.listen_address = "127.0.0.1:0", .trusted_proxies = proxies, .trusted_proxy_count = 1},
         STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        diag = (struct diag){0};
        assert_int_equal(http_server_start(&tried[i].options, &server, &diag), tried[i].status);
        assert_true(diag.sentence[0] != '\0');
    }
    stage_close(&stage);
}

static void starts_not_at_all_without_descriptors(void **state)
{
    (void)state;
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    for (unsigned spare = 0; spare < 24; spare++) {
        struct http_server *server;
        struct diag diag = {0};
        struct http_options options = {.listen_address = "127.0.0.1:0", .thread_count = 3};
        int next = open("/dev/null", O_RDONLY);
        close(next);
        few = before;
        few.rlim_cur = (rlim_t)next + spare;
        setrlimit(RLIMIT_NOFILE, &few);
        enum status status = http_server_start(&options, &server, &diag);
        setrlimit(RLIMIT_NOFILE, &before);
        if (status == STATUS_OK)
            http_server_stop(server);
        else
            assert_int_equal(status, STATUS_IO);
        int after = open("/dev/null", O_RDONLY);
        close(after);
        assert_int_equal(after, next); /* none leaks */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_request_and_keeps_the_connection),
        cmocka_unit_test(routes_decodes_and_refuses),
        cmocka_unit_test(answers_head_as_get_without_the_body),
        cmocka_unit_test(gives_each_answer_a_request_id),
        cmocka_unit_test(refuses_ambiguous_requests_and_never_reads_on),
        cmocka_unit_test(answers_oversizes_even_while_the_client_still_sends),
        cmocka_unit_test(takes_bodies_up_to_the_limit),
        cmocka_unit_test(unpacks_gzip_before_the_handler_sees_it),
        cmocka_unit_test(asks_for_the_body_when_the_client_waits_for_that),
        cmocka_unit_test(answers_a_pipeline_in_order),
        cmocka_unit_test(holds_a_bounded_part_of_a_pipeline),
        cmocka_unit_test(answers_from_other_threads),
        cmocka_unit_test(drops_the_answer_for_a_client_that_has_gone),
        cmocka_unit_test(answers_a_client_that_only_stopped_sending),
        cmocka_unit_test(turns_away_requests_over_the_limit_in_flight),
        cmocka_unit_test(turns_away_connections_over_the_cap_at_once),
        cmocka_unit_test(speaks_cors_to_allowed_origins_only),
        cmocka_unit_test(tells_the_client_behind_a_trusted_proxy),
        cmocka_unit_test(bounds_what_all_connections_hold_together),
        cmocka_unit_test(says_why_it_cannot_start),
        cmocka_unit_test(starts_not_at_all_without_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
