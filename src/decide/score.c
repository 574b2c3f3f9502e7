/* Scores as sums of named contributions. Only + × ÷ on doubles in a fixed order, so that the same
 * input gives the same bits on every machine. */
#include "decide/score.h"

#include "decide/blend.h"

#include <assert.h>

struct scale scale_of(const struct placement *definition, const struct placement_evidence *evidence,
                      const struct taste *taste, const struct decide_input *input)
{
    bool personal = input->person.personal;
    struct scale scale = {.definition = definition,
                          .taste = taste,
                          .blend = definition->mix == MIX_BLEND ? &input->blend : NULL,
                          .personal = personal};
    double weight = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        unsigned column = step_column(&definition->steps[i]);
        float highest = evidence->highest[column];
        uint32_t answered = 0;
        if (!(highest > 0 && highest <= FLT_MAX))
            highest = 0;
        for (size_t j = 0; j < evidence->candidate_count; j++) {
            float answer = score_answer(&evidence->candidates[j], column, personal);
            highest = answer > highest ? answer : highest;
            answered += answer > 0;
        }
        scale.highest[column] = highest;
        scale.answered[column] =
            answered > evidence->answered[column] ? answered : evidence->answered[column];
        if (definition->steps[i].weight > weight)
            weight = definition->steps[i].weight;
    }
    scale.span = weight + AFFINITY_MATCHES_MAX * definition->affinity_weight;
    return scale;
}

static void add_part(struct parts *parts, uint16_t name, double value)
{
    assert(parts->count < PARTS_MAX);
    parts->names[parts->count] = name;
    parts->values[parts->count++] = value;
    parts->score += value;
}

/* In order: the first step that answered leads and alone counts. */
static void add_first_step(const struct scale *scale, const struct candidate *candidate,
                           struct parts *parts)
{
    const struct placement *definition = scale->definition;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        unsigned column = step_column(step);
        double answer = (double)score_answer(candidate, column, scale->personal);
        if (answer == 0)
            continue;
        double normal = answer / (double)scale->highest[column];
        double before = (double)(definition->step_count - 1 - i) * scale->span;
        parts->lead = step->strategy;
        parts->lead_step = i;
        add_part(parts, (uint16_t)i, before + step->weight * normal);
        return;
    }
}

static void add_every_step(const struct scale *scale, const struct candidate *candidate,
                           struct parts *parts)
{
    const struct placement *definition = scale->definition;
    double largest = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        unsigned column = step_column(step);
        double answer = (double)score_answer(candidate, column, scale->personal);
        if (answer == 0)
            continue;
        double normal = answer / (double)scale->highest[column];
        double value = step->weight * normal;
        if (scale->blend)
            value = step->weight * (double)scale->blend->strategies[step->strategy] *
                    blend_answer(normal);
        if (parts->count == 0 || value > largest) {
            largest = value;
            parts->lead = step->strategy;
            parts->lead_step = i;
        }
        add_part(parts, (uint16_t)i, value);
    }
}

static void add_lifts(const struct scale *scale, const struct candidate *candidate,
                      struct parts *parts)
{
    const struct taste *taste = scale->taste;
    double weight = scale->definition->affinity_weight;
    if (scale->blend && weight == 0)
        weight = (double)scale->blend->tastes;
    if (taste->count == 0 || !(weight > 0))
        return;
    for (size_t i = 0; i < candidate->likes.count; i++) {
        uint16_t affinity = candidate->likes.affinities[i];
        assert(affinity < taste->count);
        if (taste->shares[affinity] > 0)
            add_part(parts, affinity, weight * taste->shares[affinity]);
    }
}

static void add_terms(const struct scale *scale, const struct candidate *candidate,
                      struct parts *parts)
{
    for (unsigned i = 0; i < TERM_COUNT; i++) {
        double value = (double)scale->blend->terms[i] * blend_value(candidate->terms[i]);
        bool theirs = i == TERM_PRICE_FIT && (candidate->terms[i] & TERM_PERSONAL_BIT);
        if (value > 0 && (scale->personal || !theirs))
            add_part(parts, (uint16_t)i, value);
    }
}

bool score_parts(const struct scale *scale, const struct candidate *candidate,
                 struct parts *out_parts)
{
    struct parts *parts = out_parts;
    parts->score = 0;
    parts->count = 0;
    if (scale->definition->mix != MIX_IN_ORDER)
        add_every_step(scale, candidate, parts);
    else
        add_first_step(scale, candidate, parts);
    parts->strategy_count = parts->count;
    if (parts->count == 0)
        return false;
    add_lifts(scale, candidate, parts);
    parts->taste_end = parts->count;
    if (scale->blend)
        add_terms(scale, candidate, parts);
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

void score_tell(const struct scale *scale, struct arena *arena, struct scored *scored)
{
    struct parts parts;
    bool answered = score_parts(scale, scored->candidate, &parts);
    assert(answered && parts.score == scored->score);
    struct contribution *contributions = ARENA_ARRAY(arena, parts.count, struct contribution);
    for (size_t i = 0; i < parts.count; i++) {
        const struct recipe_step *step =
            i < parts.strategy_count ? &scale->definition->steps[parts.names[i]] : NULL;
        struct slice name;
        if (step)
            name = step_name(step, arena);
        else if (i < parts.taste_end)
            name = taste_name(scale->taste, parts.names[i], arena);
        else
            name = slice_of(blend_term_name((enum blend_term)parts.names[i]));
        contributions[i] = (struct contribution){name, parts.values[i], step};
    }
    scored->contributions = contributions;
    scored->contribution_count = parts.count;
    scored->strategy_contribution_count = parts.strategy_count;
    scored->taste_contribution_end = parts.taste_end;
}
