/* What each strategy of a recipe proposes for a call: items, best first, with what called them.
 *
 * A strategy is one function in a table (strategies.c). It is asked once a call, whichever
 * placements want it, and only for as many as they take. Everything lives in the arena of the
 * request and borrows from pinned snapshots. */
#ifndef VISAVIS_API_STRATEGIES_H
#define VISAVIS_API_STRATEGIES_H

#include "api/assortment.h"
#include "api/habits.h"
#include "catalog/catalog.h"
#include "decide/voices.h"
#include "learn/learn.h"

struct evidence_source {
    const struct catalog_snapshot *catalog;
    const struct learn_snapshot *learned; /* may be NULL */
    const struct assortment *assortment;  /* may be NULL */
    struct habits_pin habits;
    const struct repurchase_owned *owned; /* what the person bought, newest first */
    size_t owned_count;
    size_t visit_count;   /* so many of the person's recents belong to the visit under way */
    uint64_t deadline_us; /* monotonic */
};

enum { SEEDS_MAX = 8, VISIT_SEEDS_MAX = 10 };

/* An item whose neighbours are asked: the page's, the basket's, or the person's own. */
struct seed {
    struct slice item;
    double weight;
    bool personal;
    uint8_t title; /* position + 1 in input.titles */
};

struct seeds {
    struct seed list[SEEDS_MAX];
    size_t count;
    /* the visit under way, newest first: the page's item, then what the person saw before it in
     * this visit; only where a placement asks by visits */
    struct seed visit[VISIT_SEEDS_MAX];
    size_t visit_count;
};

/* What a strategy may look at. */
struct seeking {
    const struct evidence_source *source;
    const struct decide_input *input; /* moment, person and policy */
    const struct seeds *seeds;
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
    bool asked, ended;
};

/* Sets input's titles to those of the seeds, the visit's among them when asked for. */
struct seeds seeds_find(const struct evidence_source *source, struct decide_input *input,
                        bool visit, struct arena *arena);

/* Puts the next portion of a strategy's proposals in order; `ended` when there are no more. */
void strategy_propose(const struct seeking *seeking, enum strategy strategy,
                      struct proposals *proposals);

/* Does it look at likeness or arrivals (api/assortment.h)? */
bool strategy_asks_assortment(enum strategy strategy);

#endif
