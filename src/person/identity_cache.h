/* What the ledger thread keeps of identifiers and links, so that it also sees what the running
 * group has not written. Ledger thread only.
 *
 * An identifier or a node's links are loaded from the store once; rows that the group puts are
 * added here at the same time. Nothing is forgotten within a group (identity_settle), so the
 * cache is never behind the batch. */
#ifndef VISAVIS_PERSON_IDENTITY_CACHE_H
#define VISAVIS_PERSON_IDENTITY_CACHE_H

#include "person/aged_table.h"
#include "person/identity_graph.h"
#include "person/identity_rows.h"
#include "person/key_table.h"

/* Evidence of an owner that a node already had: no row is made, but a late link may ask for it
 * within the group. */
struct evidence {
    uint32_t workspace;
    struct uuid from, home;
    struct event_order order;
    uint64_t sequence;
};

struct identity {
    struct store *store;
    struct aged_table nodes; /* keyed hash of an identifier → struct uuid on the heap */
    struct aged_table links; /* node and direction → struct node_links on the heap */
    struct key_table claims; /* hash of (home, claimed) → 1: the claim has its row */
    struct evidence *skipped;
    size_t skipped_count, skipped_room;
    uint32_t workspace; /* of the call that is running: for cache_source */
};

struct node_links {
    struct link *links;
    size_t count, room;
};

/* Links of a node; loads them when they are not there. */
enum status identity_cache_links(struct identity *identity, uint32_t workspace, struct uuid node,
                                 bool inward, struct node_links **out_links) MUST_CHECK;
/* A node that was just minted has none: no look into the store. */
void identity_cache_no_links(struct identity *identity, uint32_t workspace, struct uuid node);
void identity_cache_add_node(struct identity *identity, uint32_t workspace, struct hash128 hash,
                             struct uuid node);
/* Node of an identifier: *out_row is filled when the store had to be asked. STATUS_NOT_FOUND:
 * none, or erased (row tells). */
enum status identity_cache_find(struct identity *identity, struct ledger_write *write,
                                struct hash128 hash, struct uuid *out_node,
                                struct identifier_row *out_row) MUST_CHECK;
/* Both directions are loaded already. */
void identity_cache_add_link(struct identity *identity, uint32_t workspace,
                             const struct link *link);
void identity_cache_skip(struct identity *identity, const struct evidence *evidence);

#endif
