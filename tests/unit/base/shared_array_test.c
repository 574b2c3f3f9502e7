#include "test.h"

#include "base/arena.h"
#include "base/random.h"
#include "base/shared_array.h"

#include <stdlib.h>

struct thing {
    struct shared_entry entry;
    unsigned value;
};

static int alive;

static void thing_done(struct shared_entry *entry)
{
    alive--;
    free(entry);
}

static struct thing *thing_new(unsigned value)
{
    struct thing *thing = must_alloc_zero(1, sizeof *thing);
    thing->value = value;
    shared_entry_init(&thing->entry, SLICE("key"), thing_done);
    alive++;
    return thing;
}

static unsigned value_at(const struct shared_array *array, size_t index)
{
    const struct thing *thing = (const struct thing *)shared_array_at(array, index);
    return thing ? thing->value : 0;
}

static struct shared_array *with_one(const struct shared_array *array, size_t index, unsigned value)
{
    struct thing *thing = value ? thing_new(value) : NULL;
    struct shared_placing placing = {index, thing ? &thing->entry : NULL};
    struct shared_array *fresh = shared_array_with(array, &placing, 1);
    if (thing)
        shared_entry_unref(&thing->entry);
    return fresh;
}

static void an_empty_array_has_nothing_anywhere(void **state)
{
    (void)state;
    struct shared_array *array = shared_array_new();
    assert_null(shared_array_at(array, 0));
    assert_null(shared_array_at(array, 1000000));
    shared_array_unref(array);
}

static void a_new_array_leaves_the_old_one_as_it_was(void **state)
{
    (void)state;
    struct shared_array *none = shared_array_new();
    struct shared_array *one = with_one(none, 5, 50);
    struct shared_array *two = with_one(one, 5, 51);
    struct shared_array *three = with_one(two, 5, 0);
    assert_int_equal(value_at(none, 5), 0);
    assert_int_equal(value_at(one, 5), 50);
    assert_int_equal(value_at(two, 5), 51);
    assert_int_equal(value_at(three, 5), 0);
    shared_array_unref(one);
    assert_int_equal(alive, 1);
    shared_array_unref(none);
    shared_array_unref(two);
    shared_array_unref(three);
    assert_int_equal(alive, 0);
}

static void of_several_placings_in_one_place_the_last_counts(void **state)
{
    (void)state;
    struct thing *a = thing_new(1), *b = thing_new(2);
    struct shared_placing placings[] = {{3, &a->entry}, {300, &a->entry}, {3, &b->entry}};
    struct shared_array *none = shared_array_new();
    struct shared_array *array = shared_array_with(none, placings, 3);
    shared_entry_unref(&a->entry);
    shared_entry_unref(&b->entry);
    assert_int_equal(value_at(array, 3), 2);
    assert_int_equal(value_at(array, 300), 1);
    shared_array_unref(none);
    shared_array_unref(array);
    assert_int_equal(alive, 0);
}

static void it_holds_what_a_plain_array_would(void **state)
{
    (void)state;
    enum { ROOM = 3000 };
    static unsigned plain[ROOM];
    struct random_stream stream = random_stream(3);
    struct shared_array *array = shared_array_new();
    for (int step = 0; step < 400; step++) {
        size_t index = random_below(&stream, ROOM);
        unsigned value = (unsigned)random_below(&stream, 5);
        struct shared_array *fresh = with_one(array, index, value);
        shared_array_unref(array);
        array = fresh;
        plain[index] = value;
    }
    for (size_t i = 0; i < ROOM; i++)
        assert_int_equal(value_at(array, i), plain[i]);
    shared_array_unref(array);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_array_has_nothing_anywhere),
        cmocka_unit_test(a_new_array_leaves_the_old_one_as_it_was),
        cmocka_unit_test(of_several_placings_in_one_place_the_last_counts),
        cmocka_unit_test(it_holds_what_a_plain_array_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
