/* A hash table from (workspace, extra, 16 bytes) to a number or pointer that is never zero.
 *
 * Open addressing, linear probing, half full at most; removing shifts back, so there are no
 * tombstones. The owner holds whatever lock is needed. Used for nodes, links, consents and
 * cached profiles of person/. Grows without a limit of its own: its user has one. */
#ifndef VISAVIS_PERSON_KEY_TABLE_H
#define VISAVIS_PERSON_KEY_TABLE_H

#include "base/uuid.h"

struct table_key {
    uint32_t workspace, extra;
    uint8_t bytes[16];
};

struct key_slot {
    struct table_key key;
    uintptr_t value; /* 0: free */
};

struct key_table {
    struct key_slot *slots;
    size_t room, count; /* room is a power of two, or 0 */
};

struct table_key table_key(uint32_t workspace, uint32_t extra, const uint8_t bytes[16]);
uint64_t table_key_hash(const struct table_key *key);

void key_table_init(struct key_table *table);
void key_table_done(struct key_table *table);
void key_table_clear(struct key_table *table); /* keeps the memory */
/* 0 when absent. */
uintptr_t key_table_get(const struct key_table *table, const struct table_key *key);
/* value is not 0; takes the place of what was there. */
void key_table_put(struct key_table *table, const struct table_key *key, uintptr_t value);
/* Answers what was there, 0 when absent. */
uintptr_t key_table_remove(struct key_table *table, const struct table_key *key);
/* Calls visit for each entry, in no order; the table must not change meanwhile. */
void key_table_each(const struct key_table *table,
                    void (*visit)(void *context, const struct table_key *key, uintptr_t value),
                    void *context);

#endif
