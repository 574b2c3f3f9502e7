/* Erasure: deleting rows, and the rows of events and decisions. Ledger thread. */
#include "person/erase.h"

#include "ledger/rows.h"

enum { UUID_TIME_BYTES = 6 };

void erase_widen(struct key_range *range, struct slice key)
{
    if (range->from_size == 0 ||
        slice_compare(key, slice_make(range->from, range->from_size)) < 0) {
        memcpy(range->from, key.data, key.size);
        range->from_size = key.size;
    }
    if (slice_compare(key, slice_make(range->to, range->to_size)) > 0) {
        memcpy(range->to, key.data, key.size);
        range->to_size = key.size;
    }
}

void erase_key(struct erasure *erasure, enum space space, const void *key, size_t size)
{
    struct slice bytes = slice_make(key, size);
    store_batch_delete(erasure->write->batch, erasure->write->store, space, bytes);
    erase_widen(&erasure->touched[space], bytes);
}

void erase_range(struct erasure *erasure, enum space space, const struct store_range *range)
{
    store_batch_delete_range(erasure->write->batch, erasure->write->store, space, range);
    erase_widen(&erasure->touched[space], range->from);
    erase_widen(&erasure->touched[space], range->to);
}

void erase_log_row(struct erasure *erasure, uint64_t sequence)
{
    uint8_t key[LOG_KEY_BYTES];
    if (sequence == 0)
        return;
    log_key(sequence, key);
    erase_key(erasure, SPACE_LOG, key, sizeof key);
}

enum status erase_each_row(struct erasure *erasure, enum space space,
                           const struct store_range *range, erase_visitor *visit, void *context)
{
    struct store_iterator *iterator = store_iterate(erasure->write->store, space, range);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(iterator, &key, &value))
        status = visit(erasure, context, key, value);
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    return status;
}

/* --- events ----------------------------------------------------------------------------------- */

static void erase_event(struct erasure *erasure, struct slice key, struct slice record)
{
    uint8_t seen[DEDUP_KEY_BYTES];
    struct event_order order = event_key_order(key);
    dedup_key(erasure->write->workspace, &order, seen);
    erase_key(erasure, SPACE_DEDUP, seen, sizeof seen);
    erase_log_row(erasure, event_record_sequence(record));
    erasure->event_count++;
}

static enum status visit_event(struct erasure *erasure, void *context, struct slice key,
                               struct slice record)
{
    (void)context;
    erase_event(erasure, key, record);
    return STATUS_OK;
}

enum status erase_events(struct erasure *erasure)
{
    uint32_t workspace = erasure->write->workspace;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < erasure->spans.count && status == STATUS_OK; i++) {
        const struct node_span *span = &erasure->spans.spans[i];
        uint8_t from[EVENT_KEY_BYTES], to[EVENT_KEY_BYTES];
        event_key_from(workspace, span->node, span->from_ms, from);
        event_key_from(workspace, span->node, span->to_ms, to);
        struct store_range range = {
            .from = slice_make(from, sizeof from), .to = slice_make(to, sizeof to), .bulk = true};
        status = erase_each_row(erasure, SPACE_EVENT, &range, visit_event, NULL);
        erase_range(erasure, SPACE_EVENT, &range); /* also what the running group has put there */
    }
    return status;
}

static enum status visit_claimant_event(struct erasure *erasure, void *context, struct slice key,
                                        struct slice record)
{
    struct arena arena;
    struct event event;
    bool names = false;
    (void)context;
    arena_init(&arena);
    enum status status = event_unpack(record, &arena, &event);
    for (size_t i = 0; status == STATUS_OK && i < event.identifier_count; i++)
        for (size_t j = 0; j < erasure->identifier_count; j++)
            names =
                names || (event.identifiers[i].type == erasure->identifiers[j].type &&
                          slice_equal(event.identifiers[i].value, erasure->identifiers[j].value));
    if (names) {
        erase_event(erasure, key, record);
        erase_key(erasure, SPACE_EVENT, key.data, key.size);
    }
    arena_done(&arena);
    return status;
}

enum status erase_claims(struct erasure *erasure, struct uuid claimant)
{
    uint8_t from[EVENT_KEY_BYTES], to[EVENT_KEY_BYTES];
    event_key_from(erasure->write->workspace, claimant, INT64_MIN, from);
    event_key_from(erasure->write->workspace, claimant, INT64_MAX, to);
    struct store_range range = {
        .from = slice_make(from, sizeof from), .to = slice_make(to, sizeof to), .bulk = true};
    return erase_each_row(erasure, SPACE_EVENT, &range, visit_claimant_event, NULL);
}

/* --- decisions -------------------------------------------------------------------------------- */

static int64_t uuid_ms(const uint8_t *bytes)
{
    int64_t ms = 0;
    for (unsigned i = 0; i < UUID_TIME_BYTES; i++)
        ms = ms << 8 | bytes[i];
    return ms;
}

/* Decisions on a shared device belong to whoever had it when they were taken. */
static enum status visit_decided(struct erasure *erasure, void *context, struct slice key,
                                 struct slice value)
{
    const struct node_span *span = context;
    uint8_t decision[STORE_KEY_PREFIX_BYTES + 16];
    (void)value;
    if (key.size < STORE_KEY_PREFIX_BYTES + 32)
        return STATUS_CORRUPT;
    const uint8_t *id = (const uint8_t *)key.data + key.size - 16;
    if (uuid_ms(id) < span->from_ms || uuid_ms(id) >= span->to_ms)
        return STATUS_OK;
    store_key_prefix(erasure->write->workspace, decision);
    memcpy(decision + STORE_KEY_PREFIX_BYTES, id, 16);
    struct slice row = slice_make(decision, sizeof decision);
    store_batch_put(erasure->write->batch, erasure->write->store, SPACE_DECISION, row,
                    SLICE_NONE); /* says that there was one, nothing else: a replay counts it */
    erase_widen(&erasure->touched[SPACE_DECISION], row);
    erase_key(erasure, SPACE_DECIDED, key.data, key.size);
    erasure->decision_count++;
    return STATUS_OK;
}

enum status erase_decisions(struct erasure *erasure)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES + 16], room[STORE_KEY_BYTES_MAX];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < erasure->spans.count && status == STATUS_OK; i++) {
        struct node_span span = erasure->spans.spans[i];
        store_key_prefix(erasure->write->workspace, prefix);
        memcpy(prefix + STORE_KEY_PREFIX_BYTES, span.node.bytes, sizeof span.node.bytes);
        struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
        status = erase_each_row(erasure, SPACE_DECIDED, &range, visit_decided, &span);
    }
    return status;
}
