/* What somebody who is held out gets instead: best sellers under the placement's own rules, or
 * nothing. */
#include "decide/newcomers.h"
#include "decide/variant.h"

const struct placement *wish_placement(const struct decide_input *input, size_t index,
                                       struct arena *arena)
{
    const struct wish *wish = &input->moment.wishes[index];
    const struct placement *published = policy_find(input->policy, wish->placement);
    if (published == NULL)
        return NULL;
    published = placement_at(published, input->moment.now_ms, arena);
    if (wish->arm != ARM_HOLDOUT || published->kind == PLACEMENT_ORDER)
        return published;
    struct placement *held = ARENA_NEW(arena, struct placement);
    *held = *published;
    held->steps[0] = (struct recipe_step){.strategy = STRATEGY_BEST_SELLERS, .weight = 1};
    held->step_count = 1;
    held->fallback_count = 0; /* nothing that others would not see as well */
    held->mix = MIX_IN_ORDER;
    held->affinity_weight = 0;
    held->explore = 0;
    variant_without_kind(held, RULE_ARRIVALS, arena);
    return held;
}

bool wish_shows_nothing(const struct wish *wish, const struct placement *placement)
{
    return placement->stopped ||
           (wish->arm == ARM_HOLDOUT && placement->objective.holdout_arm == HOLDOUT_EMPTY);
}
