/* Which passwords are taken, and those that we make. */
#include "test.h"

#include "api/passwords.h"
#include "base/limits.h"

#include <stdio.h>

static enum status check(struct slice password)
{
    const struct slice words[] = {SLICE("ada.lovelace@example.org"), SLICE("ada.lovelace"),
                                  SLICE("example.org"), SLICE("montagne"), SLICE("b")};
    struct diag diag = {0};
    enum status status = password_check(password, words, 5, &diag);
    assert_int_equal(status == STATUS_OK, diag.sentence[0] == '\0');
    return status;
}

static void only_what_is_hard_to_guess_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool taken;
    } cases[] = {
        {"correct horse battery staple", true},
        {"quatorze sous-marins jaunes", true},
        {"vingt-et-un éclairs", true},
        {"日本語のパスワードです", true},
        {"               x7 q", false},
        {"fourteen chars", false},
        {"aaaaaaaaaaaaaaaaaaaa", false},
        {"123456789012345678", false},
        {"abcdefghijklmnopqrstuvwxyz", false},
        {"azertyuiopqsdfghjklm", false},
        {"passwordpassword", false},
        {"PassWord-PassWord-2026", false},
        {"motdepasse!motdepasse", false},
        {"Montagne-2026-Montagne", false},
        {"ada.lovelace@example.org", false},
        {"ada.lovelace123456789", false},
        {"k3Fk3Fk3Fk3Fk3Fk3F", false},
        {"bonjour je mange une pomme", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool taken = check(slice_of(cases[i].password)) == STATUS_OK;
        if (taken != cases[i].taken)
            printf("# %s\n", cases[i].password);
        assert_int_equal(taken, cases[i].taken);
    }
}

static void any_length_between_the_limits_is_taken(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        bool taken;
    } cases[] = {{0, false},
                 {14, false},
                 {15, true},
                 {64, true},
                 {1000, true},
                 {PASSWORD_BYTES_MAX, true},
                 {PASSWORD_BYTES_MAX + 1, false}};
    char text[PASSWORD_BYTES_MAX + 1];
    unsigned seed = 7;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('!' + (seed = seed * 1103515245 + 12345) / 65536 % 90);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(check(slice_make(text, cases[i].size)) == STATUS_OK, cases[i].taken);
    assert_int_equal(check(SLICE("quatorze \xff sous-marins")), STATUS_INVALID);
}

static void ours_are_taken_and_never_the_same(void **state)
{
    (void)state;
    char first[PASSWORD_TEXT_SIZE], second[PASSWORD_TEXT_SIZE];
    password_make(first);
    password_make(second);
    assert_string_not_equal(first, second);
    assert_int_equal(strlen(first), PASSWORD_TEXT_SIZE - 1);
    assert_int_equal(check(slice_of(first)), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_hard_to_guess_is_taken),
        cmocka_unit_test(any_length_between_the_limits_is_taken),
        cmocka_unit_test(ours_are_taken_and_never_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
