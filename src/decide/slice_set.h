/* A set of texts, each with a number, built once and asked often: the filters' lists and the
 * person's affinities. Lives in an arena; borrows the texts. The caller brings the hash64 of a
 * text, since it asks several sets about one item. */
#ifndef VISAVIS_DECIDE_SLICE_SET_H
#define VISAVIS_DECIDE_SLICE_SET_H

#include "base/arena.h"
#include "base/hash.h"

struct slice_set_slot {
    struct slice text;
    uint32_t hash;
    uint32_t number_plus_one; /* 0: empty */
};

struct slice_set {
    struct slice_set_slot *slots;
    size_t mask; /* slots - 1; no slots when slots is NULL */
    size_t count;
    struct arena *arena; /* where it grows */
};

/* Empty, with room for so many before it has to grow; {0} is an empty set that stays empty. */
struct slice_set slice_set(struct arena *arena, size_t count_expected);
struct slice_set slice_set_of(struct arena *arena, const struct slice *texts, size_t count);
/* The first number given for a text stays. */
void slice_set_add(struct slice_set *set, uint64_t hash, struct slice text, uint32_t number);
/* The number, or -1 when text is not in the set. */
int64_t slice_set_find(const struct slice_set *set, uint64_t hash, struct slice text);

static inline bool slice_set_has(const struct slice_set *set, uint64_t hash, struct slice text)
{
    return set->count > 0 && slice_set_find(set, hash, text) >= 0;
}

#endif
