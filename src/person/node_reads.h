/* What has been read of nodes at one sequence, each node once: its links both ways, its consent.
 *
 * A card, a fold and a view ask the same few nodes again and again; the store is asked the first
 * time. What is kept is exact as known at the sequence: asked for another one, all is forgotten.
 * Lives in the asker's arena; one thread. */
#ifndef VISAVIS_PERSON_NODE_READS_H
#define VISAVIS_PERSON_NODE_READS_H

#include "person/consent_rows.h"
#include "person/identity_graph.h"
#include "person/identity_rows.h"

struct node_read;
struct node_reads {
    struct identity_at at;
    struct arena *arena;
    struct node_read *first;
};

struct node_reads node_reads(struct store *store, uint32_t workspace, struct arena *arena);
/* The sequence that all reads are of from now on. */
void node_reads_at(struct node_reads *reads, uint64_t sequence);

/* Links of a node, inward or outward; also such as were learned later or withdrawn. */
enum status node_reads_links(struct node_reads *reads, struct uuid node, bool inward,
                             struct link_list *out_list) MUST_CHECK;
/* Consent as known at the sequence. Borrowed. */
enum status node_reads_consent(struct node_reads *reads, struct uuid node,
                               const struct consent **out_consent) MUST_CHECK;
struct link_source node_reads_source(struct node_reads *reads);

#endif
