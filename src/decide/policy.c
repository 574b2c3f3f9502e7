/* Names of strategies and filters, finding a placement, and writing placements as JSON. */
#include "decide/policy.h"

#include <assert.h>

static const char *const strategy_names[STRATEGY_COUNT] = {
    [STRATEGY_TRENDING] = "trending",
    [STRATEGY_BEST_SELLERS] = "best_sellers",
    [STRATEGY_BOUGHT_TOGETHER] = "bought_together",
    [STRATEGY_VIEWED_TOGETHER] = "viewed_together",
    [STRATEGY_RECENTLY_VIEWED] = "recently_viewed",
    [STRATEGY_SIMILAR] = "similar",
    [STRATEGY_NEW_ARRIVALS] = "new_arrivals",
    [STRATEGY_COMPLETE_BASKET] = "complete_basket",
};

static const char *const filter_names[FILTER_COUNT] = {
    [FILTER_IN_STOCK] = "in_stock",
    [FILTER_EXCLUDE_BOUGHT] = "exclude_bought",
    [FILTER_EXCLUDE_BASKET] = "exclude_basket",
    [FILTER_EXCLUDE_PAGE] = "exclude_page",
    [FILTER_EXCLUDE_CURRENT] = "exclude_current",
    [FILTER_INCLUDE] = "include",
    [FILTER_EXCLUDE] = "exclude",
};

const char *strategy_name(enum strategy strategy)
{
    assert(strategy < STRATEGY_COUNT);
    return strategy_names[strategy];
}

bool strategy_has_seeds(enum strategy strategy)
{
    switch (strategy) {
    case STRATEGY_BOUGHT_TOGETHER:
    case STRATEGY_VIEWED_TOGETHER:
    case STRATEGY_SIMILAR:
    case STRATEGY_COMPLETE_BASKET:
        return true;
    default:
        return false;
    }
}

bool strategy_from_name(struct slice name, enum strategy *out_strategy)
{
    for (unsigned i = 0; i < STRATEGY_COUNT; i++) {
        if (slice_is(name, strategy_names[i])) {
            *out_strategy = (enum strategy)i;
            return true;
        }
    }
    return false;
}

const char *filter_kind_name(enum filter_kind kind)
{
    assert(kind < FILTER_COUNT);
    return filter_names[kind];
}

bool placement_has_filter(const struct placement *placement, enum filter_kind kind)
{
    for (size_t i = 0; i < placement->filter_count; i++) {
        if (placement->filters[i].kind == kind)
            return true;
    }
    return false;
}

const struct placement *policy_find(const struct policy *policy, struct slice id)
{
    size_t low = 0, high = policy->placement_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(policy->placements[middle].id, id);
        if (order == 0)
            return &policy->placements[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void filter_to_json(const struct filter *filter, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "kind", slice_of(filter_kind_name(filter->kind)));
    if (filter->kind == FILTER_INCLUDE || filter->kind == FILTER_EXCLUDE) {
        if (filter->attribute.size > 0)
            JSON_STRING_MEMBER(out, "attribute", filter->attribute);
        json_name(out, filter->attribute.size > 0 ? "values" : "items");
        json_array(out);
        for (size_t i = 0; i < filter->value_count; i++)
            json_string(out, filter->values[i]);
        json_end(out);
    }
    json_end(out);
}

void placement_to_json(const struct placement *placement, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", placement->id);
    JSON_STRING_MEMBER(out, "name", placement->name);
    JSON_STRING_MEMBER(out, "kind", SLICE("items"));
    json_name(out, "recipe");
    json_array(out);
    for (size_t i = 0; i < placement->step_count; i++) {
        const struct recipe_step *step = &placement->steps[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "strategy", slice_of(strategy_name(step->strategy)));
        JSON_NUMBER_MEMBER(out, "weight", step->weight);
        json_end(out);
    }
    json_end(out);
    JSON_BOOL_MEMBER(out, "blend", placement->blend);
    json_name(out, "filters");
    json_array(out);
    for (size_t i = 0; i < placement->filter_count; i++)
        filter_to_json(&placement->filters[i], out);
    json_end(out);
    JSON_INT_MEMBER(out, "count", placement->count);
    JSON_INT_MEMBER(out, "deadlineMs", placement->deadline_ms);
    JSON_NUMBER_MEMBER(out, "affinityWeight", placement->affinity_weight);
    JSON_NUMBER_MEMBER(out, "explore", placement->explore);
    objective_to_json(&placement->objective, out);
    json_end(out);
}

void policy_to_json(const struct policy *policy, struct json_out *out)
{
    json_object(out);
    JSON_INT_MEMBER(out, "version", policy->version);
    JSON_INT_MEMBER(out, "publishedMs", policy->published_ms);
    json_name(out, "placements");
    json_array(out);
    for (size_t i = 0; i < policy->placement_count; i++)
        placement_to_json(&policy->placements[i], out);
    json_end(out);
    json_end(out);
}
