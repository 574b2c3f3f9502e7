#include "api/key_uses.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES = 1 << 13, PROBES = 8 }; /* a power of two */

struct place {
    _Atomic uint64_t key; /* 0: free */
    _Atomic int64_t last_ms;
};

struct key_uses {
    struct place places[PLACES];
};

struct key_uses *key_uses_new(void)
{
    return must_alloc_zero(1, sizeof(struct key_uses));
}

void key_uses_free(struct key_uses *uses)
{
    free(uses);
}

/* The hash of a key's text is its own at random: eight bytes of it tell it from any other. */
static uint64_t name_of(const struct api_key *key)
{
    uint64_t name;
    memcpy(&name, key->hash, sizeof name);
    return name | 1;
}

/* take: a free place becomes the key's. NULL: there is none. */
static struct place *find(struct key_uses *uses, uint64_t name, bool take)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct place *place = &uses->places[((name >> 1) + i) % PLACES];
        uint64_t held = atomic_load_explicit(&place->key, memory_order_relaxed);
        if (held == 0 && take &&
            atomic_compare_exchange_strong_explicit(&place->key, &held, name, memory_order_relaxed,
                                                    memory_order_relaxed))
            held = name; /* else held says who was first: the same key, or another one */
        if (held == name)
            return place;
    }
    return NULL;
}

void key_uses_note(struct key_uses *uses, const struct api_key *key, int64_t now_ms)
{
    struct place *place = find(uses, name_of(key), true);
    if (place &&
        atomic_load_explicit(&place->last_ms, memory_order_relaxed) + MS_PER_SECOND <= now_ms)
        atomic_store_explicit(&place->last_ms, now_ms, memory_order_relaxed);
}

int64_t key_uses_last(const struct key_uses *uses, const struct api_key *key)
{
    const struct place *place = find((struct key_uses *)uses, name_of(key), false);
    return place ? atomic_load_explicit(&place->last_ms, memory_order_relaxed) : 0;
}
