#include "base/shared_map.h"

#include "base/arena.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

/* Pages cut the hash range into equal parts, by the hash's highest bits; within a page entries
 * are sorted by (hash, key). So all pages in a row are one sorted sequence, also when their
 * number doubles. */
enum { PAGE_ENTRIES_MEAN = 32, PAGE_BITS_MAX = 20 };

struct slot { /* the hash stands here, too, so that a search reads one entry alone */
    uint64_t hash;
    struct shared_entry *entry;
};

struct page {
    _Atomic uint32_t refs;
    uint32_t count;
    struct slot slots[];
};

struct shared_map {
    _Atomic uint32_t refs;
    unsigned bits;
    size_t count, page_count;
    struct page **pages; /* NULL: empty */
    size_t *starts;      /* position of each page's first entry, and the count at the end */
};

void shared_entry_init(struct shared_entry *entry, struct slice key,
                       void (*done)(struct shared_entry *entry))
{
    atomic_init(&entry->refs, 1);
    entry->hash = hash64(key);
    entry->key = key;
    entry->done = done;
}

void shared_entry_ref(struct shared_entry *entry)
{
    atomic_fetch_add_explicit(&entry->refs, 1, memory_order_relaxed);
}

void shared_entry_unref(struct shared_entry *entry)
{
    uint32_t before = atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1)
        entry->done(entry);
}

static size_t page_of(uint64_t hash, unsigned bits)
{
    return bits == 0 ? 0 : (size_t)(hash >> (64 - bits));
}

static void page_unref(struct page *page)
{
    if (!page || atomic_fetch_sub_explicit(&page->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < page->count; i++)
        shared_entry_unref(page->slots[i].entry);
    free(page);
}

static struct shared_map *map_new(unsigned bits)
{
    struct shared_map *map = must_alloc_zero(1, sizeof *map);
    atomic_init(&map->refs, 1);
    map->bits = bits;
    map->page_count = (size_t)1 << bits;
    map->pages = must_alloc_zero(map->page_count, sizeof(struct page *));
    map->starts = must_alloc_zero(map->page_count + 1, sizeof(size_t));
    return map;
}

struct shared_map *shared_map_new(void)
{
    return map_new(0);
}

void shared_map_ref(struct shared_map *map)
{
    atomic_fetch_add_explicit(&map->refs, 1, memory_order_relaxed);
}

void shared_map_unref(struct shared_map *map)
{
    if (!map || atomic_fetch_sub_explicit(&map->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < map->page_count; i++)
        page_unref(map->pages[i]);
    free(map->pages);
    free(map->starts);
    free(map);
}

static int compare_keys(uint64_t hash_a, struct slice a, uint64_t hash_b, struct slice b)
{
    if (hash_a != hash_b)
        return hash_a < hash_b ? -1 : 1;
    return slice_compare(a, b);
}

struct change {
    struct shared_change wanted;
    uint64_t hash;
    size_t order;
};

static int compare_changes(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    int order = compare_keys(a->hash, a->wanted.key, b->hash, b->wanted.key);
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Sorted, and of each key only the last change. The caller frees. */
static struct change *sort_changes(const struct shared_change *changes, size_t *inout_count)
{
    size_t count = *inout_count, kept = 0;
    struct change *sorted = must_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct change){changes[i], hash64(changes[i].key), i};
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, compare_changes);
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count || sorted[i].hash != sorted[i + 1].hash ||
                    !slice_equal(sorted[i].wanted.key, sorted[i + 1].wanted.key);
        if (last)
            sorted[kept++] = sorted[i];
    }
    *inout_count = kept;
    return sorted;
}

/* A run of sorted old entries and a run of sorted changes that fall into the same new page. */
struct merge {
    const struct slot *old;
    size_t old_count;
    const struct change *changes;
    size_t change_count;
};

static struct page *merge_page(const struct merge *merge)
{
    size_t room = merge->old_count + merge->change_count;
    struct page *page = must_alloc(sizeof *page + room * sizeof(struct slot));
    atomic_init(&page->refs, 1);
    page->count = 0;
    size_t i = 0, j = 0;
    while (i < merge->old_count || j < merge->change_count) {
        int order = i == merge->old_count ? 1 : -1;
        if (i < merge->old_count && j < merge->change_count)
            order = compare_keys(merge->old[i].hash, merge->old[i].entry->key,
                                 merge->changes[j].hash, merge->changes[j].wanted.key);
        struct shared_entry *entry =
            order < 0 ? merge->old[i].entry : merge->changes[j].wanted.entry;
        i += order <= 0;
        j += order >= 0;
        if (entry) {
            shared_entry_ref(entry);
            page->slots[page->count++] = (struct slot){entry->hash, entry};
        }
    }
    if (page->count > 0)
        return page;
    free(page);
    return NULL;
}

/* The old entries that fall into page `index` of a map with as many bits or more. */
static void old_run(const struct shared_map *old, unsigned bits, size_t index, struct merge *merge)
{
    const struct page *page = old->pages[index >> (bits - old->bits)];
    merge->old_count = 0;
    if (!page)
        return;
    size_t from = 0;
    while (from < page->count && page_of(page->slots[from].hash, bits) < index)
        from++;
    size_t to = from;
    while (to < page->count && page_of(page->slots[to].hash, bits) == index)
        to++;
    merge->old = page->slots + from;
    merge->old_count = to - from;
}

struct shared_map *shared_map_with(const struct shared_map *old, const struct shared_change *wanted,
                                   size_t count)
{
    struct change *changes = sort_changes(wanted, &count);
    unsigned bits = old->bits;
    while (bits < PAGE_BITS_MAX && (old->count + count) >> bits > PAGE_ENTRIES_MEAN)
        bits++;
    struct shared_map *map = map_new(bits);
    size_t next = 0;
    for (size_t i = 0; i < map->page_count; i++) {
        struct merge merge = {.changes = changes + next};
        while (next < count && page_of(changes[next].hash, bits) == i)
            next++;
        merge.change_count = (size_t)(changes + next - merge.changes);
        if (merge.change_count == 0 && bits == old->bits) {
            map->pages[i] = old->pages[i];
            if (map->pages[i])
                atomic_fetch_add_explicit(&map->pages[i]->refs, 1, memory_order_relaxed);
        } else {
            old_run(old, bits, i, &merge);
            map->pages[i] = merge_page(&merge);
        }
        map->starts[i] = map->count;
        map->count += map->pages[i] ? map->pages[i]->count : 0;
    }
    map->starts[map->page_count] = map->count;
    free(changes);
    return map;
}

size_t shared_map_count(const struct shared_map *map)
{
    return map->count;
}

struct shared_entry *shared_map_find(const struct shared_map *map, struct slice key)
{
    return shared_map_find_hashed(map, key, hash64(key));
}

/* Position of the first entry whose hash is not less. Hashes lie evenly in a page, so where one
 * stands is told by its value, nearly: a search from there reads one line of memory as a rule. */
static size_t first_from(const struct page *page, unsigned bits, uint64_t hash)
{
    uint64_t within = hash << bits >> 32;
    size_t at = (size_t)(within * page->count >> 32);
    while (at > 0 && page->slots[at - 1].hash >= hash)
        at--;
    while (at < page->count && page->slots[at].hash < hash)
        at++;
    return at;
}

struct shared_entry *shared_map_find_hashed(const struct shared_map *map, struct slice key,
                                            uint64_t hash)
{
    const struct page *page = map->pages[page_of(hash, map->bits)];
    size_t low = page ? first_from(page, map->bits, hash) : 0;
    for (; page && low < page->count && page->slots[low].hash == hash; low++)
        if (slice_equal(page->slots[low].entry->key, key))
            return page->slots[low].entry;
    return NULL;
}

struct shared_entry *shared_map_at(const struct shared_map *map, size_t index)
{
    assert(index < map->count);
    size_t low = 0, high = map->page_count;
    while (high - low > 1) { /* starts[low] ≤ index < starts[high] */
        size_t middle = low + (high - low) / 2;
        if (map->starts[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return map->pages[low]->slots[index - map->starts[low]].entry;
}
