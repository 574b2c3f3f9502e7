#include "learn/learn.h"

#include "base/hash.h"
#include "learn/state.h"

#include <assert.h>
#include <stdlib.h>

struct learn_tuning learn_tuning_default(void)
{
    return (struct learn_tuning){
        .relations = {[LEARN_BOUGHT_TOGETHER] = {90 * (int64_t)LEARN_DAY_MS, 2, 2},
                      [LEARN_VIEWED_TOGETHER] = {30 * (int64_t)LEARN_DAY_MS, 0, 10}},
        .view_reach = 10,
        .view_backward = 1,
        .basket_across = 0.1,
        .basket_halves = 1,
    };
}

struct learn *learn_new_tuned(const struct learn_tuning *tuning)
{
    struct learn *learn = must_alloc_zero(1, sizeof *learn);
    learn->tuning = *tuning;
    learn->trend_decay = (struct decay){LEARN_DAY_MS, INT64_MIN};
    learn->sold_decay = (struct decay){30 * (int64_t)LEARN_DAY_MS, INT64_MIN};
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        learn->relation_decay[i] = (struct decay){tuning->relations[i].half_life_ms, INT64_MIN};
    items_init(&learn->items);
    recents_init(&learn->sessions);
    recents_init(&learn->baskets);
    learn->latest_ms = learn->swept_ms = INT64_MIN;
    int failed = pthread_mutex_init(&learn->lock, NULL);
    assert(failed == 0);
    learn->published = learn_snapshot_empty();
    return learn;
}

struct learn *learn_new(void)
{
    struct learn_tuning tuning = learn_tuning_default();
    return learn_new_tuned(&tuning);
}

void learn_free(struct learn *learn)
{
    if (!learn)
        return;
    learn_unpin(learn->published);
    int failed = pthread_mutex_destroy(&learn->lock);
    assert(failed == 0);
    items_done(&learn->items);
    recents_done(&learn->sessions);
    recents_done(&learn->baskets);
    for (size_t i = 0; i < learn->gone_count; i++)
        free(learn->gone[i].id);
    free(learn->gone);
    free(learn->queue);
    free(learn);
}

static void observe_views(struct learn *learn, const struct learn_observation *seen)
{
    double weight = decay_weight(&learn->trend_decay, seen->time_ms);
    for (size_t i = 0; i < seen->item_count; i++) {
        uint32_t slot = items_intern(&learn->items, seen->items[i]);
        bool repeated;
        graph_view(learn, seen->person, slot, seen->time_ms, &repeated);
        struct learn_item *item = &learn->items.slots[slot];
        if (seen->act == LEARN_VIEW && repeated)
            continue; /* once a session: reloading a page makes no trend */
        item->trend += weight * (seen->act == LEARN_ADD ? LEARN_ADD_WEIGHT : 1);
        item->trend_support++;
        learn->tops_changed = true;
    }
}

static double units_of(const struct learn_observation *seen, size_t index)
{
    int64_t units = seen->quantities ? seen->quantities[index] : 1;
    if (units < 0)
        units = 0;
    return units < LEARN_UNITS_MAX ? (double)units : LEARN_UNITS_MAX;
}

static void count_sale(struct learn *learn, const struct learn_observation *seen, size_t index,
                       uint32_t slot)
{
    double weight = decay_weight(&learn->sold_decay, seen->time_ms) * units_of(seen, index);
    struct learn_item *item = &learn->items.slots[slot];
    bool sale = seen->act == LEARN_ORDER;
    if (!sale)
        weight = -weight;
    if (seen->personal) {
        item->sold += weight;
        item->sold_support += sale;
    } else {
        item->sold_anonymous += weight;
        item->anonymous_support += sale;
        if (sale)
            item_add_person(item, hash64(slice_make(seen->person.bytes, sizeof seen->person)));
    }
    learn->tops_changed = true;
}

static void observe_sales(struct learn *learn, const struct learn_observation *seen)
{
    uint32_t slots[EVENT_ITEMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < seen->item_count; i++) {
        uint32_t slot = items_intern(&learn->items, seen->items[i]);
        count_sale(learn, seen, i, slot);
        bool known = false; /* two lines of one item are one wish */
        for (size_t j = 0; j < count && !known; j++)
            known = slots[j] == slot;
        if (!known)
            slots[count++] = slot;
    }
    if (seen->personal && seen->act == LEARN_ORDER)
        graph_basket(learn, seen->person, slots, count, seen->time_ms);
}

void learn_observe(struct learn *learn, const struct learn_observation *observation)
{
    struct learn_observation seen = *observation;
    if (seen.item_count > EVENT_ITEMS_MAX)
        seen.item_count = EVENT_ITEMS_MAX;
    bool views = seen.act == LEARN_VIEW || seen.act == LEARN_ADD;
    learn->observation_count++;
    if (seen.item_count == 0 || (views && !seen.personal))
        return;
    learn_maintain(learn, seen.time_ms, seen.item_count);
    if (views)
        observe_views(learn, &seen);
    else
        observe_sales(learn, &seen);
}

void learn_forget(struct learn *learn, struct uuid person)
{
    recents_forget(&learn->sessions, person);
    recents_forget(&learn->baskets, person);
    uint64_t hash = hash64(slice_make(person.bytes, sizeof person.bytes));
    for (uint32_t i = 0; i < learn->items.count; i++)
        item_forget_person(&learn->items.slots[i], hash);
}

static size_t recents_bytes(const struct recents *recents)
{
    return recents->room * (sizeof *recents->people + sizeof *recents->buckets);
}

size_t learn_bytes(const struct learn *learn)
{
    const struct items *items = &learn->items;
    size_t bytes = sizeof *learn + recents_bytes(&learn->sessions) +
                   recents_bytes(&learn->baskets) + items->room * sizeof *items->slots +
                   items->bucket_count * sizeof *items->buckets;
    for (uint32_t i = 0; i < items->count; i++) {
        const struct learn_item *item = &items->slots[i];
        bytes += item->id_size + (item->people ? sizeof *item->people : 0);
        for (int j = 0; j < LEARN_RELATION_COUNT; j++) {
            bytes += item->lists[j].room * (sizeof(struct pair) + sizeof(uint32_t));
            size_t published = item->lists[j].count < GRAPH_NEIGHBOURS_MAX ? item->lists[j].count
                                                                           : GRAPH_NEIGHBOURS_MAX;
            bytes += published * (sizeof(struct learn_score) + item->id_size);
        }
    }
    return bytes;
}
