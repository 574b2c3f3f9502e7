#include "test.h"

#include "catalog/feed.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int file_of(struct slice bytes)
{
    int fd = memfd_create("feed", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* Reads a whole feed into one line of text: records as "line:a=1,b=2;", bad ones as "line!". */
static void read_all(struct slice bytes, enum feed_format format, struct buf *out)
{
    int fd = file_of(bytes);
    struct feed *feed;
    struct diag diag = {0};
    enum status status = feed_open(fd, format, &feed, &diag);
    if (status != STATUS_OK) {
        buf_format(out, "refused");
        close(fd);
        return;
    }
    struct arena arena;
    arena_init(&arena);
    for (;;) {
        const struct json *record;
        unsigned line;
        status = feed_next(feed, &arena, &record, &line, &diag);
        if (status == STATUS_NOT_FOUND)
            break;
        if (status != STATUS_OK) {
            assert_int_equal(status, STATUS_INVALID);
            assert_true(diag.sentence[0] != 0);
            assert_int_equal(diag.line, line);
            buf_format(out, "%u!;", line);
            continue;
        }
        buf_format(out, "%u:", line);
        for (size_t i = 0; i < record->count; i++)
            buf_format(out, "%s%.*s=%.*s", i ? "," : "", SLICE_ARG(record->members[i].name),
                       SLICE_ARG(json_scalar_text(&record->members[i].value)));
        buf_add_byte(out, ';');
    }
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static void expect(struct slice bytes, enum feed_format format, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    read_all(bytes, format, &out);
    buf_add_byte(&out, 0);
    assert_string_equal(out.data, wanted);
    buf_done(&out);
}

static const struct {
    const char *text, *wanted;
} csv_cases[] = {
    {"a,b\n1,2\n3,4\n", "2:a=1,b=2;3:a=3,b=4;"},
    {"a,b\n1,2", "2:a=1,b=2;"},
    {"a,b\r\n1,2\r\n\r\n3,4\r\n", "2:a=1,b=2;4:a=3,b=4;"},
    {"a,b\r1,2\r3,4\r", "2:a=1,b=2;3:a=3,b=4;"},
    {"a;b\n1,5;2\n", "2:a=1,5,b=2;"},
    {"a\tb\n1,5\t2;3\n", "2:a=1,5,b=2;3;"},
    {"\"a,x;y;z\",b\n1,2\n", "2:a,x;y;z=1,b=2;"},
    {"\xEF\xBB\xBF"
     "a,b\n1,2\n",
     "2:a=1,b=2;"},
    {"a,b\n\"1\n\n1\",2\n3,4\n", "2:a=1\n\n1,b=2;5:a=3,b=4;"},
    {"a,b\n\"1\r\n1\",2\n3,4\n", "2:a=1\r\n1,b=2;4:a=3,b=4;"},
    {"a,b\n\"say \"\"oui\"\"\",5\" nail\n", "2:a=say \"oui\",b=5\" nail;"},
    {"a,b\n1\n2,3\n4,5,6\n7,8,\n", "2!;3:a=2,b=3;4!;5:a=7,b=8;"},
    {"a,b\n1,\xE9t\xE9\n2,\xC3\xA9\n", "2!;3:a=2,b=\xC3\xA9;"},
    {"a,b\n1,2\n\"3,4\n5,6\n", "2:a=1,b=2;3!;"},
    {"a,,c\n1,2,3\n", "2:a=1,column_2=2,c=3;"},
    {"a,a\n1,2\n", "refused"},
    {"", "refused"},
    {"\n\n", "refused"},
    {"\xFF\xFE"
     "a",
     "refused"},
    {"a\n", ""},
    {"a,b\n,\n", "2:a=,b=;"},
};

static void reads_csv_as_shops_write_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof csv_cases / sizeof *csv_cases; i++)
        expect(slice_of(csv_cases[i].text), FEED_AUTO, csv_cases[i].wanted);
}

static const struct {
    const char *text, *wanted;
} ndjson_cases[] = {
    {"{\"a\":\"1\"}\n{\"a\":2}\n", "1:a=1;2:a=2;"},
    {"\n  {\"a\":\"1\"}\r\n\r\n{\"a\":2}", "2:a=1;4:a=2;"},
    {"{\"a\":\"1\"}\n{\"a\":\n[1]\n{\"a\":3}\n", "1:a=1;2!;3!;4:a=3;"},
    {"{\"a\":\"\xE9\"}\n{\"a\":3}\n", "1!;2:a=3;"},
};

static void reads_one_json_object_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ndjson_cases / sizeof *ndjson_cases; i++)
        expect(slice_of(ndjson_cases[i].text), FEED_AUTO, ndjson_cases[i].wanted);
}

static void refuses_a_record_over_its_limit_and_reads_on(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 4 << 20);
    buf_add_text(&text, "a,b\n1,");
    for (int i = 0; i < FEED_RECORD_BYTES_MAX; i++)
        buf_add_byte(&text, 'x');
    buf_add_text(&text, "\n2,3\n");
    expect(buf_slice(&text), FEED_CSV, "2!;3:a=2,b=3;");
    buf_clear(&text);
    buf_add_text(&text, "{\"a\":\"");
    for (int i = 0; i < FEED_RECORD_BYTES_MAX; i++)
        buf_add_byte(&text, 'x');
    buf_add_text(&text, "\"}\n{\"a\":1}\n");
    expect(buf_slice(&text), FEED_NDJSON, "1!;2:a=1;");
    buf_done(&text);
}

static void a_record_without_an_end_ends_the_feed(void **state)
{
    (void)state;
    static const struct {
        const char *front;
        char byte;
        enum feed_format format;
        const char *wanted;
    } cases[] = {{"a,b\n1,", 'x', FEED_CSV, "2!;"},
                 {"a,b\n1,", '\0', FEED_AUTO, "2!;"},
                 {"{\"a\":\"", 'x', FEED_NDJSON, "1!;"}};
    size_t size = FEED_RECORD_BYTES_MAX + FEED_SKIP_BYTES_MAX + 100000;
    char *text = must_alloc(size);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(text, cases[i].byte, size);
        memcpy(text, cases[i].front, strlen(cases[i].front));
        memcpy(text + size - 5, "\n2,3\n", 5); /* never come to */
        expect(slice_make(text, size), cases[i].format, cases[i].wanted);
    }
    free(text);
}

static void reads_across_block_ends(void **state)
{
    (void)state;
    struct buf text, wanted;
    buf_init(&text, 4 << 20);
    buf_init(&wanted, 4 << 20);
    buf_add_text(&text, "a,b\r\n");
    for (unsigned i = 0; i < 20000; i++) {
        buf_format(&text, "\"%u \xC3\xA9\",%u\r\n", i, i * 7);
        buf_format(&wanted, "%u:a=%u \xC3\xA9,b=%u;", i + 2, i, i * 7);
    }
    struct buf out;
    buf_init(&out, 4 << 20);
    read_all(buf_slice(&text), FEED_AUTO, &out);
    assert_true(slice_equal(buf_slice(&out), buf_slice(&wanted)));
    buf_done(&out);
    buf_done(&text);
    buf_done(&wanted);
}

static void maps_columns_to_fields(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    int fd = file_of(SLICE("StockCode,Description\n85123A,LANTERN\n,\n"));
    struct feed *feed;
    struct diag diag = {0};
    assert_int_equal(feed_open(fd, FEED_AUTO, &feed, &diag), STATUS_OK);
    assert_true(slice_is(feed_columns(feed), "StockCode,Description"));
    const char *arguments[] = {"item=StockCode", "brand=?Brand"};
    struct feed_map *map;
    assert_int_equal(feed_map_parse(arguments, 2, &arena, &map, &diag), STATUS_OK);
    assert_int_equal(feed_map_check(feed, map, 2, &diag), STATUS_OK);
    const struct json *record;
    unsigned line;
    assert_int_equal(feed_next(feed, &arena, &record, &line, &diag), STATUS_OK);
    assert_true(slice_is(json_text(feed_field(map, 2, record, "item")), "85123A"));
    assert_true(slice_is(json_text(feed_field(map, 2, record, "Description")), "LANTERN"));
    assert_null(feed_field(map, 2, record, "brand"));
    assert_int_equal(feed_next(feed, &arena, &record, &line, &diag), STATUS_OK);
    assert_null(feed_field(map, 2, record, "item"));
    const char *missing[] = {"item=Stock"};
    assert_int_equal(feed_map_parse(missing, 1, &arena, &map, &diag), STATUS_OK);
    assert_int_equal(feed_map_check(feed, map, 1, &diag), STATUS_INVALID);
    assert_non_null(strstr(diag.sentence, "StockCode,Description"));
    feed_close(feed);
    close(fd);
    arena_done(&arena);
}

static void refuses_a_map_it_cannot_read(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"item", NULL}, {"=x", NULL}, {"item=", NULL}, {"item=?", NULL}, {"a=x", "a=y"}};
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct feed_map *map;
        struct diag diag = {0};
        size_t count = bad[i][1] ? 2 : 1;
        assert_int_equal(feed_map_parse(bad[i], count, &arena, &map, &diag), STATUS_INVALID);
        assert_true(diag.sentence[0] != 0);
    }
    arena_done(&arena);
}

/* --- a row without end ------------------------------------------------------------------------ */

struct flood {
    int fd;
    const char *front, *filling, *back;
};

/* The reader may have gone. */
static void put_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote <= 0)
            return;
        bytes += wrote;
        size -= (size_t)wrote;
    }
}

static void *pour(void *context)
{
    const struct flood *flood = context;
    static char block[1 << 16];
    size_t size = strlen(flood->filling);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = flood->filling[i % size];
    put_all(flood->fd, flood->front, strlen(flood->front));
    for (int i = 0; i < 256; i++) /* 16 MiB */
        put_all(flood->fd, block, sizeof block);
    put_all(flood->fd, flood->back, strlen(flood->back));
    close(flood->fd);
    return NULL;
}

static long peak_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* What would not fit in memory costs a sentence: 16 MiB stand for any size, since a feed keeps none
 * of what is over its limit of one. */
static void a_row_without_end_is_refused_in_bounded_memory(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    static const struct {
        const char *front, *filling, *back;
        bool goes_on;
    } cases[] = {
        {"id,title\n1,", "x", "\n2,Lampe\n", true},
        {"id,title\n1,\"", "x\n", "\"\n", false},
        {"id\ttitle\n1\t", "\t", "\n2\tLampe\n", true},
        {"{\"id\":\"1\",\"title\":\"", "x", "\"}\n{\"id\":\"2\"}\n", true},
        {"<rss><item><id>", "x", "</id></item><item><id>2</id></item></rss>", true},
        {"<rss><item>", "<a>", "</item></rss>", false},
        {"<rss><item>", "<a/>", "</item><item><id>2</id></item></rss>", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        struct flood flood = {ends[1], cases[i].front, cases[i].filling, cases[i].back};
        pthread_t thread;
        struct feed *feed;
        struct diag diag = {0};
        struct arena arena;
        const struct json *record;
        unsigned line, bad = 0, good = 0;
        arena_init(&arena);
        long before = peak_kib();
        assert_int_equal(pthread_create(&thread, NULL, pour, &flood), 0);
        assert_int_equal(feed_open(ends[0], FEED_AUTO, &feed, &diag), STATUS_OK);
        enum status status = STATUS_OK;
        while ((status = feed_next(feed, &arena, &record, &line, &diag)) != STATUS_NOT_FOUND) {
            bad += status == STATUS_INVALID && diag.sentence[0] != 0;
            good += status == STATUS_OK;
            arena_reset(&arena);
            if (feed_broken(feed))
                break;
        }
        assert_true(bad > 0);
        assert_int_equal(good > 0, cases[i].goes_on);
        assert_true(peak_kib() - before < 12 * 1024);
        feed_close(feed);
        close(ends[0]);
        (void)pthread_join(thread, NULL);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_csv_as_shops_write_it),
        cmocka_unit_test(reads_one_json_object_a_line),
        cmocka_unit_test(refuses_a_record_over_its_limit_and_reads_on),
        cmocka_unit_test(a_record_without_an_end_ends_the_feed),
        cmocka_unit_test(reads_across_block_ends),
        cmocka_unit_test(maps_columns_to_fields),
        cmocka_unit_test(refuses_a_map_it_cannot_read),
        cmocka_unit_test(a_row_without_end_is_refused_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
