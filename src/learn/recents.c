#include "learn/recents.h"

#include "base/arena.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

void recents_init(struct recents *recents)
{
    *recents = (struct recents){
        .oldest = RECENTS_NONE, .newest = RECENTS_NONE, .free_place = RECENTS_NONE};
}

void recents_done(struct recents *recents)
{
    for (uint32_t at = recents->oldest; at != RECENTS_NONE; at = recents->people[at].newer)
        free(recents->people[at].steps);
    free(recents->people);
    free(recents->buckets);
    recents_init(recents);
}

static uint32_t *bucket_of(const struct recents *recents, struct uuid person)
{
    uint64_t hash = hash64(slice_make(person.bytes, sizeof person.bytes));
    return &recents->buckets[(uint32_t)hash & (recents->bucket_count - 1)];
}

static void rebuild_buckets(struct recents *recents)
{
    free(recents->buckets);
    recents->bucket_count = recents->room;
    recents->buckets = must_alloc(recents->bucket_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < recents->bucket_count; i++)
        recents->buckets[i] = RECENTS_NONE;
    for (uint32_t at = recents->oldest; at != RECENTS_NONE; at = recents->people[at].newer) {
        uint32_t *bucket = bucket_of(recents, recents->people[at].person);
        recents->people[at].chain = *bucket;
        *bucket = at;
    }
}

static uint32_t find(const struct recents *recents, struct uuid person)
{
    if (recents->bucket_count == 0)
        return RECENTS_NONE;
    uint32_t at = *bucket_of(recents, person);
    while (at != RECENTS_NONE && !uuid_equal(recents->people[at].person, person))
        at = recents->people[at].chain;
    return at;
}

static void unlink_age(struct recents *recents, uint32_t at)
{
    struct recents_person *row = &recents->people[at];
    if (row->older == RECENTS_NONE)
        recents->oldest = row->newer;
    else
        recents->people[row->older].newer = row->newer;
    if (row->newer == RECENTS_NONE)
        recents->newest = row->older;
    else
        recents->people[row->newer].older = row->older;
}

static void link_newest(struct recents *recents, uint32_t at)
{
    struct recents_person *row = &recents->people[at];
    row->newer = RECENTS_NONE;
    row->older = recents->newest;
    if (recents->newest == RECENTS_NONE)
        recents->oldest = at;
    else
        recents->people[recents->newest].newer = at;
    recents->newest = at;
}

static void remove_at(struct recents *recents, uint32_t at)
{
    uint32_t *link = bucket_of(recents, recents->people[at].person);
    while (*link != at)
        link = &recents->people[*link].chain;
    *link = recents->people[at].chain;
    unlink_age(recents, at);
    free(recents->people[at].steps);
    recents->people[at].steps = NULL;
    recents->people[at].chain = recents->free_place;
    recents->free_place = at;
    recents->live--;
}

static uint32_t take_place(struct recents *recents)
{
    if (recents->live == RECENTS_PEOPLE_MAX)
        remove_at(recents, recents->oldest);
    uint32_t at = recents->free_place;
    if (at != RECENTS_NONE) {
        recents->free_place = recents->people[at].chain;
        return at;
    }
    if (recents->count == recents->room) {
        recents->room = recents->room ? recents->room * 2 : 64;
        recents->people = must_realloc(recents->people, recents->room * sizeof *recents->people);
        rebuild_buckets(recents);
    }
    return recents->count++;
}

struct recents_person *recents_touch(struct recents *recents, struct uuid person, int64_t clock_ms)
{
    uint32_t at = find(recents, person);
    if (at != RECENTS_NONE) {
        unlink_age(recents, at);
    } else {
        at = take_place(recents);
        uint32_t *bucket = bucket_of(recents, person);
        recents->people[at] =
            (struct recents_person){.person = person, .last_ms = INT64_MIN, .chain = *bucket};
        *bucket = at;
        recents->live++;
    }
    link_newest(recents, at);
    recents->people[at].touched_ms = clock_ms;
    return &recents->people[at];
}

struct recents_person *recents_oldest(const struct recents *recents)
{
    return recents->oldest == RECENTS_NONE ? NULL : &recents->people[recents->oldest];
}

void recents_remove_oldest(struct recents *recents)
{
    uint32_t at = recents->oldest;
    remove_at(recents, at);
    recents->people[at].person = (struct uuid){0};
}

const struct recents_person *recents_find(const struct recents *recents, struct uuid person)
{
    uint32_t at = find(recents, person);
    return at == RECENTS_NONE ? NULL : &recents->people[at];
}

void recents_forget(struct recents *recents, struct uuid person)
{
    uint32_t at = find(recents, person);
    if (at == RECENTS_NONE)
        return;
    remove_at(recents, at);
    recents->people[at].person = (struct uuid){0}; /* nothing of them stays in memory */
}

void recent_push(struct recents_person *person, uint32_t slot, int64_t time_ms)
{
    uint32_t at = 0;
    while (at < person->count && person->items[at].slot != slot)
        at++;
    if (at == person->count && person->count < GRAPH_SESSION_ITEMS_MAX)
        person->count++;
    if (at == GRAPH_SESSION_ITEMS_MAX)
        at--;
    memmove(person->items + 1, person->items, at * sizeof person->items[0]);
    person->items[0] = (struct recent){slot, time_ms};
}

void recent_step(struct recents_person *person, uint32_t slot)
{
    if (person->step_count == RECENT_STEPS_MAX) {
        person->step_count--;
        memmove(person->steps, person->steps + 1, person->step_count * sizeof *person->steps);
    }
    if (person->step_count == person->step_room) {
        unsigned room = person->step_room ? 2U * person->step_room : 4;
        person->step_room = (uint8_t)(room < RECENT_STEPS_MAX ? room : RECENT_STEPS_MAX);
        person->steps = must_realloc(person->steps, person->step_room * sizeof *person->steps);
    }
    person->steps[person->step_count++] = slot;
}

static void drop_dead(struct recents_person *row, const bool *dead)
{
    uint32_t kept = 0;
    uint8_t steps = 0;
    for (uint8_t i = 0; i < row->step_count; i++)
        if (!dead[row->steps[i]])
            row->steps[steps++] = row->steps[i];
    row->step_count = steps;
    for (uint32_t i = 0; i < row->count; i++)
        if (!dead[row->items[i].slot])
            row->items[kept++] = row->items[i];
    row->count = kept;
}

void recents_sweep(struct recents *recents, int64_t before_ms, const bool *dead)
{
    uint32_t at = recents->oldest;
    while (at != RECENTS_NONE) {
        uint32_t newer = recents->people[at].newer;
        if (dead)
            drop_dead(&recents->people[at], dead);
        if (recents->people[at].last_ms < before_ms || recents->people[at].count == 0)
            remove_at(recents, at);
        at = newer;
    }
}
