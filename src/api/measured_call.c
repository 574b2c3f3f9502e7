#include "api/measured_call.h"

#include "base/arena.h"

#include <stdlib.h>

struct uuid measured_person(const struct decision_record *record)
{
    return uuid_is_zero(record->asker_person) ? record->asker_node : record->asker_person;
}

static const struct placement *measured_placement(const struct decision_record *record,
                                                  const struct policy *policy, size_t index)
{
    const struct wish *wish = &record->input.moment.wishes[index];
    const struct placement *placement = policy_find(policy, wish->placement);
    return placement && placement->objective.kind != OBJECTIVE_NONE ? placement : NULL;
}

static enum outside outside_of(const struct decision_record *record, size_t index)
{
    if (!record->input.person.personal)
        return OUTSIDE_UNRECOGNISED;
    if (uuid_is_zero(measured_person(record)))
        return OUTSIDE_NEW;
    return record->input.moment.wishes[index].arm == ARM_NONE ? OUTSIDE_UNMEASURED : OUTSIDE_NOT;
}

/* What goes with later outcomes of this kind: past purchases with purchases, else past views. */
static uint32_t before_of(const struct decision_record *record, const struct objective *objective)
{
    const struct decide_person *person = &record->input.person;
    bool buys = objective->kind == OBJECTIVE_PURCHASE || objective->kind == OBJECTIVE_MARGIN;
    return (uint32_t)(buys ? person->bought_count : person->recent_count);
}

/* Texts and objectives behind the exposures, so that they outlive the policy's snapshot. */
struct tail {
    struct objective *objectives;
    char *texts;
};

static struct slice keep_text(struct tail *tail, struct slice text)
{
    char *kept = tail->texts;
    if (text.size)
        memcpy(kept, text.data, text.size);
    tail->texts += text.size;
    return slice_make(kept, text.size);
}

static void add(struct measured_call *call, const struct decision_record *record, size_t index,
                const struct placement *placement, struct tail *tail)
{
    struct objective *objective = tail->objectives++;
    *objective = placement->objective;
    objective->event = keep_text(tail, placement->objective.event);
    call->exposures[call->exposure_count++] =
        (struct exposure){.placement = keep_text(tail, placement->id),
                          .objective = objective,
                          .policy = record->input.policy->version,
                          .person = measured_person(record),
                          .outside = outside_of(record, index),
                          .before = before_of(record, &placement->objective),
                          .arm = record->input.moment.wishes[index].arm,
                          .explored = record->explored >> index & 1,
                          .time_ms = record->input.moment.now_ms};
}

struct measured_call *measured_call_new(const struct decision_record *record,
                                        const struct policy *policy)
{
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < record->input.moment.wish_count; i++) {
        const struct placement *placement = measured_placement(record, policy, i);
        if (!placement)
            continue;
        count++;
        bytes += placement->id.size + placement->objective.event.size;
    }
    if (count == 0)
        return NULL;
    size_t rows = count * (sizeof(struct exposure) + sizeof(struct objective));
    struct measured_call *call = must_alloc_zero(1, sizeof *call + rows + bytes);
    struct tail tail = {.objectives = (struct objective *)(call->exposures + count)};
    tail.texts = (char *)(tail.objectives + count);
    for (size_t i = 0; i < record->input.moment.wish_count; i++) {
        const struct placement *placement = measured_placement(record, policy, i);
        if (placement)
            add(call, record, i, placement, &tail);
    }
    return call;
}

void measured_call_free(struct measured_call *call)
{
    free(call);
}
