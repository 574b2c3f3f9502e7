/* Sessions and links on a clock of the test: what ends them, and that they are bounded. */
#include "test.h"

#include "api/sessions.h"
#include "base/hash.h"

#include <stdio.h>

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static const struct user ada = {.id = 7, .epoch = 7, .name = "ada"};

static int set_up(void **state)
{
    *state = sessions_new();
    return 0;
}

static int tear_down(void **state)
{
    sessions_free(*state);
    return 0;
}

static bool lives(struct sessions *sessions, const char *secret, int64_t now_ms)
{
    struct user_session session;
    return sessions_find(sessions, slice_of(secret), now_ms, &session);
}

static void a_session_ends_when_it_was_idle_for_half_an_hour(void **state)
{
    char secret[SESSION_SECRET_SIZE];
    (void)sessions_begin(*state, &ada, SLICE("::1"), 0, secret);
    assert_true(lives(*state, secret, 30 * MINUTE_MS - 1));
    assert_true(lives(*state, secret, 59 * MINUTE_MS));
    assert_false(lives(*state, secret, 89 * MINUTE_MS));
    assert_false(lives(*state, secret, 60 * MINUTE_MS)); /* once over, over */
}

static void a_session_ends_after_twelve_hours_of_use(void **state)
{
    char secret[SESSION_SECRET_SIZE];
    (void)sessions_begin(*state, &ada, SLICE("::1"), 0, secret);
    for (int64_t now_ms = 0; now_ms < 12 * HOUR_MS; now_ms += 29 * MINUTE_MS)
        assert_true(lives(*state, secret, now_ms));
    assert_false(lives(*state, secret, 12 * HOUR_MS));
}

static void only_the_hash_of_a_secret_is_held(void **state)
{
    char secret[SESSION_SECRET_SIZE], other[SESSION_SECRET_SIZE];
    struct user_session session = sessions_begin(*state, &ada, SLICE("::1"), 0, secret);
    (void)sessions_begin(*state, &ada, SLICE("::1"), 0, other);
    assert_string_not_equal(secret, other);
    assert_int_equal(strlen(secret), 64);
    uint8_t hash[32];
    hash_sha256(slice_of(secret), hash);
    assert_memory_equal(session.hash, hash, sizeof hash);
    char hex[SESSION_SECRET_SIZE];
    hash_to_hex(hash, sizeof hash, hex);
    assert_false(lives(*state, hex, 1));
    assert_false(lives(*state, "", 1));
}

static void a_session_is_ended_by_its_user_or_by_anybody_who_may(void **state)
{
    char secret[SESSION_SECRET_SIZE];
    struct user_session session = sessions_begin(*state, &ada, SLICE("::1"), 0, secret);
    assert_false(sessions_end(*state, session.id, ada.id + 1));
    assert_true(lives(*state, secret, 1));
    assert_true(sessions_end(*state, session.id, ada.id));
    assert_false(lives(*state, secret, 1));
    assert_false(sessions_end(*state, session.id, 0));
}

static void a_user_has_so_many_and_the_one_idle_longest_leaves(void **state)
{
    char secrets[SESSIONS_PER_USER_MAX + 1][SESSION_SECRET_SIZE];
    struct user_session list[SESSIONS_PER_USER_MAX];
    for (int i = 0; i < SESSIONS_PER_USER_MAX + 1; i++) {
        (void)sessions_begin(*state, &ada, SLICE("::1"), i, secrets[i]);
        assert_true(lives(*state, secrets[0], i + (i < SESSIONS_PER_USER_MAX)));
    }
    assert_false(lives(*state, secrets[1], 100));
    assert_int_equal(sessions_of(*state, &ada, 100, list), SESSIONS_PER_USER_MAX);
    assert_true(list[0].created_ms > list[1].created_ms);
    const struct user changed = {.id = ada.id, .epoch = ada.epoch + 1};
    assert_int_equal(sessions_of(*state, &changed, 100, list), 0);
}

static void all_together_are_bounded(void **state)
{
    char first[SESSION_SECRET_SIZE], secret[SESSION_SECRET_SIZE];
    (void)sessions_begin(*state, &ada, SLICE("::1"), 0, first);
    for (unsigned i = 0; i < USER_SESSIONS_MAX; i++) {
        const struct user user = {.id = 100 + i, .epoch = 1};
        (void)sessions_begin(*state, &user, SLICE("::1"), 1, secret);
    }
    assert_false(lives(*state, first, 2));
    assert_true(lives(*state, secret, 2));
}

static void a_link_is_taken_once_within_a_quarter_of_an_hour(void **state)
{
    char token[SESSION_SECRET_SIZE], late[SESSION_SECRET_SIZE];
    uint64_t user = 0, epoch = 0;
    sessions_make_link(*state, &ada, 0, token);
    sessions_make_link(*state, &ada, 0, late);
    assert_false(sessions_take_link(*state, SLICE("nothing"), 1, &user, &epoch));
    assert_true(sessions_take_link(*state, slice_of(token), LOGIN_LINK_MS - 1, &user, &epoch));
    assert_int_equal(user, ada.id);
    assert_int_equal(epoch, ada.epoch);
    assert_false(sessions_take_link(*state, slice_of(token), 1, &user, &epoch));
    assert_false(sessions_take_link(*state, slice_of(late), LOGIN_LINK_MS, &user, &epoch));
}

static void of_too_many_links_the_oldest_leaves(void **state)
{
    char first[SESSION_SECRET_SIZE], token[SESSION_SECRET_SIZE];
    uint64_t user, epoch;
    sessions_make_link(*state, &ada, 0, first);
    for (int i = 0; i < LOGIN_LINKS_MAX; i++)
        sessions_make_link(*state, &ada, i + 1, token);
    assert_false(sessions_take_link(*state, slice_of(first), 100, &user, &epoch));
    assert_true(sessions_take_link(*state, slice_of(token), 100, &user, &epoch));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_ends_when_it_was_idle_for_half_an_hour),
        TEST(a_session_ends_after_twelve_hours_of_use),
        TEST(only_the_hash_of_a_secret_is_held),
        TEST(a_session_is_ended_by_its_user_or_by_anybody_who_may),
        TEST(a_user_has_so_many_and_the_one_idle_longest_leaves),
        TEST(all_together_are_bounded),
        TEST(a_link_is_taken_once_within_a_quarter_of_an_hour),
        TEST(of_too_many_links_the_oldest_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
