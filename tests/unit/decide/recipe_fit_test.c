/* A record under other recipes: what each step finds of what was asked then. */
#include "test.h"

#include "decide/decide.h"

static const struct asked_step asked[] = {{STRATEGY_SIMILAR, STRATEGY_SIMILAR, 11},
                                          {STRATEGY_COUNT, STRATEGY_SIMILAR, 0},
                                          {STRATEGY_COUNT + 1, STRATEGY_TRENDING, 22}};

static struct placement_evidence evidence_of(struct candidate *candidate)
{
    *candidate = (struct candidate){.item = SLICE("a"), .because_personal = 1U << STRATEGY_SIMILAR};
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        candidate->answers[i] = (float)(1 + i);
    struct placement_evidence evidence = {.candidates = candidate,
                                          .candidate_count = 1,
                                          .asked = asked,
                                          .asked_count = 3,
                                          .stages_cut = 1U << STRATEGY_COUNT};
    evidence.highest[STRATEGY_SIMILAR] = 40;
    return evidence;
}

static void the_recipe_of_then_finds_everything_in_its_place(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct candidate candidate;
    struct placement_evidence evidence = evidence_of(&candidate);
    struct placement same = {.step_count = 4,
                             .steps = {{.strategy = STRATEGY_SIMILAR, .asks = 11},
                                       {.strategy = STRATEGY_SIMILAR, .repeat = 1},
                                       {.strategy = STRATEGY_TRENDING},
                                       {.strategy = STRATEGY_TRENDING, .repeat = 2, .asks = 22}}};
    assert_ptr_equal(evidence_fit(&evidence, &same, &arena), &evidence);
    arena_done(&arena);
}

static void another_recipe_finds_its_answers_and_none_of_others(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct candidate candidate;
    struct placement_evidence evidence = evidence_of(&candidate);
    /* plain first, the asked one second, one that nobody asked for third */
    struct placement other = {.step_count = 3,
                              .steps = {{.strategy = STRATEGY_SIMILAR},
                                        {.strategy = STRATEGY_SIMILAR, .repeat = 1, .asks = 11},
                                        {.strategy = STRATEGY_SIMILAR, .repeat = 2, .asks = 33}}};
    const struct placement_evidence *fitted = evidence_fit(&evidence, &other, &arena);
    const struct candidate *moved = &fitted->candidates[0];
    assert_true(moved->answers[STRATEGY_SIMILAR] == candidate.answers[STRATEGY_COUNT]);
    assert_true(moved->answers[STRATEGY_COUNT] == candidate.answers[STRATEGY_SIMILAR]);
    assert_true(moved->answers[STRATEGY_COUNT + 1] == 0);
    assert_int_equal(moved->because_personal, 1U << STRATEGY_COUNT);
    assert_int_equal(fitted->stages_cut, 1U << STRATEGY_SIMILAR);
    assert_true(fitted->highest[STRATEGY_COUNT] == 40 && fitted->highest[STRATEGY_SIMILAR] == 0);
    assert_int_equal(evidence_column(&evidence, &other.steps[2]), COLUMN_COUNT);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recipe_of_then_finds_everything_in_its_place),
        cmocka_unit_test(another_recipe_finds_its_answers_and_none_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
