#include "decide/taste.h"

#include <assert.h>
#include <math.h>

#include "base/hash.h"

static bool is_usable(const struct decide_affinity *affinity)
{
    return isfinite(affinity->weight) && affinity->weight > 0;
}

/* --- shares ----------------------------------------------------------------------------------- */

struct attribute_sum {
    struct slice attribute;
    double sum; /* of the usable weights, in the person's order */
};

struct sums {
    struct attribute_sum *list;
    size_t count;
};

/* Affinities come by attribute as a rule, so the last one is tried first. */
static struct attribute_sum *sum_of(struct sums *sums, struct slice attribute)
{
    for (size_t i = sums->count; i > 0; i--)
        if (slice_equal(sums->list[i - 1].attribute, attribute))
            return &sums->list[i - 1];
    sums->list[sums->count] = (struct attribute_sum){attribute, 0};
    return &sums->list[sums->count++];
}

struct taste taste_of(const struct decide_person *person, struct arena *arena)
{
    struct taste taste = {0};
    size_t count = person->affinity_count;
    if (!person->personal || count == 0)
        return taste;
    taste.affinities = person->affinities;
    taste.shares = ARENA_ARRAY(arena, count, double);
    taste.count = count;
    struct sums sums = {.list = ARENA_ARRAY(arena, count, struct attribute_sum)};
    for (size_t i = 0; i < count; i++)
        if (is_usable(&person->affinities[i]))
            sum_of(&sums, person->affinities[i].attribute)->sum +=
                (double)person->affinities[i].weight;
    for (size_t i = 0; i < count; i++)
        if (is_usable(&person->affinities[i]))
            taste.shares[i] = (double)person->affinities[i].weight /
                              sum_of(&sums, person->affinities[i].attribute)->sum;
    return taste;
}

struct slice taste_name(const struct taste *taste, size_t affinity, struct arena *arena)
{
    static const struct slice head = SLICE_INIT("affinity:");
    struct slice attribute = taste->affinities[affinity].attribute;
    struct slice value = taste->affinities[affinity].value;
    size_t size = head.size + attribute.size + 1 + value.size;
    char *text = arena_alloc(arena, size), *at = text;
    memcpy(at, head.data, head.size);
    at += head.size;
    if (attribute.size > 0)
        memcpy(at, attribute.data, attribute.size);
    at += attribute.size;
    *at++ = '=';
    if (value.size > 0)
        memcpy(at, value.data, value.size);
    return slice_make(text, size);
}

/* --- matches ---------------------------------------------------------------------------------- */

/* The slot of a hash, or the empty one where it belongs. */
static uint16_t *slot_of(const struct taste_index *index, uint64_t hash)
{
    size_t at = (size_t)hash & index->mask;
    while (index->slots[at] != 0 && index->hashes[index->slots[at] - 1] != hash)
        at = (at + 1) & index->mask;
    return &index->slots[at];
}

struct taste_index taste_index(const struct taste *taste, struct arena *arena)
{
    struct taste_index index = {.taste = taste};
    if (taste->count == 0)
        return index;
    assert(taste->count < UINT16_MAX);
    size_t room = 16;
    while (room < 2 * taste->count)
        room *= 2;
    index.mask = room - 1;
    index.slots = ARENA_ARRAY(arena, room, uint16_t);
    index.hashes = ARENA_ARRAY(arena, taste->count, uint64_t);
    index.next = ARENA_ARRAY(arena, taste->count, uint16_t);
    for (size_t i = taste->count; i-- > 0;) { /* backwards: a chain is in the person's order */
        uint64_t hash = hash64_pair(taste->affinities[i].attribute, taste->affinities[i].value);
        uint16_t *slot = slot_of(&index, hash);
        index.hashes[i] = hash;
        index.next[i] = *slot;
        *slot = (uint16_t)(i + 1);
    }
    return index;
}

/* Largest share first, ties by the person's own order, none twice. */
static void note(struct likes *likes, const struct taste *taste, uint16_t affinity)
{
    size_t at = likes->count;
    for (size_t i = 0; i < likes->count; i++)
        if (likes->affinities[i] == affinity)
            return;
    while (at > 0) {
        uint16_t above = likes->affinities[at - 1];
        if (taste->shares[above] > taste->shares[affinity] ||
            (taste->shares[above] == taste->shares[affinity] && above < affinity))
            break;
        if (at < AFFINITY_MATCHES_MAX)
            likes->affinities[at] = above;
        at--;
    }
    if (at < AFFINITY_MATCHES_MAX)
        likes->affinities[at] = affinity;
    if (likes->count < AFFINITY_MATCHES_MAX)
        likes->count++;
}

void taste_note_matches(const struct taste_index *index, const struct tasted *attribute,
                        struct likes *likes)
{
    for (uint16_t at = *slot_of(index, attribute->hash); at != 0; at = index->next[at - 1]) {
        const struct decide_affinity *affinity = &index->taste->affinities[at - 1];
        if (index->taste->shares[at - 1] > 0 && slice_equal(affinity->value, attribute->value) &&
            slice_equal(affinity->attribute, attribute->name))
            note(likes, index->taste, (uint16_t)(at - 1));
    }
}
