/* Decisions of late, by placement. */
#include "unit/test.h"

#include "api/activity.h"
#include "base/clock.h"

#include <stdio.h>

#define START_MS INT64_C(1790000000000)

static void note(struct activity *activity, uint32_t workspace, const char *placement, int64_t ms)
{
    static const struct placement published = {.count = 1};
    struct decision decisions[] = {
        {.placement = slice_of(placement), .definition = &published, .personalised = true},
        {.placement = SLICE("elsewhere")}, /* not published */
    };
    const struct outcome outcome = {decisions, 2};
    activity_note(activity, workspace, ms, &outcome);
}

static struct activity_figures read_at(struct activity *activity, uint32_t workspace,
                                       const char *placement, int64_t ms)
{
    struct activity_figures figures;
    activity_read(activity, workspace, slice_of(placement), ms, &figures);
    return figures;
}

static void what_was_decided_leaves_each_span_in_its_time(void **state)
{
    (void)state;
    static const struct {
        int64_t later_ms;
        unsigned hour, day, week;
    } cases[] = {
        {0, 1, 1, 1},
        {59 * MS_PER_MINUTE, 1, 1, 1},
        {60 * MS_PER_MINUTE, 0, 1, 1},
        {23 * (int64_t)MS_PER_HOUR, 0, 1, 1},
        {24 * (int64_t)MS_PER_HOUR, 0, 0, 1},
        {167 * (int64_t)MS_PER_HOUR, 0, 0, 1},
        {168 * (int64_t)MS_PER_HOUR, 0, 0, 0},
    };
    struct activity *activity = activity_new(START_MS);
    note(activity, 1, "home", START_MS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct activity_figures figures =
            read_at(activity, 1, "home", START_MS + cases[i].later_ms);
        assert_int_equal(figures.hour.decisions, cases[i].hour);
        assert_int_equal(figures.day.decisions, cases[i].day);
        assert_int_equal(figures.week.personalised, cases[i].week);
        assert_int_equal(figures.week.fallback, 0);
    }
    activity_free(activity);
}

static void a_place_of_the_ring_is_taken_by_its_next_turn(void **state)
{
    (void)state;
    struct activity *activity = activity_new(START_MS);
    int64_t week_ms = 7 * (int64_t)MS_PER_DAY;
    note(activity, 1, "home", START_MS);
    note(activity, 1, "home", START_MS + week_ms);
    assert_int_equal(read_at(activity, 1, "home", START_MS + week_ms).week.decisions, 1);
    activity_free(activity);
}

static void workspaces_and_placements_are_told_apart(void **state)
{
    (void)state;
    struct activity *activity = activity_new(START_MS);
    note(activity, 1, "home", START_MS);
    note(activity, 2, "home", START_MS);
    note(activity, 2, "home", START_MS);
    assert_int_equal(read_at(activity, 1, "home", START_MS).hour.decisions, 1);
    assert_int_equal(read_at(activity, 2, "home", START_MS).hour.decisions, 2);
    assert_int_equal(read_at(activity, 1, "elsewhere", START_MS).hour.decisions, 0);
    activity_free(activity);
}

static void what_is_beyond_the_limit_reads_as_nothing(void **state)
{
    (void)state;
    struct activity *activity = activity_new(START_MS);
    char name[16];
    for (unsigned i = 0; i < ACTIVITY_MAX + 10; i++) {
        snprintf(name, sizeof name, "p%u", i);
        note(activity, 1, name, START_MS);
    }
    assert_int_equal(read_at(activity, 1, "p0", START_MS).hour.decisions, 1);
    assert_int_equal(read_at(activity, 1, name, START_MS).hour.decisions, 0);
    activity_free(activity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_decided_leaves_each_span_in_its_time),
        cmocka_unit_test(a_place_of_the_ring_is_taken_by_its_next_turn),
        cmocka_unit_test(workspaces_and_placements_are_told_apart),
        cmocka_unit_test(what_is_beyond_the_limit_reads_as_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
