#include "ledger/batch.h"

#include <assert.h>
#include <time.h>

void ledger_batch_init(struct ledger_batch *batch, struct ledger *ledger)
{
    *batch = (struct ledger_batch){.ledger = ledger};
    arena_init(&batch->arena);
}

void ledger_batch_done(struct ledger_batch *batch)
{
    if (batch->emptied)
        batch->emptied(batch->context);
    arena_done(&batch->arena);
}

enum status ledger_batch_reserve(struct ledger_batch *batch, size_t count)
{
    assert(count <= LEDGER_BATCH_ENTRIES_MAX);
    bool room = batch->count + count <= LEDGER_BATCH_ENTRIES_MAX &&
                batch->bytes < LEDGER_BATCH_BYTES_MAX &&
                batch->arena.used_bytes < LEDGER_BATCH_BYTES_MAX;
    return room ? STATUS_OK : ledger_batch_flush(batch);
}

void ledger_batch_add(struct ledger_batch *batch, struct ledger_entry *entry, unsigned line)
{
    assert(batch->count < LEDGER_BATCH_ENTRIES_MAX);
    batch->entries[batch->count] = entry;
    batch->lines[batch->count++] = line;
    batch->bytes += entry->size_bytes;
}

static enum status submit(struct ledger_batch *batch)
{
    const struct timespec pause = {.tv_nsec = LEDGER_BUSY_WAIT_MS * 1000000L};
    enum status status = STATUS_OVERLOADED;
    for (unsigned i = 0; status == STATUS_OVERLOADED && i < LEDGER_BUSY_WAITS_MAX; i++) {
        struct ledger_commit commit = {.entries = batch->entries, .entry_count = batch->count};
        if (i > 0)
            (void)nanosleep(&pause, NULL);
        status = ledger_submit_and_wait(batch->ledger, &commit);
    }
    return status;
}

enum status ledger_batch_flush(struct ledger_batch *batch)
{
    enum status status = STATUS_OK;
    if (batch->count > 0 && !batch->dry_run)
        status = submit(batch);
    for (size_t i = 0; status == STATUS_OK && !batch->dry_run && i < batch->count; i++)
        batch->settle(batch->context, batch->entries[i], batch->lines[i]);
    batch->count = batch->bytes = 0;
    if (batch->emptied)
        batch->emptied(batch->context);
    arena_reset(&batch->arena);
    return status;
}
