/* Rules from JSON. */
#include "base/clock.h"
#include "decide/policy_reader.h"

static enum status read_values(const struct reader *reader, const struct json *json,
                               struct rule *rule)
{
    bool of_items = rule->attribute.size == 0;
    const char *member = of_items ? "items" : "values";
    const char *other = of_items ? "values" : "items";
    size_t bytes_max = of_items ? ITEM_ID_BYTES_MAX : RULE_VALUE_BYTES_MAX;
    const struct json *list = json_get(json, member);
    if (!json_is(list, JSON_ARRAY) || list->count > EXCLUDE_LIST_MAX ||
        (list->count == 0 && rule->kind != RULE_EXCLUDE) || json_get(json, other) != NULL)
        return reader_refuse(reader, member,
                             "a list has either items, at most 500 item ids, or attribute and "
                             "values, at most 500; only a list to exclude may be empty");
    struct slice *values = ARENA_ARRAY(reader->arena, list->count, struct slice);
    for (size_t i = 0; i < list->count; i++) {
        values[i] = json_scalar_text(&list->elements[i]);
        if (values[i].size == 0 || values[i].size > bytes_max)
            return reader_refuse(reader, member,
                                 "each entry is a text or a number: an item id of 1 to 64 bytes, a "
                                 "value of 1 to 256");
    }
    rule->values = values;
    rule->value_count = list->count;
    return STATUS_OK;
}

static enum status read_instant(const struct reader *reader, const struct json *json,
                                const char *member, int64_t *out_ms)
{
    const struct json *found = json_get(json, member);
    if (found == NULL)
        return STATUS_OK;
    if (!clock_parse_iso(json_text(found), out_ms) || *out_ms <= 0)
        return reader_refuse(reader, member,
                             "an instant as in 2026-11-27T08:00:00+01:00; from is the first at "
                             "which the rule acts, until the first at which it no longer does");
    return STATUS_OK;
}

static enum status read_schedule(const struct reader *reader, const struct json *json,
                                 struct rule *rule)
{
    const struct json *off = json_get(json, "off");
    if (off != NULL && !json_is(off, JSON_BOOL))
        return reader_refuse(reader, "off",
                             "off is true (the rule is kept but does not act) or "
                             "false");
    rule->off = off != NULL && off->boolean;
    enum status status = read_instant(reader, json, "from", &rule->from_ms);
    if (status == STATUS_OK)
        status = read_instant(reader, json, "until", &rule->until_ms);
    if (status == STATUS_OK && rule->until_ms > 0 && rule->until_ms <= rule->from_ms)
        status = reader_refuse(reader, "until", "until comes after from");
    return status;
}

enum status rule_attribute_read(const struct reader *reader, const struct json *json, bool needed,
                                struct rule *rule)
{
    const struct json *attribute = json_get(json, "attribute");
    rule->attribute = json_text(attribute);
    if ((attribute != NULL || needed) &&
        (rule->attribute.size == 0 || rule->attribute.size > RULE_ATTRIBUTE_BYTES_MAX))
        return reader_refuse(reader, "attribute", "the attribute is a name of 1 to 64 bytes");
    return STATUS_OK;
}

enum status rule_list_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    enum status status = rule_attribute_read(reader, json, false, rule);
    return status == STATUS_OK ? read_values(reader, json, rule) : status;
}

static enum status read_bounds(const struct reader *reader, const struct json *json,
                               struct rule *rule)
{
    static const char ratio[] = "a number of times the price of the page's item, from 0 to 1000";
    static const char units[] = "a whole number of units, from 0 on";
    bool price = rule->kind == RULE_PRICE;
    double most = price ? RULE_PRICE_RATIO_MAX : RULE_STOCK_MAX;
    const char *sentence = price ? ratio : units;
    struct range min = {.member = "min", .max = most, .whole = !price, .sentence = sentence};
    struct range max = {.member = "max", .max = most, .whole = !price, .sentence = sentence};
    if (json_get(json, "than") != NULL && !slice_is(json_get_text(json, "than"), "current_item"))
        return reader_refuse(reader, "than", "a price is compared to that of the current_item");
    enum status status = reader_number(reader, json, &min, &rule->min);
    if (status == STATUS_OK)
        status = reader_number(reader, json, &max, &rule->max);
    if (status == STATUS_OK && rule->min == 0 && rule->max == 0)
        return reader_refuse(reader, "min", "min, max or both are above 0");
    if (status == STATUS_OK && rule->max > 0 && rule->max < rule->min)
        return reader_refuse(reader, "max", "max is at least min");
    return status;
}

static enum status read_match(const struct reader *reader, const struct json *json,
                              struct rule *rule)
{
    struct slice with = json_get_text(json, "with");
    const struct json *differs = json_get(json, "differs");
    rule->with = RULE_WITH_CURRENT_ITEM;
    while (rule->with <= RULE_WITH_BASKET && !slice_is(with, rule_with_name(rule->with)))
        rule->with++;
    if (rule->with > RULE_WITH_BASKET)
        return reader_refuse(reader, "with",
                             "a match is with the current_item, the person or the basket");
    if (differs != NULL && !json_is(differs, JSON_BOOL))
        return reader_refuse(reader, "differs", "differs is true (only what is other) or false");
    rule->differs = differs != NULL && differs->boolean;
    return rule_attribute_read(reader, json, true, rule);
}

/* What becomes of items of which the rule cannot know. */
static enum status read_unknown(const struct reader *reader, const struct json *json,
                                struct rule *rule)
{
    const struct json *unknown = json_get(json, "unknown");
    rule->keeps_unknown = rule->kind == RULE_MY_SIZE;
    if (unknown == NULL)
        return STATUS_OK;
    rule->keeps_unknown = slice_is(json_text(unknown), "keep");
    if (!rule->keeps_unknown && !slice_is(json_text(unknown), "remove"))
        return reader_refuse(reader, "unknown",
                             rule->kind == RULE_MARGIN
                                 ? "unknown is keep or remove, for items of which no cost is known"
                                 : "unknown is keep or remove, for items that come in no size of "
                                   "a system in which the person's is known");
    return STATUS_OK;
}

static enum status read_margin(const struct reader *reader, const struct json *json,
                               struct rule *rule)
{
    static const struct range min = {
        .member = "min",
        .max = RULE_MARGIN_MAX,
        .sentence = "min is the lowest margin in per cent of the price, from 0 to 100"};
    if (json_get(json, "min") == NULL)
        return reader_refuse(reader, "min", min.sentence);
    enum status status = reader_number(reader, json, &min, &rule->min);
    return status == STATUS_OK ? read_unknown(reader, json, rule) : status;
}

/* What a kind of rule may say beside kind, from and until. */
static const struct {
    const char *allowed;
    enum status (*read)(const struct reader *reader, const struct json *json, struct rule *rule);
} forms[RULE_COUNT] = {
    [RULE_INCLUDE] = {"kind, attribute, values, items, off, from, until", rule_list_read},
    [RULE_EXCLUDE] = {"kind, attribute, values, items, off, from, until", rule_list_read},
    [RULE_PRICE] = {"kind, than, min, max, off, from, until", read_bounds},
    [RULE_STOCK] = {"kind, min, max, off, from, until", read_bounds},
    [RULE_MATCH] = {"kind, attribute, with, differs, off, from, until", read_match},
    [RULE_MARGIN] = {"kind, min, unknown, off, from, until", read_margin},
    [RULE_MY_SIZE] = {"kind, unknown, off, from, until", read_unknown},
    [RULE_BOOST] = {"kind, attribute, values, items, factor, off, from, until", boost_read},
    [RULE_BURY] = {"kind, attribute, values, items, factor, off, from, until", boost_read},
    [RULE_PIN] = {"kind, slot, item, attribute, values, off, from, until", pin_read},
    [RULE_CAP] = {"kind, attribute, max, off, from, until", cap_read},
    [RULE_SHUFFLE] = {"kind, among, off, from, until", shuffle_read},
    [RULE_DIVERSITY] = {"kind, weight, off, from, until", diversity_read},
    [RULE_ARRIVALS] = {"kind, share, days, off, from, until", arrivals_read},
};

static enum status read_rule(const struct reader *reader, const struct json *json,
                             struct rule *out_rule)
{
    bool written_short = json_is(json, JSON_STRING);
    struct slice name = written_short ? json_text(json) : json_get_text(json, "kind");
    enum status status = STATUS_OK;
    unsigned kind = 0;
    while (kind < RULE_COUNT && !slice_is(name, rule_kind_name((enum rule_kind)kind)))
        kind++;
    if (kind == RULE_COUNT)
        return reader_refuse(reader, written_short ? "" : "kind",
                             "the rule is one of in_stock, exclude_bought, exclude_basket, "
                             "exclude_page, exclude_current, exclude_viewed, include, exclude, "
                             "price, stock, match, margin, my_size, boost, bury, pin, cap, "
                             "shuffle, diversity, arrivals");
    struct rule rule = {.kind = (enum rule_kind)kind};
    const char *allowed = forms[kind].allowed;
    if (!written_short)
        status = reader_members(reader, json, allowed != NULL ? allowed : "kind, off, from, until");
    if (status == STATUS_OK)
        status = read_schedule(reader, json, &rule);
    if (status == STATUS_OK && forms[kind].read != NULL)
        status = forms[kind].read(reader, json, &rule);
    if (status == STATUS_OK)
        *out_rule = rule;
    return status;
}

enum status rules_read(const struct reader *reader, const struct json *json,
                       struct placement *placement)
{
    const struct json *list = json_get(json, "rules");
    if (list == NULL)
        return STATUS_OK;
    if (!json_is(list, JSON_ARRAY) || list->count > RULES_PER_PLACEMENT_MAX)
        return reader_refuse(reader, "rules", "rules are a list of at most 32");
    struct rule *rules = ARENA_ARRAY(reader->arena, list->count, struct rule);
    for (size_t i = 0; i < list->count; i++) {
        struct reader inside = reader_inside(reader, "rules", i);
        enum status status = read_rule(&inside, &list->elements[i], &rules[i]);
        if (status != STATUS_OK)
            return status;
    }
    placement->rules = rules;
    placement->rule_count = list->count;
    return STATUS_OK;
}
