#include "catalog/publisher.h"

#include "base/limits.h"
#include "catalog/item.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct catalog_snapshot {
    _Atomic uint32_t refs;
    struct shared_map *items;
    uint64_t sequence;
    uint64_t bytes;
};

struct shelf { /* one workspace */
    uint32_t workspace;
    struct catalog_snapshot *published;
    struct shared_change *pending;
    size_t pending_count, pending_room;
    uint64_t taken; /* highest sequence of an item on its way or published */
};

struct publisher {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop, dirty;
    struct shelf **shelves; /* sorted by workspace; a shelf stays where it is */
    size_t shelf_count, shelf_room;
    struct catalog_snapshot *empty;
    uint64_t publishes;
};

static void lock(struct publisher *publisher)
{
    int failed = pthread_mutex_lock(&publisher->lock);
    assert(failed == 0);
}

static void unlock(struct publisher *publisher)
{
    int failed = pthread_mutex_unlock(&publisher->lock);
    assert(failed == 0);
}

/* --- snapshots -------------------------------------------------------------------------------- */

static struct catalog_snapshot *snapshot_new(struct shared_map *items)
{
    struct catalog_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    snapshot->items = items;
    return snapshot;
}

void catalog_unpin(const struct catalog_snapshot *pinned)
{
    struct catalog_snapshot *snapshot =
        (struct catalog_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    shared_map_unref(snapshot->items);
    free(snapshot);
}

const struct catalog_snapshot *catalog_ref(const struct catalog_snapshot *pinned)
{
    struct catalog_snapshot *snapshot =
        (struct catalog_snapshot *)pinned; /* ours: only the count changes */
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return pinned;
}

size_t catalog_count(const struct catalog_snapshot *snapshot)
{
    return shared_map_count(snapshot->items);
}

const struct item *catalog_at(const struct catalog_snapshot *snapshot, size_t index)
{
    return &shared_item_of(shared_map_at(snapshot->items, index))->item;
}

const struct item *catalog_find(const struct catalog_snapshot *snapshot, struct slice id)
{
    struct shared_entry *entry = shared_map_find(snapshot->items, id);
    return entry ? &shared_item_of(entry)->item : NULL;
}

const struct item *catalog_find_hashed(const struct catalog_snapshot *snapshot, struct slice id,
                                       uint64_t hash)
{
    struct shared_entry *entry = shared_map_find_hashed(snapshot->items, id, hash);
    return entry ? &shared_item_of(entry)->item : NULL;
}

uint64_t catalog_sequence(const struct catalog_snapshot *snapshot)
{
    return snapshot->sequence;
}

bool catalog_attributes(const struct catalog_snapshot *snapshot, struct slice item,
                        struct slice variant, const struct attribute **out_attributes,
                        size_t *out_count)
{
    struct shared_entry *entry = shared_map_find(snapshot->items, item);
    if (!entry)
        return false;
    const struct shared_item *shared = shared_item_of(entry);
    const struct variant *found = catalog_find_variant(&shared->item, variant);
    const struct attribute_run *run = &shared->interests;
    if (found)
        run = &shared->variant_interests[found - shared->item.variants];
    *out_attributes = run->attributes;
    *out_count = run->count;
    return true;
}

/* An item that a snapshot gave out. */
static const struct shared_item *shared_of(const struct item *item)
{
    return (const struct shared_item *)((const char *)item - offsetof(struct shared_item, item));
}

const struct attribute *item_interests(const struct item *item, size_t *out_count)
{
    *out_count = shared_of(item)->interests.count;
    return shared_of(item)->interests.attributes;
}

const uint64_t *item_interest_hashes(const struct item *item)
{
    return shared_of(item)->interests.hashes;
}

/* --- shelves ---------------------------------------------------------------------------------- */

/* Where the workspace's shelf is or belongs. */
static size_t shelf_place(const struct publisher *publisher, uint32_t workspace)
{
    size_t low = 0, high = publisher->shelf_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (publisher->shelves[middle]->workspace < workspace)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct shelf *find_shelf(const struct publisher *publisher, uint32_t workspace)
{
    size_t place = shelf_place(publisher, workspace);
    bool found =
        place < publisher->shelf_count && publisher->shelves[place]->workspace == workspace;
    return found ? publisher->shelves[place] : NULL;
}

static struct shelf *make_shelf(struct publisher *publisher, uint32_t workspace)
{
    size_t place = shelf_place(publisher, workspace);
    if (publisher->shelf_count == publisher->shelf_room) {
        publisher->shelf_room = publisher->shelf_room ? publisher->shelf_room * 2 : 8;
        publisher->shelves =
            must_realloc(publisher->shelves, publisher->shelf_room * sizeof(struct shelf *));
    }
    memmove(publisher->shelves + place + 1, publisher->shelves + place,
            (publisher->shelf_count - place) * sizeof(struct shelf *));
    struct shelf *shelf = must_alloc_zero(1, sizeof *shelf);
    shelf->workspace = workspace;
    shelf->published = snapshot_new(shared_map_new());
    publisher->shelves[place] = shelf;
    publisher->shelf_count++;
    return shelf;
}

static void drop_pending(struct shared_change *pending, size_t count)
{
    for (size_t i = 0; i < count; i++)
        shared_entry_unref(pending[i].entry);
    free(pending);
}

void publisher_take(struct publisher *publisher, uint32_t workspace, struct shared_entry *item)
{
    lock(publisher);
    struct shelf *shelf = find_shelf(publisher, workspace);
    if (!shelf)
        shelf = make_shelf(publisher, workspace);
    if (shelf->pending_count == shelf->pending_room) {
        shelf->pending_room = shelf->pending_room ? shelf->pending_room * 2 : 64;
        shelf->pending = must_realloc(shelf->pending, shelf->pending_room * sizeof *shelf->pending);
    }
    shelf->pending[shelf->pending_count++] = (struct shared_change){item->key, item};
    if (shared_item_of(item)->sequence > shelf->taken)
        shelf->taken = shared_item_of(item)->sequence;
    if (!publisher->dirty && publisher->started)
        pthread_cond_signal(&publisher->wake);
    publisher->dirty = true;
    unlock(publisher);
}

size_t publisher_items(struct publisher *publisher, uint32_t workspace)
{
    lock(publisher);
    const struct shelf *shelf = find_shelf(publisher, workspace);
    size_t count = shelf ? catalog_count(shelf->published) + shelf->pending_count : 0;
    unlock(publisher);
    return count;
}

uint64_t publisher_taken(struct publisher *publisher, uint32_t workspace)
{
    lock(publisher);
    const struct shelf *shelf = find_shelf(publisher, workspace);
    uint64_t sequence = shelf ? shelf->taken : 0;
    unlock(publisher);
    return sequence;
}

const struct catalog_snapshot *publisher_pin(struct publisher *publisher, uint32_t workspace)
{
    lock(publisher);
    const struct shelf *shelf = find_shelf(publisher, workspace);
    struct catalog_snapshot *snapshot = shelf ? shelf->published : publisher->empty;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    unlock(publisher);
    return snapshot;
}

void publisher_counts(struct publisher *publisher, struct catalog_counts *counts)
{
    lock(publisher);
    counts->workspaces = publisher->shelf_count;
    counts->publishes = publisher->publishes;
    for (size_t i = 0; i < publisher->shelf_count; i++) {
        counts->items += catalog_count(publisher->shelves[i]->published);
        counts->bytes += publisher->shelves[i]->published->bytes;
    }
    unlock(publisher);
}

/* --- publishing: the publisher's thread alone, so `published` is read without the lock -------- */

static struct catalog_snapshot *next_snapshot(const struct catalog_snapshot *old,
                                              const struct shared_change *changes, size_t count)
{
    struct catalog_snapshot *fresh = snapshot_new(shared_map_with(old->items, changes, count));
    fresh->sequence = old->sequence;
    fresh->bytes = old->bytes;
    for (size_t i = 0; i < count; i++) {
        const struct shared_item *item = shared_item_of(changes[i].entry);
        if (item->sequence > fresh->sequence)
            fresh->sequence = item->sequence;
        if (shared_map_find(fresh->items, changes[i].key) != changes[i].entry)
            continue; /* a later change of the same burst took its place */
        struct shared_entry *before = shared_map_find(old->items, changes[i].key);
        fresh->bytes += item->bytes;
        fresh->bytes -= before ? shared_item_of(before)->bytes : 0;
    }
    return fresh;
}

/* Locked on entry and exit, not between. */
static void publish_shelf(struct publisher *publisher, struct shelf *shelf)
{
    struct shared_change *changes = shelf->pending;
    size_t count = shelf->pending_count;
    struct catalog_snapshot *old = shelf->published;
    shelf->pending = NULL;
    shelf->pending_count = shelf->pending_room = 0;
    unlock(publisher);
    struct catalog_snapshot *fresh = next_snapshot(old, changes, count);
    drop_pending(changes, count);
    lock(publisher);
    shelf->published = fresh;
    publisher->publishes++;
    unlock(publisher);
    catalog_unpin(old);
    lock(publisher);
}

/* Locked on entry and exit. New shelves may shift the list meanwhile: what was passed by stays
 * dirty. */
static void publish_all(struct publisher *publisher)
{
    publisher->dirty = false;
    for (size_t i = 0; i < publisher->shelf_count; i++)
        if (publisher->shelves[i]->pending_count > 0)
            publish_shelf(publisher, publisher->shelves[i]);
}

static void wait_ms(struct publisher *publisher, int64_t ms)
{
    struct timespec until;
    int failed = clock_gettime(CLOCK_MONOTONIC, &until);
    assert(failed == 0);
    until.tv_nsec += ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!publisher->stop &&
           pthread_cond_timedwait(&publisher->wake, &publisher->lock, &until) != ETIMEDOUT)
        ;
}

static void *publish_on(void *context)
{
    struct publisher *publisher = context;
    lock(publisher);
    while (!publisher->stop) {
        if (!publisher->dirty) {
            pthread_cond_wait(&publisher->wake, &publisher->lock);
            continue;
        }
        publish_all(publisher);
        wait_ms(publisher, CATALOG_PUBLISH_MS);
    }
    unlock(publisher);
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

struct publisher *publisher_new(void)
{
    struct publisher *publisher = must_alloc_zero(1, sizeof *publisher);
    int failed = pthread_mutex_init(&publisher->lock, NULL);
    assert(failed == 0);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    failed = pthread_cond_init(&publisher->wake, &monotonic);
    assert(failed == 0);
    pthread_condattr_destroy(&monotonic);
    publisher->empty = snapshot_new(shared_map_new());
    return publisher;
}

void publisher_start(struct publisher *publisher)
{
    lock(publisher);
    publish_all(publisher);
    publisher->started = true;
    unlock(publisher);
    int failed = pthread_create(&publisher->thread, NULL, publish_on, publisher);
    assert(failed == 0);
}

void publisher_free(struct publisher *publisher)
{
    if (publisher->started) {
        lock(publisher);
        publisher->stop = true;
        pthread_cond_signal(&publisher->wake);
        unlock(publisher);
        int failed = pthread_join(publisher->thread, NULL);
        assert(failed == 0);
    }
    for (size_t i = 0; i < publisher->shelf_count; i++) {
        struct shelf *shelf = publisher->shelves[i];
        drop_pending(shelf->pending, shelf->pending_count);
        catalog_unpin(shelf->published);
        free(shelf);
    }
    free(publisher->shelves);
    catalog_unpin(publisher->empty);
    pthread_cond_destroy(&publisher->wake);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher);
}
