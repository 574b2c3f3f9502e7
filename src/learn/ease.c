#include "learn/ease.h"

#include "base/clock.h"

#include <assert.h>
#include <cblas.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONTEXT_MAX = 2000, TRIAL = 1024, TRIALS = 5 };

struct ease {
    uint32_t item_count;
    float *inverse; /* P, whole, row by row */
    float *weigher; /* -1 / P_jj */
};

struct ease_options ease_options_default(void)
{
    return (struct ease_options){.lambda = 300, .bytes_max = (size_t)2 << 30, .seconds_max = 180};
}

/* --- OpenBLAS, loaded when asked for ---------------------------------------------------------- */

typedef void lapack_call(const char *half, const int *size, float *matrix, const int *stride,
                         int *out_info);
static struct {
    lapack_call *factorise, *invert; /* spotrf, spotri */
    bool loaded;
} blas;
static pthread_once_t blas_once = PTHREAD_ONCE_INIT;

/* OpenBLAS 0.3.21 takes processors newer than itself for the oldest and runs four times slower:
 * it is told what this one can do, unless the operator said so already. */
static void choose_kernels(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
        (void)setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 0);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        (void)setenv("OPENBLAS_CORETYPE", "HASWELL", 0);
#endif
}

static void load_blas(void)
{
    choose_kernels();
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return;
    __typeof__(openblas_set_num_threads) *set_threads;
    *(void **)&set_threads = dlsym(library, "openblas_set_num_threads");
    *(void **)&blas.factorise = dlsym(library, "spotrf_");
    *(void **)&blas.invert = dlsym(library, "spotri_");
    blas.loaded = set_threads && blas.factorise && blas.invert;
    if (blas.loaded)
        set_threads((int)sysconf(_SC_NPROCESSORS_ONLN));
}

/* The inverse of a symmetric positive definite matrix in place; false when it is not one. */
static bool invert(float *matrix, uint32_t size)
{
    int order = (int)size, info = 0;
    blas.factorise("L", &order, matrix, &order, &info);
    if (info == 0)
        blas.invert("L", &order, matrix, &order, &info);
    return info == 0;
}

/* Seconds that one inversion takes for each item³, by doing a small one. */
static double seconds_per_cube(void)
{
    float *matrix = must_alloc_zero((size_t)TRIAL * TRIAL, sizeof *matrix);
    double best = INFINITY;
    for (int round = 0; round < TRIALS; round++) {
        for (size_t i = 0; i < (size_t)TRIAL * TRIAL; i++)
            matrix[i] = i % (TRIAL + 1) == 0 ? 2 : 1.0F / TRIAL;
        uint64_t began_us = clock_monotonic_us();
        bool done = invert(matrix, TRIAL);
        assert(done);
        best = fmin(best, (double)(clock_monotonic_us() - began_us + 1) / 1e6);
    }
    free(matrix);
    return best / ((double)TRIAL * TRIAL * TRIAL);
}

/* --- making ----------------------------------------------------------------------------------- */

static enum status check_cost(uint32_t items, const struct ease_options *options, struct diag *diag)
{
    double bytes = (double)items * items * sizeof(float);
    double seconds = (double)items * items * items * seconds_per_cube();
    if (bytes <= (double)options->bytes_max && seconds <= options->seconds_max)
        return STATUS_OK;
    return diag_set(diag, STATUS_TOO_LARGE, "",
                    "EASE of %u items would take %.1f GiB of memory (at most %.1f) and about %.0f "
                    "seconds (at most %.0f); use the graph for so many",
                    items, bytes / (1 << 30), (double)options->bytes_max / (1 << 30), seconds,
                    options->seconds_max);
}

/* The lower half (column by column, as LAPACK reads it) of X'X + lambda I. */
static void fill_gram(float *gram, const struct ease_people *people, float lambda)
{
    size_t n = people->item_count;
    for (size_t u = 0; u < people->count; u++) {
        const uint32_t *items = people->items + people->starts[u];
        size_t count = people->starts[u + 1] - people->starts[u];
        for (size_t a = 0; a < count; a++) {
            float *row = gram + items[a] * n;
            for (size_t b = 0; b < count; b++)
                row[items[b]] += 1;
        }
    }
    for (size_t i = 0; i < n; i++)
        gram[i * n + i] += lambda;
}

static void mirror_lower(float *matrix, size_t n)
{
    enum { TILE = 64 };
    for (size_t column = 0; column < n; column += TILE)
        for (size_t row = column; row < n; row += TILE)
            for (size_t c = column; c < n && c < column + TILE; c++)
                for (size_t r = row > c ? row : c; r < n && r < row + TILE; r++)
                    matrix[r * n + c] = matrix[c * n + r];
}

enum status ease_new(const struct ease_people *people, const struct ease_options *options,
                     struct ease **out_ease, struct diag *diag)
{
    size_t n = people->item_count;
    (void)pthread_once(&blas_once, load_blas);
    if (!blas.loaded)
        return diag_set(diag, STATUS_NOT_FOUND, "",
                        "EASE needs OpenBLAS: install the package libopenblas0");
    if (!(options->lambda > 0))
        return diag_set(diag, STATUS_INVALID, "", "EASE needs a lambda over 0");
    enum status status = check_cost(people->item_count, options, diag);
    if (status != STATUS_OK)
        return status;
    struct ease *ease = must_alloc_zero(1, sizeof *ease);
    ease->item_count = people->item_count;
    ease->inverse = must_alloc_zero(n * n + 1, sizeof(float));
    ease->weigher = must_alloc((n + 1) * sizeof(float));
    fill_gram(ease->inverse, people, options->lambda);
    if (n && !invert(ease->inverse, people->item_count)) {
        ease_free(ease);
        return diag_set(diag, STATUS_INVALID, "", "EASE needs a larger lambda for these data");
    }
    mirror_lower(ease->inverse, n);
    for (size_t i = 0; i < n; i++)
        ease->weigher[i] = -1 / ease->inverse[i * n + i];
    *out_ease = ease;
    return STATUS_OK;
}

void ease_free(struct ease *ease)
{
    if (!ease)
        return;
    free(ease->inverse);
    free(ease->weigher);
    free(ease);
}

/* --- answering -------------------------------------------------------------------------------- */

static double weight_of(const struct ease *ease, uint32_t from, uint32_t to)
{
    const float *row = ease->inverse + (size_t)from * ease->item_count;
    return from == to ? 0 : (double)row[to] * (double)ease->weigher[to];
}

/* Whole rows are added, so the compiler takes several items at a time. */
static void ease_score(const void *model, const struct recommend_context *context,
                       const struct recommend_view *view, struct board *board)
{
    (void)view;
    const struct ease *ease = model;
    uint32_t items[CONTEXT_MAX], n = ease->item_count;
    assert(n <= board->item_count);
    size_t count = context_newest(context, n, CONTEXT_MAX, items);
    double *scores = board->scores;
    for (size_t i = 0; i < count; i++) {
        const float *row = ease->inverse + (size_t)items[i] * n;
        for (uint32_t j = 0; j < n; j++)
            scores[j] += (double)row[j];
    }
    for (size_t i = 0; i < count; i++)
        scores[items[i]] -= (double)ease->inverse[(size_t)items[i] * n + items[i]];
    for (uint32_t j = 0; count && j < n; j++) {
        scores[j] *= (double)ease->weigher[j];
        board->touched[j] = j;
    }
    board->touched_count = count ? n : 0;
}

static void ease_explain(const void *model, const struct recommend_context *context, uint32_t item,
                         struct score_parts *out_parts)
{
    const struct ease *ease = model;
    uint32_t items[CONTEXT_MAX];
    size_t count = context_newest(context, ease->item_count, CONTEXT_MAX, items);
    if (item >= ease->item_count)
        return;
    for (size_t i = 0; i < count; i++) {
        struct score_part part = {"ease", PART_ITEM, items[i], weight_of(ease, items[i], item)};
        if (part.amount != 0)
            score_parts_add(out_parts, &part);
    }
}

static size_t ease_bytes(const void *model)
{
    const struct ease *ease = model;
    return sizeof *ease + ((size_t)ease->item_count + 1) * ease->item_count * sizeof(float);
}

const struct recommender_kind ease_kind = {"ease", ease_score, ease_explain, ease_bytes};
