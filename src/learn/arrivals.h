/* New arrivals: the newest items, weighed by age.
 *
 * arrivals_offer is called with every item of a catalogue snapshot in any order; the ARRIVALS_MAX
 * newest stay (ties by id), so memory is bounded and the order they came in does not matter. One
 * thread fills a struct arrivals; afterwards it is only read and any thread may. Ids are
 * borrowed from whatever the caller pins. The score of an item is 2^(-age / half-life). */
#ifndef VISAVIS_LEARN_ARRIVALS_H
#define VISAVIS_LEARN_ARRIVALS_H

#include "base/slice.h"

enum { ARRIVALS_MAX = 1000 };

struct arrival {
    struct slice item;
    int64_t added_ms;
};

struct arrivals {
    struct arrival *list; /* a heap while it is filled: the oldest first */
    size_t count;
};

void arrivals_init(struct arrivals *arrivals);
void arrivals_done(struct arrivals *arrivals);
void arrivals_offer(struct arrivals *arrivals, const struct arrival *arrival);
/* Newest first, ties by id. Nothing may be offered afterwards. */
void arrivals_sort(struct arrivals *arrivals);
size_t arrivals_bytes(const struct arrivals *arrivals);

/* 2^(-age / half-life), in (0, 1]; 0 beyond `age_max_ms`. */
struct arrivals_tuning {
    int64_t half_life_ms, age_max_ms;
};
struct arrivals_tuning arrivals_tuning_default(void); /* 14 days, 90 days */
double arrival_score(const struct arrivals_tuning *tuning, int64_t added_ms, int64_t now_ms);
/* The same in 32 bits, which cannot tell apart what came within 100 ms: the one in this place of
 * the sorted list, 0 is the first, answers less than the one before, by a 2^-23rd at least. */
float arrival_answer(const struct arrivals_tuning *tuning, int64_t added_ms, int64_t now_ms,
                     size_t place);

#endif
