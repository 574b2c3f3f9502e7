/* Every way to smuggle a request that we know of, and the limits on a head; each case read in
 * one piece and split at every byte. */
#include "unit/test.h"

#include "outcome.h"

struct guard_case {
    const char *what;
    struct slice bytes;
    int code;        /* 0: taken */
    size_t requests; /* seen before the refusal, or in all */
};

/* SLICE is no constant expression; this initialises a table. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define HEAD(line, headers) BYTES(line "\r\n" headers "\r\n")
#define POST(headers, body) BYTES("POST /e HTTP/1.1\r\nHost: a\r\n" headers "\r\n" body)
#define CHUNKED(body) POST("Transfer-Encoding: chunked\r\n", body)
#define GET_HIDDEN "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct guard_case cases[] = {
    /* what honest clients send */
    {"a plain GET", HEAD("GET / HTTP/1.1", "Host: a\r\n"), 0, 1},
    {"no space after the colon", HEAD("GET / HTTP/1.1", "Host:a\r\n"), 0, 1},
    {"spaces around a value", HEAD("GET / HTTP/1.1", "Host: \t a \r\nX:\r\n"), 0, 1},
    {"HTTP/1.0 without Host", HEAD("GET / HTTP/1.0", ""), 0, 1},
    {"a body", POST("Content-Length: 5\r\n", "hello"), 0, 1},
    {"an empty body", POST("Content-Length: 0\r\n", ""), 0, 1},
    {"leading zeros", POST("Content-Length: 005\r\n", "hello"), 0, 1},
    {"chunks", CHUNKED("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), 0, 1},
    {"Chunked in capitals", POST("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"), 0, 1},
    {"a chunk extension", CHUNKED("5;a=b\r\nhello\r\n0;c\r\n\r\n"), 0, 1},
    {"a trailer", CHUNKED("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), 0, 1},
    {"two in one piece", BYTES(GET_HIDDEN GET_HIDDEN), 0, 2},
    {"a body and a request behind it", POST("Content-Length: 2\r\n", "hi" GET_HIDDEN), 0, 2},
    {"chunks and a request behind them", CHUNKED("2\r\nhi\r\n0\r\n\r\n" GET_HIDDEN), 0, 2},
    {"one empty line before", BYTES("\r\n" GET_HIDDEN), 0, 1},
    {"absolute form", HEAD("GET http://a/x HTTP/1.1", "Host: a\r\n"), 0, 1},
    {"OPTIONS *", HEAD("OPTIONS * HTTP/1.1", "Host: a\r\n"), 0, 1},
    {"a host with a port", HEAD("GET / HTTP/1.1", "Host: [::1]:8080\r\n"), 0, 1},
    {"obs-text in a value", HEAD("GET / HTTP/1.1", "Host: a\r\nX: \xe9\r\n"), 0, 1},
    {"Expect: 100-continue", POST("Expect: 100-continue\r\nContent-Length: 2\r\n", "hi"), 0, 1},
    /* two lengths */
    {"CL and TE",
     POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" GET_HIDDEN), 400, 0},
    {"TE and CL",
     POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" GET_HIDDEN), 400, 0},
    {"two CL", POST("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400, 0},
    {"two equal CL", POST("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400, 0},
    {"CL 5, 5", POST("Content-Length: 5, 5\r\n", "hello"), 400, 0},
    {"CL +5", POST("Content-Length: +5\r\n", "hello"), 400, 0},
    {"CL -5", POST("Content-Length: -5\r\n", "hello"), 400, 0},
    {"CL 0x5", POST("Content-Length: 0x5\r\n", "hello"), 400, 0},
    {"CL 5a", POST("Content-Length: 5a\r\n", "hello"), 400, 0},
    {"CL 5 5", POST("Content-Length: 5 5\r\n", "hello"), 400, 0},
    {"empty CL", POST("Content-Length:\r\n", ""), 400, 0},
    {"CL over 64 bits", POST("Content-Length: 18446744073709551621\r\n", "hello"), 400, 0},
    {"CL over the limit", POST("Content-Length: 512001\r\n", ""), 413, 0},
    /* transfer encodings */
    {"TE xchunked", POST("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400, 0},
    {"TE identity", POST("Transfer-Encoding: identity\r\n", ""), 400, 0},
    {"TE chunked, identity", POST("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400, 0},
    {"TE identity, chunked", POST("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"), 400, 0},
    {"TE gzip, chunked", POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, 0},
    {"TE identity then chunked",
     POST("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, 0},
    {"TE chunked twice",
     POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, 0},
    {"TE \"chunked\" in quotes", POST("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400, 0},
    {"TE with a vertical tab", POST("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400, 0},
    {"empty TE", POST("Transfer-Encoding:\r\n", ""), 400, 0},
    {"TE on 1.0", HEAD("POST / HTTP/1.0", "Host: a\r\nTransfer-Encoding: chunked\r\n"), 400, 0},
    /* lines */
    {"space before a colon", POST("Content-Length : 5\r\n", "hello"), 400, 0},
    {"tab before a colon", POST("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), 400, 0},
    {"obs-fold", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\r\n 2\r\n"), 400, 0},
    {"obs-fold with a tab", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\r\n\t2\r\n"), 400, 0},
    {"a folded first header", HEAD("GET / HTTP/1.1", " Host: a\r\n"), 400, 0},
    {"a folded Transfer-Encoding",
     POST("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" GET_HIDDEN), 400, 0},
    {"bare LF after the request line", BYTES("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400, 0},
    {"bare LF after a header", BYTES("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400, 0},
    {"a lone LF ends the head", BYTES("GET / HTTP/1.1\r\nHost: a\r\n\n" GET_HIDDEN), 400, 0},
    {"bare LF after a longer header", BYTES("GET / HTTP/1.1\r\nHost: ab\nX: 1\r\n\r\n"), 400, 0},
    {"only LFs", BYTES("GET / HTTP/1.1\nHost: a\n\n"), 400, 0},
    {"bare CR in a value", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\rY: 2\r\n"), 400, 0},
    {"bare CR before CR LF", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\r\r\n"), 400, 0},
    {"a CR as a line", BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n"), 400, 0},
    {"NUL in a value", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\0002\r\n"), 400, 0},
    {"NUL in a name", HEAD("GET / HTTP/1.1", "Host: a\r\nX\0Y: 1\r\n"), 400, 0},
    {"NUL in the target", HEAD("GET /\0 HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"DEL in a value", HEAD("GET / HTTP/1.1", "Host: a\r\nX: \x7f\r\n"), 400, 0},
    {"an empty name", HEAD("GET / HTTP/1.1", "Host: a\r\n: 1\r\n"), 400, 0},
    {"no colon", HEAD("GET / HTTP/1.1", "Host: a\r\nX\r\n"), 400, 0},
    {"a name with a space", HEAD("GET / HTTP/1.1", "Host: a\r\nX Y: 1\r\n"), 400, 0},
    {"a name with a bracket", HEAD("GET / HTTP/1.1", "Host: a\r\nX(: 1\r\n"), 400, 0},
    {"a name beyond ASCII", HEAD("GET / HTTP/1.1", "Host: a\r\nX\xe9: 1\r\n"), 400, 0},
    {"two empty lines before", BYTES("\r\n\r\n" GET_HIDDEN), 400, 0},
    /* hosts */
    {"no Host", HEAD("GET / HTTP/1.1", "X: 1\r\n"), 400, 0},
    {"two Hosts", HEAD("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n"), 400, 0},
    {"two equal Hosts", HEAD("GET / HTTP/1.1", "Host: a\r\nhost: a\r\n"), 400, 0},
    {"an empty Host", HEAD("GET / HTTP/1.1", "Host:\r\n"), 400, 0},
    {"a list of Hosts", HEAD("GET / HTTP/1.1", "Host: a, b\r\n"), 400, 0},
    {"a Host with a user", HEAD("GET / HTTP/1.1", "Host: a@b\r\n"), 400, 0},
    {"a Host with a path", HEAD("GET / HTTP/1.1", "Host: a/b\r\n"), 400, 0},
    {"absolute form of another host", HEAD("GET http://b/x HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"absolute form with a user", HEAD("GET http://u@a/x HTTP/1.1", "Host: a\r\n"), 400, 0},
    /* request lines */
    {"two spaces before the target", HEAD("GET  / HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"two spaces after the target", HEAD("GET /  HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a space at the end", HEAD("GET / HTTP/1.1 ", "Host: a\r\n"), 400, 0},
    {"a space at the start", HEAD(" GET / HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a tab for a space", HEAD("GET\t/ HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"HTTP/0.9", BYTES("GET /\r\n\r\n"), 400, 0},
    {"HTTP/0.9 written out", HEAD("GET / HTTP/0.9", "Host: a\r\n"), 400, 0},
    {"HTTP/2.0", HEAD("GET / HTTP/2.0", "Host: a\r\n"), 400, 0},
    {"HTTP/2's preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400, 0},
    {"HTTP/1.2", HEAD("GET / HTTP/1.2", "Host: a\r\n"), 400, 0},
    {"HTTP/1.10", HEAD("GET / HTTP/1.10", "Host: a\r\n"), 400, 0},
    {"HTTP/1", HEAD("GET / HTTP/1", "Host: a\r\n"), 400, 0},
    {"http/1.1", HEAD("GET / http/1.1", "Host: a\r\n"), 400, 0},
    {"a small method", HEAD("get / HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"an unknown method", HEAD("FROB / HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"CONNECT", HEAD("CONNECT a:443 HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a target without a slash", HEAD("GET x HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"GET *", HEAD("GET * HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a fragment", HEAD("GET /#x HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a target beyond ASCII", HEAD("GET /\xc3\xa9 HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a backslash", HEAD("GET /a\\b HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"TLS", BYTES("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\n"), 400, 0},
    {"CONNECT in origin form", HEAD("CONNECT / HTTP/1.1", "Host: a\r\n"), 400, 0},
    {"a folded line with a colon", HEAD("GET / HTTP/1.1", "Host: a\r\nX: 1\r\n Y: 2\r\n"), 400, 0},
    /* what we do not speak */
    {"Upgrade", HEAD("GET / HTTP/1.1", "Host: a\r\nUpgrade: h2c\r\n"), 400, 0},
    {"Connection: upgrade", HEAD("GET / HTTP/1.1", "Host: a\r\nConnection: x, Upgrade\r\n"), 400,
     0},
    {"an odd expectation", HEAD("GET / HTTP/1.1", "Host: a\r\nExpect: 200-ok\r\n"), 417, 0},
    {"brotli", POST("Content-Encoding: br\r\nContent-Length: 1\r\n", "x"), 415, 0},
    {"gzip twice", POST("Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n", "x"), 415, 0},
    {"gzip that is none", POST("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"), 400, 0},
    /* chunks */
    {"a chunk size over 64 bits", CHUNKED("10000000000000005\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a chunk size of nine digits", CHUNKED("000000005\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a chunk over the limit", CHUNKED("FFFFFFFF\r\nhello"), 413, 0},
    {"0x in a chunk size", CHUNKED("0x5\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"+ in a chunk size", CHUNKED("+5\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"- in a chunk size", CHUNKED("-5\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a space after a chunk size", CHUNKED("5 \r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a space before a chunk size", CHUNKED(" 5\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"no chunk size", CHUNKED("\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"bare LF after a chunk size", CHUNKED("5\nhello\r\n0\r\n\r\n"), 400, 0},
    {"bare LF after a chunk", CHUNKED("5\r\nhello\n0\r\n\r\n"), 400, 0},
    {"bare LF in an extension", CHUNKED("5;a\nhello\r\n0\r\n\r\n"), 400, 0},
    {"bare CR in an extension", CHUNKED("5;a\rb\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"NUL in an extension", CHUNKED("5;a\0\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a chunk longer than it says", CHUNKED("5\r\nhello!\r\n0\r\n\r\n"), 400, 0},
    {"a chunk shorter than it says", CHUNKED("6\r\nhello\r\n0\r\n\r\n"), 400, 0},
    {"a bare LF ends the chunks", CHUNKED("0\r\n\n" GET_HIDDEN), 400, 0},
    {"an extension llhttp refuses before a size the guard refuses",
     CHUNKED("5;x=um: 1\r\nhello\r\nzz\r\n"), 400, 0},
    {"two other bytes after a chunk", CHUNKED("5\r\nhelloXX0\r\n\r\n"), 400, 0},
    {"another byte after a chunk size's CR", CHUNKED("5\rXhello\r\n0\r\n\r\n"), 400, 0},
    {"another byte after the last CR", CHUNKED("0\r\n\rX"), 400, 0},
    {"a folded trailer", CHUNKED("0\r\nX: 1\r\n 2\r\n\r\n"), 400, 0},
    {"a trailer without a name", CHUNKED("0\r\n: 1\r\n\r\n"), 400, 0},
};

/* The guard's own verdict on the first request, without llhttp behind it. */
static int guard_alone(struct slice bytes)
{
    struct guard_scan scan = {0};
    struct guard_chunks chunks = {0};
    struct guard_head head;
    struct guard_refusal refusal = {0, NULL};
    size_t end = 0, used;
    enum guard_step step = guard_scan(&scan, bytes, &end, &refusal);
    if (step != GUARD_DONE)
        return refusal.code;
    struct slice text = slice_make(bytes.data + scan.start, end - scan.start);
    if (!guard_check(text, &head, &refusal) || !head.chunked)
        return refusal.code;
    step = guard_chunks(&chunks, slice_from(bytes, end), &used, &refusal);
    return step == GUARD_REFUSED ? refusal.code : 0;
}

/* Two opinions are wanted: but for these, which are not the guard's to judge, both must refuse. */
static const char *const left_to_others[] = {"a small method",    "an unknown method",
                                             "CL over the limit", "brotli",
                                             "gzip twice",        "gzip that is none"};

static void refuses_without_the_parsers_help(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int expected = cases[i].code;
        for (size_t k = 0; k < sizeof left_to_others / sizeof left_to_others[0]; k++)
            if (strcmp(cases[i].what, left_to_others[k]) == 0)
                expected = 0;
        int code = guard_alone(cases[i].bytes);
        if (code != expected)
            fail_msg("%s: the guard alone says %d, expected %d", cases[i].what, code, expected);
    }
}

static void check_every_split(const struct guard_case *tried, const struct outcome *whole)
{
    for (size_t first = 1; first <= tried->bytes.size; first++) {
        struct outcome split = outcome_of(tried->bytes, first, SIZE_MAX);
        if (!outcome_equal(&split, whole))
            fail_msg("%s: split at %zu gives %d (%s), whole %d (%s)", tried->what, first,
                     split.code, split.sentence, whole->code, whole->sentence);
        buf_done(&split.text);
    }
    struct outcome bytewise = outcome_of(tried->bytes, 1, 1);
    if (!outcome_equal(&bytewise, whole))
        fail_msg("%s: byte by byte gives %d, whole %d", tried->what, bytewise.code, whole->code);
    buf_done(&bytewise.text);
}

static void refuses_what_two_parsers_could_read_differently(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct guard_case *tried = &cases[i];
        struct outcome whole = outcome_of(tried->bytes, SIZE_MAX, 1);
        if (whole.code != tried->code || whole.requests != tried->requests)
            fail_msg("%s: %d (%s) after %zu requests, expected %d after %zu", tried->what,
                     whole.code, whole.sentence ? whole.sentence : "", whole.requests, tried->code,
                     tried->requests);
        check_every_split(tried, &whole);
        buf_done(&whole.text);
    }
}

static struct slice repeated(struct buf *buf, const char *head, char byte, size_t count)
{
    buf_init(buf, 2 << 20);
    buf_add_text(buf, head);
    for (size_t i = 0; i < count; i++)
        buf_add_byte(buf, byte);
    return buf_slice(buf);
}

static const struct limit_case {
    const char *head;
    size_t count;
    const char *tail;
    int code;
} limit_cases[] = {
    {"GET /", 8192 - 14, " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET /", 8192 - 13, " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
    {"GET /", 100000, "", 414},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: ", 8192 - 3, "\r\n\r\n", 0},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: ", 8192 - 2, "\r\n\r\n", 431},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: ", 100000, "", 431},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;", 4096, "\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;", 4097, "\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX:", 9000, "\r\n\r\n",
     400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 512000\r\n\r\n", 512000, "", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7D000\r\n", 512000,
     "\r\n0\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7D001\r\n", 512001,
     "\r\n0\r\n\r\n", 413},
};

static void holds_each_limit_to_the_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof limit_cases / sizeof limit_cases[0]; i++) {
        struct buf bytes;
        repeated(&bytes, limit_cases[i].head, 'x', limit_cases[i].count);
        buf_add_text(&bytes, limit_cases[i].tail);
        struct outcome whole = outcome_of(buf_slice(&bytes), SIZE_MAX, 1);
        struct outcome pieces = outcome_of(buf_slice(&bytes), 1, 4099);
        if (whole.code != limit_cases[i].code || !outcome_equal(&whole, &pieces))
            fail_msg("limit %zu: %d whole, %d in pieces, expected %d", i, whole.code, pieces.code,
                     limit_cases[i].code);
        buf_done(&whole.text);
        buf_done(&pieces.text);
        buf_done(&bytes);
    }
}

static struct slice many_headers(struct buf *buf, size_t count, size_t value_size)
{
    buf_init(buf, 2 << 20);
    buf_add_text(buf, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 1; i < count; i++)
        buf_format(buf, "X-%03zu: %0*d\r\n", i, (int)value_size, 0);
    buf_add_text(buf, "\r\n");
    return buf_slice(buf);
}

static void counts_headers_and_their_bytes(void **state)
{
    (void)state;
    static const struct {
        size_t count, value_size;
        int code;
    } tried[] = {{100, 1, 0}, {101, 1, 431}, {5, 6000, 0}, {6, 7000, 431}, {99, 400, 431}};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct buf bytes;
        struct slice text = many_headers(&bytes, tried[i].count, tried[i].value_size);
        struct outcome whole = outcome_of(text, SIZE_MAX, 1);
        struct outcome pieces = outcome_of(text, 1, 97);
        assert_int_equal(whole.code, tried[i].code);
        assert_true(outcome_equal(&whole, &pieces));
        buf_done(&whole.text);
        buf_done(&pieces.text);
        buf_done(&bytes);
    }
}

static void adds_up_the_extensions_of_all_chunks(void **state)
{
    (void)state;
    struct buf bytes;
    repeated(&bytes, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 'x', 0);
    for (size_t i = 0; i < 50; i++) {
        buf_add_text(&bytes, "1;");
        for (size_t k = 0; k < 100; k++)
            buf_add_byte(&bytes, 'e');
        buf_add_text(&bytes, "\r\nz\r\n");
    }
    buf_add_text(&bytes, "0\r\n\r\n");
    struct outcome whole = outcome_of(buf_slice(&bytes), SIZE_MAX, 1);
    assert_int_equal(whole.code, 400);
    buf_done(&whole.text);
    buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_two_parsers_could_read_differently),
        cmocka_unit_test(refuses_without_the_parsers_help),
        cmocka_unit_test(holds_each_limit_to_the_byte),
        cmocka_unit_test(counts_headers_and_their_bytes),
        cmocka_unit_test(adds_up_the_extensions_of_all_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
