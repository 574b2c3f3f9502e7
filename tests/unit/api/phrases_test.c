/* Sentences of reports: what counts one and what counts more, spaces, commas. */
#include "test.h"

#include "api/phrases.h"

static const struct pattern people = {{"{1} {1:personne est|personnes sont} là : {2} %.",
                                       "{1} {1:person is|people are} there: {2}%."}};

static void says_one_and_more_as_the_language_does(void **state)
{
    (void)state;
    static const struct {
        enum locale locale;
        double count;
        const char *said;
    } cases[] = {
        {LOCALE_FR, 0, "0 personne est là\u00a0: 1,5\u202f%."},
        {LOCALE_FR, 1, "1 personne est là\u00a0: 1,5\u202f%."},
        {LOCALE_FR, 1.4, "1 personne est là\u00a0: 1,5\u202f%."},
        {LOCALE_FR, 1.6, "2 personnes sont là\u00a0: 1,5\u202f%."},
        {LOCALE_FR, 2, "2 personnes sont là\u00a0: 1,5\u202f%."},
        {LOCALE_EN, 0, "0 people are there: 1.5%."},
        {LOCALE_EN, 1, "1 person is there: 1.5%."},
        {LOCALE_EN, 2, "2 people are there: 1.5%."},
    };
    struct buf buf;
    buf_init(&buf, 200);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct phrase phrase = phrase_in(cases[i].locale);
        buf_clear(&buf);
        phrase_number(&phrase, cases[i].count, 0);
        phrase_number(&phrase, 1.5, 1);
        phrase_say(&phrase, &people, &buf);
        assert_true(slice_is(buf_slice(&buf), cases[i].said));
    }
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_one_and_more_as_the_language_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
