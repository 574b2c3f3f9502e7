/* The rules that keep an item from leaving, asked in a fixed order so that the reason told is
 * always the same one. */
#include "decide/filter.h"

#include "decide/score.h"

unsigned wish_size(const struct wish *wish, const struct placement *definition)
{
    unsigned count = wish->count > 0 ? wish->count : definition->count;
    return count < ITEMS_PER_PLACEMENT_MAX ? count : ITEMS_PER_PLACEMENT_MAX;
}

struct call_lists call_lists(const struct decide_input *input, struct arena *arena)
{
    const struct decide_person *person = &input->person;
    struct call_lists lists = {
        .cart = slice_set_of(arena, input->moment.cart, input->moment.cart_count),
        .page = slice_set(arena, 0),
        .personal = person->personal,
    };
    if (person->personal) {
        lists.bought = slice_set_of(arena, person->bought, person->bought_count);
        lists.basket = slice_set_of(arena, person->basket, person->basket_count);
    }
    return lists;
}

static uint32_t seeded_columns(const struct placement *definition)
{
    uint32_t columns = 0;
    for (size_t i = 0; i < definition->step_count; i++)
        if (strategy_has_seeds(definition->steps[i].strategy))
            columns |= UINT32_C(1) << step_column(&definition->steps[i]);
    return columns;
}

/* A recipe of things that go together implies that the page's own item does not. */
static uint32_t kinds_of(const struct placement *definition, uint32_t seeded)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < definition->rule_count; i++)
        kinds |= UINT32_C(1) << definition->rules[i].kind;
    if (seeded != 0)
        kinds |= UINT32_C(1) << RULE_EXCLUDE_CURRENT;
    return kinds;
}

struct wish_filters wish_filters(const struct decide_input *input, size_t index,
                                 const struct placement *definition, const struct call_lists *lists,
                                 struct arena *arena)
{
    const struct wish *wish = &input->moment.wishes[index];
    uint32_t seeded = seeded_columns(definition);
    struct wish_filters filters = {
        .lists = lists,
        .definition = definition,
        .kinds = kinds_of(definition, seeded),
        .seeded = seeded,
        .input = input,
        .caller = slice_set_of(arena, wish->exclude, wish->exclude_count),
        .values = ARENA_ARRAY(arena, definition->rule_count, struct slice_set),
    };
    if (lists->personal && filters_have(&filters, RULE_EXCLUDE_VIEWED))
        filters.recents = slice_set_of(arena, input->person.recents, input->person.recent_count);
    filters.cases = rule_cases(definition, input, arena, &filters.case_count);
    for (size_t i = 0; i < definition->rule_count; i++) {
        const struct rule *rule = &definition->rules[i];
        filters.values[i] = slice_set_of(arena, rule->values, rule->value_count);
    }
    return filters;
}

static bool is_current(const struct wish_filters *filters, const struct candidate *candidate)
{
    if (!filters_have(filters, RULE_EXCLUDE_CURRENT))
        return false;
    struct slice page_item = filters->input->moment.page_item;
    if (page_item.size > 0 && slice_equal(candidate->item, page_item))
        return true;
    for (uint32_t left = filters->seeded; left != 0; left &= left - 1) {
        unsigned column = (unsigned)__builtin_ctz(left);
        if (candidate->because[column] > 0 &&
            score_answer(candidate, column, filters->lists->personal) > 0 &&
            slice_equal(decide_because(filters->input, candidate, column), candidate->item))
            return true;
    }
    return false;
}

bool filters_list(const struct wish_filters *filters, size_t rule,
                  const struct candidate *candidate, uint64_t hash, struct slice *out_value)
{
    const struct slice_set *values = &filters->values[rule];
    struct slice attribute = filters->definition->rules[rule].attribute;
    if (attribute.size == 0)
        return slice_set_has(values, hash, candidate->item);
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        const struct candidate_attribute *own = &candidate->attributes[i];
        if (!slice_equal(own->name, attribute) ||
            !slice_set_has(values, slice_set_hash(own->value), own->value))
            continue;
        *out_value = own->value;
        return true;
    }
    return false;
}

/* The lists that the marketer wrote: each include list must hold it, no exclude list may. */
static enum removal ask_lists(const struct wish_filters *filters, const struct candidate *candidate,
                              uint64_t hash)
{
    enum removal removed = REMOVED_NOT;
    if (!filters_have(filters, RULE_INCLUDE) && !filters_have(filters, RULE_EXCLUDE))
        return removed;
    for (size_t i = 0; i < filters->definition->rule_count; i++) {
        const struct rule *rule = &filters->definition->rules[i];
        if (rule->kind != RULE_INCLUDE && rule->kind != RULE_EXCLUDE)
            continue;
        struct slice value;
        bool listed = filters_list(filters, i, candidate, hash, &value);
        if (rule->kind == RULE_INCLUDE && !listed)
            return REMOVED_NOT_INCLUDED;
        if (rule->kind == RULE_EXCLUDE && listed)
            removed = REMOVED_EXCLUDED;
    }
    return removed;
}

static struct verdict ask_owned(const struct wish_filters *filters,
                                const struct candidate *candidate, uint64_t hash)
{
    const struct call_lists *lists = filters->lists;
    if (filters_have(filters, RULE_EXCLUDE_BOUGHT) &&
        slice_set_has(&lists->bought, hash, candidate->item))
        return (struct verdict){REMOVED_BOUGHT, PERSON_BOUGHT};
    if (filters_have(filters, RULE_EXCLUDE_BASKET)) {
        if (slice_set_has(&lists->cart, hash, candidate->item))
            return (struct verdict){REMOVED_BASKET, 0};
        if (slice_set_has(&lists->basket, hash, candidate->item))
            return (struct verdict){REMOVED_BASKET, PERSON_BASKET};
    }
    if (filters_have(filters, RULE_EXCLUDE_VIEWED) &&
        slice_set_has(&filters->recents, hash, candidate->item))
        return (struct verdict){REMOVED_VIEWED, PERSON_RECENTS};
    return (struct verdict){REMOVED_NOT, 0};
}

struct verdict filters_ask(const struct wish_filters *filters, const struct candidate *candidate,
                           uint64_t hash)
{
    struct verdict verdict = {REMOVED_NOT, 0};
    if (candidate->hidden)
        verdict.removed = REMOVED_HIDDEN;
    else if (!candidate->in_stock && filters_have(filters, RULE_IN_STOCK))
        verdict.removed = REMOVED_STOCK;
    else if (is_current(filters, candidate))
        verdict.removed = REMOVED_CURRENT;
    else if (slice_set_has(&filters->caller, hash, candidate->item))
        verdict.removed = REMOVED_CALLER;
    else
        verdict.removed = ask_lists(filters, candidate, hash);
    uint32_t used = 0;
    for (size_t i = 0; i < filters->case_count && verdict.removed == REMOVED_NOT; i++) {
        verdict = rule_ask(&filters->cases[i], candidate);
        used |= verdict.person_used;
    }
    if (verdict.removed == REMOVED_NOT)
        verdict = ask_owned(filters, candidate, hash);
    verdict.person_used |= used;
    if (verdict.removed == REMOVED_NOT && filters_have(filters, RULE_EXCLUDE_PAGE) &&
        slice_set_has(&filters->lists->page, hash, candidate->item))
        verdict.removed = REMOVED_PAGE;
    return verdict;
}
