/* Three simulated weeks of the demo shop, as messages of the Segment family that go through the
 * ordinary intake.
 *
 * Follows from a fixed seed and the day it is written on: written twice on a day, the second
 * time counts nothing, since each message has its own id. Who agreed leaves visits, baskets and
 * orders; who refused or was not asked leaves orders alone, because a shop's pages would have
 * sent no more. Each message says context.simulated. Inside app/ only; one thread; waits for the
 * ledger. */
#ifndef VISAVIS_APP_DEMO_HISTORY_H
#define VISAVIS_APP_DEMO_HISTORY_H

#include "api/engine.h"
#include "app/demo_shop.h"

enum status demo_history_write(struct engine *engine, uint32_t workspace,
                               const struct demo_shop *shop, struct diag *diag) MUST_CHECK;

#endif
