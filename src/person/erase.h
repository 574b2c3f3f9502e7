/* What the files of erasure share; nobody else includes it.
 *
 *   people_erase.c   the whole: the ledger kind, the asking thread, again at open
 *   erase_rows.c     deleting; events and decisions
 *   erase_nodes.c    whose nodes they are; identifiers, links, consent, what survives
 *   erase_refused.c  refused messages that name somebody
 *   erase_files.c    rewriting what was touched
 *   erase_pending.c  rewrites that are not done */
#ifndef VISAVIS_PERSON_ERASE_H
#define VISAVIS_PERSON_ERASE_H

#include "person/people_private.h"

enum { ERASED_NODES_MAX = PERSON_NODES_MAX, ERASED_CLAIMANTS_MAX = 256 };

/* The smallest and the largest key touched in a space. */
struct key_range {
    uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    size_t from_size, to_size;
};

struct refused_names;
struct erasure {
    struct people *people;
    struct ledger_write *write;
    /* at open: identifier → sequence of its last erasure + 1; NULL when it is new */
    const struct key_table *told;
    const struct refused_names *refused; /* looked for beforehand; NULL: nothing was */
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

/* --- erase_rows.c ----------------------------------------------------------------------------- */

void erase_widen(struct key_range *range, struct slice key);
void erase_key(struct erasure *erasure, enum space space, const void *key, size_t size);
void erase_range(struct erasure *erasure, enum space space, const struct store_range *range);
void erase_log_row(struct erasure *erasure, uint64_t sequence);
/* Calls visit for each row under a prefix, as committed. */
typedef enum status erase_visitor(struct erasure *erasure, void *context, struct slice key,
                                  struct slice value);
enum status erase_each_row(struct erasure *erasure, enum space space,
                           const struct store_range *range, erase_visitor *visit,
                           void *context) MUST_CHECK;
enum status erase_events(struct erasure *erasure) MUST_CHECK;
/* Events of another node that name one of the erased identifiers as a claim. */
enum status erase_claims(struct erasure *erasure, struct uuid claimant) MUST_CHECK;
enum status erase_decisions(struct erasure *erasure) MUST_CHECK;

/* --- erase_nodes.c ---------------------------------------------------------------------------- */

/* Nodes and identifiers of the spans. */
enum status erase_collect(struct erasure *erasure) MUST_CHECK;
enum status erase_node(struct erasure *erasure, struct uuid node) MUST_CHECK;
/* The refusals of all nodes of the person survive with each identifier of theirs. */
enum status erase_tombstones(struct erasure *erasure) MUST_CHECK;

/* --- erase_refused.c -------------------------------------------------------------------------- */

enum { REFUSED_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 16 };

/* Refused messages are not kept by whom they name, so all are looked through: by the asking
 * thread, for all identifiers of the person as committed. The ledger's thread then looks through
 * what was refused since, and through all only when it erases an identifier that was not looked
 * for. */
struct refused_name {
    uint8_t key[REFUSED_KEY_BYTES];
    uint64_t named; /* a bit for each of the identifiers */
};
struct refused_names {
    struct hash128 identifiers[ERASED_NODES_MAX];
    size_t identifier_count;
    struct refused_name *list;
    size_t count, room;
    uint8_t last[REFUSED_KEY_BYTES]; /* looked through, this one included */
    bool any;                        /* there is a last */
};
enum status refused_names_find(struct people *people, uint32_t workspace,
                               const struct identifier *identifier,
                               struct refused_names *out_names) MUST_CHECK;
void refused_names_done(struct refused_names *names);
enum status erase_refused(struct erasure *erasure) MUST_CHECK;

/* --- erase_files.c ---------------------------------------------------------------------------- */

/* Rewrites what was touched, so that the bytes are gone from the files too. Not on the ledger's
 * thread. */
enum status erase_files(struct store *store, const struct erasure *erasure) MUST_CHECK;

#endif
