/* Open addressing with linear probing, at most half full. */
#include "decide/slice_set.h"

#include <assert.h>

static void make_slots(struct slice_set *set, size_t count_expected)
{
    size_t room = 8;
    while (room < count_expected * 2)
        room *= 2;
    set->slots = ARENA_ARRAY(set->arena, room, struct slice_set_slot);
    set->mask = room - 1;
}

struct slice_set slice_set(struct arena *arena, size_t count_expected)
{
    struct slice_set set = {.arena = arena};
    if (count_expected > 0)
        make_slots(&set, count_expected);
    return set;
}

struct slice_set slice_set_of(struct arena *arena, const struct slice *texts, size_t count)
{
    struct slice_set set = slice_set(arena, count);
    for (size_t i = 0; i < count; i++)
        slice_set_add(&set, slice_set_hash(texts[i]), texts[i], (uint32_t)i);
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

static void grow(struct slice_set *set)
{
    struct slice_set_slot *old = set->slots;
    size_t count = old != NULL ? set->mask + 1 : 0;
    make_slots(set, set->count * 2 + 4);
    for (size_t i = 0; i < count; i++) {
        if (old[i].number_plus_one == 0)
            continue;
        uint64_t hash = slice_set_hash(old[i].text);
        *slot_of(set, hash, old[i].text) = old[i];
    }
}

uint32_t slice_set_intern(struct slice_set *set, uint64_t hash, struct slice text, uint32_t number)
{
    assert(set->arena != NULL && number < UINT32_MAX);
    if (set->slots == NULL || (set->count + 1) * 2 > set->mask + 1)
        grow(set);
    struct slice_set_slot *slot = slot_of(set, hash, text);
    if (slot->number_plus_one != 0)
        return slot->number_plus_one - 1;
    *slot = (struct slice_set_slot){text, (uint32_t)(hash >> 32), number + 1};
    set->count++;
    return number;
}

void slice_set_add(struct slice_set *set, uint64_t hash, struct slice text, uint32_t number)
{
    (void)slice_set_intern(set, hash, text, number);
}

int64_t slice_set_find(const struct slice_set *set, uint64_t hash, struct slice text)
{
    if (set->count == 0)
        return -1;
    return (int64_t)slot_of(set, hash, text)->number_plus_one - 1;
}
