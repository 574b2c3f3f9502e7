/* Threads for calls that take a while: how many run at once, what waits, what is refused. */
#include "test.h"

#include "api/errands.h"

#include <pthread.h>
#include <stdatomic.h>

/* Errands that wait for one another: none ends before `wanted` of them run at once. */
struct gathering {
    pthread_barrier_t together;
    _Atomic unsigned ended;
};

struct gathered {
    struct errand errand; /* first */
    struct gathering *gathering;
};

static void meet(struct errand *errand)
{
    struct gathering *gathering = ((struct gathered *)errand)->gathering;
    pthread_barrier_wait(&gathering->together);
    atomic_fetch_add(&gathering->ended, 1);
}

static void as_many_run_at_once_as_there_are_threads(void **state)
{
    (void)state;
    enum { THREADS = 3, ROUNDS = 5 };
    struct gathering gathering = {0};
    struct gathered all[THREADS * ROUNDS];
    struct errands *errands = errands_new(THREADS, THREADS * ROUNDS);
    assert_non_null(errands);
    pthread_barrier_init(&gathering.together, NULL, THREADS);
    for (size_t i = 0; i < THREADS * ROUNDS; i++) {
        all[i] = (struct gathered){.errand = {.run = meet}, .gathering = &gathering};
        assert_int_equal(errands_add(errands, &all[i].errand), STATUS_OK);
    }
    errands_free(errands); /* runs what waits first */
    assert_int_equal(atomic_load(&gathering.ended), THREADS * ROUNDS);
    pthread_barrier_destroy(&gathering.together);
}

static void what_is_beyond_the_queue_is_refused_and_never_run(void **state)
{
    (void)state;
    enum { WAITING = 4 };
    struct gathering gathering = {0};
    struct gathered all[WAITING + 2];
    struct errands *errands = errands_new(1, WAITING);
    assert_non_null(errands);
    pthread_barrier_init(&gathering.together, NULL, 2); /* us, and the one that runs */
    unsigned taken = 0;
    for (size_t i = 0; i < WAITING + 2; i++) {
        all[i] = (struct gathered){.errand = {.run = meet}, .gathering = &gathering};
        taken += errands_add(errands, &all[i].errand) == STATUS_OK;
    }
    assert_true(taken == WAITING || taken == WAITING + 1); /* the thread has taken none, or one */
    for (unsigned i = 0; i < taken; i++)
        pthread_barrier_wait(&gathering.together);
    errands_free(errands);
    assert_int_equal(atomic_load(&gathering.ended), taken);
    pthread_barrier_destroy(&gathering.together);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_run_at_once_as_there_are_threads),
        cmocka_unit_test(what_is_beyond_the_queue_is_refused_and_never_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
