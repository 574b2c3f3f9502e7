/* RP3beta (Paudel et al. 2017): items that the same people take, a random walk item → group → item
 * that does not favour what everybody has. A group is a person, an order or a visit.
 *
 *     W(i → j) = C(i, j) / (deg(i)^alpha × deg(j)^beta + prior)
 *     C(i, j)  = sum over groups g with both of |g|^-alpha
 *
 * W(i → i) = 0; score(j) = sum over the person's distinct items i of W(i → j), the position-th
 * newest weighed fading^position. The prior shrinks what little was seen (Bell & Koren 2007).
 *
 * rp3_weight is the one such function: graph.c serves by it, with counts that decay and stream in;
 * struct rp3 below is the same graph of a data set, complete and undecayed, for evaluation: made
 * at once, immutable, any thread's. Its sums are whole numbers (|g|^-alpha in units of 2^-32), so
 * the order of people changes nothing. What everybody takes falls off it: degrees, ranked.
 * Bounded: RP3_PERSON_ITEMS_MAX items of a person teach; 12 bytes a pair (person, item) while it
 * is made, 8 bytes a neighbour and 8 an item afterwards. */
#ifndef VISAVIS_LEARN_RP3_H
#define VISAVIS_LEARN_RP3_H

#include "learn/dataset.h"
#include "learn/recommend.h"

enum {
    RP3_PERSON_ITEMS_MAX = 2000, /* beyond it it is a robot or a reseller */
    RP3_NEIGHBOURS_MAX = 5000,
    RP3_EIGHTHS = 8 /* exponents come in eighths: square roots are exact everywhere, pow is not */
};

struct rp3_form {
    unsigned alpha_eighths, beta_eighths; /* at most RP3_EIGHTHS */
    double prior;
};
/* x^(eighths / 8), the same bits on every machine. */
double rp3_power(double x, unsigned eighths);
/* own: deg(i)^alpha, other: deg(j)^beta. */
static inline double rp3_weight(const struct rp3_form *form, double together, double own,
                                double other)
{
    return together / (own * other + form->prior);
}

struct rp3_options {
    struct rp3_form form;
    uint32_t neighbours; /* kept of a row, at most RP3_NEIGHBOURS_MAX */
    double fading;
};
struct rp3_options rp3_options_default(void); /* 3/4, 1/4, no prior; 300; 1 */

struct rp3_neighbour {
    uint32_t item;
    float weight;
};
struct rp3 {
    uint32_t item_count, ranked_count;
    uint32_t *degrees,
        *ranked;         /* of each item; those above zero, most taken first, ties by number */
    uint64_t pair_count; /* sum of the degrees */
    size_t *starts;      /* row i is neighbours[starts[i]] … [starts[i + 1] - 1], by number */
    struct rp3_neighbour *neighbours;
    double fading;
};
/* Of the first `count` people; an item counts once for each. */
struct rp3 *rp3_new(const struct sequences *people, size_t count, uint32_t item_count,
                    const struct rp3_options *options);
void rp3_free(struct rp3 *rp3);
size_t rp3_row(const struct rp3 *rp3, uint32_t item, const struct rp3_neighbour **out_neighbours);
double rp3_share(const struct rp3 *rp3, uint32_t item);      /* of all pairs, 0 for a stranger */
extern const struct recommender_kind rp3_kind, popular_kind; /* their model is a struct rp3 */

#endif
