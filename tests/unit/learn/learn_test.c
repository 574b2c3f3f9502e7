#include "test.h"

#include "base/random.h"
#include "learn/state.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY = LEARN_DAY_MS };
static const int64_t start_ms = 1700000000000;

static struct uuid person(unsigned number)
{
    struct uuid uuid = {{1}};
    memcpy(uuid.bytes + 8, &number, sizeof number);
    return uuid;
}

static void observe(struct learn *learn, enum learn_act act, unsigned who, int64_t time_ms,
                    const char *text)
{
    struct slice items[EVENT_ITEMS_MAX];
    size_t count = 0;
    struct slice rest = slice_of(text), head;
    while (slice_cut(rest, ' ', &head, &rest))
        items[count++] = head;
    items[count++] = rest;
    learn_observe(learn, &(struct learn_observation){.time_ms = time_ms,
                                                     .person = person(who & 0xFFFF),
                                                     .personal = who < 0x10000,
                                                     .act = act,
                                                     .items = items,
                                                     .item_count = count});
}
enum { STRANGER = 0x10000 }; /* added to a person who may not teach */

static void publish(struct learn *learn, int64_t now_ms)
{
    while (!learn_publish(learn, now_ms))
        ;
}

static double score_in(const struct learn_score *scores, size_t count, const char *item)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(scores[i].item, item))
            return scores[i].score;
    return 0;
}

static double neighbour(struct learn *learn, enum learn_relation relation, const char *of,
                        const char *item)
{
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *scores;
    size_t count = learn_neighbours(snapshot, relation, slice_of(of), &scores);
    double score = score_in(scores, count, item);
    learn_unpin(snapshot);
    return score;
}

static double seller(struct learn *learn, const char *item)
{
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *scores;
    size_t count = learn_best_sellers(snapshot, &scores);
    double score = score_in(scores, count, item);
    learn_unpin(snapshot);
    return score;
}

static double trend(struct learn *learn, const char *item)
{
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *scores;
    size_t count = learn_trending(snapshot, &scores);
    double score = score_in(scores, count, item);
    learn_unpin(snapshot);
    return score;
}

static void near(double value, double wanted)
{
    if (fabs(value - wanted) > 1e-6 * fabs(wanted) + 1e-12)
        fail_msg("%.12g is not %.12g", value, wanted);
}

static void decays_by_half_each_half_life(void **state)
{
    (void)state;
    static const struct {
        int64_t elapsed_ms, half_life_ms;
    } cases[] = {{0, 1000},         {1000, 1000},           {-1000, 1000},
                 {500, 1000},       {-1, 86400000},         {1, 3},
                 {123456789, 9999}, {-123456789, 86400000}, {86400000, 7777777}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double wanted = exp2((double)cases[i].elapsed_ms / (double)cases[i].half_life_ms);
        double got = decay_power(cases[i].elapsed_ms, cases[i].half_life_ms);
        if (isfinite(wanted) && wanted < 1e300)
            assert_true(fabs(got - wanted) <= wanted * 1e-8);
    }
    assert_true(decay_power(-1000000, 1) == 0);
    assert_true(isfinite(decay_power(INT64_MAX / 2, 1)));
}

/* Place by place, as with pen and paper: square roots of two are multiplied in this order. */
static double power_by_places(int64_t elapsed_ms, int64_t half_life_ms)
{
    double power = 1, root = 2;
    for (int place = 0; place < 32; place++) {
        elapsed_ms *= 2;
        root = sqrt(root);
        if (elapsed_ms < half_life_ms)
            continue;
        elapsed_ms -= half_life_ms;
        power *= root;
    }
    return power;
}

static void decays_alike_for_the_largest_and_the_smallest_half_life(void **state)
{
    (void)state;
    struct random_stream random = random_stream(11);
    for (int i = 0; i < 20000; i++) {
        int64_t half_life_ms = 1 + (int64_t)(random_next(&random) >> (2 + i % 60));
        int64_t elapsed_ms = (int64_t)random_below(&random, (uint64_t)half_life_ms);
        double wanted = power_by_places(elapsed_ms, half_life_ms);
        assert_true(fabs(decay_power(elapsed_ms, half_life_ms) - wanted) <= 1e-9);
    }
}

static void trends_fade_by_half_a_day_and_adds_count_three(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    observe(learn, LEARN_VIEW, 1, start_ms, "a");
    observe(learn, LEARN_VIEW, 2, start_ms + DAY, "b");
    observe(learn, LEARN_ADD, 3, start_ms + DAY, "c");
    observe(learn, LEARN_VIEW, 4, start_ms, "b"); /* late: weighs what it weighs */
    publish(learn, start_ms + DAY);
    near(trend(learn, "a"), 0.5);
    near(trend(learn, "b"), 1.5);
    near(trend(learn, "c"), 3);
    learn_free(learn);
}

static void reloading_a_page_makes_no_trend(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    for (int i = 0; i < 10; i++)
        observe(learn, LEARN_VIEW, 1, start_ms + i, i % 2 ? "a" : "b");
    publish(learn, start_ms);
    assert_true(trend(learn, "a") < 1.001);
    learn_free(learn);
}

static void counts_units_sold_less_returned(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    struct slice items[] = {SLICE("a"), SLICE("b"), SLICE("c")};
    int64_t quantities[] = {3, 5, 74215};
    struct learn_observation order = {.time_ms = start_ms,
                                      .person = person(1),
                                      .personal = true,
                                      .act = LEARN_ORDER,
                                      .items = items,
                                      .quantities = quantities,
                                      .item_count = 3};
    learn_observe(learn, &order);
    order.act = LEARN_REFUND;
    order.item_count = 1;
    quantities[0] = 1;
    learn_observe(learn, &order);
    order.items = &items[1];
    quantities[0] = 9;
    learn_observe(learn, &order);
    publish(learn, start_ms + 30 * (int64_t)DAY);
    near(seller(learn, "a"), 1); /* (3 - 1) / 2 */
    near(seller(learn, "b"), 0); /* more came back than went: not a best seller */
    near(seller(learn, "c"), LEARN_UNITS_MAX / 2.0);
    learn_free(learn);
}

static void strangers_orders_show_from_ten_people_on(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    observe(learn, LEARN_ORDER, 1, start_ms, "a");
    for (unsigned i = 1; i < ANONYMOUS_PEOPLE_MIN; i++)
        for (int again = 0; again < 3; again++)
            observe(learn, LEARN_ORDER, STRANGER + i, start_ms, "a z");
    publish(learn, start_ms);
    near(seller(learn, "a"), 1);
    near(seller(learn, "z"), 0);
    learn_forget(learn, person(3));
    observe(learn, LEARN_ORDER, STRANGER + 100, start_ms, "a");
    publish(learn, start_ms);
    near(seller(learn, "a"), 1); /* still nine */
    observe(learn, LEARN_ORDER, STRANGER + 101, start_ms, "a");
    publish(learn, start_ms);
    near(seller(learn, "a"), 1 + 27 + 2);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "z"), 0); /* they teach no graph */
    observe(learn, LEARN_VIEW, STRANGER + 1, start_ms, "q");
    publish(learn, start_ms);
    near(trend(learn, "q"), 0);
    learn_free(learn);
}

static struct learn *plain(void)
{
    struct learn_tuning tuning = {
        .relations = {[LEARN_BOUGHT_TOGETHER] = {10 * (int64_t)DAY, {4, 4, 3}},
                      [LEARN_VIEWED_TOGETHER] = {10 * (int64_t)DAY, {8, 0, 1}},
                      [LEARN_VIEWED_BOUGHT] = {10 * (int64_t)DAY, {8, 4, 0}}},
        .view_reach = 2,
        .view_backward = 0.5,
        .basket_across = 0.5};
    return learn_new_tuned(&tuning);
}

static void baskets_score_as_rp3beta_with_a_prior(void **state)
{
    (void)state;
    struct learn *learn = plain();
    for (unsigned i = 1; i <= 4; i++)
        observe(learn, LEARN_ORDER, i, start_ms, "a b");
    for (unsigned i = 5; i <= 9; i++)
        observe(learn, LEARN_ORDER, i, start_ms, "a");
    publish(learn, start_ms);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "b"), 4 / sqrt(2) / (sqrt(9.0 * 4) + 3));
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "b", "a"), 4 / sqrt(2) / (sqrt(9.0 * 4) + 3));
    /* ten days later all counts are half, the prior is not */
    observe(learn, LEARN_ORDER, 20, start_ms + 10 * (int64_t)DAY, "a c");
    publish(learn, start_ms);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "b"), 2 / sqrt(2) / (sqrt(5.5 * 2) + 3));
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "c"), 1 / sqrt(2) / (sqrt(5.5 * 1) + 3));
    learn_free(learn);
}

static void a_persons_baskets_of_thirty_days_meet(void **state)
{
    (void)state;
    struct learn *learn = plain();
    observe(learn, LEARN_ORDER, 1, start_ms, "a");
    observe(learn, LEARN_ORDER, 1, start_ms + 1000, "b");
    observe(learn, LEARN_ORDER, 1, start_ms + 31 * (int64_t)DAY, "c");
    observe(learn, LEARN_ORDER, 2, start_ms + 31 * (int64_t)DAY, "d");
    publish(learn, start_ms);
    assert_true(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "b") > 0);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "b", "c"), 0);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "c", "d"), 0);
    learn_free(learn);
}

static void views_meet_those_before_them_in_the_session(void **state)
{
    (void)state;
    struct learn *learn = plain();
    observe(learn, LEARN_VIEW, 1, start_ms, "a");
    observe(learn, LEARN_VIEW, 2, start_ms + 1, "z");
    observe(learn, LEARN_VIEW, 1, start_ms + 60000, "b");
    observe(learn, LEARN_VIEW, 1, start_ms + 120000, "c");
    observe(learn, LEARN_VIEW, 1, start_ms + 180000, "d");
    observe(learn, LEARN_VIEW, 1, start_ms + 180000 + SESSION_GAP_MS + 1, "e");
    publish(learn, start_ms);
    double once = 1 / (1.0 + 1); /* c / (p + prior), all counts one and some minutes old */
    assert_true(fabs(neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "b") - once) < 1e-2);
    assert_true(fabs(neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "c") - once / 2) < 1e-2);
    assert_true(fabs(neighbour(learn, LEARN_VIEWED_TOGETHER, "b", "a") - once / 2) < 1e-2);
    near(neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "d"), 0); /* beyond reach */
    near(neighbour(learn, LEARN_VIEWED_TOGETHER, "d", "e"), 0); /* another session */
    near(neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "z"), 0); /* another person */
    learn_forget(learn, person(1));
    observe(learn, LEARN_VIEW, 1, start_ms + 180000 + SESSION_GAP_MS + 2, "f");
    publish(learn, start_ms);
    near(neighbour(learn, LEARN_VIEWED_TOGETHER, "e", "f"), 0); /* that session was forgotten */
    assert_true(neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "b") > 0.4); /* sums stay */
    learn_free(learn);
}

static void what_a_visit_looked_at_meets_what_it_ends_in(void **state)
{
    (void)state;
    struct learn *learn = plain();
    observe(learn, LEARN_VIEW, 1, start_ms, "a");
    observe(learn, LEARN_VIEW, 1, start_ms + 60000, "b");
    observe(learn, LEARN_ORDER, 1, start_ms + 60000, "b c");
    observe(learn, LEARN_VIEW, 1, start_ms + 61000, "late");
    observe(learn, LEARN_VIEW, 2, start_ms, "a");
    observe(learn, LEARN_ORDER, 2, start_ms + SESSION_GAP_MS + 1, "d"); /* another visit */
    publish(learn, start_ms);
    double together = 1 / 2.0; /* |g|^-1 of the two lines, own degree 1, orders with c: 1 */
    assert_true(fabs(neighbour(learn, LEARN_VIEWED_BOUGHT, "a", "c") - together) < 1e-2);
    assert_true(fabs(neighbour(learn, LEARN_VIEWED_BOUGHT, "b", "c") - together) < 1e-2);
    near(neighbour(learn, LEARN_VIEWED_BOUGHT, "b", "b"), 0);
    near(neighbour(learn, LEARN_VIEWED_BOUGHT, "c", "a"), 0); /* one way only */
    near(neighbour(learn, LEARN_VIEWED_BOUGHT, "late", "c"), 0);
    near(neighbour(learn, LEARN_VIEWED_BOUGHT, "a", "d"), 0);
    learn_free(learn);
}

/* A seeded world of views, adds, orders and returns over `days`. */
static void play(struct learn *learn, unsigned from, unsigned to, unsigned items)
{
    for (unsigned i = from; i < to; i++) {
        struct random_stream random = random_stream(i);
        static const enum learn_act acts[] = {LEARN_VIEW, LEARN_VIEW,  LEARN_VIEW,  LEARN_VIEW,
                                              LEARN_ADD,  LEARN_ORDER, LEARN_ORDER, LEARN_REFUND};
        enum learn_act act = acts[random_below(&random, 8)];
        char text[256] = "";
        size_t size = 0, lines = act == LEARN_ORDER ? 1 + random_below(&random, 6) : 1;
        for (size_t j = 0; j < lines; j++) {
            unsigned first = (unsigned)random_below(&random, items);
            unsigned item = (unsigned)random_below(&random, first + 1);
            size +=
                (size_t)snprintf(text + size, sizeof text - size, "%sitem%u", j ? " " : "", item);
        }
        unsigned who = (unsigned)random_below(&random, 200);
        if (random_below(&random, 4) == 0)
            who += STRANGER;
        int64_t late = random_below(&random, 10) == 0 ? 3 * (int64_t)DAY : 0;
        observe(learn, act, who, start_ms + i * (int64_t)60000 - late, text);
    }
}

static void packed(const struct learn *learn, struct buf *out)
{
    buf_init(out, 256 << 20);
    learn_pack(learn, out);
    assert_false(out->overflowed);
}

static void same_observations_give_the_same_bytes_also_from_halfway(void **state)
{
    (void)state;
    struct learn *whole = learn_new(), *again = learn_new();
    play(whole, 0, 60000, 400); /* 41 days: sweeps and moving origins on the way */
    play(again, 0, 25000, 400);
    struct buf half, a, b;
    packed(again, &half);
    learn_free(again);
    assert_int_equal(learn_unpack(buf_slice(&half), &again), STATUS_OK);
    packed(again, &a);
    assert_true(slice_equal(buf_slice(&half), buf_slice(&a)));
    buf_done(&a);
    play(again, 25000, 60000, 400);
    packed(whole, &a);
    packed(again, &b);
    assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
    /* and the same answers, once all is published */
    publish(whole, whole->latest_ms);
    publish(again, again->latest_ms);
    const struct learn_snapshot *left = learn_pin(whole), *right = learn_pin(again);
    const struct learn_score *x, *y;
    size_t count = learn_trending(left, &x);
    assert_int_equal(count, learn_trending(right, &y));
    for (size_t i = 0; i < count; i++)
        assert_true(slice_equal(x[i].item, y[i].item) && x[i].score == y[i].score);
    for (size_t i = 1; i < count; i++)
        assert_true(x[i - 1].score > x[i].score ||
                    (x[i - 1].score == x[i].score && slice_compare(x[i - 1].item, x[i].item) < 0));
    learn_unpin(left);
    learn_unpin(right);
    buf_done(&half);
    buf_done(&a);
    buf_done(&b);
    learn_free(whole);
    learn_free(again);
}

static void assert_same_bytes(const struct learn *left, const struct learn *right)
{
    struct buf a, b;
    packed(left, &a);
    packed(right, &b);
    assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
    buf_done(&a);
    buf_done(&b);
}

/* Lists of 40 items never overflow, and in two days nothing fades away. */
static void a_rebuild_ends_where_streaming_does(void **state)
{
    (void)state;
    struct learn *streamed = learn_new(), *fresh = learn_new_gathering();
    play(streamed, 0, 3000, 40);
    play(fresh, 0, 2500, 40);
    learn_settle(fresh);
    learn_publish_all(fresh, fresh->latest_ms);
    play(fresh, 2500, 3000, 40); /* the rest streams */
    assert_same_bytes(streamed, fresh);
    learn_free(streamed);
    learn_free(fresh);
}

/* Streaming, what comes late to a full list is granted the floor and pays for it. */
static void a_rebuild_counts_completely_where_streaming_lost_count(void **state)
{
    (void)state;
    enum { OTHERS = 3 * LEARN_PAIRS_MAX };
    struct learn *learns[] = {learn_new(), learn_new_gathering()};
    for (size_t i = 0; i < 2; i++) {
        char text[64];
        for (unsigned round = 0; round < 3; round++)
            for (unsigned n = 0; n < OTHERS; n++) {
                (void)snprintf(text, sizeof text, "hub o%u", n);
                observe(learns[i], LEARN_ORDER, 1000 + round * OTHERS + n, start_ms, text);
            }
        observe(learns[i], LEARN_ORDER, 1, start_ms, "hub o0");
    }
    learn_settle(learns[1]);
    double least[2] = {INFINITY, INFINITY};
    for (size_t i = 0; i < 2; i++) {
        uint32_t slot = items_intern(&learns[i]->items, SLICE("hub"));
        const struct pair_list *list = &learns[i]->items.slots[slot].lists[LEARN_BOUGHT_TOGETHER];
        assert_true(list->count <= LEARN_PAIRS_MAX && list->floor > 0);
        for (uint32_t j = 0; j < list->count; j++)
            least[i] = fmin(least[i], (double)(list->pairs[j].weight - list->pairs[j].error));
    }
    assert_true(least[1] > 1.7 && least[0] < least[1]); /* three orders, each 2^-3/4 */
    learn_free(learns[0]);
    learn_free(learns[1]);
}

static void readers_get_a_rebuild_with_the_next_pin_and_keep_what_they_pinned(void **state)
{
    (void)state;
    struct learn *learn = learn_new(), *fresh = learn_new_gathering();
    observe(learn, LEARN_ORDER, 1, start_ms, "a b");
    publish(learn, start_ms);
    observe(fresh, LEARN_ORDER, 1, start_ms, "a c");
    learn_settle(fresh);
    learn_publish_all(fresh, start_ms);
    const struct learn_snapshot *pinned = learn_pin(learn);
    learn_adopt(learn, fresh);
    learn_free(fresh);
    const struct learn_score *scores;
    assert_int_equal(learn_neighbours(pinned, LEARN_BOUGHT_TOGETHER, SLICE("a"), &scores), 1);
    assert_true(slice_is(scores[0].item, "b"));
    learn_unpin(pinned);
    assert_true(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "c") > 0);
    near(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "b"), 0);
    observe(learn, LEARN_ORDER, 2, start_ms, "a d");
    publish(learn, start_ms);
    assert_true(neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "d") > 0);
    learn_free(learn);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    play(learn, 0, 300, 20);
    struct buf bytes;
    packed(learn, &bytes);
    learn_free(learn);
    for (size_t size = 0; size < bytes.size; size += 7) {
        struct learn *got;
        assert_int_equal(learn_unpack(slice_make(bytes.data, size), &got), STATUS_CORRUPT);
    }
    struct random_stream random = random_stream(5);
    for (int i = 0; i < 2000; i++) { /* any answer, but no fault */
        size_t at = (size_t)random_below(&random, bytes.size);
        char before = bytes.data[at];
        bytes.data[at] = (char)random_below(&random, 256);
        struct learn *got;
        if (learn_unpack(buf_slice(&bytes), &got) == STATUS_OK) {
            publish(got, start_ms);
            learn_free(got);
        }
        bytes.data[at] = before;
    }
    buf_done(&bytes);
}

static void what_weighs_nothing_leaves(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    observe(learn, LEARN_VIEW, 1, start_ms, "old");
    observe(learn, LEARN_VIEW, 1, start_ms + 1, "older");
    publish(learn, start_ms);
    assert_true(neighbour(learn, LEARN_VIEWED_TOGETHER, "old", "older") > 0);
    for (int day = 1; day < 900; day++)
        observe(learn, LEARN_VIEW, 2, start_ms + day * (int64_t)DAY, "new");
    publish(learn, start_ms);
    assert_int_equal(learn->items.live, 1);
    near(neighbour(learn, LEARN_VIEWED_TOGETHER, "old", "older"), 0);
    assert_true(trend(learn, "old") == 0);
    learn_free(learn);
}

static void lists_are_bounded_and_keep_the_heavy_ones(void **state)
{
    (void)state;
    struct learn *learn = plain();
    char text[64];
    for (unsigned i = 0; i < 3000; i++) {
        (void)snprintf(text, sizeof text, "hub rare%u", i);
        observe(learn, LEARN_ORDER, 2 * i, start_ms, text);
        if (i % 10 == 0)
            observe(learn, LEARN_ORDER, 2 * i + 1, start_ms, "hub friend");
    }
    publish(learn, start_ms);
    uint32_t slot = items_intern(&learn->items, SLICE("hub"));
    const struct pair_list *list = &learn->items.slots[slot].lists[LEARN_BOUGHT_TOGETHER];
    assert_in_range(list->count, LEARN_PAIRS_MAX * 3 / 4, LEARN_PAIRS_MAX);
    assert_true(list->floor > 0);
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *scores;
    size_t count = learn_neighbours(snapshot, LEARN_BOUGHT_TOGETHER, SLICE("hub"), &scores);
    assert_int_equal(count, GRAPH_NEIGHBOURS_MAX);
    assert_true(slice_is(scores[0].item, "friend"));
    learn_unpin(snapshot);
    learn_free(learn);
}

static void publishes_the_thousand_best_of_many(void **state)
{
    (void)state;
    struct learn *learn = plain();
    struct random_stream random = random_stream(11);
    for (unsigned i = 0; i < 5000; i++) { /* many equal scores: ties go by id */
        char text[16];
        (void)snprintf(text, sizeof text, "i%04u", (unsigned)random_below(&random, 2500));
        observe(learn, LEARN_ADD, i, start_ms, text);
    }
    publish(learn, start_ms);
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *scores;
    assert_int_equal(learn_trending(snapshot, &scores), LEARN_TOP_MAX);
    const struct learn_score *last = &scores[LEARN_TOP_MAX - 1];
    size_t better = 0;
    for (uint32_t slot = 0; slot < learn->items.count; slot++) {
        double score = learn->items.slots[slot].trend;
        better +=
            score > last->score ||
            (score == last->score && slice_compare(item_id(&learn->items, slot), last->item) < 0);
    }
    assert_int_equal(better, LEARN_TOP_MAX - 1);
    for (size_t i = 1; i < LEARN_TOP_MAX; i++)
        assert_true(scores[i - 1].score > scores[i].score ||
                    (scores[i - 1].score == scores[i].score &&
                     slice_compare(scores[i - 1].item, scores[i].item) < 0));
    learn_unpin(snapshot);
    learn_free(learn);
}

static void a_pinned_snapshot_stays_as_it_was(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    observe(learn, LEARN_ORDER, 1, start_ms, "a b");
    publish(learn, start_ms);
    const struct learn_snapshot *snapshot = learn_pin(learn);
    const struct learn_score *before, *after;
    assert_int_equal(learn_neighbours(snapshot, LEARN_BOUGHT_TOGETHER, SLICE("a"), &before), 1);
    double score = before[0].score;
    observe(learn, LEARN_ORDER, 2, start_ms, "a b c");
    publish(learn, start_ms);
    assert_int_equal(learn_neighbours(snapshot, LEARN_BOUGHT_TOGETHER, SLICE("a"), &after), 1);
    assert_ptr_equal(before, after);
    assert_true(after[0].score == score);
    learn_unpin(snapshot);
    learn_free(learn);
}

struct reading {
    struct learn *learn;
    _Atomic bool stop;
};

static void *read_on(void *context)
{
    struct reading *reading = context;
    while (!atomic_load(&reading->stop)) {
        const struct learn_snapshot *snapshot = learn_pin(reading->learn);
        const struct learn_score *scores;
        size_t count = learn_trending(snapshot, &scores);
        for (size_t i = 0; i < count && i < 20; i++) {
            const struct learn_score *others;
            size_t others_count =
                learn_neighbours(snapshot, LEARN_VIEWED_TOGETHER, scores[i].item, &others);
            for (size_t j = 0; j < others_count; j++)
                if (!(others[j].score > 0) || others[j].item.size == 0)
                    abort();
        }
        learn_unpin(snapshot);
    }
    return NULL;
}

static void readers_never_see_a_half_made_snapshot(void **state)
{
    (void)state;
    struct reading reading = {.learn = learn_new()};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reading), 0);
    for (unsigned i = 0; i < 300; i++) {
        play(reading.learn, i * 20, i * 20 + 20, 100);
        (void)learn_publish(reading.learn, start_ms);
    }
    atomic_store(&reading.stop, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    learn_free(reading.learn);
}

static void the_person_not_heard_of_for_longest_leaves_first(void **state)
{
    (void)state;
    struct learn *learn = plain();
    for (unsigned i = 0; i <= RECENTS_PEOPLE_MAX; i++) {
        struct slice item = SLICE("a");
        struct uuid who = {{2}};
        memcpy(who.bytes + 8, &i, sizeof i);
        learn_observe(learn, &(struct learn_observation){.time_ms = start_ms,
                                                         .person = who,
                                                         .personal = true,
                                                         .act = LEARN_VIEW,
                                                         .items = &item,
                                                         .item_count = 1});
    }
    assert_int_equal(learn->sessions.live, RECENTS_PEOPLE_MAX);
    unsigned oldest;
    memcpy(&oldest, learn->sessions.people[learn->sessions.oldest].person.bytes + 8, sizeof oldest);
    assert_int_equal(oldest, 1);
    learn_free(learn);
}

/* What strangers may not move: trends, the graph, visits. As one number, so that a bit shows. */
static double taught(struct learn *learn)
{
    double sum = trend(learn, "a") + trend(learn, "b");
    sum += neighbour(learn, LEARN_BOUGHT_TOGETHER, "a", "b");
    return sum + neighbour(learn, LEARN_VIEWED_TOGETHER, "a", "b");
}

static void orders_of_strangers_move_nothing_but_their_counts(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    for (unsigned who = 0; who < 4; who++) {
        observe(learn, LEARN_VIEW, who, start_ms, "a");
        observe(learn, LEARN_VIEW, who, start_ms + 1000, "b");
        observe(learn, LEARN_ORDER, who, start_ms + 2000, "a b");
    }
    publish(learn, start_ms + 2000);
    const double before = taught(learn), sold = seller(learn, "a");
    const size_t visits = learn_visits_bytes(learn);
    assert_true(before > 0 && sold > 0);
    for (unsigned who = 0; who < ANONYMOUS_PEOPLE_MIN; who++) { /* months later */
        const bool shown = who + 1 == ANONYMOUS_PEOPLE_MIN;
        observe(learn, LEARN_ORDER, STRANGER + who, start_ms + (100 + who) * (int64_t)DAY, "c a");
        publish(learn, start_ms + 2000);
        assert_true(taught(learn) == before);
        assert_int_equal(learn_visits_bytes(learn), visits);
        assert_int_equal(seller(learn, "c") > 0, shown);
        assert_int_equal(seller(learn, "a") != sold, shown);
    }
    learn_free(learn);
}

static void where_nobody_teaches_strangers_tell_the_time(void **state)
{
    (void)state;
    struct learn *learn = learn_new();
    for (unsigned day = 0; day < 800; day += 2)
        for (unsigned who = 0; who < ANONYMOUS_PEOPLE_MIN && (day == 0 || day > 700); who++)
            observe(learn, LEARN_ORDER, STRANGER + who, start_ms + day * (int64_t)DAY,
                    day == 0 ? "old" : "new");
    publish(learn, start_ms + 800 * (int64_t)DAY);
    assert_true(seller(learn, "new") > 0);
    assert_true(seller(learn, "old") == 0);
    learn_free(learn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decays_by_half_each_half_life),
        cmocka_unit_test(decays_alike_for_the_largest_and_the_smallest_half_life),
        cmocka_unit_test(trends_fade_by_half_a_day_and_adds_count_three),
        cmocka_unit_test(reloading_a_page_makes_no_trend),
        cmocka_unit_test(counts_units_sold_less_returned),
        cmocka_unit_test(strangers_orders_show_from_ten_people_on),
        cmocka_unit_test(baskets_score_as_rp3beta_with_a_prior),
        cmocka_unit_test(a_persons_baskets_of_thirty_days_meet),
        cmocka_unit_test(views_meet_those_before_them_in_the_session),
        cmocka_unit_test(what_a_visit_looked_at_meets_what_it_ends_in),
        cmocka_unit_test(same_observations_give_the_same_bytes_also_from_halfway),
        cmocka_unit_test(a_rebuild_ends_where_streaming_does),
        cmocka_unit_test(a_rebuild_counts_completely_where_streaming_lost_count),
        cmocka_unit_test(readers_get_a_rebuild_with_the_next_pin_and_keep_what_they_pinned),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(what_weighs_nothing_leaves),
        cmocka_unit_test(lists_are_bounded_and_keep_the_heavy_ones),
        cmocka_unit_test(publishes_the_thousand_best_of_many),
        cmocka_unit_test(a_pinned_snapshot_stays_as_it_was),
        cmocka_unit_test(readers_never_see_a_half_made_snapshot),
        cmocka_unit_test(the_person_not_heard_of_for_longest_leaves_first),
        cmocka_unit_test(orders_of_strangers_move_nothing_but_their_counts),
        cmocka_unit_test(where_nobody_teaches_strangers_tell_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
