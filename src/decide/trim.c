/* The cut before a decision, so that a record holds little and the live run sees what it holds. */
#include "base/pack.h"
#include "base/sort.h"
#include "decide/arrange.h"
#include "decide/diversity.h"
#include "decide/newcomers.h"
#include "decide/page.h"
#include "decide/twins.h"
#include "decide/voices.h"

enum { SPARE_COUNT = 8 };

/* The candidates of a wish in their ranks, for its twins among the wishes after it. */
struct ranked {
    const struct placement *definition;
    bool excludes; /* the call's own list counts as well, so it is for no twin */
    const struct visitor *visitor;
    const struct candidate *candidates; /* as they came */
    struct scale scale;
    struct ranking ranking;
    const struct candidate **kept; /* by place among those that came: what stayed of it, or NULL */
};

struct cut {
    struct arena *arena;
    struct visitor *visitor; /* as whom the wish at hand is decided */
    size_t earlier;          /* items that the wishes before may take away */
    struct ranked *ranked;   /* of the wishes served before */
    size_t ranked_count;
    bool settles; /* page_settles */
};

/* How many of the eligible stay: enough to choose from here, and under other rules in a replay. */
static size_t survivors_of(const struct cut *cut, const struct wish *wish,
                           const struct placement *definition)
{
    size_t count = wish_size(wish, definition), spare = count;
    const struct rule *shuffle = arrange_shuffle(definition);
    if (shuffle != NULL && shuffle->among > count)
        count = shuffle->among;
    if (cut->earlier > spare && placement_has_rule(definition, RULE_EXCLUDE_PAGE))
        spare = cut->earlier;
    size_t survivors = count + spare + SPARE_COUNT;
    if (placement_has_rule(definition, RULE_DIVERSITY)) {
        size_t page = placement_has_rule(definition, RULE_EXCLUDE_PAGE) ? cut->earlier : 0;
        size_t weighed = diversity_pool(count) + page;
        survivors = weighed > survivors ? weighed : survivors;
    }
    return definition->explore > 0 ? 2 * survivors : survivors;
}

/* --- what stays, in order of item id ---------------------------------------------------------- */

/* Most ids differ in their first eight bytes, which are compared as one number. */
struct place {
    uint64_t head;
    const struct candidate *candidate;
};

static bool is_before(const struct place *left, const struct place *right)
{
    if (left->head != right->head)
        return left->head < right->head;
    return slice_compare(left->candidate->item, right->candidate->item) < 0;
}

SORT_OF(places, struct place, is_before)

static struct place place_of(const struct candidate *candidate)
{
    uint8_t head[8] = {0};
    size_t size = candidate->item.size < sizeof head ? candidate->item.size : sizeof head;
    if (size > 0)
        memcpy(head, candidate->item.data, size);
    return (struct place){key_get_u64(head), candidate};
}

static bool is_named(const struct placement *definition, struct slice attribute)
{
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].attribute.size > 0 &&
            slice_equal(definition->rules[i].attribute, attribute))
            return true;
    return false;
}

static void cut_attributes(const struct cut *cut, const struct placement *definition,
                           struct candidate *candidate)
{
    size_t count = 0;
    if (candidate->attribute_count == 0)
        return;
    struct candidate_attribute *kept =
        ARENA_ARRAY(cut->arena, candidate->attribute_count, struct candidate_attribute);
    for (size_t i = 0; i < candidate->attribute_count; i++)
        if (is_named(definition, candidate->attributes[i].name))
            kept[count++] = candidate->attributes[i];
    candidate->attributes = kept;
    candidate->attribute_count = count;
}

static void cut_voices(const struct cut *cut, struct candidate *candidate)
{
    for (size_t i = 0; i < VOICES_KINDS; i++)
        candidate->voices[i] = voices_round(candidate->voices[i], cut->arena);
}

/* Of a second cut. */
static const struct trait_table *kept_traits(const struct cut *cut, const struct place *places,
                                             size_t count,
                                             const struct placement_evidence *evidence)
{
    struct trait_table *table = ARENA_NEW(cut->arena, struct trait_table);
    struct traits *list = ARENA_ARRAY(cut->arena, count, struct traits);
    for (size_t i = 0; i < count; i++)
        list[i] = evidence->traits->list[places[i].candidate - evidence->candidates];
    *table = *evidence->traits;
    table->list = list;
    table->count = count;
    return table;
}

static void cut_candidate(const struct cut *cut, const struct placement *definition,
                          struct candidate *candidate)
{
    cut_attributes(cut, definition, candidate);
    cut_voices(cut, candidate);
    if (!placement_lifts(definition))
        candidate->likes = (struct likes){.count = 0};
}

static void keep(const struct cut *cut, const struct ranked *ranked, struct place *places,
                 size_t count, struct placement_evidence *evidence)
{
    const struct placement *definition = ranked->definition;
    places_sort(places, count);
    struct candidate *candidates = arena_alloc_unset(cut->arena, count * sizeof(struct candidate));
    for (size_t i = 0; i < count; i++) {
        const struct candidate **kept = &ranked->kept[places[i].candidate - evidence->candidates];
        candidates[i] = *kept ? **kept : *places[i].candidate;
    }
    if (placement_has_rule(definition, RULE_DIVERSITY))
        evidence->traits = evidence->traits != NULL
                               ? kept_traits(cut, places, count, evidence)
                               : diversity_traits(candidates, count, cut->arena);
    for (size_t i = 0; i < count; i++) {
        const struct candidate **kept = &ranked->kept[places[i].candidate - evidence->candidates];
        if (*kept)
            continue;
        cut_candidate(cut, definition, &candidates[i]);
        if (!candidates[i].origin)
            candidates[i].origin = &candidates[i];
        *kept = &candidates[i];
    }
    evidence->candidates = candidates;
    evidence->candidate_count = count;
}

/* --- a wish ----------------------------------------------------------------------------------- */

/* The best so many of these ranks, and whatever a pin takes or names or is kept; the others are
 * counted. */
static size_t take_best(struct rank *ranks, size_t count, size_t wanted, struct place *places,
                        struct placement_evidence *evidence)
{
    rank_select(ranks, count, wanted);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i < wanted || ranks[i].pinned || ranks[i].kept)
            places[kept++] = place_of(ranks[i].candidate);
        else
            evidence->dropped[ranks[i].removed]++;
    return kept;
}

/* A cap may have been filled by what goes: by one below the last of the eligible that stay (NULL:
 * all do), of a new arrival by another that cannot win. */
static bool is_filled_by_dropped(const struct rank *capped, const struct rank *last,
                                 const struct placement_evidence *evidence)
{
    return (last != NULL && rank_is_before(last, capped)) ||
           (capped->fresh && evidence->newcomers > 0);
}

/* Then what it removed goes, too. */
static size_t drop_capped(struct rank *removed, size_t count, const struct rank *last,
                          struct placement_evidence *evidence)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (removed[i].removed == REMOVED_CAPPED &&
            is_filled_by_dropped(&removed[i], last, evidence))
            evidence->dropped[REMOVED_CAPPED]++;
        else
            removed[kept++] = removed[i];
    return kept;
}

/* Pins and caps depend on the order of all. */
static void settle(const struct cut *cut, const struct wish *wish,
                   const struct wish_filters *filters, struct ranking *ranking)
{
    if (!filters_have(filters, RULE_PIN) && !filters_have(filters, RULE_CAP) &&
        !filters_have(filters, RULE_ARRIVALS))
        return;
    struct arranging arranging = {.count = wish_size(wish, filters->definition)};
    rank_sort(ranking->ranks, ranking->eligible_count);
    arrange_settle(ranking, filters, &arranging, cut->arena);
}

/* Of the newcomers too far behind for the survivors stay as many as can win; the others are
 * counted. */
static void keep_newcomers(const struct cut *cut, size_t index, const struct wish_filters *filters,
                           struct ranking *ranking, struct placement_evidence *evidence)
{
    const struct decide_input *input = &cut->visitor->input;
    const struct wish *wish = &input->moment.wishes[index];
    const struct rule *rule = newcomers_rule(filters->definition);
    size_t end = ranking->eligible_count + ranking->fresh_count, count = 0;
    struct newcomer *list = ARENA_ARRAY(cut->arena, end, struct newcomer);
    size_t first = survivors_of(cut, wish, filters->definition);
    if (first > ranking->eligible_count)
        first = ranking->eligible_count;
    for (size_t i = first; i < end; i++) {
        struct rank *rank = &ranking->ranks[i];
        if (!rank->pinned && rank->newcomer)
            list[count++] = (struct newcomer){rank->candidate, i, 0};
    }
    newcomers_draw(input, index, list, count);
    struct quota quota = newcomers_quota(rule, wish_size(wish, filters->definition));
    size_t most = quota.least + (quota.more > 0);
    for (size_t i = 0; i < count && i < most; i++)
        ranking->ranks[list[i].position].kept = true;
    evidence->newcomers += (uint32_t)(count > most ? count - most : 0);
}

/* That of an earlier wish where it says the same of this one's candidates. What the two choose of
 * it puts it into another order only. */
static struct ranked *find_ranked(const struct cut *cut, const struct wish *wish,
                                  const struct placement *definition,
                                  const struct placement_evidence *evidence)
{
    for (size_t i = 0; i < cut->ranked_count; i++) {
        struct ranked *ranked = &cut->ranked[i];
        if (!ranked->excludes && wish->exclude_count == 0 && !cut->settles &&
            ranked->candidates == evidence->candidates && ranked->visitor == cut->visitor &&
            placements_are_twins(ranked->definition, definition))
            return ranked;
    }
    return NULL;
}

static struct ranked *rank(struct cut *cut, const struct wish *wish,
                           const struct wish_filters *filters,
                           const struct placement_evidence *evidence)
{
    struct ranked *ranked = find_ranked(cut, wish, filters->definition, evidence);
    if (ranked != NULL)
        return ranked;
    ranked = &cut->ranked[cut->ranked_count++];
    *ranked = (struct ranked){
        .definition = filters->definition,
        .excludes = wish->exclude_count > 0,
        .visitor = cut->visitor,
        .candidates = evidence->candidates,
        .scale = scale_of(filters, evidence, &cut->visitor->taste),
        .kept = ARENA_ARRAY(cut->arena, evidence->candidate_count, const struct candidate *)};
    ranked->ranking = ranking_make(evidence, filters, &ranked->scale, cut->arena);
    settle(cut, wish, filters, &ranked->ranking);
    return ranked;
}

static void cut_wish(struct cut *cut, size_t index, const struct placement *definition,
                     struct placement_evidence *evidence)
{
    const struct decide_input *input = &cut->visitor->input;
    const struct wish *wish = &input->moment.wishes[index];
    struct wish_filters filters =
        wish_filters(input, index, definition, &cut->visitor->lists, cut->arena);
    struct ranked *ranked = rank(cut, wish, &filters, evidence);
    struct ranking ranking = ranked->ranking;
    size_t eligible = ranking.eligible_count, fresh = ranking.fresh_count;
    size_t first_removed = eligible + fresh, removed = ranking.count - first_removed;
    size_t survivors = survivors_of(cut, wish, definition);
    size_t pins = filters_have(&filters, RULE_PIN) ? 2 * definition->rule_count : 0;
    size_t newcomers = filters_have(&filters, RULE_ARRIVALS) ? first_removed : 0;
    struct place *places =
        ARENA_ARRAY(cut->arena, survivors + REMOVED_KEPT_MAX + pins + newcomers, struct place);
    if (newcomers > 0)
        keep_newcomers(cut, index, &filters, &ranking, evidence);
    const struct rank *last = eligible > survivors ? &ranking.ranks[survivors - 1] : NULL;
    if (filters_have(&filters, RULE_CAP))
        removed = drop_capped(ranking.ranks + first_removed, removed, last, evidence);
    size_t count = take_best(ranking.ranks, eligible, survivors, places, evidence);
    count += take_best(ranking.ranks + eligible, fresh, 0, places + count, evidence);
    count += take_best(ranking.ranks + first_removed, removed, REMOVED_KEPT_MAX, places + count,
                       evidence);
    memcpy(evidence->highest, ranked->scale.highest, sizeof evidence->highest);
    memcpy(evidence->answered, ranked->scale.answered, sizeof evidence->answered);
    evidence->dropped_personal |= ranking.removed_personal;
    keep(cut, ranked, places, count, evidence);
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
    for (size_t i = 0; i < wish->exclude_count; i++)
        if (is_candidate(evidence, wish->exclude[i]))
            exclude[count++] = wish->exclude[i];
    wish->exclude = exclude;
    wish->exclude_count = count;
}

/* Does a rule of some wish depend on what exactly is left of the page? Caps do, one item making
 * room for the next, and lots, which fall on new arrivals that are not there yet. */
static bool page_settles(const struct decide_input *input)
{
    for (size_t i = 0; i < input->moment.wish_count; i++) {
        const struct placement *placement =
            policy_find(input->policy, input->moment.wishes[i].placement);
        if (placement != NULL && placement_has_rule(placement, RULE_EXCLUDE_PAGE) &&
            (placement_has_rule(placement, RULE_CAP) ||
             placement_has_rule(placement, RULE_ARRIVALS)))
            return true;
    }
    return false;
}

/* What it shows of what stayed, as the decision will. */
static void see(const struct cut *cut, size_t index, struct visitors *visitors)
{
    struct decision decision = {.definition = NULL};
    visitor_decide(cut->visitor, index, cut->arena, &decision);
    visitors_see(visitors, &decision);
}

void decide_trim(struct decide_input *input, struct arena *arena)
{
    size_t count = input->moment.wish_count;
    struct serving serving = serving_of(input);
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    struct wish *wishes = ARENA_ARRAY(arena, count, struct wish);
    memcpy(evidence, input->evidence, count * sizeof *evidence);
    memcpy(wishes, input->moment.wishes, count * sizeof *wishes);
    input->evidence = evidence;
    struct visitors visitors = visitors_of(input, arena);
    struct cut cut = {.arena = arena,
                      .ranked = ARENA_ARRAY(arena, count, struct ranked),
                      .settles = page_settles(input)};
    for (size_t served = 0; served < count; served++) {
        size_t i = serving.order[served];
        cut.visitor = visitor_of(&visitors, &wishes[i]);
        const struct placement *definition = wish_placement(input, i, arena);
        if (definition != NULL && definition->kind == PLACEMENT_ITEMS) {
            cut_wish(&cut, i, definition, &evidence[i]);
            cut.earlier += wish_size(&wishes[i], definition);
        }
        if (cut.settles && served + 1 < count)
            see(&cut, i, &visitors);
        cut_exclusions(&wishes[i], &evidence[i], arena);
    }
    input->moment.wishes = wishes;
}
