/* What the two sides of record.h's format agree on. Inside decide/ only. */
#ifndef VISAVIS_DECIDE_RECORD_FORMAT_H
#define VISAVIS_DECIDE_RECORD_FORMAT_H

#include <assert.h>
#include <float.h>

#include "decide/input.h"
#include "decide/traits.h"

enum {
    ARM_MASK = 3, /* of a wish in an experiment */
    EXPLORED_BIT = 4,
    BEYOND_BUDGET_BIT = 8,
    RECORD_VERSION = 12,
    /* a text */
    TEXT_EMPTY = 0,
    TEXT_NEW = 1, /* more: the number of a known text + TEXT_KNOWN */
    TEXT_KNOWN = 2,
    PREFIX_MAX = 15, /* half a byte; keeps small what a damaged record can grow to */
    REST_LONG = 15,  /* half a byte: the size of the rest follows */
    /* who asked */
    ASKER_TRUST_MASK = 3,
    ASKER_NODE_BIT = 4,
    ASKER_PERSON_BIT = 8,
    /* the moment */
    LOCALE_EN_BIT = 1,
    EXPLAIN_BIT = 2,
    PERSONAL_BIT = 4,
    EXPERIMENT_BIT = 8, /* some wish has an arm or is beyond the budget */
    FACTS_BIT = 16,
    BLENDS_BIT = 32,
    TRAITS_BIT = 64, /* some wish is varied by what its candidates have in common */
    MARGINS_BIT = 128,
    SIZES_BIT = 256,
    MOMENT_BITS = 512,
    /* a candidate */
    IN_STOCK_BIT = 1,
    HIDDEN_BIT = 2,
    ANSWERS_BIT = 4, /* other strategies answered than for the candidate before */
    BECAUSE_BIT = 8, /* something called it that had not called the one before */
    ATTRIBUTES_BIT = 16,
    VOICES_BIT = 32,
    SAME_BIT = 64,   /* nothing follows: all is as of the last candidate that is this item */
    NEW_BIT = 128,   /* its age follows */
    LIKES_SHIFT = 8, /* how many */

    RECORD_CANDIDATES_MAX = CANDIDATES_PER_STRATEGY_MAX * COLUMN_COUNT,
    RECORD_TEXTS_MAX = DECISION_RECORD_BYTES_MAX / 2
};
#define COLUMN_MASK ((UINT32_C(1) << COLUMN_COUNT) - 1)
static_assert(COLUMN_COUNT < 32, "masks of columns are 32 bits");
static_assert(AFFINITY_MATCHES_MAX < 8, "head and likes are 11 bits");
static_assert(VOICES_KINDS < 32 && ALIKE_COUNT <= 8, "masks of voices");
static_assert(REMOVED_COUNT < 32, "masks of removals are 32 bits");

/* What most candidates of a wish have in common with the one before: written when it changes. */
struct candidate_before {
    uint32_t answers;              /* bit per column */
    uint32_t personal;             /* the same, of those that it answered last */
    uint8_t because[COLUMN_COUNT]; /* the same */
};

enum { BLEND_WEIGHTS = sizeof(struct blend_weights) / sizeof(float) };
static_assert(sizeof(struct blend_weights) == BLEND_WEIGHTS * sizeof(float), "nothing but weights");

static inline bool is_answer(float answer)
{
    return answer > 0 && answer <= FLT_MAX;
}

#endif
