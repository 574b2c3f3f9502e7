/* Boundaries against the unit tests of confseq (uniform_boundaries_unittest.cpp), spending against
 * those of expan, mSPRT against the formula. */
#include "test.h"

#include "measure/sequences.h"

#include <math.h>

static void near(const char *what, double value, double wanted, double close)
{
    if (!(fabs(value - wanted) <= close))
        fail_msg("%s: %.12g is not %.12g", what, value, wanted);
}

static void has_the_boundaries_of_confseq(void **state)
{
    (void)state;
    double rho = mixture_rho(100, 0.05), one = mixture_rho_one_sided(100, 0.05);
    near("rho", rho, 12.60056, 1e-5);
    near("two-sided log", normal_mixture_log(10, 100, rho), -0.6510052, 1e-6);
    near("two-sided bound", normal_mixture_bound(100, rho, 0.05), 30.35209, 1e-5);
    near("one-sided log", normal_mixture_log_one_sided(10, 100, one), -0.06502391, 1e-6);
    near("one-sided bound", normal_mixture_bound_one_sided(100, one, 0.05), 27.66071, 1e-5);
    struct beta_binomial mixture = {0.2, 0.8, rho};
    near("beta-binomial log", beta_binomial_log(&mixture, 10, 100), -0.6941012, 1e-6);
    near("beta-binomial bound", beta_binomial_bound(&mixture, 100, 0.05), 31.4308, 1e-4);
}

static void knows_a_share_from_few_trials(void **state)
{
    (void)state;
    static const struct {
        double successes, trials, t_opt, low, high;
    } cases[] = {{700, 1000, 100, 0.651629, 0.745949},
                 {15, 50, 50, 0.129556, 0.511896},
                 {5, 50, 50, 0.013021, 0.269264}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct share_interval share =
            share_always_valid(cases[i].successes, cases[i].trials, 0.05, cases[i].t_opt);
        near("low", share.low, cases[i].low, 1e-5);
        near("high", share.high, cases[i].high, 1e-5);
    }
    struct share_interval none = share_always_valid(0, 20, 0.05, 100);
    assert_true(none.low == 0 && none.high > 0.1 && none.high < 1);
    struct share_interval all = share_always_valid(20, 20, 0.05, 100);
    assert_true(all.high == 1 && fabs(all.low - (1 - none.high)) < 1e-9);
    struct share_interval nobody = share_always_valid(0, 0, 0.05, 100);
    assert_true(nobody.low == 0 && nobody.high == 1);
}

static void has_the_p_of_the_mixture_test(void **state)
{
    (void)state;
    near("0.2", msprt_p(0.2, 0.0025, 0.01), 0.0037154, 1e-6);
    near("0.15", msprt_p(0.15, 0.0025, 0.01), 0.0610977, 1e-6);
    near("0.1", msprt_p(0.1, 0.0025, 0.01), 0.4514543, 1e-6);
    assert_true(msprt_p(0, 0.0025, 0.01) == 1);
}

static void spends_little_early(void **state)
{
    (void)state;
    static const struct {
        double t, spent;
    } cases[] = {{0.2, 1.17264468e-5}, {0.4, 1.94191300e-3}, {0.6, 1.13964185e-2},
                 {0.8, 2.84296308e-2}, {0.5, 0.0055745967},  {1, 0.05}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        near("spent", obrien_fleming_spent(0.05, cases[i].t), cases[i].spent,
             1e-8 * cases[i].spent + 1e-10);
    assert_true(obrien_fleming_spent(0.05, 0) == 0);
    near("beyond the end", obrien_fleming_spent(0.05, 2), 0.05, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_boundaries_of_confseq),
        cmocka_unit_test(knows_a_share_from_few_trials),
        cmocka_unit_test(has_the_p_of_the_mixture_test),
        cmocka_unit_test(spends_little_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
