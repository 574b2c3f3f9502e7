/* Placements from JSON: everything a person can write wrongly is told with its place and what is
 * allowed there. */
#include "decide/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Where we are in the document; the pointer is built only to be told. */
struct reader {
    struct arena *arena;
    struct diag *diag;
    char at[48]; /* pointer of the object being read, "" for the root */
};

enum { FIELD_SIZE = 64 };

static enum status refuse(const struct reader *reader, const char *member, const char *sentence)
{
    char field[FIELD_SIZE];
    if (member[0] != '\0')
        (void)snprintf(field, sizeof field, "%.47s/%.14s", reader->at, member);
    else
        (void)snprintf(field, sizeof field, "%s", reader->at);
    return diag_set(reader->diag, STATUS_INVALID, field, "%s", sentence);
}

static struct reader reader_inside(const struct reader *reader, const char *list, size_t index)
{
    struct reader inside = {.arena = reader->arena, .diag = reader->diag};
    (void)snprintf(inside.at, sizeof inside.at, "%.24s/%.12s/%u", reader->at, list,
                   (unsigned)index);
    return inside;
}

/* Every member must be one of the names, which the sentence lists. */
static enum status check_members(const struct reader *reader, const struct json *json,
                                 const char *const *names, const char *allowed)
{
    for (size_t i = 0; i < json->count; i++) {
        struct slice name = json->members[i].name;
        const char *const *known = names;
        while (*known != NULL && !slice_is(name, *known))
            known++;
        if (*known != NULL)
            continue;
        return diag_set(
            reader->diag, STATUS_INVALID, reader->at, "unknown member '%.*s'; allowed are %s",
            (int)(name.size < 40 ? name.size : 40), name.data ? name.data : "", allowed);
    }
    return STATUS_OK;
}

struct range {
    const char *member;
    double min, max;
    bool above_min; /* min itself is not allowed */
    bool whole;
    const char *sentence;
};

/* Absent leaves *value as it is. */
static enum status read_number(const struct reader *reader, const struct json *json,
                               const struct range *range, double *value)
{
    const struct json *found = json_get(json, range->member);
    if (found == NULL)
        return STATUS_OK;
    if (!json_is(found, JSON_INTEGER) && (range->whole || !json_is(found, JSON_NUMBER)))
        return refuse(reader, range->member, range->sentence);
    double number = found->number;
    if (!isfinite(number) || number < range->min || number > range->max ||
        (range->above_min && number <= range->min))
        return refuse(reader, range->member, range->sentence);
    *value = number == 0 ? 0 : number; /* never -0 */
    return STATUS_OK;
}

static bool id_is_well_formed(struct slice id)
{
    if (id.size == 0 || id.size > PLACEMENT_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '_' && c != '-' && c != '.')
            return false;
    }
    return true;
}

static enum status read_step(const struct reader *reader, const struct json *json,
                             struct recipe_step *out_step)
{
    static const char *const names[] = {"strategy", "weight", NULL};
    static const char sentence[] = "the strategy is one of trending, best_sellers, "
                                   "bought_together, viewed_together, recently_viewed";
    struct slice name = json_text(json);
    double weight = 1;
    if (json_is(json, JSON_OBJECT)) {
        enum status status = check_members(reader, json, names, "strategy, weight");
        if (status != STATUS_OK)
            return status;
        static const struct range range = {.member = "weight",
                                           .max = STEP_WEIGHT_MAX,
                                           .above_min = true,
                                           .sentence =
                                               "the weight is a number above 0, at most 100"};
        status = read_number(reader, json, &range, &weight);
        if (status != STATUS_OK)
            return status;
        name = json_get_text(json, "strategy");
    }
    enum strategy strategy;
    if (!strategy_from_name(name, &strategy))
        return refuse(reader, json_is(json, JSON_OBJECT) ? "strategy" : "", sentence);
    *out_step = (struct recipe_step){strategy, weight};
    return STATUS_OK;
}

static enum status read_recipe(const struct reader *reader, const struct json *json,
                               struct placement *placement)
{
    const struct json *recipe = json_get(json, "recipe");
    if (!json_is(recipe, JSON_ARRAY) || recipe->count == 0 ||
        recipe->count > STRATEGIES_PER_RECIPE_MAX)
        return refuse(reader, "recipe",
                      "the recipe is a list of 1 to 8 strategies, the first one first");
    for (size_t i = 0; i < recipe->count; i++) {
        struct reader inside = reader_inside(reader, "recipe", i);
        enum status status = read_step(&inside, &recipe->elements[i], &placement->steps[i]);
        if (status != STATUS_OK)
            return status;
        for (size_t j = 0; j < i; j++) {
            if (placement->steps[j].strategy == placement->steps[i].strategy)
                return refuse(&inside, "", "a strategy stands once in a recipe");
        }
    }
    placement->step_count = recipe->count;
    return STATUS_OK;
}

static enum status read_values(const struct reader *reader, const struct json *json,
                               struct filter *filter)
{
    bool of_items = filter->attribute.size == 0;
    const char *member = of_items ? "items" : "values";
    const char *other = of_items ? "values" : "items";
    size_t bytes_max = of_items ? ITEM_ID_BYTES_MAX : FILTER_VALUE_BYTES_MAX;
    const struct json *list = json_get(json, member);
    if (!json_is(list, JSON_ARRAY) || list->count > EXCLUDE_LIST_MAX ||
        (list->count == 0 && filter->kind == FILTER_INCLUDE) || json_get(json, other) != NULL)
        return refuse(reader, member,
                      "a list filter has either items, at most 500 item ids, or attribute and "
                      "values, at most 500; an include list names at least one");
    struct slice *values = ARENA_ARRAY(reader->arena, list->count, struct slice);
    for (size_t i = 0; i < list->count; i++) {
        values[i] = json_scalar_text(&list->elements[i]);
        if (values[i].size == 0 || values[i].size > bytes_max)
            return refuse(reader, member,
                          "each entry is a text or a number: an item id of 1 to 64 bytes, a "
                          "value of 1 to 256");
    }
    filter->values = values;
    filter->value_count = list->count;
    return STATUS_OK;
}

static enum status read_filter(const struct reader *reader, const struct json *json,
                               struct filter *out_filter)
{
    static const char *const simple[] = {"kind", NULL};
    static const char *const of_list[] = {"kind", "attribute", "items", "values", NULL};
    bool written_short = json_is(json, JSON_STRING);
    struct slice name = written_short ? json_text(json) : json_get_text(json, "kind");
    unsigned kind = 0;
    while (kind < FILTER_COUNT && !slice_is(name, filter_kind_name((enum filter_kind)kind)))
        kind++;
    if (kind == FILTER_COUNT)
        return refuse(reader, written_short ? "" : "kind",
                      "the filter is one of in_stock, exclude_bought, exclude_basket, "
                      "exclude_page, exclude_current, include, exclude");
    struct filter filter = {.kind = (enum filter_kind)kind};
    bool lists = kind == FILTER_INCLUDE || kind == FILTER_EXCLUDE;
    if (!written_short) {
        enum status status = check_members(reader, json, lists ? of_list : simple,
                                           lists ? "kind, attribute, values, items" : "kind");
        if (status != STATUS_OK)
            return status;
    }
    if (lists) {
        const struct json *attribute = json_get(json, "attribute");
        filter.attribute = json_text(attribute);
        if (attribute != NULL &&
            (filter.attribute.size == 0 || filter.attribute.size > FILTER_ATTRIBUTE_BYTES_MAX))
            return refuse(reader, "attribute", "the attribute is a name of 1 to 64 bytes");
        enum status status = read_values(reader, json, &filter);
        if (status != STATUS_OK)
            return status;
    }
    *out_filter = filter;
    return STATUS_OK;
}

static enum status read_filters(const struct reader *reader, const struct json *json,
                                struct placement *placement)
{
    const struct json *list = json_get(json, "filters");
    if (list == NULL)
        return STATUS_OK;
    if (!json_is(list, JSON_ARRAY) || list->count > FILTERS_PER_PLACEMENT_MAX)
        return refuse(reader, "filters", "filters are a list of at most 32");
    struct filter *filters = ARENA_ARRAY(reader->arena, list->count, struct filter);
    for (size_t i = 0; i < list->count; i++) {
        struct reader inside = reader_inside(reader, "filters", i);
        enum status status = read_filter(&inside, &list->elements[i], &filters[i]);
        if (status != STATUS_OK)
            return status;
    }
    placement->filters = filters;
    placement->filter_count = list->count;
    return STATUS_OK;
}

static enum status read_numbers(const struct reader *reader, const struct json *json,
                                struct placement *placement)
{
    static const struct range ranges[] = {
        {.member = "count",
         .min = 1,
         .max = ITEMS_PER_PLACEMENT_MAX,
         .whole = true,
         .sentence = "count is a whole number from 1 to 50"},
        {.member = "deadlineMs",
         .min = 1,
         .max = DECIDE_DEADLINE_MS_MAX,
         .whole = true,
         .sentence = "deadlineMs is a whole number of milliseconds from 1 to 2000"},
        {.member = "affinityWeight",
         .max = AFFINITY_WEIGHT_MAX,
         .sentence = "affinityWeight is a number from 0 to 100"},
        {.member = "explore",
         .max = EXPLORE_MAX,
         .sentence = "explore is a share of calls from 0 to 0.2"},
    };
    double values[] = {PLACEMENT_COUNT_DEFAULT, DECIDE_DEADLINE_MS_DEFAULT, 0, 0};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        enum status status = read_number(reader, json, &ranges[i], &values[i]);
        if (status != STATUS_OK)
            return status;
    }
    placement->count = (unsigned)values[0];
    placement->deadline_ms = (unsigned)values[1];
    placement->affinity_weight = values[2];
    placement->explore = values[3];
    return STATUS_OK;
}

static enum status read_head(const struct reader *reader, const struct json *json,
                             struct placement *placement)
{
    placement->id = json_get_text(json, "id");
    if (!id_is_well_formed(placement->id))
        return refuse(reader, "id",
                      "the id is 1 to 64 letters, digits, dots, hyphens and underscores");
    const struct json *name = json_get(json, "name");
    placement->name = name != NULL ? json_text(name) : placement->id;
    if (placement->name.size == 0 || placement->name.size > PLACEMENT_NAME_BYTES_MAX)
        return refuse(reader, "name", "the name is a text of 1 to 120 bytes");
    const struct json *kind = json_get(json, "kind");
    if (kind != NULL && !slice_is(json_text(kind), "items"))
        return refuse(reader, "kind", "the kind is items; other kinds are not served yet");
    const struct json *blend = json_get(json, "blend");
    if (blend != NULL && !json_is(blend, JSON_BOOL))
        return refuse(reader, "blend", "blend is true (weighted sum) or false (steps in order)");
    placement->blend = blend != NULL && blend->boolean;
    return STATUS_OK;
}

static enum status read_placement(const struct reader *reader, const struct json *json,
                                  struct placement *out_placement)
{
    static const char *const names[] = {
        "id",         "name",           "kind",    "recipe",    "blend",   "filters", "count",
        "deadlineMs", "affinityWeight", "explore", "objective", "holdout", NULL};
    if (!json_is(json, JSON_OBJECT))
        return refuse(reader, "", "a placement is an object with at least id and recipe");
    struct placement placement = {0};
    enum status status = check_members(reader, json, names,
                                       "id, name, kind, recipe, blend, filters, count, deadlineMs, "
                                       "affinityWeight, explore, objective, holdout");
    if (status == STATUS_OK)
        status = read_head(reader, json, &placement);
    if (status == STATUS_OK)
        status = read_recipe(reader, json, &placement);
    if (status == STATUS_OK)
        status = read_filters(reader, json, &placement);
    if (status == STATUS_OK)
        status = read_numbers(reader, json, &placement);
    if (status == STATUS_OK)
        status = objective_from_json(json, reader->at, &placement.objective, reader->diag);
    if (status == STATUS_OK)
        *out_placement = placement;
    return status;
}

enum status placement_from_json(const struct json *json, struct arena *arena,
                                struct placement *out_placement, struct diag *diag)
{
    struct reader reader = {.arena = arena, .diag = diag};
    return read_placement(&reader, json, out_placement);
}

static int by_id(const void *a, const void *b)
{
    const struct placement *left = a, *right = b;
    return slice_compare(left->id, right->id);
}

static enum status read_placements(const struct reader *reader, const struct json *json,
                                   struct policy *policy)
{
    const struct json *list = json_get(json, "placements");
    if (!json_is(list, JSON_ARRAY) || list->count > PLACEMENTS_MAX)
        return refuse(reader, "placements", "placements are a list of at most 1000");
    struct placement *placements = ARENA_ARRAY(reader->arena, list->count, struct placement);
    for (size_t i = 0; i < list->count; i++) {
        struct reader inside = reader_inside(reader, "placements", i);
        enum status status = read_placement(&inside, &list->elements[i], &placements[i]);
        if (status != STATUS_OK)
            return status;
    }
    if (list->count > 1)
        qsort(placements, list->count, sizeof *placements, by_id);
    for (size_t i = 1; i < list->count; i++) {
        if (slice_equal(placements[i - 1].id, placements[i].id))
            return diag_set(reader->diag, STATUS_INVALID, "/placements",
                            "the id '%.*s' stands twice", SLICE_ARG(placements[i].id));
    }
    policy->placements = placements;
    policy->placement_count = list->count;
    return STATUS_OK;
}

enum status policy_from_json(const struct json *json, struct arena *arena,
                             struct policy *out_policy, struct diag *diag)
{
    static const char *const names[] = {"version", "publishedMs", "placements", NULL};
    struct reader reader = {.arena = arena, .diag = diag};
    if (!json_is(json, JSON_OBJECT))
        return refuse(&reader, "", "a policy is an object: version, publishedMs, placements");
    enum status status = check_members(&reader, json, names, "version, publishedMs, placements");
    if (status != STATUS_OK)
        return status;
    const struct json *version = json_get(json, "version");
    if (!json_is(version, JSON_INTEGER) || version->integer < 0 || version->integer > UINT32_MAX)
        return refuse(&reader, "version", "the version is a whole number from 0 on");
    const struct json *published = json_get(json, "publishedMs");
    if (published != NULL && !json_is(published, JSON_INTEGER))
        return refuse(&reader, "publishedMs", "publishedMs is a whole number of milliseconds");
    struct policy policy = {.version = (uint32_t)version->integer,
                            .published_ms = published != NULL ? published->integer : 0};
    status = read_placements(&reader, json, &policy);
    if (status == STATUS_OK)
        *out_policy = policy;
    return status;
}
