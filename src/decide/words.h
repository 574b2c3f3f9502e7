/* The texts of explanations, in French and English, each written and not translated word by word.
 *
 * Inside decide/ only, but for word_strategy. A pattern holds {1}, {2} … where values go. French
 * keeps a no-break space before : ; ? ! and inside « », a narrow one before % and in thousands, and
 * a comma in numbers; the fixed words are those of the glossary (emplacement, recette, source,
 * repli, version publiée). */
#ifndef VISAVIS_DECIDE_WORDS_H
#define VISAVIS_DECIDE_WORDS_H

#include "base/buf.h"
#include "base/locale.h"
#include "decide/explain.h"
#include "decide/operations.h"

enum { STEP_NAME_BYTES_MAX = 256 };

enum word {
    WORD_SHOWN_ONE,  /* {1} placement, {2} version */
    WORD_SHOWN_MANY, /* and {3} count */
    WORD_SHOWN_NONE,
    WORD_UNKNOWN_PLACEMENT, /* {1} placement */
    WORD_AGENT_SHOWN,       /* {1} titles */
    WORD_AGENT_NONE,
    WORD_EXPLORED,     /* {1} eligible */
    WORD_FIRST,        /* {1} title, {2} score */
    WORD_RUNNER_UP,    /* {1} title, {2} score, {3} gap */
    WORD_REMOVED_ONE,  /* {1} reasons with counts */
    WORD_REMOVED_MANY, /* and {2} count */
    WORD_PERSON_USED,  /* {1} list */
    WORD_PERSON_UNUSED,
    WORD_CUT, /* {1} strategies */
    WORD_FALLBACK_EMPTY,
    WORD_FALLBACK_DEADLINE,
    WORD_FALLBACK_HOLDOUT,
    WORD_FALLBACK_STOPPED,
    WORD_FALLBACK_BUDGET,
    WORD_AGENT_BUDGET,
    WORD_SHOPPER_BUDGET,
    WORD_HELD_OUT,      /* {1} share in per cent */
    WORD_FALLBACK_STEP, /* {1} strategy */
    WORD_FALLBACK_NOT_READY,
    WORD_FALLBACK_STEP_NOT_READY, /* {1} strategy */
    WORD_CONTRIBUTION,            /* {1} strategy, {2} value */
    WORD_CONTRIBUTION_WITH,       /* {1} strategy, {2} value, {3} title */
    WORD_LIFT,                    /* {1} attribute in words, {2} value of it, {3} value */
    WORD_LIFT_OTHER,              /* the same for an attribute of the shop's own: {1} its name */
    WORD_ORDER_MOVED,             /* {1} placement, {2} what moved */
    WORD_ORDER_KEPT,              /* {1} placement */
    WORD_AGENT_ORDER_MOVED,
    WORD_AGENT_ORDER_KEPT,
    WORD_SHOPPER_ORDER_MOVED,
    WORD_SHOPPER_ORDER_KEPT,
    WORD_ORDER_HOLDOUT,
    WORD_ORDER_HELD_OUT, /* {1} share in per cent */
    WORD_ORDER_AFFINITY, /* {1} value */
    WORD_ORDER_VIEWS,
    WORD_BOOST, /* as WORD_LIFT */
    WORD_BOOST_OTHER,
    WORD_BOOST_ITEM,
    WORD_BURY,
    WORD_BURY_OTHER,
    WORD_BURY_ITEM,
    WORD_TERMS, /* {1} value: what a blend weighs beside steps and tastes, in one sum */
    WORD_REMOVED_SECRET,
    WORD_SIZE_UNKNOWN,
    WORD_SHUFFLED, /* {1} how many were drawn among */
    WORD_REASON_NEW,
    WORD_INVITED_ONE,  /* {2} how many were drawn among */
    WORD_INVITED_MANY, /* and {1} count */
    WORD_AGENT_INVITED_ONE,
    WORD_AGENT_INVITED_MANY,
    WORD_SHOPPER_INVITED_ONE,
    WORD_SHOPPER_INVITED_MANY,
    WORD_PINNED_ONE,
    WORD_PINNED_MANY, /* {1} count */
    WORD_SHOPPER_NONE,
    WORD_SHOPPER_PERSONAL, /* {1} list */
    WORD_SHOPPER_CHANGE,
    WORD_SHOPPER_IMPERSONAL,
    WORD_SHOPPER_EXPLORED,
    WORD_SHOPPER_SHUFFLED,
    WORD_SHOPPER_SIZE_UNKNOWN,
    WORD_SHOPPER_HELD_OUT,
    WORD_COUNT
};

enum fact {
    FACT_PAGE_ITEM,
    FACT_PAGE_CATEGORY,
    FACT_CART,
    FACT_RECENTS,
    FACT_BOUGHT,
    FACT_BASKET,
    FACT_AFFINITIES,
    FACT_SIZES,
    FACT_COUNT
};

const char *word_of(enum word word, enum locale locale);
const char *word_strategy(enum strategy strategy, enum locale locale); /* "Achetés ensemble" */
/* "Articles proches du dernier article vu, sur 30 jours": what a step asks for. */
void words_put_step(struct buf *buf, const struct recipe_step *step, enum locale locale);
const char *word_removal(enum removal removal, enum locale locale);
/* {1} what it says it of, {2} how many. */
const char *word_operation(enum operation_kind kind, enum locale locale);
const char *word_basis(struct slice token, enum locale locale);
/* "la marque", "the brand"; NULL for an attribute of the shop's own. */
const char *word_attribute(struct slice name, enum locale locale);
const char *fact_name(enum fact fact); /* "page_item" */
const char *word_fact(enum fact fact, enum locale locale);
/* "price_fit": "Prix habituel", "Usual price" */
const char *word_term(struct slice name, enum locale locale);
/* One PERSON_ bit, as the marketer and the agent, or as the shopper reads it. */
const char *word_person(uint32_t bit, enum audience_role role, enum locale locale);

enum reason_form {
    REASON_PLAIN,  /* nothing is known of what called it */
    REASON_PAGE,   /* the page's item called it */
    REASON_TITLED, /* {1} title of what called it */
    REASON_FORM_COUNT
};
/* strategy may be STRATEGY_COUNT: the shop itself put it there. */
const char *word_reason(enum strategy strategy, enum reason_form form, enum locale locale);
/* One of the things that called an item, after word_because: {1} title, "was looking at {1}". */
const char *word_cause(enum fact fact, enum audience_role role, enum locale locale);
/* "Because this person", "Parce que vous"; what follows joins it. */
const char *word_because(enum audience_role role, enum locale locale);
/* What they have to do with the item: ", both often bought with this". NULL: not asked by items. */
const char *word_tail(enum strategy strategy, size_t cause_count, enum locale locale);
/* "same brand": what two items have in common, by struct voices' order. */
const char *word_alike(size_t kind, enum locale locale);
/* What the shown items have in common, to the shopper. */
const char *word_shopper_lead(enum strategy strategy, bool several, enum locale locale);

/* Appends the pattern with {1} … {9} replaced by values[0] … values[8]. */
void words_put(struct buf *buf, const char *pattern, const struct slice *values);
/* "62 %" with a narrow no-break space, or "62%". */
void words_put_percent(struct buf *buf, unsigned percent, enum locale locale);
/* "1 234" with a narrow no-break space, or "1,234". */
void words_put_count(struct buf *buf, uint64_t count, enum locale locale);
/* "0,83" or "0.83", with sign when asked. */
void words_put_number(struct buf *buf, double value, bool sign, enum locale locale);
/* The mark between things of a list, and before the last one. */
struct slice words_between(bool last, enum locale locale);

#endif
