/* Variety among what is shown: maximal marginal relevance over what items have in common.
 *
 * Place after place, of the items left in the step at hand the one with the largest
 *     (1 - weight) × relevance - weight × likeness
 * comes next (Carbonell and Goldstein 1998, "The use of MMR, diversity-based reranking for
 * reordering documents and producing summaries", SIGIR): relevance is what the item is worth in
 * its step over the most that one there is worth, 0 to 1; likeness that to the item most like it
 * among those that stand already, pinned ones included. Ties go to the better score.
 *
 * Likeness is a weighted mean over what both items are known to have (Gower 1971): the levels of
 * the category 5, the brand 2, the other attributes together 3, as learn/content.h weighs them
 * among themselves; of each attribute the share of the two items' values that both have
 * (Jaccard), of the others the mean by attribute. Price bands are left out. Nothing known in
 * common: 0.
 *
 * Only values are compared, and only whether they are the same: so a record keeps small numbers
 * for them (struct trait_table), and a replay finds the same likeness to the bit.
 *
 * Cost: of n places, of which pins may fill some, at most n × diversity_pool(n) likenesses, of
 * TRAITS_MAX steps each: 192 of 8 places, 5,400 of 50. Inside decide/ only; in the arena. */
#ifndef VISAVIS_DECIDE_DIVERSITY_H
#define VISAVIS_DECIDE_DIVERSITY_H

#include "decide/score.h"
#include "decide/traits.h"

/* Those that can still come to stand in one of so many places: the best so many by score. */
size_t diversity_pool(size_t places);

/* The rule of the definition that asks for variety, NULL when none does: the first. */
const struct rule *diversity_rule(const struct placement *definition);

/* Numbers the values of these candidates, whose attributes are still whole. */
const struct trait_table *diversity_traits(const struct candidate *candidates, size_t count,
                                           struct arena *arena);

struct diversifying {
    const struct rule *rule;
    const struct scale *scale;
    const struct placement_evidence *evidence;
    const struct trait_table *traits; /* of the evidence's candidates */
    const struct scored *const *pins;
    size_t pin_count;
    struct scored **open; /* in order of score; put in the new order */
    size_t open_count;
    size_t places; /* that open ones fill or are drawn for */
};

/* What moved: all whose place is another now and, before or now, one of `places`, in the order
 * before. In the arena. */
struct moves diversity_order(const struct diversifying *diversifying, struct arena *arena);

#endif
