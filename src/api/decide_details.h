/* What a page needs to show the items of a decision: the catalogue's words, not the decision's, so
 * they stand beside it in the answer and are on no record. */
#ifndef VISAVIS_API_DECIDE_DETAILS_H
#define VISAVIS_API_DECIDE_DETAILS_H

#include "catalog/item_text.h"
#include "decide/decide.h"

/* Adds "details" to the JSON object in body: each shown item by its id, once, in the language
 * wished for. */
void decide_details_add(const struct outcome *outcome, const struct catalog_snapshot *catalog,
                        const struct locale_wish *locale, struct buf *body);

#endif
