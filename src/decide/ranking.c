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

/* The lifts of the steps that hold the first `needed` of the eligible. */
static void lift_needed(struct ranking *ranking, const struct placement_evidence *evidence,
                        const struct scale *scale, size_t needed)
{
    size_t eligible[STRATEGIES_PER_RECIPE_MAX] = {0};
    for (size_t i = 0; i < ranking->count; i++)
        eligible[ranking->ranks[i].step] += ranking->ranks[i].removed == REMOVED_NOT;
    uint32_t last = 0;
    for (size_t sum = eligible[0]; sum < needed && last + 1 < scale->definition->step_count;)
        sum += eligible[++last];
    struct scored scored = {.candidate = NULL};
    for (size_t i = 0; i < ranking->count; i++) {
        struct rank *rank = &ranking->ranks[i];
        if (rank->step > last)
            continue;
        (void)score_candidate(scale, &evidence->candidates[rank->index], true, &scored);
        rank->score = scored.score;
    }
}

struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            size_t needed, struct arena *arena)
{
    struct ranking ranking = {.ranks = ARENA_ARRAY(arena, evidence->candidate_count, struct rank)};
    struct scored scored = {.candidate = NULL};
    bool lifts_at_once = scale->definition->blend || needed >= evidence->candidate_count;
    for (size_t i = 0; i < evidence->candidate_count; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        if (!score_candidate(scale, candidate, lifts_at_once, &scored))
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
    if (!lifts_at_once)
        lift_needed(&ranking, evidence, scale, needed);
    if (ranking.count > 1)
        qsort(ranking.ranks, ranking.count, sizeof *ranking.ranks, by_rank);
    return ranking;
}
