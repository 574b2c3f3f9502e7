/* A growing table of 64-bit keys to 64-bit values: who was seen, which row of an item came last.
 *
 * Keys are hashes and taken for the thing itself: among two million the chance that two meet is
 * one in ten million. The caller owns the struct. One thread. */
#ifndef VISAVIS_APP_IMPORT_SET_H
#define VISAVIS_APP_IMPORT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct import_slot {
    uint64_t key, value; /* key 0: free */
};

struct import_set {
    struct import_slot *slots;
    size_t count, room;
};

void import_set_init(struct import_set *set);
void import_set_done(struct import_set *set);
/* True when the key is new. Puts the value either way. */
bool import_set_put(struct import_set *set, uint64_t key, uint64_t value);
/* 0 when it is not there. */
uint64_t import_set_get(const struct import_set *set, uint64_t key);

#endif
