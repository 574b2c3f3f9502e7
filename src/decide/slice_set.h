/* A set of texts, each with a number, built once and asked often: the filters' lists and the
 * texts of a record. Lives in an arena; borrows the texts. The caller brings the
 * slice_set_hash of a text, since it asks several sets about one item. The order of a set never
 * shows, so the hash may differ between machines. */
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
/* Short texts, which most are, without a call. */
static inline uint64_t slice_set_hash(struct slice text)
{
    uint64_t head = 0, tail = 0;
    if (text.size > 16)
        return hash64(text);
    if (text.size >= 8) {
        memcpy(&head, text.data, 8);
        memcpy(&tail, text.data + text.size - 8, 8);
    } else if (text.size >= 4) {
        memcpy(&head, text.data, 4);
        memcpy(&tail, text.data + text.size - 4, 4);
    } else if (text.size > 0) {
        head = (uint8_t)text.data[0] | (uint64_t)(uint8_t)text.data[text.size / 2] << 8;
        tail = (uint8_t)text.data[text.size - 1];
    }
    /* the odd constants of splitmix64 and of the golden ratio; the high bits are well mixed */
    uint64_t mixed = (head ^ text.size) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 32 ^ tail) * UINT64_C(0xBF58476D1CE4E5B9);
    return mixed ^ mixed >> 31;
}

struct slice_set slice_set_of(struct arena *arena, const struct slice *texts, size_t count);
/* The first number given for a text stays. */
void slice_set_add(struct slice_set *set, uint64_t hash, struct slice text, uint32_t number);
/* The number of the text, which is put in with this one when it is new. */
uint32_t slice_set_intern(struct slice_set *set, uint64_t hash, struct slice text, uint32_t number);
/* The number, or -1 when text is not in the set. */
int64_t slice_set_find(const struct slice_set *set, uint64_t hash, struct slice text);

static inline bool slice_set_has(const struct slice_set *set, uint64_t hash, struct slice text)
{
    return set->count > 0 && slice_set_find(set, hash, text) >= 0;
}

#endif
