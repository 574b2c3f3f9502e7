#include "decide/rule.h"

bool rule_weighs(enum rule_kind kind)
{
    return rule_needs_facts(kind) || kind == RULE_MARGIN || kind == RULE_MY_SIZE;
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

static bool has_item(const struct slice *items, size_t count, struct slice item)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(items[i], item))
            return true;
    return false;
}

static struct rule_values values_of(const struct decide_input *input, struct slice attribute,
                                    bool sent, struct arena *arena)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    struct rule_values values = {0};
    size_t room = 0;
    for (size_t i = 0; i < moment->basket_count; i++)
        room += moment->basket[i].attribute_count;
    values.list = ARENA_ARRAY(arena, room, struct slice);
    for (size_t i = 0; i < moment->basket_count; i++) {
        const struct basket_facts *facts = &moment->basket[i];
        bool there =
            sent ? has_item(moment->cart, moment->cart_count, facts->item)
                 : person->personal && has_item(person->basket, person->basket_count, facts->item);
        for (size_t j = 0; there && j < facts->attribute_count; j++)
            if (slice_equal(facts->attributes[j].name, attribute))
                values.list[values.count++] = facts->attributes[j].value;
    }
    return values;
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
        if (rule->kind == RULE_MATCH && rule->with == RULE_WITH_BASKET) {
            cases[count].cart = values_of(input, rule->attribute, true, arena);
            cases[count].basket = values_of(input, rule->attribute, false, arena);
        }
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

static bool shares(const struct rule_case *asked, const struct rule_values *values,
                   const struct candidate *candidate)
{
    for (size_t i = 0; i < values->count; i++)
        if (has_value(candidate, asked->rule->attribute, values->list[i]))
            return true;
    return false;
}

/* An empty basket, or one of which the attribute is not known, says nothing. The person's own
 * counts where it changes what the one sent says. */
static struct verdict ask_basket(const struct rule_case *asked, const struct candidate *candidate)
{
    bool differs = asked->rule->differs, same = shares(asked, &asked->cart, candidate);
    bool sent = asked->cart.count > 0 && same == differs;
    bool known = asked->cart.count + asked->basket.count > 0;
    bool removed = known && (same || shares(asked, &asked->basket, candidate)) == differs;
    return (struct verdict){removed ? REMOVED_MATCH : REMOVED_NOT,
                            removed != sent ? PERSON_BASKET : 0};
}

static struct verdict ask_match(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct rule *rule = asked->rule;
    if (rule->with == RULE_WITH_CURRENT_ITEM)
        return ask_page(asked, candidate);
    if (rule->with == RULE_WITH_BASKET)
        return ask_basket(asked, candidate);
    if (asked->liked.size == 0 ||
        has_value(candidate, rule->attribute, asked->liked) != rule->differs)
        return (struct verdict){REMOVED_NOT, 0};
    return (struct verdict){REMOVED_MATCH, PERSON_AFFINITIES};
}

static enum removal ask_facts(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct moment *moment = &asked->input->moment;
    const struct rule *rule = asked->rule;
    if (rule->kind == RULE_STOCK && candidate->stock >= 0 &&
        !is_within(rule, (double)candidate->stock))
        return REMOVED_STOCK_LEVEL;
    if (rule->kind == RULE_PRICE && candidate->price_minor >= 0 && moment->page_price_minor > 0 &&
        !is_within(rule, (double)candidate->price_minor / (double)moment->page_price_minor))
        return REMOVED_PRICE;
    return REMOVED_NOT;
}

static enum removal ask_margin(const struct rule *rule, const struct candidate *candidate)
{
    if (candidate->margin == CANDIDATE_MARGIN_UNKNOWN)
        return rule->keeps_unknown ? REMOVED_NOT : REMOVED_MARGIN;
    bool earns = (double)candidate->margin >= rule->min * CANDIDATE_MARGIN_WHOLE / 100 - 1e-6;
    return earns ? REMOVED_NOT : REMOVED_MARGIN;
}

/* Of somebody whose size is not known it says nothing. */
static struct verdict ask_size(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct decide_person *person = &asked->input->person;
    bool fits = candidate->fit == SIZE_THERE ||
                (candidate->fit == SIZE_UNKNOWN && asked->rule->keeps_unknown);
    if (!person->personal || person->size_count == 0 || fits)
        return (struct verdict){REMOVED_NOT, 0};
    return (struct verdict){REMOVED_SIZE, PERSON_SIZES};
}

struct verdict rule_ask(const struct rule_case *asked, const struct candidate *candidate)
{
    const struct moment *moment = &asked->input->moment;
    enum rule_kind kind = asked->rule->kind;
    enum removal removed = REMOVED_NOT;
    if (kind == RULE_MATCH && moment->facts)
        return ask_match(asked, candidate);
    if (kind == RULE_MY_SIZE && moment->sizes)
        return ask_size(asked, candidate);
    if (kind == RULE_MARGIN && moment->margins)
        removed = ask_margin(asked->rule, candidate);
    else if (moment->facts)
        removed = ask_facts(asked, candidate);
    return (struct verdict){removed, 0};
}
