/* What a placement is: its recipe, its rules, its limits; and a published, immutable set of them.
 *
 * Plain values in the caller's arena; the text borrows from the JSON tree it was read from, hence
 * from the same arena. Any thread. Limits: base/limits.h, and those named below. */
#ifndef VISAVIS_DECIDE_POLICY_H
#define VISAVIS_DECIDE_POLICY_H

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "decide/rule_kinds.h"
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
    STRATEGY_CATEGORY_TRENDING,
    STRATEGY_CATEGORY_BEST_SELLERS,
    STRATEGY_REPURCHASE_DUE,
    STRATEGY_SESSIONS,
    STRATEGY_VIEWED_NEXT,
    STRATEGY_MANUAL,
    STRATEGY_BOUGHT_AFTER_VIEW,
    STRATEGY_COUNT
};

/* What a step starts from. */
enum step_key {
    KEY_ANY, /* not said: all that the strategy understands, what is nearest the loudest */
    KEY_CURRENT_ITEM,
    KEY_BASKET,
    KEY_LAST_BOUGHT,
    KEY_LAST_VIEWED,
    KEY_FAVOURITE_CATEGORY,
    KEY_PAGE_CATEGORY,
    KEY_COUNT
};

/* Answers about a candidate stand in columns, one a step: a strategy's first step in the column of
 * its number, further ones in columns of their own. */
enum { COLUMN_COUNT = STRATEGY_COUNT + RECIPE_REPEATS_MAX };

struct recipe_step {
    enum strategy strategy;
    double weight; /* > 0; 1 by default */
    enum step_key key;
    unsigned lookback_days;    /* of the person's own views and orders; 0: all that is known */
    const struct slice *items; /* MANUAL, in the order to show */
    size_t item_count;
    /* set by reading: which of the steps that repeat a strategy; 0: the strategy's first */
    uint8_t repeat;
    uint64_t asks; /* set by reading: digest of key, look-back and items; 0: none is said */
};

static inline unsigned step_column(const struct recipe_step *step)
{
    return step->repeat == 0 ? (unsigned)step->strategy : STRATEGY_COUNT + step->repeat - 1U;
}

enum mix {
    MIX_IN_ORDER, /* each step fills what the ones before left open */
    MIX_WEIGHTED, /* a weighted sum over the steps */
    MIX_BLEND     /* learned weights over the steps, tastes and terms (blend.h) */
};

/* Limits of a placement as written by a person; the lists' are in base/limits.h. */
#define STEP_WEIGHT_MAX 100.0
#define STEP_LOOKBACK_DAYS_MAX 3650.0
#define AFFINITY_WEIGHT_MAX 100.0
#define EXPLORE_MAX 0.2
enum {
    PLACEMENT_ID_BYTES_MAX = 64,
    PLACEMENT_NAME_BYTES_MAX = 120,
    PLACEMENT_COUNT_DEFAULT = 8,
    ORDER_MOVES_DEFAULT = 3,
    PRIORITY_MAX = 1000 /* and as far below zero */
};

enum placement_kind {
    PLACEMENT_ITEMS, /* shows items */
    PLACEMENT_ORDER  /* puts things that the shop has (a menu's categories) in order */
};

struct order_ids {
    const struct slice *list; /* in the shop's own order */
    size_t count;
};

struct placement {
    struct slice id, name;
    enum placement_kind kind;
    struct order_ids order; /* ORDER: unless the call brings its own */
    unsigned moves;         /* ORDER: entries that may leave their place */
    enum mix mix;
    struct recipe_step steps[STRATEGIES_PER_RECIPE_MAX];
    size_t step_count;
    /* the last so many steps are the fallback's, asked in order where the recipe's give too few */
    size_t fallback_count;
    unsigned minimum; /* with fewer items it could not be filled; 0: with fewer than wanted */
    bool withholds;   /* then shows nothing; else what there is */
    const struct rule *rules;
    size_t rule_count;
    unsigned count; /* items wanted when the call does not say */
    unsigned deadline_ms;
    double affinity_weight; /* how much a person's affinities lift a candidate; 0 none */
    bool sets_margin;       /* of a blend: how much margins count, instead of what was learned */
    double margin_weight;
    /* share of calls, 0 to 0.2, whose order is drawn at random among the eligible, for learning */
    double explore;
    struct objective objective; /* what it is for, and who is held out; kind none: not measured */
    int priority;               /* of a call's placements the higher are served first */
    bool stopped;               /* shows nothing, so that the page keeps its own content */
};

struct page_budget { /* how many placements of one call may be personalised */
    bool limited;
    unsigned personalised_max;
};

struct policy {
    uint32_t version;
    int64_t published_ms;
    struct slice by;                    /* who published it: "user:ada"; may be empty */
    const struct placement *placements; /* sorted by id */
    size_t placement_count;
    struct page_budget page; /* of every call */
};

/* {"id", "name", "kind": "items",
 *  "recipe": ["trending", {"strategy", "weight", "key", "lookbackDays", "items"}, …], "mix":
 *  "in_order", "weighted" or "blend", "rules": ["in_stock", {"kind": "exclude", "attribute",
 *  "values", "from", "until"}, {"kind": "include", "items"}, …], "minimum", "fallback" (as
 *  "recipe"), "partial", "count", "deadlineMs", "affinityWeight", "marginWeight", "explore",
 *  "priority", "objective", "holdout" (measure/objective.h), "stopped"}; or {"id", "name",
 *  "kind": "order", "items", "moves", "priority", "objective", "holdout", "stopped"};
 *  docs/placements.md has every rule. Only id and recipe must be there. Defaults: name = id,
 * mix in_order, no rules, minimum 0, no fallback, partial true, count 8, deadlineMs 100,
 * affinityWeight 0, explore 0, priority 0. Unknown members are refused. STATUS_INVALID: diag has
 * the JSON pointer of the field and a sentence that says what is allowed. */
enum status placement_from_json(const struct json *json, struct arena *arena,
                                struct placement *out_placement, struct diag *diag) MUST_CHECK;
/* All members, in the order above, defaults spelled out but those of minimum, fallback, partial and
 * priority; reads back as the same placement. */
void placement_to_json(const struct placement *placement, struct json_out *out);

/* {"version", "publishedMs", "by", "page", "placements": […]}; at most PLACEMENTS_MAX, no id
 * twice, in any order. */
enum status policy_from_json(const struct json *json, struct arena *arena,
                             struct policy *out_policy, struct diag *diag) MUST_CHECK;
/* {"personalisedMax": 0 to PLACEMENTS_PER_CALL_MAX}, as a policy's "page"; NULL: no limit. */
enum status page_budget_from_json(const struct json *json, struct page_budget *out_budget,
                                  struct diag *diag) MUST_CHECK;
void policy_to_json(const struct policy *policy, struct json_out *out);
/* The placement at an instant, with only the rules that act then: the same one as a rule, else a
 * copy in the arena. */
const struct placement *placement_at(const struct placement *placement, int64_t now_ms,
                                     struct arena *arena);
/* NULL: there is none, as in a policy that a record brought. */
const struct placement *policy_find(const struct policy *policy, struct slice id);

/* A list of ids to put in order, as a placement or a call gives it; field: where it stands. */
enum status order_ids_read(const struct json *list, const char *field, struct arena *arena,
                           struct order_ids *out_ids, struct diag *diag) MUST_CHECK;

const char *strategy_name(enum strategy strategy); /* "bought_together" */
bool strategy_from_name(struct slice name, enum strategy *out_strategy);
/* Where a pin by attribute finds its item when the recipe has none, the first that has one. */
enum { PIN_SOURCE_COUNT = 3 };
extern const struct recipe_step pin_sources[PIN_SOURCE_COUNT];
bool strategy_has_seeds(enum strategy strategy); /* asks by items: the page's, the person's */
const char *step_key_name(enum step_key key);    /* "last_bought"; "" for KEY_ANY */
uint32_t strategy_keys(enum strategy strategy);  /* bit per key that it understands */
bool step_reads_history(const struct recipe_step *step); /* the person's own views or orders */
bool placement_lifts(const struct placement *placement); /* do a person's tastes count in it? */
const char *mix_name(enum mix mix);                      /* "in_order" */
const char *rule_kind_name(enum rule_kind kind);         /* "exclude_bought" */
bool rule_acts(const struct rule *rule, int64_t now_ms); /* by its schedule */
bool placement_has_rule(const struct placement *placement, enum rule_kind kind);
/* How many of the steps are the recipe's, and is a step, by its place, one of the fallback's? */
static inline size_t recipe_steps(const struct placement *placement)
{
    return placement->step_count - placement->fallback_count;
}
/* So few items of those wanted are enough. */
static inline unsigned placement_needs(const struct placement *placement, unsigned wanted)
{
    return placement->minimum > 0 && placement->minimum < wanted ? placement->minimum : wanted;
}
static inline bool step_falls_back(const struct placement *placement, size_t step)
{
    return step >= recipe_steps(placement) && step < placement->step_count;
}

#endif
