/* What was done to get from candidates to what is shown, in the order of docs/placements.md, with
 * counts: what explanations tell of it.
 *
 * Pure functions of the outcome and its evidence. Counts of what was gathered, removed and capped
 * are of all candidates, those that the record did not keep included; boosts, buries and pins are
 * counted among the shown. */
#ifndef VISAVIS_DECIDE_OPERATIONS_H
#define VISAVIS_DECIDE_OPERATIONS_H

#include "decide/decide.h"

enum operation_kind {
    OPERATION_GATHERED, /* by a step */
    OPERATION_REMOVED,  /* for a reason; removal */
    OPERATION_BOOSTED,
    OPERATION_BURIED,
    OPERATION_PINNED,
    OPERATION_CAPPED,
    OPERATION_FELL_BACK,   /* shown items that only the fallback proposed */
    OPERATION_DIVERSIFIED, /* moved by a rule of diversity */
    OPERATION_EXPLORED,    /* the order was drawn at random among so many */
    OPERATION_SHUFFLED,    /* drawn among so many of the best */
    OPERATION_INVITED,     /* shown new arrivals that a quota drew */
    OPERATION_WITHHELD,    /* too few to be shown */
    OPERATION_SHOWN,
    OPERATION_COUNT
};

struct operation {
    enum operation_kind kind;
    const struct recipe_step *step; /* GATHERED */
    enum removal removal;           /* REMOVED */
    uint64_t count;
};

enum { OPERATIONS_MAX = STRATEGIES_PER_RECIPE_MAX + REMOVED_COUNT + OPERATION_COUNT };

/* Those that did something, every step of the recipe and what is shown always; fills in at most
 * OPERATIONS_MAX. None of an unknown placement. */
size_t operations_of(const struct decision *decision, bool personal,
                     struct operation *out_operations);

const char *operation_name(enum operation_kind kind); /* "gathered" */

/* Candidates that the step of a column answered for; candidates removed for a reason; shown ones
 * that a rule pinned. */
uint32_t operation_answered(const struct decision *decision, bool personal, unsigned column);
uint32_t operation_removed(const struct decision *decision, enum removal removal);
uint32_t operation_pinned(const struct decision *decision);
/* Shown ones that a quota of new arrivals drew. */
uint32_t operation_invited(const struct decision *decision);
/* Was it put there whatever it is worth: by a pin, or by lot as a new arrival? */
static inline bool scored_is_placed(const struct scored *scored)
{
    return scored->slot > 0 || scored->invited;
}

/* Shown ones that only the fallback proposed. */
uint32_t operation_fallen_back(const struct decision *decision);

#endif
