#include "measure/distributions.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { TERMS_MAX = 2000, STEPS_MAX = 200 };
static const double closeness = 1e-15;

double log_gamma(double x)
{
    int sign; /* lgamma writes it into a global: not for threads */
    return lgamma_r(x, &sign);
}

/* ln Γ(a + b) − ln Γ(a), by Stirling's series where the difference would lose its digits. */
static double log_gamma_rise(double a, double b)
{
    if (a < 10000)
        return log_gamma(a + b) - log_gamma(a);
    return (a - 0.5) * log1p(b / a) + b * (log(a + b) - 1) + (1 / (a + b) - 1 / a) / 12;
}

double log_beta(double a, double b)
{
    return a > b ? log_gamma(b) - log_gamma_rise(a, b) : log_gamma(a) - log_gamma_rise(b, a);
}

static double away_from_zero(double x)
{
    return fabs(x) < DBL_MIN ? DBL_MIN : x;
}

/* One step of Lentz's method; true when it changes nothing any more. */
struct fraction {
    double c, d, value;
};

static bool fraction_step(struct fraction *fraction, double numerator, double denominator)
{
    fraction->d = 1 / away_from_zero(denominator + numerator * fraction->d);
    fraction->c = away_from_zero(denominator + numerator / fraction->c);
    double factor = fraction->c * fraction->d;
    fraction->value *= factor;
    return fabs(factor - 1) < closeness;
}

static double beta_fraction(double a, double b, double x)
{
    double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
    struct fraction fraction = {.c = 1, .d = d, .value = d};
    for (int m = 1; m <= TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        (void)fraction_step(&fraction, even, 1);
        if (fraction_step(&fraction, odd, 1))
            break;
    }
    return fraction.value;
}

double beta_share(double a, double b, double x)
{
    assert(a > 0 && b > 0);
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double gamma_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (int n = 1; n <= TERMS_MAX && term > sum * closeness; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum;
}

static double gamma_fraction(double a, double x)
{
    double d = 1 / away_from_zero(x + 1 - a);
    struct fraction fraction = {.c = 1 / DBL_MIN, .d = d, .value = d};
    for (int n = 1; n <= TERMS_MAX; n++) {
        if (fraction_step(&fraction, -n * (n - a), x + 2 * n + 1 - a))
            break;
    }
    return fraction.value;
}

/* Regularised upper incomplete gamma Q(a, x), a > 0, x ≥ 0 (Numerical Recipes 6.2). */
static double gamma_tail(double a, double x)
{
    assert(a > 0);
    if (x <= 0)
        return 1;
    double front = exp(a * log(x) - x - log_gamma(a));
    return x < a + 1 ? 1 - front * gamma_series(a, x) : front * gamma_fraction(a, x);
}

double normal_cdf(double z)
{
    return 0.5 * erfc(-z * M_SQRT1_2);
}

static double polynomial(const double *coefficients, int count, double x)
{
    double sum = 0;
    for (int i = count - 1; i >= 0; i--)
        sum = sum * x + coefficients[i];
    return sum;
}

/* A first guess good to 1e-7: AS 241's PPND7. */
static double normal_guess(double probability)
{
    static const double a[] = {3.3871327179, 50.434271938, 159.29113202, 59.109374720};
    static const double b[] = {1, 17.895169469, 78.757757664, 67.187563600};
    static const double c[] = {1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103};
    static const double d[] = {1, 0.73700164250, 0.12021132975};
    static const double e[] = {6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997};
    static const double f[] = {1, 0.24197894225, 0.012258202635};
    double q = probability - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(a, 4, r) / polynomial(b, 4, r);
    }
    double r = sqrt(-log(q < 0 ? probability : 1 - probability));
    double z = r <= 5 ? polynomial(c, 4, r - 1.6) / polynomial(d, 3, r - 1.6)
                      : polynomial(e, 4, r - 5) / polynomial(f, 3, r - 5);
    return q < 0 ? -z : z;
}

double normal_quantile(double probability)
{
    assert(probability > 0 && probability < 1);
    bool upper = probability > 0.5; /* work on the tail, where there are digits */
    double tail = upper ? 1 - probability : probability;
    double z = normal_guess(tail);
    double density = exp(-0.5 * z * z) / sqrt(2 * M_PI);
    if (density > 0)
        z -= (normal_cdf(z) - tail) / density;
    return upper ? -z : z;
}

double student_two_sided(double t, double df)
{
    if (!(df > 0) || isnan(t))
        return 1;
    return beta_share(df / 2, 0.5, df / (df + t * t));
}

/* Of |T|. */
static double student_density(double t, double df)
{
    double front = log_gamma_rise(df / 2, 0.5) - 0.5 * log(df * M_PI);
    return 2 * exp(front - (df + 1) / 2 * log1p(t * t / df));
}

/* The tail is convex and the normal's quantile lies to the left: Newton climbs to the root. */
double student_critical(double alpha, double df)
{
    assert(alpha > 0 && alpha < 1 && df > 0);
    double t = -normal_quantile(alpha / 2);
    for (int i = 0; i < STEPS_MAX; i++) {
        double step = (student_two_sided(t, df) - alpha) / student_density(t, df);
        t += step;
        if (!(step > closeness * t))
            break;
    }
    return t;
}

double chi_square_tail(double x, double df)
{
    return gamma_tail(df / 2, x / 2);
}
