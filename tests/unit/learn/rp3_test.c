/* The item graph of a data set and what is popular in it, by hand. */
#include "test.h"

#include "base/random.h"
#include "learn/rp3.h"

#include <math.h>
#include <stdlib.h>

enum { A, B, C, D, ITEMS };

static double weight(const struct rp3 *rp3, uint32_t from, uint32_t to)
{
    const struct rp3_neighbour *row;
    size_t count = rp3_row(rp3, from, &row);
    for (size_t i = 0; i < count; i++)
        if (row[i].item == to)
            return (double)row[i].weight;
    return 0;
}

static void add_person(struct sequences *people, const uint32_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sequences_push(people, items[i]);
    sequences_end(people);
}

/* Person 0 has A B, person 1 has A B C. */
static struct rp3 *small_graph(double prior)
{
    struct rp3_options options = {.form = {4, 2, prior}, .neighbours = 10, .fading = 1};
    const uint32_t items[] = {A, B, B, A, B, C}; /* once is enough */
    struct sequences people;
    sequences_init(&people);
    add_person(&people, items, 3);
    add_person(&people, items + 3, 3);
    struct rp3 *rp3 = rp3_new(&people, people.count, ITEMS, &options);
    sequences_done(&people);
    return rp3;
}

static void weighs_neighbours_as_rp3beta_does(void **state)
{
    (void)state;
    struct rp3 *plain = small_graph(0), *shrunk = small_graph(3);
    double both = 1 / sqrt(2) + 1 / sqrt(3), one = 1 / sqrt(3), fourth = pow(2, 0.25);
    const struct {
        uint32_t from, to;
        double together, expected;
    } cases[] = {
        {A, B, both, sqrt(2) * fourth},
        {A, C, one, sqrt(2)},
        {C, A, one, fourth},
        {A, A, 0, 1},
        {A, D, 0, 1},
        {D, A, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double together = cases[i].together, expected = cases[i].expected;
        assert_true(fabs(weight(plain, cases[i].from, cases[i].to) - together / expected) < 1e-6);
        assert_true(fabs(weight(shrunk, cases[i].from, cases[i].to) - together / (expected + 3)) <
                    1e-6);
    }
    rp3_free(plain);
    rp3_free(shrunk);
}

static void powers_in_eighths_are_powers(void **state)
{
    (void)state;
    static const double values[] = {0, 1e-6, 0.5, 1, 2, 12345.678};
    for (unsigned eighths = 0; eighths <= RP3_EIGHTHS; eighths++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            double expected = pow(values[i], eighths / 8.0);
            assert_true(fabs(rp3_power(values[i], eighths) - expected) <= 1e-12 * expected);
        }
}

static void a_score_is_the_sum_over_the_persons_items(void **state)
{
    (void)state;
    struct rp3 *rp3 = small_graph(0);
    struct arena arena;
    struct board board;
    const uint32_t items[] = {A, C, C, 77};
    const struct recommend_context context = {items, 4};
    const struct recommend_view all = {0};
    struct score_parts parts = {.arena = &arena};
    arena_init(&arena);
    board_init(&board, ITEMS);
    rp3_kind.score(rp3, &context, &all, &board);
    rp3_kind.explain(rp3, &context, B, &parts);
    assert_true(fabs(board.scores[B] - weight(rp3, A, B) - weight(rp3, C, B)) < 1e-12);
    assert_true(fabs(score_parts_sum(&parts) - board.scores[B]) < 1e-12);
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.all[0].which, C); /* the newest first */
    board_done(&board);
    arena_done(&arena);
    rp3_free(rp3);
}

enum { WORLD_PEOPLE = 200, WORLD_ITEMS = 300, WORLD_TAKEN = 15 };

static void the_order_of_people_changes_nothing(void **state)
{
    (void)state;
    struct random_stream random = random_stream(11);
    static uint32_t taken[WORLD_PEOPLE][WORLD_TAKEN];
    struct rp3_options options = rp3_options_default();
    struct sequences forth, back;
    options.neighbours = 20;
    for (size_t i = 0; i < WORLD_PEOPLE; i++)
        for (size_t j = 0; j < WORLD_TAKEN; j++)
            taken[i][j] = (uint32_t)(random_unit(&random) * random_unit(&random) * WORLD_ITEMS);
    sequences_init(&forth);
    sequences_init(&back);
    for (size_t i = 0; i < WORLD_PEOPLE; i++) {
        add_person(&forth, taken[i], WORLD_TAKEN);
        add_person(&back, taken[WORLD_PEOPLE - 1 - i], WORLD_TAKEN);
    }
    struct rp3 *a = rp3_new(&forth, forth.count, WORLD_ITEMS, &options);
    struct rp3 *b = rp3_new(&back, back.count, WORLD_ITEMS, &options);
    assert_int_equal(a->starts[WORLD_ITEMS], b->starts[WORLD_ITEMS]);
    for (size_t i = 0; i < a->starts[WORLD_ITEMS]; i++) {
        assert_int_equal(a->neighbours[i].item, b->neighbours[i].item);
        assert_true(a->neighbours[i].weight == b->neighbours[i].weight);
    }
    assert_true(rp3_kind.bytes(a) == rp3_kind.bytes(b));
    rp3_free(a);
    rp3_free(b);
    sequences_done(&forth);
    sequences_done(&back);
}

static void a_row_keeps_its_heaviest_neighbours(void **state)
{
    (void)state;
    struct rp3_options options = {.neighbours = 5, .fading = 1};
    struct sequences people;
    sequences_init(&people);
    for (uint32_t item = 1; item <= 40; item++) /* item n shares n people with item 0 */
        for (uint32_t i = 0; i < item; i++)
            add_person(&people, (const uint32_t[]){0, item}, 2);
    struct rp3 *rp3 = rp3_new(&people, people.count, 41, &options);
    const struct rp3_neighbour *row;
    assert_int_equal(rp3_row(rp3, 0, &row), 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(row[i].item, 36 + i);
        assert_true((double)row[i].weight == 36 + i);
    }
    rp3_free(rp3);
    sequences_done(&people);
}

static void a_person_with_too_many_items_teaches_no_more(void **state)
{
    (void)state;
    struct rp3_options options = rp3_options_default();
    struct sequences people;
    sequences_init(&people);
    for (uint32_t i = 0; i <= RP3_PERSON_ITEMS_MAX; i++)
        sequences_push(&people, i);
    sequences_end(&people);
    struct rp3 *rp3 = rp3_new(&people, people.count, RP3_PERSON_ITEMS_MAX + 1, &options);
    assert_int_equal(rp3->pair_count, RP3_PERSON_ITEMS_MAX);
    assert_int_equal(rp3->degrees[RP3_PERSON_ITEMS_MAX], 0);
    rp3_free(rp3);
    sequences_done(&people);
}

static void popular_items_come_by_count_and_hidden_ones_before_the_cut(void **state)
{
    (void)state;
    struct rp3_options options = {.neighbours = 0};
    struct sequences people;
    struct board board;
    struct recommended best[3];
    struct recommended_list list = {best, 0, 3};
    const struct recommend_context nobody = {0};
    const uint64_t hidden = 1u << 2;
    const struct recommend_view view = {&hidden, 4};
    sequences_init(&people);
    for (uint32_t item = 0; item < 6; item++)
        for (uint32_t n = 0; n < (item == 4 ? 3 : item); n++)
            add_person(&people, &item, 1);
    struct rp3 *popular = rp3_new(&people, people.count, 6, &options);
    board_init(&board, 6);
    recommend(&(struct recommender){&popular_kind, popular}, &nobody, &view, &board, &list);
    assert_int_equal(list.count, 3);
    const uint32_t expected[] = {5, 3, 4}; /* 3 and 4 tie: the smaller number first */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(best[i].item, expected[i]);
    list.room = 0;
    recommend(&(struct recommender){&popular_kind, popular}, &nobody, &view, &board, &list);
    assert_int_equal(list.count, 0);
    board_done(&board);
    rp3_free(popular);
    sequences_done(&people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_neighbours_as_rp3beta_does),
        cmocka_unit_test(powers_in_eighths_are_powers),
        cmocka_unit_test(a_score_is_the_sum_over_the_persons_items),
        cmocka_unit_test(the_order_of_people_changes_nothing),
        cmocka_unit_test(a_row_keeps_its_heaviest_neighbours),
        cmocka_unit_test(a_person_with_too_many_items_teaches_no_more),
        cmocka_unit_test(popular_items_come_by_count_and_hidden_ones_before_the_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
