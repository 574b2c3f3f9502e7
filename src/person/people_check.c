/* Are the cached and the stored profiles what a fold of the log gives? For `check` and the crash
 * tests. Any thread, writers may go on: what changes while it is compared is passed over. */
#include "person/people_private.h"

#include "base/clock.h"
#include "base/pack.h"

enum { CHECK_TRIES_MAX = 4 };

static struct uuid key_node(const struct table_key *key)
{
    struct uuid node;
    memcpy(node.bytes, key->bytes, sizeof node.bytes);
    return node;
}

static enum status fold_again(struct people *people, const struct table_key *key, uint64_t sequence,
                              struct arena *arena, struct profile_row *out_row)
{
    struct fold_question question = {.workspace = key->workspace,
                                     .node = key_node(key),
                                     .scope = (enum scope)key->extra,
                                     .purpose = PURPOSE_PERSONALISE,
                                     .now_ms = clock_now_ms(),
                                     .sequence = sequence,
                                     .events_max = UINT64_MAX};
    return people_fold(people, &question, arena, out_row);
}

static enum status differs(const struct table_key *key, const char *where, struct diag *diag)
{
    char text[UUID_TEXT_SIZE + 1];
    uuid_format(key_node(key), text);
    return diag_set(diag, STATUS_CORRUPT, "profile",
                    "the %s profile of %s %s is not what its events fold to", where,
                    key->extra == SCOPE_PERSON ? "person" : "device", text);
}

static bool same(const struct profile_row *a, const struct profile_row *b)
{
    return slice_equal(a->profile, b->profile) && a->known == b->known &&
           a->from_ms == b->from_ms && uuid_equal(a->name, b->name);
}

/* A look that leaves nothing behind when the entry has gone. */
static bool look(struct people *people, const struct table_key *key, struct arena *arena,
                 struct profile_row *out_row)
{
    struct slice bytes;
    struct cache_ticket ticket;
    if (profile_cache_get(people->cache, key, arena, &bytes, &ticket))
        return profile_row_unpack(bytes, out_row) == STATUS_OK;
    if (ticket.owner)
        profile_cache_abandon(people->cache, key);
    return false;
}

/* One try; *out_done unless a writer came in between. */
static enum status compare_cached(struct people *people, const struct table_key *key,
                                  struct arena *arena, bool *out_done, bool *out_same)
{
    struct profile_row cached, folded, after;
    uint64_t applied = atomic_load(&people->applied);
    *out_same = true;
    *out_done = !look(people, key, arena, &cached);
    if (*out_done || cached.sequence > applied)
        return STATUS_OK;
    enum status status = fold_again(people, key, applied, arena, &folded);
    *out_done = status != STATUS_OK ||
                (look(people, key, arena, &after) && after.sequence == cached.sequence);
    if (status == STATUS_OK && *out_done)
        *out_same = same(&cached, &folded);
    return status;
}

static enum status check_cached(struct people *people, const struct table_key *key,
                                uint64_t *checked, struct diag *diag)
{
    enum status status = STATUS_OK;
    bool done = key->extra == SCOPE_CARD;
    for (unsigned tries = 0; tries < CHECK_TRIES_MAX && !done && status == STATUS_OK; tries++) {
        struct arena arena;
        bool equal;
        arena_init(&arena);
        status = compare_cached(people, key, &arena, &done, &equal);
        *checked += done;
        if (status == STATUS_OK && !equal)
            status = differs(key, "cached", diag);
        arena_done(&arena);
    }
    return status;
}

/* Is the row still what the scan saw? The scan looks at one moment, a checkpoint may have come
 * since. */
static bool is_current(struct people *people, struct slice key, struct slice value,
                       struct arena *arena)
{
    struct slice now;
    return store_get(people->store, SPACE_PROFILE, key, arena, &now) == STATUS_OK &&
           slice_equal(now, value);
}

static enum status check_stored(struct people *people, struct slice row_key, struct slice value,
                                uint64_t *checked, struct diag *diag)
{
    struct profile_row stored, folded;
    struct uuid node;
    if (row_key.size != PROFILE_KEY_BYTES)
        return diag_set(diag, STATUS_CORRUPT, "profile", "a profile row has a key of another size");
    const uint8_t *bytes = (const uint8_t *)row_key.data;
    memcpy(node.bytes, bytes + STORE_KEY_PREFIX_BYTES, sizeof node.bytes);
    struct table_key key = table_key(key_get_u32(bytes), bytes[PROFILE_KEY_BYTES - 1], node.bytes);
    enum status status = profile_row_unpack(value, &stored);
    struct arena arena;
    struct profile_row cached;
    if (status != STATUS_OK || !profile_cache_believes(people->cache, &key))
        return status;
    arena_init(&arena);
    bool held = look(people, &key, &arena, &cached); /* then the row may be behind it */
    if (!held)
        status = fold_again(people, &key, atomic_load(&people->applied), &arena, &folded);
    if (!held && status == STATUS_OK && profile_cache_believes(people->cache, &key)) {
        (*checked)++;
        struct profile *profile = ARENA_NEW(&arena, struct profile);
        bool of_this_plan = profile_unpack(stored.profile, profile) != STATUS_CONFLICT;
        if (of_this_plan && clock_now_ms() < stored.valid_until_ms && !same(&stored, &folded) &&
            is_current(people, row_key, value, &arena))
            status = differs(&key, "stored", diag);
    }
    arena_done(&arena);
    return status;
}

static enum status check_rows(struct people *people, uint64_t *checked, struct diag *diag)
{
    uint8_t from[STORE_KEY_PREFIX_BYTES] = {0}, to[STORE_KEY_PREFIX_BYTES];
    memset(to, 0xff, sizeof to);
    struct store_range range = {
        .from = slice_make(from, sizeof from), .to = slice_make(to, sizeof to), .bulk = true};
    struct store_iterator *iterator = store_iterate(people->store, SPACE_PROFILE, &range);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(iterator, &key, &value))
        status = check_stored(people, key, value, checked, diag);
    if (status == STATUS_OK)
        status = store_iterator_status(iterator);
    store_iterator_close(iterator);
    return status;
}

enum status people_check(struct people *people, uint64_t *out_checked, struct diag *diag)
{
    struct arena arena;
    size_t count;
    uint64_t checked = 0;
    enum status status = STATUS_OK;
    arena_init(&arena);
    struct table_key *keys = profile_cache_keys(people->cache, &arena, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = check_cached(people, &keys[i], &checked, diag);
    arena_done(&arena);
    if (status == STATUS_OK)
        status = check_rows(people, &checked, diag);
    *out_checked = checked;
    return status;
}
