/* See profile_cache.h. */
#include "person/profile_cache.h"

#include "base/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, KEYS_AT_FIRST = 64, MARKS_MIN = 64, MARKS_MAX = 8192, BYTES_PER_MARK = 256 };
/* An entry's share of its shard's table, which is at worst a quarter full. */
enum { SLOT_BYTES = 4 * sizeof(struct key_slot) };
enum entry_state { ENTRY_LOADING, ENTRY_CLEAN, ENTRY_DIRTY, ENTRY_WRITING };
/* Of a stored row. A mark that is set also tells from when on the row lacks events, above its
 * lowest bits; 0: it must not be believed at all. */
enum mark { MARK_SET = 1, MARK_DELETING = 2, MARK_BITS = 2, MARK_STATES = 3 };

/* Two lists run through an entry: by use, and of the dirty ones by age. */
struct ring {
    struct ring *next, *previous;
};

struct entry {
    struct ring used, dirty; /* first: see entry_of */
    struct table_key key;
    enum entry_state state;
    bool changed_meanwhile;  /* of a placeholder */
    uint64_t dirty_sequence; /* the first change that is not stored */
    int64_t behind_from_ms;  /* the stored row lacks events from then on; INT64_MAX none */
    char *bytes;
    size_t size;
};

struct shard {
    pthread_mutex_t mutex;
    struct key_table entries, marks;
    struct ring used, dirty, writing;
    size_t bytes;
    unsigned doubt_all; /* enum mark, 0 none */
    bool portion;       /* the last portion held something of this shard */
    uint64_t evictions, marks_made;
};

struct profile_cache {
    size_t shard_bytes_max, marks_max;
    size_t next_shard; /* of the write-back round */
    struct shard shards[SHARDS];
};

/* --- lists ------------------------------------------------------------------------------------ */

static void ring_init(struct ring *ring)
{
    ring->next = ring->previous = ring;
}

static void ring_take(struct ring *ring)
{
    ring->next->previous = ring->previous;
    ring->previous->next = ring->next;
    ring_init(ring);
}

static void ring_append(struct ring *head, struct ring *ring)
{
    ring->previous = head->previous;
    ring->next = head;
    head->previous->next = ring;
    head->previous = ring;
}

static struct entry *entry_by_use(struct ring *ring)
{
    return (struct entry *)((char *)ring - offsetof(struct entry, used));
}

static struct entry *entry_by_dirt(struct ring *ring)
{
    return (struct entry *)((char *)ring - offsetof(struct entry, dirty));
}

/* --- life ------------------------------------------------------------------------------------- */

struct profile_cache *profile_cache_new(size_t bytes_max)
{
    struct profile_cache *cache = must_alloc_zero(1, sizeof *cache);
    cache->shard_bytes_max = bytes_max / SHARDS;
    cache->marks_max = cache->shard_bytes_max / BYTES_PER_MARK;
    if (cache->marks_max < MARKS_MIN)
        cache->marks_max = MARKS_MIN;
    if (cache->marks_max > MARKS_MAX)
        cache->marks_max = MARKS_MAX;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_init(&shard->mutex, NULL);
        key_table_init(&shard->entries);
        key_table_init(&shard->marks);
        ring_init(&shard->used);
        ring_init(&shard->dirty);
        ring_init(&shard->writing);
    }
    return cache;
}

static void free_entry(void *context, const struct table_key *key, uintptr_t value)
{
    struct entry *entry = (struct entry *)value;
    (void)context;
    (void)key;
    free(entry->bytes);
    free(entry);
}

void profile_cache_free(struct profile_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        key_table_each(&shard->entries, free_entry, NULL);
        key_table_done(&shard->entries);
        key_table_done(&shard->marks);
        pthread_mutex_destroy(&shard->mutex);
    }
    free(cache);
}

static struct shard *lock_shard(struct profile_cache *cache, const struct table_key *key)
{
    /* the scope does not count, so that a node's card and profile lie together */
    struct table_key node = table_key(key->workspace, 0, key->bytes);
    struct shard *shard = &cache->shards[table_key_hash(&node) >> 32 & (SHARDS - 1)];
    pthread_mutex_lock(&shard->mutex);
    return shard;
}

static void unlock_shard(struct shard *shard)
{
    pthread_mutex_unlock(&shard->mutex);
}

static size_t entry_cost(const struct entry *entry)
{
    return sizeof *entry + entry->size + SLOT_BYTES;
}

static uintptr_t mark_from(int64_t from_ms)
{
    uintptr_t from = from_ms > 0 && from_ms <= INT64_MAX >> MARK_BITS ? (uintptr_t)from_ms : 0;
    return from << MARK_BITS | MARK_SET;
}

/* A row whose deletion may not have been written yet lacks more than what comes now. */
static uintptr_t join_marks(uintptr_t old, uintptr_t new)
{
    if ((old & MARK_STATES) == MARK_DELETING)
        return MARK_SET;
    return old != 0 && old < new ? old : new;
}

/* from_ms: of the first event that the stored row lacks; 0 when nothing is known of that, INT64_MAX
 * when it lacks none. */
static void set_mark(struct profile_cache *cache, struct shard *shard, const struct table_key *key,
                     int64_t from_ms)
{
    if (key->extra == CACHE_UNSTORED || from_ms == INT64_MAX)
        return;
    shard->marks_made++;
    if (shard->doubt_all == MARK_SET)
        return;
    uintptr_t old = key_table_get(&shard->marks, key);
    if (shard->marks.count >= cache->marks_max && old == 0) {
        key_table_clear(&shard->marks);
        shard->doubt_all = MARK_SET;
        return;
    }
    key_table_put(&shard->marks, key, join_marks(old, mark_from(from_ms)));
}

/* From when on the stored row lacks events: INT64_MAX none, 0 it is not to be believed. */
static int64_t behind_from(const struct shard *shard, const struct table_key *key)
{
    uintptr_t mark = key_table_get(&shard->marks, key);
    if (shard->doubt_all != 0 || (mark & MARK_STATES) == MARK_DELETING)
        return 0;
    return mark == 0 ? INT64_MAX : (int64_t)(mark >> MARK_BITS);
}

static void remove_entry(struct shard *shard, struct entry *entry)
{
    ring_take(&entry->used);
    ring_take(&entry->dirty);
    if (entry->state != ENTRY_LOADING)
        shard->bytes -= entry_cost(entry);
    key_table_remove(&shard->entries, &entry->key);
    free_entry(NULL, NULL, (uintptr_t)entry);
}

/* Makes room; placeholders are not in the list. */
static void evict(struct profile_cache *cache, struct shard *shard, size_t needed)
{
    while (shard->used.next != &shard->used && shard->bytes + needed > cache->shard_bytes_max) {
        struct entry *oldest = entry_by_use(shard->used.next);
        if (oldest->state != ENTRY_CLEAN)
            set_mark(cache, shard, &oldest->key, oldest->behind_from_ms);
        remove_entry(shard, oldest);
        shard->evictions++;
    }
}

/* --- readers ---------------------------------------------------------------------------------- */

bool profile_cache_get(struct profile_cache *cache, const struct table_key *key,
                       struct arena *arena, struct slice *out_bytes,
                       struct cache_ticket *out_ticket)
{
    struct shard *shard = lock_shard(cache, key);
    struct entry *entry = (struct entry *)key_table_get(&shard->entries, key);
    bool hit = entry && entry->state != ENTRY_LOADING;
    if (hit) {
        ring_take(&entry->used);
        ring_append(&shard->used, &entry->used);
        *out_bytes = arena_copy(arena, slice_make(entry->bytes, entry->size));
    } else {
        int64_t behind_from_ms = behind_from(shard, key);
        *out_ticket = (struct cache_ticket){.owner = entry == NULL,
                                            .believable = behind_from_ms > 0,
                                            .behind_from_ms = behind_from_ms};
    }
    if (!entry) {
        entry = must_alloc_zero(1, sizeof *entry);
        entry->key = *key;
        ring_init(&entry->used);
        ring_init(&entry->dirty);
        key_table_put(&shard->entries, key, (uintptr_t)entry);
    }
    unlock_shard(shard);
    return hit;
}

bool profile_cache_insert(struct profile_cache *cache, const struct table_key *key,
                          struct slice bytes, bool stored)
{
    struct shard *shard = lock_shard(cache, key);
    struct entry *entry = (struct entry *)key_table_get(&shard->entries, key);
    assert(entry && entry->state == ENTRY_LOADING);
    bool kept = !entry->changed_meanwhile;
    size_t needed = sizeof *entry + bytes.size + SLOT_BYTES;
    if (!kept || needed > cache->shard_bytes_max) {
        remove_entry(shard, entry);
        unlock_shard(shard);
        return kept;
    }
    evict(cache, shard, needed);
    entry->bytes = must_alloc(bytes.size + 1);
    memcpy(entry->bytes, bytes.data, bytes.size);
    entry->size = bytes.size;
    shard->bytes += needed;
    entry->state = stored ? ENTRY_CLEAN : ENTRY_DIRTY;
    entry->behind_from_ms = behind_from(shard, key);
    ring_append(&shard->used, &entry->used);
    if (!stored)
        ring_append(&shard->dirty, &entry->dirty);
    unlock_shard(shard);
    return true;
}

void profile_cache_abandon(struct profile_cache *cache, const struct table_key *key)
{
    struct shard *shard = lock_shard(cache, key);
    struct entry *entry = (struct entry *)key_table_get(&shard->entries, key);
    assert(entry && entry->state == ENTRY_LOADING);
    remove_entry(shard, entry);
    unlock_shard(shard);
}

bool profile_cache_believes(struct profile_cache *cache, const struct table_key *key)
{
    struct shard *shard = lock_shard(cache, key);
    bool believes = behind_from(shard, key) == INT64_MAX;
    unlock_shard(shard);
    return believes;
}

/* --- the ledger thread ------------------------------------------------------------------------ */

static void replace_bytes(struct shard *shard, struct entry *entry, struct slice bytes)
{
    shard->bytes -= entry_cost(entry);
    if (bytes.size != entry->size)
        entry->bytes = must_realloc(entry->bytes, bytes.size + 1);
    memcpy(entry->bytes, bytes.data, bytes.size);
    entry->size = bytes.size;
    shard->bytes += entry_cost(entry);
}

static void apply_to_entry(struct shard *shard, struct entry *entry, uint64_t sequence,
                           int64_t time_ms, struct slice bytes)
{
    replace_bytes(shard, entry, bytes);
    if (time_ms < entry->behind_from_ms)
        entry->behind_from_ms = time_ms;
    if (entry->state != ENTRY_DIRTY) {
        ring_take(&entry->dirty);
        ring_append(&shard->dirty, &entry->dirty);
        entry->state = ENTRY_DIRTY;
        entry->dirty_sequence = sequence;
    }
}

void profile_cache_apply(struct profile_cache *cache, const struct table_key *key,
                         uint64_t sequence, const struct cache_change *change)
{
    struct buf bytes;
    struct shard *shard = lock_shard(cache, key);
    struct entry *entry = (struct entry *)key_table_get(&shard->entries, key);
    buf_init(&bytes, (size_t)2 * PROFILE_BYTES_MAX);
    if (entry && entry->state != ENTRY_LOADING && change &&
        change->make(change->context, slice_make(entry->bytes, entry->size), &bytes)) {
        assert(!bytes.overflowed);
        apply_to_entry(shard, entry, sequence, change->time_ms, buf_slice(&bytes));
        evict(cache, shard, 0);
    } else {
        int64_t from_ms = change ? change->time_ms : 0;
        if (entry && entry->state == ENTRY_LOADING) {
            entry->changed_meanwhile = true;
        } else if (entry) {
            from_ms = entry->behind_from_ms < from_ms ? entry->behind_from_ms : from_ms;
            remove_entry(shard, entry);
        }
        set_mark(cache, shard, key, from_ms);
    }
    unlock_shard(shard);
    buf_done(&bytes);
}

void profile_cache_doubt_all(struct profile_cache *cache)
{
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&cache->shards[i].mutex);
        cache->shards[i].doubt_all = MARK_SET;
        unlock_shard(&cache->shards[i]);
    }
}

/* The batch of the last portion has been written: rows are what entries are, or gone. */
static void finish_last_portion(struct shard *shard)
{
    if (!shard->portion)
        return;
    shard->portion = false;
    if (shard->doubt_all == MARK_DELETING)
        shard->doubt_all = 0;
    while (shard->writing.next != &shard->writing) {
        struct entry *entry = entry_by_dirt(shard->writing.next);
        ring_take(&entry->dirty);
        entry->state = ENTRY_CLEAN;
        entry->behind_from_ms = INT64_MAX;
    }
    for (size_t i = 0; i < shard->marks.room;) {
        struct key_slot *slot = &shard->marks.slots[i];
        if (slot->value == MARK_DELETING)
            key_table_remove(&shard->marks, &slot->key); /* may shift another one into this place */
        else
            i++;
    }
}

static size_t remove_marked(struct shard *shard, const struct cache_writer *writer)
{
    size_t rows = 0;
    for (size_t i = 0; i < shard->marks.room; i++) {
        struct key_slot *slot = &shard->marks.slots[i];
        if ((slot->value & MARK_STATES) != MARK_SET)
            continue;
        writer->remove(writer->context, &slot->key);
        slot->value = MARK_DELETING;
        rows++;
    }
    return rows;
}

/* Dirty entries, oldest change first, up to the beginning of the round. */
static size_t write_dirty(struct shard *shard, const struct cache_writer *writer,
                          uint64_t round_sequence, bool *out_all)
{
    size_t rows = 0;
    *out_all = true;
    while (shard->dirty.next != &shard->dirty) {
        struct entry *entry = entry_by_dirt(shard->dirty.next);
        if (entry->dirty_sequence > round_sequence)
            break;
        if (rows == writer->rows_max) {
            *out_all = false;
            break;
        }
        writer->put(writer->context, &entry->key, slice_make(entry->bytes, entry->size));
        ring_take(&entry->dirty);
        ring_append(&shard->writing, &entry->dirty);
        entry->state = ENTRY_WRITING;
        rows++;
    }
    return rows;
}

/* When any shard doubts all rows, all of them go, of every shard: a missing row is folded anew. */
static void remove_doubted(struct profile_cache *cache, const struct cache_writer *writer)
{
    bool any = false;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        if (shard->doubt_all == MARK_SET) {
            shard->doubt_all = MARK_DELETING;
            shard->portion = any = true;
        }
        unlock_shard(shard);
    }
    if (any)
        writer->remove_all(writer->context);
}

bool profile_cache_write_back(struct profile_cache *cache, const struct cache_writer *writer,
                              uint64_t round_sequence)
{
    size_t rows = 0;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&cache->shards[i].mutex);
        finish_last_portion(&cache->shards[i]);
        unlock_shard(&cache->shards[i]);
    }
    remove_doubted(cache, writer);
    while (cache->next_shard < SHARDS && rows < writer->rows_max) {
        struct shard *shard = &cache->shards[cache->next_shard];
        bool all;
        pthread_mutex_lock(&shard->mutex);
        size_t before = rows;
        rows += remove_marked(shard, writer);
        rows += write_dirty(shard, writer, round_sequence, &all);
        shard->portion = shard->portion || rows > before;
        unlock_shard(shard);
        cache->next_shard += all;
    }
    if (cache->next_shard < SHARDS)
        return false;
    cache->next_shard = 0;
    return true;
}

/* --- looking on ------------------------------------------------------------------------------- */

struct key_list {
    struct table_key *keys;
    size_t count, room;
};

static void add_keys(struct key_list *list, struct shard *shard, struct arena *arena)
{
    for (struct ring *ring = shard->used.next; ring != &shard->used; ring = ring->next) {
        if (list->count == list->room) {
            struct table_key *larger = ARENA_ARRAY(arena, list->room * 2, struct table_key);
            memcpy(larger, list->keys, list->count * sizeof *larger);
            list->keys = larger;
            list->room *= 2;
        }
        list->keys[list->count++] = entry_by_use(ring)->key;
    }
}

struct table_key *profile_cache_keys(struct profile_cache *cache, struct arena *arena,
                                     size_t *out_count)
{
    struct key_list list = {.keys = ARENA_ARRAY(arena, KEYS_AT_FIRST, struct table_key),
                            .room = KEYS_AT_FIRST};
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&cache->shards[i].mutex);
        add_keys(&list, &cache->shards[i], arena);
        unlock_shard(&cache->shards[i]);
    }
    *out_count = list.count;
    return list.keys;
}

void profile_cache_counts(struct profile_cache *cache, struct profile_cache_counts *out_counts)
{
    struct profile_cache_counts counts = {0};
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        counts.entries += shard->entries.count;
        counts.bytes += shard->bytes;
        counts.evictions += shard->evictions;
        counts.marks += shard->marks_made;
        unlock_shard(shard);
    }
    *out_counts = counts;
}
