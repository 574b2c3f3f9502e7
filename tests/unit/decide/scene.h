/* One small placement at a time, for tests of what is chosen. */
#ifndef VISAVIS_TESTS_UNIT_DECIDE_SCENE_H
#define VISAVIS_TESTS_UNIT_DECIDE_SCENE_H

#include "decide/decide.h"

#ifndef MAYBE_UNUSED
#define MAYBE_UNUSED __attribute__((unused))
#endif

struct scene {
    struct arena arena;
    struct placement placement;
    struct policy policy;
    struct candidate candidates[8];
    struct placement_evidence evidence[2];
    struct wish wishes[2];
    struct rule rules[6];
    struct decide_input input;
    struct outcome outcome;
};

/* Items a … e, best sellers 5 … 1, all in stock; one wish of two items. */
MAYBE_UNUSED static void scene_init(struct scene *scene)
{
    static const char *const items[] = {"a", "b", "c", "d", "e"};
    *scene = (struct scene){
        .placement = {.id = SLICE("home"), .name = SLICE("Accueil"), .step_count = 1, .count = 2}};
    arena_init(&scene->arena);
    scene->placement.steps[0] =
        (struct recipe_step){.strategy = STRATEGY_BEST_SELLERS, .weight = 1};
    scene->placement.rules = scene->rules;
    for (unsigned i = 0; i < 5; i++) {
        scene->candidates[i] = (struct candidate){.item = slice_of(items[i]), .in_stock = true};
        scene->candidates[i].answers[STRATEGY_BEST_SELLERS] = (float)(5 - i);
    }
    scene->policy =
        (struct policy){.version = 7, .placements = &scene->placement, .placement_count = 1};
    for (unsigned i = 0; i < 2; i++) {
        scene->evidence[i] =
            (struct placement_evidence){.candidates = scene->candidates, .candidate_count = 5};
        scene->wishes[i].placement = SLICE("home");
    }
    scene->input = (struct decide_input){.policy = &scene->policy, .evidence = scene->evidence};
    scene->input.moment.wishes = scene->wishes;
    scene->input.moment.wish_count = 1;
}

MAYBE_UNUSED static void scene_rule(struct scene *scene, enum rule_kind kind)
{
    scene->rules[scene->placement.rule_count++].kind = kind;
}

MAYBE_UNUSED static void scene_list(struct scene *scene, enum rule_kind kind, const char *attribute,
                                    const struct slice *value)
{
    scene->rules[scene->placement.rule_count++] = (struct rule){
        .kind = kind, .attribute = slice_of(attribute), .values = value, .value_count = 1};
}

/* A placement as a marketer writes it, of the id that it has. */
MAYBE_UNUSED static void scene_read(struct scene *scene, const char *members,
                                    struct placement *placement)
{
    struct slice text =
        arena_format(&scene->arena, "{\"id\":\"%.*s\",%s}", SLICE_ARG(placement->id), members);
    const struct json *json;
    struct diag diag = {0};
    assert_int_equal(json_parse(&scene->arena, text, &json, &diag), STATUS_OK);
    if (placement_from_json(json, &scene->arena, placement, &diag) != STATUS_OK)
        fail_msg("%s: %s %s", members, diag.field, diag.sentence);
}

MAYBE_UNUSED static const struct decision *scene_run(struct scene *scene)
{
    decide_run(&scene->input, &scene->arena, &scene->outcome);
    return &scene->outcome.decisions[0];
}

/* "a b" as shown. */
MAYBE_UNUSED static void assert_shown(const struct decision *decision, const char *expected)
{
    char shown[64] = "";
    size_t size = 0;
    for (size_t i = 0; i < decision->shown_count; i++) {
        if (i > 0)
            shown[size++] = ' ';
        memcpy(shown + size, decision->shown[i]->candidate->item.data,
               decision->shown[i]->candidate->item.size);
        size += decision->shown[i]->candidate->item.size;
    }
    shown[size] = '\0';
    assert_string_equal(shown, expected);
}

MAYBE_UNUSED static void assert_fallback(const struct decision *decision, const char *expected)
{
    assert_true(slice_is(decision->fallback, expected));
}

MAYBE_UNUSED static enum removal removal_of(const struct decision *decision, const char *item)
{
    for (size_t i = 0; i < decision->all_count; i++) {
        if (slice_is(decision->all[i].candidate->item, item))
            return decision->all[i].removed;
    }
    return REMOVED_COUNT;
}

#endif
