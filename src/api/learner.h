/* What one workspace learned, and all of them: for learning.c and rebuilding.c.
 *
 * The ledger thread's, but for `mutex` (which finds a learner) and what is atomic. A learner never
 * moves. One without `blend` is a rebuild's own: it learns what is in struct learn alone. */
#ifndef VISAVIS_API_LEARNER_H
#define VISAVIS_API_LEARNER_H

#include "api/item_names.h"
#include "api/learning.h"
#include "learn/tireless.h"

#include <pthread.h>
#include <stdatomic.h>

struct learner {
    uint32_t workspace;
    struct learn *learn;
    struct habits habits;
    struct blend_learner *blend;
    struct category_tops *tops; /* behind learning's mutex; made by the timer */
    uint64_t tops_us;           /* when; the timer's */
    uint64_t sequence;          /* the last one observed */
    uint64_t unsaved;           /* events since the last save */
    /* of the latest event of who may teach, and of the latest order of others */
    int64_t newest_ms, newest_counted_ms;
    struct tireless tireless;
    bool dirty;               /* something to publish */
    struct item_names *names; /* while it learns from the log */
    bool rebuilding;          /* meanwhile forgotten: */
    struct uuid *forgotten;
    size_t forgotten_count, forgotten_room;
};

/* Grows by one a workspace. */
struct learning {
    struct store *store;
    pthread_mutex_t mutex;
    struct learner *learners[WORKSPACES_MAX];
    size_t count;
    _Atomic bool dirty, save_next;
    bool saving;              /* a save of all is under way, portion by portion */
    size_t saved_count;       /* learners that it has come past */
    uint64_t saving_sequence; /* what every learner will have seen when it is done */
    uint64_t next_sequence;   /* of the log, while catching up */
    bool catching_up;
    int64_t save_not_before_us;
    _Atomic uint64_t bytes[MODEL_COUNT], robots;
    uint64_t sizes_due_us; /* when they are taken again */
};

struct learner *learning_find(struct learning *learning, uint32_t workspace);
/* Observes an event, once: not one that came before the last. */
void learner_take(struct learner *learner, const struct event *event);
/* A log's row as the event that was observed, or would have been, without its sequence. An item
 * that has left the catalogue since teaches nothing. */
void learner_event(struct learner *learner, struct catalog *catalog,
                   const struct event_lesson *lesson, struct arena *arena, struct event *out_event);
/* Lists are weighed as of the latest event, not of now: ranks are the same, and a shop that
 * imported last year's orders, or was closed for a month, still has its best sellers. Orders of who
 * may not teach tell the time only where nobody may. */
int64_t learner_as_of(const struct learner *learner, int64_t now_ms);

#endif
