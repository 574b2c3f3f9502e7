/* See key_table.h. */
#include "person/key_table.h"

#include "base/arena.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { ROOM_MIN = 16 };

static_assert(sizeof(struct table_key) == 24, "keys are compared as bytes");

struct table_key table_key(uint32_t workspace, uint32_t extra, const uint8_t bytes[16])
{
    struct table_key key = {.workspace = workspace, .extra = extra};
    memcpy(key.bytes, bytes, sizeof key.bytes);
    return key;
}

uint64_t table_key_hash(const struct table_key *key)
{
    return hash64(slice_make(key, sizeof *key));
}

void key_table_init(struct key_table *table)
{
    *table = (struct key_table){0};
}

void key_table_done(struct key_table *table)
{
    free(table->slots);
    *table = (struct key_table){0};
}

void key_table_clear(struct key_table *table)
{
    if (table->room > 0)
        memset(table->slots, 0, table->room * sizeof *table->slots);
    table->count = 0;
}

/* The slot of the key, or the free slot where it belongs. */
static size_t find_slot(const struct key_table *table, const struct table_key *key)
{
    size_t mask = table->room - 1;
    size_t at = (size_t)table_key_hash(key) & mask;
    while (table->slots[at].value != 0 && memcmp(&table->slots[at].key, key, sizeof *key) != 0)
        at = (at + 1) & mask;
    return at;
}

uintptr_t key_table_get(const struct key_table *table, const struct table_key *key)
{
    return table->count == 0 ? 0 : table->slots[find_slot(table, key)].value;
}

static void grow(struct key_table *table)
{
    struct key_table larger = {.room = table->room == 0 ? ROOM_MIN : table->room * 2,
                               .count = table->count};
    larger.slots = must_alloc_zero(larger.room, sizeof *larger.slots);
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].value != 0)
            larger.slots[find_slot(&larger, &table->slots[i].key)] = table->slots[i];
    free(table->slots);
    *table = larger;
}

void key_table_put(struct key_table *table, const struct table_key *key, uintptr_t value)
{
    assert(value != 0);
    if ((table->count + 1) * 2 > table->room)
        grow(table);
    struct key_slot *slot = &table->slots[find_slot(table, key)];
    if (slot->value == 0)
        table->count++;
    *slot = (struct key_slot){.key = *key, .value = value};
}

uintptr_t key_table_remove(struct key_table *table, const struct table_key *key)
{
    if (table->count == 0)
        return 0;
    size_t mask = table->room - 1, hole = find_slot(table, key);
    uintptr_t value = table->slots[hole].value;
    if (value == 0)
        return 0;
    for (size_t at = (hole + 1) & mask; table->slots[at].value != 0; at = (at + 1) & mask) {
        size_t home = (size_t)table_key_hash(&table->slots[at].key) & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue; /* it would come to lie before its home */
        table->slots[hole] = table->slots[at];
        hole = at;
    }
    table->slots[hole].value = 0;
    table->count--;
    return value;
}

void key_table_each(const struct key_table *table,
                    void (*visit)(void *context, const struct table_key *key, uintptr_t value),
                    void *context)
{
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].value != 0)
            visit(context, &table->slots[i].key, table->slots[i].value);
}
