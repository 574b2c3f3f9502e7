/* Orders of things: what moves up, what stays, and that a record gives the same again. */
#include "test.h"

#include "base/buf.h"
#include "decide/explain.h"
#include "decide/record.h"

enum { ENTRIES = 5 };

struct menu {
    struct arena arena;
    struct placement placement;
    struct policy policy;
    struct wish wish;
    struct order_entry entries[ENTRIES];
    struct placement_evidence evidence;
    struct decide_input input;
    struct outcome outcome;
};

static void menu_init(struct menu *menu, const float affinities[ENTRIES],
                      const uint16_t views[ENTRIES])
{
    static const char *const ids[ENTRIES] = {"a", "b", "c", "d", "e"};
    *menu = (struct menu){.wish = {.placement = SLICE("menu")}};
    arena_init(&menu->arena);
    menu->placement = (struct placement){
        .id = SLICE("menu"), .name = SLICE("Menu"), .kind = PLACEMENT_ORDER, .moves = 2};
    menu->policy =
        (struct policy){.version = 3, .placements = &menu->placement, .placement_count = 1};
    for (size_t i = 0; i < ENTRIES; i++)
        menu->entries[i] = (struct order_entry){slice_of(ids[i]), affinities[i], views[i]};
    menu->evidence = (struct placement_evidence){.order = menu->entries, .order_count = ENTRIES};
    menu->input = (struct decide_input){.moment = {.wishes = &menu->wish, .wish_count = 1},
                                        .person = {.personal = true, .basis = SLICE("granted")},
                                        .policy = &menu->policy,
                                        .evidence = &menu->evidence};
}

static struct slice answer_of(struct menu *menu, const struct decide_input *input)
{
    struct buf buf;
    buf_init(&buf, 1 << 16);
    decide_run(input, &menu->arena, &menu->outcome);
    decide_write_answer(input, &menu->outcome, &buf);
    struct slice answer = arena_copy(&menu->arena, buf_slice(&buf));
    buf_done(&buf);
    return answer;
}

static void assert_order(struct menu *menu, const char *expected)
{
    struct slice answer = answer_of(menu, &menu->input);
    const char *at = memmem(answer.data, answer.size, "\"order\":[", 9);
    assert_non_null(at);
    for (size_t i = 0; i < ENTRIES; i++)
        assert_int_equal(at[10 + 4 * i], expected[i]);
}

static void what_is_visited_most_moves_up_and_the_rest_stays(void **state)
{
    (void)state;
    static const struct {
        float affinities[ENTRIES];
        uint16_t views[ENTRIES];
        unsigned moves;
        const char *order;
    } cases[] = {
        {{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, 2, "abcde"},
        {{0, 0, 0, 5, 0}, {0, 0, 0, 0, 0}, 2, "dabce"},
        {{0, 0, 0, 0, 0}, {0, 0, 0, 0, 3}, 2, "eabcd"},
        {{0, 0, 1, 5, 3}, {0, 0, 0, 0, 0}, 2, "deabc"}, /* two moves, not three */
        {{0, 0, 1, 5, 3}, {0, 0, 0, 0, 0}, 3, "decab"},
        {{5, 0, 0, 0, 3}, {0, 0, 0, 0, 0}, 1, "aebcd"},    /* in its place it costs no move */
        {{4, 0, 0, 0, 4.5F}, {0, 0, 0, 0, 0}, 1, "aebcd"}, /* a little more does not pass */
        {{4, 0, 0, 0, 4}, {0, 0, 0, 0, 2}, 1, "eabcd"},
        {{0, 2, 0, 2, 0}, {0, 0, 0, 0, 0}, 2, "bdace"}, /* of equals the shop's first */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct menu menu;
        menu_init(&menu, cases[i].affinities, cases[i].views);
        menu.placement.moves = cases[i].moves;
        assert_order(&menu, cases[i].order);
        bool moved = strcmp(cases[i].order, "abcde") != 0;
        assert_int_equal(menu.outcome.decisions[0].personalised, moved);
        arena_done(&menu.arena);
    }
}

static void nobody_known_and_nobody_held_out_has_an_order_of_their_own(void **state)
{
    (void)state;
    static const float affinities[ENTRIES] = {0, 0, 0, 0, 9};
    static const uint16_t views[ENTRIES] = {0};
    struct menu menu, stranger;
    menu_init(&menu, affinities, views);
    menu_init(&stranger, (float[ENTRIES]){0}, views);
    menu.input.person.personal = false;
    stranger.input.person = (struct decide_person){.basis = SLICE("unknown")};
    assert_true(slice_equal(answer_of(&menu, &menu.input), answer_of(&stranger, &stranger.input)));
    menu.input.person.personal = true;
    menu.wish.arm = ARM_HOLDOUT;
    menu.wish.arm_share = 0.1;
    assert_order(&menu, "abcde");
    assert_true(slice_is(menu.outcome.decisions[0].fallback, "holdout"));
    arena_done(&stranger.arena);
    arena_done(&menu.arena);
}

static void a_record_gives_the_same_order_and_words_again(void **state)
{
    (void)state;
    static const float affinities[ENTRIES] = {0, 1, 0, 4, 0};
    static const uint16_t views[ENTRIES] = {0, 0, 2, 1, 0};
    struct menu menu;
    struct buf bytes;
    buf_init(&bytes, 1 << 16);
    menu_init(&menu, affinities, views);
    menu.input.moment.explain = true;
    decide_trim(&menu.input, &menu.arena);
    struct slice answer = answer_of(&menu, &menu.input);
    decision_record_pack(&(struct decision_record){.input = menu.input, .policy_version = 3},
                         &bytes);
    struct decision_record record;
    assert_int_equal(decision_record_unpack(buf_slice(&bytes), &menu.arena, &record), STATUS_OK);
    record.input.policy = &menu.policy;
    assert_true(slice_equal(answer, answer_of(&menu, &record.input)));
    for (size_t size = 0; size < bytes.size; size++) {
        struct decision_record cut;
        assert_int_equal(
            decision_record_unpack(slice_first(buf_slice(&bytes), size), &menu.arena, &cut),
            STATUS_CORRUPT);
    }
    assert_non_null(memmem(answer.data, answer.size, "remonte plus haut", 17));
    assert_non_null(memmem(answer.data, answer.size, "\"shopPlace\":4", 13));
    buf_done(&bytes);
    arena_done(&menu.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_visited_most_moves_up_and_the_rest_stays),
        cmocka_unit_test(nobody_known_and_nobody_held_out_has_an_order_of_their_own),
        cmocka_unit_test(a_record_gives_the_same_order_and_words_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
