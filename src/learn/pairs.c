#include "learn/pairs.h"

#include "base/arena.h"
#include "base/sort.h"

#include <stdlib.h>

enum { PAIRS_KEPT = LEARN_PAIRS_MAX * 3 / 4 };

struct standing {
    float weight;
    uint32_t at;
    uint64_t hash; /* of the item: ties leave by it */
};

static bool is_heavier(const struct standing *left, const struct standing *right)
{
    if (left->weight != right->weight)
        return left->weight > right->weight;
    return left->hash < right->hash;
}

SORT_OF(standings, struct standing, is_heavier)

static void keep_heaviest(struct pair_list *list, const struct items *items, uint32_t wanted)
{
    uint32_t count = list->count, kept = 0;
    if (count <= wanted)
        return;
    struct standing *all = must_alloc(count * sizeof *all);
    for (uint32_t i = 0; i < count; i++)
        all[i] = (struct standing){list->pairs[i].weight, i, items->slots[list->others[i]].hash};
    standings_select(all, count, wanted);
    for (uint32_t i = wanted; i < count; i++) {
        if (all[i].weight > list->floor)
            list->floor = all[i].weight;
        list->pairs[all[i].at].weight = -1;
    }
    free(all);
    for (uint32_t i = 0; i < count; i++) {
        if (list->pairs[i].weight < 0)
            continue;
        list->others[kept] = list->others[i];
        list->pairs[kept++] = list->pairs[i];
    }
    list->count = kept;
}

void pair_list_reserve(struct pair_list *list, uint32_t room)
{
    list->room = room;
    list->others = must_realloc(list->others, room * sizeof *list->others);
    list->pairs = must_realloc(list->pairs, room * sizeof *list->pairs);
}

static void append(struct pair_list *list, uint32_t other, struct pair pair)
{
    list->others[list->count] = other;
    list->pairs[list->count++] = pair;
}

/* --- streaming -------------------------------------------------------------------------------- */

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

void pair_list_meet(struct pair_list *list, const struct items *items, uint32_t other, float weight)
{
    uint32_t at = find_pair(list, other);
    if (at < list->count) {
        list->pairs[at].weight += weight;
        list->pairs[at].support++;
        return;
    }
    if (list->count == LEARN_PAIRS_MAX)
        keep_heaviest(list, items, PAIRS_KEPT);
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 4;
        pair_list_reserve(list, room < LEARN_PAIRS_MAX ? room : LEARN_PAIRS_MAX);
    }
    append(list, other, (struct pair){1, list->floor + weight, list->floor});
}

/* --- gathering -------------------------------------------------------------------------------- */

/* Notes of one item become one. */
static void merge(struct pair_list *list, uint32_t *places)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t other = list->others[i], place = places[other];
        if (place > 0) {
            list->pairs[place - 1].weight += list->pairs[i].weight;
            list->pairs[place - 1].support += list->pairs[i].support;
            continue;
        }
        list->others[kept] = other;
        list->pairs[kept++] = list->pairs[i];
        places[other] = kept;
    }
    list->count = kept;
    for (uint32_t i = 0; i < kept; i++)
        places[list->others[i]] = 0;
}

void pair_list_note(struct pair_list *list, const struct items *items, uint32_t *places,
                    uint32_t other, float weight)
{
    if (list->count == list->room) {
        merge(list, places);
        if (list->count >= list->room / 2 && list->room < PAIRS_GATHERED_MAX)
            pair_list_reserve(list, list->room ? 2 * list->room : 16);
        if (list->count > PAIRS_GATHERED_MAX / 2)
            keep_heaviest(list, items, PAIRS_GATHERED_MAX / 2);
    }
    append(list, other, (struct pair){1, weight, 0});
}

void pair_list_settle(struct pair_list *list, const struct items *items, uint32_t *places)
{
    merge(list, places);
    keep_heaviest(list, items, LEARN_PAIRS_MAX);
    if (list->count > 0)
        pair_list_reserve(list, list->count);
}
