#include "test.h"

#include "base/random.h"
#include "learn/blend_terms.h"

#include <math.h>

#define DAY_MS 86400000LL

static void near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-12);
}

/* 10 €, 20 €, 40 € seen alike: mean log2 is that of 20 €, squared octaves 1 + 0 + 1. */
static void a_taste_is_what_one_computes_by_hand(void **state)
{
    (void)state;
    struct price_seen seen[] = {{1000, 1}, {2000, 1}, {4000, 1}, {-1, 5}, {0, 5}, {9, 0}};
    struct price_taste taste = price_taste_of(seen, 6);
    near(taste.weight, 3);
    near(taste.centre, log2(2000));
    near(taste.spread, sqrt(4.0 / 5));
    near(blend_price_fit(&taste, 2000), 1);
    near(blend_price_fit(&taste, 4000), 1 / (1 + 5.0 / 4));
    near(blend_price_fit(&taste, 1000), 1 / (1 + 5.0 / 4));
    assert_true(blend_price_fit(&taste, 0) == 0);
    assert_true(blend_price_fit(&taste, -1) == 0);
}

static void one_purchase_pins_nobody_down(void **state)
{
    (void)state;
    struct price_taste none = price_taste_of(NULL, 0);
    assert_true(blend_price_fit(&none, 1000) == 0);
    struct price_seen seen = {1000, 1};
    struct price_taste taste = price_taste_of(&seen, 1);
    near(taste.spread, sqrt(2.0 / 3));
    near(blend_price_fit(&taste, 2000), 1 / (1 + 3.0 / 2));
}

static void the_other_terms_are_what_one_computes_by_hand(void **state)
{
    (void)state;
    near(blend_freshness(0, 14 * DAY_MS, 14 * DAY_MS), 0.5);
    near(blend_freshness(5, 5, DAY_MS), 1);
    near(blend_freshness(9, 5, DAY_MS), 1);
    near(blend_freshness(-1, 5, DAY_MS), 0);
    near(blend_popularity(1, 3), 0.5);
    near(blend_popularity(3, 3), 1);
    near(blend_popularity(9, 3), 1);
    near(blend_popularity(0, 3), 0);
    near(blend_popularity(1, 0), 0);
}

static void every_term_stays_between_0_and_1(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(11);
    for (int i = 0; i < 20000; i++) {
        int64_t a = (int64_t)random_next(&stream) >> random_below(&stream, 63);
        int64_t b = (int64_t)random_next(&stream) >> random_below(&stream, 63);
        struct price_seen seen[2] = {{a, random_unit(&stream)}, {b, 1}};
        struct price_taste taste = price_taste_of(seen, 2);
        double terms[] = {
            blend_price_fit(&taste, b),
            a / 2 < b / 2 ? blend_freshness(a / 2, b / 2, 1 + (a & 0xFFFFFF)) : 0,
            blend_popularity((double)a, (double)b),
        };
        for (int j = 0; j < 3; j++)
            assert_true(terms[j] >= 0 && terms[j] <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taste_is_what_one_computes_by_hand),
        cmocka_unit_test(one_purchase_pins_nobody_down),
        cmocka_unit_test(the_other_terms_are_what_one_computes_by_hand),
        cmocka_unit_test(every_term_stays_between_0_and_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
