#include "test.h"

#include "base/random.h"
#include "learn/repurchase.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS 86400000LL
static const int64_t start_ms = 1700000000000;

static struct uuid person(unsigned number)
{
    struct uuid uuid = {{1}};
    memcpy(uuid.bytes + 8, &number, sizeof number);
    return uuid;
}

static void buy(struct repurchase *repurchase, unsigned who, int day, const char *item,
                const char *category)
{
    repurchase_observe(repurchase, &(struct repurchase_purchase){.time_ms = start_ms + day * DAY_MS,
                                                                 .person = person(who),
                                                                 .item = slice_of(item),
                                                                 .category = slice_of(category)});
}

/* As someone hears it who bought the item, or one of the category (item ""), once: 0 when it is not
 * known. */
static double lifetime_days(struct repurchase *repurchase, const char *item, const char *category)
{
    struct repurchase_owned once = {.item = slice_of(item),
                                    .category = slice_of(category),
                                    .first_ms = start_ms,
                                    .last_ms = start_ms,
                                    .times = 1};
    struct repurchase_due due = {0};
    repurchase_publish(repurchase);
    const struct repurchase_snapshot *snapshot = repurchase_pin(repurchase);
    size_t found = repurchase_ask(snapshot, &once, 1, start_ms + DAY_MS, &due);
    repurchase_unpin(snapshot);
    return found ? (double)due.lifetime_ms / (double)DAY_MS : 0;
}

static void within(double a, double b, double part)
{
    assert_true(fabs(a / b - 1) < part);
}

static void a_lifetime_is_the_median_gap_over_people(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    static const int gaps[] = {10, 30, 30, 32, 200};
    for (unsigned who = 0; who < 5; who++) {
        buy(repurchase, who, 0, "coffee", "Food");
        buy(repurchase, who, gaps[who], "coffee", "Food");
    }
    buy(repurchase, 9, 0, "grinder", "Food");
    within(lifetime_days(repurchase, "coffee", ""), 30, 0.045);
    assert_true(lifetime_days(repurchase, "grinder", "") == 0);
    within(lifetime_days(repurchase, "", "Food"), 30, 0.045);
    assert_true(lifetime_days(repurchase, "unknown", "") == 0);
    repurchase_free(repurchase);
}

static void medians_are_exact_within_their_step(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(5);
    for (int days = 1; days < 400; days += 7) {
        struct repurchase *repurchase = repurchase_new();
        for (unsigned who = 0; who < 101; who++) { /* half are shorter, half longer */
            int gap = who == 0    ? days
                      : who <= 50 ? 1 + (int)random_below(&stream, (uint64_t)days)
                                  : days + (int)random_below(&stream, 100);
            buy(repurchase, who, 0, "x", "");
            buy(repurchase, who, gap, "x", "");
        }
        within(lifetime_days(repurchase, "x", ""), days, 0.09);
        repurchase_free(repurchase);
    }
}

static void lines_of_one_day_and_late_events_are_no_repurchase(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    buy(repurchase, 1, 10, "coffee", "");
    buy(repurchase, 1, 10, "coffee", "");
    buy(repurchase, 1, 3, "coffee", "");
    assert_true(lifetime_days(repurchase, "coffee", "") == 0);
    buy(repurchase, 1, 30, "coffee", "");
    within(lifetime_days(repurchase, "coffee", ""), 20, 0.09);
    repurchase_free(repurchase);
}

static size_t ask(struct repurchase *repurchase, const struct repurchase_owned *owned, size_t count,
                  int day, struct repurchase_due *due)
{
    repurchase_publish(repurchase);
    const struct repurchase_snapshot *snapshot = repurchase_pin(repurchase);
    size_t found = repurchase_ask(snapshot, owned, count, start_ms + day * DAY_MS, due);
    repurchase_unpin(snapshot);
    return found;
}

static void the_score_peaks_when_due(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    for (unsigned who = 0; who < 50; who++) {
        buy(repurchase, who, 0, "coffee", "");
        buy(repurchase, who, 32, "coffee", "");
    }
    struct repurchase_owned owned = {SLICE("coffee"), SLICE_NONE, start_ms, start_ms, 1};
    struct repurchase_due due[2];
    double before = 0;
    for (int day = 1; day <= 32; day++) {
        assert_int_equal(ask(repurchase, &owned, 1, day, due), 1);
        assert_true(due[0].score > before && due[0].score == due[0].again * due[0].peak);
        before = due[0].score;
    }
    within(due[0].peak, 1, 0.01);
    /* 50 of 100 purchases came again; five more stand for none: 50/105, and twice that of three */
    within(due[0].again, 2 * (50.0 / 105) / 3, 1e-9);
    assert_int_equal(due[0].basis, REPURCHASE_BY_ITEM);
    assert_int_equal(ask(repurchase, &owned, 1, 128, due), 1);
    within(due[0].peak, 0.5, 0.05);
    assert_int_equal(ask(repurchase, &owned, 1, 0, due), 0); /* just bought */
    repurchase_free(repurchase);
}

static void an_own_rhythm_speaks_louder_than_other_people(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    for (unsigned who = 0; who < 4; who++) {
        buy(repurchase, who, 0, "coffee", "");
        buy(repurchase, who, 64, "coffee", "");
    }
    /* four gaps of 8 days: weight 16, the item's weight 4 → log2 = (16 × 3 + 4 × 6) / 20 */
    struct repurchase_owned owned = {SLICE("coffee"), SLICE_NONE, start_ms, start_ms + 32 * DAY_MS,
                                     5};
    struct repurchase_due due[2];
    assert_int_equal(ask(repurchase, &owned, 1, 40, due), 1);
    assert_int_equal(due[0].basis, REPURCHASE_BY_OWN);
    within((double)due[0].lifetime_ms / (double)DAY_MS, exp2(3.6), 0.05);
    repurchase_free(repurchase);
}

static void what_nobody_buys_again_is_not_due_and_the_best_comes_first(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    for (unsigned who = 0; who < 20; who++) {
        buy(repurchase, who, 0, "sofa", "Furniture");
        buy(repurchase, who, 0, "coffee", "Food");
        buy(repurchase, who, 30, "coffee", "Food");
        buy(repurchase, who, 0, "tea", "Food");
    }
    struct repurchase_owned owned[] = {
        {SLICE("sofa"), SLICE("Furniture"), start_ms, start_ms, 1},
        {SLICE("tea"), SLICE("Food"), start_ms, start_ms, 1},
        {SLICE("coffee"), SLICE("Food"), start_ms, start_ms, 1},
    };
    struct repurchase_due due[3];
    assert_int_equal(ask(repurchase, owned, 3, 30, due), 2);
    assert_int_equal(due[0].owned, 2);
    assert_int_equal(due[1].owned, 1);
    assert_int_equal(due[1].basis, REPURCHASE_BY_CATEGORY);
    repurchase_free(repurchase);
}

static void who_is_forgotten_leaves_no_purchase_behind(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    buy(repurchase, 1, 0, "coffee", "");
    repurchase_forget(repurchase, person(1));
    buy(repurchase, 1, 30, "coffee", "");
    assert_true(lifetime_days(repurchase, "coffee", "") == 0);
    repurchase_free(repurchase);
}

static void fill(struct repurchase *repurchase, unsigned seed, int count)
{
    struct random_stream stream = random_stream(seed);
    for (int i = 0; i < count; i++) {
        char item[16], category[16];
        unsigned number = (unsigned)random_below(&stream, 200);
        (void)snprintf(item, sizeof item, "i%u", number);
        (void)snprintf(category, sizeof category, "c%u", number % 7);
        buy(repurchase, (unsigned)random_below(&stream, 500), i / 50, item, category);
    }
}

static void bytes_bring_back_the_same_state(void **state)
{
    (void)state;
    struct repurchase *before = repurchase_new(), *after;
    fill(before, 1, 5000);
    struct buf first, second;
    buf_init(&first, 1 << 24);
    buf_init(&second, 1 << 24);
    repurchase_pack(before, &first);
    assert_int_equal(repurchase_unpack(buf_slice(&first), &after), STATUS_OK);
    fill(before, 2, 5000);
    fill(after, 2, 5000);
    buf_clear(&first);
    repurchase_pack(before, &first);
    repurchase_pack(after, &second);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    for (size_t size = 0; size < first.size; size += 1 + size / 20) {
        struct repurchase *cut;
        char *copy = malloc(size + 1);
        memcpy(copy, first.data, size);
        assert_int_equal(repurchase_unpack(slice_make(copy, size), &cut), STATUS_CORRUPT);
        free(copy);
    }
    buf_done(&first);
    buf_done(&second);
    repurchase_free(before);
    repurchase_free(after);
}

static void memory_ends_at_its_limits(void **state)
{
    (void)state;
    struct repurchase *repurchase = repurchase_new();
    char item[16];
    for (unsigned i = 0; i < REPURCHASE_KEYS_MAX + 1000; i++) {
        (void)snprintf(item, sizeof item, "i%u", i);
        buy(repurchase, i, 0, item, "");
        if (i == 5)
            buy(repurchase, i, 40, item, "");
    }
    assert_true(repurchase_bytes(repurchase) < 64UL << 20);
    within(lifetime_days(repurchase, "i5", ""), 40, 0.09); /* bought more, so it stays */
    repurchase_free(repurchase);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lifetime_is_the_median_gap_over_people),
        cmocka_unit_test(medians_are_exact_within_their_step),
        cmocka_unit_test(lines_of_one_day_and_late_events_are_no_repurchase),
        cmocka_unit_test(the_score_peaks_when_due),
        cmocka_unit_test(an_own_rhythm_speaks_louder_than_other_people),
        cmocka_unit_test(what_nobody_buys_again_is_not_due_and_the_best_comes_first),
        cmocka_unit_test(who_is_forgotten_leaves_no_purchase_behind),
        cmocka_unit_test(bytes_bring_back_the_same_state),
        cmocka_unit_test(memory_ends_at_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
