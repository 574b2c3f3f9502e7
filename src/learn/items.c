#include "learn/items.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

void items_init(struct items *items)
{
    *items = (struct items){0};
}

static void item_done(struct learn_item *item)
{
    free(item->id);
    free(item->people);
    for (int i = 0; i < LEARN_RELATION_COUNT; i++) {
        free(item->lists[i].others);
        free(item->lists[i].pairs);
    }
    *item = (struct learn_item){0};
}

void items_done(struct items *items)
{
    for (uint32_t i = 0; i < items->count; i++)
        item_done(&items->slots[i]);
    free(items->slots);
    free(items->free_slots);
    free(items->buckets);
    items_init(items);
}

struct slice item_id(const struct items *items, uint32_t slot)
{
    assert(slot < items->count && items->slots[slot].id);
    return slice_make(items->slots[slot].id, items->slots[slot].id_size);
}

/* The bucket that holds the id, or the empty one where it would go. */
static uint32_t bucket_of(const struct items *items, uint64_t hash, struct slice id)
{
    uint32_t mask = items->bucket_count - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (items->buckets[at] != 0) {
        const struct learn_item *item = &items->slots[items->buckets[at] - 1];
        if (item->hash == hash && slice_equal(slice_make(item->id, item->id_size), id))
            break;
        at = (at + 1) & mask;
    }
    return at;
}

void items_reindex(struct items *items)
{
    uint32_t wanted = 64;
    while (wanted < 2 * (items->live + 1))
        wanted *= 2;
    free(items->buckets);
    items->buckets = must_alloc_zero(wanted, sizeof *items->buckets);
    items->bucket_count = wanted;
    for (uint32_t i = 0; i < items->count; i++) {
        const struct learn_item *item = &items->slots[i];
        if (item->id)
            items->buckets[bucket_of(items, item->hash, slice_make(item->id, item->id_size))] =
                i + 1;
    }
}

static uint32_t take_slot(struct items *items)
{
    if (items->free_count > 0)
        return items->free_slots[--items->free_count];
    if (items->count == items->room) {
        items->room = items->room ? items->room * 2 : 64;
        items->slots = must_realloc(items->slots, items->room * sizeof *items->slots);
        items->free_slots = must_realloc(items->free_slots, items->room * sizeof(uint32_t));
    }
    items->slots[items->count] = (struct learn_item){0};
    return items->count++;
}

uint32_t items_intern(struct items *items, struct slice id)
{
    if (2 * (items->live + 1) > items->bucket_count)
        items_reindex(items);
    uint64_t hash = hash64(id);
    uint32_t bucket = bucket_of(items, hash, id);
    if (items->buckets[bucket] != 0)
        return items->buckets[bucket] - 1;
    assert(items->live < LEARN_ITEMS_MAX);
    uint32_t slot = take_slot(items);
    struct learn_item *item = &items->slots[slot];
    item->id = must_alloc(id.size);
    if (id.size > 0)
        memcpy(item->id, id.data, id.size);
    item->id_size = (uint32_t)id.size;
    item->hash = hash;
    items->buckets[bucket] = slot + 1;
    items->live++;
    return slot;
}

void items_remove(struct items *items, uint32_t slot)
{
    assert(items->slots[slot].id);
    item_done(&items->slots[slot]);
    items->free_slots[items->free_count++] = slot;
    items->live--;
}

static int compare_ids(const void *left, const void *right, void *context)
{
    const struct items *items = context;
    const uint32_t *a = left, *b = right;
    return slice_compare(item_id(items, *a), item_id(items, *b));
}

uint32_t *items_sorted(const struct items *items)
{
    uint32_t *slots = must_alloc(items->live * sizeof *slots);
    uint32_t count = 0;
    for (uint32_t i = 0; i < items->count; i++)
        if (items->slots[i].id)
            slots[count++] = i;
    assert(count == items->live);
    qsort_r(slots, count, sizeof *slots, compare_ids, (void *)items);
    return slots;
}

void item_add_person(struct learn_item *item, uint64_t person_hash)
{
    if (item->anonymous_shown)
        return;
    if (!item->people)
        item->people = must_alloc_zero(1, sizeof *item->people);
    struct people_set *people = item->people;
    uint8_t at = 0;
    while (at < people->count && people->hashes[at] < person_hash)
        at++;
    if (at < people->count && people->hashes[at] == person_hash)
        return;
    memmove(people->hashes + at + 1, people->hashes + at,
            (size_t)(people->count - at) * sizeof(uint64_t));
    people->hashes[at] = person_hash;
    people->count++;
    if (people->count < ANONYMOUS_PEOPLE_MIN)
        return;
    item->anonymous_shown = true;
    free(item->people);
    item->people = NULL;
}

void item_forget_person(struct learn_item *item, uint64_t person_hash)
{
    struct people_set *people = item->people;
    if (!people)
        return;
    uint8_t kept = 0;
    for (uint8_t i = 0; i < people->count; i++)
        if (people->hashes[i] != person_hash)
            people->hashes[kept++] = people->hashes[i];
    people->count = kept;
}
