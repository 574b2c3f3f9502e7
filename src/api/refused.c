#include "api/refused.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/pack.h"

#include <stdio.h>

enum {
    KIND_REFUSED = 12, /* in the log; never reused */
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + REFUSED_ID_BYTES,
    ROW_VERSION = 1,
    /* What stays when the limit is met: a tenth goes at once, so that rows are seldom counted. */
    ROWS_KEPT = REFUSED_ROWS_MAX / 10 * 9,
    REASON_BYTES_MAX = 1024
};

/* --- how many --------------------------------------------------------------------------------- */

/* About how many rows a workspace has: what ages or is erased is not counted off, so at the limit
 * they are counted anew. */
static struct slice count_key(uint32_t workspace, uint8_t room[STORE_KEY_BYTES_MAX])
{
    static const char name[] = "refused/count";
    store_key_prefix(workspace, room);
    memcpy(room + STORE_KEY_PREFIX_BYTES, name, sizeof name - 1);
    return slice_make(room, STORE_KEY_PREFIX_BYTES + sizeof name - 1);
}

/* Counts the newest rows in the store; those beyond ROWS_KEPT go. What the running group adds is
 * not seen, so there may be a few more. */
static enum status make_room(struct ledger_write *write, uint64_t *out_count)
{
    uint8_t room[STORE_KEY_BYTES_MAX], prefix[STORE_KEY_PREFIX_BYTES], oldest[KEY_SIZE];
    store_key_prefix(write->workspace, prefix);
    struct store_range rows = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    rows.backward = rows.bulk = true;
    struct store_iterator *iterator = store_iterate(write->store, SPACE_REFUSED, &rows);
    struct slice key = SLICE_NONE, value;
    uint64_t count = 0;
    while (count < ROWS_KEPT && store_next(iterator, &key, &value))
        count++;
    if (count == ROWS_KEPT && key.size == sizeof oldest) {
        memcpy(oldest, key.data, sizeof oldest);
        rows.to = slice_make(oldest, sizeof oldest);
        store_batch_delete_range(write->batch, write->store, SPACE_REFUSED, &rows);
    }
    enum status status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    *out_count = count;
    return status;
}

static enum status count_row(struct ledger_write *write)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice key = count_key(write->workspace, room), value = SLICE_NONE;
    enum status status = ledger_get(write, SPACE_COUNTER, key, &value);
    struct unpack in = unpack_of(value);
    uint64_t count = status == STATUS_OK ? unpack_u64(&in) : 0;
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status == STATUS_OK && count >= REFUSED_ROWS_MAX)
        status = make_room(write, &count);
    if (status != STATUS_OK)
        return status;
    struct buf packed;
    buf_init(&packed, 8);
    pack_u64(&packed, count + 1);
    store_batch_put(write->batch, write->store, SPACE_COUNTER, key, buf_slice(&packed));
    buf_done(&packed);
    return STATUS_OK;
}

/* --- the ledger kind -------------------------------------------------------------------------- */

/* Key: prefix, time, sequence. Value: version u8 = 1, source, reason, line and column varints,
 * field, sentence and message as texts. A reason with words of its own keeps no sentence. */
static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    (void)context;
    const struct refused *refused = (const struct refused *)entry;
    enum status status = count_row(write);
    if (status != STATUS_OK)
        return status;
    uint8_t key[KEY_SIZE];
    store_key_prefix(write->workspace, key);
    key_put_time(key + STORE_KEY_PREFIX_BYTES, write->now_ms);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES + 8, write->sequence);
    struct buf value;
    buf_init(&value, (size_t)2 * REFUSED_MESSAGE_BYTES_MAX);
    bool worded = refused->refusal != REFUSAL_OTHER && refused->refusal != REFUSAL_NOT_JSON;
    pack_u8(&value, ROW_VERSION);
    pack_uint(&value, refused->source);
    pack_uint(&value, refused->refusal);
    pack_uint(&value, refused->diag.line);
    pack_uint(&value, refused->diag.column);
    pack_text(&value, slice_of(refused->diag.field));
    pack_text(&value, worded ? SLICE_NONE : slice_of(refused->diag.sentence));
    pack_text(&value, slice_first(refused->message, REFUSED_MESSAGE_BYTES_MAX));
    store_batch_put(write->batch, write->store, SPACE_REFUSED, slice_make(key, sizeof key),
                    buf_slice(&value));
    buf_done(&value);
    return STATUS_OK;
}

static const struct ledger_kind kind_refused = {
    .name = "refused", .code = KIND_REFUSED, .record = record};

void refused_register(struct ledger *ledger)
{
    ledger_register(ledger, &kind_refused, NULL);
}

void refused_init(struct ledger *ledger, struct refused *refused, uint32_t workspace)
{
    size_t size = sizeof *refused + slice_first(refused->message, REFUSED_MESSAGE_BYTES_MAX).size;
    ledger_entry_init(ledger, &refused->entry, &kind_refused, workspace, size);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void take_text(struct slice text, char *out_text, size_t room)
{
    (void)snprintf(out_text, room, "%.*s", SLICE_ARG(text));
}

static enum status read_row(struct slice key, struct slice value, struct refused_row *out_row)
{
    struct unpack in = unpack_of(value);
    if (key.size != KEY_SIZE || unpack_u8(&in) != ROW_VERSION)
        return STATUS_CORRUPT;
    memcpy(out_row->id, key.data + STORE_KEY_PREFIX_BYTES, sizeof out_row->id);
    out_row->time_ms = key_get_time(out_row->id);
    out_row->source = (uint32_t)unpack_uint(&in);
    uint64_t refusal = unpack_uint(&in);
    out_row->diag.line = (unsigned)unpack_uint(&in);
    out_row->diag.column = (unsigned)unpack_uint(&in);
    take_text(unpack_text(&in), out_row->diag.field, sizeof out_row->diag.field);
    take_text(unpack_text(&in), out_row->diag.sentence, sizeof out_row->diag.sentence);
    out_row->message = unpack_text(&in);
    if (!unpack_finished(&in) || refusal >= REFUSAL_COUNT)
        return STATUS_CORRUPT;
    out_row->refusal = (enum refusal)refusal;
    return STATUS_OK;
}

enum status refused_each(struct store *store, const struct refused_range *range,
                         refused_visitor *visitor, void *context)
{
    uint8_t room[STORE_KEY_BYTES_MAX], prefix[STORE_KEY_PREFIX_BYTES], last[KEY_SIZE];
    store_key_prefix(range->workspace, prefix);
    struct store_range rows = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    rows.backward = true;
    if (range->after) {
        memcpy(last, prefix, sizeof prefix);
        memcpy(last + sizeof prefix, range->after, REFUSED_ID_BYTES);
        rows.to = slice_make(last, sizeof last);
    }
    struct store_iterator *iterator = store_iterate(store, SPACE_REFUSED, &rows);
    struct slice key, value;
    int64_t now_ms = clock_now_ms();
    enum status status = STATUS_OK;
    for (size_t count = 0; count < range->limit && status == STATUS_OK; count++) {
        struct refused_row row;
        /* Times fall: behind an aged one all are. */
        if (!store_next(iterator, &key, &value) ||
            store_row_aged(store, SPACE_REFUSED, key, value, now_ms))
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

void refused_write(const struct refused_row *row, enum locale locale, struct json_out *out)
{
    char id[2 * REFUSED_ID_BYTES + 1];
    hash_to_hex(row->id, sizeof row->id, id);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_TIME_MEMBER(out, "time", row->time_ms);
    JSON_INT_MEMBER(out, "source", row->source);
    if (row->diag.field[0])
        JSON_STRING_MEMBER(out, "field", slice_of(row->diag.field));
    struct buf reason;
    buf_init(&reason, REASON_BYTES_MAX);
    refusal_say(row->refusal, &row->diag, locale, &reason);
    JSON_STRING_MEMBER(out, "reason", buf_slice(&reason));
    buf_done(&reason);
    json_text_member(out, "message", row->message);
    json_end(out);
}
