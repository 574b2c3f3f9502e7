#include "decide/arrange.h"

#include <stdlib.h>

#include "decide/diversity.h"

/* --- pins ------------------------------------------------------------------------------------- */

/* Neither is the recipe's. */
static bool is_better_pin(const struct rank *rank, const struct rank *than)
{
    for (size_t i = 0; i < PIN_SOURCE_COUNT; i++) {
        unsigned column = step_column(&pin_sources[i]);
        float left = score_answer(rank->candidate, column, false);
        float right = score_answer(than->candidate, column, false);
        if (left != right)
            return left > right;
    }
    return false;
}

/* The best of the eligible that the rule lists and no pin has taken: of the recipe's, which come
 * first, else of those that only pins name. */
static struct rank *find_pinned(const struct ranking *ranking, const struct wish_filters *filters,
                                size_t rule)
{
    struct rank *best = NULL;
    struct slice value;
    for (size_t i = 0; i < ranking->eligible_count; i++) {
        struct rank *rank = &ranking->ranks[i];
        uint64_t hash = slice_set_hash(rank->candidate->item);
        if (rank->slot > 0 || !filters_list(filters, rule, rank->candidate, hash, &value))
            continue;
        if (rank->lead != STRATEGY_COUNT)
            return rank;
        if (best == NULL || is_better_pin(rank, best))
            best = rank;
    }
    return best;
}

static void settle_slot(struct ranking *ranking, const struct wish_filters *filters, unsigned slot)
{
    const struct placement *definition = filters->definition;
    for (size_t i = 0; i < definition->rule_count; i++) {
        if (definition->rules[i].kind != RULE_PIN || definition->rules[i].slot != slot)
            continue;
        struct rank *rank = find_pinned(ranking, filters, i);
        if (rank == NULL)
            continue;
        rank->slot = (uint16_t)slot;
        rank->pinned = true;
        return;
    }
}

/* --- caps ------------------------------------------------------------------------------------- */

struct tally { /* of one cap */
    const struct rule *rule;
    struct slice_set values; /* → position in counts */
    unsigned *counts;
};

/* Parents of a category stand beside it and are shorter. */
static bool is_parent(const struct candidate *candidate, const struct candidate_attribute *category)
{
    for (size_t i = 0; i < candidate->attribute_count; i++)
        if (slice_is(candidate->attributes[i].name, "category") &&
            candidate->attributes[i].value.size > category->value.size)
            return true;
    return false;
}

static bool is_tallied(const struct tally *tally, const struct candidate *candidate, size_t index)
{
    const struct candidate_attribute *attribute = &candidate->attributes[index];
    return slice_equal(attribute->name, tally->rule->attribute) &&
           !(slice_is(attribute->name, "category") && is_parent(candidate, attribute));
}

static bool is_full(const struct tally *tally, const struct candidate *candidate)
{
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        if (!is_tallied(tally, candidate, i))
            continue;
        struct slice value = candidate->attributes[i].value;
        int64_t found = slice_set_find(&tally->values, slice_set_hash(value), value);
        if (found >= 0 && tally->counts[found] >= tally->rule->max)
            return true;
    }
    return false;
}

static void count_in(struct tally *tally, const struct candidate *candidate)
{
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        if (!is_tallied(tally, candidate, i))
            continue;
        struct slice value = candidate->attributes[i].value;
        uint32_t fresh = (uint32_t)tally->values.count;
        tally->counts[slice_set_intern(&tally->values, slice_set_hash(value), value, fresh)]++;
    }
}

struct tallies {
    struct tally *list;
    size_t count;
};

static struct tallies tallies_of(const struct ranking *ranking, const struct placement *definition,
                                 struct arena *arena)
{
    struct tallies tallies = {.list = ARENA_ARRAY(arena, definition->rule_count, struct tally)};
    size_t values = 0;
    for (size_t i = 0; i < ranking->eligible_count; i++)
        values += ranking->ranks[i].candidate->attribute_count;
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].kind == RULE_CAP)
            tallies.list[tallies.count++] =
                (struct tally){.rule = &definition->rules[i],
                               .values = slice_set(arena, ranking->eligible_count),
                               .counts = ARENA_ARRAY(arena, values, unsigned)};
    return tallies;
}

static void take_in(struct tallies *tallies, const struct candidate *candidate)
{
    for (size_t i = 0; i < tallies->count; i++)
        count_in(&tallies->list[i], candidate);
}

static bool have_room(const struct tallies *tallies, const struct candidate *candidate)
{
    for (size_t i = 0; i < tallies->count; i++)
        if (is_full(&tallies->list[i], candidate))
            return false;
    return true;
}

static void settle_caps(struct ranking *ranking, const struct placement *definition,
                        struct arena *arena)
{
    struct tallies tallies = tallies_of(ranking, definition, arena);
    for (size_t i = 0; i < ranking->eligible_count; i++)
        if (ranking->ranks[i].slot > 0)
            take_in(&tallies, ranking->ranks[i].candidate);
    for (size_t i = 0; i < ranking->eligible_count; i++) {
        struct rank *rank = &ranking->ranks[i];
        if (rank->slot > 0 || rank->lead == STRATEGY_COUNT)
            continue;
        if (have_room(&tallies, rank->candidate))
            take_in(&tallies, rank->candidate);
        else
            rank->removed = REMOVED_CAPPED;
    }
}

/* So many of the best may be shown, in whatever order they are put or drawn. */
static size_t reach_of(const struct placement *definition, unsigned count)
{
    const struct rule *shuffle = arrange_shuffle(definition);
    size_t reach = shuffle != NULL && shuffle->among > count ? shuffle->among : count;
    return diversity_rule(definition) != NULL ? diversity_pool(reach) : reach;
}

static int newest_first(const void *a, const void *b)
{
    const struct rank *const *left = a, *const *right = b;
    if ((*left)->candidate->age != (*right)->candidate->age)
        return (*left)->candidate->age < (*right)->candidate->age ? -1 : 1;
    return slice_compare((*left)->candidate->item, (*right)->candidate->item);
}

static void settle_fresh(struct ranking *ranking, const struct placement *definition,
                         const struct arranging *arranging, struct arena *arena)
{
    struct tallies tallies = tallies_of(ranking, definition, arena);
    struct rank **fresh = ARENA_ARRAY(arena, ranking->eligible_count, struct rank *);
    size_t count = 0, open = 0, reach = reach_of(definition, arranging->count);
    for (size_t i = 0; i < ranking->eligible_count; i++) {
        struct rank *rank = &ranking->ranks[i];
        if (rank->removed != REMOVED_NOT)
            continue;
        if (rank->slot == 0 && rank->fresh)
            fresh[count++] = rank;
        else if (rank->slot > 0 || open++ < reach || rank->newcomer)
            take_in(&tallies, rank->candidate);
    }
    if (count > 1)
        qsort(fresh, count, sizeof *fresh, newest_first);
    for (size_t i = 0; i < count; i++)
        if (have_room(&tallies, fresh[i]->candidate))
            take_in(&tallies, fresh[i]->candidate);
        else
            fresh[i]->removed = REMOVED_CAPPED;
}

/* --- the fallback ----------------------------------------------------------------------------- */

static bool is_own(const struct rank *rank, const struct placement *definition)
{
    return rank->slot > 0 || rank->lead_step < recipe_steps(definition);
}

static size_t count_own(const struct ranking *ranking, const struct placement *definition)
{
    size_t count = 0;
    for (size_t i = 0; i < ranking->eligible_count; i++)
        count += ranking->ranks[i].removed == REMOVED_NOT && is_own(&ranking->ranks[i], definition);
    return count;
}

/* What only the fallback proposed goes without a trace, unless there is too little else: of a
 * newcomer it is as if nothing had. */
static void settle_fallback(struct ranking *ranking, const struct placement *definition,
                            unsigned needed)
{
    size_t count = 0;
    ranking->own_count = count_own(ranking, definition);
    if (needed == 0 || ranking->own_count < needed)
        return;
    for (size_t i = 0; i < ranking->eligible_count; i++) {
        struct rank *rank = &ranking->ranks[i];
        bool own = is_own(rank, definition);
        rank->fresh |= rank->newcomer && !own;
        if (own || rank->lead == STRATEGY_COUNT || rank->fresh)
            ranking->ranks[count++] = *rank;
    }
    size_t removed = ranking->count - ranking->eligible_count;
    memmove(ranking->ranks + count, ranking->ranks + ranking->eligible_count,
            removed * sizeof *ranking->ranks);
    ranking->eligible_count = count;
    ranking->count = count + removed;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool stays(const struct rank *rank)
{
    return rank->removed == REMOVED_NOT &&
           (rank->slot > 0 || (rank->lead != STRATEGY_COUNT && !rank->fresh));
}

/* The eligible that stay, the fresh, the removed as they were, then those that caps removed. */
static void sort_out(struct ranking *ranking, struct arena *arena)
{
    struct rank *ranks = ARENA_ARRAY(arena, ranking->count, struct rank);
    size_t count = 0, eligible = ranking->eligible_count;
    for (size_t i = 0; i < eligible; i++)
        if (stays(&ranking->ranks[i]))
            ranks[count++] = ranking->ranks[i];
    ranking->eligible_count = count;
    for (size_t i = 0; i < eligible; i++)
        if (ranking->ranks[i].removed == REMOVED_NOT && ranking->ranks[i].slot == 0 &&
            ranking->ranks[i].fresh)
            ranks[count++] = ranking->ranks[i];
    ranking->fresh_count = count - ranking->eligible_count;
    for (size_t i = eligible; i < ranking->count; i++)
        ranks[count++] = ranking->ranks[i];
    for (size_t i = 0; i < eligible; i++)
        if (ranking->ranks[i].removed != REMOVED_NOT)
            ranks[count++] = ranking->ranks[i];
    ranking->ranks = ranks;
    ranking->count = count;
}

void arrange_settle(struct ranking *ranking, const struct wish_filters *filters,
                    const struct arranging *arranging, struct arena *arena)
{
    bool pins = filters_have(filters, RULE_PIN), caps = filters_have(filters, RULE_CAP);
    bool newcomers = filters_have(filters, RULE_ARRIVALS);
    for (unsigned slot = 1; pins && slot <= arranging->count; slot++)
        settle_slot(ranking, filters, slot);
    if (caps)
        settle_caps(ranking, filters->definition, arena);
    if (caps && newcomers)
        settle_fresh(ranking, filters->definition, arranging, arena);
    if (filters->definition->fallback_count > 0)
        settle_fallback(ranking, filters->definition, arranging->needed);
    if (pins || caps || newcomers)
        sort_out(ranking, arena);
    if (filters->definition->fallback_count == 0)
        ranking->own_count = ranking->eligible_count;
}

const struct rule *arrange_shuffle(const struct placement *definition)
{
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].kind == RULE_SHUFFLE)
            return &definition->rules[i];
    return NULL;
}
