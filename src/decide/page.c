#include "decide/page.h"

#include <assert.h>

static int priority_of(const struct decide_input *input, size_t index)
{
    const struct placement *placement =
        policy_find(input->policy, input->moment.wishes[index].placement);
    return placement != NULL ? placement->priority : 0;
}

struct serving serving_of(const struct decide_input *input)
{
    struct serving serving;
    int priorities[PLACEMENTS_PER_CALL_MAX];
    assert(input->moment.wish_count <= PLACEMENTS_PER_CALL_MAX);
    for (size_t i = 0; i < input->moment.wish_count; i++) {
        size_t at = i;
        priorities[i] = priority_of(input, i);
        for (; at > 0 && priorities[serving.order[at - 1]] < priorities[i]; at--)
            serving.order[at] = serving.order[at - 1];
        serving.order[at] = (uint8_t)i;
    }
    return serving;
}

struct decide_input unknown_input(const struct decide_input *input)
{
    struct decide_input unknown = *input;
    unknown.person = (struct decide_person){.basis = input->person.basis};
    return unknown;
}

struct decide_input wish_input(const struct decide_input *input, size_t index)
{
    return input->moment.wishes[index].beyond_budget ? unknown_input(input) : *input;
}

/* How many placements may be personalised: the smaller of the shop's and the call's word. */
static unsigned most_personalised(const struct decide_input *input)
{
    const struct page_budget *shop = &input->policy->page, *call = &input->moment.budget;
    unsigned most = PLACEMENTS_PER_CALL_MAX;
    if (shop->limited && shop->personalised_max < most)
        most = shop->personalised_max;
    if (call->limited && call->personalised_max < most)
        most = call->personalised_max;
    return most;
}

bool page_budget_mark(struct decide_input *input, const struct outcome *outcome,
                      struct arena *arena)
{
    size_t count = input->moment.wish_count;
    unsigned left = most_personalised(input);
    bool marked = false;
    if (!input->person.personal || left >= count)
        return false;
    struct serving serving = serving_of(input);
    struct wish *wishes = ARENA_ARRAY(arena, count, struct wish);
    memcpy(wishes, input->moment.wishes, count * sizeof *wishes);
    for (size_t i = 0; i < count; i++) {
        size_t index = serving.order[i];
        if (left > 0) {
            left -= outcome->decisions[index].personalised;
            continue;
        }
        marked |= !wishes[index].beyond_budget;
        wishes[index].beyond_budget = true;
        wishes[index].arm = ARM_NONE; /* nobody is measured by what is everybody's */
        wishes[index].arm_share = 0;
    }
    input->moment.wishes = wishes;
    return marked;
}

static struct visitor visitor_as(const struct decide_input *input, struct arena *arena)
{
    return (struct visitor){.input = *input,
                            .lists = call_lists(input, arena),
                            .taste = taste_of(&input->person, arena)};
}

struct visitors visitors_of(const struct decide_input *input, struct arena *arena)
{
    struct visitors visitors = {.known = visitor_as(input, arena)};
    for (size_t i = 0; i < input->moment.wish_count; i++)
        visitors.has_unknown |= input->moment.wishes[i].beyond_budget;
    if (visitors.has_unknown) {
        struct decide_input unknown = unknown_input(input);
        visitors.unknown = visitor_as(&unknown, arena);
    }
    return visitors;
}

struct visitor *visitor_of(struct visitors *visitors, const struct wish *wish)
{
    return wish->beyond_budget ? &visitors->unknown : &visitors->known;
}

void visitors_see(struct visitors *visitors, const struct decision *decision)
{
    for (size_t i = 0; i < decision->shown_count; i++) {
        struct slice item = decision->shown[i]->candidate->item;
        uint64_t hash = slice_set_hash(item);
        slice_set_add(&visitors->known.lists.page, hash, item, 0);
        if (visitors->has_unknown)
            slice_set_add(&visitors->unknown.lists.page, hash, item, 0);
    }
}
