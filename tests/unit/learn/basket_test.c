#include "test.h"

#include "learn/basket.h"
#include "unit/arena.h"

#include <math.h>

static const struct basket_neighbour of_tent[] = {{SLICE_INIT("mat"), 0.5},
                                                  {SLICE_INIT("pegs"), 0.4},
                                                  {SLICE_INIT("tent2"), 0.9},
                                                  {SLICE_INIT("lamp"), 0.3},
                                                  {SLICE_INIT("nothing"), 0}};
static const struct basket_neighbour of_bag[] = {
    {SLICE_INIT("mat"), 0.3}, {SLICE_INIT("tent"), 0.8}, {SLICE_INIT("pillow"), 0.5}};
static const struct basket_line lines[] = {{SLICE_INIT("tent"), of_tent, 5},
                                           {SLICE_INIT("bag"), of_bag, 3}};

static bool is_other_tent(void *context, struct slice basket_item, struct slice candidate)
{
    ++*(int *)context;
    return slice_is(basket_item, "tent") && slice_is(candidate, "tent2");
}

static void what_more_of_the_basket_calls_comes_first(void **state)
{
    (void)state;
    int asked = 0;
    struct basket_question question = {lines, 2, is_other_tent, &asked};
    struct basket_answer answers[10];
    size_t count = basket_complete(&question, 10, &arena, answers);
    static const struct {
        const char *item;
        double score, parts[2];
    } expected[] = {
        {"mat", 0.6, {0.375, 0.225}}, /* (0.5 + 0.3) / 2 × 1.5 */
        {"pillow", 0.25, {0, 0.25}},
        {"pegs", 0.2, {0.2, 0}},
        {"lamp", 0.15, {0.15, 0}},
    };
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_is(answers[i].item, expected[i].item));
        assert_true(fabs(answers[i].score - expected[i].score) < 1e-12);
        assert_true(answers[i].parts[0] + answers[i].parts[1] == answers[i].score);
        for (int j = 0; j < 2; j++)
            assert_true(fabs(answers[i].parts[j] - expected[i].parts[j]) < 1e-12);
    }
    assert_true(asked > 0);
}

static void the_basket_itself_is_no_answer_and_wanted_is_kept(void **state)
{
    (void)state;
    struct basket_question question = {lines, 2, NULL, NULL};
    struct basket_answer answers[2];
    assert_int_equal(basket_complete(&question, 2, &arena, answers), 2);
    assert_true(slice_is(answers[0].item, "mat"));
    assert_true(slice_is(answers[1].item, "tent2"));
    question.line_count = 0;
    assert_int_equal(basket_complete(&question, 2, &arena, answers), 0);
}

static void of_a_long_basket_the_first_items_speak_and_none_is_answered(void **state)
{
    (void)state;
    struct basket_line many[BASKET_ITEMS_MAX + 4];
    struct basket_neighbour last = {SLICE("n19"), 1}, other = {SLICE("x"), 0.5};
    for (size_t i = 0; i < BASKET_ITEMS_MAX + 4; i++)
        many[i] = (struct basket_line){arena_format(&arena, "n%zu", i), i ? &other : &last, 1};
    struct basket_question question = {many, BASKET_ITEMS_MAX + 4, NULL, NULL};
    struct basket_answer answers[4];
    assert_int_equal(basket_complete(&question, 4, &arena, answers), 1);
    assert_true(slice_is(answers[0].item, "x"));
    assert_int_equal(answers[0].votes, BASKET_ITEMS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(what_more_of_the_basket_calls_comes_first),
        IN_AN_ARENA(the_basket_itself_is_no_answer_and_wanted_is_kept),
        IN_AN_ARENA(of_a_long_basket_the_first_items_speak_and_none_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
