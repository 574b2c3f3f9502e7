/* Sums, estimates, CUPED, ratios, caps. */
#include "test.h"

#include "base/random.h"
#include "measure/effect.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>

static void near(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted) + 1e-12))
        fail_msg("%.15g is not %.15g", value, wanted);
}

static void knows_mean_and_variance_however_the_values_came(void **state)
{
    (void)state;
    static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct summary all = {0}, first = {0}, second = {0};
    for (size_t i = 0; i < 8; i++) {
        summary_add(&all, values[i]);
        summary_add(i < 3 ? &first : &second, values[i]);
    }
    summary_merge(&first, &second);
    assert_memory_equal(&first, &all, sizeof all);
    near(summary_mean(&all), 5);
    near(summary_variance(&all), 32.0 / 7);
    assert_true(summary_variance(&(struct summary){1, 3, 9}) == 0);
    assert_true(summary_mean(&(struct summary){0}) == 0);
    assert_true(summary_variance(&(struct summary){3, 0.3, 0.03}) == 0); /* rounding below zero */
}

/* gbstats: both arms pre 0.3 0.5 0.9 22, post 2 1 5 3 give theta 0.01864. */
static void adjusts_both_arms_by_one_theta(void **state)
{
    (void)state;
    static const double before[] = {0.3, 0.5, 0.9, 22}, after[] = {2, 1, 5, 3};
    struct paired_summary arm = {0};
    for (size_t i = 0; i < 4; i++)
        paired_add(&arm, after[i], before[i]);
    double theta = cuped_theta(&arm, &arm);
    assert_true(fabs(theta - 0.01864) < 1e-5);
    struct estimate plain = estimate_of(&arm.y), adjusted = estimate_adjusted(&arm, theta);
    assert_true(adjusted.variance <= plain.variance);
    near(adjusted.raw_mean, plain.mean);
    struct estimate same = estimate_adjusted(&arm, 0);
    near(same.mean, plain.mean);
    near(same.variance, plain.variance);
    struct paired_summary still = {0};
    for (size_t i = 0; i < 4; i++)
        paired_add(&still, after[i], 1);
    assert_true(cuped_theta(&still, &still) == 0); /* a companion that never varies */
}

/* y = x + noise: the variance falls by 1 − corr². */
static void takes_away_the_variance_that_was_known_before(void **state)
{
    (void)state;
    struct random_stream random = random_stream(11);
    struct paired_summary a = {0}, b = {0};
    for (size_t i = 0; i < 20000; i++) {
        double before = random_unit(&random), noise = random_unit(&random);
        paired_add(i % 2 ? &a : &b, before + 0.5 * noise, before);
    }
    double theta = cuped_theta(&a, &b);
    struct estimate plain = estimate_of(&a.y), adjusted = estimate_adjusted(&a, theta);
    assert_true(fabs(theta - 1) < 0.02);
    assert_true(fabs(adjusted.variance / plain.variance - 0.2) < 0.01); /* corr² = 1 / 1.25 */
}

/* The variance of a ratio by the delta method against that over many seeded samples. */
static void knows_how_a_ratio_varies(void **state)
{
    (void)state;
    struct random_stream random = random_stream(5);
    struct summary ratios = {0};
    double foretold = 0;
    enum { SAMPLES = 2000, UNITS = 200 };
    for (size_t i = 0; i < SAMPLES; i++) {
        struct paired_summary arm = {0};
        for (size_t j = 0; j < UNITS; j++) {
            uint64_t views = 1 + random_below(&random, 9);
            double clicks = 0;
            for (uint64_t k = 0; k < views; k++)
                clicks += random_unit(&random) < 0.3;
            paired_add(&arm, clicks, (double)views);
        }
        struct estimate ratio = estimate_of_ratio(&arm);
        summary_add(&ratios, ratio.mean);
        foretold += ratio.variance / ratio.n / SAMPLES;
    }
    assert_true(fabs(summary_mean(&ratios) - 0.3) < 0.001);
    assert_true(fabs(foretold / summary_variance(&ratios) - 1) < 0.1);
    assert_true(estimate_of_ratio(&(struct paired_summary){0}).variance == 0);
}

/* By hand: x 1 2 3 and y 1 1 4: r 1, var y 3, var x 1, cov 1.5, mean x 2. */
static void computes_a_ratio_as_by_hand(void **state)
{
    (void)state;
    struct paired_summary arm = {0};
    paired_add(&arm, 1, 1), paired_add(&arm, 1, 2), paired_add(&arm, 4, 3);
    struct estimate ratio = estimate_of_ratio(&arm);
    near(ratio.mean, 1);
    near(ratio.variance, (3 - 2 * 1.5 + 1) / 4);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void caps_at_the_nearest_rank(void **state)
{
    (void)state;
    struct random_stream random = random_stream(7);
    for (size_t run = 0; run < 500; run++) {
        size_t count = 1 + random_below(&random, 60);
        double share = (double)(1 + random_below(&random, 100)) / 100;
        double values[60], sorted[60];
        for (size_t i = 0; i < count; i++) /* with ties */
            values[i] = sorted[i] = (double)random_below(&random, 20);
        qsort(sorted, count, sizeof *sorted, by_value);
        size_t rank = (size_t)ceil(share * (double)count);
        assert_true(winsor_cap(values, count, share) == sorted[rank - 1]);
    }
    assert_true(winsor_cap(NULL, 0, 0.99) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_mean_and_variance_however_the_values_came),
        cmocka_unit_test(adjusts_both_arms_by_one_theta),
        cmocka_unit_test(takes_away_the_variance_that_was_known_before),
        cmocka_unit_test(knows_how_a_ratio_varies),
        cmocka_unit_test(computes_a_ratio_as_by_hand),
        cmocka_unit_test(caps_at_the_nearest_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
