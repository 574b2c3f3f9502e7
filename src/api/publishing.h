/* Publishing placements from outside: the new version, and what the shop should hear about it.
 *
 * Waits for the sync, so not from a loop nor the ledger thread. Where a server answers calls,
 * engine_settle follows, so that the first call finds what the placements ask for. */
#ifndef VISAVIS_API_PUBLISHING_H
#define VISAVIS_API_PUBLISHING_H

#include "api/engine.h"

enum {
    UNKNOWN_TOLD_MAX = 50,
    SETTLE_MS_MAX = 3000 /* some 60,000 items; beyond them steps say for a while "not ready" */
};

struct published {
    uint32_t version; /* in force afterwards */
    /* items that manual steps of these placements name and the catalogue does not have (yet): they
     * are left out until it does. The first so many; in the arena */
    const struct slice *unknown;
    size_t unknown_count;
};

enum status publish_placements(struct engine *engine, const struct placements_wish *wish,
                               struct arena *arena, struct published *out_published,
                               struct diag *diag) MUST_CHECK;

#endif
