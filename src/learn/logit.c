#include "learn/logit.h"

#include "base/arena.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEWTON_STEPS_MAX = 30, HALVINGS_MAX = 30 };
static const double ridge = 5; /* as much as a few examples: holds where there are hardly any */

/* --- examples --------------------------------------------------------------------------------- */

void logit_examples_init(struct logit_examples *examples, size_t features)
{
    assert(features <= LOGIT_FEATURES_MAX);
    *examples = (struct logit_examples){.features = features};
}

void logit_examples_done(struct logit_examples *examples)
{
    free(examples->rows);
    free(examples->all);
    logit_examples_init(examples, examples->features);
}

void logit_push_row(struct logit_examples *examples, const double *features)
{
    size_t width = examples->features;
    if (examples->row_count == examples->row_room) {
        examples->row_room = examples->row_room ? 2 * examples->row_room : 1024;
        examples->rows =
            must_realloc(examples->rows, examples->row_room * width * sizeof *examples->rows);
    }
    float *row = examples->rows + examples->row_count++ * width;
    for (size_t i = 0; i < width; i++)
        row[i] = (float)features[i];
}

void logit_end_example(struct logit_examples *examples, size_t row_count, size_t chosen)
{
    size_t first = examples->row_count - row_count;
    if (examples->count == examples->room) {
        examples->room = examples->room ? 2 * examples->room : 256;
        examples->all = must_realloc(examples->all, examples->room * sizeof *examples->all);
    }
    examples->all[examples->count++] =
        (struct logit_example){.first = first, .count = row_count, .chosen = first + chosen};
}

void logit_drop_rows(struct logit_examples *examples, size_t row_count)
{
    examples->row_count -= row_count;
}

void logit_drop_oldest(struct logit_examples *examples, size_t count)
{
    if (count == 0)
        return;
    assert(count <= examples->count);
    const struct logit_example *last = &examples->all[count - 1];
    size_t rows = last->first + last->count, width = examples->features;
    examples->row_count -= rows;
    examples->count -= count;
    memmove(examples->rows, examples->rows + rows * width,
            examples->row_count * width * sizeof *examples->rows);
    memmove(examples->all, examples->all + count, examples->count * sizeof *examples->all);
    for (size_t i = 0; i < examples->count; i++) {
        examples->all[i].first -= rows;
        examples->all[i].chosen -= rows;
    }
}

/* --- the fit ---------------------------------------------------------------------------------- */

struct fit {
    const struct logit_examples *examples;
    size_t width;
    double start[LOGIT_FEATURES_MAX];
    bool fixed[LOGIT_FEATURES_MAX]; /* at zero */
    double gradient[LOGIT_FEATURES_MAX];
    double curvature[LOGIT_FEATURES_MAX][LOGIT_FEATURES_MAX]; /* minus the Hessian */
};

static const float *row_at(const struct fit *fit, size_t row)
{
    return fit->examples->rows + row * fit->width;
}

static double row_score(const struct fit *fit, const double *w, size_t row)
{
    const float *x = row_at(fit, row);
    double sum = 0;
    for (size_t i = 0; i < fit->width; i++)
        sum += w[i] * (double)x[i];
    return sum;
}

static double highest(const struct fit *fit, const struct logit_example *example, const double *w)
{
    double high = -INFINITY;
    for (size_t r = 0; r < example->count; r++)
        high = fmax(high, row_score(fit, w, example->first + r));
    return high;
}

static double objective(const struct fit *fit, const double *w)
{
    double value = 0;
    for (size_t e = 0; e < fit->examples->count; e++) {
        const struct logit_example *example = &fit->examples->all[e];
        double high = highest(fit, example, w), mass = 0;
        for (size_t r = 0; r < example->count; r++)
            mass += exp(row_score(fit, w, example->first + r) - high);
        value += row_score(fit, w, example->chosen) - high - log(mass);
    }
    for (size_t i = 0; i < fit->width; i++)
        value -= ridge / 2 * (w[i] - fit->start[i]) * (w[i] - fit->start[i]);
    return value;
}

static void add_example(struct fit *fit, const struct logit_example *example, const double *w)
{
    double high = highest(fit, example, w), mass = 0;
    double mean[LOGIT_FEATURES_MAX] = {0};
    double square[LOGIT_FEATURES_MAX][LOGIT_FEATURES_MAX] = {{0}};
    for (size_t r = 0; r < example->count; r++) {
        const float *x = row_at(fit, example->first + r);
        double p = exp(row_score(fit, w, example->first + r) - high);
        mass += p;
        for (size_t i = 0; i < fit->width; i++) {
            double part = p * (double)x[i];
            mean[i] += part;
            for (size_t k = 0; k <= i && part != 0; k++)
                square[i][k] += part * (double)x[k];
        }
    }
    const float *chosen = row_at(fit, example->chosen);
    for (size_t i = 0; i < fit->width; i++) {
        fit->gradient[i] += (double)chosen[i] - mean[i] / mass;
        for (size_t k = 0; k <= i; k++)
            fit->curvature[i][k] += square[i][k] / mass - mean[i] / mass * (mean[k] / mass);
    }
}

static void differentiate(struct fit *fit, const double *w)
{
    memset(fit->gradient, 0, sizeof fit->gradient);
    memset(fit->curvature, 0, sizeof fit->curvature);
    for (size_t e = 0; e < fit->examples->count; e++)
        add_example(fit, &fit->examples->all[e], w);
    for (size_t i = 0; i < fit->width; i++) {
        fit->gradient[i] -= ridge * (w[i] - fit->start[i]);
        fit->curvature[i][i] += ridge;
        for (size_t k = 0; k < fit->width; k++)
            if (k != i && (fit->fixed[i] || fit->fixed[k]))
                fit->curvature[i][k] = 0;
        if (fit->fixed[i])
            fit->gradient[i] = 0;
    }
}

/* Solves curvature × step = gradient by Cholesky; the ridge keeps it positive definite. */
static void solve(struct fit *fit, double *step)
{
    double(*a)[LOGIT_FEATURES_MAX] = fit->curvature;
    for (size_t i = 0; i < fit->width; i++) {
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
    for (size_t i = fit->width; i-- > 0;) {
        for (size_t m = i + 1; m < fit->width; m++)
            step[i] -= a[m][i] * step[m];
        step[i] /= a[i][i];
    }
}

static void climb(struct fit *fit, double *w)
{
    double value = objective(fit, w);
    for (int n = 0; n < NEWTON_STEPS_MAX; n++) {
        double step[LOGIT_FEATURES_MAX], next[LOGIT_FEATURES_MAX], gained = 0, scale = 1;
        differentiate(fit, w);
        solve(fit, step);
        for (int h = 0; h < HALVINGS_MAX && gained <= 0; h++, scale /= 2) {
            for (size_t i = 0; i < fit->width; i++)
                next[i] = w[i] + scale * step[i];
            gained = objective(fit, next) - value;
        }
        if (gained <= 0)
            return;
        memcpy(w, next, fit->width * sizeof *w);
        value += gained;
        if (gained < 1e-7 * (1 + fabs(value)))
            return;
    }
}

/* The most negative of the first weights, or as many as they are. */
static size_t most_negative(const double *w, size_t positive)
{
    size_t worst = positive;
    for (size_t i = 0; i < positive; i++)
        if (w[i] < 0 && (worst == positive || w[i] < w[worst]))
            worst = i;
    return worst;
}

void logit_fit(const struct logit_examples *examples, size_t positive, double *inout_weights)
{
    struct fit fit = {.examples = examples, .width = examples->features};
    double w[LOGIT_FEATURES_MAX] = {0};
    assert(positive <= fit.width);
    memcpy(fit.start, inout_weights, fit.width * sizeof *w);
    memcpy(w, inout_weights, fit.width * sizeof *w);
    for (size_t worst = positive; examples->count > 0;) {
        climb(&fit, w);
        if ((worst = most_negative(w, positive)) == positive)
            break;
        fit.fixed[worst] = true;
        fit.start[worst] = w[worst] = 0;
    }
    memcpy(inout_weights, w, fit.width * sizeof *w);
}
