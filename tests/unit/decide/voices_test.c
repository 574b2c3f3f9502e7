/* Who called a candidate, and how loudly. */
#include "test.h"

#include "decide/voices.h"

static void rounds_to_a_whole_in_the_order_of_titles(void **state)
{
    (void)state;
    static const struct {
        uint8_t count, titles[VOICES_MAX];
        float said[VOICES_MAX];
        uint8_t rounded_count, rounded_titles[VOICES_MAX];
        float rounded[VOICES_MAX];
    } cases[] = {
        {2, {3, 1}, {0.25F, 0.75F}, 2, {1, 3}, {191, 64}},
        {3, {1, 2, 3}, {1, 1, 1}, 3, {1, 2, 3}, {85, 85, 85}},
        {2, {1, 2}, {1e30F, 1e30F}, 2, {1, 2}, {128, 127}},
        {3, {5, 6, 7}, {1, 1e-6F, 3}, 2, {5, 7}, {64, 191}},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct voices voices = {0};
        for (size_t j = 0; j < cases[i].count; j++)
            voices_add(&voices, cases[i].titles[j], cases[i].said[j]);
        const struct voices *rounded = voices_round(&voices, &arena);
        assert_non_null(rounded);
        assert_int_equal(rounded->count, cases[i].rounded_count);
        for (size_t j = 0; j < rounded->count; j++) {
            assert_int_equal(rounded->titles[j], cases[i].rounded_titles[j]);
            assert_true(rounded->said[j] == cases[i].rounded[j]);
        }
        const struct voices *again = voices_round(rounded, &arena);
        assert_memory_equal(again, rounded, sizeof *again);
    }
    arena_done(&arena);
}

static void keeps_nothing_of_one_voice_alone(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct voices one = {0}, drowned = {0}, alike = {.alike = {0, 100, 155, 0, 0}};
    voices_add(&one, 4, 2);
    voices_add(&drowned, 4, 2);
    voices_add(&drowned, 5, 1e-5F);
    voices_add(&alike, 4, 2);
    assert_null(voices_round(NULL, &arena));
    assert_null(voices_round(&one, &arena));
    assert_null(voices_round(&drowned, &arena));
    assert_int_equal(voices_round(&alike, &arena)->said[0], VOICES_WHOLE);
    arena_done(&arena);
}

static void listens_to_no_more_than_it_may(void **state)
{
    (void)state;
    struct voices voices = {0};
    voices_add(&voices, 0, 1);
    voices_add(&voices, VOICES_TITLES_MAX + 1, 1);
    assert_int_equal(voices.count, 0);
    for (uint8_t i = 1; i < 20; i++)
        voices_add(&voices, i, 1);
    assert_int_equal(voices.count, VOICES_MAX);
}

static void shares_sum_to_the_answer(void **state)
{
    (void)state;
    struct voices voices = {.count = 2, .titles = {2, 5}, .said = {51, 204}};
    struct candidate several = {.because[STRATEGY_BOUGHT_TOGETHER] = 5};
    several.voices[voices_kind(STRATEGY_BOUGHT_TOGETHER)] = &voices;
    struct candidate alone = {.because[STRATEGY_SIMILAR] = 3};
    assert_true(voices_share(&several, STRATEGY_BOUGHT_TOGETHER, 2) == 0.2);
    assert_true(voices_share(&several, STRATEGY_BOUGHT_TOGETHER, 5) == 0.8);
    assert_true(voices_share(&several, STRATEGY_BOUGHT_TOGETHER, 3) == 0);
    assert_true(voices_share(&alone, STRATEGY_SIMILAR, 3) == 1);
    assert_true(voices_share(&alone, STRATEGY_SIMILAR, 0) == 0);
    assert_true(voices_share(&alone, STRATEGY_TRENDING, 3) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_to_a_whole_in_the_order_of_titles),
        cmocka_unit_test(keeps_nothing_of_one_voice_alone),
        cmocka_unit_test(listens_to_no_more_than_it_may),
        cmocka_unit_test(shares_sum_to_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
