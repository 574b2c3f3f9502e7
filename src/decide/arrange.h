/* Who stands where: pins, caps, the fallback, and the draw among the rest.
 *
 * The rules settle on the ranks of a wish, once they are in order: the cut before a decision and
 * the decision itself both do. Then the decision fills its slots. Inside decide/ only; lives in
 * the arena of the decision. */
#ifndef VISAVIS_DECIDE_ARRANGE_H
#define VISAVIS_DECIDE_ARRANGE_H

#include "decide/ranking.h"

struct arranging {
    unsigned count;  /* items wanted */
    unsigned needed; /* with fewer the fallback comes in; 0: it stays whatever there is */
};

/* Settles on ranks whose eligible are in order. Slot by slot, the first pin of it that finds an
 * eligible item takes its best: rank.slot. What only pins name and none takes leaves the ranking.
 * Then each cap goes down the others: what comes after enough items with its value, pinned ones
 * counted, is removed as capped. Of a category the item's own counts, not its parents; an item
 * without a value is never capped. Fresh newcomers, the newest first, are capped only by what may
 * be shown beside them: pins, the best so many and other newcomers. Last, where the recipe and pins
 * give as many as are needed, what only the fallback proposed leaves the ranking, newcomers as
 * fresh ones. */
void arrange_settle(struct ranking *ranking, const struct wish_filters *filters,
                    const struct arranging *arranging, struct arena *arena);

/* The rule of the definition that shuffles, NULL when none does: the first. */
const struct rule *arrange_shuffle(const struct placement *definition);

#endif
