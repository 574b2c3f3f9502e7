/* What everybody takes: counts, the answer when nothing else is known.
 *
 * One thread counts; a snapshot is immutable and read by any thread. Bounded by the item
 * numbers: 4 bytes an item while counting, 12 in a snapshot. */
#ifndef VISAVIS_LEARN_POPULAR_H
#define VISAVIS_LEARN_POPULAR_H

#include "learn/recommend.h"

struct popular_counts {
    uint32_t *counts;
    uint32_t item_count, room;
};
void popular_counts_init(struct popular_counts *counts);
void popular_counts_done(struct popular_counts *counts);
void popular_count(struct popular_counts *counts, uint32_t item);

struct popular {
    uint32_t *counts, *ranked; /* the most counted first, ties by number; those over zero */
    uint32_t item_count, ranked_count;
    uint64_t total;
};
struct popular *popular_new(const struct popular_counts *counts);
void popular_free(struct popular *popular);
double popular_share(const struct popular *popular, uint32_t item); /* of all that was counted */
extern const struct recommender_kind popular_kind; /* its model is a struct popular */

#endif
