/* The check that people were divided as they should have been. */
#include "test.h"

#include "base/random.h"
#include "measure/split.h"

#include <math.h>

static void agrees_with_the_published_numbers(void **state)
{
    (void)state;
    static const struct {
        double a, b, chi_square, p, close;
    } cases[] = {{1000, 1200, 18.18182, 2.00787e-5, 1e-10},
                 {5000, 5200, 3.92157, 0.04767, 1e-5},
                 {5000, 5100, 0.9901, 0.3197, 1e-4},
                 {821588, 815482, 22.77437, 1.822e-6, 1e-9}};
    static const double even[] = {1, 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double counts[] = {cases[i].a, cases[i].b};
        struct split split = split_check(counts, even, 2);
        if (fabs(split.chi_square - cases[i].chi_square) > 1e-5 ||
            fabs(split.p - cases[i].p) > cases[i].close)
            fail_msg("%g, %g: %.9g, p %.9g", cases[i].a, cases[i].b, split.chi_square, split.p);
    }
}

static void checks_any_number_of_arms_and_any_shares(void **state)
{
    (void)state;
    static const double right[] = {1000, 2000, 7000}, shares[] = {0.1, 0.2, 0.7};
    static const double wrong[] = {1100, 2000, 6900};
    struct split split = split_check(right, shares, 3);
    assert_true(split.chi_square < 1e-20 && split.df == 2 && split.p > 0.999999);
    split = split_check(wrong, shares, 3); /* 10 + 0 + 10000/7000 */
    assert_true(fabs(split.chi_square - 11.428571428571) < 1e-9);
    assert_true(fabs(split.p - exp(-split.chi_square / 2)) < 1e-12);
    assert_true(split_check(right, shares, 1).p == 1);
    static const double nobody[] = {0, 0};
    assert_true(split_check(nobody, shares, 2).p == 1);
    assert_true(split_always_valid_p(nobody, shares, 2) == 1);
}

/* Optimizely's ssrm at concentration 100: 8e-4. */
static void sees_a_wrong_split_at_any_look(void **state)
{
    (void)state;
    static const double counts[] = {1000, 1200}, even[] = {1, 1};
    double p = split_always_valid_p(counts, even, 2);
    assert_true(p > 7e-4 && p < 9e-4);
}

/* 4,000 right splits, 100 looks each: the sequential test alarms in 0.1 % of them at most, plus
 * three standard errors; the chi-square, looked at as often, well above. */
static void alarms_rarely_however_often_one_looks(void **state)
{
    (void)state;
    enum { RUNS = 4000, LOOKS = 100, PEOPLE = 60 };
    static const double shares[] = {0.1, 0.9};
    struct random_stream random = random_stream(2026);
    unsigned sequential = 0, plain = 0;
    for (size_t run = 0; run < RUNS; run++) {
        double counts[2] = {0, 0};
        int alarmed = 0, plainly = 0;
        for (size_t look = 0; look < LOOKS; look++) {
            for (size_t i = 0; i < PEOPLE; i++)
                counts[random_below(&random, 10) > 0]++;
            alarmed |= split_always_valid_p(counts, shares, 2) < SPLIT_ALARM_P;
            plainly |= split_check(counts, shares, 2).p < SPLIT_ALARM_P;
        }
        sequential += (unsigned)alarmed;
        plain += (unsigned)plainly;
    }
    print_message("# alarms: sequential %.2f %%, chi-square %.2f %%\n", 100.0 * sequential / RUNS,
                  100.0 * plain / RUNS);
    assert_true(sequential <= 10); /* 4 + 3 × 2 */
    assert_true(plain > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_published_numbers),
        cmocka_unit_test(checks_any_number_of_arms_and_any_shares),
        cmocka_unit_test(sees_a_wrong_split_at_any_look),
        cmocka_unit_test(alarms_rarely_however_often_one_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
