/* Which of an item's texts a shopper reads: language tags, and the chain of fall-backs.
 *
 * A tag is a language and perhaps a region, "fr" or "en-GB" (RFC 5646), as locale_tag_read writes
 * it. What is asked for is looked for in this order: the very locale asked, its language, the
 * workspace's locale, its language, the item's own texts. Pure. */
#ifndef VISAVIS_CATALOG_ITEM_TEXT_H
#define VISAVIS_CATALOG_ITEM_TEXT_H

#include "catalog/catalog.h"

/* "EN_gb" is "en-GB". In the arena. False for what is no tag. */
bool locale_tag_read(struct slice text, struct arena *arena, struct slice *out_tag);
bool locale_same_language(struct slice left, struct slice right);
/* Is the locale that of the item's own texts? Empty: the workspace's, on both sides. */
bool item_speaks_own(const struct item *item, struct slice locale, struct slice workspace);

struct locale_wish {
    struct slice asked; /* any spelling; empty or no tag: nothing is asked */
    struct slice workspace;
};
/* What a text leaves empty is the item's own. Borrowed from the item. */
struct item_text item_text_in(const struct item *item, const struct locale_wish *wish);

#endif
