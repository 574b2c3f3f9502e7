/* Complete the basket: what is bought with the whole of it, and does not replace what is in it.
 *
 * A pure function over the bought-together lists of the basket's items. Those scores are damped
 * by popularity and below 1 (learn.h); for a basket of n items
 *
 *     score(j) = 1/n × Σ_i s(i → j) × (1 + (votes(j) - 1) / n)
 *
 * the mean over the basket, lifted up to double where more of its items call j: two items that
 * agree say more than one that shouts. Each basket item's addend is its contribution, and they
 * sum to the score. Items of the basket are no answers; nor is a candidate that the caller
 * says can replace one of them (same category leaf and nearly the same text). */
#ifndef VISAVIS_LEARN_BASKET_H
#define VISAVIS_LEARN_BASKET_H

#include "base/arena.h"

enum { BASKET_ITEMS_MAX = 16 /* more say nothing new; the first count */ };

struct basket_neighbour {
    struct slice item;
    double score;
};

struct basket_line { /* an item of the basket and its bought-together list */
    struct slice item;
    const struct basket_neighbour *neighbours;
    size_t neighbour_count;
};

struct basket_answer {
    struct slice item; /* borrowed from the list it came from */
    double score;
    double parts[BASKET_ITEMS_MAX]; /* of each line, in the basket's order; they sum to score */
    size_t votes;                   /* lines that called it */
};

struct basket_question {
    const struct basket_line *lines;
    size_t line_count;
    /* NULL: nothing is a substitute. Asked for the best candidates only. */
    bool (*is_substitute)(void *context, struct slice basket_item, struct slice candidate);
    void *context;
};

/* Best first, ties by id; at most `wanted`. */
size_t basket_complete(const struct basket_question *question, size_t wanted, struct arena *arena,
                       struct basket_answer *out_answers);

#endif
