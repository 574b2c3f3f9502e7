#include "measure/objective.h"

#include "base/diag.h"
#include "base/hash.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static const char *const kind_names[OBJECTIVE_COUNT] = {
    [OBJECTIVE_NONE] = "none",   [OBJECTIVE_PURCHASE] = "purchase", [OBJECTIVE_MARGIN] = "margin",
    [OBJECTIVE_CLICK] = "click", [OBJECTIVE_LEAD] = "lead",         [OBJECTIVE_EVENT] = "event",
};
static const char *const exposure_names[] = {"answered", "seen"};
static const char *const holdout_names[] = {"best_sellers", "empty"};

const char *arm_name(enum arm arm)
{
    static const char *const names[ARM_COUNT] = {"none", "chosen", "holdout"};
    assert(arm < ARM_COUNT);
    return names[arm];
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    const struct json *json; /* the object being read */
    const char *at, *name;   /* where it is */
    struct diag *diag;
};

static enum status refuse(const struct reader *reader, const char *member, const char *sentence)
{
    char field[64];
    (void)snprintf(field, sizeof field, "%.30s/%.14s%s%.14s", reader->at, reader->name,
                   member[0] ? "/" : "", member);
    return diag_set(reader->diag, STATUS_INVALID, field, "%s", sentence);
}

static enum status check_names(const struct reader *reader, const char *const *names,
                               const char *sentence)
{
    if (!json_is(reader->json, JSON_OBJECT))
        return refuse(reader, "", sentence);
    for (size_t i = 0; i < reader->json->count; i++) {
        const char *const *known = names;
        while (*known && !slice_is(reader->json->members[i].name, *known))
            known++;
        if (!*known)
            return refuse(reader, "", sentence);
    }
    return STATUS_OK;
}

struct range {
    const char *member;
    double min, max;
    const char *sentence;
};

static enum status read_number(const struct reader *reader, const struct range *range,
                               double *value)
{
    const struct json *found = json_get(reader->json, range->member);
    if (!found)
        return STATUS_OK;
    if ((!json_is(found, JSON_NUMBER) && !json_is(found, JSON_INTEGER)) ||
        !(found->number >= range->min && found->number <= range->max))
        return refuse(reader, range->member, range->sentence);
    *value = found->number == 0 ? 0 : found->number; /* never -0 */
    return STATUS_OK;
}

struct choice {
    const char *member;
    const char *const *names;
    unsigned first, count;
    const char *sentence;
};

static enum status read_choice(const struct reader *reader, const struct choice *choice,
                               unsigned *index)
{
    const struct json *found = json_get(reader->json, choice->member);
    if (!found)
        return STATUS_OK;
    for (unsigned i = choice->first; i < choice->count; i++) {
        if (!slice_is(json_text(found), choice->names[i]))
            continue;
        *index = i;
        return STATUS_OK;
    }
    return refuse(reader, choice->member, choice->sentence);
}

static enum status read_what(const struct reader *reader, struct objective *objective)
{
    static const struct choice kinds = {"kind", kind_names, OBJECTIVE_PURCHASE, OBJECTIVE_COUNT,
                                        "the kind is purchase, margin, click, lead or event"};
    static const struct choice rules = {"exposure", exposure_names, 0, 2,
                                        "exposure is answered or seen"};
    unsigned kind = OBJECTIVE_NONE, exposure = EXPOSURE_ANSWERED;
    enum status status = read_choice(reader, &kinds, &kind);
    if (status == STATUS_OK)
        status = read_choice(reader, &rules, &exposure);
    if (status != STATUS_OK)
        return status;
    if (kind == OBJECTIVE_NONE)
        return refuse(reader, "kind", kinds.sentence);
    objective->kind = (enum objective_kind)kind;
    objective->exposure = (enum exposure_rule)exposure;
    objective->event = json_get_text(reader->json, "event");
    bool needs_event = kind == OBJECTIVE_EVENT;
    if (needs_event != (json_get(reader->json, "event") != NULL) ||
        (needs_event && objective->event.size == 0) ||
        objective->event.size > OBJECTIVE_EVENT_BYTES_MAX)
        return refuse(reader, "event",
                      "the kind event, and no other, has the name of an event, 1 to 200 bytes");
    bool has_amount = kind == OBJECTIVE_PURCHASE || kind == OBJECTIVE_MARGIN;
    objective->value = has_amount ? 0 : 1;
    return STATUS_OK;
}

static enum status read_objective(const struct reader *reader, struct objective *objective)
{
    static const char *const names[] = {"kind", "event",         "value",    "horizonDays",
                                        "cap",  "minimumEffect", "exposure", NULL};
    static const struct range value = {"value", 1e-9, OBJECTIVE_VALUE_MAX,
                                       "the value of an outcome is a number above 0"};
    static const struct range days = {"horizonDays", 0.01, OBJECTIVE_DAYS_MAX,
                                      "horizonDays is a number from 0.01 to 90"};
    static const struct range cap = {"cap", OBJECTIVE_CAP_MIN, 1,
                                     "cap is the share of buyers that counts whole, 0.9 to 1"};
    static const struct range minimum = {"minimumEffect", 0.001, 10,
                                         "minimumEffect is a relative effect from 0.001 to 10"};
    enum status status = check_names(reader, names,
                                     "an objective has kind, event, value, horizonDays, cap, "
                                     "minimumEffect, exposure");
    if (status == STATUS_OK)
        status = read_what(reader, objective);
    if (status == STATUS_OK)
        status = read_number(reader, &value, &objective->value);
    if (status == STATUS_OK)
        status = read_number(reader, &days, &objective->horizon_days);
    if (status == STATUS_OK)
        status = read_number(reader, &cap, &objective->cap);
    if (status == STATUS_OK)
        status = read_number(reader, &minimum, &objective->minimum_effect);
    return status;
}

static enum status read_holdout(const struct reader *reader, struct objective *objective)
{
    static const char *const names[] = {"share", "arm", NULL};
    static const struct range share = {"share", 0, HOLDOUT_SHARE_MAX,
                                       "the share held out is a number from 0 to 0.9"};
    static const struct choice arms = {"arm", holdout_names, 0, 2,
                                       "the arm is best_sellers or empty"};
    unsigned arm = HOLDOUT_BEST_SELLERS;
    enum status status = check_names(reader, names, "a hold-out has share and arm");
    if (status == STATUS_OK)
        status = read_number(reader, &share, &objective->holdout_share);
    if (status == STATUS_OK)
        status = read_choice(reader, &arms, &arm);
    objective->holdout_arm = (enum holdout_arm)arm;
    return status;
}

enum status objective_from_json(const struct json *placement, const char *at,
                                struct objective *out_objective, struct diag *diag)
{
    struct reader goal = {json_get(placement, "objective"), at, "objective", diag};
    struct reader held = {json_get(placement, "holdout"), at, "holdout", diag};
    struct objective objective = {.horizon_days = OBJECTIVE_DAYS_DEFAULT,
                                  .cap = OBJECTIVE_CAP_DEFAULT,
                                  .minimum_effect = OBJECTIVE_MINIMUM_DEFAULT,
                                  .holdout_share = HOLDOUT_SHARE_DEFAULT};
    if (!goal.json) {
        if (held.json)
            return refuse(&held, "", "a hold-out needs an objective to be measured by");
        *out_objective = (struct objective){.kind = OBJECTIVE_NONE};
        return STATUS_OK;
    }
    enum status status = read_objective(&goal, &objective);
    if (status == STATUS_OK && held.json)
        status = read_holdout(&held, &objective);
    if (status == STATUS_OK && objective.exposure == EXPOSURE_SEEN &&
        objective.holdout_arm == HOLDOUT_EMPTY && objective.holdout_share > 0)
        return refuse(&goal, "exposure",
                      "nobody sees an empty hold-out: with exposure seen its arm is best_sellers");
    if (status == STATUS_OK)
        *out_objective = objective;
    return status;
}

void objective_to_json(const struct objective *objective, struct json_out *out)
{
    if (objective->kind == OBJECTIVE_NONE)
        return;
    json_name(out, "objective");
    json_object(out);
    JSON_STRING_MEMBER(out, "kind", slice_of(kind_names[objective->kind]));
    if (objective->kind == OBJECTIVE_EVENT)
        JSON_STRING_MEMBER(out, "event", objective->event);
    if (objective->value > 0)
        JSON_NUMBER_MEMBER(out, "value", objective->value);
    JSON_NUMBER_MEMBER(out, "horizonDays", objective->horizon_days);
    JSON_NUMBER_MEMBER(out, "cap", objective->cap);
    JSON_NUMBER_MEMBER(out, "minimumEffect", objective->minimum_effect);
    JSON_STRING_MEMBER(out, "exposure", slice_of(exposure_names[objective->exposure]));
    json_end(out);
    json_name(out, "holdout");
    json_object(out);
    JSON_NUMBER_MEMBER(out, "share", objective->holdout_share);
    JSON_STRING_MEMBER(out, "arm", slice_of(holdout_names[objective->holdout_arm]));
    json_end(out);
}

/* --- arms ------------------------------------------------------------------------------------- */

bool objective_equal(const struct objective *a, const struct objective *b)
{
    return a->kind == b->kind && slice_equal(a->event, b->event) && a->value == b->value &&
           a->horizon_days == b->horizon_days && a->cap == b->cap &&
           a->minimum_effect == b->minimum_effect && a->exposure == b->exposure &&
           a->holdout_share == b->holdout_share && a->holdout_arm == b->holdout_arm;
}

enum arm objective_arm(const struct objective *objective, struct slice placement,
                       struct uuid person)
{
    if (objective->kind == OBJECTIVE_NONE)
        return ARM_NONE;
    static const char salt[] = "visavis/holdout/";
    char bytes[sizeof salt + 128 + sizeof person.bytes];
    assert(placement.size <= 128);
    size_t size = sizeof salt;
    memcpy(bytes, salt, sizeof salt);
    if (placement.size)
        memcpy(bytes + size, placement.data, placement.size);
    size += placement.size;
    memcpy(bytes + size, person.bytes, sizeof person.bytes);
    size += sizeof person.bytes;
    /* 53 bits of the hash as a number within [0, 1) */
    double lot = ldexp((double)(hash64(slice_make(bytes, size)) >> 11), -53);
    return lot < objective->holdout_share ? ARM_HOLDOUT : ARM_CHOSEN;
}

double objective_arm_share(const struct objective *objective, enum arm arm)
{
    if (arm == ARM_HOLDOUT)
        return objective->holdout_share;
    return arm == ARM_CHOSEN ? 1 - objective->holdout_share : 0;
}
