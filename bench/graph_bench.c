/* The item graph on a million interactions, one core:  graph_bench [interactions]
 *
 * People take items by Zipf's law within their tastes, a few people most of them. One JSON line:
 * rp3_s and answer_us, the graph of a data set made at once and an answer for 50 items; rebuild_s,
 * the living one from the same interactions as visits of views, each tenth with an order: gathered,
 * settled and published, with its bytes then and before it settled; stream_us, one more event of
 * the same kind while it streams. CPU time. */
#include "base/random.h"
#include "learn/rp3.h"
#include "learn/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ITEMS = 40000, PEOPLE = 30000, TASTES = 80, STREAMED = 20000, ASKED = 2000, VISIT = 6 };

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

static uint32_t somebody(struct random_stream *random)
{
    double part = random_unit(random);
    return (uint32_t)(PEOPLE * part * part); /* a few people take most */
}

static double answer_us(const struct rp3 *rp3, struct random_stream *random)
{
    struct board board;
    struct recommended best[20];
    struct recommended_list list = {best, 0, 20};
    const struct recommend_view all = {0};
    const struct recommender recommender = {&rp3_kind, rp3};
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

/* Each person's share of the interactions. */
static double make_rp3(uint64_t interactions, struct rp3 **out_rp3)
{
    struct random_stream random = random_stream(1);
    struct rp3_options options = rp3_options_default();
    struct sequences people;
    uint32_t *counts = must_alloc_zero(PEOPLE, sizeof *counts);
    for (uint64_t i = 0; i < interactions; i++)
        counts[somebody(&random)]++;
    sequences_init(&people);
    for (uint32_t person = 0; person < PEOPLE; person++) {
        for (uint32_t i = 0; i < counts[person]; i++)
            sequences_push(&people, taken(&random, person));
        sequences_end(&people);
    }
    double began_s = cpu_s();
    *out_rp3 = rp3_new(&people, people.count, ITEMS, &options);
    double took_s = cpu_s() - began_s;
    sequences_done(&people);
    free(counts);
    return took_s;
}

/* The event of that number: six views, then perhaps an order of two of them. */
static void observe(struct learn *learn, struct random_stream *random, uint64_t number)
{
    static uint32_t person, seen[VISIT];
    char text[2][16];
    struct slice items[2];
    bool order = number % VISIT == VISIT - 1 && random_below(random, 2) == 0;
    if (number % VISIT == 0)
        person = somebody(random);
    seen[number % VISIT] = taken(random, person);
    for (size_t i = 0; i < 2; i++) {
        uint32_t item = order && i > 0 ? seen[0] : seen[number % VISIT];
        int size = snprintf(text[i], sizeof text[i], "item-%u", item);
        items[i] = slice_make(text[i], (size_t)size);
    }
    struct learn_observation observation = {.time_ms = 1700000000000 + (int64_t)number * 1000,
                                            .personal = true,
                                            .act = order ? LEARN_ORDER : LEARN_VIEW,
                                            .items = items,
                                            .item_count = order ? 2 : 1};
    memcpy(observation.person.bytes, &person, sizeof person);
    learn_observe(learn, &observation);
}

int main(int argc, char **argv)
{
    uint64_t interactions = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    struct random_stream random = random_stream(1);
    struct rp3 *rp3;
    double rp3_s = make_rp3(interactions, &rp3);
    printf("{\"bench\":\"graph\",\"interactions\":%llu,\"rp3_s\":%.2f,\"rp3_bytes\":%zu,"
           "\"answer_us\":%.0f",
           (unsigned long long)interactions, rp3_s, rp3_kind.bytes(rp3), answer_us(rp3, &random));
    rp3_free(rp3);

    struct learn *learn = learn_new_gathering();
    double began_s = cpu_s();
    for (uint64_t i = 0; i < interactions; i++)
        observe(learn, &random, i);
    double gathered_s = cpu_s() - began_s;
    size_t gathered_bytes = learn_graph_bytes(learn);
    learn_settle(learn);
    learn_publish_all(learn, learn->latest_ms);
    printf(",\"gather_s\":%.2f,\"gathered_bytes\":%zu,\"rebuild_s\":%.2f,\"graph_bytes\":%zu",
           gathered_s, gathered_bytes, cpu_s() - began_s, learn_graph_bytes(learn));
    began_s = cpu_s();
    for (uint64_t i = 0; i < STREAMED; i++)
        observe(learn, &random, interactions + i);
    printf(",\"stream_us\":%.1f}\n", (cpu_s() - began_s) / STREAMED * 1e6);
    learn_free(learn);
    return 0;
}
