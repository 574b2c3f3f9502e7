/* A person's affinities as shares of their attribute, and which of them an item's attributes match.
 *
 * Made once where candidates are gathered, with an index to find matches by hash; a decision itself
 * needs only the shares. In an arena; borrows from the person. */
#ifndef VISAVIS_DECIDE_TASTE_H
#define VISAVIS_DECIDE_TASTE_H

#include "decide/input.h"

struct taste {
    const struct decide_affinity *affinities;
    double *shares; /* of the weights of the same attribute, in (0, 1]; 0: counts for nothing */
    size_t count;   /* 0 unless personal */
};

struct taste taste_of(const struct decide_person *person, struct arena *arena);
/* "affinity:brand=Petit Bateau" */
struct slice taste_name(const struct taste *taste, size_t affinity, struct arena *arena);

/* Finds affinities by hash64_pair(attribute, value). */
struct taste_index {
    const struct taste *taste;
    uint64_t *hashes;
    uint16_t *slots; /* position + 1 of the first with this hash, 0 empty; NULL: no affinities */
    uint16_t *next;  /* position + 1 of the next with the same hash */
    size_t mask;
};

struct taste_index taste_index(const struct taste *taste, struct arena *arena);

struct tasted { /* an attribute of an item */
    uint64_t hash;
    struct slice name, value;
};
void taste_note_matches(const struct taste_index *index, const struct tasted *attribute,
                        struct likes *likes);

/* Most attributes match nothing, which an empty slot tells. */
static inline void taste_note(const struct taste_index *index, const struct tasted *attribute,
                              struct likes *likes)
{
    if (index->slots && index->slots[attribute->hash & index->mask] != 0)
        taste_note_matches(index, attribute, likes);
}

#endif
