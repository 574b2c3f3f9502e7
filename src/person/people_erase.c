/* Erasure: everything of a person leaves the store, the files, the memory; a keyed hash of each
 * identifier stays, with what the person refused, so that neither a re-import nor a restored
 * backup brings them back.
 *
 * The asking thread looks through the refused messages; the ledger thread collects and deletes in
 * one write; DIR/erasures is appended before that write, so that a crash in between is made good
 * at the next open. The asking thread then flushes and compacts what was touched. A device that
 * others used too keeps its own identifier and the events of the others; its links to the erased
 * nodes stay, as bare numbers, so that late events of that time fall to nobody. */
#include "person/erase.h"
#include "person/identity_cache.h"

#include "base/clock.h"
#include "base/pack.h"

#include <stdlib.h>

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
    return status == STATUS_OK ? erase_collect(erasure) : status;
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
        status = erase_tombstones(erasure);
    if (status == STATUS_OK && !erasure->told)
        status = store_erasures_append(erasure->write->store, erasure->hashes,
                                       erasure->identifier_count);
    if (status == STATUS_OK)
        forget_in_group(erasure);
    return status;
}

/* --- the ledger kind -------------------------------------------------------------------------- */

struct people_erasure {
    struct ledger_entry entry;
    struct identifier identifier;
    struct refused_names refused;
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
    item->erasure.refused = &item->refused;
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
    enum status status = refused_names_find(people, workspace, identifier, &item->refused);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* their first event may still be on its way */
    if (status == STATUS_OK)
        status = ledger_submit_and_wait(people->ledger, &commit);
    if (status == STATUS_OK)
        status = item->entry.status;
    if (status == STATUS_OK)
        status = erase_files(people->store, &item->erasure);
    if (status == STATUS_OK)
        erase_pending_finished(&people->pending, workspace, item->entry.sequence);
    if (status == STATUS_OK)
        *out_receipt = (struct erasure_receipt){.id = uuid_new(),
                                                .sequence = item->entry.sequence,
                                                .event_count = item->erasure.event_count,
                                                .decision_count = item->erasure.decision_count,
                                                .node_count = item->erasure.node_count};
    refused_names_done(&item->refused);
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
        status = erase_files(people->store, erasure);
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
