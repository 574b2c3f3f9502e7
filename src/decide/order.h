/* The kind `order`: a shop's own order of things (the categories of a menu), in which what a person
 * visits most comes first, and nearly everything stays where it was.
 *
 * A pure function of the evidence: entries in the shop's order with what is known of the person's
 * habit. Inside decide/ only; in the arena of the decision.
 *
 * Habit. habit(e) = affinity(e) / sum of affinities + views(e) / sum of views, each 0 where its sum
 * is: 0 to 2. From the first place on: the entry of the largest habit still to come (of equals the
 * one that the shop puts first) moves up to this place when its habit is at least ORDER_MARGIN
 * times that of the entry which stands there; it is left standing otherwise. At most `moves`
 * entries move; the others keep the shop's order. Without a habit nothing moves. */
#ifndef VISAVIS_DECIDE_ORDER_H
#define VISAVIS_DECIDE_ORDER_H

#include "decide/sentences.h"

#define ORDER_MARGIN 1.25

struct ordered {
    const struct order_entry *entry;
    size_t from;            /* its place in the shop's order, from 0 */
    double affinity, views; /* its shares; together its habit */
    bool moved;
};

/* Fills in what a decision of this kind says. */
void order_decide(const struct decide_input *input, size_t index, struct arena *arena,
                  struct decision *decision);

/* order_tell.c: "order" of an explanation, and what happened in one sentence for the role. */
void order_tell(struct telling *telling);
void order_tell_sentence(struct telling *telling);

#endif
