/* One group: what was queued becomes one batch, one write, one sync. Ledger thread only. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ledger/parts.h"
#include "ledger/rows.h"

enum {
    CEILING_STEP = 65536, /* a crash skips at most so many sequences */
    CEILING_MARGIN =
        32768, /* raised before it is reached, so that lazy groups seldom need a sync for it */
};

void ledger_must_write(struct ledger *ledger, struct store_batch *batch, bool sync)
{
    uint64_t began_us = clock_monotonic_us();
    enum status status = store_write(ledger->store, batch, sync);
    if (status != STATUS_OK) {
        /* After a failed sync the kernel may report success for pages it has thrown away:
         * nothing written from here on could be promised. Start-up reads back what is really
         * there. */
        fprintf(stderr, "visavis: the ledger cannot write (%s): ending the process\n",
                status_name(status));
        abort();
    }
    ledger->unsynced = !sync;
    if (!sync)
        return;
    uint64_t took_us = clock_monotonic_us() - began_us;
    pthread_mutex_lock(&ledger->mutex);
    ledger->counts.sync_us_total += took_us;
    if (took_us > ledger->counts.sync_us_max)
        ledger->counts.sync_us_max = took_us;
    pthread_mutex_unlock(&ledger->mutex);
}

enum status ledger_get(const struct ledger_write *write, enum space space, struct slice key,
                       struct slice *out_value)
{
    return store_batch_get(write->batch, write->store, space, key, write->arena, out_value);
}

static void record_entry(struct ledger *ledger, struct ledger_entry *entry, int64_t now_ms,
                         struct ledger_counts *counts)
{
    struct ledger_write write = {
        .store = ledger->store,
        .batch = ledger->batch,
        .sequence = ledger->written + 1,
        .now_ms = now_ms,
        .arena = &ledger->arena,
        .log_value = &ledger->log_value,
        .workspace = entry->workspace,
    };
    buf_clear(&ledger->log_value);
    store_batch_mark(ledger->batch);
    entry->sequence = 0;
    entry->status = entry->kind->record(entry->context, entry, &write);
    if (entry->status == STATUS_OK && ledger->log_value.overflowed)
        entry->status = STATUS_TOO_LARGE;
    if (entry->status != STATUS_OK) {
        store_batch_rewind(ledger->batch);
        counts->entries_duplicate += entry->status == STATUS_CONFLICT;
        counts->entries_refused += entry->status != STATUS_CONFLICT;
        return;
    }
    entry->sequence = ++ledger->written;
    const struct log_row row = {
        .sequence = entry->sequence,
        .header = {.format = LOG_FORMAT, .kind = entry->kind->code, .workspace = entry->workspace},
        .value = buf_slice(&ledger->log_value),
    };
    log_put(ledger->batch, ledger->store, &row, &ledger->log_row);
    counts->entries_kept++;
}

static bool all_may_use_reserve(const struct ledger_commit *commit)
{
    for (size_t i = 0; i < commit->entry_count; i++)
        if (!commit->entries[i]->kind->may_use_reserve)
            return false;
    return true;
}

static uint64_t commit_bytes(const struct ledger_commit *commit)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < commit->entry_count; i++)
        bytes += commit->entries[i]->size_bytes;
    return bytes;
}

static void refuse_commit(struct ledger_commit *commit, enum status status)
{
    for (size_t i = 0; i < commit->entry_count; i++) {
        commit->entries[i]->status = status;
        commit->entries[i]->sequence = 0;
    }
    commit->done(commit, status);
}

/* Commits there is no room for leave the list with STATUS_NO_SPACE; the rest is recorded.
 * Answers what is left of the list. */
static struct ledger_commit *record_commits(struct ledger *ledger, struct ledger_commit *commits,
                                            struct ledger_counts *counts)
{
    struct ledger_commit *kept = NULL, **tail = &kept;
    int64_t now_ms = clock_now_ms();
    for (struct ledger_commit *next, *commit = commits; commit; commit = next) {
        next = commit->next;
        if (!ledger_space_allows(ledger, commit_bytes(commit), all_may_use_reserve(commit))) {
            counts->refused_space++;
            refuse_commit(commit, STATUS_NO_SPACE);
            continue;
        }
        for (size_t i = 0; i < commit->entry_count; i++)
            record_entry(ledger, commit->entries[i], now_ms, counts);
        counts->commits++;
        commit->next = NULL;
        *tail = commit;
        tail = &commit->next;
    }
    return kept;
}

/* An acknowledged duplicate stands on its original: that one must be synced too, though this
 * group has no rows. */
static void write_group(struct ledger *ledger, bool sync)
{
    bool rows = store_batch_rows(ledger->batch) > 0;
    if (rows && ledger->written + CEILING_MARGIN > ledger->ceiling) {
        ledger->ceiling = ledger->written + CEILING_STEP;
        ledger_number_put(ledger->batch, ledger->store, LEDGER_CEILING, ledger->ceiling);
        sync = true;
    }
    if (rows || (sync && ledger->unsynced))
        ledger_must_write(ledger, ledger->batch, sync);
    if (!ledger->unsynced)
        atomic_store(&ledger->synced, ledger->written);
}

static void complete_commits(struct ledger_commit *commits)
{
    for (struct ledger_commit *commit = commits; commit; commit = commit->next)
        for (size_t i = 0; i < commit->entry_count; i++) {
            struct ledger_entry *entry = commit->entries[i];
            if (entry->status == STATUS_OK && entry->kind->applied)
                entry->kind->applied(entry->context, entry);
        }
    for (struct ledger_commit *next, *commit = commits; commit; commit = next) {
        next = commit->next; /* done may free it */
        commit->done(commit, STATUS_OK);
    }
}

static void add_counts(struct ledger *ledger, const struct ledger_counts *counts)
{
    pthread_mutex_lock(&ledger->mutex);
    struct ledger_counts *sum = &ledger->counts;
    sum->commits += counts->commits;
    sum->entries_kept += counts->entries_kept;
    sum->entries_duplicate += counts->entries_duplicate;
    sum->entries_refused += counts->entries_refused;
    sum->refused_space += counts->refused_space;
    sum->groups++;
    pthread_mutex_unlock(&ledger->mutex);
}

void ledger_group(struct ledger *ledger, struct ledger_commit *commits, bool sync)
{
    struct ledger_counts counts = {0};
    store_batch_clear(ledger->batch);
    arena_reset(&ledger->arena);
    struct ledger_commit *kept = record_commits(ledger, commits, &counts);
    write_group(ledger, sync);
    add_counts(ledger,
               &counts); /* before anybody is told, so that who was told finds himself counted */
    complete_commits(kept);
}
