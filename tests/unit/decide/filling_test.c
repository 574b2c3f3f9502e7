/* What becomes of a placement whose recipe gives too few: minimum, fallback, partial; alone, under
 * rules, and on a page. */
#include "test.h"

#include "decide/explain.h"
#include "decide/record.h"
#include "scene.h"

/* Items a … e, best sellers 5 … 1; a and b trend, c and d are new. */
static void furnish(struct scene *scene)
{
    scene_init(scene);
    scene->candidates[0].answers[STRATEGY_TRENDING] = 2;
    scene->candidates[1].answers[STRATEGY_TRENDING] = 1;
    scene->candidates[3].answers[STRATEGY_NEW_ARRIVALS] = 2;
    scene->candidates[2].answers[STRATEGY_NEW_ARRIVALS] = 1;
}

#define TRENDING "\"recipe\":[\"trending\"]"
#define BEST ",\"fallback\":[\"best_sellers\"]"

static const struct {
    const char *members, *shown, *fallback;
} fillings[] = {
    {TRENDING ",\"count\":4", "a b", ""},
    {TRENDING ",\"count\":4" BEST, "a b c d", "recipe_short"},
    {TRENDING ",\"count\":2" BEST, "a b", ""},
    {TRENDING ",\"count\":4,\"minimum\":2" BEST, "a b", ""},
    {TRENDING ",\"count\":4,\"minimum\":3" BEST, "a b c d", "recipe_short"},
    {TRENDING ",\"count\":4,\"minimum\":3", "a b", "below_minimum"},
    {TRENDING ",\"count\":4,\"minimum\":3,\"partial\":false", "", "too_few"},
    {TRENDING ",\"count\":4,\"minimum\":2,\"partial\":false", "a b", ""},
    {TRENDING ",\"count\":4,\"partial\":false", "", "too_few"},
    {TRENDING ",\"count\":1,\"minimum\":3,\"partial\":false", "a", ""},
    {TRENDING ",\"count\":6,\"partial\":false" BEST, "", "too_few"},
    {TRENDING ",\"count\":6,\"minimum\":5,\"partial\":false" BEST, "a b c d e", "recipe_short"},
    {"\"recipe\":[\"sessions\"],\"count\":4,\"partial\":false", "", "empty"},
    {"\"recipe\":[\"sessions\"],\"count\":4" BEST, "a b c d", "recipe_short"},
    /* steps of a fallback come in order, whatever the recipe's mix */
    {TRENDING ",\"count\":5,\"fallback\":[\"new_arrivals\",\"best_sellers\"]", "a b d c e",
     "recipe_short"},
    {"\"recipe\":[\"trending\",\"new_arrivals\"],\"mix\":\"weighted\",\"count\":5" BEST,
     "a d b c e", "recipe_short"},
    {"\"recipe\":[\"trending\",\"new_arrivals\"],\"mix\":\"weighted\",\"count\":4" BEST, "a d b c",
     ""},
    {TRENDING ",\"count\":5,\"fallback\":[{\"strategy\":\"best_sellers\",\"weight\":100}]",
     "a b c d e", "recipe_short"},
    /* rules hold for it too */
    {TRENDING ",\"count\":3,\"rules\":[{\"kind\":\"exclude\",\"items\":[\"a\",\"c\"]}]" BEST,
     "b d e", "recipe_short"},
    {TRENDING ",\"count\":3,\"rules\":[{\"kind\":\"boost\",\"factor\":10,\"items\":[\"e\"]}]" BEST,
     "a b e", "recipe_short"},
    {TRENDING ",\"count\":3,\"minimum\":3,\"rules\":[{\"kind\":\"pin\",\"slot\":1,"
              "\"item\":\"e\"}]" BEST,
     "e a b", ""},
    {TRENDING ",\"count\":4,\"rules\":[{\"kind\":\"pin\",\"slot\":2,\"item\":\"e\"}]" BEST,
     "a e b c", "recipe_short"},
    {TRENDING ",\"count\":4,\"partial\":false,\"rules\":[{\"kind\":\"pin\",\"slot\":2,"
              "\"item\":\"e\"}]",
     "", "too_few"},
};

static void fills_as_the_placement_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++)
        for (unsigned trimmed = 0; trimmed < 2; trimmed++) {
            struct scene scene;
            furnish(&scene);
            scene_read(&scene, fillings[i].members, &scene.placement);
            if (trimmed)
                decide_trim(&scene.input, &scene.arena);
            const struct decision *decision = scene_run(&scene);
            assert_shown(decision, fillings[i].shown);
            if (!slice_is(decision->fallback, fillings[i].fallback))
                fail_msg("%s: %.*s", fillings[i].members, SLICE_ARG(decision->fallback));
            for (size_t j = 1; j < decision->eligible_count; j++)
                if (decision->all[j].lead != STRATEGY_COUNT)
                    assert_true(decision->all[j - 1].score >= decision->all[j].score);
            arena_done(&scene.arena);
        }
}

static void is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char members[] =
        ",\"rules\":[{\"kind\":\"diversity\",\"weight\":0.25}],\"minimum\":3,\"fallback\":[{"
        "\"strategy\":\"trending\",\"weight\":2},{\"strategy\":\"similar\",\"weight\":1}],"
        "\"partial\":false,\"count\":8,";
    struct scene scene;
    furnish(&scene);
    struct buf buf;
    buf_init(&buf, 4096);
    scene_read(&scene,
               "\"recipe\":[{\"strategy\":\"similar\",\"key\":\"basket\"}],\"rules\":[{"
               "\"kind\":\"diversity\",\"weight\":0.25}],\"minimum\":3,\"fallback\":[{"
               "\"strategy\":\"trending\",\"weight\":2},\"similar\"],\"partial\":false",
               &scene.placement);
    assert_int_equal(recipe_steps(&scene.placement), 1);
    assert_int_equal(step_column(&scene.placement.steps[2]), STRATEGY_COUNT);
    struct json_out out = json_out(&buf);
    placement_to_json(&scene.placement, &out);
    assert_non_null(memmem(buf.data, buf.size, members, sizeof members - 1));
    buf_done(&buf);
    arena_done(&scene.arena);
}

static void who_is_held_out_gets_no_fallback(void **state)
{
    (void)state;
    struct scene scene;
    furnish(&scene);
    scene_read(&scene,
               "\"recipe\":[\"trending\"],\"fallback\":[\"recently_viewed\"],\"count\":6,"
               "\"minimum\":6,\"partial\":false,\"objective\":{\"kind\":\"click\"}",
               &scene.placement);
    scene.input.person.personal = true;
    scene.wishes[0].arm = ARM_HOLDOUT;
    scene.wishes[0].arm_share = 0.1;
    assert_fallback(scene_run(&scene), "too_few");
    assert_int_equal(scene.outcome.decisions[0].definition->step_count, 1);
    scene.placement.withholds = false;
    assert_shown(scene_run(&scene), "a b c d e");
    assert_fallback(&scene.outcome.decisions[0], "below_minimum");
    arena_done(&scene.arena);
}

/* --- a page ----------------------------------------------------------------------------------- */

struct page {
    struct scene scene;
    struct placement placements[3];
    struct wish wishes[3];
    struct placement_evidence evidence[3];
};

static void page_init(struct page *page, const char *const members[3])
{
    static const char *const ids[] = {"one", "three", "two"};
    struct scene *scene = &page->scene;
    furnish(scene);
    for (unsigned i = 0; i < 3; i++) {
        page->placements[i] = (struct placement){.id = slice_of(ids[i])};
        scene_read(scene, members[i], &page->placements[i]);
        page->evidence[i] = scene->evidence[0];
    }
    page->wishes[0] = (struct wish){.placement = SLICE("one")};
    page->wishes[1] = (struct wish){.placement = SLICE("two")};
    page->wishes[2] = (struct wish){.placement = SLICE("three")};
    scene->policy.placements = page->placements;
    scene->policy.placement_count = 3;
    scene->input.evidence = page->evidence;
    scene->input.moment.wishes = page->wishes;
    scene->input.moment.wish_count = 3;
}

/* What the record brings back decides the same, to the byte. */
static void assert_replayed(struct scene *scene)
{
    struct buf record, first, second;
    buf_init(&record, 1 << 16);
    buf_init(&first, 1 << 16);
    buf_init(&second, 1 << 16);
    struct decision_record back, whole = {.input = scene->input};
    decision_record_pack(&whole, &record);
    assert_int_equal(decision_record_unpack(buf_slice(&record), &scene->arena, &back), STATUS_OK);
    back.input.policy = scene->input.policy;
    decide_write_answer(&scene->input, &scene->outcome, &first);
    struct outcome again;
    decide_run(&back.input, &scene->arena, &again);
    decide_write_answer(&back.input, &again, &second);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    buf_done(&record);
    buf_done(&first);
    buf_done(&second);
}

#define PAGE "\"rules\":[\"exclude_page\"]"

/* One takes what trends; of the others' recipe nothing is left. */
static void a_page_falls_back_item_by_item(void **state)
{
    (void)state;
    static const char *const members[] = {
        TRENDING ",\"count\":2,\"rules\":[{\"kind\":\"diversity\",\"weight\":0.5}]",
        "\"recipe\":[\"best_sellers\"],\"count\":2," PAGE,
        TRENDING ",\"minimum\":1,\"count\":2," PAGE BEST};
    for (unsigned partial = 0; partial < 2; partial++) {
        struct page page;
        page_init(&page, members);
        struct placement *two = &page.placements[2];
        two->minimum = partial ? 1 : 4; /* of five, one shows two */
        two->count = partial ? 2 : 4;
        two->withholds = !partial;
        decide_trim(&page.scene.input, &page.scene.arena);
        const struct decision *decisions = scene_run(&page.scene);
        assert_shown(&decisions[0], "a b");
        assert_shown(&decisions[1], partial ? "c d" : "");
        assert_fallback(&decisions[1], partial ? "recipe_short" : "too_few");
        assert_int_equal(decisions[1].withheld, partial ? 0 : 3);
        assert_shown(&decisions[2], partial ? "e" : "c d"); /* what was withheld is free */
        assert_replayed(&page.scene);
        arena_done(&page.scene.arena);
    }
}

/* Beyond the budget the recipe may not look at the person: it is short, and the fallback comes
 * in. */
static void beyond_the_budget_a_personal_recipe_falls_back(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"recipe\":[\"recently_viewed\"],\"count\":2",
        "\"recipe\":[\"best_sellers\"],\"count\":1," PAGE,
        "\"recipe\":[\"recently_viewed\"],\"count\":2," PAGE BEST};
    static const struct slice recents[] = {SLICE_INIT("c"), SLICE_INIT("d"), SLICE_INIT("e")};
    struct page page;
    page_init(&page, members);
    page.scene.input.person = (struct decide_person){
        .personal = true, .recents = recents, .recent_count = 3, .basis = SLICE("granted")};
    for (unsigned i = 2; i < 5; i++) {
        page.scene.candidates[i].answers[STRATEGY_RECENTLY_VIEWED] = (float)(9 - i);
        page.scene.candidates[i].because_personal = 1U << STRATEGY_RECENTLY_VIEWED;
    }
    page.scene.input.moment.budget = (struct page_budget){true, 1};
    const struct decision *decisions = scene_run(&page.scene);
    assert_shown(&decisions[0], "c d");
    assert_shown(&decisions[1], "e a");
    assert_true(page_budget_mark(&page.scene.input, &page.scene.outcome, &page.scene.arena));
    decide_trim(&page.scene.input, &page.scene.arena);
    decisions = scene_run(&page.scene);
    assert_shown(&decisions[1], "a b");
    assert_fallback(&decisions[1], "page_budget");
    assert_false(decisions[1].personalised);
    assert_shown(&decisions[2], "e");
    assert_replayed(&page.scene);
    arena_done(&page.scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_as_the_placement_says),
        cmocka_unit_test(is_written_as_it_was_read),
        cmocka_unit_test(who_is_held_out_gets_no_fallback),
        cmocka_unit_test(a_page_falls_back_item_by_item),
        cmocka_unit_test(beyond_the_budget_a_personal_recipe_falls_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
