/* The words of conditions, and the text form out of a tree. */
#include "audience/condition.h"

#include "base/clock.h"

#include <assert.h>
#include <stdio.h>

static const char *const test_words[TEST_KIND_COUNT] = {
    [TEST_EQUAL] = "=",
    [TEST_NOT_EQUAL] = "!=",
    [TEST_LESS] = "<",
    [TEST_AT_MOST] = "<=",
    [TEST_MORE] = ">",
    [TEST_AT_LEAST] = ">=",
    [TEST_BETWEEN] = "between",
    [TEST_IN] = "in",
    [TEST_NOT_IN] = "not in",
    [TEST_CONTAINS] = "contains",
    [TEST_STARTS_WITH] = "starts with",
    [TEST_ENDS_WITH] = "ends with",
    [TEST_UNDER] = "under",
    [TEST_HAS] = "has",
    [TEST_KNOWN] = "is known",
    [TEST_UNKNOWN] = "is unknown",
    [TEST_HOLDS] = "holds",
};

static const char *const subject_words[SUBJECT_KIND_COUNT] = {
    [SUBJECT_FACT] = "fact",         [SUBJECT_COUNT] = "count",
    [SUBJECT_SUM] = "sum",           [SUBJECT_AVERAGE] = "average",
    [SUBJECT_DISTINCT] = "distinct", [SUBJECT_DAYS_SINCE] = "days_since",
    [SUBJECT_FIRST] = "first",       [SUBJECT_LAST] = "last",
    [SUBJECT_SEQUENCE] = "sequence",
};

static const char *const unit_words[UNIT_COUNT] = {"minute", "hour",  "day",
                                                   "week",   "month", "year"};

const char *test_word(enum test_kind kind)
{
    assert(kind < TEST_KIND_COUNT);
    return test_words[kind];
}

const char *subject_word(enum subject_kind kind)
{
    assert(kind < SUBJECT_KIND_COUNT);
    return subject_words[kind];
}

const char *unit_word(enum span_unit unit)
{
    assert(unit < UNIT_COUNT);
    return unit_words[unit];
}

bool test_takes_list(enum test_kind kind)
{
    return kind == TEST_IN || kind == TEST_NOT_IN;
}

/* --- values ----------------------------------------------------------------------------------- */

void condition_text_quote(struct buf *buf, struct slice text)
{
    buf_add(buf, SLICE("\""));
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buf_add(buf, SLICE("\\"));
        buf_add(buf, slice_make(text.data + i, 1));
    }
    buf_add(buf, SLICE("\""));
}

static void put(struct buf *buf, const char *text)
{
    buf_add(buf, slice_of(text));
}

static void put_value(const struct value *value, struct buf *buf)
{
    char text[JSON_NUMBER_TEXT_SIZE];
    int year, month, day;
    switch (value->kind) {
    case VALUE_TEXT:
        condition_text_quote(buf, value->text);
        break;
    case VALUE_BOOLEAN:
        put(buf, value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        buf_add(buf, slice_make(text, json_format_number(value->number, text)));
        break;
    case VALUE_DATE:
        clock_date_from_days(value->time, &year, &month, &day);
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        put(buf, text);
        break;
    case VALUE_INSTANT:
        clock_format_iso(value->time, text);
        put(buf, text);
        break;
    }
}

static void put_span(const struct span *span, struct buf *buf)
{
    char text[48];
    (void)snprintf(text, sizeof text, "%u %s%s", span->amount, unit_word(span->unit),
                   span->amount == 1 ? "" : "s");
    put(buf, text);
}

/* --- subjects --------------------------------------------------------------------------------- */

static void put_window(const struct window *window, struct buf *buf)
{
    switch (window->kind) {
    case WINDOW_ALL:
        break;
    case WINDOW_LAST:
        put(buf, ", last ");
        put_span(&window->span, buf);
        break;
    case WINDOW_THIS:
        put(buf, ", this ");
        put(buf, unit_word(window->span.unit));
        break;
    case WINDOW_SINCE:
        put(buf, ", since ");
        put_value(&window->from, buf);
        break;
    case WINDOW_BETWEEN:
        put(buf, ", between ");
        put_value(&window->from, buf);
        put(buf, " and ");
        put_value(&window->to, buf);
        break;
    case WINDOW_AFTER:
        put(buf, ", since ");
        buf_add(buf, window->event);
        break;
    }
}

static void put_test(const struct condition_test *test, struct buf *buf);

static void put_selection(const struct selection *selection, struct buf *buf)
{
    if (selection->own)
        condition_text_quote(buf, selection->event);
    else
        buf_add(buf, selection->event);
    if (selection->property.size) {
        put(buf, ".");
        buf_add(buf, selection->property);
    }
    for (size_t i = 0; i < selection->filter_count; i++) {
        put(buf, ", ");
        put_test(&selection->filters[i], buf);
    }
}

static void put_subject(const struct subject *subject, struct buf *buf)
{
    if (subject->kind == SUBJECT_FACT) {
        buf_add(buf, subject->path);
        return;
    }
    put(buf, subject_word(subject->kind));
    put(buf, "(");
    if (subject->kind != SUBJECT_SEQUENCE)
        put_selection(&subject->selection, buf);
    for (size_t i = 0; i < subject->step_count; i++) {
        const struct sequence_step *step = &subject->steps[i];
        put(buf, i ? " then " : "");
        put_selection(&step->selection, buf);
        if (step->within.amount) {
            put(buf, " within ");
            put_span(&step->within, buf);
        }
    }
    put_window(&subject->selection.window, buf);
    put(buf, ")");
}

static void put_test(const struct condition_test *test, struct buf *buf)
{
    put_subject(&test->subject, buf);
    if (test->kind == TEST_HOLDS)
        return;
    put(buf, " ");
    put(buf, test_word(test->kind));
    if (test->value_count == 0)
        return;
    put(buf, test_takes_list(test->kind) ? " (" : " ");
    for (size_t i = 0; i < test->value_count; i++) {
        put(buf, i == 0 ? "" : test->kind == TEST_BETWEEN ? " and " : ", ");
        put_value(&test->values[i], buf);
    }
    put(buf, test_takes_list(test->kind) ? ")" : "");
}

/* --- and, or, not ----------------------------------------------------------------------------- */

static void put_part(const struct condition *part, struct buf *buf)
{
    bool enclosed = part->kind == CONDITION_AND || part->kind == CONDITION_OR;
    put(buf, enclosed ? "(" : "");
    condition_text(part, buf);
    put(buf, enclosed ? ")" : "");
}

void condition_text(const struct condition *condition, struct buf *buf)
{
    if (condition->kind == CONDITION_TEST) {
        put_test(condition->test, buf);
        return;
    }
    if (condition->kind == CONDITION_NOT)
        put(buf, "not ");
    for (size_t i = 0; i < condition->part_count; i++) {
        if (i)
            put(buf, condition->kind == CONDITION_AND ? " and " : " or ");
        put_part(&condition->parts[i], buf);
    }
}
