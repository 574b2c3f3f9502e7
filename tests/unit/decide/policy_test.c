/* Placements as people write them: what is read, what is told when it is wrong. */
#include "test.h"

#include "decide/policy.h"
#include "world_policy.h"

static const char full[] =
    "{\"id\":\"home\",\"name\":\"Accueil\",\"kind\":\"items\",\"recipe\":["
    "{\"strategy\":\"bought_together\",\"weight\":2},{\"strategy\":\"trending\",\"weight\":0.5}],"
    "\"mix\":\"weighted\",\"rules\":[{\"kind\":\"in_stock\"},{\"kind\":\"include\","
    "\"attribute\":\"brand\",\"values\":[\"Ida\",\"Petit Bateau\"]},{\"kind\":\"exclude\","
    "\"items\":[\"a\",\"7\"]}],\"count\":6,\"deadlineMs\":80,\"affinityWeight\":0.5,"
    "\"explore\":0.05}";

static enum status read_placement(struct arena *arena, const char *text,
                                  struct placement *out_placement, struct diag *diag)
{
    const struct json *json;
    assert_int_equal(json_parse(arena, slice_of(text), &json, diag), STATUS_OK);
    return placement_from_json(json, arena, out_placement, diag);
}

static void reads_and_writes_a_full_placement(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct buf buf;
    buf_init(&buf, 4096);
    struct placement placement;
    struct diag diag = {0};
    assert_int_equal(read_placement(&arena, full, &placement, &diag), STATUS_OK);
    assert_true(placement.mix == MIX_WEIGHTED && placement.step_count == 2 &&
                placement.rule_count == 3);
    assert_true(placement.steps[0].strategy == STRATEGY_BOUGHT_TOGETHER);
    assert_true(placement.steps[0].weight == 2 && placement.count == 6);
    struct json_out out = json_out(&buf);
    placement_to_json(&placement, &out);
    assert_int_equal(buf.size, sizeof full - 1);
    assert_memory_equal(buf.data, full, buf.size);
    buf_done(&buf);
    arena_done(&arena);
}

static void short_forms_and_defaults_are_written_out_in_full(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct buf buf;
    buf_init(&buf, 4096);
    struct placement placement;
    struct diag diag = {0};
    const char *text = "{\"id\":\"p\",\"recipe\":[\"trending\"],\"rules\":[\"in_stock\"]}";
    assert_int_equal(read_placement(&arena, text, &placement, &diag), STATUS_OK);
    struct json_out out = json_out(&buf);
    placement_to_json(&placement, &out);
    assert_true(slice_is(
        buf_slice(&buf),
        "{\"id\":\"p\",\"name\":\"p\",\"kind\":\"items\",\"recipe\":[{\"strategy\":\"trending\","
        "\"weight\":1}],\"mix\":\"in_order\",\"rules\":[{\"kind\":\"in_stock\"}],\"count\":8,"
        "\"deadlineMs\":100,\"affinityWeight\":0,\"explore\":0}"));
    buf_done(&buf);
    arena_done(&arena);
}

#define STEP(strategy, rest) "{\"id\":\"p\",\"recipe\":[{\"strategy\":\"" strategy "\"," rest "}]}"
#define R "\"recipe\":[\"trending\"]"
static const struct {
    const char *text, *field, *says;
} wrong[] = {
    {"[]", "", "object"},
    {"{}", "/id", "letters"},
    {"{\"id\":\"\"," R "}", "/id", "letters"},
    {"{\"id\":\"a b\"," R "}", "/id", "letters"},
    {"{\"id\":\"p\"}", "/recipe", "1 to 16"},
    {"{\"id\":\"p\",\"recipe\":[]}", "/recipe", "1 to 16"},
    {"{\"id\":\"p\",\"recipe\":\"trending\"}", "/recipe", "1 to 16"},
    {"{\"id\":\"p\",\"recipe\":[\"trendy\"]}", "/recipe/0", "viewed_together"},
    {"{\"id\":\"p\",\"recipe\":[{\"strategy\":\"x\"}]}", "/recipe/0/strategy", "best_sellers"},
    {"{\"id\":\"p\",\"recipe\":[\"trending\",\"trending\"]}", "/recipe/1", "once"},
    {"{\"id\":\"p\",\"recipe\":[{\"strategy\":\"trending\",\"weight\":0}]}", "/recipe/0/weight",
     "above 0"},
    {"{\"id\":\"p\",\"recipe\":[{\"strategy\":\"trending\",\"wieght\":1}]}", "/recipe/0/wieght",
     "strategy, weight"},
    {STEP("trending", "\"key\":\"basket\""), "/recipe/0/key", "trending starts from nothing"},
    {STEP("similar", "\"key\":\"page_category\""), "/recipe/0/key",
     "similar starts from current_item, basket, last_bought, last_viewed"},
    {STEP("complete_basket", "\"key\":\"current_item\""), "/recipe/0/key", "from basket"},
    {STEP("category_trending", "\"key\":\"basket\""), "/recipe/0/key", "favourite_category"},
    {STEP("similar", "\"key\":7"), "/recipe/0/key", "current_item"},
    {STEP("similar", "\"lookbackDays\":0"), "/recipe/0/lookbackDays", "1 to 3650"},
    {STEP("similar", "\"lookbackDays\":1.5"), "/recipe/0/lookbackDays", "whole"},
    {STEP("trending", "\"lookbackDays\":7"), "/recipe/0/lookbackDays", "uses neither"},
    {STEP("similar", "\"key\":\"current_item\",\"lookbackDays\":7"), "/recipe/0/lookbackDays",
     "uses neither"},
    {STEP("trending", "\"items\":[\"a\"]"), "/recipe/0/items", "manual"},
    {STEP("manual", "\"weight\":1"), "/recipe/0/items", "1 to 200"},
    {STEP("manual", "\"items\":[]"), "/recipe/0/items", "1 to 200"},
    {STEP("manual", "\"items\":[\"a\",\"a\"]"), "/recipe/0/items", "none twice"},
    {"{\"id\":\"p\",\"recipe\":[\"manual\"]}", "/recipe/0/items", "1 to 200"},
    {"{\"id\":\"p\",\"recipe\":[{\"strategy\":\"similar\",\"key\":\"basket\"},\"similar\","
     "{\"strategy\":\"similar\",\"key\":\"basket\",\"weight\":2}]}",
     "/recipe/2", "another key"},
    {"{\"id\":\"p\"," R ",\"kind\":\"content\"}", "/kind", "order"},
    {"{\"id\":\"p\",\"kind\":\"order\"," R "}", "/recipe",
     "allowed are id, name, kind, items, moves"},
    {"{\"id\":\"p\",\"kind\":\"order\",\"moves\":0}", "/moves", "1 to 100"},
    {"{\"id\":\"p\",\"kind\":\"order\",\"items\":[]}", "/items", "1 to 100"},
    {"{\"id\":\"p\",\"kind\":\"order\",\"items\":[\"a\",\"a\"]}", "/items", "different"},
    {"{\"id\":\"p\"," R ",\"name\":7}", "/name", "120"},
    {"{\"id\":\"p\"," R ",\"mix\":true}", "/mix", "in_order"},
    {"{\"id\":\"p\"," R ",\"rule\":[]}", "/rule", "rules"},
    {"{\"id\":\"p\"," R ",\"rules\":{}}", "/rules", "32"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"stocks\"]}", "/rules/0", "in_stock"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"stocks\"}]}", "/rules/0/kind", "in_stock"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"in_stock\",\"items\":[]}]}", "/rules/0/items",
     "allowed are kind"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"exclude\"]}", "/rules/0/items", "either items"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"include\",\"items\":[]}]}", "/rules/0/items",
     "only a list to exclude"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"exclude\",\"items\":[\"\"]}]}", "/rules/0/items",
     "item id"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"exclude\",\"attribute\":\"\","
     "\"values\":[\"x\"]}]}",
     "/rules/0/attribute", "64"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"exclude\",\"attribute\":\"brand\","
     "\"items\":[\"x\"]}]}",
     "/rules/0/values", "either items"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"in_stock\",\"from\":\"monday\"}]}",
     "/rules/0/from", "2026-11-27T08:00:00"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"in_stock\",\"from\":\"2026-03-02T00:00:00Z\","
     "\"until\":\"2026-03-02T00:00:00Z\"}]}",
     "/rules/0/until", "after from"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"in_stock\",\"off\":1}]}", "/rules/0/off",
     "kept but does not act"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"price\"]}", "/rules/0/min", "above 0"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"price\",\"min\":2,\"max\":1}]}", "/rules/0/max",
     "at least min"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"price\",\"than\":\"mine\",\"min\":2}]}",
     "/rules/0/than", "current_item"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"stock\",\"min\":0.5}]}", "/rules/0/min", "whole"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"match\"]}", "/rules/0/with", "basket"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"margin\"]}", "/rules/0/min", "per cent"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"margin\",\"min\":101}]}", "/rules/0/min",
     "0 to 100"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"margin\",\"min\":1,\"unknown\":true}]}",
     "/rules/0/unknown", "cost"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"margin\",\"min\":1,\"max\":2}]}", "/rules/0/max",
     "allowed are kind, min, unknown"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"my_size\",\"unknown\":\"hide\"}]}",
     "/rules/0/unknown", "size"},
    {"{\"id\":\"p\"," R ",\"marginWeight\":1}", "/marginWeight", "blend"},
    {"{\"id\":\"p\"," R ",\"mix\":\"blend\",\"marginWeight\":21}", "/marginWeight", "0 to 20"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"match\",\"with\":\"person\"}]}",
     "/rules/0/attribute", "64"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"match\",\"with\":\"person\","
     "\"attribute\":\"brand\",\"differs\":1}]}",
     "/rules/0/differs", "true"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"boost\"]}", "/rules/0/factor", "1 to 10"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"boost\",\"factor\":0.5,\"items\":[\"a\"]}]}",
     "/rules/0/factor", "multiplies"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"bury\",\"factor\":11,\"items\":[\"a\"]}]}",
     "/rules/0/factor", "divides"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"bury\",\"factor\":2}]}", "/rules/0/items",
     "either items"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"bury\",\"factor\":2,\"items\":[]}]}",
     "/rules/0/items", "only a list to exclude"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"pin\"]}", "/rules/0/slot", "first place"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"pin\",\"slot\":0,\"item\":\"a\"}]}",
     "/rules/0/slot", "from 1"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"pin\",\"slot\":1}]}", "/rules/0/item", "either"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"pin\",\"slot\":1,\"item\":\"a\","
     "\"attribute\":\"brand\"}]}",
     "/rules/0/item", "either"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"pin\",\"slot\":1,\"attribute\":\"brand\"}]}",
     "/rules/0/values", "either"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"pin\",\"slot\":1,\"items\":[\"a\"]}]}",
     "/rules/0/items", "slot, item"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"cap\",\"max\":1}]}", "/rules/0/attribute", "64"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"cap\",\"attribute\":\"brand\"}]}", "/rules/0/max",
     "1 to 50"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"shuffle\"]}", "/rules/0/among", "2 to 50"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"diversity\"]}", "/rules/0/weight", "from 0 (nothing) to 1"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"diversity\",\"weight\":1.1}]}", "/rules/0/weight",
     "from 0 (nothing) to 1"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"diversity\",\"weight\":1,\"attribute\":\"a\"}]}",
     "/rules/0/attribute", "allowed are kind, weight"},
    {"{\"id\":\"p\"," R ",\"rules\":[\"arrivals\"]}", "/rules/0/share", "above 0 and 0.5"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"arrivals\",\"share\":0}]}", "/rules/0/share",
     "above 0 and 0.5"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"arrivals\",\"share\":0.6}]}", "/rules/0/share",
     "above 0 and 0.5"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"arrivals\",\"share\":0.1,\"days\":91}]}",
     "/rules/0/days", "1 to 90"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"arrivals\",\"share\":0.1,\"days\":1.5}]}",
     "/rules/0/days", "whole"},
    {"{\"id\":\"p\"," R ",\"rules\":[{\"kind\":\"arrivals\",\"share\":0.1,\"item\":\"a\"}]}",
     "/rules/0/item", "allowed are kind, share"},
    {"{\"id\":\"p\"," R ",\"minimum\":51}", "/minimum", "0 (as many as are wanted) to 50"},
    {"{\"id\":\"p\"," R ",\"minimum\":1.5}", "/minimum", "whole"},
    {"{\"id\":\"p\"," R ",\"partial\":\"no\"}", "/partial", "true"},
    {"{\"id\":\"p\"," R ",\"fallback\":\"best_sellers\"}", "/fallback", "list of strategies"},
    {"{\"id\":\"p\"," R ",\"fallback\":[\"best_seller\"]}", "/fallback/0", "best_sellers"},
    {"{\"id\":\"p\"," R ",\"fallback\":[\"manual\"]}", "/fallback/0/items", "1 to 200"},
    {"{\"id\":\"p\"," R ",\"fallback\":[\"best_sellers\",\"trending\"]}", "/fallback/1",
     "once in recipe and fallback"},
    {"{\"id\":\"p\"," R ",\"count\":0}", "/count", "1 to 50"},
    {"{\"id\":\"p\"," R ",\"count\":51}", "/count", "1 to 50"},
    {"{\"id\":\"p\"," R ",\"count\":2.5}", "/count", "whole"},
    {"{\"id\":\"p\"," R ",\"count\":\"2\"}", "/count", "whole"},
    {"{\"id\":\"p\"," R ",\"deadlineMs\":2001}", "/deadlineMs", "2000"},
    {"{\"id\":\"p\"," R ",\"affinityWeight\":-1}", "/affinityWeight", "0 to 100"},
    {"{\"id\":\"p\"," R ",\"explore\":0.3}", "/explore", "0.2"},
};
#undef R
#undef STEP

static void names_the_field_and_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct arena arena;
        arena_init(&arena);
        struct diag diag = {0};
        struct placement placement = {.count = 99};
        assert_int_equal(read_placement(&arena, wrong[i].text, &placement, &diag), STATUS_INVALID);
        assert_string_equal(diag.field, wrong[i].field);
        if (strstr(diag.sentence, wrong[i].says) == NULL)
            fail_msg("%s: '%s' does not say '%s'", wrong[i].text, diag.sentence, wrong[i].says);
        assert_int_equal(placement.count, 99);
        arena_done(&arena);
    }
}

/* Each recipe is written as it was read, and each step has its own column. */
static void a_step_says_what_it_starts_from(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"p\",\"recipe\":[{\"strategy\":\"similar\",\"weight\":1,\"key\":\"current_item\"}"
        ","
        "{\"strategy\":\"similar\",\"weight\":2,\"key\":\"last_viewed\",\"lookbackDays\":7},"
        "{\"strategy\":\"similar\",\"weight\":1},"
        "{\"strategy\":\"manual\",\"weight\":1,\"items\":[\"b\",\"a\",\"7\"]},"
        "{\"strategy\":\"manual\",\"weight\":1,\"items\":[\"a\",\"b\"]}]";
    struct arena arena;
    arena_init(&arena);
    struct buf buf;
    buf_init(&buf, 4096);
    struct placement placement;
    struct diag diag = {0};
    struct slice whole = arena_format(&arena, "%s}", text);
    assert_int_equal(read_placement(&arena, whole.data, &placement, &diag), STATUS_OK);
    assert_int_equal(placement.step_count, 5);
    uint32_t columns = 0;
    for (size_t i = 0; i < placement.step_count; i++)
        columns |= 1U << step_column(&placement.steps[i]);
    assert_int_equal(columns,
                     1U << STRATEGY_SIMILAR | 1U << STRATEGY_MANUAL | 7U << STRATEGY_COUNT);
    assert_int_equal(placement.steps[1].lookback_days, 7);
    assert_true(placement.steps[2].key == KEY_ANY && placement.steps[2].asks == 0);
    assert_true(slice_is(placement.steps[3].items[2], "7"));
    struct json_out out = json_out(&buf);
    placement_to_json(&placement, &out);
    assert_non_null(memmem(buf.data, buf.size, strstr(text, "[{"), strlen(strstr(text, "[{"))));
    buf_done(&buf);
    arena_done(&arena);
}

static void any_policy_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct buf first, second;
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct world world = {.arena = &arena, .stream = random_stream(seed), .item_count = 50};
        buf_clear(&first);
        buf_clear(&second);
        const struct policy *made = world_policy(&world);
        struct json_out out = json_out(&first);
        policy_to_json(made, &out);
        const struct json *json;
        struct diag diag = {0};
        struct policy policy;
        assert_int_equal(json_parse(&arena, buf_slice(&first), &json, &diag), STATUS_OK);
        assert_int_equal(policy_from_json(json, &arena, &policy, &diag), STATUS_OK);
        out = json_out(&second);
        policy_to_json(&policy, &out);
        assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
        assert_ptr_equal(policy_find(&policy, SLICE("p3")), &policy.placements[3]);
        assert_null(policy_find(&policy, SLICE("p31")));
        arena_done(&arena);
    }
    buf_done(&first);
    buf_done(&second);
}

static void policies_are_sorted_and_hold_no_id_twice(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
        const char *field;
    } cases[] = {
        {"{\"version\":3,\"placements\":[{\"id\":\"b\",\"recipe\":[\"trending\"]},"
         "{\"id\":\"a\",\"recipe\":[\"trending\"]}]}",
         STATUS_OK, ""},
        {"{\"version\":3,\"placements\":[{\"id\":\"b\",\"recipe\":[\"trending\"]},"
         "{\"id\":\"b\",\"recipe\":[\"trending\"]}]}",
         STATUS_INVALID, "/placements"},
        {"{\"version\":3,\"placements\":[{\"id\":\"b\",\"recipe\":[\"trending\"],\"count\":0}]}",
         STATUS_INVALID, "/placements/0/count"},
        {"{\"version\":1,\"page\":{\"personalisedMax\":20},\"placements\":[{\"id\":\"a\","
         "\"recipe\":[\"trending\"],\"priority\":-1000}]}",
         STATUS_OK, ""},
        {"{\"version\":1,\"page\":2,\"placements\":[]}", STATUS_INVALID, "/page"},
        {"{\"version\":1,\"page\":{\"max\":2},\"placements\":[]}", STATUS_INVALID, "/page/max"},
        {"{\"version\":1,\"page\":{\"personalisedMax\":21},\"placements\":[]}", STATUS_INVALID,
         "/page/personalisedMax"},
        {"{\"version\":1,\"page\":{\"personalisedMax\":0.5},\"placements\":[]}", STATUS_INVALID,
         "/page/personalisedMax"},
        {"{\"version\":1,\"placements\":[{\"id\":\"a\",\"recipe\":[\"trending\"],\"priority\":1001}"
         "]}",
         STATUS_INVALID, "/placements/0/priority"},
        {"{\"version\":-1,\"placements\":[]}", STATUS_INVALID, "/version"},
        {"{\"version\":1}", STATUS_INVALID, "/placements"},
        {"{\"version\":1,\"placements\":[],\"x\":1}", STATUS_INVALID, "/x"},
        {"{\"version\":1,\"publishedMs\":\"now\",\"placements\":[]}", STATUS_INVALID,
         "/publishedMs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        arena_init(&arena);
        struct diag diag = {0};
        struct policy policy;
        const struct json *json;
        assert_int_equal(json_parse(&arena, slice_of(cases[i].text), &json, &diag), STATUS_OK);
        assert_int_equal(policy_from_json(json, &arena, &policy, &diag), cases[i].status);
        assert_string_equal(diag.field, cases[i].field);
        if (cases[i].status == STATUS_OK)
            assert_true(slice_is(policy.placements[0].id, "a"));
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_a_full_placement),
        cmocka_unit_test(short_forms_and_defaults_are_written_out_in_full),
        cmocka_unit_test(names_the_field_and_what_is_allowed),
        cmocka_unit_test(a_step_says_what_it_starts_from),
        cmocka_unit_test(any_policy_reads_back_as_it_was_written),
        cmocka_unit_test(policies_are_sorted_and_hold_no_id_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
