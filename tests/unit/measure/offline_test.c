/* Gains of a list by hand, and intervals against closed forms. */
#include "test.h"

#include "base/random.h"
#include "measure/offline.h"

#include <math.h>

static void a_gain_is_what_its_definition_says(void **state)
{
    (void)state;
    static const struct {
        bool hits[4];
        size_t shown, taken;
        unsigned k;
        double recall, ndcg, hit, rank;
    } cases[] = {
        {{true, false, false, false}, 4, 1, 4, 1, 1, 1, 1},
        {{false, true, false, false}, 4, 1, 4, 1, 0.6309297535714575, 1, 0.5},
        {{false, false, false, false}, 4, 3, 4, 0, 0, 0, 0},
        {{true, true, false, false}, 4, 4, 2, 0.5, 1, 1, 1}, /* the best a list of two can do */
        {{false, true, true, false}, 4, 2, 4, 1, 0.693426, 1, 0.5},
        {{true, false, false, false}, 1, 2, 4, 0.5, 0.613147, 1, 1},
        {{false, false, true, true}, 4, 2, 2, 0, 0, 0, 0}, /* beyond k nothing counts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct offline_gain gain =
            offline_gain(cases[i].hits, cases[i].shown, cases[i].taken, cases[i].k);
        assert_float_equal(gain.of[OFFLINE_RECALL], cases[i].recall, 1e-6);
        assert_float_equal(gain.of[OFFLINE_NDCG], cases[i].ndcg, 1e-6);
        assert_float_equal(gain.of[OFFLINE_HIT], cases[i].hit, 1e-6);
        assert_float_equal(gain.of[OFFLINE_RANK], cases[i].rank, 1e-6);
    }
}

enum { PEOPLE = 400, LISTS = 2 };

struct crowd {
    struct offline_gain sums[PEOPLE * LISTS];
    double questions[PEOPLE];
};

/* Everybody has a taste of their own and is asked one to nine times: answers of one person are
 * alike, which an interval over questions would not see. */
static void fill(struct crowd *crowd, struct random_stream *random)
{
    *crowd = (struct crowd){0};
    for (size_t i = 0; i < PEOPLE; i++) {
        double taste = random_unit(random);
        crowd->questions[i] = 1 + (double)random_below(random, 9);
        for (double q = 0; q < crowd->questions[i]; q++)
            for (size_t list = 0; list < LISTS; list++)
                crowd->sums[i * LISTS + list].of[OFFLINE_RECALL] += random_unit(random) < taste;
    }
}

static void an_interval_over_people_covers_the_truth_as_often_as_it_says(void **state)
{
    (void)state;
    enum { WORLDS = 1000 };
    struct random_stream random = random_stream(20261122);
    static struct crowd crowd;
    size_t covered = 0, equal = 0;
    for (size_t world = 0; world < WORLDS; world++) {
        fill(&crowd, &random);
        struct offline_sums sums = {
            .sums = crowd.sums, .questions = crowd.questions, .people = PEOPLE, .stride = LISTS};
        struct effect recall = offline_figure(&sums, OFFLINE_RECALL);
        covered += recall.low <= 0.5 && 0.5 <= recall.high;
        sums.base = crowd.sums + 1;
        struct effect over = offline_figure(&sums, OFFLINE_RECALL);
        equal += over.low <= 0 && 0 <= over.high;
    }
    assert_in_range(covered, WORLDS * 93 / 100, WORLDS * 97 / 100);
    assert_in_range(equal, WORLDS * 93 / 100, WORLDS * 97 / 100);
}

static void who_was_not_asked_does_not_count(void **state)
{
    (void)state;
    const struct offline_gain sums[] = {{{1}}, {{9}}, {{0}}, {{1}}};
    const double questions[] = {1, 0, 1, 2};
    const struct offline_sums all = {
        .sums = sums, .questions = questions, .people = 4, .stride = 1};
    struct effect recall = offline_figure(&all, OFFLINE_RECALL);
    assert_true(recall.known);
    assert_float_equal(recall.value, 0.5, 1e-12); /* two of four questions */
}

static void one_sample_has_students_interval(void **state)
{
    (void)state;
    /* R: t.test(c(1, 2, 3, 4, 10)) */
    struct summary summary = {0};
    static const double values[] = {1, 2, 3, 4, 10};
    for (size_t i = 0; i < 5; i++)
        summary_add(&summary, values[i]);
    struct estimate estimate = estimate_of(&summary);
    struct effect mean = effect_fixed_mean(&estimate, 0.05);
    assert_float_equal(mean.value, 4, 1e-12);
    assert_float_equal(mean.low, -0.3899452, 1e-6);
    assert_float_equal(mean.high, 8.3899452, 1e-6);
    assert_float_equal(mean.p, 0.0646769, 1e-6);
    struct estimate nothing = {.n = 1, .mean = 4};
    assert_false(effect_fixed_mean(&nothing, 0.05).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gain_is_what_its_definition_says),
        cmocka_unit_test(an_interval_over_people_covers_the_truth_as_often_as_it_says),
        cmocka_unit_test(who_was_not_asked_does_not_count),
        cmocka_unit_test(one_sample_has_students_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
