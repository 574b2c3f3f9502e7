#include "api/phrases.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

struct phrase phrase_in(enum locale locale)
{
    return (struct phrase){.locale = locale};
}

static char *next_value(struct phrase *phrase)
{
    assert(phrase->count < PHRASE_VALUES_MAX);
    phrase->one[phrase->count] = false;
    return phrase->values[phrase->count++];
}

void phrase_number(struct phrase *phrase, double value, int decimals)
{
    phrase_amount(phrase, value, decimals, SLICE_NONE);
}

/* What rounds to nothing has no sign. */
static bool is_below_zero(double value, int decimals)
{
    return value < 0 && -value * pow(10, decimals) >= 0.5;
}

void phrase_amount(struct phrase *phrase, double value, int decimals, struct slice unit)
{
    char *room = next_value(phrase);
    double told = fabs(round(value * pow(10, decimals)));
    phrase->one[phrase->count - 1] =
        phrase->locale == LOCALE_FR ? told < 2 * pow(10, decimals) : told == pow(10, decimals);
    const char *sign = is_below_zero(value, decimals) ? "−" : "";
    if (!isfinite(value)) {
        (void)snprintf(room, PHRASE_VALUE_SIZE, "%s∞", sign);
        return;
    }
    (void)snprintf(room, PHRASE_VALUE_SIZE, "%s%.*f", sign, decimals, fabs(value));
    char *point = strchr(room, '.');
    if (point && phrase->locale == LOCALE_FR)
        *point = ',';
    size_t size = strlen(room);
    if (unit.size)
        (void)snprintf(room + size, PHRASE_VALUE_SIZE - size, " %.*s", SLICE_ARG(unit));
}

void phrase_text(struct phrase *phrase, struct slice text)
{
    (void)snprintf(next_value(phrase), PHRASE_VALUE_SIZE, "%.*s", SLICE_ARG(text));
}

/* What French wants for a space before this character; NULL: a plain one. */
static const char *french_space(char after)
{
    if (after == '%')
        return "\u202f";
    return after && strchr(":;?!", after) ? "\u00a0" : NULL;
}

/* The value that a hole of the pattern is for; SIZE_MAX: it is none. */
static size_t hole_at(const char *at)
{
    bool hole = at[0] == '{' && at[1] >= '1' && at[1] <= '0' + PHRASE_VALUES_MAX &&
                (at[2] == '}' || at[2] == ':');
    return hole ? (size_t)(at[1] - '1') : SIZE_MAX;
}

/* Answers the last character of the hole. */
static const char *fill(const struct phrase *phrase, size_t value, const char *at, struct buf *buf)
{
    const char *one = at + 3, *middle = strchr(at, '|'), *end = strchr(at, '}');
    if (at[2] == '}') {
        buf_add_text(buf, phrase->values[value]);
        return end;
    }
    assert(middle && end && middle < end);
    buf_add(buf, phrase->one[value] ? slice_make(one, (size_t)(middle - one))
                                    : slice_make(middle + 1, (size_t)(end - middle - 1)));
    return end;
}

void phrase_say(struct phrase *phrase, const struct pattern *pattern, struct buf *buf)
{
    for (const char *at = pattern->text[phrase->locale]; *at; at++) {
        const char *space = *at == ' ' && phrase->locale == LOCALE_FR ? french_space(at[1]) : NULL;
        size_t value = hole_at(at);
        if (space)
            buf_add_text(buf, space);
        else if (value < PHRASE_VALUES_MAX)
            at = fill(phrase, value, at, buf);
        else
            buf_add_byte(buf, *at);
    }
    phrase->count = 0;
}
