/* Text to tree, by recursive descent:
 *
 *     condition = both ("or" both)*              both = one ("and" one)*
 *     one       = "not" one | "(" condition ")" | test
 *     test      = subject ( "=" value | … | "between" value "and" value | "in" "(" value, … ")"
 *                         | "is" ("known" | "unknown" | value) )?
 *     subject   = path | function "(" selection ")" | "sequence" "(" steps ("," window)? ")"
 *     selection = event ("," property-test)* ("," window)?
 *     window    = "last" span | "this" unit | "since" (date | event) | "between" date "and" date */
#include "audience/condition.h"
#include "audience/lexer.h"

#include <assert.h>
#include <stdio.h>

struct parser {
    struct lexer lexer;
    struct arena *arena;
    unsigned depth, test_count;
};

static const char *const reserved[] = {"and",   "or",     "not",  "between", "in",   "contains",
                                       "under", "has",    "is",   "last",    "this", "since",
                                       "then",  "within", "true", "false"};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status = (call);                                                           \
        if (try_status != STATUS_OK)                                                               \
            return try_status;                                                                     \
    } while (0)

static bool here(const struct parser *parser, const char *word_or_mark)
{
    return token_is(&parser->lexer.token, word_or_mark);
}

static enum status next(struct parser *parser)
{
    return lexer_next(&parser->lexer);
}

static enum status expect(struct parser *parser, const char *word_or_mark, const char *where)
{
    if (!here(parser, word_or_mark))
        return lexer_refuse(&parser->lexer, "\"%s\" is missing here, %s", word_or_mark, where);
    return next(parser);
}

/* Steps over it when it is there. */
static enum status take_if(struct parser *parser, const char *word_or_mark, bool *out_taken)
{
    *out_taken = here(parser, word_or_mark);
    return *out_taken ? next(parser) : STATUS_OK;
}

static bool is_reserved(const struct token *token)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (token_is(token, reserved[i]))
            return true;
    return false;
}

/* --- lists that grow in the arena ------------------------------------------------------------- */

/* Room for one more of size bytes: doubles when it is full. */
static void *grown(struct arena *arena, void *list, size_t count, size_t size)
{
    if (count != 0 && (count < 4 || (count & (count - 1)) != 0))
        return list;
    size_t room = count < 4 ? 4 : 2 * count;
    void *larger = arena_alloc_array(arena, room, size);
    if (count)
        memcpy(larger, list, count * size);
    return larger;
}

/* --- values ----------------------------------------------------------------------------------- */

static enum status parse_value(struct parser *parser, struct value *out_value)
{
    const struct token *token = &parser->lexer.token;
    struct value value = {.text = token->text, .number = token->number, .time = token->time};
    switch (token->kind) {
    case TOKEN_TEXT:
        value.kind = VALUE_TEXT;
        break;
    case TOKEN_NUMBER:
        value.kind = VALUE_NUMBER;
        break;
    case TOKEN_DATE:
        value.kind = VALUE_DATE;
        break;
    case TOKEN_INSTANT:
        value.kind = VALUE_INSTANT;
        break;
    case TOKEN_WORD:
        if (!here(parser, "true") && !here(parser, "false"))
            return lexer_refuse(&parser->lexer,
                                "a value is missing here; a text stands in double quotes: \"%.*s\"",
                                SLICE_ARG(slice_first(token->text, 60)));
        value.kind = VALUE_BOOLEAN;
        value.boolean = here(parser, "true");
        break;
    case TOKEN_END:
    case TOKEN_MARK:
        return lexer_refuse(&parser->lexer,
                            "a value is missing here: a text in double quotes, a number, a date, "
                            "true or false");
    }
    if (value.kind != VALUE_TEXT)
        value.text = SLICE_NONE;
    else
        value.text = arena_copy(parser->arena, value.text);
    *out_value = value;
    return next(parser);
}

static enum status parse_values(struct parser *parser, struct condition_test *test)
{
    bool more = true;
    TRY(expect(parser, "(", "before the list of values"));
    while (more) {
        if (test->value_count == CONDITION_VALUES_MAX)
            return lexer_refuse(&parser->lexer,
                                "a list has at most %d values; make an audience of it",
                                CONDITION_VALUES_MAX);
        test->values = grown(parser->arena, test->values, test->value_count, sizeof *test->values);
        TRY(parse_value(parser, &test->values[test->value_count++]));
        TRY(take_if(parser, ",", &more));
    }
    return expect(parser, ")", "where the list of values ends");
}

static enum status parse_unit(struct parser *parser, enum span_unit *out_unit)
{
    struct slice word = parser->lexer.token.text;
    if (parser->lexer.token.kind == TOKEN_WORD) {
        if (word.size > 1 && word.data[word.size - 1] == 's')
            word.size--;
        for (int unit = 0; unit < UNIT_COUNT; unit++) {
            if (!slice_equal_ignoring_case(word, slice_of(unit_word((enum span_unit)unit))))
                continue;
            *out_unit = (enum span_unit)unit;
            return next(parser);
        }
    }
    return lexer_refuse(&parser->lexer,
                        "a unit is missing here: minutes, hours, days, weeks, months or years");
}

static enum status parse_span(struct parser *parser, struct span *out_span)
{
    enum { AMOUNT_MAX = 100000 };
    const struct token *token = &parser->lexer.token;
    double amount = token->number;
    if (token->kind != TOKEN_NUMBER || amount < 1 || amount > AMOUNT_MAX ||
        amount != (double)(uint32_t)amount)
        return lexer_refuse(&parser->lexer,
                            "a whole number from 1 to %d is missing here, as in "
                            "\"last 6 months\"",
                            AMOUNT_MAX);
    TRY(next(parser));
    out_span->amount = (uint32_t)amount;
    return parse_unit(parser, &out_span->unit);
}

/* --- names ------------------------------------------------------------------------------------ */

/* word ("." (word | text))*, as canonical text: parts that are no plain words keep their quotes. */
static enum status parse_path(struct parser *parser, const char *what, struct slice *out_path)
{
    struct buf path;
    bool more = true;
    buf_init(&path, CONDITION_TEXT_BYTES_MAX);
    enum status status = STATUS_OK;
    for (bool first = true; more && status == STATUS_OK; first = false) {
        const struct token *token = &parser->lexer.token;
        bool word = token->kind == TOKEN_WORD && !(first && is_reserved(token));
        if (!word && (first || token->kind != TOKEN_TEXT)) {
            status = lexer_refuse(&parser->lexer, "%s is missing here", what);
            break;
        }
        if (!first)
            buf_add(&path, SLICE("."));
        if (word)
            buf_add(&path, token->text);
        else
            condition_text_quote(&path, token->text);
        status = next(parser);
        if (status == STATUS_OK)
            status = take_if(parser, ".", &more);
    }
    if (status == STATUS_OK)
        *out_path = arena_copy(parser->arena, buf_slice(&path));
    buf_done(&path);
    return status;
}

/* The event, and behind its last point the property where the function wants one. */
static enum status parse_event(struct parser *parser, bool with_property,
                               struct selection *out_selection)
{
    unsigned line = parser->lexer.token.line, column = parser->lexer.token.column;
    if (parser->lexer.token.kind == TOKEN_TEXT) {
        bool dot;
        out_selection->own = true;
        out_selection->event = arena_copy(parser->arena, parser->lexer.token.text);
        TRY(next(parser));
        TRY(take_if(parser, ".", &dot));
        if (dot)
            return parse_path(parser, "a property of the event", &out_selection->property);
    } else {
        TRY(parse_path(parser, "an event, as in count(order, last 30 days),",
                       &out_selection->event));
        struct slice path = out_selection->event;
        size_t dot = path.size;
        while (dot > 0 && path.data[dot - 1] != '.')
            dot--;
        if (with_property && dot > 0) {
            out_selection->event = slice_first(path, dot - 1);
            out_selection->property = slice_from(path, dot);
        }
    }
    if (with_property && out_selection->property.size == 0) {
        parser->lexer.token.line = line;
        parser->lexer.token.column = column;
        return lexer_refuse(&parser->lexer,
                            "say which property of the event, as in sum(order.value)");
    }
    return STATUS_OK;
}

/* --- windows ---------------------------------------------------------------------------------- */

static enum status parse_day(struct parser *parser, struct value *out_value)
{
    enum token_kind kind = parser->lexer.token.kind;
    if (kind != TOKEN_DATE && kind != TOKEN_INSTANT)
        return lexer_refuse(&parser->lexer, "a date is missing here, as in 2026-03-01");
    return parse_value(parser, out_value);
}

static bool window_begins(const struct parser *parser)
{
    return here(parser, "last") || here(parser, "this") || here(parser, "since") ||
           here(parser, "between");
}

static enum status parse_window(struct parser *parser, struct window *out_window)
{
    bool taken;
    TRY(take_if(parser, "last", &taken));
    if (taken) {
        out_window->kind = WINDOW_LAST;
        return parse_span(parser, &out_window->span);
    }
    TRY(take_if(parser, "this", &taken));
    if (taken) {
        out_window->kind = WINDOW_THIS;
        out_window->span.amount = 1;
        return parse_unit(parser, &out_window->span.unit);
    }
    TRY(take_if(parser, "between", &taken));
    if (taken) {
        out_window->kind = WINDOW_BETWEEN;
        TRY(parse_day(parser, &out_window->from));
        TRY(expect(parser, "and", "between the two days"));
        return parse_day(parser, &out_window->to);
    }
    TRY(expect(parser, "since", "before a date or an event"));
    if (parser->lexer.token.kind == TOKEN_DATE || parser->lexer.token.kind == TOKEN_INSTANT) {
        out_window->kind = WINDOW_SINCE;
        return parse_day(parser, &out_window->from);
    }
    out_window->kind = WINDOW_AFTER;
    return parse_path(parser, "a date or an event, as in \"since order\",", &out_window->event);
}

/* --- subjects --------------------------------------------------------------------------------- */

static enum status parse_test_tail(struct parser *parser, struct condition_test *test);

/* property test, inside the parentheses of a function. */
static enum status parse_filter(struct parser *parser, struct condition_test *out_test)
{
    if (++parser->test_count > CONDITION_TESTS_MAX)
        return lexer_refuse(&parser->lexer, "a condition has at most %d tests",
                            CONDITION_TESTS_MAX);
    *out_test = (struct condition_test){.line = parser->lexer.token.line,
                                        .column = parser->lexer.token.column,
                                        .subject = {.kind = SUBJECT_FACT}};
    TRY(parse_path(parser, "a property of the event", &out_test->subject.path));
    return parse_test_tail(parser, out_test);
}

/* ("," filter)*, up to a window or to what is no comma. */
static enum status parse_filters(struct parser *parser, struct selection *selection)
{
    bool comma;
    for (;;) {
        TRY(take_if(parser, ",", &comma));
        if (!comma)
            return STATUS_OK;
        if (window_begins(parser))
            return parse_window(parser, &selection->window);
        selection->filters = grown(parser->arena, selection->filters, selection->filter_count,
                                   sizeof *selection->filters);
        TRY(parse_filter(parser, &selection->filters[selection->filter_count++]));
    }
}

static enum status parse_step(struct parser *parser, struct subject *subject)
{
    bool taken;
    if (subject->step_count == CONDITION_STEPS_MAX)
        return lexer_refuse(&parser->lexer, "a sequence has at most %d steps", CONDITION_STEPS_MAX);
    struct sequence_step *step = &subject->steps[subject->step_count++];
    TRY(parse_event(parser, false, &step->selection));
    TRY(parse_filters(parser, &step->selection));
    if (step->selection.window.kind != WINDOW_ALL) { /* the last comma was the whole sequence's */
        subject->selection.window = step->selection.window;
        step->selection.window = (struct window){0};
        return STATUS_OK;
    }
    TRY(take_if(parser, "within", &taken));
    if (taken && subject->step_count == 1)
        return lexer_refuse(&parser->lexer, "the first step of a sequence follows none: write "
                                            "\"within\" after a later one");
    return taken ? parse_span(parser, &step->within) : STATUS_OK;
}

static enum status parse_sequence(struct parser *parser, struct subject *subject)
{
    bool more = true, comma;
    subject->steps = ARENA_ARRAY(parser->arena, CONDITION_STEPS_MAX, struct sequence_step);
    while (more) {
        TRY(parse_step(parser, subject));
        TRY(take_if(parser, "then", &more));
    }
    if (subject->step_count < 2)
        return lexer_refuse(&parser->lexer, "a sequence has two steps at least: "
                                            "sequence(view then order within 2 days)");
    TRY(take_if(parser, ",", &comma)); /* behind a "within" */
    return comma ? parse_window(parser, &subject->selection.window) : STATUS_OK;
}

static bool wants_property(enum subject_kind kind)
{
    return kind == SUBJECT_SUM || kind == SUBJECT_AVERAGE || kind == SUBJECT_DISTINCT ||
           kind == SUBJECT_FIRST || kind == SUBJECT_LAST;
}

/* Is it the name of a function with its parenthesis? A fact may have the same name. */
static bool find_function(const struct parser *parser, enum subject_kind *out_kind)
{
    const struct token *token = &parser->lexer.token;
    struct slice rest = slice_trim(parser->lexer.rest);
    if (token->kind != TOKEN_WORD || rest.size == 0 || rest.data[0] != '(')
        return false;
    for (int kind = SUBJECT_FACT + 1; kind < SUBJECT_KIND_COUNT; kind++) {
        if (!slice_equal_ignoring_case(token->text,
                                       slice_of(subject_word((enum subject_kind)kind))))
            continue;
        *out_kind = (enum subject_kind)kind;
        return true;
    }
    return false;
}

/* The function is the present token. */
static enum status parse_function(struct parser *parser, struct subject *subject)
{
    TRY(next(parser));
    TRY(expect(parser, "(", "after the function"));
    if (subject->kind == SUBJECT_SEQUENCE) {
        TRY(parse_sequence(parser, subject));
    } else {
        TRY(parse_event(parser, wants_property(subject->kind), &subject->selection));
        TRY(parse_filters(parser, &subject->selection));
    }
    return expect(parser, ")", "where the function ends");
}

static enum status parse_subject(struct parser *parser, struct subject *out_subject)
{
    *out_subject = (struct subject){.kind = SUBJECT_FACT};
    if (find_function(parser, &out_subject->kind))
        return parse_function(parser, out_subject);
    TRY(parse_path(parser, "a field, as in profile.city, or a function, as in count(order),",
                   &out_subject->path));
    if (here(parser, "("))
        return lexer_refuse(&parser->lexer,
                            "there is no function of this name; there are count, sum, average, "
                            "distinct, days_since, first, last and sequence");
    return STATUS_OK;
}

/* --- tests ------------------------------------------------------------------------------------ */

/* "is known", "is unknown", "is true": the words behind "is". */
static enum status parse_is(struct parser *parser, struct condition_test *test)
{
    bool known, unknown;
    TRY(take_if(parser, "known", &known));
    if (!known) {
        TRY(take_if(parser, "unknown", &unknown));
        if (!unknown) {
            test->kind = TEST_EQUAL;
            test->values = ARENA_NEW(parser->arena, struct value);
            test->value_count = 1;
            return parse_value(parser, test->values);
        }
    }
    test->kind = known ? TEST_KNOWN : TEST_UNKNOWN;
    return STATUS_OK;
}

static enum status parse_between(struct parser *parser, struct condition_test *test)
{
    test->values = ARENA_ARRAY(parser->arena, 2, struct value);
    test->value_count = 2;
    TRY(parse_value(parser, &test->values[0]));
    TRY(expect(parser, "and", "between the two ends"));
    return parse_value(parser, &test->values[1]);
}

/* The words of an operator, as many as it has; which one it was. */
static enum status parse_operator(struct parser *parser, bool *out_found, enum test_kind *out_kind)
{
    *out_found = true;
    for (int kind = 0; kind < TEST_KNOWN; kind++) {
        struct slice first = slice_of(test_word((enum test_kind)kind)), second = SLICE_NONE;
        (void)slice_cut(first, ' ', &first, &second);
        char word[16];
        (void)snprintf(word, sizeof word, "%.*s", SLICE_ARG(first));
        if (!here(parser, word))
            continue;
        *out_kind = (enum test_kind)kind;
        TRY(next(parser));
        if (second.size == 0)
            return STATUS_OK;
        (void)snprintf(word, sizeof word, "%.*s", SLICE_ARG(second));
        return expect(parser, word, "the second word of the comparison");
    }
    *out_found = false;
    return STATUS_OK;
}

static enum status parse_test_tail(struct parser *parser, struct condition_test *test)
{
    bool found;
    TRY(take_if(parser, "is", &found));
    if (found)
        return parse_is(parser, test);
    TRY(parse_operator(parser, &found, &test->kind));
    if (!found) {
        test->kind = TEST_HOLDS;
        return STATUS_OK;
    }
    if (test->kind == TEST_BETWEEN)
        return parse_between(parser, test);
    if (test_takes_list(test->kind))
        return parse_values(parser, test);
    test->values = ARENA_NEW(parser->arena, struct value);
    test->value_count = 1;
    return parse_value(parser, test->values);
}

/* --- and, or, not ----------------------------------------------------------------------------- */

static enum status parse_condition(struct parser *parser, struct condition *out_condition);

static enum status parse_test(struct parser *parser, struct condition *out_condition)
{
    struct condition_test *test = ARENA_NEW(parser->arena, struct condition_test);
    if (++parser->test_count > CONDITION_TESTS_MAX)
        return lexer_refuse(&parser->lexer, "a condition has at most %d tests",
                            CONDITION_TESTS_MAX);
    test->line = parser->lexer.token.line;
    test->column = parser->lexer.token.column;
    TRY(parse_subject(parser, &test->subject));
    TRY(parse_test_tail(parser, test));
    *out_condition = (struct condition){.kind = CONDITION_TEST, .test = test};
    return STATUS_OK;
}

static enum status parse_one(struct parser *parser, struct condition *out_condition);

static enum status parse_not(struct parser *parser, struct condition *out_condition)
{
    struct condition *part = ARENA_NEW(parser->arena, struct condition);
    TRY(parse_one(parser, part));
    *out_condition = (struct condition){.kind = CONDITION_NOT, .parts = part, .part_count = 1};
    return STATUS_OK;
}

static enum status parse_enclosed(struct parser *parser, struct condition *out_condition)
{
    TRY(parse_condition(parser, out_condition));
    return expect(parser, ")", "for the parenthesis that was opened");
}

static enum status parse_inner(struct parser *parser, struct condition *out_condition)
{
    bool taken;
    TRY(take_if(parser, "not", &taken));
    if (taken)
        return parse_not(parser, out_condition);
    TRY(take_if(parser, "(", &taken));
    return taken ? parse_enclosed(parser, out_condition) : parse_test(parser, out_condition);
}

static enum status parse_one(struct parser *parser, struct condition *out_condition)
{
    unsigned line = parser->lexer.token.line, column = parser->lexer.token.column;
    if (parser->depth == CONDITION_DEPTH_MAX)
        return lexer_refuse(&parser->lexer,
                            "this is nested more than %d deep; make an audience of "
                            "a part and ask for it",
                            CONDITION_DEPTH_MAX);
    parser->depth++;
    TRY(parse_inner(parser, out_condition));
    parser->depth--;
    out_condition->line = line;
    out_condition->column = column;
    return STATUS_OK;
}

/* One, or several with the same word between them, which become one list. */
static enum status parse_list(struct parser *parser, enum condition_kind kind,
                              struct condition *out_condition)
{
    const char *word = kind == CONDITION_AND ? "and" : "or";
    struct condition list = {.kind = kind};
    bool more = true;
    list.line = parser->lexer.token.line;
    list.column = parser->lexer.token.column;
    while (more) {
        list.parts = grown(parser->arena, list.parts, list.part_count, sizeof *list.parts);
        struct condition *part = &list.parts[list.part_count++];
        TRY(kind == CONDITION_OR ? parse_list(parser, CONDITION_AND, part)
                                 : parse_one(parser, part));
        TRY(take_if(parser, word, &more));
    }
    *out_condition = list.part_count == 1 ? list.parts[0] : list;
    return STATUS_OK;
}

static enum status parse_condition(struct parser *parser, struct condition *out_condition)
{
    return parse_list(parser, CONDITION_OR, out_condition);
}

bool condition_path_valid(struct arena *arena, struct slice path)
{
    struct parser parser = {.arena = arena};
    struct slice canonical;
    return lexer_init(&parser.lexer, arena, path, NULL) == STATUS_OK &&
           parse_path(&parser, "a path", &canonical) == STATUS_OK &&
           parser.lexer.token.kind == TOKEN_END && slice_equal(canonical, path);
}

enum status condition_parse(struct arena *arena, struct slice text, struct condition *out_condition,
                            struct diag *diag)
{
    struct parser parser = {.arena = arena};
    struct condition condition;
    if (text.size > CONDITION_TEXT_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "", "a condition has at most %d bytes",
                        CONDITION_TEXT_BYTES_MAX);
    TRY(lexer_init(&parser.lexer, arena, text, diag));
    if (parser.lexer.token.kind == TOKEN_END)
        return lexer_refuse(&parser.lexer, "there is nothing here; write a condition, as in "
                                           "profile.city = \"Paris\"");
    TRY(parse_condition(&parser, &condition));
    if (parser.lexer.token.kind != TOKEN_END)
        return lexer_refuse(&parser.lexer, "\"and\" or \"or\" is missing here, or something is too "
                                           "much");
    *out_condition = condition;
    return STATUS_OK;
}
