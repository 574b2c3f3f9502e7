/* Tastes that are drawn once and for ever, shelves, and people as they should be spread. */
#include "test.h"

#include "shop.h"
#include "simulate/person.h"

#include <math.h>

enum { PEOPLE = 20000 };

static void a_taste_is_normal_over_people_and_always_the_same(void **state)
{
    (void)state;
    struct world world, other;
    fill_shop(&world, 7);
    fill_shop(&other, 8);
    const struct world_trait *trait = &world.items[0].traits[0];
    double sum = 0, squares = 0, across = 0;
    for (uint64_t number = 0; number < PEOPLE; number++) {
        struct person person = person_make(7, number);
        double taste = person_taste(&world, &person, trait) / trait->weight;
        sum += taste;
        squares += taste * taste;
        across += taste * person_taste(&other, &person, trait) / trait->weight;
        assert_true(fabs(taste * trait->weight - person_taste(&world, &person, trait)) < 1e-12);
    }
    assert_true(fabs(sum / PEOPLE) < 0.03); /* four standard errors */
    assert_true(fabs(squares / PEOPLE - 1) < 0.04);
    assert_true(fabs(across / PEOPLE) < 0.03); /* another seed, other people */
    world_done(&world);
    world_done(&other);
}

static void a_shelf_holds_its_category_and_knows_its_usual_price(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 1);
    assert_int_equal(world.item_count, WARES);
    assert_int_equal(world.shelf_count, SHELVES);
    for (size_t s = 0; s < SHELVES; s++) {
        const struct world_shelf *shelf = &world.shelves[s];
        double apart = 0;
        assert_int_equal(shelf->item_count, WARES / SHELVES);
        for (size_t i = 0; i < shelf->item_count; i++) {
            const struct world_item *item = &world.items[shelf->items[i]];
            assert_true(slice_equal(item->category, shelf->category));
            assert_int_equal(item->shelf, s);
            apart += item->dearness;
        }
        assert_true(fabs(apart) < 1e-9);
    }
    world_done(&world);
}

static void only_what_has_a_price_is_sold_and_found(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 1);
    for (size_t i = 0; i < WARES; i++)
        assert_int_equal(world_find(&world, world.items[i].id), i);
    assert_true(world_find(&world, SLICE("ware-99")) == SIZE_MAX);
    struct world_offer offer = {.id = SLICE("gift"), .price_minor = -1};
    assert_null(world_add(&world, &offer));
    world_done(&world);
}

static void beyond_its_limits_an_item_has_no_more_traits_or_sizes(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 1);
    struct world_item *item = &world.items[0];
    for (unsigned i = 0; i < 2 * WORLD_TRAITS_MAX; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "v%u", i);
        world_add_trait(&world, item, SLICE("fabric"), slice_of(value));
    }
    (void)world_add_sizes(&world, item, 1000);
    assert_int_equal(item->trait_count, WORLD_TRAITS_MAX);
    assert_int_equal(item->size_count, WORLD_SIZES_MAX);
    world_done(&world);
}

/* --- people ----------------------------------------------------------------------------------- */

static void people_are_spread_as_the_model_says(void **state)
{
    (void)state;
    double agreements[3] = {0}, attitudes[4] = {0}, budgets = 0;
    for (uint64_t number = 0; number < PEOPLE; number++) {
        struct person person = person_make(3, number);
        agreements[person.agreement] += 1.0 / PEOPLE;
        attitudes[person.attitude] += 1.0 / PEOPLE;
        budgets += person.budget * person.budget / PEOPLE;
        assert_true(person.size >= 0 && person.size < 1);
        assert_true(person.hour >= 7 && person.hour < 22);
    }
    assert_true(fabs(agreements[AGREES] - 0.70) < 0.013);
    assert_true(fabs(agreements[REFUSES] - 0.15) < 0.011);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(attitudes[i] - 0.25) < 0.013);
    assert_true(fabs(sqrt(budgets) - 0.35) < 0.01);
}

static void visits_come_in_order_at_their_rate_and_their_hour(void **state)
{
    (void)state;
    enum { VISITS = 20000 };
    struct person person = person_make(3, 11);
    double from = 20000, day = from, cosine = 0, sine = 0;
    for (size_t i = 0; i < VISITS; i++) {
        person_plan(&person, day);
        assert_true(person.next_day > day);
        day = person.next_day;
        cosine += cos(6.283185307179586 * day);
        sine += sin(6.283185307179586 * day);
    }
    double hour = fmod(atan2(sine, cosine) / 6.283185307179586 * 24 + 24, 24);
    assert_true(fabs(hour - person.hour) < 0.25);
    /* whole days round a gap: a visit is due within the day it falls on, or the next */
    double rate = VISITS / (day - from);
    assert_true(rate > 0.75 * person.visits_per_day && rate < 1.05 * person.visits_per_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taste_is_normal_over_people_and_always_the_same),
        cmocka_unit_test(a_shelf_holds_its_category_and_knows_its_usual_price),
        cmocka_unit_test(only_what_has_a_price_is_sold_and_found),
        cmocka_unit_test(beyond_its_limits_an_item_has_no_more_traits_or_sizes),
        cmocka_unit_test(people_are_spread_as_the_model_says),
        cmocka_unit_test(visits_come_in_order_at_their_rate_and_their_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
