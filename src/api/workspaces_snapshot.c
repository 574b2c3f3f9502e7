/* What readers pin: all workspaces as they were last written, immutable, in one arena, counted. */
#include "api/workspaces_private.h"

#include "api/workspace_row.h"
#include "base/json.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct workspaces_snapshot {
    _Atomic unsigned refs;
    struct arena arena;
    struct workspace *list;
    size_t count;
};

static enum status snapshot_add(struct workspaces_snapshot *snapshot, const struct master *master,
                                const uint8_t *secret)
{
    struct workspace *workspace = &snapshot->list[snapshot->count];
    enum status status =
        workspace_read(buf_slice(&master->workspace_row), secret, &snapshot->arena, workspace);
    if (status != STATUS_OK)
        return status;
    struct policy *policy = ARENA_NEW(&snapshot->arena, struct policy);
    workspace->policy = policy;
    snapshot->count++;
    if (master->policy_row.size == 0)
        return STATUS_OK;
    const struct json *json;
    status = json_parse(&snapshot->arena, buf_slice(&master->policy_row), &json, NULL);
    if (status == STATUS_OK)
        status = policy_from_json(json, &snapshot->arena, policy, NULL);
    return status == STATUS_OK ? STATUS_OK : STATUS_CORRUPT;
}

enum status workspaces_snapshot_build(const struct workspaces *workspaces,
                                      struct workspaces_snapshot **out_snapshot)
{
    struct workspaces_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    arena_init(&snapshot->arena);
    snapshot->list = ARENA_ARRAY(&snapshot->arena, workspaces->master_count, struct workspace);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < workspaces->master_count && status == STATUS_OK; i++)
        status = snapshot_add(snapshot, &workspaces->masters[i], store_secret(workspaces->store));
    if (status != STATUS_OK) {
        workspaces_unpin(snapshot);
        return status;
    }
    *out_snapshot = snapshot;
    return STATUS_OK;
}

void workspaces_snapshot_publish(struct workspaces *workspaces, struct workspaces_snapshot *next)
{
    pthread_mutex_lock(&workspaces->mutex);
    struct workspaces_snapshot *before = workspaces->current;
    workspaces->current = next;
    pthread_mutex_unlock(&workspaces->mutex);
    if (before)
        workspaces_unpin(before);
}

const struct workspaces_snapshot *workspaces_pin(struct workspaces *workspaces)
{
    pthread_mutex_lock(&workspaces->mutex);
    struct workspaces_snapshot *snapshot = workspaces->current;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&workspaces->mutex);
    return snapshot;
}

void workspaces_unpin(const struct workspaces_snapshot *snapshot)
{
    struct workspaces_snapshot *mine = (struct workspaces_snapshot *)snapshot;
    if (atomic_fetch_sub_explicit(&mine->refs, 1, memory_order_acq_rel) != 1)
        return;
    arena_done(&mine->arena);
    free(mine);
}

size_t workspaces_count(const struct workspaces_snapshot *snapshot)
{
    return snapshot->count;
}

const struct workspace *workspaces_at(const struct workspaces_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->count);
    return &snapshot->list[index];
}

const struct workspace *workspaces_by_name(const struct workspaces_snapshot *snapshot,
                                           struct slice name)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (slice_equal(snapshot->list[i].name, name))
            return &snapshot->list[i];
    return NULL;
}

const struct workspace *workspaces_by_id(const struct workspaces_snapshot *snapshot, uint32_t id)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (snapshot->list[i].id == id)
            return &snapshot->list[i];
    return NULL;
}

bool workspaces_by_key(const struct workspaces_snapshot *snapshot, struct slice key_text,
                       const struct workspace **out_workspace, const struct api_key **out_key)
{
    bool secret;
    uint8_t hash[KEY_HASH_SIZE];
    if (!key_is_well_formed(key_text, &secret))
        return false;
    key_hash(key_text, hash);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct workspace *workspace = &snapshot->list[i];
        for (size_t k = 0; k < workspace->key_count; k++) {
            const struct api_key *key = &workspace->keys[k];
            if (memcmp(key->hash, hash, sizeof hash) != 0 || !key_lives(key))
                continue;
            *out_workspace = workspace;
            *out_key = key;
            return true;
        }
    }
    return false;
}
