/* Items that the same people take: RP3beta (Paudel et al. 2017), a random walk item → person →
 * item that does not favour what everybody has.
 *
 *     W(i → j) = deg(i)^-alpha × deg(j)^-beta × sum over people u with both of |u|^-alpha
 *
 * W(i → i) = 0, and of each row the `neighbours` largest are kept. score(j) = sum over the
 * person's distinct items i of W(i → j), the position-th newest weighed fading^position.
 *
 * One thread owns a graph: it takes (person, item) as they come, each once, and knows which rows
 * they touch. rp3_publish makes those rows anew, a bounded amount of work a call, and gives a
 * snapshot that shares all other pages with the last one. Sums are whole numbers (|u|^-alpha in
 * units of 2^-32), so they do not depend on the order in which people came: a row is a function
 * of who has what now, and after rp3_refresh_all a graph that grew event by event equals one
 * built at once, bit for bit. Before that, a row that no event touched may still weigh its
 * neighbours by an older deg(j).
 * Bounded: RP3_PERSON_ITEMS_MAX items of a person teach, rows are as long as the options say;
 * about 16 bytes a pair (person, item) while learning, 8 bytes a neighbour in a snapshot. */
#ifndef VISAVIS_LEARN_RP3_H
#define VISAVIS_LEARN_RP3_H

#include "learn/recommend.h"

#include <stdatomic.h>

enum {
    RP3_PERSON_ITEMS_MAX = 2000, /* beyond it it is a robot or a reseller */
    RP3_NEIGHBOURS_MAX = 5000,
    RP3_ROWS_PER_PAGE = 16
};

struct rp3_options {
    double alpha, beta;
    uint32_t neighbours;
    double fading; /* 1: all of the person's items count alike */
};
struct rp3_options rp3_options_default(void);

struct rp3_graph;
struct rp3_graph *rp3_graph_new(const struct rp3_options *options);
void rp3_graph_free(struct rp3_graph *graph);
/* False when it was known already or the person has too many. */
bool rp3_graph_add(struct rp3_graph *graph, uint32_t person, uint32_t item);
/* Every row is made anew by the next publications. */
void rp3_refresh_all(struct rp3_graph *graph);
size_t rp3_graph_bytes(const struct rp3_graph *graph);

struct rp3_neighbour {
    uint32_t item;
    float weight;
};
struct rp3_page {
    _Atomic uint32_t refs;
    uint32_t starts[RP3_ROWS_PER_PAGE + 1];
    struct rp3_neighbour neighbours[]; /* of a row: by item number */
};
struct rp3_snapshot {
    _Atomic uint32_t refs;
    uint32_t item_count, page_count;
    double fading;
    size_t bytes; /* of all its pages, also those shared */
    struct rp3_page *pages[];
};
/* Makes touched pages anew until `additions_max` sums were added (0: all of them). True when none
 * waits. The snapshot is the caller's: one reference. */
bool rp3_publish(struct rp3_graph *graph, uint64_t additions_max,
                 struct rp3_snapshot **out_snapshot);
void rp3_snapshot_ref(struct rp3_snapshot *snapshot);
void rp3_snapshot_unref(struct rp3_snapshot *snapshot); /* any thread */
/* The row of an item. */
size_t rp3_row(const struct rp3_snapshot *snapshot, uint32_t item,
               const struct rp3_neighbour **out_neighbours);
extern const struct recommender_kind rp3_kind; /* its model is a struct rp3_snapshot */

#endif
