/* The simulated world: what a catalogue offers, and how much each of its traits means to whom.
 *
 * Nothing here is stored a person: a taste is a draw from a hash of (seed, person, trait), the same
 * whenever it is asked for. Built once, then read by any number of threads. Texts and rows lie in
 * the world's own arena. At most WORLD_ITEMS_MAX items, of WORLD_TRAITS_MAX traits each.
 * Formulas and parameters: docs/simulation.md. */
#ifndef VISAVIS_SIMULATE_WORLD_H
#define VISAVIS_SIMULATE_WORLD_H

#include "base/arena.h"
#include "base/slice.h"

enum { WORLD_ITEMS_MAX = 20000, WORLD_TRAITS_MAX = 12, WORLD_SIZES_MAX = 32 };

struct world_trait {
    uint64_t hash; /* of name and value */
    double weight; /* the standard deviation of people's tastes for it */
    struct slice name, value;
};

struct world_size {
    struct slice variant; /* its id */
    bool available;
};

struct world_item {
    struct slice id, category;
    int64_t price_minor, list_price_minor; /* list: struck through, else the price */
    struct slice currency;
    double quality;  /* what everybody agrees on */
    double dearness; /* ln of its price over the usual one of its category */
    size_t shelf;
    struct world_trait traits[WORLD_TRAITS_MAX];
    size_t trait_count;
    struct world_size *sizes; /* none: it comes in one */
    size_t size_count;
};

/* A category of items: what a page of the shop's own lists. */
struct world_shelf {
    struct slice category;
    size_t *items; /* indices, in the catalogue's order */
    size_t item_count;
    double usual_price; /* ln of minor units, the mean */
    double need_days;   /* until what was bought is used up; 0: it lasts */
};

struct world {
    uint64_t seed;
    struct arena arena;
    struct world_item *items;
    size_t item_count;
    size_t *by_id;               /* their indices, sorted */
    struct world_shelf *shelves; /* in order of their categories */
    size_t shelf_count;
};

void world_init(struct world *world, uint64_t seed, size_t items_max);
void world_done(struct world *world);

/* What a catalogue says of one item; its texts are copied. */
struct world_offer {
    struct slice id, category, brand, currency; /* category: levels between " > " */
    int64_t price_minor, list_price_minor;      /* below 0: none */
};
/* The item that it became; its traits and sizes follow. Only what has a price is sold: NULL for
 * anything else, and beyond items_max. */
struct world_item *world_add(struct world *world, const struct world_offer *offer);
/* A free attribute; what is beyond the limit is nobody's taste. */
void world_add_trait(struct world *world, struct world_item *item, struct slice name,
                     struct slice value);
/* Room for count sizes, all zero; at most WORLD_SIZES_MAX are kept. */
struct world_size *world_add_sizes(struct world *world, struct world_item *item, size_t count);
/* After the last item: shelves, usual prices, the index by id. */
void world_finish(struct world *world);
/* SIZE_MAX for an item that is not sold here. */
size_t world_find(const struct world *world, struct slice id);

/* A standard normal number that belongs to these three, for ever. */
double world_normal(uint64_t seed, uint64_t a, uint64_t b);
/* The same, uniform in [0, 1). */
double world_uniform(uint64_t seed, uint64_t a, uint64_t b);

#endif
