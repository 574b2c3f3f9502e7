#include "api/drafts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_out.h"
#include "base/pack.h"

enum { KIND_DRAFT = 17, ROW_VERSION = 1 }; /* in the log; never reused */

struct draft_entry {
    struct ledger_entry entry;   /* first */
    struct slice placement, row; /* row empty: the draft goes */
};

struct slice draft_key(uint32_t workspace, struct slice placement, uint8_t room[DRAFT_KEY_BYTES])
{
    struct hash128 hash = hash128(placement);
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = 'd';
    memcpy(room + STORE_KEY_PREFIX_BYTES + 1, hash.bytes, sizeof hash.bytes);
    return slice_make(room, DRAFT_KEY_BYTES);
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    (void)context;
    const struct draft_entry *draft = (const struct draft_entry *)entry;
    uint8_t room[DRAFT_KEY_BYTES];
    struct slice key = draft_key(write->workspace, draft->placement, room);
    if (draft->row.size > 0)
        store_batch_put(write->batch, write->store, SPACE_CONFIG, key, draft->row);
    else
        store_batch_delete(write->batch, write->store, SPACE_CONFIG, key);
    pack_text(write->log_value, draft->placement);
    return STATUS_OK;
}

static const struct ledger_kind kind_draft = {
    .name = "draft", .code = KIND_DRAFT, .record = record};

void drafts_register(struct ledger *ledger)
{
    ledger_register(ledger, &kind_draft, NULL);
}

static enum status read_row(struct slice value, struct arena *arena, struct draft *out_draft)
{
    struct unpack in = unpack_of(value);
    bool known = unpack_u8(&in) == ROW_VERSION;
    struct draft draft = {.base = unpack_text(&in), .by = unpack_text(&in)};
    draft.saved_ms = (int64_t)unpack_u64(&in);
    struct slice text = unpack_text(&in);
    if (!known || !unpack_finished(&in) ||
        json_parse(arena, text, &draft.placement, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    *out_draft = draft;
    return STATUS_OK;
}

enum status draft_get(struct store *store, uint32_t workspace, struct slice placement,
                      struct arena *arena, struct draft *out_draft)
{
    uint8_t room[DRAFT_KEY_BYTES];
    struct slice value;
    enum status status =
        store_get(store, SPACE_CONFIG, draft_key(workspace, placement, room), arena, &value);
    if (status != STATUS_OK)
        return status;
    return read_row(value, arena, out_draft);
}

static void write_brief(const struct draft *draft, struct json_out *out)
{
    struct slice id = json_get_text(draft->placement, "id"),
                 name = json_get_text(draft->placement, "name");
    json_object(out);
    JSON_STRING_MEMBER(out, "id", id);
    JSON_STRING_MEMBER(out, "name", name.size > 0 ? name : id);
    JSON_STRING_MEMBER(out, "by", draft->by);
    JSON_TIME_MEMBER(out, "saved", draft->saved_ms);
    json_end(out);
}

enum status drafts_write(struct store *store, uint32_t workspace, struct json_out *out)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES + 1], room[STORE_KEY_BYTES_MAX];
    store_key_prefix(workspace, prefix);
    prefix[STORE_KEY_PREFIX_BYTES] = 'd';
    struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    struct store_iterator *rows = store_iterate(store, SPACE_CONFIG, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    json_array(out);
    for (size_t i = 0; i < DRAFTS_LISTED_MAX && status == STATUS_OK; i++) {
        if (!store_next(rows, &key, &value))
            break;
        struct arena arena;
        struct draft draft;
        arena_init(&arena);
        status = read_row(value, &arena, &draft);
        if (status == STATUS_OK)
            write_brief(&draft, out);
        arena_done(&arena);
    }
    json_end(out);
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

static void pack_row(const struct draft *draft, struct buf *row)
{
    struct buf text;
    buf_init(&text, DRAFT_BYTES_MAX);
    struct json_out out = json_out(&text);
    json_value(&out, draft->placement);
    pack_u8(row, ROW_VERSION);
    pack_text(row, draft->base);
    pack_text(row, draft->by);
    pack_u64(row, (uint64_t)draft->saved_ms);
    pack_text(row, buf_slice(&text));
    row->overflowed |= text.overflowed;
    buf_done(&text);
}

enum status draft_put(struct ledger *ledger, uint32_t workspace, struct slice placement,
                      const struct draft *draft)
{
    struct draft_entry entry = {.placement = placement};
    struct buf row;
    buf_init(&row, DRAFT_BYTES_MAX + 1024);
    if (draft)
        pack_row(draft, &row);
    enum status status = row.overflowed ? STATUS_TOO_LARGE : STATUS_OK;
    entry.row = buf_slice(&row);
    ledger_entry_init(ledger, &entry.entry, &kind_draft, workspace, sizeof entry + row.size);
    struct ledger_entry *entries[] = {&entry.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    if (status == STATUS_OK)
        status = ledger_submit_and_wait(ledger, &commit);
    buf_done(&row);
    return status == STATUS_OK ? entry.entry.status : status;
}

void draft_write(const struct draft *draft, struct json_out *out)
{
    json_object(out);
    json_name(out, "placement");
    json_value(out, draft->placement);
    json_text_member(out, "base", draft->base);
    JSON_STRING_MEMBER(out, "by", draft->by);
    JSON_TIME_MEMBER(out, "saved", draft->saved_ms);
    json_end(out);
}
