/* What the console's first screen shows of a workspace: its placements and what they earn, how
 * fresh catalogue and models are, how well people are known, what needs somebody, and how far
 * along the path crawl, walk, run the shop really is.
 *
 * What costs more than a few microseconds is kept and told with its age: a placement's effect
 * for OVERVIEW_EFFECT_MS (measuring.h says what one costs), the sample of people and the walk
 * through the catalogue for OVERVIEW_PEOPLE_MS. overview_refresh makes anew what is older, the
 * oldest first and for OVERVIEW_REFRESH_US at most, so that the first answer comes soon even
 * where much is measured: what is not known yet is null and comes with the next call. Some 30 ms
 * for a person sample of a large store; everything else reads counters and at most
 * OVERVIEW_REFUSED rows. */
#ifndef VISAVIS_API_OVERVIEW_H
#define VISAVIS_API_OVERVIEW_H

#include "api/activity.h"
#include "api/engine.h"
#include "person/population.h"

enum {
    OVERVIEW_EFFECT_MS = 60000,
    OVERVIEW_PEOPLE_MS = 600000,
    OVERVIEW_REFRESH_US = 200000,
    OVERVIEW_PLACEMENTS = 50, /* the first ones by id; the others stand in the list of placements */
    OVERVIEW_REFUSED = 100,
    OVERVIEW_BYTES_MAX = 1 << 18
};

struct overviews; /* what is kept, of all workspaces */
struct overviews *overviews_new(void);
void overviews_free(struct overviews *overviews);

/* One answer on its way. */
struct overview {
    struct overviews *kept;
    struct engine *engine;
    struct activity *activity;
    const struct workspace *workspace;
    int64_t now_ms;
};
/* Is anything too old, and nobody making it anew? The one who is told so must refresh,
 * or give it back. Any thread. */
bool overview_claim(const struct overview *overview);
void overview_unclaim(const struct overview *overview);
/* Not on a loop. */
void overview_refresh(const struct overview *overview);
/* One JSON object (spec/openapi.yaml: Overview). */
void overview_write(const struct overview *overview, struct arena *arena, struct buf *buf);

/* --- between its files ------------------------------------------------------------------------ */

/* What was counted of a workspace; at_ms 0: not yet. */
struct overview_counted {
    uint32_t workspace;
    int64_t at_ms, changed_ms; /* the catalogue's last change */
    size_t visible;            /* items */
    struct population population;
};
/* What the path is told from. */
struct overview_facts {
    bool events, items, placement, shown, consent, catalog_kept, personal, measured, blends,
        explores, effect_known;
};
/* "path": three steps with their goals, and each role's next one. */
void overview_path_write(const struct overview_facts *facts, struct json_out *out);

#endif
