/* Erasure: the bytes leave the files too. Any thread but the ledger's. */
#include "person/erase.h"

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
enum status erase_files(struct store *store, const struct erasure *erasure)
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
