/* What a decision is a function of: the moment, what was read of the person, evidence, seed.
 *
 * Plain values; whoever fills them owns the memory, one arena a call as a rule. The record of a
 * decision (record.h) holds exactly these. Limits: base/limits.h. */
#ifndef VISAVIS_DECIDE_INPUT_H
#define VISAVIS_DECIDE_INPUT_H

#include "base/locale.h"
#include "base/uuid.h"
#include "decide/candidate.h"

/* --- the moment ------------------------------------------------------------------------------- */

/* What rules may compare candidates to of an item in the basket that was sent or is known. */
struct basket_facts {
    struct slice item;
    const struct candidate_attribute *attributes; /* that rules name */
    size_t attribute_count;
};

enum { BASKET_FACTS_MAX = CART_LINES_MAX + PROFILE_BASKET_MAX };

struct wish { /* one placement asked for */
    struct slice placement;
    unsigned count;              /* 0: the placement's; at most ITEMS_PER_PLACEMENT_MAX counts */
    const struct slice *exclude; /* item ids the page shows already */
    size_t exclude_count;
    struct order_ids order; /* to put in order; none: the placement's */
    enum arm arm;           /* of whom the placement is measured by; none: in no experiment */
    double arm_share;       /* the probability of that arm */
    bool beyond_budget;     /* of the page (page.h): decided as for an unknown visitor */
};

struct moment {
    int64_t now_ms;
    int32_t utc_offset_minutes;
    enum locale locale;
    struct slice page_type, page_url, page_item, page_category;
    const struct slice *cart; /* item ids */
    size_t cart_count;
    const struct wish *wishes;
    size_t wish_count;
    unsigned deadline_ms;
    struct page_budget budget; /* the call's own; not on record, the wishes are marked by it */
    bool explain;
    /* Some rule of the call weighs prices, stock or the page's attributes: only then the following
     * and the candidates' price and stock are set. */
    bool facts;
    bool blends; /* some placement of the call blends: only then candidates' terms are set */
    int64_t page_price_minor; /* of the page's item; 0 unknown */
    const struct candidate_attribute *page_attributes;
    size_t page_attribute_count;
    const struct basket_facts *basket;
    size_t basket_count;
    bool margins; /* some rule of the call weighs margins: only then candidates' are set */
    bool sizes; /* … asks for the person's sizes: only then theirs and the candidates' are set */
};

/* --- what was read of the person (a view for `personalise`, or nothing) ----------------------- */

struct decide_affinity {
    struct slice attribute, value;
    float weight; /* as of now */
};

struct decide_size { /* "shoe-eu" → "38": one a system, declared or kept most */
    struct slice system, size;
};

struct decide_person {
    bool personal; /* the gate was open */
    unsigned level;
    const struct slice *recents; /* item ids, newest first */
    size_t recent_count;
    const struct slice *bought;
    size_t bought_count;
    const struct slice *basket;
    size_t basket_count;
    const struct decide_affinity *affinities;
    size_t affinity_count;
    const struct decide_size *sizes; /* on record where moment.sizes */
    size_t size_count;
    struct slice basis; /* token for words: "granted", "unknown", "denied", "objected", "minor",
                           "robot", "contextual" */
    struct slice view; /* digest of what was read: held against a --refold; empty when contextual */
};

enum { /* what of the person changed a decision */
       PERSON_AFFINITIES = 1,
       PERSON_RECENTS = 2, /* a recently viewed item is shown */
       PERSON_BOUGHT = 4,  /* exclude_bought removed something, or what they bought is due again */
       PERSON_BASKET =
           8, /* exclude_basket removed something that the moment's cart does not hold */
       PERSON_SEEDS = 16,  /* a shown item was called by one of theirs */
       PERSON_PRICES = 32, /* the price of a shown item fits those they look at and pay */
       PERSON_SIZES = 64,  /* their sizes removed something, or name a shown variant */
       PERSON_LAST = PERSON_SIZES
};

/* An item that a `because` may name and its title, so that a reason is a function of the input. */
struct item_title {
    struct slice item, title; /* the latter may be empty */
};

struct decide_input {
    struct moment moment;
    struct decide_person person;
    const struct policy *policy;
    const struct placement_evidence *evidence; /* one a wish */
    const struct item_title *titles;           /* by item id; at most TITLES_MAX */
    size_t title_count;
    struct blend_weights blend; /* moment.blends */
    uint64_t seed;
    struct uuid call; /* decision ids derive from it: decision_id(call, wish index) */
};

/* The item that called a candidate, or empty. */
static inline struct slice decide_because(const struct decide_input *input,
                                          const struct candidate *candidate, unsigned column)
{
    uint8_t because = candidate->because[column];
    return because > 0 ? input->titles[because - 1].item : SLICE_NONE;
}

#endif
