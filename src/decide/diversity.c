#include "decide/diversity.h"

#include "decide/slice_set.h"

enum {
    POOL_SPARE = 8,
    /* of one item, the first in the order given */
    LEVELS_MAX = 4,
    BRANDS_MAX = 1,
    OTHERS_MAX = TRAITS_MAX - LEVELS_MAX - BRANDS_MAX,
    GROUPS_EXPECTED = 8,
    VALUES_EXPECTED = 16 /* of one attribute */
};

size_t diversity_pool(size_t places)
{
    return 2 * places + POOL_SPARE;
}

const struct rule *diversity_rule(const struct placement *definition)
{
    for (size_t i = 0; i < definition->rule_count; i++)
        if (definition->rules[i].kind == RULE_DIVERSITY)
            return &definition->rules[i];
    return NULL;
}

/* --- what items have -------------------------------------------------------------------------- */

enum kind { KIND_CATEGORY, KIND_BRAND, KIND_OTHER, KIND_COUNT };

struct group { /* an attribute */
    struct slice name;
    struct slice_set values; /* → its number for now */
};

/* While the values of some candidates are numbered. */
struct numbering {
    struct arena *arena;
    struct group *groups; /* category and brand, then others by name once all are known */
    size_t group_count, group_room;
    uint16_t *group_of; /* by number for now, as are uses */
    uint16_t *uses;
    size_t value_count;
};

static void make_room(struct numbering *numbering)
{
    size_t room = numbering->group_room > 0 ? 2 * numbering->group_room : GROUPS_EXPECTED;
    struct group *groups = ARENA_ARRAY(numbering->arena, room, struct group);
    if (numbering->group_count > 0)
        memcpy(groups, numbering->groups, numbering->group_count * sizeof *groups);
    numbering->groups = groups;
    numbering->group_room = room;
}

static size_t group_named(struct numbering *numbering, struct slice name)
{
    for (size_t i = 0; i < numbering->group_count; i++)
        if (slice_equal(numbering->groups[i].name, name))
            return i;
    if (numbering->group_count == numbering->group_room)
        make_room(numbering);
    numbering->groups[numbering->group_count] =
        (struct group){name, slice_set(numbering->arena, VALUES_EXPECTED)};
    return numbering->group_count++;
}

static void number_candidate(struct numbering *numbering, const struct candidate *candidate,
                             struct traits *traits)
{
    static const unsigned most[KIND_COUNT] = {LEVELS_MAX, BRANDS_MAX, OTHERS_MAX};
    unsigned taken[KIND_COUNT] = {0};
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        const struct candidate_attribute *attribute = &candidate->attributes[i];
        if (slice_is(attribute->name, "price_band"))
            continue;
        enum kind kind = slice_is(attribute->name, "category") ? KIND_CATEGORY
                         : slice_is(attribute->name, "brand")  ? KIND_BRAND
                                                               : KIND_OTHER;
        if (taken[kind]++ >= most[kind])
            continue;
        size_t group = kind == KIND_OTHER ? group_named(numbering, attribute->name) : kind;
        uint32_t fresh = (uint32_t)numbering->value_count;
        uint32_t number =
            slice_set_intern(&numbering->groups[group].values, slice_set_hash(attribute->value),
                             attribute->value, fresh);
        numbering->value_count += number == fresh;
        numbering->group_of[number] = (uint16_t)group;
        numbering->uses[number]++;
        traits->numbers[traits->count++] = (uint16_t)number;
    }
}

/* The others by name, so that sums over them are added up in one order. */
static const uint16_t *groups_in_order(const struct numbering *numbering)
{
    uint16_t *order = ARENA_ARRAY(numbering->arena, numbering->group_count, uint16_t);
    for (uint16_t i = 0; i < numbering->group_count; i++) {
        size_t at = i;
        for (; at > KIND_OTHER &&
               slice_compare(numbering->groups[order[at - 1]].name, numbering->groups[i].name) > 0;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

/* From now on the first number of each attribute stands for all that only one item has. */
static const uint16_t *final_numbers(const struct numbering *numbering, uint16_t *sizes)
{
    const uint16_t *order = groups_in_order(numbering);
    uint16_t *numbers = ARENA_ARRAY(numbering->arena, numbering->value_count, uint16_t);
    uint16_t next = 0;
    for (size_t i = 0; i < numbering->group_count; i++) {
        uint16_t first = next++;
        for (size_t j = 0; j < numbering->value_count; j++)
            if (numbering->group_of[j] == order[i])
                numbers[j] = numbering->uses[j] > 1 ? next++ : first;
        sizes[i] = (uint16_t)(next - first);
    }
    return numbers;
}

static void renumber(struct traits *traits, const uint16_t *numbers)
{
    for (size_t i = 0; i < traits->count; i++) {
        uint16_t number = numbers[traits->numbers[i]];
        size_t at = i;
        for (; at > 0 && traits->numbers[at - 1] > number; at--)
            traits->numbers[at] = traits->numbers[at - 1];
        traits->numbers[at] = number;
    }
}

const struct trait_table *diversity_traits(const struct candidate *candidates, size_t count,
                                           struct arena *arena)
{
    size_t room = count * TRAITS_MAX;
    struct trait_table *table = ARENA_NEW(arena, struct trait_table);
    struct traits *list = ARENA_ARRAY(arena, count, struct traits);
    struct numbering numbering = {.arena = arena,
                                  .group_of = ARENA_ARRAY(arena, room, uint16_t),
                                  .uses = ARENA_ARRAY(arena, room, uint16_t)};
    (void)group_named(&numbering, SLICE("category"));
    (void)group_named(&numbering, SLICE("brand"));
    for (size_t i = 0; i < count; i++)
        number_candidate(&numbering, &candidates[i], &list[i]);
    uint16_t *sizes = ARENA_ARRAY(arena, numbering.group_count, uint16_t);
    const uint16_t *numbers = final_numbers(&numbering, sizes);
    for (size_t i = 0; i < count; i++)
        renumber(&list[i], numbers);
    *table = (struct trait_table){list, count, sizes, numbering.group_count};
    return table;
}

/* --- likeness --------------------------------------------------------------------------------- */

/* The numbers of one attribute that an item has. */
struct run {
    const uint16_t *at, *end;
};

/* Those from here on that are below. */
static struct run run_of(const struct traits *traits, const uint16_t *from, uint16_t below)
{
    struct run run = {from, from};
    while (run.end < traits->numbers + traits->count && *run.end < below)
        run.end++;
    return run;
}

/* Jaccard; lone: the number of values that nobody shares. */
static double shared(struct run a, struct run b, uint16_t lone)
{
    ptrdiff_t all = a.end - a.at + (b.end - b.at), both = 0;
    while (a.at < a.end && b.at < b.end) {
        uint16_t left = *a.at, right = *b.at;
        both += left == right && left != lone;
        a.at += left <= right;
        b.at += right <= left;
    }
    return (double)both / (double)(all - both);
}

static double likeness(const struct trait_table *table, const struct traits *a,
                       const struct traits *b)
{
    static const double weights[KIND_COUNT] = {5, 2, 3};
    double sums[KIND_COUNT] = {0}, sum = 0, weight = 0;
    unsigned known[KIND_COUNT] = {0};
    const uint16_t *at_a = a->numbers, *at_b = b->numbers;
    uint16_t first = 0;
    for (size_t group = 0; group < table->group_count; group++) {
        uint16_t end = (uint16_t)(first + table->sizes[group]);
        size_t kind = group < KIND_OTHER ? group : KIND_OTHER;
        struct run of_a = run_of(a, at_a, end), of_b = run_of(b, at_b, end);
        if (of_a.at < of_a.end && of_b.at < of_b.end) {
            sums[kind] += shared(of_a, of_b, first);
            known[kind]++;
        }
        at_a = of_a.end;
        at_b = of_b.end;
        first = end;
    }
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (known[kind] == 0)
            continue;
        sum += weights[kind] * sums[kind] / known[kind];
        weight += weights[kind];
    }
    return weight > 0 ? sum / weight : 0;
}

/* --- the order -------------------------------------------------------------------------------- */

struct runner {
    struct scored *scored;
    const struct traits *traits;
    size_t level;
    double relevance;
    unsigned from;
    double likeness; /* to the one most like it of those that stand */
    const struct scored *like;
    double passed_likeness; /* when another first went before it */
    const struct scored *passed_like;
};

static const struct traits *traits_of(const struct diversifying *diversifying,
                                      const struct scored *scored)
{
    static const struct traits none;
    size_t at = (size_t)(scored->candidate - diversifying->evidence->candidates);
    return at < diversifying->traits->count ? &diversifying->traits->list[at] : &none;
}

/* The first of a level is worth most. */
static void line_up(const struct diversifying *diversifying, struct runner *runners, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        struct scored *scored = diversifying->open[i];
        size_t level = score_level(diversifying->scale, scored->lead_step);
        double worth = scored->score - score_before(diversifying->scale, scored->lead_step);
        if (i == 0 || level != runners[i - 1].level)
            most = worth;
        runners[i] = (struct runner){.scored = scored,
                                     .traits = traits_of(diversifying, scored),
                                     .level = level,
                                     .relevance = most > 0 ? worth / most : 0,
                                     .from = (unsigned)i + 1};
    }
}

static void stand_beside(const struct diversifying *diversifying, struct runner *runners,
                         size_t count, const struct scored *standing)
{
    const struct traits *traits = traits_of(diversifying, standing);
    for (size_t i = 0; i < count; i++) {
        double like = likeness(diversifying->traits, runners[i].traits, traits);
        if (like <= runners[i].likeness)
            continue;
        runners[i].likeness = like;
        runners[i].like = standing;
    }
}

static size_t next_of(const struct runner *runners, size_t count, double weight)
{
    size_t best = 0;
    double most = 0;
    for (size_t i = 0; i < count && runners[i].level == runners[0].level; i++) {
        double value = (1 - weight) * runners[i].relevance - weight * runners[i].likeness;
        if (i > 0 && value <= most)
            continue;
        best = i;
        most = value;
    }
    return best;
}

static void note_passed(struct runner *runners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (runners[i].passed_like != NULL)
            continue;
        runners[i].passed_like = runners[i].like;
        runners[i].passed_likeness = runners[i].likeness;
    }
}

static void note_move(struct moves *moves, const struct runner *runner, unsigned to)
{
    bool back = to == 0 || to > runner->from;
    struct move move = {.scored = runner->scored, .from = runner->from, .to = to};
    if (back) {
        move.like = runner->passed_like;
        move.likeness = runner->passed_likeness;
    }
    size_t at = moves->count++;
    for (; at > 0 && moves->list[at - 1].from > move.from; at--)
        moves->list[at] = moves->list[at - 1];
    moves->list[at] = move;
}

struct moves diversity_order(const struct diversifying *diversifying, struct arena *arena)
{
    size_t pool = diversity_pool(diversifying->places), places = diversifying->places;
    struct moves moves = {.list = NULL};
    if (pool > diversifying->open_count)
        pool = diversifying->open_count;
    if (places > pool)
        places = pool;
    struct runner *runners = ARENA_ARRAY(arena, pool, struct runner);
    moves.list = ARENA_ARRAY(arena, pool, struct move);
    line_up(diversifying, runners, pool);
    for (size_t i = 0; i < diversifying->pin_count; i++)
        stand_beside(diversifying, runners, pool, diversifying->pins[i]);
    for (size_t i = 0; i < places; i++) {
        size_t left = pool - i, next = next_of(runners, left, diversifying->rule->weight);
        struct runner chosen = runners[next];
        note_passed(runners, next);
        memmove(runners + next, runners + next + 1, (left - next - 1) * sizeof *runners);
        diversifying->open[i] = chosen.scored;
        if (chosen.from != i + 1)
            note_move(&moves, &chosen, (unsigned)i + 1);
        if (i + 1 < places)
            stand_beside(diversifying, runners, left - 1, chosen.scored);
    }
    for (size_t i = places; i < pool; i++) {
        diversifying->open[i] = runners[i - places].scored;
        if (runners[i - places].from <= places)
            note_move(&moves, &runners[i - places], 0);
    }
    return moves;
}
