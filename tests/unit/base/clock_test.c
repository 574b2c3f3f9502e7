#include "test.h"

#include "base/clock.h"
#include "base/zone.h"

static void instants_are_read_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.5Z", 500},
        {"1970-01-01T00:00:00.123456789Z", 123},
        {"1970-01-01 01:00", 3600000},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1970-01-01T01:00:00+0100", 0},
        {"1969-12-31T23:00:00-01", 0},
        {"2026-03-01T10:20:30.123Z", 1772360430123},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"0001-01-01T00:00:00Z", -62135596800000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        if (!clock_parse_iso(slice_of(cases[i].text), &ms) || ms != cases[i].ms)
            fail_msg("%s gave %lld", cases[i].text, (long long)ms);
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "now",
        "2026-02-29",
        "2026-13-01",
        "2026-1-1",
        "2026-01-32",
        "20260101",
        "2026-01-01T",
        "2026-01-01T24:00:00Z",
        "2026-01-01T10:00:00X",
        "2026-01-01T10:00:00+1:00",
        "2026-01-01T10:00:00.Z",
        "2026-01-01T10:61:00Z",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms;
        if (clock_parse_iso(slice_of(cases[i]), &ms))
            fail_msg("%s was read", cases[i]);
    }
}

static void dates_and_days_are_inverse_over_a_thousand_years(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 17) {
        int year, month, date;
        clock_date_from_days(day, &year, &month, &date);
        assert_true(month >= 1 && month <= 12 && date >= 1 && date <= 31);
        assert_int_equal(clock_days_from_date(year, month, date), day);
    }
}

static void formatting_is_the_inverse_of_reading(void **state)
{
    (void)state;
    static const int64_t instants[] = {0, -1, 1772360430123, -62135596800000, 951782399999};
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        char text[25];
        int64_t back;
        clock_format_iso(instants[i], text);
        assert_true(clock_parse_iso(slice_of(text), &back));
        assert_int_equal(back, instants[i]);
    }
}

static void a_fixed_clock_stands_still(void **state)
{
    (void)state;
    clock_fix(1234);
    assert_int_equal(clock_now_ms(), 1234);
    clock_free_run();
    assert_true(clock_now_ms() > 1700000000000);
}

static void local_times_know_summer_and_the_hours_that_are_not_there(void **state)
{
    (void)state;
    struct slice paris = SLICE("Europe/Paris");
    assert_true(zone_exists(paris));
    assert_false(zone_exists(SLICE("Europe/Atlantis")));
    assert_false(zone_exists(SLICE("")));
    static const struct {
        const char *local, *utc;
    } cases[] = {
        {"2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z"},
        {"2026-07-15T12:00:00Z", "2026-07-15T10:00:00Z"},
        {"2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"}, /* in the gap: ahead */
        {"2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"}, /* of two, the first */
        {"2026-10-25T03:30:00Z", "2026-10-25T02:30:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t local, utc;
        assert_true(clock_parse_iso(slice_of(cases[i].local), &local));
        assert_true(clock_parse_iso(slice_of(cases[i].utc), &utc));
        assert_int_equal(zone_local_to_utc(paris, local), utc);
    }
    assert_int_equal(zone_offset_minutes(paris, 1784109600000), 120);
    assert_int_equal(zone_local_day(paris, 23 * (int64_t)MS_PER_HOUR + 1), 1);
    assert_int_equal(zone_offset_minutes(SLICE("nowhere"), 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read_as_written),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(dates_and_days_are_inverse_over_a_thousand_years),
        cmocka_unit_test(formatting_is_the_inverse_of_reading),
        cmocka_unit_test(a_fixed_clock_stands_still),
        cmocka_unit_test(local_times_know_summer_and_the_hours_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
