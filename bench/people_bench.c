/* How many events a second go through the whole record path (dedup, identity, consent, links,
 * log, caches), and how long a view takes when its profile is cached and when it is not.
 *
 *     people_bench DIR [PEOPLE [SECONDS]]
 *
 * DIR: a directory on the disk to measure; a data directory is made in it and left there. One
 * JSON line a figure. */
#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "person/people.h"

enum { SHOP = 1, SUBMITTERS_MAX = 64, BATCH_MAX = 100, VIEWS = 20000, RECORD_BYTES_MAX = 4096 };

static struct store *store;
static struct ledger *ledger;
static struct people *people;
static unsigned people_count = 20000;
static atomic_uint_fast64_t message_number;
static int64_t start_ms;

static void make_event(struct people_event *item, struct random_stream *stream, struct arena *arena)
{
    static const struct attribute brand = {{"brand", 5}, {"Petit Bateau", 12}};
    uint64_t number = atomic_fetch_add(&message_number, 1),
             who = random_below(stream, people_count);
    struct event *event = &item->event;
    struct buf record;
    *item = (struct people_event){0};
    *event = (struct event){.type = EVENT_TRACK,
                            .act = ACT_VIEW_ITEM,
                            .revenue_minor = INT64_MIN,
                            .has_preferences = true,
                            .currency = SLICE("EUR")};
    event->message_id = arena_format(arena, "0193a5c8-bench-%" PRIu64, number);
    event->order = (struct event_order){
        .time_ms = start_ms + (int64_t)number, .source = 1, .message = hash128(event->message_id)};
    event->received_ms = event->original_ms = event->order.time_ms;
    event->preferences = stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED);
    event->identifiers = ARENA_ARRAY(arena, 2, struct identifier);
    event->identifiers[event->identifier_count++] =
        (struct identifier){.type = IDENTIFIER_ANONYMOUS,
                            .name = SLICE("anonymous_id"),
                            .value = arena_format(arena, "a-%" PRIu64, who),
                            .proven = true};
    if (random_below(stream, 10) == 0)
        event->identifiers[event->identifier_count++] =
            (struct identifier){.type = IDENTIFIER_USER_ID,
                                .name = SLICE("user_id"),
                                .value = arena_format(arena, "u-%" PRIu64, who),
                                .proven = true};
    event->items = ARENA_NEW(arena, struct event_item);
    event->item_count = 1;
    event->items[0] = (struct event_item){
        .item = arena_format(arena, "item-%" PRIu64, random_below(stream, 5000)),
        .quantity = 1,
        .price_minor = 1990,
        .attributes = &brand,
        .attribute_count = 1,
        .known = true};
    event->message = arena_format(arena, "{\"messageId\":\"%.*s\",\"filler\":\"%0300d\"}",
                                  SLICE_ARG(event->message_id), 0);
    buf_init(&record, RECORD_BYTES_MAX);
    event_pack(event, &record);
    item->record = arena_copy(arena, buf_slice(&record));
    buf_done(&record);
    people_event_init(people, item, SHOP);
}

struct submitter {
    pthread_t thread;
    size_t batch;
    uint64_t seed, events, until_us;
};

static void *submit(void *context)
{
    struct submitter *submitter = context;
    struct random_stream stream = random_stream(submitter->seed);
    struct people_event *items = must_alloc_zero(submitter->batch, sizeof *items);
    struct ledger_entry *entries[BATCH_MAX];
    struct arena arena;
    arena_init(&arena);
    while (clock_monotonic_us() < submitter->until_us) {
        arena_reset(&arena);
        for (size_t i = 0; i < submitter->batch; i++) {
            make_event(&items[i], &stream, &arena);
            entries[i] = &items[i].entry;
        }
        struct ledger_commit commit = {.entries = entries, .entry_count = submitter->batch};
        enum status status = ledger_submit_and_wait(ledger, &commit);
        assert(status == STATUS_OK && entries[0]->status == STATUS_OK);
        submitter->events += submitter->batch;
    }
    arena_done(&arena);
    free(items);
    return NULL;
}

static void read_cpu(void *context)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    *(double *)context = (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Processor time of the ledger's thread so far: it says the same whoever else is working. */
static double ledger_cpu_us(void)
{
    double us;
    ledger_run(ledger, read_cpu, &us);
    return us;
}

static void bench_events(const char *name, size_t submitters, size_t batch, unsigned seconds)
{
    static struct submitter list[SUBMITTERS_MAX];
    double cpu_us = ledger_cpu_us();
    uint64_t began_us = clock_monotonic_us(), events = 0;
    for (size_t i = 0; i < submitters; i++) {
        list[i] = (struct submitter){
            .batch = batch, .seed = i + 1 + batch, .until_us = began_us + seconds * 1000000ULL};
        pthread_create(&list[i].thread, NULL, submit, &list[i]);
    }
    for (size_t i = 0; i < submitters; i++) {
        pthread_join(list[i].thread, NULL);
        events += list[i].events;
    }
    double took = (double)(clock_monotonic_us() - began_us) / 1e6;
    printf("{\"bench\":\"people\",\"what\":\"%s\",\"submitters\":%zu,\"batch\":%zu,"
           "\"events_per_second\":%.0f,\"ledger_cpu_us\":%.2f}\n",
           name, submitters, batch, (double)events / took,
           (ledger_cpu_us() - cpu_us) / (double)events);
    fflush(stdout);
}

static int compare_times(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void bench_views(const char *name, enum asker_trust trust, uint64_t seed)
{
    static uint64_t times[VIEWS];
    struct random_stream stream = random_stream(seed);
    struct arena arena;
    arena_init(&arena);
    uint64_t began_us = clock_monotonic_us();
    for (size_t i = 0; i < VIEWS; i++) {
        uint64_t who = random_below(&stream, people_count);
        struct person_view view;
        struct asker asker = {.workspace = SHOP,
                              .trust = trust,
                              .purpose = PURPOSE_PERSONALISE,
                              .now_ms = start_ms + 100000000,
                              .anonymous_id = arena_format(&arena, "a-%" PRIu64, who)};
        uint64_t one_us = clock_monotonic_us();
        enum status status = people_view(people, &asker, &arena, &view);
        times[i] = clock_monotonic_us() - one_us;
        assert(status == STATUS_OK);
        arena_reset(&arena);
    }
    double took = (double)(clock_monotonic_us() - began_us);
    qsort(times, VIEWS, sizeof *times, compare_times);
    printf("{\"bench\":\"people\",\"what\":\"%s\",\"views\":%d,\"mean_us\":%.1f,\"p50_us\":%" PRIu64
           ",\"p99_us\":%" PRIu64 "}\n",
           name, VIEWS, took / VIEWS, times[VIEWS / 2], times[VIEWS / 100 * 99]);
    arena_done(&arena);
}

static void open_all(const char *directory)
{
    struct diag diag;
    struct store_options options = {.create = true};
    struct people_options people_options = {0};
    if (store_open(directory, &options, &store, &diag) != STATUS_OK ||
        ledger_open(store, NULL, &ledger, &diag) != STATUS_OK ||
        people_open(store, ledger, &people_options, &people, &diag) != STATUS_OK ||
        ledger_start(ledger, &diag) != STATUS_OK) {
        fprintf(stderr, "%s\n", diag.sentence);
        exit(1);
    }
}

static void close_all(void)
{
    ledger_stop(ledger);
    people_close(people);
    ledger_close(ledger);
    store_close(store);
}

int main(int count, char **arguments)
{
    char directory[512];
    if (count < 2) {
        fprintf(stderr, "people_bench DIR [PEOPLE [SECONDS]]\n");
        return 2;
    }
    if (count > 2)
        people_count = (unsigned)strtoul(arguments[2], NULL, 10);
    unsigned seconds = count > 3 ? (unsigned)strtoul(arguments[3], NULL, 10) : 4;
    snprintf(directory, sizeof directory, "%s/people-bench", arguments[1]);
    start_ms = clock_now_ms() - 10 * (int64_t)MS_PER_DAY;
    open_all(directory);
    bench_events("new people, nothing cached", 1, BATCH_MAX, seconds);
    bench_events("single", SUBMITTERS_MAX, 1, seconds);
    bench_views("device, cold", ASKER_PUBLIC, 1);
    bench_views("device, cached", ASKER_PUBLIC, 1);
    bench_views("person, cold", ASKER_SECRET, 2);
    bench_views("person, cached", ASKER_SECRET, 2);
    bench_events("known people, cached", 1, BATCH_MAX, seconds);
    bench_events("known people, cached", 4, BATCH_MAX, seconds);
    struct people_counts counts;
    people_counts(people, &counts);
    printf("{\"bench\":\"people\",\"what\":\"cache\",\"entries\":%" PRIu64 ",\"bytes\":%" PRIu64
           "}\n",
           counts.cached_profiles, counts.cached_bytes);
    close_all();
    open_all(directory);
    bench_views("device, stored rows after a start", ASKER_PUBLIC, 1);
    close_all();
    return 0;
}
