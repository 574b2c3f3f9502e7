/* What a list is worth against what people then took, and how sure that is.
 *
 * For a list of at most k items and the set of items taken: recall is the share of those taken that
 * the list holds; nDCG the gain of the list (1 / log2(place + 1) a hit) over that of the best order
 * of min(k, taken); hit whether it holds any; rank 1 over the place of the first hit. A person may
 * be asked several times and answers alike each time, so people are the units: a figure is the
 * ratio of two sums over people (summary.h), with an interval for one look at a sample that was
 * fixed beforehand. Two lists are compared by the difference on the same questions. Pure plain
 * values, any thread. */
#ifndef VISAVIS_MEASURE_OFFLINE_H
#define VISAVIS_MEASURE_OFFLINE_H

#include "measure/effect.h"

enum offline_figure { OFFLINE_RECALL, OFFLINE_NDCG, OFFLINE_HIT, OFFLINE_RANK, OFFLINE_COUNT };
#define OFFLINE_ALPHA 0.05

struct offline_gain {
    double of[OFFLINE_COUNT];
};
/* hits: of each place of the list, was it taken? taken > 0. */
struct offline_gain offline_gain(const bool *hits, size_t shown, size_t taken, unsigned k);
void offline_add(struct offline_gain *sum, const struct offline_gain *gain);

/* Of the people of `sums` (each the sum over `questions` of theirs; 0: not asked) the mean a
 * question. With `base` the mean of the difference to it, and p against none. Sums are `stride`
 * apart, so that several lists of one person may lie side by side. */
struct offline_sums {
    const struct offline_gain *sums, *base; /* base may be NULL */
    const double *questions;
    size_t people, stride;
};
struct effect offline_figure(const struct offline_sums *sums, enum offline_figure figure);

#endif
