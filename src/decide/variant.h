/* A decision's input with one thing changed, to run it again: who else would have been shown?
 *
 * Copies in the arena; whatever stays the same is borrowed. */
#ifndef VISAVIS_DECIDE_VARIANT_H
#define VISAVIS_DECIDE_VARIANT_H

#include "decide/decide.h"

/* The placement of a wish as published, for the caller to change: input gets a policy with this
 * copy. NULL: there is no such placement. */
struct placement *variant_placement(struct decide_input *input, size_t index, struct arena *arena);
/* Without one of its rules, or with only that one; beyond the last: with none. Pins and quotas of
 * new arrivals stay: they remove nothing, and some items are candidates by them alone. */
void variant_without_rule(struct placement *placement, size_t rule, struct arena *arena);
void variant_only_rule(struct placement *placement, size_t rule, struct arena *arena);
void variant_without_kind(struct placement *placement, enum rule_kind kind, struct arena *arena);
/* In the order of the scores: neither explored nor shuffled, nor with places for new arrivals. */
void variant_without_chance(struct placement *placement, struct arena *arena);
/* The candidates of a wish, for the caller to change, with room for one more. */
struct candidate *variant_candidates(struct decide_input *input, size_t index, struct arena *arena,
                                     struct placement_evidence **out_evidence);
/* The wishes, for the caller to change. */
struct wish *variant_wishes(struct decide_input *input, struct arena *arena);

#endif
