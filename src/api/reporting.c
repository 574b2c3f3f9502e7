#include "api/reporting.h"

#include "base/clock.h"
#include "catalog/money.h"
#include "measure/split.h"

#include <math.h>

static const char *const verdict_names[REPORT_VERDICT_COUNT] = {
    [REPORT_NOBODY] = "nobody",
    [REPORT_NO_HOLDOUT] = "no_holdout",
    [REPORT_SPLIT_WRONG] = "split_wrong",
    [REPORT_TOO_EARLY] = "too_early",
    [REPORT_NO_EFFECT] = "no_effect",
    [REPORT_BETTER] = "better",
    [REPORT_WORSE] = "worse",
};

/* A number, or null for what no number says. */
static void write_number(struct json_out *out, const char *name, double value)
{
    json_name(out, name);
    if (isfinite(value))
        json_number(out, value == 0 ? 0 : value);
    else
        json_null(out);
}

static void write_count(struct json_out *out, const char *name, double value)
{
    JSON_INT_MEMBER(out, name, (int64_t)value);
}

static void write_interval(struct json_out *out, const char *name, const struct effect *effect,
                           double unit)
{
    json_name(out, name);
    if (!effect->known) {
        json_null(out);
        return;
    }
    json_object(out);
    write_number(out, "value", effect->value / unit);
    write_number(out, "low", effect->low / unit);
    write_number(out, "high", effect->high / unit);
    write_number(out, "p", effect->p);
    json_end(out);
}

static void write_arm(const struct told *told, enum arm which, struct json_out *out)
{
    const struct report_arm *arm = &told->report->arms[which];
    json_name(out, arm_name(which));
    json_object(out);
    write_count(out, "people", arm->people);
    write_count(out, "peopleInHorizon", arm->in_window);
    write_count(out, "outcomes", arm->outcomes);
    write_number(out, "total", arm->total / told->unit);
    write_number(out, "mean", arm->capped.mean / told->unit);
    write_count(out, "peopleWithOutcome", arm->with_outcome);
    json_name(out, "share");
    json_object(out);
    write_number(out, "value", arm->people > 0 ? arm->with_outcome / arm->people : 0);
    write_number(out, "low", arm->share.low);
    write_number(out, "high", arm->share.high);
    json_end(out);
    json_end(out);
}

static void write_effect(const struct told *told, struct json_out *out)
{
    const struct report *report = told->report;
    json_name(out, "effect");
    if (!report_tells_effect(report)) {
        json_null(out);
        return;
    }
    double people = report->arms[ARM_CHOSEN].people;
    json_object(out);
    write_interval(out, "absolute", &report->absolute, told->unit);
    write_interval(out, "relative", &report->relative, 1);
    write_interval(out, "atOneLook", &report->once, told->unit);
    write_interval(out, "earned", &report->absolute, told->unit / people);
    json_end(out);
}

static void write_slice(const struct report_slice *slice, const char *name, struct json_out *out)
{
    json_name(out, name);
    json_object(out);
    write_count(out, "people", slice->people);
    write_count(out, "decisions", slice->decisions);
    write_count(out, "clicks", slice->clicks);
    write_number(out, "rate", slice->rate.mean);
    json_end(out);
}

/* What people brought by whether their first list was drawn or ranked: chance alone divided them,
 * so nothing but the list differs. */
static void write_first(const struct told *told, struct json_out *out)
{
    static const char *const names[] = {"ranked", "drawn"};
    const struct report *report = told->report;
    struct effect difference = report->first_effect;
    json_name(out, "byFirstList");
    json_object(out);
    JSON_BOOL_MEMBER(out, "unbiased", true);
    for (size_t i = 0; i < 2; i++) {
        const struct estimate *first = &report->slices[i].first;
        difference.known = difference.known && first->n >= EFFECT_PEOPLE_MIN;
        json_name(out, names[i]);
        json_object(out);
        write_count(out, "people", first->n);
        write_number(out, "mean", first->mean / told->unit);
        json_end(out);
    }
    write_interval(out, "rankedOverDrawn", &difference, told->unit);
    json_end(out);
}

static void write_random(const struct told *told, struct json_out *out)
{
    const struct report *report = told->report;
    bool enough = report->slices[0].people >= EFFECT_PEOPLE_MIN &&
                  report->slices[1].people >= EFFECT_PEOPLE_MIN;
    json_name(out, "random");
    json_object(out);
    write_slice(&report->slices[1], "drawn", out);
    write_slice(&report->slices[0], "ranked", out);
    struct effect difference = report->slice_effect;
    difference.known = difference.known && enough;
    write_interval(out, "rankedOverDrawn", &difference, 1);
    write_first(told, out);
    json_end(out);
}

/* Decisions that count on neither side, and why. */
static void write_outside(const struct report *report, struct json_out *out)
{
    static const char *const names[OUTSIDE_COUNT] = {[OUTSIDE_UNRECOGNISED] = "unrecognised",
                                                     [OUTSIDE_NEW] = "new",
                                                     [OUTSIDE_UNMEASURED] = "unmeasured"};
    json_name(out, "outside");
    json_object(out);
    for (size_t i = OUTSIDE_NOT + 1; i < OUTSIDE_COUNT; i++)
        JSON_INT_MEMBER(out, names[i], (int64_t)report->outside[i]);
    json_end(out);
}

/* What the effect is adjusted by, and how much of the spread that leaves. */
static void write_adjustment(const struct told *told, struct json_out *out)
{
    bool buys =
        told->objective->kind == OBJECTIVE_PURCHASE || told->objective->kind == OBJECTIVE_MARGIN;
    json_name(out, "adjustment");
    json_object(out);
    JSON_STRING_MEMBER(out, "by", buys ? SLICE("bought_before") : SLICE("viewed_before"));
    write_number(out, "theta", told->report->theta / told->unit);
    write_number(out, "varianceLeft", told->report->variance_left);
    json_end(out);
}

static void write_attributed(const struct told *told, struct json_out *out)
{
    json_name(out, "attributed");
    json_object(out);
    JSON_STRING_MEMBER(out, "model", SLICE("after_click"));
    for (size_t i = ARM_CHOSEN; i < ARM_COUNT; i++) {
        const struct report_arm *arm = &told->report->arms[i];
        json_name(out, arm_name((enum arm)i));
        json_object(out);
        write_count(out, "outcomes", arm->attributed_outcomes);
        write_number(out, "total", arm->attributed_total / told->unit);
        json_end(out);
    }
    json_end(out);
}

static void write_figures(const struct told *told, struct json_out *out)
{
    const struct report *report = told->report;
    json_name(out, "split");
    json_object(out);
    JSON_BOOL_MEMBER(out, "ok", report->split_p >= SPLIT_ALARM_P);
    write_number(out, "p", report->split_p);
    write_number(out, "pAtOneLook", report->split_once.p);
    json_end(out);
    json_name(out, "arms");
    json_object(out);
    write_arm(told, ARM_CHOSEN, out);
    write_arm(told, ARM_HOLDOUT, out);
    json_end(out);
    write_number(out, "cap", report->cap / told->unit);
    write_count(out, "peopleCapped", report->capped_people);
    write_effect(told, out);
    write_adjustment(told, out);
    write_random(told, out);
    write_attributed(told, out);
    write_outside(report, out);
}

static void write_when(const struct joined *joined, struct json_out *out)
{
    json_name(out, "since");
    if (joined->began_ms)
        json_time(out, joined->began_ms);
    else
        json_null(out);
    json_name(out, "currency");
    if (joined->currency.size)
        json_string(out, joined->currency);
    else
        json_null(out);
    JSON_INT_MEMBER(out, "ordersInOtherCurrencies", (int64_t)joined->other_currency);
    JSON_NUMBER_MEMBER(out, "sampledShare", ldexp(1, -(int)joined->halvings));
}

/* How the effect came to be: of those first met by each instant, with all they did until now. */
static void write_series(const struct told *told, const struct series *series, struct json_out *out)
{
    json_name(out, "series");
    json_array(out);
    for (size_t i = 0; i < series->count; i++) {
        const struct series_point *point = &series->points[i];
        json_object(out);
        JSON_TIME_MEMBER(out, "until", point->until_ms);
        write_count(out, "chosen", point->people[ARM_CHOSEN]);
        write_count(out, "holdout", point->people[ARM_HOLDOUT]);
        write_interval(out, "relative", &point->relative, 1);
        write_interval(out, "absolute", &point->absolute, told->unit);
        json_end(out);
    }
    json_end(out);
}

static void write_report(const struct reporting *reporting, const struct measuring_answer *answer,
                         const struct told *told, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "placement", reporting->placement);
    JSON_STRING_MEMBER(
        out, "verdict",
        slice_of(told->measured ? verdict_names[told->report->verdict] : "not_measured"));
    json_name(out, "sentences");
    report_sentences(told, out);
    if (told->measured) {
        bool missing = told->report->verdict == REPORT_TOO_EARLY;
        write_number(out, "visitorsMissing", missing ? told->report->people_missing : NAN);
        objective_to_json(told->objective, out);
        write_when(&answer->joined, out);
        write_figures(told, out);
        write_series(told, &answer->series, out);
    }
    json_end(out);
}

/* What a report is written from. */
struct asked {
    struct measuring_answer answer;
    struct told told;
};

static enum status ask(struct engine *engine, const struct reporting *reporting, bool series,
                       struct arena *arena, struct asked *out_asked)
{
    const struct measuring_question question = {reporting->workspace->id, reporting->placement,
                                                series};
    const struct placement *placement =
        policy_find(reporting->workspace->policy, reporting->placement);
    if (!placement)
        return STATUS_NOT_FOUND;
    struct measuring_answer *answer = &out_asked->answer;
    measuring_report(engine->measuring, &question, arena, answer);
    if (!objective_equal(&answer->joined.objective, &placement->objective))
        *answer = (struct measuring_answer){/* nobody yet under what is published now */
                                            .report = {.verdict = REPORT_NOBODY,
                                                       .split_p = 1,
                                                       .split_once = {.p = 1},
                                                       .cap = INFINITY,
                                                       .variance_left = 1}};
    out_asked->told = (struct told){.objective = &placement->objective,
                                    .report = &answer->report,
                                    .measured = placement->objective.kind != OBJECTIVE_NONE,
                                    .unit = 1,
                                    .currency = answer->joined.currency,
                                    .locale = reporting->locale};
    if (out_asked->told.currency.size)
        out_asked->told.unit = pow(10, currency_digits(out_asked->told.currency));
    return STATUS_OK;
}

enum status report_placement(struct engine *engine, const struct reporting *reporting,
                             struct buf *buf)
{
    struct arena arena;
    struct asked asked;
    arena_init(&arena);
    enum status status = ask(engine, reporting, true, &arena, &asked);
    struct json_out out = json_out(buf);
    if (status == STATUS_OK)
        write_report(reporting, &asked.answer, &asked.told, &out);
    arena_done(&arena);
    return status;
}

static void write_brief(const struct asked *asked, struct json_out *out)
{
    const struct told *told = &asked->told;
    const struct report *report = told->report;
    bool tells = told->measured && report_tells_effect(report);
    bool missing = told->measured && report->verdict == REPORT_TOO_EARLY;
    struct effect nothing = {0};
    json_object(out);
    JSON_STRING_MEMBER(out, "verdict",
                       slice_of(told->measured ? verdict_names[report->verdict] : "not_measured"));
    write_number(out, "visitorsMissing", missing ? report->people_missing : NAN);
    JSON_BOOL_MEMBER(out, "splitOk", !told->measured || report->split_p >= SPLIT_ALARM_P);
    write_interval(out, "relative", tells ? &report->relative : &nothing, 1);
    write_interval(out, "absolute", tells ? &report->absolute : &nothing, told->unit);
    if (told->measured)
        write_when(&asked->answer.joined, out);
    json_end(out);
}

enum status report_brief(struct engine *engine, const struct reporting *reporting, struct buf *buf,
                         enum report_verdict *out_verdict)
{
    struct arena arena;
    struct asked asked;
    arena_init(&arena);
    enum status status = ask(engine, reporting, false, &arena, &asked);
    struct json_out out = json_out(buf);
    if (status == STATUS_OK) {
        write_brief(&asked, &out);
        *out_verdict = asked.told.measured ? asked.answer.report.verdict : REPORT_VERDICT_COUNT;
    }
    arena_done(&arena);
    return status;
}
