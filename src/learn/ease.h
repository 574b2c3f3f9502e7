/* EASE^R (Steck 2019): the best linear item-item model in closed form, for dense data and small
 * catalogues.
 *
 *     G = X'X + lambda I,  P = G^-1,  B_ij = -P_ij / P_jj,  B_ii = 0,  score = x'B
 *
 * X is people × items of zeroes and ones; floats. Memory is 4 × items² bytes and work grows with
 * items³, so a model is refused before anything is allocated when it would take more than it
 * may; the refusal names both estimates. The work is OpenBLAS's (LAPACK's Cholesky inverse),
 * loaded when first asked for, so that a program that never asks has neither its threads nor its
 * buffers; the first call picks the kernels for this processor by an environment variable and
 * must come before other threads read the environment. A model is immutable, read by any
 * thread. */
#ifndef VISAVIS_LEARN_EASE_H
#define VISAVIS_LEARN_EASE_H

#include "base/diag.h"
#include "learn/recommend.h"

struct ease_options {
    float lambda;       /* over 0 */
    size_t bytes_max;   /* of the matrix */
    double seconds_max; /* estimated by a small trial */
};
struct ease_options ease_options_default(void);

/* Who took what: distinct item numbers below item_count, one person after the other. */
struct ease_people {
    const uint32_t *items;
    const size_t *starts; /* person u has items[starts[u]] … items[starts[u + 1] - 1] */
    size_t count;
    uint32_t item_count;
};

struct ease; /* P and the reciprocals of its diagonal */
/* STATUS_TOO_LARGE over bytes_max or seconds_max, STATUS_NOT_FOUND without OpenBLAS,
 * STATUS_INVALID for a lambda that gives no positive definite matrix. */
enum status ease_new(const struct ease_people *people, const struct ease_options *options,
                     struct ease **out_ease, struct diag *diag) MUST_CHECK;
void ease_free(struct ease *ease);
extern const struct recommender_kind ease_kind; /* its model is a struct ease */

#endif
