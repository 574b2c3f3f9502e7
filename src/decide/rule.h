/* Rules that weigh an item's own facts against bounds, the page's item, the basket or the person:
 * price, stock, match, margin, my_size. What a rule cannot know it says nothing about: then it
 * removes nothing, unless it says otherwise (keeps_unknown).
 *
 * A rule_case is made once a wish and asked about each candidate, by the decision itself and by
 * whoever gathers candidates. Borrows from rule and input. Any thread. */
#ifndef VISAVIS_DECIDE_RULE_H
#define VISAVIS_DECIDE_RULE_H

#include "decide/input.h"

struct verdict {
    enum removal removed;
    uint32_t person_used; /* PERSON_ bits when something of the person removed it, or kept it */
};

/* Values of an attribute that something has; known: it has one, or there is such a thing. */
struct rule_values {
    struct slice *list;
    size_t count;
};

struct rule_case {
    const struct rule *rule;
    const struct decide_input *input;
    struct slice liked; /* match with the person: their favourite value; empty: none is known */
    struct rule_values cart, basket; /* match with the basket: of what was sent, of the person's */
};

bool rule_weighs(enum rule_kind kind);
/* What the input has to hold for a rule to weigh: price, stock and match need moment.facts and of
 * candidates price, stock and the attribute named; a margin needs moment.margins; my_size
 * moment.sizes, without which nothing is known of the person's. */
static inline bool rule_needs_facts(enum rule_kind kind)
{
    return kind == RULE_PRICE || kind == RULE_STOCK || kind == RULE_MATCH;
}

/* Those of the placement that weigh, in their order; at most rule_count. */
struct rule_case *rule_cases(const struct placement *placement, const struct decide_input *input,
                             struct arena *arena, size_t *out_count);
struct verdict rule_ask(const struct rule_case *asked, const struct candidate *candidate);

#endif
