/* The JSON form, which is what is kept:
 *
 *     {"all": [ … ]}   {"any": [ … ]}   {"not": … }
 *     {"fact": "profile.gender", "test": "=", "value": "F"}
 *     {"fact": "place.city", "test": "in", "values": ["Paris", "Lyon"]}
 *     {"count": {"event": "order.item", "where": [{"fact": "category", "test": "under",
 *       "value": "bio"}], "window": {"last": 6, "unit": "month"}}, "test": ">=", "value": 1}
 *     {"sequence": {"steps": [{"event": "view"}, {"event": "order", "within": {"amount": 2,
 *       "unit": "day"}}], "window": …}}
 *
 * A date is {"date": "2026-03-01"}, an instant {"instant": "…"}: a text stays a text. An event of
 * the shop's own is {"own": "Quiz Completed"} in place of its name. */
#include "audience/condition.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

/* --- out -------------------------------------------------------------------------------------- */

static void write_value(const struct value *value, struct json_out *out)
{
    char text[32];
    int year, month, day;
    switch (value->kind) {
    case VALUE_TEXT:
        json_string(out, value->text);
        break;
    case VALUE_NUMBER:
        json_number(out, value->number);
        break;
    case VALUE_BOOLEAN:
        json_bool(out, value->boolean);
        break;
    case VALUE_DATE:
        clock_date_from_days(value->time, &year, &month, &day);
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        json_object(out);
        JSON_STRING_MEMBER(out, "date", slice_of(text));
        json_end(out);
        break;
    case VALUE_INSTANT:
        json_object(out);
        JSON_TIME_MEMBER(out, "instant", value->time);
        json_end(out);
        break;
    }
}

static void write_span(const char *name, const struct span *span, struct json_out *out)
{
    JSON_INT_MEMBER(out, name, span->amount);
    JSON_STRING_MEMBER(out, "unit", slice_of(unit_word(span->unit)));
}

static void write_window(const struct window *window, struct json_out *out)
{
    if (window->kind == WINDOW_ALL)
        return;
    json_name(out, "window");
    json_object(out);
    switch (window->kind) {
    case WINDOW_ALL:
        break;
    case WINDOW_LAST:
        write_span("last", &window->span, out);
        break;
    case WINDOW_THIS:
        JSON_STRING_MEMBER(out, "this", slice_of(unit_word(window->span.unit)));
        break;
    case WINDOW_SINCE:
        json_name(out, "since");
        write_value(&window->from, out);
        break;
    case WINDOW_BETWEEN:
        json_name(out, "from");
        write_value(&window->from, out);
        json_name(out, "to");
        write_value(&window->to, out);
        break;
    case WINDOW_AFTER:
        JSON_STRING_MEMBER(out, "after", window->event);
        break;
    }
    json_end(out);
}

static void write_test(const struct condition_test *test, struct json_out *out);

/* The members of a selection, in an object that is open. */
static void write_selection(const struct selection *selection, struct json_out *out)
{
    JSON_STRING_MEMBER(out, selection->own ? "own" : "event", selection->event);
    json_text_member(out, "property", selection->property);
    if (selection->filter_count == 0)
        return;
    json_name(out, "where");
    json_array(out);
    for (size_t i = 0; i < selection->filter_count; i++)
        write_test(&selection->filters[i], out);
    json_end(out);
}

static void write_steps(const struct subject *subject, struct json_out *out)
{
    json_name(out, "steps");
    json_array(out);
    for (size_t i = 0; i < subject->step_count; i++) {
        json_object(out);
        write_selection(&subject->steps[i].selection, out);
        if (subject->steps[i].within.amount) {
            json_name(out, "within");
            json_object(out);
            write_span("amount", &subject->steps[i].within, out);
            json_end(out);
        }
        json_end(out);
    }
    json_end(out);
}

static void write_subject(const struct subject *subject, struct json_out *out)
{
    json_name(out, subject_word(subject->kind));
    if (subject->kind == SUBJECT_FACT) {
        json_string(out, subject->path);
        return;
    }
    json_object(out);
    if (subject->kind == SUBJECT_SEQUENCE)
        write_steps(subject, out);
    else
        write_selection(&subject->selection, out);
    write_window(&subject->selection.window, out);
    json_end(out);
}

static void write_test(const struct condition_test *test, struct json_out *out)
{
    json_object(out);
    write_subject(&test->subject, out);
    if (test->kind != TEST_HOLDS)
        JSON_STRING_MEMBER(out, "test", slice_of(test_word(test->kind)));
    if (test->value_count == 1 && !test_takes_list(test->kind)) {
        json_name(out, "value");
        write_value(test->values, out);
    } else if (test->value_count) {
        json_name(out, "values");
        json_array(out);
        for (size_t i = 0; i < test->value_count; i++)
            write_value(&test->values[i], out);
        json_end(out);
    }
    json_end(out);
}

void condition_write(const struct condition *condition, struct json_out *out)
{
    if (condition->kind == CONDITION_TEST) {
        write_test(condition->test, out);
        return;
    }
    json_object(out);
    json_name(out, condition->kind == CONDITION_AND  ? "all"
                   : condition->kind == CONDITION_OR ? "any"
                                                     : "not");
    if (condition->kind != CONDITION_NOT)
        json_array(out);
    for (size_t i = 0; i < condition->part_count; i++)
        condition_write(&condition->parts[i], out);
    if (condition->kind != CONDITION_NOT)
        json_end(out);
    json_end(out);
}
