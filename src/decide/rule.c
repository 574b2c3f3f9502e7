#include "decide/rule.h"

bool rule_weighs(enum rule_kind kind)
{
    return kind == RULE_PRICE || kind == RULE_STOCK || kind == RULE_MATCH;
}

/* The heaviest; of equals the smaller text, so that no order of a profile shows. */
static struct slice favourite(const struct decide_person *person, struct slice attribute)
{
    const struct decide_affinity *best = NULL;
    for (size_t i = 0; i < person->affinity_count && person->personal; i++) {
        const struct decide_affinity *affinity = &person->affinities[i];
        if (!(affinity->weight > 0) || !slice_equal(affinity->attribute, attribute))
            continue;
        if (best == NULL || affinity->weight > best->weight ||
            (affinity->weight == best->weight && slice_compare(affinity->value, best->value) < 0))
            best = affinity;
    }
    return best != NULL ? best->value : SLICE_NONE;
}

struct rule_case *rule_cases(const struct placement *placement, const struct decide_input *input,
                             struct arena *arena, size_t *out_count)
{
    struct rule_case *cases = NULL;
    size_t count = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        count += rule_weighs(placement->rules[i].kind);
    if (count > 0)
        cases = ARENA_ARRAY(arena, count, struct rule_case);
    *out_count = count;
    count = 0;
    for (size_t i = 0; i < placement->rule_count; i++) {
        const struct rule *rule = &placement->rules[i];
        if (!rule_weighs(rule->kind))
            continue;
        cases[count] = (struct rule_case){.rule = rule, .input = input};
        if (rule->kind == RULE_MATCH && rule->with == RULE_WITH_PERSON)
            cases[count].liked = favourite(&input->person, rule->attribute);
        count++;
    }
    return cases;
}

static bool has_value(const struct candidate *candidate, struct slice attribute, struct slice value)
{
    for (size_t i = 0; i < candidate->attribute_count; i++)
        if (slice_equal(candidate->attributes[i].name, attribute) &&
            slice_equal(candidate->attributes[i].value, value))
            return true;
    return false;
}

static bool is_within(const struct rule *rule, double value)
{
    return value >= rule->min && (rule->max == 0 || value <= rule->max);
}

static struct verdict ask_page(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct moment *moment = &asked->input->moment;
    const struct rule *rule = asked->rule;
    bool known = false, same = false;
    for (size_t i = 0; i < moment->page_attribute_count; i++) {
        const struct candidate_attribute *page = &moment->page_attributes[i];
        if (!slice_equal(page->name, rule->attribute))
            continue;
        known = true;
        same = same || has_value(candidate, page->name, page->value);
    }
    return (struct verdict){known && same == rule->differs ? REMOVED_MATCH : REMOVED_NOT, 0};
}

static struct verdict ask_match(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct rule *rule = asked->rule;
    if (rule->with == RULE_WITH_CURRENT_ITEM)
        return ask_page(asked, candidate);
    if (asked->liked.size == 0 ||
        has_value(candidate, rule->attribute, asked->liked) != rule->differs)
        return (struct verdict){REMOVED_NOT, 0};
    return (struct verdict){REMOVED_MATCH, PERSON_AFFINITIES};
}

struct verdict rule_ask(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct moment *moment = &asked->input->moment;
    const struct rule *rule = asked->rule;
    enum removal removed = REMOVED_NOT;
    if (!moment->facts)
        return (struct verdict){REMOVED_NOT, 0};
    if (rule->kind == RULE_MATCH)
        return ask_match(asked, candidate);
    if (rule->kind == RULE_STOCK && candidate->stock >= 0 &&
        !is_within(rule, (double)candidate->stock))
        removed = REMOVED_STOCK_LEVEL;
    if (rule->kind == RULE_PRICE && candidate->price_minor >= 0 && moment->page_price_minor > 0 &&
        !is_within(rule, (double)candidate->price_minor / (double)moment->page_price_minor))
        removed = REMOVED_PRICE;
    return (struct verdict){removed, 0};
}
