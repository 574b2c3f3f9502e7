/* Held out: best sellers or nothing, by the same filters, told and recorded. */
#include "test.h"

#include "decide/record.h"
#include "told.h"
#include "world.h"

#include <stdlib.h>

enum { WORLDS = 600 };

struct seen {
    unsigned held, nothing;
};

static void look_at(const struct decision *decision, struct seen *seen)
{
    bool empty = decision->definition->objective.holdout_arm == HOLDOUT_EMPTY;
    assert_true(!empty || decision->shown_count == 0);
    assert_int_equal(slice_is(decision->fallback, "holdout"), empty);
    assert_false(decision->explored);
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *scored = decision->shown[i];
        assert_true(scored->slot > 0 || scored->candidate->answers[STRATEGY_BEST_SELLERS] > 0);
        for (size_t j = 0; j < scored->contribution_count; j++) /* no taste lifts it */
            assert_true(scored->contributions[j].kind != CONTRIBUTION_AFFINITY);
    }
    seen->held += decision->shown_count > 0;
    seen->nothing += empty;
}

static void shows_best_sellers_or_nothing_to_whom_is_held_out(void **state)
{
    (void)state;
    struct seen seen = {0};
    for (uint64_t seed = 1; seed < WORLDS; seed += 2) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++) {
            const struct decision *decision = &outcome.decisions[i];
            assert_int_equal(decision->arm, input.moment.wishes[i].arm);
            if (decision->arm == ARM_HOLDOUT && decision->definition)
                look_at(decision, &seen);
        }
        arena_done(&arena);
    }
    assert_true(seen.held > 20 && seen.nothing > 20);
}

static void keeps_arms_and_draws_in_the_record(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < WORLDS; seed++) {
        struct arena arena;
        struct buf packed;
        arena_init(&arena);
        buf_init(&packed, 1 << 20);
        struct decision_record record = {.input = world_input(seed, &arena)}, back;
        decide_trim(&record.input, &arena);
        const struct moment *moment = &record.input.moment;
        bool measured = false;
        for (size_t i = 0; i < moment->wish_count; i++)
            measured |= moment->wishes[i].arm != ARM_NONE;
        record.explored = measured ? (uint32_t)seed & ((1U << moment->wish_count) - 1) : 0;
        decision_record_pack(&record, &packed);
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
        assert_int_equal(back.explored, record.explored);
        for (size_t i = 0; i < moment->wish_count; i++) {
            assert_int_equal(back.input.moment.wishes[i].arm, moment->wishes[i].arm);
            assert_true(back.input.moment.wishes[i].arm_share == moment->wishes[i].arm_share);
        }
        if (measured) { /* half an experiment is no record */
            enum status status = decision_record_unpack(
                slice_first(buf_slice(&packed), packed.size - 1), &arena, &back);
            assert_int_equal(status, STATUS_CORRUPT);
        }
        buf_done(&packed);
        arena_done(&arena);
    }
}

static void tells_it_in_both_languages_to_everybody(void **state)
{
    (void)state;
    static const char *const said[ROLE_COUNT][LOCALE_COUNT] = {
        [ROLE_MARKETER] = {"fait partie des 12,5", "among the 12.5% drawn by lot"},
        [ROLE_AGENT] = {"fait partie des 12,5", "among the 12.5% drawn by lot"},
        [ROLE_SHOPPER] = {"groupe tiré au sort", "a group drawn by lot"},
    };
    struct arena arena;
    arena_init(&arena);
    struct decide_input input = world_input(1, &arena);
    struct wish *wishes = (struct wish *)input.moment.wishes;
    input.moment.wish_count = 1;
    wishes[0].placement = SLICE("p0");
    wishes[0].arm = ARM_HOLDOUT;
    wishes[0].arm_share = 0.125;
    assert_each_told(&input, said);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_best_sellers_or_nothing_to_whom_is_held_out),
        cmocka_unit_test(keeps_arms_and_draws_in_the_record),
        cmocka_unit_test(tells_it_in_both_languages_to_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
