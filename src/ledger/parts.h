/* The ledger's inside, shared by its own files only: ledger.c (queue, thread), group.c (one
 * group written), round.c (checkpoints).
 *
 * Fields above `mutex` belong to the ledger thread once it runs; fields below are read and
 * written under the mutex. The atomics are what any thread may ask without it. */
#ifndef VISAVIS_LEDGER_PARTS_H
#define VISAVIS_LEDGER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "ledger/ledger.h"

enum { KINDS_MAX = 256, CHECKPOINTERS_MAX = 32 };

struct checkpointer {
    ledger_checkpointer *call;
    void *context;
};

/* What is left of the disk, asked at most every SPACE_ASK_US and reckoned in between. */
struct ledger_space {
    uint64_t asked_us, ballast_us;
    uint64_t free_bytes, reserve_bytes, floor_bytes;
    uint64_t planned_bytes; /* by what was written since */
};

struct ledger_round {
    bool active, failed;
    size_t next; /* checkpointer whose turn it is */
    uint64_t sequence, due_us;
};

/* Someone waits for a full round or for work on the ledger thread. */
struct ledger_request {
    void (*work)(void *context); /* NULL: a round */
    void *context;
    enum status status;
    bool done;
    struct ledger_request *next;
};

struct ledger {
    struct store *store;
    struct ledger_options options;
    const struct ledger_kind *kinds[KINDS_MAX];
    void *contexts[KINDS_MAX];
    struct checkpointer checkpointers[CHECKPOINTERS_MAX];
    size_t checkpointer_count;
    struct store_batch *batch, *round_batch;
    struct arena arena;
    struct buf log_value, log_row;
    uint64_t written, ceiling; /* last sequence written (perhaps not synced); see rows.h */
    bool unsynced;             /* something was written since the last sync */
    struct ledger_space space;
    struct ledger_round round;
    struct ledger_request *round_waiters; /* of the active round */

    atomic_uint_least64_t synced, low_water;
    atomic_bool tight; /* free space is below the reserve */

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake, answered;
    bool started, stopping;
    struct ledger_commit *head, **tail;
    size_t queued_entries, queued_bytes,
        queued_synced;      /* the last counts commits that wait for a sync */
    uint64_t lazy_since_us; /* since when the queue holds only lazy ones; 0: it does not */
    struct ledger_request *requests, **requests_tail;
    struct ledger_counts counts;
};

/* group.c: ledger thread, without the mutex. Takes a list of commits to its end: recorded,
 * written, applied, done. */
void ledger_group(struct ledger *ledger, struct ledger_commit *commits, bool sync);
/* Writes or ends the process. */
void ledger_must_write(struct ledger *ledger, struct store_batch *batch, bool sync);

/* space.c: may bytes more be written? Refreshes the figures when they are old; sets `tight`. */
void ledger_space_refresh(struct ledger *ledger);
bool ledger_space_allows(struct ledger *ledger, uint64_t bytes, bool may_use_reserve);

/* round.c: one portion of a round; true while it has more to do. */
void ledger_round_begin(struct ledger *ledger);
bool ledger_round_step(struct ledger *ledger);

#endif
