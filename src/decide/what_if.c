#include "decide/what_if.h"

#include <assert.h>
#include <stdlib.h>

#include "decide/operations.h"
#include "decide/variant.h"
#include "decide/voices.h"

struct trying {
    const struct decide_input *input; /* as it was */
    const struct outcome *outcome;
    const struct decision *decision;
    size_t index;
    struct arena *arena;
    struct what_ifs *what_ifs;
};

const char *what_if_name(enum what_if_kind kind)
{
    static const char *const names[WHAT_IF_COUNT] = {
        "without_rule", "without_item",   "without_tastes",   "without_consent",
        "held_out",     "without_chance", "without_fallback", "partial"};
    assert(kind < WHAT_IF_COUNT);
    return names[kind];
}

/* --- what the record left out ----------------------------------------------------------------- */

/* Does the choice depend on that of this wish: its own, or by way of the page one before it? */
static bool bears_on(const struct trying *trying, size_t wish)
{
    bool page = placement_has_rule(trying->decision->definition, RULE_EXCLUDE_PAGE);
    struct serving serving = serving_of(trying->input);
    for (size_t i = 0; page && serving.order[i] != trying->index; i++)
        if (serving.order[i] == wish)
            return true;
    return wish == trying->index;
}

/* Candidates that were dropped as too far behind. */
static bool dropped_low(const struct trying *trying)
{
    for (size_t i = 0; i < trying->input->moment.wish_count; i++)
        if (bears_on(trying, i) && trying->input->evidence[i].dropped[REMOVED_NOT] > 0)
            return true;
    return false;
}

/* Once some of the removed were dropped, others may not even have been gathered. */
static bool dropped_removed(const struct trying *trying)
{
    for (size_t i = 0; i < trying->input->moment.wish_count; i++)
        for (size_t j = REMOVED_NOT + 1; j < REMOVED_COUNT && bears_on(trying, i); j++)
            if (trying->input->evidence[i].dropped[j] > 0)
                return true;
    return false;
}

/* Of somebody held out the record has nothing of the recipe. */
static bool was_held_out(const struct trying *trying)
{
    for (size_t i = 0; i < trying->input->moment.wish_count; i++)
        if (bears_on(trying, i) && trying->input->moment.wishes[i].arm == ARM_HOLDOUT)
            return true;
    return false;
}

/* Does a placement that the choice depends on have such a rule? */
static bool has_rule(const struct trying *trying, enum rule_kind kind)
{
    for (size_t i = 0; i < trying->outcome->decision_count; i++) {
        const struct placement *definition = trying->outcome->decisions[i].definition;
        if (bears_on(trying, i) && definition && placement_has_rule(definition, kind))
            return true;
    }
    return false;
}

static const struct scored *pin_in(const struct decision *decision, unsigned slot)
{
    for (size_t i = 0; i < decision->eligible_count; i++)
        if (decision->all[i].slot == slot)
            return &decision->all[i];
    return NULL;
}

static bool is_same_pin(const struct scored *then, const struct scored *now)
{
    if (!then || !now)
        return then == now;
    return slice_equal(then->candidate->item, now->candidate->item) &&
           (then->lead == STRATEGY_COUNT) == (now->lead == STRATEGY_COUNT);
}

/* What only a pin names leaves no trace once another has taken its slot: could it now? */
static bool pins_stand(const struct trying *trying, const struct outcome *now)
{
    for (size_t i = 0; i < now->decision_count && has_rule(trying, RULE_PIN); i++)
        for (unsigned slot = 1; bears_on(trying, i) && slot <= ITEMS_PER_PLACEMENT_MAX; slot++)
            if (!is_same_pin(pin_in(&trying->outcome->decisions[i], slot),
                             pin_in(&now->decisions[i], slot)))
                return false;
    return true;
}

/* --- what is different ------------------------------------------------------------------------ */

static size_t slot_of(const struct decision *decision, struct slice item)
{
    for (size_t i = 0; i < decision->shown_count; i++)
        if (slice_equal(decision->shown[i]->candidate->item, item))
            return i;
    return SIZE_MAX;
}

/* Items that one shows and the other does not. */
static const struct slice *only_in(const struct decision *decision, const struct decision *other,
                                   struct arena *arena, size_t *out_count)
{
    struct slice *items = ARENA_ARRAY(arena, decision->shown_count, struct slice);
    *out_count = 0;
    for (size_t i = 0; i < decision->shown_count; i++) {
        struct slice item = decision->shown[i]->candidate->item;
        if (slot_of(other, item) == SIZE_MAX)
            items[(*out_count)++] = item;
    }
    return items;
}

static bool is_change(const struct what_if *what_if)
{
    return what_if->come_count + what_if->gone_count + what_if->moved > 0;
}

static struct what_if *add(struct trying *trying, enum what_if_kind kind)
{
    struct what_ifs *what_ifs = trying->what_ifs;
    if (what_ifs->count == WHAT_IFS_MAX) {
        what_ifs->untried++;
        return NULL;
    }
    struct what_if *what_if = &what_ifs->list[what_ifs->count];
    *what_if = (struct what_if){.kind = kind, .tried = (unsigned)what_ifs->count++};
    return what_if;
}

/* False: a pin is taken by another, so that one may be missed that is no more on record. */
static bool run(struct trying *trying, const struct decide_input *input, bool certain,
                struct what_if *what_if)
{
    struct outcome outcome;
    decide_run(input, trying->arena, &outcome);
    const struct decision *then = trying->decision, *now = &outcome.decisions[trying->index];
    what_if->come = only_in(now, then, trying->arena, &what_if->come_count);
    what_if->gone = only_in(then, now, trying->arena, &what_if->gone_count);
    for (size_t i = 0; i < now->shown_count; i++) {
        size_t slot = slot_of(then, now->shown[i]->candidate->item);
        what_if->moved += slot != SIZE_MAX && slot != i;
    }
    what_if->nothing = now->shown_count == 0;
    /* what the record has no more of, the shop may have had */
    bool stand = pins_stand(trying, &outcome);
    what_if->certain = certain && stand && now->shown_count >= then->shown_count;
    return stand;
}

/* --- one thing each --------------------------------------------------------------------------- */

/* Rules that only remove let nothing in that stood too far behind, once one of them is gone. */
static bool only_removes(const struct placement *placement)
{
    for (size_t i = 0; i < placement->rule_count; i++)
        if (placement->rules[i].kind >= RULE_BOOST)
            return false;
    return true;
}

static void without_rules(struct trying *trying)
{
    const struct placement *published =
        policy_find(trying->input->policy, trying->decision->placement);
    bool kept = !dropped_removed(trying) && (only_removes(published) || !dropped_low(trying));
    for (size_t i = 0; i < published->rule_count; i++) {
        struct decide_input input = *trying->input;
        struct what_if *what_if;
        if (!rule_acts(&published->rules[i], input.moment.now_ms) ||
            !(what_if = add(trying, WHAT_IF_WITHOUT_RULE)))
            continue;
        variant_without_rule(variant_placement(&input, trying->index, trying->arena), i,
                             trying->arena);
        what_if->rule = &published->rules[i];
        what_if->rule_position = i + 1;
        run(trying, &input, kept, what_if);
    }
}

static const struct slice *list_without(const struct slice *items, size_t *inout_count,
                                        struct slice item, struct arena *arena)
{
    struct slice *left = ARENA_ARRAY(arena, *inout_count, struct slice);
    size_t count = 0;
    for (size_t i = 0; i < *inout_count; i++)
        if (!slice_equal(items[i], item))
            left[count++] = items[i];
    *inout_count = count;
    return left;
}

/* As if it had never been met. */
static void forget(struct decide_input *input, struct slice item, struct arena *arena)
{
    struct moment *moment = &input->moment;
    struct decide_person *person = &input->person;
    if (slice_equal(moment->page_item, item))
        moment->page_item = SLICE_NONE;
    moment->cart = list_without(moment->cart, &moment->cart_count, item, arena);
    person->recents = list_without(person->recents, &person->recent_count, item, arena);
    person->bought = list_without(person->bought, &person->bought_count, item, arena);
    person->basket = list_without(person->basket, &person->basket_count, item, arena);
}

/* Leaves of every answer what items said that are not gone. */
static void silence_wish(struct decide_input *input, size_t index,
                         const bool gone[static TITLES_MAX + 1], struct arena *arena)
{
    struct placement_evidence *evidence;
    struct candidate *candidates = variant_candidates(input, index, arena, &evidence);
    memset(evidence->highest, 0, sizeof evidence->highest); /* of what is left */
    for (size_t i = 0; i < evidence->candidate_count; i++)
        for (unsigned column = 0; column < COLUMN_COUNT; column++)
            if (candidates[i].answers[column] > 0)
                voices_silence(&candidates[i], column, gone, arena);
}

static void silence(struct trying *trying, struct decide_input *input,
                    const bool gone[static TITLES_MAX + 1])
{
    for (size_t i = 0; i < input->moment.wish_count; i++)
        silence_wish(input, i, gone, trying->arena);
}

/* What is left was said without the person, where items were asked. */
static void disown(struct decide_input *input, size_t index)
{
    const struct placement_evidence *evidence = &input->evidence[index];
    struct candidate *candidates = (struct candidate *)evidence->candidates; /* silence made them */
    for (size_t i = 0; i < evidence->candidate_count; i++)
        for (unsigned column = 0; column < COLUMN_COUNT; column++)
            if (voices_of(&candidates[i], column) && candidates[i].answers[column] > 0)
                candidates[i].because_personal &= ~(UINT32_C(1) << column);
}

static bool calls_some(const struct trying *trying, uint8_t title)
{
    const struct placement_evidence *evidence = trying->decision->evidence;
    for (size_t i = 0; i < evidence->candidate_count; i++)
        for (unsigned column = 0; column < COLUMN_COUNT; column++)
            if (evidence->candidates[i].answers[column] > 0 &&
                voices_share(&evidence->candidates[i], column, title) > 0)
                return true;
    return false;
}

/* The page's own item is no new arrival: where no step proposed it, it left no trace. */
static bool may_arrive(const struct trying *trying, struct slice item)
{
    return slice_equal(item, trying->input->moment.page_item) && has_rule(trying, RULE_ARRIVALS);
}

static void without_items(struct trying *trying)
{
    bool kept = !dropped_low(trying) && !dropped_removed(trying);
    for (size_t i = 0; i < trying->input->title_count; i++) {
        struct decide_input input = *trying->input;
        bool gone[TITLES_MAX + 1] = {false};
        struct what_if *what_if;
        if (!calls_some(trying, (uint8_t)(i + 1)) || !(what_if = add(trying, WHAT_IF_WITHOUT_ITEM)))
            continue;
        gone[i + 1] = true;
        what_if->item = input.titles[i].item;
        forget(&input, what_if->item, trying->arena);
        silence(trying, &input, gone);
        run(trying, &input, kept && !may_arrive(trying, what_if->item), what_if);
    }
}

/* Was anything of the person to be read for it? */
static bool is_theirs(const struct trying *trying)
{
    return wish_input(trying->input, trying->index).person.personal;
}

static void without_tastes(struct trying *trying)
{
    struct decide_input input = *trying->input;
    struct what_if *what_if;
    if (!is_theirs(trying) || input.person.affinity_count == 0 ||
        !placement_lifts(trying->decision->definition) ||
        !(what_if = add(trying, WHAT_IF_WITHOUT_TASTES)))
        return;
    variant_placement(&input, trying->index, trying->arena)->affinity_weight = 0;
    input.blend.tastes = 0;
    run(trying, &input, !dropped_low(trying), what_if);
}

/* Prices that fit: would they have been those of the page's item alone? */
static bool blends(const struct trying *trying)
{
    for (size_t i = 0; i < trying->outcome->decision_count; i++) {
        const struct placement *definition = trying->outcome->decisions[i].definition;
        if (bears_on(trying, i) && definition && definition->mix == MIX_BLEND)
            return true;
    }
    return false;
}

/* What the page sent of itself speaks on alone. Nobody of whom nothing may be read is held out. */
static void without_consent(struct trying *trying)
{
    struct decide_input input = *trying->input;
    struct what_if *what_if;
    bool gone[TITLES_MAX + 1] = {false};
    if (!is_theirs(trying) || !(what_if = add(trying, WHAT_IF_WITHOUT_CONSENT)))
        return;
    what_if->unknown = trying->decision->arm == ARM_HOLDOUT;
    if (what_if->unknown)
        return;
    for (size_t i = 0; i < input.title_count; i++) {
        struct slice item = input.titles[i].item;
        gone[i + 1] = !slice_equal(item, input.moment.page_item);
        for (size_t j = 0; j < input.moment.cart_count; j++)
            gone[i + 1] = gone[i + 1] && !slice_equal(item, input.moment.cart[j]);
    }
    silence(trying, &input, gone);
    struct wish *wishes = variant_wishes(&input, trying->arena);
    for (size_t i = 0; i < input.moment.wish_count; i++) {
        disown(&input, i);
        wishes[i].arm = ARM_NONE;
    }
    input.person = (struct decide_person){.basis = input.person.basis};
    bool kept = !dropped_low(trying) && !dropped_removed(trying) && !was_held_out(trying);
    run(trying, &input, kept && !blends(trying), what_if);
}

static bool knows_best_sellers(const struct trying *trying)
{
    const struct placement_evidence *evidence = trying->decision->evidence;
    struct recipe_step step = {.strategy = STRATEGY_BEST_SELLERS, .weight = 1};
    unsigned column = evidence_column(evidence, &step);
    for (size_t i = 0; column < COLUMN_COUNT && i < evidence->candidate_count; i++)
        if (evidence->candidates[i].answers[column] > 0)
            return true;
    return false;
}

/* Of those that are not, the record has best sellers where the recipe asked for them. */
static void held_out(struct trying *trying)
{
    struct decide_input input = *trying->input;
    const struct objective *objective = &trying->decision->definition->objective;
    struct what_if *what_if;
    if (objective->kind == OBJECTIVE_NONE || trying->decision->arm == ARM_NONE ||
        trying->decision->arm == ARM_HOLDOUT || !(what_if = add(trying, WHAT_IF_HELD_OUT)))
        return;
    variant_wishes(&input, trying->arena)[trying->index].arm = ARM_HOLDOUT;
    bool empty = objective->holdout_arm == HOLDOUT_EMPTY;
    what_if->unknown = !empty && !knows_best_sellers(trying);
    if (what_if->unknown)
        return;
    run(trying, &input, false, what_if);
    what_if->certain = empty;
}

static void without_chance(struct trying *trying)
{
    struct decide_input input = *trying->input;
    struct what_if *what_if;
    if (!trying->decision->explored || !(what_if = add(trying, WHAT_IF_WITHOUT_CHANCE)))
        return;
    variant_without_chance(variant_placement(&input, trying->index, trying->arena), trying->arena);
    run(trying, &input, true, what_if);
}

/* What the recipe gave is all on record: it was too little. */
static void without_fallback(struct trying *trying)
{
    struct decide_input input = *trying->input;
    struct what_if *what_if;
    if (operation_fallen_back(trying->decision) == 0 ||
        !(what_if = add(trying, WHAT_IF_WITHOUT_FALLBACK)))
        return;
    struct placement *placement = variant_placement(&input, trying->index, trying->arena);
    placement->step_count = recipe_steps(placement);
    placement->fallback_count = 0;
    what_if->certain = run(trying, &input, true, what_if);
}

static void partially(struct trying *trying)
{
    struct decide_input input = *trying->input;
    struct what_if *what_if;
    if (trying->decision->withheld == 0 || !(what_if = add(trying, WHAT_IF_PARTIAL)))
        return;
    variant_placement(&input, trying->index, trying->arena)->withholds = false;
    run(trying, &input, true, what_if);
}

/* --- the smallest change first ---------------------------------------------------------------- */

static size_t exchanged(const struct what_if *what_if)
{
    return what_if->come_count > what_if->gone_count ? what_if->come_count : what_if->gone_count;
}

static int group_of(const struct what_if *what_if)
{
    return what_if->unknown ? 1 : is_change(what_if) ? 0 : 2;
}

static int by_size(const void *a, const void *b)
{
    const struct what_if *left = a, *right = b;
    if (group_of(left) != group_of(right))
        return group_of(left) - group_of(right);
    if (exchanged(left) != exchanged(right))
        return exchanged(left) < exchanged(right) ? -1 : 1;
    if (left->moved != right->moved)
        return left->moved < right->moved ? -1 : 1;
    return left->tried < right->tried ? -1 : 1;
}

struct what_ifs *what_ifs_of(const struct decide_input *input, const struct outcome *outcome,
                             size_t index, struct arena *arena)
{
    struct what_ifs *what_ifs = ARENA_NEW(arena, struct what_ifs);
    struct trying trying = {input, outcome, &outcome->decisions[index], index, arena, what_ifs};
    assert(trying.decision->definition != NULL);
    without_chance(&trying);
    held_out(&trying);
    if (!trying.decision->explored) { /* else anything else would only draw anew */
        without_consent(&trying);
        without_tastes(&trying);
        without_items(&trying);
        without_fallback(&trying);
        partially(&trying);
        without_rules(&trying);
    }
    if (what_ifs->count > 1)
        qsort(what_ifs->list, what_ifs->count, sizeof *what_ifs->list, by_size);
    for (size_t i = 0; i < what_ifs->count; i++) {
        what_ifs->changed += group_of(&what_ifs->list[i]) == 0;
        what_ifs->unknown += group_of(&what_ifs->list[i]) == 1;
    }
    return what_ifs;
}
