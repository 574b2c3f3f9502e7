#include "learn/names.h"

#include "base/arena.h"
#include "base/hash.h"

#include <stdlib.h>

void names_init(struct names *names)
{
    *names = (struct names){0};
}

void names_done(struct names *names)
{
    free(names->all);
    free(names->hashes);
    free(names->buckets);
    names_init(names);
}

/* Where the name stands or would stand; there is always a free bucket. */
static uint32_t *bucket_of(const struct names *names, struct slice name, uint64_t hash)
{
    uint32_t mask = names->bucket_count - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        uint32_t held = names->buckets[at];
        if (held == 0 ||
            (names->hashes[held - 1] == hash && slice_equal(names->all[held - 1], name)))
            return &names->buckets[at];
    }
}

static void grow(struct names *names)
{
    names->room = names->room ? 2 * names->room : 1024;
    names->all = must_realloc(names->all, names->room * sizeof *names->all);
    names->hashes = must_realloc(names->hashes, names->room * sizeof *names->hashes);
    free(names->buckets);
    names->bucket_count = 2 * names->room;
    names->buckets = must_alloc_zero(names->bucket_count, sizeof *names->buckets);
    for (uint32_t i = 0; i < names->count; i++)
        *bucket_of(names, names->all[i], names->hashes[i]) = i + 1;
}

uint32_t names_find(const struct names *names, struct slice name)
{
    if (names->bucket_count == 0)
        return NAME_NONE;
    uint32_t held = *bucket_of(names, name, hash64(name));
    return held ? held - 1 : NAME_NONE;
}

uint32_t names_intern(struct names *names, struct slice name)
{
    if (names->count == names->room)
        grow(names);
    uint64_t hash = hash64(name);
    uint32_t *bucket = bucket_of(names, name, hash);
    if (*bucket)
        return *bucket - 1;
    if (names->count == NAMES_MAX - 1)
        return NAME_NONE;
    names->all[names->count] = name;
    names->hashes[names->count] = hash;
    *bucket = ++names->count;
    return names->count - 1;
}
