/* The blend, "for you": a log-linear score over what the strategies, the person's tastes and a few
 * facts say, every part bounded and named.
 *
 *     score = sum over the steps that answered of weight × w_strategy × n^(1/4)
 *           + sum over the terms of w_term × value / TERM_WHOLE
 *           + sum over the tastes that match of w_tastes × share
 *
 * n = answer / highest answer of the step, so 0 < n ≤ 1; weight is the recipe's own. Its fourth
 * root (two square roots, the same bits everywhere) hears also what is far below the best. All
 * weights are ≥ 0 and at most BLEND_WEIGHT_MAX, so each part says how much it lifted; e^score is
 * the odds of being taken, up to a factor, when the weights were learned (api/blending.h). An item
 * that no step answered for is not scored. The placement's affinityWeight, where set, stands for
 * w_tastes, and its marginWeight for w_margin. */
#ifndef VISAVIS_DECIDE_BLEND_H
#define VISAVIS_DECIDE_BLEND_H

#include <math.h>

#include "decide/policy.h"

/* What a blend weighs of an item beside what strategies and the person's tastes say. */
enum blend_term {
    TERM_POPULARITY, /* how many visits had it, on a logarithmic scale */
    TERM_PRICE_FIT,  /* how near its price is to what is looked at or bought in its category */
    TERM_FRESHNESS,  /* how new it is */
    TERM_MARGIN,     /* what of its price it earns the shop; nothing where that is not known */
    TERM_COUNT
};
/* A term is TERM_WHOLE at most, 0 says nothing; of the price's a bit above tells that it is from
 * the person's own prices. */
enum { TERM_WHOLE = 127, TERM_PERSONAL_BIT = 128 };

/* Each finite, 0 … BLEND_WEIGHT_MAX. */
#define BLEND_WEIGHT_MAX 20.0F
struct blend_weights {
    float strategies[STRATEGY_COUNT], terms[TERM_COUNT], tastes;
};

/* What is right before anything is learned. */
struct blend_weights blend_weights_default(void);
const char *blend_term_name(enum blend_term term); /* "price_fit" */

static inline double blend_answer(double normal)
{
    return sqrt(sqrt(normal));
}

static inline double blend_value(uint8_t term)
{
    return (double)(term & TERM_WHOLE) / TERM_WHOLE;
}

#endif
