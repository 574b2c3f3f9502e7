/* The streaming co-occurrence graph: who met whom, in sessions of views and in baskets.
 *
 * Sequential rules for views (Ludewig & Jannach 2018: an item meets those before it with weight
 * 1/distance, here also backwards with a smaller weight) and item-item counts for baskets; both
 * as decayed counts, kept in bounded lists by lossy counting: what left is bounded by the list's
 * floor (Manku & Motwani 2002; Metwally, Agrawal, El Abbadi 2005).
 * Scores are damped by popularity with a support prior: s_ij = c_ij / (p_i^(1-a) p_j^a + h), the
 * shrunk cosine of item-kNN at a = 1/2 (Bell & Koren 2007). docs/learning.md has the measured
 * choice of constants. */
#include "base/sort.h"
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

/* --- one list ---------------------------------------------------------------------------------
 *
 * A list has no order. When it is full its lightest quarter leaves at once, so that a newcomer
 * costs little; what the heaviest of those weighed is the list's floor, which a newcomer is
 * granted and which counts as error: nobody who left can have weighed more. */

enum { PAIRS_KEPT = LEARN_PAIRS_MAX * 3 / 4 };

struct tie {
    uint64_t hash; /* of the item */
    uint32_t at;
};

static bool is_before(const struct tie *left, const struct tie *right)
{
    return left->hash < right->hash;
}

SORT_OF(ties, struct tie, is_before)

/* Of the pairs that weigh just `least`, all but `wanted` are marked by a weight below it: by the
 * items' hashes, for the same ones must leave whatever the order in the list. */
static void break_ties(const struct items *items, struct pair_list *list, float least,
                       size_t wanted)
{
    struct tie ties[LEARN_PAIRS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->pairs[i].weight == least)
            ties[count++] = (struct tie){items->slots[list->others[i]].hash, i};
    ties_select(ties, count, wanted);
    for (size_t i = wanted; i < count; i++)
        list->pairs[ties[i].at].weight = -1;
}

static void drop_lightest(const struct items *items, struct pair_list *list)
{
    double weights[LEARN_PAIRS_MAX];
    for (uint32_t i = 0; i < list->count; i++)
        weights[i] = (double)list->pairs[i].weight;
    float least = (float)score_reached_by(weights, list->count, PAIRS_KEPT), floor = list->floor;
    size_t heavier = 0;
    for (uint32_t i = 0; i < list->count; i++)
        heavier += list->pairs[i].weight > least;
    break_ties(items, list, least, PAIRS_KEPT - heavier);
    uint32_t kept = 0, count = list->count;
    for (uint32_t i = 0; i < count; i++) {
        float weight = list->pairs[i].weight;
        if (weight >= least) {
            list->others[kept] = list->others[i];
            list->pairs[kept++] = list->pairs[i];
        } else {
            floor = weight < 0 ? least : weight > floor ? weight : floor;
        }
    }
    list->count = kept;
    list->floor = floor;
}

/* The place of a pair, count when there is none. Most meetings look through the whole list: in
 * blocks without a branch inside, which become vector compares. */
static uint32_t find_pair(const struct pair_list *list, uint32_t other)
{
    enum { BLOCK = 16 };
    uint32_t at = 0;
    for (; at + BLOCK <= list->count; at += BLOCK) {
        const uint32_t *block = list->others + at;
        uint32_t found = 0;
        for (int i = 0; i < BLOCK; i++)
            found += block[i] == other;
        if (found)
            break;
    }
    while (at < list->count && list->others[at] != other)
        at++;
    return at;
}

void pair_list_reserve(struct pair_list *list, uint32_t room)
{
    list->room = room;
    list->others = must_realloc(list->others, room * sizeof *list->others);
    list->pairs = must_realloc(list->pairs, room * sizeof *list->pairs);
}

static void append_pair(const struct items *items, struct pair_list *list, uint32_t other,
                        float weight)
{
    if (list->count == LEARN_PAIRS_MAX)
        drop_lightest(items, list);
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 4;
        pair_list_reserve(list, room < LEARN_PAIRS_MAX ? room : LEARN_PAIRS_MAX);
    }
    list->others[list->count] = other;
    list->pairs[list->count++] = (struct pair){1, list->floor + weight, list->floor};
}

static void meet(struct learn *learn, enum learn_relation relation, uint32_t from, uint32_t to,
                 double weight)
{
    struct pair_list *list = &learn->items.slots[from].lists[relation];
    learn_queue(learn, from, relation);
    uint32_t at = find_pair(list, to);
    if (at == list->count) {
        append_pair(&learn->items, list, to, (float)weight);
        return;
    }
    list->pairs[at].weight += (float)weight;
    list->pairs[at].support++;
}

/* --- sessions and baskets --------------------------------------------------------------------- */

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

void graph_view(struct learn *learn, struct recents_person *session, uint32_t slot, int64_t time_ms,
                bool *out_repeated)
{
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
    struct recents_person *earlier = recents_touch(&learn->baskets, person, learn->latest_ms);
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

double score_reached_by(double *scores, size_t count, size_t wanted)
{
    size_t low = 0, high = count - 1, place = wanted - 1; /* in descending order */
    while (low < high) {
        double pivot = scores[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (scores[i] > pivot)
                i++;
            while (scores[j] < pivot)
                j--;
            if (i >= j)
                break;
            double kept = scores[i];
            scores[i++] = scores[j];
            scores[j--] = kept;
        }
        if (place <= j)
            high = j;
        else
            low = j + 1;
    }
    return scores[place];
}

/* Leaves only those that can be among the first GRAPH_NEIGHBOURS_MAX. */
static size_t drop_hopeless(struct graph_neighbour *neighbours, size_t count)
{
    double scores[LEARN_PAIRS_MAX];
    if (count <= GRAPH_NEIGHBOURS_MAX)
        return count;
    for (size_t i = 0; i < count; i++)
        scores[i] = neighbours[i].score;
    double least = score_reached_by(scores, count, GRAPH_NEIGHBOURS_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (neighbours[i].score >= least)
            neighbours[kept++] = neighbours[i];
    return kept;
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
        uint32_t with = list->others[i];
        const struct pair_list *other = &learn->items.slots[with].lists[relation];
        double together = ((double)pair->weight - (double)pair->error) * scale;
        double expected = own * power_quarters(other->popularity * scale, tuning->damping_quarters);
        double score = together / (expected + tuning->prior);
        if (score > 0)
            out_neighbours[count++] = (struct graph_neighbour){with, pair->support, score};
    }
    count = drop_hopeless(out_neighbours, count);
    if (count > 1)
        qsort_r(out_neighbours, count, sizeof *out_neighbours, compare_neighbours,
                (void *)&learn->items);
    return count < GRAPH_NEIGHBOURS_MAX ? count : GRAPH_NEIGHBOURS_MAX;
}
