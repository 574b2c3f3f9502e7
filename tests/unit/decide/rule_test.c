/* Rules that look at margins, sizes and the basket, and who may read what they say. */
#include "test.h"

#include "decide/record.h"
#include "decide/what_if.h"
#include "decide/why_not.h"
#include "scene.h"

static const struct slice item_a = SLICE_INIT("a"), item_b = SLICE_INIT("b");

/* Of a … e: 50 %, 20 %, unknown, sold at a loss, 20.01 %. */
static void set_margins(struct scene *scene)
{
    static const int16_t margins[] = {5000, 2000, CANDIDATE_MARGIN_UNKNOWN, -300, 2001};
    for (size_t i = 0; i < 5; i++)
        scene->candidates[i].margin = margins[i];
    scene->input.moment.margins = true;
}

static void a_margin_floor_keeps_what_earns_enough(void **state)
{
    (void)state;
    static const struct {
        double min;
        bool keeps_unknown, known;
        const char *shown;
        enum removal removed[5];
    } cases[] = {
        {0, false, true, "a b e", {0, 0, REMOVED_MARGIN, REMOVED_MARGIN, 0}},
        {0, true, true, "a b c e", {0, 0, 0, REMOVED_MARGIN, 0}},
        {20, false, true, "a b e", {0, 0, REMOVED_MARGIN, REMOVED_MARGIN, 0}},
        {20.01, false, true, "a e", {0, REMOVED_MARGIN, REMOVED_MARGIN, REMOVED_MARGIN, 0}},
        {20.02, true, true, "a c", {0, REMOVED_MARGIN, 0, REMOVED_MARGIN, REMOVED_MARGIN}},
        {100, true, true, "c", {REMOVED_MARGIN, REMOVED_MARGIN, 0, REMOVED_MARGIN, REMOVED_MARGIN}},
        {100, false, false, "a b c d e", {0}}, /* a record that kept no margins */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        set_margins(&scene);
        scene.input.moment.margins = cases[i].known;
        scene.rules[scene.placement.rule_count++] = (struct rule){
            .kind = RULE_MARGIN, .min = cases[i].min, .keeps_unknown = cases[i].keeps_unknown};
        scene.placement.count = 5;
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(removal_of(decision, (const char[]){(char)('a' + j), 0}),
                             cases[i].removed[j]);
        assert_int_equal(decision->person_used, 0);
        arena_done(&scene.arena);
    }
}

static const struct decide_size shoe = {{"shoe-eu", 7}, {"38", 2}};

/* Of a … e: there as a-38, missing, in no size, there without variants, there as e-38. */
static void set_sizes(struct scene *scene)
{
    static const enum size_fit fits[] = {SIZE_THERE, SIZE_MISSING, SIZE_UNKNOWN, SIZE_THERE,
                                         SIZE_THERE};
    for (size_t i = 0; i < 5; i++)
        scene->candidates[i].fit = (uint8_t)fits[i];
    scene->candidates[0].variant = SLICE("a-38");
    scene->candidates[4].variant = SLICE("e-38");
    scene->input.moment.sizes = true;
    scene->input.person = (struct decide_person){
        .personal = true, .sizes = &shoe, .size_count = 1, .basis = SLICE("granted")};
}

static struct slice answer(const struct scene *scene, struct buf *buf)
{
    buf_clear(buf);
    decide_write_answer(&scene->input, &scene->outcome, buf);
    return buf_slice(buf);
}

static bool has(struct slice text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

static void a_size_is_the_persons_own_and_names_the_variant(void **state)
{
    (void)state;
    static const struct {
        bool keeps_unknown, personal, sized, beyond;
        const char *shown, *variant;
        uint32_t used;
    } cases[] = {
        {true, true, true, false, "a c d e", "\"variant\":\"a-38\"", PERSON_SIZES},
        {false, true, true, false, "a d e", "\"variant\":\"e-38\"", PERSON_SIZES},
        {false, false, true, false, "a b c d e", NULL, 0}, /* may not be read */
        {false, true, false, false, "a b c d e", NULL, 0}, /* no size is known */
        {false, true, true, true, "a b c d e", NULL, 0},
    };
    struct buf buf;
    buf_init(&buf, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        set_sizes(&scene);
        scene.placement.count = 5;
        scene.rules[scene.placement.rule_count++] =
            (struct rule){.kind = RULE_MY_SIZE, .keeps_unknown = cases[i].keeps_unknown};
        scene.input.person.personal = cases[i].personal;
        scene.input.moment.sizes = cases[i].sized;
        scene.wishes[0].beyond_budget = cases[i].beyond;
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        assert_int_equal(decision->person_used, cases[i].used);
        assert_true(has(answer(&scene, &buf), cases[i].variant ? cases[i].variant : "itemId"));
        if (!cases[i].variant)
            assert_false(has(answer(&scene, &buf), "variant"));
        arena_done(&scene.arena);
    }
    buf_done(&buf);
}

static void without_the_rule_no_variant_is_named(void **state)
{
    (void)state;
    struct scene scene;
    struct buf buf;
    scene_init(&scene);
    set_sizes(&scene);
    buf_init(&buf, 65536);
    assert_int_equal(scene_run(&scene)->person_used, 0);
    assert_false(has(answer(&scene, &buf), "variant"));
    arena_done(&scene.arena);
    buf_done(&buf);
}

static const struct candidate_attribute lamp = {{"category", 8}, {"Lampes", 6}},
                                        rug = {{"category", 8}, {"Tapis", 5}};

/* a is a lamp, b a rug, the others nothing; the sent basket holds a, the known one b. */
static void matches_what_is_in_the_basket(void **state)
{
    (void)state;
    static const struct {
        bool sent, known, personal, differs;
        const char *shown;
        uint32_t used;
    } cases[] = {
        {true, false, false, false, "a", 0},
        {true, false, false, true, "b c d e", 0},
        {true, true, true, false, "a b", PERSON_BASKET},
        {true, true, true, true, "c d e", PERSON_BASKET},
        {true, true, false, false, "a", 0}, /* theirs may not be read */
        {false, true, true, false, "b", PERSON_BASKET},
        {false, true, false, false, "a b c d e", 0},
        {false, false, true, true, "a b c d e", 0},
    };
    static const struct basket_facts basket[] = {{{"a", 1}, &lamp, 1}, {{"b", 1}, &rug, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        scene_init(&scene);
        scene.placement.count = 5;
        scene.candidates[0].attributes = &lamp;
        scene.candidates[1].attributes = &rug;
        scene.candidates[0].attribute_count = scene.candidates[1].attribute_count = 1;
        scene.rules[scene.placement.rule_count++] = (struct rule){.kind = RULE_MATCH,
                                                                  .attribute = SLICE("category"),
                                                                  .with = RULE_WITH_BASKET,
                                                                  .differs = cases[i].differs};
        scene.input.moment.facts = true;
        scene.input.moment.basket = basket;
        scene.input.moment.basket_count = 2;
        scene.input.moment.cart = &item_a;
        scene.input.moment.cart_count = cases[i].sent;
        scene.input.person = (struct decide_person){
            .personal = cases[i].personal, .basket = &item_b, .basket_count = cases[i].known};
        const struct decision *decision = scene_run(&scene);
        assert_shown(decision, cases[i].shown);
        assert_int_equal(decision->person_used, cases[i].used);
        arena_done(&scene.arena);
    }
}

/* --- who may read it -------------------------------------------------------------------------- */

static struct slice explain(const struct scene *scene, enum audience_role role, bool in_answer,
                            struct buf *buf)
{
    struct explain_options options = {
        .role = role, .locale = LOCALE_EN, .in_answer = in_answer, .what_if = !in_answer};
    struct json_out out = json_out(buf);
    buf_clear(buf);
    decide_explain(&scene->input, &scene->outcome, 0, &options, &out);
    return buf_slice(buf);
}

static struct slice why_not(const struct scene *scene, enum audience_role role, struct buf *buf)
{
    struct explain_options options = {.role = role, .locale = LOCALE_FR};
    struct why_not question = {&scene->input, &scene->outcome, 0};
    struct json_out out = json_out(buf);
    buf_clear(buf);
    decide_why_not(&question, NULL, SLICE("d"), &options, &out);
    return buf_slice(buf);
}

static void a_margin_is_told_to_the_marketer_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct buf buf;
    scene_init(&scene);
    set_margins(&scene);
    buf_init(&buf, 1 << 20);
    scene.rules[scene.placement.rule_count++] = (struct rule){.kind = RULE_MARGIN, .min = 20};
    (void)scene_run(&scene);
    struct slice told = explain(&scene, ROLE_MARKETER, false, &buf);
    assert_true(has(told, "\"reason\":\"margin\"") && has(told, "margin under the floor"));
    assert_true(has(told, "\"of\":\"margin\"") && has(told, "\"rule\":\"margin\""));
    assert_true(has(why_not(&scene, ROLE_MARKETER, &buf), "marge sous le plancher"));
    static const struct {
        enum audience_role role;
        bool in_answer;
    } others[] = {{ROLE_AGENT, false}, {ROLE_SHOPPER, false}, {ROLE_MARKETER, true}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(has(explain(&scene, others[i].role, others[i].in_answer, &buf), "margin"));
    assert_true(has(explain(&scene, ROLE_MARKETER, true, &buf), "left out by a rule of the shop"));
    static const enum audience_role roles[] = {ROLE_AGENT, ROLE_SHOPPER};
    for (size_t i = 0; i < 2; i++) {
        told = why_not(&scene, roles[i], &buf);
        assert_false(has(told, "marg"));
    }
    assert_true(has(why_not(&scene, ROLE_AGENT, &buf), "\"reason\":\"rule\""));
    scene.input.moment.explain = true;
    assert_false(has(answer(&scene, &buf), "margin"));
    arena_done(&scene.arena);
    buf_done(&buf);
}

static double sum_of_contributions(struct slice explanation, struct arena *arena, double *out_score)
{
    const struct json *json;
    struct diag diag;
    double sum = 0;
    assert_int_equal(json_parse(arena, explanation, &json, &diag), STATUS_OK);
    const struct json *item = &json_get(json, "items")->elements[0];
    const struct json *parts = json_get(item, "contributions");
    for (size_t i = 0; i < parts->count; i++)
        sum += json_get(&parts->elements[i], "value")->number;
    *out_score = json_get(item, "score")->number;
    return sum;
}

static void a_blend_names_the_margin_to_the_marketer_and_hides_it_in_a_sum(void **state)
{
    (void)state;
    struct scene scene;
    struct buf buf;
    double score;
    scene_init(&scene);
    buf_init(&buf, 1 << 20);
    scene.placement.mix = MIX_BLEND;
    scene.input.moment.blends = true;
    scene.input.blend = blend_weights_default();
    scene.candidates[1].terms[TERM_MARGIN] = TERM_WHOLE;
    scene.candidates[1].terms[TERM_POPULARITY] = 10;
    scene.placement.sets_margin = true;
    scene.placement.margin_weight = 3;
    assert_shown(scene_run(&scene), "b a"); /* it lifts b over what sells better */
    struct slice told = explain(&scene, ROLE_MARKETER, false, &buf);
    assert_true(has(told, "{\"name\":\"margin\",\"value\":3") && has(told, "Margin: +3.00"));
    double sum = sum_of_contributions(told, &scene.arena, &score);
    assert_true(sum > score - 1e-5 && sum < score + 1e-5);
    told = explain(&scene, ROLE_MARKETER, true, &buf);
    assert_false(has(told, "argin"));
    assert_false(has(told, "popularity"));
    assert_true(has(told, "{\"name\":\"terms\""));
    sum = sum_of_contributions(told, &scene.arena, &score);
    assert_true(sum > score - 1e-5 && sum < score + 1e-5);
    scene.placement.margin_weight = 0;
    assert_shown(scene_run(&scene), "a b");
    scene.placement.sets_margin = false;
    scene.input.blend.terms[TERM_MARGIN] = 5;
    assert_shown(scene_run(&scene), "b a");
    arena_done(&scene.arena);
    buf_done(&buf);
}

static void whose_size_is_not_known_is_told_so(void **state)
{
    (void)state;
    struct scene scene;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (int known = 0; known < 2; known++) {
        scene_init(&scene);
        set_sizes(&scene);
        scene.rules[scene.placement.rule_count++] = (struct rule){.kind = RULE_MY_SIZE};
        scene.input.moment.sizes = known;
        (void)scene_run(&scene);
        assert_int_equal(has(explain(&scene, ROLE_MARKETER, false, &buf), "rule about sizes"),
                         !known);
        assert_int_equal(has(explain(&scene, ROLE_MARKETER, false, &buf), "shoe-eu=38"), known);
        assert_int_equal(has(explain(&scene, ROLE_AGENT, false, &buf), "rule about sizes"), !known);
        assert_int_equal(
            has(explain(&scene, ROLE_SHOPPER, false, &buf), "did not take your size into account"),
            !known);
        assert_int_equal(has(explain(&scene, ROLE_SHOPPER, false, &buf), "your sizes"), known);
        arena_done(&scene.arena);
    }
    buf_done(&buf);
}

/* --- what a record keeps ---------------------------------------------------------------------- */

static size_t record_of(struct scene *scene, struct arena *arena, struct decision_record *out)
{
    struct decision_record record = {.input = scene->input};
    struct buf buf;
    buf_init(&buf, DECISION_RECORD_BYTES_MAX);
    decision_record_pack(&record, &buf);
    size_t size = buf.size;
    assert_int_equal(decision_record_unpack(arena_copy(arena, buf_slice(&buf)), arena, out),
                     STATUS_OK);
    buf_done(&buf);
    return size;
}

static void a_record_keeps_what_rules_asked_and_no_more(void **state)
{
    (void)state;
    struct scene scene;
    struct decision_record record;
    scene_init(&scene);
    set_sizes(&scene);
    set_margins(&scene);
    size_t asked = record_of(&scene, &scene.arena, &record);
    for (size_t i = 0; i < 5; i++) {
        const struct candidate *kept = &record.input.evidence[0].candidates[i];
        assert_int_equal(kept->margin, scene.candidates[i].margin);
        assert_int_equal(kept->fit, scene.candidates[i].fit);
        assert_true(slice_equal(kept->variant, scene.candidates[i].variant));
    }
    assert_int_equal(record.input.person.size_count, 1);
    assert_true(slice_is(record.input.person.sizes[0].size, "38"));
    scene.input.moment.margins = scene.input.moment.sizes = false;
    size_t plain = record_of(&scene, &scene.arena, &record);
    assert_int_equal(record.input.person.size_count, 0);
    assert_int_equal(record.input.evidence[0].candidates[0].margin, 0);
    assert_true(plain < asked);
    arena_done(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_margin_floor_keeps_what_earns_enough),
        cmocka_unit_test(a_size_is_the_persons_own_and_names_the_variant),
        cmocka_unit_test(without_the_rule_no_variant_is_named),
        cmocka_unit_test(matches_what_is_in_the_basket),
        cmocka_unit_test(a_margin_is_told_to_the_marketer_alone),
        cmocka_unit_test(a_blend_names_the_margin_to_the_marketer_and_hides_it_in_a_sum),
        cmocka_unit_test(whose_size_is_not_known_is_told_so),
        cmocka_unit_test(a_record_keeps_what_rules_asked_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
