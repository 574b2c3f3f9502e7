/* Placements from JSON: everything a person can write wrongly is told with its place and what is
 * allowed there. */
#include <stdlib.h>

#include "decide/blend.h"
#include "decide/policy_reader.h"

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
        {.member = "minimum",
         .max = ITEMS_PER_PLACEMENT_MAX,
         .whole = true,
         .sentence = "minimum is how many items it takes at least, a whole number from 0 (as many "
                     "as are wanted) to 50"},
    };
    double values[] = {PLACEMENT_COUNT_DEFAULT, DECIDE_DEADLINE_MS_DEFAULT, 0, 0, 0};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        enum status status = reader_number(reader, json, &ranges[i], &values[i]);
        if (status != STATUS_OK)
            return status;
    }
    placement->count = (unsigned)values[0];
    placement->deadline_ms = (unsigned)values[1];
    placement->affinity_weight = values[2];
    placement->explore = values[3];
    placement->minimum = (unsigned)values[4];
    return STATUS_OK;
}

static enum status read_partial(const struct reader *reader, const struct json *json,
                                struct placement *placement)
{
    const struct json *partial = json_get(json, "partial");
    if (partial != NULL && !json_is(partial, JSON_BOOL))
        return reader_refuse(reader, "partial",
                             "partial is true (too few items are shown all the same) or false "
                             "(then nothing is)");
    placement->withholds = partial != NULL && !partial->boolean;
    return STATUS_OK;
}

/* Without it, or in a placement that does not blend, learned weights stand or none is needed. */
static enum status read_margin_weight(const struct reader *reader, const struct json *json,
                                      struct placement *placement)
{
    static const struct range range = {.member = "marginWeight",
                                       .max = (double)BLEND_WEIGHT_MAX,
                                       .sentence = "marginWeight is a number from 0 to 20"};
    placement->sets_margin = json_get(json, range.member) != NULL;
    if (placement->sets_margin && placement->mix != MIX_BLEND)
        return reader_refuse(reader, range.member,
                             "marginWeight is for a mix that is a blend: here margins count by a "
                             "margin rule alone");
    return reader_number(reader, json, &range, &placement->margin_weight);
}

static bool mix_from_name(struct slice name, enum mix *out_mix)
{
    for (unsigned i = MIX_IN_ORDER; i <= MIX_BLEND; i++)
        if (slice_is(name, mix_name((enum mix)i))) {
            *out_mix = (enum mix)i;
            return true;
        }
    return false;
}

static enum status read_priority(const struct reader *reader, const struct json *json,
                                 struct placement *placement)
{
    static const struct range range = {
        .member = "priority",
        .min = -PRIORITY_MAX,
        .max = PRIORITY_MAX,
        .whole = true,
        .sentence = "priority is a whole number from -1000 to 1000; the higher are served first"};
    double priority = 0;
    enum status status = reader_number(reader, json, &range, &priority);
    placement->priority = (int)priority;
    return status;
}

static enum status read_head(const struct reader *reader, const struct json *json,
                             struct placement *placement)
{
    placement->id = json_get_text(json, "id");
    if (!id_is_well_formed(placement->id))
        return reader_refuse(reader, "id",
                             "the id is 1 to 64 letters, digits, dots, hyphens and underscores");
    const struct json *name = json_get(json, "name");
    placement->name = name != NULL ? json_text(name) : placement->id;
    if (placement->name.size == 0 || placement->name.size > PLACEMENT_NAME_BYTES_MAX)
        return reader_refuse(reader, "name", "the name is a text of 1 to 120 bytes");
    const struct json *kind = json_get(json, "kind");
    bool orders = slice_is(json_text(kind), "order");
    if (kind != NULL && !orders && !slice_is(json_text(kind), "items"))
        return reader_refuse(
            reader, "kind", "the kind is items (what to show) or order (of the shop's own things)");
    placement->kind = orders ? PLACEMENT_ORDER : PLACEMENT_ITEMS;
    const struct json *stopped = json_get(json, "stopped");
    if (stopped != NULL && !json_is(stopped, JSON_BOOL))
        return reader_refuse(reader, "stopped", "stopped is true or false");
    placement->stopped = json_get_bool(json, "stopped", false);
    enum status status = read_priority(reader, json, placement);
    if (status != STATUS_OK)
        return status;
    const struct json *mix = json_get(json, "mix");
    placement->mix = MIX_IN_ORDER;
    if (mix != NULL && !mix_from_name(json_text(mix), &placement->mix))
        return reader_refuse(reader, "mix",
                             "mix is in_order (a step fills what those before left open), "
                             "weighted (a sum over the steps) or blend (learned weights)");
    return STATUS_OK;
}

static const char items_members[] = "id, name, kind, recipe, mix, rules, minimum, fallback, "
                                    "partial, count, deadlineMs, affinityWeight, marginWeight, "
                                    "explore, priority, objective, holdout, stopped";
static const char order_members[] =
    "id, name, kind, items, moves, priority, objective, holdout, stopped";

static enum status read_items(const struct reader *reader, const struct json *json,
                              struct placement *placement)
{
    enum status status = recipe_read(reader, json, placement);
    if (status == STATUS_OK)
        status = fallback_read(reader, json, placement);
    if (status == STATUS_OK)
        status = rules_read(reader, json, placement);
    if (status == STATUS_OK)
        status = read_partial(reader, json, placement);
    if (status == STATUS_OK)
        status = read_numbers(reader, json, placement);
    if (status == STATUS_OK)
        status = read_margin_weight(reader, json, placement);
    return status;
}

static enum status read_placement(const struct reader *reader, const struct json *json,
                                  struct placement *out_placement)
{
    if (!json_is(json, JSON_OBJECT))
        return reader_refuse(reader, "", "a placement is an object with at least id and recipe");
    struct placement placement = {0};
    bool orders = slice_is(json_get_text(json, "kind"), "order");
    enum status status = reader_members(reader, json, orders ? order_members : items_members);
    if (status == STATUS_OK)
        status = read_head(reader, json, &placement);
    if (status == STATUS_OK)
        status =
            orders ? order_read(reader, json, &placement) : read_items(reader, json, &placement);
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
        return reader_refuse(reader, "placements", "placements are a list of at most 1000");
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

enum status page_budget_from_json(const struct json *json, struct page_budget *out_budget,
                                  struct diag *diag)
{
    const struct reader reader = {.diag = diag, .at = "/page"};
    static const struct range range = {
        .member = "personalisedMax",
        .max = PLACEMENTS_PER_CALL_MAX,
        .whole = true,
        .sentence = "personalisedMax is a whole number of placements from 0 to 20"};
    *out_budget = (struct page_budget){0};
    if (json == NULL)
        return STATUS_OK;
    if (!json_is(json, JSON_OBJECT))
        return reader_refuse(&reader, "", "page is an object such as {\"personalisedMax\": 2}");
    enum status status = reader_members(&reader, json, range.member);
    double most = 0;
    if (status == STATUS_OK)
        status = reader_number(&reader, json, &range, &most);
    if (status == STATUS_OK)
        *out_budget = (struct page_budget){json_get(json, range.member) != NULL, (unsigned)most};
    return status;
}

enum status policy_from_json(const struct json *json, struct arena *arena,
                             struct policy *out_policy, struct diag *diag)
{
    struct reader reader = {.arena = arena, .diag = diag};
    if (!json_is(json, JSON_OBJECT))
        return reader_refuse(&reader, "",
                             "a policy is an object: version, publishedMs, by, page, placements");
    enum status status =
        reader_members(&reader, json, "version, publishedMs, by, page, placements");
    if (status != STATUS_OK)
        return status;
    const struct json *version = json_get(json, "version");
    if (!json_is(version, JSON_INTEGER) || version->integer < 0 || version->integer > UINT32_MAX)
        return reader_refuse(&reader, "version", "the version is a whole number from 0 on");
    const struct json *published = json_get(json, "publishedMs");
    if (published != NULL && !json_is(published, JSON_INTEGER))
        return reader_refuse(&reader, "publishedMs",
                             "publishedMs is a whole number of milliseconds");
    struct policy policy = {.version = (uint32_t)version->integer,
                            .published_ms = published != NULL ? published->integer : 0,
                            .by = json_get_text(json, "by")};
    status = page_budget_from_json(json_get(json, "page"), &policy.page, diag);
    if (status == STATUS_OK)
        status = read_placements(&reader, json, &policy);
    if (status == STATUS_OK)
        *out_policy = policy;
    return status;
}
