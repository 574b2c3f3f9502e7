/* From changes to snapshots: a thread of the catalogue's own gathers what the ledger applied and
 * publishes it.
 *
 * The first change after a pause is published at once, a burst every CATALOG_PUBLISH_MS. One
 * mutex guards the pending changes and the published pointers; maps are built outside it. Within
 * catalog/ only. */
#ifndef VISAVIS_CATALOG_PUBLISHER_H
#define VISAVIS_CATALOG_PUBLISHER_H

#include "base/shared_map.h"
#include "catalog/catalog.h"

struct publisher;

struct publisher *publisher_new(void);
/* Publishes what was taken so far, then starts the thread. */
void publisher_start(struct publisher *publisher);
/* Stops the thread; what it had not published yet is dropped (it is in the store). */
void publisher_free(struct publisher *publisher);

/* Hands over the caller's reference on a struct shared_item. One thread at a time. */
void publisher_take(struct publisher *publisher, uint32_t workspace, struct shared_entry *item);
/* Items of a workspace, those on their way counted as new. */
size_t publisher_items(struct publisher *publisher, uint32_t workspace);
/* The highest sequence of an item handed over so far. */
uint64_t publisher_taken(struct publisher *publisher, uint32_t workspace);
const struct catalog_snapshot *publisher_pin(struct publisher *publisher, uint32_t workspace);
/* Fills workspaces, items, publishes, bytes. */
void publisher_counts(struct publisher *publisher, struct catalog_counts *counts);

#endif
