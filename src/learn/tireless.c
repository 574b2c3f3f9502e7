#include "learn/tireless.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>

#define HOUR_MS 3600000LL

struct pace { /* one watched node */
    uint32_t hour;
    uint32_t in_hour, in_all; /* the latter is 0 where the node was forgotten */
    bool marked;
};

enum { HOUR_BITS = 24, IN_HOUR_BITS = 16, IN_ALL_BITS = 20 };
static_assert(PERSON_HOUR_EVENTS_MAX + 1 < 1 << IN_HOUR_BITS, "one more is counted");
static_assert(PERSON_EVENTS_MAX + 1 < 1 << IN_ALL_BITS, "one more is counted");

static uint64_t bits_of(uint64_t value, unsigned shift, unsigned bits)
{
    return value >> shift & ((UINT64_C(1) << bits) - 1);
}

static struct pace pace_of(uint64_t value)
{
    return (struct pace){
        .marked = value & 1,
        .in_all = (uint32_t)bits_of(value, 1, IN_ALL_BITS),
        .in_hour = (uint32_t)bits_of(value, 1 + IN_ALL_BITS, IN_HOUR_BITS),
        .hour = (uint32_t)bits_of(value, 1 + IN_ALL_BITS + IN_HOUR_BITS, HOUR_BITS),
    };
}

static uint64_t value_of(const struct pace *pace)
{
    return (uint64_t)pace->marked | (uint64_t)pace->in_all << 1 |
           (uint64_t)pace->in_hour << (1 + IN_ALL_BITS) |
           (uint64_t)pace->hour << (1 + IN_ALL_BITS + IN_HOUR_BITS);
}

static uint64_t key_of(struct uuid node)
{
    return hash64(slice_make(node.bytes, sizeof node.bytes));
}

void tireless_init(struct tireless *tireless)
{
    *tireless = (struct tireless){0};
    number_table_init(&tireless->watched);
}

void tireless_done(struct tireless *tireless)
{
    number_table_done(&tireless->watched);
}

/* --- making room ------------------------------------------------------------------------------ */

/* The least count in all that at most half of the room is above. */
static uint32_t cut_of(const struct number_table *watched)
{
    uint32_t *nodes = must_alloc_zero(PERSON_EVENTS_MAX + 2, sizeof *nodes);
    for (size_t i = 0; i < watched->room; i++)
        if (watched->slots[i].key != 0)
            nodes[pace_of(watched->slots[i].value).in_all]++;
    uint32_t cut = PERSON_EVENTS_MAX + 1, above = 0;
    while (cut > 0 && above + nodes[cut] <= TIRELESS_NODES_MAX / 2)
        above += nodes[cut--];
    free(nodes);
    return cut;
}

/* Who is marked stays so; were it half of the room, all would begin anew. */
static void make_room(struct tireless *tireless)
{
    struct number_table old = tireless->watched;
    uint32_t cut = cut_of(&old);
    bool anew = tireless->marked_count > TIRELESS_NODES_MAX / 2;
    number_table_init(&tireless->watched);
    for (size_t i = 0; i < old.room && !anew; i++) {
        struct pace pace = pace_of(old.slots[i].value);
        if (old.slots[i].key == 0 || (!pace.marked && pace.in_all <= cut))
            continue;
        pace.in_all -= pace.marked ? 0 : cut;
        (void)number_table_put(&tireless->watched, old.slots[i].key, value_of(&pace));
    }
    tireless->marked_count = anew ? 0 : tireless->marked_count;
    number_table_done(&old);
}

/* --- counting --------------------------------------------------------------------------------- */

enum tireless_answer tireless_take(struct tireless *tireless, struct uuid node, int64_t time_ms)
{
    uint64_t key = key_of(node);
    uint32_t hour = (uint32_t)bits_of((uint64_t)(time_ms / HOUR_MS), 0, HOUR_BITS);
    struct pace pace = pace_of(number_table_get(&tireless->watched, key));
    if (pace.marked)
        return TIRELESS_ALREADY;
    pace.in_hour = pace.hour == hour ? pace.in_hour + 1 : 1;
    pace.hour = hour;
    pace.in_all++;
    pace.marked = pace.in_hour > PERSON_HOUR_EVENTS_MAX || pace.in_all > PERSON_EVENTS_MAX;
    tireless->marked_count += pace.marked;
    (void)number_table_put(&tireless->watched, key, value_of(&pace));
    if (tireless->watched.count == TIRELESS_NODES_MAX)
        make_room(tireless);
    return pace.marked ? TIRELESS_NOW : TIRELESS_NOT;
}

void tireless_forget(struct tireless *tireless, struct uuid node)
{
    uint64_t key = key_of(node), value = number_table_get(&tireless->watched, key);
    if (value == 0)
        return;
    tireless->marked_count -= pace_of(value).marked;
    (void)number_table_put(&tireless->watched, key, 0);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static int compare_keys(const void *left, const void *right)
{
    const struct number_slot *a = left, *b = right;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* Forgotten nodes hold their place, so that the next to make room does so at the same event. */
void tireless_pack(const struct tireless *tireless, struct buf *buf)
{
    const struct number_table *watched = &tireless->watched;
    struct number_slot *sorted = must_alloc((watched->count + 1) * sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < watched->room; i++)
        if (watched->slots[i].key != 0)
            sorted[count++] = watched->slots[i];
    qsort(sorted, count, sizeof *sorted, compare_keys);
    pack_uint(buf, count);
    for (size_t i = 0; i < count; i++) {
        pack_u64(buf, sorted[i].key);
        pack_uint(buf, sorted[i].value);
    }
    free(sorted);
}

static bool can_be(const struct pace *pace)
{
    return pace->in_all <= PERSON_EVENTS_MAX + 1 && pace->in_hour <= PERSON_HOUR_EVENTS_MAX + 1;
}

void tireless_unpack(struct unpack *in, struct tireless *tireless)
{
    size_t count = unpack_count(in, TIRELESS_NODES_MAX);
    uint64_t before = 0;
    for (size_t i = 0; i < count && !in->failed; i++) {
        uint64_t key = unpack_u64(in), value = unpack_uint(in);
        struct pace pace = pace_of(value);
        if (key <= before || value_of(&pace) != value || !can_be(&pace))
            in->failed = true;
        before = key;
        tireless->marked_count += pace.marked;
        (void)number_table_put(&tireless->watched, key, value);
    }
}
