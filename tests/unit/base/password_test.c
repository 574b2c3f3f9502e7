/* Passwords as PHC strings: the reference's vectors, our own parameters. */
#include "test.h"

#include "base/password.h"

/* phc-winner-argon2, src/test.c: Argon2id, version 0x13, one lane, salt "somesalt". */
static void reference_vectors_match(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        char phc[PASSWORD_PHC_SIZE];
        bool matches;
    } cases[] = {
        {"password",
         "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
         true},
        {"password",
         "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
         true},
        {"differentpassword",
         "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
         false},
        {"password", "no hash", false},
        {"password", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(password_matches(cases[i].phc, slice_of(cases[i].password)),
                         cases[i].matches);
        assert_true(password_outdated(cases[i].phc));
    }
}

static void a_hash_is_salted_and_has_our_parameters(void **state)
{
    (void)state;
    char first[PASSWORD_PHC_SIZE], second[PASSWORD_PHC_SIZE];
    struct slice password = SLICE("dix-sept éléphants\xf0\x9f\x90\x98");
    password_hash(password, first);
    password_hash(password, second);
    assert_string_not_equal(first, second);
    assert_true(slice_starts_with(slice_of(first), SLICE("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(password_matches(first, password));
    assert_false(password_matches(first, slice_first(password, password.size - 1)));
    assert_false(password_outdated(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_vectors_match),
        cmocka_unit_test(a_hash_is_salted_and_has_our_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
