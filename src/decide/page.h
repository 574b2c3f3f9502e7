/* What the placements of one call share: the order in which they are served, how many may be
 * personalised, and what the page shows already.
 *
 * The higher priority is served first, equals as asked; answers stay in the order asked. Once as
 * many placements of the call were personalised as its budget allows, the rest are beyond it:
 * marked in their wishes, hence on record, and decided from what an unknown visitor's call holds.
 * Pure functions; memory in the caller's arena. */
#ifndef VISAVIS_DECIDE_PAGE_H
#define VISAVIS_DECIDE_PAGE_H

#include "decide/decide.h"
#include "decide/filter.h"
#include "decide/score.h"

/* One by whom wishes are decided, and what was found out about them. */
struct visitor {
    struct decide_input input;
    struct call_lists lists;
    struct taste taste;
};

/* Who came, and an unknown visitor in the same place. */
struct visitors {
    struct visitor known, unknown;
    bool has_unknown; /* some wish is beyond the budget */
};

struct visitors visitors_of(const struct decide_input *input, struct arena *arena);
struct visitor *visitor_of(struct visitors *visitors, const struct wish *wish);
/* Decides one wish as this visitor; unknown placements are told. In the arena. */
void visitor_decide(struct visitor *visitor, size_t index, struct arena *arena,
                    struct decision *decision);
/* What this placement shows, those served after it may have to leave out. */
void visitors_see(struct visitors *visitors, const struct decision *decision);

#endif
