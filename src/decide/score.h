/* What a candidate is worth in a placement: the formula of decide.h.
 *
 * Inside decide/ only; plain values in the arena of the decision. */
#ifndef VISAVIS_DECIDE_SCORE_H
#define VISAVIS_DECIDE_SCORE_H

#include <float.h>

#include "decide/decide.h"
#include "decide/filter.h"
#include "decide/taste.h"

struct scale {
    const struct placement *definition;
    const struct taste *taste;
    const struct blend_weights *blend;
    const struct wish_filters *boosting; /* NULL: no rule boosts or buries */
    bool personal;
    size_t recipe; /* so many steps are the recipe's, the rest the fallback's */
    double span;
    uint8_t columns[STRATEGIES_PER_RECIPE_MAX]; /* by step */
    double factors[STRATEGIES_PER_RECIPE_MAX];  /* by step: its weight, with the blend's of it */
    float highest[COLUMN_COUNT];
    uint32_t answered[COLUMN_COUNT]; /* candidates it answered for */
};

/* filters: of the wish, whose definition it is; both stay with the scale. */
struct scale scale_of(const struct wish_filters *filters, const struct placement_evidence *evidence,
                      const struct taste *taste);

enum {
    PARTS_MAX =
        STRATEGIES_PER_RECIPE_MAX + AFFINITY_MATCHES_MAX + TERM_COUNT + RULES_PER_PLACEMENT_MAX,
    PART_KIND_SHIFT = 16,
    LEAD_STEP_NONE = UINT16_MAX
};

/* A score and what it is the sum of, added up in this order. */
struct parts {
    double score;
    double values[PARTS_MAX];
    /* enum contribution_kind shifted + the position of the step, affinity, term or rule */
    uint32_t names[PARTS_MAX];
    size_t count;
    enum strategy lead;
    size_t lead_step;
};

/* What is asked before the score when two are compared: the step that leads, where steps come in
 * order, as those of a fallback always do; what no step answered for comes last. */
static inline size_t score_level(const struct scale *scale, size_t step)
{
    return scale->definition->mix == MIX_IN_ORDER || step >= scale->recipe ? step : 0;
}

/* What of a score only says how far in front its step stands: the rest is what the item is
 * worth. */
static inline double score_before(const struct scale *scale, size_t step)
{
    const struct placement *definition = scale->definition;
    if (step < scale->recipe && definition->mix != MIX_IN_ORDER)
        return 0;
    if (step < scale->recipe)
        return (double)(scale->recipe - 1 - step) * scale->span;
    return step < definition->step_count ? -(double)(step - scale->recipe + 1) * scale->span : 0;
}

/* False: no step answered for it; then its lead is STRATEGY_COUNT, its step LEAD_STEP_NONE. */
bool score_parts(const struct scale *scale, const struct candidate *candidate,
                 struct parts *out_parts);
/* Says what the score of a candidate that a step answered for is the sum of. */
void score_tell(const struct scale *scale, struct arena *arena, struct scored *scored);

/* The step's answer that counts: 0 unless positive and finite, and, when it came from something
 * of the person, personal. */
static inline float score_answer(const struct candidate *candidate, unsigned column, bool personal)
{
    float answer = candidate->answers[column];
    bool counts = personal || !(candidate->because_personal >> column & 1);
    return counts && answer > 0 && answer <= FLT_MAX ? answer : 0;
}

#endif
