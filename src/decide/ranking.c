/* Filter, score, order. Candidates are scored in place; small keys are sorted instead of them. */
#include "decide/ranking.h"

#include <stdlib.h>

struct rank_key {
    double score;
    uint32_t step;
    uint32_t index; /* candidates come sorted by item id, so this is the order of ids */
    bool removed;
};

static int by_rank(const void *a, const void *b)
{
    const struct rank_key *left = a, *right = b;
    if (left->removed != right->removed)
        return left->removed ? 1 : -1;
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
    size_t room = evidence->candidate_count;
    struct scored *unsorted = ARENA_ARRAY(arena, room, struct scored);
    struct rank_key *keys = ARENA_ARRAY(arena, room, struct rank_key);
    struct ranking ranking = {.all = ARENA_ARRAY(arena, room, struct scored)};
    for (size_t i = 0; i < room; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        struct scored *scored = &unsorted[i];
        if (!score_candidate(scale, candidate, scored))
            continue;
        struct verdict verdict = filters_ask(filters, candidate, hash64(candidate->item));
        scored->removed = verdict.removed;
        ranking.removed_personal |= verdict.person_used;
        ranking.eligible_count += verdict.removed == REMOVED_NOT;
        keys[ranking.count++] =
            (struct rank_key){.score = scored->score,
                              .step = scale->definition->blend ? 0 : (uint32_t)scored->lead_step,
                              .index = (uint32_t)i,
                              .removed = verdict.removed != REMOVED_NOT};
    }
    if (ranking.count > 1)
        qsort(keys, ranking.count, sizeof *keys, by_rank);
    for (size_t i = 0; i < ranking.count; i++)
        ranking.all[i] = unsorted[keys[i].index];
    return ranking;
}
