/* The half of world.h that makes items, attributes and policies. */
#ifndef VISAVIS_TESTS_UNIT_DECIDE_WORLD_POLICY_H
#define VISAVIS_TESTS_UNIT_DECIDE_WORLD_POLICY_H

#include <stdlib.h>

#include "base/random.h"
#include "decide/decide.h"

#define WORLD_NOW_MS INT64_C(1772360423000)
#define MAYBE_UNUSED __attribute__((unused))

struct world {
    struct arena *arena;
    struct random_stream stream;
    unsigned item_count;    /* vocabulary of items */
    unsigned candidate_max; /* of one placement */
};

static unsigned world_below(struct world *world, unsigned bound)
{
    return (unsigned)random_below(&world->stream, bound);
}

static bool world_chance(struct world *world, unsigned percent)
{
    return world_below(world, 100) < percent;
}

static struct slice world_item(struct world *world, unsigned number)
{
    return arena_format(world->arena, "item-%05u", number);
}

static const struct slice *world_items(struct world *world, unsigned max, size_t *out_count)
{
    *out_count = world_below(world, max + 1);
    struct slice *items = ARENA_ARRAY(world->arena, *out_count, struct slice);
    for (size_t i = 0; i < *out_count; i++)
        items[i] = world_item(world, world_below(world, world->item_count));
    return items;
}

static struct candidate_attribute world_attribute(struct world *world)
{
    static const char *const names[] = {"brand", "category", "colour", "size"};
    static const char *const values[] = {
        "Ida", "Petit Bateau", "bleu", "rouge", "lampes", "vases", "S", "M", "L", "été"};
    return (struct candidate_attribute){slice_of(names[world_below(world, 4)]),
                                        slice_of(values[world_below(world, 10)])};
}

static void world_bounds(struct world *world, struct rule *rule)
{
    if (rule->kind == RULE_MATCH) {
        rule->attribute = world_attribute(world).name;
        rule->with = world_chance(world, 50) ? RULE_WITH_PERSON : RULE_WITH_CURRENT_ITEM;
        rule->differs = world_chance(world, 50);
    } else if (rule->kind == RULE_PRICE || rule->kind == RULE_STOCK) {
        rule->min = 0.5 * world_below(world, 3);
        rule->max = rule->min + 0.5 + world_below(world, 20);
        if (rule->kind == RULE_STOCK) {
            rule->min = (double)world_below(world, 3);
            rule->max = rule->min + 1 + world_below(world, 20);
        }
    }
}

static void world_values(struct world *world, struct rule *rule)
{
    if (world_chance(world, 50)) {
        struct slice *value = ARENA_NEW(world->arena, struct slice);
        struct candidate_attribute attribute = world_attribute(world);
        *value = attribute.value;
        rule->attribute = attribute.name;
        rule->values = value;
        rule->value_count = 1;
    } else {
        rule->values = world_items(world, world->item_count, &rule->value_count);
    }
}

/* Boosts, buries, pins, caps, shuffles, diversity. */
static void world_arranging(struct world *world, struct rule *rule)
{
    if (rule->kind == RULE_BOOST || rule->kind == RULE_BURY)
        rule->factor = 1 + 0.5 * world_below(world, 19);
    if (rule->kind == RULE_PIN)
        rule->slot = 1 + world_below(world, 6);
    if (rule->kind == RULE_PIN || rule->kind == RULE_BOOST || rule->kind == RULE_BURY)
        world_values(world, rule);
    if (rule->kind == RULE_PIN && rule->value_count > 1)
        rule->value_count = 1; /* one item */
    if (rule->kind == RULE_CAP) {
        rule->attribute = world_attribute(world).name;
        rule->max = 1 + world_below(world, 3);
    }
    if (rule->kind == RULE_SHUFFLE)
        rule->among = 2 + world_below(world, 20);
    if (rule->kind == RULE_DIVERSITY)
        rule->weight = 0.25 * world_below(world, 5);
}

static const struct rule *world_rules(struct world *world, size_t *out_count)
{
    size_t count = world_below(world, 8);
    struct rule *rules = ARENA_ARRAY(world->arena, count, struct rule);
    for (size_t i = 0; i < count; i++) {
        rules[i].kind = (enum rule_kind)world_below(world, RULE_DIVERSITY - 1);
        if (rules[i].kind >= RULE_MARGIN) /* those of world_other_rules; the last come by others */
            rules[i].kind += RULE_BOOST - RULE_MARGIN;
        if (world_chance(world, 20)) /* around WORLD_NOW_MS */
            rules[i].from_ms = WORLD_NOW_MS + world_below(world, 1000000);
        if (world_chance(world, 20))
            rules[i].until_ms = rules[i].from_ms + WORLD_NOW_MS / 2 + 1;
        if (rules[i].kind == RULE_INCLUDE && world_chance(world, 70))
            rules[i].kind = RULE_EXCLUDE_PAGE;
        world_bounds(world, &rules[i]);
        world_arranging(world, &rules[i]);
        if (rules[i].kind == RULE_INCLUDE || rules[i].kind == RULE_EXCLUDE)
            world_values(world, &rules[i]);
        bool lists = rules[i].kind == RULE_INCLUDE || rules[i].kind == RULE_PIN ||
                     rules[i].kind == RULE_BOOST || rules[i].kind == RULE_BURY;
        if (lists && rules[i].value_count == 0) /* nobody can write an empty list of these */
            rules[i] = (struct rule){.kind = RULE_EXCLUDE};
    }
    *out_count = count;
    return rules;
}

/* Some rules become ones about margins, sizes or the basket. */
MAYBE_UNUSED static void world_other_rules(struct world *world, const struct policy *policy)
{
    for (size_t i = 0; i < policy->placement_count; i++)
        for (size_t j = 0; j < policy->placements[i].rule_count; j++) {
            struct rule *rule = (struct rule *)&policy->placements[i].rules[j];
            if (rule->kind == RULE_MATCH && world_chance(world, 40))
                rule->with = RULE_WITH_BASKET;
            if ((rule->kind != RULE_IN_STOCK && rule->kind != RULE_EXCLUDE_CURRENT) ||
                world_chance(world, 40))
                continue;
            rule->kind = world_chance(world, 50) ? RULE_MARGIN : RULE_MY_SIZE;
            rule->keeps_unknown = world_chance(world, 50);
            rule->min = rule->kind == RULE_MARGIN ? (double)world_below(world, 60) : 0;
        }
}

/* Some placements keep places for new arrivals. */
MAYBE_UNUSED static void world_quotas(struct world *world, const struct policy *policy)
{
    struct placement *placements = (struct placement *)policy->placements;
    for (size_t i = 0; i < policy->placement_count; i++) {
        size_t count = placements[i].rule_count;
        if (world_chance(world, 60))
            continue;
        struct rule *rules = ARENA_ARRAY(world->arena, count + 1, struct rule);
        if (count > 0)
            memcpy(rules, placements[i].rules, count * sizeof *rules);
        rules[count] = (struct rule){.kind = RULE_ARRIVALS,
                                     .share = 0.05 * (1 + world_below(world, 10)),
                                     .days = 1 + world_below(world, 20)};
        placements[i].rules = rules;
        placements[i].rule_count = count + 1;
    }
}

/* A step that can be written; asks tells apart what differs, as reading's own digest does. */
static struct recipe_step world_step(struct world *world)
{
    struct recipe_step step = {.strategy = (enum strategy)world_below(world, STRATEGY_COUNT),
                               .weight = 0.25 * (1 + world_below(world, 8))};
    unsigned key = world_below(world, KEY_COUNT);
    if (strategy_keys(step.strategy) >> key & 1)
        step.key = (enum step_key)key;
    if (step_reads_history(&step) && world_chance(world, 30))
        step.lookback_days = 1 + world_below(world, 3000);
    step.asks = 10000 * (uint64_t)step.key + step.lookback_days;
    if (step.strategy == STRATEGY_MANUAL) {
        unsigned number = world_below(world, world->item_count);
        struct slice *item = ARENA_NEW(world->arena, struct slice);
        *item = world_item(world, number);
        step.items = item;
        step.item_count = 1;
        step.asks = 100000 + number;
    }
    return step;
}

static void world_placement(struct world *world, struct placement *placement)
{
    placement->mix = world_chance(world, 40) ? MIX_WEIGHTED : MIX_IN_ORDER;
    if (world_chance(world, 30))
        placement->mix = MIX_BLEND;
    unsigned steps = 1 + world_below(world, STRATEGIES_PER_RECIPE_MAX), repeats = 0;
    for (unsigned i = 0; i < steps; i++) {
        struct recipe_step step = world_step(world);
        bool same = false;
        for (size_t j = 0; j < placement->step_count; j++) {
            step.repeat |= placement->steps[j].strategy == step.strategy;
            same |= placement->steps[j].strategy == step.strategy &&
                    placement->steps[j].asks == step.asks;
        }
        if (same || (step.repeat && repeats == RECIPE_REPEATS_MAX))
            continue;
        step.repeat = step.repeat ? (uint8_t)++repeats : 0;
        placement->steps[placement->step_count++] = step;
    }
    placement->rules = world_rules(world, &placement->rule_count);
    placement->count = 1 + world_below(world, 12);
    if (world_chance(world, 40))
        placement->fallback_count = world_below(world, (unsigned)placement->step_count);
    if (world_chance(world, 40))
        placement->minimum = world_below(world, 12);
    placement->withholds = world_chance(world, 25);
    placement->deadline_ms = 100;
    placement->affinity_weight = world_chance(world, 50) ? 0.1 * world_below(world, 20) : 0;
    placement->explore = world_chance(world, 40) ? 0.2 : 0;
}

/* Placements p0 … p4. */
MAYBE_UNUSED static const struct policy *world_policy(struct world *world)
{
    struct policy *policy = ARENA_NEW(world->arena, struct policy);
    struct placement *placements = ARENA_ARRAY(world->arena, 5, struct placement);
    for (unsigned i = 0; i < 5; i++) {
        placements[i].id = placements[i].name = arena_format(world->arena, "p%u", i);
        world_placement(world, &placements[i]);
    }
    *policy = (struct policy){.version = 1 + world_below(world, 300),
                              .published_ms = 1700000000000,
                              .placements = placements,
                              .placement_count = 5};
    return policy;
}

#endif
