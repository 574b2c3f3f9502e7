/* The terms that "for you" adds to what the strategies say: price fit, freshness, popularity.
 *
 * Each is a pure function into [0, 1], where 0 says nothing for the item (or nothing is known)
 * and 1 says all it can; so one weight bounds what a term can ever do. A blend is log-linear:
 * the score is the sum of weight × value, each product is a named contribution, and the order of
 * candidates is that of the product of e^contribution. Same bits on every machine
 * (logarithm.h). */
#ifndef VISAVIS_LEARN_BLEND_TERMS_H
#define VISAVIS_LEARN_BLEND_TERMS_H

#include <stddef.h>
#include <stdint.h>

/* --- what a person pays in one category ------------------------------------------------------- */

struct price_seen {
    int64_t price_minor; /* > 0, else it says nothing */
    double weight;       /* > 0: how much it says, a purchase more than a view */
};

/* Their prices in octaves: the weighted mean of log2(price) and a spread shrunk towards one
 * octave, as if PRICE_PRIOR_WEIGHT of evidence had that spread: nobody is pinned down by one
 * purchase. */
#define PRICE_PRIOR_WEIGHT 2.0
struct price_taste {
    double centre, spread; /* log2 of minor units */
    double weight;         /* evidence; 0: nothing is known */
};
struct price_taste price_taste_of(const struct price_seen *seen, size_t count);

/* 1 / (1 + z²), z = (log2(price) - centre) / spread (algorithms.md 6.3): 1 at the centre, a half
 * one spread away, the same for dearer and cheaper. 0 when price or taste is unknown. */
double blend_price_fit(const struct price_taste *taste, int64_t price_minor);

/* --- the others ------------------------------------------------------------------------------- */

/* 2^(-age / half-life); 1 for what arrives only now, 0 when the arrival is unknown (< 0). */
double blend_freshness(int64_t added_ms, int64_t now_ms, int64_t half_life_ms);
/* log(1 + weight) / log(1 + the heaviest item's weight). */
double blend_popularity(double weight, double heaviest);

#endif
