/* What a placement is for: which outcome counts, what it is worth, how long after; and who is held
 * out so that the worth can be known.
 *
 * Part of a published placement, beside its recipe. Plain values; texts borrow from the JSON tree.
 * Any thread. */
#ifndef VISAVIS_MEASURE_OBJECTIVE_H
#define VISAVIS_MEASURE_OBJECTIVE_H

#include "base/json.h"
#include "base/uuid.h"

enum objective_kind {
    OBJECTIVE_NONE,     /* not measured, nobody is held out */
    OBJECTIVE_PURCHASE, /* orders: their amount, less what is returned */
    OBJECTIVE_MARGIN,   /* orders: price less cost of each product that tells both */
    OBJECTIVE_CLICK,    /* a click that names the decision */
    OBJECTIVE_LEAD,     /* a sign-up or a lead */
    OBJECTIVE_EVENT,    /* a track event by its name */
    OBJECTIVE_COUNT
};

/* From when on somebody counts as exposed. */
enum exposure_rule {
    EXPOSURE_ANSWERED, /* the decision was answered */
    EXPOSURE_SEEN      /* and the shop said with an event that it was seen */
};

enum holdout_arm { HOLDOUT_BEST_SELLERS, HOLDOUT_EMPTY };

/* Stored in decision records: append only. */
enum arm { ARM_NONE, ARM_CHOSEN, ARM_HOLDOUT, ARM_COUNT };

#define OBJECTIVE_VALUE_MAX 1e9
#define OBJECTIVE_DAYS_MAX 90.0
#define OBJECTIVE_DAYS_DEFAULT 7.0
#define OBJECTIVE_CAP_MIN 0.9
#define OBJECTIVE_CAP_DEFAULT 0.99
#define OBJECTIVE_MINIMUM_DEFAULT 0.05
#define HOLDOUT_SHARE_MAX 0.9
#define HOLDOUT_SHARE_DEFAULT 0.1
enum { OBJECTIVE_EVENT_BYTES_MAX = 200 };

struct objective {
    enum objective_kind kind;
    struct slice event; /* OBJECTIVE_EVENT: the name, letter case ignored */
    double value;       /* what one outcome is worth; 0: its own amount (purchase, margin) */
    double horizon_days;
    /* of those who had any outcome, the share whose sum counts whole; larger sums are cut to it */
    double cap;
    double minimum_effect; /* the smallest relative effect worth waiting for */
    enum exposure_rule exposure;
    double holdout_share;
    enum holdout_arm holdout_arm;
};

/* Members of a placement:
 *   "objective": {"kind": "purchase" | "margin" | "click" | "lead" | "event", "event", "value",
 *                 "horizonDays", "cap", "minimumEffect", "exposure": "answered" | "seen"}
 *   "holdout": {"share", "arm": "best_sellers" | "empty"}
 * Without an objective nothing is measured; with one, a tenth is held out unless holdout says
 * otherwise. Other defaults: 7 days, cap 0.99, smallest effect 0.05, answered, best sellers; value
 * its own amount for purchase and margin, else 1. at: the JSON pointer of the placement.
 * STATUS_INVALID says which member and what is allowed. */
enum status objective_from_json(const struct json *placement, const char *at,
                                struct objective *out_objective, struct diag *diag) MUST_CHECK;
/* Both members, all spelled out; nothing for a placement that is not measured. */
void objective_to_json(const struct objective *objective, struct json_out *out);

const char *arm_name(enum arm arm); /* "chosen", "holdout" */

bool objective_equal(const struct objective *a, const struct objective *b);
/* The arm of a person in a placement: always the same one, whatever else is published; a larger
 * share holds out further people and lets none go. Its own salt, so that two placements, or another
 * experiment, divide people independently. */
enum arm objective_arm(const struct objective *objective, struct slice placement,
                       struct uuid person);
/* With which probability the arm came. */
double objective_arm_share(const struct objective *objective, enum arm arm);

#endif
