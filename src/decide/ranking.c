#include "decide/ranking.h"

#include "base/sort.h"
#include "decide/newcomers.h"

static bool is_before(const struct rank *left, const struct rank *right)
{
    if (left->step != right->step)
        return left->step < right->step;
    if (left->score != right->score)
        return left->score > right->score;
    return left->candidate != right->candidate &&
           slice_compare(left->candidate->item, right->candidate->item) < 0;
}

SORT_OF(ranks, struct rank, is_before)

bool rank_is_before(const struct rank *left, const struct rank *right)
{
    return is_before(left, right);
}

void rank_sort(struct rank *ranks, size_t count)
{
    ranks_sort(ranks, count);
}

void rank_select(struct rank *ranks, size_t count, size_t wanted)
{
    ranks_select(ranks, count, wanted);
}

/* Does a pin name the item, or a value of it? */
static bool is_pinned(const struct wish_filters *filters, const struct candidate *candidate,
                      bool *out_named)
{
    uint64_t hash = slice_set_hash(candidate->item);
    bool pinned = false;
    struct slice value;
    for (size_t i = 0; i < filters->definition->rule_count; i++) {
        const struct rule *rule = &filters->definition->rules[i];
        if (rule->kind != RULE_PIN || !filters_list(filters, i, candidate, hash, &value))
            continue;
        pinned = true;
        *out_named |= rule->attribute.size == 0;
    }
    return pinned;
}

/* The eligible from the front, the removed from the back. */
struct ranking ranking_make(const struct placement_evidence *evidence,
                            const struct wish_filters *filters, const struct scale *scale,
                            struct arena *arena)
{
    size_t room = evidence->candidate_count, end = room;
    struct ranking ranking = {.ranks = ARENA_ARRAY(arena, room, struct rank)};
    bool pins = filters_have(filters, RULE_PIN), named = false;
    const struct rule *quota = newcomers_rule(filters->definition);
    struct slice page_item = filters->input->moment.page_item;
    for (size_t i = 0; i < room; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        struct parts parts;
        bool answered = score_parts(scale, candidate, &parts);
        if (pins)
            named = false;
        bool newcomer = quota != NULL && newcomers_have(quota, candidate, page_item);
        if (!(pins && is_pinned(filters, candidate, &named)) && !answered && !newcomer)
            continue;
        struct verdict verdict = filters_ask(filters, candidate, slice_set_hash(candidate->item));
        bool eligible = verdict.removed == REMOVED_NOT;
        ranking.removed_personal |= verdict.person_used;
        ranking.ranks[eligible ? ranking.eligible_count++ : --end] = (struct rank){
            .candidate = candidate,
            .score = parts.score,
            .step = (uint16_t)score_level(scale, parts.lead_step),
            .lead_step = (uint16_t)parts.lead_step,
            .lead_column = answered
                               ? (uint16_t)step_column(&scale->definition->steps[parts.lead_step])
                               : COLUMN_COUNT,
            .pinned = named,
            .newcomer = newcomer,
            .fresh = newcomer && !answered,
            .lead = parts.lead,
            .removed = verdict.removed};
    }
    ranking.count = ranking.eligible_count + (room - end);
    if (end > ranking.eligible_count) /* those that no step answered for left a gap */
        memmove(ranking.ranks + ranking.eligible_count, ranking.ranks + end,
                (room - end) * sizeof *ranking.ranks);
    return ranking;
}
