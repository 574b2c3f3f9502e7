#include "learn/blend_terms.h"

#include "learn/decay.h"
#include "learn/logarithm.h"

#include <assert.h>
#include <math.h>

struct price_taste price_taste_of(const struct price_seen *seen, size_t count)
{
    struct price_taste taste = {0};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (seen[i].price_minor <= 0 || !(seen[i].weight > 0))
            continue;
        taste.weight += seen[i].weight;
        sum += seen[i].weight * logarithm2((double)seen[i].price_minor);
    }
    if (!(taste.weight > 0))
        return taste;
    taste.centre = sum / taste.weight;
    for (size_t i = 0; i < count; i++) {
        if (seen[i].price_minor <= 0 || !(seen[i].weight > 0))
            continue;
        double off = logarithm2((double)seen[i].price_minor) - taste.centre;
        squares += seen[i].weight * off * off;
    }
    taste.spread = sqrt((PRICE_PRIOR_WEIGHT + squares) / (PRICE_PRIOR_WEIGHT + taste.weight));
    return taste;
}

double blend_price_fit(const struct price_taste *taste, int64_t price_minor)
{
    if (!(taste->weight > 0) || price_minor <= 0)
        return 0;
    assert(taste->spread > 0);
    double z = (logarithm2((double)price_minor) - taste->centre) / taste->spread;
    return 1 / (1 + z * z);
}

double blend_freshness(int64_t added_ms, int64_t now_ms, int64_t half_life_ms)
{
    assert(half_life_ms > 0);
    if (added_ms < 0)
        return 0;
    return added_ms >= now_ms ? 1 : decay_power(added_ms - now_ms, half_life_ms);
}

double blend_popularity(double weight, double heaviest)
{
    if (!(weight > 0) || !(heaviest > 0))
        return 0;
    return weight >= heaviest ? 1 : logarithm2(1 + weight) / logarithm2(1 + heaviest);
}
