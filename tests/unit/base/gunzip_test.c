/* gzip bodies: good ones, broken ones, bombs. */
#include "unit/test.h"

#include "base/gunzip.h"
#include "base/limits.h"

#include <stdlib.h>
#include <zlib.h>

static struct slice gzip_of(const char *data, size_t size, unsigned char *out, size_t room)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)data;
    stream.avail_in = (unsigned)size;
    stream.next_out = out;
    stream.avail_out = (unsigned)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t got = stream.total_out;
    deflateEnd(&stream);
    return slice_make(out, got);
}

static void unpacks_up_to_the_limit_and_no_byte_more(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        enum status status;
    } tried[] = {{0, STATUS_OK},
                 {1, STATUS_OK},
                 {16384, STATUS_OK},
                 {HTTP_BODY_BYTES_MAX - 1, STATUS_OK},
                 {HTTP_BODY_BYTES_MAX, STATUS_OK},
                 {HTTP_BODY_BYTES_MAX + 1, STATUS_TOO_LARGE},
                 {64 << 20, STATUS_TOO_LARGE}};
    static unsigned char packed[1 << 17];
    char *zeros = calloc(64 << 20, 1);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct buf out;
        buf_init(&out, HTTP_BODY_BYTES_MAX);
        struct slice body = gzip_of(zeros, tried[i].size, packed, sizeof packed);
        assert_int_equal(gunzip(body, &out), tried[i].status);
        assert_true(out.room <= HTTP_BODY_BYTES_MAX);
        if (tried[i].status == STATUS_OK)
            assert_int_equal(out.size, tried[i].size);
        buf_done(&out);
    }
    free(zeros);
}

static void refuses_what_is_not_one_whole_member(void **state)
{
    (void)state;
    unsigned char packed[256];
    struct slice body = gzip_of("hello, hello, hello", 19, packed, 128);
    struct buf out;
    buf_init(&out, 1024);
    for (size_t size = 0; size < body.size; size++) {
        buf_clear(&out);
        assert_int_equal(gunzip(slice_first(body, size), &out), STATUS_INVALID);
    }
    packed[body.size] = 'x';
    buf_clear(&out);
    assert_int_equal(gunzip(slice_make(packed, body.size + 1), &out), STATUS_INVALID);
    packed[body.size - 5] ^= 1; /* the checksum */
    buf_clear(&out);
    assert_int_equal(gunzip(body, &out), STATUS_INVALID);
    buf_clear(&out);
    assert_int_equal(gunzip(SLICE("hello"), &out), STATUS_INVALID);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_up_to_the_limit_and_no_byte_more),
        cmocka_unit_test(refuses_what_is_not_one_whole_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
