/* Who goes first and who is turned away when more come than can be served. The loop is held in a
 * handler while requests gather in the kernel, so that it finds them all at once. */
#include "client.h"

enum { SLOW_MS = 60 };

struct gate {
    struct stage stage; /* first: the context of all handlers */
    pthread_mutex_t mutex;
    bool open;
    char calls[128]; /* a letter a call, in order */
    size_t call_count;
};

static void note(struct gate *gate, char letter)
{
    pthread_mutex_lock(&gate->mutex);
    assert_true(gate->call_count < sizeof gate->calls - 1);
    gate->calls[gate->call_count++] = letter;
    pthread_mutex_unlock(&gate->mutex);
}

static void handle_gate(void *context, struct http_request *request)
{
    struct gate *gate = context;
    stage_note(&gate->stage, &gate->stage.calls);
    for (bool open = false; !open; usleep(1000)) {
        pthread_mutex_lock(&gate->mutex);
        open = gate->open;
        pthread_mutex_unlock(&gate->mutex);
    }
    answer_text(request, SLICE("open"));
}

static void handle_called(void *context, struct http_request *request)
{
    note(context, request->path.data[1]);
    answer_text(request, SLICE("called"));
}

static void handle_slow(void *context, struct http_request *request)
{
    usleep(SLOW_MS * 1000);
    handle_called(context, request);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/gate", handle_gate, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/first", handle_called, NULL, HTTP_RANK_FIRST},
    {HTTP_GET, "/decide", handle_called, NULL, HTTP_RANK_DECIDE},
    {HTTP_GET, "/take", handle_called, NULL, HTTP_RANK_TAKE_IN},
    {HTTP_GET, "/read", handle_called, NULL, HTTP_RANK_READ},
    {HTTP_GET, "/slow", handle_slow, NULL, HTTP_RANK_DECIDE},
};

static void gate_open_with(struct gate *gate, struct http_options options)
{
    memset(gate, 0, sizeof *gate);
    pthread_mutex_init(&gate->mutex, NULL);
    options.routes = routes;
    options.route_count = sizeof routes / sizeof routes[0];
    stage_open(&gate->stage, options);
}

static void gate_open(struct gate *gate)
{
    gate_open_with(gate, (struct http_options){0});
}

static void gate_close(struct gate *gate)
{
    stage_close(&gate->stage);
    pthread_mutex_destroy(&gate->mutex);
}

/* Each path by a client of its own; all have come when the loop looks again. */
static void send_all(struct gate *gate, const char *const *paths, struct client *clients,
                     size_t count)
{
    char request[64];
    for (size_t i = 0; i < count; i++) {
        clients[i] = client_open(&gate->stage);
        client_send_text(&clients[i], GET("/first")); /* accepted, and nothing under way */
        client_expect(&clients[i], "called");
        buf_clear(&clients[i].got);
    }
    struct client keeper = client_open(&gate->stage);
    client_send_text(&keeper, GET("/gate"));
    stage_await(&gate->stage, &gate->stage.calls, 1);
    gate->call_count = 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i]);
        client_send_text(&clients[i], request);
    }
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_mutex_unlock(&gate->mutex);
    client_expect(&keeper, "open");
    client_close(&keeper);
}

static void calls_by_rank_whatever_came_first(void **state)
{
    (void)state;
    static const char *const paths[] = {"/read",   "/take", "/decide", "/first", "/read",
                                        "/decide", "/take", "/first",  "/read",  "/first"};
    enum { COUNT = sizeof paths / sizeof paths[0] };
    struct client clients[COUNT];
    struct gate gate;
    gate_open(&gate);
    send_all(&gate, paths, clients, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        client_expect(&clients[i], "called");
        client_close(&clients[i]);
    }
    assert_string_equal(gate.calls, "fffddttrrr");
    gate_close(&gate);
}

/* All places are taken by reads, and one read finds none; where "/first" came early, it took one of
 * them. */
static void has_a_place_for_who_goes_first(void **state)
{
    (void)state;
    enum { READS = 9, COUNT = READS + 1 };
    const char *paths[COUNT];
    struct client clients[COUNT];
    struct gate gate;
    unsigned served = 0;
    gate_open_with(&gate, (struct http_options){.requests_in_flight_max = 8});
    for (size_t i = 0; i < COUNT; i++)
        paths[i] = i < READS ? "/read" : "/first";
    send_all(&gate, paths, clients, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        struct answer answer = client_answer(&clients[i]);
        assert_int_equal(answer.code, i == READS || answer.code == 200 ? 200 : 503);
        served += i < READS && answer.code == 200;
        client_close(&clients[i]);
    }
    assert_in_range(served, 7, 8);
    gate_close(&gate);
}

/* Handlers of decisions are known to be slow, so a queue of them that takes more than a second is
 * no longer waited in: not by them, and not by what goes after them. What goes before them is
 * served all the same. */
static void turns_away_who_would_wait_too_long(void **state)
{
    (void)state;
    static const char *const after[] = {"/read", "/first", "/take"};
    enum { SLOW = 24, COUNT = SLOW + 12 };
    const char *paths[COUNT];
    struct client clients[COUNT];
    struct gate gate;
    unsigned served = 0;
    gate_open(&gate);
    for (int i = 0; i < 28; i++) {
        struct answer answer;
        assert_int_equal(ask(&gate.stage, GET("/slow"), &answer), 200);
    }
    gate.call_count = 0;
    for (size_t i = 0; i < COUNT; i++)
        paths[i] = i < SLOW ? "/slow" : after[i % 3];
    send_all(&gate, paths, clients, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        struct answer answer = client_answer(&clients[i]);
        served += answer.code == 200;
        if (i >= SLOW)
            assert_int_equal(answer.code, i % 3 == 1 ? 200 : 503);
        if (answer.code != 200) {
            assert_int_equal(answer.code, 503);
            assert_non_null(strstr(answer.head, "Retry-After: 1\r\n"));
            assert_non_null(strstr(answer.head, "application/problem+json"));
        }
        client_close(&clients[i]);
    }
    assert_in_range(served, 4 + 1, 4 + SLOW - 1);
    struct http_counts counts;
    http_server_counts(gate.stage.server, &counts);
    assert_int_equal(counts.refused_overload, COUNT - served);
    gate_close(&gate);
}

/* The loop is at work when it is told to stop: what waits is served or dropped, never leaked. */
static void drops_whose_client_has_gone(void **state)
{
    (void)state;
    static const char *const paths[] = {"/slow", "/slow", "/slow", "/slow"};
    struct client clients[4];
    struct gate gate;
    gate_open(&gate);
    send_all(&gate, paths, clients, 4);
    for (size_t i = 0; i < 4; i++)
        client_close(&clients[i]);
    struct answer answer;
    assert_int_equal(ask(&gate.stage, GET("/read"), &answer), 200);
    gate_close(&gate);
    assert_true(gate.call_count <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_by_rank_whatever_came_first),
        cmocka_unit_test(has_a_place_for_who_goes_first),
        cmocka_unit_test(turns_away_who_would_wait_too_long),
        cmocka_unit_test(drops_whose_client_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
