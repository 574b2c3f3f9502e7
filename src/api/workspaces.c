#include "api/workspaces.h"

#include "api/audit.h"
#include "api/workspace_row.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/pack.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    KIND_CONFIG = 10, /* in the log; never reused */
    ROW_BYTES_MAX = 4 << 20
};

/* What the ledger thread holds of one workspace: its rows as they were last written. */
struct master {
    uint32_t id;
    struct buf workspace_row, policy_row;
};

struct workspaces {
    struct store *store;
    struct ledger *ledger;
    struct master *masters; /* the ledger thread's, after open */
    size_t master_count;
    pthread_mutex_t mutex; /* guards current, for the length of a reference */
    struct workspaces_snapshot *current;
};

struct workspaces_snapshot {
    _Atomic unsigned refs;
    struct arena arena;
    struct workspace *list;
    size_t count;
};

/* One change on its way. edit runs on the ledger thread on a copy that is written back when it
 * answers STATUS_OK. */
struct change {
    struct ledger_entry entry; /* first */
    struct audit audit;        /* tells of it, in the same commit */
    struct workspaces *owner;
    uint32_t id; /* 0: a new workspace */
    enum status (*edit)(struct change *change, struct workspace *workspace, struct arena *arena);
    struct diag *diag;
    /* arguments of the edits */
    const struct workspace_wish *wish;
    const struct key_wish *key_wish;
    const char *key_texts[2];
    struct slice key_id;
    const struct json *settings;
    const struct placements_wish *placements;
    bool unchanged;
    uint32_t version;
};

/* --- snapshots -------------------------------------------------------------------------------- */

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

static enum status snapshot_build(const struct workspaces *workspaces,
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

static void publish(struct workspaces *workspaces, struct workspaces_snapshot *next)
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
            if (key->revoked || memcmp(key->hash, hash, sizeof hash) != 0)
                continue;
            *out_workspace = workspace;
            *out_key = key;
            return true;
        }
    }
    return false;
}

/* --- rows ------------------------------------------------------------------------------------- */

enum { ROW_WORKSPACE = 'w', ROW_POLICY = 'p', KEY_SIZE = STORE_KEY_PREFIX_BYTES + 5 };

/* prefix, row letter, version big-endian (0 for the workspace's own row) */
static struct slice config_key(uint32_t workspace, char row, uint32_t version,
                               uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = (uint8_t)row;
    key_put_u32(room + STORE_KEY_PREFIX_BYTES + 1, version);
    return slice_make(room, KEY_SIZE);
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
        if (key.size == KEY_SIZE)
            load_row(workspaces, key, value);
    enum status status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

/* --- changes, on the ledger thread ------------------------------------------------------------ */

static void put_row(struct change *change, struct ledger_write *write, char row, uint32_t version,
                    const struct buf *value)
{
    uint8_t room[KEY_SIZE];
    store_batch_put(write->batch, write->store, SPACE_CONFIG,
                    config_key(change->id, row, version, room), buf_slice(value));
}

static enum status edit_policy(struct change *change, struct master *master,
                               struct ledger_write *write);

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
    put_row(change, write, ROW_WORKSPACE, 0, &master->workspace_row);
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
                        : edit_policy(change, master, write);
}

static void applied(void *context, struct ledger_entry *entry)
{
    (void)entry;
    struct workspaces *workspaces = context;
    struct workspaces_snapshot *next;
    enum status status = snapshot_build(workspaces, &next);
    assert(status == STATUS_OK); /* what was just written reads back */
    publish(workspaces, next);
}

static const struct ledger_kind kind_config = {
    .name = "config", .code = KIND_CONFIG, .record = record, .applied = applied};

static enum status submit(struct workspaces *workspaces, struct change *change,
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

/* --- the edits -------------------------------------------------------------------------------- */

/* What the audit row says beside who and what. */
__attribute__((format(printf, 2, 3))) static void tell(struct change *change, const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(change->audit.detail, sizeof change->audit.detail, format, arguments);
    va_end(arguments);
}

static enum status add_key(struct workspace *workspace, const struct key_wish *wish,
                           const char *text, struct arena *arena)
{
    struct api_key *keys = ARENA_ARRAY(arena, workspace->key_count + 1, struct api_key);
    if (workspace->key_count)
        memcpy(keys, workspace->keys, workspace->key_count * sizeof *keys);
    struct api_key *key = &keys[workspace->key_count];
    *key = (struct api_key){
        .id = arena_format(arena, "k%u", workspace->next_key++),
        .hint = slice_first(slice_of(text), KEY_HINT_SIZE),
        .secret = wish->secret,
        .scopes = !wish->secret  ? SCOPES_OF_WRITE_KEY
                  : wish->scopes ? wish->scopes
                                 : SCOPES_ALL,
        .origins = wish->origins,
        .origin_count = wish->origin_count,
    };
    for (size_t i = 0; wish->replaces.size && i < workspace->key_count; i++)
        if (slice_equal(keys[i].id, wish->replaces))
            key->source = keys[i].source;
    if (wish->replaces.size && key->source == 0)
        return STATUS_NOT_FOUND;
    if (key->source == 0)
        key->source = workspace->next_source++;
    key_hash(slice_of(text), key->hash);
    workspace->keys = keys;
    workspace->key_count++;
    return STATUS_OK;
}

static enum status edit_create(struct change *change, struct workspace *workspace,
                               struct arena *arena)
{
    workspace->name = change->wish->name;
    workspace->timezone = change->wish->timezone;
    workspace->currency = change->wish->currency;
    workspace->locale = change->wish->locale;
    tell(change, "%.*s", SLICE_ARG(workspace->name));
    static const struct key_wish write_key = {.secret = false}, secret_key = {.secret = true};
    enum status status = add_key(workspace, &write_key, change->key_texts[0], arena);
    return status == STATUS_OK ? add_key(workspace, &secret_key, change->key_texts[1], arena)
                               : status;
}

/* Revoked keys leave when room is needed; their ids are not used again. */
static void drop_revoked(struct workspace *workspace)
{
    struct api_key *keys = (struct api_key *)workspace->keys;
    size_t kept = 0;
    for (size_t i = 0; i < workspace->key_count; i++)
        if (workspace->key_count < KEYS_PER_WORKSPACE_MAX || !keys[i].revoked)
            keys[kept++] = keys[i];
    workspace->key_count = kept;
}

static enum status edit_add_key(struct change *change, struct workspace *workspace,
                                struct arena *arena)
{
    drop_revoked(workspace);
    if (workspace->key_count >= KEYS_PER_WORKSPACE_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d keys are kept",
                        KEYS_PER_WORKSPACE_MAX);
    const struct key_wish *wish = change->key_wish;
    enum status status = add_key(workspace, wish, change->key_texts[0], arena);
    if (status != STATUS_OK)
        return diag_set(change->diag, status, "/replaces", "There is no key of this id to replace");
    tell(change, "%.*s, %s%s%.*s", SLICE_ARG(workspace->keys[workspace->key_count - 1].id),
         wish->secret ? "secret" : "write", wish->replaces.size ? ", replaces " : "",
         SLICE_ARG(wish->replaces));
    return STATUS_OK;
}

static enum status edit_revoke(struct change *change, struct workspace *workspace,
                               struct arena *arena)
{
    (void)arena;
    struct api_key *keys = (struct api_key *)workspace->keys;
    for (size_t i = 0; i < workspace->key_count; i++) {
        if (slice_equal(keys[i].id, change->key_id)) {
            keys[i].revoked = true;
            tell(change, "%.*s", SLICE_ARG(keys[i].id));
            return STATUS_OK;
        }
    }
    return diag_set(change->diag, STATUS_NOT_FOUND, "", "There is no key of this id");
}

static enum status edit_settings(struct change *change, struct workspace *workspace,
                                 struct arena *arena)
{
    return workspace_take_settings(workspace, change->settings, arena, change->diag);
}

/* --- policies --------------------------------------------------------------------------------- */

static int compare_placements(const void *a, const void *b)
{
    const struct placement *left = a, *right = b;
    return slice_compare(left->id, right->id);
}

/* The placements in force after the change, sorted. */
static enum status merge_placements(struct change *change, const struct policy *before,
                                    struct arena *arena, struct policy *out_after)
{
    size_t kept = change->placements->replace_all ? 0 : before->placement_count;
    struct placement *list = ARENA_ARRAY(arena, kept + change->placements->count, struct placement);
    size_t count = 0;
    for (size_t i = 0; i < kept; i++)
        list[count++] = before->placements[i];
    for (size_t i = 0; i < change->placements->count; i++) {
        struct placement placement;
        enum status status =
            placement_from_json(change->placements->placements[i], arena, &placement, change->diag);
        if (status != STATUS_OK)
            return status;
        size_t at = 0;
        while (at < count && !slice_equal(list[at].id, placement.id))
            at++;
        list[at] = placement;
        count += at == count;
    }
    if (count > PLACEMENTS_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d placements are kept",
                        PLACEMENTS_MAX);
    qsort(list, count, sizeof *list, compare_placements);
    *out_after = (struct policy){.version = before->version + 1,
                                 .published_ms = clock_now_ms(),
                                 .placements = list,
                                 .placement_count = count,
                                 .page = before->page};
    if (change->placements->page || change->placements->replace_all)
        return page_budget_from_json(change->placements->page, &out_after->page, change->diag);
    return STATUS_OK;
}

/* Equal but for number and date? Told by their JSON, which is a function of the placements. */
static bool same_placements(const struct policy *a, const struct policy *b)
{
    struct policy left = *a, right = *b;
    left.version = right.version = 0;
    left.published_ms = right.published_ms = 0;
    struct buf one, two;
    buf_init(&one, ROW_BYTES_MAX);
    buf_init(&two, ROW_BYTES_MAX);
    struct json_out out_one = json_out(&one), out_two = json_out(&two);
    policy_to_json(&left, &out_one);
    policy_to_json(&right, &out_two);
    bool same = slice_equal(buf_slice(&one), buf_slice(&two));
    buf_done(&one);
    buf_done(&two);
    return same;
}

static enum status edit_policy(struct change *change, struct master *master,
                               struct ledger_write *write)
{
    struct policy before = {0}, after;
    if (master->policy_row.size) {
        const struct json *json;
        if (json_parse(write->arena, buf_slice(&master->policy_row), &json, NULL) != STATUS_OK ||
            policy_from_json(json, write->arena, &before, NULL) != STATUS_OK)
            return STATUS_CORRUPT;
    }
    enum status status = merge_placements(change, &before, write->arena, &after);
    if (status != STATUS_OK)
        return status;
    change->version = before.version;
    change->unchanged = before.version > 0 && same_placements(&before, &after);
    if (change->unchanged)
        return STATUS_CONFLICT;
    struct buf row;
    buf_init(&row, ROW_BYTES_MAX);
    struct json_out out = json_out(&row);
    policy_to_json(&after, &out);
    if (row.overflowed) {
        buf_done(&row);
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "The placements are over 4 MiB");
    }
    buf_done(&master->policy_row);
    master->policy_row = row;
    change->version = after.version;
    tell(change, "version %u", after.version);
    pack_uint(write->log_value, after.version);
    put_row(change, write, ROW_POLICY, after.version, &master->policy_row);
    return STATUS_OK;
}

enum status workspaces_policy(struct store *store, uint32_t workspace, uint32_t version,
                              struct arena *arena, struct policy *out_policy)
{
    if (version == 0) {
        *out_policy = (struct policy){0};
        return STATUS_OK;
    }
    uint8_t room[KEY_SIZE];
    struct slice row;
    enum status status = store_get(store, SPACE_CONFIG,
                                   config_key(workspace, ROW_POLICY, version, room), arena, &row);
    if (status != STATUS_OK)
        return status;
    const struct json *json;
    if (json_parse(arena, row, &json, NULL) != STATUS_OK ||
        policy_from_json(json, arena, out_policy, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    return STATUS_OK;
}

/* --- the face --------------------------------------------------------------------------------- */

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
        status = snapshot_build(workspaces, &first);
    if (status != STATUS_OK) {
        workspaces_close(workspaces);
        return diag_set(diag, status, "config", "The workspaces cannot be read from the store");
    }
    publish(workspaces, first);
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

static bool name_is_clean(struct slice name)
{
    bool clean = name.size > 0 && name.size <= 64;
    for (size_t i = 0; clean && i < name.size; i++) {
        char c = name.data[i];
        clean = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
    return clean;
}

enum status workspaces_create(struct workspaces *workspaces, const struct workspace_wish *wish,
                              char out_write_key[KEY_TEXT_MAX], char out_secret_key[KEY_TEXT_MAX],
                              struct diag *diag)
{
    if (!name_is_clean(wish->name))
        return diag_set(diag, STATUS_INVALID, "/workspace",
                        "A workspace's name is 1 to 64 of a-z, 0-9, - and _");
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    key_make(false, write_key);
    key_make(true, secret_key);
    struct change change = {
        .edit = edit_create, .diag = diag, .wish = wish, .key_texts = {write_key, secret_key}};
    enum status status = submit(workspaces, &change, AUDIT_WORKSPACE_CREATE, wish->by);
    if (status != STATUS_OK)
        return status;
    memcpy(out_write_key, write_key, KEY_TEXT_MAX);
    memcpy(out_secret_key, secret_key, KEY_TEXT_MAX);
    return STATUS_OK;
}

enum status workspaces_add_key(struct workspaces *workspaces, uint32_t workspace,
                               const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                               struct diag *diag)
{
    char text[KEY_TEXT_MAX];
    key_make(wish->secret, text);
    struct change change = {
        .id = workspace, .edit = edit_add_key, .diag = diag, .key_wish = wish, .key_texts = {text}};
    enum status status = submit(workspaces, &change, AUDIT_KEY_ADD, wish->by);
    if (status == STATUS_OK)
        memcpy(out_key, text, KEY_TEXT_MAX);
    return status;
}

enum status workspaces_revoke_key(struct workspaces *workspaces, uint32_t workspace,
                                  struct slice key_id, struct slice by, struct diag *diag)
{
    struct change change = {.id = workspace, .edit = edit_revoke, .diag = diag, .key_id = key_id};
    return submit(workspaces, &change, AUDIT_KEY_REVOKE, by);
}

static struct slice newest_key(struct workspaces *workspaces, uint32_t id, bool secret,
                               char room[32])
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, id);
    struct slice found = SLICE_NONE;
    for (size_t i = 0; workspace && i < workspace->key_count; i++)
        if (workspace->keys[i].secret == secret && !workspace->keys[i].revoked)
            found = slice_first(workspace->keys[i].id, 31);
    if (found.size)
        memcpy(room, found.data, found.size);
    workspaces_unpin(snapshot);
    return slice_make(room, found.size);
}

enum status workspaces_replace_keys(struct workspaces *workspaces, uint32_t workspace,
                                    const struct key_wish *wish, char out_key[KEY_TEXT_MAX],
                                    struct diag *diag)
{
    char room[32];
    struct key_wish next = *wish;
    next.replaces = newest_key(workspaces, workspace, wish->secret, room);
    enum status status = workspaces_add_key(workspaces, workspace, &next, out_key, diag);
    return status == STATUS_OK && next.replaces.size
               ? workspaces_revoke_key(workspaces, workspace, next.replaces, wish->by, diag)
               : status;
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
    return submit(workspaces, &change, AUDIT_SETTINGS_CHANGE, by);
}

enum status workspaces_publish(struct workspaces *workspaces, const struct placements_wish *wish,
                               uint32_t *out_version, struct diag *diag)
{
    struct change change = {.id = wish->workspace, .diag = diag, .placements = wish};
    enum status status = submit(workspaces, &change, AUDIT_POLICY_PUBLISH, wish->by);
    if (status == STATUS_CONFLICT && change.unchanged)
        status = STATUS_OK;
    if (status == STATUS_OK)
        *out_version = change.version;
    return status;
}
