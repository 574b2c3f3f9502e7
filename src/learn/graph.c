/* The streaming co-occurrence graph: who met whom, in sessions of views and in baskets.
 *
 * Sequential rules for views (Ludewig & Jannach 2018: an item meets those before it with weight
 * 1/distance, here also backwards with a smaller weight) and item-item counts for baskets; both
 * as decayed counts, kept in bounded lists by space-saving (Metwally, Agrawal, El Abbadi 2005).
 * Scores are damped by popularity with a support prior: s_ij = c_ij / (p_i^(1-a) p_j^a + h), the
 * shrunk cosine of item-kNN at a = 1/2 (Bell & Koren 2007). docs/learning.md has the measured
 * choice of constants. */
#include "learn/state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

void learn_queue(struct learn *learn, uint32_t slot, enum learn_relation relation)
{
    struct learn_item *item = &learn->items.slots[slot];
    item->lists[relation].dirty = true;
    if (item->queued)
        return;
    item->queued = true;
    if (learn->queue_count == learn->queue_room) {
        learn->queue_room = learn->queue_room ? learn->queue_room * 2 : 256;
        learn->queue = must_realloc(learn->queue, learn->queue_room * sizeof *learn->queue);
    }
    learn->queue[learn->queue_count++] = slot;
}

/* The lighter of two pairs leaves first, at equal weight the one with the greater id. */
static bool leaves_before(const struct items *items, const struct pair *a, const struct pair *b)
{
    if (a->weight != b->weight)
        return a->weight < b->weight;
    return slice_compare(item_id(items, a->other), item_id(items, b->other)) > 0;
}

static void list_append(struct pair_list *list, struct pair pair)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 4;
        if (list->room > LEARN_PAIRS_MAX)
            list->room = LEARN_PAIRS_MAX;
        list->pairs = must_realloc(list->pairs, list->room * sizeof *list->pairs);
    }
    list->pairs[list->count++] = pair;
}

static void meet(struct learn *learn, enum learn_relation relation, uint32_t from, uint32_t to,
                 double weight)
{
    struct pair_list *list = &learn->items.slots[from].lists[relation];
    learn_queue(learn, from, relation);
    struct pair *found = NULL;
    for (uint32_t i = 0; i < list->count && !found; i++)
        if (list->pairs[i].other == to)
            found = &list->pairs[i];
    if (found) {
        found->weight += (float)weight;
        found->support++;
        return;
    }
    if (list->count < LEARN_PAIRS_MAX) {
        list_append(list, (struct pair){to, 1, (float)weight, 0});
        return;
    }
    struct pair *lightest = &list->pairs[0];
    for (uint32_t i = 1; i < list->count; i++)
        if (leaves_before(&learn->items, &list->pairs[i], lightest))
            lightest = &list->pairs[i];
    *lightest = (struct pair){to, 1, lightest->weight + (float)weight, lightest->weight};
}

static void take_part(struct learn *learn, enum learn_relation relation, uint32_t slot,
                      double weight)
{
    struct pair_list *list = &learn->items.slots[slot].lists[relation];
    list->popularity += weight;
    list->support++;
}

static bool has_recent(const struct recents_person *person, uint32_t slot)
{
    for (uint32_t i = 0; i < person->count; i++)
        if (person->items[i].slot == slot)
            return true;
    return false;
}

void graph_view(struct learn *learn, struct uuid person, uint32_t slot, int64_t time_ms,
                bool *out_repeated)
{
    struct recents_person *session = recents_touch(&learn->sessions, person);
    if (session->count > 0 && time_ms < session->last_ms - SESSION_GAP_MS) {
        *out_repeated = false; /* a late one of a session long over: it met nobody we still know */
        return;
    }
    if (session->count > 0 && time_ms > session->last_ms + SESSION_GAP_MS)
        session->count = 0;
    if (session->count == 0 || time_ms > session->last_ms)
        session->last_ms = time_ms;
    *out_repeated = has_recent(session, slot);
    if (*out_repeated && session->items[0].slot == slot)
        return; /* the same page again */
    double weight = decay_weight(&learn->relation_decay[LEARN_VIEWED_TOGETHER], time_ms);
    unsigned distance = 0;
    for (uint32_t i = 0; i < session->count && distance < learn->tuning.view_reach; i++) {
        uint32_t earlier = session->items[i].slot;
        if (earlier == slot)
            continue;
        distance++;
        double part = weight / distance;
        meet(learn, LEARN_VIEWED_TOGETHER, earlier, slot, part);
        if (learn->tuning.view_backward > 0)
            meet(learn, LEARN_VIEWED_TOGETHER, slot, earlier, part * learn->tuning.view_backward);
    }
    if (!*out_repeated)
        take_part(learn, LEARN_VIEWED_TOGETHER, slot, weight);
    recent_push(session, slot, time_ms);
}

static double basket_weight(const struct learn *learn, size_t count)
{
    double others = count > 1 ? (double)(count - 1) : 1;
    switch (learn->tuning.basket_halves) {
    case 0:
        return 1;
    case 1:
        return 1 / sqrt(others);
    default:
        return 1 / others;
    }
}

static bool in_basket(const uint32_t *slots, size_t count, uint32_t slot)
{
    for (size_t i = 0; i < count; i++)
        if (slots[i] == slot)
            return true;
    return false;
}

/* The same person's baskets of the last 30 days meet this one. */
static void meet_earlier(struct learn *learn, const struct recents_person *person,
                         const uint32_t *slots, size_t count, double weight)
{
    for (uint32_t i = 0; i < person->count; i++) {
        uint32_t earlier = person->items[i].slot;
        if (in_basket(slots, count, earlier))
            continue;
        for (size_t j = 0; j < count; j++) {
            meet(learn, LEARN_BOUGHT_TOGETHER, earlier, slots[j], weight);
            meet(learn, LEARN_BOUGHT_TOGETHER, slots[j], earlier, weight);
        }
    }
}

void graph_basket(struct learn *learn, struct uuid person, const uint32_t *slots, size_t count,
                  int64_t time_ms)
{
    double once = decay_weight(&learn->relation_decay[LEARN_BOUGHT_TOGETHER], time_ms);
    double weight = once * basket_weight(learn, count);
    for (size_t i = 0; i < count; i++) {
        take_part(learn, LEARN_BOUGHT_TOGETHER, slots[i], once);
        /* each line meets the lines before it, so that a long list costs its length only */
        size_t from = i > GRAPH_SESSION_ITEMS_MAX - 1 ? i - (GRAPH_SESSION_ITEMS_MAX - 1) : 0;
        for (size_t j = from; j < i; j++) {
            meet(learn, LEARN_BOUGHT_TOGETHER, slots[i], slots[j], weight);
            meet(learn, LEARN_BOUGHT_TOGETHER, slots[j], slots[i], weight);
        }
    }
    struct recents_person *earlier = recents_touch(&learn->baskets, person);
    if (earlier->count > 0 && time_ms > earlier->last_ms + LEARN_BASKETS_MS)
        earlier->count = 0;
    while (earlier->count > 0 &&
           earlier->items[earlier->count - 1].time_ms < time_ms - LEARN_BASKETS_MS)
        earlier->count--;
    bool late = earlier->count > 0 && time_ms < earlier->last_ms - LEARN_BASKETS_MS;
    if (learn->tuning.basket_across > 0 && !late)
        meet_earlier(learn, earlier, slots, count, weight * learn->tuning.basket_across);
    if (late)
        return;
    if (earlier->last_ms < time_ms)
        earlier->last_ms = time_ms;
    for (size_t i = 0; i < count; i++)
        recent_push(earlier, slots[i], time_ms);
}

static int compare_neighbours(const void *left, const void *right, void *context)
{
    const struct graph_neighbour *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    const struct items *items = context;
    return slice_compare(item_id(items, a->slot), item_id(items, b->slot));
}

/* x^(quarters/4): square roots are exact to the last bit everywhere, pow is not. */
static double power_quarters(double x, unsigned quarters)
{
    double half = sqrt(x), fourth = sqrt(half);
    switch (quarters) {
    case 0:
        return 1;
    case 1:
        return fourth;
    case 2:
        return half;
    case 3:
        return half * fourth;
    default:
        return x;
    }
}

size_t graph_neighbours(const struct learn *learn, enum learn_relation relation, uint32_t slot,
                        struct graph_neighbour out_neighbours[LEARN_PAIRS_MAX])
{
    const struct relation_tuning *tuning = &learn->tuning.relations[relation];
    const struct pair_list *list = &learn->items.slots[slot].lists[relation];
    double scale = decay_scale(&learn->relation_decay[relation], learn->latest_ms);
    assert(tuning->damping_quarters <= 4);
    double own = power_quarters(list->popularity * scale, 4 - tuning->damping_quarters);
    size_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct pair *pair = &list->pairs[i];
        const struct pair_list *other = &learn->items.slots[pair->other].lists[relation];
        double together = ((double)pair->weight - (double)pair->error) * scale;
        double expected = own * power_quarters(other->popularity * scale, tuning->damping_quarters);
        double score = together / (expected + tuning->prior);
        if (score > 0)
            out_neighbours[count++] = (struct graph_neighbour){pair->other, pair->support, score};
    }
    if (count > 1)
        qsort_r(out_neighbours, count, sizeof *out_neighbours, compare_neighbours,
                (void *)&learn->items);
    return count < GRAPH_NEIGHBOURS_MAX ? count : GRAPH_NEIGHBOURS_MAX;
}
