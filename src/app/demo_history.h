/* What the demo's people did before the shop was opened here: visits of HISTORY_DAYS by the
 * shop's own pages, as messages of the Segment family that go through the ordinary intake.
 *
 * Follows from DEMO_SEED, the day it is written on and how far that day has come: written again
 * on that day, what is there already counts nothing, since each message has its own id. Who did
 * not agree leaves nothing. Who has an account tells a name before the first order. The faces of
 * demo_people.h are told at each of their levels too. Each message says context.simulated.
 * Inside app/ only; one thread; waits for the ledger. */
#ifndef VISAVIS_APP_DEMO_HISTORY_H
#define VISAVIS_APP_DEMO_HISTORY_H

#include "api/engine.h"
#include "simulate/world.h"

enum status demo_history_write(struct engine *engine, uint32_t workspace, const struct world *world,
                               struct diag *diag) MUST_CHECK;

#endif
