/* What a candidate is worth in a placement: the formula of decide.h.
 *
 * Inside decide/ only; plain values in the arena of the decision. */
#ifndef VISAVIS_DECIDE_SCORE_H
#define VISAVIS_DECIDE_SCORE_H

#include <float.h>

#include "decide/decide.h"
#include "decide/taste.h"

struct scale {
    const struct placement *definition;
    const struct taste *taste;
    const struct blend_weights *blend;
    bool personal;
    double span;
    float highest[COLUMN_COUNT];
    uint32_t answered[COLUMN_COUNT]; /* candidates it answered for */
};

struct scale scale_of(const struct placement *definition, const struct placement_evidence *evidence,
                      const struct taste *taste, const struct decide_input *input);

enum { PARTS_MAX = STRATEGIES_PER_RECIPE_MAX + AFFINITY_MATCHES_MAX + TERM_COUNT };

/* A score and what it is the sum of, added up in this order. */
struct parts {
    double score;
    double values[PARTS_MAX];
    uint16_t names[PARTS_MAX]; /* the steps, then affinities, then terms */
    size_t count, strategy_count, taste_end;
    enum strategy lead;
    size_t lead_step;
};

/* False: no step answered for it. */
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
