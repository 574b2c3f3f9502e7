/* Identifiers, nodes and the links between them.
 *
 * A node is minted once for an identifier (UUIDv7) and written with it. An event lies under the node of its strongest proven
 * identifier. Links are append-only and bitemporal. Each link points from a weaker node to a stronger one, at an event time; the
 * owner of a node at time t is the latest link at or before t, else the first one after: a function of event times, never of arrival. So a shared
 * device never merges two known users: its anonymous events are divided between them by time.
 * A claimed link (public key, no signature) is stored and opens nothing until a proven one for the same pair arrives.
 *
 * The pure part (owner intervals over a list of links) is tested alone; the stateful part runs on the ledger thread and keeps a bounded
 * cache that also sees what the running group has not yet written. */
#ifndef VISAVIS_PERSON_IDENTITY_H
#define VISAVIS_PERSON_IDENTITY_H

#include "ledger/ledger.h"
#include "person/event.h"

struct link {
    struct uuid from, to;       /* weaker → stronger */
    enum identifier_type from_type, to_type;
    int64_t valid_from_ms;      /* event time of the evidence */
    struct event_order order;   /* of the evidence: ties */
    uint64_t known_sequence;    /* when it was learned */
    uint64_t withdrawn_sequence;/* 0: stands */
    bool proven;
};

/* An interval of a node's life that belongs to one owner: from ≤ time < to. */
struct node_span {
    struct uuid node;
    int64_t from_ms, to_ms;
};

/* Owner of events of `from` at time_ms among its standing proven links (any order) known at or before sequence; false when it has none. */
bool identity_owner_at(const struct link *links, size_t count, int64_t time_ms, uint64_t sequence,
                       struct uuid *out_owner);

struct identity;
struct identity *identity_new(struct store *store);
void identity_free(struct identity *identity);

/* Ledger thread: resolves an event's identifiers to its home node, mints nodes and links with their rows put in the write, applies blocked
 * values and per-type limits (dropping the weakest identifier and trying again), fills event->node. */
enum status identity_resolve(struct identity *identity, struct ledger_write *write,
                             struct event *event) MUST_CHECK;
/* Any thread: the node of an identifier as committed. STATUS_NOT_FOUND. */
enum status identity_find(struct store *store, uint32_t workspace, const struct identifier *identifier,
                          struct uuid *out_node) MUST_CHECK;
/* The strongest node that owns this one at an instant, as known at a sequence (UINT64_MAX: now), following proven links. */
enum status identity_root(struct store *store, uint32_t workspace, struct uuid node, int64_t time_ms,
                          uint64_t sequence, struct uuid *out_root) MUST_CHECK;
/* All spans whose events belong to the person of root, root's own first; at most PERSON_NODES_MAX. The person's name is the oldest node whose
 * whole beginning is theirs. */
struct person_spans {
    struct node_span *spans;
    size_t count;
    struct uuid name;
};
enum status identity_spans(struct store *store, uint32_t workspace, struct uuid root,
                           uint64_t sequence, struct arena *arena,
                           struct person_spans *out_spans) MUST_CHECK;
/* Identifiers and links of a person, for people and for export. */
struct identity_facts {
    struct identifier *identifiers;
    struct uuid *identifier_nodes;
    size_t identifier_count;
    struct link *links; /* claimed ones too */
    size_t link_count;
};
enum status identity_facts(struct store *store, uint32_t workspace, const struct person_spans *spans,
                           struct arena *arena, struct identity_facts *out_facts) MUST_CHECK;

#endif
