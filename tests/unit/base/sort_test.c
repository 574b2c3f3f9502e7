/* Sorting and selecting against the C library, on lists of every size and with many ties. */
#include "test.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/sort.h"

struct entry {
    unsigned key, number; /* keys repeat, numbers do not */
};

static bool is_before(const struct entry *left, const struct entry *right)
{
    return left->key != right->key ? left->key < right->key : left->number < right->number;
}

SORT_OF(entries, struct entry, is_before)

static int compare(const void *a, const void *b)
{
    return is_before(a, b) ? -1 : is_before(b, a);
}

enum { COUNT_MAX = 300 };

static void make(struct entry *list, size_t count, unsigned keys, struct random_stream *stream)
{
    for (size_t i = 0; i < count; i++)
        list[i] = (struct entry){(unsigned)random_below(stream, keys), (unsigned)i};
}

static void sorts_as_the_library_does(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(5);
    struct entry list[COUNT_MAX], expected[COUNT_MAX];
    for (size_t count = 0; count <= COUNT_MAX; count++) {
        make(list, count, 1 + (unsigned)(count % 50), &stream);
        memcpy(expected, list, sizeof list);
        qsort(expected, count, sizeof *expected, compare);
        for (unsigned again = 0; again < 2; again++) { /* also what is sorted already */
            entries_sort(list, count);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(list[i].number, expected[i].number);
        }
    }
}

static void selects_the_first_so_many(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(6);
    struct entry list[COUNT_MAX];
    for (size_t count = 0; count <= COUNT_MAX; count += 7) {
        for (size_t wanted = 0; wanted <= count + 1; wanted++) {
            make(list, count, 9, &stream);
            entries_select(list, count, wanted);
            bool seen[COUNT_MAX] = {false};
            for (size_t i = 0; i < count; i++)
                seen[list[i].number] = true;
            for (size_t i = 0; i < count; i++)
                assert_true(seen[i]);
            for (size_t i = 0; i < wanted && i < count; i++)
                for (size_t j = wanted; j < count; j++)
                    assert_true(is_before(&list[i], &list[j]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_as_the_library_does),
        cmocka_unit_test(selects_the_first_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
