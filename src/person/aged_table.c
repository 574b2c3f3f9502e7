/* See aged_table.h. */
#include "person/aged_table.h"

#include <stdint.h>

/* A table has at most four slots an entry, so it is empty long before the next one leaves. */
enum { SLOTS_FREED_A_TURN = 16 };

void aged_table_init(struct aged_table *table, void (*free_value)(uintptr_t value))
{
    *table = (struct aged_table){.free_value = free_value};
}

static void free_one(void *context, const struct table_key *key, uintptr_t value)
{
    const struct aged_table *table = context;
    (void)key;
    table->free_value(value);
}

static void clear(struct aged_table *table, struct key_table *part)
{
    key_table_each(part, free_one, table);
    key_table_clear(part);
}

/* Of so many slots more. */
static void free_leaving(struct aged_table *table, size_t slots)
{
    struct key_table *leaving = &table->leaving;
    if (leaving->count == 0)
        return;
    size_t rest = leaving->room - table->freed_slots;
    size_t end = table->freed_slots + (slots < rest ? slots : rest);
    for (; table->freed_slots < end; table->freed_slots++)
        if (leaving->slots[table->freed_slots].value != 0)
            table->free_value(leaving->slots[table->freed_slots].value);
    if (end == leaving->room)
        key_table_clear(leaving);
}

void aged_table_clear(struct aged_table *table)
{
    clear(table, &table->young);
    clear(table, &table->old);
    free_leaving(table, SIZE_MAX);
}

void aged_table_done(struct aged_table *table)
{
    aged_table_clear(table);
    key_table_done(&table->young);
    key_table_done(&table->old);
    key_table_done(&table->leaving);
}

uintptr_t aged_table_get(struct aged_table *table, const struct table_key *key)
{
    uintptr_t value = key_table_get(&table->young, key);
    if (value == 0 && (value = key_table_remove(&table->old, key)) != 0)
        key_table_put(&table->young, key, value);
    return value;
}

void aged_table_put(struct aged_table *table, const struct table_key *key, uintptr_t value)
{
    key_table_put(&table->young, key, value);
}

void aged_table_remove(struct aged_table *table, const struct table_key *key)
{
    uintptr_t value = key_table_remove(&table->young, key);
    if (value == 0)
        value = key_table_remove(&table->old, key);
    if (value != 0)
        table->free_value(value);
}

void aged_table_turn(struct aged_table *table, size_t count_max)
{
    free_leaving(table, SLOTS_FREED_A_TURN);
    if (table->young.count <= count_max / 2)
        return;
    free_leaving(table, SIZE_MAX);
    struct key_table emptied = table->leaving;
    table->leaving = table->old;
    table->freed_slots = 0;
    table->old = table->young;
    table->young = emptied;
}
