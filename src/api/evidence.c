#include "api/evidence.h"

#include "api/blending.h"
#include "api/order_evidence.h"
#include "api/rule_facts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "decide/blend.h"
#include "decide/decide.h"
#include "decide/slice_set.h"
#include "decide/taste.h"
#include "decide/twins.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

enum {
    REMOVED_SHOWN_MAX = 20, /* candidates kept though a rule removes them, for the explanation */
    ITEMS_EXPECTED = 256,   /* of a call */
    PINNABLE_MAX = 4,       /* items that a strategy offers to a pin by attribute */
    NEWCOMERS_MAX = 100,    /* new items that may be shown, for a quota to draw among */
    CALL_RULES_MAX = PLACEMENTS_PER_CALL_MAX * RULES_PER_PLACEMENT_MAX
};

/* An item of the call, whichever placements and strategies it comes up in. */
struct call_item {
    uint64_t hash;
    const struct item *item; /* NULL: the catalogue does not have it */
    bool in_stock;
    struct likes likes;
    bool termed; /* terms are there */
    uint8_t terms[TERM_COUNT];
    /* in one placement */
    size_t judged;      /* the wish + 1 for which the rest holds */
    bool eligible;      /* as far as a coarse look tells */
    uint16_t candidate; /* position + 1, 0: not yet */
};

/* The items of a call by hash of their ids: a list and an open table of positions into it. */
struct call_items {
    struct call_item *list;
    uint32_t *table; /* position + 1, 0 empty; at least twice the list's room */
    size_t count, room;
};

/* One thing that steps ask of a strategy, the same for all placements that ask it. */
struct asking {
    const struct recipe_step *step;
    struct start start;
    struct proposals proposals;
};

/* A placement of the call, and where each of its steps is asked. */
struct gathered {
    const struct placement *placement; /* NULL: nothing is gathered */
    struct asking **askings;
    bool done;
    struct placement_evidence evidence; /* what was gathered */
    /* A wish for so many items makes the same of what is costly. */
    size_t wanted_min, wanted_max;
};

/* The wishes of a call that are decided for the person, or those that are as for nobody known. */
struct gather {
    const struct evidence_source *source;
    const struct decide_input *input;
    bool beyond_budget; /* its wishes are */
    struct arena *arena;
    struct gathered *wishes;
    struct asking **askings; /* without repeats */
    size_t asking_count;
    struct slice page_currency; /* of the page's item, where rules weigh facts */
    struct taste taste;
    struct taste_index tastes; /* of it; empty when no affinity can lift anything */
    struct blending *blending; /* NULL: nothing blends */
    struct call_items items;
    /* the placement at hand */
    size_t wish;
    const struct placement *placement;
    bool filters_stock, filters_list, filters_attributes, caps, varies;
    unsigned days; /* for which items are new, where a quota keeps places for them; else 0 */
    const struct rule_case *cases; /* its rules that weigh */
    size_t case_count;
    struct slice_set *listed; /* the values of each of its rules */
    struct candidate *candidates;
    size_t count, eligible, room;
    size_t share; /* of what pins left of the room, for each step of a blend and the removed */
};

/* --- the items of a call ---------------------------------------------------------------------- */

static uint32_t *slot_of(const struct call_items *items, uint64_t hash)
{
    size_t mask = 2 * items->room - 1, at = hash & mask;
    while (items->table[at] != 0 && items->list[items->table[at] - 1].hash != hash)
        at = (at + 1) & mask;
    return &items->table[at];
}

static void grow(struct call_items *items, struct arena *arena)
{
    size_t room = items->room > 0 ? 2 * items->room : ITEMS_EXPECTED;
    struct call_item *list = ARENA_ARRAY(arena, room, struct call_item);
    if (items->count > 0)
        memcpy(list, items->list, items->count * sizeof *list);
    items->list = list;
    items->room = room;
    items->table = ARENA_ARRAY(arena, 2 * room, uint32_t);
    for (size_t i = 0; i < items->count; i++)
        *slot_of(items, list[i].hash) = (uint32_t)(i + 1);
}

static struct likes likes_of(const struct gather *gather, const struct item *item)
{
    struct likes likes = {.count = 0};
    size_t count;
    if (!gather->tastes.slots)
        return likes;
    const struct attribute *attributes = item_interests(item, &count);
    const uint64_t *hashes = item_interest_hashes(item);
    for (size_t i = 0; i < count; i++) {
        struct tasted tasted = {hashes[i], attributes[i].name, attributes[i].value};
        taste_note(&gather->tastes, &tasted, &likes);
    }
    return likes;
}

/* What was learned under the id of a group's row counts for the group's item. */
static uint32_t *own_slot(const struct call_items *items, const struct item *item,
                          struct proposal *proposal)
{
    if (item && !slice_equal(item->id, proposal->item)) {
        proposal->item = item->id;
        proposal->hash = hash64(item->id);
    }
    return slot_of(items, proposal->hash);
}

/* Looked up in the catalogue once a call. */
static struct call_item *item_of(struct gather *gather, struct proposal *proposal)
{
    struct call_items *items = &gather->items;
    if (proposal->place != 0)
        return &items->list[proposal->place - 1];
    if (items->count == items->room)
        grow(items, gather->arena);
    uint32_t *slot = slot_of(items, proposal->hash);
    const struct item *item = NULL;
    if (*slot == 0) {
        item = catalog_find_hashed(gather->source->catalog, proposal->item, proposal->hash);
        slot = own_slot(items, item, proposal);
    }
    if (*slot == 0) {
        struct call_item *fresh = &items->list[items->count++];
        *fresh = (struct call_item){.hash = proposal->hash, .item = item};
        if (item) {
            fresh->in_stock = item_available(item);
            fresh->likes = likes_of(gather, item);
        }
        *slot = (uint32_t)items->count;
    }
    proposal->place = *slot;
    return &items->list[*slot - 1];
}

/* --- may it be shown? ------------------------------------------------------------------------- */

static bool is_listed(const struct slice_set *listed, struct slice attribute,
                      const struct item *item)
{
    if (attribute.size == 0)
        return slice_set_has(listed, slice_set_hash(item->id), item->id);
    size_t count;
    const struct attribute *attributes = item_interests(item, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_equal(attributes[i].name, attribute) &&
            slice_set_has(listed, slice_set_hash(attributes[i].value), attributes[i].value))
            return true;
    return false;
}

static bool lists_allow(const struct gather *gather, const struct item *item)
{
    for (size_t i = 0; i < gather->placement->rule_count; i++) {
        const struct rule *rule = &gather->placement->rules[i];
        bool include = rule->kind == RULE_INCLUDE;
        if ((include || rule->kind == RULE_EXCLUDE) &&
            is_listed(&gather->listed[i], rule->attribute, item) != include)
            return false;
    }
    return true;
}

static bool rule_touches(const struct placement *placement, struct slice name)
{
    for (size_t i = 0; i < placement->rule_count; i++)
        if (slice_equal(placement->rules[i].attribute, name))
            return true;
    return false;
}

/* Only attributes that a rule of this placement can touch: the record stays small. What items have
 * in common is found by the cut before the decision, which needs all. */
static void take_attributes(const struct gather *gather, const struct item *item,
                            struct candidate *candidate)
{
    size_t count;
    const struct attribute *attributes = item_interests(item, &count);
    struct candidate_attribute *kept =
        ARENA_ARRAY(gather->arena, count, struct candidate_attribute);
    for (size_t i = 0; i < count; i++)
        if (gather->varies || rule_touches(gather->placement, attributes[i].name))
            kept[candidate->attribute_count++] =
                (struct candidate_attribute){attributes[i].name, attributes[i].value};
    candidate->attributes = kept;
}

/* What the rules of this placement may ask about an item. */
static void take_facts(const struct gather *gather, const struct item *item,
                       struct candidate *candidate)
{
    if (gather->filters_attributes)
        take_attributes(gather, item, candidate);
    rule_facts_of_item(item, gather->input, gather->page_currency, candidate);
}

static bool facts_allow(const struct gather *gather, const struct item *item)
{
    if (gather->case_count == 0)
        return true;
    struct candidate candidate = {.item = item->id};
    take_facts(gather, item, &candidate);
    for (size_t i = 0; i < gather->case_count; i++)
        if (rule_ask(&gather->cases[i], &candidate).removed != REMOVED_NOT)
            return false;
    return true;
}

/* Worth a place among the candidates? A coarse look that only saves room; the decision asks its
 * own filters in earnest. */
static void judge(const struct gather *gather, struct call_item *item)
{
    if (item->judged == gather->wish + 1)
        return;
    item->judged = gather->wish + 1;
    item->candidate = 0;
    item->eligible = !item->item->hidden && (item->in_stock || !gather->filters_stock) &&
                     (!gather->filters_list || lists_allow(gather, item->item)) &&
                     facts_allow(gather, item->item);
}

/* --- candidates of a placement ---------------------------------------------------------------- */

static void take_terms(struct gather *gather, struct call_item *item, struct candidate *candidate)
{
    if (!gather->blending || gather->placement->mix != MIX_BLEND)
        return;
    if (!item->termed)
        blending_terms(gather->blending, item->item, item->hash, item->terms);
    item->termed = true;
    memcpy(candidate->terms, item->terms, sizeof item->terms);
}

/* Days since it came, 1 the first. */
static int64_t age_of(const struct gather *gather, const struct item *item)
{
    int64_t now_ms = gather->input->moment.now_ms;
    return now_ms > item->added_ms ? (now_ms - item->added_ms) / DAY_MS + 1 : 1;
}

/* The candidate of an item that was judged, made when new; NULL when the set is full. */
static struct candidate *candidate_of(struct gather *gather, struct call_item *item)
{
    if (item->candidate != 0)
        return &gather->candidates[item->candidate - 1];
    if (gather->count == gather->room)
        return NULL;
    struct candidate *candidate = &gather->candidates[gather->count++];
    *candidate = (struct candidate){.item = item->item->id,
                                    .in_stock = item->in_stock,
                                    .hidden = item->item->hidden,
                                    .likes = item->likes};
    int64_t age = gather->days > 0 ? age_of(gather, item->item) : 0;
    candidate->age = (uint8_t)(age <= RULE_DAYS_MAX ? age : 0);
    take_facts(gather, item->item, candidate);
    take_terms(gather, item, candidate);
    gather->eligible += item->eligible;
    item->candidate = (uint16_t)gather->count;
    return candidate;
}

static struct asking *asking_of(struct gather *gather, const struct recipe_step *step)
{
    for (size_t i = 0; i < gather->asking_count; i++) {
        struct asking *asking = gather->askings[i];
        if (asking->step->strategy == step->strategy && asking->step->asks == step->asks)
            return asking;
    }
    struct asking *fresh = ARENA_NEW(gather->arena, struct asking);
    fresh->step = step;
    fresh->start = start_find(gather->source, gather->input, step);
    gather->askings[gather->asking_count++] = fresh;
    return fresh;
}

/* The next proposal to a step, NULL when there are no more. */
static struct proposal *proposal_at(struct gather *gather, struct asking *asking, size_t index)
{
    struct proposals *proposals = &asking->proposals;
    const struct seeking seeking = {gather->source, gather->input, asking->step, &asking->start,
                                    gather->arena};
    while (index >= proposals->count && !proposals->ended)
        strategy_propose(&seeking, proposals);
    return index < proposals->count ? &proposals->list[index] : NULL;
}

static void take_answer(struct candidate *candidate, unsigned column,
                        const struct proposal *proposal)
{
    candidate->answers[column] = proposal->score;
    candidate->because[column] = proposal->because;
    if (proposal->voices && voices_kind(column) >= 0)
        candidate->voices[voices_kind(column)] = proposal->voices;
    if (proposal->personal)
        candidate->because_personal |= UINT32_C(1) << column;
}

/* The first that are proposed to a step that may be shown, and a few that may not, for the
 * explanation. */
static void gather_step(struct gather *gather, struct asking *asking, unsigned column)
{
    size_t kept = 0, removed = 0;
    struct proposal *proposal;
    size_t most = CANDIDATES_PER_STRATEGY_MAX, removed_most = REMOVED_SHOWN_MAX;
    if (gather->placement->mix == MIX_BLEND) { /* each step is to be heard */
        size_t steps = recipe_steps(gather->placement);
        most = gather->share;
        if (removed_most > most / steps) /* of all steps together one share */
            removed_most = most / steps;
    }
    for (size_t i = 0; kept < most; i++) {
        proposal = proposal_at(gather, asking, i);
        if (!proposal)
            return;
        struct call_item *item = item_of(gather, proposal);
        if (!item->item)
            continue;
        judge(gather, item);
        if (!item->eligible && removed++ >= removed_most)
            continue;
        struct candidate *candidate = candidate_of(gather, item);
        if (!candidate)
            return;
        if (candidate->answers[column] > 0)
            continue; /* a group under two ids: the first answer is the better */
        take_answer(candidate, column, proposal);
        kept += item->eligible;
    }
}

/* --- pins ------------------------------------------------------------------------------------- */

/* No strategy needs to have proposed it. */
static void gather_pinned_item(struct gather *gather, struct slice id)
{
    struct proposal proposal = {.item = id, .hash = hash64(id)};
    struct call_item *item = item_of(gather, &proposal);
    if (!item->item)
        return;
    judge(gather, item);
    (void)candidate_of(gather, item);
}

/* The best of a strategy that a pin by attribute lists; the recipe may know better ones. */
static void gather_pinnable(struct gather *gather, size_t rule, const struct recipe_step *source)
{
    struct asking *asking = asking_of(gather, source);
    struct slice attribute = gather->placement->rules[rule].attribute;
    struct proposal *proposal;
    size_t kept = 0;
    for (size_t i = 0; kept < PINNABLE_MAX; i++) {
        proposal = proposal_at(gather, asking, i);
        if (!proposal)
            return;
        struct call_item *item = item_of(gather, proposal);
        if (!item->item || !is_listed(&gather->listed[rule], attribute, item->item))
            continue;
        judge(gather, item);
        struct candidate *candidate = item->eligible ? candidate_of(gather, item) : NULL;
        if (!candidate)
            continue;
        take_answer(candidate, step_column(source), proposal);
        kept++;
    }
}

/* Its column holds the answers to a step that asked for something else. */
static bool is_taken(const struct placement *placement, const struct recipe_step *source)
{
    for (size_t i = 0; i < placement->step_count; i++)
        if (step_column(&placement->steps[i]) == step_column(source) &&
            placement->steps[i].asks != source->asks)
            return true;
    return false;
}

static void gather_pins(struct gather *gather)
{
    for (size_t i = 0; i < gather->placement->rule_count; i++) {
        const struct rule *rule = &gather->placement->rules[i];
        if (rule->kind != RULE_PIN)
            continue;
        if (rule->attribute.size == 0)
            gather_pinned_item(gather, rule->values[0]);
        for (size_t j = 0; rule->attribute.size > 0 && j < PIN_SOURCE_COUNT; j++)
            if (!is_taken(gather->placement, &pin_sources[j]))
                gather_pinnable(gather, i, &pin_sources[j]);
    }
    gather->eligible = 0; /* whether slots are full is a matter of the recipe */
}

/* --- new arrivals ----------------------------------------------------------------------------- */

/* The newest that may be shown, whether a step proposes them or not. */
static void gather_newcomers(struct gather *gather)
{
    static const struct recipe_step newest = {.strategy = STRATEGY_NEW_ARRIVALS, .weight = 1};
    struct asking *asking = asking_of(gather, &newest);
    struct proposal *proposal;
    size_t found = 0;
    gather->room += NEWCOMERS_MAX;
    for (size_t i = 0; found < NEWCOMERS_MAX; i++) {
        proposal = proposal_at(gather, asking, i);
        if (!proposal)
            return;
        struct call_item *item = item_of(gather, proposal);
        if (!item->item)
            continue;
        if (age_of(gather, item->item) > gather->days)
            return;
        judge(gather, item);
        found += item->eligible && candidate_of(gather, item) != NULL;
    }
}

/* --- one placement ---------------------------------------------------------------------------- */

/* Whatever filters and earlier wishes can take away is counted as taken. */
static bool has_enough(const struct gather *gather, const struct wish *wish, size_t wanted,
                       size_t shown_before)
{
    const struct decide_input *input = gather->input;
    const struct decide_person *person = &input->person;
    size_t taken = 1 + shown_before + wish->exclude_count + input->moment.cart_count +
                   person->bought_count + person->basket_count;
    if (placement_has_rule(gather->placement, RULE_EXCLUDE_VIEWED))
        taken += person->recent_count;
    return !gather->caps && gather->eligible >= wanted + taken;
}

/* A recipe in order asks its next step only when those before may leave places open. So does a
 * fallback, whose first step is asked only when the recipe may give too few. */
static bool is_full(const struct gather *gather, const struct wish *wish, size_t step,
                    size_t shown_before)
{
    const struct placement *placement = gather->placement;
    unsigned wanted = wish->count ? wish->count : placement->count;
    if (step == recipe_steps(placement))
        wanted = placement_needs(placement, wanted);
    return (placement->mix == MIX_IN_ORDER || step_falls_back(placement, step)) &&
           has_enough(gather, wish, wanted, shown_before);
}

static void start_placement(struct gather *gather, size_t wish, const struct placement *placement)
{
    gather->wish = wish;
    gather->placement = placement;
    gather->filters_stock = placement_has_rule(placement, RULE_IN_STOCK);
    gather->filters_list =
        placement_has_rule(placement, RULE_INCLUDE) || placement_has_rule(placement, RULE_EXCLUDE);
    gather->caps = placement_has_rule(placement, RULE_CAP);
    gather->varies = placement_has_rule(placement, RULE_DIVERSITY);
    gather->days = 0;
    gather->filters_attributes = gather->varies;
    gather->cases = rule_cases(placement, gather->input, gather->arena, &gather->case_count);
    struct arena *arena = gather->arena;
    gather->listed = ARENA_ARRAY(arena, placement->rule_count, struct slice_set);
    for (size_t i = 0; i < placement->rule_count; i++) {
        const struct rule *rule = &placement->rules[i];
        gather->days = rule->days > gather->days ? rule->days : gather->days;
        gather->filters_attributes |= rule->attribute.size > 0;
        gather->listed[i] = slice_set_of(arena, rule->values, rule->value_count);
    }
    gather->room = CANDIDATES_MAX;
    size_t most = CANDIDATES_MAX + (gather->days > 0 ? NEWCOMERS_MAX : 0);
    gather->candidates = arena_alloc_unset(arena, most * sizeof *gather->candidates);
    gather->count = gather->eligible = 0;
}

static int by_column(const void *a, const void *b)
{
    const struct asked_step *left = a, *right = b;
    return (left->column > right->column) - (left->column < right->column);
}

static void take_asked(const struct gather *gather, struct placement_evidence *evidence)
{
    const struct placement *placement = gather->placement;
    struct asked_step *asked = ARENA_ARRAY(gather->arena, placement->step_count, struct asked_step);
    for (size_t i = 0; i < placement->step_count; i++) {
        const struct recipe_step *step = &placement->steps[i];
        if (step->asks != 0 || step->repeat != 0)
            asked[evidence->asked_count++] =
                (struct asked_step){(uint8_t)step_column(step), step->strategy, step->asks};
    }
    if (evidence->asked_count > 1)
        qsort(asked, evidence->asked_count, sizeof *asked, by_column);
    evidence->asked = asked;
}

static size_t wanted_of(const struct wish *wish, const struct placement *placement)
{
    return wish->count ? wish->count : placement->count;
}

/* Likeness costs ten times what a crowd does, so a blend asks for it only where crowds know too
 * little of what the person looks at: a new item, a new shop. */
static bool is_costly(const struct gather *gather, size_t wanted, const struct recipe_step *step)
{
    struct gathered *gathered = &gather->wishes[gather->wish];
    size_t known = 0;
    if (gather->placement->mix != MIX_BLEND || step->strategy != STRATEGY_SIMILAR)
        return false;
    for (size_t i = 0; i < gather->count; i++) {
        const float *answers = gather->candidates[i].answers;
        known += answers[STRATEGY_SESSIONS] > 0 || answers[STRATEGY_VIEWED_TOGETHER] > 0 ||
                 answers[STRATEGY_BOUGHT_TOGETHER] > 0;
    }
    if (known >= wanted && known < gathered->wanted_max)
        gathered->wanted_max = known;
    if (known < wanted && known >= gathered->wanted_min)
        gathered->wanted_min = known + 1;
    return known >= wanted;
}

static struct placement_evidence gather_placement(struct gather *gather, const struct wish *wish,
                                                  size_t shown_before)
{
    const struct placement *placement = gather->placement;
    struct placement_evidence evidence = {0};
    size_t wanted = wanted_of(wish, placement);
    gather_pins(gather);
    gather->share = (gather->room - gather->count) / (recipe_steps(placement) + 1);
    for (size_t i = 0; i < placement->step_count && !is_full(gather, wish, i, shown_before); i++) {
        unsigned column = step_column(&placement->steps[i]);
        if (i < recipe_steps(placement) && is_costly(gather, wanted, &placement->steps[i]))
            continue;
        if (clock_monotonic_us() > gather->source->deadline_us)
            evidence.stages_cut |= UINT32_C(1) << column;
        else
            gather_step(gather, gather->wishes[gather->wish].askings[i], column);
        if (!strategy_is_ready(gather->source, placement->steps[i].strategy))
            evidence.not_ready |= UINT32_C(1) << column;
    }
    if (gather->days > 0 && clock_monotonic_us() <= gather->source->deadline_us)
        gather_newcomers(gather);
    take_asked(gather, &evidence);
    evidence.candidates = gather->candidates;
    evidence.candidate_count = gather->count;
    return evidence;
}

/* Do affinities lift in any placement of the call? */
static bool lifts(const struct gather *gather)
{
    for (size_t i = 0; i < gather->input->moment.wish_count; i++) {
        const struct placement *placement = gather->wishes[i].placement;
        if (placement && placement_lifts(placement))
            return true;
    }
    return false;
}

static bool blends(const struct gather *gather)
{
    for (size_t i = 0; i < gather->input->moment.wish_count; i++) {
        const struct placement *placement = gather->wishes[i].placement;
        if (placement && placement->mix == MIX_BLEND)
            return true;
    }
    return false;
}

/* Adds the rules that weigh, of the placements that are gathered for. */
static void note_rules(const struct gather *gather, struct weighing_rules *rules,
                       struct arena *arena)
{
    for (size_t i = 0; i < gather->input->moment.wish_count; i++) {
        const struct placement *placement = gather->wishes[i].placement;
        for (size_t j = 0; placement && j < placement->rule_count; j++) {
            if (!rule_weighs(placement->rules[j].kind))
                continue;
            if (!rules->list)
                rules->list = ARENA_ARRAY(arena, CALL_RULES_MAX, const struct rule *);
            rules->list[rules->count++] = &placement->rules[j];
        }
    }
}

/* --- what is asked ---------------------------------------------------------------------------- */

static void find_askings(struct gather *gather)
{
    const struct moment *moment = &gather->input->moment;
    size_t steps = 0;
    gather->wishes = ARENA_ARRAY(gather->arena, moment->wish_count, struct gathered);
    for (size_t i = 0; i < moment->wish_count; i++) {
        const struct placement *placement = wish_placement(gather->input, i, gather->arena);
        if (!placement || wish_shows_nothing(&moment->wishes[i], placement) ||
            moment->wishes[i].beyond_budget != gather->beyond_budget)
            continue;
        gather->wishes[i].placement = placement;
        steps += placement->step_count;
    }
    gather->askings = ARENA_ARRAY(gather->arena, steps + PIN_SOURCE_COUNT, struct asking *);
    for (size_t i = 0; i < moment->wish_count; i++) {
        struct gathered *wish = &gather->wishes[i];
        size_t count = wish->placement ? wish->placement->step_count : 0;
        wish->askings = ARENA_ARRAY(gather->arena, count, struct asking *);
        for (size_t j = 0; j < count; j++)
            wish->askings[j] = asking_of(gather, &wish->placement->steps[j]);
    }
}

/* Of both gatherings together, so that one list of titles serves all wishes. */
static void take_titles(const struct gather *gathers, struct decide_input *input,
                        struct arena *arena)
{
    size_t count = 0, most = gathers[0].asking_count + gathers[1].asking_count;
    struct start **starts = ARENA_ARRAY(arena, most, struct start *);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < gathers[i].asking_count; j++)
            starts[count++] = &gathers[i].askings[j]->start;
    starts_take_titles(gathers[0].source, starts, count, input, arena);
}

/* The same world, with nothing of a person in it. */
static struct evidence_source source_of_nobody(const struct evidence_source *source)
{
    struct evidence_source nobody = *source;
    nobody.profile = NULL;
    nobody.owned = NULL;
    nobody.owned_count = nobody.visit_count = 0;
    return nobody;
}

static void start_weighing(struct gather *gather)
{
    if (lifts(gather))
        gather->taste = taste_of(&gather->input->person, gather->arena);
    gather->tastes = taste_index(&gather->taste, gather->arena);
    if (!blends(gather))
        return;
    gather->blending = ARENA_NEW(gather->arena, struct blending);
    blending_init(gather->blending, gather->source, gather->input);
}

/* A wish that was gathered for already whose candidates are this one's as well; NULL: none. */
static const struct gathered *find_twin(const struct gather *gather, size_t index)
{
    const struct moment *moment = &gather->input->moment;
    const struct placement *placement = gather->wishes[index].placement;
    size_t wanted = wanted_of(&moment->wishes[index], placement);
    for (size_t i = 0; i < moment->wish_count; i++) {
        const struct gathered *other = &gather->wishes[i];
        if (other->done && wanted >= other->wanted_min && wanted <= other->wanted_max &&
            placements_are_twins(placement, other->placement))
            return other;
    }
    return NULL;
}

static struct placement_evidence gather_wish(struct gather *gather, size_t index,
                                             size_t shown_before)
{
    const struct wish *wish = &gather->input->moment.wishes[index];
    struct gathered *gathered = &gather->wishes[index];
    const struct placement *placement = gathered->placement;
    if (placement->kind == PLACEMENT_ORDER)
        return order_evidence(gather->source, gather->input, wish, placement, gather->arena);
    const struct gathered *twin = find_twin(gather, index);
    if (twin)
        return twin->evidence;
    gathered->wanted_max = SIZE_MAX;
    start_placement(gather, index, placement);
    gathered->evidence = gather_placement(gather, wish, shown_before);
    gathered->done = true;
    return gathered->evidence;
}

/* Learned weights are for moments like those they were learned from, somebody on their way from
 * item to item: of who comes back after weeks those lessons know nothing. */
static struct blend_weights weights_of(const struct evidence_source *source,
                                       const struct moment *moment)
{
    bool on_the_way = source->visit_count > 0 || moment->page_item.size > 0;
    return source->blend && on_the_way ? *source->blend : blend_weights_default();
}

/* What all placements of the call share. */
static void take_shared(struct gather *gathers, struct decide_input *input, struct arena *arena)
{
    const struct evidence_source *source = gathers[0].source;
    struct weighing_rules rules = {NULL, 0};
    take_titles(gathers, input, arena);
    for (size_t i = 0; i < 2; i++)
        note_rules(&gathers[i], &rules, arena);
    if (rules.count > 0)
        gathers[0].page_currency = gathers[1].page_currency =
            rule_facts_of_call(source, &rules, input, arena);
    if (blends(&gathers[0]) || blends(&gathers[1])) {
        input->moment.blends = true;
        input->blend = weights_of(source, &input->moment);
    }
}

void evidence_gather(const struct evidence_source *source, struct decide_input *input,
                     struct arena *arena)
{
    size_t count = input->moment.wish_count, shown = 0;
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    struct evidence_source nobody = source_of_nobody(source);
    struct decide_input unknown = unknown_input(input);
    struct gather gathers[] = {
        {.source = source, .input = input, .arena = arena},
        {.source = &nobody, .input = &unknown, .arena = arena, .beyond_budget = true},
    };
    for (size_t i = 0; i < 2; i++)
        find_askings(&gathers[i]);
    take_shared(gathers, input, arena);
    unknown = unknown_input(input); /* with what was just found */
    for (size_t i = 0; i < 2; i++)
        start_weighing(&gathers[i]);
    struct serving serving = serving_of(input);
    for (size_t i = 0; i < count; i++) {
        size_t index = serving.order[i];
        struct gather *gather = &gathers[input->moment.wishes[index].beyond_budget];
        const struct placement *placement = gather->wishes[index].placement;
        if (!placement)
            continue;
        evidence[index] = gather_wish(gather, index, shown);
        if (placement->kind == PLACEMENT_ITEMS)
            shown += wanted_of(&input->moment.wishes[index], placement);
    }
    input->evidence = evidence;
}
