/* Rows of a feed into what is known of their item.
 *
 * A feed says one item in several rows: one a locale, and one a variant of a group
 * (item_group_id). Three facets, each changed by its own rows alone:
 *
 *   what the item is   price, stock, attributes …, with its own texts: the row in its own locale of
 *                      its lead variant; the first row it had, but a row in the workspace's
 *                      language takes the place of one in another
 *   texts              one for each other locale: the row of the lead variant in that locale
 *   variants           one for each row of the group, in the item's own locale
 *
 * A row that names no group is of the lead variant, and its variants are all there are; one
 * without a locale is in the workspace's. So a delta of one locale or one variant leaves the
 * others. Rows of a full feed (item_rows.full) also take away what they do not name, in the
 * locales that the feed speaks. Pure; what comes out lives in the arena and borrows from what
 * went in. */
#ifndef VISAVIS_CATALOG_ITEM_MERGE_H
#define VISAVIS_CATALOG_ITEM_MERGE_H

#include "catalog/catalog.h"

/* known: NULL for a new item. STATUS_NOT_FOUND: no row, and nothing known; STATUS_TOO_LARGE: over
 * ITEM_VARIANTS_MAX or ITEM_TEXTS_MAX. */
enum status item_merge(const struct item *known, const struct item_rows *rows, struct arena *arena,
                       struct item *out_item) MUST_CHECK;
/* Does a full feed in these locales speak for the item, so that one it does not name is gone? */
bool item_rows_speak(const struct item_rows *rows, const struct item *item);

#endif
