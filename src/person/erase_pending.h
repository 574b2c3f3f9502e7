/* Erasures whose bytes may still lie in files: a row each, from the erasure's own batch until its
 * rewrite is done, so that a process killed in between finishes the work when it starts again.
 *
 * Row: SPACE_COUNTER; prefix, 'E', sequence of the erasure big-endian → nothing. Private to
 * person/. */
#ifndef VISAVIS_PERSON_ERASE_PENDING_H
#define VISAVIS_PERSON_ERASE_PENDING_H

#include "ledger/ledger.h"

#include <pthread.h>

/* Finished and waiting for the next checkpoint to take their rows away; more are left to the next
 * start, which does the work once more. */
enum { ERASE_FINISHED_MAX = 64 };

struct erase_pending {
    pthread_mutex_t mutex;
    struct {
        uint32_t workspace;
        uint64_t sequence;
    } finished[ERASE_FINISHED_MAX];
    size_t count;
};

void erase_pending_init(struct erase_pending *pending);
void erase_pending_done(struct erase_pending *pending);

/* Ledger thread, with the erasure's rows. */
void erase_pending_put(struct ledger_write *write);
/* The bytes are gone. Any thread. */
void erase_pending_finished(struct erase_pending *pending, uint32_t workspace, uint64_t sequence);
/* Ledger thread, in a checkpoint. */
void erase_pending_write(struct erase_pending *pending, struct store_batch *batch,
                         struct store *store);
/* At start, before the ledger's thread: rewrites what was left, whole spaces where it must. */
enum status erase_pending_resume(struct store *store) MUST_CHECK;

#endif
