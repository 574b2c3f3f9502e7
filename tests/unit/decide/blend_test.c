/* The blend by hand: every part bounded, named, and the sum of them the score. */
#include "test.h"

#include "decide/blend.h"
#include "decide/decide.h"
#include "decide/policy.h"

#include <math.h>

static struct placement blended = {.id = {"p", 1},
                                   .mix = MIX_BLEND,
                                   .steps = {{.strategy = STRATEGY_SESSIONS, .weight = 2},
                                             {.strategy = STRATEGY_TRENDING, .weight = 1}},
                                   .step_count = 2,
                                   .count = 2};

struct scene {
    struct policy policy;
    struct candidate candidates[2];
    struct placement_evidence evidence;
    struct wish wish;
    struct decide_affinity affinity;
    struct decide_input input;
};

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.policy = {.version = 1, .placements = &blended, .placement_count = 1},
                            .wish = {.placement = SLICE("p")},
                            .affinity = {SLICE("brand"), SLICE("Ida"), 4}};
    scene->candidates[0] =
        (struct candidate){.item = SLICE("a"), .in_stock = true, .likes = {.count = 1}};
    scene->candidates[0].answers[STRATEGY_SESSIONS] = 0.5F;
    scene->candidates[0].terms[TERM_POPULARITY] = TERM_WHOLE;
    scene->candidates[0].terms[TERM_PRICE_FIT] = TERM_WHOLE | TERM_PERSONAL_BIT;
    scene->candidates[1] = (struct candidate){.item = SLICE("b"), .in_stock = true};
    scene->candidates[1].answers[STRATEGY_SESSIONS] = 8;
    scene->candidates[1].answers[STRATEGY_TRENDING] = 3;
    scene->evidence =
        (struct placement_evidence){.candidates = scene->candidates, .candidate_count = 2};
    scene->input = (struct decide_input){
        .moment = {.wishes = &scene->wish, .wish_count = 1, .blends = true},
        .person = {.personal = true, .affinities = &scene->affinity, .affinity_count = 1},
        .policy = &scene->policy,
        .evidence = &scene->evidence};
    scene->input.blend = (struct blend_weights){
        .terms = {[TERM_POPULARITY] = 0.25F, [TERM_PRICE_FIT] = 0.5F, [TERM_FRESHNESS] = 7},
        .tastes = 0.75F};
    scene->input.blend.strategies[STRATEGY_SESSIONS] = 3;
    scene->input.blend.strategies[STRATEGY_TRENDING] = 0.5F;
}

static const struct scored *shown(const struct outcome *outcome, const char *item)
{
    const struct decision *decision = &outcome->decisions[0];
    for (size_t i = 0; i < decision->shown_count; i++)
        if (slice_is(decision->shown[i]->candidate->item, item))
            return decision->shown[i];
    return NULL;
}

static void assert_parts(const struct scored *scored, size_t count, const char *const names[],
                         const double values[])
{
    double sum = 0;
    assert_int_equal(scored->contribution_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_is(scored->contributions[i].name, names[i]));
        assert_true(fabs(scored->contributions[i].value - values[i]) < 1e-12);
        sum += scored->contributions[i].value;
    }
    assert_true(sum == scored->score);
}

static void a_score_is_the_sum_of_named_parts_as_its_formula_says(void **state)
{
    (void)state;
    struct scene scene;
    struct arena arena;
    struct outcome outcome;
    scene_init(&scene);
    arena_init(&arena);
    decide_run(&scene.input, &arena, &outcome);
    static const char *const names_a[] = {"sessions", "affinity:brand=Ida", "popularity",
                                          "price_fit"};
    static const double values_a[] = {2 * 3 * 0.5, 0.75, 0.25, 0.5}; /* n = 1/16, root 1/2 */
    assert_parts(shown(&outcome, "a"), 4, names_a, values_a);
    static const char *const names_b[] = {"sessions", "trending"};
    static const double values_b[] = {6, 0.5};
    assert_parts(shown(&outcome, "b"), 2, names_b, values_b);
    assert_int_equal(outcome.decisions[0].person_used, PERSON_AFFINITIES | PERSON_PRICES);
    assert_true(slice_is(outcome.decisions[0].shown[0]->candidate->item, "b"));
    arena_done(&arena);
}

static void without_a_person_their_prices_and_tastes_say_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct arena arena;
    struct outcome outcome;
    scene_init(&scene);
    scene.input.person = (struct decide_person){0};
    arena_init(&arena);
    decide_run(&scene.input, &arena, &outcome);
    static const char *const names[] = {"sessions", "popularity"};
    static const double values[] = {3, 0.25};
    assert_parts(shown(&outcome, "a"), 2, names, values);
    assert_int_equal(outcome.decisions[0].person_used, 0);
    arena_done(&arena);
}

static void for_you_is_short_for_a_blend_of_all_that_may_know(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"id\":\"p\",\"recipe\":\"for_you\"}",
                                        "{\"id\":\"p\",\"recipe\":[\"for_you\"]}"};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena;
        struct placement placement;
        struct diag diag = {0};
        const struct json *json;
        struct buf written;
        arena_init(&arena);
        buf_init(&written, 10000);
        assert_int_equal(json_parse(&arena, slice_of(texts[i]), &json, &diag), STATUS_OK);
        assert_int_equal(placement_from_json(json, &arena, &placement, &diag), STATUS_OK);
        assert_int_equal(placement.mix, MIX_BLEND);
        assert_int_equal(placement.step_count, 10);
        assert_int_equal(placement.steps[0].strategy, STRATEGY_SESSIONS);
        assert_int_equal(placement.steps[4].key, KEY_LAST_BOUGHT);
        struct json_out out = json_out(&written);
        placement_to_json(&placement, &out);
        struct placement again;
        assert_int_equal(json_parse(&arena, buf_slice(&written), &json, &diag), STATUS_OK);
        assert_int_equal(placement_from_json(json, &arena, &again, &diag), STATUS_OK);
        assert_int_equal(again.mix, MIX_BLEND);
        assert_int_equal(again.step_count, 10);
        for (size_t j = 0; j < again.step_count; j++) { /* as if every step had been written */
            assert_int_equal(again.steps[j].asks, placement.steps[j].asks);
            assert_int_equal(step_column(&again.steps[j]), step_column(&placement.steps[j]));
        }
        buf_done(&written);
        arena_done(&arena);
    }
}

static void what_is_right_before_anything_is_learned_is_within_bounds(void **state)
{
    (void)state;
    struct blend_weights weights = blend_weights_default();
    const float *all = (const float *)&weights;
    for (size_t i = 0; i < sizeof weights / sizeof *all; i++)
        assert_true(all[i] > 0 && all[i] <= BLEND_WEIGHT_MAX);
    for (unsigned i = 0; i < TERM_COUNT; i++)
        assert_true(strlen(blend_term_name((enum blend_term)i)) > 0);
    assert_true(blend_value(TERM_WHOLE | TERM_PERSONAL_BIT) == 1 && blend_value(0) == 0);
    assert_true(blend_answer(1) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_is_the_sum_of_named_parts_as_its_formula_says),
        cmocka_unit_test(without_a_person_their_prices_and_tastes_say_nothing),
        cmocka_unit_test(for_you_is_short_for_a_blend_of_all_that_may_know),
        cmocka_unit_test(what_is_right_before_anything_is_learned_is_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
