#include "decide/ranking.h"

#include <stdlib.h>

static inline bool is_before(const struct rank *left, const struct rank *right)
{
    if (left->step != right->step)
        return left->step < right->step;
    if (left->score != right->score)
        return left->score > right->score;
    return left->candidate != right->candidate &&
           slice_compare(left->candidate->item, right->candidate->item) < 0;
}

static int by_rank(const void *a, const void *b)
{
    return is_before(a, b) ? -1 : is_before(b, a);
}

void rank_sort(struct rank *ranks, size_t count)
{
    if (count > 1)
        qsort(ranks, count, sizeof *ranks, by_rank);
}

/* Cuts at a pivot: all up to the answer are before all beyond it. */
static size_t cut_at_pivot(struct rank *ranks, size_t low, size_t high)
{
    struct rank pivot = ranks[low + (high - low) / 2];
    for (;; low++, high--) {
        while (is_before(&ranks[low], &pivot))
            low++;
        while (is_before(&pivot, &ranks[high]))
            high--;
        if (low >= high)
            return high;
        struct rank kept = ranks[low];
        ranks[low] = ranks[high];
        ranks[high] = kept;
    }
}

void rank_select(struct rank *ranks, size_t count, size_t wanted)
{
    if (wanted == 0 || wanted >= count)
        return;
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t middle = cut_at_pivot(ranks, low, high);
        if (wanted - 1 <= middle)
            high = middle;
        else
            low = middle + 1;
    }
}

/* The eligible from the front, the removed from the back. */
struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            struct arena *arena)
{
    size_t room = evidence->candidate_count, end = room;
    struct ranking ranking = {.ranks = ARENA_ARRAY(arena, room, struct rank)};
    for (size_t i = 0; i < room; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        struct parts parts;
        if (!score_parts(scale, candidate, &parts))
            continue;
        struct verdict verdict = filters_ask(filters, candidate, slice_set_hash(candidate->item));
        bool eligible = verdict.removed == REMOVED_NOT;
        ranking.removed_personal |= verdict.person_used;
        ranking.ranks[eligible ? ranking.eligible_count++ : --end] =
            (struct rank){.candidate = candidate,
                          .score = parts.score,
                          .step = scale->definition->blend ? 0 : (uint32_t)parts.lead_step,
                          .removed = verdict.removed};
    }
    ranking.count = ranking.eligible_count + (room - end);
    if (end > ranking.eligible_count) /* those that no step answered for left a gap */
        memmove(ranking.ranks + ranking.eligible_count, ranking.ranks + end,
                (room - end) * sizeof *ranking.ranks);
    return ranking;
}
