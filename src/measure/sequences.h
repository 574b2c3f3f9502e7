/* Other tests that stay valid at every look, and the classic way to plan a few looks.
 *
 * Normal mixture and beta-binomial boundaries: Howard, Ramdas, McAuliffe, Sekhon (2021), as in
 * their library confseq, whose numbers the tests hold. mSPRT: Johari et al. (2017). Pure plain
 * values, any thread. */
#ifndef VISAVIS_MEASURE_SEQUENCES_H
#define VISAVIS_MEASURE_SEQUENCES_H

#include <stdbool.h>

/* The rho that makes a boundary tightest at the intrinsic time v_opt. */
double mixture_rho(double v_opt, double alpha);
double mixture_rho_one_sided(double v_opt, double alpha);

/* ln of the normal mixture supermartingale at sum s and intrinsic time v; and the s at which it
 * crosses 1/alpha. */
double normal_mixture_log(double s, double v, double rho);
double normal_mixture_bound(double v, double rho, double alpha);
double normal_mixture_log_one_sided(double s, double v, double rho);
double normal_mixture_bound_one_sided(double v, double rho, double alpha);

/* Sums whose steps lie between −g and h times a unit: rho is mixture_rho of the v_opt wanted. */
struct beta_binomial {
    double g, h, rho;
};
double beta_binomial_log(const struct beta_binomial *mixture, double s, double v);
double beta_binomial_bound(const struct beta_binomial *mixture, double v, double alpha);

/* The share of successes, always valid and exact however few there are. t_opt: trials at which the
 * interval is tightest, above 8 (there is no such mixture below). */
struct share_interval {
    double low, high;
};
struct share_interval share_always_valid(double successes, double trials, double alpha,
                                         double t_opt);

/* p of a mixture sequential probability ratio test: theta the difference seen, variance of theta,
 * tau² of the mixing normal. min over looks is the caller's. */
double msprt_p(double theta, double variance, double tau_squared);

/* Alpha that may be spent by the information share t within (0, 1]: O'Brien and Fleming's
 * boundary in Lan and DeMets' form, 2 − 2 Φ(z / √t). */
double obrien_fleming_spent(double alpha, double t);

#endif
