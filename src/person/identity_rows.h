/* Rows of identifiers and links: keys, values, reading. Nothing here decides. Any thread.
 *
 * Keys, behind the prefix of 6 bytes:
 *   identifier  'i' | keyed hash of (type, custom name, value) 16    live, or what outlives it
 *               'n' | node 16                                        the identifier of the node
 *   link        node 16 | kind u8 | time 8 | sequence 8 | other 16   kind 0 from the node, 1 to it
 *   claim       node 16 | kind u8 | other 16                         kind 2 made by it, 3 on it
 *   linked      node 16 | kind u8                                    kind 4: it has or had links
 * identity_rows.c and docs/internals/format.md state the values. */
#ifndef VISAVIS_PERSON_IDENTITY_ROWS_H
#define VISAVIS_PERSON_IDENTITY_ROWS_H

#include "person/identity.h"

enum { IDENTIFIER_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 17, LINK_KEY_BYTES_MAX = 64 };
enum link_kind { LINK_FROM, LINK_TO, LINK_CLAIMS, LINK_CLAIMED_BY, LINK_LINKED };

struct hash128 identifier_hash(struct store *store, const struct identifier *identifier);
void identifier_key(uint32_t workspace, struct hash128 hash, uint8_t out_key[IDENTIFIER_KEY_BYTES]);
void identifier_node_key(uint32_t workspace, struct uuid node,
                         uint8_t out_key[IDENTIFIER_KEY_BYTES]);

struct identifier_row {
    bool erased;
    struct uuid node;
    struct identifier identifier;
    uint64_t sequence;      /* when it was minted, or erased */
    uint64_t after_erasure; /* the erasure that this value lived through before, 0 none */
    struct slice refusals;  /* erased: packed consent of nothing but refusals and objections */
};
void identifier_row_pack(const struct identifier_row *row, struct buf *buf);
/* Text borrows from bytes. */
enum status identifier_row_unpack(struct slice bytes, struct identifier_row *out_row) MUST_CHECK;
/* The identifier that a node was minted for. STATUS_NOT_FOUND. */
enum status identifier_of_node(struct store *store, uint32_t workspace, struct uuid node,
                               struct arena *arena, struct identifier *out_identifier) MUST_CHECK;

/* For LINK_FROM and LINK_TO; answers the key's size. */
size_t link_key(uint32_t workspace, enum link_kind kind, const struct link *link, uint8_t *out_key);
/* Prefix of a node's links of a kind. */
size_t link_prefix(uint32_t workspace, struct uuid node, enum link_kind kind, uint8_t *out_key);
void link_put(struct ledger_write *write, const struct link *link);
struct link_list {
    struct link *links;
    size_t count;
};
/* As committed, with what was learned later and what was withdrawn. */
enum status links_load(const struct identity_at *at, struct uuid node, enum link_kind kind,
                       struct arena *arena, struct link_list *out_list) MUST_CHECK;
/* The proven ones in both directions, in one look. */
struct links_around {
    struct link_list outward, inward;
};
enum status links_load_around(const struct identity_at *at, struct uuid node, struct arena *arena,
                              struct links_around *out_links) MUST_CHECK;

#endif
