/* Verdicts over seeded worlds of known effect. */
#include "test.h"

#include "base/arena.h"
#include "base/random.h"
#include "measure/report.h"
#include "measure/split.h"

#include <math.h>
#include <stdlib.h>

struct world {
    size_t people;
    double share, wanted_share; /* held out, and what should have been */
    double buyers[ARM_COUNT];
    double whale; /* one order of this, of the hold-out */
    double
        history;  /* how much what somebody bought before says of what they buy: 0 nothing, 1 all */
    double drawn; /* a list drawn at random sells so much less, of one */
};

static struct report look(const struct world *world, uint64_t seed)
{
    struct random_stream random = random_stream(seed);
    struct joined_person *people = must_alloc_zero(world->people + 1, sizeof *people);
    for (size_t i = 0; i < world->people; i++) {
        struct joined_person *person = &people[i];
        person->arm = random_unit(&random) < world->share ? ARM_HOLDOUT : ARM_CHOSEN;
        person->seen = true;
        person->exposed_ms = (int64_t)i;
        person->decisions[0] = 9, person->decisions[1] = 1;
        person->clicks[0] = (uint32_t)random_below(&random, 4);
        person->clicks[1] = random_below(&random, 10) == 0;
        double taste = random_unit(&random), buys = world->buyers[person->arm];
        person->before = world->history > 0 ? (uint32_t)(20 * taste) : 0;
        person->first_explored = person->arm == ARM_CHOSEN && random_unit(&random) < 0.2;
        buys *= 1 - world->history + 2 * world->history * taste;
        if (random_unit(&random) < buys * (person->first_explored ? 1 - world->drawn : 1)) {
            person->value = 2000 + 8000 * (world->history > 0 ? taste : random_unit(&random));
            person->outcomes = 1;
        }
    }
    if (world->whale > 0)
        people[0] = (struct joined_person){
            .arm = ARM_HOLDOUT, .seen = true, .value = world->whale, .outcomes = 1};
    struct joined joined = {.objective = {.kind = OBJECTIVE_PURCHASE,
                                          .horizon_days = 1,
                                          .cap = 0.99,
                                          .minimum_effect = 0.1,
                                          .holdout_share = world->wanted_share},
                            .people = people,
                            .people_count = world->people};
    struct report report;
    report_make(&joined, 1000, &report);
    free(people);
    return report;
}

static void comes_to_the_right_verdict(void **state)
{
    (void)state;
    static const struct {
        struct world world;
        enum report_verdict verdict;
    } cases[] = {
        {{0, 0.5, 0.5, {0, 0.1, 0.1}, 0, 0, 0}, REPORT_NOBODY},
        {{5000, 0, 0, {0, 0.1, 0.1}, 0, 0, 0}, REPORT_NO_HOLDOUT},
        {{20000, 0.6, 0.5, {0, 0.2, 0.1}, 0, 0, 0}, REPORT_SPLIT_WRONG},
        {{150, 0.5, 0.5, {0, 0.9, 0.1}, 0, 0, 0}, REPORT_TOO_EARLY},
        {{3000, 0.5, 0.5, {0, 0, 0}, 0, 0, 0}, REPORT_TOO_EARLY}, /* nobody bought */
        {{20000, 0.5, 0.5, {0, 0.1, 0.1}, 0, 0, 0}, REPORT_TOO_EARLY},
        {{400000, 0.5, 0.5, {0, 0.1, 0.1}, 0, 0, 0}, REPORT_NO_EFFECT},
        {{20000, 0.5, 0.5, {0, 0.13, 0.1}, 0, 0, 0}, REPORT_BETTER},
        {{20000, 0.1, 0.1, {0, 0.06, 0.1}, 0, 0, 0}, REPORT_WORSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report report = look(&cases[i].world, i);
        if (report.verdict != cases[i].verdict)
            fail_msg("case %zu: verdict %d", i, report.verdict);
    }
}

static void covers_the_truth_and_counts_what_is_missing(void **state)
{
    (void)state;
    const struct world world = {20000, 0.5, 0.5, {0, 0.115, 0.1}, 0, 0, 0};
    struct report report = look(&world, 9);
    assert_true(report.relative.low < 0.15 && report.relative.high > 0.15);
    assert_true(fabs(report.earned - report.absolute.value * report.arms[ARM_CHOSEN].people) <
                1e-6);
    assert_true(report.arms[ARM_CHOSEN].share.low < 0.115 &&
                report.arms[ARM_CHOSEN].share.high > 0.115);
    const struct world small = {1000, 0.5, 0.5, {0, 0.1, 0.1}, 0, 0, 0};
    double missing = look(&small, 9).people_missing;
    assert_true(missing > 50000 && missing < 400000);
    const struct world few = {20, 0.1, 0.1, {0, 0.5, 0.5}, 0, 0, 0};
    assert_true(look(&few, 1).people_missing >= 980); /* a hundred held out of a tenth */
}

/* One order of ten million in the hold-out turns nothing round. */
static void lets_no_single_order_decide(void **state)
{
    (void)state;
    const struct world world = {20000, 0.5, 0.5, {0, 0.13, 0.1}, 1e9, 0, 0};
    struct report report = look(&world, 3);
    assert_int_equal(report.verdict, REPORT_BETTER);
    assert_true(report.cap < 10000 && report.capped_people >= 1);
    assert_true(report.arms[ARM_HOLDOUT].total > 1e9);
}

static void sets_the_random_slice_against_the_ranking(void **state)
{
    (void)state;
    const struct world world = {20000, 0.1, 0.1, {0, 0.1, 0.1}, 0, 0, 0};
    struct report report = look(&world, 4);
    assert_true(fabs(report.slices[0].rate.mean - 1.5 / 9) < 0.003);
    assert_true(fabs(report.slices[1].rate.mean - 0.1) < 0.01);
    assert_true(report.slice_effect.low < 1.5 / 9 - 0.1 &&
                report.slice_effect.high > 1.5 / 9 - 0.1);
    assert_true(report.slice_effect.low > 0);
    assert_true(report.slices[0].decisions == 9 * report.arms[ARM_CHOSEN].people);
}

/* What somebody bought before explains a part of what they buy: the interval is narrower by it, and
 * covers the truth as often. */
static void allows_for_what_was_known_before(void **state)
{
    (void)state;
    enum { WORLDS = 200 };
    struct world world = {4000, 0.5, 0.5, {0, 0.5, 0.5}, 0, 1, 0};
    double left = 0, narrower = 0;
    size_t covered = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct report report = look(&world, seed);
        const struct report_arm *arm = &report.arms[ARM_CHOSEN];
        covered += report.absolute.low <= 0 && report.absolute.high >= 0;
        left += report.variance_left / WORLDS;
        narrower += arm->adjusted.variance < arm->capped.variance;
        assert_true(report.variance_left < 1.01);
    }
    assert_true(covered >= WORLDS * 95 / 100);
    assert_true(left < 0.75 && narrower == WORLDS);
    world.history = 0;
    struct report plain = look(&world, 1);
    assert_true(plain.theta == 0 && plain.variance_left == 1);
    assert_true(plain.arms[ARM_CHOSEN].adjusted.mean == plain.arms[ARM_CHOSEN].capped.mean);
}

static void tells_what_one_list_does_for_orders(void **state)
{
    (void)state;
    const struct world world = {60000, 0.1, 0.1, {0, 0.4, 0.4}, 0, 0, 0.25};
    struct report report = look(&world, 6);
    double truth = 0.4 * 0.25 * 6000; /* the mean order is 6,000 */
    assert_true(report.first_effect.known && report.first_effect.low > 0);
    assert_true(report.first_effect.low < truth && truth < report.first_effect.high);
    const struct world same = {60000, 0.1, 0.1, {0, 0.4, 0.4}, 0, 0, 0};
    assert_true(look(&same, 6).first_effect.low < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_to_the_right_verdict),
        cmocka_unit_test(covers_the_truth_and_counts_what_is_missing),
        cmocka_unit_test(lets_no_single_order_decide),
        cmocka_unit_test(sets_the_random_slice_against_the_ranking),
        cmocka_unit_test(allows_for_what_was_known_before),
        cmocka_unit_test(tells_what_one_list_does_for_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
