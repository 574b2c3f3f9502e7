/* A token bucket a caller: how many requests a second it may make, with a burst of as many. Any
 * thread. */
#ifndef VISAVIS_API_LIMITER_H
#define VISAVIS_API_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

struct limiter;

/* policy: its name in answers; kept. */
struct limiter *limiter_new(const char *policy, uint32_t rate_per_second);
void limiter_free(struct limiter *limiter);

struct limiter_state {
    const char *policy;
    uint32_t limit; /* requests a window of one second */
    uint32_t remaining;
    uint32_t reset_s; /* until a request may be made again */
};
/* Takes one token of the bucket named by id. False when there is none. A rate of 0 always
 * allows. */
bool limiter_take(struct limiter *limiter, uint64_t id, uint64_t now_us,
                  struct limiter_state *out_state);
/* The same without taking. */
void limiter_peek(struct limiter *limiter, uint64_t id, uint64_t now_us,
                  struct limiter_state *out_state);

#endif
