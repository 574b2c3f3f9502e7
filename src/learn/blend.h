/* Several models as one: a log-linear score whose weights are learned from what people did next.
 *
 *     score(j) = sum over models m of w_m × log(1 + S × s_m(j) / (sum of s_m + prior_m))
 *                + w_popular × log(1 + S' × share(j)) + w_current, w_earlier × (j is the
 *                person's newest item; is one before it, 1/position)
 *
 * over the best of each model and the person's own items. The weights are a multinomial logit
 * (maximum likelihood, Newton's steps, a ridge towards the defaults), fitted on steps that were
 * held out of what the models learned; those of models and of popularity are never negative.
 * So every term is a named contribution, and a model's term divides further as the model's own
 * score does. A blend is immutable once fitted and read by any thread; the models are borrowed. */
#ifndef VISAVIS_LEARN_BLEND_H
#define VISAVIS_LEARN_BLEND_H

#include "learn/logit.h"
#include "learn/recommend.h"
#include "learn/rp3.h"

enum {
    BLEND_SOURCES_MAX = 4,
    BLEND_POPULAR = BLEND_SOURCES_MAX, /* places of the other weights */
    BLEND_CURRENT,
    BLEND_EARLIER,
    BLEND_LATELY,
    BLEND_OFTEN,
    BLEND_FEATURES,
    BLEND_CANDIDATES_MAX = 100, /* of one model */
    BLEND_OWN_MAX = 20,         /* of the person's items that may come again */
    BLEND_UNION_MAX = (BLEND_SOURCES_MAX + 1) * BLEND_CANDIDATES_MAX + BLEND_OWN_MAX
};

struct blend_source {
    struct recommender recommender;
    double prior; /* what must be said in all before a model is believed */
};

struct blend {
    struct blend_source sources[BLEND_SOURCES_MAX];
    size_t source_count;
    const struct rp3 *popular;
    double weights[BLEND_FEATURES];
};
/* Equal weights for the models and a tenth for popularity: what is right before anything is
 * known. */
void blend_init(struct blend *blend, const struct rp3 *popular);
void blend_add_source(struct blend *blend, struct recommender recommender, double prior);
extern const struct recommender_kind blend_kind; /* its model is a struct blend */

/* One step: in this context, under this view, the person went to `chosen`. Steps to what no
 * model proposed are left out: no weight could have changed them. The examples have BLEND_FEATURES
 * features. */
struct blend_step {
    struct recommend_context context;
    struct recommend_view view;
    uint32_t chosen;
};
void blend_observe(const struct blend *blend, const struct blend_step *step, struct board *board,
                   struct logit_examples *examples);
/* Changes the blend's weights; the same examples give the same weights. */
void blend_fit(struct blend *blend, const struct logit_examples *examples);

#endif
