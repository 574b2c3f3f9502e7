/* The cut before a decision, so that a record holds little and the live run sees what it holds. */
#include <stdlib.h>

#include "decide/decide.h"
#include "decide/ranking.h"

/* Survivors kept beyond those the wish wants: enough for other rules in a replay. */
enum { SPARE_FACTOR = 3, SPARE_COUNT = 20 };

struct cut {
    struct decide_input *input;
    struct arena *arena;
    const struct call_lists *lists;
    const struct taste *taste;
    size_t earlier; /* items that the wishes before may take away */
};

static int by_pointer(const void *a, const void *b)
{
    const struct candidate *const *left = a, *const *right = b;
    return (*left > *right) - (*left < *right);
}

static bool is_touched(const struct cut *cut, const struct placement *definition,
                       const struct candidate_attribute *attribute)
{
    for (size_t i = 0; i < definition->filter_count; i++) {
        if (definition->filters[i].attribute.size > 0 &&
            slice_equal(definition->filters[i].attribute, attribute->name))
            return true;
    }
    return taste_find(cut->taste, attribute) >= 0;
}

static void cut_attributes(const struct cut *cut, const struct placement *definition,
                           struct candidate *candidate)
{
    size_t count = 0;
    if (candidate->attribute_count == 0)
        return;
    struct candidate_attribute *kept =
        ARENA_ARRAY(cut->arena, candidate->attribute_count, struct candidate_attribute);
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        if (is_touched(cut, definition, &candidate->attributes[i]))
            kept[count++] = candidate->attributes[i];
    }
    candidate->attributes = kept;
    candidate->attribute_count = count;
}

/* In the order they came in, which is that of their ids. */
static void keep(const struct cut *cut, const struct placement *definition,
                 const struct candidate **kept, size_t count, struct placement_evidence *evidence)
{
    if (count > 1)
        qsort(kept, count, sizeof *kept, by_pointer);
    struct candidate *candidates = ARENA_ARRAY(cut->arena, count, struct candidate);
    for (size_t i = 0; i < count; i++) {
        candidates[i] = *kept[i];
        cut_attributes(cut, definition, &candidates[i]);
    }
    evidence->candidates = candidates;
    evidence->candidate_count = count;
}

static void cut_wish(const struct cut *cut, size_t index, struct placement_evidence *evidence)
{
    const struct decide_input *input = cut->input;
    const struct wish *wish = &input->moment.wishes[index];
    const struct placement *definition = policy_find(input->policy, wish->placement);
    struct scale scale = scale_of(definition, evidence, cut->taste, input->person.personal);
    struct wish_filters filters = wish_filters(input, index, cut->lists, cut->arena);
    size_t survivors = SPARE_FACTOR * wish_size(wish, definition) + SPARE_COUNT + cut->earlier;
    struct ranking ranking = ranking_make(evidence, &filters, &scale, survivors, cut->arena);
    const struct candidate **kept =
        ARENA_ARRAY(cut->arena, ranking.count, const struct candidate *);
    size_t count = 0;
    for (size_t i = 0; i < ranking.count; i++) {
        const struct rank *rank = &ranking.ranks[i];
        bool removed = rank->removed != REMOVED_NOT;
        if (removed ? i - ranking.eligible_count < REMOVED_KEPT_MAX : i < survivors)
            kept[count++] = &evidence->candidates[rank->index];
        else
            evidence->dropped[rank->removed]++;
    }
    for (unsigned i = 0; i < STRATEGY_COUNT; i++)
        evidence->highest[i] = scale.highest[i];
    evidence->dropped_personal |= ranking.removed_personal;
    keep(cut, definition, kept, count, evidence);
}

static bool is_candidate(const struct placement_evidence *evidence, struct slice item)
{
    size_t low = 0, high = evidence->candidate_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(evidence->candidates[middle].item, item);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void cut_exclusions(struct wish *wish, const struct placement_evidence *evidence,
                           struct arena *arena)
{
    struct slice *exclude = ARENA_ARRAY(arena, wish->exclude_count, struct slice);
    size_t count = 0;
    for (size_t i = 0; i < wish->exclude_count; i++) {
        if (is_candidate(evidence, wish->exclude[i]))
            exclude[count++] = wish->exclude[i];
    }
    wish->exclude = exclude;
    wish->exclude_count = count;
}

void decide_trim(struct decide_input *input, struct arena *arena)
{
    size_t count = input->moment.wish_count;
    struct call_lists lists = call_lists(input, arena);
    struct taste taste = taste_of(&input->person, arena);
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    struct wish *wishes = ARENA_ARRAY(arena, count, struct wish);
    struct cut cut = {.input = input, .arena = arena, .lists = &lists, .taste = &taste};
    for (size_t i = 0; i < count; i++) {
        evidence[i] = input->evidence[i];
        wishes[i] = input->moment.wishes[i];
        const struct placement *definition = policy_find(input->policy, wishes[i].placement);
        if (definition != NULL) {
            cut_wish(&cut, i, &evidence[i]);
            cut.earlier += wish_size(&wishes[i], definition);
        }
        cut_exclusions(&wishes[i], &evidence[i], arena);
    }
    input->evidence = evidence;
    input->moment.wishes = wishes;
}
