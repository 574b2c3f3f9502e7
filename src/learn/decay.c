#include "learn/decay.h"

#include <assert.h>
#include <math.h>

/* 2^(2^-k), k = 1 … 32, each rounded to the nearest double. */
static const double roots[32] = {
    0x1.6a09e667f3bcdp+0, 0x1.306fe0a31b715p+0, 0x1.172b83c7d517bp+0, 0x1.0b5586cf9890fp+0,
    0x1.059b0d3158574p+0, 0x1.02c9a3e778061p+0, 0x1.0163da9fb3335p+0, 0x1.00b1afa5abcbfp+0,
    0x1.0058c86da1c0ap+0, 0x1.002c605e2e8cfp+0, 0x1.00162f3904052p+0, 0x1.000b175effdc7p+0,
    0x1.00058ba01fba0p+0, 0x1.0002c5cc37da9p+0, 0x1.000162e525ee0p+0, 0x1.0000b17255776p+0,
    0x1.000058b91b5bdp+0, 0x1.00002c5c89d5fp+0, 0x1.0000162e43f50p+0, 0x1.00000b1721bd0p+0,
    0x1.0000058b90cf2p+0, 0x1.000002c5c863bp+0, 0x1.00000162e430ep+0, 0x1.000000b172183p+0,
    0x1.00000058b90c1p+0, 0x1.0000002c5c860p+0, 0x1.000000162e430p+0, 0x1.0000000b17218p+0,
    0x1.000000058b90cp+0, 0x1.00000002c5c86p+0, 0x1.0000000162e43p+0, 0x1.00000000b1721p+0,
};

/* Whole half-lives and the rest, 0 ≤ rest < half-life. */
static int64_t whole_half_lives(int64_t elapsed_ms, int64_t half_life_ms, int64_t *out_rest_ms)
{
    int64_t whole = elapsed_ms / half_life_ms, rest = elapsed_ms % half_life_ms;
    if (rest < 0) {
        rest += half_life_ms;
        whole--;
    }
    *out_rest_ms = rest;
    return whole;
}

/* The first 32 binary places of rest / half-life. */
static uint32_t places_of(int64_t rest_ms, int64_t half_life_ms)
{
    uint64_t half_life = (uint64_t)half_life_ms, rest = (uint64_t)rest_ms;
    for (; half_life >> 47 != 0; half_life /= 2) /* over 4,000 years: the last places are rough */
        rest /= 2;
    uint64_t high = rest << 16, low = high % half_life << 16; /* half of the places at a time */
    return (uint32_t)(high / half_life << 16 | low / half_life);
}

double decay_power(int64_t elapsed_ms, int64_t half_life_ms)
{
    assert(half_life_ms > 0);
    int64_t rest;
    int64_t whole = whole_half_lives(elapsed_ms, half_life_ms, &rest);
    double power = 1;
    for (uint32_t places = places_of(rest, half_life_ms); places != 0;) {
        int place = __builtin_clz(places);
        power *= roots[place];
        places &= ~(UINT32_C(1) << (31 - place));
    }
    if (whole > 1000)
        whole = 1000;
    return whole < -1070 ? 0 : ldexp(power, (int)whole);
}

double decay_weight(const struct decay *decay, int64_t time_ms)
{
    int64_t elapsed = time_ms - decay->origin_ms;
    if (elapsed / decay->half_life_ms < DECAY_NOTHING)
        return 0;
    return decay_power(elapsed, decay->half_life_ms);
}

double decay_scale(const struct decay *decay, int64_t time_ms)
{
    if (decay->origin_ms == INT64_MIN)
        return 0;
    return decay_power(decay->origin_ms - time_ms, decay->half_life_ms);
}

unsigned decay_advance(struct decay *decay, int64_t time_ms)
{
    if (decay->origin_ms == INT64_MIN) {
        decay->origin_ms = time_ms;
        return 0;
    }
    int64_t whole = (time_ms - decay->origin_ms) / decay->half_life_ms;
    if (whole <= DECAY_HALVINGS_MAX)
        return 0;
    decay->origin_ms += whole * decay->half_life_ms;
    return whole > 1000 ? 1000 : (unsigned)whole;
}
