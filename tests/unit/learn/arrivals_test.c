#include "test.h"

#include "base/random.h"
#include "learn/arrivals.h"

#include <math.h>
#include <stdio.h>

#define DAY_MS 86400000LL
enum { SHOP = 5000 };

static char ids[SHOP][16];

static struct arrival arrival(unsigned number)
{
    (void)snprintf(ids[number], sizeof ids[number], "i%04u", number);
    return (struct arrival){slice_of(ids[number]), (int64_t)(number * 7919U % SHOP / 2) * DAY_MS};
}

static void the_newest_stay_whatever_the_order_they_came_in(void **state)
{
    (void)state;
    struct arrivals up, down;
    arrivals_init(&up);
    arrivals_init(&down);
    for (unsigned i = 0; i < SHOP; i++) {
        struct arrival forward = arrival(i), backward = arrival(SHOP - 1 - i);
        arrivals_offer(&up, &forward);
        arrivals_offer(&down, &backward);
    }
    arrivals_sort(&up);
    arrivals_sort(&down);
    assert_int_equal(up.count, ARRIVALS_MAX);
    for (size_t i = 0; i < ARRIVALS_MAX; i++) {
        assert_true(slice_equal(up.list[i].item, down.list[i].item));
        assert_int_equal(up.list[i].added_ms, (SHOP / 2 - 1 - (int64_t)i / 2) * DAY_MS);
        if (i % 2)
            assert_true(slice_compare(up.list[i - 1].item, up.list[i].item) < 0);
    }
    arrivals_done(&up);
    arrivals_done(&down);
}

static void a_score_halves_with_its_half_life_and_ends(void **state)
{
    (void)state;
    struct arrivals_tuning tuning = arrivals_tuning_default();
    assert_true(arrival_score(&tuning, 0, 0) == 1);
    assert_true(arrival_score(&tuning, DAY_MS, 0) == 1); /* announced for tomorrow */
    assert_true(arrival_score(&tuning, 0, 14 * DAY_MS) == 0.5);
    assert_true(arrival_score(&tuning, 0, 28 * DAY_MS) == 0.25);
    assert_true(arrival_score(&tuning, 0, 90 * DAY_MS) > 0);
    assert_true(arrival_score(&tuning, 0, 90 * DAY_MS + 1) == 0);
}

static void answers_keep_the_order_of_arrival_to_the_millisecond(void **state)
{
    (void)state;
    struct arrivals_tuning tuning = arrivals_tuning_default();
    for (int64_t age = 0; age < 80 * DAY_MS; age += 13 * DAY_MS) {
        float before = 2;
        for (size_t place = 0; place < ARRIVALS_MAX; place++) {
            int64_t added_ms = -age - (int64_t)place; /* one a millisecond */
            float answer = arrival_answer(&tuning, added_ms, 0, place);
            double score = arrival_score(&tuning, added_ms, 0);
            assert_true(answer < before && answer > 0);
            assert_true(fabs((double)answer / score - 1) < 1.3e-4);
            before = answer;
        }
    }
    assert_true(arrival_answer(&tuning, 0, 91 * DAY_MS, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_keep_the_order_of_arrival_to_the_millisecond),
        cmocka_unit_test(the_newest_stay_whatever_the_order_they_came_in),
        cmocka_unit_test(a_score_halves_with_its_half_life_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
