/* Slices, buffers, arenas, the JSON writer, YAML, and the doors to hashes and seals. */
#include "test.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/seal.h"
#include "base/yaml.h"

#include <stdio.h>

static void slices_are_cut_trimmed_and_compared(void **state)
{
    (void)state;
    struct slice head, rest;
    assert_true(slice_cut(SLICE("a=b=c"), '=', &head, &rest));
    assert_true(slice_is(head, "a") && slice_is(rest, "b=c"));
    assert_false(slice_cut(SLICE("abc"), '=', &head, &rest));
    assert_true(slice_is(slice_trim(SLICE(" \t x y\r\n")), "x y"));
    assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
    assert_true(slice_compare(SLICE("b"), SLICE("ab")) > 0);
    assert_true(slice_equal_ignoring_case(SLICE("Content-TYPE"), SLICE("content-type")));
    assert_true(slice_ends_with(SLICE("a.yaml"), SLICE(".yaml")));
    assert_int_equal(slice_from(SLICE("ab"), 5).size, 0);
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } numbers[] = {{"0", true, 0},
                   {"-9223372036854775808", true, INT64_MIN},
                   {"9223372036854775807", true, INT64_MAX},
                   {"9223372036854775808", false, 0},
                   {"", false, 0},
                   {"-", false, 0},
                   {"1x", false, 0},
                   {"+1", false, 0}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t value = 0;
        assert_int_equal(slice_to_int64(slice_of(numbers[i].text), &value), numbers[i].good);
        assert_true(value == numbers[i].value);
    }
}

static void slices_are_equal_when_each_byte_is(void **state)
{
    (void)state;
    char left[40], right[40]; /* one byte off from each other, so that both alignments are met */
    for (size_t size = 0; size <= 33; size++) {
        memset(left, 'x', sizeof left);
        memset(right, 'x', sizeof right);
        struct slice a = slice_make(left, size), b = slice_make(right + 1, size);
        assert_true(slice_equal(a, b));
        assert_false(slice_equal(a, slice_make(right + 1, size + 1)));
        for (size_t i = 0; i < size; i++) {
            right[1 + i] = 'y';
            assert_false(slice_equal(a, b));
            right[1 + i] = 'x';
        }
    }
}

static void a_buffer_keeps_its_maximum_and_says_so(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_add_text(&buf, "12345678");
    buf_add_text(&buf, "abc");
    assert_true(buf.overflowed);
    assert_int_equal(buf.size, 8);
    buf_clear(&buf);
    buf_format(&buf, "%d", 123456789);
    assert_true(slice_is(buf_slice(&buf), "123456789"));
    buf_done(&buf);
}

static void an_arena_gives_zeroed_aligned_memory_and_starts_again(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 100000; size = size * 3 + 1) {
            char *memory = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)memory % sizeof(max_align_t) % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 0xff, size);
        }
        arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
    }
    assert_true(slice_is(arena_format(&arena, "%s-%d", "a", 7), "a-7"));
    arena_done(&arena);
}

static void the_writer_puts_commas_and_escapes(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4096);
    struct json_out out = json_out(&buf);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "t", SLICE("\"\\\n\x01\x7f\xff\xc3\xa9\xed\xa0\x80"));
    json_name(&out, "l");
    json_array(&out);
    json_int(&out, -5);
    json_number(&out, 0.1);
    json_number(&out, 1e300);
    json_number(&out, 1.0 / 0.0);
    json_bool(&out, true);
    json_end(&out);
    json_end(&out);
    assert_true(slice_is(buf_slice(&buf), "{\"t\":\"\\\"\\\\\\n\\u0001\\u007f\xef\xbf\xbd\xc3\xa9"
                                          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
                                          "\"l\":[-5,0.1,1e+300,null,true]}"));
    buf_done(&buf);
}

/* What json_string writes of a text, without the quotation marks. */
static struct slice escaped(struct buf *buf, struct slice text)
{
    struct json_out out = json_out(buf);
    buf_clear(buf);
    json_string(&out, text);
    assert_true(buf->size >= 2 && buf->data[0] == '"' && buf->data[buf->size - 1] == '"');
    return slice_make(buf->data + 1, buf->size - 2);
}

static void a_byte_is_escaped_alike_wherever_it_stands(void **state)
{
    (void)state;
    struct buf alone, among;
    buf_init(&alone, 64);
    buf_init(&among, 256);
    for (unsigned byte = 0; byte < 256; byte++) {
        char one = (char)byte, text[19];
        struct slice expected = escaped(&alone, slice_make(&one, 1));
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'a', sizeof text);
            text[at] = one;
            struct slice found = escaped(&among, slice_make(text, sizeof text));
            assert_int_equal(found.size, sizeof text - 1 + expected.size);
            assert_true(slice_equal(slice_first(slice_from(found, at), expected.size), expected));
        }
    }
    buf_done(&alone);
    buf_done(&among);
}

static void whole_numbers_are_written_from_end_to_end(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-10, "-10"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf buf;
        buf_init(&buf, 64);
        struct json_out out = json_out(&buf);
        json_int(&out, cases[i].value);
        assert_true(slice_is(buf_slice(&buf), cases[i].text));
        buf_done(&buf);
    }
}

static void hashes_are_the_published_ones(void **state)
{
    (void)state;
    uint8_t hash[32];
    char hex[65];
    hash_sha256(SLICE("abc"), hash);
    hash_to_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* RFC 4231, test case 2; then its case 6: a key over a block is hashed first */
    hash_hmac_sha256(SLICE("Jefe"), SLICE("what do ya want for nothing?"), hash);
    hash_to_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    uint8_t key_hash[32], other[32];
    memset(key, 0xaa, sizeof key);
    struct slice text = SLICE("Test Using Larger Than Block-Size Key - Hash Key First");
    hash_hmac_sha256(slice_make(key, sizeof key), text, hash);
    hash_to_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    hash_sha256(slice_make(key, sizeof key), key_hash);
    hash_hmac_sha256(slice_make(key_hash, sizeof key_hash), text, other);
    assert_true(hash_equal_constant_time(hash, other, sizeof hash));
}

static void what_is_sealed_opens_only_under_its_key(void **state)
{
    (void)state;
    struct arena arena;
    struct buf sealed;
    struct slice plain;
    uint8_t key[32] = {1}, other[32] = {2};
    arena_init(&arena);
    buf_init(&sealed, 1024);
    seal(key, SLICE("a secret"), &sealed);
    assert_true(seal_open(key, buf_slice(&sealed), &arena, &plain));
    assert_true(slice_is(plain, "a secret"));
    assert_false(seal_open(other, buf_slice(&sealed), &arena, &plain));
    sealed.data[sealed.size - 1] ^= 1;
    assert_false(seal_open(key, buf_slice(&sealed), &arena, &plain));
    assert_false(seal_open(key, SLICE("short"), &arena, &plain));
    assert_true(base64_decode(&arena, SLICE("V0s6"), &plain) && slice_is(plain, "WK:"));
    assert_false(base64_decode(&arena, SLICE("V0s6!"), &plain));
    buf_done(&sealed);
    arena_done(&arena);
}

static void yaml_gives_the_tree_of_json(void **state)
{
    (void)state;
    struct arena arena;
    const struct json *root;
    struct buf text;
    arena_init(&arena);
    buf_init(&text, 4096);
    struct slice yaml = SLICE("a: 1\nb: [true, ~, 1.50, '2', x y]\n"
                              "c:\n  - d: \"e\\n\"\n    f: -3\n");
    assert_int_equal(yaml_parse(&arena, yaml, &root, NULL), STATUS_OK);
    struct json_out out = json_out(&text);
    json_value(&out, root);
    assert_true(slice_is(buf_slice(&text), "{\"a\":1,\"b\":[true,null,1.50,\"2\",\"x y\"],"
                                           "\"c\":[{\"d\":\"e\\n\",\"f\":-3}]}") ||
                (print_message("%.*s\n", SLICE_ARG(buf_slice(&text))), false));
    buf_done(&text);
    arena_done(&arena);
}

static void yaml_that_cannot_be_read_is_told_with_its_place(void **state)
{
    (void)state;
    static const char *const cases[] = {"a: [1, 2", "a: &x 1\nb: *x", "a: {b: \"}", "\xff",
                                        "? [a]\n: b"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        const struct json *root;
        struct diag diag = {0};
        arena_init(&arena);
        assert_int_equal(yaml_parse(&arena, slice_of(cases[i]), &root, &diag), STATUS_INVALID);
        assert_true(diag.sentence[0]);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_cut_trimmed_and_compared),
        cmocka_unit_test(slices_are_equal_when_each_byte_is),
        cmocka_unit_test(a_buffer_keeps_its_maximum_and_says_so),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_and_starts_again),
        cmocka_unit_test(the_writer_puts_commas_and_escapes),
        cmocka_unit_test(a_byte_is_escaped_alike_wherever_it_stands),
        cmocka_unit_test(whole_numbers_are_written_from_end_to_end),
        cmocka_unit_test(hashes_are_the_published_ones),
        cmocka_unit_test(what_is_sealed_opens_only_under_its_key),
        cmocka_unit_test(yaml_gives_the_tree_of_json),
        cmocka_unit_test(yaml_that_cannot_be_read_is_told_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
