/* The items of a workspace by the hash of their id, or of the id of a row of their group: for who
 * reads the log, which holds no text and may be older than the group.
 *
 * Pins a catalogue snapshot from item_names_new to item_names_free; what it answers borrows from
 * it. One thread. */
#ifndef VISAVIS_API_ITEM_NAMES_H
#define VISAVIS_API_ITEM_NAMES_H

#include "catalog/catalog.h"

struct item_names;
struct item_names *item_names_new(struct catalog *catalog, uint32_t workspace);
void item_names_free(struct item_names *names); /* NULL is fine */
/* Has the catalogue published a snapshot since? */
bool item_names_stale(const struct item_names *names);
/* hash64 of the id. Empty when the snapshot has no such item. */
struct slice item_names_find(const struct item_names *names, uint64_t hash);
/* hash64 of the item's own id; what was given when the snapshot has no such item. */
uint64_t item_names_own(const struct item_names *names, uint64_t hash);
/* What the snapshot says of the item, as catalog_attributes does. */
void item_names_attributes(const struct item_names *names, struct event_item *inout_item);

#endif
