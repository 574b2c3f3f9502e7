/* The demo shop: an outdoor catalogue of our own, placements, and five simulated weeks of history.
 *
 * Everything simulated says context.simulated in its message or call. demo_people.h says who
 * comes, demo_live.h how they keep coming, demo_start.h how a start uses this. */
#ifndef VISAVIS_APP_DEMO_H
#define VISAVIS_APP_DEMO_H

#include "api/engine.h"

/* An item and a placement of it, for examples. */
#define DEMO_ITEM "hiking-shoes-01"
#define DEMO_PLACEMENT "produit-souvent-avec"

/* Settings, catalogue, history and, last, placements into a workspace: one that has placements
 * is filled. Waits for the ledger; about a second. Filled twice on one day, the history counts
 * once. */
enum status demo_fill(struct engine *engine, uint32_t workspace, struct diag *diag) MUST_CHECK;

#endif
