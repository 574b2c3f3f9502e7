/* Logarithm and power of two with the same bits on every machine.
 *
 * Scores are compared, recorded and replayed; libm's log2 and exp2 may differ in the last bit
 * from one CPU to another. These use additions, products, quotients and exact scaling alone. The
 * error is below 4e-16 × max(1, |result|) for the logarithm and below 1e-15 of the result for
 * the power (tests/unit/learn/logarithm_test.c measures both against libm). Pure. */
#ifndef VISAVIS_LEARN_LOGARITHM_H
#define VISAVIS_LEARN_LOGARITHM_H

/* log2(x), x > 0 and finite. */
double logarithm2(double x);
/* 2^x; 0 below 2^-1022, and at most 2^1023. */
double power2(double x);

#endif
