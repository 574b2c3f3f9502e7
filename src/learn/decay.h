/* Exponential decay with a common reference time, the same bits on every machine.
 *
 * What happened at time t weighs 2^((t - origin) / half-life): older things weigh less for ever,
 * so counters of different ages are compared and added as they are, and no counter is touched as
 * time goes by. When the numbers grow large the origin moves by whole half-lives and every
 * counter is halved as often, which is exact. No libm transcendental: a table of square roots of
 * two, products and ldexp. Pure. */
#ifndef VISAVIS_LEARN_DECAY_H
#define VISAVIS_LEARN_DECAY_H

#include <stdint.h>

enum {
    DECAY_HALVINGS_MAX = 40, /* the origin moves before a weight passes 2^40 */
    DECAY_NOTHING = -60      /* below 2^-60 of the origin's weight a thing counts nothing */
};

struct decay {
    int64_t half_life_ms, origin_ms; /* origin INT64_MIN: nothing seen yet */
};

/* 2^(elapsed / half-life); elapsed may be negative. */
double decay_power(int64_t elapsed_ms, int64_t half_life_ms);
/* Weight of one thing that happened then; 0 when it counts nothing. */
double decay_weight(const struct decay *decay, int64_t time_ms);
/* What turns a counter into its value at that time. */
double decay_scale(const struct decay *decay, int64_t time_ms);
/* Must be called before a weight at time_ms is taken: answers how often every counter must be
 * halved. */
unsigned decay_advance(struct decay *decay, int64_t time_ms);

#endif
