/* Who called a candidate, and how loudly: the shares of several items in one strategy's answer.
 *
 * Plain values; the strategies of the api fill them in, decide_trim makes them small, the record
 * keeps them, explanations tell them. */
#ifndef VISAVIS_DECIDE_VOICES_H
#define VISAVIS_DECIDE_VOICES_H

#include "decide/input.h"

enum { VOICES_WHOLE = 255 };

/* Which of candidate.voices is the strategy's; -1: it does not ask by items. */
static inline int voices_kind(enum strategy strategy)
{
    switch (strategy) {
    case STRATEGY_BOUGHT_TOGETHER:
        return 0;
    case STRATEGY_VIEWED_TOGETHER:
        return 1;
    case STRATEGY_SIMILAR:
        return 2;
    case STRATEGY_COMPLETE_BASKET:
        return 3;
    case STRATEGY_SESSIONS:
        return 4;
    default:
        return -1;
    }
}

static inline const struct voices *voices_of(const struct candidate *candidate,
                                             enum strategy strategy)
{
    int kind = voices_kind(strategy);
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

/* The share of one item in a strategy's answer for the candidate, 0 to 1; they sum to 1 at most. */
double voices_share(const struct candidate *candidate, enum strategy strategy, uint8_t title);

#endif
