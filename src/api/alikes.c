#include "api/alikes.h"

#include "base/hash.h"
#include "base/limits.h"
#include "decide/voices.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    PLACES_MIN = 64,
    PLACES_MAX = 2 * ALIKES_KEPT_MAX,
    PROBES = 16 /* places looked at before an answer is not kept: at most half of all are taken */
};

struct kept { /* immutable once in its place */
    uint64_t hash;
    struct slice id; /* behind the list */
    size_t count;
    struct alike list[];
};

struct alikes {
    _Atomic uint32_t refs;
    const struct content_snapshot *content;
    _Atomic size_t count, bytes; /* of the lists */
    size_t ahead;                /* items of content found ahead; the finder's */
    size_t place_count;          /* a power of two */
    struct kept *_Atomic places[];
};

static_assert((PLACES_MAX & (PLACES_MAX - 1)) == 0, "places are a power of two");

struct alikes *alikes_new(const struct content_snapshot *content)
{
    size_t count = PLACES_MIN;
    while (count < PLACES_MAX && count < 2 * content_count(content))
        count *= 2;
    struct alikes *alikes =
        must_alloc_zero(1, sizeof *alikes + count * sizeof(struct kept * _Atomic));
    atomic_init(&alikes->refs, 1);
    alikes->content = content;
    alikes->place_count = count;
    return alikes;
}

struct alikes *alikes_ref(struct alikes *alikes)
{
    atomic_fetch_add_explicit(&alikes->refs, 1, memory_order_relaxed);
    return alikes;
}

void alikes_unref(struct alikes *alikes)
{
    if (!alikes || atomic_fetch_sub_explicit(&alikes->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < alikes->place_count; i++)
        free(atomic_load_explicit(&alikes->places[i], memory_order_relaxed));
    free(alikes);
}

size_t alikes_bytes(const struct alikes *alikes)
{
    return sizeof *alikes + alikes->place_count * sizeof(struct kept * _Atomic) +
           atomic_load_explicit(&alikes->bytes, memory_order_relaxed);
}

/* --- places ----------------------------------------------------------------------------------- */

static struct kept *_Atomic *place_of(struct alikes *alikes, uint64_t hash, size_t probe)
{
    return &alikes->places[(hash + probe) & (alikes->place_count - 1)];
}

static bool is_of(const struct kept *kept, uint64_t hash, struct slice id)
{
    return kept->hash == hash && slice_equal(kept->id, id);
}

static const struct kept *find_kept(struct alikes *alikes, uint64_t hash, struct slice id)
{
    for (size_t probe = 0; probe < PROBES; probe++) {
        const struct kept *kept =
            atomic_load_explicit(place_of(alikes, hash, probe), memory_order_acquire);
        if (!kept)
            return NULL; /* places fill in this order and stay filled */
        if (is_of(kept, hash, id))
            return kept;
    }
    return NULL;
}

static size_t kept_bytes(struct slice id, size_t count)
{
    return sizeof(struct kept) + count * sizeof(struct alike) + id.size;
}

static struct kept *kept_new(uint64_t hash, struct slice id, const struct alike *list, size_t count)
{
    struct kept *kept = must_alloc(kept_bytes(id, count));
    *kept = (struct kept){.hash = hash, .count = count};
    memcpy(kept->list, list, count * sizeof *list);
    char *text = (char *)(kept->list + count);
    memcpy(text, id.data, id.size);
    kept->id = slice_make(text, id.size);
    return kept;
}

/* In the first free place, unless another thread was there first with the same item. */
static void keep(struct alikes *alikes, struct kept *fresh)
{
    for (size_t probe = 0; probe < PROBES; probe++) {
        struct kept *there = NULL;
        if (atomic_compare_exchange_strong_explicit(place_of(alikes, fresh->hash, probe), &there,
                                                    fresh, memory_order_acq_rel,
                                                    memory_order_acquire)) {
            (void)atomic_fetch_add_explicit(&alikes->bytes, kept_bytes(fresh->id, fresh->count),
                                            memory_order_relaxed);
            (void)atomic_fetch_add_explicit(&alikes->count, 1, memory_order_relaxed);
            return;
        }
        if (is_of(there, fresh->hash, fresh->id))
            break;
    }
    free(fresh);
}

static bool has_place(struct alikes *alikes, uint64_t hash)
{
    if (atomic_load_explicit(&alikes->count, memory_order_relaxed) >= ALIKES_KEPT_MAX)
        return false;
    for (size_t probe = 0; probe < PROBES; probe++)
        if (!atomic_load_explicit(place_of(alikes, hash, probe), memory_order_relaxed))
            return true;
    return false;
}

/* --- finding ---------------------------------------------------------------------------------- */

static_assert(ALIKE_COUNT == CONTENT_PRICE + 1, "parts are by content_kind");

static struct alike alike_of(const struct content_neighbour *neighbour)
{
    struct alike alike = {neighbour->entry, neighbour->score, {0}};
    double shares[ALIKE_COUNT] = {0};
    for (size_t i = 0; i < neighbour->part_count; i++)
        shares[neighbour->parts[i].kind] += neighbour->parts[i].share;
    for (size_t i = 0; neighbour->score > 0 && i < ALIKE_COUNT; i++)
        alike.parts[i] = (uint8_t)(shares[i] / neighbour->score * VOICES_WHOLE);
    return alike;
}

size_t alikes_find(struct alikes *alikes, struct slice item, struct arena *arena,
                   const struct alike **out_list)
{
    uint64_t hash = hash64(item);
    const struct kept *kept = find_kept(alikes, hash, item);
    if (kept) {
        *out_list = kept->list;
        return kept->count;
    }
    struct content_neighbour *found =
        ARENA_ARRAY(arena, GRAPH_NEIGHBOURS_MAX, struct content_neighbour);
    size_t count = content_neighbours(alikes->content, item, GRAPH_NEIGHBOURS_MAX, arena, found);
    struct alike *list = ARENA_ARRAY(arena, count + 1, struct alike);
    for (size_t i = 0; i < count; i++)
        list[i] = alike_of(&found[i]);
    if (count > 0 && has_place(alikes, hash)) /* an unknown item costs nothing to find again */
        keep(alikes, kept_new(hash, item, list, count));
    *out_list = list;
    return count;
}

bool alikes_find_ahead(struct alikes *alikes, size_t items)
{
    size_t count = content_count(alikes->content), end = alikes->ahead + items;
    const struct alike *list;
    struct arena arena;
    if (count > ALIKES_KEPT_MAX)
        return false;
    arena_init(&arena);
    for (; alikes->ahead < count && alikes->ahead < end; alikes->ahead++) {
        (void)alikes_find(alikes, content_id(alikes->content, alikes->ahead), &arena, &list);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return alikes->ahead < count;
}
