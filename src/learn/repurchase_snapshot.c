/* What readers see of repurchases: published items and categories, and what is due by them. */
#include "learn/repurchase_state.h"

#include "base/shared_map.h"
#include "learn/logarithm.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

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

/* --- publishing ------------------------------------------------------------------------------- */

/* log2 of days; within its bin the median lies where the share of it says. */
static double histogram_median(const struct histogram *histogram)
{
    double half = (double)histogram->sum / 2, before = 0;
    int bin = 0;
    while (before + histogram->bins[bin] < half)
        before += histogram->bins[bin++];
    double share = (half - before) / histogram->bins[bin];
    return (bin + share) / HISTOGRAM_STEPS;
}

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

struct repurchase_snapshot *repurchase_snapshot_new(void)
{
    struct repurchase_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    snapshot->known = shared_map_new();
    return snapshot;
}

size_t known_published_bytes(const struct known *known)
{
    return sizeof(struct published_known) + known->key_size;
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
