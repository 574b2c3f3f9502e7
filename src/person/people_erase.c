/* Erasure: everything of a person leaves the store, the files, the memory; a keyed hash of each
 * identifier stays, with what the person refused, so that neither a re-import nor a restored
 * backup brings them back.
 *
 * The ledger thread collects and deletes in one write; DIR/erasures is appended before that
 * write, so that a crash in between is made good at the next open. The asking thread then
 * flushes and compacts what was touched. A device that others used too keeps its own identifier
 * and the events of the others; its links to the erased nodes stay, as bare numbers, so that
 * late events of that time fall to nobody. */
#include "person/identity_cache.h"
#include "person/people_private.h"

#include "base/clock.h"
#include "base/pack.h"
#include "ledger/rows.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ERASED_NODES_MAX = PERSON_NODES_MAX,
    ERASED_CLAIMANTS_MAX = 256,
    TOMBSTONE_BYTES_MAX = CONSENT_BYTES_MAX + 64,
    UUID_TIME_BYTES = 6
};

/* The smallest and the largest key touched in a space. */
struct key_range {
    uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    size_t from_size, to_size;
};

struct erasure {
    struct people *people;
    struct ledger_write *write;
    const struct key_table
        *told; /* at open: identifier → sequence of its last erasure + 1; NULL when it is new */
    struct person_spans spans;
    struct uuid nodes[ERASED_NODES_MAX];
    bool whole[ERASED_NODES_MAX]; /* all of the node's life is theirs */
    size_t node_count;
    struct identifier identifiers[ERASED_NODES_MAX];
    struct store_erasure hashes[ERASED_NODES_MAX];
    size_t identifier_count;
    struct uuid claimants[ERASED_CLAIMANTS_MAX]; /* whose events named an erased identifier */
    size_t claimant_count;
    uint32_t workspace;
    struct key_range touched[SPACE_COUNT];
    uint64_t event_count, decision_count;
};

/* --- deleting --------------------------------------------------------------------------------- */

static void widen(struct key_range *range, struct slice key)
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

static void delete_key(struct erasure *erasure, enum space space, const void *key, size_t size)
{
    struct slice bytes = slice_make(key, size);
    store_batch_delete(erasure->write->batch, erasure->write->store, space, bytes);
    widen(&erasure->touched[space], bytes);
}

static void delete_range(struct erasure *erasure, enum space space, const struct store_range *range)
{
    store_batch_delete_range(erasure->write->batch, erasure->write->store, space, range);
    widen(&erasure->touched[space], range->from);
    widen(&erasure->touched[space], range->to);
}

static void delete_log(struct erasure *erasure, uint64_t sequence)
{
    uint8_t key[LOG_KEY_BYTES];
    if (sequence == 0)
        return;
    log_key(sequence, key);
    delete_key(erasure, SPACE_LOG, key, sizeof key);
}

/* Calls visit for each row under a prefix, as committed. */
typedef enum status row_visitor(struct erasure *erasure, void *context, struct slice key,
                                struct slice value);
static enum status each_row(struct erasure *erasure, enum space space,
                            const struct store_range *range, row_visitor *visit, void *context)
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

static void delete_event(struct erasure *erasure, struct slice key, struct slice record)
{
    uint8_t seen[DEDUP_KEY_BYTES];
    struct event_order order = event_key_order(key);
    dedup_key(erasure->write->workspace, &order, seen);
    delete_key(erasure, SPACE_DEDUP, seen, sizeof seen);
    delete_log(erasure, event_record_sequence(record));
    erasure->event_count++;
}

static enum status visit_event(struct erasure *erasure, void *context, struct slice key,
                               struct slice record)
{
    (void)context;
    delete_event(erasure, key, record);
    return STATUS_OK;
}

static enum status erase_events(struct erasure *erasure)
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
        status = each_row(erasure, SPACE_EVENT, &range, visit_event, NULL);
        delete_range(erasure, SPACE_EVENT, &range); /* also what the running group has put there */
    }
    return status;
}

/* An event elsewhere that names one of the erased identifiers as a claim. */
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
        delete_event(erasure, key, record);
        delete_key(erasure, SPACE_EVENT, key.data, key.size);
    }
    arena_done(&arena);
    return status;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static bool is_whole(const struct person_spans *spans, struct uuid node)
{
    int64_t reached_ms = INT64_MIN;
    for (size_t i = 0; i < spans->count; i++)
        for (size_t j = 0; j < spans->count; j++)
            if (uuid_equal(spans->spans[j].node, node) && spans->spans[j].from_ms == reached_ms)
                reached_ms = spans->spans[j].to_ms;
    return reached_ms == INT64_MAX;
}

static enum status collect_nodes(struct erasure *erasure)
{
    const struct person_spans *spans = &erasure->spans;
    for (size_t i = 0; i < spans->count; i++) {
        struct uuid node = spans->spans[i].node;
        bool seen = false;
        for (size_t j = 0; j < erasure->node_count; j++)
            seen = seen || uuid_equal(erasure->nodes[j], node);
        if (seen || erasure->node_count == ERASED_NODES_MAX)
            continue;
        size_t at = erasure->node_count++;
        erasure->nodes[at] = node;
        erasure->whole[at] = is_whole(spans, node);
        if (!erasure->whole[at])
            continue;
        struct identifier *identifier = &erasure->identifiers[erasure->identifier_count];
        uint8_t key[IDENTIFIER_KEY_BYTES];
        struct slice value;
        struct identifier_row row;
        identifier_node_key(erasure->write->workspace, node, key);
        enum status status =
            store_batch_get(erasure->write->batch, erasure->write->store, SPACE_IDENTIFIER,
                            slice_make(key, sizeof key), erasure->write->arena, &value);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status == STATUS_OK)
            status = identifier_row_unpack(value, &row);
        if (status != STATUS_OK)
            return status;
        *identifier = row.identifier;
        struct store_erasure *hash = &erasure->hashes[erasure->identifier_count++];
        *hash =
            (struct store_erasure){.identifier = identifier_hash(erasure->write->store, identifier),
                                   .workspace = erasure->write->workspace,
                                   .sequence = erasure->write->sequence};
        struct table_key told = table_key(hash->workspace, 0, hash->identifier.bytes);
        uintptr_t last = erasure->told ? key_table_get(erasure->told, &told) : 0;
        if (last != 0)
            hash->sequence = (uint64_t)last - 1;
    }
    return STATUS_OK;
}

/* The refusals of all nodes of the person survive with each identifier of theirs. */
static enum status put_tombstones(struct erasure *erasure)
{
    struct consent refused;
    consent_init(&refused);
    bool any = false;
    for (size_t i = 0; i < erasure->node_count; i++) {
        struct consent *consent, kept;
        enum status status =
            people_consent_of(erasure->people, erasure->write, erasure->nodes[i], &consent);
        if (status != STATUS_OK)
            return status;
        if (!erasure->whole[i] || !consent_refusals(consent, &kept))
            continue;
        any = true;
        for (unsigned p = 0; p < PURPOSE_COUNT; p++)
            if (kept.purposes[p].state == CONSENT_DENIED || kept.purposes[p].objected)
                refused.purposes[p] = kept.purposes[p];
    }
    struct buf packed, value;
    buf_init(&packed, CONSENT_BYTES_MAX);
    buf_init(&value, TOMBSTONE_BYTES_MAX);
    consent_pack(&refused, &packed);
    for (size_t i = 0; i < erasure->identifier_count; i++) {
        uint8_t key[IDENTIFIER_KEY_BYTES];
        struct identifier_row row = {.erased = true,
                                     .sequence = erasure->hashes[i].sequence,
                                     .refusals = any ? buf_slice(&packed) : SLICE_NONE};
        identifier_key(erasure->write->workspace, erasure->hashes[i].identifier, key);
        buf_clear(&value);
        identifier_row_pack(&row, &value);
        assert(!value.overflowed);
        store_batch_put(erasure->write->batch, erasure->write->store, SPACE_IDENTIFIER,
                        slice_make(key, sizeof key), buf_slice(&value));
        widen(&erasure->touched[SPACE_IDENTIFIER], slice_make(key, sizeof key));
    }
    buf_done(&packed);
    buf_done(&value);
    return STATUS_OK;
}

static void delete_link(struct erasure *erasure, enum link_kind kind, const struct link *link)
{
    uint8_t key[LINK_KEY_BYTES_MAX];
    size_t size = link_key(erasure->write->workspace, kind, link, key);
    delete_key(erasure, SPACE_LINK, key, size);
}

/* A node's links, and their mirrors at other nodes. What another node's own link to this one
 * says stays. */
static enum status erase_links(struct erasure *erasure, struct uuid node)
{
    static const struct {
        enum link_kind kind, mirror;
    } kinds[] = {
        {LINK_FROM, LINK_TO}, {LINK_CLAIMS, LINK_CLAIMED_BY}, {LINK_CLAIMED_BY, LINK_CLAIMS}};
    uint8_t prefix[LINK_KEY_BYTES_MAX], room[STORE_KEY_BYTES_MAX];
    struct ledger_write *write = erasure->write;
    const struct identity_at now = {
        .store = write->store, .workspace = write->workspace, .sequence = UINT64_MAX};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct link_list list = {0};
        enum status status = links_load(&now, node, kinds[i].kind, write->arena, &list);
        const struct link *links = list.links;
        for (size_t j = 0; status == STATUS_OK && j < list.count; j++) {
            delete_link(erasure, kinds[i].mirror, &links[j]);
            if (kinds[i].kind != LINK_CLAIMED_BY)
                continue;
            uint8_t from[EVENT_KEY_BYTES], to[EVENT_KEY_BYTES];
            event_key_from(write->workspace, links[j].from, INT64_MIN, from);
            event_key_from(write->workspace, links[j].from, INT64_MAX, to);
            struct store_range events = {.from = slice_make(from, sizeof from),
                                         .to = slice_make(to, sizeof to),
                                         .bulk = true};
            status = each_row(erasure, SPACE_EVENT, &events, visit_claimant_event, NULL);
            if (erasure->claimant_count < ERASED_CLAIMANTS_MAX)
                erasure->claimants[erasure->claimant_count++] = links[j].from;
            if (status == STATUS_OK)
                status = people_touch_around(erasure->people, write, links[j].from);
        }
        if (status != STATUS_OK)
            return status;
    }
    size_t size = link_prefix(write->workspace, node, LINK_FROM, prefix) - 1;
    struct store_range range = store_range_of_prefix(slice_make(prefix, size), room);
    delete_range(erasure, SPACE_LINK, &range);
    return STATUS_OK;
}

static enum status erase_consent(struct erasure *erasure, struct uuid node)
{
    uint8_t key[CONSENT_KEY_BYTES_MAX], room[STORE_KEY_BYTES_MAX];
    struct ledger_write *write = erasure->write;
    struct consent_moments moments;
    size_t size = consent_key(write->workspace, node, key);
    delete_key(erasure, SPACE_CONSENT, key, size);
    enum status status =
        consent_history(write->store, write->workspace, node, write->arena, &moments);
    for (size_t i = 0; status == STATUS_OK && i < moments.count; i++)
        delete_log(erasure, moments.list[i].sequence);
    size = consent_history_prefix(write->workspace, node, key);
    struct store_range range = store_range_of_prefix(slice_make(key, size), room);
    delete_range(erasure, SPACE_CONSENT, &range);
    return status;
}

static enum status erase_node(struct erasure *erasure, struct uuid node)
{
    uint32_t workspace = erasure->write->workspace;
    uint8_t key[IDENTIFIER_KEY_BYTES], row[PROFILE_KEY_BYTES];
    identifier_node_key(workspace, node, key);
    delete_key(erasure, SPACE_IDENTIFIER, key, sizeof key);
    for (unsigned scope = SCOPE_DEVICE; scope <= SCOPE_PERSON; scope++) {
        profile_row_key(workspace, node, (enum scope)scope, row);
        delete_key(erasure, SPACE_PROFILE, row, sizeof row);
    }
    enum status status = erase_links(erasure, node);
    return status == STATUS_OK ? erase_consent(erasure, node) : status;
}

/* --- decisions, refused messages -------------------------------------------------------------- */

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
    widen(&erasure->touched[SPACE_DECISION], row);
    delete_key(erasure, SPACE_DECIDED, key.data, key.size);
    erasure->decision_count++;
    return STATUS_OK;
}

static enum status erase_decisions(struct erasure *erasure)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES + 16], room[STORE_KEY_BYTES_MAX];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < erasure->spans.count && status == STATUS_OK; i++) {
        struct node_span span = erasure->spans.spans[i];
        store_key_prefix(erasure->write->workspace, prefix);
        memcpy(prefix + STORE_KEY_PREFIX_BYTES, span.node.bytes, sizeof span.node.bytes);
        struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
        status = each_row(erasure, SPACE_DECIDED, &range, visit_decided, &span);
    }
    return status;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool holds(struct slice text, struct slice part)
{
    for (size_t at = 0; part.size > 0 && at + part.size <= text.size; at++) {
        size_t i = 0;
        while (i < part.size && lower(text.data[at + i]) == lower(part.data[i]))
            i++;
        if (i == part.size)
            return true;
    }
    return false;
}

static enum status visit_refused(struct erasure *erasure, void *context, struct slice key,
                                 struct slice value)
{
    bool names = false;
    (void)context;
    for (size_t i = 0; i < erasure->identifier_count && !names; i++)
        names = holds(value, erasure->identifiers[i].value);
    if (names)
        delete_key(erasure, SPACE_REFUSED, key.data, key.size);
    return STATUS_OK;
}

static enum status erase_refused(struct erasure *erasure)
{
    uint8_t prefix[STORE_KEY_PREFIX_BYTES], room[STORE_KEY_BYTES_MAX];
    store_key_prefix(erasure->write->workspace, prefix);
    struct store_range range = store_range_of_prefix(slice_make(prefix, sizeof prefix), room);
    range.bulk = true;
    return each_row(erasure, SPACE_REFUSED, &range, visit_refused, NULL);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* The cache must not give an erased node to an event that comes later in the same group. */
static void forget_in_group(struct erasure *erasure)
{
    struct people *people = erasure->people;
    for (size_t i = 0; i < erasure->identifier_count; i++) {
        struct table_key key =
            table_key(erasure->hashes[i].workspace, 0, erasure->hashes[i].identifier.bytes);
        aged_table_remove(&people->identity->nodes, &key);
    }
    for (size_t i = 0; i < erasure->node_count; i++) {
        struct table_key key = table_key(erasure->write->workspace, 0, erasure->nodes[i].bytes);
        if (erasure->whole[i])
            aged_table_remove(&people->consents, &key);
    }
    key_table_clear(&people->identity->claims);
}

static enum status find_erased(struct erasure *erasure, const struct identifier *identifier)
{
    struct people *people = erasure->people;
    struct ledger_write *write = erasure->write;
    struct identifier_row row;
    struct uuid node, root;
    enum status status = identity_cache_find(
        people->identity, write, identifier_hash(write->store, identifier), &node, &row);
    if (status == STATUS_OK)
        status = identity_root_here(people->identity, write->workspace, node, write->now_ms, &root);
    if (status == STATUS_OK)
        status = identity_spans_here(people->identity, write->workspace, root, write->arena,
                                     &erasure->spans);
    return status == STATUS_OK ? collect_nodes(erasure) : status;
}

static enum status erase(struct erasure *erasure, const struct identifier *identifier)
{
    erasure->workspace = erasure->write->workspace;
    enum status status = find_erased(erasure, identifier);
    for (size_t i = 0; i < erasure->node_count && status == STATUS_OK; i++)
        status = people_touch_around(erasure->people, erasure->write, erasure->nodes[i]);
    if (status == STATUS_OK)
        status = people_put_renewals(erasure->people, erasure->write);
    if (status == STATUS_OK)
        status = erase_decisions(erasure);
    if (status == STATUS_OK)
        status = erase_refused(erasure);
    if (status == STATUS_OK)
        status = erase_events(erasure);
    for (size_t i = 0; i < erasure->node_count && status == STATUS_OK; i++)
        if (erasure->whole[i])
            status = erase_node(erasure, erasure->nodes[i]);
    if (status == STATUS_OK)
        status = put_tombstones(erasure);
    if (status == STATUS_OK && !erasure->told)
        status = store_erasures_append(erasure->write->store, erasure->hashes,
                                       erasure->identifier_count);
    if (status == STATUS_OK)
        forget_in_group(erasure);
    return status;
}

static enum status compact_prefix(struct store *store, enum space space, const void *prefix,
                                  size_t size)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct store_range range = store_range_of_prefix(slice_make(prefix, size), room);
    return store_compact(store, space, &range);
}

static enum status compact_node(struct store *store, uint32_t workspace, struct uuid node)
{
    static const enum space spaces[] = {SPACE_EVENT, SPACE_LINK, SPACE_PROFILE, SPACE_CONSENT,
                                        SPACE_DECIDED};
    uint8_t key[IDENTIFIER_KEY_BYTES], prefix[STORE_KEY_PREFIX_BYTES + 16];
    store_key_prefix(workspace, prefix);
    memcpy(prefix + STORE_KEY_PREFIX_BYTES, node.bytes, sizeof node.bytes);
    identifier_node_key(workspace, node, key);
    enum status status = compact_prefix(store, SPACE_IDENTIFIER, key, sizeof key);
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces && status == STATUS_OK; i++)
        status = compact_prefix(store, spaces[i], prefix, sizeof prefix);
    return status;
}

/* Rewrites what was touched, so that the bytes are gone from the files too. Dedup and log rows
 * hold hashes and numbers alone and are spread over their whole spaces: they leave with the
 * ordinary compaction. */
static enum status compact(struct store *store, const struct erasure *erasure)
{
    static const enum space ranges[] = {SPACE_DECISION, SPACE_REFUSED};
    uint32_t workspace = erasure->workspace;
    bool tight = store_free_bytes(store) < store_reserve_bytes(store);
    if (tight)
        store_ballast_release(store);
    enum status status = store_flush(store);
    for (size_t i = 0; i < erasure->node_count && status == STATUS_OK; i++)
        status = compact_node(store, workspace, erasure->nodes[i]);
    for (size_t i = 0; i < erasure->claimant_count && status == STATUS_OK; i++)
        status = compact_node(store, workspace, erasure->claimants[i]);
    for (size_t i = 0; i < erasure->identifier_count && status == STATUS_OK; i++) {
        uint8_t key[IDENTIFIER_KEY_BYTES];
        identifier_key(workspace, erasure->hashes[i].identifier, key);
        status = compact_prefix(store, SPACE_IDENTIFIER, key, sizeof key);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && status == STATUS_OK; i++) {
        const struct key_range *touched = &erasure->touched[ranges[i]];
        uint8_t end[STORE_KEY_BYTES_MAX];
        if (touched->from_size == 0)
            continue;
        struct store_range last =
            store_range_of_prefix(slice_make(touched->to, touched->to_size), end);
        struct store_range range = {.from = slice_make(touched->from, touched->from_size),
                                    .to = last.to};
        status = store_compact(store, ranges[i], &range);
    }
    if (tight)
        store_ballast_restore(store);
    return status;
}

/* --- the ledger kind -------------------------------------------------------------------------- */

struct people_erasure {
    struct ledger_entry entry;
    struct identifier identifier;
    struct erasure erasure;
};

static enum status record_erasure(void *context, struct ledger_entry *entry,
                                  struct ledger_write *write)
{
    struct people *people = context;
    struct people_erasure *item = (struct people_erasure *)entry;
    size_t touches = people->touches.count;
    item->erasure.people = people;
    item->erasure.write = write;
    enum status status = erase(&item->erasure, &item->identifier);
    if (status != STATUS_OK) {
        people->touches.count = touches;
        return status;
    }
    pack_uint(write->log_value, item->erasure.identifier_count);
    for (size_t i = 0; i < item->erasure.identifier_count; i++)
        pack_bytes(write->log_value, item->erasure.hashes[i].identifier.bytes,
                   sizeof item->erasure.hashes[i].identifier.bytes);
    people_log_touches(people, write, (struct uuid){0});
    erase_pending_put(write);
    return STATUS_OK;
}

static void applied_erasure(void *context, struct ledger_entry *entry)
{
    struct people *people = context;
    const struct people_erasure *item = (const struct people_erasure *)entry;
    people_apply_touches(people, entry, NULL);
    identity_forget(people->identity);
    aged_table_clear(&people->consents);
    atomic_fetch_add(&people->erased, 1);
    if (people->options.on_erased)
        people->options.on_erased(people->options.context, entry->workspace, item->erasure.nodes,
                                  item->erasure.node_count);
}

bool people_erased_of_log(struct slice log_value, struct arena *arena, struct uuid **out_nodes,
                          size_t *out_count)
{
    struct unpack in = unpack_of(log_value);
    size_t count = unpack_count(&in, ERASED_NODES_MAX);
    unpack_bytes(&in, count * sizeof(struct hash128));
    return people_logged_touches(slice_make(in.at, (size_t)(in.end - in.at)), arena, out_nodes,
                                 out_count);
}

static enum status replay_erasure(void *context, uint32_t workspace, uint64_t sequence,
                                  struct slice log_value)
{
    struct unpack in = unpack_of(log_value);
    size_t count = unpack_count(&in, ERASED_NODES_MAX);
    unpack_bytes(&in, count * sizeof(struct hash128));
    return people_replay_touches(context, workspace, sequence, (struct uuid){0},
                                 slice_make(in.at, (size_t)(in.end - in.at)));
}

const struct ledger_kind people_erasure_kind = {.name = "erasure",
                                                .code = PEOPLE_KIND_ERASURE,
                                                .may_use_reserve = true,
                                                .begins_group = true,
                                                .record = record_erasure,
                                                .applied = applied_erasure,
                                                .replay = replay_erasure};

enum status people_erase(struct people *people, uint32_t workspace,
                         const struct identifier *identifier, struct erasure_receipt *out_receipt)
{
    struct people_erasure *item = must_alloc_zero(1, sizeof *item);
    item->identifier = *identifier;
    ledger_entry_init(people->ledger, &item->entry, &people_erasure_kind, workspace, sizeof *item);
    struct ledger_entry *entries[1] = {&item->entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    enum status status = ledger_submit_and_wait(people->ledger, &commit);
    if (status == STATUS_OK)
        status = item->entry.status;
    if (status == STATUS_OK)
        status = compact(people->store, &item->erasure);
    if (status == STATUS_OK)
        erase_pending_finished(&people->pending, workspace, item->entry.sequence);
    if (status == STATUS_OK)
        *out_receipt = (struct erasure_receipt){.id = uuid_new(),
                                                .sequence = item->entry.sequence,
                                                .event_count = item->erasure.event_count,
                                                .decision_count = item->erasure.decision_count,
                                                .node_count = item->erasure.node_count};
    free(item);
    return status;
}

/* --- again, at open --------------------------------------------------------------------------- */

static enum status remember_last(void *context, const struct store_erasure *erasure)
{
    struct table_key key = table_key(erasure->workspace, 0, erasure->identifier.bytes);
    key_table_put(context, &key, (uintptr_t)erasure->sequence + 1);
    return STATUS_OK;
}

struct again {
    struct people *people;
    const struct key_table *told;
    enum status status;
};

static enum status erase_one_again(struct again *again, uint32_t workspace,
                                   const struct identifier *identifier, uint64_t sequence)
{
    struct people *people = again->people;
    struct arena arena;
    struct buf log_value;
    struct erasure *erasure = must_alloc_zero(1, sizeof *erasure);
    arena_init(&arena);
    buf_init(&log_value, 1 << 16);
    struct ledger_write write = {.store = people->store,
                                 .batch = store_batch_new(),
                                 .sequence = sequence,
                                 .now_ms = clock_now_ms(),
                                 .arena = &arena,
                                 .log_value = &log_value,
                                 .workspace = workspace};
    erasure->people = people;
    erasure->write = &write;
    erasure->told = again->told;
    enum status status = erase(erasure, identifier);
    if (status == STATUS_OK)
        status = store_write(people->store, write.batch, true);
    if (status == STATUS_OK)
        status = compact(people->store, erasure);
    if (status == STATUS_OK && people->options.on_erased)
        people->options.on_erased(people->options.context, workspace, erasure->nodes,
                                  erasure->node_count);
    profile_cache_doubt_all(people->cache); /* of people who shared a device with them */
    people->touches.count = 0;
    identity_forget(people->identity);
    aged_table_clear(&people->consents);
    store_batch_free(write.batch);
    buf_done(&log_value);
    arena_done(&arena);
    free(erasure);
    return status;
}

/* A value that was minted after its last erasure is a new person's. */
static void visit_told(void *context, const struct table_key *told, uintptr_t value)
{
    struct again *again = context;
    uint8_t key[IDENTIFIER_KEY_BYTES];
    struct hash128 hash;
    struct slice bytes;
    struct identifier_row row;
    struct arena arena;
    if (again->status != STATUS_OK)
        return;
    arena_init(&arena);
    memcpy(hash.bytes, told->bytes, sizeof hash.bytes);
    identifier_key(told->workspace, hash, key);
    enum status status = store_get(again->people->store, SPACE_IDENTIFIER,
                                   slice_make(key, sizeof key), &arena, &bytes);
    if (status == STATUS_OK)
        status = identifier_row_unpack(bytes, &row);
    if (status == STATUS_OK && !row.erased && row.after_erasure != (uint64_t)value - 1)
        status = erase_one_again(again, told->workspace, &row.identifier, (uint64_t)value - 1);
    again->status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    arena_done(&arena);
}

enum status people_erase_again(struct people *people, struct diag *diag)
{
    struct key_table told;
    struct again again = {.people = people, .told = &told};
    key_table_init(&told);
    enum status status =
        store_erasures_scan(store_directory(people->store), remember_last, &told, diag);
    if (status == STATUS_OK) {
        key_table_each(&told, visit_told, &again);
        status = again.status;
    }
    key_table_done(&told);
    return status;
}
