/* Choices against their closed forms; satiation and repurchase against their definitions. */
#include "test.h"

#include "shop.h"
#include "simulate/choice.h"

#include <math.h>

enum { DRAWS = 40000 };

/* Pearson's sum; expected as shares that add to 1. */
static double chi_square(const size_t *counts, const double *shares, size_t count, size_t draws)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double expected = shares[i] * (double)draws, apart = (double)counts[i] - expected;
        sum += apart * apart / expected;
    }
    return sum;
}

static void shares_of_choices_are_those_of_the_logit(void **state)
{
    (void)state;
    static const struct {
        double utilities[4], leave;
        size_t count;
    } cases[] = {{{0, 1, 2, -1}, 1, 4}, {{3, 3, 3, 3}, 4, 4}, {{-2, 5}, 4, 2}, {{0}, 0, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct random_stream stream = random_stream(c + 1);
        size_t counts[5] = {0};
        double shares[5], mass = exp(cases[c].leave);
        for (size_t i = 0; i < cases[c].count; i++)
            mass += exp(cases[c].utilities[i]);
        for (size_t i = 0; i < cases[c].count; i++)
            shares[i] = exp(cases[c].utilities[i]) / mass;
        shares[cases[c].count] = exp(cases[c].leave) / mass;
        for (size_t i = 0; i < DRAWS; i++) {
            int chosen = choice_draw(&stream, cases[c].utilities, cases[c].count, cases[c].leave);
            counts[chosen == CHOICE_NONE ? cases[c].count : (size_t)chosen]++;
        }
        /* 18.47: 4 degrees of freedom at p = 0.001 */
        assert_true(chi_square(counts, shares, cases[c].count + 1, DRAWS) < 18.47);
    }
}

static void a_choice_among_nothing_leaves(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(1);
    assert_int_equal(choice_draw(&stream, NULL, 0, CHOICE_LEAVE), CHOICE_NONE);
    assert_int_equal(choice_examine(&stream, 0), 0);
}

static void position_k_is_looked_at_with_the_kth_power(void **state)
{
    (void)state;
    enum { LIST = 8 };
    struct random_stream stream = random_stream(3);
    size_t depths[LIST] = {0};
    double shares[LIST];
    for (size_t k = 0; k < LIST; k++)
        shares[k] = pow(CHOICE_LOOKS_ON, (double)k) * (k + 1 < LIST ? 1 - CHOICE_LOOKS_ON : 1);
    for (size_t i = 0; i < DRAWS; i++) {
        size_t examined = choice_examine(&stream, LIST);
        assert_in_range(examined, 1, LIST);
        depths[examined - 1]++;
    }
    assert_true(chi_square(depths, shares, LIST, DRAWS) < 24.32); /* 7 degrees, p = 0.001 */
}

/* --- what an item is worth -------------------------------------------------------------------- */

static void a_discount_moves_two_of_the_four_attitudes(void **state)
{
    (void)state;
    static const struct {
        enum attitude attitude;
        double expected; /* of 25% off */
    } cases[] = {{ATTITUDE_PERSUADABLE, 1.5},
                 {ATTITUDE_SURE_THING, 0},
                 {ATTITUDE_LOST_CAUSE, 0},
                 {ATTITUDE_PUT_OFF, -1}};
    struct world world;
    fill_shop(&world, 1);
    struct world_item full = world.items[0], cut = full;
    cut.price_minor = full.price_minor = 3000;
    cut.list_price_minor = 4000;
    full.list_price_minor = 3000;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct person person = person_make(1, 5);
        person.attitude = cases[i].attitude;
        double moved = choice_liking(&world, &person, &cut) - choice_liking(&world, &person, &full);
        assert_true(fabs(moved - cases[i].expected) < 1e-9);
    }
    world_done(&world);
}

static void what_is_not_there_in_their_size_is_not_wanted(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 1);
    struct world_item *item = &world.items[0];
    struct person person = person_make(1, 5);
    double without = choice_liking(&world, &person, item);
    struct world_size *sizes = world_add_sizes(&world, item, 4);
    for (size_t i = 0; i < 4; i++)
        sizes[i].available = i != 2;
    person.size = 0.3;
    assert_ptr_equal(choice_size(&person, item), &sizes[1]);
    assert_true(fabs(choice_liking(&world, &person, item) - without) < 1e-9);
    person.size = 0.6;
    assert_ptr_equal(choice_size(&person, item), &sizes[2]);
    assert_true(fabs(without - choice_liking(&world, &person, item) - 6) < 1e-9);
    world_done(&world);
}

static void who_was_shown_something_is_sated_by_half_every_three_days(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 1);
    struct person person = person_make(1, 5);
    assert_true(fabs(choice_satiation(&world, &person, 0, 100)) < 1e-9);
    person_saw(&person, 0, 100);
    assert_true(fabs(choice_satiation(&world, &person, 0, 100) + 0.6) < 1e-9);
    assert_true(fabs(choice_satiation(&world, &person, 0, 103) + 0.3) < 1e-9);
    assert_true(fabs(choice_satiation(&world, &person, 1, 100)) < 1e-9);
    person_saw(&person, 0, 103);
    assert_true(fabs(choice_satiation(&world, &person, 0, 103) + 0.9) < 1e-9);
    world_done(&world);
}

static void what_lasts_sates_its_shelf_and_what_is_used_up_is_due_again(void **state)
{
    (void)state;
    static const struct {
        double need_days, days;
        bool same; /* the thing itself, else another of its shelf */
        double expected;
    } cases[] = {
        {0, 0, true, -5},  {0, 0, false, -2},  {0, 60, true, -2.5}, {0, 120, false, -0.5},
        {30, 0, true, -3}, {30, 20, true, -3}, {30, 22, true, 2.5}, {30, 59, true, 2.5},
        {30, 61, true, 0}, {30, 1, false, 0},  {14, 9, true, -3},   {14, 10, true, 2.5},
    };
    struct world world;
    fill_shop(&world, 1);
    size_t bought = world.shelves[0].items[0], beside = world.shelves[0].items[1];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct person person = person_make(1, 5);
        world.shelves[0].need_days = cases[i].need_days;
        person_bought(&person, bought, 100);
        double found =
            choice_satiation(&world, &person, cases[i].same ? bought : beside, 100 + cases[i].days);
        assert_true(fabs(found - cases[i].expected) < 1e-9);
        assert_true(fabs(choice_satiation(&world, &person, world.shelves[1].items[0], 100)) < 1e-9);
    }
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_choices_are_those_of_the_logit),
        cmocka_unit_test(a_choice_among_nothing_leaves),
        cmocka_unit_test(position_k_is_looked_at_with_the_kth_power),
        cmocka_unit_test(a_discount_moves_two_of_the_four_attitudes),
        cmocka_unit_test(what_is_not_there_in_their_size_is_not_wanted),
        cmocka_unit_test(who_was_shown_something_is_sated_by_half_every_three_days),
        cmocka_unit_test(what_lasts_sates_its_shelf_and_what_is_used_up_is_due_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
