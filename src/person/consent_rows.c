/* See consent_rows.h.
 *
 *   history  version u8 = 1 | flags u8 (1 objection, 2 minor) | sequence u64 | purposes uint |
 *            state u8 | source u8 | time int | source uint | message hash 16 | birth day int |
 *            text */
#include "person/consent_rows.h"

#include "base/pack.h"

#include <assert.h>
#include <stdlib.h>

enum { STATE_ROW = 0, HISTORY_ROW = 1, ROW_VERSION = 1, ROW_OBJECTION = 1, ROW_MINOR = 2 };

static size_t node_prefix(uint32_t workspace, struct uuid node, uint8_t row, uint8_t *out_key)
{
    store_key_prefix(workspace, out_key);
    memcpy(out_key + STORE_KEY_PREFIX_BYTES, node.bytes, sizeof node.bytes);
    out_key[STORE_KEY_PREFIX_BYTES + sizeof node.bytes] = row;
    return STORE_KEY_PREFIX_BYTES + sizeof node.bytes + 1;
}

size_t consent_key(uint32_t workspace, struct uuid node, uint8_t *out_key)
{
    return node_prefix(workspace, node, STATE_ROW, out_key);
}

size_t consent_history_prefix(uint32_t workspace, struct uuid node, uint8_t *out_key)
{
    return node_prefix(workspace, node, HISTORY_ROW, out_key);
}

enum status consent_load(struct store *store, uint32_t workspace, struct uuid node,
                         struct consent *out_consent)
{
    uint8_t key[CONSENT_KEY_BYTES_MAX];
    struct arena arena;
    struct slice value;
    arena_init(&arena);
    size_t size = consent_key(workspace, node, key);
    enum status status = store_get(store, SPACE_CONSENT, slice_make(key, size), &arena, &value);
    if (status == STATUS_OK) {
        status = consent_unpack(value, out_consent);
    } else if (status == STATUS_NOT_FOUND) {
        consent_init(out_consent);
        status = STATUS_OK;
    }
    arena_done(&arena);
    return status;
}

/* --- history ---------------------------------------------------------------------------------- */

static void pack_moment(const struct consent_moment *moment, struct buf *buf)
{
    pack_u8(buf, ROW_VERSION);
    pack_u8(buf,
            (uint8_t)((moment->objection ? ROW_OBJECTION : 0) | (moment->minor ? ROW_MINOR : 0)));
    pack_u64(buf, moment->sequence);
    pack_uint(buf, moment->purposes);
    pack_u8(buf, (uint8_t)moment->state);
    pack_u8(buf, (uint8_t)moment->source);
    pack_int(buf, moment->order.time_ms);
    pack_uint(buf, moment->order.source);
    pack_bytes(buf, moment->order.message.bytes, sizeof moment->order.message.bytes);
    pack_int(buf, moment->birth_day);
    pack_text(buf, slice_first(moment->text, CONSENT_TEXT_BYTES_MAX));
}

static enum status unpack_moment(struct slice bytes, struct consent_moment *out_moment)
{
    struct unpack in = unpack_of(bytes);
    struct consent_moment moment = {0};
    unsigned version = unpack_u8(&in), flags = unpack_u8(&in);
    moment.sequence = unpack_u64(&in);
    moment.purposes = (uint32_t)unpack_uint(&in);
    unsigned state = unpack_u8(&in), source = unpack_u8(&in);
    moment.order.time_ms = unpack_int(&in);
    moment.order.source = (uint32_t)unpack_uint(&in);
    struct slice message = unpack_bytes(&in, sizeof moment.order.message.bytes);
    moment.birth_day = (int32_t)unpack_int(&in);
    moment.text = unpack_text(&in);
    if (!unpack_finished(&in) || version != ROW_VERSION || state > CONSENT_DENIED ||
        source > CONSENT_FROM_IMPORT)
        return STATUS_CORRUPT;
    memcpy(moment.order.message.bytes, message.data, message.size);
    moment.state = (enum consent_state)state;
    moment.source = (enum consent_source)source;
    moment.objection = flags & ROW_OBJECTION;
    moment.minor = flags & ROW_MINOR;
    *out_moment = moment;
    return STATUS_OK;
}

enum status consent_history(struct store *store, uint32_t workspace, struct uuid node,
                            struct arena *arena, struct consent_moments *out_moments)
{
    uint8_t prefix[CONSENT_KEY_BYTES_MAX], room[STORE_KEY_BYTES_MAX];
    size_t size = consent_history_prefix(workspace, node, prefix), count = 0, capacity = 8;
    struct store_range range = store_range_of_prefix(slice_make(prefix, size), room);
    struct store_iterator *iterator = store_iterate(store, SPACE_CONSENT, &range);
    struct consent_moment *moments = ARENA_ARRAY(arena, capacity, struct consent_moment);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(iterator, &key, &value)) {
        if (count == capacity) {
            struct consent_moment *larger = ARENA_ARRAY(arena, capacity * 2, struct consent_moment);
            memcpy(larger, moments, count * sizeof *moments);
            moments = larger;
            capacity *= 2;
        }
        status = unpack_moment(arena_copy(arena, value), &moments[count++]);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    if (status == STATUS_OK)
        *out_moments = (struct consent_moments){.list = moments, .count = count};
    return status;
}

static int by_sequence(const void *a, const void *b)
{
    const struct consent_moment *left = a, *right = b;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

/* A row tells a state that won when it came, so the last one known is the state: no order is
 * weighed again. */
static void replay_moment(struct consent *consent, const struct consent_moment *moment)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        struct consent_choice *choice = &consent->purposes[i];
        if (!(moment->purposes >> i & 1U))
            continue;
        if (moment->objection) {
            choice->objected = moment->state != CONSENT_GRANTED;
            choice->objected_order = moment->order;
            continue;
        }
        choice->state = moment->state;
        choice->source = moment->source;
        choice->order = moment->order;
    }
    if (moment->birth_day != INT32_MIN)
        consent->birth_order = moment->order;
    consent->birth_day = moment->birth_day;
    consent->minor_order = moment->order;
    consent->minor_declared = moment->minor;
    consent->sequence = moment->sequence;
}

static enum status load_from_history(struct store *store, uint32_t workspace, struct uuid node,
                                     uint64_t sequence, struct consent *out_consent)
{
    struct arena arena;
    struct consent_moments moments;
    arena_init(&arena);
    enum status status = consent_history(store, workspace, node, &arena, &moments);
    if (status == STATUS_OK) {
        if (moments.count > 1)
            qsort(moments.list, moments.count, sizeof *moments.list, by_sequence);
        consent_init(out_consent);
        for (size_t i = 0; i < moments.count && moments.list[i].sequence <= sequence; i++)
            replay_moment(out_consent, &moments.list[i]);
    }
    arena_done(&arena);
    return status;
}

/* The state is what was known ever since its sequence: one look, unless a change is younger than
 * what is asked for. */
enum status consent_load_as_known(struct store *store, uint32_t workspace, struct uuid node,
                                  uint64_t sequence, struct consent *out_consent)
{
    struct consent consent;
    enum status status = consent_load(store, workspace, node, &consent);
    if (status == STATUS_OK && consent.sequence > sequence)
        return load_from_history(store, workspace, node, sequence, out_consent);
    if (status == STATUS_OK)
        *out_consent = consent;
    return status;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_moment(struct ledger_write *write, struct uuid node, unsigned number,
                       const struct consent_moment *moment)
{
    uint8_t key[CONSENT_KEY_BYTES_MAX];
    struct buf buf;
    size_t size = consent_history_prefix(write->workspace, node, key);
    key_put_time(key + size, moment->order.time_ms);
    key_put_u64(key + size + 8, moment->sequence);
    key[size + 16] = (uint8_t)number;
    buf_init(&buf, CONSENT_TEXT_BYTES_MAX + 256);
    pack_moment(moment, &buf);
    assert(!buf.overflowed);
    store_batch_put(write->batch, write->store, SPACE_CONSENT, slice_make(key, size + 17),
                    buf_slice(&buf));
    buf_done(&buf);
}

/* Purposes that changed to a state, or whose objection did. */
static uint32_t changed_to(const struct consent *before, const struct consent *after,
                           enum consent_state state, bool objection)
{
    uint32_t purposes = 0;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct consent_choice *old = &before->purposes[i], *new = &after->purposes[i];
        bool changed =
            objection ? old->objected != new->objected &&new->objected == (state != CONSENT_GRANTED)
                      : old->state != new->state &&new->state == state;
        if (changed)
            purposes |= 1U << i;
    }
    return purposes;
}

/* The order and the source are those of the first purpose that changed: one entry of the ledger
 * makes them all. */
static void tell_from(struct consent_moment *moment, const struct consent *after)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (moment->purposes >> i & 1U) {
            const struct consent_choice *choice = &after->purposes[i];
            moment->source = choice->source;
            moment->order = moment->objection ? choice->objected_order : choice->order;
            return;
        }
    moment->order = after->birth_order.time_ms > after->minor_order.time_ms ? after->birth_order
                                                                            : after->minor_order;
}

void consent_put_state(struct store_batch *batch, struct store *store, const struct table_key *key,
                       const struct consent *consent)
{
    uint8_t row_key[CONSENT_KEY_BYTES_MAX];
    struct uuid node;
    struct buf buf;
    memcpy(node.bytes, key->bytes, sizeof node.bytes);
    buf_init(&buf, CONSENT_BYTES_MAX);
    consent_pack(consent, &buf);
    assert(!buf.overflowed);
    size_t size = consent_key(key->workspace, node, row_key);
    store_batch_put(batch, store, SPACE_CONSENT, slice_make(row_key, size), buf_slice(&buf));
    buf_done(&buf);
}

void consent_put(struct ledger_write *write, struct uuid node, const struct consent *before,
                 struct consent *after, struct slice text)
{
    static const struct {
        enum consent_state state;
        bool objection;
    } ways[] = {{CONSENT_GRANTED, false},
                {CONSENT_DENIED, false},
                {CONSENT_UNKNOWN, false},
                {CONSENT_GRANTED, true},
                {CONSENT_DENIED, true}};
    const struct table_key key = table_key(write->workspace, 0, node.bytes);
    unsigned number = 0;
    bool aged =
        before->birth_day != after->birth_day || before->minor_declared != after->minor_declared;
    after->sequence = write->sequence;
    consent_put_state(write->batch, write->store, &key, after);
    for (size_t i = 0; i <= sizeof ways / sizeof *ways; i++) {
        bool age_alone = i == sizeof ways / sizeof *ways;
        struct consent_moment moment = {.sequence = write->sequence,
                                        .birth_day = after->birth_day,
                                        .minor = after->minor_declared,
                                        .text = text};
        if (!age_alone) {
            moment.state = ways[i].state;
            moment.objection = ways[i].objection;
            moment.purposes = changed_to(before, after, moment.state, moment.objection);
        }
        if (moment.purposes == 0 && !(age_alone && aged && number == 0))
            continue;
        tell_from(&moment, after);
        put_moment(write, node, number++, &moment);
    }
}

bool consent_refusals(const struct consent *consent, struct consent *out_refusals)
{
    bool any = false;
    consent_init(out_refusals);
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct consent_choice *choice = &consent->purposes[i];
        struct consent_choice *kept = &out_refusals->purposes[i];
        if (choice->state == CONSENT_DENIED) {
            kept->state = choice->state;
            kept->source = choice->source;
            kept->order = (struct event_order){.time_ms = choice->order.time_ms};
            any = true;
        }
        if (choice->objected) {
            kept->objected = true;
            kept->objected_order = (struct event_order){.time_ms = choice->objected_order.time_ms};
            any = true;
        }
    }
    return any;
}
