#include "measure/join.h"

#include "base/arena.h"
#include "measure/join_rows.h"
#include "measure/join_state.h"

#include <math.h>
#include <stdlib.h>

static const double ms_per_day = 86400000;

struct join *join_new(const struct join_limits *limits)
{
    struct join *join = must_alloc_zero(1, sizeof *join);
    join->people_max = limits && limits->people_max ? limits->people_max : JOIN_PEOPLE_MAX;
    join->outcomes_max = limits && limits->outcomes_max ? limits->outcomes_max : JOIN_OUTCOMES_MAX;
    return join;
}

void join_free(struct join *join)
{
    for (size_t i = 0; join && i < join->count; i++)
        measured_done(&join->measured[i]);
    free(join);
}

struct measured *join_find(const struct join *join, struct slice placement)
{
    for (size_t i = 0; i < join->count; i++)
        if (slice_equal(join->measured[i].placement, placement))
            return (struct measured *)&join->measured[i];
    return NULL;
}

struct measured *join_add(struct join *join, struct slice placement)
{
    if (join->count == JOIN_PLACEMENTS_MAX)
        return NULL;
    struct measured *measured = &join->measured[join->count++];
    measured_init(measured, placement);
    return measured;
}

/* --- bounds ----------------------------------------------------------------------------------- */

struct load {
    size_t people, outcomes;
    struct measured *fullest;
};

static struct load load_of(struct join *join)
{
    struct load load = {0};
    for (size_t i = 0; i < join->count; i++) {
        struct measured *measured = &join->measured[i];
        load.people += measured->people_count;
        load.outcomes += measured->outcome_count;
        if (!load.fullest || measured->people_count > load.fullest->people_count)
            load.fullest = measured;
    }
    return load;
}

static void keep_within(struct join *join)
{
    struct load load = load_of(join);
    while (load.people > join->people_max || load.outcomes > join->outcomes_max) {
        measured_halve(load.fullest);
        load = load_of(join);
    }
}

size_t join_people(const struct join *join)
{
    return load_of((struct join *)join).people;
}

/* --- exposures -------------------------------------------------------------------------------- */

static bool within(const struct measured *measured, const struct joined_person *person,
                   int64_t time_ms)
{
    double horizon_ms = measured->objective.horizon_days * ms_per_day;
    return time_ms >= person->exposed_ms && (double)(time_ms - person->exposed_ms) < horizon_ms;
}

/* Decisions made under an older policy while a new one was published count for nothing. */
static struct measured *measurement_of(struct join *join, const struct exposure *exposure)
{
    struct measured *measured = join_find(join, exposure->placement);
    if (!measured)
        measured = join_add(join, exposure->placement);
    if (!measured || exposure->policy < measured->policy)
        return NULL;
    if (!objective_equal(&measured->objective, exposure->objective))
        measured_restart(measured, exposure->objective, exposure->policy);
    measured->policy = exposure->policy;
    return measured;
}

void join_expose(struct join *join, const struct exposure *exposure)
{
    struct measured *measured = measurement_of(join, exposure);
    if (measured && exposure->outside != OUTSIDE_NOT)
        measured->outside[exposure->outside]++;
    if (!measured || exposure->outside != OUTSIDE_NOT ||
        !measured_keeps(measured, exposure->person))
        return;
    if (measured->began_ms == 0)
        measured->began_ms = exposure->time_ms;
    if (exposure->time_ms > measured->newest_ms)
        measured->newest_ms = exposure->time_ms;
    struct joined_person *person = measured_find(measured, exposure->person);
    if (!person) {
        person = measured_add(measured, exposure->person);
        person->arm = (uint8_t)exposure->arm;
        person->exposed_ms = exposure->time_ms;
        person->before = exposure->before;
        person->first_explored = exposure->explored;
        person->seen = measured->objective.exposure == EXPOSURE_ANSWERED;
    }
    if (within(measured, person, exposure->time_ms))
        person->decisions[exposure->explored]++;
    keep_within(join);
}

static struct joined_person *marked(struct join *join, const struct join_mark *mark,
                                    struct measured **out_measured)
{
    *out_measured = join_find(join, mark->placement);
    struct joined_person *person =
        *out_measured ? measured_find(*out_measured, mark->person) : NULL;
    return person && within(*out_measured, person, mark->time_ms) ? person : NULL;
}

void join_see(struct join *join, const struct join_mark *mark)
{
    struct measured *measured;
    struct joined_person *person = marked(join, mark, &measured);
    if (person)
        person->seen = true;
}

/* --- outcomes --------------------------------------------------------------------------------- */

struct counted {
    uint64_t key;
    double value, share; /* as in struct joined_outcome */
    bool counts;         /* as an outcome; a click of another objective is only remembered */
    int64_t time_ms;
};

static void count(struct measured *measured, struct joined_person *person,
                  const struct counted *counted)
{
    struct joined_outcome *row = measured_add_outcome(measured, counted->key);
    row->person = (uint32_t)(person - measured->people);
    if (!counted->counts)
        return;
    row->value = counted->value;
    row->share = counted->share;
    row->attributed = person->clicked_ms != 0 && person->clicked_ms <= counted->time_ms;
    person->value += counted->value;
    person->outcomes++;
    if (!row->attributed)
        return;
    person->attributed += counted->value;
    person->attributed_outcomes++;
}

static bool has_room(const struct joined_person *person)
{
    return person->outcomes + person->clicks[0] + person->clicks[1] < JOIN_PERSON_OUTCOMES_MAX;
}

void join_click(struct join *join, const struct join_mark *mark)
{
    struct measured *measured;
    struct joined_person *person = marked(join, mark, &measured);
    if (!person || !has_room(person) || measured_find_outcome(measured, mark->decision))
        return;
    if (person->clicked_ms == 0 || mark->time_ms < person->clicked_ms)
        person->clicked_ms = mark->time_ms;
    person->clicks[mark->explored]++;
    bool counts = measured->objective.kind == OBJECTIVE_CLICK;
    count(measured, person,
          &(struct counted){mark->decision, measured->objective.value, 1, counts, mark->time_ms});
    keep_within(join);
}

static bool asks_for(const struct objective *objective, const struct outcome_seen *outcome)
{
    switch (objective->kind) {
    case OBJECTIVE_PURCHASE:
    case OBJECTIVE_MARGIN:
        return outcome->order;
    case OBJECTIVE_LEAD:
        return outcome->lead;
    case OBJECTIVE_EVENT:
        return slice_equal_ignoring_case(objective->event, outcome->name);
    case OBJECTIVE_NONE:
    case OBJECTIVE_CLICK:
    case OBJECTIVE_COUNT:
        break;
    }
    return false;
}

bool join_wants(const struct join *join, const struct outcome_seen *outcome)
{
    bool wanted = false;
    for (size_t i = 0; i < join->count && !wanted; i++)
        wanted = asks_for(&join->measured[i].objective, outcome);
    return wanted;
}

/* Of several rows that are one person by now (a device before it was known whose it is), the one
 * exposed first; at one instant, the smaller name. */
static struct joined_person *exposed_first(const struct measured *measured,
                                           const struct outcome_seen *outcome)
{
    struct joined_person *first = NULL;
    for (size_t i = 0; i < outcome->people_count; i++) {
        const struct join_person *theirs = &outcome->people[i];
        struct joined_person *row = measured_find(measured, theirs->node);
        if (!row || !within(measured, row, outcome->time_ms) || row->exposed_ms < theirs->from_ms ||
            row->exposed_ms >= theirs->to_ms)
            continue;
        if (!first || row->exposed_ms < first->exposed_ms ||
            (row->exposed_ms == first->exposed_ms && uuid_compare(row->person, first->person) < 0))
            first = row;
    }
    return first;
}

/* False: an amount in another currency than the first one's. */
static bool amount_of(struct measured *measured, const struct outcome_seen *outcome,
                      double *out_amount)
{
    *out_amount = measured->objective.value;
    if (measured->objective.value > 0)
        return true;
    *out_amount = measured->objective.kind == OBJECTIVE_MARGIN ? outcome->margin : outcome->revenue;
    if (outcome->currency.size != JOIN_CURRENCY_SIZE)
        return true;
    if (measured->currency[0] == '\0')
        memcpy(measured->currency, outcome->currency.data, JOIN_CURRENCY_SIZE);
    if (slice_is(outcome->currency, measured->currency))
        return true;
    measured->other_currency++;
    return false;
}

/* What a unit of the order's amount is worth to the objective. */
static double share_of(const struct measured *measured, const struct outcome_seen *outcome)
{
    bool margin = measured->objective.kind == OBJECTIVE_MARGIN && outcome->revenue > 0;
    return margin ? outcome->margin / outcome->revenue : 1;
}

void join_outcome(struct join *join, const struct outcome_seen *outcome)
{
    for (size_t i = 0; i < join->count; i++) {
        struct measured *measured = &join->measured[i];
        if (!asks_for(&measured->objective, outcome) ||
            measured_find_outcome(measured, outcome->key))
            continue;
        struct joined_person *person = exposed_first(measured, outcome);
        double amount;
        if (person && has_room(person) && amount_of(measured, outcome, &amount))
            count(measured, person,
                  &(struct counted){outcome->key, amount, share_of(measured, outcome), true,
                                    outcome->time_ms});
    }
    keep_within(join);
}

void join_refund(struct join *join, uint64_t key, double amount)
{
    for (size_t i = 0; i < join->count; i++) {
        struct measured *measured = &join->measured[i];
        struct joined_outcome *row = measured_find_outcome(measured, key);
        bool has_amount = measured->objective.value == 0;
        if (!row || row->value <= 0 || (!has_amount && !isnan(amount)))
            continue; /* a part of an order that counts as one stays one */
        double back = amount * row->share;
        if (isnan(back) || back > row->value)
            back = row->value;
        struct joined_person *person = &measured->people[row->person];
        row->value -= back;
        person->value -= back;
        if (row->attributed)
            person->attributed -= back;
    }
}

void join_forget(struct join *join, struct uuid node)
{
    for (size_t i = 0; i < join->count; i++)
        measured_forget(&join->measured[i], node);
}

bool join_get(const struct join *join, struct slice placement, struct joined *out_joined)
{
    const struct measured *measured = join_find(join, placement);
    if (!measured)
        return false;
    *out_joined = (struct joined){.placement = measured->placement,
                                  .objective = measured->objective,
                                  .policy = measured->policy,
                                  .began_ms = measured->began_ms,
                                  .newest_ms = measured->newest_ms,
                                  .halvings = measured->halvings,
                                  .currency = slice_of(measured->currency),
                                  .other_currency = measured->other_currency,
                                  .people = measured->people,
                                  .people_count = measured->people_count};
    memcpy(out_joined->outside, measured->outside, sizeof out_joined->outside);
    return true;
}
