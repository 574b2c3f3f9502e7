#include "measure/report.h"

#include "base/arena.h"
#include "measure/split.h"

#include <math.h>
#include <stdlib.h>

/* Trials at which the interval of a share is tightest. */
static const double share_tightest = 1000;
static const double ms_per_day = 86400000;

static const struct effect_question absolutely = {EFFECT_ABSOLUTE, REPORT_ALPHA, 0};
static const struct effect_question relatively = {EFFECT_RELATIVE, REPORT_ALPHA, 0};

static double cap_of(const struct joined *joined)
{
    if (joined->objective.cap >= 1)
        return INFINITY;
    double *values = must_alloc_zero(joined->people_count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < joined->people_count; i++)
        if (joined->people[i].seen && joined->people[i].value > 0)
            values[count++] = joined->people[i].value;
    double cap = winsor_cap(values, count, joined->objective.cap);
    free(values);
    return cap;
}

struct sums {
    struct paired_summary capped[ARM_COUNT]; /* with what was known before */
    struct summary first[2];                 /* of the chosen, by their first list */
    struct paired_summary clicks[2];         /* clicks over decisions, a person */
};

static void add_slices(const struct joined_person *person, struct report *report, struct sums *sums)
{
    for (size_t i = 0; i < 2; i++) {
        struct report_slice *slice = &report->slices[i];
        if (person->decisions[i] == 0)
            continue;
        slice->people++;
        slice->decisions += person->decisions[i];
        slice->clicks += person->clicks[i];
        paired_add(&sums->clicks[i], person->clicks[i], person->decisions[i]);
    }
}

static void add_person(const struct joined *joined, const struct joined_person *person,
                       int64_t now_ms, struct report *report, struct sums *sums)
{
    struct report_arm *arm = &report->arms[person->arm];
    double age_ms = (double)(now_ms - person->exposed_ms);
    arm->people++;
    arm->in_window += age_ms < joined->objective.horizon_days * ms_per_day;
    arm->outcomes += person->outcomes;
    arm->total += person->value;
    arm->with_outcome += person->outcomes > 0;
    arm->attributed_outcomes += person->attributed_outcomes;
    arm->attributed_total += person->attributed;
    report->capped_people += person->value > report->cap;
    double value = fmin(person->value, report->cap);
    paired_add(&sums->capped[person->arm], value, person->before);
    if (person->arm != ARM_CHOSEN)
        return;
    summary_add(&sums->first[person->first_explored], value);
    add_slices(person, report, sums);
}

/* One theta for both arms. */
static void adjust(struct report *report, const struct sums *sums)
{
    double before = 0, after = 0;
    report->theta = cuped_theta(&sums->capped[ARM_CHOSEN], &sums->capped[ARM_HOLDOUT]);
    for (size_t i = ARM_CHOSEN; i < ARM_COUNT; i++) {
        struct report_arm *arm = &report->arms[i];
        arm->adjusted = estimate_adjusted(&sums->capped[i], report->theta);
        before += arm->capped.variance * arm->people;
        after += arm->adjusted.variance * arm->people;
    }
    report->variance_left = before > 0 ? after / before : 1;
}

/* Means and intervals from the sums. */
static void estimate_all(struct report *report, const struct sums *sums)
{
    for (size_t i = ARM_CHOSEN; i < ARM_COUNT; i++) {
        struct report_arm *arm = &report->arms[i];
        arm->capped = estimate_of(&sums->capped[i].y);
        arm->share =
            share_always_valid(arm->with_outcome, arm->people, REPORT_ALPHA, share_tightest);
    }
    for (size_t i = 0; i < 2; i++) {
        report->slices[i].rate = estimate_of_ratio(&sums->clicks[i]);
        report->slices[i].first = estimate_of(&sums->first[i]);
    }
    adjust(report, sums);
    const struct estimate *held = &report->arms[ARM_HOLDOUT].adjusted;
    const struct estimate *chosen = &report->arms[ARM_CHOSEN].adjusted;
    report->absolute = effect_always_valid(held, chosen, &absolutely);
    report->relative = effect_always_valid(held, chosen, &relatively);
    report->once = effect_fixed(held, chosen, &absolutely);
    report->earned = report->absolute.value * chosen->n;
    report->slice_effect =
        effect_always_valid(&report->slices[1].rate, &report->slices[0].rate, &absolutely);
    report->first_effect =
        effect_always_valid(&report->slices[1].first, &report->slices[0].first, &absolutely);
}

/* Until the smallest effect wanted would be seen; at least until the intervals mean anything. */
static double people_missing(const struct objective *objective, const struct report *report)
{
    const struct report_arm *held = &report->arms[ARM_HOLDOUT], *chosen = &report->arms[ARM_CHOSEN];
    double base = held->capped.mean > 0 ? held->capped.mean : chosen->capped.mean;
    double needed = effect_people_needed(&held->adjusted, &chosen->adjusted, &absolutely,
                                         objective->minimum_effect * base);
    double least = EFFECT_PEOPLE_MIN / fmin(objective->holdout_share, 1 - objective->holdout_share);
    return fmax(0, fmax(needed, least) - held->people - chosen->people);
}

bool report_tells_effect(const struct report *report)
{
    return report->absolute.known && report->split_p >= SPLIT_ALARM_P &&
           report->arms[ARM_HOLDOUT].people >= EFFECT_PEOPLE_MIN &&
           report->arms[ARM_CHOSEN].people >= EFFECT_PEOPLE_MIN;
}

static enum report_verdict verdict_of(const struct objective *objective,
                                      const struct report *report)
{
    double held = report->arms[ARM_HOLDOUT].people, chosen = report->arms[ARM_CHOSEN].people;
    if (held + chosen == 0)
        return REPORT_NOBODY;
    if (objective->holdout_share <= 0)
        return REPORT_NO_HOLDOUT;
    if (report->split_p < SPLIT_ALARM_P)
        return REPORT_SPLIT_WRONG;
    if (!report_tells_effect(report))
        return REPORT_TOO_EARLY;
    if (report->absolute.low > 0)
        return REPORT_BETTER;
    if (report->absolute.high < 0)
        return REPORT_WORSE;
    return report->people_missing > 0 ? REPORT_TOO_EARLY : REPORT_NO_EFFECT;
}

void report_make(const struct joined *joined, int64_t now_ms, struct report *out_report)
{
    const struct objective *objective = &joined->objective;
    struct report report = {
        .cap = cap_of(joined), .split_p = 1, .split_once = {.p = 1}, .variance_left = 1};
    memcpy(report.outside, joined->outside, sizeof report.outside);
    struct sums sums = {0};
    for (size_t i = 0; i < joined->people_count; i++)
        if (joined->people[i].seen)
            add_person(joined, &joined->people[i], now_ms, &report, &sums);
    estimate_all(&report, &sums);
    double counts[] = {report.arms[ARM_CHOSEN].people, report.arms[ARM_HOLDOUT].people};
    double shares[] = {1 - objective->holdout_share, objective->holdout_share};
    if (objective->holdout_share > 0) {
        report.split_p = split_always_valid_p(counts, shares, 2);
        report.split_once = split_check(counts, shares, 2);
        report.people_missing = people_missing(objective, &report);
    }
    report.verdict = verdict_of(objective, &report);
    *out_report = report;
}
