/* What purchases teach: the gaps between two of the same, by item and by category. */
#include "learn/repurchase_state.h"

#include "base/hash.h"
#include "learn/logarithm.h"

#include <assert.h>
#include <stdlib.h>

enum { SET_PAIRS = 8 }; /* a pair lies in its set of eight; of a full set the oldest leaves */

/* --- histograms ------------------------------------------------------------------------------- */

static void histogram_add(struct histogram *histogram, int64_t gap_ms)
{
    double octaves = logarithm2((double)gap_ms / (double)DAY_MS);
    int bin = (int)(octaves * HISTOGRAM_STEPS);
    assert(bin >= 0); /* a gap is a day at least */
    if (bin >= HISTOGRAM_BINS)
        bin = HISTOGRAM_BINS - 1;
    if (histogram->bins[bin] == UINT16_MAX) {
        histogram->sum = 0;
        for (int i = 0; i < HISTOGRAM_BINS; i++) {
            histogram->bins[i] /= 2;
            histogram->sum += histogram->bins[i];
        }
    }
    histogram->bins[bin]++;
    histogram->sum++;
}

/* --- items and categories --------------------------------------------------------------------- */

static void rehash(struct repurchase *repurchase)
{
    memset(repurchase->buckets, 0, repurchase->bucket_count * sizeof *repurchase->buckets);
    size_t mask = repurchase->bucket_count - 1;
    for (uint32_t i = 0; i < repurchase->known_count; i++) {
        size_t at = repurchase->known[i].hash & mask;
        while (repurchase->buckets[at])
            at = (at + 1) & mask;
        repurchase->buckets[at] = i + 1;
    }
}

struct known *known_find(const struct repurchase *repurchase, struct slice key, uint64_t hash)
{
    size_t mask = repurchase->bucket_count - 1;
    for (size_t at = hash & mask; repurchase->buckets[at]; at = (at + 1) & mask) {
        struct known *known = &repurchase->known[repurchase->buckets[at] - 1];
        if (known->hash == hash && slice_equal(known_key(known), key))
            return known;
    }
    return NULL;
}

static int compare_known(const void *left, const void *right)
{
    const struct known *a = left, *b = right;
    if (a->purchases != b->purchases)
        return a->purchases > b->purchases ? -1 : 1;
    return slice_compare(known_key(a), known_key(b));
}

static void remember_gone(struct repurchase *repurchase, struct known *known)
{
    if (repurchase->gone_count == repurchase->gone_room) {
        repurchase->gone_room = repurchase->gone_room ? 2 * repurchase->gone_room : 64;
        repurchase->gone =
            must_realloc(repurchase->gone, repurchase->gone_room * sizeof *repurchase->gone);
        repurchase->gone_sizes = must_realloc(
            repurchase->gone_sizes, repurchase->gone_room * sizeof *repurchase->gone_sizes);
    }
    repurchase->gone[repurchase->gone_count] = known->key;
    repurchase->gone_sizes[repurchase->gone_count++] = known->key_size;
    free(known->gaps);
}

void known_mark(struct repurchase *repurchase, struct known *known)
{
    repurchase->changed = true;
    if (known->dirty)
        return;
    known->dirty = true;
    if (repurchase->dirty_count == repurchase->dirty_room) {
        repurchase->dirty_room = repurchase->dirty_room ? 2 * repurchase->dirty_room : 256;
        repurchase->dirty =
            must_realloc(repurchase->dirty, repurchase->dirty_room * sizeof *repurchase->dirty);
    }
    repurchase->dirty[repurchase->dirty_count++] = (uint32_t)(known - repurchase->known);
}

/* Full: the quarter that is bought least leaves. */
static void make_room(struct repurchase *repurchase)
{
    qsort(repurchase->known, repurchase->known_count, sizeof *repurchase->known, compare_known);
    uint32_t kept = REPURCHASE_KEYS_MAX / 4 * 3;
    for (uint32_t i = kept; i < repurchase->known_count; i++)
        remember_gone(repurchase, &repurchase->known[i]);
    repurchase->known_count = kept;
    rehash(repurchase);
    repurchase->dirty_count = 0; /* numbers have changed */
    for (uint32_t i = 0; i < kept; i++) {
        bool dirty = repurchase->known[i].dirty;
        repurchase->known[i].dirty = false;
        if (dirty)
            known_mark(repurchase, &repurchase->known[i]);
    }
}

struct known *known_add(struct repurchase *repurchase, struct slice key, uint64_t hash)
{
    struct known *known = known_find(repurchase, key, hash);
    if (known)
        return known;
    if (repurchase->known_count == REPURCHASE_KEYS_MAX)
        make_room(repurchase);
    if (repurchase->known_count == repurchase->known_room) {
        repurchase->known_room = repurchase->known_room ? 2 * repurchase->known_room : 256;
        repurchase->known =
            must_realloc(repurchase->known, repurchase->known_room * sizeof *repurchase->known);
    }
    known = &repurchase->known[repurchase->known_count++];
    *known = (struct known){.key = must_alloc(key.size), .key_size = key.size, .hash = hash};
    memcpy(known->key, key.data, key.size);
    if (2 * (size_t)repurchase->known_count > repurchase->bucket_count) {
        repurchase->bucket_count *= 2;
        repurchase->buckets = must_realloc(repurchase->buckets,
                                           repurchase->bucket_count * sizeof *repurchase->buckets);
        rehash(repurchase);
        return known;
    }
    size_t mask = repurchase->bucket_count - 1, at = hash & mask;
    while (repurchase->buckets[at])
        at = (at + 1) & mask;
    repurchase->buckets[at] = repurchase->known_count;
    return known;
}

/* --- who bought what last --------------------------------------------------------------------- */

static bool leaves_before(const struct pair *a, const struct pair *b)
{
    if (a->last_ms != b->last_ms)
        return a->last_ms < b->last_ms;
    return a->person != b->person ? a->person < b->person : a->key < b->key;
}

/* The pair's place in its set: its own, a free one, or that of the one not heard of longest. */
static struct pair *pair_place(struct repurchase *repurchase, uint64_t person, uint64_t key)
{
    uint64_t mixed = person ^ (key * 0x9e3779b97f4a7c15U);
    mixed ^= mixed >> 29;
    size_t sets = repurchase->pair_room / SET_PAIRS;
    struct pair *set = &repurchase->pairs[(mixed & (sets - 1)) * SET_PAIRS];
    struct pair *place = NULL;
    for (int i = 0; i < SET_PAIRS; i++) {
        if (set[i].person == person && set[i].key == key)
            return &set[i];
        if (pair_is_free(&set[i])) {
            if (!place || !pair_is_free(place))
                place = &set[i];
        } else if (!place || (!pair_is_free(place) && leaves_before(&set[i], place))) {
            place = &set[i];
        }
    }
    return place;
}

static void put_pair(struct repurchase *repurchase, const struct pair *pair)
{
    struct pair *place = pair_place(repurchase, pair->person, pair->key);
    repurchase->pair_count += pair_is_free(place);
    *place = *pair;
}

static void grow_pairs(struct repurchase *repurchase)
{
    if (2 * repurchase->pair_count < repurchase->pair_room ||
        repurchase->pair_room == REPURCHASE_PAIRS_MAX)
        return;
    struct pair *old = repurchase->pairs;
    size_t old_room = repurchase->pair_room;
    repurchase->pair_room = 2 * old_room;
    repurchase->pair_count = 0;
    repurchase->pairs = must_alloc_zero(repurchase->pair_room, sizeof *repurchase->pairs);
    for (size_t i = 0; i < old_room; i++)
        if (!pair_is_free(&old[i]))
            put_pair(repurchase, &old[i]);
    free(old);
}

static uint64_t person_hash(struct uuid person)
{
    uint64_t hash = hash64(slice_make(person.bytes, sizeof person.bytes));
    return hash ? hash : 1;
}

static void take(struct repurchase *repurchase, const struct repurchase_purchase *purchase,
                 struct slice key)
{
    uint64_t hash = hash64(key);
    grow_pairs(repurchase);
    struct pair fresh = {person_hash(purchase->person), hash, purchase->time_ms};
    struct pair *pair = pair_place(repurchase, fresh.person, fresh.key);
    bool met = !pair_is_free(pair) && pair->person == fresh.person && pair->key == fresh.key;
    int64_t gap_ms = met ? fresh.last_ms - pair->last_ms : 0;
    if (met && gap_ms < DAY_MS)
        return; /* the same purchase still, or a late one */
    repurchase->pair_count += pair_is_free(pair);
    *pair = fresh;
    struct known *known = known_add(repurchase, key, hash);
    known->purchases += known->purchases < UINT32_MAX;
    if (met) {
        known->repeats++;
        if (!known->gaps)
            known->gaps = must_alloc_zero(1, sizeof *known->gaps);
        histogram_add(known->gaps, gap_ms);
    }
    known_mark(repurchase, known);
}

void repurchase_observe(struct repurchase *repurchase, const struct repurchase_purchase *purchase)
{
    char room[KEY_BYTES_MAX];
    struct slice key;
    if (key_of('i', purchase->item, room, &key))
        take(repurchase, purchase, key);
    if (key_of('c', purchase->category, room, &key))
        take(repurchase, purchase, key);
}

void repurchase_forget(struct repurchase *repurchase, struct uuid person)
{
    uint64_t hash = person_hash(person);
    for (size_t i = 0; i < repurchase->pair_room; i++)
        if (repurchase->pairs[i].person == hash) {
            repurchase->pairs[i] = (struct pair){0};
            repurchase->pair_count--;
        }
}

/* --- birth and death -------------------------------------------------------------------------- */

struct repurchase *repurchase_new(void)
{
    struct repurchase *repurchase = must_alloc_zero(1, sizeof *repurchase);
    repurchase->bucket_count = 512;
    repurchase->buckets = must_alloc_zero(repurchase->bucket_count, sizeof *repurchase->buckets);
    repurchase->pair_room = PAIRS_MIN;
    repurchase->pairs = must_alloc_zero(repurchase->pair_room, sizeof *repurchase->pairs);
    int failed = pthread_mutex_init(&repurchase->lock, NULL);
    assert(failed == 0);
    repurchase->published = repurchase_snapshot_new();
    return repurchase;
}

void repurchase_free(struct repurchase *repurchase)
{
    if (!repurchase)
        return;
    repurchase_unpin(repurchase->published);
    for (uint32_t i = 0; i < repurchase->known_count; i++) {
        free(repurchase->known[i].key);
        free(repurchase->known[i].gaps);
    }
    for (size_t i = 0; i < repurchase->gone_count; i++)
        free(repurchase->gone[i]);
    free(repurchase->gone);
    free(repurchase->gone_sizes);
    free(repurchase->known);
    free(repurchase->dirty);
    free(repurchase->buckets);
    free(repurchase->pairs);
    int failed = pthread_mutex_destroy(&repurchase->lock);
    assert(failed == 0);
    free(repurchase);
}

size_t repurchase_bytes(const struct repurchase *repurchase)
{
    size_t bytes = sizeof *repurchase + repurchase->known_room * sizeof *repurchase->known +
                   repurchase->bucket_count * sizeof *repurchase->buckets +
                   repurchase->pair_room * sizeof *repurchase->pairs;
    for (uint32_t i = 0; i < repurchase->known_count; i++) {
        const struct known *known = &repurchase->known[i];
        bytes += known->key_size + known_published_bytes(known);
        bytes += known->gaps ? sizeof *known->gaps : 0;
    }
    return bytes;
}
