/* How many entries a second the ledger puts on the disk, and how long one entry waits among 64
 * submitters.
 *
 *     ledger_bench DIR [SECONDS]
 *
 * DIR: a directory on the disk to measure; a data directory is made in it and left there.
 *
 * One JSON line a figure. An entry is what a collected event costs: a value of 500 bytes, three
 * index rows, its log row. */
#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/pack.h"
#include "base/random.h"
#include "ledger/ledger.h"

enum { VALUE_BYTES = 500, SUBMITTERS_MAX = 64, ENTRIES_MAX = 256, SAMPLES_MAX = 1 << 20 };

struct bench_entry {
    struct ledger_entry entry;
    uint64_t node, id;
};

static void put_row(struct ledger_write *write, enum space space, uint64_t a, uint64_t b,
                    struct slice value)
{
    uint8_t key[STORE_KEY_PREFIX_BYTES + 24] = {0};
    store_key_prefix(1, key);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES, a);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES + 8, b);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES + 16, write->sequence);
    store_batch_put(write->batch, write->store, space, slice_make(key, sizeof key), value);
}

static enum status bench_record(void *context, struct ledger_entry *entry,
                                struct ledger_write *write)
{
    (void)context;
    const struct bench_entry *one = (const struct bench_entry *)entry;
    char value[VALUE_BYTES];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)('a' + (one->id + i * 7) % 26);
    uint8_t key[STORE_KEY_PREFIX_BYTES + 8];
    store_key_prefix(1, key);
    key_put_u64(key + STORE_KEY_PREFIX_BYTES, one->id);
    struct slice found, small = slice_make(value, 16);
    if (ledger_get(write, SPACE_DEDUP, slice_make(key, sizeof key), &found) == STATUS_OK)
        return STATUS_CONFLICT;
    store_batch_put(write->batch, write->store, SPACE_DEDUP, slice_make(key, sizeof key), small);
    put_row(write, SPACE_EVENT, one->node, one->id, slice_make(value, sizeof value));
    put_row(write, SPACE_LINK, one->node, one->id, small);
    put_row(write, SPACE_PRICE, one->id, one->node, small);
    buf_add(write->log_value, small);
    return STATUS_OK;
}

static const struct ledger_kind bench_kind = {.name = "bench", .code = 250, .record = bench_record};

struct submitter {
    struct ledger *ledger;
    size_t entries;
    uint64_t until_us, done;
    uint32_t *waits_us;
    size_t wait_count, wait_room;
    uint64_t seed;
};

static void *submit_until(void *context)
{
    struct submitter *self = context;
    struct random_stream random = random_stream(self->seed);
    struct bench_entry entries[ENTRIES_MAX];
    struct ledger_entry *pointers[ENTRIES_MAX];
    while (clock_monotonic_us() < self->until_us) {
        for (size_t i = 0; i < self->entries; i++) {
            ledger_entry_init(self->ledger, &entries[i].entry, &bench_kind, 1, VALUE_BYTES);
            entries[i].node = random_below(&random, 1000000);
            entries[i].id = random_next(&random);
            pointers[i] = &entries[i].entry;
        }
        struct ledger_commit commit = {.entries = pointers, .entry_count = self->entries};
        uint64_t began_us = clock_monotonic_us();
        if (ledger_submit_and_wait(self->ledger, &commit) != STATUS_OK)
            continue;
        self->done += self->entries;
        if (self->wait_count < self->wait_room)
            self->waits_us[self->wait_count++] = (uint32_t)(clock_monotonic_us() - began_us);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

struct plan {
    size_t submitters, entries;
    unsigned seconds;
};

static void print_figures(const struct plan *plan, struct submitter *all, uint64_t took_us,
                          const struct ledger_counts *counts)
{
    uint32_t *waits = calloc(SAMPLES_MAX, sizeof *waits);
    size_t count = 0;
    uint64_t entries = 0;
    assert(waits);
    for (size_t i = 0; i < plan->submitters; i++) {
        entries += all[i].done;
        memcpy(waits + count, all[i].waits_us, all[i].wait_count * sizeof *waits);
        count += all[i].wait_count;
    }
    qsort(waits, count, sizeof *waits, by_size);
    printf("{\"bench\":\"ledger\",\"submitters\":%zu,\"entries_per_commit\":%zu,"
           "\"entries_per_second\":%.0f,\"commits_per_group\":%.1f,\"wait_us_p50\":%u,"
           "\"wait_us_p99\":%u,\"sync_us_mean\":%.0f,\"sync_us_max\":%" PRIu64 "}\n",
           plan->submitters, plan->entries, (double)entries * 1e6 / (double)took_us,
           counts->groups ? (double)counts->commits / (double)counts->groups : 0,
           count ? waits[count / 2] : 0, count ? waits[count * 99 / 100] : 0,
           counts->groups ? (double)counts->sync_us_total / (double)counts->groups : 0,
           counts->sync_us_max);
    fflush(stdout);
    free(waits);
}

static void measure(struct store *store, const struct plan *plan)
{
    struct ledger *ledger;
    struct diag diag = {0};
    enum status status = ledger_open(store, NULL, &ledger, &diag);
    assert(status == STATUS_OK);
    ledger_register(ledger, &bench_kind, NULL);
    status = ledger_start(ledger, &diag);
    assert(status == STATUS_OK);
    struct submitter all[SUBMITTERS_MAX] = {0};
    pthread_t threads[SUBMITTERS_MAX];
    uint64_t began_us = clock_monotonic_us();
    for (size_t i = 0; i < plan->submitters; i++) {
        all[i] = (struct submitter){.ledger = ledger,
                                    .entries = plan->entries,
                                    .until_us = began_us + plan->seconds * UINT64_C(1000000),
                                    .wait_room = SAMPLES_MAX / SUBMITTERS_MAX,
                                    .seed = random_seed()};
        all[i].waits_us = calloc(all[i].wait_room, sizeof(uint32_t));
        assert(all[i].waits_us);
        pthread_create(&threads[i], NULL, submit_until, &all[i]);
    }
    for (size_t i = 0; i < plan->submitters; i++)
        pthread_join(threads[i], NULL);
    struct ledger_counts counts;
    ledger_counts(ledger, &counts);
    print_figures(plan, all, clock_monotonic_us() - began_us, &counts);
    for (size_t i = 0; i < plan->submitters; i++)
        free(all[i].waits_us);
    ledger_stop(ledger);
    ledger_close(ledger);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: ledger_bench DIR [SECONDS]\n");
        return 2;
    }
    int64_t seconds = 5;
    if (argc > 2 && !slice_to_int64(slice_of(argv[2]), &seconds))
        return 2;
    char path[4096];
    snprintf(path, sizeof path, "%s/ledger-bench", argv[1]);
    struct store_options options = {.create = true};
    struct store *store;
    struct diag diag = {0};
    if (store_open(path, &options, &store, &diag) != STATUS_OK) {
        fprintf(stderr, "%s\n", diag.sentence);
        return 4;
    }
    const struct plan plans[] = {{1, 1, 0}, {8, 1, 0}, {64, 1, 0}, {8, 16, 0}, {8, 256, 0}};
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct plan plan = plans[i];
        plan.seconds = (unsigned)seconds;
        measure(store, &plan);
    }
    store_close(store);
    return 0;
}
