#include "audience/condition_say.h"

#include "audience/schema.h"
#include "base/spoken.h"

#include <assert.h>

struct saying {
    struct buf *buf;
    enum locale locale;
};

static void put(const struct saying *saying, const char *text)
{
    buf_add(saying->buf, slice_of(text));
}

/* One text in each language. */
static void say(const struct saying *saying, const char *english, const char *french)
{
    put(saying, saying->locale == LOCALE_FR ? french : english);
}

static void put_quoted(const struct saying *saying, struct slice text)
{
    say(saying, "“", "«\u00a0");
    buf_add(saying->buf, text);
    say(saying, "”", "\u00a0»");
}

/* --- values and times ------------------------------------------------------------------------- */

static void say_value(const struct saying *saying, const struct value *value)
{
    switch (value->kind) {
    case VALUE_TEXT:
        put_quoted(saying, value->text);
        break;
    case VALUE_NUMBER:
        spoken_number(saying->buf, value->number, saying->locale);
        break;
    case VALUE_BOOLEAN:
        if (value->boolean)
            say(saying, "yes", "oui");
        else
            say(saying, "no", "non");
        break;
    case VALUE_DATE:
        spoken_day(saying->buf, value->time, saying->locale);
        break;
    case VALUE_INSTANT:
        spoken_instant(saying->buf, value->time, saying->locale);
        break;
    }
}

/* French before English, as enum locale has them. */
static const struct {
    const char *one[LOCALE_COUNT], *many[LOCALE_COUNT], *present[LOCALE_COUNT];
    bool feminine;
} units[UNIT_COUNT] = {
    [UNIT_MINUTE] = {{"minute", "minute"},
                     {"minutes", "minutes"},
                     {"dans la minute", "this minute"},
                     true},
    [UNIT_HOUR] = {{"heure", "hour"}, {"heures", "hours"}, {"dans l’heure", "this hour"}, true},
    [UNIT_DAY] = {{"jour", "day"}, {"jours", "days"}, {"aujourd’hui", "today"}, false},
    [UNIT_WEEK] = {{"semaine", "week"},
                   {"semaines", "weeks"},
                   {"cette semaine", "this week"},
                   true},
    [UNIT_MONTH] = {{"mois", "month"}, {"mois", "months"}, {"ce mois-ci", "this month"}, false},
    [UNIT_YEAR] = {{"année", "year"}, {"années", "years"}, {"cette année", "this year"}, true},
};

static void say_span(const struct saying *saying, const struct span *span)
{
    spoken_number(saying->buf, span->amount, saying->locale);
    put(saying, " ");
    put(saying, span->amount == 1 ? units[span->unit].one[saying->locale]
                                  : units[span->unit].many[saying->locale]);
}

/* "in the last 6 months", "ces 6 derniers mois" */
static void say_last(const struct saying *saying, const struct span *span)
{
    bool feminine = units[span->unit].feminine, one = span->amount == 1;
    if (saying->locale == LOCALE_EN) {
        put(saying, " in the last ");
        if (one)
            put(saying, units[span->unit].one[LOCALE_EN]);
        else
            say_span(saying, span);
        return;
    }
    put(saying, one ? feminine ? " cette dernière " : " ce dernier " : " ces ");
    if (!one) {
        spoken_number(saying->buf, span->amount, saying->locale);
        put(saying, feminine ? " dernières " : " derniers ");
    }
    put(saying, one ? units[span->unit].one[LOCALE_FR] : units[span->unit].many[LOCALE_FR]);
}

static bool is_feminine(struct slice event)
{
    const struct schema_event *known = schema_event(event);
    return known && known->feminine;
}

static void say_event_name(const struct saying *saying, struct slice name, bool many)
{
    const struct schema_event *event = schema_event(name);
    if (event)
        put(saying, many ? event->many[saying->locale] : event->one[saying->locale]);
    else
        put_quoted(saying, name);
}

static void say_window(const struct saying *saying, const struct window *window)
{
    switch (window->kind) {
    case WINDOW_ALL:
        break;
    case WINDOW_LAST:
        say_last(saying, &window->span);
        break;
    case WINDOW_THIS:
        put(saying, " ");
        put(saying, units[window->span.unit].present[saying->locale]);
        break;
    case WINDOW_SINCE:
        say(saying, " since ", " depuis le ");
        say_value(saying, &window->from);
        break;
    case WINDOW_BETWEEN:
        say(saying, " from ", " du ");
        say_value(saying, &window->from);
        say(saying, " to ", " au ");
        say_value(saying, &window->to);
        break;
    case WINDOW_AFTER:
        say(saying, " since the last ",
            is_feminine(window->event) ? " depuis la dernière " : " depuis le dernier ");
        say_event_name(saying, window->event, false);
        break;
    }
}

/* --- comparisons ------------------------------------------------------------------------------ */

static const char *const verbs[TEST_KIND_COUNT][LOCALE_COUNT] = {
#define VERB(english, french)                                                                      \
    {                                                                                              \
        [LOCALE_EN] = (english), [LOCALE_FR] = (french)                                            \
    }
    [TEST_EQUAL] = VERB(" is ", " vaut "),
    [TEST_NOT_EQUAL] = VERB(" is not ", " ne vaut pas "),
    [TEST_LESS] = VERB(" is below ", " reste sous "),
    [TEST_AT_MOST] = VERB(" is at most ", " ne dépasse pas "),
    [TEST_MORE] = VERB(" is above ", " dépasse "),
    [TEST_AT_LEAST] = VERB(" is at least ", " atteint au moins "),
    [TEST_BETWEEN] = VERB(" is between ", " se situe entre "),
    [TEST_IN] = VERB(" is one of ", " figure parmi "),
    [TEST_NOT_IN] = VERB(" is none of ", " ne figure pas parmi "),
    [TEST_CONTAINS] = VERB(" contains ", " contient "),
    [TEST_STARTS_WITH] = VERB(" starts with ", " commence par "),
    [TEST_ENDS_WITH] = VERB(" ends with ", " finit par "),
    [TEST_UNDER] = VERB(" is in or below ", " relève de "),
    [TEST_HAS] = VERB(" include ", " comprennent "),
    [TEST_KNOWN] = VERB("", ""), /* they stand before what they are about */
    [TEST_UNKNOWN] = VERB("", ""),
    [TEST_HOLDS] = VERB("", ""),
#undef VERB
};

/* Values of a text with choices are told in words, without quotes. */
static void say_values(const struct saying *saying, const struct schema_fact *fact,
                       const struct condition_test *test)
{
    for (size_t i = 0; i < test->value_count; i++) {
        if (i && test->kind == TEST_BETWEEN)
            say(saying, " and ", " et ");
        else if (i && i + 1 == test->value_count)
            say(saying, " or ", " ou ");
        else if (i)
            put(saying, ", ");
        if (fact && fact->choices && test->values[i].kind == VALUE_TEXT)
            buf_add(saying->buf, schema_choice(test->values[i].text, saying->locale));
        else
            say_value(saying, &test->values[i]);
    }
}

/* A name without the quotes that the text form gives to some. */
static void put_name(const struct saying *saying, struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] != '"' && name.data[i] != '\\')
            buf_add(saying->buf, slice_make(name.data + i, 1));
}

/* "city", "the trait “code”": %s is where the name stands that the pattern left open. */
static void say_words(const struct saying *saying, const struct schema_fact *fact,
                      struct slice path)
{
    struct slice words = slice_of(fact->words[saying->locale]);
    size_t open = 0, prefix = strlen(fact->path);
    while (open + 1 < words.size && memcmp(words.data + open, "%s", 2) != 0)
        open++;
    if (open + 1 >= words.size) {
        buf_add(saying->buf, words);
        return;
    }
    buf_add(saying->buf, slice_first(words, open));
    put_name(saying, slice_from(path, prefix - 1)); /* what stands for the * */
    buf_add(saying->buf, slice_from(words, open + 2));
}

static void say_named(const struct saying *saying, const struct schema_fact *fact,
                      struct slice path)
{
    if (fact)
        say_words(saying, fact, path);
    else
        put_quoted(saying, path);
}

static bool is_clause(const struct schema_fact *fact)
{
    return fact && fact->type == TYPE_BOOLEAN;
}

/* What stands before the thing that is asked about. */
static void say_before(const struct saying *saying, const struct schema_fact *fact,
                       const struct condition_test *test)
{
    bool clause = is_clause(fact), negated = test->kind == TEST_NOT_EQUAL;
    if (test->kind == TEST_KNOWN && clause)
        say(saying, "it is known whether ", "on sait si ");
    else if (test->kind == TEST_UNKNOWN && clause)
        say(saying, "it is not known whether ", "on ne sait pas si ");
    else if (test->kind == TEST_KNOWN)
        say(saying, "there is a known value for ", "on connaît ");
    else if (test->kind == TEST_UNKNOWN)
        say(saying, "there is no known value for ", "on ne connaît pas ");
    else if (clause && test->value_count == 1 && test->values[0].boolean == negated)
        say(saying, "except: ", "sauf\u00a0: ");
}

static void say_comparison(const struct saying *saying, const struct schema_fact *fact,
                           const struct condition_test *test)
{
    say_before(saying, fact, test);
    say_named(saying, fact, test->subject.path);
    if (is_clause(fact))
        return;
    put(saying, verbs[test->kind][saying->locale]);
    say_values(saying, fact, test);
}

/* --- events ----------------------------------------------------------------------------------- */

/* "(category is in or below “bio”, price is above 20)" */
static void say_filters(const struct saying *saying, const struct selection *selection)
{
    const struct schema_event *event = selection->own ? NULL : schema_event(selection->event);
    for (size_t i = 0; i < selection->filter_count; i++) {
        const struct condition_test *filter = &selection->filters[i];
        put(saying, i ? ", " : " (");
        say_comparison(saying, schema_property(event, filter->subject.path), filter);
    }
    put(saying, selection->filter_count ? ")" : "");
}

static void say_selection(const struct saying *saying, const struct selection *selection, bool many)
{
    if (selection->own)
        put_quoted(saying, selection->event);
    else
        say_event_name(saying, selection->event, many);
    say_filters(saying, selection);
}

/* How many, before the events: "at least 2", "no". False: it takes the longer form. */
static bool say_how_many(const struct saying *saying, const struct condition_test *test,
                         bool *out_many)
{
    double number = test->value_count ? test->values[0].number : 0;
    const struct schema_event *event = schema_event(test->subject.selection.event);
    bool feminine = event && event->feminine;
    bool none = (test->kind == TEST_EQUAL && number == 0) ||
                (test->kind == TEST_LESS && number == 1) ||
                (test->kind == TEST_AT_MOST && number == 0);
    *out_many = number > 1 || test->kind == TEST_BETWEEN;
    if (none) {
        say(saying, "no ", feminine ? "aucune " : "aucun ");
        *out_many = false;
        return true;
    }
    switch (test->kind) {
    case TEST_EQUAL:
        say(saying, "exactly ", "exactement ");
        break;
    case TEST_LESS:
        say(saying, "fewer than ", "moins de ");
        break;
    case TEST_AT_MOST:
        say(saying, "at most ", "au plus ");
        break;
    case TEST_MORE:
        say(saying, "more than ", "plus de ");
        break;
    case TEST_AT_LEAST:
        say(saying, "at least ", "au moins ");
        break;
    case TEST_BETWEEN:
        say(saying, "between ", "entre ");
        break;
    default:
        return false;
    }
    say_values(saying, NULL, test);
    put(saying, " ");
    return true;
}

/* The property with "of" before it: "de la marque", "du montant". */
static void say_of(const struct saying *saying, const struct schema_fact *fact, struct slice path)
{
    struct buf name;
    buf_init(&name, CONDITION_TEXT_BYTES_MAX);
    const struct saying aside = {&name, saying->locale};
    say_named(&aside, fact, path);
    struct slice words = buf_slice(&name), article = SLICE("le ");
    if (saying->locale == LOCALE_FR && slice_starts_with(words, article)) {
        put(saying, "du ");
        words = slice_from(words, article.size);
    } else {
        say(saying, "of ", "de ");
    }
    buf_add(saying->buf, words);
    buf_done(&name);
}

/* "the amount of the last order", "le montant de la dernière commande" */
static void say_one_of(const struct saying *saying, const struct subject *subject,
                       const struct schema_fact *property)
{
    bool last = subject->kind == SUBJECT_LAST;
    bool feminine = is_feminine(subject->selection.event);
    say(saying, "the ", "");
    say_named(saying, property, subject->selection.property);
    if (feminine)
        say(saying, last ? " of the last " : " of the first ",
            last ? " de la dernière " : " de la première ");
    else
        say(saying, last ? " of the last " : " of the first ",
            last ? " du dernier " : " du premier ");
    say_selection(saying, &subject->selection, false);
}

/* "the sum of amount over orders", "la somme du montant pour les commandes" */
static void say_all_of(const struct saying *saying, const struct subject *subject,
                       const struct schema_fact *property)
{
    switch (subject->kind) {
    case SUBJECT_SUM:
        say(saying, "the sum ", "la somme ");
        break;
    case SUBJECT_AVERAGE:
        say(saying, "the average ", "la moyenne ");
        break;
    default:
        say(saying, "the number of different values ", "le nombre de valeurs différentes ");
        break;
    }
    say_of(saying, property, subject->selection.property);
    say(saying, " over ", " pour les ");
    say_selection(saying, &subject->selection, true);
}

static void say_function(const struct saying *saying, const struct condition_test *test)
{
    const struct selection *selection = &test->subject.selection;
    const struct schema_event *event = selection->own ? NULL : schema_event(selection->event);
    const struct schema_fact *property =
        selection->property.size ? schema_property(event, selection->property) : NULL;
    if (test->subject.kind == SUBJECT_FIRST || test->subject.kind == SUBJECT_LAST) {
        say_one_of(saying, &test->subject, property);
    } else if (selection->property.size) {
        say_all_of(saying, &test->subject, property);
    } else {
        if (test->subject.kind == SUBJECT_COUNT)
            say(saying, "the number of ", "le nombre de ");
        else
            say(saying, "the number of days since the last ",
                is_feminine(selection->event) ? "le nombre de jours depuis la dernière "
                                              : "le nombre de jours depuis le dernier ");
        say_selection(saying, selection, test->subject.kind == SUBJECT_COUNT);
    }
    say_window(saying, &selection->window);
    put(saying, verbs[test->kind][saying->locale]);
    say_values(saying, property, test);
}

static void say_count(const struct saying *saying, const struct condition_test *test)
{
    bool many;
    if (!say_how_many(saying, test, &many)) {
        say_function(saying, test);
        return;
    }
    say_selection(saying, &test->subject.selection, many);
    say_window(saying, &test->subject.selection.window);
}

static void say_sequence(const struct saying *saying, const struct subject *subject)
{
    for (size_t i = 0; i < subject->step_count; i++) {
        const struct sequence_step *step = &subject->steps[i];
        if (i)
            say(saying, ", then ", ", puis ");
        say_selection(saying, &step->selection, false);
        if (step->within.amount) {
            say(saying, " within ", " en moins de ");
            say_span(saying, &step->within);
        }
    }
    if (subject->selection.window.kind != WINDOW_ALL)
        say(saying, ", all", ", le tout");
    say_window(saying, &subject->selection.window);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void say_test(const struct saying *saying, const struct condition_test *test)
{
    switch (test->subject.kind) {
    case SUBJECT_FACT:
        say_comparison(saying, schema_fact(test->subject.path), test);
        break;
    case SUBJECT_COUNT:
        say_count(saying, test);
        break;
    case SUBJECT_SEQUENCE:
        say_sequence(saying, &test->subject);
        break;
    default:
        say_function(saying, test);
        break;
    }
}

static void say_part(const struct saying *saying, const struct condition *condition)
{
    if (condition->kind == CONDITION_TEST) {
        say_test(saying, condition->test);
        return;
    }
    if (condition->kind == CONDITION_NOT)
        say(saying, "except: ", "sauf\u00a0: ");
    for (size_t i = 0; i < condition->part_count; i++) {
        const struct condition *part = &condition->parts[i];
        bool enclosed = part->kind == CONDITION_AND || part->kind == CONDITION_OR;
        if (i && condition->kind == CONDITION_AND && part->kind == CONDITION_NOT)
            put(saying, ", ");
        else if (i && condition->kind == CONDITION_AND)
            say(saying, " and ", " et ");
        else if (i)
            say(saying, " or ", " ou ");
        put(saying, enclosed ? "(" : "");
        say_part(saying, part);
        put(saying, enclosed ? ")" : "");
    }
}

/* The first letter as a capital, where it is a plain one. */
static void capitalise(struct buf *buf, size_t at)
{
    if (at < buf->size && buf->data[at] >= 'a' && buf->data[at] <= 'z')
        buf->data[at] = (char)(buf->data[at] - 'a' + 'A');
}

void condition_say(const struct condition *condition, enum locale locale, struct buf *buf)
{
    const struct saying saying = {buf, locale};
    size_t begin = buf->size;
    say_part(&saying, condition);
    put(&saying, ".");
    capitalise(buf, begin);
}
