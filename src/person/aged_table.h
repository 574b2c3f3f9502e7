/* A key_table that forgets in two steps: what nobody asked for between two turns goes.
 *
 * Values are pointers to the heap. New and asked-for entries are young; a turn frees the old ones
 * and makes the young ones old. So a cache over its limit loses what is idle, not everything.
 * Nothing is freed between turns: borrowed values live until then. One thread. */
#ifndef VISAVIS_PERSON_AGED_TABLE_H
#define VISAVIS_PERSON_AGED_TABLE_H

#include "person/key_table.h"

struct aged_table {
    struct key_table young, old;
    struct key_table leaving; /* nobody finds these any more */
    size_t freed_slots;       /* of leaving */
    void (*free_value)(uintptr_t value);
};

void aged_table_init(struct aged_table *table, void (*free_value)(uintptr_t value));
void aged_table_done(struct aged_table *table);
void aged_table_clear(struct aged_table *table); /* frees all values, keeps the memory */
/* 0 when absent. */
uintptr_t aged_table_get(struct aged_table *table, const struct table_key *key);
/* The key is absent: what aged_table_get has just said. */
void aged_table_put(struct aged_table *table, const struct table_key *key, uintptr_t value);
/* Frees the value if the key is there. */
void aged_table_remove(struct aged_table *table, const struct table_key *key);
/* At most count_max entries stay, half of them idle ones; a quarter as many again may be on their
 * way out. */
void aged_table_turn(struct aged_table *table, size_t count_max);

#endif
