#include "test.h"

#include "base/random.h"
#include "learn/popularity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS 86400000LL
static const int64_t start_ms = 1700000000000;

static void observe(struct popularity *popularity, int64_t time_ms, const char *item, double weight,
                    const char *category)
{
    struct popularity_key keys[] = {{SLICE("category"), slice_of(category)},
                                    {SLICE("brand"), SLICE("Salomon")}};
    popularity_observe(popularity, &(struct popularity_observation){.time_ms = time_ms,
                                                                    .item = slice_of(item),
                                                                    .weight = weight,
                                                                    .keys = keys,
                                                                    .key_count = 2});
}

static double score(struct popularity *popularity, const char *attribute, const char *value,
                    const char *item)
{
    const struct popularity_snapshot *snapshot = popularity_pin(popularity);
    struct popularity_list list =
        popularity_top(snapshot, &(struct popularity_key){slice_of(attribute), slice_of(value)});
    double found = 0;
    for (size_t i = 0; i < list.count; i++)
        if (slice_is(list.scores[i].item, item))
            found = list.scores[i].weight * list.scale;
    popularity_unpin(snapshot);
    return found;
}

static void near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9);
}

static void each_list_counts_its_own_and_decays(void **state)
{
    (void)state;
    struct popularity *popularity = popularity_new(DAY_MS, 100);
    observe(popularity, start_ms, "shoe", 2, "Trail");
    observe(popularity, start_ms + DAY_MS, "shoe", 1, "Trail");
    observe(popularity, start_ms + DAY_MS, "sock", 1, "Socks");
    popularity_publish(popularity, start_ms + DAY_MS);
    near(score(popularity, "category", "Trail", "shoe"), 2);
    near(score(popularity, "category", "Trail", "sock"), 0);
    near(score(popularity, "category", "Socks", "sock"), 1);
    near(score(popularity, "brand", "Salomon", "shoe"), 2);
    near(score(popularity, "brand", "Salomon", "sock"), 1);
    near(score(popularity, "brand", "Other", "sock"), 0);
    observe(popularity, start_ms + 2 * DAY_MS, "sock", 1, "Socks");
    popularity_publish(popularity, start_ms + 2 * DAY_MS);
    near(score(popularity, "category", "Trail", "shoe"), 1); /* untouched, and weighs half */
    near(score(popularity, "category", "Socks", "sock"), 1.5);
    popularity_free(popularity);
}

static void returns_take_away_and_never_below_nothing(void **state)
{
    (void)state;
    struct popularity *popularity = popularity_new(DAY_MS, 100);
    observe(popularity, start_ms, "shoe", -1, "Trail");
    observe(popularity, start_ms, "shoe", 3, "Trail");
    observe(popularity, start_ms, "shoe", -1, "Trail");
    observe(popularity, start_ms, "boot", 1, "Trail");
    observe(popularity, start_ms, "boot", -5, "Trail");
    popularity_publish(popularity, start_ms);
    near(score(popularity, "category", "Trail", "shoe"), 2);
    near(score(popularity, "category", "Trail", "boot"), 0);
    popularity_free(popularity);
}

static void of_many_items_the_heavy_ones_stay(void **state)
{
    (void)state;
    struct popularity *popularity = popularity_new(DAY_MS, 100);
    char item[16];
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 50; i++) {
            (void)snprintf(item, sizeof item, "heavy%d", i);
            observe(popularity, start_ms, item, 1, "Trail");
        }
        for (int i = 0; i < 20; i++) {
            (void)snprintf(item, sizeof item, "light%d-%d", round, i);
            observe(popularity, start_ms, item, 1, "Trail");
        }
    }
    popularity_publish(popularity, start_ms);
    for (int i = 0; i < 50; i++) {
        (void)snprintf(item, sizeof item, "heavy%d", i);
        assert_true(score(popularity, "category", "Trail", item) == 50);
    }
    const struct popularity_snapshot *snapshot = popularity_pin(popularity);
    struct popularity_list list =
        popularity_top(snapshot, &(struct popularity_key){SLICE("category"), SLICE("Trail")});
    assert_true(list.count <= POPULARITY_ITEMS_MAX);
    for (size_t i = 1; i < list.count; i++)
        assert_true(list.scores[i - 1].weight >= list.scores[i].weight);
    popularity_unpin(snapshot);
    popularity_free(popularity);
}

static void of_many_lists_the_heavy_ones_stay_and_memory_is_bounded(void **state)
{
    (void)state;
    struct popularity *popularity = popularity_new(DAY_MS, 20);
    char category[24];
    size_t bytes = 0;
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 10; i++) {
            (void)snprintf(category, sizeof category, "big%d", i);
            observe(popularity, start_ms, "shoe", 5, category);
        }
        (void)snprintf(category, sizeof category, "small%d", round);
        observe(popularity, start_ms, "shoe", 1, category);
        popularity_publish(popularity, start_ms);
        if (round == 40)
            bytes = popularity_bytes(popularity);
    }
    for (int i = 0; i < 10; i++) {
        (void)snprintf(category, sizeof category, "big%d", i);
        near(score(popularity, "category", category, "shoe"), 500);
    }
    near(score(popularity, "category", "small0", "shoe"), 0);
    assert_true(popularity_bytes(popularity) < bytes + 100);
    popularity_free(popularity);
}

static void what_weighs_nothing_any_more_leaves(void **state)
{
    (void)state;
    struct popularity *popularity = popularity_new(DAY_MS, 20);
    observe(popularity, start_ms, "shoe", 1, "Trail");
    popularity_publish(popularity, start_ms);
    observe(popularity, start_ms + 100 * DAY_MS, "lamp", 1, "Rando");
    popularity_publish(popularity, start_ms + 100 * DAY_MS);
    const struct popularity_snapshot *snapshot = popularity_pin(popularity);
    struct popularity_key key = {SLICE("category"), SLICE("Trail")};
    assert_int_equal(popularity_top(snapshot, &key).count, 0);
    popularity_unpin(snapshot);
    near(score(popularity, "category", "Rando", "lamp"), 1);
    popularity_free(popularity);
}

static void fill(struct popularity *popularity, unsigned seed, int count)
{
    struct random_stream stream = random_stream(seed);
    for (int i = 0; i < count; i++) {
        char item[16], category[16];
        (void)snprintf(item, sizeof item, "i%u", (unsigned)random_below(&stream, 300));
        (void)snprintf(category, sizeof category, "c%u", (unsigned)random_below(&stream, 30));
        observe(popularity, start_ms + i * (DAY_MS / 20), item, random_below(&stream, 10) ? 1 : -1,
                category);
    }
}

static void bytes_bring_back_the_same_state(void **state)
{
    (void)state;
    struct popularity *before = popularity_new(DAY_MS, 20), *after;
    fill(before, 1, 3000);
    struct buf first, second;
    buf_init(&first, 1 << 24);
    buf_init(&second, 1 << 24);
    popularity_pack(before, &first);
    assert_int_equal(popularity_unpack(buf_slice(&first), &after), STATUS_OK);
    fill(before, 2, 3000);
    fill(after, 2, 3000);
    buf_clear(&first);
    popularity_pack(before, &first);
    popularity_pack(after, &second);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    for (size_t size = 0; size < first.size; size += 1 + size / 50) {
        struct popularity *cut;
        char *copy = malloc(size + 1);
        memcpy(copy, first.data, size);
        assert_int_equal(popularity_unpack(slice_make(copy, size), &cut), STATUS_CORRUPT);
        free(copy);
    }
    buf_done(&first);
    buf_done(&second);
    popularity_free(before);
    popularity_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_list_counts_its_own_and_decays),
        cmocka_unit_test(returns_take_away_and_never_below_nothing),
        cmocka_unit_test(of_many_items_the_heavy_ones_stay),
        cmocka_unit_test(of_many_lists_the_heavy_ones_stay_and_memory_is_bounded),
        cmocka_unit_test(what_weighs_nothing_any_more_leaves),
        cmocka_unit_test(bytes_bring_back_the_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
