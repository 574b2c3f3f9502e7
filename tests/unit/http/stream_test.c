/* Answers without an end, the drain, and running out of descriptors. */
#include "client.h"

#include "base/limits.h"

#include <sys/resource.h>

static const struct http_deadlines short_ones = {
    .drain_ms = 300, .linger_ms = 100, .write_stall_ms = 300, .ping_ms = 50};

static struct client open_stream(struct stage *stage)
{
    unsigned before = stage_look(stage, &stage->calls);
    struct client client = client_open(stage);
    client_send_text(&client, GET("/stream"));
    stage_await(stage, &stage->calls, before + 1);
    client_expect(&client, "\r\n\r\n");
    return client;
}

static void sends_what_comes_and_pings(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = open_stream(&stage);
    assert_non_null(client_find(&client, "Content-Type: text/event-stream\r\n"));
    assert_null(client_find(&client, "Content-Length"));
    for (int i = 0; i < 100; i++) {
        char event[32];
        snprintf(event, sizeof event, "data: %d\n\n", i);
        http_stream_send(stage.stream, slice_of(event));
    }
    client_expect(&client, "data: 99\n\n");
    assert_non_null(client_find(&client, "data: 0\n\ndata: 1\n\n"));
    client_expect(&client, ": ping\n\n");
    client_close(&client);
    stage_await(&stage, &stage.streams_closed, 1);
    http_stream_send(stage.stream, SLICE("dropped"));
    http_stream_unref(stage.stream);
    stage_close(&stage);
}

static void closes_a_stream_whose_client_reads_too_slowly(void **state)
{
    (void)state;
    static char bytes[16384];
    struct stage stage;
    memset(bytes, 'd', sizeof bytes);
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = open_stream(&stage);
    for (int i = 0; i < 5000 && stage_look(&stage, &stage.streams_closed) == 0; i++) {
        http_stream_send(stage.stream, slice_make(bytes, sizeof bytes));
        usleep(100);
    }
    stage_await(&stage, &stage.streams_closed, 1);
    http_stream_unref(stage.stream);
    client_close(&client);
    stage_close(&stage);
}

static void *send_many(void *argument)
{
    for (int i = 0; i < 2000; i++)
        http_stream_send(argument, SLICE("data: x\n\n"));
    http_stream_unref(argument);
    return NULL;
}

static void takes_events_from_several_threads_while_the_client_goes(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = open_stream(&stage);
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++) {
        http_stream_ref(stage.stream);
        assert_int_equal(pthread_create(&threads[i], NULL, send_many, stage.stream), 0);
    }
    client_expect(&client, "data: x");
    client_close(&client);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    stage_await(&stage, &stage.streams_closed, 1);
    http_stream_unref(stage.stream);
    stage_close(&stage);
}

static void drains_with_all_accepted_requests_answered(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = {.drain_ms = 5000, .linger_ms = 100}});
    struct client working = client_open(&stage), idle = client_open(&stage);
    struct client stream = open_stream(&stage);
    client_send_text(&working, GET("/hold"));
    stage_await(&stage, &stage.calls, 2);
    client_send_text(&idle, GET("/peer"));
    struct answer answer = client_answer(&idle);
    client_next(&idle, &answer);
    http_server_drain(stage.server);
    stage_await(&stage, &stage.streams_closed, 1);
    client_expect_end(&idle, PATIENCE_MS);
    while (client_read(&stream, PATIENCE_MS))
        ;
    assert_true(stream.ended);
    stage_release(&stage, 0);
    answer = client_answer(&working);
    assert_true(slice_is(answer.body, "released"));
    assert_non_null(strstr(answer.head, "Connection: close"));
    client_expect_end(&working, PATIENCE_MS);
    http_stream_unref(stage.stream);
    client_close(&working);
    client_close(&idle);
    client_close(&stream);
    stage_close(&stage);
}

static void answers_who_was_greeted_before_the_drain(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        struct stage stage;
        struct client clients[20];
        stage_open(&stage, (struct http_options){.thread_count = 2});
        for (size_t i = 0; i < 20; i++) {
            clients[i] = client_open(&stage);
            client_send_text(&clients[i], GET("/later?x"));
        }
        http_server_drain(stage.server);
        for (size_t i = 0; i < 20; i++) {
            struct answer answer = client_answer(&clients[i]);
            assert_int_equal(answer.code, 200);
            client_close(&clients[i]);
        }
        stage_close(&stage);
    }
}

static void refuses_new_connections_once_drained(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct sockaddr_in place = {.sin_family = AF_INET,
                                .sin_port = htons((in_port_t)http_server_port(stage.server))};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    http_server_drain(stage.server);
    int refused = 0;
    for (unsigned tries = 0; !refused && tries < 1000; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        refused = connect(fd, (struct sockaddr *)&place, sizeof place) < 0;
        close(fd);
        usleep(1000);
    }
    assert_true(refused);
    stage_close(&stage);
}

/* The handler keeps the request beyond the hard stop; its late answer must harm nobody. */
static void stops_in_time_and_survives_late_answers(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client clients[2];
    for (unsigned i = 0; i < 2; i++) {
        clients[i] = client_open(&stage);
        client_send_text(&clients[i], GET("/hold"));
        stage_await(&stage, &stage.calls, i + 1);
    }
    uint64_t start_us = clock_monotonic_us();
    http_server_stop(stage.server);
    uint64_t took_ms = (clock_monotonic_us() - start_us) / 1000;
    assert_true(took_ms >= 250 && took_ms < 3000);
    stage_release(&stage, 0);
    struct http_stream *stream =
        http_stream_open(stage.held[1], "text/event-stream", on_stream_close, &stage);
    assert_int_equal(stage_look(&stage, &stage.streams_closed), 1);
    http_stream_send(stream, SLICE("dropped"));
    http_stream_unref(stream);
    for (unsigned i = 0; i < 2; i++)
        client_close(&clients[i]);
    pthread_cond_destroy(&stage.changed);
    pthread_mutex_destroy(&stage.mutex);
}

static uint64_t cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void neither_spins_nor_stays_deaf_without_descriptors(void **state)
{
    (void)state;
    enum { CLIENTS = 8 };
    struct stage stage;
    struct client clients[CLIENTS];
    struct rlimit before, none;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    for (size_t i = 0; i < CLIENTS; i++)
        clients[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = (rlim_t)clients[CLIENTS - 1].fd + 1;
    setrlimit(RLIMIT_NOFILE, &none);
    uint64_t cpu_before = cpu_us();
    for (size_t i = 0; i < CLIENTS; i++) {
        client_connect(&clients[i], &stage);
        client_expect(&clients[i], "HTTP/1.1 503");
        client_expect(&clients[i], "Retry-After: 1");
    }
    usleep(300000);
    assert_true(cpu_us() - cpu_before < 200000);
    setrlimit(RLIMIT_NOFILE, &before);
    struct answer answer;
    assert_int_equal(ask(&stage, GET("/peer"), &answer), 200);
    struct http_counts counts;
    http_server_counts(stage.server, &counts);
    assert_int_equal(counts.refused_overload, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_what_comes_and_pings),
        cmocka_unit_test(closes_a_stream_whose_client_reads_too_slowly),
        cmocka_unit_test(takes_events_from_several_threads_while_the_client_goes),
        cmocka_unit_test(drains_with_all_accepted_requests_answered),
        cmocka_unit_test(answers_who_was_greeted_before_the_drain),
        cmocka_unit_test(refuses_new_connections_once_drained),
        cmocka_unit_test(stops_in_time_and_survives_late_answers),
        cmocka_unit_test(neither_spins_nor_stays_deaf_without_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
