#include "person/erase_pending.h"

#include "base/pack.h"

enum { ROW_PENDING = 'E', KEY_SIZE = STORE_KEY_PREFIX_BYTES + 9 };

static struct slice pending_key(uint32_t workspace, uint64_t sequence, uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = ROW_PENDING;
    key_put_u64(room + STORE_KEY_PREFIX_BYTES + 1, sequence);
    return slice_make(room, KEY_SIZE);
}

void erase_pending_init(struct erase_pending *pending)
{
    *pending = (struct erase_pending){.count = 0};
    pthread_mutex_init(&pending->mutex, NULL);
}

void erase_pending_done(struct erase_pending *pending)
{
    pthread_mutex_destroy(&pending->mutex);
}

void erase_pending_put(struct ledger_write *write)
{
    uint8_t room[KEY_SIZE];
    store_batch_put(write->batch, write->store, SPACE_COUNTER,
                    pending_key(write->workspace, write->sequence, room), SLICE_NONE);
}

void erase_pending_finished(struct erase_pending *pending, uint32_t workspace, uint64_t sequence)
{
    pthread_mutex_lock(&pending->mutex);
    if (pending->count < ERASE_FINISHED_MAX) {
        pending->finished[pending->count].workspace = workspace;
        pending->finished[pending->count++].sequence = sequence;
    }
    pthread_mutex_unlock(&pending->mutex);
}

void erase_pending_write(struct erase_pending *pending, struct store_batch *batch,
                         struct store *store)
{
    pthread_mutex_lock(&pending->mutex);
    for (size_t i = 0; i < pending->count; i++) {
        uint8_t room[KEY_SIZE];
        store_batch_delete(
            batch, store, SPACE_COUNTER,
            pending_key(pending->finished[i].workspace, pending->finished[i].sequence, room));
    }
    pending->count = 0;
    pthread_mutex_unlock(&pending->mutex);
}

/* --- at start --------------------------------------------------------------------------------- */

static enum status compact_workspace(struct store *store, uint32_t workspace)
{
    static const enum space spaces[] = {SPACE_EVENT,   SPACE_IDENTIFIER, SPACE_LINK,
                                        SPACE_PROFILE, SPACE_CONSENT,    SPACE_DECISION,
                                        SPACE_DECIDED, SPACE_REFUSED};
    uint8_t prefix[STORE_KEY_PREFIX_BYTES], room[STORE_KEY_BYTES_MAX];
    store_key_prefix(workspace, prefix);
    struct store_range all = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces && status == STATUS_OK; i++)
        status = store_compact(store, spaces[i], &all);
    return status;
}

/* Rows come by workspace, so each is rewritten once. */
static enum status resume_row(struct store *store, struct store_batch *batch, struct slice key,
                              uint32_t *last_workspace)
{
    uint32_t workspace = key_get_u32((const uint8_t *)key.data);
    enum status status = STATUS_OK;
    if (workspace != *last_workspace)
        status = compact_workspace(store, workspace);
    *last_workspace = workspace;
    if (status == STATUS_OK)
        store_batch_delete(batch, store, SPACE_COUNTER, key);
    return status;
}

enum status erase_pending_resume(struct store *store)
{
    struct store_range all = {SLICE("\0"), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), false, true};
    struct store_iterator *rows = store_iterate(store, SPACE_COUNTER, &all);
    struct store_batch *batch = store_batch_new();
    struct slice key, value;
    uint32_t last_workspace = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value)) {
        bool ours = key.size == KEY_SIZE && key.data[STORE_KEY_PREFIX_BYTES] == ROW_PENDING;
        if (ours && last_workspace == 0)
            status = store_flush(store);
        if (ours && status == STATUS_OK)
            status = resume_row(store, batch, key, &last_workspace);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    if (status == STATUS_OK && last_workspace != 0)
        status = store_write(store, batch, true);
    store_batch_free(batch);
    return status;
}
