/* Light models that learn in the ledger's wake: trending, best sellers, bought together, viewed
 * together.
 *
 * learn_observe is called on one thread in sequence order; readers pin an immutable snapshot.
 * Everything is a function of the observed sequence: same log in, same answers out. Takes plain
 * values; knows neither store nor person. One struct learn a workspace. Bounded: LEARN_ITEMS_MAX
 * items with weight, LEARN_PAIRS_MAX candidates behind each neighbour list, RECENTS_PEOPLE_MAX
 * running sessions.
 *
 * Who may teach: `personal` events (purpose personalise granted) feed sessions and the graph;
 * other people's orders feed best sellers only, as counts that do not show below
 * ANONYMOUS_PEOPLE_MIN distinct people behind an item; robots and forced choices feed nothing
 * (the caller leaves them out). Decay is exact: weights carry a common reference time. */
#ifndef VISAVIS_LEARN_LEARN_H
#define VISAVIS_LEARN_LEARN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/uuid.h"

enum learn_act { LEARN_VIEW, LEARN_ADD, LEARN_ORDER, LEARN_REFUND };

struct learn_observation {
    int64_t time_ms;
    struct uuid person; /* whose session it is: the home node */
    bool personal;      /* may feed sessions and the graph */
    enum learn_act act;
    const struct slice *items; /* of an order: its lines */
    const int64_t *quantities; /* may be NULL: one each */
    size_t item_count;
};

struct learn;
struct learn *learn_new(void);
void learn_free(struct learn *learn);
void learn_observe(struct learn *learn, const struct learn_observation *observation);
/* A person was erased: their running session, their latest baskets and their part in
 * distinct-people sets are forgotten; sums stay. */
void learn_forget(struct learn *learn, struct uuid person);

/* The items of the person's visit as an event at that time finds it, distinct, newest first; none
 * when it is over. Borrowed until the next observation. Observer's thread. */
size_t learn_running(const struct learn *learn, struct uuid person, int64_t time_ms,
                     struct slice *out_items, size_t room);

/* Publishes what was observed so far (cheap when nothing changed); learn_pin answers the last
 * published. Observer's thread. A bounded portion a call: false while lists still wait, call
 * again (at once or with the next tick). now_ms: as of when trending and best sellers are
 * weighed. */
bool learn_publish(struct learn *learn, int64_t now_ms);

void learn_publish_all(struct learn *learn, int64_t now_ms); /* however long it takes */

/* A rebuild: a learner that takes a log from its beginning, on any one thread, and keeps all counts
 * of the graph complete while it does (pairs.h); settled, it streams like any other. */
struct learn *learn_new_gathering(void);
void learn_settle(struct learn *learn);
/* Observer's thread. Exchanges what both learned and published: readers of `learn` pin the snapshot
 * of `fresh` from now on, which has observed the same; `fresh` is left with what is to be freed. */
void learn_adopt(struct learn *learn, struct learn *fresh);

struct learn_snapshot;
const struct learn_snapshot *learn_pin(struct learn *learn); /* any thread; never NULL */
void learn_unpin(const struct learn_snapshot *snapshot);

struct learn_score {
    struct slice item; /* borrowed from the snapshot */
    double score;      /* comparable within one list, > 0 */
    uint64_t support;  /* distinct observations behind it */
    uint64_t hash;     /* hash64 of the item's id: to count and find it without reading the text */
};

/* Ordered by score, ties by item id; at most LEARN_TOP_MAX. Half-lives: trending 1 day over
 * views (once a session) and adds (three times a view), best sellers 30 days over units sold
 * less returned (at most LEARN_UNITS_MAX of a line). */
size_t learn_trending(const struct learn_snapshot *snapshot, const struct learn_score **out_scores);
size_t learn_best_sellers(const struct learn_snapshot *snapshot,
                          const struct learn_score **out_scores);

enum learn_relation {
    LEARN_BOUGHT_TOGETHER,
    LEARN_VIEWED_TOGETHER,
    LEARN_VIEWED_BOUGHT, /* from what is looked at to what the visit ends in */
    LEARN_RELATION_COUNT
};
/* Neighbours of an item, at most GRAPH_NEIGHBOURS_MAX, scored in RP3beta form (rp3.h) from decayed
 * counts. */
size_t learn_neighbours(const struct learn_snapshot *snapshot, enum learn_relation relation,
                        struct slice item, const struct learn_score **out_scores);
/* Visits that ended, to be asked (visits.h); NULL when there are none. Borrowed. */
struct visits_view;
const struct visits_view *learn_visits(const struct learn_snapshot *snapshot);

/* The whole state as bytes, for checkpoints beside the low-water mark, and back. Same
 * observations, same bytes. */
void learn_pack(const struct learn *learn, struct buf *buf);
enum status learn_unpack(struct slice bytes, struct learn **out_learn) MUST_CHECK;
/* Observer's thread: of the graph with what of it is published, of the visits that ended, and of
 * the rest. */
size_t learn_graph_bytes(const struct learn *learn);
size_t learn_bytes(const struct learn *learn);
size_t learn_visits_bytes(const struct learn *learn);

#endif
