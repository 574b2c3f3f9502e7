/* Slow clients, with the deadlines shortened: each is closed in time, the good ones beside them
 * are served. */
#include "client.h"

static const struct http_deadlines short_ones = {.head_ms = 150,
                                                 .body_grace_ms = 100,
                                                 .body_ms = 600,
                                                 .write_stall_ms = 150,
                                                 .idle_ms = 200,
                                                 .drain_ms = 300,
                                                 .linger_ms = 100,
                                                 .body_rate_min = 1000};

static uint64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

static uint64_t slow_closes(const struct stage *stage)
{
    struct http_counts counts;
    http_server_counts(stage->server, &counts);
    return counts.closed_slow;
}

/* Sends a byte of text over and over until the server answers or closes; the time it took. */
static uint64_t drip(struct client *client, const char *text, useconds_t pause_us)
{
    uint64_t start = now_ms();
    for (size_t i = 0; now_ms() - start < PATIENCE_MS; i++) {
        client_send(client, slice_make(text + i % strlen(text), 1));
        if (client_read(client, (int)(pause_us / 1000)) || client->ended)
            break;
    }
    return now_ms() - start;
}

static void answers_408_to_a_head_that_drips(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = client_open(&stage);
    client_send_text(&client, "GET /echo HTTP/1.1\r\nHost: a\r\n");
    uint64_t took_ms = drip(&client, "X: y\r\n", 20000);
    assert_true(took_ms >= 100 && took_ms < 2000);
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.code, 408);
    client_expect_end(&client, PATIENCE_MS);
    assert_int_equal(slow_closes(&stage), 1);
    client_close(&client);
    stage_close(&stage);
}

static void answers_408_to_a_body_below_the_minimum_rate(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = client_open(&stage);
    client_send_text(&client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
    uint64_t took_ms = drip(&client, "x", 20000);
    assert_true(took_ms >= 80 && took_ms < 550);
    assert_int_equal(client_answer(&client).code, 408);
    client_close(&client);
    stage_close(&stage);
}

static void bounds_a_body_in_all_even_when_it_keeps_the_rate(void **state)
{
    (void)state;
    struct http_deadlines deadlines = short_ones;
    deadlines.body_rate_min = 1;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = deadlines});
    struct client client = client_open(&stage);
    client_send_text(&client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
    uint64_t took_ms = drip(&client, "x", 20000);
    assert_true(took_ms >= 500 && took_ms < 3000);
    assert_int_equal(client_answer(&client).code, 408);
    client_close(&client);
    stage_close(&stage);
}

static void closes_who_says_nothing(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client silent = client_open(&stage), idle = client_open(&stage);
    client_send_text(&idle, GET("/peer"));
    struct answer answer = client_answer(&idle);
    client_next(&idle, &answer);
    uint64_t start = now_ms();
    client_expect_end(&silent, PATIENCE_MS);
    client_expect_end(&idle, PATIENCE_MS);
    assert_true(now_ms() - start < 2000);
    assert_int_equal(silent.got.size, 0);
    assert_int_equal(idle.got.size, 0);
    client_close(&silent);
    client_close(&idle);
    stage_close(&stage);
}

static void closes_who_does_not_read_the_answer(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = short_ones});
    struct client client = client_open(&stage);
    client_send_text(&client, GET("/big"));
    for (unsigned waited = 0; slow_closes(&stage) == 0; waited++) {
        assert_true(waited < PATIENCE_MS);
        usleep(1000);
    }
    while (client_read(&client, PATIENCE_MS))
        ;
    assert_true(client.ended);
    assert_true(client.got.size < 8 << 20);
    client_close(&client);
    stage_close(&stage);
}

static void waits_for_who_reads_steadily(void **state)
{
    (void)state;
    struct http_deadlines deadlines = short_ones;
    deadlines.write_stall_ms = 500; /* the kernel opens its window in steps of some 400 kB */
    struct stage stage;
    stage_open(&stage, (struct http_options){.deadlines = deadlines});
    struct client client = client_open(&stage);
    client_send_text(&client, GET("/big"));
    while (!client.ended && client.got.size < 8 << 20) {
        client_read(&client, PATIENCE_MS);
        usleep(8000); /* 8 MiB in 64 KiB steps: longer than one window */
    }
    assert_true(client.got.size > 8 << 20);
    assert_int_equal(slow_closes(&stage), 0);
    client_close(&client);
    stage_close(&stage);
}

static void serves_good_clients_beside_many_slow_ones(void **state)
{
    (void)state;
    struct stage stage;
    struct http_deadlines deadlines = short_ones;
    deadlines.head_ms = 2000;
    stage_open(&stage, (struct http_options){.deadlines = deadlines});
    struct client slow[200];
    for (size_t i = 0; i < 200; i++) {
        slow[i] = client_open(&stage);
        client_send_text(&slow[i], "GET /echo HTTP/1.1\r\nHost: a\r\nX");
    }
    for (int i = 0; i < 50; i++) {
        struct answer answer;
        assert_int_equal(ask(&stage, GET("/peer"), &answer), 200);
    }
    for (size_t i = 0; i < 200; i++)
        client_close(&slow[i]);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_408_to_a_head_that_drips),
        cmocka_unit_test(answers_408_to_a_body_below_the_minimum_rate),
        cmocka_unit_test(bounds_a_body_in_all_even_when_it_keeps_the_rate),
        cmocka_unit_test(closes_who_says_nothing),
        cmocka_unit_test(closes_who_does_not_read_the_answer),
        cmocka_unit_test(waits_for_who_reads_steadily),
        cmocka_unit_test(serves_good_clients_beside_many_slow_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
