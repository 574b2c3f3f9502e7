#include "measure/offline.h"

#include <math.h>

struct offline_gain offline_gain(const bool *hits, size_t shown, size_t taken, unsigned k)
{
    struct offline_gain gain = {{0}};
    double found = 0, discounted = 0, best = 0;
    for (size_t i = 0; i < shown && i < k; i++) {
        if (!hits[i])
            continue;
        if (found++ == 0)
            gain.of[OFFLINE_RANK] = 1 / ((double)i + 1);
        discounted += 1 / log2((double)i + 2);
    }
    for (size_t i = 0; i < taken && i < k; i++)
        best += 1 / log2((double)i + 2);
    gain.of[OFFLINE_RECALL] = found / (double)taken;
    gain.of[OFFLINE_NDCG] = discounted / best;
    gain.of[OFFLINE_HIT] = found > 0;
    return gain;
}

void offline_add(struct offline_gain *sum, const struct offline_gain *gain)
{
    for (size_t i = 0; i < OFFLINE_COUNT; i++)
        sum->of[i] += gain->of[i];
}

struct effect offline_figure(const struct offline_sums *sums, enum offline_figure figure)
{
    struct paired_summary gains = {0};
    for (size_t i = 0; i < sums->people; i++) {
        if (sums->questions[i] <= 0)
            continue;
        double gain = sums->sums[i * sums->stride].of[figure];
        if (sums->base)
            gain -= sums->base[i * sums->stride].of[figure];
        paired_add(&gains, gain, sums->questions[i]);
    }
    struct estimate mean = estimate_of_ratio(&gains);
    return effect_fixed_mean(&mean, OFFLINE_ALPHA);
}
