#include "api/activity.h"

#include "base/clock.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

enum { MINUTES = 60, HOURS = 168, HOURS_OF_DAY = 24, SLOTS = 2 * ACTIVITY_MAX };

/* A ring's place belongs to the unit of time it was last written in. */
struct place {
    uint32_t unit, decisions, personalised, fallback;
};

struct counted {
    uint64_t key;
    struct place minutes[MINUTES], hours[HOURS];
};

struct activity {
    pthread_mutex_t mutex; /* guards all below but since_ms */
    int64_t since_ms;
    struct counted *slots[SLOTS]; /* by key, open addressing */
    size_t count;
};

struct activity *activity_new(int64_t now_ms)
{
    struct activity *activity = must_alloc_zero(1, sizeof *activity);
    pthread_mutex_init(&activity->mutex, NULL);
    activity->since_ms = now_ms;
    return activity;
}

void activity_free(struct activity *activity)
{
    if (!activity)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(activity->slots[i]);
    pthread_mutex_destroy(&activity->mutex);
    free(activity);
}

int64_t activity_since(const struct activity *activity)
{
    return activity->since_ms;
}

static uint64_t key_of(uint32_t workspace, struct slice placement)
{
    return hash64_pair(slice_make(&workspace, sizeof workspace), placement);
}

/* Under the mutex. NULL: there is none, and none is made. */
static struct counted *find(struct activity *activity, uint64_t key, bool make)
{
    size_t slot = key % SLOTS;
    while (activity->slots[slot] && activity->slots[slot]->key != key)
        slot = (slot + 1) % SLOTS;
    if (!activity->slots[slot] && make && activity->count < ACTIVITY_MAX) {
        activity->slots[slot] = must_alloc_zero(1, sizeof(struct counted));
        activity->slots[slot]->key = key;
        activity->count++;
    }
    return activity->slots[slot];
}

static void add(struct place *ring, uint32_t size, uint32_t unit, const struct decision *decision)
{
    struct place *place = &ring[unit % size];
    if (place->unit != unit)
        *place = (struct place){.unit = unit};
    place->decisions++;
    place->personalised += decision->personalised;
    place->fallback += decision->fallback.size > 0;
}

void activity_note(struct activity *activity, uint32_t workspace, int64_t now_ms,
                   const struct outcome *outcome)
{
    uint32_t minute = (uint32_t)(now_ms / MS_PER_MINUTE), hour = (uint32_t)(now_ms / MS_PER_HOUR);
    for (size_t i = 0; i < outcome->decision_count; i++) {
        const struct decision *decision = &outcome->decisions[i];
        if (!decision->definition)
            continue;
        uint64_t key = key_of(workspace, decision->placement);
        pthread_mutex_lock(&activity->mutex);
        struct counted *counted = find(activity, key, true);
        if (counted) {
            add(counted->minutes, MINUTES, minute, decision);
            add(counted->hours, HOURS, hour, decision);
        }
        pthread_mutex_unlock(&activity->mutex);
    }
}

/* Places of the last so many units. */
static struct activity_count sum(const struct place *ring, uint32_t size, uint32_t unit,
                                 uint32_t last)
{
    struct activity_count count = {0};
    for (uint32_t i = 0; i < size; i++) {
        if (ring[i].unit > unit || unit - ring[i].unit >= last)
            continue;
        count.decisions += ring[i].decisions;
        count.personalised += ring[i].personalised;
        count.fallback += ring[i].fallback;
    }
    return count;
}

void activity_read(struct activity *activity, uint32_t workspace, struct slice placement,
                   int64_t now_ms, struct activity_figures *out_figures)
{
    uint32_t minute = (uint32_t)(now_ms / MS_PER_MINUTE), hour = (uint32_t)(now_ms / MS_PER_HOUR);
    *out_figures = (struct activity_figures){0};
    pthread_mutex_lock(&activity->mutex);
    const struct counted *counted = find(activity, key_of(workspace, placement), false);
    if (counted) {
        out_figures->hour = sum(counted->minutes, MINUTES, minute, MINUTES);
        out_figures->day = sum(counted->hours, HOURS, hour, HOURS_OF_DAY);
        out_figures->week = sum(counted->hours, HOURS, hour, HOURS);
    }
    pthread_mutex_unlock(&activity->mutex);
}
