/* What an arm does more than another, with an interval.
 *
 * Two kinds of interval over the same estimates. Fixed: Welch's t, honest for one look at a number
 * of people set beforehand. Always valid: the asymptotic confidence sequence of Waudby-Smith et al.
 * (arXiv 2103.06476, eq. 9, in GrowthBook's parametrisation), honest at every look at once; it asks
 * for a hundred people an arm before it says anything. Effects are absolute (b − a) or relative
 * (b / a − 1, delta method). Pure plain values, any thread. */
#ifndef VISAVIS_MEASURE_EFFECT_H
#define VISAVIS_MEASURE_EFFECT_H

#include "measure/summary.h"

#include <stdbool.h>

/* Where an always-valid interval is tightest: people of both arms. GrowthBook's default. */
enum { EFFECT_TIGHTEST_DEFAULT = 5000, EFFECT_PEOPLE_MIN = 100 };

enum effect_scale { EFFECT_ABSOLUTE, EFFECT_RELATIVE };

struct effect_question {
    enum effect_scale scale;
    double alpha;    /* chance of a wrong interval, 0.05 as a rule */
    double tightest; /* always valid only; 0 takes EFFECT_TIGHTEST_DEFAULT */
};

struct effect {
    bool known; /* false: fewer than two units an arm, no spread, or relative to nothing */
    double value, standard_error, low, high, p;
};

/* Of b against a. The p-value is against "no effect". */
struct effect effect_fixed(const struct estimate *a, const struct estimate *b,
                           const struct effect_question *question);
/* Of one estimate against nothing: Student's t, for one look. */
struct effect effect_fixed_mean(const struct estimate *estimate, double alpha);
/* The caller waits for EFFECT_PEOPLE_MIN an arm: earlier it is an approximation of nothing. */
struct effect effect_always_valid(const struct estimate *a, const struct estimate *b,
                                  const struct effect_question *question);

/* About how many people of both arms together (in the present proportion, with the present spread)
 * until an effect of this size would be seen in four of five experiments under the always-valid
 * interval. INFINITY when nothing is known of the spread. */
double effect_people_needed(const struct estimate *a, const struct estimate *b,
                            const struct effect_question *question, double size);

/* The sequence itself, for n observations of variance 1. rho² = (−2 ln α + ln(1 − 2 ln α)) / n*. */
double sequence_rho(double alpha, double tightest);
double sequence_half_width(double n, double rho, double alpha);

#endif
