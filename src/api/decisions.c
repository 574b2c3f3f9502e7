#include "api/decisions.h"

#include "base/clock.h"
#include "base/pack.h"
#include "decide/decide.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 16,
    DECIDED_KEY_SIZE = KEY_SIZE + 16,
    PENDING_LISTS = 256,
    RECORD_BYTES_EXPECTED = 4000, /* of three placements: half as many, or a little more */
    ERASED_KEPT = 1024            /* nodes; a decision is on its way for a second at most */
};

struct put;

/* Records that are answered and not yet written: who asks for one at once finds it here. */
struct pending {
    pthread_mutex_t mutex;
    struct put *first;
};

struct decisions {
    struct store *store;
    struct ledger *ledger;
    _Atomic uint64_t kept, lost, bytes;
    decisions_watcher *watcher;
    void *watcher_context;
    struct uuid erased[ERASED_KEPT]; /* a ring; the ledger thread's */
    size_t erased_count;
    struct pending pending[PENDING_LISTS];
};

/* A record on its way. */
struct put {
    struct ledger_entry entry; /* first */
    struct decisions *owner;
    const struct parcel *parcel; /* of the same commit */
    struct uuid call, node;
    bool personal;
    uint32_t workspace;
    struct buf record;
    struct measured_call *measured; /* NULL: no measured placement */
    struct put *next;               /* in its list of pending ones */
};

static struct pending *pending_of(struct decisions *decisions, struct uuid call)
{
    return &decisions->pending[call.bytes[14] % PENDING_LISTS]; /* random bits of a UUIDv7 */
}

static void add_pending(struct put *put)
{
    struct pending *pending = pending_of(put->owner, put->call);
    pthread_mutex_lock(&pending->mutex);
    put->next = pending->first;
    pending->first = put;
    pthread_mutex_unlock(&pending->mutex);
}

static void remove_pending(struct put *put)
{
    struct pending *pending = pending_of(put->owner, put->call);
    pthread_mutex_lock(&pending->mutex);
    struct put **at = &pending->first;
    while (*at && *at != put)
        at = &(*at)->next;
    if (*at)
        *at = put->next;
    pthread_mutex_unlock(&pending->mutex);
}

static bool find_pending(struct decisions *decisions, uint32_t workspace, struct uuid call,
                         struct arena *arena, struct slice *out_record)
{
    struct pending *pending = pending_of(decisions, call);
    pthread_mutex_lock(&pending->mutex);
    const struct put *put = pending->first;
    while (put && (put->workspace != workspace || !uuid_equal(put->call, call)))
        put = put->next;
    if (put)
        *out_record = arena_copy(arena, buf_slice(&put->record));
    pthread_mutex_unlock(&pending->mutex);
    return put != NULL;
}

static struct slice decision_key(uint32_t workspace, struct uuid call, uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    memcpy(room + STORE_KEY_PREFIX_BYTES, call.bytes, 16);
    return slice_make(room, KEY_SIZE);
}

void decisions_forget(struct decisions *decisions, const struct uuid *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        decisions->erased[decisions->erased_count++ % ERASED_KEPT] = nodes[i];
}

static bool was_erased(const struct decisions *decisions, struct uuid node)
{
    size_t count = decisions->erased_count < ERASED_KEPT ? decisions->erased_count : ERASED_KEPT;
    for (size_t i = 0; i < count; i++)
        if (uuid_equal(decisions->erased[i], node))
            return true;
    return false;
}

static enum status record(void *context, struct ledger_entry *entry, struct ledger_write *write)
{
    struct put *put = (struct put *)entry;
    if (!uuid_is_zero(put->node) && was_erased(context, put->node))
        return STATUS_GONE;
    uint8_t room[KEY_SIZE];
    store_batch_put(write->batch, write->store, SPACE_DECISION,
                    decision_key(write->workspace, put->call, room), buf_slice(&put->record));
    pack_uuid(write->log_value, put->call);
    pack_u8(write->log_value, put->measured != NULL); /* for who catches up with the log */
    struct uuid node = put->node;
    if (put->personal && uuid_is_zero(node))
        node = parcel_node(put->parcel);
    if (uuid_is_zero(node))
        return STATUS_OK;
    uint8_t decided[DECIDED_KEY_SIZE];
    decision_key(write->workspace, node, decided);
    memcpy(decided + KEY_SIZE, put->call.bytes, 16);
    store_batch_put(write->batch, write->store, SPACE_DECIDED, slice_make(decided, sizeof decided),
                    SLICE_NONE);
    return STATUS_OK;
}

static void applied(void *context, struct ledger_entry *entry)
{
    const struct decisions *decisions = context;
    const struct put *put = (const struct put *)entry;
    if (put->measured && decisions->watcher)
        decisions->watcher(decisions->watcher_context, put->workspace, entry->sequence,
                           put->measured);
}

static const struct ledger_kind kind_decision = {
    .name = "decision", .code = DECISIONS_KIND, .record = record, .applied = applied};

static void on_done(struct ledger_entry *entry, bool kept)
{
    struct put *put = (struct put *)entry;
    struct decisions *owner = put->owner;
    atomic_fetch_add_explicit(kept ? &owner->kept : &owner->lost, 1, memory_order_relaxed);
    if (kept)
        atomic_fetch_add_explicit(&owner->bytes, put->record.size, memory_order_relaxed);
    remove_pending(put);
    buf_done(&put->record);
    measured_call_free(put->measured);
    free(put);
}

struct decisions *decisions_open(struct store *store, struct ledger *ledger)
{
    struct decisions *decisions = must_alloc_zero(1, sizeof *decisions);
    decisions->store = store;
    decisions->ledger = ledger;
    for (size_t i = 0; i < PENDING_LISTS; i++)
        pthread_mutex_init(&decisions->pending[i].mutex, NULL);
    ledger_register(ledger, &kind_decision, decisions);
    return decisions;
}

void decisions_watch(struct decisions *decisions, decisions_watcher *watcher, void *context)
{
    decisions->watcher = watcher;
    decisions->watcher_context = context;
}

void decisions_close(struct decisions *decisions)
{
    for (size_t i = 0; decisions && i < PENDING_LISTS; i++)
        pthread_mutex_destroy(&decisions->pending[i].mutex);
    free(decisions);
}

void decisions_put(struct decisions *decisions, struct people *people, uint32_t workspace,
                   const struct decision_record *record, struct parcel *parcel)
{
    struct put *put = must_alloc_zero(1, sizeof *put);
    put->owner = decisions;
    put->parcel = parcel;
    put->call = record->input.call;
    put->workspace = workspace;
    put->node = record->asker_node;
    put->personal = record->input.person.personal;
    put->measured = measured_call_new(record, record->input.policy);
    buf_init(&put->record, DECISION_RECORD_BYTES_MAX);
    (void)buf_reserve(&put->record, RECORD_BYTES_EXPECTED);
    decision_record_pack(record, &put->record);
    ledger_entry_init(decisions->ledger, &put->entry, &kind_decision, workspace,
                      sizeof *put + put->record.size);
    add_pending(put);
    struct parcel_company company = {&put->entry, on_done};
    if (put->record.overflowed) { /* over its limit: there is no record, and it is counted */
        on_done(&put->entry, false);
        company.entry = NULL;
    }
    (void)parcel_send(parcel, people, decisions->ledger, workspace, company);
}

enum status decisions_get(struct decisions *decisions, uint32_t workspace, struct uuid decision,
                          struct arena *arena, struct decision_record *out_record)
{
    uint8_t room[KEY_SIZE];
    struct slice key = decision_key(workspace, decision_call(decision), room), value;
    if (find_pending(decisions, workspace, decision_call(decision), arena, &value))
        return decision_record_unpack(value, arena, out_record);
    enum status status = store_get(decisions->store, SPACE_DECISION, key, arena, &value);
    if (status != STATUS_OK)
        return status;
    if (value.size == 0)
        return STATUS_GONE; /* what an erasure leaves */
    if (store_row_aged(decisions->store, SPACE_DECISION, key, value, clock_now_ms()))
        return STATUS_NOT_FOUND;
    return decision_record_unpack(value, arena, out_record);
}

enum status decisions_each(struct decisions *decisions, uint32_t workspace,
                           decisions_visitor *visitor, void *context)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES], room[STORE_KEY_BYTES_MAX];
    store_key_prefix(workspace, prefix);
    struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    range.bulk = true;
    struct store_iterator *rows = store_iterate(decisions->store, SPACE_DECISION, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value)) {
        struct uuid call;
        memcpy(call.bytes, key.data + STORE_KEY_PREFIX_BYTES, sizeof call.bytes);
        if (!store_row_aged(decisions->store, SPACE_DECISION, key, value, clock_now_ms()))
            status = visitor(context, workspace, call, value);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

void decisions_counts(const struct decisions *decisions, struct decisions_counts *out_counts)
{
    out_counts->kept = atomic_load_explicit(&decisions->kept, memory_order_relaxed);
    out_counts->lost = atomic_load_explicit(&decisions->lost, memory_order_relaxed);
    out_counts->bytes = atomic_load_explicit(&decisions->bytes, memory_order_relaxed);
}
