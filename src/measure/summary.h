/* What is kept of an arm: sums, never the values. And what is estimated from them.
 *
 * A summary takes values as they come and can be merged; an estimate (n, mean, variance of one
 * unit's value) is what every test and interval works on, however it was made: of plain values, of
 * a ratio by the delta method, or adjusted by what was known before (CUPED).
 * Pure plain values, any thread. */
#ifndef VISAVIS_MEASURE_SUMMARY_H
#define VISAVIS_MEASURE_SUMMARY_H

#include <stddef.h>

struct summary {
    double n, sum, squares;
};

/* y with a companion x of the same unit: the denominator of a ratio, or y before the experiment. */
struct paired_summary {
    struct summary y, x;
    double products; /* Σ x y */
};

void summary_add(struct summary *summary, double value);
void summary_merge(struct summary *summary, const struct summary *other);
void paired_add(struct paired_summary *paired, double y, double x);
double summary_mean(const struct summary *summary);     /* 0 of nothing */
double summary_variance(const struct summary *summary); /* over n - 1; 0 below two values */

struct estimate {
    double n;
    double mean;
    double variance; /* of one unit: the mean's is variance / n */
    double raw_mean; /* before adjustment: what a relative effect is relative to */
};

struct estimate estimate_of(const struct summary *summary);
/* Σy / Σx, units independent; delta method: (var y − 2 r cov + r² var x) / (mean x)². */
struct estimate estimate_of_ratio(const struct paired_summary *paired);

/* CUPED (Deng et al. 2013): theta = cov(x, y) / var(x) over both arms together, 0 when x never
 * varies; y' = y − theta x. Both arms must be adjusted by the same theta. */
double cuped_theta(const struct paired_summary *a, const struct paired_summary *b);
struct estimate estimate_adjusted(const struct paired_summary *paired, double theta);

/* The value at a percentile (0 < share ≤ 1, nearest rank) of count values, which are put in another
 * order: nothing above it counts as more. INFINITY of nothing. To be fixed before anybody looks. */
double winsor_cap(double *values, size_t count, double share);

#endif
