/* How good the co-occurrence graph is on real data, as JSON lines: what chose the constants of
 * learn.c.
 *
 *   learn_quality baskets ONLINE_RETAIL.csv [validate|test|sweep]
 *   learn_quality sessions TRAIN.txt TEST.tsv [validate|test|sweep]
 *
 * baskets: train on the orders of the first 80 % of the time (validate: of 64 %, measured on the
 * next 16 %); of every later order with two lines or more one line drawn from a fixed seed is
 * hidden, the others vote with their bought-together scores; hit rate at 10 against best
 * sellers. sessions: train on all training sessions but, for validate, the last tenth, which
 * then gives the prefixes; the item after a prefix must be among the 20 best viewed-together
 * neighbours of its last items, which vote with weight 1/distance. */
#include "base/clock.h"
#include "base/random.h"
#include "catalog/feed.h"
#include "learn/state.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINES_MAX = EVENT_ITEMS_MAX, CANDIDATES_MAX_SCORED = 16384 };

struct basket {
    int64_t time_ms;
    struct uuid person;
    bool known;
    struct slice items[LINES_MAX];
    size_t count;
};

struct baskets {
    struct basket *all;
    size_t count, room;
    struct arena arena;
};

static const char *option(int argc, char **argv, int index)
{
    return argc > index ? argv[index] : "test";
}

static int must_open(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        (void)fprintf(stderr, "cannot open %s\n", path);
        exit(2);
    }
    return fd;
}

static struct uuid person_of(struct slice id)
{
    struct uuid person = {0};
    for (size_t i = 0; i < id.size; i++)
        person.bytes[i % 16] ^= (uint8_t)id.data[i];
    return person;
}

/* --- votes of several items' neighbours ------------------------------------------------------- */

struct votes {
    struct slice items[CANDIDATES_MAX_SCORED];
    double scores[CANDIDATES_MAX_SCORED];
    size_t count;
};

static void vote(struct votes *votes, const struct learn_snapshot *snapshot,
                 enum learn_relation relation, struct slice item, double weight)
{
    const struct learn_score *scores;
    size_t count = learn_neighbours(snapshot, relation, item, &scores);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < votes->count && !slice_equal(votes->items[at], scores[i].item))
            at++;
        if (at == CANDIDATES_MAX_SCORED)
            continue;
        if (at == votes->count) {
            votes->items[votes->count] = scores[i].item;
            votes->scores[votes->count++] = 0;
        }
        votes->scores[at] += weight * scores[i].score;
    }
}

/* Rank of an item among the votes, from 1; 0 when it has none. Items of `not` do not compete. */
static size_t rank_of(const struct votes *votes, struct slice item, const struct slice * not,
                      size_t not_count)
{
    double score = -1;
    for (size_t i = 0; i < votes->count; i++)
        if (slice_equal(votes->items[i], item))
            score = votes->scores[i];
    if (score < 0)
        return 0;
    size_t rank = 1;
    for (size_t i = 0; i < votes->count; i++) {
        bool excluded = false;
        for (size_t j = 0; j < not_count && !excluded; j++)
            excluded = slice_equal(votes->items[i], not [j]);
        if (excluded || slice_equal(votes->items[i], item))
            continue;
        rank += votes->scores[i] > score ||
                (votes->scores[i] == score && slice_compare(votes->items[i], item) < 0);
    }
    return rank;
}

static uint64_t publish_us_max;

static void publish_all(struct learn *learn)
{
    bool all = false;
    while (!all) {
        uint64_t began_us = clock_monotonic_us();
        all = learn_publish(learn, learn->latest_ms);
        uint64_t took_us = clock_monotonic_us() - began_us;
        if (took_us > publish_us_max)
            publish_us_max = took_us;
    }
}

/* --- baskets ---------------------------------------------------------------------------------- */

static void load_baskets(const char *path, struct baskets *baskets)
{
    int fd = must_open(path);
    struct feed *feed;
    struct diag diag = {0};
    enum status status = feed_open(fd, FEED_CSV, &feed, &diag);
    assert(status == STATUS_OK);
    struct arena arena;
    arena_init(&arena);
    arena_init(&baskets->arena);
    char last[32] = "";
    for (;; arena_reset(&arena)) {
        const struct json *row;
        unsigned line;
        status = feed_next(feed, &arena, &row, &line, &diag);
        if (status == STATUS_NOT_FOUND)
            break;
        if (status != STATUS_OK)
            continue;
        struct slice invoice = json_get_text(row, "InvoiceNo");
        if (slice_starts_with(invoice, SLICE("C")) ||
            slice_starts_with(json_get_text(row, "Quantity"), SLICE("-")))
            continue;
        if (!slice_is(invoice, last)) {
            if (baskets->count == baskets->room) {
                baskets->room = baskets->room ? 2 * baskets->room : 1024;
                baskets->all = must_realloc(baskets->all, baskets->room * sizeof *baskets->all);
            }
            struct basket *fresh = &baskets->all[baskets->count++];
            struct slice customer = json_get_text(row, "CustomerID");
            *fresh = (struct basket){.known = customer.size > 0,
                                     .person = person_of(customer.size ? customer : invoice)};
            bool good = clock_parse_iso(json_get_text(row, "InvoiceDate"), &fresh->time_ms);
            assert(good);
            (void)snprintf(last, sizeof last, "%.*s", SLICE_ARG(invoice));
        }
        struct basket *basket = &baskets->all[baskets->count - 1];
        struct slice item = json_get_text(row, "StockCode");
        bool twice = false;
        for (size_t i = 0; i < basket->count; i++)
            twice |= slice_equal(basket->items[i], item);
        if (!twice && basket->count < LINES_MAX)
            basket->items[basket->count++] = arena_copy(&baskets->arena, item);
    }
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static int by_time(const void *left, const void *right)
{
    const struct basket *a = left, *b = right;
    return a->time_ms < b->time_ms ? -1 : a->time_ms > b->time_ms;
}

struct basket_score {
    uint64_t cases, hits, popular_hits, one_hits;
    struct votes *votes;
    struct random_stream random;
};

static bool among_ten(const struct votes *votes, struct slice hidden, const struct basket *rest)
{
    size_t rank = rank_of(votes, hidden, rest->items, rest->count);
    return rank > 0 && rank <= 10;
}

static void score_basket(const struct learn_snapshot *snapshot, struct basket basket,
                         struct basket_score *score)
{
    struct votes *votes = score->votes;
    size_t hidden_at = (size_t)random_below(&score->random, basket.count);
    struct slice hidden = basket.items[hidden_at];
    basket.items[hidden_at] = basket.items[--basket.count];
    score->cases++;
    votes->count = 0;
    for (size_t j = 0; j < basket.count; j++)
        vote(votes, snapshot, LEARN_BOUGHT_TOGETHER, basket.items[j], 1);
    score->hits += among_ten(votes, hidden, &basket);
    votes->count = 0; /* as a product page does it: one item alone */
    vote(votes, snapshot, LEARN_BOUGHT_TOGETHER, basket.items[0], 1);
    score->one_hits += among_ten(votes, hidden, &basket);
    const struct learn_score *sellers;
    size_t seller_count = learn_best_sellers(snapshot, &sellers);
    votes->count = 0;
    for (size_t j = 0; j < seller_count && j < 400; j++) {
        votes->items[votes->count] = sellers[j].item;
        votes->scores[votes->count++] = sellers[j].score;
    }
    score->popular_hits += among_ten(votes, hidden, &basket);
}

static void print_baskets(const struct learn *learn, const struct basket_score *score,
                          const char *mode)
{
    const struct learn_tuning *tuning = &learn->tuning;
    const struct relation_tuning *bought = &tuning->relations[LEARN_BOUGHT_TOGETHER];
    double cases = (double)score->cases;
    printf("{\"bench\":\"learn_baskets\",\"split\":\"%s\",\"alpha\":%g,\"beta\":%g,\"prior\":%g,"
           "\"half_life_days\":%lld,\"across\":%g,\"cases\":%llu,"
           "\"hit_at_10\":%.4f,\"one_item_hit_at_10\":%.4f,\"best_sellers_hit_at_10\":%.4f,"
           "\"bytes\":%zu}\n",
           mode, bought->form.alpha_eighths / 8.0, bought->form.beta_eighths / 8.0,
           bought->form.prior, (long long)(bought->half_life_ms / LEARN_DAY_MS),
           tuning->basket_across, (unsigned long long)score->cases, (double)score->hits / cases,
           (double)score->one_hits / cases, (double)score->popular_hits / cases,
           learn_bytes(learn) + learn_graph_bytes(learn));
    (void)fflush(stdout);
}

static void run_baskets(const struct baskets *baskets, const struct learn_tuning *tuning,
                        const char *mode)
{
    int64_t first = baskets->all[0].time_ms, last = baskets->all[baskets->count - 1].time_ms;
    bool test = strcmp(mode, "test") == 0;
    int64_t cut = first + (last - first) * (test ? 80 : 64) / 100;
    int64_t end = test ? last : first + (last - first) * 80 / 100;
    struct learn *learn = learn_new_tuned(tuning);
    size_t i = 0;
    for (; i < baskets->count && baskets->all[i].time_ms <= cut; i++) {
        const struct basket *basket = &baskets->all[i];
        learn_observe(learn, &(struct learn_observation){.time_ms = basket->time_ms,
                                                         .person = basket->person,
                                                         .personal = true,
                                                         .act = LEARN_ORDER,
                                                         .items = basket->items,
                                                         .item_count = basket->count});
    }
    publish_all(learn);
    const struct learn_snapshot *snapshot = learn_pin(learn);
    struct basket_score score = {.votes = must_alloc(sizeof *score.votes),
                                 .random = random_stream(1)};
    for (; i < baskets->count && baskets->all[i].time_ms <= end; i++)
        if (baskets->all[i].count >= 2)
            score_basket(snapshot, baskets->all[i], &score);
    print_baskets(learn, &score, mode);
    free(score.votes);
    learn_unpin(snapshot);
    learn_free(learn);
}

static void sweep_baskets(const struct baskets *baskets, struct learn_tuning tuning)
{
    struct relation_tuning *bought = &tuning.relations[LEARN_BOUGHT_TOGETHER];
    const struct learn_tuning base = tuning;
    static const struct rp3_form forms[] = {{4, 4, 2}, {4, 4, 0}, {4, 4, 0.5}, {4, 4, 10},
                                            {6, 2, 2}, {6, 2, 0}, {6, 4, 2},   {4, 3, 2},
                                            {4, 5, 2}, {3, 4, 2}, {5, 4, 2},   {5, 3, 2}};
    static const double parts[] = {0, 0.05, 0.25, 0.5};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        bought->form = forms[i];
        run_baskets(baskets, &tuning, "validate");
    }
    tuning = base;
    for (int days = 30; days <= 480; days *= 4) {
        bought->half_life_ms = days * (int64_t)LEARN_DAY_MS;
        run_baskets(baskets, &tuning, "validate");
    }
    tuning = base;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        tuning.basket_across = parts[i];
        run_baskets(baskets, &tuning, "validate");
    }
}

/* --- sessions --------------------------------------------------------------------------------- */

struct text_file {
    char *bytes;
    size_t size;
};

static struct text_file read_file(const char *path)
{
    int fd = must_open(path);
    off_t size = lseek(fd, 0, SEEK_END);
    struct text_file file = {must_alloc((size_t)size + 1), (size_t)size};
    ssize_t got = pread(fd, file.bytes, file.size, 0);
    assert(got == (ssize_t)size);
    close(fd);
    return file;
}

static size_t split(struct slice line, char by, struct slice *out, size_t max)
{
    size_t count = 0;
    struct slice head;
    while (count + 1 < max && slice_cut(line, by, &head, &line))
        out[count++] = head;
    out[count++] = line;
    return count;
}

struct session_score {
    uint64_t cases, hits, last_hits;
    double reciprocal;
};

static void score_prefix(const struct learn_snapshot *snapshot, const struct slice *items,
                         size_t count, struct slice target, struct session_score *score)
{
    static struct votes votes;
    struct slice current = items[count - 1];
    votes.count = 0;
    vote(&votes, snapshot, LEARN_VIEWED_TOGETHER, current, 1);
    size_t rank = rank_of(&votes, target, &current, 1);
    score->last_hits += rank > 0 && rank <= 20;
    for (size_t i = 1; i < count && i < 4; i++)
        vote(&votes, snapshot, LEARN_VIEWED_TOGETHER, items[count - 1 - i], 1.0 / (double)(i + 1));
    rank = rank_of(&votes, target, &current, 1);
    score->cases++;
    score->hits += rank > 0 && rank <= 20;
    if (rank > 0 && rank <= 20)
        score->reciprocal += 1.0 / (double)rank;
}

static void train_session(struct learn *learn, const struct slice *items, size_t count,
                          uint32_t number)
{
    struct uuid person = {0};
    memcpy(person.bytes, &number, sizeof number);
    for (size_t i = 0; i < count; i++)
        learn_observe(learn, &(struct learn_observation){
                                 .time_ms = 1441940543000 + (int64_t)number * 100 + (int64_t)i,
                                 .person = person,
                                 .personal = true,
                                 .act = LEARN_VIEW,
                                 .items = &items[i],
                                 .item_count = 1});
}

static size_t count_lines(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n';
    return count;
}

static void test_prefixes(const struct learn_snapshot *snapshot, struct slice text,
                          struct session_score *score)
{
    struct slice line;
    while (slice_cut(text, '\n', &line, &text)) {
        struct slice parts[4], items[512];
        if (split(line, '\t', parts, 4) < 2)
            continue;
        size_t count = split(parts[0], ' ', items, 512);
        score_prefix(snapshot, items, count, parts[1], score);
    }
}

static void run_sessions(struct slice train, struct slice test, const struct learn_tuning *tuning,
                         const char *mode)
{
    bool final = strcmp(mode, "test") == 0;
    size_t total = count_lines(train), kept = final ? total : total - total / 10;
    struct learn *learn = learn_new_tuned(tuning);
    struct slice line, items[512];
    uint32_t number = 0;
    uint64_t began_us = clock_monotonic_us();
    while (number < kept && slice_cut(train, '\n', &line, &train))
        train_session(learn, items, split(line, ' ', items, 512), ++number);
    double observe_us = (double)(clock_monotonic_us() - began_us);
    publish_us_max = 0;
    publish_all(learn);
    const struct learn_snapshot *snapshot = learn_pin(learn);
    struct session_score score = {0};
    if (final)
        test_prefixes(snapshot, test, &score);
    while (!final && slice_cut(train, '\n', &line, &train)) {
        size_t count = split(line, ' ', items, 512);
        for (size_t i = 1; i < count; i++)
            score_prefix(snapshot, items, i, items[i], &score);
    }
    const struct rp3_form *viewed = &tuning->relations[LEARN_VIEWED_TOGETHER].form;
    printf("{\"bench\":\"learn_sessions\",\"split\":\"%s\",\"alpha\":%g,\"beta\":%g,\"prior\":%g,"
           "\"reach\":%u,\"backward\":%g,\"cases\":%llu,\"hit_at_20\":%.4f,"
           "\"mrr_at_20\":%.4f,\"one_item_hit_at_20\":%.4f,\"bytes\":%zu,"
           "\"observe_us\":%.2f,\"publish_us_max\":%llu}\n",
           mode, viewed->alpha_eighths / 8.0, viewed->beta_eighths / 8.0, viewed->prior,
           tuning->view_reach, tuning->view_backward, (unsigned long long)score.cases,
           (double)score.hits / (double)score.cases, score.reciprocal / (double)score.cases,
           (double)score.last_hits / (double)score.cases,
           learn_bytes(learn) + learn_graph_bytes(learn),
           observe_us / (double)learn->observation_count, (unsigned long long)publish_us_max);
    (void)fflush(stdout);
    learn_unpin(snapshot);
    learn_free(learn);
}

static void sweep_sessions(struct slice train, struct slice test, struct learn_tuning tuning)
{
    struct relation_tuning *viewed = &tuning.relations[LEARN_VIEWED_TOGETHER];
    const struct learn_tuning base = tuning;
    static const struct rp3_form forms[] = {{8, 0, 10}, {8, 0, 2}, {8, 0, 0},  {6, 0, 10},
                                            {6, 2, 10}, {6, 2, 0}, {6, 1, 10}, {7, 1, 10},
                                            {4, 0, 10}, {4, 2, 2}, {8, 1, 10}, {6, 0, 2}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        viewed->form = forms[i];
        run_sessions(train, test, &tuning, "validate");
    }
    tuning = base;
    for (unsigned reach = 1; reach <= 20; reach = reach * 2 + 1)
        for (int backward = 0; backward <= 4; backward += 2) {
            tuning.view_reach = reach;
            tuning.view_backward = backward / 4.0;
            run_sessions(train, test, &tuning, "validate");
        }
}

int main(int argc, char **argv)
{
    struct learn_tuning tuning = learn_tuning_default();
    if (argc >= 3 && strcmp(argv[1], "baskets") == 0) {
        struct baskets baskets = {0};
        load_baskets(argv[2], &baskets);
        qsort(baskets.all, baskets.count, sizeof *baskets.all, by_time);
        if (strcmp(option(argc, argv, 3), "sweep") == 0)
            sweep_baskets(&baskets, tuning);
        else
            run_baskets(&baskets, &tuning, option(argc, argv, 3));
        arena_done(&baskets.arena);
        free(baskets.all);
        return 0;
    }
    if (argc >= 4 && strcmp(argv[1], "sessions") == 0) {
        struct text_file train = read_file(argv[2]), test = read_file(argv[3]);
        struct slice train_text = slice_make(train.bytes, train.size);
        struct slice test_text = slice_make(test.bytes, test.size);
        if (strcmp(option(argc, argv, 4), "sweep") == 0)
            sweep_sessions(train_text, test_text, tuning);
        else
            run_sessions(train_text, test_text, &tuning, option(argc, argv, 4));
        free(train.bytes);
        free(test.bytes);
        return 0;
    }
    (void)fprintf(stderr,
                  "usage: learn_quality baskets CSV | sessions TRAIN TEST [validate|test|sweep]\n");
    return 2;
}
