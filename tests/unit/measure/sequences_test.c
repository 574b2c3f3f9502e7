/* Boundaries against the unit tests of confseq (uniform_boundaries_unittest.cpp). */
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
    double rho = mixture_rho(100, 0.05);
    near("rho", rho, 12.60056, 1e-5);
    struct beta_binomial mixture = {0.2, 0.8, rho};
    near("beta-binomial log", beta_binomial_log(&mixture, 10, 100), -0.6941012, 1e-6);
    /* the boundary: there ln(1 / 0.05) is reached */
    near("beta-binomial bound", beta_binomial_log(&mixture, 31.4308, 100), log(20), 1e-5);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_boundaries_of_confseq),
        cmocka_unit_test(knows_a_share_from_few_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
