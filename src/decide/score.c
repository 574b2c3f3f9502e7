/* Scores as sums of named contributions. Only + × ÷ on doubles in a fixed order, so that the same
 * input gives the same bits on every machine. */
#include "decide/score.h"

#include "decide/blend.h"

#include <assert.h>

/* How many times the boosts of a placement can lift what an item is worth. */
static double largest_boost(const struct placement *definition)
{
    double product = 1;
    for (size_t i = 0; i < definition->rule_count && product < RULE_FACTOR_MAX; i++)
        if (definition->rules[i].kind == RULE_BOOST)
            product *= definition->rules[i].factor;
    return product < RULE_FACTOR_MAX ? product : RULE_FACTOR_MAX;
}

/* Of what was dropped and of what is there, one candidate after the other as they lie. */
static void take_highest(struct scale *scale, const struct placement_evidence *evidence)
{
    size_t steps = scale->definition->step_count;
    for (size_t i = 0; i < steps; i++) {
        float highest = evidence->highest[scale->columns[i]];
        scale->highest[scale->columns[i]] = highest > 0 && highest <= FLT_MAX ? highest : 0;
    }
    for (size_t j = 0; j < evidence->candidate_count; j++)
        for (size_t i = 0; i < steps; i++) {
            unsigned column = scale->columns[i];
            float answer = score_answer(&evidence->candidates[j], column, scale->personal);
            if (!(answer > 0))
                continue;
            scale->answered[column]++;
            if (answer > scale->highest[column])
                scale->highest[column] = answer;
        }
    for (size_t i = 0; i < steps; i++) {
        unsigned column = scale->columns[i];
        if (evidence->answered[column] > scale->answered[column])
            scale->answered[column] = evidence->answered[column];
    }
}

struct scale scale_of(const struct wish_filters *filters, const struct placement_evidence *evidence,
                      const struct taste *taste)
{
    const struct placement *definition = filters->definition;
    bool personal = filters->lists->personal;
    struct scale scale = {.definition = definition,
                          .taste = taste,
                          .blend = definition->mix == MIX_BLEND ? &filters->input->blend : NULL,
                          .personal = personal,
                          .recipe = recipe_steps(definition)};
    double weight = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        scale.columns[i] = (uint8_t)step_column(step);
        scale.factors[i] = step->weight;
        if (scale.blend)
            scale.factors[i] *= (double)scale.blend->strategies[step->strategy];
        if (step->weight > weight)
            weight = step->weight;
    }
    take_highest(&scale, evidence);
    scale.span = weight + AFFINITY_MATCHES_MAX * definition->affinity_weight;
    if (filters_have(filters, RULE_BOOST) || filters_have(filters, RULE_BURY)) {
        scale.boosting = filters;
        scale.span *= largest_boost(definition);
    }
    return scale;
}

static void add_part(struct parts *parts, enum contribution_kind kind, size_t name, double value)
{
    assert(parts->count < PARTS_MAX);
    parts->names[parts->count] = (uint32_t)kind << PART_KIND_SHIFT | (uint32_t)name;
    parts->values[parts->count++] = value;
    parts->score += value;
}

/* In order: the first step that answered leads and alone counts. */
static inline void add_first_step(const struct scale *scale, const struct candidate *candidate,
                                  size_t first, size_t end, struct parts *parts)
{
    const struct placement *definition = scale->definition;
    for (size_t i = first; i < end; i++) {
        const struct recipe_step *step = &definition->steps[i];
        unsigned column = step_column(step);
        double answer = (double)score_answer(candidate, column, scale->personal);
        if (answer == 0)
            continue;
        double normal = answer / (double)scale->highest[column];
        parts->lead = step->strategy;
        parts->lead_step = i;
        add_part(parts, CONTRIBUTION_STRATEGY, i, score_before(scale, i) + step->weight * normal);
        return;
    }
}

/* Apart, so that recipes that fill their places do not pay for it. */
__attribute__((noinline)) static void
add_fallback(const struct scale *scale, const struct candidate *candidate, struct parts *parts)
{
    add_first_step(scale, candidate, scale->recipe, scale->definition->step_count, parts);
}

static void add_every_step(const struct scale *scale, const struct candidate *candidate,
                           struct parts *parts)
{
    double largest = 0;
    for (size_t i = 0; i < scale->recipe; i++) {
        unsigned column = scale->columns[i];
        if (!(candidate->answers[column] > 0)) /* as most: few steps know an item */
            continue;
        double answer = (double)score_answer(candidate, column, scale->personal);
        if (answer == 0)
            continue;
        double normal = answer / (double)scale->highest[column];
        double value = scale->factors[i] * (scale->blend ? blend_answer(normal) : normal);
        if (parts->count == 0 || value > largest) {
            largest = value;
            parts->lead = scale->definition->steps[i].strategy;
            parts->lead_step = i;
        }
        add_part(parts, CONTRIBUTION_STRATEGY, i, value);
    }
}

static void add_lifts(const struct scale *scale, const struct candidate *candidate,
                      struct parts *parts)
{
    const struct taste *taste = scale->taste;
    double weight = scale->definition->affinity_weight;
    if (scale->blend && weight == 0 && parts->lead_step < scale->recipe)
        weight = (double)scale->blend->tastes;
    if (taste->count == 0 || !(weight > 0))
        return;
    for (size_t i = 0; i < candidate->likes.count; i++) {
        uint16_t affinity = candidate->likes.affinities[i];
        assert(affinity < taste->count);
        if (taste->shares[affinity] > 0)
            add_part(parts, CONTRIBUTION_AFFINITY, affinity, weight * taste->shares[affinity]);
    }
}

static void add_terms(const struct scale *scale, const struct candidate *candidate,
                      struct parts *parts)
{
    const struct placement *definition = scale->definition;
    for (unsigned i = 0; i < TERM_COUNT; i++) {
        if ((candidate->terms[i] & TERM_WHOLE) == 0)
            continue;
        double weight = (double)scale->blend->terms[i];
        if (i == TERM_MARGIN && definition->sets_margin)
            weight = definition->margin_weight;
        double value = weight * blend_value(candidate->terms[i]);
        bool theirs = i == TERM_PRICE_FIT && (candidate->terms[i] & TERM_PERSONAL_BIT);
        if (value > 0 && (scale->personal || !theirs))
            add_part(parts, CONTRIBUTION_TERM, i, value);
    }
}

static double within_bounds(double product)
{
    if (product > RULE_FACTOR_MAX)
        return RULE_FACTOR_MAX;
    return product < 1 / RULE_FACTOR_MAX ? 1 / RULE_FACTOR_MAX : product;
}

/* Each rule that matches, in their order. One that the bounds leave nothing of is no part.
 * Apart, so that placements without such rules do not pay for its registers. */
__attribute__((noinline)) static void
add_boosts(const struct scale *scale, const struct candidate *candidate, struct parts *parts)
{
    const struct placement *definition = scale->definition;
    uint64_t hash = slice_set_hash(candidate->item);
    double worth = parts->score - score_before(scale, parts->lead_step), product = 1;
    struct slice value;
    for (size_t i = 0; i < definition->rule_count; i++) {
        const struct rule *rule = &definition->rules[i];
        if ((rule->kind != RULE_BOOST && rule->kind != RULE_BURY) ||
            !filters_list(scale->boosting, i, candidate, hash, &value))
            continue;
        double before = within_bounds(product);
        product = rule->kind == RULE_BOOST ? product * rule->factor : product / rule->factor;
        double added = worth * (within_bounds(product) - before);
        if (added != 0)
            add_part(parts, CONTRIBUTION_RULE, i, added);
    }
}

bool score_parts(const struct scale *scale, const struct candidate *candidate,
                 struct parts *out_parts)
{
    const struct placement *definition = scale->definition;
    struct parts *parts = out_parts;
    parts->score = 0;
    parts->count = 0;
    if (definition->mix != MIX_IN_ORDER)
        add_every_step(scale, candidate, parts);
    else
        add_first_step(scale, candidate, 0, scale->recipe, parts);
    if (parts->count == 0 && scale->recipe < definition->step_count)
        add_fallback(scale, candidate, parts);
    if (parts->count == 0) {
        parts->lead = STRATEGY_COUNT;
        parts->lead_step = LEAD_STEP_NONE;
        return false;
    }
    add_lifts(scale, candidate, parts);
    if (scale->blend && parts->lead_step < scale->recipe)
        add_terms(scale, candidate, parts);
    if (scale->boosting)
        add_boosts(scale, candidate, parts);
    return true;
}

/* "viewed_together", "viewed_together:last_viewed", "similar:30d" */
static struct slice step_name(const struct recipe_step *step, struct arena *arena)
{
    const char *strategy = strategy_name(step->strategy), *key = step_key_name(step->key);
    if (step->key == KEY_ANY && step->lookback_days == 0)
        return slice_of(strategy);
    if (step->lookback_days == 0)
        return arena_format(arena, "%s:%s", strategy, key);
    return arena_format(arena, "%s:%s%s%ud", strategy, key, key[0] ? ":" : "", step->lookback_days);
}

/* "boost:brand=Ida", "bury:item" */
static struct slice rule_name(const struct scale *scale, size_t index,
                              const struct candidate *candidate, struct arena *arena)
{
    const struct rule *rule = &scale->definition->rules[index];
    const char *kind = rule_kind_name(rule->kind);
    struct slice value = SLICE_NONE;
    bool listed =
        filters_list(scale->boosting, index, candidate, slice_set_hash(candidate->item), &value);
    assert(listed);
    if (rule->attribute.size == 0)
        return arena_format(arena, "%s:item", kind);
    return arena_format(arena, "%s:%.*s=%.*s", kind, SLICE_ARG(rule->attribute), SLICE_ARG(value));
}

static enum contribution_kind kind_of(const struct parts *parts, size_t index)
{
    return (enum contribution_kind)(parts->names[index] >> PART_KIND_SHIFT);
}

static struct slice part_name(const struct scale *scale, const struct parts *parts, size_t index,
                              const struct candidate *candidate, struct arena *arena)
{
    size_t name = parts->names[index] & UINT16_MAX;
    switch (kind_of(parts, index)) {
    case CONTRIBUTION_STRATEGY:
        return step_name(&scale->definition->steps[name], arena);
    case CONTRIBUTION_AFFINITY:
        return taste_name(scale->taste, name, arena);
    case CONTRIBUTION_TERM:
        return slice_of(blend_term_name((enum blend_term)name));
    case CONTRIBUTION_RULE:
        break;
    }
    return rule_name(scale, name, candidate, arena);
}

void score_tell(const struct scale *scale, struct arena *arena, struct scored *scored)
{
    struct parts parts;
    bool answered = score_parts(scale, scored->candidate, &parts);
    assert(answered == (scored->lead != STRATEGY_COUNT) && parts.score == scored->score);
    struct contribution *contributions = ARENA_ARRAY(arena, parts.count, struct contribution);
    for (size_t i = 0; i < parts.count; i++) {
        enum contribution_kind kind = kind_of(&parts, i);
        contributions[i] =
            (struct contribution){.kind = kind,
                                  .name = part_name(scale, &parts, i, scored->candidate, arena),
                                  .value = parts.values[i]};
        if (kind == CONTRIBUTION_STRATEGY)
            contributions[i].step = &scale->definition->steps[parts.names[i]];
    }
    scored->contributions = contributions;
    scored->contribution_count = parts.count;
}
