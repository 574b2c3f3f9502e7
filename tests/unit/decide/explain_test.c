/* Explanations against golden files that a person reads: tests/golden/explain/<case>.txt holds a
 * block for each role and language. UPDATE_GOLDEN=1 writes them anew; then read the diff. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "decide/causes.h"
#include "decide/voices.h"
#include "told.h"
#include "world.h"

/* --- a shop of lamps -------------------------------------------------------------------------- */

static const struct item_title titles[] = {
    {SLICE_INIT("coussin-mer"), SLICE_INIT("Coussin Mer")},
    {SLICE_INIT("lampe-ida"), SLICE_INIT("Lampe Ida")},
    {SLICE_INIT("lampe-otto"), SLICE_INIT("Lampe Otto")},
    {SLICE_INIT("plaid-lin"), SLICE_INIT("Plaid en lin")},
    {SLICE_INIT("table-duo"), SLICE_INIT("Table Duo")},
    {SLICE_INIT("tapis-nil"), SLICE_INIT("Tapis \"Nil\"")},
    {SLICE_INIT("vase-bleu"), SLICE_INIT("Vase bleu")},
};

static const struct slice bought[] = {SLICE_INIT("plaid-lin")}, cart[] = {SLICE_INIT("tapis-nil")};
static const struct slice recents[] = {SLICE_INIT("lampe-ida"), SLICE_INIT("table-duo")};
static const struct decide_affinity affinities[] = {
    {SLICE_INIT("brand"), SLICE_INIT("Maison Nil"), 3},
    {SLICE_INIT("brand"), SLICE_INIT("Otto"), 1}};
static const struct candidate_attribute nil[] = {{SLICE_INIT("brand"), SLICE_INIT("Maison Nil")}};
static const struct candidate_attribute otto[] = {{SLICE_INIT("brand"), SLICE_INIT("Otto")}};
static const struct rule rules[] = {
    {.kind = RULE_IN_STOCK}, {.kind = RULE_EXCLUDE_BOUGHT}, {.kind = RULE_EXCLUDE_BASKET}};

struct shop {
    struct candidate candidates[7];
    struct placement placement;
    struct policy policy;
    struct placement_evidence evidence;
    struct wish wish;
    struct decide_input input;
};

/* Somebody known looks at Lampe Ida, with a rug in the basket. */
static void shop_init(struct shop *shop)
{
    *shop = (struct shop){
        .placement = {.id = SLICE("fiche"),
                      .name = SLICE("Fiche produit"),
                      .steps = {{.strategy = STRATEGY_BOUGHT_TOGETHER, .weight = 1},
                                {.strategy = STRATEGY_BEST_SELLERS, .weight = 1}},
                      .step_count = 2,
                      .rules = rules,
                      .rule_count = 3,
                      .count = 2,
                      .affinity_weight = 0.5},
        .policy = {.version = 7, .placements = &shop->placement, .placement_count = 1},
        .evidence = {.candidates = shop->candidates, .candidate_count = 7},
        .wish = {.placement = SLICE("fiche")}};
    for (size_t i = 0; i < 7; i++) {
        shop->candidates[i] = (struct candidate){.item = titles[i].item, .in_stock = i != 4};
        shop->candidates[i].answers[STRATEGY_BEST_SELLERS] = (float)(7 - i);
    }
    for (size_t i = 0; i < 7; i++) {
        shop->candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = (float)(i + 1) / 7.0F;
        shop->candidates[i].because[STRATEGY_BOUGHT_TOGETHER] = 2;
    }
    shop->candidates[2].attributes = otto;
    shop->candidates[6].attributes = nil;
    shop->candidates[2].attribute_count = shop->candidates[6].attribute_count = 1;
    shop->candidates[2].likes = (struct likes){{1}, 1};
    shop->candidates[6].likes = (struct likes){{0}, 1};
    shop->input = (struct decide_input){.moment = {.now_ms = 1772360423130,
                                                   .page_type = SLICE("product"),
                                                   .page_item = titles[1].item,
                                                   .page_category = SLICE("Luminaires"),
                                                   .cart = cart,
                                                   .cart_count = 1,
                                                   .wishes = &shop->wish,
                                                   .wish_count = 1},
                                        .person = {.personal = true,
                                                   .level = 3,
                                                   .recents = recents,
                                                   .recent_count = 2,
                                                   .bought = bought,
                                                   .bought_count = 1,
                                                   .affinities = affinities,
                                                   .affinity_count = 2,
                                                   .basis = SLICE("granted")},
                                        .policy = &shop->policy,
                                        .evidence = &shop->evidence,
                                        .titles = titles,
                                        .title_count = 7,
                                        .call = {{0x01, 0x9c, 0xa9, 0x1b, 0x2c, 0x3a, 0x70, 0x11,
                                                  0x80, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x00}}};
}

static void set_known(struct shop *shop)
{
    (void)shop;
}

static void set_contextual(struct shop *shop)
{
    shop->input.person = (struct decide_person){.basis = SLICE("contextual")};
    shop->input.title_count = 0;
}

static void set_fallback(struct shop *shop)
{
    shop->input.person.personal = false;
    shop->input.person.basis = SLICE("denied");
    for (size_t i = 0; i < 7; i++)
        shop->candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = 0;
}

static void set_explored(struct shop *shop)
{
    shop->placement.explore = 0.2;
    shop->input.seed = 11;
}

static void set_recent(struct shop *shop)
{
    shop->placement.steps[0] =
        (struct recipe_step){.strategy = STRATEGY_RECENTLY_VIEWED, .weight = 1};
    shop->placement.step_count = 1;
    shop->candidates[1].answers[STRATEGY_RECENTLY_VIEWED] = 2;
    shop->candidates[4].answers[STRATEGY_RECENTLY_VIEWED] = 1;
    shop->candidates[1].because_personal = 1 << STRATEGY_RECENTLY_VIEWED;
    shop->evidence.dropped[REMOVED_STOCK] = 4;
}

/* Several items called each other one: the page's, one bought, one in the basket. */
static void set_together(struct shop *shop)
{
    static const struct voices three = {3, {2, 4, 6}, {158, 56, 41}, {0}},
                               two = {2, {2, 5}, {200, 55}, {0}};
    size_t kind = (size_t)voices_kind(STRATEGY_BOUGHT_TOGETHER);
    shop->candidates[6].voices[kind] = &three;
    shop->candidates[3].voices[kind] = shop->candidates[2].voices[kind] = &two;
    shop->placement.mix = MIX_WEIGHTED;
    shop->evidence.dropped[REMOVED_STOCK] = 1234567;
    shop->placement.rule_count = 1;
}

static void set_similar(struct shop *shop)
{
    static const struct voices one = {1, {2}, {255}, {100, 0, 75, 0, 80}},
                               two = {2, {2, 5}, {200, 55}, {0, 255, 0, 0, 0}};
    size_t kind = (size_t)voices_kind(STRATEGY_SIMILAR);
    shop->placement.steps[0].strategy = STRATEGY_SIMILAR;
    for (size_t i = 0; i < 7; i++) {
        shop->candidates[i].answers[STRATEGY_SIMILAR] = (float)(i + 1) / 7.0F;
        shop->candidates[i].because[STRATEGY_SIMILAR] = 2;
        shop->candidates[i].voices[kind] = i == 6 ? &one : i == 3 ? &two : NULL;
    }
    shop->placement.affinity_weight = 0;
    shop->placement.count = 3;
}

/* What the shop itself wants: a vase lifted, Otto lowered, a cushion in the first place, one item a
 * brand, and the rest drawn among the best three. */
static void set_arranged(struct shop *shop)
{
    static const struct slice vase = SLICE_INIT("vase-bleu"), cushion = SLICE_INIT("coussin-mer");
    static const struct slice otto_brand = SLICE_INIT("Otto");
    static const struct rule arranging[] = {
        {.kind = RULE_IN_STOCK},
        {.kind = RULE_BOOST, .values = &vase, .value_count = 1, .factor = 2},
        {.kind = RULE_BURY,
         .attribute = SLICE_INIT("brand"),
         .values = &otto_brand,
         .value_count = 1,
         .factor = 4},
        {.kind = RULE_PIN, .values = &cushion, .value_count = 1, .slot = 1},
        {.kind = RULE_CAP, .attribute = SLICE_INIT("brand"), .max = 1},
        {.kind = RULE_SHUFFLE, .among = 3}};
    shop->placement.rules = arranging;
    shop->placement.rule_count = sizeof arranging / sizeof arranging[0];
    shop->placement.count = 3;
    shop->candidates[3].attributes = otto;
    shop->candidates[3].attribute_count = 1;
    shop->candidates[0].answers[STRATEGY_BOUGHT_TOGETHER] = 0;
    shop->candidates[0].answers[STRATEGY_BEST_SELLERS] = 0;
}

/* Two of four places are for new items: two that no step proposed, and one ranked last. */
static void set_invited(struct shop *shop)
{
    static const struct rule quota[] = {{.kind = RULE_IN_STOCK},
                                        {.kind = RULE_ARRIVALS, .share = 0.5, .days = 14}};
    shop->placement.rules = quota;
    shop->placement.rule_count = 2;
    shop->placement.mix = MIX_WEIGHTED;
    shop->placement.count = 4;
    shop->candidates[0].age = 3;
    shop->candidates[3].age = 1;
    shop->candidates[5].age = 9;
    memset(shop->candidates[3].answers, 0, sizeof shop->candidates[3].answers);
    memset(shop->candidates[5].answers, 0, sizeof shop->candidates[5].answers);
}

/* All of one brand but the plaid: what is too like the first goes back, or out. */
static void set_varied(struct shop *shop)
{
    static const struct rule varying[] = {{.kind = RULE_IN_STOCK},
                                          {.kind = RULE_DIVERSITY, .weight = 0.6}};
    shop->placement.rules = varying;
    shop->placement.rule_count = 2;
    shop->placement.mix = MIX_WEIGHTED;
    shop->placement.count = 3;
    for (size_t i = 0; i < 7; i++) {
        shop->candidates[i].attributes = i == 3 ? nil : otto;
        shop->candidates[i].attribute_count = 1;
    }
}

/* Four are to be shown, the recipe has two. */
static void set_short(struct shop *shop)
{
    shop->placement.fallback_count = 1;
    shop->placement.rule_count = 1;
    shop->placement.count = 4;
    for (size_t i = 0; i < 4; i++)
        shop->candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = 0;
}

static void set_too_few(struct shop *shop)
{
    set_short(shop);
    shop->placement.fallback_count = 0;
    shop->placement.step_count = 1;
    shop->placement.withholds = true;
}

static void set_deadline(struct shop *shop)
{
    shop->evidence.candidate_count = 0;
    shop->evidence.stages_cut = 1 << STRATEGY_BOUGHT_TOGETHER | 1 << STRATEGY_BEST_SELLERS;
}

static void set_not_ready(struct shop *shop)
{
    shop->evidence.candidate_count = 0;
    shop->evidence.not_ready = 1 << STRATEGY_BOUGHT_TOGETHER;
}

static void set_empty(struct shop *shop)
{
    shop->evidence.candidate_count = 0;
    shop->input.person.personal = false;
    shop->input.person.basis = SLICE("minor");
}

static void set_unknown_placement(struct shop *shop)
{
    shop->wish.placement = SLICE("nulle-part");
    shop->input.person.personal = false;
    shop->input.person.basis = SLICE("unknown");
}

/* --- golden files ----------------------------------------------------------------------------- */

/* One member a line, so that a diff can be read. */
static void lay_out(struct slice json, struct buf *buf)
{
    int depth = 0;
    bool text = false;
    for (size_t i = 0; i < json.size; i++) {
        char c = json.data[i];
        bool opens = !text && (c == '{' || c == '['), closes = !text && (c == '}' || c == ']');
        bool empty = closes && (json.data[i - 1] == '{' || json.data[i - 1] == '[');
        depth -= closes;
        if (closes && !empty)
            buf_format(buf, "\n%*s", depth * 2, "");
        buf_add_byte(buf, c);
        depth += opens;
        if (c == '"' && json.data[i - 1] != '\\')
            text = !text;
        if (!text && c == ':')
            buf_add_byte(buf, ' ');
        bool next_closes =
            i + 1 < json.size && (json.data[i + 1] == '}' || json.data[i + 1] == ']');
        if ((opens && !next_closes) || (!text && c == ','))
            buf_format(buf, "\n%*s", depth * 2, "");
    }
    buf_add_byte(buf, '\n');
}

static void explain_all(const struct shop *shop, struct buf *buf)
{
    static const char *const roles[ROLE_COUNT] = {"marketer", "agent", "shopper"};
    struct arena arena;
    arena_init(&arena);
    struct outcome outcome;
    struct buf json;
    buf_init(&json, 1 << 20);
    decide_run(&shop->input, &arena, &outcome);
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        for (unsigned locale = 0; locale < LOCALE_COUNT; locale++) {
            struct explain_options options = {.role = (enum audience_role)role,
                                              .locale = (enum locale)locale};
            struct json_out out = json_out(&json);
            buf_clear(&json);
            decide_explain(&shop->input, &outcome, 0, &options, &out);
            buf_format(buf, "== %s, %s\n", roles[role], locale_name((enum locale)locale));
            lay_out(buf_slice(&json), buf);
        }
    }
    buf_done(&json);
    arena_done(&arena);
}

static void compare_with_golden(const char *name, struct slice told)
{
    char path[128];
    (void)snprintf(path, sizeof path, "tests/golden/explain/%s.txt", name);
    bool update = getenv("UPDATE_GOLDEN") != NULL;
    FILE *file = fopen(path, update ? "wb" : "rb");
    assert_non_null(file);
    if (update) {
        assert_int_equal(fwrite(told.data, 1, told.size, file), told.size);
    } else {
        static char expected[1 << 18];
        size_t size = fread(expected, 1, sizeof expected, file);
        size_t at = 0;
        while (at < size && at < told.size && expected[at] == told.data[at])
            at++;
        if (size != told.size || at != size) {
            size_t from = at < 60 ? 0 : at - 60;
            fail_msg("%s differs at byte %zu:\n%.*s", path, at,
                     SLICE_ARG(slice_first(slice_from(told, from), 160)));
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void explains_as_the_golden_files_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*set)(struct shop *shop);
    } cases[] = {
        {"known", set_known},         {"contextual", set_contextual},
        {"fallback", set_fallback},   {"explored", set_explored},
        {"recent", set_recent},       {"deadline", set_deadline},
        {"empty", set_empty},         {"together", set_together},
        {"similar", set_similar},     {"unknown_placement", set_unknown_placement},
        {"not_ready", set_not_ready}, {"arranged", set_arranged},
        {"varied", set_varied},       {"recipe_short", set_short},
        {"too_few", set_too_few},     {"invited", set_invited},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct shop shop;
        struct buf told;
        buf_init(&told, 1 << 20);
        shop_init(&shop);
        cases[i].set(&shop);
        explain_all(&shop, &told);
        compare_with_golden(cases[i].name, buf_slice(&told));
        buf_done(&told);
    }
}

/* --- causes ----------------------------------------------------------------------------------- */

static double step_share(const struct scored *scored, unsigned column)
{
    double whole = 0, share = 0;
    for (size_t i = 0; i < scored->contribution_count; i++) {
        double value = scored->contributions[i].value;
        whole += value > 0 ? value : 0;
        if (scored->contributions[i].kind == CONTRIBUTION_STRATEGY &&
            step_column(scored->contributions[i].step) == column)
            share = value > 0 ? value : 0;
    }
    /* nothing called what the shop put there, nor what is worth nothing */
    return scored->slot > 0 || whole == 0 ? 0 : share / whole;
}

/* What was met nowhere is not told, so that here each item was met. */
static void meet_all(struct decide_input *input, struct arena *arena)
{
    struct slice *all = ARENA_ARRAY(arena, input->title_count, struct slice);
    for (size_t i = 0; i < input->title_count; i++)
        all[i] = input->titles[i].item;
    input->person.personal = true;
    input->person.bought = all;
    input->person.bought_count = input->title_count;
}

static size_t check_causes(const struct decide_input *input, const struct scored *scored)
{
    struct cause causes[CAUSES_MAX];
    size_t count = causes_of(input, scored, causes);
    double sums[COLUMN_COUNT] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(causes[i].share > 0 && (i == 0 || causes[i].share <= causes[i - 1].share));
        sums[step_column(causes[i].step)] += causes[i].share;
        sum += causes[i].share;
    }
    assert_true(sum <= 1 + 1e-12);
    for (size_t i = 0; i < scored->contribution_count; i++) {
        const struct recipe_step *step = scored->contributions[i].step;
        if (step == NULL || scored->invited)
            continue;
        unsigned column = step_column(step);
        if (strategy_has_seeds(step->strategy) && scored->candidate->because[column] > 0)
            assert_true(fabs(sums[column] - step_share(scored, column)) < 1e-12);
    }
    return count;
}

static void shares_of_what_called_an_item_are_the_contributions(void **state)
{
    (void)state;
    size_t told = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        meet_all(&input, &arena);
        decide_trim(&input, &arena);
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++)
            for (size_t j = 0; j < outcome.decisions[i].shown_count; j++)
                told += check_causes(&input, outcome.decisions[i].shown[j]);
        arena_done(&arena);
    }
    assert_true(told > 2000);
}

/* --- what no explanation may say -------------------------------------------------------------- */

static struct slice explain_as(const struct decide_input *input, enum audience_role role,
                               struct buf *buf)
{
    struct arena arena;
    arena_init(&arena);
    struct outcome outcome;
    struct explain_options options = {.role = role, .locale = LOCALE_FR};
    buf_clear(buf);
    decide_run(input, &arena, &outcome);
    for (size_t i = 0; i < outcome.decision_count; i++) {
        struct json_out out = json_out(buf);
        decide_explain(input, &outcome, i, &options, &out);
    }
    arena_done(&arena);
    return buf_slice(buf);
}

static void tells_no_fact_of_a_person_without_consent(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1 << 22);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        input.person.personal = false;
        struct slice told = explain_as(&input, ROLE_MARKETER, &buf);
        assert_false(holds(told, "\"fact\":\"recents\"") || holds(told, "\"fact\":\"bought\"") ||
                     holds(told, "\"fact\":\"basket\"") || holds(told, "affinit"));
        arena_done(&arena);
    }
    buf_done(&buf);
}

static void tells_the_shopper_no_score_and_no_rule(void **state)
{
    (void)state;
    static const char *const never[] = {"score",   "contributions", "probability", "policy",
                                        "removed", "runnerUp",      "weight",      "level"};
    struct buf buf;
    buf_init(&buf, 1 << 22);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct slice told = explain_as(&input, ROLE_SHOPPER, &buf);
        for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
            assert_false(holds(told, never[i]));
        arena_done(&arena);
    }
    buf_done(&buf);
}

static struct slice title_today(void *context, struct slice item)
{
    return slice_is(item, "lampe-ida") ? slice_of(context) : SLICE_NONE;
}

static void names_what_called_an_item_as_it_is_called_today(void **state)
{
    (void)state;
    static char renamed[] = "Lampe Ada";
    static const struct {
        decide_title *title;
        size_t title_count;
        bool page, because;
        const char *fr, *en;
    } cases[] = {
        {NULL, 7, true, true, "Souvent acheté avec Lampe Ida", "Often bought with Lampe Ida"},
        {title_today, 7, true, true, "Souvent acheté avec Lampe Ada",
         "Often bought with Lampe Ada"},
        {NULL, 0, true, true, "Souvent acheté avec cet article", "Often bought with this item"},
        {NULL, 0, false, true, "Souvent acheté avec votre sélection",
         "Often bought with your selection"},
        {NULL, 7, true, false, "Souvent acheté avec votre sélection",
         "Often bought with your selection"},
    };
    struct buf buf;
    buf_init(&buf, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct shop shop;
        shop_init(&shop);
        shop.input.title_count = cases[i].title_count;
        if (!cases[i].page)
            shop.input.moment.page_item = SLICE_NONE;
        if (!cases[i].because)
            shop.candidates[2].because[STRATEGY_BOUGHT_TOGETHER] = 0;
        struct scored scored = {.candidate = &shop.candidates[2],
                                .lead = STRATEGY_BOUGHT_TOGETHER,
                                .lead_column = STRATEGY_BOUGHT_TOGETHER};
        for (unsigned locale = 0; locale < LOCALE_COUNT; locale++) {
            struct explain_options options = {
                .locale = (enum locale)locale, .title = cases[i].title, .title_context = renamed};
            buf_clear(&buf);
            decide_reason(&shop.input, &scored, &options, &buf);
            assert_true(slice_is(buf_slice(&buf), locale == LOCALE_FR ? cases[i].fr : cases[i].en));
        }
    }
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_as_the_golden_files_say),
        cmocka_unit_test(shares_of_what_called_an_item_are_the_contributions),
        cmocka_unit_test(tells_no_fact_of_a_person_without_consent),
        cmocka_unit_test(tells_the_shopper_no_score_and_no_rule),
        cmocka_unit_test(names_what_called_an_item_as_it_is_called_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
