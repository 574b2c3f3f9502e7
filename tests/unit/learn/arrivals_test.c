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

static void the_quota_is_kept_on_average_and_by_seed(void **state)
{
    (void)state;
    static const struct {
        size_t places;
        double share;
    } cases[] = {{8, 0.1}, {8, 0.25}, {5, 0.5}, {1, 0.3}, {50, 1}, {8, 0}, {0, 0.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double sum = 0, wanted = cases[i].share * (double)cases[i].places;
        size_t places[ARRIVALS_PLACES_MAX], again[ARRIVALS_PLACES_MAX];
        size_t first_half = 0, taken = 0;
        for (uint64_t seed = 0; seed < 4000; seed++) {
            struct arrivals_quota quota = {cases[i].places, cases[i].share, seed};
            size_t count = arrivals_places(&quota, places);
            assert_true(fabs((double)count - wanted) < 1);
            assert_int_equal(arrivals_places(&quota, again), count);
            for (size_t j = 0; j < count; j++) {
                assert_int_equal(places[j], again[j]);
                assert_true(places[j] < cases[i].places && (j == 0 || places[j - 1] < places[j]));
                first_half += 2 * places[j] < cases[i].places;
            }
            sum += (double)count;
            taken += count;
        }
        assert_true(fabs(sum / 4000 - wanted) < 0.05);
        if (cases[i].places == 8 && taken > 0) /* every place as likely as any other */
            assert_true(fabs((double)first_half / (double)taken - 0.5) < 0.05);
    }
}

static void items_are_drawn_as_often_as_their_scores_say_and_never_twice(void **state)
{
    (void)state;
    const double scores[] = {4, 0, 2, 1, 1};
    size_t first[5] = {0}, picks[5];
    for (uint64_t seed = 0; seed < 8000; seed++) {
        assert_int_equal(arrivals_draw(scores, 5, seed, 5, picks), 4); /* one says nothing */
        first[picks[0]]++;
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < i; j++)
                assert_true(picks[i] != picks[j]);
    }
    assert_int_equal(first[1], 0);
    assert_true(fabs((double)first[0] / 8000 - 0.5) < 0.03);
    assert_true(fabs((double)first[2] / 8000 - 0.25) < 0.03);
    assert_int_equal(arrivals_draw(scores, 5, 1, 2, picks), 2);
    assert_int_equal(arrivals_draw(scores, 0, 1, 2, picks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_keep_the_order_of_arrival_to_the_millisecond),
        cmocka_unit_test(the_newest_stay_whatever_the_order_they_came_in),
        cmocka_unit_test(a_score_halves_with_its_half_life_and_ends),
        cmocka_unit_test(the_quota_is_kept_on_average_and_by_seed),
        cmocka_unit_test(items_are_drawn_as_often_as_their_scores_say_and_never_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
