/* The ids of a call as the catalogue knows them: a row of a group, whether the page, the basket,
 * an exclusion or an old event names it, is the group's item.
 *
 * Borrows from the pinned snapshot and lives in the arena. Costs nothing in a shop without
 * groups. */
#ifndef VISAVIS_API_CANONICAL_H
#define VISAVIS_API_CANONICAL_H

#include "catalog/item_text.h"
#include "decide/input.h"

void canonical_moment(const struct catalog_snapshot *catalog, struct moment *moment,
                      struct arena *arena);
void canonical_person(const struct catalog_snapshot *catalog, struct decide_person *person,
                      struct arena *arena);

/* What items are called, for a reader: a decide_title whose context is one of these. */
struct item_titles {
    const struct catalog_snapshot *catalog;
    struct locale_wish locale;
};
struct slice item_titles_find(void *context, struct slice id);

#endif
