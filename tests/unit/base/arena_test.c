/* The arena: what is zeroed stays so after a reset, what is not is only room. */
#include "test.h"

#include <stdalign.h>
#include <string.h>

#include "arena.h"

static void zeroes_what_was_used_before(void **state)
{
    (void)state;
    char *room = arena_alloc_unset(&arena, 1000);
    memset(room, 'x', 1000);
    arena_reset(&arena);
    const char *again = arena_alloc(&arena, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(again[i], 0);
}

static void aligns_and_counts_room_alike(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 8, 33, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t before = arena.used_bytes;
        const void *zeroed = arena_alloc(&arena, sizes[i]);
        size_t took = arena.used_bytes - before;
        const void *unset = arena_alloc_unset(&arena, sizes[i]);
        assert_int_equal(arena.used_bytes - before, 2 * took);
        assert_true(took >= sizes[i]);
        assert_int_equal((uintptr_t)zeroed % alignof(max_align_t), 0);
        assert_int_equal((uintptr_t)unset % alignof(max_align_t), 0);
    }
}

static void formats_texts_of_any_length(void **state)
{
    (void)state;
    const int widths[] = {1, 126, 127, 128, 129, 5000};
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct slice text = arena_format(&arena, "%*d", widths[i], 7);
        assert_int_equal(text.size, widths[i]);
        assert_int_equal(text.data[text.size - 1], '7');
        assert_int_equal(text.data[text.size], '\0');
        assert_int_equal(strspn(text.data, " "), text.size - 1);
    }
}

static void copies_with_an_end(void **state)
{
    (void)state;
    memset(arena_alloc_unset(&arena, 64), 'x', 64);
    arena_reset(&arena);
    const char *copy = arena_copy_text(&arena, SLICE("ab"));
    assert_string_equal(copy, "ab");
    assert_string_equal(arena_copy_text(&arena, SLICE_NONE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(zeroes_what_was_used_before),
        IN_AN_ARENA(aligns_and_counts_room_alike),
        IN_AN_ARENA(formats_texts_of_any_length),
        IN_AN_ARENA(copies_with_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
