/* See identity_cache.h. */
#include "person/identity_cache.h"

#include <assert.h>
#include <stdlib.h>

static void free_node(uintptr_t value)
{
    free((struct uuid *)value);
}

static void free_links(uintptr_t value)
{
    struct node_links *list = (struct node_links *)value;
    free(list->links);
    free(list);
}

struct identity *identity_new(struct store *store)
{
    struct identity *identity = must_alloc_zero(1, sizeof *identity);
    identity->store = store;
    aged_table_init(&identity->nodes, free_node);
    aged_table_init(&identity->links, free_links);
    key_table_init(&identity->claims);
    return identity;
}

void identity_forget(struct identity *identity)
{
    aged_table_clear(&identity->nodes);
    aged_table_clear(&identity->links);
    key_table_clear(&identity->claims);
    identity->skipped_count = 0;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    aged_table_done(&identity->nodes);
    aged_table_done(&identity->links);
    key_table_done(&identity->claims);
    free(identity->skipped);
    free(identity);
}

void identity_settle(struct identity *identity)
{
    identity->skipped_count = 0;
    aged_table_turn(&identity->nodes, IDENTITY_CACHE_MAX);
    aged_table_turn(&identity->links, LINKS_CACHE_MAX);
    if (identity->claims.count > IDENTITY_CACHE_MAX)
        key_table_clear(&identity->claims);
}

/* --- identifiers ------------------------------------------------------------------------------ */

void identity_cache_add_node(struct identity *identity, uint32_t workspace, struct hash128 hash,
                             struct uuid node)
{
    struct table_key key = table_key(workspace, 0, hash.bytes);
    struct uuid *kept = (struct uuid *)aged_table_get(&identity->nodes, &key);
    if (!kept) {
        kept = must_alloc(sizeof *kept);
        aged_table_put(&identity->nodes, &key, (uintptr_t)kept);
    }
    *kept = node;
}

enum status identity_cache_find(struct identity *identity, struct ledger_write *write,
                                struct hash128 hash, struct uuid *out_node,
                                struct identifier_row *out_row)
{
    struct table_key key = table_key(write->workspace, 0, hash.bytes);
    const struct uuid *kept = (const struct uuid *)aged_table_get(&identity->nodes, &key);
    uint8_t row_key[IDENTIFIER_KEY_BYTES];
    struct slice value;
    if (kept) {
        *out_node = *kept;
        return STATUS_OK;
    }
    identifier_key(write->workspace, hash, row_key);
    enum status status = store_batch_get(write->batch, write->store, SPACE_IDENTIFIER,
                                         slice_make(row_key, sizeof row_key), write->arena, &value);
    if (status == STATUS_OK)
        status = identifier_row_unpack(value, out_row);
    if (status != STATUS_OK)
        return status;
    if (out_row->erased)
        return STATUS_NOT_FOUND;
    identity_cache_add_node(identity, write->workspace, hash, out_row->node);
    *out_node = out_row->node;
    return STATUS_OK;
}

/* --- links ------------------------------------------------------------------------------------ */

static void add_link(struct node_links *list, const struct link *link)
{
    if (list->count == list->room) {
        list->room = list->room == 0 ? 1 : list->room * 2;
        list->links = must_realloc(list->links, list->room * sizeof *list->links);
    }
    list->links[list->count++] = *link;
}

void identity_cache_no_links(struct identity *identity, uint32_t workspace, struct uuid node)
{
    for (unsigned inward = 0; inward < 2; inward++) {
        struct table_key key = table_key(workspace, inward, node.bytes);
        struct node_links *list = must_alloc_zero(1, sizeof *list);
        aged_table_put(&identity->links, &key, (uintptr_t)list);
    }
}

enum status identity_cache_links(struct identity *identity, uint32_t workspace, struct uuid node,
                                 bool inward, struct node_links **out_links)
{
    struct table_key key = table_key(workspace, inward, node.bytes);
    struct node_links *list = (struct node_links *)aged_table_get(&identity->links, &key);
    if (list) {
        *out_links = list;
        return STATUS_OK;
    }
    struct arena arena;
    struct link_list stored;
    const struct identity_at now = {
        .store = identity->store, .workspace = workspace, .sequence = UINT64_MAX};
    arena_init(&arena);
    enum status status = links_load(&now, node, inward ? LINK_TO : LINK_FROM, &arena, &stored);
    if (status == STATUS_OK) {
        list = must_alloc_zero(1, sizeof *list);
        for (size_t i = 0; i < stored.count; i++)
            add_link(list, &stored.links[i]);
        aged_table_put(&identity->links, &key, (uintptr_t)list);
        *out_links = list;
    }
    arena_done(&arena);
    return status;
}

void identity_cache_add_link(struct identity *identity, uint32_t workspace, const struct link *link)
{
    for (unsigned inward = 0; inward < 2; inward++) {
        struct uuid node = inward ? link->to : link->from;
        struct table_key key = table_key(workspace, inward, node.bytes);
        struct node_links *list = (struct node_links *)aged_table_get(&identity->links, &key);
        assert(list);
        add_link(list, link);
    }
}

void identity_cache_skip(struct identity *identity, const struct evidence *evidence)
{
    if (identity->skipped_count == identity->skipped_room) {
        identity->skipped_room = identity->skipped_room == 0 ? 64 : identity->skipped_room * 2;
        identity->skipped =
            must_realloc(identity->skipped, identity->skipped_room * sizeof *identity->skipped);
    }
    identity->skipped[identity->skipped_count++] = *evidence;
}

static enum status cached_links(void *context, struct uuid node, bool inward,
                                const struct link **out_links, size_t *out_count)
{
    struct identity *identity = context;
    struct node_links *list;
    enum status status = identity_cache_links(identity, identity->workspace, node, inward, &list);
    if (status == STATUS_OK) {
        *out_links = list->links;
        *out_count = list->count;
    }
    return status;
}

struct link_source identity_links_here(struct identity *identity, uint32_t workspace)
{
    identity->workspace = workspace;
    return (struct link_source){.links = cached_links, .context = identity, .sequence = UINT64_MAX};
}

enum status identity_root_here(struct identity *identity, uint32_t workspace, struct uuid node,
                               int64_t time_ms, struct uuid *out_root)
{
    struct link_source source = identity_links_here(identity, workspace);
    return graph_root(&source, node, time_ms, out_root);
}

enum status identity_spans_here(struct identity *identity, uint32_t workspace, struct uuid root,
                                struct arena *arena, struct person_spans *out_spans)
{
    struct link_source source = identity_links_here(identity, workspace);
    return graph_spans(&source, root, arena, out_spans);
}
