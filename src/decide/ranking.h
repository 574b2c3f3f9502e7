/* All candidates of one wish, filtered, scored and put in order: what both the cut before a
 * decision and the decision itself start from.
 *
 * Inside decide/ only; lives in the arena of the decision. */
#ifndef VISAVIS_DECIDE_RANKING_H
#define VISAVIS_DECIDE_RANKING_H

#include "decide/filter.h"
#include "decide/score.h"

struct rank {
    double score;
    uint32_t step;
    uint32_t index; /* of the candidate; they come sorted by item id, so this is the ids' order */
    enum removal removed;
};

struct ranking {
    struct rank *ranks; /* the eligible, best first, then the removed, best first */
    size_t count, eligible_count;
    uint32_t removed_personal; /* PERSON_ bits of filters that removed something */
};

/* Only the first `needed` of the eligible need their exact place: in a recipe in order, later steps
 * are then ranked without lifts, since those carry nothing over a step. */
struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            size_t needed, struct arena *arena);

#endif
