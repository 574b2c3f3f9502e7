/* The weights of a blend: a multinomial logit over held-out steps.
 *
 *     maximise  sum over examples (w·x_chosen - log sum_c exp(w·x_c)) - ridge/2 × |w - w0|²
 *
 * by Newton's steps with halving; weights that may not be negative and would be are set to zero
 * one after the other. Concave, so the maximum is one and the start does not matter. */
#include "learn/blend.h"

#include <math.h>

enum { NEWTON_STEPS_MAX = 30, HALVINGS_MAX = 30 };
static const double ridge = 5; /* as much as a few examples: holds where there are hardly any */

struct fit {
    const struct blend_examples *examples;
    double start[BLEND_FEATURES];
    bool fixed[BLEND_FEATURES]; /* at zero */
    double gradient[BLEND_FEATURES];
    double curvature[BLEND_FEATURES][BLEND_FEATURES]; /* minus the Hessian */
};

static double row_score(const double w[BLEND_FEATURES], const float x[BLEND_FEATURES])
{
    double sum = 0;
    for (size_t i = 0; i < BLEND_FEATURES; i++)
        sum += w[i] * (double)x[i];
    return sum;
}

static double highest(const struct blend_examples *examples, const struct blend_example *example,
                      const double w[BLEND_FEATURES])
{
    double high = -INFINITY;
    for (size_t r = 0; r < example->count; r++)
        high = fmax(high, row_score(w, examples->rows[example->first + r]));
    return high;
}

static double objective(const struct fit *fit, const double w[BLEND_FEATURES])
{
    const struct blend_examples *examples = fit->examples;
    double value = 0;
    for (size_t e = 0; e < examples->count; e++) {
        const struct blend_example *example = &examples->all[e];
        double high = highest(examples, example, w), mass = 0;
        for (size_t r = 0; r < example->count; r++)
            mass += exp(row_score(w, examples->rows[example->first + r]) - high);
        value += row_score(w, examples->rows[example->chosen]) - high - log(mass);
    }
    for (size_t i = 0; i < BLEND_FEATURES; i++)
        value -= ridge / 2 * (w[i] - fit->start[i]) * (w[i] - fit->start[i]);
    return value;
}

static void add_example(struct fit *fit, const struct blend_example *example,
                        const double w[BLEND_FEATURES])
{
    const struct blend_examples *examples = fit->examples;
    double high = highest(examples, example, w), mass = 0;
    double mean[BLEND_FEATURES] = {0}, square[BLEND_FEATURES][BLEND_FEATURES] = {{0}};
    for (size_t r = 0; r < example->count; r++) {
        const float *x = examples->rows[example->first + r];
        double p = exp(row_score(w, x) - high);
        mass += p;
        for (size_t i = 0; i < BLEND_FEATURES; i++) {
            mean[i] += p * (double)x[i];
            for (size_t k = 0; k <= i; k++)
                square[i][k] += p * (double)x[i] * (double)x[k];
        }
    }
    const float *chosen = examples->rows[example->chosen];
    for (size_t i = 0; i < BLEND_FEATURES; i++) {
        fit->gradient[i] += (double)chosen[i] - mean[i] / mass;
        for (size_t k = 0; k <= i; k++)
            fit->curvature[i][k] += square[i][k] / mass - mean[i] / mass * (mean[k] / mass);
    }
}

static void differentiate(struct fit *fit, const double w[BLEND_FEATURES])
{
    memset(fit->gradient, 0, sizeof fit->gradient);
    memset(fit->curvature, 0, sizeof fit->curvature);
    for (size_t e = 0; e < fit->examples->count; e++)
        add_example(fit, &fit->examples->all[e], w);
    for (size_t i = 0; i < BLEND_FEATURES; i++) {
        fit->gradient[i] -= ridge * (w[i] - fit->start[i]);
        fit->curvature[i][i] += ridge;
        for (size_t k = 0; k < BLEND_FEATURES; k++)
            if (k != i && (fit->fixed[i] || fit->fixed[k]))
                fit->curvature[i][k] = 0;
        if (fit->fixed[i])
            fit->gradient[i] = 0;
    }
}

/* Solves curvature × step = gradient by Cholesky; the ridge keeps it positive definite. */
static void solve(struct fit *fit, double step[BLEND_FEATURES])
{
    double(*a)[BLEND_FEATURES] = fit->curvature;
    for (size_t i = 0; i < BLEND_FEATURES; i++) {
        for (size_t k = 0; k <= i; k++) {
            for (size_t m = 0; m < k; m++)
                a[i][k] -= a[i][m] * a[k][m];
            a[i][k] = i == k ? sqrt(a[i][k]) : a[i][k] / a[k][k];
        }
        step[i] = fit->gradient[i];
        for (size_t m = 0; m < i; m++)
            step[i] -= a[i][m] * step[m];
        step[i] /= a[i][i];
    }
    for (size_t i = BLEND_FEATURES; i-- > 0;) {
        for (size_t m = i + 1; m < BLEND_FEATURES; m++)
            step[i] -= a[m][i] * step[m];
        step[i] /= a[i][i];
    }
}

static void climb(struct fit *fit, double w[BLEND_FEATURES])
{
    double value = objective(fit, w);
    for (int n = 0; n < NEWTON_STEPS_MAX; n++) {
        double step[BLEND_FEATURES], next[BLEND_FEATURES], gained = 0, scale = 1;
        differentiate(fit, w);
        solve(fit, step);
        for (int h = 0; h < HALVINGS_MAX && gained <= 0; h++, scale /= 2) {
            for (size_t i = 0; i < BLEND_FEATURES; i++)
                next[i] = w[i] + scale * step[i];
            gained = objective(fit, next) - value;
        }
        if (gained <= 0)
            return;
        memcpy(w, next, sizeof next);
        value += gained;
        if (gained < 1e-7 * (1 + fabs(value)))
            return;
    }
}

/* The most negative weight that may not be so, or BLEND_FEATURES. */
static size_t most_negative(const double w[BLEND_FEATURES])
{
    size_t worst = BLEND_FEATURES;
    for (size_t i = 0; i <= BLEND_POPULAR; i++)
        if (w[i] < 0 && (worst == BLEND_FEATURES || w[i] < w[worst]))
            worst = i;
    return worst;
}

void blend_fit(struct blend *blend, const struct blend_examples *examples)
{
    struct fit fit = {.examples = examples};
    double w[BLEND_FEATURES];
    memcpy(fit.start, blend->weights, sizeof fit.start);
    memcpy(w, blend->weights, sizeof w);
    for (size_t worst = BLEND_FEATURES; examples->count;) {
        climb(&fit, w);
        if ((worst = most_negative(w)) == BLEND_FEATURES)
            break;
        fit.fixed[worst] = true;
        fit.start[worst] = w[worst] = 0;
    }
    memcpy(blend->weights, w, sizeof w);
}
