/* What a condition is told before it is kept: names, types, what can never be true or adds
 * nothing; and that a comparison never accuses wrongly, against brute force. */
#include "test.h"

#include "audience/condition_check.h"

static void check_text(struct arena *arena, const char *text, struct findings *findings)
{
    struct condition condition;
    struct diag diag = {0};
    if (condition_parse(arena, slice_of(text), &condition, &diag) != STATUS_OK)
        fail_msg("%s\n%u:%u: %s", text, diag.line, diag.column, diag.sentence);
    condition_check(&condition, findings);
}

/* NULL: nothing is to be found. One finding each, else. */
static const struct {
    const char *text;
    bool wrong;
    unsigned column;
    const char *sentence;
} cases[] = {
    {"profile.gender = \"F\" and profile.age between 25 and 35 and place.city = \"Paris\" and "
     "affinity.theme has \"mode éthique\" and count(order.item, category under \"bio\", last 6 "
     "months) >= 1",
     false, 0, NULL},
    {"profile.anything = 3 and count(\"Quiz Completed\", answer = \"a\") > 1", false, 0, NULL},
    {"sequence(view, category under \"Tentes\" then order within 2 days, last 30 days)", false, 0,
     NULL},
    {"session.first and now.weekday in (\"saturday\", \"sunday\")", false, 0, NULL},
    {"distinct(view.category, this month) > 3 and last(order.value) > 50", false, 0, NULL},
    /* names */
    {"city = \"Paris\"", false, 1, "did you mean place.city?"},
    {"place.citty = \"Paris\"", false, 1, "did you mean place.city?"},
    {"level >= 2 and mood = \"good\"", false, 16, "mood is not known"},
    {"count(oder) > 1", false, 1, "did you mean order?"},
    {"count(view, since oder) > 1", false, 1, "did you mean order?"},
    /* types */
    {"place.city > \"Paris\"", true, 1, "only numbers and dates"},
    {"profile.age = \"x\"", true, 1, "a number is expected here, and this is a text"},
    {"affinity.brand = \"Nike\"", true, 1, "has"},
    {"place.city has \"Paris\"", true, 1, "compare with ="},
    {"place.city", true, 1, "comparison is missing"},
    {"basket.value contains \"1\"", true, 1, "only texts"},
    {"place.city under \"Paris\"", true, 1, "only categories"},
    {"now.weekday = \"samedi\"", true, 1, "monday tuesday"},
    {"now.date > 3", true, 1, "a date is expected here, and this is a number"},
    {"count(order) = \"many\"", true, 1, "a number is expected"},
    {"sum(view.category) > 3", true, 1, "only numbers can be summed"},
    {"count(order, value = \"x\") > 1", true, 14, "a number is expected"},
    {"profile.age between 35 and 25", true, 1, "larger"},
    {"count(order, between 2026-02-01 and 2026-01-01) > 1", true, 1, "ends before"},
    /* never, always, nothing more */
    {"profile.age > 30 and profile.age < 20", false, 22,
     "never true together with the test at (1:1)"},
    {"profile.age >= 30 and profile.age < 30", false, 23, "never true"},
    {"place.city = \"Paris\" and place.city in (\"Lyon\", \"Lille\")", false, 26, "never true"},
    {"place.city = \"Paris\" and place.city != \"Paris\"", false, 26, "never true"},
    {"place.city is unknown and place.city = \"Paris\"", false, 27, "never true"},
    {"count(order) > 3 and count(order) = 0", false, 22, "never true"},
    {"now.date >= 2026-03-01 and now.date < 2026-03-01", false, 28, "never true"},
    {"profile.age > 20 and profile.age > 30", false, 1, "adds nothing to the test at (1:22)"},
    {"place.city = \"Paris\" and place.city is known", false, 26, "adds nothing"},
    {"level = 2 and level = 2", false, 15, "adds nothing"},
    {"level > 2 or level <= 2", false, 14, "always true, when known"},
    {"level is known or level is unknown", false, 19, "always true"},
    {"level > 2 or level > 3", false, 14, "never decides"},
    {"level > 2 and (level = 1 or session.first)", false, 16, "a dead branch"},
    /* what cannot be decided is left alone */
    {"place.city contains \"a\" and place.city contains \"b\"", false, 0, NULL},
    {"place.city starts with \"P\" and place.city != \"Paris\"", false, 0, NULL},
    {"count(order, last 1 day) > 3 and count(order, last 2 days) = 0", false, 0, NULL},
    {"affinity.brand has \"a\" and affinity.brand has \"b\"", false, 0, NULL},
    {"level > 2 and not (level = 1 or session.first)", false, 0, NULL},
};

static void what_is_doubtful_or_wrong_is_told_where_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct findings findings;
        arena_init(&arena);
        check_text(&arena, cases[i].text, &findings);
        const struct finding *first = &findings.list[0];
        if (findings.count != (cases[i].sentence ? 1 : 0))
            fail_msg("%s\n%zu findings: %s", cases[i].text, findings.count,
                     findings.count ? first->sentence : "");
        if (cases[i].sentence &&
            (first->wrong != cases[i].wrong || first->column != cases[i].column ||
             findings.wrong != cases[i].wrong || !strstr(first->sentence, cases[i].sentence)))
            fail_msg("%s\n%u:%u: %s", cases[i].text, first->line, first->column, first->sentence);
        arena_done(&arena);
    }
}

/* --- against brute force ---------------------------------------------------------------------- */

enum { LINE = 12, ROUNDS = 20000 }; /* whole numbers from 0; the tests name even ones */

static uint64_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static bool truth(const struct condition_test *test, double at)
{
    bool among = false;
    for (size_t i = 0; i < test->value_count; i++)
        among = among || test->values[i].number == at;
    double first = test->values[0].number;
    switch (test->kind) {
    case TEST_EQUAL:
        return at == first;
    case TEST_NOT_EQUAL:
        return at != first;
    case TEST_LESS:
        return at < first;
    case TEST_AT_MOST:
        return at <= first;
    case TEST_MORE:
        return at > first;
    case TEST_AT_LEAST:
        return at >= first;
    case TEST_BETWEEN:
        return at >= first && at <= test->values[1].number;
    case TEST_IN:
        return among;
    default:
        return !among;
    }
}

static struct condition_test draw_test(struct arena *arena, uint64_t *state)
{
    struct condition_test test = {.subject = {.path = SLICE("level")}};
    test.kind = (enum test_kind)(draw(state) % (TEST_NOT_IN + 1));
    test.value_count = test.kind == TEST_BETWEEN    ? 2
                       : test_takes_list(test.kind) ? 1 + draw(state) % 3
                                                    : 1;
    test.values = ARENA_ARRAY(arena, test.value_count, struct value);
    for (size_t i = 0; i < test.value_count; i++)
        test.values[i] = (struct value){.kind = VALUE_NUMBER,
                                        .number = (double)(2 * (draw(state) % (LINE / 2)))};
    return test;
}

/* Odd places lie between, -1 and LINE beyond what tests name: every answer occurs there. */
static void comparisons_say_what_trying_every_number_says(void **unused)
{
    (void)unused;
    uint64_t state = 7;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena arena;
        arena_init(&arena);
        struct condition_test a = draw_test(&arena, &state), b = draw_test(&arena, &state);
        bool both = false, neither = false, only_a = false;
        for (double at = -1; at <= LINE; at++) {
            bool x = truth(&a, at), y = truth(&b, at);
            both = both || (x && y);
            neither = neither || (!x && !y);
            only_a = only_a || (x && !y);
        }
        assert_int_equal(tests_exclude(&a, &b), !both);
        assert_int_equal(tests_cover(&a, &b), !neither);
        assert_int_equal(test_implies(&a, &b), !only_a);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_doubtful_or_wrong_is_told_where_it_stands),
        cmocka_unit_test(comparisons_say_what_trying_every_number_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
