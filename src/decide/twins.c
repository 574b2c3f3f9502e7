#include "decide/twins.h"

/* Two numbers as they were read: nothing was counted with them, so they are equal or differ. */
static bool same_number(double left, double right)
{
    return !(left < right) && !(left > right);
}

static bool same_texts(const struct slice *left, const struct slice *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!slice_equal(left[i], right[i]))
            return false;
    return true;
}

static bool same_step(const struct recipe_step *left, const struct recipe_step *right)
{
    return left->strategy == right->strategy && left->asks == right->asks &&
           left->repeat == right->repeat && left->key == right->key &&
           left->lookback_days == right->lookback_days && left->item_count == right->item_count &&
           same_number(left->weight, right->weight) &&
           same_texts(left->items, right->items, left->item_count);
}

static bool same_rule(const struct rule *left, const struct rule *right)
{
    return left->kind == right->kind && left->with == right->with &&
           left->differs == right->differs && left->keeps_unknown == right->keeps_unknown &&
           left->slot == right->slot && left->among == right->among && left->days == right->days &&
           left->value_count == right->value_count && same_number(left->min, right->min) &&
           same_number(left->max, right->max) && same_number(left->factor, right->factor) &&
           same_number(left->weight, right->weight) && same_number(left->share, right->share) &&
           slice_equal(left->attribute, right->attribute) &&
           same_texts(left->values, right->values, left->value_count);
}

static bool same_rules(const struct placement *left, const struct placement *right)
{
    if (left->rule_count != right->rule_count)
        return false;
    for (size_t i = 0; i < left->rule_count; i++)
        if (!same_rule(&left->rules[i], &right->rules[i]))
            return false;
    return true;
}

static bool same_recipe(const struct placement *left, const struct placement *right)
{
    if (left->mix != right->mix || left->step_count != right->step_count ||
        left->sets_margin != right->sets_margin ||
        !same_number(left->margin_weight, right->margin_weight) ||
        !same_number(left->affinity_weight, right->affinity_weight))
        return false;
    for (size_t i = 0; i < left->step_count; i++)
        if (!same_step(&left->steps[i], &right->steps[i]))
            return false;
    return true;
}

/* Is nothing about an item a matter of which others there are? */
static bool counts_one_by_one(const struct placement *placement)
{
    for (size_t i = 0; i < placement->rule_count; i++)
        switch (placement->rules[i].kind) {
        case RULE_PIN:
        case RULE_CAP:
        case RULE_DIVERSITY:
        case RULE_ARRIVALS:
            return false;
        default:
            break;
        }
    return placement->mix != MIX_IN_ORDER && placement->fallback_count == 0;
}

bool placements_are_twins(const struct placement *left, const struct placement *right)
{
    return left->kind == PLACEMENT_ITEMS && right->kind == PLACEMENT_ITEMS &&
           counts_one_by_one(left) && counts_one_by_one(right) && same_recipe(left, right) &&
           same_rules(left, right);
}
