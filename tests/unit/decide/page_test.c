/* The placements of one call: served by priority, so many of them personalised, the rest as for an
 * unknown visitor. */
#include "test.h"

#include "decide/record.h"
#include "told.h"
#include "world.h"

enum { WORLDS = 600 };

/* A world with priorities, hence served in another order than asked. */
static struct decide_input world_page(uint64_t seed, struct arena *arena)
{
    struct decide_input input = world_input(seed, arena);
    struct placement *placements = (struct placement *)input.policy->placements;
    for (size_t i = 0; i < input.policy->placement_count; i++)
        placements[i].priority = (int)((seed + 7 * i) % 3) - 1;
    return input;
}

static void limit(struct decide_input *input, uint64_t seed)
{
    struct policy *policy = (struct policy *)input->policy;
    policy->page = (struct page_budget){seed % 3 != 0, (unsigned)(seed % 4)};
    input->moment.budget = (struct page_budget){seed % 5 == 0, (unsigned)(seed % 2)};
}

static unsigned most_of(const struct decide_input *input)
{
    unsigned most = PLACEMENTS_PER_CALL_MAX;
    if (input->policy->page.limited)
        most = input->policy->page.personalised_max;
    if (input->moment.budget.limited && input->moment.budget.personalised_max < most)
        most = input->moment.budget.personalised_max;
    return most;
}

/* As the api decides: until nobody else is beyond the budget. */
static struct decide_input decided(struct decide_input asked, struct arena *arena,
                                   struct outcome *out_outcome)
{
    struct decide_input input;
    do {
        input = asked;
        decide_trim(&input, arena);
        decide_run(&input, arena, out_outcome);
    } while (page_budget_mark(&asked, out_outcome, arena));
    return input;
}

static void serves_by_priority_and_equals_as_asked(void **state)
{
    (void)state;
    struct placement placements[] = {
        {.id = SLICE("a"), .priority = -1}, {.id = SLICE("b")}, {.id = SLICE("c"), .priority = 5}};
    struct policy policy = {.placements = placements, .placement_count = 3};
    struct wish wishes[] = {{.placement = SLICE("a")},
                            {.placement = SLICE("b")},
                            {.placement = SLICE("unknown")},
                            {.placement = SLICE("c")},
                            {.placement = SLICE("b")}};
    struct decide_input input = {.policy = &policy, .moment = {.wishes = wishes, .wish_count = 5}};
    static const uint8_t expected[] = {3, 1, 2, 4, 0};
    struct serving serving = serving_of(&input);
    assert_memory_equal(serving.order, expected, sizeof expected);
}

static bool is_shown(const struct decision *decision, struct slice item)
{
    for (size_t i = 0; i < decision->shown_count; i++)
        if (slice_equal(decision->shown[i]->candidate->item, item))
            return true;
    return false;
}

/* Does a placement that leaves out what the page shows repeat one that was served before it? */
static void assert_no_repeats(const struct serving *serving, const struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->decision_count; i++) {
        const struct decision *later = &outcome->decisions[serving->order[i]];
        bool page = later->definition && placement_has_rule(later->definition, RULE_EXCLUDE_PAGE);
        for (size_t j = 0; page && j < i; j++) {
            const struct decision *earlier = &outcome->decisions[serving->order[j]];
            for (size_t k = 0; k < later->shown_count; k++)
                assert_false(is_shown(earlier, later->shown[k]->candidate->item));
        }
    }
}

static void personalises_no_more_placements_than_the_smaller_budget(void **state)
{
    (void)state;
    unsigned beyond = 0, personalised_calls = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct outcome outcome;
        struct decide_input asked = world_page(seed, &arena);
        limit(&asked, seed);
        struct decide_input input = decided(asked, &arena, &outcome);
        struct serving serving = serving_of(&input);
        unsigned personalised = 0, most = most_of(&asked);
        for (size_t i = 0; i < outcome.decision_count; i++) {
            size_t index = serving.order[i];
            const struct decision *decision = &outcome.decisions[index];
            const struct wish *wish = &input.moment.wishes[index];
            bool spent = asked.person.personal && personalised >= most;
            assert_int_equal(wish->beyond_budget, spent);
            assert_true(!spent || (!decision->personalised && decision->arm == ARM_NONE));
            if (decision->definition)
                assert_int_equal(slice_is(decision->fallback, "page_budget"), spent);
            personalised += decision->personalised;
            beyond += spent;
        }
        assert_true(personalised <= most);
        personalised_calls += personalised > 0;
        assert_no_repeats(&serving, &outcome);
        arena_done(&arena);
    }
    assert_true(beyond > 100 && personalised_calls > 50);
}

/* Everything of a decision that an answer or an explanation tells, but for fallbacks and ids. */
static void assert_same(const struct decision *one, const struct decision *other)
{
    assert_int_equal(one->shown_count, other->shown_count);
    assert_int_equal(one->all_count, other->all_count);
    assert_int_equal(one->eligible_count, other->eligible_count);
    assert_int_equal(one->person_used, other->person_used);
    for (size_t i = 0; i < one->all_count; i++) {
        const struct scored *left = &one->all[i], *right = &other->all[i];
        assert_true(slice_equal(left->candidate->item, right->candidate->item));
        assert_true(left->score == right->score && left->probability == right->probability);
        assert_int_equal(left->removed, right->removed);
    }
    for (size_t i = 0; i < one->shown_count; i++)
        assert_true(slice_equal(one->shown[i]->candidate->item, other->shown[i]->candidate->item));
}

static void a_placement_beyond_the_budget_is_a_strangers(void **state)
{
    (void)state;
    unsigned compared = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_page(seed, &arena), stranger = unknown_input(&input);
        size_t index = seed % input.moment.wish_count;
        struct wish *wishes = (struct wish *)input.moment.wishes;
        for (size_t i = 0; i < input.moment.wish_count; i++)
            wishes[i].arm = ARM_NONE;
        struct outcome outcome, theirs;
        decide_run(&stranger, &arena, &theirs);
        struct wish *marked = ARENA_ARRAY(&arena, input.moment.wish_count, struct wish);
        memcpy(marked, wishes, input.moment.wish_count * sizeof *marked);
        marked[index].beyond_budget = true;
        input.moment.wishes = marked;
        decide_run(&input, &arena, &outcome);
        const struct decision *decision = &outcome.decisions[index];
        if (decision->definition && input.person.personal &&
            !placement_has_rule(decision->definition, RULE_EXCLUDE_PAGE)) {
            assert_same(decision, &theirs.decisions[index]);
            compared++;
        }
        arena_done(&arena);
    }
    assert_true(compared > 100);
}

static void the_record_replays_it_byte_for_byte(void **state)
{
    (void)state;
    unsigned beyond = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        struct buf packed, one, other;
        arena_init(&arena);
        buf_init(&packed, 1 << 20);
        buf_init(&one, 1 << 24);
        buf_init(&other, 1 << 24);
        struct outcome outcome;
        struct decide_input asked = world_page(seed, &arena);
        limit(&asked, seed);
        struct decision_record record = {.input = decided(asked, &arena, &outcome)}, back;
        decision_record_pack(&record, &packed);
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
        back.input.policy = asked.policy;
        for (size_t i = 0; i < asked.moment.wish_count; i++) {
            bool mark = record.input.moment.wishes[i].beyond_budget;
            assert_int_equal(back.input.moment.wishes[i].beyond_budget, mark);
            beyond += mark;
        }
        assert_true(
            slice_equal(world_answer(&record.input, &one), world_answer(&back.input, &other)));
        buf_done(&packed);
        buf_done(&one);
        buf_done(&other);
        arena_done(&arena);
    }
    assert_true(beyond > 100);
}

static void tells_it_in_both_languages_to_everybody(void **state)
{
    (void)state;
    static const char *const said[ROLE_COUNT][LOCALE_COUNT] = {
        [ROLE_MARKETER] = {"choisi comme pour un visiteur inconnu",
                           "chosen as for an unknown visitor"},
        [ROLE_AGENT] = {"le même que pour un visiteur inconnu", "the same as for an unknown"},
        [ROLE_SHOPPER] = {"tout le monde voit la même chose", "here everybody sees the same"},
    };
    struct arena arena;
    arena_init(&arena);
    struct decide_input input = world_input(2, &arena);
    struct wish *wishes = (struct wish *)input.moment.wishes;
    input.moment.wish_count = 1;
    wishes[0].placement = SLICE("p0");
    wishes[0].beyond_budget = true;
    assert_each_told(&input, said);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_by_priority_and_equals_as_asked),
        cmocka_unit_test(personalises_no_more_placements_than_the_smaller_budget),
        cmocka_unit_test(a_placement_beyond_the_budget_is_a_strangers),
        cmocka_unit_test(the_record_replays_it_byte_for_byte),
        cmocka_unit_test(tells_it_in_both_languages_to_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
