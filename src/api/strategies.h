/* What each step of a recipe proposes for a call: items, best first, with what called them.
 *
 * A strategy is one function in a table (strategies.c). It is asked the same thing once a call,
 * whichever placements want it, and only for as many as they take. Everything lives in the arena of
 * the request and borrows from pinned snapshots. */
#ifndef VISAVIS_API_STRATEGIES_H
#define VISAVIS_API_STRATEGIES_H

#include "api/starts.h"

/* What a strategy may look at. */
struct seeking {
    const struct evidence_source *source;
    const struct decide_input *input; /* moment, person and policy */
    const struct recipe_step *step;
    const struct start *start;
    struct arena *arena;
};

struct proposal {
    struct slice item;
    uint64_t hash; /* of item */
    float score;
    float loudest;         /* of several voices for it the strongest, whose seed `because` names */
    uint8_t because;       /* position + 1 in input.titles, 0: nothing called it */
    bool personal;         /* because of something of the person */
    struct voices *voices; /* of those that called it; NULL: nothing did */
    uint32_t place;        /* for the one who gathers: position + 1 among the call's items */
};

struct proposals {
    struct proposal *list;
    size_t count; /* the first so many are in order: highest score first, ties by item id */
    size_t found; /* of all in the list; the rest waits to be put in order */
    size_t room;
    struct voices *spare_voices; /* so many are made at a time */
    size_t spare_count;
    size_t read; /* of the list that they come from */
    bool asked, ended;
};

/* Puts the next portion of a step's proposals in order; `ended` when there are no more. */
void strategy_propose(const struct seeking *seeking, struct proposals *proposals);

/* Is what it looks at built? Until then it proposes nothing. */
bool strategy_is_ready(const struct evidence_source *source, enum strategy strategy);
/* Does it look at likeness or arrivals (api/assortment.h)? */
bool placement_asks_assortment(const struct placement *placement);
/* Does it look at what sells or trends within a category (api/category_tops.h)? */
bool strategy_asks_tops(enum strategy strategy);

#endif
