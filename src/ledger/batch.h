/* Entries of the ledger gathered and submitted together, a few hundred a commit.
 *
 * What an entry needs lives in the batch's arena, which is reset when the batch was settled: so
 * ledger_batch_reserve comes before anything is made in it, and ledger_batch_add never flushes.
 * Waiting happens in ledger_batch_flush, on the importing thread. Bounded by entries and bytes,
 * well below the ledger's own queue. */
#ifndef VISAVIS_LEDGER_BATCH_H
#define VISAVIS_LEDGER_BATCH_H

#include "base/arena.h"
#include "ledger/ledger.h"

enum {
    LEDGER_BATCH_ENTRIES_MAX = 500,
    LEDGER_BATCH_BYTES_MAX = 8 << 20, /* as the ledger counts them, and as the arena does */
    LEDGER_BUSY_WAIT_MS = 10,
    LEDGER_BUSY_WAITS_MAX = 6000 /* a minute of a busy ledger, then give up */
};

struct ledger_batch {
    struct ledger *ledger;
    bool dry_run;
    /* Each entry after its commit, with its line; entry->status says what became of it. */
    void (*settle)(void *context, struct ledger_entry *entry, unsigned line);
    /* The batch begins anew: what was borrowed for its entries may go. May be NULL. */
    void (*emptied)(void *context);
    void *context;
    struct arena arena;
    size_t count, bytes;
    struct ledger_entry *entries[LEDGER_BATCH_ENTRIES_MAX];
    unsigned lines[LEDGER_BATCH_ENTRIES_MAX];
};

void ledger_batch_init(struct ledger_batch *batch, struct ledger *ledger);
void ledger_batch_done(struct ledger_batch *batch); /* what is not flushed is dropped */
/* Room for so many entries more, by a flush when it needs one. */
enum status ledger_batch_reserve(struct ledger_batch *batch, size_t count) MUST_CHECK;
void ledger_batch_add(struct ledger_batch *batch, struct ledger_entry *entry, unsigned line);
/* Submits and waits for the sync. STATUS_OVERLOADED after a minute of it, STATUS_NO_SPACE: nothing
 * of this batch was written. */
enum status ledger_batch_flush(struct ledger_batch *batch) MUST_CHECK;

#endif
