/* How many people there are: exactly for few, by a sample for many. */
#include "unit/test.h"

#include "base/pack.h"
#include "person/identity_rows.h"
#include "person/population.h"
#include "unit/person/world.h"

static struct population count(struct world *world)
{
    struct population population;
    assert_int_equal(population_count(world->people, SHOP, world->now_ms, &population), STATUS_OK);
    return population;
}

static void nobody_is_counted_where_nobody_is(void **state)
{
    (void)state;
    struct world *world = world_new(NULL);
    struct population population = count(world);
    assert_int_equal(population.people, 0);
    assert_int_equal(population.asked, 0);
    assert_false(population.sampled);
    world_free(world);
}

/* Rows as identity writes them, of nodes without links: each is a person. */
static void put_people(struct world *world, uint32_t workspace, size_t from, size_t count)
{
    struct store_batch *batch = store_batch_new();
    for (size_t i = from; i < from + count; i++) {
        char value[32];
        snprintf(value, sizeof value, "device-%zu", i);
        struct identifier_row row = {
            .node = uuid_new(),
            .identifier = {IDENTIFIER_ANONYMOUS, SLICE_NONE, slice_of(value), true},
            .sequence = 1};
        uint8_t key[IDENTIFIER_KEY_BYTES];
        struct buf bytes;
        buf_init(&bytes, 4096);
        identifier_row_pack(&row, &bytes);
        identifier_key(workspace, identifier_hash(world->store, &row.identifier), key);
        store_batch_put(batch, world->store, SPACE_IDENTIFIER, slice_make(key, sizeof key),
                        buf_slice(&bytes));
        buf_done(&bytes);
    }
    assert_int_equal(store_write(world->store, batch, true), STATUS_OK);
    store_batch_free(batch);
}

static void few_are_counted_exactly_and_another_shops_are_not(void **state)
{
    (void)state;
    struct world *world = world_new(NULL);
    put_people(world, SHOP, 0, 700);
    put_people(world, OTHER_SHOP, 0, 50);
    for (unsigned i = 0; i < 5; i++) { /* from wherever the stretch begins */
        struct population population = count(world);
        assert_int_equal(population.people, 700);
        assert_false(population.sampled);
        assert_true(population.levels_sampled);
        assert_int_equal(population.asked, POPULATION_ASKED);
        assert_int_equal(population.levels[0], POPULATION_ASKED);
        assert_int_equal(population.recognised, 0);
    }
    world_free(world);
}

static void many_are_told_by_a_sample_that_says_so(void **state)
{
    (void)state;
    struct world *world = world_new(NULL);
    put_people(world, SHOP, 0, 20000);
    double sum = 0;
    for (unsigned i = 0; i < 5; i++) {
        struct population population = count(world);
        assert_true(population.sampled);
        sum += (double)population.people / 5;
        assert_true(population.people > 17000 && population.people < 23000); /* 2.2 %, six times */
    }
    assert_true(sum > 18500 && sum < 21500);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_counted_where_nobody_is),
        cmocka_unit_test(few_are_counted_exactly_and_another_shops_are_not),
        cmocka_unit_test(many_are_told_by_a_sample_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
