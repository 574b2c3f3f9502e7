/* How fast passwords may be tried, on a clock of the test. */
#include "test.h"

#include "api/throttle.h"
#include "base/limits.h"

#include <stdio.h>

enum { HOUR_MS = 3600000 };

static int set_up(void **state)
{
    *state = throttle_new();
    return 0;
}

static int tear_down(void **state)
{
    throttle_free(*state);
    return 0;
}

static struct slice address_of(unsigned number, char room[32])
{
    return slice_make(room, (size_t)snprintf(room, 32, "address %u", number));
}

/* Tries once a second for an hour, each from another address or always from the same. */
static unsigned tries_in_an_hour(struct throttle *throttle, struct slice account, bool elsewhere,
                                 int64_t from_ms)
{
    unsigned tested = 0;
    for (unsigned i = 0; i < HOUR_MS / 1000; i++) {
        char room[32];
        tested += throttle_take(throttle, account, address_of(elsewhere ? i : 0, room),
                                from_ms + 1000 * (int64_t)i) == 0;
    }
    return tested;
}

static void of_thousands_of_guesses_an_hour_less_than_a_hundred_are_tried(void **state)
{
    assert_in_range(tries_in_an_hour(*state, SLICE("ada"), true, 1000), 20, 99);
    assert_in_range(tries_in_an_hour(*state, SLICE("bob"), false, 1000), 20, 99);
}

static void the_first_five_are_free_then_each_wait_doubles(void **state)
{
    static const unsigned waits_s[] = {1, 2, 4, 8, 16, 32, 60, 60};
    int64_t now_ms = 1000;
    for (unsigned i = 0; i + 1 < LOGIN_TRIES_FREE; i++)
        assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), now_ms), 0);
    for (size_t i = 0; i < sizeof waits_s / sizeof waits_s[0]; i++) {
        assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), now_ms), 0);
        assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), now_ms), waits_s[i]);
        now_ms += 1000 * (int64_t)waits_s[i];
    }
    now_ms += LOGIN_FORGET_MS;
    assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), now_ms), 0);
    assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), now_ms), 0);
}

static void guesses_from_elsewhere_do_not_delay_who_came_in_before(void **state)
{
    assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), 1000), 0);
    throttle_succeeded(*state, SLICE("ada"), SLICE("home"));
    (void)tries_in_an_hour(*state, SLICE("ada"), true, 1000);
    char room[32];
    assert_int_not_equal(throttle_take(*state, SLICE("ada"), address_of(9999, room), HOUR_MS), 0);
    assert_int_equal(throttle_take(*state, SLICE("ada"), SLICE("home"), HOUR_MS), 0);
}

static void an_account_of_ones_own_buys_no_guesses_at_others(void **state)
{
    unsigned tested = 0;
    char room[32];
    for (unsigned i = 0; i < 100; i++) {
        tested += throttle_take(*state, address_of(i, room), SLICE("lair"), 1000) == 0;
        if (throttle_take(*state, SLICE("mallory"), SLICE("lair"), 1000) == 0)
            throttle_succeeded(*state, SLICE("mallory"), SLICE("lair"));
    }
    assert_in_range(tested, 1, LOGIN_TRIES_FREE);
}

static void strangers_together_have_a_rate(void **state)
{
    unsigned tested = 0;
    for (unsigned i = 0; i < 1000; i++) {
        char name[32], room[32];
        (void)snprintf(name, sizeof name, "name %u", i);
        tested += throttle_take(*state, slice_of(name), address_of(i, room), 1000 + i) == 0;
    }
    assert_in_range(tested, LOGIN_TRIES_PER_SECOND, 5 * LOGIN_TRIES_PER_SECOND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_thousands_of_guesses_an_hour_less_than_a_hundred_are_tried),
        TEST(the_first_five_are_free_then_each_wait_doubles),
        TEST(guesses_from_elsewhere_do_not_delay_who_came_in_before),
        TEST(an_account_of_ones_own_buys_no_guesses_at_others),
        TEST(strangers_together_have_a_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
