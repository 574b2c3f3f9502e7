/* Distributions against tabled values and against each other. */
#include "test.h"

#include "measure/distributions.h"

#include <math.h>

static void near(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted) + 1e-15))
        fail_msg("%.15g is not %.15g", value, wanted);
}

static void gives_the_quantiles_of_the_tables(void **state)
{
    (void)state;
    static const struct {
        double probability, z;
    } cases[] = {{0.5, 0},
                 {0.975, 1.959963984540054},
                 {0.995, 2.5758293035489004},
                 {0.8, 0.8416212335729143},
                 {1e-10, -6.361340902404056},
                 {0.025, -1.959963984540054}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        near(normal_quantile(cases[i].probability), cases[i].z);
        near(normal_cdf(cases[i].z), cases[i].probability);
    }
}

static void gives_students_critical_values(void **state)
{
    (void)state;
    static const struct {
        double alpha, df, t;
    } cases[] = {{0.05, 1, 12.706204736432095},  {0.05, 2, 4.302652729911275},
                 {0.05, 10, 2.2281388519649385}, {0.01, 30, 2.7499956535670305},
                 {0.05, 1e6, 1.959966356783},    {0.001, 1, 636.6192487687196}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        near(student_critical(cases[i].alpha, cases[i].df), cases[i].t);
        near(student_two_sided(cases[i].t, cases[i].df), cases[i].alpha);
    }
}

/* Two degrees of freedom: exp(−x/2). One: 2 Φ(−√x). */
static void gives_the_tails_of_chi_square(void **state)
{
    (void)state;
    static const double xs[] = {0.01, 0.5, 1, 2, 3.84, 10, 30, 200};
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++) {
        near(chi_square_tail(xs[i], 2), exp(-xs[i] / 2));
        near(chi_square_tail(xs[i], 1), 2 * normal_cdf(-sqrt(xs[i])));
        near(chi_square_tail(xs[i], 4), exp(-xs[i] / 2) * (1 + xs[i] / 2));
    }
    near(chi_square_tail(0, 3), 1);
}

/* I_x(a, 1) = x^a, I_x(1, b) = 1 − (1 − x)^b, I_x(a, b) = 1 − I_{1−x}(b, a). */
static void gives_the_incomplete_beta_function(void **state)
{
    (void)state;
    static const double shapes[] = {0.5, 1, 3.7, 40, 2500};
    static const double xs[] = {0.001, 0.3, 0.5, 0.97};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 4; j++) {
            near(beta_share(shapes[i], 1, xs[j]), pow(xs[j], shapes[i]));
            near(beta_share(1, shapes[i], xs[j]), -expm1(shapes[i] * log1p(-xs[j])));
            near(beta_share(shapes[i], 3, xs[j]) + beta_share(3, shapes[i], 1 - xs[j]), 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_quantiles_of_the_tables),
        cmocka_unit_test(gives_students_critical_values),
        cmocka_unit_test(gives_the_tails_of_chi_square),
        cmocka_unit_test(gives_the_incomplete_beta_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
