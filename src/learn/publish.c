/* What readers see: an immutable snapshot that shares every list which did not change with the
 * one before.
 *
 * A list holds its own text, so a snapshot needs nothing of the observer's. Lists that changed
 * are made anew, and as many others in turn, because a neighbour's popularity moves a score too.
 * At most LISTS_PER_PUBLISH_MAX a call, so that the ledger's thread is never held long; the rest
 * waits in line. A rebuild, on a thread of its own, publishes all at once. */
#include "learn/state.h"

#include <assert.h>
#include <stdlib.h>

enum { LISTS_PER_PUBLISH_MAX = 64 };

struct score_list {
    _Atomic uint32_t refs;
    size_t count;
    struct learn_score *scores; /* behind it stands the text */
};

struct published_item {
    struct shared_entry entry;                      /* first */
    struct score_list *lists[LEARN_RELATION_COUNT]; /* NULL: none */
    char id[];
};

struct learn_snapshot {
    _Atomic uint32_t refs;
    uint64_t observation_count;
    struct score_list *trending, *best_sellers;
    struct shared_map *items;
    const struct visits_view *visits; /* may be NULL */
};

static struct score_list *list_new(size_t count, size_t text_bytes)
{
    size_t scores_bytes = count * sizeof(struct learn_score);
    struct score_list *list = must_alloc(sizeof *list + scores_bytes + text_bytes);
    atomic_init(&list->refs, 1);
    list->count = count;
    list->scores = (struct learn_score *)(list + 1);
    return list;
}

static struct score_list *list_ref(struct score_list *list)
{
    if (list)
        atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
    return list;
}

static void list_unref(struct score_list *list)
{
    if (list && atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) == 1)
        free(list);
}

static struct score_list *list_of(const struct items *items,
                                  const struct graph_neighbour *neighbours, size_t count)
{
    if (count == 0)
        return NULL;
    size_t text_bytes = 0;
    for (size_t i = 0; i < count; i++)
        text_bytes += items->slots[neighbours[i].slot].id_size;
    struct score_list *list = list_new(count, text_bytes);
    char *text = (char *)(list->scores + count);
    for (size_t i = 0; i < count; i++) {
        struct slice id = item_id(items, neighbours[i].slot);
        if (id.size > 0)
            memcpy(text, id.data, id.size);
        list->scores[i] =
            (struct learn_score){slice_make(text, id.size), neighbours[i].score,
                                 neighbours[i].support, items->slots[neighbours[i].slot].hash};
        text += id.size;
    }
    return list;
}

static void published_item_done(struct shared_entry *entry)
{
    struct published_item *item = (struct published_item *)entry;
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        list_unref(item->lists[i]);
    free(item);
}

static struct published_item *published_item_new(struct slice id)
{
    struct published_item *item = must_alloc_zero(1, sizeof *item + id.size);
    if (id.size > 0)
        memcpy(item->id, id.data, id.size);
    shared_entry_init(&item->entry, slice_make(item->id, id.size), published_item_done);
    return item;
}

struct learn_snapshot *learn_snapshot_empty(void)
{
    struct learn_snapshot *snapshot = must_alloc_zero(1, sizeof *snapshot);
    atomic_init(&snapshot->refs, 1);
    snapshot->items = shared_map_new();
    return snapshot;
}

const struct learn_snapshot *learn_pin(struct learn *learn)
{
    int failed = pthread_mutex_lock(&learn->lock);
    assert(failed == 0);
    struct learn_snapshot *snapshot = learn->published;
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    failed = pthread_mutex_unlock(&learn->lock);
    assert(failed == 0);
    return snapshot;
}

void learn_unpin(const struct learn_snapshot *pinned)
{
    struct learn_snapshot *snapshot =
        (struct learn_snapshot *)pinned; /* ours: only the count changes */
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    list_unref(snapshot->trending);
    list_unref(snapshot->best_sellers);
    shared_map_unref(snapshot->items);
    visits_view_unref(snapshot->visits);
    free(snapshot);
}

/* --- trending and best sellers ---------------------------------------------------------------- */

static int compare_tops(const void *left, const void *right, void *context)
{
    const struct graph_neighbour *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    const struct items *items = context;
    return slice_compare(item_id(items, a->slot), item_id(items, b->slot));
}

static bool top_of(const struct learn_item *item, bool trending, struct graph_neighbour *out_top)
{
    if (trending) {
        out_top->score = item->trend;
        out_top->support = item->trend_support;
    } else {
        out_top->score = item->sold;
        out_top->support = item->sold_support;
        if (item->anonymous_shown) {
            out_top->score += item->sold_anonymous;
            out_top->support += item->anonymous_support;
        }
    }
    return out_top->score > 0;
}

/* Below which score nobody can be among the first LEARN_TOP_MAX. */
static double least_top_score(const struct graph_neighbour *tops, size_t count)
{
    if (count <= LEARN_TOP_MAX)
        return 0;
    double *scores = must_alloc(count * sizeof *scores);
    for (size_t i = 0; i < count; i++)
        scores[i] = tops[i].score;
    double least = score_reached_by(scores, count, LEARN_TOP_MAX);
    free(scores);
    return least;
}

static struct score_list *make_top(struct learn *learn, bool trending, double scale)
{
    struct items *items = &learn->items;
    struct graph_neighbour *tops = must_alloc((items->live + 1) * sizeof *tops);
    size_t count = 0, best = 0, kept = 0;
    for (uint32_t slot = 0; slot < items->count; slot++) {
        tops[count].slot = slot;
        count += items->slots[slot].id && top_of(&items->slots[slot], trending, &tops[count]);
    }
    double least = least_top_score(tops, count);
    for (size_t i = 0; i < count; i++)
        if (tops[i].score >= least)
            tops[best++] = tops[i];
    qsort_r(tops, best, sizeof *tops, compare_tops, items);
    for (; kept < best && kept < LEARN_TOP_MAX; kept++) {
        tops[kept].score *= scale;
        if (!(tops[kept].score > 0))
            break;
    }
    struct score_list *list = list_of(items, tops, kept);
    free(tops);
    return list;
}

/* --- neighbours ------------------------------------------------------------------------------- */

static struct score_list *make_neighbours(const struct learn *learn, uint32_t slot,
                                          enum learn_relation relation)
{
    struct graph_neighbour neighbours[LEARN_PAIRS_MAX];
    size_t count = graph_neighbours(learn, relation, slot, neighbours);
    return list_of(&learn->items, neighbours, count);
}

/* The change that publishes an item; `all` makes also those of its lists anew that did not
 * change. */
static struct shared_change item_change(struct learn *learn, uint32_t slot, bool all)
{
    struct learn_item *item = &learn->items.slots[slot];
    struct slice id = item_id(&learn->items, slot);
    struct published_item *old =
        (struct published_item *)shared_map_find(learn->published->items, id);
    struct published_item *fresh = published_item_new(id);
    bool any = false;
    for (int i = 0; i < LEARN_RELATION_COUNT; i++) {
        if (all || !old || item->lists[i].dirty)
            fresh->lists[i] = make_neighbours(learn, slot, (enum learn_relation)i);
        else
            fresh->lists[i] = list_ref(old->lists[i]);
        item->lists[i].dirty = false;
        any |= fresh->lists[i] != NULL;
    }
    if (any)
        return (struct shared_change){.key = fresh->entry.key, .entry = &fresh->entry};
    shared_entry_unref(&fresh->entry);
    return (struct shared_change){.key = id};
}

static size_t changes_of_gone(struct learn *learn, struct shared_change *changes)
{
    size_t count = 0;
    for (size_t i = 0; i < learn->gone_count; i++)
        changes[count++] =
            (struct shared_change){.key = slice_make(learn->gone[i].id, learn->gone[i].size)};
    return count;
}

static size_t changes_of_queue(struct learn *learn, size_t wanted, struct shared_change *changes)
{
    size_t taken = 0, count = 0;
    if (learn->queue_count == 0)
        return 0;
    for (; taken < learn->queue_count && count < wanted; taken++) {
        uint32_t slot = learn->queue[taken];
        if (!learn->items.slots[slot].id)
            continue;
        learn->items.slots[slot].queued = false;
        changes[count++] = item_change(learn, slot, false);
    }
    learn->queue_count -= taken;
    memmove(learn->queue, learn->queue + taken, learn->queue_count * sizeof *learn->queue);
    return count;
}

/* As many lists again as changed, round after round through all items. */
static size_t changes_in_turn(struct learn *learn, size_t wanted, struct shared_change *changes)
{
    size_t count = 0;
    for (uint32_t looked = 0; looked < learn->items.count && count < wanted; looked++) {
        if (learn->refresh_next >= learn->items.count)
            learn->refresh_next = 0;
        uint32_t slot = learn->refresh_next++;
        const struct learn_item *item = &learn->items.slots[slot];
        if (item->id && !item->queued)
            changes[count++] = item_change(learn, slot, true);
    }
    return count;
}

/* From at most `wanted` of those in line, all of them for SIZE_MAX. */
static struct shared_map *next_items(struct learn *learn, size_t wanted)
{
    bool all = wanted == SIZE_MAX;
    size_t portion = all ? learn->queue_count : wanted;
    size_t room = learn->gone_count + 2 * portion + 1;
    struct shared_change *changes = must_alloc(room * sizeof *changes);
    size_t count = changes_of_gone(learn, changes);
    size_t changed = changes_of_queue(learn, portion, changes + count);
    count += changed;
    count += changes_in_turn(learn, all ? 0 : changed, changes + count);
    struct shared_map *map = shared_map_with(learn->published->items, changes, count);
    for (size_t i = 0; i < count; i++)
        if (changes[i].entry)
            shared_entry_unref(changes[i].entry);
    free(changes);
    for (size_t i = 0; i < learn->gone_count; i++)
        free(learn->gone[i].id);
    learn->gone_count = 0;
    return map;
}

static bool publish(struct learn *learn, int64_t now_ms, size_t wanted)
{
    struct learn_snapshot *old = learn->published;
    if (old->observation_count == learn->observation_count && learn->queue_count == 0 &&
        learn->gone_count == 0 && !learn->tops_changed)
        return true;
    struct learn_snapshot *fresh = must_alloc_zero(1, sizeof *fresh);
    atomic_init(&fresh->refs, 1);
    fresh->observation_count = learn->observation_count;
    if (learn->tops_changed) {
        fresh->trending = make_top(learn, true, decay_scale(&learn->trend_decay, now_ms));
        fresh->best_sellers = make_top(learn, false, decay_scale(&learn->sold_decay, now_ms));
        learn->tops_changed = false;
    } else {
        fresh->trending = list_ref(old->trending);
        fresh->best_sellers = list_ref(old->best_sellers);
    }
    fresh->items = next_items(learn, wanted);
    fresh->visits =
        learn->visits_changed ? visits_pin(learn->visits) : visits_view_ref(old->visits);
    learn->visits_changed = false;
    int failed = pthread_mutex_lock(&learn->lock);
    assert(failed == 0);
    learn->published = fresh;
    failed = pthread_mutex_unlock(&learn->lock);
    assert(failed == 0);
    learn_unpin(old);
    return learn->queue_count == 0;
}

bool learn_publish(struct learn *learn, int64_t now_ms)
{
    return publish(learn, now_ms, LISTS_PER_PUBLISH_MAX);
}

void learn_publish_all(struct learn *learn, int64_t now_ms)
{
    (void)publish(learn, now_ms, SIZE_MAX);
}

/* --- reading ---------------------------------------------------------------------------------- */

static size_t list_scores(const struct score_list *list, const struct learn_score **out_scores)
{
    *out_scores = list ? list->scores : NULL;
    return list ? list->count : 0;
}

size_t learn_trending(const struct learn_snapshot *snapshot, const struct learn_score **out_scores)
{
    return list_scores(snapshot->trending, out_scores);
}

size_t learn_best_sellers(const struct learn_snapshot *snapshot,
                          const struct learn_score **out_scores)
{
    return list_scores(snapshot->best_sellers, out_scores);
}

size_t learn_neighbours(const struct learn_snapshot *snapshot, enum learn_relation relation,
                        struct slice item, const struct learn_score **out_scores)
{
    const struct shared_entry *entry = shared_map_find(snapshot->items, item);
    const struct published_item *found = (const struct published_item *)entry;
    return list_scores(found ? found->lists[relation] : NULL, out_scores);
}

const struct visits_view *learn_visits(const struct learn_snapshot *snapshot)
{
    return snapshot->visits;
}
