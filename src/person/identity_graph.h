/* Who owns a node, when, and which nodes make a person: pure functions over links, wherever they
 * come from.
 *
 * The ledger thread gives its cache as the source (it sees the running group), readers the store
 * as committed. At each instant a node has one owner or none, so the nodes form trees; a person
 * is the tree of a root, as intervals of its nodes' lives. */
#ifndef VISAVIS_PERSON_IDENTITY_GRAPH_H
#define VISAVIS_PERSON_IDENTITY_GRAPH_H

#include "person/identity.h"

enum { HOPS_MAX = 4 };

struct link_source {
    /* All stored links from a node (inward: to it), any order; borrowed until the next call of
     * the source's owner. */
    enum status (*links)(void *context, struct uuid node, bool inward,
                         const struct link **out_links, size_t *out_count);
    void *context;
    uint64_t sequence; /* as known then; UINT64_MAX now */
};

bool link_stands(const struct link *link, uint64_t sequence);
int link_compare(const struct link *a, const struct link *b); /* by evidence, then by owner */

/* A run of one owner: from ≤ time < to. */
struct owner_run {
    struct uuid owner;
    int64_t from_ms, to_ms;
};
/* Runs of a node from its links; none when it has no owner or too many. In the arena. */
struct owner_runs {
    struct owner_run *runs;
    size_t count;
};
void graph_runs(const struct link *links, size_t count, uint64_t sequence, struct arena *arena,
                struct owner_runs *out_runs);
enum status graph_root(const struct link_source *source, struct uuid node, int64_t time_ms,
                       struct uuid *out_root) MUST_CHECK;
enum status graph_spans(const struct link_source *source, struct uuid root, struct arena *arena,
                        struct person_spans *out_spans) MUST_CHECK;

#endif
