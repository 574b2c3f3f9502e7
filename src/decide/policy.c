/* Names of strategies and rules, finding a placement, and writing placements as JSON. */
#include "decide/policy.h"

#include <assert.h>

#include "base/clock.h"
#include "decide/policy_reader.h"

static const char *const strategy_names[STRATEGY_COUNT] = {
    [STRATEGY_TRENDING] = "trending",
    [STRATEGY_BEST_SELLERS] = "best_sellers",
    [STRATEGY_BOUGHT_TOGETHER] = "bought_together",
    [STRATEGY_VIEWED_TOGETHER] = "viewed_together",
    [STRATEGY_RECENTLY_VIEWED] = "recently_viewed",
    [STRATEGY_SIMILAR] = "similar",
    [STRATEGY_NEW_ARRIVALS] = "new_arrivals",
    [STRATEGY_COMPLETE_BASKET] = "complete_basket",
    [STRATEGY_CATEGORY_TRENDING] = "category_trending",
    [STRATEGY_CATEGORY_BEST_SELLERS] = "category_best_sellers",
    [STRATEGY_REPURCHASE_DUE] = "repurchase_due",
    [STRATEGY_SESSIONS] = "sessions",
    [STRATEGY_VIEWED_NEXT] = "viewed_next",
    [STRATEGY_MANUAL] = "manual",
    [STRATEGY_BOUGHT_AFTER_VIEW] = "bought_after_view",
};

static const char *const key_names[KEY_COUNT] = {
    [KEY_ANY] = "",
    [KEY_CURRENT_ITEM] = "current_item",
    [KEY_BASKET] = "basket",
    [KEY_LAST_BOUGHT] = "last_bought",
    [KEY_LAST_VIEWED] = "last_viewed",
    [KEY_FAVOURITE_CATEGORY] = "favourite_category",
    [KEY_PAGE_CATEGORY] = "page_category",
};

#define ITEM_KEYS                                                                                  \
    (1U << KEY_CURRENT_ITEM | 1U << KEY_BASKET | 1U << KEY_LAST_BOUGHT | 1U << KEY_LAST_VIEWED)
#define CATEGORY_KEYS                                                                              \
    (1U << KEY_PAGE_CATEGORY | 1U << KEY_CURRENT_ITEM | 1U << KEY_FAVOURITE_CATEGORY |             \
     1U << KEY_LAST_BOUGHT | 1U << KEY_LAST_VIEWED)

static const uint32_t keys[STRATEGY_COUNT] = {
    [STRATEGY_BOUGHT_TOGETHER] = ITEM_KEYS,        [STRATEGY_VIEWED_TOGETHER] = ITEM_KEYS,
    [STRATEGY_BOUGHT_AFTER_VIEW] = ITEM_KEYS,      [STRATEGY_SIMILAR] = ITEM_KEYS,
    [STRATEGY_COMPLETE_BASKET] = 1U << KEY_BASKET, [STRATEGY_NEW_ARRIVALS] = CATEGORY_KEYS,
    [STRATEGY_CATEGORY_TRENDING] = CATEGORY_KEYS,  [STRATEGY_CATEGORY_BEST_SELLERS] = CATEGORY_KEYS,
};

static const char *const rule_names[RULE_COUNT] = {
    [RULE_IN_STOCK] = "in_stock",
    [RULE_EXCLUDE_BOUGHT] = "exclude_bought",
    [RULE_EXCLUDE_BASKET] = "exclude_basket",
    [RULE_EXCLUDE_PAGE] = "exclude_page",
    [RULE_EXCLUDE_CURRENT] = "exclude_current",
    [RULE_INCLUDE] = "include",
    [RULE_EXCLUDE] = "exclude",
    [RULE_EXCLUDE_VIEWED] = "exclude_viewed",
    [RULE_PRICE] = "price",
    [RULE_STOCK] = "stock",
    [RULE_MATCH] = "match",
    [RULE_MARGIN] = "margin",
    [RULE_MY_SIZE] = "my_size",
    [RULE_BOOST] = "boost",
    [RULE_BURY] = "bury",
    [RULE_PIN] = "pin",
    [RULE_CAP] = "cap",
    [RULE_SHUFFLE] = "shuffle",
    [RULE_DIVERSITY] = "diversity",
    [RULE_ARRIVALS] = "arrivals",
};

const char *strategy_name(enum strategy strategy)
{
    assert(strategy < STRATEGY_COUNT);
    return strategy_names[strategy];
}

const struct recipe_step pin_sources[PIN_SOURCE_COUNT] = {
    {.strategy = STRATEGY_BEST_SELLERS, .weight = 1},
    {.strategy = STRATEGY_TRENDING, .weight = 1},
    {.strategy = STRATEGY_NEW_ARRIVALS, .weight = 1},
};

bool strategy_has_seeds(enum strategy strategy)
{
    switch (strategy) {
    case STRATEGY_BOUGHT_TOGETHER:
    case STRATEGY_VIEWED_TOGETHER:
    case STRATEGY_SIMILAR:
    case STRATEGY_COMPLETE_BASKET:
    case STRATEGY_SESSIONS:
    case STRATEGY_VIEWED_NEXT:
    case STRATEGY_BOUGHT_AFTER_VIEW:
        return true;
    default:
        return false;
    }
}

const char *step_key_name(enum step_key key)
{
    assert(key < KEY_COUNT);
    return key_names[key];
}

uint32_t strategy_keys(enum strategy strategy)
{
    assert(strategy < STRATEGY_COUNT);
    return keys[strategy];
}

bool step_reads_history(const struct recipe_step *step)
{
    switch (step->strategy) {
    case STRATEGY_RECENTLY_VIEWED:
    case STRATEGY_REPURCHASE_DUE:
        return true;
    case STRATEGY_BOUGHT_TOGETHER:
    case STRATEGY_VIEWED_TOGETHER:
    case STRATEGY_SIMILAR:
        return step->key == KEY_ANY || step->key == KEY_LAST_BOUGHT || step->key == KEY_LAST_VIEWED;
    default:
        return step->key == KEY_LAST_BOUGHT || step->key == KEY_LAST_VIEWED;
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

const char *mix_name(enum mix mix)
{
    static const char *const names[] = {
        [MIX_IN_ORDER] = "in_order", [MIX_WEIGHTED] = "weighted", [MIX_BLEND] = "blend"};
    return names[mix];
}

const char *rule_kind_name(enum rule_kind kind)
{
    assert(kind < RULE_COUNT);
    return rule_names[kind];
}

const char *rule_with_name(enum rule_with with)
{
    static const char *const names[] = {[RULE_WITH_CURRENT_ITEM] = "current_item",
                                        [RULE_WITH_PERSON] = "person",
                                        [RULE_WITH_BASKET] = "basket"};
    return names[with];
}

bool placement_lifts(const struct placement *placement)
{
    return placement->affinity_weight > 0 || placement->mix == MIX_BLEND;
}

bool placement_has_rule(const struct placement *placement, enum rule_kind kind)
{
    for (size_t i = 0; i < placement->rule_count; i++) {
        if (placement->rules[i].kind == kind)
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

bool rule_acts(const struct rule *rule, int64_t now_ms)
{
    return !rule->off && now_ms >= rule->from_ms &&
           (rule->until_ms == 0 || now_ms < rule->until_ms);
}

const struct placement *placement_at(const struct placement *placement, int64_t now_ms,
                                     struct arena *arena)
{
    size_t acting = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        acting += rule_acts(&placement->rules[i], now_ms);
    if (acting == placement->rule_count)
        return placement;
    struct placement *then = ARENA_NEW(arena, struct placement);
    struct rule *rules = ARENA_ARRAY(arena, acting, struct rule);
    *then = *placement;
    then->rules = rules;
    then->rule_count = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        if (rule_acts(&placement->rules[i], now_ms))
            rules[then->rule_count++] = placement->rules[i];
    return then;
}

static void instant_to_json(const char *name, int64_t ms, struct json_out *out)
{
    if (ms != 0)
        JSON_TIME_MEMBER(out, name, ms);
}

static void match_to_json(const struct rule *rule, struct json_out *out)
{
    JSON_STRING_MEMBER(out, "attribute", rule->attribute);
    JSON_STRING_MEMBER(out, "with", slice_of(rule_with_name(rule->with)));
    if (rule->differs)
        JSON_BOOL_MEMBER(out, "differs", true);
}

static void list_to_json(const struct rule *rule, struct json_out *out)
{
    json_text_member(out, "attribute", rule->attribute);
    json_name(out, rule->attribute.size > 0 ? "values" : "items");
    json_array(out);
    for (size_t i = 0; i < rule->value_count; i++)
        json_string(out, rule->values[i]);
    json_end(out);
}

static void pin_to_json(const struct rule *rule, struct json_out *out)
{
    JSON_INT_MEMBER(out, "slot", rule->slot);
    if (rule->attribute.size > 0)
        list_to_json(rule, out);
    else
        JSON_STRING_MEMBER(out, "item", rule->values[0]);
}

/* What a kind says beside its bounds and its schedule. */
static void kind_to_json(const struct rule *rule, struct json_out *out)
{
    switch (rule->kind) {
    case RULE_INCLUDE:
    case RULE_EXCLUDE:
    case RULE_BOOST:
    case RULE_BURY:
        list_to_json(rule, out);
        break;
    case RULE_MATCH:
        match_to_json(rule, out);
        break;
    case RULE_PRICE:
        JSON_STRING_MEMBER(out, "than", SLICE("current_item"));
        break;
    case RULE_PIN:
        pin_to_json(rule, out);
        break;
    case RULE_CAP:
        JSON_STRING_MEMBER(out, "attribute", rule->attribute);
        break;
    case RULE_DIVERSITY:
        JSON_NUMBER_MEMBER(out, "weight", rule->weight);
        break;
    case RULE_ARRIVALS:
        JSON_NUMBER_MEMBER(out, "share", rule->share);
        JSON_INT_MEMBER(out, "days", rule->days);
        break;
    case RULE_MARGIN:
    case RULE_MY_SIZE:
        JSON_STRING_MEMBER(out, "unknown", rule->keeps_unknown ? SLICE("keep") : SLICE("remove"));
        break;
    default:
        break;
    }
}

static void rule_to_json(const struct rule *rule, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "kind", slice_of(rule_kind_name(rule->kind)));
    kind_to_json(rule, out);
    if (rule->min > 0 || rule->kind == RULE_MARGIN)
        JSON_NUMBER_MEMBER(out, "min", rule->min);
    if (rule->max > 0)
        JSON_NUMBER_MEMBER(out, "max", rule->max);
    if (rule->factor > 0)
        JSON_NUMBER_MEMBER(out, "factor", rule->factor);
    if (rule->among > 0)
        JSON_INT_MEMBER(out, "among", rule->among);
    if (rule->off)
        JSON_BOOL_MEMBER(out, "off", true);
    instant_to_json("from", rule->from_ms, out);
    instant_to_json("until", rule->until_ms, out);
    json_end(out);
}

static void step_to_json(const struct recipe_step *step, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "strategy", slice_of(strategy_name(step->strategy)));
    JSON_NUMBER_MEMBER(out, "weight", step->weight);
    if (step->key != KEY_ANY)
        JSON_STRING_MEMBER(out, "key", slice_of(step_key_name(step->key)));
    if (step->lookback_days > 0)
        JSON_INT_MEMBER(out, "lookbackDays", step->lookback_days);
    if (step->strategy == STRATEGY_MANUAL) {
        json_name(out, "items");
        json_array(out);
        for (size_t i = 0; i < step->item_count; i++)
            json_string(out, step->items[i]);
        json_end(out);
    }
    json_end(out);
}

static void steps_to_json(const char *name, const struct recipe_step *steps, size_t count,
                          struct json_out *out)
{
    json_name(out, name);
    json_array(out);
    for (size_t i = 0; i < count; i++)
        step_to_json(&steps[i], out);
    json_end(out);
}

/* What becomes of it when the recipe gives too few. */
static void filling_to_json(const struct placement *placement, struct json_out *out)
{
    if (placement->minimum > 0)
        JSON_INT_MEMBER(out, "minimum", placement->minimum);
    if (placement->fallback_count > 0)
        steps_to_json("fallback", placement->steps + recipe_steps(placement),
                      placement->fallback_count, out);
    if (placement->withholds)
        JSON_BOOL_MEMBER(out, "partial", false);
}

static void items_to_json(const struct placement *placement, struct json_out *out)
{
    steps_to_json("recipe", placement->steps, recipe_steps(placement), out);
    JSON_STRING_MEMBER(out, "mix", slice_of(mix_name(placement->mix)));
    json_name(out, "rules");
    json_array(out);
    for (size_t i = 0; i < placement->rule_count; i++)
        rule_to_json(&placement->rules[i], out);
    json_end(out);
    filling_to_json(placement, out);
    JSON_INT_MEMBER(out, "count", placement->count);
    JSON_INT_MEMBER(out, "deadlineMs", placement->deadline_ms);
    JSON_NUMBER_MEMBER(out, "affinityWeight", placement->affinity_weight);
    if (placement->sets_margin)
        JSON_NUMBER_MEMBER(out, "marginWeight", placement->margin_weight);
    JSON_NUMBER_MEMBER(out, "explore", placement->explore);
}

void placement_to_json(const struct placement *placement, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "id", placement->id);
    JSON_STRING_MEMBER(out, "name", placement->name);
    bool orders = placement->kind == PLACEMENT_ORDER;
    JSON_STRING_MEMBER(out, "kind", orders ? SLICE("order") : SLICE("items"));
    if (orders)
        order_to_json(placement, out);
    else
        items_to_json(placement, out);
    if (placement->priority != 0)
        JSON_INT_MEMBER(out, "priority", placement->priority);
    objective_to_json(&placement->objective, out);
    if (placement->stopped)
        JSON_BOOL_MEMBER(out, "stopped", true);
    json_end(out);
}

void policy_to_json(const struct policy *policy, struct json_out *out)
{
    json_object(out);
    JSON_INT_MEMBER(out, "version", policy->version);
    JSON_INT_MEMBER(out, "publishedMs", policy->published_ms);
    json_text_member(out, "by", policy->by);
    if (policy->page.limited) {
        json_name(out, "page");
        json_object(out);
        JSON_INT_MEMBER(out, "personalisedMax", policy->page.personalised_max);
        json_end(out);
    }
    json_name(out, "placements");
    json_array(out);
    for (size_t i = 0; i < policy->placement_count; i++)
        placement_to_json(&policy->placements[i], out);
    json_end(out);
    json_end(out);
}
