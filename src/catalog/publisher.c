#include "catalog/publisher.h"

#include "base/clock.h"
#include "base/hash.h"
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
    struct shared_map *rows; /* of groups, by their own ids */
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

/* Publishing takes at most a third of its thread's time while somebody waits. */
enum { PAUSE_SHARE = 2 };

struct publisher {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop, dirty;
    uint64_t soon_us, late_us; /* not before: what somebody waits for, what nobody waits for */
    struct catalog_wait *waits, **waits_end; /* in the order they came */
    struct shelf **shelves;                  /* sorted by workspace; a shelf stays where it is */
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

static struct catalog_snapshot *snapshot_new(struct shared_map *items, struct shared_map *rows)
{
    struct catalog_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    snapshot->items = items;
    snapshot->rows = rows;
    return snapshot;
}

void catalog_unpin(const struct catalog_snapshot *pinned)
{
    struct catalog_snapshot *snapshot =
        (struct catalog_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    shared_map_unref(snapshot->items);
    shared_map_unref(snapshot->rows);
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

/* The item of an id: its own, else that of its group. out_variant: of the group, SIZE_MAX else. */
static const struct shared_item *find_shared(const struct catalog_snapshot *snapshot,
                                             struct slice id, uint64_t hash, size_t *out_variant)
{
    struct shared_entry *own = shared_map_find_hashed(snapshot->items, id, hash);
    *out_variant = SIZE_MAX;
    if (own && !shared_item_of(own)->item.hidden)
        return shared_item_of(own);
    struct shared_entry *row = NULL;
    if (shared_map_count(snapshot->rows) > 0)
        row = shared_map_find_hashed(snapshot->rows, id, hash);
    if (!row)
        return own ? shared_item_of(own) : NULL;
    const struct shared_item *item = shared_variant_of(row)->item;
    *out_variant = (size_t)(shared_variant_of(row) - item->rows);
    return item;
}

const struct item *catalog_find(const struct catalog_snapshot *snapshot, struct slice id)
{
    return catalog_find_hashed(snapshot, id, hash64(id));
}

const struct item *catalog_find_hashed(const struct catalog_snapshot *snapshot, struct slice id,
                                       uint64_t hash)
{
    size_t variant;
    const struct shared_item *found = find_shared(snapshot, id, hash, &variant);
    return found ? &found->item : NULL;
}

bool catalog_has_groups(const struct catalog_snapshot *snapshot)
{
    return shared_map_count(snapshot->rows) > 0;
}

struct slice catalog_canonical_id(const struct catalog_snapshot *snapshot, struct slice id)
{
    if (!catalog_has_groups(snapshot))
        return id;
    const struct item *item = catalog_find(snapshot, id);
    return item ? item->id : id;
}

uint64_t catalog_sequence(const struct catalog_snapshot *snapshot)
{
    return snapshot->sequence;
}

bool catalog_attributes(const struct catalog_snapshot *snapshot, struct slice *inout_item,
                        struct slice *inout_variant, const struct attribute **out_attributes,
                        size_t *out_count)
{
    size_t row;
    const struct shared_item *shared =
        find_shared(snapshot, *inout_item, hash64(*inout_item), &row);
    if (!shared)
        return false;
    if (row != SIZE_MAX) {
        *inout_item = shared->item.id;
        *inout_variant = shared->item.variants[row].id;
    }
    const struct variant *found = catalog_find_variant(&shared->item, *inout_variant);
    const struct attribute_run *run = &shared->interests;
    if (found)
        run = &shared->variant_interests[found - shared->item.variants];
    *out_attributes = run->attributes;
    *out_count = run->count;
    return true;
}

void catalog_worth(const struct catalog_snapshot *snapshot, const struct event_item *line,
                   struct slice currency, int64_t *inout_price, int64_t *inout_cost)
{
    const struct item *item = catalog_find(snapshot, line->item);
    if (!item || !slice_equal(item->currency, currency))
        return;
    const struct variant *variant = catalog_find_variant(item, line->variant);
    int64_t price = item_price(item, variant), cost = item_cost(item, variant);
    *inout_price = price >= 0 ? price : *inout_price;
    *inout_cost = cost >= 0 ? cost : *inout_cost;
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
    shelf->published = snapshot_new(shared_map_new(), shared_map_new());
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

static bool is_published(const struct publisher *publisher, uint32_t workspace, uint64_t sequence)
{
    const struct shelf *shelf = find_shelf(publisher, workspace);
    return !shelf || catalog_sequence(shelf->published) >= sequence;
}

void publisher_await(struct publisher *publisher, uint32_t workspace, struct catalog_wait *wait)
{
    lock(publisher);
    const struct shelf *shelf = find_shelf(publisher, workspace);
    wait->workspace = workspace;
    wait->sequence = shelf ? shelf->taken : 0;
    wait->next = NULL;
    bool published = is_published(publisher, workspace, wait->sequence);
    if (!published) {
        if (!publisher->waits)
            pthread_cond_signal(&publisher->wake);
        *publisher->waits_end = wait;
        publisher->waits_end = &wait->next;
    }
    unlock(publisher);
    if (published)
        wait->done(wait);
}

size_t publisher_items(struct publisher *publisher, uint32_t workspace)
{
    lock(publisher);
    const struct shelf *shelf = find_shelf(publisher, workspace);
    size_t count = shelf ? catalog_count(shelf->published) + shelf->pending_count : 0;
    unlock(publisher);
    return count;
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

/* Changes of the index of rows. */
struct row_changes {
    struct shared_change *list;
    size_t count;
};

static void note_row(struct row_changes *changes, struct slice key, struct shared_entry *entry)
{
    if (changes->count % 64 == 0)
        changes->list = must_realloc(changes->list, (changes->count + 64) * sizeof *changes->list);
    changes->list[changes->count++] = (struct shared_change){key, entry};
}

/* What the item's rows were found by until now, as far as no other item took them over. */
static void take_rows_away(const struct catalog_snapshot *old, const struct shared_item *before,
                           struct row_changes *changes)
{
    for (size_t i = 0; before->rows && i < before->item.variant_count; i++) {
        struct slice id = before->item.variants[i].id;
        const struct shared_entry *row = shared_map_find(old->rows, id);
        if (row == &before->rows[i].entry)
            note_row(changes, id, NULL);
    }
}

static void add_rows(struct shared_item *item, struct row_changes *changes)
{
    for (size_t i = 0; item->rows && i < item->item.variant_count; i++)
        note_row(changes, item->item.variants[i].id, shared_item_row(item, i));
}

/* Rows that leave go first, so that one that moves to another group is there afterwards. */
static struct shared_map *next_rows(const struct catalog_snapshot *old,
                                    const struct shared_map *items,
                                    const struct shared_change *changes, size_t count)
{
    struct row_changes rows = {0};
    for (size_t i = 0; i < count; i++) {
        const struct shared_entry *before = shared_map_find(old->items, changes[i].key);
        if (before)
            take_rows_away(old, (const struct shared_item *)before, &rows);
    }
    size_t gone = rows.count;
    for (size_t i = 0; i < count; i++)
        if (shared_map_find(items, changes[i].key) == changes[i].entry)
            add_rows(shared_item_of(changes[i].entry), &rows);
    struct shared_map *fresh = old->rows;
    if (rows.count > 0)
        fresh = shared_map_with(old->rows, rows.list, rows.count);
    else
        shared_map_ref(fresh);
    for (size_t i = gone; i < rows.count; i++)
        shared_entry_unref(rows.list[i].entry);
    free(rows.list);
    return fresh;
}

static struct catalog_snapshot *next_snapshot(const struct catalog_snapshot *old,
                                              const struct shared_change *changes, size_t count)
{
    struct shared_map *items = shared_map_with(old->items, changes, count);
    struct catalog_snapshot *fresh = snapshot_new(items, next_rows(old, items, changes, count));
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

/* Locked on entry and exit, not while they are told. */
static void tell_waiting(struct publisher *publisher)
{
    struct catalog_wait *told = NULL, **told_end = &told, **at = &publisher->waits;
    while (*at) {
        struct catalog_wait *wait = *at;
        if (!is_published(publisher, wait->workspace, wait->sequence)) {
            at = &wait->next;
            continue;
        }
        *at = wait->next;
        wait->next = NULL;
        *told_end = wait;
        told_end = &wait->next;
    }
    publisher->waits_end = at;
    unlock(publisher);
    for (struct catalog_wait *next; told; told = next) {
        next = told->next; /* done may free it */
        told->done(told);
    }
    lock(publisher);
}

static void sleep_until(struct publisher *publisher, uint64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000) * 1000};
    (void)pthread_cond_timedwait(&publisher->wake, &publisher->lock, &until);
}

static void publish_round(struct publisher *publisher)
{
    uint64_t began_us = clock_monotonic_us();
    publish_all(publisher);
    uint64_t now_us = clock_monotonic_us();
    publisher->late_us = now_us + (uint64_t)CATALOG_PUBLISH_MS * 1000;
    publisher->soon_us = now_us + PAUSE_SHARE * (now_us - began_us);
    if (publisher->soon_us > publisher->late_us)
        publisher->soon_us = publisher->late_us;
    tell_waiting(publisher);
}

static void *publish_on(void *context)
{
    struct publisher *publisher = context;
    lock(publisher);
    while (!publisher->stop) {
        uint64_t due_us = publisher->waits ? publisher->soon_us : publisher->late_us;
        if (!publisher->dirty)
            pthread_cond_wait(&publisher->wake, &publisher->lock);
        else if (clock_monotonic_us() < due_us)
            sleep_until(publisher, due_us);
        else
            publish_round(publisher);
    }
    publish_round(publisher);
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
    publisher->empty = snapshot_new(shared_map_new(), shared_map_new());
    publisher->waits_end = &publisher->waits;
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
