/* What visits like this one went on to, live: visits as they end, and vmis.h over the newest of
 * them.
 *
 * One thread adds; a view is immutable and any thread's. Bounded by VISITS_MAX visits and
 * VISIT_ITEMS_MEAN items in each on average: from there on every visit that ends moves a few of
 * the newest half to a fresh index with fresh names, and when that has caught up the old index
 * goes with its last view. So nothing ever waits for a rebuild, names of items that nobody visits
 * any more leave, and what is known is a function of the visits that were added. A visit is a list
 * of items: nobody's name stands beside it. About 60 bytes a visit of six items, and a board (12
 * bytes an item) for each thread that asks at once. */
#ifndef VISAVIS_LEARN_VISITS_H
#define VISAVIS_LEARN_VISITS_H

#include "base/buf.h"
#include "base/pack.h"
#include "learn/item_numbers.h"
#include "learn/rules.h"
#include "learn/vmis.h"

enum { VISITS_MAX = 500000, VISIT_ITEMS_MEAN = 8 };

struct visits;
struct visits *visits_new(uint32_t visits_max);
void visits_free(struct visits *visits);
/* A visit that ended: its items, oldest first, repeats kept. One item alone teaches nothing. */
void visits_add(struct visits *visits, const struct numbered_item *items, size_t count);
size_t visits_bytes(const struct visits *visits);

/* Same visits, same bytes, also after unpacking half-way. Unpacking ends with in->failed set on
 * bytes that pack does not write; *visits must be new. */
void visits_pack(const struct visits *visits, struct buf *buf);
void visits_unpack(struct unpack *in, struct visits *visits);

struct visits_view;
const struct visits_view *visits_pin(struct visits *visits); /* the adder's thread */
const struct visits_view *visits_view_ref(const struct visits_view *view);
void visits_view_unref(const struct visits_view *view); /* any thread; may be NULL */
uint32_t visits_view_count(const struct visits_view *view);

struct visit_answer {
    const struct numbered_item *item; /* borrowed from the view */
    double score;
    double shares[VMIS_WINDOW_MAX]; /* whose voice: of the live visit's items, as given */
};
/* What visits that resemble the live one went on to, best first, at most `room`; the live items
 * are distinct and the newest comes first. Answers how many. */
size_t visits_ask(const struct visits_view *view, const struct numbered_item *live, size_t count,
                  struct visit_answer *out_answers, size_t room);
/* What was looked at right after the newest of them that is known (rules.h): it alone speaks and
 * has the whole share. */
size_t visits_ask_next(const struct visits_view *view, const struct numbered_item *live,
                       size_t count, struct visit_answer *out_answers, size_t room);
/* log(1 + visits with the item) / log(1 + visits with the most visited one): 0 … 1. */
double visits_popularity(const struct visits_view *view, struct numbered_item item);

#endif
