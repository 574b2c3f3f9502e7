#include "api/refused.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/pack.h"

enum {
    KIND_REFUSED = 12, /* in the log; never reused */
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + REFUSED_ID_BYTES
};

/* Key: prefix, time, sequence. Value: source varint, field, sentence and message as texts. */
static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    (void)context;
    const struct refused *refused = (const struct refused *)entry;
    uint8_t key[KEY_SIZE];
    store_key_prefix(write->workspace, key);
    key_put_time(key + STORE_KEY_PREFIX_BYTES, write->now_ms);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES + 8, write->sequence);
    struct buf value;
    buf_init(&value, (size_t)2 * REFUSED_MESSAGE_BYTES_MAX);
    pack_uint(&value, refused->source);
    pack_text(&value, slice_of(refused->diag.field));
    pack_text(&value, slice_of(refused->diag.sentence));
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

static enum status read_row(struct slice key, struct slice value, struct refused_row *out_row)
{
    struct unpack in = unpack_of(value);
    if (key.size != KEY_SIZE)
        return STATUS_CORRUPT;
    memcpy(out_row->id, key.data + STORE_KEY_PREFIX_BYTES, sizeof out_row->id);
    out_row->time_ms = key_get_time(out_row->id);
    out_row->source = (uint32_t)unpack_uint(&in);
    out_row->field = unpack_text(&in);
    out_row->sentence = unpack_text(&in);
    out_row->message = unpack_text(&in);
    return unpack_finished(&in) ? STATUS_OK : STATUS_CORRUPT;
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

void refused_write(const struct refused_row *row, struct json_out *out)
{
    char time[25], id[2 * REFUSED_ID_BYTES + 1];
    clock_format_iso(row->time_ms, time);
    hash_to_hex(row->id, sizeof row->id, id);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_STRING_MEMBER(out, "time", slice_of(time));
    JSON_INT_MEMBER(out, "source", row->source);
    if (row->field.size)
        JSON_STRING_MEMBER(out, "field", row->field);
    JSON_STRING_MEMBER(out, "reason", row->sentence);
    if (row->message.size)
        JSON_STRING_MEMBER(out, "message", row->message);
    json_end(out);
}
