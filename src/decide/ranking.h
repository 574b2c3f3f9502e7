/* All candidates of one wish, filtered and scored: what both the cut before a decision and the
 * decision itself start from.
 *
 * Inside decide/ only; lives in the arena of the decision. */
#ifndef VISAVIS_DECIDE_RANKING_H
#define VISAVIS_DECIDE_RANKING_H

#include "decide/filter.h"
#include "decide/score.h"

struct rank {
    const struct candidate *candidate;
    double score;
    uint16_t step; /* what counts before the score: score_level of its lead */
    uint16_t lead_step, lead_column;
    uint16_t slot;      /* arrange.h: where a rule pins it, 1 is the first; 0: none does */
    bool pinned;        /* a pin names this very item, or takes it */
    bool newcomer;      /* newcomers.h */
    bool fresh;         /* and nothing else can show it: no step that counts proposed it */
    bool kept;          /* the cut: stays though it is too far behind */
    enum strategy lead; /* STRATEGY_COUNT: no step answered for it */
    enum removal removed;
};

struct ranking {
    /* the eligible, then those that only a quota of new arrivals can show (once settled, arrange.h;
     * before they are among the eligible), then the removed, each in no order yet */
    struct rank *ranks;
    size_t count, eligible_count, fresh_count;
    size_t own_count; /* arrange.h: of the eligible, those that the recipe proposed or a pin took */
    uint32_t removed_personal; /* PERSON_ bits of rules that removed something */
};

struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            struct arena *arena);

/* In order: by step, then score, then item id. */
bool rank_is_before(const struct rank *left, const struct rank *right);
/* Best first. */
void rank_sort(struct rank *ranks, size_t count);
/* Brings the best `wanted` of the ranks to the front, in no order. */
void rank_select(struct rank *ranks, size_t count, size_t wanted);

#endif
