/* A call and a person as the catalogue is today. A row of a group, whether the page, the basket,
 * an exclusion or an old event names it, is the group's item; a category that was regrouped is
 * where it went, with what was learned of it.
 *
 * Borrows from the pinned snapshot and the workspace and lives in the arena. Costs nothing in a
 * shop without groups and moves. */
#ifndef VISAVIS_API_CANONICAL_H
#define VISAVIS_API_CANONICAL_H

#include "api/starts.h"
#include "decide/input.h"

void canonical_moment(const struct evidence_source *source, struct moment *moment,
                      struct arena *arena);
void canonical_person(const struct evidence_source *source, struct decide_person *person,
                      struct arena *arena);

/* What items are called, for a reader: a decide_title whose context is one of these. */
struct item_titles {
    const struct catalog_snapshot *catalog;
    struct locale_wish locale;
};
struct slice item_titles_find(void *context, struct slice id);

#endif
