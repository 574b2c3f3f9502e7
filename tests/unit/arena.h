/* One arena for each test of a file: IN_AN_ARENA(test) in its list. */
#ifndef VISAVIS_TESTS_UNIT_ARENA_H
#define VISAVIS_TESTS_UNIT_ARENA_H

#include "base/arena.h"

static struct arena arena;

static inline int arena_set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static inline int arena_tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

#define IN_AN_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_set_up, arena_tear_down)

#endif
