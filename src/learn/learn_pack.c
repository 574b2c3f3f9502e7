/* The state of struct learn as bytes: version, clocks, items by id, sessions and baskets from
 * oldest to newest, the visits that ended.
 *
 * An item is named by its rank among the packed ids; pairs stand in rank order. So the bytes do
 * not tell in which order slots were given out: same observations, same bytes, also after
 * unpacking half-way. */
#include "base/pack.h"
#include "learn/pairs.h"
#include "learn/state.h"

#include <assert.h>
#include <stdlib.h>

enum { LEARN_PACK_VERSION = 4 };

struct packer {
    const struct learn *learn;
    struct buf *buf;
    uint32_t *sorted; /* slots by rank */
    uint32_t *ranks;  /* ranks by slot */
};

enum {
    RANK_DIGIT_BITS = 7,
    RANK_DIGITS = 1 << RANK_DIGIT_BITS,
    RANK_BITS = 3 * RANK_DIGIT_BITS, /* LEARN_ITEMS_MAX fits */
    PLACE_BITS = 8                   /* LEARN_PAIRS_MAX fits */
};
static_assert(LEARN_ITEMS_MAX <= 1 << RANK_BITS && LEARN_PAIRS_MAX <= 1 << PLACE_BITS,
              "a rank and a place make 29 bits");

/* Sorts `rank << PLACE_BITS | place` by rank. A save sorts hundreds of thousands of pairs while
 * nobody can write: a radix sort takes a tenth of qsort's time. */
static void sort_by_rank(uint32_t *keys, size_t count)
{
    uint32_t room[LEARN_PAIRS_MAX];
    for (unsigned shift = PLACE_BITS; shift < PLACE_BITS + RANK_BITS; shift += RANK_DIGIT_BITS) {
        uint32_t ends[RANK_DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++)
            ends[(keys[i] >> shift & (RANK_DIGITS - 1)) + 1]++;
        for (size_t digit = 0; digit < RANK_DIGITS; digit++)
            ends[digit + 1] += ends[digit];
        for (size_t i = 0; i < count; i++)
            room[ends[keys[i] >> shift & (RANK_DIGITS - 1)]++] = keys[i];
        memcpy(keys, room, count * sizeof *keys);
    }
}

static void pack_list(const struct packer *packer, const struct pair_list *list)
{
    uint32_t keys[LEARN_PAIRS_MAX];
    for (uint32_t i = 0; i < list->count; i++)
        keys[i] = packer->ranks[list->others[i]] << PLACE_BITS | i;
    sort_by_rank(keys, list->count);
    pack_double(packer->buf, list->popularity);
    pack_float(packer->buf, list->floor);
    pack_uint(packer->buf, list->support);
    pack_uint(packer->buf, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct pair *pair = &list->pairs[keys[i] & ((1 << PLACE_BITS) - 1)];
        pack_uint(packer->buf, keys[i] >> PLACE_BITS);
        pack_uint(packer->buf, pair->support);
        pack_float(packer->buf, pair->weight);
        pack_float(packer->buf, pair->error);
    }
}

static void pack_item(const struct packer *packer, const struct learn_item *item)
{
    struct buf *buf = packer->buf;
    pack_double(buf, item->trend);
    pack_double(buf, item->sold);
    pack_double(buf, item->sold_anonymous);
    pack_uint(buf, item->trend_support);
    pack_uint(buf, item->sold_support);
    pack_uint(buf, item->anonymous_support);
    pack_u8(buf, item->anonymous_shown);
    uint8_t people = item->people ? item->people->count : 0;
    pack_u8(buf, people);
    for (uint8_t i = 0; i < people; i++)
        pack_u64(buf, item->people->hashes[i]);
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        pack_list(packer, &item->lists[i]);
}

static void pack_recents(const struct packer *packer, const struct recents *recents)
{
    pack_uint(packer->buf, recents->live);
    for (uint32_t at = recents->oldest; at != RECENTS_NONE; at = recents->people[at].newer) {
        const struct recents_person *row = &recents->people[at];
        pack_uuid(packer->buf, row->person);
        pack_int(packer->buf, row->last_ms);
        pack_int(packer->buf, row->touched_ms);
        pack_u8(packer->buf, row->step_count);
        for (uint8_t i = 0; i < row->step_count; i++)
            pack_uint(packer->buf, packer->ranks[row->steps[i]]);
        pack_u8(packer->buf, (uint8_t)row->count);
        for (uint32_t i = 0; i < row->count; i++) {
            pack_uint(packer->buf, packer->ranks[row->items[i].slot]);
            pack_int(packer->buf, row->items[i].time_ms);
        }
    }
}

void learn_pack(const struct learn *learn, struct buf *buf)
{
    const struct items *items = &learn->items;
    struct packer packer = {learn, buf, items_sorted(items),
                            must_alloc_zero(items->count, sizeof(uint32_t))};
    for (uint32_t rank = 0; rank < items->live; rank++)
        packer.ranks[packer.sorted[rank]] = rank;
    pack_u8(buf, LEARN_PACK_VERSION);
    pack_uint(buf, learn->observation_count);
    pack_int(buf, learn->latest_ms);
    pack_int(buf, learn->counted_ms);
    pack_int(buf, learn->swept_ms);
    pack_int(buf, learn->trend_decay.origin_ms);
    pack_int(buf, learn->sold_decay.origin_ms);
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        pack_int(buf, learn->relation_decay[i].origin_ms);
    pack_uint(buf, items->live);
    for (uint32_t rank = 0; rank < items->live; rank++)
        pack_text(buf, item_id(items, packer.sorted[rank]));
    for (uint32_t rank = 0; rank < items->live; rank++)
        pack_item(&packer, &items->slots[packer.sorted[rank]]);
    pack_recents(&packer, &learn->sessions);
    pack_recents(&packer, &learn->baskets);
    visits_pack(learn->visits, buf);
    free(packer.sorted);
    free(packer.ranks);
}

/* --- and back: slot = rank -------------------------------------------------------------------- */

static uint32_t unpack_slot(struct unpack *in, const struct learn *learn)
{
    uint64_t rank = unpack_uint(in);
    if (rank >= learn->items.live) {
        in->failed = true;
        return 0;
    }
    return (uint32_t)rank;
}

static void unpack_list(struct unpack *in, const struct learn *learn, struct pair_list *list)
{
    list->popularity = unpack_double(in);
    list->floor = unpack_float(in);
    list->support = (uint32_t)unpack_uint(in);
    size_t count = unpack_count(in, LEARN_PAIRS_MAX);
    if (count == 0)
        return;
    pair_list_reserve(list, (uint32_t)count);
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct pair *pair = &list->pairs[i];
        list->others[i] = unpack_slot(in, learn);
        pair->support = (uint32_t)unpack_uint(in);
        pair->weight = unpack_float(in);
        pair->error = unpack_float(in);
        list->count++;
    }
}

static void unpack_item(struct unpack *in, struct learn *learn, uint32_t slot)
{
    struct learn_item *item = &learn->items.slots[slot];
    item->trend = unpack_double(in);
    item->sold = unpack_double(in);
    item->sold_anonymous = unpack_double(in);
    item->trend_support = (uint32_t)unpack_uint(in);
    item->sold_support = (uint32_t)unpack_uint(in);
    item->anonymous_support = (uint32_t)unpack_uint(in);
    item->anonymous_shown = unpack_u8(in) != 0;
    uint8_t people = unpack_u8(in);
    if (people >= ANONYMOUS_PEOPLE_MIN)
        in->failed = true;
    for (uint8_t i = 0; i < people && !in->failed; i++)
        item_add_person(item, unpack_u64(in));
    for (int i = 0; i < LEARN_RELATION_COUNT; i++) {
        unpack_list(in, learn, &item->lists[i]);
        if (item->lists[i].count > 0)
            learn_queue(learn, slot, (enum learn_relation)i);
    }
}

static void unpack_recents(struct unpack *in, const struct learn *learn, struct recents *recents)
{
    size_t people = unpack_count(in, RECENTS_PEOPLE_MAX);
    for (size_t i = 0; i < people && !in->failed; i++) {
        struct uuid person = unpack_uuid(in);
        int64_t last_ms = unpack_int(in);
        struct recents_person *row = recents_touch(recents, person, unpack_int(in));
        row->last_ms = last_ms;
        uint8_t steps = unpack_u8(in);
        for (uint8_t j = 0; j < steps && steps <= RECENT_STEPS_MAX; j++)
            recent_step(row, unpack_slot(in, learn));
        uint8_t count = unpack_u8(in);
        if (steps > RECENT_STEPS_MAX)
            in->failed = true;
        if (count > GRAPH_SESSION_ITEMS_MAX) {
            in->failed = true;
            return;
        }
        row->count = count;
        for (uint8_t j = 0; j < count; j++) {
            row->items[j].slot = unpack_slot(in, learn);
            row->items[j].time_ms = unpack_int(in);
        }
    }
    if (recents->live != people)
        in->failed = true; /* one person twice */
}

static void unpack_state(struct unpack *in, struct learn *learn)
{
    learn->observation_count = unpack_uint(in);
    learn->latest_ms = unpack_int(in);
    learn->counted_ms = unpack_int(in);
    learn->swept_ms = unpack_int(in);
    learn->trend_decay.origin_ms = unpack_int(in);
    learn->sold_decay.origin_ms = unpack_int(in);
    for (int i = 0; i < LEARN_RELATION_COUNT; i++)
        learn->relation_decay[i].origin_ms = unpack_int(in);
    size_t count = unpack_count(in, LEARN_ITEMS_MAX);
    for (size_t i = 0; i < count && !in->failed; i++)
        (void)items_intern(&learn->items, unpack_text(in));
    if (learn->items.live != count)
        in->failed = true;
    for (uint32_t slot = 0; slot < count && !in->failed; slot++)
        unpack_item(in, learn, slot);
    unpack_recents(in, learn, &learn->sessions);
    unpack_recents(in, learn, &learn->baskets);
    if (!in->failed)
        visits_unpack(in, learn->visits);
    learn->visits_changed = true;
    learn->tops_changed = true;
}

enum status learn_unpack(struct slice bytes, struct learn **out_learn)
{
    struct unpack in = unpack_of(bytes);
    if (unpack_u8(&in) != LEARN_PACK_VERSION)
        return STATUS_CORRUPT;
    struct learn *learn = learn_new();
    unpack_state(&in, learn);
    if (!unpack_finished(&in)) {
        learn_free(learn);
        return STATUS_CORRUPT;
    }
    *out_learn = learn;
    return STATUS_OK;
}
