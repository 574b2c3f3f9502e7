/* The session index, vmis and rules: by hand, by halves, and while sessions come in. */
#include "test.h"

#include "base/random.h"
#include "learn/rules.h"
#include "learn/vmis.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { A, B, C, D, E, ITEMS = 64 };

static void add(struct session_index *index, uint32_t count, const uint32_t *items)
{
    session_index_add(index, items, count);
}
#define ADD(index, ...)                                                                            \
    add(index, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (uint32_t[]){__VA_ARGS__})
#define CONTEXT(...)                                                                               \
    ((struct recommend_context){(uint32_t[]){__VA_ARGS__},                                         \
                                sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)})

static double score_of(struct recommender recommender, struct recommend_context context,
                       uint32_t item)
{
    struct board board;
    const struct recommend_view all = {0};
    board_init(&board, ITEMS);
    recommender.kind->score(recommender.model, &context, &all, &board);
    double score = board.scores[item];
    board_done(&board);
    return score;
}

static double sum_of_parts(struct recommender recommender, struct recommend_context context,
                           uint32_t item)
{
    struct arena arena;
    arena_init(&arena);
    struct score_parts parts = {.arena = &arena};
    recommender.kind->explain(recommender.model, &context, item, &parts);
    double sum = score_parts_sum(&parts);
    arena_done(&arena);
    return sum;
}

static struct vmis_options plain_options(void)
{
    return (struct vmis_options){.window = 10,
                                 .per_item = 100,
                                 .neighbours = 100,
                                 .position_decay = 2,
                                 .match_decay = 4,
                                 .distance_decay = 1,
                                 .ageing = 0.5,
                                 .again = 0};
}

static void an_item_has_its_sessions_newest_first(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(1000);
    for (uint32_t i = 0; i < 100; i++)
        ADD(index, i % 2 ? A : B, C, C);
    const struct session_view *view = session_index_pin(index);
    struct session_cursor cursor;
    assert_int_equal(session_cursor_init(&cursor, view, C, 1000), 100);
    for (uint32_t expected = 100; cursor.left; session_cursor_next(&cursor)) {
        assert_int_equal(cursor.session, --expected);
        assert_int_equal(cursor.length, 3);
    }
    assert_int_equal(session_cursor_init(&cursor, view, A, 7), 50);
    assert_int_equal(cursor.left, 7);
    assert_int_equal(cursor.session, 99);
    assert_int_equal(session_cursor_init(&cursor, view, D, 7), 0);
    assert_int_equal(session_cursor_init(&cursor, view, RECOMMEND_NO_ITEM, 7), 0);
    assert_true(fabs(view->again_share - 0.5) < 1e-12); /* of A C C: one step of two */
    session_view_unref(view);
    session_index_free(index);
}

static void a_view_never_changes(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(1000);
    ADD(index, A, B);
    ADD(index, A, C);
    const struct session_view *view = session_index_pin(index);
    struct vmis vmis;
    struct vmis_options options = plain_options();
    vmis_init(&vmis, view, &options);
    struct recommender recommender = {&vmis_kind, &vmis};
    double before = score_of(recommender, CONTEXT(A), B);
    for (int i = 0; i < 600; i++)
        ADD(index, A, B, D);
    assert_true(before > 0);
    assert_true(score_of(recommender, CONTEXT(A), B) == before);
    assert_true(score_of(recommender, CONTEXT(A), D) == 0);
    session_view_unref(view);
    session_index_free(index);
}

/* Two sessions: 0 is B A C, 1 is A D. Live: B, then A. N = 2.
 * A: 2 sessions, idf ln(3/3); B: 1 session, idf ln(3/2); each with 0.001 added. */
static void vmis_scores_as_its_formula_says(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(10);
    ADD(index, B, A, C);
    ADD(index, A, D);
    const struct session_view *view = session_index_pin(index);
    struct vmis vmis;
    struct vmis_options options = plain_options();
    vmis_init(&vmis, view, &options);
    struct recommender recommender = {&vmis_kind, &vmis};
    double rare = sqrt(log(1.5) + 0.001); /* in one session of two */
    double weight_a = sqrt(0.001), weight_b = exp(-0.5) * rare;
    double sim_0 = pow(weight_a + weight_b, 1.5) / pow(3, 0.25) * (1 - 0.5 * 1 / 2);
    double sim_1 = pow(weight_a, 1.5) / pow(2, 0.25);
    const struct {
        uint32_t item;
        double expected;
    } cases[] = {
        {A, 0},                      /* where both meet the visit: nobody came back */
        {B, sim_0 * exp(-1) * rare}, /* one step before A */
        {C, sim_0 * exp(-1) * rare}, /* one step after A */
        {D, sim_1 * exp(-1) * rare},
        {E, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double score = score_of(recommender, CONTEXT(B, A), cases[i].item);
        assert_true(fabs(score - cases[i].expected) < 1e-12);
        assert_true(fabs(sum_of_parts(recommender, CONTEXT(B, A), cases[i].item) - score) < 1e-12);
    }
    options.again = 0.25;
    vmis_init(&vmis, view, &options);
    assert_true(fabs(score_of(recommender, CONTEXT(A), A) -
                     0.25 * weight_a * sqrt(weight_a) * weight_a *
                         (1 / pow(2, 0.25) + 0.75 / pow(3, 0.25))) < 1e-12);
    session_view_unref(view);
    session_index_free(index);
}

static void only_the_nearest_neighbours_vote_the_newer_first(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(10);
    ADD(index, A, B);
    ADD(index, A, C);
    ADD(index, A, D);
    const struct session_view *view = session_index_pin(index);
    struct vmis vmis;
    struct vmis_options options = plain_options();
    options.ageing = 0;
    options.neighbours = 2;
    vmis_init(&vmis, view, &options);
    struct recommender recommender = {&vmis_kind, &vmis};
    assert_true(score_of(recommender, CONTEXT(A), B) == 0);
    assert_true(score_of(recommender, CONTEXT(A), C) > 0);
    options.neighbours = 100;
    options.per_item = 1;
    vmis_init(&vmis, view, &options);
    assert_true(score_of(recommender, CONTEXT(A), C) == 0);
    assert_true(score_of(recommender, CONTEXT(A), D) > 0);
    session_view_unref(view);
    session_index_free(index);
}

static void rules_count_what_follows_by_distance(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(10);
    ADD(index, A, B, C, A, D);
    ADD(index, C, A, A);
    const struct session_view *view = session_index_pin(index);
    struct rules rules;
    rules_init(&rules, view);
    struct recommender recommender = {&rules_kind, &rules};
    const struct {
        uint32_t item;
        double expected;
    } cases[] = {{B, 1}, {C, 0.5}, {A, 1.0 / 3 + 1}, {D, 0.25 + 1}, {E, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double score = score_of(recommender, CONTEXT(D, A), cases[i].item);
        assert_true(fabs(score - cases[i].expected) < 1e-12);
        assert_true(fabs(sum_of_parts(recommender, CONTEXT(D, A), cases[i].item) - score) < 1e-12);
    }
    /* an item that no session knows leaves the word to the one before it */
    assert_true(score_of(recommender, CONTEXT(A, E), B) == 1);
    assert_true(score_of(recommender, CONTEXT(E), B) == 0);
    session_view_unref(view);
    session_index_free(index);
}

static uint32_t random_session(struct random_stream *random, uint32_t *out_items)
{
    uint32_t count = 1 + (uint32_t)random_below(random, 8);
    for (uint32_t i = 0; i < count; i++)
        out_items[i] = (uint32_t)(random_below(random, 8) * random_below(random, 8));
    return count;
}

/* One by one with views pinned in between answers like all at once. */
static void sessions_one_by_one_answer_like_all_at_once(void **state)
{
    (void)state;
    struct random_stream random = random_stream(7);
    struct session_index *grown = session_index_new(500), *built = session_index_new(500);
    static uint32_t all[500][8], counts[500];
    for (uint32_t i = 0; i < 500; i++)
        counts[i] = random_session(&random, all[i]);
    for (uint32_t i = 0; i < 500; i++) {
        session_index_add(grown, all[i], counts[i]);
        if (i % 7 == 0)
            session_view_unref(session_index_pin(grown));
    }
    for (uint32_t i = 0; i < 500; i++)
        session_index_add(built, all[i], counts[i]);
    const struct session_view *a = session_index_pin(grown), *b = session_index_pin(built);
    assert_int_equal(a->session_count, b->session_count);
    struct vmis vmis_a, vmis_b;
    struct vmis_options options = vmis_options_default();
    vmis_init(&vmis_a, a, &options);
    vmis_init(&vmis_b, b, &options);
    for (uint32_t i = 0; i < 50; i++)
        for (uint32_t item = 0; item < 50; item++)
            assert_true(score_of((struct recommender){&vmis_kind, &vmis_a},
                                 (struct recommend_context){all[i], counts[i]}, item) ==
                        score_of((struct recommender){&vmis_kind, &vmis_b},
                                 (struct recommend_context){all[i], counts[i]}, item));
    session_view_unref(a);
    session_view_unref(b);
    session_index_free(grown);
    session_index_free(built);
}

static void long_sessions_keep_their_newest_items(void **state)
{
    (void)state;
    uint32_t items[SESSION_ITEMS_MAX + 5];
    for (uint32_t i = 0; i < SESSION_ITEMS_MAX + 5; i++)
        items[i] = i;
    struct session_index *index = session_index_new(10);
    session_index_add(index, items, 0);
    session_index_add(index, items, SESSION_ITEMS_MAX + 5);
    const struct session_view *view = session_index_pin(index);
    assert_int_equal(view->session_count, 1);
    assert_int_equal(session_at(view, 0).count, SESSION_ITEMS_MAX);
    assert_int_equal(session_at(view, 0).items[0], 5);
    session_view_unref(view);
    session_index_free(index);
}

struct watch {
    const struct session_view *view;
    double expected;
    unsigned wrong;
};

static void *ask_again_and_again(void *argument)
{
    struct watch *watch = argument;
    struct vmis vmis;
    struct vmis_options options = plain_options();
    vmis_init(&vmis, watch->view, &options);
    for (int i = 0; i < 200; i++)
        watch->wrong +=
            score_of((struct recommender){&vmis_kind, &vmis}, CONTEXT(A), B) != watch->expected;
    session_view_unref(watch->view);
    return NULL;
}

static void readers_see_their_view_while_sessions_come_in(void **state)
{
    (void)state;
    struct session_index *index = session_index_new(20000);
    for (int i = 0; i < 20; i++)
        ADD(index, A, B);
    struct watch watch = {.view = session_index_pin(index)};
    struct vmis vmis;
    struct vmis_options options = plain_options();
    vmis_init(&vmis, watch.view, &options);
    watch.expected = score_of((struct recommender){&vmis_kind, &vmis}, CONTEXT(A), B);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_again_and_again, &watch), 0);
    for (int i = 0; i < 10000; i++)
        ADD(index, A, B, C);
    pthread_join(thread, NULL);
    assert_int_equal(watch.wrong, 0);
    session_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_has_its_sessions_newest_first),
        cmocka_unit_test(a_view_never_changes),
        cmocka_unit_test(vmis_scores_as_its_formula_says),
        cmocka_unit_test(only_the_nearest_neighbours_vote_the_newer_first),
        cmocka_unit_test(rules_count_what_follows_by_distance),
        cmocka_unit_test(sessions_one_by_one_answer_like_all_at_once),
        cmocka_unit_test(long_sessions_keep_their_newest_items),
        cmocka_unit_test(readers_see_their_view_while_sessions_come_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
