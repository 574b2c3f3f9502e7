/* Effects and their intervals against published numbers: GrowthBook's gbstats (tests of its
 * statistics package), and values computed from the formulas. */
#include "test.h"

#include "measure/effect.h"

#include <math.h>

static void near(const char *what, double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-5))
        fail_msg("%s: %.9g is not %.9g", what, value, wanted);
}

enum kind { FIXED, ALWAYS_VALID };

struct vector {
    const char *name;
    enum kind kind;
    enum effect_scale scale;
    double tightest;
    struct estimate a, b;
    double value, low, high, error, p; /* NAN: not published */
};

/* Of yes and no. */
static struct estimate share_of(double successes, double n)
{
    double share = successes / n;
    return (struct estimate){n, share, share * (1 - share), share};
}

static void check(const struct vector *vector)
{
    struct effect_question question = {vector->scale, 0.05, vector->tightest};
    struct effect effect = vector->kind == FIXED
                               ? effect_fixed(&vector->a, &vector->b, &question)
                               : effect_always_valid(&vector->a, &vector->b, &question);
    assert_true(effect.known);
    near(vector->name, effect.value, vector->value);
    near(vector->name, effect.low, vector->low);
    near(vector->name, effect.high, vector->high);
    if (!isnan(vector->error))
        near(vector->name, effect.standard_error, vector->error);
    if (!isnan(vector->p))
        near(vector->name, effect.p, vector->p);
}

static void agrees_with_the_published_numbers(void **state)
{
    (void)state;
    struct estimate a = estimate_of(&(struct summary){3407, 1396.87, 52377.9767});
    struct estimate b = estimate_of(&(struct summary){3461, 2422.7, 134698.29});
    struct estimate fewer = estimate_of(&(struct summary){3000, 1396.87, 52377.9767});
    struct paired_summary pre_a = {{3000, 1396.87, 52377.9767}, {3000, 16.87, 527.9767}, 1};
    struct paired_summary pre_b = {{3461, 2422.7, 134698.29}, {3461, 22.7, 1348.29}, 1};
    double theta = cuped_theta(&pre_a, &pre_b);
    const struct vector vectors[] = {
        {"Welch, relative", FIXED, EFFECT_RELATIVE, 0, a, b, 0.70732, -0.03526, 1.44989, 0.37879,
         0.06191},
        {"Welch, absolute", FIXED, EFFECT_ABSOLUTE, 0, a, b, 0.29, 0.04538, 0.53462, 0.12478,
         0.02016},
        {"shares", FIXED, EFFECT_RELATIVE, 0, share_of(14, 28), share_of(16, 30), 0.06667, -0.47767,
         0.61101, 0.2717, 0.80707},
        {"always valid", ALWAYS_VALID, EFFECT_RELATIVE, 1000, fewer, b, 0.50336, -0.55844, 1.56516,
         0.33341, 1},
        {"always valid shares", ALWAYS_VALID, EFFECT_RELATIVE, 5000, share_of(1396, 3000),
         share_of(2422, 3461), 0.50386, 0.40098, 0.60675, 0.03386, 0},
        {"CUPED, always valid", ALWAYS_VALID, EFFECT_RELATIVE, 5000,
         estimate_adjusted(&pre_a, theta), estimate_adjusted(&pre_b, theta), 0.50338, -0.50969,
         1.51646, NAN, NAN},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        check(&vectors[i]);
}

static void is_tightest_where_it_was_told_to_be(void **state)
{
    (void)state;
    static const struct {
        double n, half_width;
    } cases[] = {
        {100, 0.669439}, {1000, 0.106375}, {5000, 0.042924}, {10000, 0.030615}, {100000, 0.010552}};
    double rho = sequence_rho(0.05, 5000);
    near("rho", rho, 0.039840067);
    near("rho", sequence_rho(0.05, 1000), 0.089085098);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        near("half-width", sequence_half_width(cases[i].n, rho, 0.05), cases[i].half_width);
    double other = sequence_rho(0.05, 1000);
    near("half-width", sequence_half_width(100, other, 0.05), 0.385505);
    near("half-width", sequence_half_width(1000, other, 0.05), 0.095982);
    near("against a fixed interval",
         round(100 * sequence_half_width(5000, rho, 0.05) * sqrt(5000) / 1.959964) / 100, 1.55);
}

/* The p-value and the interval are two readings of one test. */
static void refuses_no_effect_exactly_when_the_interval_does(void **state)
{
    (void)state;
    for (int step = 0; step < 300; step++) {
        double mean = step * 0.001;
        struct estimate a = {2000, 1, 1, 1}, b = {8000, 1 + mean, 1.5, 1 + mean};
        struct effect_question question = {EFFECT_ABSOLUTE, 0.05, 0};
        struct effect effect = effect_always_valid(&a, &b, &question);
        assert_int_equal(effect.p<0.05, effect.low> 0);
        effect = effect_fixed(&a, &b, &question);
        assert_int_equal(effect.p<0.05, effect.low> 0);
    }
}

static void says_nothing_without_spread_or_people(void **state)
{
    (void)state;
    static const struct {
        enum effect_scale scale;
        struct estimate a, b;
    } cases[] = {
        {EFFECT_ABSOLUTE, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {EFFECT_ABSOLUTE, {1, 5, 0, 5}, {1, 6, 0, 6}},
        {EFFECT_RELATIVE, {100, 5, 0, 5}, {100, 6, 0, 6}},
        {EFFECT_RELATIVE, {100, 0, 0, 0}, {100, 6, 2, 6}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct effect_question question = {cases[i].scale, 0.05, 0};
        struct effect fixed = effect_fixed(&cases[i].a, &cases[i].b, &question);
        struct effect always = effect_always_valid(&cases[i].a, &cases[i].b, &question);
        assert_false(fixed.known || always.known);
        assert_true(always.low == -INFINITY && always.high == INFINITY && always.p == 1);
        assert_true(effect_people_needed(&cases[i].a, &cases[i].b, &question, 0.05) == INFINITY);
    }
}

static void needs_more_people_for_a_smaller_effect_and_an_uneven_split(void **state)
{
    (void)state;
    struct effect_question question = {EFFECT_RELATIVE, 0.05, 0};
    struct estimate half = {5000, 0.05, 0.0475, 0.05}, small = {1000, 0.05, 0.0475, 0.05},
                    large = {9000, 0.05, 0.0475, 0.05};
    double ten = effect_people_needed(&half, &half, &question, 0.10);
    double five = effect_people_needed(&half, &half, &question, 0.05);
    assert_true(five > 4 * ten &&
                five < 5 * ten); /* four times, and a little for the longer look */
    double uneven = effect_people_needed(&small, &large, &question, 0.10);
    assert_true(uneven > 2.7 * ten && uneven < 3.2 * ten); /* 1 / (4 × 0.1 × 0.9) */
    assert_true(effect_people_needed(&half, &half, &question, 0) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_published_numbers),
        cmocka_unit_test(is_tightest_where_it_was_told_to_be),
        cmocka_unit_test(refuses_no_effect_exactly_when_the_interval_does),
        cmocka_unit_test(says_nothing_without_spread_or_people),
        cmocka_unit_test(needs_more_people_for_a_smaller_effect_and_an_uneven_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
