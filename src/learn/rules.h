/* What is looked at next after this item: sequential rules (Ludewig & Jannach 2018, "SR") read
 * from the ended sessions.
 *
 * For the newest item of the visit that sessions know, over its `per_item` newest sessions:
 * every item j that comes d ≤ reach steps after it gets 1/d. Counted when asked, so that a
 * session is learned the moment it is added and nothing is kept beside the index. The fallback
 * of vmis and the list of a product page. A score is a sum over sessions. */
#ifndef VISAVIS_LEARN_RULES_H
#define VISAVIS_LEARN_RULES_H

#include "learn/recommend.h"
#include "learn/session_index.h"

struct rules {
    const struct session_view *view; /* borrowed */
    uint32_t reach, per_item;
};
void rules_init(struct rules *rules, const struct session_view *view);
extern const struct recommender_kind rules_kind; /* its model is a struct rules */

#endif
