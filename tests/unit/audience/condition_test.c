/* The three forms of a condition: what is read, what is written back, where an error is. */
#include "test.h"

#include "audience/condition.h"

#include <stdio.h>

static struct slice text_of(const struct condition *condition, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, CONDITION_TEXT_BYTES_MAX);
    condition_text(condition, &buf);
    struct slice text = arena_copy(arena, buf_slice(&buf));
    buf_done(&buf);
    return text;
}

static struct slice json_of(const struct condition *condition, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, 4 * CONDITION_TEXT_BYTES_MAX);
    struct json_out out = json_out(&buf);
    condition_write(condition, &out);
    struct slice text = arena_copy(arena, buf_slice(&buf));
    buf_done(&buf);
    return text;
}

static void assert_text(struct slice found, const char *wanted)
{
    if (!slice_is(found, wanted))
        fail_msg("%.*s\nis not\n%s", SLICE_ARG(found), wanted);
}

/* Parsed, written as JSON, read again and written as text: NULL stands for the text itself. */
static const struct {
    const char *text, *canonical;
} good[] = {
    {"profile.gender = \"F\"", NULL},
    {"profile.gender = « F »", "profile.gender = \"F\""},
    {"PROFILE.age BETWEEN 25 AND 35", "PROFILE.age between 25 and 35"},
    {"profile.gender = \"F\" and profile.age between 25 and 35 and place.city = \"Paris\"\n"
     "  and affinity.theme has \"mode éthique\"\n"
     "  and count(order.item, category under \"bio\", last 6 months) >= 1",
     "profile.gender = \"F\" and profile.age between 25 and 35 and place.city = \"Paris\" and "
     "affinity.theme has \"mode éthique\" and count(order.item, category under \"bio\", last 6 "
     "months) >= 1"},
    {"a = 1 or b = 2 and c = 3", "a = 1 or (b = 2 and c = 3)"},
    {"(a = 1 or b = 2) and c = 3", NULL},
    {"not a = 1 and b = 2", NULL},
    {"not (a = 1 and b = 2)", NULL},
    {"not not a", NULL},
    {"a and (b and c)", NULL},
    {"((a))", "a"},
    {"place.city in (\"Paris\", \"Lyon\")", NULL},
    {"place.city not in (\"Paris\")", NULL},
    {"profile.\"code client\" starts with \"X\\\"\\\\\"", NULL},
    {"page.url ends with \".html\" or page.url contains \"soldes\"", NULL},
    {"session.first is true", "session.first = true"},
    {"profile.age is known and profile.city is unknown", NULL},
    {"sum(order.value, this month) > 100.5", NULL},
    {"average(order.value) < -3", NULL},
    {"distinct(view.category, since 2026-01-01) >= 3", NULL},
    {"count(order, between 2025-12-01 and 2025-12-31) > 0", NULL},
    {"count(view, since order) >= 5", NULL},
    {"count(view, since 2026-01-01T10:00:00+01:00) = 1",
     "count(view, since 2026-01-01T09:00:00.000Z) = 1"},
    {"days_since(order) <= 30", NULL},
    {"last(order.value) >= 50 and first(view.category) under \"Tentes\"", NULL},
    {"count(\"Quiz Completed\", answer = \"a\", last 1 day) = 0", NULL},
    {"sum(\"Quiz Completed\".points) > 3", NULL},
    {"sequence(view, category under \"Tentes\" then cart within 2 days then order within 1 week, "
     "last 30 days)",
     NULL},
    {"sequence(view then order)", NULL},
    {"sequence(view then cart, price > 20 within 1 hour)", NULL},
    {"a = 0.0000001 or a > 2.5e20", "a = 1e-07 or a > 2.5e+20"},
    {"count = 1", NULL}, /* a field may be called as a function is */
};

static void every_form_reads_back_as_the_same_tree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct arena arena;
        struct condition parsed, read, again;
        struct diag diag = {0};
        const struct json *json;
        arena_init(&arena);
        if (condition_parse(&arena, slice_of(good[i].text), &parsed, &diag) != STATUS_OK)
            fail_msg("%s\n%u:%u: %s", good[i].text, diag.line, diag.column, diag.sentence);
        const char *canonical = good[i].canonical ? good[i].canonical : good[i].text;
        assert_text(text_of(&parsed, &arena), canonical);
        struct slice form = json_of(&parsed, &arena);
        assert_int_equal(json_parse(&arena, form, &json, &diag), STATUS_OK);
        if (condition_read(&arena, json, &read, &diag) != STATUS_OK)
            fail_msg("%.*s\n%s: %s", SLICE_ARG(form), diag.field, diag.sentence);
        assert_text(text_of(&read, &arena), canonical);
        assert_true(slice_equal(json_of(&read, &arena), form));
        assert_int_equal(condition_parse(&arena, slice_of(canonical), &again, &diag), STATUS_OK);
        assert_true(slice_equal(json_of(&again, &arena), form));
        arena_done(&arena);
    }
}

static const struct {
    const char *text;
    unsigned line, column;
    const char *sentence; /* a part of it */
} bad[] = {
    {"", 1, 1, "nothing here"},
    {"profile.gender = ", 1, 18, "a value is missing"},
    {"profile.gender = F", 1, 18, "double quotes: \"F\""},
    {"profile.gender = 'F'", 1, 18, "double quotes"},
    {"profile.gender = \"F", 1, 18, "never closed"},
    {"a = « F", 1, 5, "never closed"},
    {"a = 1 b = 2", 1, 7, "\"and\" or \"or\""},
    {"a = 1 and", 1, 10, "a field"},
    {"a = 1\nand (b = 2", 2, 11, "\")\" is missing"},
    {"a between 1", 1, 12, "\"and\" is missing"},
    {"a in \"x\"", 1, 6, "\"(\" is missing"},
    {"a in (\"x\"", 1, 10, "\")\" is missing"},
    {"a starts \"x\"", 1, 10, "\"with\" is missing"},
    {"a = 2026-13-01", 1, 5, "no date"},
    {"a = 25%", 1, 5, "0.25"},
    {"a = 3days", 1, 5, "space after a number"},
    {"a = 1e999", 1, 5, "too large"},
    {"number(order) > 1", 1, 7, "no function of this name"},
    {"sum(order) > 1", 1, 5, "which property"},
    {"count(order, last month) > 1", 1, 19, "whole number"},
    {"count(order, last 6 moons) > 1", 1, 21, "a unit is missing"},
    {"count(order, last 1.5 days) > 1", 1, 19, "whole number"},
    {"count(order, since tomorrow and) > 1", 1, 29, "\")\" is missing"},
    {"count(order, between 1 and 2) > 1", 1, 22, "a date is missing"},
    {"sequence(view)", 1, 14, "two steps"},
    {"sequence(view within 1 day then order)", 1, 22, "first step"},
    {"prénom = \"x\"", 1, 3, "double quotes"},
    {"a & b", 1, 3, "means nothing"},
    {"and = 1", 1, 1, "a field"},
    {"profile. = 1", 1, 10, "is missing"},
    {"é\xff", 1, 1, "UTF-8"},
};

static void an_error_says_where_it_is_and_how_to_mend_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena arena;
        struct condition condition;
        struct diag diag = {0};
        arena_init(&arena);
        if (condition_parse(&arena, slice_of(bad[i].text), &condition, &diag) != STATUS_INVALID)
            fail_msg("%s was taken", bad[i].text);
        if (diag.line != bad[i].line || diag.column != bad[i].column ||
            !strstr(diag.sentence, bad[i].sentence))
            fail_msg("%s\n%u:%u: %s", bad[i].text, diag.line, diag.column, diag.sentence);
        arena_done(&arena);
    }
}

static const struct {
    const char *json, *field, *sentence;
} bad_json[] = {
    {"[]", "", "all, any, not"},
    {"{\"all\": {}}", "/all", "a list"},
    {"{\"all\": []}", "/all", "a list"},
    {"{\"all\": [{\"fact\": \"a\"}, {\"fact\": \"a b\"}]}", "/all/1", "name of a field"},
    {"{\"all\": [{\"fact\": \"a\"}], \"any\": []}", "", "no member \"any\""},
    {"{\"fact\": \"a\", \"test\": \"~\", \"value\": 1}", "", "\"test\" is one of"},
    {"{\"fact\": \"a\", \"test\": \"=\"}", "", "one \"value\""},
    {"{\"fact\": \"a\", \"test\": \"in\", \"value\": 1}", "", "\"values\", a list"},
    {"{\"fact\": \"a\", \"test\": \"in\", \"values\": []}", "", "1 to 1000"},
    {"{\"fact\": \"a\", \"test\": \"=\", \"value\": null}", "/value", "a text, a number"},
    {"{\"fact\": \"a\", \"test\": \"is known\", \"value\": 1}", "", "takes no value"},
    {"{\"count\": {}}", "/count", "which event"},
    {"{\"count\": {\"event\": \"order\", \"own\": \"x\"}}", "/count", "which event"},
    {"{\"count\": {\"event\": \"order\", \"window\": {\"last\": 0, \"unit\": \"day\"}}}",
     "/count/window", "whole number"},
    {"{\"count\": {\"event\": \"order\", \"where\": [{\"count\": {\"event\": \"view\"}}]}}",
     "/count/where/0", "properties"},
    {"{\"sequence\": {\"steps\": [{\"event\": \"view\"}]}}", "/sequence", "2 to 8"},
};

static void an_error_in_json_says_which_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_json / sizeof *bad_json; i++) {
        struct arena arena;
        struct condition condition;
        struct diag diag = {0};
        const struct json *json;
        arena_init(&arena);
        assert_int_equal(json_parse(&arena, slice_of(bad_json[i].json), &json, &diag), STATUS_OK);
        if (condition_read(&arena, json, &condition, &diag) != STATUS_INVALID)
            fail_msg("%s was taken", bad_json[i].json);
        if (strcmp(diag.field, bad_json[i].field) != 0 ||
            !strstr(diag.sentence, bad_json[i].sentence))
            fail_msg("%s\n\"%s\": %s", bad_json[i].json, diag.field, diag.sentence);
        arena_done(&arena);
    }
}

/* Shapes that make a careless parser run for ever or out of stack. */
static void what_is_nested_or_repeated_beyond_reason_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *repeated, *last;
    } shapes[] = {{"(", "a"}, {"not ", "a"}, {"a and ", "a"}, {"a or (", "a"}, {"a in (1, ", "1)"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct arena arena;
        struct condition condition;
        struct diag diag = {0};
        struct buf text;
        arena_init(&arena);
        buf_init(&text, CONDITION_TEXT_BYTES_MAX);
        for (unsigned k = 0; k < 5000; k++)
            buf_add(&text, slice_of(shapes[i].repeated));
        buf_add(&text, slice_of(shapes[i].last));
        assert_int_equal(condition_parse(&arena, buf_slice(&text), &condition, &diag),
                         STATUS_INVALID);
        assert_true(arena.used_bytes < 4u << 20);
        buf_done(&text);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_reads_back_as_the_same_tree),
        cmocka_unit_test(an_error_says_where_it_is_and_how_to_mend_it),
        cmocka_unit_test(an_error_in_json_says_which_member),
        cmocka_unit_test(what_is_nested_or_repeated_beyond_reason_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
