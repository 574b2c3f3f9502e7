/* Entries of the ledger gathered and submitted together, a few hundred a commit.
 *
 * What an entry needs lives in the batch's arena, which is reset when the batch was settled: so
 * import_batch_reserve comes before anything is made in it, and import_batch_add never flushes.
 * Waiting happens in import_batch_flush, on the importing thread. Bounded by entries and bytes,
 * well below the ledger's own queue. */
#ifndef VISAVIS_APP_IMPORT_BATCH_H
#define VISAVIS_APP_IMPORT_BATCH_H

#include "base/arena.h"
#include "ledger/ledger.h"

enum {
    IMPORT_BATCH_ENTRIES_MAX = 500,
    IMPORT_BATCH_BYTES_MAX = 8 << 20, /* as the ledger counts them, and as the arena does */
    IMPORT_BUSY_WAIT_MS = 10,
    IMPORT_BUSY_WAITS_MAX = 6000 /* a minute of a busy ledger, then give up */
};

struct import_batch {
    struct ledger *ledger;
    bool dry_run;
    /* Each entry after its commit, with its line; entry->status says what became of it. */
    void (*settle)(void *context, struct ledger_entry *entry, unsigned line);
    /* The batch begins anew: what was borrowed for its entries may go. May be NULL. */
    void (*emptied)(void *context);
    void *context;
    struct arena arena;
    size_t count, bytes;
    struct ledger_entry *entries[IMPORT_BATCH_ENTRIES_MAX];
    unsigned lines[IMPORT_BATCH_ENTRIES_MAX];
};

void import_batch_init(struct import_batch *batch, struct ledger *ledger);
void import_batch_done(struct import_batch *batch); /* what is not flushed is dropped */
/* Room for so many entries more, by a flush when it needs one. */
enum status import_batch_reserve(struct import_batch *batch, size_t count) MUST_CHECK;
void import_batch_add(struct import_batch *batch, struct ledger_entry *entry, unsigned line);
/* Submits and waits for the sync. STATUS_OVERLOADED after a minute of it, STATUS_NO_SPACE: nothing
 * of this batch was written. */
enum status import_batch_flush(struct import_batch *batch) MUST_CHECK;

#endif
