#include "measure/sequences.h"

#include "measure/distributions.h"

#include <assert.h>
#include <math.h>

enum { BISECTIONS = 200 };

double mixture_rho(double v_opt, double alpha)
{
    double twice = 2 * log(1 / alpha);
    return v_opt / (twice + log1p(twice));
}

double mixture_rho_one_sided(double v_opt, double alpha)
{
    return mixture_rho(v_opt, 2 * alpha);
}

double normal_mixture_log(double s, double v, double rho)
{
    return 0.5 * log(rho / (v + rho)) + s * s / (2 * (v + rho));
}

double normal_mixture_bound(double v, double rho, double alpha)
{
    return sqrt((v + rho) * log((v + rho) / (rho * alpha * alpha)));
}

double normal_mixture_log_one_sided(double s, double v, double rho)
{
    return 0.5 * log(4 * rho / (v + rho)) + s * s / (2 * (v + rho)) +
           log(normal_cdf(s / sqrt(v + rho)));
}

/* The s > 0 at which a growing function reaches ln(1/alpha). */
struct crossing {
    double (*log_mixture)(const void *context, double s, double v);
    const void *context;
    double s_max; /* INFINITY: none */
};

static double cross(const struct crossing *crossing, double v, double alpha)
{
    double threshold = log(1 / alpha), low = 0, high = fmin(1, crossing->s_max);
    while (crossing->log_mixture(crossing->context, high, v) < threshold &&
           high < crossing->s_max && high < 1e15)
        high = fmin(2 * high, crossing->s_max);
    for (int i = 0; i < BISECTIONS && high - low > 1e-14 * high; i++) {
        double middle = (low + high) / 2;
        if (crossing->log_mixture(crossing->context, middle, v) < threshold)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static double one_sided_of(const void *context, double s, double v)
{
    return normal_mixture_log_one_sided(s, v, *(const double *)context);
}

double normal_mixture_bound_one_sided(double v, double rho, double alpha)
{
    struct crossing crossing = {one_sided_of, &rho, INFINITY};
    return cross(&crossing, v, alpha);
}

double beta_binomial_log(const struct beta_binomial *mixture, double s, double v)
{
    double g = mixture->g, h = mixture->h, r = mixture->rho - g * h;
    assert(r > 0);
    return v / (g * h) * log(g + h) - (v + h * s) / (h * (g + h)) * log(g) -
           (v - g * s) / (g * (g + h)) * log(h) +
           log_beta((r + v - g * s) / (g * (g + h)), (r + v + h * s) / (h * (g + h))) -
           log_beta(r / (g * (g + h)), r / (h * (g + h)));
}

static double beta_binomial_of(const void *context, double s, double v)
{
    return beta_binomial_log(context, s, v);
}

double beta_binomial_bound(const struct beta_binomial *mixture, double v, double alpha)
{
    struct crossing crossing = {beta_binomial_of, mixture, v / mixture->g};
    return cross(&crossing, v, alpha);
}

/* ln of the evidence against a share. */
struct trials {
    double successes, count, t_opt, alpha;
};

static bool refutes(const struct trials *trials, double share)
{
    double spread = share * (1 - share);
    struct beta_binomial mixture = {share, 1 - share,
                                    mixture_rho(trials->t_opt * spread, trials->alpha)};
    double s = trials->successes - trials->count * share;
    return beta_binomial_log(&mixture, s, trials->count * spread) > log(1 / trials->alpha);
}

/* Between a share that is refuted (or 0, or 1) and the one seen, which is not. */
static double edge(const struct trials *trials, double outside, double inside)
{
    for (int i = 0; i < BISECTIONS && fabs(outside - inside) > 1e-14; i++) {
        double middle = (outside + inside) / 2;
        if (refutes(trials, middle))
            outside = middle;
        else
            inside = middle;
    }
    return (outside + inside) / 2;
}

struct share_interval share_always_valid(double successes, double trials, double alpha,
                                         double t_opt)
{
    if (!(trials > 0))
        return (struct share_interval){0, 1};
    struct trials seen = {successes, trials, t_opt, alpha};
    double share = successes / trials;
    return (struct share_interval){share > 0 ? edge(&seen, 0, share) : 0,
                                   share < 1 ? edge(&seen, 1, share) : 1};
}

double msprt_p(double theta, double variance, double tau_squared)
{
    double both = variance + tau_squared;
    double log_ratio =
        0.5 * log(variance / both) + theta * theta * tau_squared / (2 * variance * both);
    return fmin(1, exp(-log_ratio));
}

double obrien_fleming_spent(double alpha, double t)
{
    if (!(t > 0))
        return 0;
    return 2 * normal_cdf(normal_quantile(alpha / 2) / sqrt(fmin(t, 1)));
}
