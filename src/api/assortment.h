/* What can be said of items from the catalogue alone: which are alike, which are new.
 *
 * Follows the catalogue's snapshots, workspace by workspace: items that changed are put into an
 * index of contents (learn/content.h), the newest are listed (learn/arrivals.h), and both are
 * published together as one immutable, reference-counted struct assortment. One thread refreshes
 * (the timer's), in portions of ASSORTMENT_PORTION changed items, so that a large import never
 * holds it long; a snapshot is published when all changes of a catalogue snapshot are in. Any
 * thread pins. Nothing is stored: at start it is built again from the catalogue. */
#ifndef VISAVIS_API_ASSORTMENT_H
#define VISAVIS_API_ASSORTMENT_H

#include "api/alikes.h"
#include "api/workspaces.h"
#include "catalog/catalog.h"
#include "learn/arrivals.h"
#include "learn/content.h"

enum {
    ASSORTMENT_PORTION = 1000, /* some 25 ms */
    ASSORTMENT_AHEAD = 8       /* items found ahead at a time, some 1 ms */
};

struct assortment {
    _Atomic uint32_t refs;
    const struct content_snapshot *content;
    struct alikes *alikes;                  /* of content; fills up */
    const struct catalog_snapshot *catalog; /* the arrivals borrow from it */
    struct arrivals arrivals;               /* newest first, none hidden */
};

struct assortments;
struct assortments *assortments_new(void);
/* After the refreshing thread has ended. */
void assortments_free(struct assortments *assortments);
/* A portion of a workspace's changes; true while there is more. One thread. */
bool assortments_refresh(struct assortments *assortments, struct catalog *catalog,
                         const struct workspace *workspace);
/* What a portion of the items of the last publish are like, found before it is asked for; true
 * while there is more. The refreshing thread. */
bool assortments_find_ahead(struct assortments *assortments, uint32_t workspace);

/* NULL before the first was published. Any thread. */
const struct assortment *assortments_pin(struct assortments *assortments, uint32_t workspace);
void assortment_unpin(const struct assortment *assortment);
/* As of the last publishes, with what is kept of likes since. */
size_t assortments_bytes(struct assortments *assortments);

#endif
