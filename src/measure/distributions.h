/* The distributions that tests and intervals ask: normal, Student's t, chi-square, and the
 * functions beneath them.
 *
 * Pure, double precision, any thread. Tails are computed as tails, so that a p-value of 1e-12 is
 * one. Nothing here stands in a fold: libm's last bit may differ between machines. */
#ifndef VISAVIS_MEASURE_DISTRIBUTIONS_H
#define VISAVIS_MEASURE_DISTRIBUTIONS_H

/* ln Γ(x), x > 0; ln B(a, b). */
double log_gamma(double x);
double log_beta(double a, double b);
/* Regularised incomplete beta I_x(a, b), a, b > 0, 0 ≤ x ≤ 1: continued fraction, Lentz
 * (Numerical Recipes 6.4). */
double beta_share(double a, double b, double x);

double normal_cdf(double z);
/* z of a probability within (0, 1): Wichura's AS 241, then one Newton step. */
double normal_quantile(double probability);
/* P(|T| ≥ |t|), df > 0. */
double student_two_sided(double t, double df);
/* t with P(|T| ≥ t) = alpha, 0 < alpha < 1. */
double student_critical(double alpha, double df);
/* P(X ≥ x) of a chi-square with df degrees of freedom. */
double chi_square_tail(double x, double df);

#endif
