/* What people did lately: for each of a bounded number of persons, the last items with their
 * times, and the steps of a running visit as they came.
 *
 * A running session of views, or the latest purchases. The person not heard of for longest
 * leaves when there are too many. Owned by one struct learn, one thread; everything is a
 * function of the order of touches. */
#ifndef VISAVIS_LEARN_RECENTS_H
#define VISAVIS_LEARN_RECENTS_H

#include "base/limits.h"
#include "base/uuid.h"

enum {
    RECENTS_PEOPLE_MAX = 65536,
    RECENT_STEPS_MAX = 60 /* of a visit; the newest stay */
};
#define RECENTS_NONE UINT32_MAX /* beyond an enum, which is an int */

struct recent {
    uint32_t slot; /* of an item */
    int64_t time_ms;
};

struct recents_person {
    struct uuid person;
    int64_t last_ms;
    int64_t touched_ms; /* by the observer's clock, which never goes back */
    uint32_t *steps;    /* slots of items, oldest first, repeats kept; NULL: none */
    uint8_t step_count, step_room;
    uint32_t count;
    uint32_t older, newer, chain;                 /* places; RECENTS_NONE ends */
    struct recent items[GRAPH_SESSION_ITEMS_MAX]; /* newest first, one row an item */
};

struct recents {
    struct recents_person *people;
    uint32_t count, room; /* places used at some time */
    uint32_t live, oldest, newest, free_place;
    uint32_t *buckets;
    uint32_t bucket_count;
};

void recents_init(struct recents *recents);
void recents_done(struct recents *recents);
/* The person's row, made when absent, as the newest of all. Valid until the next touch. */
struct recents_person *recents_touch(struct recents *recents, struct uuid person, int64_t clock_ms);
/* The row touched longest ago, NULL when there is none; and its leave. */
struct recents_person *recents_oldest(const struct recents *recents);
void recents_remove_oldest(struct recents *recents);
void recent_step(struct recents_person *person, uint32_t slot);
/* NULL when there is none; nothing is touched. */
const struct recents_person *recents_find(const struct recents *recents, struct uuid person);
void recents_forget(struct recents *recents, struct uuid person);
/* Puts an item first; the one over the limit leaves. */
void recent_push(struct recents_person *person, uint32_t slot, int64_t time_ms);
/* Forgets rows older than before_ms and items for which dead[slot] is true (dead may be NULL). */
void recents_sweep(struct recents *recents, int64_t before_ms, const bool *dead);

#endif
