/* Gathers what the models say about candidates for one call: the only part of a decision that
 * reads the world.
 *
 * Reads pinned snapshots of the catalogue and of what was learned; everything lives in the arena
 * and borrows from the snapshots. When the deadline passes between two strategies the rest is
 * left out and marked in stages_cut. */
#ifndef VISAVIS_API_EVIDENCE_H
#define VISAVIS_API_EVIDENCE_H

#include "catalog/catalog.h"
#include "decide/decide.h"
#include "learn/learn.h"

struct evidence_source {
    const struct catalog_snapshot *catalog;
    const struct learn_snapshot *learned; /* may be NULL */
    uint64_t deadline_us;                 /* monotonic */
};

/* Fills input->evidence and input->titles for its moment, person and policy. */
void evidence_gather(const struct evidence_source *source, struct decide_input *input,
                     struct arena *arena);

#endif
