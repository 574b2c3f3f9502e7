#include "app/import_batch.h"

#include <assert.h>
#include <time.h>

void import_batch_init(struct import_batch *batch, struct ledger *ledger)
{
    *batch = (struct import_batch){.ledger = ledger};
    arena_init(&batch->arena);
}

void import_batch_done(struct import_batch *batch)
{
    if (batch->emptied)
        batch->emptied(batch->context);
    arena_done(&batch->arena);
}

enum status import_batch_reserve(struct import_batch *batch, size_t count)
{
    assert(count <= IMPORT_BATCH_ENTRIES_MAX);
    bool room = batch->count + count <= IMPORT_BATCH_ENTRIES_MAX &&
                batch->bytes < IMPORT_BATCH_BYTES_MAX &&
                batch->arena.used_bytes < IMPORT_BATCH_BYTES_MAX;
    return room ? STATUS_OK : import_batch_flush(batch);
}

void import_batch_add(struct import_batch *batch, struct ledger_entry *entry, unsigned line)
{
    assert(batch->count < IMPORT_BATCH_ENTRIES_MAX);
    batch->entries[batch->count] = entry;
    batch->lines[batch->count++] = line;
    batch->bytes += entry->size_bytes;
}

static enum status submit(struct import_batch *batch)
{
    const struct timespec pause = {.tv_nsec = IMPORT_BUSY_WAIT_MS * 1000000L};
    enum status status = STATUS_OVERLOADED;
    for (unsigned i = 0; status == STATUS_OVERLOADED && i < IMPORT_BUSY_WAITS_MAX; i++) {
        struct ledger_commit commit = {.entries = batch->entries, .entry_count = batch->count};
        if (i > 0)
            (void)nanosleep(&pause, NULL);
        status = ledger_submit_and_wait(batch->ledger, &commit);
    }
    return status;
}

enum status import_batch_flush(struct import_batch *batch)
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
