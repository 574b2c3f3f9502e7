/* The demo shop: an outdoor catalogue of our own, placements, three simulated weeks of history, and
 * visitors who keep coming.
 *
 * Everything simulated says context.simulated in its message or call. demo_shop.h says who and
 * what there is, demo_start.h how a start uses this. */
#ifndef VISAVIS_APP_DEMO_H
#define VISAVIS_APP_DEMO_H

#include "api/engine.h"

#include <stdatomic.h>

/* An item and a placement of it, for examples. */
#define DEMO_ITEM "hiking-shoes-01"
#define DEMO_PLACEMENT "produit-souvent-avec"

/* Settings, catalogue, history and, last, placements into a workspace: one that has placements
 * is filled. Waits for the ledger; about a second. Filled twice on one day, the history counts
 * once. */
enum status demo_fill(struct engine *engine, uint32_t workspace, struct diag *diag) MUST_CHECK;

/* One visit every two seconds over HTTP, with the public write key as any shop's page would,
 * until *stop; returns within about two seconds of it. host: a numeric address. A call that
 * fails costs that visit alone. */
void demo_run_live(const char *host, unsigned port, const char *write_key, const atomic_bool *stop);

#endif
