/* What the rules of a call may ask: of the page's item, of the basket, and of each candidate its
 * price, stock, margin and how it comes in the person's sizes.
 *
 * Found in the catalogue, once a call and once a candidate; everything lives in the arena of the
 * request and borrows from the pinned snapshot. */
#ifndef VISAVIS_API_RULE_FACTS_H
#define VISAVIS_API_RULE_FACTS_H

#include "api/starts.h"
#include "decide/rule.h"

/* The rules of a call that weigh. */
struct weighing_rules {
    const struct rule **list;
    size_t count;
};

/* Sets what these rules need of input's moment (facts, margins, sizes, page and basket); answers
 * the currency in which prices are compared, empty when they are not. Of a category the item's own
 * counts, not its parents. */
struct slice rule_facts_of_call(const struct evidence_source *source,
                                const struct weighing_rules *rules, struct decide_input *input,
                                struct arena *arena);
/* The same of a candidate. */
void rule_facts_of_item(const struct item *item, const struct decide_input *input,
                        struct slice currency, struct candidate *candidate);

#endif
