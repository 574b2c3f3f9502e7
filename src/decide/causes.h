/* What of a score goes back to each of the items that called it: the page's, the basket's, the
 * person's own.
 *
 * Inside decide/ only. An item's share is the sum over the strategies of contribution × its share
 * of the strategy's answer, over all that lifts the score; what no item called (trends, tastes)
 * has no cause, so the shares sum to 1 at most. */
#ifndef VISAVIS_DECIDE_CAUSES_H
#define VISAVIS_DECIDE_CAUSES_H

#include "decide/sentences.h"

enum { CAUSES_MAX = VOICES_MAX * VOICES_KINDS };

struct cause {
    struct slice item;
    enum fact fact;                 /* where it was met */
    const struct recipe_step *step; /* that it called the candidate to */
    double share;                   /* of the score, > 0 */
};

/* The largest first; of equals in the order of the score's contributions, then of item ids.
 * scored has been told what its score is the sum of. Answers how many. */
size_t causes_of(const struct decide_input *input, const struct scored *scored,
                 struct cause out_causes[CAUSES_MAX]);

/* Where an item that called another was met, what the page itself sent first; FACT_COUNT: nobody
 * knows. */
enum fact cause_fact(const struct decide_input *input, struct slice item);

/* "because": causes, "alike": what the loudest and the item have in common, "why": the sentence;
 * to the shopper the sentence alone. */
void telling_causes(struct telling *telling, const struct scored *scored);

#endif
