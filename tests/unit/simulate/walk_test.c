/* Visits through doors of the test's own: the same walk from the same lists, clicks as often as the
 * model says, and what is told in its order. */
#include "test.h"

#include "shop.h"
#include "simulate/walk.h"

#include <math.h>

enum { LIST = 6, DEEDS_MAX = 128 };

/* A shop that shows the same list everywhere, and what happened in it. */
struct counter {
    size_t list[LIST], list_count;
    enum deed_kind deeds[DEEDS_MAX];
    size_t items[DEEDS_MAX], deed_count;
    size_t shown;
    double expected; /* of the first list: the chance that something is clicked */
};

/* Over how far they look: the logit among what they saw. */
static double chance_of_click(const struct walk *walk, const struct counter *counter)
{
    double mass = 0, chance = 0;
    for (size_t k = 0; k < counter->list_count; k++) {
        size_t item = counter->list[k];
        double mission = walk->world->items[item].shelf == walk->mission ? 1.5 : 0;
        bool last = k + 1 == counter->list_count;
        mass += exp(walk->liking[item] + mission +
                    choice_satiation(walk->world, walk->person, item, walk->day));
        chance += pow(CHOICE_LOOKS_ON, (double)k) * (last ? 1 : 1 - CHOICE_LOOKS_ON) * mass /
                  (mass + exp(CHOICE_LEAVE));
    }
    return chance;
}

static void show(void *context, const struct walk *walk, struct slate *out_slate)
{
    struct counter *counter = context;
    if (counter->shown++ == 0)
        counter->expected = chance_of_click(walk, counter);
    for (size_t i = 0; i < counter->list_count; i++)
        out_slate->items[out_slate->count++] = counter->list[i];
    (void)snprintf(out_slate->decision, WALK_DECISION_BYTES, "decision");
}

static void tell(void *context, const struct walk *walk, const struct walk_deed *deed)
{
    struct counter *counter = context;
    (void)walk;
    assert_true(counter->deed_count < DEEDS_MAX);
    counter->items[counter->deed_count] = deed->item;
    counter->deeds[counter->deed_count++] = deed->kind;
}

static struct walk visit(const struct world *world, struct person *person, struct counter *counter)
{
    double liking[WARES];
    struct walk_doors doors = {.context = counter, .show = show, .tell = tell};
    struct walk walk = {.world = world, .person = person, .doors = &doors, .liking = liking};
    walk_visit(&walk);
    walk.liking = NULL;
    walk.doors = NULL;
    return walk;
}

static struct counter listing(size_t first, size_t count)
{
    struct counter counter = {.list_count = count};
    for (size_t i = 0; i < count; i++)
        counter.list[i] = (first + i) % WARES;
    return counter;
}

static void the_same_person_and_lists_give_the_same_walk(void **state)
{
    (void)state;
    struct world world;
    fill_shop(&world, 5);
    size_t other_walks = 0;
    for (uint64_t number = 0; number < 200; number++) {
        struct counter one = listing(0, LIST), two = one, else_where = listing(9, LIST);
        struct person person = person_make(5, number), twin = person, third = person;
        (void)visit(&world, &person, &one);
        (void)visit(&world, &twin, &two);
        (void)visit(&world, &third, &else_where);
        assert_memory_equal(&one, &two, sizeof one);
        other_walks += one.deed_count != else_where.deed_count;
    }
    assert_true(other_walks > 20); /* what is shown matters */
    world_done(&world);
}

static void clicks_come_as_often_as_the_model_says(void **state)
{
    (void)state;
    double expected = 0, variance = 0, clicks = 0;
    struct world world;
    fill_shop(&world, 5);
    for (uint64_t number = 0; number < 8000; number++) {
        struct person person = person_make(5, number);
        struct counter counter = listing((size_t)number % WARES, LIST);
        (void)visit(&world, &person, &counter);
        assert_int_equal(counter.deeds[0], DEED_PAGE);
        assert_int_equal(counter.deeds[1], DEED_LIST_SEEN);
        clicks += counter.deed_count > 2 && counter.deeds[2] == DEED_CLICKED;
        expected += counter.expected;
        variance += counter.expected * (1 - counter.expected);
    }
    assert_true(expected > 400);
    assert_true(fabs(clicks - expected) < 4 * sqrt(variance));
    world_done(&world);
}

/* Each click by the view of what was clicked; answers how much went into the basket. */
static size_t follow(const struct counter *counter)
{
    size_t added = 0;
    for (size_t i = 0; i < counter->deed_count; i++) {
        bool clicked = counter->deeds[i] == DEED_CLICKED;
        assert_true(!clicked || counter->deeds[i + 1] == DEED_VIEWED);
        assert_true(!clicked || counter->items[i + 1] == counter->items[i]);
        added += counter->deeds[i] == DEED_ADDED;
    }
    return added;
}

static void a_click_is_followed_by_its_view_and_an_order_holds_the_basket(void **state)
{
    (void)state;
    struct world world;
    size_t orders = 0;
    fill_shop(&world, 5);
    for (uint64_t number = 0; number < 3000; number++) {
        struct person person = person_make(5, number);
        struct counter counter = listing(0, LIST);
        struct walk walk = visit(&world, &person, &counter);
        size_t added = follow(&counter);
        assert_int_equal(added, walk.basket_count);
        assert_int_equal(walk.ordered, counter.deeds[counter.deed_count - 1] == DEED_ORDERED);
        assert_true(!walk.ordered || added > 0);
        assert_true(walk.choice_count <= WALK_PAGES_MAX);
        orders += walk.ordered;
    }
    assert_true(orders > 50);
    world_done(&world);
}

static void a_shop_that_shows_nothing_is_still_walked_through(void **state)
{
    (void)state;
    struct world world;
    size_t views = 0;
    fill_shop(&world, 5);
    for (uint64_t number = 0; number < 1000; number++) {
        struct person person = person_make(5, number);
        struct counter counter = listing(0, 0);
        views += visit(&world, &person, &counter).choice_count;
        for (size_t i = 0; i < counter.deed_count; i++)
            assert_true(counter.deeds[i] != DEED_LIST_SEEN && counter.deeds[i] != DEED_CLICKED);
    }
    assert_true(views > 50);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_person_and_lists_give_the_same_walk),
        cmocka_unit_test(clicks_come_as_often_as_the_model_says),
        cmocka_unit_test(a_click_is_followed_by_its_view_and_an_order_holds_the_basket),
        cmocka_unit_test(a_shop_that_shows_nothing_is_still_walked_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
