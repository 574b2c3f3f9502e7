/* What people buy by category and brand, and how long things last: two models of one workspace
 * beside struct learn, fed by the same events.
 *
 * Only orders under the purpose `personalise` teach them (the caller leaves out robots and forced
 * choices). Observing, forgetting, publishing and saving are the ledger thread's; a pin is
 * immutable and any thread's. They are saved as rows of their own in the batch that saves the
 * learner, so that all have seen the same sequence. */
#ifndef VISAVIS_API_HABITS_H
#define VISAVIS_API_HABITS_H

#include "api/category_tops.h"
#include "learn/popularity.h"
#include "learn/repurchase.h"
#include "person/event.h"

enum { HABITS_LISTS_MAX = 2000 /* the most sold categories and brands */ };

struct habits {
    struct popularity *sold;
    struct repurchase *lasting;
};

struct habits_pin {
    const struct popularity_snapshot *sold;    /* NULL in a workspace in which nothing happened */
    const struct repurchase_snapshot *lasting; /* likewise */
    const struct category_tops *tops; /* of what all do; NULL: not made yet, look for yourself */
};

void habits_init(struct habits *habits);
void habits_done(struct habits *habits);
/* An order, refund or cancellation; anything else is left alone. */
void habits_observe(struct habits *habits, const struct event *event);
void habits_forget(struct habits *habits, struct uuid person);
void habits_publish(struct habits *habits, int64_t now_ms);

void habits_pack(const struct habits *habits, struct buf *buf);
enum status habits_unpack(struct slice bytes, struct habits *habits) MUST_CHECK;

struct habits_pin habits_pin(const struct habits *habits);
void habits_unpin(struct habits_pin pin);

#endif
