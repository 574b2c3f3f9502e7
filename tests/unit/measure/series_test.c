/* How an effect came to be, from people whose days are known. */
#include "test.h"

#include "base/arena.h"
#include "base/random.h"
#include "measure/series.h"

#include <math.h>
#include <stdlib.h>

enum { PEOPLE = 4000, DAY = 86400000 };

/* Met evenly over so many days; from the half on the chosen buy twice as often. */
static struct joined_person *people_of(int64_t days, double hold)
{
    struct random_stream random = random_stream(7);
    struct joined_person *people = must_alloc_zero(PEOPLE, sizeof *people);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct joined_person *person = &people[i];
        bool late = i > PEOPLE / 2;
        person->arm = random_unit(&random) < hold ? ARM_HOLDOUT : ARM_CHOSEN;
        person->seen = true;
        person->exposed_ms = 1000 + (int64_t)i * days * DAY / PEOPLE;
        person->outcomes = random_unit(&random) < (late && person->arm == ARM_CHOSEN ? 0.4 : 0.2);
        person->value = person->outcomes;
    }
    return people;
}

static struct series series_of(int64_t days, double hold, struct report *out_report)
{
    struct joined_person *people = people_of(days, hold);
    struct joined joined = {.objective = {.kind = OBJECTIVE_CLICK,
                                          .horizon_days = 1,
                                          .cap = 1,
                                          .minimum_effect = 0.1,
                                          .holdout_share = hold},
                            .began_ms = 1000,
                            .people = people,
                            .people_count = PEOPLE};
    struct series series;
    int64_t now_ms = 1000 + days * DAY - 1;
    report_make(&joined, now_ms, out_report);
    series_make(&joined, out_report, now_ms, &series);
    free(people);
    return series;
}

static void ends_with_what_the_report_says(void **state)
{
    (void)state;
    struct report report;
    struct series series = series_of(30, 0.5, &report);
    const struct series_point *last = &series.points[series.count - 1];
    assert_int_equal(series.count, 30);
    assert_true(last->people[ARM_CHOSEN] == report.arms[ARM_CHOSEN].people);
    assert_true(last->people[ARM_HOLDOUT] == report.arms[ARM_HOLDOUT].people);
    assert_true(fabs(last->absolute.value - report.absolute.value) < 1e-12);
    assert_true(fabs(last->relative.low - report.relative.low) < 1e-12);
    assert_true(last->until_ms == 1000 + 30 * (int64_t)DAY - 1);
}

static void says_nothing_of_days_with_too_few_people_and_follows_what_changed(void **state)
{
    (void)state;
    struct report report;
    struct series series = series_of(40, 0.5, &report);
    assert_false(series.points[0].absolute.known); /* a hundred people, half of them held out */
    assert_true(series.points[10].absolute.known);
    assert_true(series.points[18].relative.low < 0 && series.points[18].relative.high > 0);
    assert_true(series.points[39].relative.low > 0);
    for (size_t i = 1; i < series.count; i++)
        assert_true(series.points[i].people[ARM_CHOSEN] >= series.points[i - 1].people[ARM_CHOSEN]);
}

static void has_points_enough_to_read_however_long_it_lasts(void **state)
{
    (void)state;
    static const int64_t days[] = {1, 3, 20, 59, 300, 3000};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct report report;
        struct series series = series_of(days[i], 0.5, &report);
        if (series.count < 8 || series.count > SERIES_POINTS_MAX)
            fail_msg("%d days: %zu points", (int)days[i], series.count);
    }
}

static void is_empty_where_no_effect_is_told(void **state)
{
    (void)state;
    struct report report;
    assert_int_equal(series_of(30, 0.005, &report).count, 0); /* twenty held out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_with_what_the_report_says),
        cmocka_unit_test(says_nothing_of_days_with_too_few_people_and_follows_what_changed),
        cmocka_unit_test(has_points_enough_to_read_however_long_it_lasts),
        cmocka_unit_test(is_empty_where_no_effect_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
