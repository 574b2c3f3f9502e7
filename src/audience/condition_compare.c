/* Two tests of the same thing, compared by trying them on values that matter: numbers and dates
 * at, below, between and above the ones that the tests name, where alone their answers can
 * change; texts only when one of the tests names all that it accepts. So an answer of yes is
 * never wrong. */
#include "audience/condition_check.h"

#include <math.h>

/* --- the same thing? -------------------------------------------------------------------------- */

static bool value_equal(const struct value *a, const struct value *b)
{
    return a->kind == b->kind && slice_equal(a->text, b->text) && a->number == b->number &&
           a->boolean == b->boolean && a->time == b->time;
}

static bool span_equal(const struct span *a, const struct span *b)
{
    return a->amount == b->amount && a->unit == b->unit;
}

static bool window_equal(const struct window *a, const struct window *b)
{
    return a->kind == b->kind && span_equal(&a->span, &b->span) &&
           value_equal(&a->from, &b->from) && value_equal(&a->to, &b->to) &&
           slice_equal(a->event, b->event);
}

static bool test_equal(const struct condition_test *a, const struct condition_test *b)
{
    if (a->kind != b->kind || a->value_count != b->value_count || !tests_share_subject(a, b))
        return false;
    for (size_t i = 0; i < a->value_count; i++)
        if (!value_equal(&a->values[i], &b->values[i]))
            return false;
    return true;
}

static bool selection_equal(const struct selection *a, const struct selection *b)
{
    if (a->own != b->own || !slice_equal(a->event, b->event) ||
        !slice_equal(a->property, b->property) || a->filter_count != b->filter_count ||
        !window_equal(&a->window, &b->window))
        return false;
    for (size_t i = 0; i < a->filter_count; i++)
        if (!test_equal(&a->filters[i], &b->filters[i]))
            return false;
    return true;
}

bool tests_share_subject(const struct condition_test *a, const struct condition_test *b)
{
    const struct subject *x = &a->subject, *y = &b->subject;
    if (x->kind != y->kind || !slice_equal(x->path, y->path) || x->step_count != y->step_count ||
        !selection_equal(&x->selection, &y->selection))
        return false;
    for (size_t i = 0; i < x->step_count; i++)
        if (!selection_equal(&x->steps[i].selection, &y->steps[i].selection) ||
            !span_equal(&x->steps[i].within, &y->steps[i].within))
            return false;
    return true;
}

/* --- values that matter ----------------------------------------------------------------------- */

/* A number, or a date as one; NAN for anything else. */
static double place_of(const struct value *value)
{
    return value->kind == VALUE_NUMBER ? value->number
           : value->kind == VALUE_DATE ? (double)value->time
                                       : NAN;
}

static bool is_comparison(enum test_kind kind)
{
    return kind <= TEST_NOT_IN;
}

static bool is_ordered(const struct condition_test *test)
{
    for (size_t i = 0; i < test->value_count; i++)
        if (isnan(place_of(&test->values[i])))
            return false;
    return is_comparison(test->kind);
}

static bool holds_at(const struct condition_test *test, double at)
{
    double first = place_of(&test->values[0]);
    bool among = false;
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
        return at >= first && at <= place_of(&test->values[1]);
    case TEST_IN:
    case TEST_NOT_IN:
        for (size_t i = 0; i < test->value_count; i++)
            among = among || at == place_of(&test->values[i]);
        return among == (test->kind == TEST_IN);
    default:
        return false;
    }
}

enum relation { BOTH = 1, ONLY_A = 2, ONLY_B = 4, NEITHER = 8, EVERYTHING = 15 };

static unsigned relation_at(const struct condition_test *a, const struct condition_test *b,
                            double at)
{
    bool x = holds_at(a, at), y = holds_at(b, at);
    return x && y ? BOTH : x ? ONLY_A : y ? ONLY_B : NEITHER;
}

/* What happens at one value and a little beside it, where nothing else of the two lies between. */
static unsigned relations_near(const struct condition_test *a, const struct condition_test *b,
                               double at)
{
    return relation_at(a, b, at) | relation_at(a, b, nextafter(at, INFINITY)) |
           relation_at(a, b, nextafter(at, -INFINITY));
}

static unsigned relations_of_numbers(const struct condition_test *a, const struct condition_test *b)
{
    unsigned found = relation_at(a, b, INFINITY) | relation_at(a, b, -INFINITY);
    for (size_t i = 0; i < a->value_count; i++)
        found |= relations_near(a, b, place_of(&a->values[i]));
    for (size_t i = 0; i < b->value_count; i++)
        found |= relations_near(a, b, place_of(&b->values[i]));
    return found;
}

/* --- texts and truth values ------------------------------------------------------------------- */

/* Equality alone: what it accepts, or all but what it names. */
static bool is_equality(const struct condition_test *test)
{
    return test->kind == TEST_EQUAL || test->kind == TEST_NOT_EQUAL || test_takes_list(test->kind);
}

static bool accepts(const struct condition_test *test, const struct value *value)
{
    bool named = false;
    for (size_t i = 0; i < test->value_count && !named; i++)
        named = value_equal(&test->values[i], value);
    return named == (test->kind == TEST_EQUAL || test->kind == TEST_IN);
}

/* The values that are named, and all others, which are alike. */
static unsigned relations_of_names(const struct condition_test *a, const struct condition_test *b)
{
    bool a_names = a->kind == TEST_EQUAL || a->kind == TEST_IN;
    bool b_names = b->kind == TEST_EQUAL || b->kind == TEST_IN;
    unsigned found = a_names && b_names ? NEITHER : a_names ? ONLY_B : b_names ? ONLY_A : BOTH;
    for (size_t i = 0; i < a->value_count + b->value_count; i++) {
        const struct value *value =
            i < a->value_count ? &a->values[i] : &b->values[i - a->value_count];
        bool x = accepts(a, value), y = accepts(b, value);
        found |= x && y ? BOTH : x ? ONLY_A : y ? ONLY_B : NEITHER;
    }
    return found;
}

/* Which of the four can happen to something that is known; EVERYTHING when we cannot tell. */
static unsigned relations(const struct condition_test *a, const struct condition_test *b)
{
    if (is_ordered(a) && is_ordered(b))
        return relations_of_numbers(a, b);
    if (is_equality(a) && is_equality(b))
        return relations_of_names(a, b);
    return test_equal(a, b) ? BOTH | NEITHER : EVERYTHING;
}

bool tests_exclude(const struct condition_test *a, const struct condition_test *b)
{
    if (a->kind == TEST_UNKNOWN || b->kind == TEST_UNKNOWN)
        return a->kind != b->kind; /* whatever else is asked of the unknown is unknown itself */
    return !(relations(a, b) & BOTH);
}

bool tests_cover(const struct condition_test *a, const struct condition_test *b)
{
    if (a->kind == TEST_UNKNOWN || b->kind == TEST_UNKNOWN)
        return a->kind == TEST_KNOWN || b->kind == TEST_KNOWN;
    return !(relations(a, b) & NEITHER);
}

bool test_implies(const struct condition_test *a, const struct condition_test *b)
{
    if (b->kind == TEST_KNOWN)
        return a->kind != TEST_UNKNOWN;
    if (a->kind == TEST_KNOWN || a->kind == TEST_UNKNOWN || b->kind == TEST_UNKNOWN)
        return a->kind == b->kind;
    return !(relations(a, b) & ONLY_A);
}
