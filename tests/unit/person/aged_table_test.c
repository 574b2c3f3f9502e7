/* What a cache over its limit forgets, and what it keeps. */
#include "unit/test.h"

#include "base/arena.h"
#include "person/aged_table.h"

#include <stdlib.h>

static unsigned freed;

static void count_freed(uintptr_t value)
{
    freed++;
    free((void *)value);
}

static struct table_key key_of(uint32_t number)
{
    const uint8_t bytes[16] = {0};
    return table_key(1, number, bytes);
}

static void put_range(struct aged_table *table, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct table_key key = key_of(i);
        uint32_t *value = must_alloc(sizeof *value);
        *value = i;
        aged_table_put(table, &key, (uintptr_t)value);
    }
}

static bool holds(struct aged_table *table, uint32_t number)
{
    struct table_key key = key_of(number);
    const uint32_t *value = (const uint32_t *)aged_table_get(table, &key);
    return value && *value == number;
}

static void keeps_all_below_its_limit(void **state)
{
    struct aged_table table;
    (void)state;
    freed = 0;
    aged_table_init(&table, count_freed);
    put_range(&table, 0, 50);
    for (unsigned turns = 0; turns < 5; turns++)
        aged_table_turn(&table, 100);
    for (uint32_t i = 0; i < 50; i++)
        assert_true(holds(&table, i));
    assert_int_equal(freed, 0);
    aged_table_done(&table);
    assert_int_equal(freed, 50);
}

static void forgets_what_nobody_asked_for_between_two_turns(void **state)
{
    struct aged_table table;
    (void)state;
    freed = 0;
    aged_table_init(&table, count_freed);
    put_range(&table, 0, 60);
    aged_table_turn(&table, 100); /* all are old, none is gone */
    assert_int_equal(freed, 0);
    for (uint32_t i = 0; i < 10; i++)
        assert_true(holds(&table, i)); /* young again */
    put_range(&table, 60, 110);
    aged_table_turn(&table, 100);
    for (uint32_t i = 0; i < 110; i++)
        assert_int_equal(holds(&table, i), i < 10 || i >= 60);
    aged_table_done(&table);
    assert_int_equal(freed, 110);
}

static void frees_a_few_at_a_time_and_all_before_the_next_leave(void **state)
{
    enum { COUNT = 4096, TURNS_MAX = 4 * COUNT };
    struct aged_table table;
    unsigned turns = 0, most = 0;
    (void)state;
    freed = 0;
    aged_table_init(&table, count_freed);
    put_range(&table, 0, COUNT);
    aged_table_turn(&table, COUNT); /* old */
    put_range(&table, COUNT, 2 * COUNT);
    aged_table_turn(&table, COUNT); /* leaving */
    for (unsigned before = freed; freed < COUNT && turns < TURNS_MAX; before = freed, turns++) {
        aged_table_turn(&table, 2 * COUNT);
        most = freed - before > most ? freed - before : most;
    }
    assert_int_equal(freed, COUNT);
    assert_true(most <= 16);
    assert_true(turns < COUNT / 2); /* as many more are put before the next leave */
    put_range(&table, 2 * COUNT, 3 * COUNT);
    aged_table_turn(&table, COUNT);
    aged_table_done(&table); /* with the second lot on its way out */
    assert_int_equal(freed, 3 * COUNT);
}

static void frees_what_is_removed_young_or_old(void **state)
{
    struct aged_table table;
    struct table_key old = key_of(1), young = key_of(9), absent = key_of(99);
    (void)state;
    freed = 0;
    aged_table_init(&table, count_freed);
    put_range(&table, 0, 4);
    aged_table_turn(&table, 4);
    put_range(&table, 9, 10);
    aged_table_remove(&table, &old);
    aged_table_remove(&table, &young);
    aged_table_remove(&table, &absent);
    assert_int_equal(freed, 2);
    assert_false(holds(&table, 1));
    assert_true(holds(&table, 2));
    aged_table_clear(&table);
    assert_int_equal(freed, 5);
    assert_false(holds(&table, 2));
    aged_table_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_below_its_limit),
        cmocka_unit_test(forgets_what_nobody_asked_for_between_two_turns),
        cmocka_unit_test(frees_a_few_at_a_time_and_all_before_the_next_leave),
        cmocka_unit_test(frees_what_is_removed_young_or_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
