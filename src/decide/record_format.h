/* What the two sides of record.h's format agree on. Inside decide/ only. */
#ifndef VISAVIS_DECIDE_RECORD_FORMAT_H
#define VISAVIS_DECIDE_RECORD_FORMAT_H

#include <assert.h>
#include <math.h>

#include "decide/input.h"

enum {
    RECORD_VERSION = 1,
    PREFIX_MAX = 63, /* keeps small what a damaged record can grow to */
    RECORD_CANDIDATES_MAX = CANDIDATES_PER_STRATEGY_MAX * STRATEGY_COUNT,
    RECORD_STRINGS_MAX = DECISION_RECORD_BYTES_MAX / 2,
    IN_STOCK_BIT = 32, /* of a candidate's first byte, above the mask of answers */
    MORE_BIT = 64,
    STRATEGY_MASK = (1 << STRATEGY_COUNT) - 1,
    LOCALE_EN_BIT = 1, /* of the moment's flags */
    EXPLAIN_BIT = 2,
    PERSONAL_BIT = 4
};
static_assert(STRATEGY_COUNT == 5, "a change of strategies is a change of the format");
static_assert(REMOVED_COUNT == 10, "a change of removals is a change of the format");

static inline bool is_answer(float answer)
{
    return answer > 0 && isfinite(answer);
}

#endif
