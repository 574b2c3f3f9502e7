/* The JSON form in; condition_json.c says how it looks. Unknown members are refused. */
#include "audience/condition.h"

#include "base/clock.h"

#include <stdio.h>

enum { POINTER_BYTES = 128 };

struct reading {
    struct arena *arena;
    struct diag *diag;
    unsigned depth, test_count;
    char at[POINTER_BYTES]; /* JSON pointer of what is being read, cut when it is long */
    size_t at_size;
};

/* Goes into a member or an element; leave with what this answers. */
static size_t enter(struct reading *reading, const char *name, size_t index)
{
    size_t before = reading->at_size, room = sizeof reading->at - before;
    int size = name ? snprintf(reading->at + before, room, "/%s", name)
                    : snprintf(reading->at + before, room, "/%zu", index);
    reading->at_size = size > 0 && (size_t)size < room ? before + (size_t)size : before;
    reading->at[reading->at_size] = '\0';
    return before;
}

static void leave(struct reading *reading, size_t before)
{
    reading->at_size = before;
    reading->at[before] = '\0';
}

static enum status refuse(const struct reading *reading, const char *sentence)
{
    return diag_set(reading->diag, STATUS_INVALID, reading->at, "%s", sentence);
}

/* Every member must be one of the names, spaces around each. */
static enum status check_members(const struct reading *reading, const struct json *json,
                                 const char *allowed)
{
    if (!json_is(json, JSON_OBJECT))
        return refuse(reading, "an object is expected here");
    for (size_t i = 0; i < json->count; i++) {
        struct slice name = json->members[i].name, rest = slice_of(allowed), word;
        bool known = false;
        while (!known && slice_cut(slice_trim(rest), ' ', &word, &rest))
            known = slice_equal(word, name);
        known = known || slice_equal(slice_trim(rest), name);
        if (!known)
            return diag_set(reading->diag, STATUS_INVALID, reading->at,
                            "there is no member \"%.*s\" here; there are: %s",
                            SLICE_ARG(slice_first(name, 40)), allowed);
    }
    return STATUS_OK;
}

/* --- values ----------------------------------------------------------------------------------- */

static enum status read_time(const struct reading *reading, const struct json *json,
                             struct value *out_value)
{
    struct slice date = json_get_text(json, "date"), instant = json_get_text(json, "instant");
    int64_t ms;
    if (json->count != 1 || !clock_parse_iso(date.size ? date : instant, &ms) ||
        (date.size && date.size != sizeof "2026-03-01" - 1))
        return refuse(reading, "write {\"date\": \"2026-03-01\"} or "
                               "{\"instant\": \"2026-03-01T10:20:00Z\"}");
    *out_value = date.size ? (struct value){.kind = VALUE_DATE,
                                            .time = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0)}
                           : (struct value){.kind = VALUE_INSTANT, .time = ms};
    return STATUS_OK;
}

static enum status read_value(const struct reading *reading, const struct json *json,
                              struct value *out_value)
{
    struct value value = {0};
    if (json_is(json, JSON_OBJECT))
        return read_time(reading, json, out_value);
    if (json_is(json, JSON_STRING)) {
        value.kind = VALUE_TEXT;
        value.text = arena_copy(reading->arena, json->text);
    } else if (json_is(json, JSON_BOOL)) {
        value.kind = VALUE_BOOLEAN;
        value.boolean = json->boolean;
    } else if (json_is(json, JSON_INTEGER) || json_is(json, JSON_NUMBER)) {
        value.kind = VALUE_NUMBER;
        value.number = json->number;
    } else {
        return refuse(reading, "a text, a number, true, false or a date is expected here");
    }
    *out_value = value;
    return STATUS_OK;
}

static enum status read_unit(const struct reading *reading, struct slice word,
                             enum span_unit *out_unit)
{
    for (int unit = 0; unit < UNIT_COUNT; unit++) {
        if (!slice_is(word, unit_word((enum span_unit)unit)))
            continue;
        *out_unit = (enum span_unit)unit;
        return STATUS_OK;
    }
    return refuse(reading, "a unit is minute, hour, day, week, month or year");
}

static enum status read_span(const struct reading *reading, const struct json *json,
                             const char *name, struct span *out_span)
{
    enum { AMOUNT_MAX = 100000 };
    int64_t amount = json_get_int(json, name, 0);
    if (amount < 1 || amount > AMOUNT_MAX)
        return refuse(reading, "a whole number from 1 to 100000 is expected here");
    out_span->amount = (uint32_t)amount;
    return read_unit(reading, json_get_text(json, "unit"), &out_span->unit);
}

/* --- what is asked about ---------------------------------------------------------------------- */

static enum status read_day(struct reading *reading, const struct json *json, const char *name,
                            struct value *out_day)
{
    size_t before = enter(reading, name, 0);
    const struct json *day = json_get(json, name);
    enum status status = json_is(day, JSON_OBJECT)
                             ? read_time(reading, day, out_day)
                             : refuse(reading, "write {\"date\": \"2026-03-01\"}");
    leave(reading, before);
    return status;
}

static enum status read_window_of(struct reading *reading, const struct json *json,
                                  struct window *window)
{
    enum status status = check_members(reading, json, "last unit this since from to after");
    if (status != STATUS_OK)
        return status;
    if (json_get(json, "last")) {
        window->kind = WINDOW_LAST;
        return read_span(reading, json, "last", &window->span);
    }
    if (json_get(json, "this")) {
        window->kind = WINDOW_THIS;
        window->span.amount = 1;
        return read_unit(reading, json_get_text(json, "this"), &window->span.unit);
    }
    if (json_get(json, "since")) {
        window->kind = WINDOW_SINCE;
        return read_day(reading, json, "since", &window->from);
    }
    if (json_get(json, "from")) {
        window->kind = WINDOW_BETWEEN;
        status = read_day(reading, json, "from", &window->from);
        return status == STATUS_OK ? read_day(reading, json, "to", &window->to) : status;
    }
    window->kind = WINDOW_AFTER;
    window->event = arena_copy(reading->arena, json_get_text(json, "after"));
    return condition_path_valid(reading->arena, window->event)
               ? STATUS_OK
               : refuse(reading, "say last, this, since, from and to, or after");
}

static enum status read_window(struct reading *reading, const struct json *json,
                               struct window *window)
{
    const struct json *of = json_get(json, "window");
    if (!of)
        return STATUS_OK;
    size_t before = enter(reading, "window", 0);
    enum status status = read_window_of(reading, of, window);
    leave(reading, before);
    return status;
}

static enum status read_test(struct reading *reading, const struct json *json,
                             struct condition_test *test);

static enum status read_filters(struct reading *reading, const struct json *json,
                                struct selection *selection)
{
    const struct json *where = json_get(json, "where");
    if (!where)
        return STATUS_OK;
    size_t before = enter(reading, "where", 0);
    enum status status = STATUS_OK;
    if (!json_is(where, JSON_ARRAY))
        status = refuse(reading, "a list of tests is expected here");
    else
        selection->filters = ARENA_ARRAY(reading->arena, where->count + 1, struct condition_test);
    for (size_t i = 0; status == STATUS_OK && i < where->count; i++) {
        size_t inside = enter(reading, NULL, i);
        struct condition_test *filter = &selection->filters[selection->filter_count++];
        status = read_test(reading, &where->elements[i], filter);
        if (status == STATUS_OK && filter->subject.kind != SUBJECT_FACT)
            status =
                refuse(reading, "what an event must be is told by its properties: {\"fact\": …}");
        leave(reading, inside);
    }
    leave(reading, before);
    return status;
}

static enum status read_selection(struct reading *reading, const struct json *json,
                                  struct selection *selection)
{
    struct slice own = json_get_text(json, "own"), event = json_get_text(json, "event");
    selection->own = own.size > 0;
    selection->event = arena_copy(reading->arena, own.size ? own : event);
    selection->property = arena_copy(reading->arena, json_get_text(json, "property"));
    if ((own.size > 0) == condition_path_valid(reading->arena, event) ||
        (selection->property.size && !condition_path_valid(reading->arena, selection->property)))
        return refuse(reading,
                      "say which event: {\"event\": \"order\"}, or {\"own\": \"…\"} for one of "
                      "the shop's own");
    return read_filters(reading, json, selection);
}

static enum status read_step(struct reading *reading, const struct json *json, bool first,
                             struct sequence_step *step)
{
    const struct json *within = json_get(json, "within");
    enum status status = check_members(reading, json, "event own where within");
    if (status == STATUS_OK)
        status = read_selection(reading, json, &step->selection);
    if (status != STATUS_OK || !within)
        return status;
    if (first)
        return refuse(reading, "the first step of a sequence follows none: no \"within\"");
    status = check_members(reading, within, "amount unit");
    return status == STATUS_OK ? read_span(reading, within, "amount", &step->within) : status;
}

static enum status read_steps(struct reading *reading, const struct json *json,
                              struct subject *subject)
{
    const struct json *steps = json_get(json, "steps");
    if (!json_is(steps, JSON_ARRAY) || steps->count < 2 || steps->count > CONDITION_STEPS_MAX)
        return refuse(reading, "a sequence has 2 to 8 steps");
    subject->steps = ARENA_ARRAY(reading->arena, steps->count, struct sequence_step);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < steps->count && status == STATUS_OK; i++) {
        size_t before = enter(reading, "steps", 0);
        (void)enter(reading, NULL, i);
        status = read_step(reading, &steps->elements[i], i == 0, &subject->steps[i]);
        subject->step_count++;
        leave(reading, before);
    }
    return status;
}

static enum status read_function(struct reading *reading, const struct json *json,
                                 struct subject *subject)
{
    size_t before = enter(reading, subject_word(subject->kind), 0);
    bool sequence = subject->kind == SUBJECT_SEQUENCE;
    enum status status =
        check_members(reading, json, sequence ? "steps window" : "event own property where window");
    if (status == STATUS_OK)
        status = sequence ? read_steps(reading, json, subject)
                          : read_selection(reading, json, &subject->selection);
    if (status == STATUS_OK)
        status = read_window(reading, json, &subject->selection.window);
    leave(reading, before);
    return status;
}

/* --- tests ------------------------------------------------------------------------------------ */

static enum status read_values(struct reading *reading, const struct json *json,
                               struct condition_test *test)
{
    const struct json *one = json_get(json, "value"), *several = json_get(json, "values");
    size_t wanted = test->kind == TEST_BETWEEN ? 2 : test->kind < TEST_KNOWN ? 1 : 0;
    bool list = test->kind == TEST_BETWEEN || test_takes_list(test->kind);
    if (wanted == 0)
        return one || several ? refuse(reading, "this test takes no value") : STATUS_OK;
    if (list ? one || !json_is(several, JSON_ARRAY) : !one || several != NULL)
        return refuse(reading, list ? "this test takes \"values\", a list"
                                    : "this test takes one \"value\"");
    size_t count = list ? several->count : 1;
    if (test->kind == TEST_BETWEEN ? count != 2 : count < 1 || count > CONDITION_VALUES_MAX)
        return refuse(reading, test->kind == TEST_BETWEEN ? "\"between\" takes two values"
                                                          : "a list has 1 to 1000 values");
    test->values = ARENA_ARRAY(reading->arena, count, struct value);
    test->value_count = count;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        size_t before = enter(reading, list ? "values" : "value", 0);
        if (list)
            (void)enter(reading, NULL, i);
        status = read_value(reading, list ? &several->elements[i] : one, &test->values[i]);
        leave(reading, before);
    }
    return status;
}

static enum status read_kind(const struct reading *reading, const struct json *json,
                             enum test_kind *out_kind)
{
    const struct json *word = json_get(json, "test");
    *out_kind = TEST_HOLDS;
    if (!word)
        return STATUS_OK;
    for (int kind = 0; kind < TEST_HOLDS; kind++) {
        if (!slice_is(json_text(word), test_word((enum test_kind)kind)))
            continue;
        *out_kind = (enum test_kind)kind;
        return STATUS_OK;
    }
    return refuse(reading, "\"test\" is one of =, !=, <, <=, >, >=, between, in, not in, contains, "
                           "starts with, ends with, under, has, is known, is unknown");
}

static enum status read_test(struct reading *reading, const struct json *json,
                             struct condition_test *test)
{
    int kind = 0;
    if (++reading->test_count > CONDITION_TESTS_MAX)
        return refuse(reading, "a condition has at most 500 tests");
    while (kind < SUBJECT_KIND_COUNT && !json_get(json, subject_word((enum subject_kind)kind)))
        kind++;
    if (kind == SUBJECT_KIND_COUNT)
        return refuse(reading, "an object with all, any, not, fact, count, sum, average, distinct, "
                               "days_since, first, last or sequence is expected here");
    test->subject.kind = (enum subject_kind)kind;
    const char *name = subject_word(test->subject.kind);
    char allowed[48];
    (void)snprintf(allowed, sizeof allowed, "%s test value values", name);
    enum status status = check_members(reading, json, allowed);
    if (status == STATUS_OK && kind == SUBJECT_FACT) {
        test->subject.path = arena_copy(reading->arena, json_get_text(json, name));
        if (!condition_path_valid(reading->arena, test->subject.path))
            status = refuse(reading, "\"fact\" is the name of a field, as profile.city");
    } else if (status == STATUS_OK) {
        status = read_function(reading, json_get(json, name), &test->subject);
    }
    if (status == STATUS_OK)
        status = read_kind(reading, json, &test->kind);
    return status == STATUS_OK ? read_values(reading, json, test) : status;
}

/* --- and, or, not ----------------------------------------------------------------------------- */

static enum status read_condition(struct reading *reading, const struct json *json,
                                  struct condition *condition);

static enum status read_parts(struct reading *reading, const struct json *json, const char *name,
                              struct condition *condition)
{
    const struct json *parts = json_get(json, name);
    bool list = condition->kind != CONDITION_NOT;
    size_t before = enter(reading, name, 0);
    if (list && (!json_is(parts, JSON_ARRAY) || parts->count == 0))
        return refuse(reading, "a list of conditions is expected here");
    const struct json *first = list ? parts->elements : parts;
    condition->part_count = list ? parts->count : 1;
    condition->parts = ARENA_ARRAY(reading->arena, condition->part_count, struct condition);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < condition->part_count && status == STATUS_OK; i++) {
        size_t inside = list ? enter(reading, NULL, i) : reading->at_size;
        status = read_condition(reading, &first[i], &condition->parts[i]);
        leave(reading, inside);
    }
    leave(reading, before);
    return status;
}

static enum status read_condition(struct reading *reading, const struct json *json,
                                  struct condition *condition)
{
    static const struct {
        const char *name;
        enum condition_kind kind;
    } kinds[] = {{"all", CONDITION_AND}, {"any", CONDITION_OR}, {"not", CONDITION_NOT}};
    if (reading->depth == CONDITION_DEPTH_MAX)
        return refuse(reading, "this is nested more than 32 deep; make an audience of a part");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!json_get(json, kinds[i].name))
            continue;
        enum status status = check_members(reading, json, kinds[i].name);
        condition->kind = kinds[i].kind;
        reading->depth++;
        if (status == STATUS_OK)
            status = read_parts(reading, json, kinds[i].name, condition);
        reading->depth--;
        /* one alone is itself, as in the text form */
        if (status == STATUS_OK && condition->kind != CONDITION_NOT && condition->part_count == 1)
            *condition = condition->parts[0];
        return status;
    }
    condition->kind = CONDITION_TEST;
    condition->test = ARENA_NEW(reading->arena, struct condition_test);
    return read_test(reading, json, condition->test);
}

enum status condition_read(struct arena *arena, const struct json *json,
                           struct condition *out_condition, struct diag *diag)
{
    struct reading reading = {.arena = arena, .diag = diag};
    struct condition condition = {0};
    enum status status = read_condition(&reading, json, &condition);
    if (status == STATUS_OK)
        *out_condition = condition;
    return status;
}
