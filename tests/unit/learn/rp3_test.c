/* The item graph, popularity and the choice of the best: by hand, and grown against built. */
#include "test.h"

#include "base/random.h"
#include "learn/popular.h"
#include "learn/rp3.h"

#include <math.h>
#include <stdlib.h>

enum { A, B, C, D };

static double weight(const struct rp3_snapshot *snapshot, uint32_t from, uint32_t to)
{
    const struct rp3_neighbour *row;
    size_t count = rp3_row(snapshot, from, &row);
    for (size_t i = 0; i < count; i++)
        if (row[i].item == to)
            return (double)row[i].weight;
    return 0;
}

/* Person 0 has A B, person 1 has A B C. */
static struct rp3_graph *small_graph(void)
{
    struct rp3_options options = {.alpha = 0.5, .beta = 0.25, .neighbours = 10, .fading = 1};
    struct rp3_graph *graph = rp3_graph_new(&options);
    const uint32_t pairs[][2] = {{0, A}, {0, B}, {1, A}, {1, B}, {1, C}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_true(rp3_graph_add(graph, pairs[i][0], pairs[i][1]));
    return graph;
}

static void weighs_neighbours_as_rp3beta_does(void **state)
{
    (void)state;
    struct rp3_graph *graph = small_graph();
    struct rp3_snapshot *snapshot;
    assert_false(rp3_graph_add(graph, 0, A)); /* once is enough */
    assert_true(rp3_publish(graph, 0, &snapshot));
    double both = 1 / sqrt(2) + 1 / sqrt(3), one = 1 / sqrt(3);
    const struct {
        uint32_t from, to;
        double expected;
    } cases[] = {
        {A, B, both / sqrt(2) / pow(2, 0.25)},
        {A, C, one / sqrt(2)},
        {C, A, one / pow(2, 0.25)},
        {A, A, 0},
        {A, D, 0},
        {D, A, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(fabs(weight(snapshot, cases[i].from, cases[i].to) - cases[i].expected) < 1e-6);
    rp3_snapshot_unref(snapshot);
    rp3_graph_free(graph);
}

static void a_score_is_the_sum_over_the_persons_items(void **state)
{
    (void)state;
    struct rp3_graph *graph = small_graph();
    struct rp3_snapshot *snapshot;
    struct arena arena;
    struct board board;
    const uint32_t items[] = {A, C, C, 77};
    const struct recommend_context context = {items, 4};
    const struct recommend_view all = {0};
    struct score_parts parts = {.arena = &arena};
    arena_init(&arena);
    board_init(&board, 4);
    (void)rp3_publish(graph, 0, &snapshot);
    rp3_kind.score(snapshot, &context, &all, &board);
    rp3_kind.explain(snapshot, &context, B, &parts);
    assert_true(fabs(board.scores[B] - weight(snapshot, A, B) - weight(snapshot, C, B)) < 1e-12);
    assert_true(fabs(score_parts_sum(&parts) - board.scores[B]) < 1e-12);
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.all[0].which, C); /* the newest first */
    board_done(&board);
    arena_done(&arena);
    rp3_snapshot_unref(snapshot);
    rp3_graph_free(graph);
}

static void assert_same_rows(const struct rp3_snapshot *a, const struct rp3_snapshot *b)
{
    assert_int_equal(a->item_count, b->item_count);
    for (uint32_t i = 0; i < a->item_count; i++) {
        const struct rp3_neighbour *row_a, *row_b;
        size_t count = rp3_row(a, i, &row_a);
        assert_int_equal(rp3_row(b, i, &row_b), count);
        for (size_t n = 0; n < count; n++) {
            assert_int_equal(row_a[n].item, row_b[n].item);
            assert_true(row_a[n].weight == row_b[n].weight);
        }
    }
}

enum { PAIRS = 3000, ITEMS = 300, PEOPLE = 200 };

static void a_graph_grown_event_by_event_equals_one_built_at_once(void **state)
{
    (void)state;
    struct random_stream random = random_stream(11);
    static uint32_t pairs[PAIRS][2];
    struct rp3_options options = rp3_options_default();
    options.neighbours = 20;
    struct rp3_graph *grown = rp3_graph_new(&options), *built = rp3_graph_new(&options);
    struct rp3_snapshot *a, *b;
    for (size_t i = 0; i < PAIRS; i++) {
        pairs[i][0] = (uint32_t)random_below(&random, PEOPLE);
        pairs[i][1] = (uint32_t)(random_unit(&random) * random_unit(&random) * ITEMS);
        rp3_graph_add(grown, pairs[i][0], pairs[i][1]);
        if (i % 100 == 0) {
            (void)rp3_publish(grown, 500, &a);
            rp3_snapshot_unref(a);
        }
    }
    for (size_t i = PAIRS; i-- > 0;) /* and in another order */
        rp3_graph_add(built, pairs[i][0], pairs[i][1]);
    rp3_refresh_all(grown);
    assert_true(rp3_publish(grown, 0, &a));
    assert_true(rp3_publish(built, 0, &b));
    assert_same_rows(a, b);
    assert_true(rp3_kind.bytes(a) == rp3_kind.bytes(b));
    rp3_snapshot_unref(a);
    rp3_snapshot_unref(b);
    rp3_graph_free(grown);
    rp3_graph_free(built);
}

static void publishes_in_portions_and_leaves_older_snapshots_alone(void **state)
{
    (void)state;
    struct rp3_options options = rp3_options_default();
    struct rp3_graph *graph = rp3_graph_new(&options);
    struct rp3_snapshot *before, *after;
    for (uint32_t i = 0; i < 1000; i++)
        rp3_graph_add(graph, i / 10, i % 500);
    (void)rp3_publish(graph, 0, &before);
    double was = weight(before, 0, 1);
    rp3_graph_add(graph, 500, 0);
    rp3_graph_add(graph, 500, 499);
    unsigned portions = 1;
    while (!rp3_publish(graph, 1, &after)) {
        rp3_snapshot_unref(after);
        portions++;
    }
    assert_int_equal(portions, 2); /* the pages of the two items */
    assert_true(weight(before, 0, 1) == was && weight(before, 0, 499) == 0);
    assert_true(weight(after, 0, 499) > 0 && weight(after, 499, 0) > 0);
    assert_ptr_equal(before->pages[10], after->pages[10]);
    rp3_snapshot_unref(before);
    rp3_graph_free(graph);
    assert_true(weight(after, 0, 499) > 0); /* outlives the graph */
    rp3_snapshot_unref(after);
}

static void a_row_keeps_its_heaviest_neighbours(void **state)
{
    (void)state;
    struct rp3_options options = {.alpha = 0, .beta = 0, .neighbours = 5, .fading = 1};
    struct rp3_graph *graph = rp3_graph_new(&options);
    struct rp3_snapshot *snapshot;
    uint32_t person = 0;
    for (uint32_t item = 1; item <= 40; item++) /* item n shares n people with item 0 */
        for (uint32_t i = 0; i < item; i++, person++) {
            rp3_graph_add(graph, person, 0);
            rp3_graph_add(graph, person, item);
        }
    (void)rp3_publish(graph, 0, &snapshot);
    const struct rp3_neighbour *row;
    assert_int_equal(rp3_row(snapshot, 0, &row), 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(row[i].item, 36 + i);
        assert_true((double)row[i].weight == 36 + i);
    }
    rp3_snapshot_unref(snapshot);
    rp3_graph_free(graph);
}

static void a_person_with_too_many_items_teaches_no_more(void **state)
{
    (void)state;
    struct rp3_options options = rp3_options_default();
    struct rp3_graph *graph = rp3_graph_new(&options);
    for (uint32_t i = 0; i < RP3_PERSON_ITEMS_MAX; i++)
        assert_true(rp3_graph_add(graph, 0, i));
    assert_false(rp3_graph_add(graph, 0, RP3_PERSON_ITEMS_MAX));
    assert_true(rp3_graph_bytes(graph) > 2 * sizeof(uint32_t) * RP3_PERSON_ITEMS_MAX);
    rp3_graph_free(graph);
}

static void popular_items_come_by_count_and_hidden_ones_before_the_cut(void **state)
{
    (void)state;
    struct popular_counts counts;
    struct board board;
    struct recommended best[3];
    struct recommended_list list = {best, 0, 3};
    const struct recommend_context nobody = {0};
    const uint64_t hidden = 1u << 2;
    const struct recommend_view view = {&hidden, 4};
    popular_counts_init(&counts);
    for (uint32_t item = 0; item < 6; item++)
        for (uint32_t n = 0; n < (item == 4 ? 3 : item); n++)
            popular_count(&counts, item);
    struct popular *popular = popular_new(&counts);
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
    popular_free(popular);
    popular_counts_done(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_neighbours_as_rp3beta_does),
        cmocka_unit_test(a_score_is_the_sum_over_the_persons_items),
        cmocka_unit_test(a_graph_grown_event_by_event_equals_one_built_at_once),
        cmocka_unit_test(publishes_in_portions_and_leaves_older_snapshots_alone),
        cmocka_unit_test(a_row_keeps_its_heaviest_neighbours),
        cmocka_unit_test(a_person_with_too_many_items_teaches_no_more),
        cmocka_unit_test(popular_items_come_by_count_and_hidden_ones_before_the_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
