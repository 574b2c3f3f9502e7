/* The demo's people keep coming, over HTTP with the public write key as any shop's page would: one
 * visit after the other on one thread of its own, a few seconds apart at first, a minute apart
 * after an hour. A shop that is new gets its first ten minutes at once.
 *
 * What they saw and bought is remembered until the server stops. A call that fails costs that
 * visit alone. */
#ifndef VISAVIS_APP_DEMO_LIVE_H
#define VISAVIS_APP_DEMO_LIVE_H

#include "api/engine.h"

struct demo_live;
/* port on 127.0.0.1. fresh: nobody was here before. NULL: no thread could be started. */
struct demo_live *demo_live_start(unsigned port, const char *write_key, bool fresh);
/* Within about a tenth of a second, or the call that is under way. NULL is nothing. */
void demo_live_stop(struct demo_live *life);

#endif
