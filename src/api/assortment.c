#include "api/assortment.h"

#include "base/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct shelf { /* one workspace; the refreshing thread's but for `published` and `bytes` */
    uint32_t workspace;
    struct content *content;
    const struct catalog_snapshot *seen;   /* whose items are all in; NULL: none yet */
    const struct catalog_snapshot *target; /* being read; NULL: nothing under way */
    size_t next;                           /* position in target */
    struct arrivals arrivals;              /* of target, so far */
    struct assortment *published;
    size_t bytes;
};

struct assortments {
    pthread_mutex_t lock; /* the list, what is published, bytes */
    struct shelf *shelves[WORKSPACES_MAX];
    size_t count;
};

static void lock(struct assortments *assortments)
{
    int failed = pthread_mutex_lock(&assortments->lock);
    assert(failed == 0);
}

static void unlock(struct assortments *assortments)
{
    int failed = pthread_mutex_unlock(&assortments->lock);
    assert(failed == 0);
}

struct assortments *assortments_new(void)
{
    struct assortments *assortments = must_alloc_zero(1, sizeof *assortments);
    int failed = pthread_mutex_init(&assortments->lock, NULL);
    assert(failed == 0);
    return assortments;
}

void assortments_free(struct assortments *assortments)
{
    if (!assortments)
        return;
    for (size_t i = 0; i < assortments->count; i++) {
        struct shelf *shelf = assortments->shelves[i];
        assortment_unpin(shelf->published);
        if (shelf->target) {
            catalog_unpin(shelf->target);
            arrivals_done(&shelf->arrivals);
        }
        catalog_unpin(shelf->seen);
        content_free(shelf->content);
        free(shelf);
    }
    int failed = pthread_mutex_destroy(&assortments->lock);
    assert(failed == 0);
    free(assortments);
}

static struct shelf *find_shelf(struct assortments *assortments, uint32_t workspace)
{
    for (size_t i = 0; i < assortments->count; i++)
        if (assortments->shelves[i]->workspace == workspace)
            return assortments->shelves[i];
    return NULL;
}

static struct shelf *find_or_add_shelf(struct assortments *assortments, uint32_t workspace)
{
    struct shelf *shelf = find_shelf(assortments, workspace);
    if (shelf || assortments->count == WORKSPACES_MAX)
        return shelf;
    shelf = must_alloc_zero(1, sizeof *shelf);
    shelf->workspace = workspace;
    shelf->content = content_new(NULL);
    lock(assortments);
    assortments->shelves[assortments->count++] = shelf;
    unlock(assortments);
    return shelf;
}

/* --- following the catalogue ------------------------------------------------------------------ */

static void put_item(struct shelf *shelf, const struct item *item, enum locale locale)
{
    struct content_attribute attributes[CONTENT_ATTRIBUTES_MAX];
    size_t count = 0;
    for (; count < item->attribute_count && count < CONTENT_ATTRIBUTES_MAX; count++)
        attributes[count] =
            (struct content_attribute){item->attributes[count].name, item->attributes[count].value};
    struct content_item content = {
        .id = item->id,
        .title = item->title,
        .description = item->description,
        .brand = item->brand,
        .category = item->category,
        .currency = item->currency,
        .price_minor = item->price_minor,
        .attributes = attributes,
        .attribute_count = count,
        .locale = locale,
    };
    if (!content_put(shelf->content, &content))
        content_remove(shelf->content, item->id); /* beyond the limit: not there at all */
}

/* Snapshots share what did not change, so a changed item is another piece of memory. */
static bool is_changed(const struct shelf *shelf, const struct item *item)
{
    return !shelf->seen || catalog_find(shelf->seen, item->id) != item;
}

static void read_portion(struct shelf *shelf, enum locale locale)
{
    size_t count = catalog_count(shelf->target), changed = 0;
    for (; shelf->next < count && changed < ASSORTMENT_PORTION; shelf->next++) {
        const struct item *item = catalog_at(shelf->target, shelf->next);
        if (!item->hidden)
            arrivals_offer(&shelf->arrivals, &(struct arrival){item->id, item->added_ms});
        if (!is_changed(shelf, item))
            continue;
        changed++;
        if (item->hidden)
            content_remove(shelf->content, item->id);
        else
            put_item(shelf, item, locale);
    }
}

/* What was found stays found while items change in nothing that is compared. */
static struct alikes *alikes_of(const struct assortment *before,
                                const struct content_snapshot *content)
{
    return before && before->content == content ? alikes_ref(before->alikes) : alikes_new(content);
}

static void publish(struct assortments *assortments, struct shelf *shelf)
{
    struct assortment *fresh = must_alloc_zero(1, sizeof *fresh);
    atomic_init(&fresh->refs, 1);
    content_publish(shelf->content);
    fresh->content = content_pin(shelf->content);
    fresh->alikes = alikes_of(shelf->published, fresh->content);
    arrivals_sort(&shelf->arrivals);
    fresh->arrivals = shelf->arrivals;
    fresh->catalog = shelf->target; /* its pin goes over; the shelf takes one of its own */
    size_t bytes = content_bytes(shelf->content) + arrivals_bytes(&fresh->arrivals);
    lock(assortments);
    struct assortment *old = shelf->published;
    shelf->published = fresh;
    shelf->bytes = bytes;
    unlock(assortments);
    assortment_unpin(old);
}

bool assortments_refresh(struct assortments *assortments, struct catalog *catalog,
                         const struct workspace *workspace)
{
    struct shelf *shelf = find_or_add_shelf(assortments, workspace->id);
    if (!shelf)
        return false;
    if (!shelf->target) {
        const struct catalog_snapshot *latest = catalog_pin(catalog, workspace->id);
        if (latest == shelf->seen) {
            catalog_unpin(latest);
            return false;
        }
        shelf->target = latest;
        shelf->next = 0;
        arrivals_init(&shelf->arrivals);
    }
    read_portion(shelf, workspace->locale);
    if (shelf->next < catalog_count(shelf->target))
        return true;
    catalog_unpin(shelf->seen);
    shelf->seen = catalog_ref(shelf->target);
    publish(assortments, shelf);
    shelf->target = NULL;
    return false;
}

bool assortments_find_ahead(struct assortments *assortments, uint32_t workspace)
{
    const struct shelf *shelf = find_shelf(assortments, workspace);
    return shelf && shelf->published &&
           alikes_find_ahead(shelf->published->alikes, ASSORTMENT_AHEAD);
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct assortment *assortments_pin(struct assortments *assortments, uint32_t workspace)
{
    lock(assortments);
    struct shelf *shelf = find_shelf(assortments, workspace);
    struct assortment *assortment = shelf ? shelf->published : NULL;
    if (assortment)
        atomic_fetch_add_explicit(&assortment->refs, 1, memory_order_relaxed);
    unlock(assortments);
    return assortment;
}

void assortment_unpin(const struct assortment *pinned)
{
    struct assortment *assortment = (struct assortment *)pinned; /* ours: only the count changes */
    if (!assortment || atomic_fetch_sub_explicit(&assortment->refs, 1, memory_order_acq_rel) != 1)
        return;
    alikes_unref(assortment->alikes);
    content_unpin(assortment->content);
    arrivals_done(&assortment->arrivals);
    catalog_unpin(assortment->catalog);
    free(assortment);
}

size_t assortments_bytes(struct assortments *assortments)
{
    size_t bytes = sizeof *assortments;
    lock(assortments);
    for (size_t i = 0; i < assortments->count; i++) {
        const struct shelf *shelf = assortments->shelves[i];
        bytes += shelf->bytes;
        if (shelf->published)
            bytes += alikes_bytes(shelf->published->alikes);
    }
    unlock(assortments);
    return bytes;
}
