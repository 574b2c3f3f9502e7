/* How well "repurchase due" says what regular customers buy again, as JSON lines.
 *
 *   repurchase_quality ONLINE_RETAIL.csv [validate|test]
 *
 * Learns from all orders but those of the last 30 days (validate: of the 30 before these, the
 * last left out); then every customer who in that time buys again something they bought before
 * is asked at its beginning: recall at 20 among what they bought before, |bought again| below.
 * Beside it: bought most often, bought last. A customer's REPURCHASE_OWNED_MAX latest count. */
#include "base/clock.h"
#include "base/hash.h"
#include "catalog/feed.h"
#include "learn/repurchase.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_MS 86400000LL
enum { ASKED = 20 };

struct line {
    uint64_t customer;
    struct slice item;
    int64_t time_ms;
};

struct lines {
    struct line *all;
    size_t count, room;
    struct arena arena;
};

static void load(const char *path, struct lines *lines)
{
    int fd = open(path, O_RDONLY);
    struct feed *feed;
    struct diag diag = {0};
    if (fd < 0 || feed_open(fd, FEED_CSV, &feed, &diag) != STATUS_OK)
        exit(2);
    struct arena arena;
    arena_init(&arena);
    arena_init(&lines->arena);
    for (;; arena_reset(&arena)) {
        const struct json *row;
        unsigned number;
        enum status status = feed_next(feed, &arena, &row, &number, &diag);
        if (status == STATUS_NOT_FOUND)
            break;
        struct slice customer = json_get_text(row, "CustomerID");
        if (status != STATUS_OK || customer.size == 0 ||
            slice_starts_with(json_get_text(row, "InvoiceNo"), SLICE("C")) ||
            slice_starts_with(json_get_text(row, "Quantity"), SLICE("-")))
            continue;
        if (lines->count == lines->room) {
            lines->room = lines->room ? 2 * lines->room : 1 << 16;
            lines->all = must_realloc(lines->all, lines->room * sizeof *lines->all);
        }
        struct line *line = &lines->all[lines->count++];
        line->customer = hash64(customer);
        line->item = arena_copy(&lines->arena, json_get_text(row, "StockCode"));
        bool good = clock_parse_iso(json_get_text(row, "InvoiceDate"), &line->time_ms);
        assert(good);
    }
    arena_done(&arena);
    feed_close(feed);
    close(fd);
}

static int by_time(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    return a->time_ms < b->time_ms ? -1 : a->time_ms > b->time_ms;
}

static int by_customer(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    if (a->customer != b->customer)
        return a->customer < b->customer ? -1 : 1;
    int order = slice_compare(a->item, b->item);
    return order ? order : by_time(left, right);
}

struct tally {
    size_t people;
    double due, often, latest;
};

/* What one customer bought before and whether they bought it again. */
struct customer {
    struct repurchase_owned owned[4096];
    bool again[4096];
    size_t count, again_count;
};

static int by_last(const void *left, const void *right)
{
    const struct repurchase_owned *a = left, *b = right;
    return a->last_ms > b->last_ms ? -1 : a->last_ms < b->last_ms;
}

static int by_times(const void *left, const void *right)
{
    const struct repurchase_owned *a = left, *b = right;
    if (a->times != b->times)
        return a->times > b->times ? -1 : 1;
    return by_last(left, right);
}

static bool is_again(const struct customer *before, struct slice item)
{
    for (size_t i = 0; i < before->count; i++)
        if (slice_equal(before->owned[i].item, item))
            return before->again[i];
    return false;
}

static double recall(const struct customer *customer, const struct repurchase_owned *answers,
                     size_t count)
{
    size_t hits = 0;
    for (size_t i = 0; i < count && i < ASKED; i++)
        hits += is_again(customer, answers[i].item);
    return (double)hits / (double)customer->again_count;
}

static void judge(const struct repurchase_snapshot *snapshot, const struct customer *customer,
                  int64_t now_ms, struct tally *tally)
{
    if (customer->again_count == 0)
        return;
    static struct repurchase_owned sorted[4096], answers[REPURCHASE_OWNED_MAX];
    memcpy(sorted, customer->owned, customer->count * sizeof *sorted);
    qsort(sorted, customer->count, sizeof *sorted, by_last);
    tally->people++;
    tally->latest += recall(customer, sorted, customer->count);
    struct repurchase_due due[REPURCHASE_OWNED_MAX];
    size_t count = repurchase_ask(snapshot, sorted, customer->count, now_ms, due);
    for (size_t i = 0; i < count; i++)
        answers[i] = sorted[due[i].owned];
    tally->due += recall(customer, answers, count);
    qsort(sorted, customer->count < REPURCHASE_OWNED_MAX ? customer->count : REPURCHASE_OWNED_MAX,
          sizeof *sorted, by_times);
    tally->often += recall(customer, sorted, customer->count < ASKED ? customer->count : ASKED);
}

static void take_line(struct customer *customer, const struct line *line, int64_t cut_ms)
{
    struct repurchase_owned *last = customer->count ? &customer->owned[customer->count - 1] : NULL;
    bool same = last && slice_equal(last->item, line->item);
    if (line->time_ms >= cut_ms) {
        if (same && !customer->again[customer->count - 1]) {
            customer->again[customer->count - 1] = true;
            customer->again_count++;
        }
        return;
    }
    if (!same) {
        assert(customer->count < 4096);
        customer->again[customer->count] = false;
        customer->owned[customer->count++] =
            (struct repurchase_owned){line->item, SLICE_NONE, line->time_ms, line->time_ms, 1};
        return;
    }
    last->times += line->time_ms - last->last_ms >= DAY_MS;
    last->last_ms = line->time_ms;
}

static void run(struct lines *lines, bool test)
{
    qsort(lines->all, lines->count, sizeof *lines->all, by_time);
    int64_t end_ms = lines->all[lines->count - 1].time_ms + 1;
    if (!test)
        end_ms -= 30 * DAY_MS;
    int64_t cut_ms = end_ms - 30 * DAY_MS;
    struct repurchase *repurchase = repurchase_new();
    while (lines->all[lines->count - 1].time_ms >= end_ms)
        lines->count--;
    for (size_t i = 0; i < lines->count && lines->all[i].time_ms < cut_ms; i++) {
        struct repurchase_purchase purchase = {.time_ms = lines->all[i].time_ms,
                                               .item = lines->all[i].item};
        memcpy(purchase.person.bytes, &lines->all[i].customer, sizeof lines->all[i].customer);
        repurchase_observe(repurchase, &purchase);
    }
    repurchase_publish(repurchase);
    const struct repurchase_snapshot *snapshot = repurchase_pin(repurchase);
    qsort(lines->all, lines->count, sizeof *lines->all, by_customer);
    static struct customer customer;
    struct tally tally = {0};
    for (size_t i = 0; i < lines->count; i++) {
        if (i > 0 && lines->all[i].customer != lines->all[i - 1].customer) {
            judge(snapshot, &customer, cut_ms, &tally);
            customer.count = customer.again_count = 0;
        }
        take_line(&customer, &lines->all[i], cut_ms);
    }
    judge(snapshot, &customer, cut_ms, &tally);
    double people = (double)tally.people;
    (void)printf("{\"split\":\"%s\",\"people\":%zu,\"due_recall20\":%.4f,\"often_recall20\":%.4f,"
                 "\"latest_recall20\":%.4f,\"bytes\":%zu}\n",
                 test ? "test" : "validate", tally.people, tally.due / people, tally.often / people,
                 tally.latest / people, repurchase_bytes(repurchase));
    repurchase_unpin(snapshot);
    repurchase_free(repurchase);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fprintf(stderr, "repurchase_quality ONLINE_RETAIL.csv [validate|test]\n") < 0 ? 1
                                                                                             : 2;
    struct lines lines = {0};
    load(argv[1], &lines);
    run(&lines, argc < 3 || strcmp(argv[2], "test") == 0);
    free(lines.all);
    arena_done(&lines.arena);
    return 0;
}
