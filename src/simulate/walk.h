/* One visit of a simulated person: pages, lists, choices, a basket, perhaps an order.
 *
 * The walk knows no network: what the shop shows and what the page tells go through two doors of
 * the caller, called on the caller's thread. The same person before, the same day and the same
 * lists give the same walk. At most WALK_PAGES_MAX pages. */
#ifndef VISAVIS_SIMULATE_WALK_H
#define VISAVIS_SIMULATE_WALK_H

#include "simulate/choice.h"

enum { WALK_PAGES_MAX = 16, WALK_BASKET_MAX = 8, WALK_DECISION_BYTES = 37 };

enum page_kind { PAGE_HOME, PAGE_PRODUCT, PAGE_CART };

/* What was put into the place of a page; items not known to the world are nothing to choose. */
struct slate {
    size_t items[SLATE_MAX]; /* indices */
    size_t count;
    char decision[WALK_DECISION_BYTES]; /* its id, empty for none */
};

enum deed_kind { DEED_PAGE, DEED_LIST_SEEN, DEED_CLICKED, DEED_VIEWED, DEED_ADDED, DEED_ORDERED };

struct walk;

struct walk_deed {
    enum deed_kind kind;
    size_t item;          /* of a click, a view, an addition */
    const char *decision; /* of a list and a click */
};

struct walk_doors {
    void *context;
    /* Fills what the page shows; leaves an empty slate where the shop shows nothing of ours. */
    void (*show)(void *context, const struct walk *walk, struct slate *out_slate);
    void (*tell)(void *context, const struct walk *walk, const struct walk_deed *deed);
};

struct walk {
    const struct world *world;
    struct person *person;
    const struct walk_doors *doors;
    double *liking; /* room for one number an item; filled by the walk */
    double day;     /* now; a page takes seconds */
    enum page_kind page;
    size_t item;    /* of a product page */
    size_t mission; /* the shelf they came for */
    size_t basket[WALK_BASKET_MAX];
    size_t basket_count;
    size_t choices[WALK_PAGES_MAX]; /* items looked at, in order */
    size_t choice_count;
    bool ordered;
};

/* From person->next_day on; world, person, doors and liking are given, the rest is zero. */
void walk_visit(struct walk *walk);

#endif
