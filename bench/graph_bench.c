/* The item graph on a million interactions, one core:  graph_bench [pairs]
 *
 * People take items by Zipf's law within their tastes, as many as an exponential law says.
 * Prints one JSON line: a build from nothing, its bytes, an event's share while it streams in
 * (with the pages it touches published every hundred events), and an answer. */
#include "base/random.h"
#include "learn/rp3.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ITEMS = 40000, PEOPLE = 30000, TASTES = 80, STREAMED = 2000, PORTION = 100, ASKED = 2000 };

static double cpu_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t taken(struct random_stream *random, uint32_t person)
{
    uint32_t taste = random_below(random, 4) ? person % TASTES : (person / TASTES) % TASTES;
    uint32_t room = ITEMS / TASTES;
    return taste * room + (uint32_t)exp(random_unit(random) * log((double)room + 1)) - 1;
}

static void stream(struct rp3_graph *graph, struct random_stream *random)
{
    for (int i = 0; i < STREAMED; i++) {
        uint32_t person = (uint32_t)random_below(random, PEOPLE);
        rp3_graph_add(graph, person, taken(random, person));
        struct rp3_snapshot *snapshot;
        if (i % PORTION != PORTION - 1)
            continue;
        (void)rp3_publish(graph, 0, &snapshot);
        rp3_snapshot_unref(snapshot);
    }
}

static double answer_us(const struct rp3_snapshot *snapshot, struct random_stream *random)
{
    struct board board;
    struct recommended best[20];
    struct recommended_list list = {best, 0, 20};
    const struct recommend_view all = {0};
    const struct recommender recommender = {&rp3_kind, snapshot};
    board_init(&board, ITEMS);
    double began_s = cpu_s();
    for (int q = 0; q < ASKED; q++) {
        uint32_t items[50], person = (uint32_t)random_below(random, PEOPLE);
        for (size_t i = 0; i < 50; i++)
            items[i] = taken(random, person);
        const struct recommend_context context = {items, 50};
        recommend(&recommender, &context, &all, &board, &list);
    }
    board_done(&board);
    return (cpu_s() - began_s) / ASKED * 1e6;
}

int main(int argc, char **argv)
{
    uint64_t pairs = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, kept = 0, tries = 0;
    struct random_stream random = random_stream(1);
    struct rp3_options options = rp3_options_default();
    struct rp3_graph *graph = rp3_graph_new(&options);
    struct rp3_snapshot *snapshot;
    double began_s = cpu_s();
    for (; kept < pairs && tries < 100 * pairs; tries++) {
        /* a few people take most */
        double part = random_unit(&random);
        uint32_t person = (uint32_t)(PEOPLE * part * part);
        kept += rp3_graph_add(graph, person, taken(&random, person));
    }
    double fed_s = cpu_s() - began_s;
    (void)rp3_publish(graph, 0, &snapshot);
    double built_s = cpu_s() - began_s;
    double asked_us = answer_us(snapshot, &random);
    printf("{\"bench\":\"graph\",\"pairs\":%llu,\"feed_s\":%.2f,\"build_s\":%.2f,\"bytes\":%zu",
           (unsigned long long)kept, fed_s, built_s, rp3_graph_bytes(graph));
    rp3_snapshot_unref(snapshot);
    began_s = cpu_s();
    stream(graph, &random);
    printf(",\"stream_us\":%.0f,\"answer_us\":%.0f}\n", (cpu_s() - began_s) / STREAMED * 1e6,
           asked_us);
    rp3_graph_free(graph);
    return 0;
}
