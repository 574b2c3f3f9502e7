/* The share of successes with an interval that stays valid at every look.
 *
 * A beta-binomial mixture boundary: Howard, Ramdas, McAuliffe, Sekhon (2021), as in their library
 * confseq, whose numbers the tests hold. Pure plain values, any thread. */
#ifndef VISAVIS_MEASURE_SEQUENCES_H
#define VISAVIS_MEASURE_SEQUENCES_H

/* The rho that makes a boundary tightest at the intrinsic time v_opt. */
double mixture_rho(double v_opt, double alpha);

/* ln of the mixture supermartingale at sum s and intrinsic time v, of sums whose steps lie between
 * −g and h times a unit: rho is mixture_rho of the v_opt wanted. */
struct beta_binomial {
    double g, h, rho;
};
double beta_binomial_log(const struct beta_binomial *mixture, double s, double v);

/* The share of successes, always valid and exact however few there are. t_opt: trials at which the
 * interval is tightest, above 8 (there is no such mixture below). */
struct share_interval {
    double low, high;
};
struct share_interval share_always_valid(double successes, double trials, double alpha,
                                         double t_opt);

#endif
