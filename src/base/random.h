/* The two doors to randomness: secrets from the system, and seeded streams for decisions and
 * tests.
 *
 * random_bytes is cryptographic (libsodium) and any thread may call it. struct random_stream is
 * xoshiro256**, seeded by splitmix64 (Blackman & Vigna 2018): same seed, same stream, on every
 * machine. */
#ifndef VISAVIS_BASE_RANDOM_H
#define VISAVIS_BASE_RANDOM_H

#include "base/slice.h"

void random_bytes(void *out_bytes, size_t size);
uint64_t random_seed(void);

struct random_stream {
    uint64_t state[4];
};

struct random_stream random_stream(uint64_t seed);
uint64_t random_next(struct random_stream *stream);
/* Uniform in [0, bound), bound > 0, without modulo bias. */
uint64_t random_below(struct random_stream *stream, uint64_t bound);
/* Uniform in [0, 1), 53 bits. */
double random_unit(struct random_stream *stream);

#endif
