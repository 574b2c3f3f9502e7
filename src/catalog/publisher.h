/* From changes to snapshots: a thread of the catalogue's own gathers what the ledger applied and
 * publishes it.
 *
 * The first change after a pause is published at once, a burst every CATALOG_PUBLISH_MS, or as
 * soon as somebody waits for it and the thread has rested from the last time: what came meanwhile
 * is published together, so many callers at once cost little more than one. One mutex guards the
 * pending changes, the published pointers and who waits; maps are built outside it. Within catalog/
 * only. */
#ifndef VISAVIS_CATALOG_PUBLISHER_H
#define VISAVIS_CATALOG_PUBLISHER_H

#include "base/shared_map.h"
#include "catalog/catalog.h"

struct publisher;

struct publisher *publisher_new(void);
/* Publishes what was taken so far, then starts the thread. */
void publisher_start(struct publisher *publisher);
/* Publishes what was taken, tells who waits, stops the thread. */
void publisher_free(struct publisher *publisher);

/* Hands over the caller's reference on a struct shared_item. One thread at a time. */
void publisher_take(struct publisher *publisher, uint32_t workspace, struct shared_entry *item);
/* Items of a workspace, those on their way counted as new. */
size_t publisher_items(struct publisher *publisher, uint32_t workspace);
/* catalog_await */
void publisher_await(struct publisher *publisher, uint32_t workspace, struct catalog_wait *wait);
const struct catalog_snapshot *publisher_pin(struct publisher *publisher, uint32_t workspace);
/* Fills workspaces, items, publishes, bytes. */
void publisher_counts(struct publisher *publisher, struct catalog_counts *counts);

#endif
