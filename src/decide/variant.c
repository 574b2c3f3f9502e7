#include "decide/variant.h"

#include "decide/arrange.h"

struct placement *variant_placement(struct decide_input *input, size_t index, struct arena *arena)
{
    const struct policy *published = input->policy;
    const struct placement *found = policy_find(published, input->moment.wishes[index].placement);
    if (!found)
        return NULL;
    struct placement *copies = ARENA_ARRAY(arena, published->placement_count, struct placement);
    memcpy(copies, published->placements, published->placement_count * sizeof *copies);
    struct policy *policy = ARENA_NEW(arena, struct policy);
    *policy = *published;
    policy->placements = copies;
    input->policy = policy;
    return copies + (found - published->placements);
}

void variant_without_rule(struct placement *placement, size_t rule, struct arena *arena)
{
    struct rule *rules = ARENA_ARRAY(arena, placement->rule_count, struct rule);
    size_t count = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        if (i != rule)
            rules[count++] = placement->rules[i];
    placement->rules = rules;
    placement->rule_count = count;
}

void variant_only_rule(struct placement *placement, size_t rule, struct arena *arena)
{
    struct rule *rules = ARENA_ARRAY(arena, placement->rule_count, struct rule);
    size_t count = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        if (i == rule || placement->rules[i].kind == RULE_PIN ||
            placement->rules[i].kind == RULE_ARRIVALS)
            rules[count++] = placement->rules[i];
    placement->rules = rules;
    placement->rule_count = count;
}

void variant_without_kind(struct placement *placement, enum rule_kind kind, struct arena *arena)
{
    for (size_t i = placement->rule_count; i > 0; i--)
        if (placement->rules[i - 1].kind == kind)
            variant_without_rule(placement, i - 1, arena);
}

void variant_without_chance(struct placement *placement, struct arena *arena)
{
    placement->explore = 0;
    variant_without_kind(placement, RULE_SHUFFLE, arena);
    variant_without_kind(placement, RULE_ARRIVALS, arena);
}

struct candidate *variant_candidates(struct decide_input *input, size_t index, struct arena *arena,
                                     struct placement_evidence **out_evidence)
{
    size_t count = input->moment.wish_count;
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    memcpy(evidence, input->evidence, count * sizeof *evidence);
    struct placement_evidence *own = &evidence[index];
    struct candidate *candidates = ARENA_ARRAY(arena, own->candidate_count + 1, struct candidate);
    if (own->candidate_count > 0)
        memcpy(candidates, own->candidates, own->candidate_count * sizeof *candidates);
    own->candidates = candidates;
    input->evidence = evidence;
    *out_evidence = own;
    return candidates;
}

struct wish *variant_wishes(struct decide_input *input, struct arena *arena)
{
    size_t count = input->moment.wish_count;
    struct wish *wishes = ARENA_ARRAY(arena, count, struct wish);
    memcpy(wishes, input->moment.wishes, count * sizeof *wishes);
    input->moment.wishes = wishes;
    return wishes;
}
