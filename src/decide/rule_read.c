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
        (list->count == 0 && rule->kind == RULE_INCLUDE) || json_get(json, other) != NULL)
        return reader_refuse(reader, member,
                             "a list has either items, at most 500 item ids, or attribute and "
                             "values, at most 500; an include list names at least one");
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
    enum status status = read_instant(reader, json, "from", &rule->from_ms);
    if (status == STATUS_OK)
        status = read_instant(reader, json, "until", &rule->until_ms);
    if (status == STATUS_OK && rule->until_ms > 0 && rule->until_ms <= rule->from_ms)
        status = reader_refuse(reader, "until", "until comes after from");
    return status;
}

static enum status read_rule(const struct reader *reader, const struct json *json,
                             struct rule *out_rule)
{
    bool written_short = json_is(json, JSON_STRING);
    struct slice name = written_short ? json_text(json) : json_get_text(json, "kind");
    unsigned kind = 0;
    while (kind < RULE_COUNT && !slice_is(name, rule_kind_name((enum rule_kind)kind)))
        kind++;
    if (kind == RULE_COUNT)
        return reader_refuse(reader, written_short ? "" : "kind",
                             "the rule is one of in_stock, exclude_bought, exclude_basket, "
                             "exclude_page, exclude_current, include, exclude");
    struct rule rule = {.kind = (enum rule_kind)kind};
    bool lists = kind == RULE_INCLUDE || kind == RULE_EXCLUDE;
    if (!written_short) {
        enum status status = reader_members(reader, json,
                                            lists ? "kind, attribute, values, items, from, until"
                                                  : "kind, from, until");
        if (status == STATUS_OK)
            status = read_schedule(reader, json, &rule);
        if (status != STATUS_OK)
            return status;
    }
    if (lists) {
        const struct json *attribute = json_get(json, "attribute");
        rule.attribute = json_text(attribute);
        if (attribute != NULL &&
            (rule.attribute.size == 0 || rule.attribute.size > RULE_ATTRIBUTE_BYTES_MAX))
            return reader_refuse(reader, "attribute", "the attribute is a name of 1 to 64 bytes");
        enum status status = read_values(reader, json, &rule);
        if (status != STATUS_OK)
            return status;
    }
    *out_rule = rule;
    return STATUS_OK;
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
