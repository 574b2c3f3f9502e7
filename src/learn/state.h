/* What struct learn holds, for the files of learn/ and for the tool that chooses its constants
 * (bench/).
 *
 * Everything but `published` belongs to the observer's thread; `published` is behind `lock`,
 * held only to exchange the pointer or to take a reference on what it points to. */
#ifndef VISAVIS_LEARN_STATE_H
#define VISAVIS_LEARN_STATE_H

#include "base/shared_map.h"
#include "learn/decay.h"
#include "learn/items.h"
#include "learn/recents.h"
#include "learn/rp3.h"
#include "learn/visits.h"

#include <pthread.h>

enum {
    LEARN_UNITS_MAX = 100, /* of one order line: a wholesaler's pallet is one customer's wish */
    LEARN_TOP_MAX =
        1000, /* published trending items and best sellers: filters need some to choose from */
    LEARN_ADD_WEIGHT = 3, /* of a basket add among views, as in a person's affinities */
    LEARN_DAY_MS = 86400000
};

#define LEARN_BASKETS_MS (30 * (int64_t)LEARN_DAY_MS) /* baskets of one person that meet */

struct relation_tuning {
    int64_t half_life_ms;
    struct rp3_form form;
};

struct learn_tuning {
    struct relation_tuning relations[LEARN_RELATION_COUNT];
    unsigned view_reach;  /* an item meets so many before it, the d-th with weight 1/d */
    double view_backward; /* weight of later → earlier beside earlier → later */
    double basket_across; /* weight of a meeting with the same person's earlier baskets */
};
struct learn_tuning learn_tuning_default(void);

struct learn_gone { /* an item that left and may still be published */
    char *id;
    size_t size;
};

struct learn {
    struct learn_tuning tuning;
    struct decay trend_decay, sold_decay, relation_decay[LEARN_RELATION_COUNT];
    struct items items;
    struct recents sessions, baskets;
    uint32_t *places; /* while it gathers (pairs.h); NULL while it streams */
    uint32_t place_room;
    struct visits *visits; /* those that ended */
    bool visits_changed;   /* since they were published */
    uint64_t observation_count;
    /* Of who may teach; of others' orders, which count where nobody teaches and else move nothing
     * but what they count. INT64_MIN: none yet */
    int64_t latest_ms, counted_ms;
    int64_t swept_ms;

    /* towards the next snapshot */
    uint32_t *queue; /* slots whose lists changed, in order of their first change */
    size_t queue_count, queue_room;
    struct learn_gone *gone;
    size_t gone_count, gone_room;
    bool tops_changed;
    uint32_t refresh_next; /* the next slot whose list is made anew in turn */

    struct learn_snapshot *published;
    pthread_mutex_t lock; /* last: learn_adopt exchanges all before it */
};

struct learn *learn_new_tuned(const struct learn_tuning *tuning);

/* graph.c: co-occurrence */
void graph_view(struct learn *learn, struct recents_person *session, uint32_t slot, int64_t time_ms,
                bool *out_repeated);
void graph_basket(struct learn *learn, struct uuid person, const uint32_t *slots, size_t count,
                  int64_t time_ms);
/* At most GRAPH_NEIGHBOURS_MAX scored neighbours, best first, ties by id. */
struct graph_neighbour {
    uint32_t slot, support;
    double score;
};
size_t graph_neighbours(const struct learn *learn, enum learn_relation relation, uint32_t slot,
                        struct graph_neighbour out_neighbours[LEARN_PAIRS_MAX]);
/* The score that `wanted` of the scores reach or pass, 0 < wanted ≤ count; reorders them.
 * (Hoare's FIND) */
double score_reached_by(double *scores, size_t count, size_t wanted);
/* Marks an item's list for publication. */
void learn_queue(struct learn *learn, uint32_t slot, enum learn_relation relation);

/* rebuild.c: room for every slot */
uint32_t *learn_places(struct learn *learn);

/* sweep.c: time goes by, what weighs nothing leaves. Called before an observation is taken; false:
 * a stranger's for which others would have to leave. */
bool learn_maintain(struct learn *learn, const struct learn_observation *seen);

/* publish.c */
struct learn_snapshot *learn_snapshot_empty(void);

#endif
