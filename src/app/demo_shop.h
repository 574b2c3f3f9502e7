/* The demo shop as its simulated shoppers see it: what there is to buy, and who they are.
 *
 * Everything follows from the embedded catalogue and a shopper's number, so that the history
 * written at the first start and the visitors sent afterwards are the same people. Inside app/
 * only. Nobody in it exists. */
#ifndef VISAVIS_APP_DEMO_SHOP_H
#define VISAVIS_APP_DEMO_SHOP_H

#include "base/random.h"
#include "catalog/catalog.h"

enum { SHOPPERS = 640, SHOPPER_TEXT = 64 };

struct ware {
    struct item item;
    struct slice colour, activity;
    struct slice range;      /* the name that a brand's pieces of one set share */
    struct slice gender;     /* "femme", "homme", "mixte"; empty of what nobody wears */
    struct slice department; /* first level of the category */
    double fame;             /* how often it is looked at, tastes apart */
};

struct demo_shop {
    struct ware *wares;
    size_t count;
};

/* The embedded catalogue; lives in the arena. */
enum status demo_shop_load(struct arena *arena, struct demo_shop *out_shop,
                           struct diag *diag) MUST_CHECK;

enum shopper_choice { CHOICE_GRANTED, CHOICE_DENIED, CHOICE_NONE };

struct shopper {
    unsigned number;
    enum shopper_choice choice;
    bool known; /* gives a name and an e-mail before the first order */
    char anonymous_id[SHOPPER_TEXT], user_id[SHOPPER_TEXT], email[SHOPPER_TEXT];
    const char *first_name, *last_name, *city, *postcode;
    struct slice brands[2], colour, department, gender;
    size_t size;                 /* which of a ware's variants fits */
    struct random_stream stream; /* after the above was drawn: of what they do */
};

struct shopper demo_shopper(const struct demo_shop *shop, unsigned number);
/* What they look at next; beside: what they have just looked at, NULL at first. */
const struct ware *demo_pick(const struct demo_shop *shop, struct shopper *shopper,
                             const struct ware *beside);
/* What goes with it: of the same set or colour, from another shelf. */
const struct ware *demo_complement(const struct demo_shop *shop, struct shopper *shopper,
                                   const struct ware *to);
/* The variant that fits, NULL of a ware without sizes. */
const struct variant *demo_variant(const struct shopper *shopper, const struct ware *ware);

#endif
