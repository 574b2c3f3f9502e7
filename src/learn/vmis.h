/* What visits like this one went on to: VMIS-kNN (Kersbergen et al. 2022, "Serenade") with the
 * decays of VSTAN (Garg et al. 2019; Ludewig et al. 2020).
 *
 * The live visit's newest distinct items i, the newest first at position 0, 1 …, have weights
 * exp(-position / position_decay) × sqrt(idf_i). Each of the `per_item` newest sessions s of
 * each of them is compared,
 *
 *     sim(s) = (sum of the weights of the items it shares)^1.5 / length(s)^(1/4) × freshness(s)
 *
 * with freshness falling linearly from 1 (the newest session) to 1 - ageing (the oldest known),
 * and of the `neighbours` most similar each gives, around q, where it last holds the newest item
 * shared (of position m in the live visit),
 *
 *     score(j at p) += sim(s) × exp(-m / match_decay) × exp(-|p - q| / distance_decay) ×
 *     sqrt(idf_j).
 *
 * The shared item itself (p = q) gets `again` instead of the last factor: how often people come
 * back to what they saw, four times the share of such steps in all sessions, at most 2.
 * No training; ties go to the newer session. A score is a sum over neighbour sessions. */
#ifndef VISAVIS_LEARN_VMIS_H
#define VISAVIS_LEARN_VMIS_H

#include "learn/recommend.h"
#include "learn/session_index.h"

enum {
    VMIS_WINDOW_MAX = 16,      /* items of the live visit that are looked up */
    VMIS_NEIGHBOURS_MAX = 2000 /* sessions that vote */
};

struct vmis_options {
    uint32_t window;     /* at most VMIS_WINDOW_MAX */
    uint32_t per_item;   /* newest sessions of an item that are compared */
    uint32_t neighbours; /* at most VMIS_NEIGHBOURS_MAX */
    double position_decay, match_decay, distance_decay;
    double ageing; /* 0 … 1 */
    double again;  /* negative: what the sessions themselves tell */
};
struct vmis_options vmis_options_default(void);

struct vmis {
    const struct session_view *view; /* borrowed */
    struct vmis_options options;
    double again;
    double position[VMIS_WINDOW_MAX], match[VMIS_WINDOW_MAX];
    double distance[SESSION_ITEMS_MAX], by_length[SESSION_ITEMS_MAX + 1];
};
void vmis_init(struct vmis *vmis, const struct session_view *view,
               const struct vmis_options *options);
extern const struct recommender_kind vmis_kind; /* its model is a struct vmis */

/* Of one answer: how much of it each item of the live visit called, by its position from the
 * newest distinct one on. They sum to 1. */
struct vmis_voices {
    double shares[VMIS_WINDOW_MAX];
};
/* The best items as recommend() tells them, nothing hidden, and who of the visit spoke for each:
 * every neighbour's vote goes to the items it shares, by their weights. The board must hold all
 * items of the view. */
void vmis_ask(const struct vmis *vmis, const struct recommend_context *context, struct board *board,
              struct recommended_list *out_list, struct vmis_voices *out_voices);

#endif
