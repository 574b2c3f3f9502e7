#include "api/category_tops.h"

#include "base/hash.h"

#include <stdlib.h>

struct places {
    struct top_place *list; /* by category, then best first */
    size_t count, room;
};

struct category_tops {
    _Atomic uint32_t refs;
    const struct catalog_snapshot *catalog;
    const struct learn_snapshot *learned;
    struct places places[TOP_COUNT];
};

static size_t list_of(const struct learn_snapshot *learned, enum top_list list,
                      const struct learn_score **out_scores)
{
    return list == TOP_TRENDING ? learn_trending(learned, out_scores)
                                : learn_best_sellers(learned, out_scores);
}

/* --- making ----------------------------------------------------------------------------------- */

static void add(struct places *places, uint64_t category, const struct learn_score *score)
{
    if (places->count == places->room) {
        places->room = places->room > 0 ? 2 * places->room : 1024;
        places->list = must_realloc(places->list, places->room * sizeof *places->list);
    }
    places->list[places->count++] = (struct top_place){category, score};
}

/* Scores of one list are better the earlier they stand. */
static int compare_places(const void *a, const void *b)
{
    const struct top_place *left = a, *right = b;
    if (left->category != right->category)
        return left->category < right->category ? -1 : 1;
    return (left->score > right->score) - (left->score < right->score);
}

static void place_all(const struct catalog_snapshot *catalog, const struct learn_score *scores,
                      size_t count, struct places *places)
{
    for (size_t i = 0; i < count; i++) {
        const struct item *item = catalog_find_hashed(catalog, scores[i].item, scores[i].hash);
        size_t interest_count = 0;
        const struct attribute *interests = item ? item_interests(item, &interest_count) : NULL;
        for (size_t k = 0; k < interest_count; k++)
            if (slice_is(interests[k].name, "category"))
                add(places, item_interest_hashes(item)[k], &scores[i]);
    }
    if (places->count > 1)
        qsort(places->list, places->count, sizeof *places->list, compare_places);
}

struct category_tops *category_tops_new(const struct catalog_snapshot *catalog,
                                        const struct learn_snapshot *learned)
{
    struct category_tops *tops = must_alloc_zero(1, sizeof *tops);
    atomic_init(&tops->refs, 1);
    tops->catalog = catalog;
    tops->learned = learned;
    for (int i = 0; i < TOP_COUNT; i++) {
        const struct learn_score *scores;
        size_t count = list_of(learned, (enum top_list)i, &scores);
        place_all(catalog, scores, count, &tops->places[i]);
    }
    return tops;
}

struct category_tops *category_tops_ref(struct category_tops *tops)
{
    if (tops)
        atomic_fetch_add_explicit(&tops->refs, 1, memory_order_relaxed);
    return tops;
}

void category_tops_unref(const struct category_tops *shared)
{
    struct category_tops *tops = (struct category_tops *)shared; /* ours: only the count changes */
    if (!tops || atomic_fetch_sub_explicit(&tops->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < TOP_COUNT; i++)
        free(tops->places[i].list);
    learn_unpin(tops->learned);
    catalog_unpin(tops->catalog);
    free(tops);
}

/* Lists that did not change are shared by the snapshots that hold them. */
bool category_tops_are_old(const struct category_tops *tops, const struct catalog_snapshot *catalog,
                           const struct learn_snapshot *learned)
{
    bool old = !tops || tops->catalog != catalog;
    for (int i = 0; !old && i < TOP_COUNT; i++) {
        const struct learn_score *then, *now;
        (void)list_of(tops->learned, (enum top_list)i, &then);
        (void)list_of(learned, (enum top_list)i, &now);
        old = then != now;
    }
    return old;
}

bool category_tops_are_of(const struct category_tops *tops, const struct catalog_snapshot *catalog)
{
    return tops && tops->catalog == catalog;
}

/* --- finding ---------------------------------------------------------------------------------- */

size_t category_tops_find(const struct category_tops *tops, enum top_list list,
                          struct slice category, const struct top_place **out_places)
{
    const struct places *places = &tops->places[list];
    uint64_t hash = hash64_pair(SLICE("category"), category);
    size_t low = 0, high = places->count, count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->list[middle].category < hash)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < places->count && places->list[low + count].category == hash)
        count++;
    *out_places = count > 0 ? places->list + low : NULL;
    return count;
}
