#include "decide/operations.h"

#include <assert.h>

#include "decide/arrange.h"
#include "decide/score.h"

const char *operation_name(enum operation_kind kind)
{
    static const char *const names[OPERATION_COUNT] = {
        [OPERATION_GATHERED] = "gathered",   [OPERATION_REMOVED] = "removed",
        [OPERATION_BOOSTED] = "boosted",     [OPERATION_BURIED] = "buried",
        [OPERATION_PINNED] = "pinned",       [OPERATION_CAPPED] = "capped",
        [OPERATION_FELL_BACK] = "fell_back", [OPERATION_DIVERSIFIED] = "diversified",
        [OPERATION_EXPLORED] = "explored",   [OPERATION_SHUFFLED] = "shuffled",
        [OPERATION_INVITED] = "invited",     [OPERATION_WITHHELD] = "withheld",
        [OPERATION_SHOWN] = "shown",
    };
    assert(kind < OPERATION_COUNT);
    return names[kind];
}

uint32_t operation_answered(const struct decision *decision, bool personal, unsigned column)
{
    uint32_t kept = 0, answered = decision->evidence->answered[column];
    for (size_t i = 0; i < decision->all_count; i++)
        kept += score_answer(decision->all[i].candidate, column, personal) > 0;
    return answered > kept ? answered : kept;
}

uint32_t operation_removed(const struct decision *decision, enum removal removal)
{
    uint32_t count = decision->evidence->dropped[removal];
    for (size_t i = decision->eligible_count; i < decision->all_count; i++)
        count += decision->all[i].removed == removal;
    return count;
}

uint32_t operation_pinned(const struct decision *decision)
{
    uint32_t count = 0;
    for (size_t i = 0; i < decision->shown_count; i++)
        count += decision->shown[i]->slot > 0;
    return count;
}

uint32_t operation_fallen_back(const struct decision *decision)
{
    uint32_t count = 0;
    for (size_t i = 0; i < decision->shown_count; i++)
        count += !scored_is_placed(decision->shown[i]) &&
                 step_falls_back(decision->definition, decision->shown[i]->lead_step);
    return count;
}

uint32_t operation_invited(const struct decision *decision)
{
    uint32_t count = 0;
    for (size_t i = 0; i < decision->shown_count; i++)
        count += decision->shown[i]->invited;
    return count;
}

/* Shown items that a rule of this kind counted for. */
static uint32_t count_ruled(const struct decision *decision, enum rule_kind kind)
{
    uint32_t count = 0;
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *scored = decision->shown[i];
        bool ruled = false;
        for (size_t j = 0; j < scored->contribution_count && !ruled; j++)
            ruled =
                scored->contributions[j].kind == CONTRIBUTION_RULE &&
                slice_starts_with(scored->contributions[j].name, slice_of(rule_kind_name(kind)));
        count += ruled;
    }
    return count;
}

struct told {
    struct operation *list;
    size_t count;
};

static void tell(struct told *told, enum operation_kind kind, uint64_t count)
{
    if (count > 0)
        told->list[told->count++] = (struct operation){.kind = kind, .count = count};
}

static void tell_removed(struct told *told, const struct decision *decision)
{
    for (unsigned i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++) {
        uint64_t count = operation_removed(decision, (enum removal)i);
        if (count > 0 && i != REMOVED_CAPPED)
            told->list[told->count++] = (struct operation){
                .kind = OPERATION_REMOVED, .removal = (enum removal)i, .count = count};
    }
}

static void tell_arranged(struct told *told, const struct decision *decision)
{
    const struct placement *definition = decision->definition;
    size_t open = decision->eligible_count - operation_pinned(decision);
    const struct rule *shuffle = arrange_shuffle(definition);
    tell(told, OPERATION_BOOSTED, count_ruled(decision, RULE_BOOST));
    tell(told, OPERATION_BURIED, count_ruled(decision, RULE_BURY));
    tell(told, OPERATION_PINNED, operation_pinned(decision));
    tell(told, OPERATION_CAPPED, operation_removed(decision, REMOVED_CAPPED));
    tell(told, OPERATION_FELL_BACK, operation_fallen_back(decision));
    tell(told, OPERATION_DIVERSIFIED, decision->moves.count);
    if (decision->explored)
        tell(told, OPERATION_EXPLORED, open);
    if (decision->shuffled)
        tell(told, OPERATION_SHUFFLED, shuffle->among < open ? shuffle->among : open);
    tell(told, OPERATION_INVITED, operation_invited(decision));
    tell(told, OPERATION_WITHHELD, decision->withheld);
}

size_t operations_of(const struct decision *decision, bool personal,
                     struct operation *out_operations)
{
    const struct placement *definition = decision->definition;
    struct told told = {.list = out_operations};
    if (definition == NULL)
        return 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        uint32_t count = operation_answered(decision, personal, step_column(step));
        if (count > 0 || !step_falls_back(definition, i))
            told.list[told.count++] =
                (struct operation){.kind = OPERATION_GATHERED, .step = step, .count = count};
    }
    tell_removed(&told, decision);
    tell_arranged(&told, decision);
    told.list[told.count++] =
        (struct operation){.kind = OPERATION_SHOWN, .count = decision->shown_count};
    return told.count;
}
