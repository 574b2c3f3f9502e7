/* Visits, live: what is served is what was evaluated, bounded, and back after a restart. */
#include "test.h"

#include "base/hash.h"
#include "base/random.h"
#include "learn/learn.h"
#include "learn/visits.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 60, VISITS = 400, LONGEST = 9 };
#define MINUTE_MS INT64_C(60000)
static const int64_t start_ms = 1700000000000;

struct named {
    char text[8];
};
static struct named names[ITEMS];

static int name_items(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ITEMS; i++)
        snprintf(names[i].text, sizeof names[i].text, "i%u", i);
    return 0;
}

static struct numbered_item item(unsigned number)
{
    struct slice id = slice_of(names[number].text);
    return (struct numbered_item){id, hash64(id)};
}

/* Neighbouring items mostly; the number of a visit decides all of it. */
static size_t make_visit(unsigned number, unsigned out_items[LONGEST])
{
    struct random_stream stream = random_stream(number);
    size_t count = 2 + random_below(&stream, LONGEST - 1);
    unsigned topic = (unsigned)random_below(&stream, ITEMS / 6) * 6;
    for (size_t i = 0; i < count; i++)
        out_items[i] = topic + (unsigned)random_below(&stream, 6);
    return count;
}

static void add_visit(struct visits *visits, unsigned number)
{
    unsigned made[LONGEST];
    struct numbered_item items[LONGEST];
    size_t count = make_visit(number, made);
    for (size_t i = 0; i < count; i++)
        items[i] = item(made[i]);
    visits_add(visits, items, count);
}

static void view_item(struct learn *learn, unsigned who, int64_t time_ms, unsigned number,
                      bool personal)
{
    struct slice id = slice_of(names[number].text);
    struct uuid person = {{1}};
    memcpy(person.bytes + 8, &who, sizeof who);
    learn_observe(learn, &(struct learn_observation){.time_ms = time_ms,
                                                     .person = person,
                                                     .personal = personal,
                                                     .act = LEARN_VIEW,
                                                     .items = &id,
                                                     .item_count = 1});
}

/* Published, and the last visits ended by somebody who comes an hour later. */
static const struct learn_snapshot *published(struct learn *learn, int64_t now_ms)
{
    for (int i = 0; i < VISITS; i++)
        view_item(learn, 99999, now_ms + 60 * MINUTE_MS, 0, true);
    while (!learn_publish(learn, now_ms))
        ;
    return learn_pin(learn);
}

static double answered(const struct visit_answer *answers, size_t count, unsigned number)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(answers[i].item->id, names[number].text))
            return answers[i].score;
    return 0;
}

/* --- the evaluated model is the served one ---------------------------------------------------- */

struct offline {
    struct session_index *index;
    const struct session_view *view;
    uint32_t numbers[ITEMS]; /* of items, in the order they came */
    uint32_t count;
};

static void learn_offline(struct offline *offline)
{
    offline->index = session_index_new(VISITS + 2);
    memset(offline->numbers, 0xff, sizeof offline->numbers);
    for (unsigned visit = 0; visit < VISITS; visit++) {
        unsigned made[LONGEST];
        uint32_t items[LONGEST];
        size_t count = make_visit(visit, made);
        for (size_t i = 0; i < count; i++) {
            if (offline->numbers[made[i]] == UINT32_MAX)
                offline->numbers[made[i]] = offline->count++;
            items[i] = offline->numbers[made[i]];
        }
        session_index_add(offline->index, items, count);
    }
    offline->view = session_index_pin(offline->index);
}

/* A visit under way, newest first, distinct as a profile has them. */
struct live {
    unsigned items[LONGEST];
    size_t count;
};

static struct live live_visit(unsigned number)
{
    unsigned made[LONGEST];
    struct live live = {.count = 0};
    size_t count = make_visit(number, made);
    for (size_t i = 0; i < count; i++) {
        bool twice = false;
        for (size_t k = 0; k < live.count && !twice; k++)
            twice = live.items[k] == made[i];
        if (!twice)
            live.items[live.count++] = made[i];
    }
    return live;
}

static void compare(const struct offline *offline, struct recommender recommender,
                    const struct live *live, const struct visit_answer *answers, size_t count)
{
    uint32_t context[LONGEST];
    struct board board;
    const struct recommend_view all = {0};
    for (size_t i = 0; i < live->count; i++) /* a model takes the oldest first */
        context[live->count - 1 - i] = offline->numbers[live->items[i]];
    board_init(&board, ITEMS);
    recommender.kind->score(recommender.model, &(struct recommend_context){context, live->count},
                            &all, &board);
    for (unsigned i = 0; i < ITEMS; i++)
        assert_true(answered(answers, count, i) == board.scores[offline->numbers[i]]);
    board_done(&board);
}

static void what_is_served_is_bit_for_bit_what_was_evaluated(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    struct offline offline = {0};
    struct vmis vmis;
    struct rules rules;
    struct vmis_options options = vmis_options_default();
    for (unsigned visit = 0; visit < VISITS; visit++) { /* one starts every minute */
        unsigned made[LONGEST];
        size_t count = make_visit(visit, made);
        for (size_t i = 0; i < count; i++)
            view_item(learn, visit, start_ms + visit * MINUTE_MS, made[i], true);
    }
    const struct learn_snapshot *snapshot = published(learn, start_ms + VISITS * MINUTE_MS);
    const struct visits_view *view = learn_visits(snapshot);
    assert_int_equal(visits_view_count(view), VISITS);
    learn_offline(&offline);
    vmis_init(&vmis, offline.view, &options);
    rules_init(&rules, offline.view);
    for (unsigned question = VISITS; question < VISITS + 100; question++) {
        struct live live = live_visit(question);
        struct numbered_item items[LONGEST];
        struct visit_answer answers[ITEMS];
        for (size_t i = 0; i < live.count; i++)
            items[i] = item(live.items[i]);
        size_t found = visits_ask(view, items, live.count, answers, ITEMS);
        assert_true(found > 0);
        compare(&offline, (struct recommender){&vmis_kind, &vmis}, &live, answers, found);
        found = visits_ask_next(view, items, live.count, answers, ITEMS);
        compare(&offline, (struct recommender){&rules_kind, &rules}, &live, answers, found);
    }
    learn_unpin(snapshot);
    learn_free(learn);
    session_view_unref(offline.view);
    session_index_free(offline.index);
}

static void shares_say_whose_voice_it_was_and_sum_to_one(void **state)
{
    (void)state;
    struct visits *visits = visits_new(100);
    const unsigned told[][3] = {{1, 2, 9}, {1, 2, 9}, {3, 4, 8}, {5, 6, 7}};
    for (size_t i = 0; i < 4; i++)
        visits_add(visits,
                   (struct numbered_item[]){item(told[i][0]), item(told[i][1]), item(told[i][2])},
                   3);
    const struct visits_view *view = visits_pin(visits);
    const struct numbered_item live[] = {item(3), item(50), item(1)};
    struct visit_answer answers[ITEMS];
    size_t count = visits_ask(view, live, 3, answers, ITEMS);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (int k = 0; k < VMIS_WINDOW_MAX; k++)
            sum += answers[i].shares[k];
        assert_true(fabs(sum - 1) < 1e-12);
        if (slice_is(answers[i].item->id, "i9"))
            assert_true(answers[i].shares[2] == 1);
        if (slice_is(answers[i].item->id, "i8"))
            assert_true(answers[i].shares[0] == 1);
    }
    assert_true(answered(answers, count, 9) > 0 && answered(answers, count, 8) > 0);
    assert_true(answered(answers, count, 7) == 0);
    assert_int_equal(visits_ask_next(view, live + 1, 2, answers, ITEMS), 2);
    assert_true(answers[0].shares[1] == 1); /* nobody saw item 50: the one before it speaks */
    assert_int_equal(visits_ask(view, (struct numbered_item[]){item(50)}, 1, answers, ITEMS), 0);
    assert_int_equal(visits_ask(NULL, live, 3, answers, ITEMS), 0);
    assert_true(visits_popularity(view, item(1)) == 1);
    assert_true(visits_popularity(view, item(5)) > 0 && visits_popularity(view, item(5)) < 1);
    assert_true(visits_popularity(view, item(50)) == 0 && visits_popularity(NULL, item(1)) == 0);
    visits_view_unref(view);
    visits_free(visits);
}

/* --- what is a visit, and of whom ------------------------------------------------------------- */

static uint32_t visits_after(struct learn *learn, int64_t now_ms)
{
    const struct learn_snapshot *snapshot = published(learn, now_ms);
    uint32_t count = visits_view_count(learn_visits(snapshot));
    learn_unpin(snapshot);
    return count;
}

static void only_visits_of_those_who_may_teach_are_kept(void **state)
{
    (void)state;
    const struct {
        bool personal;
        unsigned items[3];
        int64_t minutes[3];
        bool forgotten;
        uint32_t visits;
    } cases[] = {
        {true, {1, 2, 3}, {0, 10, 20}, false, 1},   {false, {1, 2, 3}, {0, 10, 20}, false, 0},
        {true, {1, 2, 3}, {0, 10, 50}, false, 1},   {true, {1, 2, 3}, {0, 40, 80}, false, 0},
        {true, {1, 2, 3}, {0, 10, 20}, true, 0},    {true, {1, 1, 1}, {0, 1, 2}, false, 1},
        {true, {1, 2, 3}, {100, 110, 0}, false, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct learn *learn = learn_new();
        struct uuid person = {{1}};
        unsigned who = 7;
        memcpy(person.bytes + 8, &who, sizeof who);
        for (int k = 0; k < 3; k++)
            view_item(learn, who, start_ms + cases[i].minutes[k] * MINUTE_MS, cases[i].items[k],
                      cases[i].personal);
        if (cases[i].forgotten)
            learn_forget(learn, person);
        assert_int_equal(visits_after(learn, start_ms + 110 * MINUTE_MS), cases[i].visits);
        learn_free(learn);
    }
}

static void a_visit_ends_by_itself_when_others_come_half_an_hour_later(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    view_item(learn, 1, start_ms, 1, true);
    view_item(learn, 1, start_ms, 2, true);
    view_item(learn, 2, start_ms + 30 * MINUTE_MS, 3, true);
    while (!learn_publish(learn, start_ms))
        ;
    const struct learn_snapshot *before = learn_pin(learn);
    view_item(learn, 2, start_ms + 31 * MINUTE_MS, 4, true);
    while (!learn_publish(learn, start_ms))
        ;
    const struct learn_snapshot *after = learn_pin(learn);
    assert_int_equal(visits_view_count(learn_visits(before)), 0);
    assert_int_equal(visits_view_count(learn_visits(after)), 1);
    learn_unpin(before);
    learn_unpin(after);
    learn_free(learn);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void the_newest_visits_stay_and_nothing_waits_for_them(void **state)
{
    (void)state;
    enum { MAX = 120 };
    struct visits *visits = visits_new(MAX);
    const struct visits_view *first = NULL;
    for (unsigned i = 0; i < 3000; i++) {
        struct numbered_item marks[] = {item(i % 2000 < 1000 ? 1 : 2), item(3)};
        visits_add(visits, marks, 2);
        const struct visits_view *view = visits_pin(visits);
        assert_in_range(visits_view_count(view), i < MAX / 2 ? i + 1 : MAX / 2, MAX * 7 / 6 + 1);
        if (i == 99)
            first = visits_view_ref(view);
        visits_view_unref(view);
    }
    struct visit_answer answers[ITEMS];
    const struct visits_view *last = visits_pin(visits);
    const struct numbered_item live = item(3);
    size_t count = visits_ask(last, &live, 1, answers, ITEMS);
    assert_true(answered(answers, count, 1) > 0 && answered(answers, count, 2) == 0);
    assert_true(visits_popularity(last, item(2)) == 0); /* its name left too */
    assert_int_equal(visits_view_count(first), 100);
    assert_int_equal(visits_ask(first, &live, 1, answers, ITEMS), 1);
    visits_view_unref(first);
    visits_view_unref(last);
    visits_free(visits);
}

static void pack(const struct visits *visits, struct buf *buf)
{
    buf_init(buf, 1 << 20);
    visits_pack(visits, buf);
}

static void a_restart_half_way_changes_no_byte(void **state)
{
    (void)state;
    enum { MAX = 150, ALL = 500 };
    struct visits *straight = visits_new(MAX);
    struct buf expected, got;
    for (unsigned i = 0; i < ALL; i++)
        add_visit(straight, i);
    pack(straight, &expected);
    for (unsigned cut = 0; cut <= ALL; cut += 7) { /* some of them in the middle of a move */
        struct visits *before = visits_new(MAX), *after = visits_new(MAX);
        struct buf saved;
        for (unsigned i = 0; i < cut; i++)
            add_visit(before, i);
        pack(before, &saved);
        struct unpack in = unpack_of(buf_slice(&saved));
        visits_unpack(&in, after);
        assert_true(unpack_finished(&in));
        for (unsigned i = cut; i < ALL; i++)
            add_visit(after, i);
        pack(after, &got);
        assert_true(slice_equal(buf_slice(&expected), buf_slice(&got)));
        buf_done(&got);
        buf_done(&saved);
        visits_free(before);
        visits_free(after);
    }
    buf_done(&expected);
    visits_free(straight);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    struct visits *visits = visits_new(150);
    struct buf bytes;
    for (unsigned i = 0; i < 160; i++)
        add_visit(visits, i);
    pack(visits, &bytes);
    for (size_t at = 0; at < bytes.size; at++) {
        struct visits *damaged = visits_new(150);
        struct unpack cut = unpack_of(slice_make(bytes.data, at));
        visits_unpack(&cut, damaged);
        assert_false(unpack_finished(&cut));
        visits_free(damaged);
        damaged = visits_new(150);
        bytes.data[at] ^= 0x55; /* may still make sense; it must not crash */
        struct unpack in = unpack_of(buf_slice(&bytes));
        visits_unpack(&in, damaged);
        bytes.data[at] ^= 0x55;
        visits_free(damaged);
    }
    buf_done(&bytes);
    visits_free(visits);
}

/* --- while others read ------------------------------------------------------------------------ */

struct reading {
    const struct visits_view *view;
    unsigned wrong;
};

static void *ask_again_and_again(void *argument)
{
    struct reading *reading = argument;
    const struct numbered_item live[] = {item(1), item(2)};
    struct visit_answer once[ITEMS], again[ITEMS];
    size_t count = visits_ask(reading->view, live, 2, once, ITEMS);
    for (int i = 0; i < 300; i++) {
        size_t found = visits_ask(reading->view, live, 2, again, ITEMS);
        reading->wrong += found != count;
        for (size_t k = 0; k < found && k < count; k++)
            reading->wrong += once[k].score != again[k].score || once[k].item != again[k].item;
    }
    visits_view_unref(reading->view);
    return NULL;
}

static void readers_see_their_view_while_visits_come_in_and_move(void **state)
{
    (void)state;
    struct visits *visits = visits_new(300);
    struct reading readings[3] = {{0}};
    pthread_t threads[3];
    for (unsigned i = 0; i < 200; i++)
        add_visit(visits, i);
    for (int i = 0; i < 3; i++) {
        readings[i].view = visits_pin(visits);
        assert_int_equal(pthread_create(&threads[i], NULL, ask_again_and_again, &readings[i]), 0);
        for (unsigned k = 0; k < 1000; k++)
            add_visit(visits, 1000 * (unsigned)i + k);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readings[i].wrong, 0);
    }
    visits_free(visits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_served_is_bit_for_bit_what_was_evaluated),
        cmocka_unit_test(shares_say_whose_voice_it_was_and_sum_to_one),
        cmocka_unit_test(only_visits_of_those_who_may_teach_are_kept),
        cmocka_unit_test(a_visit_ends_by_itself_when_others_come_half_an_hour_later),
        cmocka_unit_test(the_newest_visits_stay_and_nothing_waits_for_them),
        cmocka_unit_test(a_restart_half_way_changes_no_byte),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(readers_see_their_view_while_visits_come_in_and_move),
    };
    return cmocka_run_group_tests(tests, name_items, NULL);
}
