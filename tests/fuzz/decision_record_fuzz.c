/* Decision records from a damaged disk: refused, or as good as one we wrote, which means that it
 * runs, answers, explains and packs. */
#include <assert.h>

#include "decide/explain.h"
#include "decide/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Placements p0 … p4, as the kept records ask for them. */
static const struct slice excluded[] = {{"item-00003", 10}, {"item-00011", 10}};
static const struct rule rules[] = {{.kind = RULE_IN_STOCK},
                                    {.kind = RULE_EXCLUDE_BOUGHT},
                                    {.kind = RULE_EXCLUDE_BASKET},
                                    {.kind = RULE_EXCLUDE_PAGE},
                                    {.kind = RULE_EXCLUDE, .values = excluded, .value_count = 2}};
static const struct placement placements[] = {
    {.id = {"p0", 2},
     .steps = {{.strategy = STRATEGY_TRENDING, .weight = 1}},
     .step_count = 1,
     .count = 8},
    {.id = {"p1", 2},
     .mix = MIX_WEIGHTED,
     .steps = {{.strategy = STRATEGY_BOUGHT_TOGETHER, .weight = 2},
               {.strategy = STRATEGY_BEST_SELLERS, .weight = 1}},
     .step_count = 2,
     .rules = rules,
     .rule_count = 5,
     .count = 5,
     .affinity_weight = 1},
    {.id = {"p2", 2},
     .steps = {{.strategy = STRATEGY_RECENTLY_VIEWED, .weight = 1},
               {.strategy = STRATEGY_VIEWED_TOGETHER, .weight = 3}},
     .step_count = 2,
     .rules = rules,
     .rule_count = 4,
     .count = 3,
     .affinity_weight = 0.5,
     .explore = 0.2},
};
static const struct policy policy = {.version = 1, .placements = placements, .placement_count = 3};

static void run(struct decision_record *record, struct arena *arena)
{
    struct decide_input *input = &record->input;
    struct outcome outcome;
    struct buf buf;
    buf_init(&buf, 64 << 20);
    input->policy = &policy;
    decide_run(input, arena, &outcome);
    decide_write_answer(input, &outcome, &buf);
    for (size_t i = 0; i < outcome.decision_count; i++) {
        struct explain_options options = {.role = (enum audience_role)(i % ROLE_COUNT),
                                          .locale = (enum locale)(i % LOCALE_COUNT)};
        struct json_out out = json_out(&buf);
        decide_explain(input, &outcome, i, &options, &out);
    }
    buf_clear(&buf);
    decision_record_pack(record, &buf);
    decide_trim(input, arena);
    decide_run(input, arena, &outcome);
    buf_done(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    struct decision_record record;
    if (decision_record_unpack(slice_make(data, size), &arena, &record) == STATUS_OK)
        run(&record, &arena);
    arena_done(&arena);
    return 0;
}
