/* A small shop for the tests of simulate/: WARES items on SHELVES shelves, of two brands. */
#ifndef VISAVIS_TESTS_UNIT_SIMULATE_SHOP_H
#define VISAVIS_TESTS_UNIT_SIMULATE_SHOP_H

#include "simulate/world.h"

#include <stdio.h>

enum { WARES = 24, SHELVES = 4 };

static inline void fill_shop(struct world *world, uint64_t seed)
{
    static const char *const shelves[SHELVES] = {"Montagne > Tentes", "Montagne > Sacs",
                                                 "Route > Casques", "Route > Gourdes"};
    world_init(world, seed, WARES);
    for (unsigned i = 0; i < WARES; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "ware-%02u", (unsigned)((i * 7) % WARES));
        struct world_offer offer = {.id = slice_of(id),
                                    .category = slice_of(shelves[i % SHELVES]),
                                    .brand = i % 3 ? SLICE("Nil") : SLICE("Aro"),
                                    .currency = SLICE("EUR"),
                                    .price_minor = 1000 + 100 * (int64_t)i,
                                    .list_price_minor = -1};
        struct world_item *item = world_add(world, &offer);
        world_add_trait(world, item, SLICE("color"), i % 2 ? SLICE("red") : SLICE("blue"));
    }
    world_finish(world);
}

#endif
