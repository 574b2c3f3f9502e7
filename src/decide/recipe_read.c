/* Recipes and fallbacks from JSON: their steps, what each starts from, and lists made by hand. */
#include "base/hash.h"
#include "base/pack.h"
#include "decide/policy_reader.h"
#include "decide/slice_set.h"

#include <stdio.h>

enum { SENTENCE_SIZE = 400 };

static enum status refuse_strategy(const struct reader *reader, const char *member)
{
    char sentence[SENTENCE_SIZE] = "the strategy is one of ";
    size_t size = strlen(sentence);
    for (unsigned i = 0; i < STRATEGY_COUNT; i++)
        size += (size_t)snprintf(sentence + size, sizeof sentence - size, "%s%s", i ? ", " : "",
                                 strategy_name((enum strategy)i));
    return reader_refuse(reader, member, sentence);
}

static enum status refuse_key(const struct reader *reader, enum strategy strategy)
{
    char sentence[SENTENCE_SIZE];
    uint32_t keys = strategy_keys(strategy);
    int head = snprintf(sentence, sizeof sentence, "%s %s", strategy_name(strategy),
                        keys ? "starts from" : "starts from nothing that a key could name");
    size_t size = (size_t)head;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (keys >> i & 1)
            size +=
                (size_t)snprintf(sentence + size, sizeof sentence - size, "%s %s",
                                 size > (size_t)head ? "," : "", step_key_name((enum step_key)i));
    return reader_refuse(reader, "key", sentence);
}

static enum status read_key(const struct reader *reader, const struct json *json,
                            struct recipe_step *step)
{
    const struct json *found = json_get(json, "key");
    if (found == NULL)
        return STATUS_OK;
    for (unsigned i = KEY_ANY + 1; i < KEY_COUNT; i++)
        if (slice_is(json_text(found), step_key_name((enum step_key)i)))
            step->key = (enum step_key)i;
    if (!(strategy_keys(step->strategy) >> step->key & 1))
        return refuse_key(reader, step->strategy);
    return STATUS_OK;
}

static enum status read_lookback(const struct reader *reader, const struct json *json,
                                 struct recipe_step *step)
{
    static const struct range range = {.member = "lookbackDays",
                                       .min = 1,
                                       .max = STEP_LOOKBACK_DAYS_MAX,
                                       .whole = true,
                                       .sentence =
                                           "lookbackDays is a whole number of days, 1 to 3650"};
    double days = 0;
    enum status status = reader_number(reader, json, &range, &days);
    if (status == STATUS_OK && days > 0 && !step_reads_history(step))
        return reader_refuse(reader, "lookbackDays",
                             "lookbackDays limits the person's own views and orders, and this step "
                             "uses neither");
    step->lookback_days = (unsigned)days;
    return status;
}

static enum status read_items(const struct reader *reader, const struct json *json,
                              struct recipe_step *step)
{
    const struct json *list = json_get(json, "items");
    if (step->strategy != STRATEGY_MANUAL)
        return list == NULL ? STATUS_OK
                            : reader_refuse(reader, "items", "only a manual step has items");
    if (!json_is(list, JSON_ARRAY) || list->count == 0 || list->count > MANUAL_ITEMS_MAX)
        return reader_refuse(reader, "items",
                             "a manual step has items, a list of 1 to 200 item ids, the first to "
                             "show first");
    struct slice *items = ARENA_ARRAY(reader->arena, list->count, struct slice);
    struct slice_set seen = slice_set(reader->arena, list->count);
    for (size_t i = 0; i < list->count; i++) {
        items[i] = json_scalar_text(&list->elements[i]);
        uint64_t hash = slice_set_hash(items[i]);
        if (items[i].size == 0 || items[i].size > ITEM_ID_BYTES_MAX ||
            slice_set_has(&seen, hash, items[i]))
            return reader_refuse(reader, "items",
                                 "each entry is an item id of 1 to 64 bytes, none twice");
        slice_set_add(&seen, hash, items[i], 0);
    }
    step->items = items;
    step->item_count = list->count;
    return STATUS_OK;
}

static enum status read_options(const struct reader *reader, const struct json *json,
                                struct recipe_step *step)
{
    static const struct range range = {.member = "weight",
                                       .max = STEP_WEIGHT_MAX,
                                       .above_min = true,
                                       .sentence = "the weight is a number above 0, at most 100"};
    enum status status = reader_members(reader, json, "strategy, weight, key, lookbackDays, items");
    if (status == STATUS_OK)
        status = reader_number(reader, json, &range, &step->weight);
    if (status == STATUS_OK)
        status = read_key(reader, json, step);
    if (status == STATUS_OK)
        status = read_lookback(reader, json, step);
    return status;
}

/* What the step asks of its strategy, in one number that a record can hold. */
static uint64_t digest_of(const struct recipe_step *step)
{
    struct buf bytes;
    if (step->key == KEY_ANY && step->lookback_days == 0 && step->item_count == 0)
        return 0;
    buf_init(&bytes, (size_t)MANUAL_ITEMS_MAX * (ITEM_ID_BYTES_MAX + 4) + 64);
    pack_text(&bytes, slice_of(step_key_name(step->key)));
    pack_uint(&bytes, step->lookback_days);
    for (size_t i = 0; i < step->item_count; i++)
        pack_text(&bytes, step->items[i]);
    uint64_t digest = hash64(buf_slice(&bytes));
    buf_done(&bytes);
    return digest > 0 ? digest : 1;
}

static enum status read_step(const struct reader *reader, const struct json *json,
                             struct recipe_step *out_step)
{
    bool written_short = !json_is(json, JSON_OBJECT);
    struct recipe_step step = {.weight = 1};
    struct slice name = written_short ? json_text(json) : json_get_text(json, "strategy");
    enum status status = STATUS_OK;
    if (!strategy_from_name(name, &step.strategy))
        return refuse_strategy(reader, written_short ? "" : "strategy");
    if (!written_short)
        status = read_options(reader, json, &step);
    if (status == STATUS_OK)
        status = read_items(reader, json, &step);
    step.asks = digest_of(&step);
    if (status == STATUS_OK)
        *out_step = step;
    return status;
}

/* Two steps of a strategy must ask it for different things. */
static enum status number_step(const struct reader *reader, struct placement *placement,
                               unsigned *inout_repeats)
{
    struct recipe_step *step = &placement->steps[placement->step_count];
    bool repeats = false;
    for (size_t i = 0; i < placement->step_count; i++) {
        if (placement->steps[i].strategy != step->strategy)
            continue;
        if (placement->steps[i].asks == step->asks)
            return reader_refuse(reader, "",
                                 "a strategy stands once in recipe and fallback, or with another "
                                 "key, lookbackDays or items each time");
        repeats = true;
    }
    if (repeats && *inout_repeats == RECIPE_REPEATS_MAX)
        return reader_refuse(reader, "",
                             "at most 7 steps of recipe and fallback repeat a strategy");
    step->repeat = repeats ? (uint8_t)++ * inout_repeats : 0;
    placement->step_count++;
    return STATUS_OK;
}

/* "for_you": all that may have something to say, blended. What was bought counts though no visit
 * is under way: what goes with it, and what of it is due again. */
static const struct recipe_step for_you[] = {
    {.strategy = STRATEGY_SESSIONS},
    {.strategy = STRATEGY_VIEWED_TOGETHER},
    {.strategy = STRATEGY_BOUGHT_TOGETHER},
    {.strategy = STRATEGY_REPURCHASE_DUE},
    {.strategy = STRATEGY_BOUGHT_TOGETHER, .key = KEY_LAST_BOUGHT, .repeat = 1},
    {.strategy = STRATEGY_CATEGORY_BEST_SELLERS},
    {.strategy = STRATEGY_TRENDING},
    {.strategy = STRATEGY_BEST_SELLERS},
    {.strategy = STRATEGY_NEW_ARRIVALS},
    {.strategy = STRATEGY_SIMILAR},
};

static bool asks_for_you(const struct json *recipe)
{
    if (json_is(recipe, JSON_ARRAY) && recipe->count == 1)
        recipe = &recipe->elements[0];
    return slice_is(json_text(recipe), "for_you");
}

static void take_for_you(struct placement *placement)
{
    for (size_t i = 0; i < sizeof for_you / sizeof *for_you; i++) {
        struct recipe_step step = for_you[i];
        step.weight = 1;
        step.asks = digest_of(&step);
        placement->steps[placement->step_count++] = step;
    }
    placement->mix = MIX_BLEND;
}

static enum status read_steps(const struct reader *reader, const struct json *list,
                              const char *member, struct placement *placement)
{
    unsigned repeats = 0;
    for (size_t i = 0; i < placement->step_count; i++)
        repeats += placement->steps[i].repeat > 0;
    for (size_t i = 0; i < list->count; i++) {
        struct reader inside = reader_inside(reader, member, i);
        struct recipe_step *step = &placement->steps[placement->step_count];
        enum status status = read_step(&inside, &list->elements[i], step);
        if (status == STATUS_OK)
            status = number_step(&inside, placement, &repeats);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status recipe_read(const struct reader *reader, const struct json *json,
                        struct placement *placement)
{
    const struct json *recipe = json_get(json, "recipe");
    if (asks_for_you(recipe)) {
        take_for_you(placement);
        return STATUS_OK;
    }
    if (!json_is(recipe, JSON_ARRAY) || recipe->count == 0 ||
        recipe->count > STRATEGIES_PER_RECIPE_MAX)
        return reader_refuse(reader, "recipe",
                             "the recipe is a list of 1 to 16 strategies, the first one first");
    return read_steps(reader, recipe, "recipe", placement);
}

enum status fallback_read(const struct reader *reader, const struct json *json,
                          struct placement *placement)
{
    const struct json *list = json_get(json, "fallback");
    if (list == NULL)
        return STATUS_OK;
    if (!json_is(list, JSON_ARRAY) ||
        list->count > STRATEGIES_PER_RECIPE_MAX - placement->step_count)
        return reader_refuse(reader, "fallback",
                             "the fallback is a list of strategies, the first one first; with the "
                             "recipe's they are 16 at most");
    placement->fallback_count = list->count;
    return read_steps(reader, list, "fallback", placement);
}
