/* Rules that arrange: what they do to a small placement, alone and together, rule by rule as a
 * marketer writes them. */
#include "test.h"

#include <math.h>

#include "scene.h"

#define NOW_MS INT64_C(1772360423000) /* March 2026 */

/* a … e as in scene.h, then what no strategy proposes: f and h of brand W, g hidden, and h with
 * nothing in stock. */
static void furnish(struct scene *scene)
{
    static const char *const brands[] = {"X", "X", "Y", "X", "Z", "W", "W", "W"};
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static struct candidate_attribute attributes[8];
    scene_init(scene);
    for (unsigned i = 0; i < 8; i++) {
        attributes[i] = (struct candidate_attribute){SLICE("brand"), slice_of(brands[i])};
        scene->candidates[i].item = slice_of(ids[i]);
        scene->candidates[i].attributes = &attributes[i];
        scene->candidates[i].attribute_count = 1;
        scene->candidates[i].in_stock = i < 7;
        scene->candidates[i].hidden = i == 6;
    }
    scene->evidence[0].candidate_count = 8;
    scene->input.moment.now_ms = NOW_MS;
}

/* The placement of a scene, of best sellers, with these rules. */
static void read_rules(struct scene *scene, const char *rules, unsigned count)
{
    struct slice members = arena_format(
        &scene->arena, "\"recipe\":[\"best_sellers\"],\"rules\":[%s],\"count\":%u", rules, count);
    scene_read(scene, members.data, &scene->placement);
}

#define BRAND "\"attribute\":\"brand\",\"values\":"

static const struct {
    const char *rules;
    unsigned count;
    const char *shown;
} arrangements[] = {
    {"", 3, "a b c"},
    /* boost and bury: a to e are worth 1, 0.8, 0.6, 0.4, 0.2 */
    {"{\"kind\":\"boost\",\"factor\":2," BRAND "[\"Y\"]}", 3, "c a b"},
    {"{\"kind\":\"boost\",\"factor\":2,\"items\":[\"d\",\"e\"]}", 3, "a b d"},
    {"{\"kind\":\"bury\",\"factor\":10,\"items\":[\"a\"]}", 3, "b c d"},
    {"{\"kind\":\"bury\",\"factor\":1,\"items\":[\"a\"]}", 3, "a b c"},
    {"{\"kind\":\"boost\",\"factor\":3,\"items\":[\"d\"]},{\"kind\":\"bury\",\"factor\":3,"
     "\"items\":[\"d\"]}",
     3, "a b c"},
    {"{\"kind\":\"boost\",\"factor\":2,\"items\":[\"d\"]},{\"kind\":\"boost\",\"factor\":2,"
     "\"items\":[\"d\"]}",
     3, "d a b"},
    {"{\"kind\":\"bury\",\"factor\":9,\"items\":[\"a\"],\"until\":\"2026-01-01T00:00:00Z\"}", 3,
     "a b c"},
    {"{\"kind\":\"bury\",\"factor\":9,\"items\":[\"a\"],\"from\":\"2026-01-01T00:00:00Z\"}", 3,
     "b c d"},
    /* caps */
    {"{\"kind\":\"cap\",\"attribute\":\"brand\",\"max\":1}", 5, "a c e"},
    {"{\"kind\":\"cap\",\"attribute\":\"brand\",\"max\":2}", 4, "a b c e"},
    {"{\"kind\":\"cap\",\"attribute\":\"colour\",\"max\":1}", 3, "a b c"},
    {"{\"kind\":\"boost\",\"factor\":9,\"items\":[\"d\"]},{\"kind\":\"cap\","
     "\"attribute\":\"brand\",\"max\":1}",
     3, "d c e"},
    /* pins */
    {"{\"kind\":\"pin\",\"slot\":2,\"item\":\"e\"}", 3, "a e b"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"f\"}", 3, "f a b"},
    {"{\"kind\":\"pin\",\"slot\":3,\"item\":\"a\"}", 3, "b c a"},
    {"{\"kind\":\"pin\",\"slot\":4,\"item\":\"e\"}", 3, "a b c"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"nowhere\"}", 3, "a b c"},
    {"{\"kind\":\"pin\",\"slot\":1," BRAND "[\"Y\",\"Z\"]}", 3, "c a b"},
    {"{\"kind\":\"pin\",\"slot\":1," BRAND "[\"W\"]}", 3, "f a b"},
    {"{\"kind\":\"pin\",\"slot\":1," BRAND "[\"X\"]},{\"kind\":\"pin\",\"slot\":2," BRAND
     "[\"X\"]},{\"kind\":\"pin\",\"slot\":3," BRAND "[\"X\"]}",
     4, "a b d c"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"nowhere\"},{\"kind\":\"pin\",\"slot\":1,"
     "\"item\":\"e\"},{\"kind\":\"pin\",\"slot\":1,\"item\":\"d\"}",
     3, "e a b"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"e\"},{\"kind\":\"pin\",\"slot\":2,"
     "\"item\":\"e\"}",
     3, "e a b"},
    {"{\"kind\":\"pin\",\"slot\":3,\"item\":\"e\"},{\"kind\":\"include\",\"items\":[\"e\","
     "\"a\"]}",
     3, "a e"},
    {"{\"kind\":\"pin\",\"slot\":2,\"item\":\"e\",\"until\":\"2026-01-01T00:00:00Z\"}", 3, "a b c"},
    /* pins count for caps, and no cap moves them */
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"b\"},{\"kind\":\"cap\",\"attribute\":\"brand\","
     "\"max\":1}",
     3, "b c e"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"b\"},{\"kind\":\"pin\",\"slot\":2,"
     "\"item\":\"d\"},{\"kind\":\"cap\",\"attribute\":\"brand\",\"max\":1}",
     3, "b d c"},
    /* nothing that may not leave is pinned */
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"g\"}", 3, "a b c"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"h\"}", 3, "h a b"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"h\"},\"in_stock\"", 3, "a b c"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"e\"},{\"kind\":\"exclude\"," BRAND "[\"Z\"]}", 3,
     "a b c"},
    {"{\"kind\":\"pin\",\"slot\":1,\"item\":\"e\"},{\"kind\":\"include\"," BRAND "[\"X\"]}", 3,
     "a b d"},
    {"{\"kind\":\"shuffle\",\"among\":2}", 5, NULL},
    /* diversity: a, b, d are of brand X */
    {"{\"kind\":\"diversity\",\"weight\":0.5}", 3, "a c e"},
    {"{\"kind\":\"diversity\",\"weight\":0.5}", 5, "a c e b d"},
    {"{\"kind\":\"diversity\",\"weight\":0.1}", 3, "a b c"},
    {"{\"kind\":\"diversity\",\"weight\":0}", 3, "a b c"},
    {"{\"kind\":\"diversity\",\"weight\":1}", 4, "a c e b"},
    {"{\"kind\":\"diversity\",\"weight\":1,\"until\":\"2026-01-01T00:00:00Z\"}", 3, "a b c"},
    /* caps come before it, and what is pinned stands already */
    {"{\"kind\":\"diversity\",\"weight\":1},{\"kind\":\"cap\",\"attribute\":\"brand\","
     "\"max\":1}",
     4, "a c e"},
    {"{\"kind\":\"diversity\",\"weight\":0.5},{\"kind\":\"pin\",\"slot\":1,\"item\":\"d\"}", 3,
     "d c e"},
    {"{\"kind\":\"diversity\",\"weight\":0.5},{\"kind\":\"exclude\"," BRAND "[\"Y\"]}", 3, "a e b"},
};

static void arranges_as_the_rules_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof arrangements / sizeof arrangements[0]; i++)
        for (unsigned trimmed = 0; trimmed < 2; trimmed++) {
            struct scene scene;
            furnish(&scene);
            read_rules(&scene, arrangements[i].rules, arrangements[i].count);
            if (trimmed)
                decide_trim(&scene.input, &scene.arena);
            const struct decision *decision = scene_run(&scene);
            if (arrangements[i].shown)
                assert_shown(decision, arrangements[i].shown);
            assert_fallback(decision, "");
            arena_done(&scene.arena);
        }
}

static void what_the_caller_excludes_is_not_pinned(void **state)
{
    (void)state;
    static const struct slice excluded[] = {SLICE_INIT("e")};
    struct scene scene;
    furnish(&scene);
    read_rules(&scene, "{\"kind\":\"pin\",\"slot\":1,\"item\":\"e\"}", 3);
    scene.wishes[0].exclude = excluded;
    scene.wishes[0].exclude_count = 1;
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "a b c");
    assert_int_equal(removal_of(decision, "e"), REMOVED_CALLER);
    arena_done(&scene.arena);
}

/* All boosts of an item together count ten times at most, and each is told with its part. */
static void boosts_compound_within_their_bounds_and_are_named(void **state)
{
    (void)state;
    static const char boost[] = "{\"kind\":\"boost\",\"factor\":8," BRAND "[\"X\"]}";
    static const char more[] = "{\"kind\":\"boost\",\"factor\":5,\"items\":[\"a\"]}";
    static const char bury[] = "{\"kind\":\"bury\",\"factor\":4,\"items\":[\"a\"]}";
    struct scene scene;
    furnish(&scene);
    struct slice both = arena_format(&scene.arena, "%s,%s", boost, more);
    struct slice all = arena_format(&scene.arena, "%s,%s,%s", boost, more, bury);
    const struct {
        const char *rules;
        double score;
        size_t parts;
        const char *first, *second;
    } cases[] = {
        {boost, 8, 2, "boost:brand=X", NULL},
        {both.data, 10, 3, "boost:brand=X", "boost:item"},
        {all.data, 10, 3, "boost:brand=X", "boost:item"}, /* 8 × 5 ÷ 4 is 10 again */
        {bury, 0.25, 2, "bury:item", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_rules(&scene, cases[i].rules, 5);
        const struct decision *decision = scene_run(&scene);
        const struct scored *scored = decision->shown[0];
        for (size_t j = 0; j < decision->shown_count; j++)
            if (slice_is(decision->shown[j]->candidate->item, "a"))
                scored = decision->shown[j];
        assert_true(fabs(scored->score - cases[i].score) < 1e-12);
        assert_int_equal(scored->contribution_count, cases[i].parts);
        assert_true(slice_is(scored->contributions[1].name, cases[i].first));
        if (cases[i].second)
            assert_true(slice_is(scored->contributions[2].name, cases[i].second));
    }
    arena_done(&scene.arena);
}

static void no_boost_carries_a_later_steps_item_over_an_earlier_steps(void **state)
{
    (void)state;
    struct scene scene;
    furnish(&scene);
    read_rules(&scene, "{\"kind\":\"boost\",\"factor\":10,\"items\":[\"a\"]}", 2);
    scene.placement.steps[1] = scene.placement.steps[0];
    scene.placement.steps[0] = (struct recipe_step){.strategy = STRATEGY_TRENDING, .weight = 1};
    scene.placement.step_count = 2;
    scene.candidates[4].answers[STRATEGY_TRENDING] = 1;
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "e a");
    assert_true(decision->shown[0]->score > decision->shown[1]->score);
    arena_done(&scene.arena);
}

/* As many times as its probability says, over seeds; with and without a share of exploration. */
static void draws_among_the_best_as_often_as_the_probabilities_say(void **state)
{
    (void)state;
    enum { RUNS = 20000 };
    static const struct {
        const char *rules;
        double explore, probability[5];
    } cases[] = {
        {"{\"kind\":\"shuffle\",\"among\":4}", 0, {0.5, 0.5, 0.5, 0.5, 0}},
        {"{\"kind\":\"shuffle\",\"among\":2}", 0, {1, 1, 0, 0, 0}},
        {"{\"kind\":\"shuffle\",\"among\":9}", 0, {0.4, 0.4, 0.4, 0.4, 0.4}},
        /* variety says who the best three are, then they are drawn among */
        {"{\"kind\":\"shuffle\",\"among\":3},{\"kind\":\"diversity\",\"weight\":0.5}",
         0,
         {2.0 / 3, 0, 2.0 / 3, 0, 2.0 / 3}},
        {"{\"kind\":\"shuffle\",\"among\":4}", 0.2, {0.48, 0.48, 0.48, 0.48, 0.08}},
        {"{\"kind\":\"shuffle\",\"among\":3},{\"kind\":\"pin\",\"slot\":2,\"item\":\"e\"}",
         0,
         {1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned shown[5] = {0}, first[5] = {0};
        struct scene scene;
        furnish(&scene);
        read_rules(&scene, cases[i].rules, 2);
        scene.placement.explore = cases[i].explore;
        for (uint64_t seed = 0; seed < RUNS; seed++) {
            struct arena arena;
            arena_init(&arena);
            scene.input.seed = seed * UINT64_C(0x2545F4914F6CDD1D);
            decide_run(&scene.input, &arena, &scene.outcome);
            const struct decision *decision = &scene.outcome.decisions[0];
            assert_true(decision->explored != decision->shuffled);
            first[decision->shown[0]->candidate - scene.candidates]++;
            for (size_t j = 0; j < decision->shown_count; j++)
                shown[decision->shown[j]->candidate - scene.candidates]++;
            for (size_t j = 0; j < decision->eligible_count; j++)
                assert_true(
                    fabs(decision->all[j].probability -
                         cases[i].probability[decision->all[j].candidate - scene.candidates]) <
                    1e-12);
            arena_done(&arena);
        }
        for (unsigned j = 0; j < 5; j++) {
            double p = cases[i].probability[j], spread = sqrt(p * (1 - p) / RUNS);
            assert_true(fabs((double)shown[j] / RUNS - p) <= 5 * spread);
        }
        assert_true(first[0] > 0 && first[1] + first[2] > 0); /* their places are drawn as well */
        arena_done(&scene.arena);
    }
}

/* Of a category the item's own, whatever stands above it. */
static void a_cap_of_categories_counts_the_items_own(void **state)
{
    (void)state;
    static const struct candidate_attribute lamps[] = {
        {SLICE_INIT("category"), SLICE_INIT("Maison")},
        {SLICE_INIT("category"), SLICE_INIT("Maison > Lampes")}};
    static const struct candidate_attribute vases[] = {
        {SLICE_INIT("category"), SLICE_INIT("Maison")},
        {SLICE_INIT("category"), SLICE_INIT("Maison > Vases")}};
    struct scene scene;
    furnish(&scene);
    for (unsigned i = 0; i < 8; i++) {
        scene.candidates[i].attributes = i < 3 ? lamps : vases;
        scene.candidates[i].attribute_count = 2;
    }
    read_rules(&scene, "{\"kind\":\"cap\",\"attribute\":\"category\",\"max\":1}", 5);
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "a d");
    assert_int_equal(removal_of(decision, "b"), REMOVED_CAPPED);
    arena_done(&scene.arena);
}

/* The recipe knows none of brand W: the pin takes what sells best, to whomever. What is known of
 * somebody alone is no reason. */
static void a_pin_by_attribute_takes_what_is_best_for_everybody(void **state)
{
    (void)state;
    for (unsigned personal = 0; personal < 2; personal++) {
        struct scene scene;
        furnish(&scene);
        scene_read(&scene,
                   "\"recipe\":[\"sessions\"],\"rules\":[{\"kind\":\"pin\",\"slot\":1," BRAND
                   "[\"W\"]}],\"count\":1",
                   &scene.placement);
        scene.input.person.personal = personal;
        scene.candidates[5].answers[STRATEGY_BEST_SELLERS] = 8;
        scene.candidates[7].answers[STRATEGY_BEST_SELLERS] = 9;
        assert_shown(scene_run(&scene), "h");
        scene.candidates[7].because_personal = 1U << STRATEGY_BEST_SELLERS;
        assert_shown(scene_run(&scene), "f");
        arena_done(&scene.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arranges_as_the_rules_say),
        cmocka_unit_test(what_the_caller_excludes_is_not_pinned),
        cmocka_unit_test(boosts_compound_within_their_bounds_and_are_named),
        cmocka_unit_test(no_boost_carries_a_later_steps_item_over_an_earlier_steps),
        cmocka_unit_test(draws_among_the_best_as_often_as_the_probabilities_say),
        cmocka_unit_test(a_pin_by_attribute_takes_what_is_best_for_everybody),
        cmocka_unit_test(a_cap_of_categories_counts_the_items_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
