/* EASE by hand, the blend, data sets as text, and the figures on worlds whose answer is known. */
#include "test.h"

#include "base/buf.h"
#include "base/random.h"
#include "learn/ease.h"
#include "learn/evaluate.h"
#include "learn/rp3.h"

#include <math.h>
#include <stdlib.h>

/* --- EASE ------------------------------------------------------------------------------------- */

/* Persons {0, 1} and {1}, lambda 1: G = [2 1; 1 3], P = [3 -1; -1 2] / 5, so
 * B_01 = -P_01 / P_11 = 1/2 and B_10 = -P_10 / P_00 = 1/3. */
static void ease_solves_a_case_done_by_hand(void **state)
{
    (void)state;
    const uint32_t items[] = {0, 1, 1};
    const size_t starts[] = {0, 2, 3};
    const struct ease_people people = {items, starts, 2, 2};
    struct ease_options options = ease_options_default();
    options.lambda = 1;
    struct ease *ease;
    struct diag diag = {0};
    enum status status = ease_new(&people, &options, &ease, &diag);
    assert_int_equal(status, STATUS_OK);
    for (uint32_t from = 0; from < 2; from++) {
        const struct recommend_context context = {&from, 1};
        const struct recommend_view all = {0};
        struct board board;
        struct arena arena;
        struct score_parts parts = {.arena = &arena};
        arena_init(&arena);
        board_init(&board, 2);
        ease_kind.score(ease, &context, &all, &board);
        ease_kind.explain(ease, &context, 1 - from, &parts);
        assert_true(fabs(board.scores[1 - from] - (from == 0 ? 1.0 / 2 : 1.0 / 3)) < 1e-6);
        assert_true(fabs(board.scores[from]) < 1e-6);
        assert_true(fabs(score_parts_sum(&parts) - board.scores[1 - from]) < 1e-9);
        board_done(&board);
        arena_done(&arena);
    }
    ease_free(ease);
}

static void ease_refuses_what_would_cost_too_much_and_names_both_costs(void **state)
{
    (void)state;
    const size_t starts[] = {0};
    const struct ease_people people = {NULL, starts, 0, 41000};
    struct ease_options memory = ease_options_default(), time = ease_options_default();
    memory.seconds_max = INFINITY;
    time.bytes_max = SIZE_MAX;
    time.seconds_max = 1;
    const struct ease_options *cases[] = {&memory, &time};
    for (size_t i = 0; i < 2; i++) {
        struct ease *ease;
        struct diag diag = {0};
        enum status status = ease_new(&people, cases[i], &ease, &diag);
        assert_int_equal(status, STATUS_TOO_LARGE);
        assert_non_null(strstr(diag.sentence, "6.3 GiB of memory"));
        assert_non_null(strstr(diag.sentence, "seconds"));
    }
    struct ease_options zero = ease_options_default();
    zero.lambda = 0;
    struct ease *ease;
    struct diag diag = {0};
    enum status status = ease_new(&people, &zero, &ease, &diag);
    assert_int_equal(status, STATUS_INVALID);
}

/* --- the blend -------------------------------------------------------------------------------- */

enum { WORLD_ITEMS = 40 };

/* Two models: a graph in which n goes to n + 1, and one in which it goes to n + 2. */
static struct rp3 *steps_of(uint32_t step)
{
    struct rp3_options options = rp3_options_default();
    struct sequences people;
    sequences_init(&people);
    for (uint32_t n = 0; n < WORLD_ITEMS; n++) {
        sequences_push(&people, n);
        sequences_push(&people, (n + step) % WORLD_ITEMS);
        sequences_end(&people);
    }
    struct rp3 *rp3 = rp3_new(&people, people.count, WORLD_ITEMS, &options);
    sequences_done(&people);
    return rp3;
}

struct mix {
    struct rp3 *one, *two; /* every item is taken as often in both */
    struct blend blend;
    struct board board;
};

static void mix_init(struct mix *mix)
{
    mix->one = steps_of(1);
    mix->two = steps_of(2);
    blend_init(&mix->blend, mix->one);
    blend_add_source(&mix->blend, (struct recommender){&rp3_kind, mix->one}, 0.1);
    blend_add_source(&mix->blend, (struct recommender){&rp3_kind, mix->two}, 0.1);
    board_init(&mix->board, WORLD_ITEMS);
}

static void mix_done(struct mix *mix)
{
    rp3_free(mix->one);
    rp3_free(mix->two);
    board_done(&mix->board);
}

static void fit_on_steps_of_two(struct mix *mix)
{
    struct logit_examples examples;
    logit_examples_init(&examples, BLEND_FEATURES);
    for (uint32_t n = 0; n < WORLD_ITEMS; n++) {
        struct blend_step step = {.context = {&n, 1}, .chosen = (n + 2) % WORLD_ITEMS};
        blend_observe(&mix->blend, &step, &mix->board, &examples);
    }
    assert_int_equal(examples.count, WORLD_ITEMS);
    blend_fit(&mix->blend, &examples);
    logit_examples_done(&examples);
}

static void a_blend_learns_which_model_is_right(void **state)
{
    (void)state;
    struct mix mix;
    mix_init(&mix);
    assert_true(mix.blend.weights[0] == mix.blend.weights[1]);
    fit_on_steps_of_two(&mix);
    assert_true(mix.blend.weights[1] > mix.blend.weights[0]);
    for (size_t i = 0; i <= BLEND_POPULAR; i++)
        assert_true(mix.blend.weights[i] >= 0);
    const uint32_t from = 5;
    struct recommended best[1];
    struct recommended_list list = {best, 0, 1};
    const uint64_t hidden = (uint64_t)1 << 3; /* two steps lead both ways: 3 and 7 */
    const struct recommend_context context = {&from, 1};
    const struct recommend_view view = {&hidden, WORLD_ITEMS};
    recommend(&(struct recommender){&blend_kind, &mix.blend}, &context, &view, &mix.board, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(best[0].item, 7);
    mix_done(&mix);
}

static void the_terms_of_a_blend_sum_to_its_score(void **state)
{
    (void)state;
    struct mix mix;
    mix_init(&mix);
    fit_on_steps_of_two(&mix);
    const uint32_t items[] = {9, 5, 7};
    const struct recommend_context context = {items, 3};
    const struct recommend_view all = {0};
    struct arena arena;
    arena_init(&arena);
    board_clear(&mix.board);
    blend_kind.score(&mix.blend, &context, &all, &mix.board);
    for (uint32_t item = 0; item < WORLD_ITEMS; item++) {
        struct score_parts parts = {.arena = &arena};
        blend_kind.explain(&mix.blend, &context, item, &parts);
        assert_true(fabs(score_parts_sum(&parts) - mix.board.scores[item]) < 1e-9);
    }
    arena_done(&arena);
    mix_done(&mix);
}

/* --- data sets as text ------------------------------------------------------------------------ */

static struct data_text text(const char *bytes, size_t size)
{
    return (struct data_text){"file", slice_make(bytes, size)};
}
#define TEXT(literal) text(literal, sizeof(literal) - 1)

static void wrong_session_files_are_told_with_their_line(void **state)
{
    (void)state;
    static char long_id[400];
    memset(long_id, 'x', sizeof long_id - 1);
    const struct {
        struct data_text train, test;
        const char *said;
    } cases[] = {
        {TEXT(""), TEXT("a\tb\n"), "no visit"},
        {TEXT("\n \n\r\n"), TEXT("a\tb\n"), "no visit"},
        {TEXT("a b\nc \0 d\n"), TEXT("a\tb\n"), "line 2: a NUL byte"},
        {TEXT("a b\n"), TEXT(""), "no test"},
        {TEXT("a b\n"), TEXT("a\tb\na b\n"), "line 2: no tab"},
        {TEXT("a b\n"), TEXT("a\t\n"), "line 1: one item"},
        {TEXT("a b\n"), TEXT("a\tb c\n"), "line 1: one item"},
        {TEXT("a b\n"), TEXT("a\0\tb\n"), "line 1: a NUL byte"},
        {text(long_id, sizeof long_id - 1), TEXT("a\tb\n"), "over 64 bytes"},
        {TEXT("a b\n"), text(long_id, sizeof long_id - 1), "no tab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session_data data;
        struct diag diag = {0};
        enum status status = session_data_read(&cases[i].train, &cases[i].test, &data, &diag);
        assert_int_equal(status, STATUS_INVALID);
        assert_non_null(strstr(diag.sentence, cases[i].said));
        assert_non_null(strstr(diag.sentence, "file"));
    }
}

static void session_files_are_read_as_they_mean(void **state)
{
    (void)state;
    struct data_text train = TEXT("a b  a\r\n\nc"), test = TEXT("a z\tb\t7\t8\n\tc\nb\tq\r\n");
    struct session_data data;
    struct diag diag = {0};
    enum status status = session_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    const uint32_t *items;
    assert_int_equal(data.visits.count, 2);
    assert_int_equal(sequence_at(&data.visits, 0, &items), 3);
    assert_int_equal(items[2], items[0]);
    assert_int_equal(data.prefixes.count, 3);
    assert_int_equal(sequence_at(&data.prefixes, 0, &items), 2);
    assert_int_equal(items[1], NAME_NONE);
    assert_int_equal(sequence_at(&data.prefixes, 1, &items), 0); /* nothing seen yet */
    assert_int_equal(data.targets[1], 2);
    assert_int_equal(data.targets[2], NAME_NONE);
    session_data_done(&data);
}

static void interactions_are_gathered_by_person_each_item_once(void **state)
{
    (void)state;
    struct data_text train = TEXT("u a b a\nv c\nu b d\n\nw\n"), test = TEXT("v a e a\nx b\n");
    struct interaction_data data;
    struct diag diag = {0};
    enum status status = interaction_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    const uint32_t *items;
    assert_int_equal(data.train_items, 4);
    assert_int_equal(sequence_at(&data.train, 0, &items), 3);
    assert_int_equal(items[2], 3);
    assert_int_equal(sequence_at(&data.test, 1, &items), 2);
    assert_int_equal(items[1], 4); /* train does not know it: beyond train_items */
    interaction_data_done(&data);
    struct data_text nobody = TEXT("u\n"), nul = TEXT("u a\nv \0\n");
    status = interaction_data_read(&nobody, &test, &data, &diag);
    assert_int_equal(status, STATUS_INVALID);
    status = interaction_data_read(&train, &nul, &data, &diag);
    assert_int_equal(status, STATUS_INVALID);
    assert_non_null(strstr(diag.sentence, "line 2: a NUL byte"));
}

/* --- figures ---------------------------------------------------------------------------------- */

/* Train: a goes to b thrice and to c once. Of four questions after a: b (rank 1), c (rank 2), an
 * unknown target, and a itself, which nobody came back to. */
static void hit_rate_and_reciprocal_rank_are_counted_over_all_questions(void **state)
{
    (void)state;
    struct data_text train = TEXT("a c\na b\na b\na b\n"), test = TEXT("a\tb\na\tc\na\tz\na\ta\n");
    struct session_data data;
    struct diag diag = {0};
    enum status status = session_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    for (int model = SESSIONS_VMIS; model <= SESSIONS_RULES; model++) {
        struct session_figures figures;
        struct session_trial trial = {(enum session_model)model, 20, true};
        evaluate_sessions(&data, &trial, &figures);
        assert_int_equal(figures.questions, 4);
        assert_true(fabs(figures.hr - 0.5) < 1e-12);
        assert_true(fabs(figures.mrr - 0.375) < 1e-12);
        trial.k = 1;
        evaluate_sessions(&data, &trial, &figures);
        assert_true(fabs(figures.hr - 0.25) < 1e-12);
    }
    session_data_done(&data);
}

/* Person u: recall 1 of 2, nDCG 1 / (1 + 1/log2(3)); person v, whom train does not know, gets
 * the most popular: c is the third of four. */
static void recall_and_ndcg_are_means_over_people(void **state)
{
    (void)state;
    struct data_text train = TEXT("u a\np b c\nq b c d\nr b d\ns b c\nt a b\n");
    struct data_text test = TEXT("u b z\nv a\nw\n");
    struct interaction_data data;
    struct diag diag = {0};
    enum status status = interaction_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    struct interaction_figures figures;
    struct interaction_trial trial = {INTERACTIONS_POPULAR, 2, false};
    status = evaluate_interactions(&data, &trial, &figures, &diag);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(figures.users, 2);
    assert_true(fabs(figures.recall - (0.5 + 0) / 2) < 1e-12);
    assert_true(fabs(figures.ndcg - 1 / (1 + 1 / log2(3)) / 2) < 1e-12);
    interaction_data_done(&data);
}

/* Visits that walk round a ring from a random place, sometimes back: the next of n is n + 1. */
static char *ring_text(struct random_stream *random, int visits, bool questions)
{
    struct buf buf;
    buf_init(&buf, 4 << 20);
    for (int v = 0; v < visits; v++) {
        unsigned at = (unsigned)random_below(random, 100), length = 3;
        for (unsigned i = 0; i < length; i++)
            buf_format(&buf, "%si%u", i ? " " : "", (at + i) % 100);
        if (questions)
            buf_format(&buf, "\ti%u", (at + length) % 100);
        buf_add_text(&buf, "\n");
    }
    buf_add_byte(&buf, '\0');
    return buf.data;
}

static void every_session_model_finds_the_way_round_a_ring(void **state)
{
    (void)state;
    struct random_stream random = random_stream(3);
    char *train = ring_text(&random, 2000, false), *test = ring_text(&random, 200, true);
    struct session_data data;
    struct diag diag = {0};
    struct data_text train_text = text(train, strlen(train)), test_text = text(test, strlen(test));
    enum status status = session_data_read(&train_text, &test_text, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    for (int model = SESSIONS_VMIS; model <= SESSIONS_BLEND; model++) {
        struct session_figures once, twice;
        struct session_trial trial = {(enum session_model)model, 5, false};
        evaluate_sessions(&data, &trial, &once);
        evaluate_sessions(&data, &trial, &twice);
        assert_true(once.hr > 0.99 && once.mrr > (model == SESSIONS_VMIS ? 0.3 : 0.6));
        assert_true(once.mrr == twice.mrr); /* the same data, the same figures */
    }
    session_data_done(&data);
    free(train);
    free(test);
}

/* Two tastes that share nothing: who has items of one is to be shown the rest of it. */
static char *taste_text(struct random_stream *random, bool held_out)
{
    struct buf buf;
    buf_init(&buf, 4 << 20);
    for (unsigned u = 0; u < 300; u++) {
        buf_format(&buf, "u%u", u);
        for (unsigned i = 0; i < 30; i++)
            if (((i + u) % 5 == 0) == held_out && random_below(random, 10) < 8)
                buf_format(&buf, " t%u-%u", u % 2, i);
        buf_add_text(&buf, "\n");
    }
    buf_add_byte(&buf, '\0');
    return buf.data;
}

static void every_interaction_model_but_popularity_tells_two_tastes_apart(void **state)
{
    (void)state;
    struct random_stream random = random_stream(5);
    char *train = taste_text(&random, false), *test = taste_text(&random, true);
    struct interaction_data data;
    struct diag diag = {0};
    struct data_text train_text = text(train, strlen(train)), test_text = text(test, strlen(test));
    enum status status = interaction_data_read(&train_text, &test_text, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    for (int model = INTERACTIONS_GRAPH; model <= INTERACTIONS_BLEND; model++) {
        struct interaction_figures figures;
        struct interaction_trial trial = {(enum interaction_model)model, 15, model < 2};
        status = evaluate_interactions(&data, &trial, &figures, &diag);
        assert_int_equal(status, STATUS_OK);
        bool popular = model == INTERACTIONS_POPULAR;
        assert_true(popular ? figures.recall < 0.9 : figures.recall > 0.99);
    }
    interaction_data_done(&data);
    free(train);
    free(test);
}

static void what_nobody_is_known_for_gets_what_most_take(void **state)
{
    (void)state;
    struct data_text train = TEXT("u a b\nv a b\nw a c\n"), test = TEXT("stranger a\n");
    struct data_text visits = TEXT("a b\na c\na b\n"), next = TEXT("never-seen\ta\n");
    struct interaction_data data;
    struct session_data sessions;
    struct diag diag = {0};
    enum status status = interaction_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    status = session_data_read(&visits, &next, &sessions, &diag);
    assert_int_equal(status, STATUS_OK);
    for (int model = INTERACTIONS_GRAPH; model <= INTERACTIONS_BLEND; model++) {
        struct interaction_figures figures;
        struct interaction_trial trial = {(enum interaction_model)model, 1, false};
        status = evaluate_interactions(&data, &trial, &figures, &diag);
        assert_int_equal(status, STATUS_OK);
        assert_true(figures.recall == 1);
    }
    for (int model = SESSIONS_VMIS; model <= SESSIONS_BLEND; model++) {
        struct session_figures figures;
        struct session_trial trial = {(enum session_model)model, 1, false};
        evaluate_sessions(&sessions, &trial, &figures);
        assert_true(figures.hr == 1);
    }
    interaction_data_done(&data);
    session_data_done(&sessions);
}

/* No taste at all, only fame: each item is taken with a chance of its own, and one in five of what
 * somebody took is held out. */
static void fame_texts(struct random_stream *random, struct buf texts[2])
{
    for (size_t side = 0; side < 2; side++)
        buf_init(&texts[side], 4 << 20);
    for (unsigned u = 0; u < 600; u++) {
        for (size_t side = 0; side < 2; side++)
            buf_format(&texts[side], "u%u", u);
        for (unsigned i = 0; i < 400; i++)
            if (random_below(random, i + 4) < 2)
                buf_format(&texts[random_below(random, 5) == 0], " i%u", i);
        for (size_t side = 0; side < 2; side++)
            buf_add_text(&texts[side], "\n");
    }
}

static void where_there_is_no_taste_no_model_loses_to_what_most_take(void **state)
{
    (void)state;
    struct random_stream random = random_stream(7);
    struct buf texts[2];
    struct interaction_data data;
    struct diag diag = {0};
    fame_texts(&random, texts);
    struct data_text train = {"train", buf_slice(&texts[0])}, test = {"test", buf_slice(&texts[1])};
    enum status status = interaction_data_read(&train, &test, &data, &diag);
    assert_int_equal(status, STATUS_OK);
    struct interaction_figures popular, figures;
    struct interaction_trial trial = {INTERACTIONS_POPULAR, 20, false};
    status = evaluate_interactions(&data, &trial, &popular, &diag);
    assert_int_equal(status, STATUS_OK);
    for (int model = INTERACTIONS_GRAPH; model <= INTERACTIONS_BLEND; model++) {
        trial.model = (enum interaction_model)model;
        status = evaluate_interactions(&data, &trial, &figures, &diag);
        assert_int_equal(status, STATUS_OK);
        assert_true(figures.recall > 0.95 * popular.recall);
    }
    interaction_data_done(&data);
    buf_done(&texts[0]);
    buf_done(&texts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ease_solves_a_case_done_by_hand),
        cmocka_unit_test(ease_refuses_what_would_cost_too_much_and_names_both_costs),
        cmocka_unit_test(a_blend_learns_which_model_is_right),
        cmocka_unit_test(the_terms_of_a_blend_sum_to_its_score),
        cmocka_unit_test(wrong_session_files_are_told_with_their_line),
        cmocka_unit_test(session_files_are_read_as_they_mean),
        cmocka_unit_test(interactions_are_gathered_by_person_each_item_once),
        cmocka_unit_test(hit_rate_and_reciprocal_rank_are_counted_over_all_questions),
        cmocka_unit_test(recall_and_ndcg_are_means_over_people),
        cmocka_unit_test(every_session_model_finds_the_way_round_a_ring),
        cmocka_unit_test(every_interaction_model_but_popularity_tells_two_tastes_apart),
        cmocka_unit_test(what_nobody_is_known_for_gets_what_most_take),
        cmocka_unit_test(where_there_is_no_taste_no_model_loses_to_what_most_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
