/* What a placement is: its recipe, its filters, its limits; and a published, immutable set of them.
 *
 * Plain values in the caller's arena; the text borrows from the JSON tree it was read from, hence
 * from the same arena. Any thread. Limits: base/limits.h, and those named below. */
#ifndef VISAVIS_DECIDE_POLICY_H
#define VISAVIS_DECIDE_POLICY_H

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "measure/objective.h"

enum strategy {
    STRATEGY_TRENDING,
    STRATEGY_BEST_SELLERS,
    STRATEGY_BOUGHT_TOGETHER,
    STRATEGY_VIEWED_TOGETHER,
    STRATEGY_RECENTLY_VIEWED,
    STRATEGY_SIMILAR,
    STRATEGY_NEW_ARRIVALS,
    STRATEGY_COMPLETE_BASKET,
    STRATEGY_COUNT
};

struct recipe_step {
    enum strategy strategy;
    double weight; /* > 0; 1 by default */
};

enum filter_kind {
    FILTER_IN_STOCK,
    FILTER_EXCLUDE_BOUGHT,
    FILTER_EXCLUDE_BASKET,
    FILTER_EXCLUDE_PAGE,    /* shown elsewhere on the page */
    FILTER_EXCLUDE_CURRENT, /* the item the page is about */
    FILTER_INCLUDE,         /* lists: item ids, or attribute = one of the values */
    FILTER_EXCLUDE,
    FILTER_COUNT
};

struct filter {
    enum filter_kind kind;
    struct slice attribute; /* INCLUDE, EXCLUDE: "" means item ids, else "brand", "category" … */
    const struct slice *values;
    size_t value_count;
};

/* Limits of a placement as written by a person; the lists' are in base/limits.h. */
#define STEP_WEIGHT_MAX 100.0
#define AFFINITY_WEIGHT_MAX 100.0
#define EXPLORE_MAX 0.2
enum {
    PLACEMENT_ID_BYTES_MAX = 64,
    PLACEMENT_NAME_BYTES_MAX = 120,
    PLACEMENT_COUNT_DEFAULT = 8,
    FILTER_ATTRIBUTE_BYTES_MAX = 64,
    FILTER_VALUE_BYTES_MAX = 256
};

struct placement {
    struct slice id, name;
    /* false: steps in order, each fills what the one before left open; true: a weighted sum */
    bool blend;
    struct recipe_step steps[STRATEGIES_PER_RECIPE_MAX];
    size_t step_count;
    const struct filter *filters;
    size_t filter_count;
    unsigned count; /* items wanted when the call does not say */
    unsigned deadline_ms;
    double affinity_weight; /* how much a person's affinities lift a candidate; 0 none */
    /* share of calls, 0 to 0.2, whose order is drawn at random among the eligible, for learning */
    double explore;
    struct objective objective; /* what it is for, and who is held out; kind none: not measured */
};

struct policy {
    uint32_t version;
    int64_t published_ms;
    const struct placement *placements; /* sorted by id */
    size_t placement_count;
};

/* {"id", "name", "kind": "items", "recipe": ["trending", {"strategy", "weight"}, …], "blend",
 *  "filters": ["in_stock", {"kind": "exclude", "attribute", "values"}, {"kind": "include",
 *  "items"}, …], "count", "deadlineMs", "affinityWeight", "explore", "objective", "holdout"
 *  (measure/objective.h)}. Only id and recipe must be there. Defaults: name = id, blend false,
 *  no filters, count 8, deadlineMs 100, affinityWeight 0,
 * explore 0. Unknown members are refused, since they are mostly typing errors. STATUS_INVALID:
 * diag has the JSON pointer of the field and a sentence that says what is allowed. */
enum status placement_from_json(const struct json *json, struct arena *arena,
                                struct placement *out_placement, struct diag *diag) MUST_CHECK;
/* All members, in the order above, defaults spelled out; reads back as the same placement. */
void placement_to_json(const struct placement *placement, struct json_out *out);

/* {"version", "publishedMs", "placements": […]}; at most PLACEMENTS_MAX, no id twice, in any
 * order. */
enum status policy_from_json(const struct json *json, struct arena *arena,
                             struct policy *out_policy, struct diag *diag) MUST_CHECK;
void policy_to_json(const struct policy *policy, struct json_out *out);
/* NULL when there is none; policy may be one that an unpacked record brought (no placements). */
const struct placement *policy_find(const struct policy *policy, struct slice id);

const char *strategy_name(enum strategy strategy); /* "bought_together" */
bool strategy_from_name(struct slice name, enum strategy *out_strategy);
/* Does it ask by items: the page's, the basket's, the person's own? */
bool strategy_has_seeds(enum strategy strategy);
const char *filter_kind_name(enum filter_kind kind); /* "exclude_bought" */
bool placement_has_filter(const struct placement *placement, enum filter_kind kind);

#endif
