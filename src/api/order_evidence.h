/* What is known of a person's habit, for placements that order things: their affinity to each
 * category and how many of their recent views lie in it. */
#ifndef VISAVIS_API_ORDER_EVIDENCE_H
#define VISAVIS_API_ORDER_EVIDENCE_H

#include "api/starts.h"

/* The ids that the call gives, else the placement's, in this order. In the arena. */
struct placement_evidence order_evidence(const struct evidence_source *source,
                                         const struct decide_input *input, const struct wish *wish,
                                         const struct placement *placement, struct arena *arena);

#endif
