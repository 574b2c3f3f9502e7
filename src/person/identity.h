/* Identifiers, nodes and the links between them.
 *
 * A node is minted once for an identifier (UUIDv7) and written with it. An event lies under the
 * node of its strongest proven identifier. Links are append-only and bitemporal. Each link
 * points from a weaker node to a stronger one, at an event time; the owner of a node at time t
 * is the latest link at or before t, else the first one after: a function of event times, never
 * of arrival. So a shared device never merges two known users: its anonymous events are divided
 * between them by time. A claimed link (public key, no signature) is stored and opens nothing
 * until a proven one for the same pair arrives.
 *
 * The pure part (owner intervals over a list of links) is tested alone; the stateful part runs
 * on the ledger thread and keeps a bounded cache that also sees what the running group has not
 * yet written. */
#ifndef VISAVIS_PERSON_IDENTITY_H
#define VISAVIS_PERSON_IDENTITY_H

#include "ledger/ledger.h"
#include "person/event.h"

enum {
    NODE_LINKS_MAX =
        1024, /* changes of hands of one node; beyond it a kiosk, which belongs to nobody */
    NODE_CLAIMS_MAX = 16,              /* claimed links a node may make */
    ANONYMOUS_LINKS_MS = 7 * 86400000, /* LINKS_PER_TYPE_MAX new devices a person in this time */
    HANDOVER_SCAN_MAX =
        10000, /* events looked through for the evidence that a late link cuts in two */
    /* kept by the ledger thread: identifiers, and directions of nodes with their links (two a node,
     * about 120 bytes each) */
    IDENTITY_CACHE_MAX = 131072,
    LINKS_CACHE_MAX = 2 * IDENTITY_CACHE_MAX
};

struct link {
    struct uuid from, to; /* weaker → stronger */
    enum identifier_type from_type, to_type;
    int64_t valid_from_ms;       /* event time of the evidence */
    struct event_order order;    /* of the evidence: ties */
    uint64_t known_sequence;     /* when it was learned */
    uint64_t withdrawn_sequence; /* 0: stands */
    bool proven;
};

/* An interval of a node's life that belongs to one owner: from ≤ time < to. */
struct node_span {
    struct uuid node;
    int64_t from_ms, to_ms;
};

/* All spans whose events belong to the person of root, root's own first; at most
 * PERSON_NODES_MAX. The person's name is the oldest node whose whole beginning is theirs. */
struct person_spans {
    struct node_span *spans;
    size_t count;
    struct uuid name;
};
/* Owner of events of `from` at time_ms among its standing proven links (any order) known at or
 * before sequence; false when it has none. */
bool identity_owner_at(const struct link *links, size_t count, int64_t time_ms, uint64_t sequence,
                       struct uuid *out_owner);

struct identity;
struct identity *identity_new(struct store *store);
void identity_free(struct identity *identity);

/* --- ledger thread ---------------------------------------------------------------------------- */

/* What an event's identifiers did. */
struct identity_outcome {
    bool home_is_new;   /* minted now, and its identifier was never erased: nothing lies under it */
    struct uuid device; /* of the proven anonymous id, else the home node */
    bool device_is_new;
    bool device_left_out; /* by the limits: what its choices are is not known */
    struct uuid
        *changed; /* nodes whose owners or people changed by a new link; in the write's arena */
    size_t changed_count;
};
/* Resolves an event's identifiers to its home node, mints nodes and links with their rows put in
 * the write, applies blocked values and per-type limits (dropping the weakest identifier and
 * trying again), fills event->node. STATUS_INVALID: no proven identifier is left. Reads come
 * before puts: an error leaves nothing behind. */
enum status identity_resolve(struct identity *identity, struct ledger_write *write,
                             struct event *event, struct identity_outcome *out_outcome) MUST_CHECK;
/* The home node an event would have; mints nothing. STATUS_NOT_FOUND: it would be minted.
 * STATUS_INVALID: as above. */
enum status identity_home(struct identity *identity, struct ledger_write *write,
                          const struct event *event, struct uuid *out_node) MUST_CHECK;
/* The same for the device: the node of the proven anonymous id, else the home node. */
enum status identity_device(struct identity *identity, struct ledger_write *write,
                            const struct event *event, struct uuid *out_node) MUST_CHECK;
/* The node of an identifier, minted when unknown. */
enum status identity_mint(struct identity *identity, struct ledger_write *write,
                          const struct identifier *identifier, struct uuid *out_node) MUST_CHECK;
/* Withdraws all standing links between two nodes, in either direction. STATUS_NOT_FOUND when
 * there is none. */
enum status identity_withdraw(struct identity *identity, struct ledger_write *write, struct uuid a,
                              struct uuid b) MUST_CHECK;
/* Root of a node, and the nodes of its person, as the running group sees them. */
enum status identity_root_here(struct identity *identity, uint32_t workspace, struct uuid node,
                               int64_t time_ms, struct uuid *out_root) MUST_CHECK;
enum status identity_spans_here(struct identity *identity, uint32_t workspace, struct uuid root,
                                struct arena *arena, struct person_spans *out_spans) MUST_CHECK;
/* Links as the running group sees them, for identity_graph.h. */
struct link_source;
struct link_source identity_links_here(struct identity *identity, uint32_t workspace);
/* The group is on the disk: the cache may forget. */
void identity_settle(struct identity *identity);
/* Forgets everything at once (after an erasure). */
void identity_forget(struct identity *identity);

/* --- any thread ------------------------------------------------------------------------------- */

/* Where to look, and as known when. */
struct identity_at {
    struct store *store;
    uint32_t workspace;
    uint64_t sequence; /* UINT64_MAX: now */
};
/* The node of an identifier as committed. STATUS_NOT_FOUND. */
enum status identity_find(struct store *store, uint32_t workspace,
                          const struct identifier *identifier, struct uuid *out_node) MUST_CHECK;
/* The same as known at a sequence: what was minted later is not found. */
enum status identity_find_as_known(const struct identity_at *at,
                                   const struct identifier *identifier,
                                   struct uuid *out_node) MUST_CHECK;
/* The strongest node that owns this one at an instant, as known at a sequence (UINT64_MAX: now),
 * following proven links. */
enum status identity_root(const struct identity_at *at, struct uuid node, int64_t time_ms,
                          struct uuid *out_root) MUST_CHECK;
/* The spans of the person of a root; see struct person_spans. */
enum status identity_spans(const struct identity_at *at, struct uuid root, struct arena *arena,
                           struct person_spans *out_spans) MUST_CHECK;
/* Identifiers and links of a person, for people and for export. */
struct identity_facts {
    struct identifier *identifiers;
    struct uuid *identifier_nodes;
    size_t identifier_count;
    struct link *links; /* claimed ones too */
    size_t link_count;
};
enum status identity_facts(struct store *store, uint32_t workspace,
                           const struct person_spans *spans, struct arena *arena,
                           struct identity_facts *out_facts) MUST_CHECK;

#endif
