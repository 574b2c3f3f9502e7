#include "measure/effect.h"

#include "measure/distributions.h"

#include <math.h>

/* Value and standard error, the same for both kinds of interval. */
static struct effect point(const struct estimate *a, const struct estimate *b,
                           enum effect_scale scale)
{
    struct effect effect = {.value = b->mean - a->mean, .p = 1};
    double variance = 0;
    bool enough = a->n > 1 && b->n > 1;
    if (scale == EFFECT_ABSOLUTE) {
        if (enough)
            variance = b->variance / b->n + a->variance / a->n;
    } else if (enough && a->raw_mean != 0) {
        double square = a->raw_mean * a->raw_mean;
        effect.value /= a->raw_mean;
        variance = b->variance / (b->n * square) +
                   a->variance * b->raw_mean * b->raw_mean / (a->n * square * square);
    }
    effect.standard_error = sqrt(variance);
    effect.known = variance > 0 && isfinite(variance);
    effect.low = -INFINITY;
    effect.high = INFINITY;
    return effect;
}

/* Welch and Satterthwaite. */
static double degrees(const struct estimate *a, const struct estimate *b)
{
    double of_a = a->variance / a->n, of_b = b->variance / b->n, both = of_a + of_b;
    return both * both / (of_a * of_a / (a->n - 1) + of_b * of_b / (b->n - 1));
}

static void set_interval(struct effect *effect, double half_width)
{
    effect->low = effect->value - half_width;
    effect->high = effect->value + half_width;
}

struct effect effect_fixed(const struct estimate *a, const struct estimate *b,
                           const struct effect_question *question)
{
    struct effect effect = point(a, b, question->scale);
    if (!effect.known)
        return effect;
    double df = degrees(a, b);
    set_interval(&effect, effect.standard_error * student_critical(question->alpha, df));
    effect.p = student_two_sided(effect.value / effect.standard_error, df);
    return effect;
}

struct effect effect_fixed_mean(const struct estimate *estimate, double alpha)
{
    struct effect effect = {.value = estimate->mean, .p = 1, .low = -INFINITY, .high = INFINITY};
    double variance = estimate->n > 1 ? estimate->variance / estimate->n : 0;
    effect.known = variance > 0 && isfinite(variance);
    if (!effect.known)
        return effect;
    double df = estimate->n - 1;
    effect.standard_error = sqrt(variance);
    set_interval(&effect, effect.standard_error * student_critical(alpha, df));
    effect.p = student_two_sided(effect.value / effect.standard_error, df);
    return effect;
}

double sequence_rho(double alpha, double tightest)
{
    double bits = -2 * log(alpha);
    return sqrt((bits + log1p(bits)) / tightest);
}

double sequence_half_width(double n, double rho, double alpha)
{
    double scaled = n * rho * rho;
    return sqrt(2 * (scaled + 1) / (n * scaled) * log(sqrt(scaled + 1) / alpha));
}

static double rho_of(const struct effect_question *question)
{
    double tightest = question->tightest > 0 ? question->tightest : EFFECT_TIGHTEST_DEFAULT;
    return sequence_rho(question->alpha, tightest);
}

struct effect effect_always_valid(const struct estimate *a, const struct estimate *b,
                                  const struct effect_question *question)
{
    struct effect effect = point(a, b, question->scale);
    if (!effect.known)
        return effect;
    double n = a->n + b->n, rho = rho_of(question), scaled = n * rho * rho;
    double z = effect.value / effect.standard_error;
    set_interval(&effect,
                 effect.standard_error * sqrt(n) * sequence_half_width(n, rho, question->alpha));
    effect.p = fmin(1, exp(0.5 * log1p(scaled) - z * z * scaled / (2 * (scaled + 1))));
    return effect;
}

double effect_people_needed(const struct estimate *a, const struct estimate *b,
                            const struct effect_question *question, double size)
{
    struct effect now = point(a, b, question->scale);
    if (!now.known || !(size > 0))
        return INFINITY;
    static const double power = 0.8;
    double rho = rho_of(question), margin = normal_quantile(power);
    double spread = now.standard_error * sqrt(a->n + b->n);
    double low = 1, high = 2;
    double wanted = size / spread;
    while (sequence_half_width(high, rho, question->alpha) + margin / sqrt(high) > wanted &&
           high < 1e15)
        high *= 2;
    for (low = high / 2; high - low > 1e-6 * high;) {
        double middle = (low + high) / 2;
        bool enough =
            sequence_half_width(middle, rho, question->alpha) + margin / sqrt(middle) <= wanted;
        if (enough)
            high = middle;
        else
            low = middle;
    }
    return ceil(high);
}
