/* The purposes of spec/purposes.yaml as C sees them: what stored records and the law rely on. */
#include "unit/test.h"

#include "purposes.h"

/* The numbers are on disk: a row may be added at the end, none may move. */
static const struct {
    enum purpose number;
    const char *name;
} STORED[] = {
    {0, "necessary"}, {1, "measure"}, {2, "personalise"}, {3, "learn"},       {4, "email"},
    {5, "push"},      {6, "sms"},     {7, "email_open"},  {8, "email_click"}, {9, "email_image"},
    {10, "service"},  {11, "fraud"},  {12, "share"},
};

static void keeps_the_numbers_that_stored_records_use(void **state)
{
    (void)state;
    assert_int_equal(PURPOSE_COUNT, sizeof STORED / sizeof *STORED);
    for (size_t i = 0; i < sizeof STORED / sizeof *STORED; i++) {
        enum purpose found = PURPOSE_COUNT;
        assert_string_equal(purpose_name(STORED[i].number), STORED[i].name);
        assert_true(purpose_from_name(slice_of(STORED[i].name), &found));
        assert_int_equal(found, STORED[i].number);
    }
}

static void leaves_the_result_untouched_when_no_purpose_has_the_name(void **state)
{
    (void)state;
    const char *const strangers[] = {"", "Necessary", "advertising", "email ", "emai"};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        enum purpose found = PURPOSE_SHARE;
        assert_false(purpose_from_name(slice_of(strangers[i]), &found));
        assert_int_equal(found, PURPOSE_SHARE);
    }
}

static void denies_by_default_what_rests_on_a_choice(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct purpose_about *about = purpose_about((enum purpose)i);
        if (about->bases & (BASIS_CONSENT | BASIS_SOFT_OPT_IN))
            assert_false(about->granted_by_default);
    }
}

static void lets_only_consent_carry_what_follows_a_person(void **state)
{
    (void)state;
    const enum purpose followed[] = {PURPOSE_MEASURE,    PURPOSE_PERSONALISE, PURPOSE_LEARN,
                                     PURPOSE_EMAIL_OPEN, PURPOSE_EMAIL_CLICK, PURPOSE_EMAIL_IMAGE,
                                     PURPOSE_SHARE,      PURPOSE_PUSH};
    for (size_t i = 0; i < sizeof followed / sizeof *followed; i++)
        assert_int_equal(purpose_about(followed[i])->bases, BASIS_CONSENT);
}

static void lets_children_have_what_is_necessary_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        assert_int_equal(purpose_about((enum purpose)i)->age_from, i == PURPOSE_NECESSARY ? 0 : 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_numbers_that_stored_records_use),
        cmocka_unit_test(leaves_the_result_untouched_when_no_purpose_has_the_name),
        cmocka_unit_test(denies_by_default_what_rests_on_a_choice),
        cmocka_unit_test(lets_only_consent_carry_what_follows_a_person),
        cmocka_unit_test(lets_children_have_what_is_necessary_and_nothing_else),
    };
    return cmocka_run_group_tests_name("purposes", tests, NULL, NULL);
}
