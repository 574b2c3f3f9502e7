/* Folded states of nodes and people in memory, within a byte budget that is kept; which of their
 * stored rows must not be believed.
 *
 * Holds plain bytes under a key; knows neither profiles nor the store. 64 shards by hash of the
 * node, a mutex each; no I/O happens under one. Any thread may get and insert; only the ledger
 * thread applies changes and writes back.
 *
 * Invariants:
 *  1. An entry that answers has seen every change applied to its key. A change that comes while
 *     somebody loads the key is remembered in the placeholder, and that load is not kept.
 *  2. A key whose stored row is older than an applied change is either held dirty or marked; a
 *     marked row is believed at most up to the earliest event that it lacks, and is deleted by
 *     the next write-back. Marks beyond a shard's room mark the whole space.
 *  3. A mark is lifted only when the batch that deleted or replaced the row has been written.
 *  4. Bytes of entries stay within the budget (loads under way aside); the least recently used
 *     leave first. */
#ifndef VISAVIS_PERSON_PROFILE_CACHE_H
#define VISAVIS_PERSON_PROFILE_CACHE_H

#include "base/arena.h"
#include "base/buf.h"
#include "person/key_table.h"

enum { CACHE_UNSTORED = 0 }; /* keys with this `extra` have no stored row, so no mark */

struct profile_cache;
struct profile_cache *profile_cache_new(size_t bytes_max);
void profile_cache_free(struct profile_cache *cache);

/* True: a copy of the bytes in the arena. False: the caller loads; when it is `owner` it must
 * insert or abandon afterwards. */
struct cache_ticket {
    bool owner;
    bool believable;        /* the stored row, if there is one, holds all that was applied ... */
    int64_t behind_from_ms; /* ... but for events from this time on; INT64_MAX: all */
};
bool profile_cache_get(struct profile_cache *cache, const struct table_key *key,
                       struct arena *arena, struct slice *out_bytes,
                       struct cache_ticket *out_ticket);
/* What an owner loaded; stored: it is the stored row as it stands. False: a change came
 * meanwhile and nothing was kept. */
bool profile_cache_insert(struct profile_cache *cache, const struct table_key *key,
                          struct slice bytes, bool stored);
void profile_cache_abandon(struct profile_cache *cache, const struct table_key *key);

/* Ledger thread: a change at a sequence. NULL: the key must be loaded anew. */
struct cache_change {
    /* Makes new bytes of old ones, or answers false when they must be loaded anew; runs under the
     * mutex. */
    bool (*make)(void *context, struct slice bytes, struct buf *out_bytes);
    void *context;
    int64_t time_ms; /* of the event that a stored row lacks from now on */
};
void profile_cache_apply(struct profile_cache *cache, const struct table_key *key,
                         uint64_t sequence, const struct cache_change *change);
/* Before anything is applied: no stored row is believed until the next write-back has deleted
 * all. */
void profile_cache_doubt_all(struct profile_cache *cache);

/* Ledger thread: a portion of what changed at or before round_sequence. True when the round is
 * done. */
struct cache_writer {
    void (*put)(void *context, const struct table_key *key, struct slice bytes);
    void (*remove)(void *context, const struct table_key *key);
    void (*remove_all)(void *context);
    void *context;
    size_t rows_max;
};
bool profile_cache_write_back(struct profile_cache *cache, const struct cache_writer *writer,
                              uint64_t round_sequence);

/* Keys of all entries that answer now, in no order; in the arena. */
struct table_key *profile_cache_keys(struct profile_cache *cache, struct arena *arena,
                                     size_t *out_count);
/* Does the stored row of the key hold all that was applied? */
bool profile_cache_believes(struct profile_cache *cache, const struct table_key *key);

struct profile_cache_counts {
    uint64_t entries, bytes, evictions, marks;
};
void profile_cache_counts(struct profile_cache *cache, struct profile_cache_counts *out_counts);

#endif
