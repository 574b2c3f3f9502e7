/* Wishes of one call that are decided from the same candidates: what is found out about them
 * once is what each would have found out alone. */
#include "test.h"

#include "decide/record.h"
#include "decide/twins.h"
#include "decide/variant.h"
#include "world.h"

enum { WORLDS = 4000 };

/* Without what keeps a placement from having twins. */
static void make_twin(struct decide_input *input, struct arena *arena)
{
    static const enum rule_kind kinds[] = {RULE_PIN, RULE_CAP, RULE_DIVERSITY, RULE_ARRIVALS};
    struct placement *placement = variant_placement(input, 0, arena);
    if (!placement || placement->kind != PLACEMENT_ITEMS)
        return;
    placement->fallback_count = 0;
    placement->mix = placement->mix == MIX_IN_ORDER ? MIX_WEIGHTED : placement->mix;
    for (size_t i = 0; i < 4; i++)
        variant_without_kind(placement, kinds[i], arena);
}

/* All wishes of the call ask the placement of the first, from its candidates. */
static struct decide_input family(uint64_t seed, bool copied, struct arena *arena)
{
    struct decide_input input = world_input(seed, arena);
    size_t count = input.moment.wish_count;
    if (seed % 4 > 0)
        make_twin(&input, arena);
    struct wish *wishes = (struct wish *)input.moment.wishes;
    struct placement_evidence *evidence = (struct placement_evidence *)input.evidence;
    for (size_t i = 1; i < count; i++) {
        struct wish own = wishes[i];
        wishes[i] = wishes[0];
        wishes[i].count = own.count;
        wishes[i].exclude_count = i % 2 ? 0 : own.exclude_count;
        wishes[i].exclude = own.exclude;
        evidence[i] = evidence[0];
        size_t size = evidence[i].candidate_count * sizeof(struct candidate);
        if (copied && size > 0)
            evidence[i].candidates = memcpy(arena_alloc(arena, size), evidence[0].candidates, size);
    }
    return input;
}

/* The record with each candidate written out. */
static void write_out(struct slice packed, const struct decide_input *input, struct arena *arena,
                      struct buf *buf)
{
    struct decision_record record;
    assert_int_equal(decision_record_unpack(packed, arena, &record), STATUS_OK);
    for (size_t i = 0; i < record.input.moment.wish_count; i++)
        for (size_t j = 0; j < record.input.evidence[i].candidate_count; j++)
            ((struct candidate *)&record.input.evidence[i].candidates[j])->origin = NULL;
    record.input.policy = input->policy;
    buf_clear(buf);
    decision_record_pack(&record, buf);
}

static void decides_twins_as_if_each_were_alone(void **state)
{
    (void)state;
    struct buf bufs[6];
    size_t shorter = 0;
    for (size_t i = 0; i < 6; i++)
        buf_init(&bufs[i], 1 << 20);
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        for (size_t i = 0; i < 2; i++) {
            struct decide_input input = family(seed, i == 1, &arena);
            decide_trim(&input, &arena);
            struct decision_record record = {.input = input};
            (void)world_answer(&input, &bufs[i]);
            buf_clear(&bufs[2 + i]);
            decision_record_pack(&record, &bufs[2 + i]);
            write_out(buf_slice(&bufs[2 + i]), &input, &arena, &bufs[4 + i]);
        }
        assert_true(slice_equal(buf_slice(&bufs[0]), buf_slice(&bufs[1])));
        assert_true(slice_equal(buf_slice(&bufs[4]), buf_slice(&bufs[5])));
        assert_true(bufs[2].size <= bufs[3].size);
        shorter += bufs[2].size < bufs[3].size;
        arena_done(&arena);
    }
    assert_true(shorter > WORLDS / 20); /* else there were none */
    for (size_t i = 0; i < 6; i++)
        buf_done(&bufs[i]);
}

static void replays_twins_from_what_is_written_once(void **state)
{
    (void)state;
    struct buf live, packed, again;
    buf_init(&live, 1 << 20);
    buf_init(&packed, 1 << 20);
    buf_init(&again, 1 << 20);
    for (uint64_t seed = 0; seed < WORLDS / 4; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = family(seed, false, &arena);
        decide_trim(&input, &arena);
        struct decision_record record = {.input = input}, back;
        struct slice answer = world_answer(&input, &live);
        buf_clear(&packed);
        decision_record_pack(&record, &packed);
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
        back.input.policy = input.policy;
        assert_true(slice_equal(world_answer(&back.input, &again), answer));
        buf_clear(&again);
        decision_record_pack(&back, &again);
        assert_true(slice_equal(buf_slice(&again), buf_slice(&packed)));
        arena_done(&arena);
    }
    buf_done(&live);
    buf_done(&packed);
    buf_done(&again);
}

static void tells_twins_from_others(void **state)
{
    (void)state;
    static const struct slice values[] = {SLICE_INIT("Ida"), SLICE_INIT("Mara")};
    const struct rule rules[] = {
        {.kind = RULE_IN_STOCK},
        {.kind = RULE_EXCLUDE, .attribute = SLICE("brand"), .values = values, .value_count = 2}};
    struct rule others[] = {rules[0], rules[1]}, pins[] = {rules[0], rules[1]};
    others[1].value_count = 1;
    pins[1].kind = RULE_PIN;
    const struct placement first = {.id = SLICE("a"),
                                    .mix = MIX_BLEND,
                                    .steps = {{.strategy = STRATEGY_TRENDING, .weight = 1},
                                              {.strategy = STRATEGY_SIMILAR, .weight = 2}},
                                    .step_count = 2,
                                    .rules = rules,
                                    .rule_count = 2,
                                    .count = 8};
    struct placement second = first;
    second.id = SLICE("b");
    second.count = 4;
    second.explore = 0.1;
    assert_true(placements_are_twins(&first, &second));
    struct placement differing[8];
    for (size_t i = 0; i < 8; i++)
        differing[i] = second;
    differing[0].steps[1].weight = 1;
    differing[1].steps[1].asks = 7;
    differing[2].rules = others;
    differing[3].rule_count = 1;
    differing[4].affinity_weight = 0.5;
    differing[5].mix = MIX_WEIGHTED;
    differing[6].step_count = 1;
    differing[7].sets_margin = true;
    for (size_t i = 0; i < 8; i++)
        assert_false(placements_are_twins(&first, &differing[i]));
    struct placement in_order = first, pinned = first, falls_back = first;
    in_order.mix = MIX_IN_ORDER;
    pinned.rules = pins;
    falls_back.fallback_count = 1;
    assert_false(placements_are_twins(&in_order, &in_order));
    assert_false(placements_are_twins(&pinned, &pinned));
    assert_false(placements_are_twins(&falls_back, &falls_back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_twins_as_if_each_were_alone),
        cmocka_unit_test(replays_twins_from_what_is_written_once),
        cmocka_unit_test(tells_twins_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
