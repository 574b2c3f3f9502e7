#include "learn/repurchase.h"

#include "base/hash.h"
#include "base/pack.h"
#include "base/shared_map.h"
#include "learn/logarithm.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define DAY_MS 86400000LL
enum {
    FORMAT_VERSION = 1,
    STEPS = 8, /* an octave */
    OCTAVES = 9,
    BINS = STEPS * OCTAVES,
    KEY_BYTES_MAX = 520,
    SET_PAIRS = 8, /* a pair lies in its set of eight; of a full set the oldest leaves */
    PAIRS_MIN = 1 << 10
};

struct histogram {
    uint16_t bins[BINS];
    uint32_t sum;
};

struct known { /* an item or a category */
    char *key; /* 'i' or 'c', then its name */
    size_t key_size;
    uint64_t hash;
    uint32_t purchases, repeats;
    struct histogram *gaps; /* NULL: nobody bought it twice */
    bool dirty;
};

struct pair {
    uint64_t person, key; /* hashes; both 0: free */
    int64_t last_ms;
};

struct repurchase {
    struct known *known;
    uint32_t known_count, known_room;
    uint32_t *dirty; /* numbers of those that changed since the last publish */
    uint32_t dirty_count, dirty_room;
    uint32_t *buckets; /* number + 1 */
    size_t bucket_count;
    struct pair *pairs;
    size_t pair_room, pair_count;
    char **gone; /* keys that left and may still be published */
    size_t *gone_sizes, gone_count, gone_room;
    bool changed;
    pthread_mutex_t lock;
    struct repurchase_snapshot *published;
};

struct repurchase_snapshot {
    _Atomic uint32_t refs;
    struct shared_map *known;
};

struct published_known {
    struct shared_entry entry; /* first */
    uint32_t purchases, repeats;
    double lifetime_log2; /* days; meaningless without repeats */
    char key[];
};

/* --- histograms ------------------------------------------------------------------------------- */

static void histogram_add(struct histogram *histogram, int64_t gap_ms)
{
    double octaves = logarithm2((double)gap_ms / (double)DAY_MS);
    int bin = (int)(octaves * STEPS);
    assert(bin >= 0); /* a gap is a day at least */
    if (bin >= BINS)
        bin = BINS - 1;
    if (histogram->bins[bin] == UINT16_MAX) {
        histogram->sum = 0;
        for (int i = 0; i < BINS; i++) {
            histogram->bins[i] /= 2;
            histogram->sum += histogram->bins[i];
        }
    }
    histogram->bins[bin]++;
    histogram->sum++;
}

/* log2 of days; within its bin the median lies where the share of it says. */
static double histogram_median(const struct histogram *histogram)
{
    double half = (double)histogram->sum / 2, before = 0;
    int bin = 0;
    while (before + histogram->bins[bin] < half)
        before += histogram->bins[bin++];
    double share = (half - before) / histogram->bins[bin];
    return (bin + share) / STEPS;
}

/* --- items and categories --------------------------------------------------------------------- */

static struct slice known_key(const struct known *known)
{
    return slice_make(known->key, known->key_size);
}

/* False for a name that is empty or too long. */
static bool key_of(char kind, struct slice name, char room[KEY_BYTES_MAX], struct slice *out_key)
{
    if (name.size == 0 || name.size >= KEY_BYTES_MAX)
        return false;
    room[0] = kind;
    memcpy(room + 1, name.data, name.size);
    *out_key = slice_make(room, name.size + 1);
    return true;
}

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

static struct known *find_known(const struct repurchase *repurchase, struct slice key,
                                uint64_t hash)
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

static void mark_dirty(struct repurchase *repurchase, struct known *known)
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
            mark_dirty(repurchase, &repurchase->known[i]);
    }
}

static struct known *find_or_add(struct repurchase *repurchase, struct slice key, uint64_t hash)
{
    struct known *known = find_known(repurchase, key, hash);
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

static bool is_free(const struct pair *pair)
{
    return pair->person == 0 && pair->key == 0;
}

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
        if (is_free(&set[i])) {
            if (!place || !is_free(place))
                place = &set[i];
        } else if (!place || (!is_free(place) && leaves_before(&set[i], place))) {
            place = &set[i];
        }
    }
    return place;
}

static void put_pair(struct repurchase *repurchase, const struct pair *pair)
{
    struct pair *place = pair_place(repurchase, pair->person, pair->key);
    repurchase->pair_count += is_free(place);
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
        if (!is_free(&old[i]))
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
    bool met = !is_free(pair) && pair->person == fresh.person && pair->key == fresh.key;
    int64_t gap_ms = met ? fresh.last_ms - pair->last_ms : 0;
    if (met && gap_ms < DAY_MS)
        return; /* the same purchase still, or a late one */
    repurchase->pair_count += is_free(pair);
    *pair = fresh;
    struct known *known = find_or_add(repurchase, key, hash);
    known->purchases += known->purchases < UINT32_MAX;
    if (met) {
        known->repeats++;
        if (!known->gaps)
            known->gaps = must_alloc_zero(1, sizeof *known->gaps);
        histogram_add(known->gaps, gap_ms);
    }
    mark_dirty(repurchase, known);
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

/* --- publishing ------------------------------------------------------------------------------- */

static void published_done(struct shared_entry *entry)
{
    free(entry);
}

static struct published_known *published_new(const struct known *known)
{
    struct published_known *fresh = must_alloc_zero(1, sizeof *fresh + known->key_size);
    memcpy(fresh->key, known->key, known->key_size);
    shared_entry_init(&fresh->entry, slice_make(fresh->key, known->key_size), published_done);
    fresh->purchases = known->purchases;
    fresh->repeats = known->repeats;
    if (known->gaps)
        fresh->lifetime_log2 = histogram_median(known->gaps);
    return fresh;
}

static struct shared_map *next_known(struct repurchase *repurchase)
{
    size_t count = 0, room = repurchase->gone_count + repurchase->dirty_count + 1;
    struct shared_change *changes = must_alloc(room * sizeof *changes);
    for (size_t i = 0; i < repurchase->gone_count; i++)
        changes[count++] = (struct shared_change){
            .key = slice_make(repurchase->gone[i], repurchase->gone_sizes[i])};
    size_t made = count;
    for (uint32_t i = 0; i < repurchase->dirty_count; i++) {
        struct known *known = &repurchase->known[repurchase->dirty[i]];
        known->dirty = false;
        struct published_known *fresh = published_new(known);
        changes[count++] = (struct shared_change){fresh->entry.key, &fresh->entry};
    }
    struct shared_map *map = shared_map_with(repurchase->published->known, changes, count);
    for (size_t i = made; i < count; i++)
        shared_entry_unref(changes[i].entry);
    for (size_t i = 0; i < repurchase->gone_count; i++)
        free(repurchase->gone[i]);
    repurchase->gone_count = repurchase->dirty_count = 0;
    free(changes);
    return map;
}

void repurchase_publish(struct repurchase *repurchase)
{
    if (!repurchase->changed)
        return;
    repurchase->changed = false;
    struct repurchase_snapshot *old = repurchase->published;
    struct repurchase_snapshot *fresh = must_alloc_zero(1, sizeof *fresh);
    atomic_init(&fresh->refs, 1);
    fresh->known = next_known(repurchase);
    int failed = pthread_mutex_lock(&repurchase->lock);
    assert(failed == 0);
    repurchase->published = fresh;
    failed = pthread_mutex_unlock(&repurchase->lock);
    assert(failed == 0);
    repurchase_unpin(old);
}

const struct repurchase_snapshot *repurchase_pin(struct repurchase *repurchase)
{
    int failed = pthread_mutex_lock(&repurchase->lock);
    assert(failed == 0);
    struct repurchase_snapshot *snapshot = repurchase->published;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    failed = pthread_mutex_unlock(&repurchase->lock);
    assert(failed == 0);
    return snapshot;
}

void repurchase_unpin(const struct repurchase_snapshot *pinned)
{
    struct repurchase_snapshot *snapshot =
        (struct repurchase_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    shared_map_unref(snapshot->known);
    free(snapshot);
}

/* --- asking ----------------------------------------------------------------------------------- */

static const struct published_known *find_published(const struct repurchase_snapshot *snapshot,
                                                    char kind, struct slice name)
{
    char room[KEY_BYTES_MAX];
    struct slice key;
    if (!key_of(kind, name, room, &key))
        return NULL;
    return (const struct published_known *)shared_map_find(snapshot->known, key);
}

/* Of purchases that could have been followed by another, the share that was; shrunk towards a
 * prior as if five had followed it. */
static double share_again(const struct published_known *known, double prior)
{
    double purchases = known ? known->purchases : 0, repeats = known ? known->repeats : 0;
    return (repeats + 5 * prior) / (purchases + 5);
}

static double at_most(double x, double most)
{
    return x < most ? x : most;
}

/* One source of the lifetime: its log2 of days, and how much it says. */
struct voice {
    double log2_days, weight;
};

static struct voice own_voice(const struct repurchase_owned *owned)
{
    int64_t span_ms = owned->last_ms - owned->first_ms;
    if (owned->times < 2 || span_ms < DAY_MS)
        return (struct voice){0};
    double gaps = owned->times - 1;
    double days = (double)span_ms / (double)DAY_MS / gaps;
    return (struct voice){logarithm2(days), 4 * gaps};
}

static struct voice known_voice(const struct published_known *known, double most)
{
    if (!known || known->repeats == 0)
        return (struct voice){0};
    return (struct voice){known->lifetime_log2, at_most(known->repeats, most)};
}

static bool ask_one(const struct repurchase_snapshot *snapshot,
                    const struct repurchase_owned *owned, int64_t now_ms,
                    struct repurchase_due *out)
{
    const struct published_known *item = find_published(snapshot, 'i', owned->item);
    const struct published_known *category = find_published(snapshot, 'c', owned->category);
    struct voice voices[] = {[REPURCHASE_BY_OWN] = own_voice(owned),
                             [REPURCHASE_BY_ITEM] = known_voice(item, 20),
                             [REPURCHASE_BY_CATEGORY] = known_voice(category, 5)};
    double sum = 0, weight = 0;
    for (int i = 0; i <= REPURCHASE_BY_CATEGORY; i++) {
        sum += voices[i].weight * voices[i].log2_days;
        weight += voices[i].weight;
        if (voices[i].weight > voices[out->basis].weight)
            out->basis = (enum repurchase_basis)i;
    }
    if (!(weight > 0) || now_ms <= owned->last_ms)
        return false;
    double lifetime = sum / weight;
    out->lifetime_ms = (int64_t)(power2(lifetime) * (double)DAY_MS);
    double x = logarithm2((double)(now_ms - owned->last_ms) / (double)DAY_MS) - lifetime;
    double repeats = owned->times - 1, prior = share_again(item, share_again(category, 0));
    out->peak = 1 / (1 + x * x / 4);
    out->again = (repeats + 2 * prior) / (repeats + 3);
    out->score = out->again * out->peak;
    return out->score > 0;
}

struct asked {
    struct repurchase_due due;
    struct slice item;
};

static int compare_asked(const void *left, const void *right)
{
    const struct asked *a = left, *b = right;
    if (a->due.score != b->due.score)
        return a->due.score > b->due.score ? -1 : 1;
    return slice_compare(a->item, b->item);
}

size_t repurchase_ask(const struct repurchase_snapshot *snapshot,
                      const struct repurchase_owned *owned, size_t count, int64_t now_ms,
                      struct repurchase_due *out_due)
{
    struct asked asked[REPURCHASE_OWNED_MAX];
    size_t found = 0;
    for (size_t i = 0; i < count && i < REPURCHASE_OWNED_MAX; i++) {
        asked[found] = (struct asked){{.owned = i}, owned[i].item};
        found += ask_one(snapshot, &owned[i], now_ms, &asked[found].due);
    }
    if (found > 1)
        qsort(asked, found, sizeof *asked, compare_asked);
    for (size_t i = 0; i < found; i++)
        out_due[i] = asked[i].due;
    return found;
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
    repurchase->published = must_alloc_zero(1, sizeof *repurchase->published);
    atomic_init(&repurchase->published->refs, 1);
    repurchase->published->known = shared_map_new();
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
        bytes += 2 * known->key_size + sizeof(struct published_known);
        bytes += known->gaps ? sizeof *known->gaps : 0;
    }
    return bytes;
}

/* --- as bytes --------------------------------------------------------------------------------- */

static int compare_known_pointers(const void *left, const void *right)
{
    const struct known *const *a = left, *const *b = right;
    return slice_compare(known_key(*a), known_key(*b));
}

static void pack_known(const struct known *known, struct buf *buf)
{
    pack_text(buf, known_key(known));
    pack_uint(buf, known->purchases);
    pack_uint(buf, known->repeats);
    for (int bin = 0; known->gaps && bin < BINS; bin++)
        pack_uint(buf, known->gaps->bins[bin]);
}

void repurchase_pack(const struct repurchase *repurchase, struct buf *buf)
{
    pack_u8(buf, FORMAT_VERSION);
    pack_uint(buf, repurchase->known_count);
    const struct known **sorted =
        must_alloc((repurchase->known_count + 1) * sizeof(struct known *));
    for (uint32_t i = 0; i < repurchase->known_count; i++)
        sorted[i] = &repurchase->known[i];
    if (repurchase->known_count > 1)
        qsort(sorted, repurchase->known_count, sizeof *sorted, compare_known_pointers);
    for (uint32_t i = 0; i < repurchase->known_count; i++)
        pack_known(sorted[i], buf);
    free(sorted);
    pack_uint(buf, repurchase->pair_room);
    for (size_t i = 0; i < repurchase->pair_room;
         i++) { /* places matter: sets fill from the left */
        pack_u64(buf, repurchase->pairs[i].person);
        pack_u64(buf, repurchase->pairs[i].key);
        pack_int(buf, repurchase->pairs[i].last_ms);
    }
}

static bool unpack_known(struct unpack *in, struct repurchase *repurchase)
{
    struct slice key = unpack_text(in);
    uint64_t purchases = unpack_uint(in), repeats = unpack_uint(in), hash = hash64(key);
    if (in->failed || key.size < 2 || key.size > KEY_BYTES_MAX || purchases > UINT32_MAX ||
        repeats > purchases || find_known(repurchase, key, hash))
        return false;
    struct known *known = find_or_add(repurchase, key, hash);
    known->purchases = (uint32_t)purchases;
    known->repeats = (uint32_t)repeats;
    mark_dirty(repurchase, known);
    if (repeats == 0)
        return true;
    known->gaps = must_alloc_zero(1, sizeof *known->gaps);
    for (int bin = 0; bin < BINS; bin++) {
        uint64_t count = unpack_uint(in);
        if (count > UINT16_MAX)
            return false;
        known->gaps->bins[bin] = (uint16_t)count;
        known->gaps->sum += (uint32_t)count;
    }
    return known->gaps->sum > 0;
}

static bool unpack_pairs(struct unpack *in, struct repurchase *repurchase)
{
    size_t room = unpack_count(in, REPURCHASE_PAIRS_MAX);
    if (in->failed || room < PAIRS_MIN || (room & (room - 1)))
        return false;
    free(repurchase->pairs);
    repurchase->pair_room = room;
    repurchase->pairs = must_alloc_zero(room, sizeof *repurchase->pairs);
    for (size_t i = 0; i < room; i++) {
        struct pair *pair = &repurchase->pairs[i];
        pair->person = unpack_u64(in);
        pair->key = unpack_u64(in);
        pair->last_ms = unpack_int(in);
        repurchase->pair_count += !is_free(pair);
    }
    return !in->failed;
}

enum status repurchase_unpack(struct slice bytes, struct repurchase **out_repurchase)
{
    struct unpack in = unpack_of(bytes);
    uint8_t version = unpack_u8(&in);
    size_t count = unpack_count(&in, REPURCHASE_KEYS_MAX);
    if (in.failed || version != FORMAT_VERSION)
        return STATUS_CORRUPT;
    struct repurchase *repurchase = repurchase_new();
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = unpack_known(&in, repurchase);
    good = good && unpack_pairs(&in, repurchase);
    repurchase->changed = true;
    if (!good || !unpack_finished(&in)) {
        repurchase_free(repurchase);
        return STATUS_CORRUPT;
    }
    *out_repurchase = repurchase;
    return STATUS_OK;
}
