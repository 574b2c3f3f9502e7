#include "measure/series.h"

#include <math.h>

static const int64_t minute_ms = 60000, hour_ms = 3600000, day_ms = 86400000;

static const struct effect_question absolutely = {EFFECT_ABSOLUTE, REPORT_ALPHA, 0};
static const struct effect_question relatively = {EFFECT_RELATIVE, REPORT_ALPHA, 0};

/* The finest that people read, of which there are not too many. */
static int64_t step_for(int64_t span_ms)
{
    const int64_t steps[] = {minute_ms, 5 * minute_ms, hour_ms, 6 * hour_ms, day_ms, 7 * day_ms};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (span_ms / steps[i] < SERIES_POINTS_MAX)
            return steps[i];
    return span_ms / (SERIES_POINTS_MAX - 1) + 1;
}

/* What came in each step, not yet added up. */
static void sum_steps(const struct joined *joined, const struct report *report,
                      const struct series *series,
                      struct paired_summary steps[SERIES_POINTS_MAX][ARM_COUNT])
{
    for (size_t i = 0; i < joined->people_count; i++) {
        const struct joined_person *person = &joined->people[i];
        int64_t age_ms = person->exposed_ms - joined->began_ms;
        size_t step = age_ms > 0 ? (size_t)(age_ms / series->step_ms) : 0;
        if (!person->seen)
            continue;
        if (step >= series->count)
            step = series->count - 1;
        paired_add(&steps[step][person->arm], fmin(person->value, report->cap), person->before);
    }
}

static void paired_merge(struct paired_summary *paired, const struct paired_summary *other)
{
    summary_merge(&paired->y, &other->y);
    summary_merge(&paired->x, &other->x);
    paired->products += other->products;
}

static struct series_point point_of(const struct paired_summary sums[ARM_COUNT], double theta,
                                    int64_t until_ms)
{
    struct series_point point = {.until_ms = until_ms};
    struct estimate held = estimate_adjusted(&sums[ARM_HOLDOUT], theta);
    struct estimate chosen = estimate_adjusted(&sums[ARM_CHOSEN], theta);
    point.people[ARM_CHOSEN] = chosen.n;
    point.people[ARM_HOLDOUT] = held.n;
    if (chosen.n < EFFECT_PEOPLE_MIN || held.n < EFFECT_PEOPLE_MIN)
        return point;
    point.absolute = effect_always_valid(&held, &chosen, &absolutely);
    point.relative = effect_always_valid(&held, &chosen, &relatively);
    return point;
}

void series_make(const struct joined *joined, const struct report *report, int64_t now_ms,
                 struct series *out_series)
{
    struct paired_summary steps[SERIES_POINTS_MAX][ARM_COUNT] = {0};
    struct paired_summary sums[ARM_COUNT] = {0};
    int64_t span_ms = now_ms - joined->began_ms;
    *out_series = (struct series){0};
    if (!report_tells_effect(report) || span_ms < 0)
        return;
    out_series->step_ms = step_for(span_ms);
    out_series->count = (size_t)(span_ms / out_series->step_ms) + 1;
    sum_steps(joined, report, out_series, steps);
    for (size_t i = 0; i < out_series->count; i++) {
        int64_t until_ms = joined->began_ms + (int64_t)(i + 1) * out_series->step_ms;
        for (size_t arm = 0; arm < ARM_COUNT; arm++)
            paired_merge(&sums[arm], &steps[i][arm]);
        out_series->points[i] =
            point_of(sums, report->theta, until_ms < now_ms ? until_ms : now_ms);
    }
}
