/* Weights from choices: a multinomial logit over examples, each a handful of rows of which one was
 * taken.
 *
 *     maximise  sum over examples (w·x_chosen - log sum_c exp(w·x_c)) - ridge/2 × |w - w0|²
 *
 * by Newton's steps with halving; weights that may not be negative and would be are set to zero
 * one after the other. Concave, so the maximum is one; the ridge pulls towards the weights given,
 * which therefore stay where nothing was seen. Plain values; one thread. */
#ifndef VISAVIS_LEARN_LOGIT_H
#define VISAVIS_LEARN_LOGIT_H

#include <stdbool.h>
#include <stddef.h>

enum { LOGIT_FEATURES_MAX = 32 };

struct logit_example {
    size_t first, count, chosen; /* rows; the chosen one among them */
};
struct logit_examples {
    size_t features; /* of a row, at most LOGIT_FEATURES_MAX */
    float *rows;
    size_t row_count, row_room;
    struct logit_example *all;
    size_t count, room;
};
void logit_examples_init(struct logit_examples *examples, size_t features);
void logit_examples_done(struct logit_examples *examples);
/* Rows of the example under way; then it is ended, or given up. */
void logit_push_row(struct logit_examples *examples, const double *features);
void logit_end_example(struct logit_examples *examples, size_t row_count, size_t chosen);
void logit_drop_rows(struct logit_examples *examples, size_t row_count);

/* Forgets the first examples and their rows. */
void logit_drop_oldest(struct logit_examples *examples, size_t count);

/* Changes the weights; the first `positive` of them stay ≥ 0. The same examples give the same
 * weights. */
void logit_fit(const struct logit_examples *examples, size_t positive, double *inout_weights);

#endif
