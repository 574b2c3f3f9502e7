/* A growing table of 64-bit keys to 64-bit values: who was seen, which row of an item came last.
 *
 * Keys are hashes and taken for the thing itself: among two million the chance that two meet is
 * one in ten million. The caller owns the struct. One thread. */
#ifndef VISAVIS_BASE_NUMBER_TABLE_H
#define VISAVIS_BASE_NUMBER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_slot {
    uint64_t key, value; /* key 0: free */
};

struct number_table {
    struct number_slot *slots;
    size_t count, room;
};

void number_table_init(struct number_table *table);
void number_table_done(struct number_table *table);
/* True when the key is new. Puts the value either way. */
bool number_table_put(struct number_table *table, uint64_t key, uint64_t value);
/* 0 when it is not there. */
uint64_t number_table_get(const struct number_table *table, uint64_t key);

#endif
