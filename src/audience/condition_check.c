#include "audience/condition_check.h"

#include "audience/schema.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void finding_add(struct findings *findings, const struct condition_test *test, bool wrong,
                 const char *format, ...)
{
    findings->wrong = findings->wrong || wrong;
    if (findings->count == FINDINGS_MAX)
        return;
    struct finding *finding = &findings->list[findings->count++];
    *finding = (struct finding){.wrong = wrong, .line = test->line, .column = test->column};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->sentence, sizeof finding->sentence, format, arguments);
    va_end(arguments);
}

/* --- types ------------------------------------------------------------------------------------ */

static bool value_fits(const struct value *value, enum fact_type type)
{
    switch (type) {
    case TYPE_ANY:
        return true;
    case TYPE_TEXT:
    case TYPE_CATEGORY:
    case TYPE_LIST:
        return value->kind == VALUE_TEXT;
    case TYPE_NUMBER:
        return value->kind == VALUE_NUMBER;
    case TYPE_BOOLEAN:
        return value->kind == VALUE_BOOLEAN;
    case TYPE_DAY:
        return value->kind == VALUE_DATE;
    case TYPE_INSTANT:
        return value->kind == VALUE_DATE || value->kind == VALUE_INSTANT;
    case TYPE_COUNT:
        break;
    }
    return false;
}

/* NULL: the test can be put to such a thing; else what to write instead. */
static const char *unfit(enum test_kind kind, enum fact_type type)
{
    bool ordered = type == TYPE_NUMBER || type == TYPE_DAY || type == TYPE_INSTANT;
    bool text = type == TYPE_TEXT || type == TYPE_CATEGORY;
    if (type == TYPE_ANY || kind == TEST_KNOWN || kind == TEST_UNKNOWN)
        return NULL;
    switch (kind) {
    case TEST_EQUAL:
    case TEST_NOT_EQUAL:
    case TEST_IN:
    case TEST_NOT_IN:
        return type == TYPE_LIST ? "a list is asked with has" : NULL;
    case TEST_LESS:
    case TEST_AT_MOST:
    case TEST_MORE:
    case TEST_AT_LEAST:
    case TEST_BETWEEN:
        return ordered ? NULL : "only numbers and dates have an order";
    case TEST_CONTAINS:
    case TEST_STARTS_WITH:
    case TEST_ENDS_WITH:
        return text                ? NULL
               : type == TYPE_LIST ? "a list is asked with has"
                                   : "only texts have parts";
    case TEST_UNDER:
        return type == TYPE_CATEGORY ? NULL : "only categories have others under them";
    case TEST_HAS:
        return type == TYPE_LIST ? NULL : "only a list has something; compare with =";
    case TEST_HOLDS:
        return type == TYPE_BOOLEAN ? NULL : "a comparison is missing behind it";
    case TEST_KNOWN:
    case TEST_UNKNOWN:
    case TEST_KIND_COUNT:
        break;
    }
    return NULL;
}

static bool is_choice(const char *choices, struct slice value)
{
    struct slice rest = slice_of(choices), word;
    while (slice_cut(rest, ' ', &word, &rest))
        if (slice_equal(word, value))
            return true;
    return slice_equal(rest, value);
}

static void check_values(const struct condition_test *test, const struct schema_fact *fact,
                         enum fact_type type, struct findings *findings)
{
    for (size_t i = 0; i < test->value_count; i++) {
        const struct value *value = &test->values[i];
        if (!value_fits(value, type)) {
            finding_add(findings, test, true, "%s is expected here, and this is %s",
                        type_name(type),
                        value->kind == VALUE_TEXT      ? "a text"
                        : value->kind == VALUE_NUMBER  ? "a number"
                        : value->kind == VALUE_BOOLEAN ? "true or false"
                                                       : "a date");
            return;
        }
        if (fact && fact->choices && value->kind == VALUE_TEXT && test->kind < TEST_CONTAINS &&
            !is_choice(fact->choices, value->text)) {
            finding_add(findings, test, true, "%s is never \"%.*s\"; it is one of: %s", fact->path,
                        SLICE_ARG(slice_first(value->text, 40)), fact->choices);
            return;
        }
    }
    if (test->kind == TEST_BETWEEN && test->values[0].kind == test->values[1].kind &&
        (test->values[0].number > test->values[1].number ||
         test->values[0].time > test->values[1].time))
        finding_add(findings, test, true,
                    "the first of the two is the larger one: nothing is between them");
}

static void check_kind(const struct condition_test *test, const struct schema_fact *fact,
                       enum fact_type type, struct findings *findings)
{
    const char *instead = unfit(test->kind, type);
    if (instead)
        finding_add(findings, test, true, "\"%s\" does not fit %s: %s", test_word(test->kind),
                    type_name(type), instead);
    else
        check_values(test, fact, type, findings);
}

/* --- names ------------------------------------------------------------------------------------ */

static const struct schema_fact *check_fact(const struct condition_test *test, struct slice path,
                                            const struct schema_event *event, bool of_event,
                                            struct findings *findings)
{
    const struct schema_fact *fact = of_event ? schema_property(event, path) : schema_fact(path);
    if (fact)
        return fact;
    const char *nearest = schema_nearest(path, event);
    finding_add(findings, test, false, "%.*s is not known%s%s%s; it will be unknown for everybody",
                SLICE_ARG(slice_first(path, 60)), nearest ? " (did you mean " : "",
                nearest ? nearest : "", nearest ? "?)" : "");
    return NULL;
}

static void check_window(const struct condition_test *test, const struct window *window,
                         struct findings *findings)
{
    if (window->kind == WINDOW_BETWEEN && window->from.kind == window->to.kind &&
        window->from.time > window->to.time)
        finding_add(findings, test, true, "this time ends before it begins");
    if (window->kind == WINDOW_AFTER && !schema_event(window->event)) {
        const char *nearest = schema_nearest_event(window->event);
        finding_add(findings, test, false, "there is no event \"%.*s\"%s%s%s",
                    SLICE_ARG(slice_first(window->event, 60)), nearest ? " (did you mean " : "",
                    nearest ? nearest : "", nearest ? "?)" : "");
    }
}

static void check_selection(const struct condition_test *test, const struct selection *selection,
                            enum fact_type *out_type, struct findings *findings)
{
    const struct schema_event *event = selection->own ? NULL : schema_event(selection->event);
    if (!event && !selection->own) {
        const char *nearest = schema_nearest_event(selection->event);
        finding_add(findings, test, false,
                    "there is no event \"%.*s\"%s%s%s; one of the shop's own stands in quotes",
                    SLICE_ARG(slice_first(selection->event, 60)), nearest ? " (did you mean " : "",
                    nearest ? nearest : "", nearest ? "?)" : "");
    }
    for (size_t i = 0; i < selection->filter_count; i++) {
        const struct condition_test *filter = &selection->filters[i];
        const struct schema_fact *fact =
            check_fact(filter, filter->subject.path, event, true, findings);
        check_kind(filter, fact, fact ? fact->type : TYPE_ANY, findings);
    }
    if (selection->property.size) {
        const struct schema_fact *fact =
            check_fact(test, selection->property, event, true, findings);
        *out_type = fact ? fact->type : TYPE_ANY;
    }
    check_window(test, &selection->window, findings);
}

static void check_test(const struct condition_test *test, struct findings *findings)
{
    const struct subject *subject = &test->subject;
    const struct schema_fact *fact = NULL;
    enum fact_type type = TYPE_NUMBER, property = TYPE_ANY;
    if (subject->kind == SUBJECT_FACT) {
        fact = check_fact(test, subject->path, NULL, false, findings);
        type = fact ? fact->type : TYPE_ANY;
    } else if (subject->kind == SUBJECT_SEQUENCE) {
        type = TYPE_BOOLEAN;
        for (size_t i = 0; i < subject->step_count; i++)
            check_selection(test, &subject->steps[i].selection, &property, findings);
        check_window(test, &subject->selection.window, findings);
    } else {
        check_selection(test, &subject->selection, &property, findings);
        bool sums = subject->kind == SUBJECT_SUM || subject->kind == SUBJECT_AVERAGE;
        if (sums && property != TYPE_NUMBER && property != TYPE_ANY)
            finding_add(findings, test, true, "only numbers can be summed, and \"%.*s\" is %s",
                        SLICE_ARG(slice_first(subject->selection.property, 60)),
                        type_name(property));
        if (subject->kind == SUBJECT_FIRST || subject->kind == SUBJECT_LAST)
            type = property;
    }
    check_kind(test, fact, type, findings);
}

/* --- what contradicts, is always true, or adds nothing ---------------------------------------- */

/* The tests that must hold where we are: those of every `and` around. */
struct around {
    const struct around *outer;
    const struct condition *list; /* an `and` */
    size_t except;                /* the part that we are in */
};

static void say_pair(struct findings *findings, const struct condition_test *at,
                     const struct condition_test *other, bool wrong, const char *sentence)
{
    if (other->line)
        finding_add(findings, at, wrong, "%s (%u:%u)", sentence, other->line, other->column);
    else
        finding_add(findings, at, wrong, "%s", sentence);
}

static void compare_all_of(const struct condition *list, struct findings *findings)
{
    for (size_t i = 0; i < list->part_count; i++) {
        const struct condition_test *a = list->parts[i].test;
        for (size_t k = 0; a && k < i; k++) {
            const struct condition_test *b = list->parts[k].test;
            if (!b || !tests_share_subject(a, b))
                continue;
            if (tests_exclude(a, b))
                say_pair(findings, a, b, false, "never true together with the test at");
            else if (test_implies(b, a))
                say_pair(findings, a, b, false, "adds nothing to the test at");
            else if (test_implies(a, b))
                say_pair(findings, b, a, false, "adds nothing to the test at");
        }
    }
}

static void compare_any_of(const struct condition *list, struct findings *findings)
{
    for (size_t i = 0; i < list->part_count; i++) {
        const struct condition_test *a = list->parts[i].test;
        for (size_t k = 0; a && k < i; k++) {
            const struct condition_test *b = list->parts[k].test;
            if (!b || !tests_share_subject(a, b))
                continue;
            if (tests_cover(a, b))
                say_pair(findings, a, b, false, "always true, when known, with the test at");
            else if (test_implies(a, b))
                say_pair(findings, a, b, false, "never decides: it is within the test at");
            else if (test_implies(b, a))
                say_pair(findings, b, a, false, "never decides: it is within the test at");
        }
    }
}

/* A branch of an `or` that what stands around it excludes. */
static void compare_around(const struct condition_test *test, const struct around *around,
                           struct findings *findings)
{
    for (const struct around *at = around; at; at = at->outer)
        for (size_t i = 0; i < at->list->part_count; i++) {
            const struct condition_test *outer = at->list->parts[i].test;
            if (i != at->except && outer && tests_share_subject(test, outer) &&
                tests_exclude(test, outer))
                say_pair(findings, test, outer, false,
                         "a dead branch: never true beside the test at");
        }
}

static void walk(const struct condition *condition, const struct around *around,
                 struct findings *findings)
{
    if (condition->kind == CONDITION_TEST) {
        assert(condition->test);
        check_test(condition->test, findings);
        return;
    }
    if (condition->kind == CONDITION_AND)
        compare_all_of(condition, findings);
    if (condition->kind == CONDITION_OR)
        compare_any_of(condition, findings);
    assert(condition->part_count == 0 || condition->parts);
    for (size_t i = 0; i < condition->part_count; i++) {
        /* within `not` what stands around says nothing */
        const struct around inner = {.outer = around, .list = condition, .except = i};
        const struct around *outer = condition->kind == CONDITION_NOT ? NULL : around;
        if (condition->parts[i].test)
            compare_around(condition->parts[i].test, outer, findings);
        walk(&condition->parts[i], condition->kind == CONDITION_AND ? &inner : outer, findings);
    }
}

void condition_check(const struct condition *condition, struct findings *out_findings)
{
    *out_findings = (struct findings){.count = 0};
    walk(condition, NULL, out_findings);
}
