#include "test.h"

#include "base/pack.h"
#include "base/random.h"

static void what_is_packed_comes_back(void **state)
{
    (void)state;
    struct buf buf;
    struct random_stream random = random_stream(7);
    buf_init(&buf, 1 << 20);
    for (int round = 0; round < 1000; round++) {
        uint64_t number = random_next(&random) >> (random_next(&random) % 64);
        struct uuid uuid = uuid_new();
        buf_clear(&buf);
        pack_u8(&buf, (uint8_t)number);
        pack_uint(&buf, number);
        pack_int(&buf, (int64_t)number);
        pack_int(&buf, -(int64_t)(number / 2));
        pack_u64(&buf, number);
        pack_double(&buf, (double)number / 3);
        pack_float(&buf, 1.5F);
        pack_text(&buf, SLICE("h\0i"));
        pack_uuid(&buf, uuid);
        struct unpack in = unpack_of(buf_slice(&buf));
        assert_int_equal(unpack_u8(&in), (uint8_t)number);
        assert_true(unpack_uint(&in) == number);
        assert_true(unpack_int(&in) == (int64_t)number);
        assert_true(unpack_int(&in) == -(int64_t)(number / 2));
        assert_true(unpack_u64(&in) == number);
        assert_true(unpack_double(&in) == (double)number / 3);
        assert_true(unpack_float(&in) == 1.5F);
        assert_true(slice_equal(unpack_text(&in), SLICE("h\0i")));
        assert_true(uuid_equal(unpack_uuid(&in), uuid));
        assert_true(unpack_finished(&in));
    }
    buf_done(&buf);
}

static void reading_never_goes_beyond_the_end(void **state)
{
    (void)state;
    static const struct slice cases[] = {
        SLICE_INIT(""), SLICE_INIT("\xff"),
        SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), /* over 64 bits */
        SLICE_INIT("\x05"
                   "abc"), /* a text longer than what follows */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct unpack in = unpack_of(cases[i]);
        assert_int_equal(unpack_text(&in).size, 0);
        assert_true(in.failed);
        assert_int_equal(unpack_u64(&in), 0);
        assert_false(unpack_finished(&in));
    }
    struct unpack in = unpack_of(SLICE("\x04"
                                       "ab"));
    assert_int_equal(unpack_count(&in, 100), 0);
    assert_true(in.failed);
}

static void keys_sort_as_their_numbers(void **state)
{
    (void)state;
    static const int64_t instants[] = {INT64_MIN, -5, -1, 0, 1, 1772360430123, INT64_MAX};
    uint8_t before[8], key[8];
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        key_put_time(key, instants[i]);
        assert_true(key_get_time(key) == instants[i]);
        if (i)
            assert_true(memcmp(before, key, 8) < 0);
        memcpy(before, key, 8);
    }
    key_put_u16(key, 0x1234);
    assert_int_equal(key[0], 0x12);
    assert_int_equal(key[1], 0x34);
}

static void identifiers_are_version_7_and_rise(void **state)
{
    (void)state;
    struct uuid before = uuid_new();
    for (int i = 0; i < 10000; i++) {
        struct uuid next = uuid_new(), back;
        char text[UUID_TEXT_SIZE + 1];
        assert_true(uuid_compare(before, next) < 0);
        assert_int_equal(next.bytes[6] >> 4, 7);
        assert_int_equal(next.bytes[8] >> 6, 2);
        uuid_format(next, text);
        assert_true(uuid_parse(slice_of(text), &back) && uuid_equal(next, back));
        before = next;
    }
    struct uuid none;
    assert_false(uuid_parse(SLICE("01a2005b-4bfb-7000-88a7-0d250a450f0"), &none));
    assert_false(uuid_parse(SLICE("01a2005b-4bfb-7000-88a7-0d250a450fzz"), &none));
    assert_false(uuid_parse(SLICE("01a2005b_4bfb_7000_88a7_0d250a450f00"), &none));
}

/* xoshiro256** from the reference code's state {1, 2, 3, 4}. */
static void the_stream_is_the_published_one(void **state)
{
    (void)state;
    static const uint64_t expected[] = {11520U, 0U, 1509978240U, 1215971899390074240U};
    struct random_stream stream = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(random_next(&stream) == expected[i]);
    struct random_stream a = random_stream(42), b = random_stream(42);
    for (int i = 0; i < 100; i++) {
        assert_true(random_below(&a, 10) < 10);
        double unit = random_unit(&a);
        assert_true(unit >= 0 && unit < 1);
        (void)random_below(&b, 10);
        assert_true(unit == random_unit(&b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(reading_never_goes_beyond_the_end),
        cmocka_unit_test(keys_sort_as_their_numbers),
        cmocka_unit_test(identifiers_are_version_7_and_rise),
        cmocka_unit_test(the_stream_is_the_published_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
