/* What may not leave, and why. One wish's rules that remove, ready to be asked about a candidate.
 *
 * Inside decide/ only. Lives in the arena of the decision. filters_ask is the one place that knows
 * the rules; decide.c asks it before ranking and again when an item leaves. */
#ifndef VISAVIS_DECIDE_FILTER_H
#define VISAVIS_DECIDE_FILTER_H

#include "decide/decide.h"
#include "decide/rule.h"
#include "decide/slice_set.h"

/* The lists that all wishes of a call share. */
struct call_lists {
    bool personal;
    struct slice_set cart;
    struct slice_set bought, basket; /* of the person; empty unless personal */
    struct slice_set page;           /* item ids shown so far on this page */
};

struct call_lists call_lists(const struct decide_input *input, struct arena *arena);

/* How many items a wish may show: the call's count, else the placement's. */
unsigned wish_size(const struct wish *wish, const struct placement *definition);

struct wish_filters {
    const struct call_lists *lists;
    const struct placement *definition;
    uint32_t kinds;  /* bit per kind of rule that acts, implied ones included */
    uint32_t seeded; /* bit per column whose step starts from items */
    const struct decide_input *input;
    struct slice_set caller;
    struct slice_set recents;      /* of the person, where such items are excluded */
    const struct rule_case *cases; /* rules that weigh */
    size_t case_count;
    struct slice_set *values; /* one a rule of the definition; empty for simple kinds */
};

/* definition: what wish_placement answers. */
struct wish_filters wish_filters(const struct decide_input *input, size_t index,
                                 const struct placement *definition, const struct call_lists *lists,
                                 struct arena *arena);

static inline bool filters_have(const struct wish_filters *filters, enum rule_kind kind)
{
    return filters->kinds >> kind & 1;
}

/* Does the list of a rule of the definition hold the candidate? By an attribute: *out_value is the
 * value that it holds. hash is slice_set_hash of the candidate's item. */
bool filters_list(const struct wish_filters *filters, size_t rule,
                  const struct candidate *candidate, uint64_t hash, struct slice *out_value);

/* Which variant of a shown item is in the person's size, where a rule asks for that; else empty. */
struct slice decide_variant(const struct decide_input *input, const struct decision *decision,
                            const struct candidate *candidate);

/* hash is slice_set_hash of the candidate's item. */
struct verdict filters_ask(const struct wish_filters *filters, const struct candidate *candidate,
                           uint64_t hash);

#endif
