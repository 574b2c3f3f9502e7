/* The rows of workspaces in the store, the ledger kind that changes them, and the settings. */
#include "api/workspaces_private.h"

#include "api/workspace_row.h"
#include "base/pack.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { KIND_CONFIG = 10 }; /* in the log; never reused */

/* --- rows ------------------------------------------------------------------------------------- */

/* prefix, row letter, version big-endian (0 for the workspace's own row) */
struct slice config_key(uint32_t workspace, char row, uint32_t version,
                        uint8_t room[CONFIG_KEY_SIZE])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = (uint8_t)row;
    key_put_u32(room + STORE_KEY_PREFIX_BYTES + 1, version);
    return slice_make(room, CONFIG_KEY_SIZE);
}

static struct master *master_add(struct workspaces *workspaces, uint32_t id)
{
    size_t size = (workspaces->master_count + 1) * sizeof *workspaces->masters;
    workspaces->masters = must_realloc(workspaces->masters, size);
    struct master *master = &workspaces->masters[workspaces->master_count++];
    master->id = id;
    buf_init(&master->workspace_row, ROW_BYTES_MAX);
    buf_init(&master->policy_row, ROW_BYTES_MAX);
    return master;
}

static struct master *master_of(struct workspaces *workspaces, uint32_t id)
{
    for (size_t i = 0; i < workspaces->master_count; i++)
        if (workspaces->masters[i].id == id)
            return &workspaces->masters[i];
    return NULL;
}

/* Rows come by workspace, 'p' versions before 'w', so the last policy seen is the newest. */
static void load_row(struct workspaces *workspaces, struct slice key, struct slice value)
{
    const uint8_t *bytes = (const uint8_t *)key.data;
    uint32_t id = key_get_u32(bytes);
    struct master *master = master_of(workspaces, id);
    if (!master)
        master = master_add(workspaces, id);
    struct buf *row =
        bytes[STORE_KEY_PREFIX_BYTES] == ROW_POLICY ? &master->policy_row : &master->workspace_row;
    buf_clear(row);
    buf_add(row, value);
}

static enum status load(struct workspaces *workspaces)
{
    struct store_range all = {SLICE("\0"), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), false, false};
    struct store_iterator *rows = store_iterate(workspaces->store, SPACE_CONFIG, &all);
    struct slice key, value;
    while (store_next(rows, &key, &value))
        if (key.size == CONFIG_KEY_SIZE)
            load_row(workspaces, key, value);
    enum status status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

/* --- changes, on the ledger thread ------------------------------------------------------------ */

void change_put(const struct change *change, struct ledger_write *write, char row, uint32_t version,
                const struct buf *value)
{
    uint8_t room[CONFIG_KEY_SIZE];
    store_batch_put(write->batch, write->store, SPACE_CONFIG,
                    config_key(change->id, row, version, room), buf_slice(value));
}

static enum status edit_workspace(struct change *change, struct master *master,
                                  struct ledger_write *write)
{
    const uint8_t *secret = store_secret(change->owner->store);
    struct workspace workspace = {.id = change->id, .next_source = 1, .next_key = 1};
    if (master->workspace_row.size) {
        enum status status =
            workspace_read(buf_slice(&master->workspace_row), secret, write->arena, &workspace);
        if (status != STATUS_OK)
            return status;
    }
    enum status status = change->edit(change, &workspace, write->arena);
    if (status != STATUS_OK)
        return status;
    buf_clear(&master->workspace_row);
    workspace_write(&workspace, secret, &master->workspace_row);
    change_put(change, write, ROW_WORKSPACE, 0, &master->workspace_row);
    return STATUS_OK;
}

static enum status name_is_free(struct change *change, struct arena *arena)
{
    struct workspaces *owner = change->owner;
    if (owner->master_count >= WORKSPACES_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d workspaces are kept",
                        WORKSPACES_MAX);
    for (size_t i = 0; i < owner->master_count; i++) {
        struct workspace workspace;
        enum status status = workspace_read(buf_slice(&owner->masters[i].workspace_row),
                                            store_secret(owner->store), arena, &workspace);
        if (status != STATUS_OK)
            return status;
        if (slice_equal(workspace.name, change->wish->name))
            return diag_set(change->diag, STATUS_CONFLICT, "/workspace",
                            "There is a workspace \"%.*s\" already; choose another name",
                            SLICE_ARG(workspace.name));
    }
    return STATUS_OK;
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    struct workspaces *owner = context;
    struct change *change = (struct change *)entry;
    if (change->id == 0) {
        enum status status = name_is_free(change, write->arena);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < owner->master_count; i++)
            if (owner->masters[i].id > change->id)
                change->id = owner->masters[i].id;
        change->id++;
        change->audit.entry.workspace = change->id;
        master_add(owner, change->id);
    }
    struct master *master = master_of(owner, change->id);
    if (!master)
        return STATUS_NOT_FOUND;
    pack_uint(write->log_value, change->id);
    return change->edit ? edit_workspace(change, master, write)
                        : change_policy(change, master, write);
}

static void applied(void *context, struct ledger_entry *entry)
{
    (void)entry;
    struct workspaces *workspaces = context;
    struct workspaces_snapshot *next;
    enum status status = workspaces_snapshot_build(workspaces, &next);
    assert(status == STATUS_OK); /* what was just written reads back */
    workspaces_snapshot_publish(workspaces, next);
}

static const struct ledger_kind kind_config = {
    .name = "config", .code = KIND_CONFIG, .record = record, .applied = applied};

enum status change_submit(struct workspaces *workspaces, struct change *change,
                          enum audit_action action, struct slice by)
{
    change->owner = workspaces;
    ledger_entry_init(workspaces->ledger, &change->entry, &kind_config, change->id, sizeof *change);
    audit_init(workspaces->ledger, &change->audit, change->id, action, by);
    change->audit.about = &change->entry;
    struct ledger_entry *entries[] = {&change->entry, &change->audit.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 2};
    enum status status = ledger_submit_and_wait(workspaces->ledger, &commit);
    if (status == STATUS_OK)
        status = change->entry.status;
    return status == STATUS_OK ? change->audit.entry.status : status;
}

void change_tell(struct change *change, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(change->audit.detail, sizeof change->audit.detail, format, arguments);
    va_end(arguments);
}

/* --- settings --------------------------------------------------------------------------------- */

static enum status edit_settings(struct change *change, struct workspace *workspace,
                                 struct arena *arena)
{
    return workspace_take_settings(workspace, change->settings, arena, change->diag);
}

enum status workspaces_check_settings(const struct json *settings, struct arena *arena,
                                      struct diag *diag)
{
    struct workspace scratch = {0};
    return workspace_take_settings(&scratch, settings, arena, diag);
}

enum status workspaces_set(struct workspaces *workspaces, uint32_t workspace,
                           const struct json *settings, struct slice by, struct diag *diag)
{
    struct change change = {
        .id = workspace, .edit = edit_settings, .diag = diag, .settings = settings};
    return change_submit(workspaces, &change, AUDIT_SETTINGS_CHANGE, by);
}

/* --- open and close --------------------------------------------------------------------------- */

enum status workspaces_open(struct store *store, struct ledger *ledger,
                            struct workspaces **out_workspaces, struct diag *diag)
{
    struct workspaces *workspaces = must_alloc_zero(1, sizeof *workspaces);
    workspaces->store = store;
    workspaces->ledger = ledger;
    pthread_mutex_init(&workspaces->mutex, NULL);
    struct workspaces_snapshot *first = NULL;
    enum status status = load(workspaces);
    if (status == STATUS_OK)
        status = workspaces_snapshot_build(workspaces, &first);
    if (status != STATUS_OK) {
        workspaces_close(workspaces);
        return diag_set(diag, status, "config", "The workspaces cannot be read from the store");
    }
    workspaces_snapshot_publish(workspaces, first);
    ledger_register(ledger, &kind_config, workspaces);
    *out_workspaces = workspaces;
    return STATUS_OK;
}

void workspaces_close(struct workspaces *workspaces)
{
    if (!workspaces)
        return;
    if (workspaces->current)
        workspaces_unpin(workspaces->current);
    for (size_t i = 0; i < workspaces->master_count; i++) {
        buf_done(&workspaces->masters[i].workspace_row);
        buf_done(&workspaces->masters[i].policy_row);
    }
    free(workspaces->masters);
    pthread_mutex_destroy(&workspaces->mutex);
    free(workspaces);
}
