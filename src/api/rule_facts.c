#include "api/rule_facts.h"

#include <assert.h>

static_assert((int)MARGIN_WHOLE == (int)CANDIDATE_MARGIN_WHOLE &&
                  (int)MARGIN_UNKNOWN == (int)CANDIDATE_MARGIN_UNKNOWN,
              "a candidate's margin is its item's");

/* --- the page and the basket ------------------------------------------------------------------ */

static bool is_asked(const struct weighing_rules *rules, bool (*asks)(enum rule_kind kind))
{
    for (size_t i = 0; i < rules->count; i++)
        if (asks(rules->list[i]->kind))
            return true;
    return false;
}

static bool asks_margin(enum rule_kind kind)
{
    return kind == RULE_MARGIN;
}

static bool asks_size(enum rule_kind kind)
{
    return kind == RULE_MY_SIZE;
}

/* The item's interests, but of the category only its own path, which comes first. */
static const struct candidate_attribute *attributes_of(const struct item *item,
                                                       struct slice category, struct arena *arena,
                                                       size_t *out_count)
{
    size_t count = 0;
    const struct attribute *attributes = item ? item_interests(item, &count) : NULL;
    struct candidate_attribute *own = ARENA_ARRAY(arena, count + 1, struct candidate_attribute);
    *out_count = 0;
    if (category.size > 0)
        own[(*out_count)++] = (struct candidate_attribute){SLICE("category"), category};
    for (size_t i = 0; i < count; i++)
        if (!slice_is(attributes[i].name, "category"))
            own[(*out_count)++] =
                (struct candidate_attribute){attributes[i].name, attributes[i].value};
    return own;
}

static struct slice take_page(const struct evidence_source *source, struct moment *moment,
                              struct arena *arena)
{
    const struct item *item =
        moment->page_item.size > 0 ? catalog_find(source->catalog, moment->page_item) : NULL;
    struct slice category = item ? item->category : moment->page_category;
    moment->page_attributes = attributes_of(item, category, arena, &moment->page_attribute_count);
    if (!item || item->price_minor <= 0)
        return SLICE_NONE;
    moment->page_price_minor = item->price_minor;
    return item->currency;
}

static bool is_named(const struct weighing_rules *rules, struct slice attribute)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->list[i]->kind == RULE_MATCH && rules->list[i]->with == RULE_WITH_BASKET &&
            slice_equal(rules->list[i]->attribute, attribute))
            return true;
    return false;
}

/* A basket being looked at. */
struct basket_finding {
    const struct evidence_source *source;
    const struct weighing_rules *rules;
    struct arena *arena;
    struct basket_facts *list;
    size_t count;
};

static void take_basket_items(struct basket_finding *finding, const struct slice *items,
                              size_t item_count)
{
    for (size_t i = 0; i < item_count && finding->count < BASKET_FACTS_MAX; i++) {
        struct basket_facts facts = {.item = items[i]};
        const struct item *item = catalog_find(finding->source->catalog, items[i]);
        size_t count = 0;
        for (size_t j = 0; j < finding->count && item; j++)
            if (slice_equal(finding->list[j].item, items[i]))
                item = NULL; /* in both baskets */
        if (!item)
            continue;
        const struct candidate_attribute *all =
            attributes_of(item, item->category, finding->arena, &count);
        struct candidate_attribute *kept =
            ARENA_ARRAY(finding->arena, count, struct candidate_attribute);
        for (size_t j = 0; j < count; j++)
            if (is_named(finding->rules, all[j].name))
                kept[facts.attribute_count++] = all[j];
        facts.attributes = kept;
        finding->list[finding->count++] = facts;
    }
}

static bool asks_basket(const struct weighing_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->list[i]->kind == RULE_MATCH && rules->list[i]->with == RULE_WITH_BASKET)
            return true;
    return false;
}

struct slice rule_facts_of_call(const struct evidence_source *source,
                                const struct weighing_rules *rules, struct decide_input *input,
                                struct arena *arena)
{
    struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    moment->margins = is_asked(rules, asks_margin);
    moment->sizes = person->personal && person->size_count > 0 && is_asked(rules, asks_size);
    moment->facts = is_asked(rules, rule_needs_facts);
    if (asks_basket(rules)) {
        struct basket_finding finding = {source, rules, arena, NULL, 0};
        finding.list = ARENA_ARRAY(arena, BASKET_FACTS_MAX, struct basket_facts);
        take_basket_items(&finding, moment->cart, moment->cart_count);
        if (person->personal)
            take_basket_items(&finding, person->basket, person->basket_count);
        moment->basket = finding.list;
        moment->basket_count = finding.count;
    }
    return moment->facts ? take_page(source, moment, arena) : SLICE_NONE;
}

/* --- a candidate ------------------------------------------------------------------------------ */

/* Units of the item or of its variants together; -1 when any is unknown. */
static int64_t units_of(const struct item *item)
{
    int64_t units = 0;
    if (item->variant_count == 0)
        return item->stock;
    for (size_t i = 0; i < item->variant_count; i++) {
        if (item->variants[i].stock < 0)
            return -1;
        units += item->variants[i].stock;
    }
    return units;
}

static struct slice value_of(const struct attribute *attributes, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(attributes[i].name, name))
            return attributes[i].value;
    return SLICE_NONE;
}

/* The variant's own word, else the item's. */
static struct slice said_of(const struct item *item, const struct variant *variant,
                            const char *name)
{
    struct slice own = SLICE_NONE;
    if (variant)
        own = value_of(variant->attributes, variant->attribute_count, name);
    return own.size > 0 ? own : value_of(item->attributes, item->attribute_count, name);
}

/* As a person's sizes are folded: in the system that is named, else in one of no name. */
static enum size_fit fit_of(const struct item *item, const struct variant *variant,
                            const struct decide_person *person)
{
    struct slice size = said_of(item, variant, "size");
    struct slice system = said_of(item, variant, "size_system");
    if (system.size == 0)
        system = SLICE("size");
    for (size_t i = 0; i < person->size_count && size.size > 0; i++) {
        if (!slice_equal(person->sizes[i].system, system))
            continue;
        bool there = (variant ? variant->stock : item->stock) != 0;
        return there && slice_equal_ignoring_case(person->sizes[i].size, size) ? SIZE_THERE
                                                                               : SIZE_MISSING;
    }
    return SIZE_UNKNOWN;
}

/* Of several variants in their size the first by id that is in stock. */
static void take_fit(const struct item *item, const struct decide_person *person,
                     struct candidate *candidate)
{
    if (item->variant_count == 0)
        candidate->fit = (uint8_t)fit_of(item, NULL, person);
    for (size_t i = 0; i < item->variant_count && candidate->fit != SIZE_THERE; i++) {
        enum size_fit fit = fit_of(item, &item->variants[i], person);
        if (fit == SIZE_UNKNOWN)
            continue;
        candidate->fit = (uint8_t)fit;
        if (fit == SIZE_THERE)
            candidate->variant = item->variants[i].id;
    }
}

void rule_facts_of_item(const struct item *item, const struct decide_input *input,
                        struct slice currency, struct candidate *candidate)
{
    const struct moment *moment = &input->moment;
    if (moment->margins)
        candidate->margin = (int16_t)item_margin(item);
    if (moment->sizes)
        take_fit(item, &input->person, candidate);
    if (!moment->facts)
        return;
    bool compares = slice_equal(item->currency, currency);
    candidate->price_minor = compares ? item->price_minor : -1;
    candidate->stock = units_of(item);
}
