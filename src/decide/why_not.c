#include "decide/why_not.h"

#include <float.h>

#include "decide/operations.h"
#include "decide/variant.h"

/* --- which rule ------------------------------------------------------------------------------- */

static const struct scored *find(const struct decision *decision, struct slice item)
{
    for (size_t i = 0; i < decision->all_count; i++)
        if (slice_equal(decision->all[i].candidate->item, item))
            return &decision->all[i];
    return NULL;
}

struct trial {
    const struct decide_input *input;
    size_t index;
    struct slice item;
    struct arena *arena;
};

/* What becomes of the item with only one of the rules; none for one beyond the last. */
static enum removal try_rule(const struct trial *trial, size_t rule)
{
    struct decide_input input = *trial->input;
    struct placement *placement = variant_placement(&input, trial->index, trial->arena);
    struct outcome outcome;
    variant_only_rule(placement, rule, trial->arena);
    decide_run(&input, trial->arena, &outcome);
    const struct scored *scored = find(&outcome.decisions[trial->index], trial->item);
    return scored ? scored->removed : REMOVED_NOT;
}

static void take_blame(struct standing *standing, const struct placement *published, size_t rule)
{
    standing->rule = &published->rules[rule];
    standing->rule_position = rule + 1;
}

/* The first rule that removes the item for this reason all by itself; what is removed without any
 * rule is removed by none. */
static void blame(const struct trial *trial, struct standing *standing)
{
    const struct placement *published =
        policy_find(trial->input->policy, trial->input->moment.wishes[trial->index].placement);
    if (try_rule(trial, published->rule_count) == standing->removed)
        return;
    for (size_t i = 0; i < published->rule_count; i++) {
        if (try_rule(trial, i) != standing->removed)
            continue;
        take_blame(standing, published, i);
        return;
    }
    /* what these remove depends on what the other rules let through */
    enum rule_kind kind = standing->removed == REMOVED_CAPPED ? RULE_CAP : RULE_EXCLUDE_PAGE;
    if (standing->removed != REMOVED_CAPPED && standing->removed != REMOVED_PAGE)
        return;
    for (size_t i = 0; i < published->rule_count && !standing->rule; i++)
        if (published->rules[i].kind == kind)
            take_blame(standing, published, i);
}

/* --- where it stood --------------------------------------------------------------------------- */

/* Pins and new arrivals drawn aside, which need no score, unless there is nothing else. */
static const struct scored *lowest_shown(const struct decision *decision)
{
    const struct scored *lowest = NULL;
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *shown = decision->shown[i];
        bool ranked = !scored_is_placed(shown);
        if (!lowest || (scored_is_placed(lowest) && ranked) ||
            (ranked && shown->score <= lowest->score))
            lowest = shown;
    }
    return lowest;
}

static void stand(const struct decision *decision, const struct scored *scored,
                  struct standing *standing)
{
    size_t place = (size_t)(scored - decision->all);
    standing->scored = scored;
    standing->rank = place < decision->eligible_count ? place + 1 : 0;
    standing->last = lowest_shown(decision);
    standing->kind = standing->last ? STANDING_BELOW : STANDING_FRUITLESS;
    if (standing->last && place >= decision->eligible_count)
        standing->kind = STANDING_NOT_DRAWN;
    for (size_t i = 0; i < decision->shown_count; i++) {
        if (decision->shown[i] != scored)
            continue;
        standing->kind = STANDING_SHOWN;
        standing->slot = i + 1;
    }
    if (scored->removed != REMOVED_NOT) {
        standing->kind = STANDING_REMOVED;
        standing->removed = scored->removed;
    }
}

/* Reasons that only the item's id decides, so that they hold of an item without a record. */
static bool is_of_the_id(const struct standing *standing)
{
    switch (standing->removed) {
    case REMOVED_CURRENT:
    case REMOVED_CALLER:
    case REMOVED_BOUGHT:
    case REMOVED_BASKET:
    case REMOVED_VIEWED:
        return true;
    case REMOVED_NOT_INCLUDED:
    case REMOVED_EXCLUDED:
        return standing->rule && standing->rule->attribute.size == 0;
    default:
        return false;
    }
}

/* Had some step named it, faintly: what would have become of it? */
static bool is_barred(const struct trial *trial, const struct placement *definition,
                      struct standing *standing)
{
    struct decide_input input = *trial->input;
    struct placement_evidence *evidence;
    struct candidate *candidates =
        variant_candidates(&input, trial->index, trial->arena, &evidence);
    struct candidate *fresh = &candidates[evidence->candidate_count++];
    *fresh = (struct candidate){.item = trial->item, .in_stock = true, .stock = -1};
    fresh->price_minor = -1;
    fresh->margin = CANDIDATE_MARGIN_UNKNOWN;
    fresh->answers[step_column(&definition->steps[definition->step_count - 1])] = FLT_MIN;
    struct outcome outcome;
    decide_run(&input, trial->arena, &outcome);
    const struct scored *scored = find(&outcome.decisions[trial->index], trial->item);
    if (!scored || scored->removed == REMOVED_NOT)
        return false;
    struct trial with = *trial;
    struct standing barred = {.kind = STANDING_BARRED, .removed = scored->removed};
    with.input = &input;
    blame(&with, &barred);
    if (!is_of_the_id(&barred))
        return false;
    *standing = barred;
    return true;
}

static bool is_complete(const struct placement_evidence *evidence)
{
    for (size_t i = 0; i < REMOVED_COUNT; i++)
        if (evidence->dropped[i] > 0)
            return false;
    return true;
}

struct standing standing_of(const struct decide_input *input, const struct outcome *outcome,
                            size_t index, struct slice item, struct arena *arena)
{
    const struct decision *decision = &outcome->decisions[index];
    const struct wish *wish = &input->moment.wishes[index];
    struct standing standing = {.kind = STANDING_NO_PLACEMENT};
    struct trial trial = {input, index, item, arena};
    if (decision->definition == NULL)
        return standing;
    standing.kind = decision->definition->stopped ? STANDING_STOPPED : STANDING_HELD_OUT;
    if (wish_shows_nothing(wish, decision->definition))
        return standing;
    const struct scored *scored = find(decision, item);
    if (scored) {
        stand(decision, scored, &standing);
        if (standing.kind == STANDING_REMOVED)
            blame(&trial, &standing);
    } else if (!is_barred(&trial, decision->definition, &standing)) {
        standing.kind =
            is_complete(decision->evidence) ? STANDING_NOT_PROPOSED : STANDING_UNRECORDED;
    }
    if (standing.kind == STANDING_BELOW) {
        struct scored *told = ARENA_NEW(arena, struct scored);
        *told = *scored;
        decide_tell(input, outcome, index, told, arena);
        standing.scored = told;
    }
    return standing;
}
