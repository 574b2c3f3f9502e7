#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/shared_map.h"

enum { KEYS = 3000 };

struct thing {
    struct shared_entry entry; /* first */
    unsigned number;
    char key[16];
};

static size_t alive;

static void thing_done(struct shared_entry *entry)
{
    alive--;
    free(entry);
}

static struct shared_entry *thing_new(unsigned key, unsigned number)
{
    struct thing *thing = must_alloc_zero(1, sizeof *thing);
    int size = snprintf(thing->key, sizeof thing->key, "k%u", key);
    thing->number = number;
    shared_entry_init(&thing->entry, slice_make(thing->key, (size_t)size), thing_done);
    alive++;
    return &thing->entry;
}

static void expect(const struct shared_map *map, const unsigned *numbers)
{
    size_t count = 0;
    for (unsigned key = 0; key < KEYS; key++) {
        char text[16];
        (void)snprintf(text, sizeof text, "k%u", key);
        const struct shared_entry *found = shared_map_find(map, slice_of(text));
        assert_int_equal(found ? ((const struct thing *)found)->number : 0, numbers[key]);
        count += numbers[key] != 0;
    }
    assert_int_equal(shared_map_count(map), count);
    for (size_t i = 1; i < count; i++)
        assert_true(shared_map_at(map, i - 1)->hash <= shared_map_at(map, i)->hash);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(shared_map_find(map, shared_map_at(map, i)->key), shared_map_at(map, i));
}

static void holds_what_was_put_last_whatever_the_bursts(void **state)
{
    (void)state;
    struct random_stream random = random_stream(7);
    static unsigned numbers[KEYS], before[KEYS];
    struct shared_map *map = shared_map_new(), *kept = NULL;
    for (unsigned round = 1; round <= 200; round++) {
        struct shared_change changes[100];
        struct shared_entry *ours[100];
        static char keys[100][16];
        size_t count = (size_t)random_below(&random, 101);
        for (size_t i = 0; i < count; i++) {
            unsigned key = (unsigned)random_below(&random, KEYS);
            bool removes = random_below(&random, 5) == 0;
            numbers[key] = removes ? 0 : round * 1000 + (unsigned)i;
            ours[i] = removes ? NULL : thing_new(key, numbers[key]);
            (void)snprintf(keys[i], sizeof keys[i], "k%u", key);
            changes[i] = (struct shared_change){slice_of(keys[i]), ours[i]};
        }
        struct shared_map *next = shared_map_with(map, changes, count);
        for (size_t i = 0; i < count; i++)
            if (ours[i])
                shared_entry_unref(ours[i]);
        shared_map_unref(map);
        map = next;
        if (round % 20 == 0)
            expect(map, numbers);
        if (round == 100) {
            kept = map;
            shared_map_ref(kept);
            memcpy(before, numbers, sizeof before);
        }
    }
    expect(kept, before); /* a map that somebody holds stays as it was */
    shared_map_unref(kept);
    assert_int_equal(alive, shared_map_count(map));
    shared_map_unref(map);
    assert_int_equal(alive, 0);
}

static void a_small_change_shares_the_rest(void **state)
{
    (void)state;
    struct shared_change changes[KEYS];
    for (unsigned i = 0; i < KEYS; i++) {
        struct shared_entry *entry = thing_new(i, i + 1);
        changes[i] = (struct shared_change){entry->key, entry};
    }
    struct shared_map *empty = shared_map_new(), *full = shared_map_with(empty, changes, KEYS);
    for (unsigned i = 0; i < KEYS; i++)
        shared_entry_unref(changes[i].entry);
    struct shared_change gone = {SLICE("k5"), NULL};
    struct shared_map *less = shared_map_with(full, &gone, 1);
    assert_int_equal(shared_map_count(less), KEYS - 1);
    assert_null(shared_map_find(less, SLICE("k5")));
    assert_non_null(shared_map_find(full, SLICE("k5")));
    assert_ptr_equal(shared_map_find(less, SLICE("k6")), shared_map_find(full, SLICE("k6")));
    shared_map_unref(empty);
    shared_map_unref(full);
    shared_map_unref(less);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_put_last_whatever_the_bursts),
        cmocka_unit_test(a_small_change_shares_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
