/* The co-occurrence graph: who met whom, in visits of views, from views to what was bought, and in
 * baskets, weighed in RP3beta form (rp3.h).
 *
 * A group is a basket, or a view with the few before it: an item meets those with weight 1/distance
 * (sequential rules, Ludewig & Jannach 2018), here also backwards. Counts and degrees are decayed
 * and stream in; the lists of counts are bounded (pairs.h). A rebuild takes the same events with
 * complete lists. docs/learning.md has the measured choice of constants. */
#include "learn/pairs.h"
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

static void meet(struct learn *learn, enum learn_relation relation, uint32_t from, uint32_t to,
                 double weight)
{
    struct pair_list *list = &learn->items.slots[from].lists[relation];
    learn_queue(learn, from, relation);
    if (learn->places)
        pair_list_note(list, &learn->items, learn_places(learn), to, (float)weight);
    else
        pair_list_meet(list, &learn->items, to, (float)weight);
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

/* |g|^alpha: a long list says less. */
static double group_power(const struct learn *learn, enum learn_relation relation, size_t count)
{
    return rp3_power((double)count, learn->tuning.relations[relation].form.alpha_eighths);
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

/* What the person looked at in the visit under way meets what it ended in. */
static void meet_viewed(struct learn *learn, struct uuid person, const uint32_t *slots,
                        size_t count, int64_t time_ms)
{
    const struct recents_person *visit = recents_find(&learn->sessions, person);
    double once = decay_weight(&learn->relation_decay[LEARN_VIEWED_BOUGHT], time_ms);
    double weight = once / group_power(learn, LEARN_VIEWED_BOUGHT, count);
    if (!visit || time_ms > visit->last_ms + SESSION_GAP_MS)
        return;
    for (uint32_t i = 0; i < visit->count; i++) {
        uint32_t viewed = visit->items[i].slot;
        if (visit->items[i].time_ms > time_ms)
            continue;
        take_part(learn, LEARN_VIEWED_BOUGHT, viewed, once);
        for (size_t j = 0; j < count; j++)
            if (slots[j] != viewed)
                meet(learn, LEARN_VIEWED_BOUGHT, viewed, slots[j], weight);
    }
}

void graph_basket(struct learn *learn, struct uuid person, const uint32_t *slots, size_t count,
                  int64_t time_ms)
{
    meet_viewed(learn, person, slots, count, time_ms);
    double once = decay_weight(&learn->relation_decay[LEARN_BOUGHT_TOGETHER], time_ms);
    double weight = once / group_power(learn, LEARN_BOUGHT_TOGETHER, count);
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
    const struct rp3_form *form = &learn->tuning.relations[relation].form;
    const struct pair_list *list = &learn->items.slots[slot].lists[relation];
    enum learn_relation taken = relation == LEARN_VIEWED_BOUGHT ? LEARN_BOUGHT_TOGETHER : relation;
    double scale = decay_scale(&learn->relation_decay[relation], learn->latest_ms);
    double taken_scale = decay_scale(&learn->relation_decay[taken], learn->latest_ms);
    double own = rp3_power(list->popularity * scale, form->alpha_eighths);
    size_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct pair *pair = &list->pairs[i];
        uint32_t with = list->others[i];
        double degree = learn->items.slots[with].lists[taken].popularity * taken_scale;
        double together = ((double)pair->weight - (double)pair->error) * scale;
        double score = rp3_weight(form, together, own, rp3_power(degree, form->beta_eighths));
        if (score > 0)
            out_neighbours[count++] = (struct graph_neighbour){with, pair->support, score};
    }
    count = drop_hopeless(out_neighbours, count);
    if (count > 1)
        qsort_r(out_neighbours, count, sizeof *out_neighbours, compare_neighbours,
                (void *)&learn->items);
    return count < GRAPH_NEIGHBOURS_MAX ? count : GRAPH_NEIGHBOURS_MAX;
}
