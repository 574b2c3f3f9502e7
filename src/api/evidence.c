#include "api/evidence.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"

#include <stdlib.h>

enum {
    SEEDS_MAX = 8,          /* items whose neighbours are asked */
    SCAN_MAX = 2000,        /* rows of a long list that are looked at */
    REMOVED_SHOWN_MAX = 20, /* candidates kept though a filter removes them, for the explanation */
    TABLE_SIZE = 512,       /* slots; more than twice CANDIDATES_MAX */
    VOTE_TABLE_SIZE = 1024  /* more than twice SEEDS_MAX × GRAPH_NEIGHBOURS_MAX */
};

/* An item whose neighbours are asked: the page's, the basket's, or the person's own. */
struct seed {
    struct slice item;
    double weight;
    bool personal;
};

struct seeds {
    struct seed list[SEEDS_MAX];
    size_t count;
};

/* What all seeds together say of one item. */
struct vote {
    const struct item *item;
    float sum, loudest;
    const struct seed *loudest_seed; /* the one that its reason names */
    bool personal;                   /* one of the person's own voted for it */
};

struct votes {
    struct vote *list; /* NULL: not counted yet; then the highest sum first */
    uint16_t *table;   /* position + 1 while counting, 0 empty */
    size_t count;
};

/* Candidates of one placement as they are gathered: a list and a hash table of positions into
 * it. */
struct gather {
    const struct evidence_source *source;
    const struct decide_input *input;
    const struct placement *placement;
    struct arena *arena;
    struct candidate *candidates;
    size_t count, eligible;     /* the latter as far as a coarse look tells */
    uint16_t table[TABLE_SIZE]; /* position + 1, 0 empty */
    const struct seeds *seeds;
    bool filters_ask_attributes;
    struct votes votes[LEARN_RELATION_COUNT];
};

/* --- facts of a candidate --------------------------------------------------------------------- */

static bool filter_touches(const struct placement *placement, struct slice name)
{
    for (size_t i = 0; i < placement->filter_count; i++)
        if (slice_equal(placement->filters[i].attribute, name))
            return true;
    return false;
}

static bool affinity_touches(const struct decide_person *person, const struct attribute *attribute)
{
    for (size_t i = 0; i < person->affinity_count; i++)
        if (slice_equal(person->affinities[i].attribute, attribute->name) &&
            slice_equal(person->affinities[i].value, attribute->value))
            return true;
    return false;
}

/* Only attributes that a filter or an affinity of this call can touch: the record stays small. */
static void take_attributes(struct gather *gather, const struct item *item,
                            struct candidate *candidate)
{
    size_t count;
    const struct attribute *attributes = item_interests(item, &count);
    bool lifts = gather->input->person.personal && gather->placement->affinity_weight > 0;
    if (!lifts && !gather->filters_ask_attributes)
        return;
    struct candidate_attribute *kept =
        ARENA_ARRAY(gather->arena, count, struct candidate_attribute);
    for (size_t i = 0; i < count; i++) {
        bool touched = filter_touches(gather->placement, attributes[i].name) ||
                       (lifts && affinity_touches(&gather->input->person, &attributes[i]));
        if (touched)
            kept[candidate->attribute_count++] =
                (struct candidate_attribute){attributes[i].name, attributes[i].value};
    }
    candidate->attributes = kept;
}

/* --- may it be shown? ------------------------------------------------------------------------- */

static bool list_has(const struct slice *values, size_t count, struct slice value)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(values[i], value))
            return true;
    return false;
}

static bool filter_matches(const struct filter *filter, const struct item *item)
{
    if (filter->attribute.size == 0)
        return list_has(filter->values, filter->value_count, item->id);
    size_t count;
    const struct attribute *attributes = item_interests(item, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_equal(attributes[i].name, filter->attribute) &&
            list_has(filter->values, filter->value_count, attributes[i].value))
            return true;
    return false;
}

/* Worth a place among the candidates? A coarse look that only saves room; the decision asks its
 * own filters in earnest. */
static bool looks_eligible(const struct gather *gather, const struct item *item)
{
    if (item->hidden)
        return false;
    for (size_t i = 0; i < gather->placement->filter_count; i++) {
        const struct filter *filter = &gather->placement->filters[i];
        if (filter->kind == FILTER_IN_STOCK && !item_available(item))
            return false;
        if (filter->kind == FILTER_INCLUDE && !filter_matches(filter, item))
            return false;
        if (filter->kind == FILTER_EXCLUDE && filter_matches(filter, item))
            return false;
    }
    return true;
}

/* --- the set ---------------------------------------------------------------------------------- */

static uint16_t *slot_of(struct gather *gather, struct slice item)
{
    size_t at = hash64(item) % TABLE_SIZE;
    while (gather->table[at] && !slice_equal(gather->candidates[gather->table[at] - 1].item, item))
        at = (at + 1) % TABLE_SIZE;
    return &gather->table[at];
}

/* The candidate of an item, made when new; NULL when the set is full or the catalogue does not
 * have it. item: when it is at hand, else NULL. */
static struct candidate *candidate_of(struct gather *gather, struct slice id,
                                      const struct item *item)
{
    uint16_t *slot = slot_of(gather, id);
    if (*slot)
        return &gather->candidates[*slot - 1];
    if (gather->count == CANDIDATES_MAX)
        return NULL;
    if (!item)
        item = catalog_find(gather->source->catalog, id);
    if (!item)
        return NULL;
    struct candidate *candidate = &gather->candidates[gather->count];
    *candidate = (struct candidate){
        .item = item->id, .in_stock = item_available(item), .hidden = item->hidden};
    take_attributes(gather, item, candidate);
    gather->eligible += looks_eligible(gather, item);
    *slot = (uint16_t)++gather->count;
    return candidate;
}

/* --- strategies ------------------------------------------------------------------------------- */

/* --- votes ------------------------------------------------------------------------------------ */

/* Neighbours of several items vote together: measured better than the best single vote
 * (docs/learning.md). Counted once a call and relation, for all its placements. */
static struct vote *vote_for(struct votes *votes, const struct evidence_source *source,
                             struct slice id)
{
    size_t at = hash64(id) % VOTE_TABLE_SIZE;
    while (votes->table[at] && !slice_equal(votes->list[votes->table[at] - 1].item->id, id))
        at = (at + 1) % VOTE_TABLE_SIZE;
    if (votes->table[at])
        return &votes->list[votes->table[at] - 1];
    const struct item *item = catalog_find(source->catalog, id);
    if (!item)
        return NULL;
    votes->list[votes->count] = (struct vote){.item = item};
    votes->table[at] = (uint16_t)++votes->count;
    return &votes->list[votes->count - 1];
}

static void count_votes(struct votes *votes, const struct gather *gather,
                        enum learn_relation relation, const struct seed *seed)
{
    const struct learn_score *scores;
    size_t count = learn_neighbours(gather->source->learned, relation, seed->item, &scores);
    for (size_t i = 0; i < count && i < GRAPH_NEIGHBOURS_MAX; i++) {
        struct vote *vote = vote_for(votes, gather->source, scores[i].item);
        if (!vote)
            continue;
        float voice = (float)(scores[i].score * seed->weight);
        vote->sum += voice;
        vote->personal = vote->personal || seed->personal;
        if (voice > vote->loudest || !vote->loudest_seed) {
            vote->loudest = voice;
            vote->loudest_seed = seed;
        }
    }
}

static int compare_votes(const void *a, const void *b)
{
    const struct vote *left = a, *right = b;
    if (left->sum != right->sum)
        return left->sum > right->sum ? -1 : 1;
    return slice_compare(left->item->id, right->item->id);
}

static const struct votes *votes_of(struct gather *gather, enum learn_relation relation)
{
    struct votes *votes = &gather->votes[relation];
    if (votes->list)
        return votes;
    const size_t most = SEEDS_MAX * (size_t)GRAPH_NEIGHBOURS_MAX;
    votes->list = ARENA_ARRAY(gather->arena, most, struct vote);
    votes->table = ARENA_ARRAY(gather->arena, VOTE_TABLE_SIZE, uint16_t);
    for (size_t i = 0; i < gather->seeds->count; i++)
        count_votes(votes, gather, relation, &gather->seeds->list[i]);
    qsort(votes->list, votes->count, sizeof *votes->list, compare_votes);
    return votes;
}

/* The first of a ranked list that may be shown, and a few that may not, for the explanation. */
static void gather_list(struct gather *gather, enum strategy strategy,
                        const struct learn_score *scores, size_t count)
{
    size_t kept = 0, removed = 0;
    for (size_t i = 0; i < count && i < SCAN_MAX && kept < CANDIDATES_PER_STRATEGY_MAX; i++) {
        const struct item *item = catalog_find(gather->source->catalog, scores[i].item);
        if (!item)
            continue;
        bool eligible = looks_eligible(gather, item);
        if (!eligible && removed++ >= REMOVED_SHOWN_MAX)
            continue;
        struct candidate *candidate = candidate_of(gather, item->id, item);
        if (!candidate)
            return;
        candidate->answers[strategy] = (float)scores[i].score;
        kept += eligible;
    }
}

/* The best of what the neighbours voted for that may be shown, and a few that may not. */
static void gather_neighbours(struct gather *gather, enum strategy strategy,
                              enum learn_relation relation)
{
    const struct votes *votes = votes_of(gather, relation);
    size_t kept = 0, removed = 0;
    for (size_t i = 0; i < votes->count && kept < CANDIDATES_PER_STRATEGY_MAX; i++) {
        const struct vote *vote = &votes->list[i];
        bool eligible = looks_eligible(gather, vote->item);
        if (!eligible && removed++ >= REMOVED_SHOWN_MAX)
            continue;
        struct candidate *candidate = candidate_of(gather, vote->item->id, vote->item);
        if (!candidate)
            return;
        candidate->answers[strategy] = vote->sum;
        candidate->because[strategy] = vote->loudest_seed->item;
        if (vote->personal)
            candidate->because_personal |= 1U << strategy;
        kept += eligible;
    }
}

static void gather_recents(struct gather *gather)
{
    const struct decide_person *person = &gather->input->person;
    for (size_t i = 0; i < person->recent_count; i++) {
        struct candidate *candidate = candidate_of(gather, person->recents[i], NULL);
        if (!candidate)
            continue;
        candidate->answers[STRATEGY_RECENTLY_VIEWED] = 1.0F / (float)(1 + i);
        candidate->because_personal |= 1U << STRATEGY_RECENTLY_VIEWED;
    }
}

static void gather_step(struct gather *gather, enum strategy strategy)
{
    const struct learn_snapshot *learned = gather->source->learned;
    const struct learn_score *scores = NULL;
    size_t count;
    switch (strategy) {
    case STRATEGY_TRENDING:
        count = learned ? learn_trending(learned, &scores) : 0;
        gather_list(gather, strategy, scores, count);
        break;
    case STRATEGY_BEST_SELLERS:
        count = learned ? learn_best_sellers(learned, &scores) : 0;
        gather_list(gather, strategy, scores, count);
        break;
    case STRATEGY_BOUGHT_TOGETHER:
        if (learned)
            gather_neighbours(gather, strategy, LEARN_BOUGHT_TOGETHER);
        break;
    case STRATEGY_VIEWED_TOGETHER:
        if (learned)
            gather_neighbours(gather, strategy, LEARN_VIEWED_TOGETHER);
        break;
    case STRATEGY_RECENTLY_VIEWED:
        gather_recents(gather);
        break;
    case STRATEGY_COUNT:
        break;
    }
}

/* --- seeds ------------------------------------------------------------------------------------ */

static void add_seed(struct seeds *seeds, struct slice item, double weight, bool personal)
{
    for (size_t i = 0; i < seeds->count; i++)
        if (slice_equal(seeds->list[i].item, item))
            return;
    if (item.size && seeds->count < SEEDS_MAX)
        seeds->list[seeds->count++] = (struct seed){item, weight, personal};
}

/* The page's item speaks loudest, then the basket, then the person's own basket and last views. */
static struct seeds find_seeds(const struct decide_input *input)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    struct seeds seeds = {.count = 0};
    add_seed(&seeds, moment->page_item, 1, false);
    for (size_t i = 0; i < moment->cart_count; i++)
        add_seed(&seeds, moment->cart[i], 0.8, false);
    for (size_t i = 0; i < person->basket_count; i++)
        add_seed(&seeds, person->basket[i], 0.7, true);
    for (size_t i = 0; i < person->recent_count && i < 3; i++)
        add_seed(&seeds, person->recents[i], 0.5 / (double)(1 + i), true);
    return seeds;
}

/* --- one placement ---------------------------------------------------------------------------- */

/* Order by item id: most differ in their first eight bytes, which are compared as one number. */
struct order_key {
    uint64_t head;
    const struct candidate *candidate;
};

static int compare_keys(const void *a, const void *b)
{
    const struct order_key *left = a, *right = b;
    if (left->head != right->head)
        return left->head < right->head ? -1 : 1;
    return slice_compare(left->candidate->item, right->candidate->item);
}

static const struct candidate *in_order(const struct gather *gather)
{
    struct order_key *keys = ARENA_ARRAY(gather->arena, gather->count, struct order_key);
    struct candidate *sorted = ARENA_ARRAY(gather->arena, gather->count, struct candidate);
    for (size_t i = 0; i < gather->count; i++) {
        uint8_t head[8] = {0};
        struct slice id = slice_first(gather->candidates[i].item, sizeof head);
        memcpy(head, id.data, id.size);
        keys[i] = (struct order_key){key_get_u64(head), &gather->candidates[i]};
    }
    qsort(keys, gather->count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < gather->count; i++)
        sorted[i] = *keys[i].candidate;
    return sorted;
}

/* A recipe in order asks its next step only when those before may leave places open: whatever
 * filters and earlier wishes can take away is counted as taken. */
static bool is_full(const struct gather *gather, const struct wish *wish, size_t shown_before)
{
    const struct decide_person *person = &gather->input->person;
    size_t wanted = wish->count ? wish->count : gather->placement->count;
    size_t taken = 1 + shown_before + wish->exclude_count + gather->input->moment.cart_count +
                   person->bought_count + person->basket_count;
    return !gather->placement->blend && gather->eligible >= wanted + taken;
}

static struct placement_evidence gather_placement(struct gather *gather, const struct wish *wish,
                                                  size_t shown_before)
{
    const struct placement *placement = gather->placement;
    gather->candidates = ARENA_ARRAY(gather->arena, CANDIDATES_MAX, struct candidate);
    gather->count = gather->eligible = 0;
    gather->filters_ask_attributes = false;
    for (size_t i = 0; i < placement->filter_count; i++)
        gather->filters_ask_attributes |= placement->filters[i].attribute.size > 0;
    memset(gather->table, 0, sizeof gather->table);
    struct placement_evidence evidence = {0};
    for (size_t i = 0; i < placement->step_count && !is_full(gather, wish, shown_before); i++) {
        if (clock_monotonic_us() > gather->source->deadline_us)
            evidence.stages_cut |= 1U << placement->steps[i].strategy;
        else
            gather_step(gather, placement->steps[i].strategy);
    }
    evidence.candidates = in_order(gather);
    evidence.candidate_count = gather->count;
    return evidence;
}

/* --- titles of the items that reasons name ---------------------------------------------------- */

static int compare_titles(const void *a, const void *b)
{
    const struct item_title *left = a, *right = b;
    return slice_compare(left->item, right->item);
}

/* Only seeds are ever named. */
static void take_titles(const struct evidence_source *source, const struct seeds *seeds,
                        struct decide_input *input, struct arena *arena)
{
    struct item_title *titles = ARENA_ARRAY(arena, SEEDS_MAX, struct item_title);
    input->titles = titles;
    input->title_count = 0;
    for (size_t i = 0; i < seeds->count; i++) {
        const struct item *item = catalog_find(source->catalog, seeds->list[i].item);
        if (item)
            titles[input->title_count++] = (struct item_title){item->id, item->title};
    }
    qsort(titles, input->title_count, sizeof *titles, compare_titles);
}

void evidence_gather(const struct evidence_source *source, struct decide_input *input,
                     struct arena *arena)
{
    size_t count = input->moment.wish_count;
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    struct seeds seeds = find_seeds(input);
    struct gather gather = {.source = source, .input = input, .arena = arena, .seeds = &seeds};
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        const struct wish *wish = &input->moment.wishes[i];
        gather.placement = policy_find(input->policy, wish->placement);
        if (!gather.placement)
            continue;
        evidence[i] = gather_placement(&gather, wish, shown);
        shown += wish->count ? wish->count : gather.placement->count;
    }
    input->evidence = evidence;
    take_titles(source, &seeds, input, arena);
}
