#include "api/audit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"

#include <assert.h>

/* docs/internals/format.md has the rows byte by byte. */
enum {
    /* In the log; never reused. Two kinds of one row: an erasure goes on below the disk's
     * reserve, and so must the row that tells of it; a flood of look-ups must not eat what is
     * kept for it. */
    KIND_AUDIT = 13,
    KIND_AUDIT_ERASURE = 14,
    ROW_FORMAT = 1,
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 8,
    HEAD_SIZE = 8 + AUDIT_HASH_BYTES,
    VALUE_BYTES_MAX = 512
};

static const char *const action_names[AUDIT_ACTION_COUNT] = {
    [AUDIT_PERSON_SHOW] = "person.show",
    [AUDIT_PERSON_EXPORT] = "person.export",
    [AUDIT_PERSON_ERASE] = "person.erase",
    [AUDIT_EVENTS_EXPORT] = "events.export",
    [AUDIT_REFUSED_READ] = "refused.read",
    [AUDIT_IMPORT] = "import",
    [AUDIT_WORKSPACE_CREATE] = "workspace.create",
    [AUDIT_SETTINGS_CHANGE] = "settings.change",
    [AUDIT_KEY_ADD] = "key.add",
    [AUDIT_KEY_REVOKE] = "key.revoke",
    [AUDIT_POLICY_PUBLISH] = "policy.publish",
    [AUDIT_BACKUP] = "backup",
    [AUDIT_RESTORE] = "restore",
    [AUDIT_USER_ADD] = "user.add",
    [AUDIT_USER_CHANGE] = "user.change",
    [AUDIT_USER_REMOVE] = "user.remove",
    [AUDIT_LOGIN] = "login",
    [AUDIT_LOGIN_FAILURE] = "login.failure",
    [AUDIT_LOGIN_LINK] = "login.link",
    [AUDIT_PERSON_PREVIEW] = "person.preview",
    [AUDIT_LOGOUT] = "logout",
    [AUDIT_KEY_CHANGE] = "key.change",
};

/* --- rows ------------------------------------------------------------------------------------- */

static struct slice row_key(uint32_t workspace, uint64_t number, uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    key_put_u64(room + STORE_KEY_PREFIX_BYTES, number);
    return slice_make(room, KEY_SIZE);
}

static void hash_row(struct slice key, struct slice value, uint8_t out_hash[AUDIT_HASH_BYTES])
{
    struct buf both;
    buf_init(&both, KEY_SIZE + VALUE_BYTES_MAX);
    buf_add(&both, key);
    buf_add(&both, value);
    hash_sha256(buf_slice(&both), out_hash);
    buf_done(&both);
}

static void pack_row(const struct audit_row *row, uint8_t kind, struct buf *value)
{
    pack_u8(value, ROW_FORMAT);
    pack_u8(value, kind);
    pack_u8(value, 0); /* flags */
    pack_u8(value, 0); /* key id */
    pack_bytes(value, row->before, sizeof row->before);
    pack_u64(value, (uint64_t)row->time_ms);
    pack_u8(value, (uint8_t)row->action);
    pack_uuid(value, row->node);
    pack_text(value, row->by);
    pack_text(value, row->detail);
}

static enum status read_row(struct slice key, struct slice value, struct audit_row *out_row)
{
    struct unpack in = unpack_of(value);
    if (key.size != KEY_SIZE || value.size > VALUE_BYTES_MAX)
        return STATUS_CORRUPT;
    out_row->number = key_get_u64((const uint8_t *)key.data + STORE_KEY_PREFIX_BYTES);
    bool known = unpack_u8(&in) == ROW_FORMAT;
    unpack_bytes(&in, 3);
    struct slice before = unpack_bytes(&in, sizeof out_row->before);
    out_row->time_ms = (int64_t)unpack_u64(&in);
    out_row->action = (enum audit_action)unpack_u8(&in);
    out_row->node = unpack_uuid(&in);
    out_row->by = unpack_text(&in);
    out_row->detail = unpack_text(&in);
    if (!known || !unpack_finished(&in) || out_row->action >= AUDIT_ACTION_COUNT ||
        !action_names[out_row->action])
        return STATUS_CORRUPT;
    memcpy(out_row->before, before.data, sizeof out_row->before);
    hash_row(key, value, out_row->hash);
    return STATUS_OK;
}

/* --- the head: number and hash of the last row, so that a chain cut at its end is found too
 * ---- */

struct head {
    uint64_t number;
    uint8_t hash[AUDIT_HASH_BYTES];
};

static struct slice head_key(uint32_t workspace, uint8_t room[STORE_KEY_BYTES_MAX])
{
    static const char name[] = "audit/head";
    store_key_prefix(workspace, room);
    memcpy(room + STORE_KEY_PREFIX_BYTES, name, sizeof name - 1);
    return slice_make(room, STORE_KEY_PREFIX_BYTES + sizeof name - 1);
}

/* Takes what a get answered: none yet is a head of zeros. */
static enum status read_head(enum status got, struct slice value, struct head *out_head)
{
    *out_head = (struct head){0};
    if (got == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (got != STATUS_OK)
        return got;
    struct unpack in = unpack_of(value);
    if (value.size != HEAD_SIZE)
        return STATUS_CORRUPT;
    out_head->number = unpack_u64(&in);
    memcpy(out_head->hash, unpack_bytes(&in, AUDIT_HASH_BYTES).data, AUDIT_HASH_BYTES);
    return STATUS_OK;
}

static void put_head(struct ledger_write *write, const struct head *head)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct buf value;
    buf_init(&value, HEAD_SIZE);
    pack_u64(&value, head->number);
    pack_bytes(&value, head->hash, sizeof head->hash);
    store_batch_put(write->batch, write->store, SPACE_COUNTER, head_key(write->workspace, room),
                    buf_slice(&value));
    buf_done(&value);
}

/* --- the ledger kinds ------------------------------------------------------------------------- */

static void put_row(const struct audit *audit, struct ledger_write *write, struct head *head)
{
    struct audit_row row = {.time_ms = write->now_ms,
                            .action = audit->action,
                            .by = slice_of(audit->by),
                            .detail = slice_of(audit->detail),
                            .node = audit->node};
    memcpy(row.before, head->hash, sizeof row.before);
    uint8_t room[KEY_SIZE];
    struct slice key = row_key(write->workspace, ++head->number, room);
    struct buf value;
    buf_init(&value, VALUE_BYTES_MAX);
    pack_row(&row, audit->entry.kind->code, &value);
    assert(!value.overflowed);
    hash_row(key, buf_slice(&value), head->hash);
    store_batch_put(write->batch, write->store, SPACE_AUDIT, key, buf_slice(&value));
    buf_done(&value);
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    (void)context;
    const struct audit *audit = (const struct audit *)entry;
    if (audit->about && audit->about->status != STATUS_OK)
        return STATUS_CONFLICT;
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice value = SLICE_NONE;
    struct head head;
    enum status status = ledger_get(write, SPACE_COUNTER, head_key(write->workspace, room), &value);
    status = read_head(status, value, &head);
    if (status != STATUS_OK)
        return status;
    put_row(audit, write, &head);
    put_head(write, &head);
    pack_uint(write->log_value, head.number);
    pack_bytes(write->log_value, head.hash, sizeof head.hash);
    return STATUS_OK;
}

static const struct ledger_kind kind_audit = {
    .name = "audit", .code = KIND_AUDIT, .record = record};
static const struct ledger_kind kind_audit_erasure = {.name = "audit of an erasure",
                                                      .code = KIND_AUDIT_ERASURE,
                                                      .may_use_reserve = true,
                                                      .record = record};

void audit_register(struct ledger *ledger)
{
    ledger_register(ledger, &kind_audit, NULL);
    ledger_register(ledger, &kind_audit_erasure, NULL);
}

void audit_init(struct ledger *ledger, struct audit *audit, uint32_t workspace,
                enum audit_action action, struct slice by)
{
    *audit = (struct audit){.action = action};
    by = slice_first(by, AUDIT_BY_BYTES_MAX);
    if (by.size)
        memcpy(audit->by, by.data, by.size);
    ledger_entry_init(ledger, &audit->entry,
                      action == AUDIT_PERSON_ERASE ? &kind_audit_erasure : &kind_audit, workspace,
                      sizeof *audit);
}

enum status audit_append(struct ledger *ledger, struct audit *audit)
{
    struct ledger_entry *entry = &audit->entry;
    struct ledger_commit commit = {.entries = &entry, .entry_count = 1};
    enum status status = ledger_submit_and_wait(ledger, &commit);
    return status == STATUS_OK ? entry->status : status;
}

/* --- reading ---------------------------------------------------------------------------------- */

enum status audit_each(struct store *store, const struct audit_range *range, audit_visitor *visitor,
                       void *context)
{
    uint8_t first[KEY_SIZE], last[KEY_SIZE];
    struct store_range rows = {
        .from = row_key(range->workspace, 0, first),
        .to = row_key(range->workspace, range->below ? range->below : UINT64_MAX, last),
        .backward = true};
    struct store_iterator *iterator = store_iterate(store, SPACE_AUDIT, &rows);
    struct slice key, value;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < range->limit && status == STATUS_OK; i++) {
        struct audit_row row;
        if (!store_next(iterator, &key, &value))
            break;
        status = read_row(key, value, &row);
        if (status == STATUS_OK)
            status = visitor(context, &row);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    return status;
}

void audit_write(const struct audit_row *row, struct json_out *out)
{
    char node[UUID_TEXT_SIZE + 1], hash[2 * AUDIT_HASH_BYTES + 1];
    uuid_format(row->node, node);
    hash_to_hex(row->hash, sizeof row->hash, hash);
    json_object(out);
    JSON_INT_MEMBER(out, "number", (int64_t)row->number);
    JSON_TIME_MEMBER(out, "time", row->time_ms);
    JSON_STRING_MEMBER(out, "action", slice_of(action_names[row->action]));
    JSON_STRING_MEMBER(out, "by", row->by);
    if (!uuid_is_zero(row->node))
        JSON_STRING_MEMBER(out, "node", slice_of(node));
    json_text_member(out, "detail", row->detail);
    JSON_STRING_MEMBER(out, "hash", slice_of(hash));
    json_end(out);
}

/* --- checking --------------------------------------------------------------------------------- */

static enum status get_head(struct store *store, uint32_t workspace, struct head *out_head)
{
    struct arena arena;
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice value = SLICE_NONE;
    arena_init(&arena);
    enum status status = store_get(store, SPACE_COUNTER, head_key(workspace, room), &arena, &value);
    status = read_head(status, value, out_head);
    arena_done(&arena);
    return status;
}

static enum status broken(struct diag *diag, uint32_t workspace, uint64_t number, const char *what)
{
    return diag_set(diag, STATUS_CORRUPT, "audit", "Row %llu of workspace %u %s",
                    (unsigned long long)number, workspace, what);
}

/* One step: the row after `at` that the chain's own hashes allow, which then is `at`. */
static enum status follow(struct slice key, struct slice value, uint32_t workspace, struct head *at,
                          struct diag *diag)
{
    struct audit_row row;
    if (read_row(key, value, &row) != STATUS_OK)
        return broken(diag, workspace, at->number + 1, "cannot be read");
    if (row.number != at->number + 1)
        return broken(diag, workspace, at->number + 1, "was taken away");
    if (memcmp(row.before, at->hash, sizeof at->hash) != 0)
        return broken(diag, workspace, row.number, "or the one before it was changed");
    at->number = row.number;
    memcpy(at->hash, row.hash, sizeof at->hash);
    return STATUS_OK;
}

enum status audit_check(struct store *store, uint32_t workspace, uint64_t *out_count,
                        struct diag *diag)
{
    struct head head, at = {0};
    uint8_t first[KEY_SIZE], last[KEY_SIZE];
    struct slice key, value;
    enum status status = get_head(store, workspace, &head); /* first: rows may come meanwhile */
    if (status != STATUS_OK)
        return status;
    struct store_range rows = {.from = row_key(workspace, 0, first),
                               .to = row_key(workspace, UINT64_MAX, last),
                               .bulk = true};
    struct store_iterator *iterator = store_iterate(store, SPACE_AUDIT, &rows);
    while (status == STATUS_OK && store_next(iterator, &key, &value)) {
        status = follow(key, value, workspace, &at, diag);
        if (status == STATUS_OK && at.number == head.number &&
            memcmp(at.hash, head.hash, sizeof at.hash) != 0)
            status = broken(diag, workspace, at.number, "was changed");
    }
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    if (status == STATUS_OK && at.number < head.number)
        status = broken(diag, workspace, at.number + 1, "was taken away");
    if (status == STATUS_OK)
        status = get_head(store, workspace, &head);
    if (status == STATUS_OK && at.number > head.number)
        status = broken(diag, workspace, head.number + 1, "was added by somebody else");
    if (status == STATUS_OK)
        *out_count = at.number;
    return status;
}
