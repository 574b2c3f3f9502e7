#include "learn/learn.h"

#include "base/hash.h"
#include "learn/state.h"

#include <assert.h>
#include <stdlib.h>

enum { VISITS_ENDED_MAX = 4 /* an observation */ };

struct learn_tuning learn_tuning_default(void)
{
    return (struct learn_tuning){
        .relations = {[LEARN_BOUGHT_TOGETHER] = {90 * (int64_t)LEARN_DAY_MS, {6, 4, 2}},
                      [LEARN_VIEWED_TOGETHER] = {30 * (int64_t)LEARN_DAY_MS, {8, 0, 10}},
                      [LEARN_VIEWED_BOUGHT] = {90 * (int64_t)LEARN_DAY_MS, {4, 2, 2}}},
        .view_reach = 5,
        .view_backward = 1,
        .basket_across = 0.1,
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
    learn->visits = visits_new(VISITS_MAX);
    learn->latest_ms = learn->counted_ms = learn->swept_ms = INT64_MIN;
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
    visits_free(learn->visits);
    for (size_t i = 0; i < learn->gone_count; i++)
        free(learn->gone[i].id);
    free(learn->gone);
    free(learn->queue);
    free(learn->places);
    free(learn);
}

/* --- visits ----------------------------------------------------------------------------------- */

static void end_visit(struct learn *learn, struct recents_person *visit)
{
    struct numbered_item items[RECENT_STEPS_MAX];
    for (uint8_t i = 0; i < visit->step_count; i++)
        items[i] = (struct numbered_item){item_id(&learn->items, visit->steps[i]),
                                          learn->items.slots[visit->steps[i]].hash};
    visits_add(learn->visits, items, visit->step_count);
    learn->visits_changed |= visit->step_count > 1;
    visit->step_count = 0;
    visit->count = 0;
}

/* A visit ends 30 minutes after it was last heard of, whoever comes next; the oldest makes room
 * when there are too many. A few an observation: a quiet night's visits end one after the other. */
static void end_old_visits(struct learn *learn)
{
    for (int i = 0; i < VISITS_ENDED_MAX; i++) {
        struct recents_person *oldest = recents_oldest(&learn->sessions);
        if (!oldest || (learn->sessions.live < RECENTS_PEOPLE_MAX &&
                        oldest->touched_ms >= learn->latest_ms - SESSION_GAP_MS))
            return;
        end_visit(learn, oldest);
        recents_remove_oldest(&learn->sessions);
    }
}

/* The person's running visit; NULL for a view of one long over: it met nobody we still know. */
static struct recents_person *running_visit(struct learn *learn,
                                            const struct learn_observation *seen)
{
    struct recents_person *visit = recents_touch(&learn->sessions, seen->person, learn->latest_ms);
    if (visit->count > 0 && seen->time_ms < visit->last_ms - SESSION_GAP_MS)
        return NULL;
    if (visit->count > 0 && seen->time_ms > visit->last_ms + SESSION_GAP_MS)
        end_visit(learn, visit);
    if (visit->count == 0 || seen->time_ms > visit->last_ms)
        visit->last_ms = seen->time_ms;
    return visit;
}

size_t learn_running(const struct learn *learn, struct uuid person, int64_t time_ms,
                     struct slice *out_items, size_t room)
{
    const struct recents_person *visit = recents_find(&learn->sessions, person);
    size_t count = 0;
    if (!visit || time_ms > visit->last_ms + SESSION_GAP_MS ||
        time_ms < visit->last_ms - SESSION_GAP_MS)
        return 0;
    for (; count < visit->count && count < room; count++)
        out_items[count] = item_id(&learn->items, visit->items[count].slot);
    return count;
}

/* What is put in the basket on the page of it is one step, not two. */
static void take_step(struct recents_person *visit, enum learn_act act, uint32_t slot)
{
    bool same = visit->step_count > 0 && visit->steps[visit->step_count - 1] == slot;
    if (act == LEARN_VIEW || !same)
        recent_step(visit, slot);
}

static void observe_views(struct learn *learn, const struct learn_observation *seen)
{
    double weight = decay_weight(&learn->trend_decay, seen->time_ms);
    struct recents_person *visit = running_visit(learn, seen);
    for (size_t i = 0; i < seen->item_count; i++) {
        uint32_t slot = items_intern(&learn->items, seen->items[i]);
        bool repeated = false;
        if (visit) {
            take_step(visit, seen->act, slot);
            graph_view(learn, visit, slot, seen->time_ms, &repeated);
        }
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
    if (!learn_maintain(learn, &seen))
        return;
    if (seen.personal)
        end_old_visits(learn);
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
    size_t steps = 0;
    for (uint32_t at = recents->oldest; at != RECENTS_NONE; at = recents->people[at].newer)
        steps += recents->people[at].step_room;
    return recents->room * (sizeof *recents->people + sizeof *recents->buckets) +
           steps * sizeof(uint32_t);
}

size_t learn_visits_bytes(const struct learn *learn)
{
    return visits_bytes(learn->visits);
}

size_t learn_graph_bytes(const struct learn *learn)
{
    size_t bytes = learn->place_room * sizeof *learn->places;
    for (uint32_t i = 0; i < learn->items.count; i++) {
        const struct learn_item *item = &learn->items.slots[i];
        for (int j = 0; j < LEARN_RELATION_COUNT; j++) {
            const struct pair_list *list = &item->lists[j];
            size_t published =
                list->count < GRAPH_NEIGHBOURS_MAX ? list->count : GRAPH_NEIGHBOURS_MAX;
            bytes += list->room * (sizeof(struct pair) + sizeof(uint32_t)) +
                     published * (sizeof(struct learn_score) + item->id_size);
        }
    }
    return bytes;
}

size_t learn_bytes(const struct learn *learn)
{
    const struct items *items = &learn->items;
    size_t bytes = sizeof *learn + recents_bytes(&learn->sessions) +
                   recents_bytes(&learn->baskets) + items->room * sizeof *items->slots +
                   items->bucket_count * sizeof *items->buckets;
    for (uint32_t i = 0; i < items->count; i++)
        bytes +=
            items->slots[i].id_size + (items->slots[i].people ? sizeof *items->slots[i].people : 0);
    return bytes;
}
