#include "learn/logarithm.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

static const double ln_2 = 0x1.62e42fefa39efp-1;
static const double two_per_ln_2 = 0x1.71547652b82fep+1; /* 2 / ln 2 */
static const double half_root = 0x1.6a09e667f3bcdp-1;    /* √2 / 2 */

static const double inverses[] = {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                                  1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};

/* ln m = 2 artanh((m - 1) / (m + 1)) = 2 (s + s³/3 + s⁵/5 + …). With √½ ≤ m < √2, |s| < 0.172:
 * the terms beyond s²¹ are below 2^-56. */
double logarithm2(double x)
{
    assert(x > 0 && isfinite(x));
    int exponent;
    double m = frexp(x, &exponent);
    if (m < half_root) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), square = s * s;
    double sum = 0;
    for (size_t i = 0; i < sizeof inverses / sizeof *inverses; i++)
        sum = (sum + inverses[i]) * square;
    return exponent + two_per_ln_2 * (s + s * sum);
}

/* 2^x = 2^n e^(f ln 2), |f| ≤ ½; the series of e^y ends below 2^-56 after 14 terms. */
double power2(double x)
{
    assert(!isnan(x));
    if (x < -1022)
        return 0;
    if (x > 1023)
        x = 1023;
    double whole = floor(x + 0.5);
    double y = (x - whole) * ln_2;
    double sum = 1;
    for (int term = 14; term >= 1; term--)
        sum = 1 + sum * y / term;
    return ldexp(sum, (int)whole);
}
