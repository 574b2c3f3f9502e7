/* Chooses for each wish in turn: filter, score, order, draw, and let leave through one door. */
#include "decide/decide.h"

#include <assert.h>

#include "base/random.h"
#include "base/sort.h"
#include "decide/arrange.h"
#include "decide/diversity.h"
#include "decide/newcomers.h"
#include "decide/operations.h"
#include "decide/order.h"
#include "decide/page.h"

struct uuid decision_id(struct uuid call, size_t index)
{
    assert(index <= UINT8_MAX);
    call.bytes[15] = (uint8_t)index;
    return call;
}

struct uuid decision_call(struct uuid id)
{
    id.bytes[15] = 0;
    return id;
}

size_t decision_index(struct uuid id)
{
    return id.bytes[15];
}

/* One wish being decided. */
struct work {
    const struct decide_input *input;
    struct arena *arena;
    struct call_lists *lists;
    const struct taste *taste;
    struct wish_filters filters;
    struct ranking ranking;
    struct scale scale;
    struct scored *all;   /* as ranked, the removed ones by item id */
    struct scored **open; /* those that no pin took, in order */
    size_t open_count;
    struct scored **line; /* of those the ones that no quota draws among, in the same order */
    size_t line_count;
    struct quota quota;
    struct newcomer *newcomers; /* those it draws among, in the order in which they win */
    size_t newcomer_count;
    struct scored **filling;    /* who fills the slots that no pin does */
    const struct scored **pins; /* by slot */
    size_t pin_count;
    size_t index;
    size_t count; /* items to show: min(wanted, eligible) */
    const struct scored **shown;
    struct decision *decision;
};

/* The one door by which items leave, at the end of every path: what a filter forbids stays here,
 * whatever chose it. */
static void let_leave(struct work *work, const struct scored *scored)
{
    struct slice item = scored->candidate->item;
    uint64_t hash = slice_set_hash(item);
    if (filters_ask(&work->filters, scored->candidate, hash).removed != REMOVED_NOT)
        return;
    if (work->decision->shown_count == work->count)
        return;
    work->shown[work->decision->shown_count++] = scored;
}

/* Those that no pin took, in order of score; the first open_count of them may fill open slots. */
static void find_open(struct work *work)
{
    size_t eligible = work->ranking.eligible_count;
    work->open = ARENA_ARRAY(work->arena, eligible, struct scored *);
    work->pins = ARENA_ARRAY(work->arena, work->count, const struct scored *);
    for (size_t i = 0; i < eligible; i++) {
        struct scored *scored = &work->all[i];
        if (scored->slot == 0) {
            work->open[work->open_count++] = scored;
            continue;
        }
        size_t at = work->pin_count++;
        for (; at > 0 && work->pins[at - 1]->slot > scored->slot; at--)
            work->pins[at] = work->pins[at - 1];
        work->pins[at] = scored;
        scored->probability = 1;
    }
}

/* Draws the first so many among the first `among`: Fisher and Yates, as far as needed. */
static void draw(struct scored **list, struct random_stream *stream, size_t wanted, size_t among)
{
    for (size_t i = 0; i < wanted && i < among; i++) {
        size_t other = i + (size_t)random_below(stream, among - i);
        struct scored *drawn = list[other];
        list[other] = list[i];
        list[i] = drawn;
    }
}

/* Each pin in its slot, the others in between; where they run out, pins move up. */
static void fill_slots(struct work *work, size_t wanted)
{
    size_t pin = 0, next = 0;
    for (unsigned slot = 1; pin < work->pin_count || next < wanted; slot++) {
        if (pin < work->pin_count && (work->pins[pin]->slot == slot || next == wanted))
            let_leave(work, work->pins[pin++]);
        else
            let_leave(work, work->filling[next++]);
    }
}

/* Once it is known how many open places there are, what stands in them may be varied. */
static void vary(struct work *work, size_t places)
{
    const struct placement_evidence *evidence = work->decision->evidence;
    const struct trait_table *traits = evidence->traits;
    const struct rule *rule = diversity_rule(work->filters.definition);
    if (rule == NULL)
        return;
    if (traits == NULL) /* nothing was cut yet */
        traits = diversity_traits(evidence->candidates, evidence->candidate_count, work->arena);
    const struct diversifying diversifying = {.rule = rule,
                                              .scale = &work->scale,
                                              .evidence = evidence,
                                              .traits = traits,
                                              .pins = work->pins,
                                              .pin_count = work->pin_count,
                                              .open = work->open,
                                              .open_count = work->open_count,
                                              .places = places};
    work->decision->moves = diversity_order(&diversifying, work->arena);
}

/* --- the quota of new arrivals ---------------------------------------------------------------- */

static bool is_newcomer(const struct work *work, const struct scored *scored)
{
    return newcomers_have(work->quota.rule, scored->candidate, work->input->moment.page_item);
}

/* The line is the order in which places are kept when a quota takes some: who is shuffled, then
 * newcomers among the best and others among them, then the rest, without newcomers: those the
 * quota draws among. */
static void part(struct work *work, size_t wanted, size_t among)
{
    const struct rule *rule = newcomers_rule(work->filters.definition);
    size_t fresh = work->ranking.eligible_count, end = fresh + work->ranking.fresh_count;
    size_t best = among > wanted ? among : wanted, others = 0, drawn = 0;
    work->line = work->open;
    work->line_count = work->open_count;
    if (rule == NULL || wanted == 0)
        return;
    work->quota = newcomers_quota(rule, wanted);
    work->line = ARENA_ARRAY(work->arena, work->open_count, struct scored *);
    work->newcomers = ARENA_ARRAY(work->arena, work->open_count + end - fresh, struct newcomer);
    struct scored **rest = ARENA_ARRAY(work->arena, work->open_count, struct scored *);
    work->line_count = 0;
    for (size_t i = 0; i < work->open_count; i++) {
        struct scored *scored = work->open[i];
        bool newcomer = i >= among && is_newcomer(work, scored);
        if (newcomer && i >= best)
            work->newcomers[drawn++] =
                (struct newcomer){scored->candidate, (size_t)(scored - work->all), 0};
        else if (newcomer || i < among)
            work->line[work->line_count++] = scored;
        else
            rest[others++] = scored;
    }
    for (size_t i = 0; i < others; i++)
        work->line[work->line_count++] = rest[i];
    for (size_t i = fresh; i < end; i++)
        work->newcomers[drawn++] = (struct newcomer){work->all[i].candidate, i, 0};
    newcomers_draw(work->input, work->index, work->newcomers, drawn);
    work->newcomer_count = drawn;
    work->decision->newcomers = drawn + work->decision->evidence->newcomers;
}

/* The probability of being shown when the best so many are. */
static double share_of(size_t rank, size_t places, size_t among)
{
    if (among > places)
        return rank < among ? (double)places / (double)among : 0;
    return rank < places ? 1 : 0;
}

/* What adds up to the probabilities when the quota has so many places, which is this likely. */
static void add_probabilities(struct work *work, size_t places, double likely, size_t wanted,
                              size_t among)
{
    size_t theirs = places < work->newcomer_count ? places : work->newcomer_count;
    for (size_t i = 0; i < work->line_count; i++)
        work->line[i]->probability += likely * share_of(i, wanted - theirs, among);
    for (size_t i = 0; i < work->newcomer_count && theirs > 0; i++)
        work->all[work->newcomers[i].position].probability +=
            likely * (double)theirs / (double)work->decision->newcomers;
}

static void tell_probabilities(struct work *work, size_t wanted, size_t among)
{
    double explore = work->filters.definition->explore, more = work->quota.more;
    add_probabilities(work, work->quota.least, 1 - more, wanted, among);
    if (more > 0)
        add_probabilities(work, work->quota.least + 1, more, wanted, among);
    for (size_t i = 0; i < work->line_count; i++)
        work->line[i]->probability *= 1 - explore;
    for (size_t i = 0; i < work->newcomer_count; i++)
        work->all[work->newcomers[i].position].probability *= 1 - explore;
    for (size_t i = 0; i < work->open_count; i++)
        work->open[i]->probability += explore * (double)wanted / (double)work->open_count;
}

/* So many of the line in the order in which they are shown: the shuffled as drawn, the others by
 * rank. */
static struct scored **line_up(const struct work *work, size_t places, size_t among)
{
    struct scored **row = ARENA_ARRAY(work->arena, places, struct scored *);
    size_t count = places < among ? places : among, newcomers = 0, others = 0;
    for (size_t i = 0; i < places; i++)
        if (i < count)
            row[i] = work->line[i];
        else if (is_newcomer(work, work->line[i]))
            newcomers++;
        else
            others++;
    for (size_t i = among; count < places; i++) {
        size_t *left = is_newcomer(work, work->open[i]) ? &newcomers : &others;
        if (*left == 0)
            continue;
        row[count++] = work->open[i];
        --*left;
    }
    return row;
}

/* Those of the line and, in places drawn for them, the newcomers that win. */
static void invite(struct work *work, size_t wanted, size_t among, size_t theirs,
                   struct random_stream *stream)
{
    bool *is_theirs = ARENA_ARRAY(work->arena, wanted, bool);
    struct scored **row = line_up(work, wanted - theirs, among);
    size_t next = 0, winner = 0;
    newcomers_places(stream, wanted, theirs, is_theirs);
    work->filling = ARENA_ARRAY(work->arena, wanted, struct scored *);
    for (size_t i = 0; i < wanted; i++) {
        if (!is_theirs[i]) {
            work->filling[i] = row[next++];
            continue;
        }
        work->filling[i] = &work->all[work->newcomers[winner++].position];
        work->filling[i]->invited = true;
    }
}

/* --- who is shown ----------------------------------------------------------------------------- */

/* The best of the line, shuffled where a rule says so, and newcomers. */
static void fill_by_rank(struct work *work, struct random_stream *stream, size_t wanted,
                         size_t among)
{
    work->decision->shuffled = among > 0;
    work->filling = work->line;
    if (work->newcomer_count == 0) {
        draw(work->open, stream, wanted, among);
        work->filling = work->open;
        return;
    }
    struct random_stream chance = newcomers_chance(work->input, work->index);
    size_t theirs = work->quota.least;
    if (work->quota.more > 0)
        theirs += random_unit(&chance) < work->quota.more;
    if (theirs > work->newcomer_count)
        theirs = work->newcomer_count;
    draw(work->line, stream, wanted - theirs, among);
    invite(work, wanted, among, theirs, &chance);
}

static void choose(struct work *work)
{
    const struct placement *definition = work->filters.definition;
    const struct rule *shuffle = arrange_shuffle(definition);
    double explore = definition->explore;
    find_open(work);
    size_t open = work->open_count, wanted = work->count - work->pin_count;
    size_t among = shuffle == NULL ? 0 : shuffle->among < open ? shuffle->among : open;
    if (filters_have(&work->filters, RULE_DIVERSITY))
        vary(work, among > wanted ? among : wanted);
    part(work, wanted, among);
    tell_probabilities(work, wanted, among);
    uint64_t seed = work->input->seed + (work->index + 1) * UINT64_C(0x9E3779B97F4A7C15);
    struct random_stream stream = random_stream(seed);
    work->decision->explored = explore > 0 && open > 0 && random_unit(&stream) < explore;
    if (work->decision->explored) {
        draw(work->open, &stream, wanted, open);
        work->filling = work->open;
        work->decision->moves.count = 0;
    } else {
        fill_by_rank(work, &stream, wanted, among);
    }
    fill_slots(work, wanted);
}

static const struct scored *runner_up(const struct work *work)
{
    for (size_t i = 0; i < work->ranking.eligible_count; i++) {
        const struct scored *scored = &work->all[i];
        size_t j = 0;
        while (j < work->decision->shown_count && work->shown[j] != scored)
            j++;
        if (j == work->decision->shown_count)
            return scored;
    }
    return NULL;
}

static bool is_recent(const struct decide_person *person, struct slice item)
{
    for (size_t i = 0; i < person->recent_count; i++) {
        if (slice_equal(person->recents[i], item))
            return true;
    }
    return false;
}

/* Which part of a person a step's personal answers come from. */
static uint32_t part_read(const struct recipe_step *step)
{
    if (step->strategy == STRATEGY_RECENTLY_VIEWED || step->key == KEY_LAST_VIEWED)
        return PERSON_RECENTS;
    if (step->strategy == STRATEGY_REPURCHASE_DUE || step->key == KEY_LAST_BOUGHT)
        return PERSON_BOUGHT;
    return step->key == KEY_FAVOURITE_CATEGORY ? PERSON_AFFINITIES : PERSON_SEEDS;
}

/* In order, and in a fallback, the step that leads alone; else all of the recipe's. */
static bool step_counts(const struct placement *definition, const struct scored *scored,
                        size_t step)
{
    bool alone = definition->mix == MIX_IN_ORDER || step_falls_back(definition, scored->lead_step);
    return alone ? step == scored->lead_step : step < recipe_steps(definition);
}

/* What of the person stands behind the steps that count for this item. */
static uint32_t person_behind(const struct work *work, const struct scored *scored)
{
    const struct placement *definition = work->filters.definition;
    const struct candidate *candidate = scored->candidate;
    uint32_t used = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        unsigned column = step_column(step);
        if (!step_counts(definition, scored, i) || score_answer(candidate, column, true) == 0)
            continue;
        bool theirs = candidate->because_personal >> column & 1;
        if (step->strategy == STRATEGY_RECENTLY_VIEWED)
            theirs = theirs || is_recent(&work->input->person, candidate->item);
        used |= theirs ? part_read(step) : 0;
    }
    return used;
}

struct slice decide_variant(const struct decide_input *input, const struct decision *decision,
                            const struct candidate *candidate)
{
    const struct wish *wish = &input->moment.wishes[decision_index(decision->id)];
    bool asked = input->moment.sizes && input->person.personal && !wish->beyond_budget &&
                 placement_has_rule(decision->definition, RULE_MY_SIZE);
    return asked && candidate->fit == SIZE_THERE ? candidate->variant : SLICE_NONE;
}

static uint32_t person_used(const struct work *work)
{
    const struct decision *decision = work->decision;
    const struct placement *definition = work->filters.definition;
    if (!work->input->person.personal)
        return 0;
    uint32_t used = work->ranking.removed_personal | work->decision->evidence->dropped_personal;
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *scored = work->shown[i];
        if (decide_variant(work->input, decision, scored->candidate).size > 0)
            used |= PERSON_SIZES;
        if (scored_is_placed(scored)) /* whoever comes may see it there */
            continue;
        used |= person_behind(work, scored);
        for (size_t j = 0; j < scored->contribution_count && !decision->explored; j++)
            if (scored->contributions[j].kind == CONTRIBUTION_AFFINITY)
                used |= PERSON_AFFINITIES;
        bool price = definition->mix == MIX_BLEND &&
                     !step_falls_back(definition, scored->lead_step) &&
                     work->input->blend.terms[TERM_PRICE_FIT] > 0;
        if (!decision->explored && price &&
            (scored->candidate->terms[TERM_PRICE_FIT] & TERM_PERSONAL_BIT))
            used |= PERSON_PRICES;
    }
    return used;
}

static struct slice fallback_of(const struct work *work)
{
    const struct placement *definition = work->filters.definition;
    if (definition->stopped)
        return SLICE("stopped");
    if (wish_shows_nothing(&work->input->moment.wishes[work->index], definition))
        return SLICE("holdout");
    if (work->decision->withheld > 0)
        return SLICE("too_few");
    uint32_t cut = work->decision->evidence->stages_cut;
    uint32_t recipe = 0;
    for (size_t i = 0; i < recipe_steps(definition); i++)
        recipe |= UINT32_C(1) << step_column(&definition->steps[i]);
    bool empty = work->decision->shown_count == 0;
    enum strategy first = definition->steps[0].strategy;
    uint32_t promised = definition->mix != MIX_IN_ORDER || empty
                            ? recipe
                            : UINT32_C(1) << step_column(&definition->steps[0]);
    if (cut & promised)
        return SLICE("deadline");
    uint32_t waiting = work->decision->evidence->not_ready & promised;
    if (empty)
        return waiting ? SLICE("not_ready") : SLICE("empty");
    if (definition->fallback_count > 0 && operation_fallen_back(work->decision) > 0)
        return SLICE("recipe_short");
    if (definition->minimum > 0 && work->decision->shown_count < work->decision->needed)
        return SLICE("below_minimum");
    if (definition->mix != MIX_IN_ORDER || work->all[0].lead_step == 0 ||
        work->all[0].lead == STRATEGY_COUNT)
        return SLICE_NONE;
    return arena_format(work->arena, waiting ? "%s_not_ready" : "%s_empty", strategy_name(first));
}

static bool is_before(const struct rank *left, const struct rank *right)
{
    return slice_compare(left->candidate->item, right->candidate->item) < 0;
}

SORT_OF(removed, struct rank, is_before)

static void take_ranks(struct work *work)
{
    struct ranking *ranking = &work->ranking;
    struct arranging arranging = {.count = (unsigned)work->count,
                                  .needed = (unsigned)work->decision->needed};
    rank_sort(ranking->ranks, ranking->eligible_count);
    arrange_settle(ranking, &work->filters, &arranging, work->arena);
    size_t kept = ranking->eligible_count + ranking->fresh_count;
    removed_sort(ranking->ranks + kept, ranking->count - kept);
    work->all = ARENA_ARRAY(work->arena, ranking->count, struct scored);
    for (size_t i = 0; i < ranking->count; i++) {
        const struct rank *rank = &ranking->ranks[i];
        work->all[i] = (struct scored){.candidate = rank->candidate,
                                       .removed = rank->removed,
                                       .score = rank->score,
                                       .lead = rank->lead,
                                       .lead_step = rank->lead_step,
                                       .lead_column = rank->lead_column,
                                       .slot = rank->slot};
    }
}

/* Of the shown and the runner-up it is told what their scores are the sum of. */
static void tell_scores(struct work *work)
{
    const struct decision *decision = work->decision;
    for (size_t i = 0; i < decision->shown_count; i++)
        score_tell(&work->scale, work->arena, &work->all[decision->shown[i] - work->all]);
    if (decision->runner_up)
        score_tell(&work->scale, work->arena, &work->all[decision->runner_up - work->all]);
}

static void decide_wish(struct work *work)
{
    const struct decide_input *input = work->input;
    struct decision *decision = work->decision;
    const struct wish *wish = &input->moment.wishes[work->index];
    const struct placement *definition = decision->definition;
    const struct placement_evidence *evidence = decision->evidence;
    work->filters = wish_filters(input, work->index, definition, work->lists, work->arena);
    work->scale = scale_of(&work->filters, evidence, work->taste);
    work->ranking = ranking_make(evidence, &work->filters, &work->scale, work->arena);

    struct ranking *ranking = &work->ranking;
    work->count = wish_size(wish, definition);
    if (wish_shows_nothing(wish, definition))
        work->count = 0;
    decision->needed = placement_needs(definition, (unsigned)work->count);
    take_ranks(work);
    if (work->count > ranking->eligible_count)
        work->count = ranking->eligible_count;
    decision->own_count = ranking->own_count;
    if (definition->withholds && work->count < decision->needed) {
        decision->withheld = work->count;
        work->count = 0;
    }
    work->shown = ARENA_ARRAY(work->arena, work->count, const struct scored *);
    if (decision->withheld == 0)
        choose(work);

    decision->all = work->all;
    decision->all_count = ranking->count;
    decision->eligible_count = ranking->eligible_count;
    decision->fresh_count = ranking->fresh_count;
    decision->shown = work->shown;
    decision->runner_up = runner_up(work);
    tell_scores(work);
    decision->person_used = person_used(work);
    decision->personalised = decision->person_used != 0;
    decision->fallback = fallback_of(work);
}

void decide_tell(const struct decide_input *input, const struct outcome *outcome, size_t index,
                 struct scored *scored, struct arena *arena)
{
    const struct decision *decision = &outcome->decisions[index];
    struct visitors visitors = visitors_of(input, arena);
    const struct visitor *visitor = visitor_of(&visitors, &input->moment.wishes[index]);
    struct wish_filters filters =
        wish_filters(&visitor->input, index, decision->definition, &visitor->lists, arena);
    struct scale scale = scale_of(&filters, decision->evidence, &visitor->taste);
    score_tell(&scale, arena, scored);
}

void visitor_decide(struct visitor *visitor, size_t index, struct arena *arena,
                    struct decision *decision)
{
    const struct decide_input *input = &visitor->input;
    const struct wish *wish = &input->moment.wishes[index];
    decision->id = decision_id(input->call, index);
    decision->placement = wish->placement;
    decision->definition = wish_placement(input, index, arena);
    decision->arm = wish->arm;
    decision->evidence = &input->evidence[index];
    if (decision->definition == NULL) {
        decision->fallback = SLICE("unknown_placement");
        return;
    }
    if (decision->definition->kind == PLACEMENT_ORDER) {
        order_decide(input, index, arena, decision);
    } else {
        decision->evidence = evidence_fit(decision->evidence, decision->definition, arena);
        struct work work = {.input = input,
                            .arena = arena,
                            .lists = &visitor->lists,
                            .taste = &visitor->taste,
                            .index = index,
                            .decision = decision};
        decide_wish(&work);
    }
    if (wish->beyond_budget)
        decision->fallback = SLICE("page_budget");
}

void decide_run(const struct decide_input *input, struct arena *arena, struct outcome *out_outcome)
{
    size_t count = input->moment.wish_count;
    struct visitors visitors = visitors_of(input, arena);
    struct serving serving = serving_of(input);
    struct outcome outcome = {.decisions = ARENA_ARRAY(arena, count, struct decision),
                              .decision_count = count};
    for (size_t i = 0; i < count; i++) {
        size_t index = serving.order[i];
        struct decision *decision = &outcome.decisions[index];
        visitor_decide(visitor_of(&visitors, &input->moment.wishes[index]), index, arena, decision);
        if (i + 1 < count)
            visitors_see(&visitors, decision);
    }
    *out_outcome = outcome;
}
