/* What the steps of a recipe start from: items whose neighbours are asked, a category to keep to,
 * how far back to look; and what the world is that strategies look at.
 *
 * Found once a call for each thing that steps ask, before any strategy is asked. Everything lives
 * in the arena of the request and borrows from pinned snapshots and the person's view. */
#ifndef VISAVIS_API_STARTS_H
#define VISAVIS_API_STARTS_H

#include "api/assortment.h"
#include "api/habits.h"
#include "catalog/category_map.h"
#include "catalog/item_text.h"
#include "decide/voices.h"
#include "learn/learn.h"
#include "person/profile.h"

struct evidence_source {
    const struct catalog_snapshot *catalog;
    const struct learn_snapshot *learned; /* may be NULL */
    const struct assortment *assortment;  /* may be NULL */
    struct habits_pin habits;
    const struct profile *profile;        /* what may be read of the person; NULL: nothing */
    const struct repurchase_owned *owned; /* what the person bought, newest first */
    size_t owned_count;
    size_t visit_count; /* so many of the person's recents belong to the visit under way */
    const struct blend_weights *blend; /* as learned; NULL: as before anything is */
    const struct category_map *moves;  /* of categories; may be NULL */
    uint64_t deadline_us;              /* monotonic */
    struct locale_wish locale;         /* of titles */
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
    struct seed list[VISIT_SEEDS_MAX];
    size_t count;
};

/* A category that a step keeps to: the page's, or one that something of the person leads to. */
struct start_category {
    struct slice path; /* empty: none is known */
    bool personal;
    uint8_t title; /* position + 1 in input.titles; 0 for the page's */
};

/* What a step starts from. */
struct start {
    struct seeds seeds;
    struct start_category category;
    int64_t since_ms; /* older views and orders of the person's are left out */
};

/* What this step starts from; without profile as for somebody unknown. */
struct start start_find(const struct evidence_source *source, const struct decide_input *input,
                        const struct recipe_step *step);
/* Sets input's titles to those of whatever the steps start from, and numbers them there. */
void starts_take_titles(const struct evidence_source *source, struct start *const *starts,
                        size_t count, struct decide_input *input, struct arena *arena);

#endif
