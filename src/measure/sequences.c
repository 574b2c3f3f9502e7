#include "measure/sequences.h"

#include "measure/distributions.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

enum { BISECTIONS = 200 };

double mixture_rho(double v_opt, double alpha)
{
    double twice = 2 * log(1 / alpha);
    return v_opt / (twice + log1p(twice));
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
