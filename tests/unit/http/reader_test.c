/* Requests read whole and in pieces: what comes out. */
#include "unit/test.h"

#include "outcome.h"

/* SLICE is no constant expression; this initialises a table. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static void gives_the_parts_of_a_request(void **state)
{
    (void)state;
    struct slice bytes = SLICE("PUT /a%20b?q=1 HTTP/1.1\r\nHost: shop\r\nX-Two:  b c \r\n"
                               "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n"
                               "Trailer: dropped\r\n\r\n");
    for (size_t piece = 1; piece < bytes.size; piece++) {
        struct outcome outcome = outcome_of(bytes, piece, piece);
        assert_int_equal(outcome.code, 0);
        buf_add_byte(&outcome.text, '\0');
        assert_string_equal(outcome.text.data, "PUT /a%20b?q=1\nHost: shop\nX-Two: b c\n"
                                               "Transfer-Encoding: chunked\n\nabcde\n--\n");
        buf_done(&outcome.text);
    }
}

static void reads_a_row_of_requests_one_by_one(void **state)
{
    (void)state;
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    for (size_t i = 0; i < 50; i++)
        buf_format(&bytes, "POST /%zu HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%.*s", i,
                   i % 10, (int)(i % 10), "0123456789");
    struct outcome whole = outcome_of(buf_slice(&bytes), SIZE_MAX, 1);
    assert_int_equal(whole.requests, 50);
    for (size_t piece = 1; piece < 200; piece += 7) {
        struct outcome pieces = outcome_of(buf_slice(&bytes), piece, piece);
        assert_true(outcome_equal(&whole, &pieces));
        buf_done(&pieces.text);
    }
    buf_done(&whole.text);
    buf_done(&bytes);
}

static void knows_what_the_connection_header_wants(void **state)
{
    (void)state;
    static const struct {
        struct slice head;
        bool keep_alive;
    } tried[] = {
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), true},
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), false},
        {BYTES("GET / HTTP/1.1\r\nConnection: x , CLOSE\r\nHost: a\r\n\r\n"), false},
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"), true},
        {BYTES("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), false},
        {BYTES("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"), false},
    };
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct guard_head head;
        struct guard_refusal refusal;
        assert_true(guard_check(tried[i].head, &head, &refusal));
        assert_int_equal(head.keep_alive, tried[i].keep_alive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_parts_of_a_request),
        cmocka_unit_test(reads_a_row_of_requests_one_by_one),
        cmocka_unit_test(knows_what_the_connection_header_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
