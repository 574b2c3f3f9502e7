/* How long a visit's neighbours take among millions of clicks:  sessions_bench [clicks]
 *
 * A made log: items by Zipf's law within topics, visits of a geometric length that mostly stay
 * in one topic. Prints one JSON line: inserts a second, bytes, and latencies of vmis and rules
 * for live visits of every length, most of them full of popular items. */
#include "base/clock.h"
#include "base/random.h"
#include "learn/rules.h"
#include "learn/vmis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ITEMS = 200000, TOPIC_ITEMS = 500, QUERIES = 20000, LENGTH_MAX = 30 };

/* Zipf with exponent 1, by inversion of the continuous law. */
static uint32_t zipf(struct random_stream *random, uint32_t bound)
{
    return (uint32_t)exp(random_unit(random) * log((double)bound + 1)) - 1;
}

static uint32_t make_visit(struct random_stream *random, uint32_t *out_items)
{
    uint32_t topic = zipf(random, ITEMS / TOPIC_ITEMS), count = 0;
    do {
        if (random_below(random, 10) == 0)
            topic = zipf(random, ITEMS / TOPIC_ITEMS);
        out_items[count++] = topic * TOPIC_ITEMS + zipf(random, TOPIC_ITEMS);
    } while (count < LENGTH_MAX && random_below(random, 6) != 0);
    return count;
}

static double cpu_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void time_queries(const char *name, struct recommender recommender)
{
    static double wall_us[QUERIES], own_us[QUERIES];
    struct random_stream random = random_stream(2);
    struct recommended best[20];
    struct recommended_list list = {best, 0, 20};
    const struct recommend_view all = {0};
    struct board board;
    board_init(&board, ITEMS);
    for (int q = 0; q < QUERIES; q++) {
        uint32_t items[LENGTH_MAX];
        struct recommend_context context = {items, make_visit(&random, items)};
        double began_us = cpu_us();
        uint64_t wall = clock_monotonic_us();
        recommend(&recommender, &context, &all, &board, &list);
        wall_us[q] = (double)(clock_monotonic_us() - wall);
        own_us[q] = cpu_us() - began_us;
    }
    board_done(&board);
    qsort(wall_us, QUERIES, sizeof *wall_us, ascending);
    qsort(own_us, QUERIES, sizeof *own_us, ascending);
    printf(",\"%s\":{\"cpu_p50_us\":%.0f,\"cpu_p99_us\":%.0f,\"wall_p50_us\":%.0f,"
           "\"wall_p99_us\":%.0f}",
           name, own_us[QUERIES / 2], own_us[QUERIES / 100 * 99], wall_us[QUERIES / 2],
           wall_us[QUERIES / 100 * 99]);
}

int main(int argc, char **argv)
{
    uint64_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, clicks = 0;
    struct random_stream random = random_stream(1);
    struct session_index *index = session_index_new(SESSION_NUMBERS - 1);
    double made_us = 0, began_us = cpu_us();
    while (clicks < wanted) {
        uint32_t items[LENGTH_MAX];
        double before_us = cpu_us();
        uint32_t count = make_visit(&random, items);
        made_us += cpu_us() - before_us;
        session_index_add(index, items, count);
        clicks += count;
    }
    double took_us = cpu_us() - began_us - made_us;
    const struct session_view *view = session_index_pin(index);
    struct vmis vmis;
    struct rules rules;
    struct vmis_options options = vmis_options_default();
    vmis_init(&vmis, view, &options);
    rules_init(&rules, view);
    printf("{\"bench\":\"sessions\",\"clicks\":%llu,\"visits\":%u,\"insert_us\":%.2f,\"bytes\":%zu",
           (unsigned long long)clicks, view->session_count, took_us / view->session_count,
           view->bytes);
    time_queries("vmis", (struct recommender){&vmis_kind, &vmis});
    time_queries("rules", (struct recommender){&rules_kind, &rules});
    printf("}\n");
    session_view_unref(view);
    session_index_free(index);
    return 0;
}
