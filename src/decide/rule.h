/* Rules that weigh an item's own facts against bounds, the page's item or the person: price, stock,
 * match. What a rule cannot know it says nothing about: then it removes nothing.
 *
 * A rule_case is made once a wish and asked about each candidate, by the decision itself and by
 * whoever gathers candidates. Borrows from rule and input. Any thread. */
#ifndef VISAVIS_DECIDE_RULE_H
#define VISAVIS_DECIDE_RULE_H

#include "decide/input.h"

struct verdict {
    enum removal removed;
    uint32_t person_used; /* PERSON_ bit when something of the person removed it */
};

struct rule_case {
    const struct rule *rule;
    const struct decide_input *input;
    struct slice liked; /* match with the person: their favourite value; empty: none is known */
};

/* Such rules need moment.facts, and of candidates price, stock and the attribute that they name. */
bool rule_weighs(enum rule_kind kind);
/* Those of the placement that weigh, in their order; at most rule_count. */
struct rule_case *rule_cases(const struct placement *placement, const struct decide_input *input,
                             struct arena *arena, size_t *out_count);
struct verdict rule_ask(const struct rule_case *asked, const struct candidate *candidate);

#endif
