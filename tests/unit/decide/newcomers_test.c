/* The quota of new arrivals: who is drawn, how often, and what it leaves alone. */
#include "test.h"

#include <math.h>

#include "decide/operations.h"
#include "decide/what_if.h"
#include "decide/why_not.h"
#include "scene.h"

enum { ITEMS = 8, RUNS = 20000 };

/* a … e sell best in this order, and f, g, h only came lately: f today, g five days ago, h twenty;
 * b and d, which sell, came three and ten days ago. Brands: X of a, b and d, W of f, g and h. */
static void furnish(struct scene *scene)
{
    static const char *const brands[] = {"X", "X", "Y", "X", "Z", "W", "W", "W"};
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const uint8_t ages[] = {0, 3, 0, 10, 0, 1, 5, 20};
    static struct candidate_attribute attributes[ITEMS];
    scene_init(scene);
    for (unsigned i = 0; i < ITEMS; i++) {
        attributes[i] = (struct candidate_attribute){SLICE("brand"), slice_of(brands[i])};
        scene->candidates[i].item = slice_of(ids[i]);
        scene->candidates[i].attributes = &attributes[i];
        scene->candidates[i].attribute_count = 1;
        scene->candidates[i].in_stock = true;
        scene->candidates[i].age = ages[i];
    }
    scene->evidence[0].candidate_count = ITEMS;
}

#define ARRIVALS "{\"kind\":\"arrivals\",\"share\":"
#define BRAND "\"attribute\":\"brand\","

/* Of so many runs each item is shown as often as its probability says (chi-square of each with one
 * degree of freedom, at one in a million), which is what is written here. */
static const struct {
    const char *members;
    double probability[ITEMS];
} cases[] = {
    /* c, and sometimes a, gives way to d, f or g; b is new as well, and keeps its place */
    {"\"count\":3,\"rules\":[" ARRIVALS "0.34}]", {0.98, 1, 0, 0.34, 0, 0.34, 0.34, 0}},
    {"\"count\":2,\"rules\":[" ARRIVALS "0.5}]", {0, 1, 0, 1 / 3.0, 0, 1 / 3.0, 1 / 3.0, 0}},
    {"\"count\":2,\"rules\":[" ARRIVALS "0.25}]", {0.5, 1, 0, 1 / 6.0, 0, 1 / 6.0, 1 / 6.0, 0}},
    {"\"count\":2,\"rules\":[" ARRIVALS "0.5,\"days\":1}]", {1, 0, 0, 0, 0, 1, 0, 0}},
    {"\"count\":2,\"rules\":[" ARRIVALS "0.5,\"days\":90}]", {0, 1, 0, 0.25, 0, 0.25, 0.25, 0.25}},
    /* no more places than newcomers that are not shown anyway */
    {"\"count\":5,\"rules\":[" ARRIVALS "0.4,\"days\":1}]", {1, 1, 1, 1, 0, 1, 0, 0}},
    {"\"count\":4,\"rules\":[" ARRIVALS "0.25,\"days\":90},{\"kind\":\"exclude\",\"items\":"
     "[\"f\",\"g\",\"h\"]}]",
     {1, 1, 1, 1, 0, 0, 0, 0}},
    /* as many items as without it */
    {"\"count\":8,\"rules\":[" ARRIVALS "0.2}]", {1, 1, 1, 1, 0, 0.5, 0.5, 0}},
    /* a pin keeps its place, and is never in the draw */
    {"\"count\":3,\"rules\":[" ARRIVALS "0.5},{\"kind\":\"pin\",\"slot\":1,\"item\":\"f\"}]",
     {0, 1, 0, 0.5, 0, 1, 0.5, 0}},
    /* of a capped brand the newest that has room */
    {"\"count\":2,\"rules\":[" ARRIVALS "0.5},{\"kind\":\"cap\"," BRAND "\"max\":1}]",
     {1, 0, 0, 0, 0, 1, 0, 0}},
    /* shuffled: one of a, b and c */
    {"\"count\":2,\"rules\":[" ARRIVALS "0.5},{\"kind\":\"shuffle\",\"among\":3}]",
     {1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 1 / 3.0, 1 / 3.0, 0}},
    /* explored, the draw is among the recipe's, and nobody is invited */
    {"\"count\":2,\"explore\":0.2,\"rules\":[" ARRIVALS "0.5}]",
     {0.08, 0.88, 0.08, 0.8 / 3 + 0.08, 0.08, 0.8 / 3, 0.8 / 3, 0}},
    /* too few */
    {"\"count\":6,\"minimum\":6,\"partial\":false,\"rules\":[" ARRIVALS "0.5}]", {0}},
};

static void assert_probabilities(const struct decision *decision, const struct scene *scene,
                                 size_t which)
{
    const double *expected = cases[which].probability;
    double told[ITEMS] = {0};
    for (size_t i = 0; i < decision->all_count; i++)
        told[decision->all[i].candidate - scene->candidates] = decision->all[i].probability;
    for (size_t i = 0; i < ITEMS; i++)
        if (!(fabs(told[i] - expected[i]) < 1e-12))
            fail_msg("%s, %c: %g, not %g", cases[which].members, (char)('a' + i), told[i],
                     expected[i]);
}

static void shows_each_as_often_as_its_probability_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        unsigned shown[ITEMS] = {0};
        furnish(&scene);
        struct slice members =
            arena_format(&scene.arena, "\"recipe\":[\"best_sellers\"],%s", cases[i].members);
        scene_read(&scene, members.data, &scene.placement);
        for (uint64_t seed = 0; seed < RUNS; seed++) {
            struct arena arena;
            arena_init(&arena);
            scene.input.seed = seed * UINT64_C(0x2545F4914F6CDD1D);
            decide_run(&scene.input, &arena, &scene.outcome);
            const struct decision *decision = &scene.outcome.decisions[0];
            assert_probabilities(decision, &scene, i);
            for (size_t j = 0; j < decision->shown_count; j++)
                shown[decision->shown[j]->candidate - scene.candidates]++;
            arena_done(&arena);
        }
        for (size_t j = 0; j < ITEMS; j++) {
            double p = cases[i].probability[j], off = shown[j] - p * RUNS;
            assert_true(off * off <= 24 * RUNS * p * (1 - p) + 1e-6);
        }
        arena_done(&scene.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_each_as_often_as_its_probability_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
