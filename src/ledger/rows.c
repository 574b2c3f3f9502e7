#include "ledger/rows.h"

#include <assert.h>
#include <stdio.h>

#include "base/pack.h"

enum { NUMBER_KEY_ROOM = STORE_KEY_BYTES_MAX, INSTANCE_WORKSPACE = 0 };

static const char *const number_names[] = {
    [LEDGER_LOW_WATER] = "ledger/low-water", [LEDGER_CEILING] = "ledger/ceiling"};

void log_key(uint64_t sequence, uint8_t out_key[LOG_KEY_BYTES])
{
    store_key_prefix(INSTANCE_WORKSPACE, out_key);
    key_put_u64(out_key + STORE_KEY_PREFIX_BYTES, sequence);
}

void log_put(struct store_batch *batch, struct store *store, const struct log_row *row,
             struct buf *room)
{
    uint8_t key[LOG_KEY_BYTES];
    log_key(row->sequence, key);
    buf_clear(room);
    pack_u8(room, row->header.format);
    pack_u8(room, row->header.kind);
    pack_u8(room, row->header.flags);
    pack_u8(room, row->header.key_id);
    for (unsigned shift = 0; shift < 32; shift += 8)
        pack_u8(room, (uint8_t)(row->header.workspace >> shift));
    buf_add(room, row->value);
    assert(!room->overflowed);
    store_batch_put(batch, store, SPACE_LOG, slice_make(key, sizeof key), buf_slice(room));
}

static struct slice number_key(enum ledger_number which, uint8_t room[NUMBER_KEY_ROOM])
{
    size_t size = strlen(number_names[which]);
    store_key_prefix(INSTANCE_WORKSPACE, room);
    memcpy(room + STORE_KEY_PREFIX_BYTES, number_names[which], size);
    return slice_make(room, STORE_KEY_PREFIX_BYTES + size);
}

enum status ledger_number_get(struct store *store, enum ledger_number which, uint64_t *out_value)
{
    uint8_t room[NUMBER_KEY_ROOM];
    struct arena arena;
    struct slice value = SLICE_NONE;
    arena_init(&arena);
    enum status status = store_get(store, SPACE_COUNTER, number_key(which, room), &arena, &value);
    struct unpack in = unpack_of(value);
    uint64_t number = status == STATUS_OK ? unpack_u64(&in) : 0;
    if (status == STATUS_OK && !unpack_finished(&in))
        status = STATUS_CORRUPT;
    arena_done(&arena);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *out_value = number;
    return STATUS_OK;
}

void ledger_number_put(struct store_batch *batch, struct store *store, enum ledger_number which,
                       uint64_t value)
{
    uint8_t room[NUMBER_KEY_ROOM];
    struct buf bytes;
    buf_init(&bytes, sizeof value);
    pack_u64(&bytes, value);
    store_batch_put(batch, store, SPACE_COUNTER, number_key(which, room), buf_slice(&bytes));
    buf_done(&bytes);
}

enum status log_last(struct store *store, uint64_t *out_sequence)
{
    uint8_t first[LOG_KEY_BYTES];
    log_key(0, first);
    struct store_range range = {.from = slice_make(first, sizeof first), .backward = true};
    struct slice key, value;
    struct store_iterator *rows = store_iterate(store, SPACE_LOG, &range);
    uint64_t sequence = 0;
    if (store_next(rows, &key, &value) && key.size == LOG_KEY_BYTES)
        sequence = key_get_u64((const uint8_t *)key.data + STORE_KEY_PREFIX_BYTES);
    enum status status = store_iterator_status(rows);
    store_iterator_close(rows);
    if (status == STATUS_OK)
        *out_sequence = sequence;
    return status;
}

static bool read_row(struct slice key, struct slice value, uint64_t *out_sequence,
                     struct log_header *out_header)
{
    struct unpack in = unpack_of(slice_first(value, LOG_HEADER_BYTES));
    out_header->format = unpack_u8(&in);
    out_header->kind = unpack_u8(&in);
    out_header->flags = unpack_u8(&in);
    out_header->key_id = unpack_u8(&in);
    out_header->workspace = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        out_header->workspace |= (uint32_t)unpack_u8(&in) << shift;
    if (in.failed || key.size != LOG_KEY_BYTES || out_header->format != LOG_FORMAT)
        return false;
    *out_sequence = key_get_u64((const uint8_t *)key.data + STORE_KEY_PREFIX_BYTES);
    return true;
}

enum status ledger_scan(struct store *store, uint64_t from, ledger_visitor *visitor, void *context)
{
    uint8_t first[LOG_KEY_BYTES];
    log_key(from, first);
    struct store_range range = {.from = slice_make(first, sizeof first), .bulk = true};
    struct store_iterator *rows = store_iterate(store, SPACE_LOG, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value)) {
        uint64_t sequence;
        struct log_header header;
        status = read_row(key, value, &sequence, &header)
                     ? visitor(context, header.workspace, sequence, header.kind,
                               slice_from(value, LOG_HEADER_BYTES))
                     : STATUS_CORRUPT;
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}
