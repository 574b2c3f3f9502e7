/* Erasure: whose nodes they are, and the rows of identifiers, links and consent. Ledger thread. */
#include "person/erase.h"

#include <assert.h>

enum { TOMBSTONE_BYTES_MAX = CONSENT_BYTES_MAX + 64 };

static bool is_whole(const struct person_spans *spans, struct uuid node)
{
    int64_t reached_ms = INT64_MIN;
    for (size_t i = 0; i < spans->count; i++)
        for (size_t j = 0; j < spans->count; j++)
            if (uuid_equal(spans->spans[j].node, node) && spans->spans[j].from_ms == reached_ms)
                reached_ms = spans->spans[j].to_ms;
    return reached_ms == INT64_MAX;
}

enum status erase_collect(struct erasure *erasure)
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

enum status erase_tombstones(struct erasure *erasure)
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
        erase_widen(&erasure->touched[SPACE_IDENTIFIER], slice_make(key, sizeof key));
    }
    buf_done(&packed);
    buf_done(&value);
    return STATUS_OK;
}

static void delete_link(struct erasure *erasure, enum link_kind kind, const struct link *link)
{
    uint8_t key[LINK_KEY_BYTES_MAX];
    size_t size = link_key(erasure->write->workspace, kind, link, key);
    erase_key(erasure, SPACE_LINK, key, size);
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
            status = erase_claims(erasure, links[j].from);
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
    erase_range(erasure, SPACE_LINK, &range);
    return STATUS_OK;
}

static enum status erase_consent(struct erasure *erasure, struct uuid node)
{
    uint8_t key[CONSENT_KEY_BYTES_MAX], room[STORE_KEY_BYTES_MAX];
    struct ledger_write *write = erasure->write;
    struct consent_moments moments;
    size_t size = consent_key(write->workspace, node, key);
    erase_key(erasure, SPACE_CONSENT, key, size);
    enum status status =
        consent_history(write->store, write->workspace, node, write->arena, &moments);
    for (size_t i = 0; status == STATUS_OK && i < moments.count; i++)
        erase_log_row(erasure, moments.list[i].sequence);
    size = consent_history_prefix(write->workspace, node, key);
    struct store_range range = store_range_of_prefix(slice_make(key, size), room);
    erase_range(erasure, SPACE_CONSENT, &range);
    return status;
}

enum status erase_node(struct erasure *erasure, struct uuid node)
{
    uint32_t workspace = erasure->write->workspace;
    uint8_t key[IDENTIFIER_KEY_BYTES], row[PROFILE_KEY_BYTES];
    identifier_node_key(workspace, node, key);
    erase_key(erasure, SPACE_IDENTIFIER, key, sizeof key);
    for (unsigned scope = SCOPE_DEVICE; scope <= SCOPE_PERSON; scope++) {
        profile_row_key(workspace, node, (enum scope)scope, row);
        erase_key(erasure, SPACE_PROFILE, row, sizeof row);
    }
    enum status status = erase_links(erasure, node);
    return status == STATUS_OK ? erase_consent(erasure, node) : status;
}
