/* What the two sides of record.h's format agree on. Inside decide/ only. */
#ifndef VISAVIS_DECIDE_RECORD_FORMAT_H
#define VISAVIS_DECIDE_RECORD_FORMAT_H

#include <assert.h>
#include <math.h>

#include "decide/input.h"

enum {
    RECORD_VERSION = 1,
    PREFIX_MAX = 15, /* half a byte; keeps small what a damaged record can grow to */
    REST_LONG = 15,  /* half a byte: the size of the rest follows */
    RECORD_CANDIDATES_MAX = CANDIDATES_PER_STRATEGY_MAX * STRATEGY_COUNT,
    RECORD_STRINGS_MAX = DECISION_RECORD_BYTES_MAX / 2,
    IN_STOCK_BIT = 32, /* of a candidate's first byte, above the mask of answers */
    MORE_BIT = 64,
    SAME_COUNT_BIT = 128, /* as many attributes as the candidate before */
    STRATEGY_MASK = (1 << STRATEGY_COUNT) - 1,
    LOCALE_EN_BIT = 1, /* of the moment's flags */
    EXPLAIN_BIT = 2,
    PERSONAL_BIT = 4
};
static_assert(STRATEGY_COUNT == 5, "a change of strategies is a change of the format");
static_assert(REMOVED_COUNT == 10, "a change of removals is a change of the format");

/* What most candidates of a wish have in common with the one before: written when it changes. */
struct candidate_before {
    uint32_t id;
    uint32_t because[STRATEGY_COUNT]; /* string ids */
    uint32_t personal;
    size_t attribute_count;
};

static inline bool is_answer(float answer)
{
    return answer > 0 && isfinite(answer);
}

#endif
