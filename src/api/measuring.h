/* What placements earn, for all workspaces: joins fed in the ledger's wake, and their place in
 * the store.
 *
 * Exposures come from decision records, outcomes from events; both are taken on the ledger
 * thread in sequence order. Each workspace's whole state is saved beside the sequence it has
 * seen (SPACE_COUNTER, row 'M'); at start the log beyond that is taken again, so that what was
 * measured is a fold of the log and exact after a kill. Saved after MEASURING_SAVE_ROWS events,
 * after an erasure and at a clean stop. Who does more than people do (learn/tireless.h, watched
 * from the workspace's first exposure on) is taken out. A report reads under the workspace's
 * mutex: some 30 ms with a million people, in which the ledger waits. Limits: measure/join.h. */
#ifndef VISAVIS_API_MEASURING_H
#define VISAVIS_API_MEASURING_H

#include "api/decisions.h"
#include "measure/series.h"
#include "person/people.h"

enum { MEASURING_SAVE_ROWS = 200000 };

struct measuring;

enum status measuring_open(struct store *store, struct measuring **out_measuring,
                           struct diag *diag) MUST_CHECK;
void measuring_close(struct measuring *measuring);
/* Takes the next portion of the log beyond what was saved; false when all of it is taken. Until
 * then the calls below do nothing: the portions will come to the same rows in their order. On the
 * ledger thread, or before it starts. */
bool measuring_catch_up(struct measuring *measuring, struct people *people,
                        struct decisions *decisions);

/* Ledger thread. */
void measuring_observe(struct measuring *measuring, struct decisions *decisions, uint32_t workspace,
                       const struct event *event);
void measuring_decided(struct measuring *measuring, uint32_t workspace, uint64_t sequence,
                       const struct measured_call *call);
void measuring_forget(struct measuring *measuring, uint32_t workspace, const struct uuid *nodes,
                      size_t count);
/* A ledger_checkpointer. */
bool measuring_checkpoint(void *context, struct store_batch *batch, struct store *store,
                          uint64_t sequence);
void measuring_save_next(struct measuring *measuring);

/* Rows of people in all workspaces; any thread. */
size_t measuring_people(struct measuring *measuring);
/* Is a portion of the log still to be taken? Any thread. */
bool measuring_dirty(const struct measuring *measuring);
struct measuring_question {
    uint32_t workspace;
    struct slice placement;
    bool series; /* how the effect came to be, too: half as much again */
};
struct measuring_answer {
    struct joined joined; /* without its people; texts in the arena */
    struct report report;
    struct series series;
};
/* Any thread. With nobody exposed yet, all is zero and the verdict says so. */
void measuring_report(struct measuring *measuring, const struct measuring_question *question,
                      struct arena *arena, struct measuring_answer *out_answer);

#endif
