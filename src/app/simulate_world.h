/* A catalogue as simulated people see it: items as `visavis import catalog` reads them, and the
 * world (simulate/world.h) made of them. */
#ifndef VISAVIS_APP_SIMULATE_WORLD_H
#define VISAVIS_APP_SIMULATE_WORLD_H

#include "base/diag.h"
#include "catalog/catalog.h"
#include "simulate/world.h"

/* NDJSON, one item a line, at most WORLD_ITEMS_MAX; items lie in the arena and borrow from text.
 * diag->line says which line is wrong. */
enum status simulate_read_items(struct slice text, struct arena *arena, struct item **out_items,
                                size_t *out_count, struct diag *diag) MUST_CHECK;
/* Hidden items and those without a price are left out. STATUS_INVALID: none is left. */
enum status simulate_make_world(const struct item *items, size_t count, struct world *world,
                                struct diag *diag) MUST_CHECK;
/* The catalogue that this program carries: the demo shop's. */
enum status simulate_own_catalog(struct slice *out_text, struct diag *diag) MUST_CHECK;

#endif
