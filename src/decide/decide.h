/* The decision: a pure function of (moment, person, policy, evidence, seed).
 *
 * Plain values and an arena; no clock, no randomness, no I/O: what the world said stands in the arguments. Two steps, so that a replay needs
 * only the second: the api gathers `struct evidence` (candidates by strategy with the models' answers and the facts the filters need), then
 * decide_run chooses. The record of a decision holds the moment, the person values read, the evidence and the policy version, hence the
 * same bytes come out again (invariant 1).
 *
 * Invariants:
 *  1. decide_run(unpack(pack(input))) gives the same outcome, bit for bit.
 *  2. No item leaves that a filter forbids: one final filter at the end of every path, fall-backs included.
 *  3. Without `personal` nothing of the person is read: outcomes equal an unknown visitor's.
 *  4. The contributions of a score sum to it exactly, in the order given.
 *  5. Every placement asked for is answered, if only with nothing and the reason; within a page no item is shown twice when the placement says so. */
#ifndef VISAVIS_DECIDE_DECIDE_H
#define VISAVIS_DECIDE_DECIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/locale.h"
#include "base/uuid.h"

/* ---- policy: what a placement is, published and immutable --------------------------------------------------------------- */

enum strategy {
    STRATEGY_TRENDING, STRATEGY_BEST_SELLERS, STRATEGY_BOUGHT_TOGETHER, STRATEGY_VIEWED_TOGETHER,
    STRATEGY_RECENTLY_VIEWED, STRATEGY_COUNT
};

struct recipe_step {
    enum strategy strategy;
    double weight;         /* > 0; 1 by default */
};

enum filter_kind {
    FILTER_IN_STOCK, FILTER_EXCLUDE_BOUGHT, FILTER_EXCLUDE_BASKET, FILTER_EXCLUDE_PAGE, /* shown elsewhere on the page */
    FILTER_EXCLUDE_CURRENT, /* the item the page is about */
    FILTER_INCLUDE, FILTER_EXCLUDE /* lists: item ids, or attribute = value */
};

struct filter {
    enum filter_kind kind;
    struct slice attribute;      /* INCLUDE, EXCLUDE: "" means item ids, else "brand", "category" … */
    const struct slice *values;
    size_t value_count;
};

/* fallback: steps are tried in order until the count is full (a mixed recipe blends instead). */
struct placement {
    struct slice id, name;
    bool blend;                  /* false: steps in order, each fills what the one before left open; true: weighted sum of ranks */
    struct recipe_step steps[STRATEGIES_PER_RECIPE_MAX];
    size_t step_count;
    const struct filter *filters;
    size_t filter_count;
    unsigned count;              /* items wanted when the call does not say */
    unsigned deadline_ms;
    double affinity_weight;      /* how much a person's affinities lift a candidate; 0 none */
    double explore;              /* share of calls, 0 to 0.2, whose order is drawn at random among the eligible, for later learning */
};

struct policy {
    uint32_t version;
    int64_t published_ms;
    const struct placement *placements; /* sorted by id */
    size_t placement_count;
};

/* {"id","name","kind":"items","recipe":[{"strategy","weight"}],"blend","filters":[…],"count","deadlineMs","affinityWeight","explore"} as JSON or, turned into JSON by the
 * api, YAML. STATUS_INVALID says the field and what is allowed. */
enum status placement_from_json(const struct json *json, struct arena *arena,
                                struct placement *out_placement, struct diag *diag) MUST_CHECK;
void placement_to_json(const struct placement *placement, struct json_out *out);
void policy_to_json(const struct policy *policy, struct json_out *out);
enum status policy_from_json(const struct json *json, struct arena *arena, struct policy *out_policy,
                             struct diag *diag) MUST_CHECK;
const struct placement *policy_find(const struct policy *policy, struct slice id);
const char *strategy_name(enum strategy strategy); /* "bought_together" */

/* ---- the moment --------------------------------------------------------------------------------------------------------- */

struct wish { /* one placement asked for */
    struct slice placement;
    unsigned count;               /* 0: the placement's */
    const struct slice *exclude;  /* item ids the page shows already */
    size_t exclude_count;
};

struct moment {
    int64_t now_ms;
    int32_t utc_offset_minutes;
    enum locale locale;
    struct slice page_type, page_url, page_item, page_category;
    const struct slice *cart;     /* item ids */
    size_t cart_count;
    const struct wish *wishes;
    size_t wish_count;
    unsigned deadline_ms;
    bool explain;
};

/* ---- what was read of the person (a view for `personalise`, or nothing) --------------------------------------------------- */

struct decide_affinity {
    struct slice attribute, value;
    double weight; /* as of now */
};

struct decide_person {
    bool personal;                 /* the gate was open */
    unsigned level;
    const struct slice *recents;   /* item ids, newest first */
    size_t recent_count;
    const struct slice *bought;
    size_t bought_count;
    const struct slice *basket;
    size_t basket_count;
    const struct decide_affinity *affinities;
    size_t affinity_count;
    struct slice basis;            /* token for words: "granted", "unknown", "denied", "objected", "minor", "contextual" */
    struct slice view;             /* people_view_pack bytes: kept in the record for --refold; empty when contextual */
};

/* ---- evidence: what the models answered, and the facts about candidates ------------------------------------------------- */

struct candidate_attribute {
    struct slice name, value;
};

struct candidate {
    struct slice item;
    bool in_stock, hidden;
    const struct candidate_attribute *attributes; /* only those that filters or affinities of this call can touch */
    size_t attribute_count;
    float answers[STRATEGY_COUNT]; /* the strategy's score; 0: not its candidate */
    struct slice because[STRATEGY_COUNT]; /* the item that called it (bought with …), empty otherwise */
};

struct placement_evidence {
    const struct candidate *candidates; /* sorted by item id */
    size_t candidate_count;
    uint32_t stages_cut;                /* bit per strategy that the deadline cut */
};

struct decide_input {
    struct moment moment;
    struct decide_person person;
    const struct policy *policy;
    const struct placement_evidence *evidence; /* one a wish */
    uint64_t seed;
    struct uuid call;                          /* decision ids derive from it: call id + index */
};

/* ---- outcome ------------------------------------------------------------------------------------------------------------- */

enum removal { /* why a candidate did not leave */
    REMOVED_NOT, REMOVED_HIDDEN, REMOVED_STOCK, REMOVED_BOUGHT, REMOVED_BASKET, REMOVED_PAGE, REMOVED_CURRENT,
    REMOVED_NOT_INCLUDED, REMOVED_EXCLUDED, REMOVED_CALLER, REMOVED_COUNT
};

struct contribution {
    struct slice name;   /* "bought_together", "affinity:brand=Petit Bateau", "exploration" */
    double value;
};

enum { CONTRIBUTIONS_MAX = 12 };

struct scored {
    const struct candidate *candidate;
    enum removal removed;
    double score;
    struct contribution contributions[CONTRIBUTIONS_MAX];
    size_t contribution_count;
    enum strategy lead;  /* the strategy that brought it */
    double probability;  /* of being among the shown, under this policy and its exploration */
};

struct decision {
    struct uuid id;
    struct slice placement;
    const struct placement *definition;   /* NULL: unknown placement */
    const struct scored *all;             /* every candidate, best first, then the removed ones by item id */
    size_t all_count;
    const struct scored *const *shown;
    size_t shown_count;
    const struct scored *runner_up;       /* the best that was not shown, or NULL */
    bool personalised;                    /* something of the person changed score, candidates or filters */
    bool explored;
    struct slice fallback;                /* "" or why less than the first step answered: "bought_together_empty", "deadline", "unknown_placement", "empty" */
};

struct outcome {
    struct decision *decisions;
    size_t decision_count;
};

void decide_run(const struct decide_input *input, struct arena *arena, struct outcome *out_outcome);

/* The answer of POST /v1/decide without the "person" member, as bytes; equal outcomes give equal bytes. */
void decide_write_answer(const struct decide_input *input, const struct outcome *outcome,
                         struct buf *buf);

/* ---- record -------------------------------------------------------------------------------------------------------------- */

/* Packs all that a replay needs, and a hash of the answer; aim ≤ 1 kB a placement, at most DECISION_RECORD_BYTES_MAX (candidates that did not survive
 * the first cut are dropped, and counted). sequence: what was known. asker: how to find the person again for --refold (node), zero when contextual. */
struct decision_record {
    struct decide_input input;     /* input.policy holds only the version when unpacked */
    uint32_t policy_version;
    uint64_t sequence;
    struct uuid asker_node;
    uint8_t asker_trust;
    struct slice call_events;      /* in-request events, packed by the api */
    uint64_t answer_hash;          /* hash64 of decide_write_answer */
    uint32_t dropped;              /* candidates counted, not kept */
};
void decision_record_pack(const struct decision_record *record, struct buf *buf);
enum status decision_record_unpack(struct slice bytes, struct arena *arena,
                                   struct decision_record *out_record) MUST_CHECK;

/* ---- words ---------------------------------------------------------------------------------------------------------------- */

enum audience_role { ROLE_MARKETER, ROLE_AGENT, ROLE_SHOPPER };

/* Titles come from a function so that words know names as they are today; may answer empty. */
typedef struct slice decide_title(void *context, struct slice item);

/* One decision as JSON for a role and language: what was read and on what basis, candidates by strategy, what each filter removed and why, each score as
 * contributions that sum to it, the runner-up, and sentences. To shoppers: honest and brief, no scores, nothing of others. */
struct explain_options {
    enum audience_role role;
    enum locale locale;
    decide_title *title;
    void *title_context;
};
void decide_explain(const struct decide_input *input, const struct outcome *outcome, size_t index,
                    const struct explain_options *options, struct json_out *out);
/* The short reason beside an item in answers and on moment cards ("Souvent acheté avec Lampe Ida"). Written to buf. */
void decide_reason(const struct decide_input *input, const struct scored *scored,
                   const struct explain_options *options, struct buf *buf);

#endif
