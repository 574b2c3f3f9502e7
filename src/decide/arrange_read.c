/* The rules that arrange, from JSON: what lifts and lowers, pins, caps, shuffles and varies,
 * and keeps places. */
#include "decide/policy_reader.h"

/* A number that must be there. */
static enum status read_needed(const struct reader *reader, const struct json *json,
                               const struct range *range, double *out_value)
{
    if (json_get(json, range->member) == NULL)
        return reader_refuse(reader, range->member, range->sentence);
    return reader_number(reader, json, range, out_value);
}

enum status boost_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range factor = {.member = "factor",
                                        .min = 1,
                                        .max = RULE_FACTOR_MAX,
                                        .sentence = "the factor is a number from 1 to 10, by which "
                                                    "a boost multiplies and a bury divides"};
    enum status status = read_needed(reader, json, &factor, &rule->factor);
    return status == STATUS_OK ? rule_list_read(reader, json, rule) : status;
}

static enum status read_pinned_item(const struct reader *reader, const struct json *json,
                                    struct rule *rule)
{
    struct slice item = json_scalar_text(json_get(json, "item"));
    if (item.size == 0 || item.size > ITEM_ID_BYTES_MAX || json_get(json, "attribute") != NULL ||
        json_get(json, "values") != NULL)
        return reader_refuse(reader, "item",
                             "a pin has either an item, an id of 1 to 64 bytes, or attribute and "
                             "values");
    struct slice *value = ARENA_NEW(reader->arena, struct slice);
    *value = item;
    rule->values = value;
    rule->value_count = 1;
    return STATUS_OK;
}

enum status pin_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range range = {.member = "slot",
                                       .min = 1,
                                       .max = ITEMS_PER_PLACEMENT_MAX,
                                       .whole = true,
                                       .sentence = "the slot is a whole number from 1, the first "
                                                   "place, to 50"};
    double slot = 0;
    enum status status = read_needed(reader, json, &range, &slot);
    rule->slot = (unsigned)slot;
    if (status != STATUS_OK)
        return status;
    if (json_get(json, "attribute") != NULL && json_get(json, "item") == NULL)
        return rule_list_read(reader, json, rule);
    return read_pinned_item(reader, json, rule);
}

enum status cap_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range max = {.member = "max",
                                     .min = 1,
                                     .max = ITEMS_PER_PLACEMENT_MAX,
                                     .whole = true,
                                     .sentence = "max is how many items of one value may stand "
                                                 "together, a whole number from 1 to 50"};
    enum status status = rule_attribute_read(reader, json, true, rule);
    return status == STATUS_OK ? read_needed(reader, json, &max, &rule->max) : status;
}

enum status shuffle_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range range = {.member = "among",
                                       .min = 2,
                                       .max = ITEMS_PER_PLACEMENT_MAX,
                                       .whole = true,
                                       .sentence = "among is how many of the best are drawn from, "
                                                   "a whole number from 2 to 50"};
    double among = 0;
    enum status status = read_needed(reader, json, &range, &among);
    rule->among = (unsigned)among;
    return status;
}

enum status diversity_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range range = {.member = "weight",
                                       .max = 1,
                                       .sentence =
                                           "weight is how much likeness to the items before "
                                           "counts against an item, from 0 (nothing) to 1 "
                                           "(all)"};
    return read_needed(reader, json, &range, &rule->weight);
}

enum status arrivals_read(const struct reader *reader, const struct json *json, struct rule *rule)
{
    static const struct range share = {.member = "share",
                                       .max = RULE_SHARE_MAX,
                                       .above_min = true,
                                       .sentence = "share is how much of the places is for new "
                                                   "items, above 0 and 0.5 at most"};
    static const struct range days = {.member = "days",
                                      .min = 1,
                                      .max = RULE_DAYS_MAX,
                                      .whole = true,
                                      .sentence = "days is how long an item is new, a whole number "
                                                  "from 1 to 90"};
    double most = RULE_DAYS_DEFAULT;
    enum status status = read_needed(reader, json, &share, &rule->share);
    if (status == STATUS_OK)
        status = reader_number(reader, json, &days, &most);
    rule->days = (unsigned)most;
    return status;
}
