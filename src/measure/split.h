/* Did the arms get the people they should have? If not, nothing below is worth reading.
 *
 * Two tests of the same question. The chi-square is for one look; the alarm is p <
 * SPLIT_ALARM_P. The sequential multinomial test (Lindon & Malek 2020, Dirichlet-multinomial
 * Bayes factor) may be looked at every hour: under a right split it alarms in at most that share
 * of all experiments, ever. Pure plain values, any thread. */
#ifndef VISAVIS_MEASURE_SPLIT_H
#define VISAVIS_MEASURE_SPLIT_H

#include <stddef.h>

#define SPLIT_ALARM_P 0.001
/* How strongly the prior sits on the wanted split: weak enough to see 1000 against 1200. */
#define SPLIT_CONCENTRATION 100.0

struct split {
    double chi_square, df, p;
};
/* shares: wanted, positive, any scale. Nobody yet, or a single arm: p = 1. */
struct split split_check(const double *counts, const double *shares, size_t arms);
double split_always_valid_p(const double *counts, const double *shares, size_t arms);

#endif
