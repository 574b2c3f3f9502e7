/* Open addressing with linear probing, at most half full. */
#include "decide/slice_set.h"

#include <assert.h>

struct slice_set slice_set(struct arena *arena, size_t count_max)
{
    if (count_max == 0)
        return (struct slice_set){0};
    size_t room = 8;
    while (room < count_max * 2)
        room *= 2;
    return (struct slice_set){.slots = ARENA_ARRAY(arena, room, struct slice_set_slot),
                              .mask = room - 1,
                              .count_max = count_max};
}

struct slice_set slice_set_of(struct arena *arena, const struct slice *texts, size_t count)
{
    struct slice_set set = slice_set(arena, count);
    for (size_t i = 0; i < count; i++)
        slice_set_add(&set, texts[i], (uint32_t)i);
    return set;
}

/* The slot of text, or the empty one where it would stand. */
static struct slice_set_slot *slot_of(const struct slice_set *set, uint64_t hash, struct slice text)
{
    size_t at = (size_t)hash & set->mask;
    for (;;) {
        struct slice_set_slot *slot = &set->slots[at];
        if (slot->number_plus_one == 0)
            return slot;
        if (slot->hash == (uint32_t)(hash >> 32) && slice_equal(slot->text, text))
            return slot;
        at = (at + 1) & set->mask;
    }
}

void slice_set_add(struct slice_set *set, struct slice text, uint32_t number)
{
    assert(set->count < set->count_max && number < UINT32_MAX);
    uint64_t hash = hash64(text);
    struct slice_set_slot *slot = slot_of(set, hash, text);
    if (slot->number_plus_one != 0)
        return;
    *slot = (struct slice_set_slot){text, (uint32_t)(hash >> 32), number + 1};
    set->count++;
}

int64_t slice_set_find(const struct slice_set *set, uint64_t hash, struct slice text)
{
    if (set->count == 0)
        return -1;
    return (int64_t)slot_of(set, hash, text)->number_plus_one - 1;
}
