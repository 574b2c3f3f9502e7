/* Offline evaluation: what a model learned from one file is asked about another.
 *
 * Sessions: one question a prefix. HR@k is the share of questions whose target is among the k
 * best, MRR@k the mean of 1/rank (0 beyond k); targets that train never saw count as missed.
 * Interactions: full ranking over all items of train, the person's own train items masked.
 * Recall@k is divided by the number of the person's test items; nDCG@k is divided by the gain of
 * the best order of min(k, that number); both are means over the people with a test item, also
 * those whom train does not know. A list that a model leaves short is filled with what most take,
 * as a placement's fallback does; the graph's form is one of a handful, chosen on a cut of train.
 * Pure: same data, same figures but for the times. */
#ifndef VISAVIS_LEARN_EVALUATE_H
#define VISAVIS_LEARN_EVALUATE_H

#include "learn/blend.h"
#include "learn/dataset.h"

enum { EVALUATE_K_MAX = 10000 };

enum session_model { SESSIONS_VMIS, SESSIONS_RULES, SESSIONS_BLEND };
struct session_trial {
    enum session_model model;
    uint32_t k;
    bool drop_repeats; /* the newest item of the prefix is never answered: as a shop wants it */
};
struct session_figures {
    double hr, mrr, train_seconds, p50_us, p99_us;
    size_t questions;
    double weights[BLEND_FEATURES]; /* of the blend: vmis, rules, graph, then as in blend.h */
};
void evaluate_sessions(const struct session_data *data, const struct session_trial *trial,
                       struct session_figures *out_figures);

enum interaction_model {
    INTERACTIONS_GRAPH,
    INTERACTIONS_EASE,
    INTERACTIONS_POPULAR,
    INTERACTIONS_BLEND
};
struct interaction_trial {
    enum interaction_model model;
    uint32_t k;
    bool tune; /* choose the parameters on a cut of train */
};
struct interaction_figures {
    double recall, ndcg, train_seconds;
    size_t users;
    double alpha, beta, prior, lambda; /* what was used */
    uint32_t neighbours;
    double weights[BLEND_FEATURES]; /* of the blend: graph, ease (0 when it would cost too much) */
};
/* STATUS_TOO_LARGE, STATUS_NOT_FOUND: EASE cannot be had. */
enum status evaluate_interactions(const struct interaction_data *data,
                                  const struct interaction_trial *trial,
                                  struct interaction_figures *out_figures,
                                  struct diag *diag) MUST_CHECK;

#endif
