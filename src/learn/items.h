/* The items that have weight: their counters and their neighbours, by a small number (slot).
 *
 * Owned by one struct learn, one thread. An item stays as long as something about it still
 * weighs; a sweep forgets the others and gives their slots to new items. At most
 * LEARN_ITEMS_MAX: beyond it the quarter that weighs least leaves. Nothing here depends on slot
 * order: ties are broken by item id. */
#ifndef VISAVIS_LEARN_ITEMS_H
#define VISAVIS_LEARN_ITEMS_H

#include "base/limits.h"
#include "base/uuid.h"
#include "learn/learn.h"

enum {
    LEARN_ITEMS_MAX = 500000, /* with history; an attacker's invented ids end here */
    LEARN_PAIRS_MAX =
        4 * GRAPH_NEIGHBOURS_MAX, /* candidates kept behind the published neighbours */
};
#define LEARN_SLOT_NONE UINT32_MAX /* beyond an enum, which is an int */

/* A neighbour on trial. A newcomer to a list that others had to leave is granted the most that one
 * of those may have weighed, remembered as `error`; weight - error is what was surely
 * observed. */
struct pair {
    uint32_t support;
    float weight, error;
};

struct pair_list {
    uint32_t
        *others; /* whom pairs[i] is with: apart, because each meeting looks through them all */
    struct pair *pairs;
    uint32_t count, room;
    float floor;       /* none that had to leave weighed more */
    uint32_t support;  /* sessions or baskets this item took part in, not decayed */
    double popularity; /* the same, decayed */
    bool dirty;        /* changed since it was last published */
};

/* Who bought it anonymously, until they are many: hashes, ascending. */
struct people_set {
    uint8_t count;
    uint64_t hashes[ANONYMOUS_PEOPLE_MIN];
};

struct learn_item {
    char *id; /* NULL: a free slot */
    uint32_t id_size;
    uint32_t trend_support, sold_support, anonymous_support;
    uint64_t hash;
    double trend;          /* decayed views and adds */
    double sold;           /* decayed units of people who may teach */
    double sold_anonymous; /* of the others; shown only when anonymous_shown */
    bool anonymous_shown;
    bool queued; /* in the line of what to publish */
    struct people_set *people;
    struct pair_list lists[LEARN_RELATION_COUNT];
};

struct items {
    struct learn_item *slots;
    uint32_t count, room; /* slots used at some time; of which live: */
    uint32_t live;
    uint32_t *free_slots; /* last in, first out */
    uint32_t free_count;
    uint32_t *buckets; /* slot + 1, open addressing; a power of two */
    uint32_t bucket_count;
};

void items_init(struct items *items);
void items_done(struct items *items);
/* The slot of an item, a fresh one when it is new. There must be room: live < LEARN_ITEMS_MAX. */
uint32_t items_intern(struct items *items, struct slice id);
void items_remove(struct items *items, uint32_t slot);
/* After removals: rebuilds the index. */
void items_reindex(struct items *items);
struct slice item_id(const struct items *items, uint32_t slot);
/* Slots of all live items by id; the caller frees. */
uint32_t *items_sorted(const struct items *items);

/* Adds a person once; a full set becomes `anonymous_shown` and is dropped. */
void item_add_person(struct learn_item *item, uint64_t person_hash);
void item_forget_person(struct learn_item *item, uint64_t person_hash);

#endif
