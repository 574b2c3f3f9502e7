/* A condition about a person, as a tree: what audiences, rules and everything else that asks "for
 * whom, when" is made of. docs/conditions.md is the language.
 *
 * Three forms of the one tree: JSON, which is what is kept; a text that people read and write; a
 * sentence. Reading either form checks its shape only; condition_check.h says whether it makes
 * sense. Trees live in the caller's arena and borrow nothing from the input. Any thread.
 *
 * Limits: CONDITION_TEXT_BYTES_MAX of text, CONDITION_DEPTH_MAX nested, CONDITION_TESTS_MAX tests,
 * those inside functions counted, CONDITION_VALUES_MAX values of a list. */
#ifndef VISAVIS_AUDIENCE_CONDITION_H
#define VISAVIS_AUDIENCE_CONDITION_H

#include "base/buf.h"
#include "base/json.h"

enum {
    CONDITION_TEXT_BYTES_MAX = 65536,
    CONDITION_DEPTH_MAX = 32,
    CONDITION_TESTS_MAX = 500,
    CONDITION_VALUES_MAX = 1000,
    CONDITION_STEPS_MAX = 8, /* of a sequence */
};

/* --- values ----------------------------------------------------------------------------------- */

enum value_kind {
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_DATE,    /* 2026-03-01: that day in the workspace's zone */
    VALUE_INSTANT, /* 2026-03-01T10:20:00+01:00 */
};

struct value {
    enum value_kind kind;
    struct slice text;
    double number;
    bool boolean;
    int64_t time; /* of a date: days since 1970; of an instant: ms */
};

enum span_unit { UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR, UNIT_COUNT };

struct span {
    uint32_t amount; /* 0: none */
    enum span_unit unit;
};

/* --- what is asked about ---------------------------------------------------------------------- */

enum window_kind {
    WINDOW_ALL,     /* all that is known */
    WINDOW_LAST,    /* last 6 months */
    WINDOW_THIS,    /* this month: the calendar's, in the workspace's zone */
    WINDOW_SINCE,   /* since 2026-01-01 */
    WINDOW_BETWEEN, /* between 2026-01-01 and 2026-01-31, both days in it */
    WINDOW_AFTER,   /* since order: after the newest of these events */
};

struct window {
    enum window_kind kind;
    struct span span;      /* last; this: its unit */
    struct value from, to; /* since, between */
    struct slice event;    /* after */
};

struct condition_test;

/* Events of one name that pass every filter, within a window. */
struct selection {
    struct slice event;    /* "order.item", or a name of the shop's own */
    bool own;              /* written in quotes: a name of the shop's own */
    struct slice property; /* what is summed or told apart; empty: the event itself */
    struct condition_test *filters;
    size_t filter_count;
    struct window window;
};

struct sequence_step {
    struct selection selection; /* without a window */
    struct span within;         /* of the step before */
};

enum subject_kind {
    SUBJECT_FACT, /* a field: profile.gender */
    SUBJECT_COUNT,
    SUBJECT_SUM,
    SUBJECT_AVERAGE,
    SUBJECT_DISTINCT,
    SUBJECT_DAYS_SINCE, /* the newest */
    SUBJECT_FIRST,      /* the property of the oldest */
    SUBJECT_LAST,       /* of the newest */
    SUBJECT_SEQUENCE,   /* true or false */
    SUBJECT_KIND_COUNT
};

struct subject {
    enum subject_kind kind;
    struct slice path; /* of a fact: segments between points, as canonical text */
    struct selection selection;
    struct sequence_step *steps;
    size_t step_count;
};

/* --- tests ------------------------------------------------------------------------------------ */

enum test_kind {
    TEST_EQUAL,
    TEST_NOT_EQUAL,
    TEST_LESS,
    TEST_AT_MOST,
    TEST_MORE,
    TEST_AT_LEAST,
    TEST_BETWEEN, /* both ends in it */
    TEST_IN,
    TEST_NOT_IN,
    TEST_CONTAINS,
    TEST_STARTS_WITH,
    TEST_ENDS_WITH,
    TEST_UNDER, /* a category, or one below it */
    TEST_HAS,   /* a list holds it */
    TEST_KNOWN,
    TEST_UNKNOWN,
    TEST_HOLDS, /* a subject that is true or false by itself */
    TEST_KIND_COUNT
};

struct condition_test {
    struct subject subject;
    enum test_kind kind;
    struct value *values; /* one; between: two; in: any number; known, unknown, holds: none */
    size_t value_count;
    unsigned line, column; /* where it begins in the text; 0 when it came as JSON */
};

enum condition_kind { CONDITION_AND, CONDITION_OR, CONDITION_NOT, CONDITION_TEST };

struct condition {
    enum condition_kind kind;
    struct condition *parts; /* and, or: two or more; not: one; test: none */
    size_t part_count;
    struct condition_test *test;
    unsigned line, column;
};

/* --- forms ------------------------------------------------------------------------------------ */

/* STATUS_INVALID: diag has line, column and how to mend it. */
enum status condition_parse(struct arena *arena, struct slice text, struct condition *out_condition,
                            struct diag *diag) MUST_CHECK;
/* STATUS_INVALID: diag has the JSON pointer. */
enum status condition_read(struct arena *arena, const struct json *json,
                           struct condition *out_condition, struct diag *diag) MUST_CHECK;
/* Each reads back as the same tree. */
void condition_write(const struct condition *condition, struct json_out *out);
void condition_text(const struct condition *condition, struct buf *buf);

/* The words of the forms, for whoever reads or writes one. */
const char *test_word(enum test_kind kind);       /* "starts with" */
const char *subject_word(enum subject_kind kind); /* "days_since" */
const char *unit_word(enum span_unit unit);       /* "month" */
bool test_takes_list(enum test_kind kind);
/* Is it a path as the text form has it: profile.city, profile."shoe size"? */
bool condition_path_valid(struct arena *arena, struct slice path);
/* In double quotes, as the text form has it. */
void condition_text_quote(struct buf *buf, struct slice text);

#endif
