#include "test.h"

#include "api/moments.h"

enum { SECOND = 1000000, BEGIN = 7 * SECOND };

static unsigned wanted_at_once(struct moments *moments, uint64_t now_us)
{
    unsigned wanted = 0;
    for (unsigned i = 0; i < 10 * MOMENTS_PER_SECOND; i++)
        wanted += moments_wanted(moments, now_us);
    return wanted;
}

static void after_a_quiet_second_a_seconds_worth_is_wanted(void **state)
{
    struct moments *moments = moments_new();
    (void)state;
    assert_int_equal(wanted_at_once(moments, BEGIN), MOMENTS_PER_SECOND);
    assert_int_equal(wanted_at_once(moments, BEGIN + SECOND / 2), MOMENTS_PER_SECOND / 2);
    assert_int_equal(wanted_at_once(moments, BEGIN + 9 * SECOND), MOMENTS_PER_SECOND);
    assert_int_equal(wanted_at_once(moments, BEGIN), 0); /* heard of late */
    moments_free(moments);
}

static void under_load_cards_are_wanted_evenly(void **state)
{
    struct moments *moments = moments_new();
    uint64_t last_us = 0;
    unsigned wanted = 0;
    (void)state;
    (void)wanted_at_once(moments, BEGIN);
    for (uint64_t now_us = BEGIN + 100; now_us <= BEGIN + 2 * SECOND; now_us += 100) {
        if (!moments_wanted(moments, now_us))
            continue;
        assert_true(last_us == 0 || now_us - last_us >= SECOND / MOMENTS_PER_SECOND);
        last_us = now_us;
        wanted++;
    }
    assert_int_equal(wanted, 2 * MOMENTS_PER_SECOND);
    moments_free(moments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_quiet_second_a_seconds_worth_is_wanted),
        cmocka_unit_test(under_load_cards_are_wanted_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
