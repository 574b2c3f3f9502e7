#include "measure/summary.h"

#include <assert.h>
#include <math.h>

void summary_add(struct summary *summary, double value)
{
    summary->n += 1;
    summary->sum += value;
    summary->squares += value * value;
}

void summary_merge(struct summary *summary, const struct summary *other)
{
    summary->n += other->n;
    summary->sum += other->sum;
    summary->squares += other->squares;
}

void paired_add(struct paired_summary *paired, double y, double x)
{
    summary_add(&paired->y, y);
    summary_add(&paired->x, x);
    paired->products += x * y;
}

double summary_mean(const struct summary *summary)
{
    return summary->n > 0 ? summary->sum / summary->n : 0;
}

double summary_variance(const struct summary *summary)
{
    if (summary->n < 2)
        return 0;
    double variance =
        (summary->squares - summary->sum * summary->sum / summary->n) / (summary->n - 1);
    return variance > 0 ? variance : 0; /* rounding of equal values */
}

static double paired_covariance(const struct paired_summary *paired)
{
    double n = paired->y.n;
    return n < 2 ? 0 : (paired->products - paired->x.sum * paired->y.sum / n) / (n - 1);
}

struct estimate estimate_of(const struct summary *summary)
{
    double mean = summary_mean(summary);
    return (struct estimate){summary->n, mean, summary_variance(summary), mean};
}

struct estimate estimate_of_ratio(const struct paired_summary *paired)
{
    double below = summary_mean(&paired->x);
    if (below == 0)
        return (struct estimate){.n = paired->y.n};
    double ratio = summary_mean(&paired->y) / below;
    double variance = (summary_variance(&paired->y) - 2 * ratio * paired_covariance(paired) +
                       ratio * ratio * summary_variance(&paired->x)) /
                      (below * below);
    return (struct estimate){paired->y.n, ratio, variance > 0 ? variance : 0, ratio};
}

double cuped_theta(const struct paired_summary *a, const struct paired_summary *b)
{
    struct paired_summary both = *a;
    summary_merge(&both.y, &b->y);
    summary_merge(&both.x, &b->x);
    both.products += b->products;
    double spread = summary_variance(&both.x);
    return spread > 0 ? paired_covariance(&both) / spread : 0;
}

struct estimate estimate_adjusted(const struct paired_summary *paired, double theta)
{
    double variance = summary_variance(&paired->y) - 2 * theta * paired_covariance(paired) +
                      theta * theta * summary_variance(&paired->x);
    double mean = summary_mean(&paired->y);
    return (struct estimate){paired->y.n, mean - theta * summary_mean(&paired->x),
                             variance > 0 ? variance : 0, mean};
}

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* Hoare's quickselect, middle pivot. */
static double select_rank(double *values, size_t count, size_t rank)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)rank;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i <= j)
                swap(&values[i++], &values[j--]);
        }
        if (wanted <= j)
            high = j;
        else if (wanted >= i)
            low = i;
        else
            break;
    }
    return values[rank];
}

double winsor_cap(double *values, size_t count, double share)
{
    assert(share > 0 && share <= 1);
    if (count == 0)
        return INFINITY;
    size_t rank = (size_t)ceil(share * (double)count);
    return select_rank(values, count, rank > 0 ? rank - 1 : 0);
}
