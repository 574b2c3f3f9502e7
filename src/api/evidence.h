/* Gathers what the models say about candidates for one call: the only part of a decision that
 * reads the world.
 *
 * Reads pinned snapshots of the catalogue and of what was learned; everything lives in the arena
 * and borrows from the snapshots. An item is looked up and its facts are found once a call,
 * whatever placements and strategies name it. When the deadline passes between two strategies
 * the rest is left out and marked in stages_cut. */
#ifndef VISAVIS_API_EVIDENCE_H
#define VISAVIS_API_EVIDENCE_H

#include "api/strategies.h"
#include "decide/decide.h"

/* Fills input->evidence and input->titles for its moment, person and policy. */
void evidence_gather(const struct evidence_source *source, struct decide_input *input,
                     struct arena *arena);

#endif
