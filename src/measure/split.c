#include "measure/split.h"

#include "measure/distributions.h"

#include <math.h>

static double total(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

struct split split_check(const double *counts, const double *shares, size_t arms)
{
    struct split split = {.p = 1};
    double people = total(counts, arms), all = total(shares, arms);
    if (arms < 2 || !(people > 0))
        return split;
    for (size_t i = 0; i < arms; i++) {
        double wanted = people * shares[i] / all, off = counts[i] - wanted;
        split.chi_square += off * off / wanted;
    }
    split.df = (double)(arms - 1);
    split.p = chi_square_tail(split.chi_square, split.df);
    return split;
}

double split_always_valid_p(const double *counts, const double *shares, size_t arms)
{
    double people = total(counts, arms), all = total(shares, arms);
    if (arms < 2 || !(people > 0))
        return 1;
    double log_factor = log_gamma(SPLIT_CONCENTRATION) - log_gamma(SPLIT_CONCENTRATION + people);
    for (size_t i = 0; i < arms; i++) {
        double share = shares[i] / all, prior = SPLIT_CONCENTRATION * share;
        log_factor += log_gamma(prior + counts[i]) - log_gamma(prior) - counts[i] * log(share);
    }
    return fmin(1, exp(-log_factor));
}
