#include "learn/arrivals.h"

#include "base/arena.h"
#include "learn/decay.h"

#include <assert.h>
#include <stdlib.h>

#define DAY_MS 86400000LL

void arrivals_init(struct arrivals *arrivals)
{
    arrivals->list = must_alloc(ARRIVALS_MAX * sizeof *arrivals->list);
    arrivals->count = 0;
}

void arrivals_done(struct arrivals *arrivals)
{
    free(arrivals->list);
}

/* Newer first, ties by id. */
static int compare_arrivals(const void *left, const void *right)
{
    const struct arrival *a = left, *b = right;
    if (a->added_ms != b->added_ms)
        return a->added_ms > b->added_ms ? -1 : 1;
    return slice_compare(a->item, b->item);
}

static bool is_before(const struct arrival *a, const struct arrival *b)
{
    return compare_arrivals(a, b) < 0;
}

/* The parent comes after its children: the one to leave is at the root. */
static void sift_down(struct arrivals *arrivals, struct arrival fresh)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= arrivals->count)
            break;
        if (child + 1 < arrivals->count &&
            is_before(&arrivals->list[child], &arrivals->list[child + 1]))
            child++;
        if (!is_before(&fresh, &arrivals->list[child]))
            break;
        arrivals->list[at] = arrivals->list[child];
        at = child;
    }
    arrivals->list[at] = fresh;
}

static void sift_up(struct arrivals *arrivals, struct arrival fresh)
{
    size_t at = arrivals->count++;
    while (at > 0 && is_before(&arrivals->list[(at - 1) / 2], &fresh)) {
        arrivals->list[at] = arrivals->list[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    arrivals->list[at] = fresh;
}

void arrivals_offer(struct arrivals *arrivals, const struct arrival *arrival)
{
    if (arrivals->count < ARRIVALS_MAX)
        sift_up(arrivals, *arrival);
    else if (is_before(arrival, &arrivals->list[0]))
        sift_down(arrivals, *arrival);
}

void arrivals_sort(struct arrivals *arrivals)
{
    if (arrivals->count > 1)
        qsort(arrivals->list, arrivals->count, sizeof *arrivals->list, compare_arrivals);
}

size_t arrivals_bytes(const struct arrivals *arrivals)
{
    return sizeof *arrivals + ARRIVALS_MAX * sizeof *arrivals->list;
}

struct arrivals_tuning arrivals_tuning_default(void)
{
    return (struct arrivals_tuning){.half_life_ms = 14 * DAY_MS, .age_max_ms = 90 * DAY_MS};
}

double arrival_score(const struct arrivals_tuning *tuning, int64_t added_ms, int64_t now_ms)
{
    int64_t age_ms = now_ms > added_ms ? now_ms - added_ms : 0;
    return age_ms > tuning->age_max_ms ? 0 : decay_power(-age_ms, tuning->half_life_ms);
}

float arrival_answer(const struct arrivals_tuning *tuning, int64_t added_ms, int64_t now_ms,
                     size_t place)
{
    assert(place < ARRIVALS_MAX);
    return (float)(arrival_score(tuning, added_ms, now_ms) * (1 - (double)place / (1 << 23)));
}
