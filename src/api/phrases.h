/* Sentences of reports, French and English, each written and not translated word by word.
 *
 * A pattern holds {1} … {6}, which the values put before stand in for, in their order, and
 * {1:person|people}, of which the first half is for one: in English for 1, in French below 2. In
 * French a plain space before : ; ? ! becomes a no-break one, before % a narrow one, and numbers
 * have a comma. Below zero a number has a minus sign, not a hyphen. One thread. */
#ifndef VISAVIS_API_PHRASES_H
#define VISAVIS_API_PHRASES_H

#include "base/buf.h"
#include "base/locale.h"

enum { PHRASE_VALUES_MAX = 6, PHRASE_VALUE_SIZE = 80 };

struct pattern {
    const char *text[LOCALE_COUNT];
};

struct phrase {
    enum locale locale;
    char values[PHRASE_VALUES_MAX][PHRASE_VALUE_SIZE];
    bool one[PHRASE_VALUES_MAX];
    size_t count;
};

struct phrase phrase_in(enum locale locale);
void phrase_number(struct phrase *phrase, double value, int decimals);
/* A number and what follows it: "12.50 EUR". */
void phrase_amount(struct phrase *phrase, double value, int decimals, struct slice unit);
void phrase_text(struct phrase *phrase, struct slice text);
/* Appends the sentence and forgets the values. */
void phrase_say(struct phrase *phrase, const struct pattern *pattern, struct buf *buf);

#endif
