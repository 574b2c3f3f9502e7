#include "base/number_table.h"

#include "base/arena.h"

#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void number_table_init(struct number_table *table)
{
    *table = (struct number_table){0};
}

void number_table_done(struct number_table *table)
{
    free(table->slots);
    *table = (struct number_table){0};
}

/* Where the key stands or belongs; at most half of the room is taken, so a free slot ends it. */
static struct number_slot *find(const struct number_table *table, uint64_t key)
{
    size_t at = (size_t)key & (table->room - 1);
    while (table->slots[at].key != 0 && table->slots[at].key != key)
        at = (at + 1) & (table->room - 1);
    return &table->slots[at];
}

static void grow(struct number_table *table)
{
    struct number_table larger = {.room = table->room ? 2 * table->room : ROOM_FIRST,
                                  .count = table->count};
    larger.slots = must_alloc_zero(larger.room, sizeof *larger.slots);
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].key != 0)
            *find(&larger, table->slots[i].key) = table->slots[i];
    free(table->slots);
    *table = larger;
}

bool number_table_put(struct number_table *table, uint64_t key, uint64_t value)
{
    key += key == 0;
    if (2 * table->count >= table->room)
        grow(table);
    struct number_slot *slot = find(table, key);
    bool fresh = slot->key == 0;
    table->count += fresh;
    *slot = (struct number_slot){key, value};
    return fresh;
}

uint64_t number_table_get(const struct number_table *table, uint64_t key)
{
    key += key == 0;
    return table->room ? find(table, key)->value : 0;
}
