#include "app/import_set.h"

#include "base/arena.h"

#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void import_set_init(struct import_set *set)
{
    *set = (struct import_set){0};
}

void import_set_done(struct import_set *set)
{
    free(set->slots);
    *set = (struct import_set){0};
}

/* Where the key stands or belongs; at most half of the room is taken, so a free slot ends it. */
static struct import_slot *find(const struct import_set *set, uint64_t key)
{
    size_t at = (size_t)key & (set->room - 1);
    while (set->slots[at].key != 0 && set->slots[at].key != key)
        at = (at + 1) & (set->room - 1);
    return &set->slots[at];
}

static void grow(struct import_set *set)
{
    struct import_set larger = {.room = set->room ? 2 * set->room : ROOM_FIRST,
                                .count = set->count};
    larger.slots = must_alloc_zero(larger.room, sizeof *larger.slots);
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i].key != 0)
            *find(&larger, set->slots[i].key) = set->slots[i];
    free(set->slots);
    *set = larger;
}

bool import_set_put(struct import_set *set, uint64_t key, uint64_t value)
{
    key += key == 0;
    if (2 * set->count >= set->room)
        grow(set);
    struct import_slot *slot = find(set, key);
    bool fresh = slot->key == 0;
    set->count += fresh;
    *slot = (struct import_slot){key, value};
    return fresh;
}

uint64_t import_set_get(const struct import_set *set, uint64_t key)
{
    key += key == 0;
    return set->room ? find(set, key)->value : 0;
}
