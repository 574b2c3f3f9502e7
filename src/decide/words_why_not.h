/* The texts of "why not": each as of the decision, and as of today, which is told apart.
 *
 * Inside decide/ only; patterns as in words.h. */
#ifndef VISAVIS_DECIDE_WORDS_WHY_NOT_H
#define VISAVIS_DECIDE_WORDS_WHY_NOT_H

#include "decide/why_not.h"
#include "decide/words.h"

const char *standing_name(enum standing_kind kind); /* "not_proposed" */
/* {1} title, then SHOWN {2} slot; REMOVED and BARRED {2} reason; BELOW {2} rank, {3} eligible,
 * {4} gap, {5} title of the last shown; UNRECORDED {2} too far behind, {3} removed; NO_PLACEMENT
 * {2} placement. NULL: the explanation of the decision has the words (HELD_OUT, then). */
const char *word_standing(enum standing_kind kind, bool today, enum locale locale);
/* To the shopper, of what may be told to one; {1} title. */
const char *word_standing_shopper(enum standing_kind kind, enum removal removed,
                                  enum locale locale);

enum why_word {
    WHY_RULE,        /* {1} position, {2} kind */
    WHY_RULE_AGENT,  /* no argument: a rule of the shop's */
    WHY_DREW,        /* its rank was enough, but the order was drawn */
    WHY_ARRANGED,    /* its rank was enough, but the rules arranged others before it */
    WHY_DIFFERENCES, /* {1} list */
    WHY_TASTE,       /* {1} attribute in words, {2} value */
    WHY_STEP_ONE,    /* {1} strategy */
    WHY_STEP_MANY,   /* {1} strategy, {2} count */
    WHY_STEP_CUT,
    WHY_STEP_NO_START,
    WHY_STEP_SILENT,
    WHY_TODAY, /* what holds of all that is told of today */
    WHY_COUNT
};
const char *word_why(enum why_word word, enum locale locale);

/* What to change so that it could be shown; {1} title, {2} position of the rule, 0 none. */
const char *word_advice(const struct standing *standing, enum locale locale);

#endif
