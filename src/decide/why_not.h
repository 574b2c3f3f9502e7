/* Why an item was not shown: where it stood in a decision, as far as its input tells.
 *
 * Pure; of the input of a live call as of that which a record keeps. A record keeps the candidates
 * near to being shown and some of the removed: of others it says only how many there were. */
#ifndef VISAVIS_DECIDE_WHY_NOT_H
#define VISAVIS_DECIDE_WHY_NOT_H

#include "decide/explain.h"

enum standing_kind {
    STANDING_SHOWN,
    STANDING_REMOVED,      /* by a rule, or by what the catalogue or the call said */
    STANDING_BELOW,        /* a candidate that others went before */
    STANDING_NOT_DRAWN,    /* a new arrival that no step proposed, and others were drawn */
    STANDING_FRUITLESS,    /* a candidate where nothing at all was shown */
    STANDING_BARRED,       /* nothing is on record of it; proposed or not, a rule kept it away */
    STANDING_UNRECORDED,   /* nothing is on record of it, and of some candidates neither */
    STANDING_NOT_PROPOSED, /* no step of the recipe named it */
    STANDING_HELD_OUT,     /* the person was shown nothing */
    STANDING_STOPPED,      /* the placement is switched off */
    STANDING_NO_PLACEMENT,
    STANDING_COUNT
};

struct standing {
    enum standing_kind kind;
    const struct scored *scored; /* what is on record of it; told of the shown and those below */
    size_t slot;                 /* SHOWN: 1 is the first */
    size_t rank;                 /* by score among the eligible, 1 is the best; 0: not among them */
    enum removal removed;        /* REMOVED, BARRED */
    const struct rule *rule;     /* which did; NULL: none that is written down */
    size_t rule_position;        /* of the published placement's, 1 is the first; 0: none */
    const struct scored *last;   /* BELOW: the lowest score shown */
};

/* index is that of the wish. In the arena. */
struct standing standing_of(const struct decide_input *input, const struct outcome *outcome,
                            size_t index, struct slice item, struct arena *arena);

struct why_not {
    const struct decide_input *input;
    const struct outcome *outcome;
    size_t index; /* of the wish */
};

/* One JSON object: {"id","placement","at","itemId","title","standing",…,"sentences":[…],"today"}.
 * today: NULL, or the same question put to the world as it is, told apart; the shopper is not told.
 * docs/explanations.md has the members. */
void decide_why_not(const struct why_not *then, const struct why_not *today, struct slice item,
                    const struct explain_options *options, struct json_out *out);

#endif
