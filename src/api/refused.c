#include "api/refused.h"

#include "base/pack.h"

enum {
    KIND_REFUSED = 12, /* in the log; never reused */
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 16
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
