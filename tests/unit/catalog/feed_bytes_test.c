/* Feeds that come gzipped: whole, in members, cut, as bombs. */
#include "test.h"

#include "base/gunzip.h"
#include "catalog/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

static void gzip(struct slice text, struct buf *out)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, text.size);
    stream.next_in = (unsigned char *)(uintptr_t)text.data;
    stream.avail_in = (unsigned)text.size;
    stream.next_out = (unsigned char *)buf_reserve(out, room);
    stream.avail_out = (unsigned)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_added(out, stream.total_out);
    deflateEnd(&stream);
}

/* Good records, refused ones, and the sentence of what broke the file ("" for nothing). */
static void read_feed(struct slice bytes, unsigned *out_good, unsigned *out_bad,
                      struct diag *out_diag)
{
    int fd = memfd_create("feed", 0);
    struct feed *feed;
    struct arena arena;
    const struct json *record;
    unsigned line;
    *out_good = *out_bad = 0;
    *out_diag = (struct diag){0};
    assert_int_equal(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    if (feed_open(fd, FEED_AUTO, &feed, out_diag) != STATUS_OK) {
        close(fd);
        return;
    }
    arena_init(&arena);
    for (;;) {
        struct diag diag;
        enum status status = feed_next(feed, &arena, &record, &line, &diag);
        if (status == STATUS_NOT_FOUND)
            break;
        if (feed_broken(feed))
            *out_diag = diag;
        *(status == STATUS_OK ? out_good : out_bad) += 1;
        arena_reset(&arena);
    }
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static void reads_gzip_of_one_and_of_several_members(void **state)
{
    (void)state;
    struct buf packed;
    unsigned good, bad;
    struct diag diag;
    buf_init(&packed, 1 << 20);
    gzip(SLICE("id,title\n1,Robe\n2,Ju"), &packed);
    gzip(SLICE("pe\n3,Cape\n"), &packed);
    read_feed(buf_slice(&packed), &good, &bad, &diag);
    assert_int_equal(good, 3);
    assert_int_equal(bad, 0);
    assert_string_equal(diag.sentence, "");
    buf_clear(&packed);
    gzip(SLICE("<rss><item><id>1</id></item></rss>"), &packed);
    read_feed(buf_slice(&packed), &good, &bad, &diag);
    assert_int_equal(good, 1);
    buf_done(&packed);
}

static void says_so_when_gzip_ends_in_its_middle_or_is_damaged(void **state)
{
    (void)state;
    struct buf packed;
    unsigned good, bad;
    struct diag diag;
    buf_init(&packed, 1 << 20);
    gzip(SLICE("id,title\n1,Robe\n2,Jupe\n3,Cape, longue et bleue\n"), &packed);
    for (size_t size = 3; size < packed.size; size++) {
        read_feed(slice_first(buf_slice(&packed), size), &good, &bad, &diag);
        assert_non_null(strstr(diag.sentence, "ends in its middle"));
    }
    packed.data[packed.size - 6] ^= 1; /* the checksum */
    read_feed(buf_slice(&packed), &good, &bad, &diag);
    assert_non_null(strstr(diag.sentence, "damaged"));
    read_feed(SLICE("PK\x03\x04 and so on"), &good, &bad, &diag);
    assert_non_null(strstr(diag.sentence, "ZIP"));
    buf_done(&packed);
}

/* 192 MiB of one row after another, and one row of as many bytes: both stop early. */
static void a_bomb_ends_at_its_ratio(void **state)
{
    (void)state;
    enum { BOMB_BYTES = 192 << 20 };
    struct buf packed;
    unsigned good, bad;
    struct diag diag;
    char *text = must_alloc(BOMB_BYTES);
    buf_init(&packed, 2 * (size_t)BOMB_BYTES); /* zlib asks for as much */
    memset(text, 'x', BOMB_BYTES);
    memcpy(text, "a\n", 2);
    gzip(slice_make(text, BOMB_BYTES), &packed);
    read_feed(buf_slice(&packed), &good, &bad, &diag);
    assert_non_null(strstr(diag.sentence, "times its size"));
    for (size_t i = 2; i + 3 < BOMB_BYTES; i += 3)
        memcpy(text + i, "11\n", 3);
    buf_clear(&packed);
    gzip(slice_make(text, BOMB_BYTES), &packed);
    read_feed(buf_slice(&packed), &good, &bad, &diag);
    assert_non_null(strstr(diag.sentence, "times its size"));
    assert_true(good < GZIP_RATIO_FREE / 2);
    free(text);
    buf_done(&packed);
}

static void says_which_byte_is_a_nul_or_no_utf8(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        unsigned column;
        const char *sentence;
    } cases[] = {
        {SLICE_INIT("id,title\n1,Ro\0be\n"), 5, "NUL"},
        {SLICE_INIT("id,title\n1,\xC3\xA9t\xE9\n"), 6, "UTF-8"},
        {SLICE_INIT("id,title\n\xE9,x\n"), 1, "UTF-8"},
        {SLICE_INIT("{\"id\":1}\n{\"id\":\"\xC3\xA9\xC3\"}\n"), 10, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = memfd_create("feed", 0);
        struct feed *feed;
        struct arena arena;
        struct diag diag = {0};
        const struct json *record;
        unsigned line;
        enum status status;
        arena_init(&arena);
        assert_int_equal(write(fd, cases[i].text.data, cases[i].text.size),
                         (ssize_t)cases[i].text.size);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(feed_open(fd, FEED_AUTO, &feed, &diag), STATUS_OK);
        while ((status = feed_next(feed, &arena, &record, &line, &diag)) == STATUS_OK)
            ;
        assert_int_equal(status, STATUS_INVALID);
        assert_int_equal(diag.line, 2);
        assert_int_equal(diag.column, cases[i].column);
        assert_non_null(strstr(diag.sentence, cases[i].sentence));
        feed_close(feed);
        close(fd);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_gzip_of_one_and_of_several_members),
        cmocka_unit_test(says_so_when_gzip_ends_in_its_middle_or_is_damaged),
        cmocka_unit_test(a_bomb_ends_at_its_ratio),
        cmocka_unit_test(says_which_byte_is_a_nul_or_no_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
