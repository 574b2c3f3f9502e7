/* Time goes by: counters follow their moving origins, and what weighs nothing any more leaves. */
#include "learn/state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Below this much of one observation an item or a pair says nothing. */
static const double weight_min = 1.0 / 64;

static void halve_pairs(struct pair_list *list, int halvings)
{
    list->popularity = ldexp(list->popularity, -halvings);
    list->floor = ldexpf(list->floor, -halvings);
    for (uint32_t i = 0; i < list->count; i++) {
        list->pairs[i].weight = ldexpf(list->pairs[i].weight, -halvings);
        list->pairs[i].error = ldexpf(list->pairs[i].error, -halvings);
    }
}

static int64_t now_of(const struct learn *learn)
{
    return learn->latest_ms != INT64_MIN ? learn->latest_ms : learn->counted_ms;
}

/* Whole halvings move no score by a bit, so strangers may advance what is sold. */
static void advance_origins(struct learn *learn, const struct learn_observation *seen)
{
    int sold = (int)decay_advance(&learn->sold_decay, seen->time_ms);
    int trend = 0, pairs[LEARN_RELATION_COUNT] = {0};
    int moved = sold;
    if (seen->personal) {
        trend = (int)decay_advance(&learn->trend_decay, learn->latest_ms);
        moved += trend;
    }
    for (int i = 0; i < LEARN_RELATION_COUNT && seen->personal; i++) {
        pairs[i] = (int)decay_advance(&learn->relation_decay[i], learn->latest_ms);
        moved += pairs[i];
    }
    if (moved == 0)
        return;
    for (uint32_t slot = 0; slot < learn->items.count; slot++) {
        struct learn_item *item = &learn->items.slots[slot];
        item->trend = ldexp(item->trend, -trend);
        item->sold = ldexp(item->sold, -sold);
        item->sold_anonymous = ldexp(item->sold_anonymous, -sold);
        for (int i = 0; i < LEARN_RELATION_COUNT; i++)
            halve_pairs(&item->lists[i], pairs[i]);
    }
}

struct scales {
    double trend, sold, relations[LEARN_RELATION_COUNT];
};

static struct scales scales_now(const struct learn *learn)
{
    const int64_t now_ms = now_of(learn);
    struct scales scales = {
        .trend = decay_scale(&learn->trend_decay, now_ms),
        .sold = decay_scale(&learn->sold_decay, now_ms),
    };
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        scales.relations[i] = decay_scale(&learn->relation_decay[i], now_ms);
    return scales;
}

static double greatest(double a, double b)
{
    return a > b ? a : b;
}

/* The heaviest thing known about an item. */
static double item_weight(const struct learn_item *item, const struct scales *scales)
{
    double weight = item->trend * scales->trend;
    weight = greatest(weight, fabs(item->sold) * scales->sold);
    weight = greatest(weight, fabs(item->sold_anonymous) * scales->sold);
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        weight = greatest(weight, item->lists[i].popularity * scales->relations[i]);
    return weight;
}

struct ranked {
    uint32_t slot;
    double weight;
};

static int compare_ranked(const void *left, const void *right, void *context)
{
    const struct ranked *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight < b->weight ? -1 : 1;
    const struct items *items = context;
    return slice_compare(item_id(items, a->slot), item_id(items, b->slot));
}

/* Marks the lightest quarter too. */
static void mark_lightest(const struct learn *learn, const struct scales *scales, bool *dead)
{
    const struct items *items = &learn->items;
    struct ranked *ranked = must_alloc(items->live * sizeof *ranked);
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < items->count; slot++)
        if (items->slots[slot].id)
            ranked[count++] = (struct ranked){slot, item_weight(&items->slots[slot], scales)};
    qsort_r(ranked, count, sizeof *ranked, compare_ranked, (void *)items);
    for (uint32_t i = 0; i < count / 4; i++)
        dead[ranked[i].slot] = true;
    free(ranked);
}

/* A counter that weighs nothing is nothing, and so is its support. */
static void settle_counters(struct learn_item *item, const struct scales *scales)
{
    if (item->trend * scales->trend < weight_min)
        item->trend = 0, item->trend_support = 0;
    if (fabs(item->sold) * scales->sold < weight_min)
        item->sold = 0, item->sold_support = 0;
    if (fabs(item->sold_anonymous) * scales->sold >= weight_min)
        return;
    item->sold_anonymous = 0;
    item->anonymous_support = 0;
    item->anonymous_shown = false; /* those people are forgotten: it takes as many again */
    free(item->people);
    item->people = NULL;
}

/* Notes that were not summed yet (pairs.h) weigh little each: only those of items that leave go. */
static void settle_pairs(struct learn *learn, uint32_t slot, const struct scales *scales,
                         const bool *dead)
{
    for (int relation = 0; relation < LEARN_RELATION_COUNT; relation++) {
        struct pair_list *list = &learn->items.slots[slot].lists[relation];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < list->count; i++) {
            double weight = (double)list->pairs[i].weight * scales->relations[relation];
            if (dead[list->others[i]] || (weight < weight_min && !learn->places))
                continue;
            list->others[kept] = list->others[i];
            list->pairs[kept++] = list->pairs[i];
        }
        if (kept < list->count)
            learn_queue(learn, slot, (enum learn_relation)relation);
        list->count = kept;
        if ((double)list->floor * scales->relations[relation] < weight_min)
            list->floor = 0; /* whoever left weighs nothing by now */
    }
}

static void remember_gone(struct learn *learn, uint32_t slot)
{
    struct learn_item *item = &learn->items.slots[slot];
    if (learn->gone_count == learn->gone_room) {
        learn->gone_room = learn->gone_room ? learn->gone_room * 2 : 64;
        learn->gone = must_realloc(learn->gone, learn->gone_room * sizeof *learn->gone);
    }
    char *id = must_alloc(item->id_size);
    assert(item->id);
    memcpy(id, item->id, item->id_size);
    learn->gone[learn->gone_count++] = (struct learn_gone){id, item->id_size};
}

static void sweep(struct learn *learn, bool crowded)
{
    struct items *items = &learn->items;
    struct scales scales = scales_now(learn);
    uint32_t leaving = 0;
    bool *dead = must_alloc_zero(items->count, sizeof *dead);
    for (uint32_t slot = 0; slot < items->count; slot++)
        dead[slot] =
            items->slots[slot].id && item_weight(&items->slots[slot], &scales) < weight_min;
    if (crowded)
        mark_lightest(learn, &scales, dead);
    for (uint32_t slot = 0; slot < items->count; slot++)
        leaving += dead[slot];
    recents_sweep(&learn->sessions, INT64_MIN, dead); /* visits end in learn.c */
    recents_sweep(&learn->baskets, now_of(learn) - LEARN_BASKETS_MS, dead);
    for (uint32_t slot = 0; slot < items->count; slot++) {
        if (!items->slots[slot].id || dead[slot])
            continue;
        settle_counters(&items->slots[slot], &scales);
        if (!learn->places || leaving > 0)
            settle_pairs(learn, slot, &scales, dead);
    }
    for (uint32_t slot = 0; slot < items->count; slot++) {
        if (!dead[slot])
            continue;
        remember_gone(learn, slot);
        items_remove(items, slot);
    }
    items_reindex(items);
    learn->tops_changed = true;
    learn->swept_ms = now_of(learn);
    free(dead);
}

bool learn_maintain(struct learn *learn, const struct learn_observation *seen)
{
    int64_t *latest_ms = seen->personal ? &learn->latest_ms : &learn->counted_ms;
    bool led = !seen->personal && learn->latest_ms != INT64_MIN;
    bool crowded = learn->items.live + seen->item_count > LEARN_ITEMS_MAX;
    if (led && crowded)
        return false;
    if (*latest_ms < seen->time_ms)
        *latest_ms = seen->time_ms;
    advance_origins(learn, seen);
    if (learn->swept_ms == INT64_MIN)
        learn->swept_ms = now_of(learn);
    if (!led && (crowded || now_of(learn) - learn->swept_ms >= LEARN_DAY_MS))
        sweep(learn, crowded);
    return true;
}
