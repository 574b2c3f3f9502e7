/* The figures of a measured placement, in the order they may be read: were people divided as they
 * should have been; is there enough to say anything; what does choosing earn over the hold-out.
 *
 * Pure: a joined measurement in, plain values out. Means and effects are of capped sums a person:
 * the cap is the objective's percentile over the positive sums of both arms together. Effects are
 * adjusted by what was known of each before the first exposure (summary.h, CUPED). Intervals are
 * always valid (effect.h), alpha 0.05. Time and memory: linear in the people. */
#ifndef VISAVIS_MEASURE_REPORT_H
#define VISAVIS_MEASURE_REPORT_H

#include "measure/effect.h"
#include "measure/join.h"
#include "measure/sequences.h"
#include "measure/split.h"

#define REPORT_ALPHA 0.05

enum report_verdict {
    REPORT_NOBODY,     /* nobody was exposed yet */
    REPORT_NO_HOLDOUT, /* nobody is held out: there is nothing to compare with */
    /* the arms did not get their people: look for the reason, not at the rest */
    REPORT_SPLIT_WRONG,
    REPORT_TOO_EARLY, /* not measurable yet */
    REPORT_NO_EFFECT, /* enough people for the smallest effect wanted, and none is seen */
    REPORT_BETTER,
    REPORT_WORSE,
    REPORT_VERDICT_COUNT
};

struct report_arm {
    double people, in_window;    /* in_window: their horizon is not over, outcomes may still come */
    double outcomes, total;      /* total: uncapped */
    struct estimate capped;      /* a person */
    struct estimate adjusted;    /* the same, less what was to be expected of them before (CUPED) */
    double with_outcome;         /* people with any */
    struct share_interval share; /* of them among people, exact however few */
    double attributed_outcomes, attributed_total;
};

/* Decisions as ranked against those whose order was drawn at random, among the chosen arm. */
struct report_slice {
    double people, decisions, clicks;
    struct estimate rate; /* clicks a decision; units are people */
    /* what people brought (capped) whose first list was such a one: chance alone divided them */
    struct estimate first;
};

struct report {
    enum report_verdict verdict;
    struct report_arm arms[ARM_COUNT];
    double split_p;          /* always valid */
    struct split split_once; /* the chi-square, for one look */
    double cap;              /* INFINITY: nothing was cut */
    double capped_people;
    double theta, variance_left;      /* of the adjustment; 0 and 1: nothing was known before */
    struct effect absolute, relative; /* of chosen against hold-out, a person */
    struct effect once;               /* absolute, for one look at a number of people set before */
    double earned;                    /* absolute effect times the people of the chosen arm */
    double people_missing;            /* about; INFINITY: cannot be said yet */
    struct report_slice slices[2];    /* ranked, explored */
    uint64_t outside[OUTSIDE_COUNT];  /* decisions that went to nobody of the experiment */
    struct effect slice_effect;       /* of ranked against explored, clicks a decision */
    struct effect first_effect;       /* the same of what people brought by their first list */
};

/* people who are not seen (exposure rule) are left out. */
void report_make(const struct joined *joined, int64_t now_ms, struct report *out_report);
/* May the effect be told? Only of a right split and with EFFECT_PEOPLE_MIN an arm. */
bool report_tells_effect(const struct report *report);

#endif
