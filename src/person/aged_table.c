/* See aged_table.h. */
#include "person/aged_table.h"

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

void aged_table_clear(struct aged_table *table)
{
    clear(table, &table->young);
    clear(table, &table->old);
}

void aged_table_done(struct aged_table *table)
{
    aged_table_clear(table);
    key_table_done(&table->young);
    key_table_done(&table->old);
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
    if (table->young.count <= count_max / 2)
        return;
    clear(table, &table->old);
    struct key_table emptied = table->old;
    table->old = table->young;
    table->young = emptied;
}
