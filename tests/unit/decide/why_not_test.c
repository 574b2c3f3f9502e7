/* Why an item was not shown: every standing there is, told in both languages and for each role. */
#include "test.h"

#include <stdio.h>

#include "decide/why_not.h"
#include "told.h"
#include "world.h"

/* --- a shop of five --------------------------------------------------------------------------- */

static const struct slice bought[] = {SLICE_INIT("old")},
                          wanted[] = {SLICE_INIT("a"), SLICE_INIT("b"), SLICE_INIT("c"),
                                      SLICE_INIT("d"), SLICE_INIT("out")};
static const struct rule rules[] = {
    {.kind = RULE_IN_STOCK},
    {.kind = RULE_EXCLUDE, .values = bought, .value_count = 1, .from_ms = INT64_MAX},
    {.kind = RULE_INCLUDE, .values = wanted, .value_count = 5},
    {.kind = RULE_EXCLUDE_BOUGHT},
};

struct shop {
    struct candidate candidates[6];
    struct placement placement;
    struct policy policy;
    struct placement_evidence evidence;
    struct wish wish;
    struct decide_input input;
};

/* a and b are shown, c and d are below, "out" is out of stock, "other" on no list. */
static void shop_init(struct shop *shop)
{
    static const char *const items[] = {"a", "b", "c", "d", "other", "out"};
    *shop = (struct shop){
        .placement = {.id = SLICE("p"),
                      .name = SLICE("P"),
                      .steps = {{.strategy = STRATEGY_BOUGHT_TOGETHER, .weight = 1},
                                {.strategy = STRATEGY_TRENDING, .weight = 0.5}},
                      .step_count = 2,
                      .mix = MIX_WEIGHTED,
                      .rules = rules,
                      .rule_count = 4,
                      .count = 2},
        .policy = {.version = 3, .placements = &shop->placement, .placement_count = 1},
        .evidence = {.candidates = shop->candidates, .candidate_count = 6},
        .wish = {.placement = SLICE("p")}};
    for (size_t i = 0; i < 6; i++) {
        shop->candidates[i] = (struct candidate){.item = slice_of(items[i]), .in_stock = i != 5};
        shop->candidates[i].answers[STRATEGY_TRENDING] = (float)(6 - i);
        if (i != 3)
            shop->candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = (float)(6 - i);
    }
    shop->input = (struct decide_input){
        .moment = {.now_ms = WORLD_NOW_MS, .wishes = &shop->wish, .wish_count = 1},
        .person = {.personal = true,
                   .bought = bought,
                   .bought_count = 1,
                   .basis = SLICE("granted")},
        .policy = &shop->policy,
        .evidence = &shop->evidence};
}

static struct standing ask(const struct shop *shop, const char *item, struct arena *arena)
{
    struct outcome *outcome = ARENA_NEW(arena, struct outcome);
    decide_run(&shop->input, arena, outcome);
    return standing_of(&shop->input, outcome, 0, slice_of(item), arena);
}

static void says_where_an_item_stood(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        enum standing_kind kind;
        size_t slot, rank;
        enum removal removed;
        size_t rule;
        uint32_t dropped;
    } cases[] = {
        {"a", STANDING_SHOWN, 1, 1, REMOVED_NOT, 0, 0},
        {"b", STANDING_SHOWN, 2, 2, REMOVED_NOT, 0, 0},
        {"c", STANDING_BELOW, 0, 3, REMOVED_NOT, 0, 0},
        {"d", STANDING_BELOW, 0, 4, REMOVED_NOT, 0, 9},
        {"out", STANDING_REMOVED, 0, 0, REMOVED_STOCK, 1, 0},
        {"other", STANDING_REMOVED, 0, 0, REMOVED_NOT_INCLUDED, 3, 0},
        {"old", STANDING_BARRED, 0, 0, REMOVED_NOT_INCLUDED, 3, 9},
        {"unseen", STANDING_BARRED, 0, 0, REMOVED_NOT_INCLUDED, 3, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        arena_init(&arena);
        struct shop shop;
        shop_init(&shop);
        shop.evidence.dropped[REMOVED_NOT] = cases[i].dropped;
        struct standing standing = ask(&shop, cases[i].item, &arena);
        assert_int_equal(standing.kind, cases[i].kind);
        assert_int_equal(standing.slot, cases[i].slot);
        assert_int_equal(standing.rank, cases[i].rank);
        assert_int_equal(standing.removed, cases[i].removed);
        assert_int_equal(standing.rule_position, cases[i].rule);
        arena_done(&arena);
    }
}

static void tells_what_is_not_on_record_from_what_was_not_proposed(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct shop shop;
    shop_init(&shop);
    shop.placement.rule_count = 1;
    assert_int_equal(ask(&shop, "unseen", &arena).kind, STANDING_NOT_PROPOSED);
    shop.evidence.dropped[REMOVED_STOCK] = 1;
    assert_int_equal(ask(&shop, "unseen", &arena).kind, STANDING_UNRECORDED);
    shop.input.moment.cart = bought;
    shop.input.moment.cart_count = 1;
    assert_int_equal(ask(&shop, "old", &arena).kind, STANDING_UNRECORDED);
    static const struct rule basket = {.kind = RULE_EXCLUDE_BASKET};
    shop.placement.rules = &basket;
    assert_int_equal(ask(&shop, "old", &arena).removed, REMOVED_BASKET);
    shop.placement.objective.holdout_arm = HOLDOUT_EMPTY;
    shop.wish.arm = ARM_HOLDOUT;
    assert_int_equal(ask(&shop, "a", &arena).kind, STANDING_HELD_OUT);
    shop.wish.placement = SLICE("nowhere");
    assert_int_equal(ask(&shop, "a", &arena).kind, STANDING_NO_PLACEMENT);
    arena_done(&arena);
}

static void blames_no_rule_for_what_no_rule_did(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct shop shop;
    shop_init(&shop);
    shop.candidates[0].hidden = true;
    shop.input.moment.page_item = SLICE("b");
    shop.wish.exclude = &wanted[2];
    shop.wish.exclude_count = 1;
    static const enum removal removed[] = {REMOVED_HIDDEN, REMOVED_CURRENT, REMOVED_CALLER};
    for (size_t i = 0; i < 3; i++) {
        struct standing standing = ask(&shop, wanted[i].data, &arena);
        assert_int_equal(standing.removed, removed[i]);
        assert_null(standing.rule);
    }
    arena_done(&arena);
}

/* Nothing of the person was read, so nothing of theirs kept an item away. */
static void beyond_the_page_budget_an_item_stands_as_for_a_stranger(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct shop shop;
    shop_init(&shop);
    shop.input.person.bought = wanted; /* a */
    struct standing standing = ask(&shop, "a", &arena);
    assert_int_equal(standing.kind, STANDING_REMOVED);
    assert_int_equal(standing.removed, REMOVED_BOUGHT);
    assert_int_equal(ask(&shop, "b", &arena).slot, 1);
    shop.wish.beyond_budget = true;
    assert_int_equal(ask(&shop, "a", &arena).slot, 1);
    assert_int_equal(ask(&shop, "b", &arena).slot, 2);
    standing = ask(&shop, "c", &arena);
    assert_int_equal(standing.kind, STANDING_BELOW);
    assert_int_equal(standing.rank, 3);
    shop.candidates[0].in_stock = false; /* the shop's own rules hold */
    assert_int_equal(ask(&shop, "a", &arena).removed, REMOVED_STOCK);
    arena_done(&arena);
}

/* --- in words --------------------------------------------------------------------------------- */

static struct slice why_not(const struct shop *shop, const char *item,
                            const struct explain_options *options, struct buf *buf)
{
    struct arena arena;
    arena_init(&arena);
    struct outcome outcome;
    decide_run(&shop->input, &arena, &outcome);
    struct why_not then = {&shop->input, &outcome, 0};
    struct json_out out = json_out(buf);
    buf_clear(buf);
    decide_why_not(&then, &then, slice_of(item), options, &out);
    arena_done(&arena);
    return buf_slice(buf);
}

static void tells_each_role_in_its_own_words(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        enum audience_role role;
        enum locale locale;
        const char *said;
    } cases[] = {
        {"a", ROLE_AGENT, LOCALE_EN, "a was shown, in slot 1."},
        {"a", ROLE_SHOPPER, LOCALE_FR, "a vous a été montré."},
        {"c", ROLE_MARKETER, LOCALE_EN,
         "c was a candidate, ranked 3 of 4, 0.25 behind the last one shown, b."},
        {"c", ROLE_MARKETER, LOCALE_FR,
         "Ce qui fait l’écart\u00a0: Achetés ensemble −0,17 et Tendances −0,08."},
        {"c", ROLE_SHOPPER, LOCALE_EN, "Other items suited this place better."},
        {"out", ROLE_MARKETER, LOCALE_EN, "That is rule 1 of the placement, “in_stock”."},
        {"out", ROLE_MARKETER, LOCALE_EN, "put it in stock again, or take rule 1 out."},
        {"out", ROLE_AGENT, LOCALE_FR, "C’est une règle de la boutique."},
        {"out", ROLE_SHOPPER, LOCALE_EN, "out was not available."},
        {"other", ROLE_SHOPPER, LOCALE_EN, "other did not belong to this selection."},
        {"other", ROLE_MARKETER, LOCALE_FR,
         "other était proposé et a été écarté\u00a0: hors de la liste retenue."},
        {"unseen", ROLE_MARKETER, LOCALE_EN, "add it to the list of rule 3."},
    };
    struct buf buf;
    buf_init(&buf, 1 << 16);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct shop shop;
        shop_init(&shop);
        struct explain_options options = {.role = cases[i].role, .locale = cases[i].locale};
        assert_holds(why_not(&shop, cases[i].item, &options, &buf), cases[i].said);
    }
    buf_done(&buf);
}

static void tells_of_the_steps_that_proposed_nothing(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1 << 16);
    struct shop shop;
    shop_init(&shop);
    shop.placement.rule_count = 1;
    for (size_t i = 0; i < 6; i++)
        shop.candidates[i].answers[STRATEGY_BOUGHT_TOGETHER] = 0;
    struct explain_options options = {.role = ROLE_MARKETER, .locale = LOCALE_EN};
    struct slice text = why_not(&shop, "unseen", &options, &buf);
    assert_holds(text, "No source of the recipe had proposed unseen.");
    assert_holds(text, "“Bought together” had no item to start from.");
    assert_holds(text, "“Trending” proposed 6 other items.");
    assert_holds(text, "\"today\":{");
    assert_holds(text, "No source of the recipe would propose unseen.");
    shop.evidence.stages_cut = 1 << STRATEGY_BOUGHT_TOGETHER;
    assert_holds(why_not(&shop, "unseen", &options, &buf), "was cut short by the deadline.");
    options.role = ROLE_SHOPPER;
    assert_false(holds(why_not(&shop, "unseen", &options, &buf), "today"));
    buf_done(&buf);
}

/* --- any world -------------------------------------------------------------------------------- */

static void check_item(const struct decide_input *input, const struct outcome *outcome,
                       size_t index, struct slice item, unsigned *counts)
{
    struct arena arena;
    arena_init(&arena);
    const struct decision *decision = &outcome->decisions[index];
    struct standing standing = standing_of(input, outcome, index, item, &arena);
    counts[standing.kind]++;
    bool shown = false;
    for (size_t i = 0; i < decision->shown_count; i++)
        shown = shown || slice_equal(decision->shown[i]->candidate->item, item);
    assert_true(shown == (standing.kind == STANDING_SHOWN));
    if (standing.kind == STANDING_BELOW) {
        double sum = 0;
        for (size_t i = 0; i < standing.scored->contribution_count; i++)
            sum += standing.scored->contributions[i].value;
        assert_true(sum == standing.scored->score);
    }
    if (standing.kind == STANDING_REMOVED && standing.removed != REMOVED_HIDDEN &&
        standing.removed != REMOVED_CALLER && standing.removed != REMOVED_CURRENT)
        assert_non_null(standing.rule);
    arena_done(&arena);
}

static void answers_for_every_item_of_every_world(void **state)
{
    (void)state;
    unsigned counts[STANDING_COUNT] = {0};
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        struct outcome outcome;
        if (seed % 10 == 0 && input.policy->placement_count > 0)
            ((struct placement *)input.policy->placements)[0].stopped = true;
        decide_trim(&input, &arena);
        decide_run(&input, &arena, &outcome);
        for (size_t i = 0; i < outcome.decision_count; i++)
            for (unsigned item = 0; item < 30; item++)
                check_item(&input, &outcome, i, arena_format(&arena, "item-%05u", item), counts);
        arena_done(&arena);
    }
    for (unsigned i = 0; i < STANDING_COUNT; i++)
        if (i != STANDING_FRUITLESS)
            assert_true(counts[i] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_an_item_stood),
        cmocka_unit_test(tells_what_is_not_on_record_from_what_was_not_proposed),
        cmocka_unit_test(blames_no_rule_for_what_no_rule_did),
        cmocka_unit_test(beyond_the_page_budget_an_item_stands_as_for_a_stranger),
        cmocka_unit_test(tells_each_role_in_its_own_words),
        cmocka_unit_test(tells_of_the_steps_that_proposed_nothing),
        cmocka_unit_test(answers_for_every_item_of_every_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
