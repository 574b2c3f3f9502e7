/* Weights from choices: found again where they are known, kept where nothing is seen. */
#include "test.h"

#include "base/random.h"
#include "learn/logit.h"

#include <math.h>

enum { ROWS = 6, WIDTH = 3 };

/* Choices of somebody who weighs by these; the last feature is always zero. */
static void make_choices(struct logit_examples *examples, size_t count, const double *weights)
{
    struct random_stream stream = random_stream(11);
    for (size_t e = 0; e < count; e++) {
        double mass = 0, odds[ROWS];
        for (int r = 0; r < ROWS; r++) {
            double row[WIDTH] = {random_unit(&stream), random_unit(&stream), 0};
            logit_push_row(examples, row);
            odds[r] = exp(weights[0] * row[0] + weights[1] * row[1]);
            mass += odds[r];
        }
        double drawn = random_unit(&stream) * mass;
        size_t chosen = 0;
        for (; chosen + 1 < ROWS && drawn >= odds[chosen]; chosen++)
            drawn -= odds[chosen];
        logit_end_example(examples, ROWS, chosen);
    }
}

static void finds_the_weights_that_made_the_choices(void **state)
{
    (void)state;
    static const struct {
        double made[2];
        size_t positive;
        double first, second; /* expected */
    } cases[] = {{{3, 1}, 3, 3, 1}, {{2, -2}, 0, 2, -2}, {{2, -2}, 3, 2, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct logit_examples examples;
        double weights[WIDTH] = {1, 1, 0.7};
        logit_examples_init(&examples, WIDTH);
        make_choices(&examples, 4000, cases[i].made);
        logit_fit(&examples, cases[i].positive, weights);
        assert_true(fabs(weights[0] - cases[i].first) < 0.25);
        assert_true(fabs(weights[1] - cases[i].second) < 0.25);
        assert_true(fabs(weights[2] - 0.7) < 1e-9); /* nothing was seen of it */
        logit_examples_done(&examples);
    }
}

static void without_examples_the_weights_stay(void **state)
{
    (void)state;
    struct logit_examples examples;
    double weights[WIDTH] = {1, 2, 3};
    logit_examples_init(&examples, WIDTH);
    logit_push_row(&examples, weights);
    logit_drop_rows(&examples, 1);
    logit_fit(&examples, WIDTH, weights);
    assert_true(weights[0] == 1 && weights[1] == 2 && weights[2] == 3);
    logit_examples_done(&examples);
}

static void the_newest_examples_are_fitted_as_if_they_were_all(void **state)
{
    (void)state;
    static const double made[] = {3, 1};
    struct logit_examples all, newest;
    double cut[WIDTH] = {1, 1, 1}, alone[WIDTH] = {1, 1, 1};
    logit_examples_init(&all, WIDTH);
    logit_examples_init(&newest, WIDTH);
    make_choices(&all, 300, made);
    for (size_t e = 100; e < 300; e++) {
        for (size_t r = 0; r < ROWS; r++) {
            double row[WIDTH];
            for (size_t i = 0; i < WIDTH; i++)
                row[i] = (double)all.rows[(all.all[e].first + r) * WIDTH + i];
            logit_push_row(&newest, row);
        }
        logit_end_example(&newest, ROWS, all.all[e].chosen - all.all[e].first);
    }
    logit_drop_oldest(&all, 100);
    assert_int_equal(all.count, 200);
    logit_fit(&all, WIDTH, cut);
    logit_fit(&newest, WIDTH, alone);
    for (size_t i = 0; i < WIDTH; i++)
        assert_true(cut[i] == alone[i]);
    logit_examples_done(&all);
    logit_examples_done(&newest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_weights_that_made_the_choices),
        cmocka_unit_test(without_examples_the_weights_stay),
        cmocka_unit_test(the_newest_examples_are_fitted_as_if_they_were_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
