/* Choosing: each filter, each fall-back, scores, the draw, and what must hold in any world. */
#include "test.h"

#include <math.h>

#include "decide/explain.h"
#include "decide/operations.h"
#include "scene.h"
#include "world.h"

static void shows_the_best_in_order_and_names_the_runner_up(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "a b");
    assert_true(slice_is(decision->runner_up->candidate->item, "c"));
    assert_true(decision->all_count == 5 && decision->eligible_count == 5);
    assert_true(decision->shown[0]->score == 1.0);
    assert_true(decision->shown[1]->score == (double)4.0F / (double)5.0F);
    assert_fallback(decision, "");
    assert_false(decision->personalised);
    arena_done(&scene.arena);
}

static void breaks_ties_by_item_id(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    for (unsigned i = 0; i < 5; i++)
        scene.candidates[i].answers[STRATEGY_BEST_SELLERS] = 3;
    assert_shown(scene_run(&scene), "a b");
    arena_done(&scene.arena);
}

/* What each rule removes; the case sets the scene, the table says what is left and why. */
enum scene_case {
    CASE_HIDDEN,
    CASE_STOCK,
    CASE_STOCK_WITHOUT_FILTER,
    CASE_BOUGHT,
    CASE_BOUGHT_NOT_PERSONAL,
    CASE_CART,
    CASE_BASKET,
    CASE_BASKET_NOT_PERSONAL,
    CASE_CURRENT,
    CASE_CURRENT_WITHOUT_FILTER,
    CASE_CURRENT_TOGETHER,
    CASE_OWN_CALLER_TOGETHER,
    CASE_CALLER,
    CASE_INCLUDE_ITEM,
    CASE_INCLUDE_ATTRIBUTE,
    CASE_EXCLUDE_ITEM,
    CASE_EXCLUDE_ATTRIBUTE
};

static const struct slice item_a = {"a", 1}, ida = {"Ida", 3};
static const struct item_title title_a = {{"a", 1}, {"A", 1}};
static const struct candidate_attribute brand_ida = {{"brand", 5}, {"Ida", 3}};

static void scene_together(struct scene *scene)
{
    scene->placement.steps[0].strategy = STRATEGY_BOUGHT_TOGETHER;
    for (unsigned i = 0; i < 5; i++)
        scene->candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = (float)(5 - i);
}

static void scene_own(struct scene *scene, enum scene_case which)
{
    struct decide_person *person = &scene->input.person;
    person->personal = which == CASE_BOUGHT || which == CASE_BASKET;
    if (which == CASE_BOUGHT || which == CASE_BOUGHT_NOT_PERSONAL) {
        scene_rule(scene, RULE_EXCLUDE_BOUGHT);
        person->bought = &item_a;
        person->bought_count = 1;
        return;
    }
    scene_rule(scene, RULE_EXCLUDE_BASKET);
    if (which == CASE_CART) {
        scene->input.moment.cart = &item_a;
        scene->input.moment.cart_count = 1;
    } else {
        person->basket = &item_a;
        person->basket_count = 1;
    }
}

static void scene_current(struct scene *scene, enum scene_case which)
{
    scene->input.titles = &title_a;
    scene->input.title_count = 1;
    if (which == CASE_CURRENT)
        scene_rule(scene, RULE_EXCLUDE_CURRENT);
    if (which == CASE_CURRENT_TOGETHER || which == CASE_OWN_CALLER_TOGETHER)
        scene_together(scene);
    if (which == CASE_OWN_CALLER_TOGETHER)
        scene->candidates[0].because[STRATEGY_BOUGHT_TOGETHER] = 1;
    else
        scene->input.moment.page_item = item_a;
}

static void scene_lists(struct scene *scene, enum scene_case which)
{
    scene->candidates[0].attributes = &brand_ida;
    scene->candidates[0].attribute_count = 1;
    if (which == CASE_INCLUDE_ITEM || which == CASE_EXCLUDE_ITEM)
        scene_list(scene, which == CASE_INCLUDE_ITEM ? RULE_INCLUDE : RULE_EXCLUDE, "", &item_a);
    else
        scene_list(scene, which == CASE_INCLUDE_ATTRIBUTE ? RULE_INCLUDE : RULE_EXCLUDE, "brand",
                   &ida);
}

static void scene_set(struct scene *scene, enum scene_case which)
{
    if (which == CASE_HIDDEN) {
        scene->candidates[0].hidden = true;
    } else if (which <= CASE_STOCK_WITHOUT_FILTER) {
        scene->candidates[0].in_stock = false;
        if (which == CASE_STOCK)
            scene_rule(scene, RULE_IN_STOCK);
    } else if (which <= CASE_BASKET_NOT_PERSONAL) {
        scene_own(scene, which);
    } else if (which <= CASE_OWN_CALLER_TOGETHER) {
        scene_current(scene, which);
    } else if (which == CASE_CALLER) {
        scene->wishes[0].exclude = &item_a;
        scene->wishes[0].exclude_count = 1;
    } else {
        scene_lists(scene, which);
    }
}

static void removes_what_each_filter_forbids_and_says_why(void **state)
{
    (void)state;
    static const struct {
        enum scene_case which;
        const char *shown;
        enum removal removed_a, removed_e;
        uint32_t person_used;
    } cases[] = {
        {CASE_HIDDEN, "b c", REMOVED_HIDDEN, REMOVED_NOT, 0},
        {CASE_STOCK, "b c", REMOVED_STOCK, REMOVED_NOT, 0},
        {CASE_STOCK_WITHOUT_FILTER, "a b", REMOVED_NOT, REMOVED_NOT, 0},
        {CASE_BOUGHT, "b c", REMOVED_BOUGHT, REMOVED_NOT, PERSON_BOUGHT},
        {CASE_BOUGHT_NOT_PERSONAL, "a b", REMOVED_NOT, REMOVED_NOT, 0},
        {CASE_CART, "b c", REMOVED_BASKET, REMOVED_NOT, 0},
        {CASE_BASKET, "b c", REMOVED_BASKET, REMOVED_NOT, PERSON_BASKET},
        {CASE_BASKET_NOT_PERSONAL, "a b", REMOVED_NOT, REMOVED_NOT, 0},
        {CASE_CURRENT, "b c", REMOVED_CURRENT, REMOVED_NOT, 0},
        {CASE_CURRENT_WITHOUT_FILTER, "a b", REMOVED_NOT, REMOVED_NOT, 0},
        {CASE_CURRENT_TOGETHER, "b c", REMOVED_CURRENT, REMOVED_NOT, 0},
        {CASE_OWN_CALLER_TOGETHER, "b c", REMOVED_CURRENT, REMOVED_NOT, 0},
        {CASE_CALLER, "b c", REMOVED_CALLER, REMOVED_NOT, 0},
        {CASE_INCLUDE_ITEM, "a", REMOVED_NOT, REMOVED_NOT_INCLUDED, 0},
        {CASE_INCLUDE_ATTRIBUTE, "a", REMOVED_NOT, REMOVED_NOT_INCLUDED, 0},
        {CASE_EXCLUDE_ITEM, "b c", REMOVED_EXCLUDED, REMOVED_NOT, 0},
        {CASE_EXCLUDE_ATTRIBUTE, "b c", REMOVED_EXCLUDED, REMOVED_NOT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene_set(&scene, cases[i].which);
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        assert_int_equal(removal_of(decision, "a"), cases[i].removed_a);
        assert_int_equal(removal_of(decision, "e"), cases[i].removed_e);
        assert_int_equal(decision->person_used, cases[i].person_used);
        assert_int_equal(decision->personalised, cases[i].person_used != 0);
        arena_done(&scene.arena);
    }
}

static void shows_no_item_twice_on_a_page_that_forbids_it(void **state)
{
    (void)state;
    for (unsigned forbid = 0; forbid < 2; forbid++) {
        struct scene scene;
        scene_init(&scene);
        scene.input.moment.wish_count = 2;
        if (forbid)
            scene_rule(&scene, RULE_EXCLUDE_PAGE);
        (void)scene_run(&scene);
        assert_shown(&scene.outcome.decisions[0], "a b");
        assert_shown(&scene.outcome.decisions[1], forbid ? "c d" : "a b");
        assert_int_equal(removal_of(&scene.outcome.decisions[1], "a"),
                         forbid ? REMOVED_PAGE : REMOVED_NOT);
        arena_done(&scene.arena);
    }
}

static void answers_an_unknown_placement_with_nothing_and_the_reason(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.wishes[0].placement = SLICE("nowhere");
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "");
    assert_null(decision->definition);
    assert_fallback(decision, "unknown_placement");
    arena_done(&scene.arena);
}

static void names_why_less_than_the_recipe_promised_was_shown(void **state)
{
    (void)state;
    static const struct {
        bool first_answers, second_answers, weighted;
        uint32_t cut;
        const char *shown, *fallback;
        uint32_t not_ready;
    } cases[] = {
        {true, true, false, 0, "a b", "", 0},
        {false, true, false, 0, "a b", "bought_together_empty", 0},
        {false, true, false, 1 << STRATEGY_BOUGHT_TOGETHER, "a b", "deadline", 0},
        {true, true, false, 1 << STRATEGY_BEST_SELLERS, "a b", "", 0},
        {false, false, false, 1 << STRATEGY_BEST_SELLERS, "", "deadline", 0},
        {false, false, false, 0, "", "empty", 0},
        {false, false, false, 1 << STRATEGY_TRENDING, "", "empty", 0},
        {false, true, true, 0, "a b", "", 0},
        {false, true, true, 1 << STRATEGY_BOUGHT_TOGETHER, "a b", "deadline", 0},
        {false, true, false, 0, "a b", "bought_together_not_ready", 1 << STRATEGY_BOUGHT_TOGETHER},
        {true, true, false, 0, "a b", "", 1 << STRATEGY_BOUGHT_TOGETHER},
        {false, true, false, 0, "a b", "bought_together_empty", 1 << STRATEGY_BEST_SELLERS},
        {false, false, false, 0, "", "not_ready", 1 << STRATEGY_BEST_SELLERS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene_together(&scene);
        scene.placement.mix = cases[i].weighted ? MIX_WEIGHTED : MIX_IN_ORDER;
        scene.placement.steps[1] =
            (struct recipe_step){.strategy = STRATEGY_BEST_SELLERS, .weight = 1};
        scene.placement.step_count = 2;
        for (unsigned j = 0; j < 5; j++) {
            scene.candidates[j].answers[STRATEGY_BOUGHT_TOGETHER] *= cases[i].first_answers;
            scene.candidates[j].answers[STRATEGY_BEST_SELLERS] *= cases[i].second_answers;
        }
        scene.evidence[0].stages_cut = cases[i].cut;
        scene.evidence[0].not_ready = cases[i].not_ready;
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        assert_fallback(decision, cases[i].fallback);
        arena_done(&scene.arena);
    }
}

static void fills_with_later_steps_whatever_their_weight_and_lift(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    static const struct decide_affinity affinity = {{"brand", 5}, {"Ida", 3}, 4};
    scene.placement.steps[0] = (struct recipe_step){.strategy = STRATEGY_TRENDING, .weight = 0.5};
    scene.placement.steps[1] =
        (struct recipe_step){.strategy = STRATEGY_BEST_SELLERS, .weight = 50};
    scene.placement.step_count = 2;
    scene.placement.affinity_weight = 100;
    scene.candidates[4].answers[STRATEGY_TRENDING] = 0.01F;
    scene.candidates[0].likes = (struct likes){{0}, 1};
    scene.input.person =
        (struct decide_person){.personal = true, .affinities = &affinity, .affinity_count = 1};
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "e a");
    assert_true(decision->shown[0]->score > decision->shown[1]->score);
    assert_int_equal(decision->person_used, PERSON_AFFINITIES);
    arena_done(&scene.arena);
}

static void lifts_by_shares_of_the_persons_affinities(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    static const struct decide_affinity affinities[] = {
        {{"brand", 5}, {"Ida", 3}, 3}, {{"brand", 5}, {"Otto", 4}, 1}, {{"size", 4}, {"M", 1}, 9}};
    scene.placement.affinity_weight = 2;
    scene.candidates[4].likes = (struct likes){{0}, 1};
    scene.input.person =
        (struct decide_person){.personal = true, .affinities = affinities, .affinity_count = 3};
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "e a");
    const struct scored *first = decision->shown[0];
    assert_int_equal(first->contribution_count, 2);
    assert_true(slice_is(first->contributions[1].name, "affinity:brand=Ida"));
    assert_true(first->contributions[1].value == 1.5);
    assert_true(decision->personalised);

    scene.input.person.personal = false;
    decision = scene_run(&scene);
    assert_shown(decision, "a b");
    assert_false(decision->personalised);
    arena_done(&scene.arena);
}

static void is_personalised_only_by_what_reaches_the_shown(void **state)
{
    (void)state;
    static const struct {
        enum strategy strategy;
        unsigned candidate; /* whose answer came from something of the person */
        bool personal;
        uint32_t person_used;
    } cases[] = {
        {STRATEGY_VIEWED_TOGETHER, 0, true, PERSON_SEEDS},
        {STRATEGY_VIEWED_TOGETHER, 4, true, 0}, /* not shown */
        {STRATEGY_VIEWED_TOGETHER, 0, false, 0},
        {STRATEGY_RECENTLY_VIEWED, 1, true, PERSON_RECENTS},
        {STRATEGY_RECENTLY_VIEWED, 4, true, 0},
        {STRATEGY_RECENTLY_VIEWED, 1, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.placement.steps[0].strategy = cases[i].strategy;
        for (unsigned j = 0; j < 5; j++)
            scene.candidates[j].answers[cases[i].strategy] = (float)(5 - j);
        scene.candidates[cases[i].candidate].because_personal = 1U << cases[i].strategy;
        scene.input.person.personal = cases[i].personal;
        const struct decision *decision = scene_run(&scene);
        assert_int_equal(decision->person_used, cases[i].person_used);
        assert_int_equal(decision->personalised, cases[i].person_used != 0);
        arena_done(&scene.arena);
    }
}

static void a_recent_item_counts_as_personal_though_the_evidence_does_not_say_so(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene.placement.steps[0].strategy = STRATEGY_RECENTLY_VIEWED;
    scene.candidates[0].answers[STRATEGY_RECENTLY_VIEWED] = 1;
    scene.input.person.recents = &item_a;
    scene.input.person.recent_count = 1;
    assert_false(scene_run(&scene)->personalised);
    scene.input.person.personal = true;
    assert_int_equal(scene_run(&scene)->person_used, PERSON_RECENTS);
    arena_done(&scene.arena);
}

static void a_rule_acts_from_its_first_instant_until_its_last(void **state)
{
    (void)state;
    static const struct {
        int64_t from_ms, until_ms;
        const char *shown;
    } cases[] = {
        {0, 0, "b c"},    {1000, 0, "b c"},    {1001, 0, "a b"},    {0, 1000, "a b"},
        {0, 1001, "b c"}, {1000, 1001, "b c"}, {1001, 2000, "a b"}, {500, 1000, "a b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene_list(&scene, RULE_EXCLUDE, "", &item_a);
        scene.rules[0].from_ms = cases[i].from_ms;
        scene.rules[0].until_ms = cases[i].until_ms;
        scene.input.moment.now_ms = 1000;
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        assert_int_equal(decision->definition->rule_count, cases[i].shown[0] == 'b');
        arena_done(&scene.arena);
    }
}

static void a_rule_that_is_off_does_not_act(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    scene_list(&scene, RULE_EXCLUDE, "", &item_a);
    scene.rules[0].off = true;
    const struct decision *decision = scene_run(&scene);
    assert_shown(decision, "a b");
    assert_int_equal(decision->definition->rule_count, 0);
    arena_done(&scene.arena);
}

static void weighs_an_items_own_facts(void **state)
{
    (void)state;
    static const struct candidate_attribute page = {{"brand", 5}, {"Ida", 3}};
    static const struct decide_affinity likes_ida = {{"brand", 5}, {"Ida", 3}, 1};
    static const struct {
        struct rule rule;
        bool facts, personal;
        const char *shown;
        enum removal removed; /* what a was removed for */
    } cases[] = {
        {{.kind = RULE_PRICE, .min = 1}, true, false, "b c", REMOVED_PRICE},
        {{.kind = RULE_PRICE, .min = 0.5}, true, false, "a b", REMOVED_NOT},
        {{.kind = RULE_PRICE, .max = 0.4}, true, false, "e", REMOVED_PRICE},
        {{.kind = RULE_PRICE, .min = 1}, false, false, "a b", REMOVED_NOT},
        {{.kind = RULE_STOCK, .min = 2}, true, false, "b c", REMOVED_STOCK_LEVEL},
        {{.kind = RULE_STOCK, .min = 1, .max = 2}, true, false, "a b", REMOVED_NOT},
        {{.kind = RULE_STOCK, .min = 9}, true, false, "e", REMOVED_STOCK_LEVEL},
        {{.kind = RULE_MATCH, .differs = true}, true, false, "b c", REMOVED_MATCH},
        {{.kind = RULE_MATCH}, true, false, "a", REMOVED_NOT},
        {{.kind = RULE_MATCH, .with = RULE_WITH_PERSON}, true, false, "a b", REMOVED_NOT},
        {{.kind = RULE_MATCH, .with = RULE_WITH_PERSON}, true, true, "a", REMOVED_NOT},
        {{.kind = RULE_MATCH, .with = RULE_WITH_PERSON, .differs = true},
         true,
         true,
         "b c",
         REMOVED_MATCH},
        {{.kind = RULE_EXCLUDE_VIEWED}, false, true, "b c", REMOVED_VIEWED},
        {{.kind = RULE_EXCLUDE_VIEWED}, false, false, "a b", REMOVED_NOT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.rules[scene.placement.rule_count++] = cases[i].rule;
        scene.rules[0].attribute = SLICE("brand");
        for (int j = 0; j < 5; j++) { /* of e neither price nor stock is known */
            scene.candidates[j].price_minor = j < 4 ? 500 * (j + 1) : -1;
            scene.candidates[j].stock = j < 4 ? j + 1 : -1;
        }
        scene.candidates[0].attributes = &page;
        scene.candidates[0].attribute_count = 1;
        scene.input.moment.facts = cases[i].facts;
        scene.input.moment.page_price_minor = 1000;
        scene.input.moment.page_attributes = &page;
        scene.input.moment.page_attribute_count = 1;
        scene.input.person = (struct decide_person){.personal = cases[i].personal,
                                                    .affinities = &likes_ida,
                                                    .affinity_count = 1,
                                                    .recents = &item_a,
                                                    .recent_count = 1};
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        for (size_t j = 0; j < decision->all_count; j++)
            if (slice_is(decision->all[j].candidate->item, "a"))
                assert_int_equal(decision->all[j].removed, cases[i].removed);
        arena_done(&scene.arena);
    }
}

static void derives_decision_ids_from_the_call(void **state)
{
    (void)state;
    struct uuid call = decision_call(uuid_new());
    for (size_t i = 0; i < PLACEMENTS_PER_CALL_MAX; i++) {
        struct uuid id = decision_id(call, i);
        assert_int_equal(decision_index(id), i);
        assert_true(uuid_equal(decision_call(id), call));
        assert_int_equal(id.bytes[6] >> 4, 7);
        assert_int_equal(id.bytes[8] >> 6, 2);
    }
}

/* --- in any world ----------------------------------------------------------------------------- */

enum { WORLDS = 2000 };

static bool carries(const struct candidate *candidate, struct slice name, struct slice value)
{
    bool found = false;
    for (size_t i = 0; i < candidate->attribute_count; i++)
        found |= slice_equal(candidate->attributes[i].name, name) &&
                 slice_equal(candidate->attributes[i].value, value);
    return found;
}

/* Nothing of the page with that name, or nobody's favourite: nothing is forbidden. */
static bool mismatches(const struct decide_input *input, const struct rule *rule,
                       const struct candidate *candidate)
{
    bool known = false, same = false;
    float heaviest = 0;
    if (rule->with == RULE_WITH_CURRENT_ITEM) {
        for (size_t i = 0; i < input->moment.page_attribute_count; i++) {
            const struct candidate_attribute *page = &input->moment.page_attributes[i];
            known |= slice_equal(page->name, rule->attribute);
            same |= slice_equal(page->name, rule->attribute) &&
                    carries(candidate, page->name, page->value);
        }
        return known && same == rule->differs;
    }
    struct slice liked = SLICE_NONE;
    for (size_t i = 0; i < input->person.affinity_count && input->person.personal; i++) {
        const struct decide_affinity *own = &input->person.affinities[i];
        bool beats = own->weight > heaviest ||
                     (own->weight == heaviest && slice_compare(own->value, liked) < 0);
        if (!slice_equal(own->attribute, rule->attribute) || !beats)
            continue;
        heaviest = own->weight;
        liked = own->value;
    }
    return heaviest > 0 && carries(candidate, rule->attribute, liked) == rule->differs;
}

static bool is_one_of(const struct slice *items, size_t count, struct slice item)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found |= slice_equal(items[i], item);
    return found;
}

/* Nothing in any basket with that name: nothing is forbidden. */
static bool mismatches_basket(const struct decide_input *input, const struct rule *rule,
                              const struct candidate *candidate)
{
    const struct moment *moment = &input->moment;
    const struct decide_person *person = &input->person;
    bool known = false, same = false;
    for (size_t i = 0; i < moment->basket_count; i++) {
        const struct basket_facts *facts = &moment->basket[i];
        bool there =
            is_one_of(moment->cart, moment->cart_count, facts->item) ||
            (person->personal && is_one_of(person->basket, person->basket_count, facts->item));
        for (size_t j = 0; j < facts->attribute_count && there; j++) {
            if (!slice_equal(facts->attributes[j].name, rule->attribute))
                continue;
            known = true;
            same |= carries(candidate, rule->attribute, facts->attributes[j].value);
        }
    }
    return known && same == rule->differs;
}

static bool forbids_by_margin_or_size(const struct decide_input *input, const struct rule *rule,
                                      const struct candidate *candidate)
{
    bool known = candidate->margin >= -CANDIDATE_MARGIN_WHOLE;
    if (rule->kind == RULE_MARGIN && input->moment.margins)
        return known ? candidate->margin < (int)rule->min * 100 : !rule->keeps_unknown;
    if (rule->kind == RULE_MY_SIZE && input->moment.sizes && input->person.personal)
        return candidate->fit == SIZE_MISSING ||
               (candidate->fit == SIZE_UNKNOWN && !rule->keeps_unknown);
    return false;
}

static bool forbids_by_facts(const struct decide_input *input, const struct rule *rule,
                             const struct candidate *candidate)
{
    double value = (double)candidate->stock;
    if (rule->kind == RULE_MARGIN || rule->kind == RULE_MY_SIZE)
        return forbids_by_margin_or_size(input, rule, candidate);
    if (!input->moment.facts)
        return false;
    if (rule->kind == RULE_MATCH && rule->with == RULE_WITH_BASKET)
        return mismatches_basket(input, rule, candidate);
    if (rule->kind == RULE_MATCH)
        return mismatches(input, rule, candidate);
    if (rule->kind == RULE_PRICE) {
        value = (double)candidate->price_minor / (double)input->moment.page_price_minor;
        if (candidate->price_minor < 0 || input->moment.page_price_minor == 0)
            return false;
    } else if (rule->kind != RULE_STOCK || candidate->stock < 0) {
        return false;
    }
    return value < rule->min || (rule->max > 0 && value > rule->max);
}

static bool forbids(const struct decide_input *input, const struct rule *rule,
                    const struct candidate *candidate)
{
    const struct decide_person *person = &input->person;
    bool listed = false;
    if (rule->kind == RULE_IN_STOCK)
        return !candidate->in_stock;
    for (size_t i = 0; i < person->bought_count && person->personal; i++)
        listed |=
            rule->kind == RULE_EXCLUDE_BOUGHT && slice_equal(person->bought[i], candidate->item);
    for (size_t i = 0; i < person->basket_count && person->personal; i++)
        listed |=
            rule->kind == RULE_EXCLUDE_BASKET && slice_equal(person->basket[i], candidate->item);
    for (size_t i = 0; i < input->moment.cart_count; i++)
        listed |= rule->kind == RULE_EXCLUDE_BASKET &&
                  slice_equal(input->moment.cart[i], candidate->item);
    for (size_t i = 0; i < person->recent_count && person->personal; i++)
        listed |=
            rule->kind == RULE_EXCLUDE_VIEWED && slice_equal(person->recents[i], candidate->item);
    listed |= forbids_by_facts(input, rule, candidate);
    if (rule->kind == RULE_EXCLUDE_CURRENT)
        listed = slice_equal(input->moment.page_item, candidate->item);
    bool lists = rule->kind == RULE_INCLUDE || rule->kind == RULE_EXCLUDE;
    for (size_t i = 0; i < rule->value_count && lists; i++) {
        if (rule->attribute.size == 0)
            listed |= slice_equal(rule->values[i], candidate->item);
        for (size_t j = 0; j < candidate->attribute_count && rule->attribute.size > 0; j++)
            listed |= slice_equal(candidate->attributes[j].name, rule->attribute) &&
                      slice_equal(candidate->attributes[j].value, rule->values[i]);
    }
    return rule->kind == RULE_INCLUDE ? !listed : listed;
}

/* Written anew from the words of the rules, not with the code under test. */
static void assert_allowed(const struct decide_input *input, const struct outcome *outcome,
                           size_t index, const struct candidate *candidate)
{
    const struct wish *wish = &input->moment.wishes[index];
    const struct placement *definition = outcome->decisions[index].definition;
    assert_false(candidate->hidden);
    for (size_t i = 0; i < wish->exclude_count; i++)
        assert_false(slice_equal(wish->exclude[i], candidate->item));
    for (size_t i = 0; i < definition->rule_count; i++)
        assert_false(forbids(input, &definition->rules[i], candidate));
    if (!placement_has_rule(definition, RULE_EXCLUDE_PAGE))
        return;
    for (size_t i = 0; i < index; i++) {
        for (size_t j = 0; j < outcome->decisions[i].shown_count; j++)
            assert_false(
                slice_equal(outcome->decisions[i].shown[j]->candidate->item, candidate->item));
    }
}

/* No more of a value than its cap, but for what pins put there. Of a category its own counts, which
 * is not told apart here. */
static void assert_capped(const struct decision *decision)
{
    for (size_t i = 0; decision->definition != NULL && i < decision->definition->rule_count; i++) {
        const struct rule *rule = &decision->definition->rules[i];
        if (rule->kind != RULE_CAP || slice_is(rule->attribute, "category"))
            continue;
        for (size_t j = 0; j < decision->shown_count; j++) {
            const struct candidate *candidate = decision->shown[j]->candidate;
            for (size_t k = 0; k < candidate->attribute_count; k++) {
                const struct candidate_attribute *attribute = &candidate->attributes[k];
                size_t count = 0, free = 0;
                for (size_t l = 0; l < decision->shown_count; l++) {
                    bool has =
                        slice_equal(attribute->name, rule->attribute) &&
                        carries(decision->shown[l]->candidate, attribute->name, attribute->value);
                    count += has;
                    free += has && decision->shown[l]->slot == 0;
                }
                assert_true(free == 0 || (double)count <= rule->max);
            }
        }
    }
}

/* New, not about the page's item, not more of them than the share rounded up, and never in an
 * order that was drawn among all. */
static void assert_invited(const struct decision *decision)
{
    size_t invited = 0, open = 0;
    const struct rule *quota = NULL;
    for (size_t i = 0; decision->definition != NULL && i < decision->definition->rule_count; i++)
        if (decision->definition->rules[i].kind == RULE_ARRIVALS && quota == NULL)
            quota = &decision->definition->rules[i];
    for (size_t i = 0; i < decision->shown_count; i++) {
        const struct scored *scored = decision->shown[i];
        open += scored->slot == 0;
        if (!scored->invited)
            continue;
        assert_true(quota != NULL && !decision->explored && decision->arm != ARM_HOLDOUT);
        assert_true(scored->candidate->age > 0 && scored->candidate->age <= quota->days);
        assert_true(scored->slot == 0);
        invited++;
    }
    assert_true(invited == 0 || (double)invited < quota->share * (double)open + 1);
}

static void lets_no_forbidden_item_leave_on_any_path(void **state)
{
    (void)state;
    unsigned shown = 0, explored = 0, fell_back = 0, on_page = 0, pinned = 0, capped = 0;
    unsigned moved = 0, completed = 0, withheld = 0, invited = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        if (seed % 2 == 1)
            decide_trim(&input, &arena);
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++) {
            const struct decision *decision = &outcome.decisions[i];
            for (size_t j = 0; j < decision->shown_count; j++) {
                assert_allowed(&input, &outcome, i, decision->shown[j]->candidate);
                pinned += decision->shown[j]->slot > 0;
                invited += decision->shown[j]->invited;
            }
            assert_capped(decision);
            assert_invited(decision);
            for (size_t j = decision->eligible_count; j < decision->all_count; j++) {
                on_page += decision->all[j].removed == REMOVED_PAGE;
                capped += decision->all[j].removed == REMOVED_CAPPED;
            }
            shown += (unsigned)decision->shown_count;
            explored += decision->explored;
            fell_back += decision->fallback.size > 0;
            moved += decision->moves.count > 0;
            completed += slice_is(decision->fallback, "recipe_short");
            withheld += decision->withheld > 0;
        }
        arena_done(&arena);
    }
    assert_true(shown > WORLDS && explored > 50 && fell_back > 50 && on_page > 50);
    assert_true(pinned > 50 && capped > 50 && moved > 50 && completed > 50 && withheld > 50);
    assert_true(invited > 500);
}

static void shows_as_many_as_are_eligible_up_to_the_count(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        decide_run(&input, &arena, &outcome);
        assert_int_equal(outcome.decision_count, input.moment.wish_count);
        for (size_t i = 0; i < outcome.decision_count; i++) {
            const struct decision *decision = &outcome.decisions[i];
            if (decision->definition == NULL)
                continue;
            size_t wanted = input.moment.wishes[i].count;
            wanted = wanted > 0 ? wanted : decision->definition->count;
            size_t expected = wanted < decision->eligible_count ? wanted : decision->eligible_count;
            if (decision->definition->withholds &&
                expected < placement_needs(decision->definition, (unsigned)wanted))
                expected = 0;
            if (wish_shows_nothing(&input.moment.wishes[i], decision->definition))
                expected = 0;
            assert_int_equal(decision->shown_count, expected);
            size_t by_rank = expected;
            for (size_t j = 0; j < decision->shown_count; j++)
                by_rank -= (size_t)(decision->shown[j] - decision->all) >= decision->eligible_count;
            assert_int_equal(decision->runner_up != NULL, decision->eligible_count > by_rank);
        }
        arena_done(&arena);
    }
}

static void assert_scores(const struct decision *decision)
{
    double probabilities = 0;
    for (size_t i = 0; i < decision->all_count; i++) {
        const struct scored *scored = &decision->all[i];
        double sum = 0;
        for (size_t j = 0; j < scored->contribution_count; j++)
            sum += scored->contributions[j].value;
        assert_true(scored->contribution_count == 0 || sum == scored->score);
        probabilities += scored->probability;
        bool eligible = i < decision->eligible_count;
        bool fresh = !eligible && i < decision->eligible_count + decision->fresh_count;
        assert_int_equal(eligible || fresh, scored->removed == REMOVED_NOT);
        assert_true(eligible || fresh ? scored->probability >= 0 : scored->probability == 0);
        if (i > 0 && eligible && scored->lead != STRATEGY_COUNT)
            assert_true(decision->all[i - 1].score >= scored->score);
        if (i > decision->eligible_count + decision->fresh_count)
            assert_true(
                slice_compare(decision->all[i - 1].candidate->item, scored->candidate->item) < 0);
    }
    assert_true(fabs(probabilities - (double)decision->shown_count) < 1e-9);
    for (size_t i = 0; i < decision->shown_count; i++) {
        assert_true(decision->shown[i]->probability > 0);
        bool unasked = decision->shown[i]->lead == STRATEGY_COUNT; /* no step proposed it */
        assert_true((decision->shown[i]->contribution_count > 0) == !unasked);
        assert_true(scored_is_placed(decision->shown[i]) || !unasked);
    }
    assert_true(!decision->runner_up || decision->runner_up->contribution_count > 0);
}

static void contributions_sum_to_the_score_and_probabilities_to_the_shown(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++)
            assert_scores(&outcome.decisions[i]);
        arena_done(&arena);
    }
}

static void draws_each_eligible_item_as_often_as_its_probability_says(void **state)
{
    (void)state;
    enum { RUNS = 40000 };
    unsigned shown[5] = {0};
    double probability[5] = {0};
    struct scene scene;
    scene_init(&scene);
    scene.placement.explore = 0.2;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        scene.input.seed = seed * UINT64_C(0x2545F4914F6CDD1D);
        const struct decision *decision = scene_run(&scene);
        for (size_t i = 0; i < decision->shown_count; i++)
            shown[decision->shown[i]->candidate - scene.candidates]++;
        for (size_t i = 0; i < decision->eligible_count; i++)
            probability[decision->all[i].candidate - scene.candidates] =
                decision->all[i].probability;
        arena_reset(&scene.arena);
    }
    for (unsigned i = 0; i < 5; i++) {
        /* five standard deviations of a share of so many runs */
        double p = probability[i], spread = sqrt(p * (1 - p) / RUNS);
        assert_true(fabs((double)shown[i] / RUNS - p) < 5 * spread);
    }
    arena_done(&scene.arena);
}

static void same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    struct buf first, second;
    buf_init(&first, 1 << 22);
    buf_init(&second, 1 << 22);
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input one = world_input(seed, &arena), two = world_input(seed, &arena);
        assert_true(slice_equal(world_answer(&one, &first), world_answer(&two, &second)));
        arena_done(&arena);
    }
    buf_done(&first);
    buf_done(&second);
}

/* The evidence that a stranger would have been given: nothing that something of theirs called. */
static const struct placement_evidence *impersonal(const struct decide_input *input,
                                                   struct arena *arena)
{
    size_t count = input->moment.wish_count;
    struct placement_evidence *evidence = ARENA_ARRAY(arena, count, struct placement_evidence);
    for (size_t i = 0; i < count; i++) {
        evidence[i] = input->evidence[i];
        struct candidate *candidates =
            ARENA_ARRAY(arena, evidence[i].candidate_count, struct candidate);
        for (size_t j = 0; j < evidence[i].candidate_count; j++) {
            candidates[j] = evidence[i].candidates[j];
            for (unsigned k = 0; k < COLUMN_COUNT; k++) {
                if (candidates[j].because_personal >> k & 1)
                    candidates[j].answers[k] = 0;
            }
        }
        evidence[i].candidates = candidates;
    }
    return evidence;
}

static void without_personal_a_known_person_gets_a_strangers_bytes(void **state)
{
    (void)state;
    struct buf known, unknown;
    buf_init(&known, 1 << 22);
    buf_init(&unknown, 1 << 22);
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena), stranger = input;
        input.person.personal = false;
        stranger.person = (struct decide_person){.basis = SLICE("unknown")};
        stranger.evidence = impersonal(&input, &arena);
        if (seed % 2 == 1) {
            decide_trim(&input, &arena);
            decide_trim(&stranger, &arena);
        }
        struct slice answer = world_answer(&input, &known);
        assert_true(slice_equal(answer, world_answer(&stranger, &unknown)));
        assert_null(memmem(answer.data, answer.size, "\"personalised\":true", 19));
        arena_done(&arena);
    }
    buf_done(&known);
    buf_done(&unknown);
}

/* Equal in what leaves: items, scores, probabilities, fall-back, personalised, runner-up. */
static void assert_same_choice(const struct decision *a, const struct decision *b)
{
    assert_int_equal(a->shown_count, b->shown_count);
    for (size_t i = 0; i < a->shown_count; i++) {
        assert_true(slice_equal(a->shown[i]->candidate->item, b->shown[i]->candidate->item));
        assert_true(a->shown[i]->score == b->shown[i]->score);
        assert_true(a->shown[i]->probability == b->shown[i]->probability);
    }
    assert_true(slice_equal(a->fallback, b->fallback));
    assert_int_equal(a->moves.count, b->moves.count);
    assert_int_equal(a->withheld, b->withheld);
    assert_int_equal(a->person_used, b->person_used);
    assert_int_equal(a->runner_up == NULL, b->runner_up == NULL);
    if (a->runner_up != NULL)
        assert_true(slice_equal(a->runner_up->candidate->item, b->runner_up->candidate->item));
}

/* The world's policy without chance; with caps and pages that are shared, where told to. */
static void settle_policy(uint64_t seed, bool share, struct arena *arena,
                          struct decide_input *input)
{
    struct world world = {.arena = arena, .stream = random_stream(~seed)};
    struct policy *policy = ARENA_NEW(arena, struct policy);
    struct placement *placements = ARENA_ARRAY(arena, 5, struct placement);
    memcpy(placements, input->policy->placements, 5 * sizeof *placements);
    for (unsigned i = 0; i < 5; i++) {
        size_t count = placements[i].rule_count;
        struct rule *rules = ARENA_ARRAY(arena, count + 2, struct rule);
        if (count > 0)
            memcpy(rules, placements[i].rules, count * sizeof *rules);
        rules[count] = (struct rule){.kind = RULE_EXCLUDE_PAGE};
        rules[count + 1] = (struct rule){.kind = RULE_CAP,
                                         .attribute = world_attribute(&world).name,
                                         .max = 1 + world_below(&world, 3)};
        placements[i].rules = rules;
        placements[i].rule_count += share ? 2 : 0;
        placements[i].explore = 0;
    }
    *policy = (struct policy){.version = 1, .placements = placements, .placement_count = 5};
    input->policy = policy;
    for (size_t i = 0; i < input->moment.wish_count && share; i++) /* few of many */
        ((struct wish *)input->moment.wishes)[i].count = 1 + world_below(&world, 4);
}

/* And in what is told of the others. Of what only a fallback proposed nothing is told by the whole,
 * once it is not needed; its cut does not know that yet. */
static void assert_same_removed(const struct decision *a, const struct decision *b)
{
    bool falls_back = a->definition != NULL && a->definition->fallback_count > 0;
    for (unsigned i = REMOVED_NOT + 1; i < REMOVED_COUNT; i++)
        if (i != REMOVED_CAPPED || !falls_back)
            assert_int_equal(operation_removed(a, (enum removal)i),
                             operation_removed(b, (enum removal)i));
}

static void cut_worlds(bool share)
{
    struct buf once, twice;
    struct arena arena;
    buf_init(&once, 1 << 22);
    buf_init(&twice, 1 << 22);
    arena_init(&arena);
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct decide_input whole = world_input(seed, &arena);
        settle_policy(seed, share, &arena, &whole);
        struct decide_input cut = whole;
        decide_trim(&cut, &arena);
        struct outcome a, b;
        decide_run(&whole, &arena, &a);
        decide_run(&cut, &arena, &b);
        for (size_t i = 0; i < a.decision_count; i++) {
            assert_same_choice(&a.decisions[i], &b.decisions[i]);
            if (share)
                assert_same_removed(&a.decisions[i], &b.decisions[i]);
        }
        (void)world_answer(&cut, &once);
        decide_trim(&cut, &arena);
        assert_true(slice_equal(buf_slice(&once), world_answer(&cut, &twice)));
        arena_reset(&arena);
    }
    arena_done(&arena);
    buf_done(&once);
    buf_done(&twice);
}

static void the_cut_changes_no_choice_and_a_second_cut_nothing(void **state)
{
    (void)state;
    cut_worlds(false);
}

static void the_cut_changes_no_choice_where_caps_meet_a_shared_page(void **state)
{
    (void)state;
    cut_worlds(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_best_in_order_and_names_the_runner_up),
        cmocka_unit_test(breaks_ties_by_item_id),
        cmocka_unit_test(removes_what_each_filter_forbids_and_says_why),
        cmocka_unit_test(shows_no_item_twice_on_a_page_that_forbids_it),
        cmocka_unit_test(answers_an_unknown_placement_with_nothing_and_the_reason),
        cmocka_unit_test(names_why_less_than_the_recipe_promised_was_shown),
        cmocka_unit_test(fills_with_later_steps_whatever_their_weight_and_lift),
        cmocka_unit_test(lifts_by_shares_of_the_persons_affinities),
        cmocka_unit_test(is_personalised_only_by_what_reaches_the_shown),
        cmocka_unit_test(a_recent_item_counts_as_personal_though_the_evidence_does_not_say_so),
        cmocka_unit_test(a_rule_acts_from_its_first_instant_until_its_last),
        cmocka_unit_test(a_rule_that_is_off_does_not_act),
        cmocka_unit_test(weighs_an_items_own_facts),
        cmocka_unit_test(derives_decision_ids_from_the_call),
        cmocka_unit_test(lets_no_forbidden_item_leave_on_any_path),
        cmocka_unit_test(shows_as_many_as_are_eligible_up_to_the_count),
        cmocka_unit_test(contributions_sum_to_the_score_and_probabilities_to_the_shown),
        cmocka_unit_test(draws_each_eligible_item_as_often_as_its_probability_says),
        cmocka_unit_test(same_input_gives_the_same_bytes),
        cmocka_unit_test(without_personal_a_known_person_gets_a_strangers_bytes),
        cmocka_unit_test(the_cut_changes_no_choice_and_a_second_cut_nothing),
        cmocka_unit_test(the_cut_changes_no_choice_where_caps_meet_a_shared_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
