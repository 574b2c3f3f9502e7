/* Filter, score, order. What is sorted is small; the few that matter are scored again, in full. */
#include "decide/ranking.h"

#include <stdlib.h>

static int by_rank(const void *a, const void *b)
{
    const struct rank *left = a, *right = b;
    if ((left->removed == REMOVED_NOT) != (right->removed == REMOVED_NOT))
        return left->removed == REMOVED_NOT ? -1 : 1;
    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            struct arena *arena)
{
    struct ranking ranking = {.ranks = ARENA_ARRAY(arena, evidence->candidate_count, struct rank)};
    struct scored scored = {.candidate = NULL};
    for (size_t i = 0; i < evidence->candidate_count; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        if (!score_candidate(scale, candidate, &scored))
            continue;
        struct verdict verdict = filters_ask(filters, candidate, slice_set_hash(candidate->item));
        ranking.removed_personal |= verdict.person_used;
        ranking.eligible_count += verdict.removed == REMOVED_NOT;
        ranking.ranks[ranking.count++] =
            (struct rank){.score = scored.score,
                          .step = scale->definition->blend ? 0 : (uint32_t)scored.lead_step,
                          .index = (uint32_t)i,
                          .removed = verdict.removed};
    }
    if (ranking.count > 1)
        qsort(ranking.ranks, ranking.count, sizeof *ranking.ranks, by_rank);
    return ranking;
}
