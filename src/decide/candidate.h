/* Evidence: what the models answered, and the facts about candidates.
 *
 * Part of what a decision is a function of (input.h), which says who owns it. */
#ifndef VISAVIS_DECIDE_CANDIDATE_H
#define VISAVIS_DECIDE_CANDIDATE_H

#include "decide/blend.h"

struct trait_table; /* what candidates have in common (traits.h) */

struct candidate_attribute {
    struct slice name, value;
};

enum { AFFINITY_MATCHES_MAX = 4, TITLES_MAX = 255 };

/* The person's affinities that an item's attributes match, as positions in person.affinities: those
 * of the largest shares, the largest first (taste.h fills them in). */
struct likes {
    uint16_t affinities[AFFINITY_MATCHES_MAX];
    uint16_t count;
};

/* What each of several items said for a candidate that they called, where a strategy asks by items:
 * the page's, the basket's, the person's own. */
enum {
    VOICES_MAX = 8,
    VOICES_TITLES_MAX = 32,
    VOICES_KINDS = 6 + RECIPE_REPEATS_MAX,
    ALIKE_COUNT = 5
};
struct voices {
    uint8_t count;              /* more than VOICES_MAX are not listened to */
    uint8_t titles[VOICES_MAX]; /* position + 1 in titles, at most VOICES_TITLES_MAX */
    /* parts of the strategy's answer on one scale; after decide_trim whole numbers, 255 together */
    float said[VOICES_MAX];
    /* what the loudest and the candidate have in common, in 255ths of their likeness, in the order
     * of learn/content.h: text, category, brand, attributes, price; only of `similar` */
    uint8_t alike[ALIKE_COUNT];
};

/* How it comes in the sizes of the person. */
enum size_fit {
    SIZE_UNKNOWN, /* in no size of a system in which theirs is known */
    SIZE_MISSING, /* theirs is not there, or not in stock */
    SIZE_THERE,
    SIZE_FIT_COUNT
};

enum { /* of struct candidate */
       CANDIDATE_MARGIN_WHOLE = 10000,
       CANDIDATE_MARGIN_UNKNOWN = -CANDIDATE_MARGIN_WHOLE - 1
};

struct candidate {
    struct slice item;
    bool in_stock, hidden;
    uint8_t fit;          /* moment.sizes: enum size_fit */
    int16_t margin;       /* moment.margins: in ten-thousandths of the price, -1 whole at least */
    struct slice variant; /* that is in stock in the person's size; empty: the item has none */
    int64_t price_minor;  /* moment.facts: in the currency of the page's item; -1 unknown */
    int64_t stock;        /* moment.facts: units, of all variants together; -1 unknown */
    uint8_t age;          /* days since it came, 1 to RULE_DAYS_MAX; 0: more, or no rule asks */
    struct likes likes;
    uint8_t terms[TERM_COUNT]; /* moment.blends */
    /* bit per column (policy.h): it answered because of something of the person (their recents,
     * their own basket); such answers count only when `personal` */
    uint32_t because_personal;
    /* only those that the placement's rules name */
    const struct candidate_attribute *attributes;
    size_t attribute_count;
    float answers[COLUMN_COUNT];   /* the strategy's score; 0: not its candidate */
    uint8_t because[COLUMN_COUNT]; /* position + 1 in titles: what called it (bought with …) */
    /* by voices_kind; NULL: `because` alone called it, or nothing did */
    const struct voices *voices[VOICES_KINDS];
    /* after decide_trim: the same for those of several wishes that are the same in everything */
    const struct candidate *origin;
};

/* A column whose step asked for something, or repeats a strategy: what, and of which. */
struct asked_step {
    uint8_t column;
    enum strategy strategy;
    uint64_t asks;
};

/* A thing to put in order, and the person's habit of it; zero when nothing of them may be read. */
struct order_entry {
    struct slice id;
    float affinity; /* the weight of the category's affinity */
    uint16_t views; /* recent views in it */
};

struct placement_evidence {
    const struct order_entry *order; /* of kind order: in the shop's order */
    size_t order_count;
    const struct candidate *candidates; /* no item twice; by item id after decide_trim */
    size_t candidate_count;
    const struct asked_step *asked; /* by column; columns without one answered for plain steps */
    size_t asked_count;
    uint32_t stages_cut;              /* bit per column that the deadline cut */
    uint32_t not_ready;               /* bit per column whose strategy has nothing to look at yet */
    const struct trait_table *traits; /* filled by decide_trim; NULL: no rule asks for diversity */
    /* filled by decide_trim; zero when nothing was dropped */
    float highest[COLUMN_COUNT];     /* highest answer before the cut; 0: look at candidates */
    uint32_t answered[COLUMN_COUNT]; /* candidates that it answered for before the cut */
    uint32_t dropped[REMOVED_COUNT]; /* candidates dropped, by reason; REMOVED_NOT: too far below */
    uint32_t dropped_personal;       /* PERSON_ bits of rules that removed dropped candidates */
    uint32_t newcomers;              /* of the dropped: those that a quota could have drawn */
};

#endif
