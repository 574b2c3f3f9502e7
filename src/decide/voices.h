/* Who called a candidate, and how loudly: the shares of several items in one strategy's answer.
 *
 * Plain values; the strategies of the api fill them in, decide_trim makes them small, the record
 * keeps them, explanations tell them. */
#ifndef VISAVIS_DECIDE_VOICES_H
#define VISAVIS_DECIDE_VOICES_H

#include "decide/input.h"

enum { VOICES_WHOLE = 255 };

enum { VOICES_SIMILAR = 2, VOICES_REPEATS = VOICES_KINDS - RECIPE_REPEATS_MAX };

/* Which of candidate.voices is the column's; -1: its strategy does not ask by items. */
static inline int voices_kind(unsigned column)
{
    if (column >= STRATEGY_COUNT)
        return (int)(VOICES_REPEATS + column - STRATEGY_COUNT);
    switch ((enum strategy)column) {
    case STRATEGY_BOUGHT_TOGETHER:
        return 0;
    case STRATEGY_VIEWED_TOGETHER:
        return 1;
    case STRATEGY_SIMILAR:
        return VOICES_SIMILAR;
    case STRATEGY_COMPLETE_BASKET:
        return 3;
    case STRATEGY_SESSIONS:
        return 4;
    case STRATEGY_BOUGHT_AFTER_VIEW:
        return 5;
    default:
        return -1;
    }
}

/* Is it written with voices of this kind what is alike? Of repeats nobody knows the strategy. */
static inline bool voices_tell_alike(int kind)
{
    return kind == VOICES_SIMILAR || kind >= VOICES_REPEATS;
}

static inline const struct voices *voices_of(const struct candidate *candidate, unsigned column)
{
    int kind = voices_kind(column);
    return kind < 0 ? NULL : candidate->voices[kind];
}

/* One more item says so much, > 0. */
static inline void voices_add(struct voices *voices, uint8_t title, float said)
{
    if (voices->count == VOICES_MAX || title == 0 || title > VOICES_TITLES_MAX)
        return;
    voices->titles[voices->count] = title;
    voices->said[voices->count++] = said;
}

/* The same in whole numbers that are VOICES_WHOLE together, by title; voices too low to count are
 * left out. NULL where one alone spoke and nothing is told of their likeness. */
const struct voices *voices_round(const struct voices *voices, struct arena *arena);

/* Leaves of a column's answer for the candidate what items said that are not gone: by title + 1. */
void voices_silence(struct candidate *candidate, unsigned column,
                    const bool gone[static TITLES_MAX + 1], struct arena *arena);

/* The share of one item in a column's answer for the candidate, 0 to 1; they sum to 1 at most. */
double voices_share(const struct candidate *candidate, unsigned column, uint8_t title);

#endif
