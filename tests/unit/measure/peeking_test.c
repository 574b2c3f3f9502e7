/* Seeded worlds: what looking a hundred times costs each kind of interval, and what it sees. */
#include "test.h"

#include "base/random.h"
#include "measure/effect.h"

#include <math.h>

enum { RUNS = 4000, LOOKS = 100, PEOPLE_A_LOOK = 100 };

/* What one person spends: nothing as a rule, else 20 to 140, skewed. */
static double spends(struct random_stream *random, double buyers)
{
    double u = random_unit(random);
    if (u >= buyers)
        return 0;
    u = random_unit(random);
    return 20 + 120 * u * u * u;
}

struct rejected {
    unsigned naive, always_valid, fixed; /* fixed: at the last look alone */
};

static void one_run(struct random_stream *random, struct rejected *rejected)
{
    struct summary a = {0}, b = {0};
    struct effect_question question = {EFFECT_ABSOLUTE, 0.05, 0};
    unsigned naive = 0, always_valid = 0, fixed = 0;
    for (size_t look = 0; look < LOOKS; look++) {
        for (size_t i = 0; i < PEOPLE_A_LOOK; i++)
            summary_add(i % 2 ? &a : &b, spends(random, 0.1));
        struct estimate of_a = estimate_of(&a), of_b = estimate_of(&b);
        fixed = effect_fixed(&of_a, &of_b, &question).p < 0.05;
        naive |= fixed;
        if (a.n >= EFFECT_PEOPLE_MIN && b.n >= EFFECT_PEOPLE_MIN)
            always_valid |= effect_always_valid(&of_a, &of_b, &question).p < 0.05;
    }
    rejected->naive += naive;
    rejected->always_valid += always_valid;
    rejected->fixed += fixed;
}

static void rejects_a_true_null_rarely_at_a_hundred_looks(void **state)
{
    (void)state;
    struct random_stream random = random_stream(20261122);
    struct rejected rejected = {0};
    for (size_t run = 0; run < RUNS; run++)
        one_run(&random, &rejected);
    print_message("# of %d A/A runs: always valid %.2f %%, naive %.2f %%, one look %.2f %%\n", RUNS,
                  100.0 * rejected.always_valid / RUNS, 100.0 * rejected.naive / RUNS,
                  100.0 * rejected.fixed / RUNS);
    assert_true(rejected.always_valid <= RUNS * 6 / 100);
    assert_true(rejected.naive > RUNS * 20 / 100);
    assert_true(rejected.fixed > RUNS * 4 / 100 && rejected.fixed < RUNS * 6 / 100);
}

/* At the number of people foretold, four of five experiments see the effect. */
static void sees_an_effect_with_the_people_it_asked_for(void **state)
{
    (void)state;
    enum { WORLDS = 400 };
    struct random_stream random = random_stream(3);
    struct effect_question question = {EFFECT_RELATIVE, 0.05, 0};
    struct summary pilot = {0};
    for (size_t i = 0; i < 100000; i++)
        summary_add(&pilot, spends(&random, 0.1));
    struct estimate known = estimate_of(&pilot);
    known.n = 5000;
    struct estimate better = known;
    better.mean = better.raw_mean = 1.2 * known.mean;
    better.variance *= 1.2;
    size_t people = (size_t)effect_people_needed(&known, &better, &question, 0.2);
    unsigned seen = 0, covered = 0;
    for (size_t world = 0; world < WORLDS; world++) {
        struct summary a = {0}, b = {0};
        for (size_t i = 0; i < people; i++)
            summary_add(i % 2 ? &a : &b, spends(&random, i % 2 ? 0.1 : 0.12));
        struct estimate of_a = estimate_of(&a), of_b = estimate_of(&b);
        struct effect effect = effect_always_valid(&of_a, &of_b, &question);
        seen += effect.low > 0;
        covered += effect.low <= 0.2 && effect.high >= 0.2;
    }
    print_message("# %zu people: seen in %.1f %%, covered in %.1f %%\n", people,
                  100.0 * seen / WORLDS, 100.0 * covered / WORLDS);
    assert_true(seen > WORLDS * 72 / 100 && seen < WORLDS * 88 / 100);
    assert_true(covered >= WORLDS * 95 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects_a_true_null_rarely_at_a_hundred_looks),
        cmocka_unit_test(sees_an_effect_with_the_people_it_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
