#include "decide/blend.h"

#include <assert.h>

/* Learned on the visits of retailrocket where a strategy takes part there, but for what was viewed
 * together and what is due again, chosen on validation cuts of next purchases; the others set
 * beside them (docs/quality.md). */
struct blend_weights blend_weights_default(void)
{
    struct blend_weights weights = {.terms = {[TERM_POPULARITY] = 0.5F,
                                              [TERM_PRICE_FIT] = 0.3F,
                                              [TERM_FRESHNESS] = 0.1F,
                                              [TERM_MARGIN] = 0.1F},
                                    .tastes = 0.5F};
    for (unsigned i = 0; i < STRATEGY_COUNT; i++)
        weights.strategies[i] = 1;
    weights.strategies[STRATEGY_SESSIONS] = 4;
    weights.strategies[STRATEGY_VIEWED_TOGETHER] = 4;
    weights.strategies[STRATEGY_BOUGHT_TOGETHER] = 2;
    weights.strategies[STRATEGY_REPURCHASE_DUE] = 4;
    return weights;
}

const char *blend_term_name(enum blend_term term)
{
    static const char *const names[TERM_COUNT] = {
        [TERM_POPULARITY] = "popularity",
        [TERM_PRICE_FIT] = "price_fit",
        [TERM_FRESHNESS] = "freshness",
        [TERM_MARGIN] = "margin",
    };
    assert(term < TERM_COUNT);
    return names[term];
}
