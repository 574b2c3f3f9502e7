#include "ledger/ledger.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "ledger/parts.h"
#include "ledger/rows.h"

enum {
    ROUND_US = 5000000, /* replay after a crash covers at most this and one round */
    LAZY_US = 50000,    /* a decision record waits at most so long for company */
    TIGHT_LOOK_US = 100000,
    THREAD_NICE = -10 /* a busy processor turns a sync of 0.2 ms into one of 4 ms */
};

/* --- open and close --------------------------------------------------------------------------- */

static void init_waiting(struct ledger *ledger)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&ledger->mutex, NULL);
    pthread_cond_init(&ledger->wake, &monotonic);
    pthread_cond_init(&ledger->answered, NULL);
    pthread_condattr_destroy(&monotonic);
    ledger->tail = &ledger->head;
    ledger->requests_tail = &ledger->requests;
}

static enum status read_numbers(struct ledger *ledger)
{
    uint64_t last = 0, ceiling = 0, low_water = 0;
    enum status status = log_last(ledger->store, &last);
    if (status == STATUS_OK)
        status = ledger_number_get(ledger->store, LEDGER_CEILING, &ceiling);
    if (status == STATUS_OK)
        status = ledger_number_get(ledger->store, LEDGER_LOW_WATER, &low_water);
    if (status != STATUS_OK)
        return status;
    ledger->written = last > ceiling ? last : ceiling;
    if (low_water > ledger->written)
        return STATUS_CORRUPT;
    ledger->ceiling = ceiling;
    atomic_store(&ledger->synced, ledger->written);
    atomic_store(&ledger->low_water, low_water);
    return STATUS_OK;
}

/* The place where the store met damage, if it did; else the sentence. */
static enum status say_damage(struct store *store, enum status status, const char *sentence,
                              struct diag *diag)
{
    struct diag place;
    if (status == STATUS_CORRUPT && store_damage(store, &place))
        sentence = place.sentence;
    return diag_set(diag, status, "ledger", "%s", sentence);
}

enum status ledger_open(struct store *store, const struct ledger_options *options,
                        struct ledger **out_ledger, struct diag *diag)
{
    struct ledger *ledger = must_alloc_zero(1, sizeof *ledger);
    ledger->store = store;
    if (options)
        ledger->options = *options;
    if (!ledger->options.queue_entries_max)
        ledger->options.queue_entries_max = COMMIT_QUEUE_EVENTS_MAX;
    if (!ledger->options.queue_bytes_max)
        ledger->options.queue_bytes_max = COMMIT_QUEUE_BYTES_MAX;
    init_waiting(ledger);
    ledger->batch = store_batch_new();
    ledger->round_batch = store_batch_new();
    arena_init(&ledger->arena);
    buf_init(&ledger->log_value, LOG_VALUE_BYTES_MAX);
    buf_init(&ledger->log_row, LOG_VALUE_BYTES_MAX + LOG_HEADER_BYTES);
    enum status status = read_numbers(ledger);
    if (status != STATUS_OK) {
        ledger_close(ledger);
        return say_damage(store, status, "the log's positions cannot be read", diag);
    }
    *out_ledger = ledger;
    return STATUS_OK;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    assert(!ledger->started && "ledger_stop comes first");
    store_batch_free(ledger->batch);
    store_batch_free(ledger->round_batch);
    arena_done(&ledger->arena);
    buf_done(&ledger->log_value);
    buf_done(&ledger->log_row);
    pthread_cond_destroy(&ledger->wake);
    pthread_cond_destroy(&ledger->answered);
    pthread_mutex_destroy(&ledger->mutex);
    free(ledger);
}

void ledger_register(struct ledger *ledger, const struct ledger_kind *kind, void *context)
{
    assert(!ledger->started && !ledger->kinds[kind->code]);
    ledger->kinds[kind->code] = kind;
    ledger->contexts[kind->code] = context;
}

void ledger_entry_init(struct ledger *ledger, struct ledger_entry *entry,
                       const struct ledger_kind *kind, uint32_t workspace, size_t size_bytes)
{
    assert(ledger->kinds[kind->code] == kind);
    *entry = (struct ledger_entry){.kind = kind,
                                   .context = ledger->contexts[kind->code],
                                   .workspace = workspace,
                                   .size_bytes = size_bytes};
}

void ledger_add_checkpointer(struct ledger *ledger, ledger_checkpointer *checkpointer,
                             void *context)
{
    assert(!ledger->started && ledger->checkpointer_count < CHECKPOINTERS_MAX);
    ledger->checkpointers[ledger->checkpointer_count++] =
        (struct checkpointer){.call = checkpointer, .context = context};
}

static bool is_full_group(const struct ledger *ledger)
{
    return ledger->queued_entries >= COMMIT_GROUP_EVENTS_MAX ||
           ledger->queued_bytes >= COMMIT_GROUP_BYTES_MAX;
}

/* --- submitting ------------------------------------------------------------------------------- */

static size_t bytes_of(const struct ledger_commit *commit)
{
    size_t bytes = 0;
    for (size_t i = 0; i < commit->entry_count; i++)
        bytes += commit->entries[i]->size_bytes;
    return bytes;
}

static bool only_reserve_kinds(const struct ledger_commit *commit)
{
    for (size_t i = 0; i < commit->entry_count; i++)
        if (!commit->entries[i]->kind->may_use_reserve)
            return false;
    return true;
}

/* Under the mutex. An empty queue takes any commit, so that one that is larger than the limits
 * is not refused for ever. The last of the room is kept for who goes first. */
static bool has_room(const struct ledger *ledger, size_t entries, size_t bytes, bool goes_first)
{
    size_t entries_max = ledger->options.queue_entries_max;
    size_t bytes_max = ledger->options.queue_bytes_max;
    if (!goes_first) {
        entries_max -= entries_max / COMMIT_QUEUE_KEPT_SHARE;
        bytes_max -= bytes_max / COMMIT_QUEUE_KEPT_SHARE;
    }
    return !ledger->head || (ledger->queued_entries + entries <= entries_max &&
                             ledger->queued_bytes + bytes <= bytes_max);
}

/* Under the mutex. A lazy commit that finds company already waiting need not wake the thread,
 * which comes for them in time by itself. */
static bool must_wake(const struct ledger *ledger, bool was_empty)
{
    return was_empty || ledger->queued_synced > 0 || is_full_group(ledger);
}

/* Under the mutex. */
static enum status enqueue(struct ledger *ledger, struct ledger_commit *commit, size_t bytes,
                           bool *out_wake)
{
    bool was_empty = !ledger->head;
    bool goes_first = commit->no_sync_wait || only_reserve_kinds(commit);
    assert(ledger->started && !ledger->stopping);
    if (!has_room(ledger, commit->entry_count, bytes, goes_first)) {
        ledger->counts.refused_overload++;
        return STATUS_OVERLOADED;
    }
    commit->next = NULL;
    *ledger->tail = commit;
    ledger->tail = &commit->next;
    ledger->queued_entries += commit->entry_count;
    ledger->queued_bytes += bytes;
    ledger->queued_synced += !commit->no_sync_wait;
    if (ledger->lazy_since_us == 0)
        ledger->lazy_since_us = clock_monotonic_us();
    *out_wake = must_wake(ledger, was_empty);
    return STATUS_OK;
}

bool ledger_has_room(struct ledger *ledger, size_t entries, size_t bytes)
{
    pthread_mutex_lock(&ledger->mutex);
    bool room = has_room(ledger, entries, bytes, false);
    ledger->counts.refused_overload += !room;
    pthread_mutex_unlock(&ledger->mutex);
    return room;
}

enum status ledger_submit(struct ledger *ledger, struct ledger_commit *commit)
{
    size_t bytes = bytes_of(commit);
    bool wake = false;
    bool refused = atomic_load(&ledger->tight) && !only_reserve_kinds(commit);
    pthread_mutex_lock(&ledger->mutex);
    enum status status = STATUS_NO_SPACE;
    if (refused)
        ledger->counts.refused_space++;
    else
        status = enqueue(ledger, commit, bytes, &wake);
    pthread_mutex_unlock(&ledger->mutex);
    if (wake) /* after the mutex, or the thread would run into it */
        pthread_cond_signal(&ledger->wake);
    return status;
}

struct commit_waiter {
    struct ledger *ledger;
    pthread_cond_t answered; /* its own: a shared one would wake every waiter for each commit */
    enum status status;
    bool done;
};

static void wake_waiter(struct ledger_commit *commit, enum status status)
{
    struct commit_waiter *waiter = commit->context;
    pthread_mutex_lock(&waiter->ledger->mutex);
    waiter->status = status;
    waiter->done = true;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&waiter->ledger->mutex);
}

enum status ledger_submit_and_wait(struct ledger *ledger, struct ledger_commit *commit)
{
    assert(!pthread_equal(pthread_self(), ledger->thread));
    struct commit_waiter waiter = {.ledger = ledger};
    pthread_cond_init(&waiter.answered, NULL);
    commit->done = wake_waiter;
    commit->context = &waiter;
    enum status status = ledger_submit(ledger, commit);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&ledger->mutex);
        while (!waiter.done)
            pthread_cond_wait(&waiter.answered, &ledger->mutex);
        pthread_mutex_unlock(&ledger->mutex);
        status = waiter.status;
    }
    pthread_cond_destroy(&waiter.answered);
    return status;
}

static void request_and_wait(struct ledger *ledger, struct ledger_request *request)
{
    assert(!pthread_equal(pthread_self(), ledger->thread));
    pthread_mutex_lock(&ledger->mutex);
    assert(ledger->started && !ledger->stopping);
    *ledger->requests_tail = request;
    ledger->requests_tail = &request->next;
    pthread_cond_signal(&ledger->wake);
    while (!request->done)
        pthread_cond_wait(&ledger->answered, &ledger->mutex);
    pthread_mutex_unlock(&ledger->mutex);
}

void ledger_run(struct ledger *ledger, void (*work)(void *context), void *context)
{
    struct ledger_request request = {.work = work, .context = context};
    request_and_wait(ledger, &request);
}

enum status ledger_checkpoint(struct ledger *ledger)
{
    struct ledger_request request = {.work = NULL};
    request_and_wait(ledger, &request);
    return request.status;
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool begins_group(const struct ledger_commit *commit)
{
    for (size_t i = 0; i < commit->entry_count; i++)
        if (commit->entries[i]->kind->begins_group)
            return true;
    return false;
}

/* Under the mutex. NULL when nothing is queued, or only lazy commits that may still wait for
 * company. */
static struct ledger_commit *take_group(struct ledger *ledger, bool *out_sync)
{
    bool ripe = ledger->queued_synced > 0 || ledger->stopping || is_full_group(ledger) ||
                clock_monotonic_us() - ledger->lazy_since_us >= LAZY_US;
    if (!ledger->head || !ripe)
        return NULL;
    struct ledger_commit *group = ledger->head, *last = NULL;
    size_t entries = 0, bytes = 0;
    bool sync = false;
    while (ledger->head) {
        struct ledger_commit *commit = ledger->head;
        size_t size = bytes_of(commit);
        if (last && (entries + commit->entry_count > COMMIT_GROUP_EVENTS_MAX ||
                     bytes + size > COMMIT_GROUP_BYTES_MAX || begins_group(commit)))
            break;
        entries += commit->entry_count;
        bytes += size;
        sync = sync || !commit->no_sync_wait;
        ledger->queued_synced -= !commit->no_sync_wait;
        ledger->head = commit->next;
        last = commit;
    }
    last->next = NULL;
    if (!ledger->head) {
        ledger->tail = &ledger->head;
        ledger->lazy_since_us = 0;
    }
    ledger->queued_entries -= entries;
    ledger->queued_bytes -= bytes;
    *out_sync = sync;
    return group;
}

/* Under the mutex. */
static void answer(struct ledger *ledger, struct ledger_request *request, enum status status)
{
    request->status = status;
    request->done = true;
    pthread_cond_broadcast(&ledger->answered);
}

/* Under the mutex, which is given up meanwhile. True when there was one. */
static bool serve_request(struct ledger *ledger)
{
    struct ledger_request *request = ledger->requests;
    if (!request)
        return false;
    ledger->requests = request->next;
    if (!ledger->requests)
        ledger->requests_tail = &ledger->requests;
    if (!request->work) {
        /* A round under way began before this wish: another follows it. */
        request->next = ledger->round_waiters;
        ledger->round_waiters = request;
        return true;
    }
    pthread_mutex_unlock(&ledger->mutex);
    request->work(request->context);
    pthread_mutex_lock(&ledger->mutex);
    answer(ledger, request, STATUS_OK);
    return true;
}

static void run_group(struct ledger *ledger, struct ledger_commit *group, bool sync)
{
    pthread_mutex_unlock(&ledger->mutex);
    ledger_group(ledger, group, sync);
    pthread_mutex_lock(&ledger->mutex);
}

/* Runs one portion, then goes back to the groups. waiters: who asked for this round. */
static void step_round(struct ledger *ledger, struct ledger_request **waiters)
{
    pthread_mutex_unlock(&ledger->mutex);
    bool more = ledger_round_step(ledger);
    pthread_mutex_lock(&ledger->mutex);
    if (more)
        return;
    ledger->round.due_us = clock_monotonic_us() + ROUND_US;
    for (struct ledger_request *next, *request = *waiters; request; request = next) {
        next = request->next;
        answer(ledger, request, ledger->round.failed ? STATUS_NO_SPACE : STATUS_OK);
    }
    *waiters = NULL;
}

static bool round_wanted(const struct ledger *ledger)
{
    bool dirty = ledger->written > atomic_load(&ledger->low_water);
    return ledger->round_waiters || (dirty && clock_monotonic_us() >= ledger->round.due_us);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void wait_for_work(struct ledger *ledger)
{
    uint64_t now_us = clock_monotonic_us(), until_us = now_us + ROUND_US;
    if (ledger->written > atomic_load(&ledger->low_water))
        until_us = earliest(until_us, ledger->round.due_us);
    if (ledger->head)
        until_us = earliest(until_us, ledger->lazy_since_us + LAZY_US);
    if (atomic_load(&ledger->tight))
        until_us = earliest(until_us, now_us + TIGHT_LOOK_US);
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000) * 1000};
    pthread_cond_timedwait(&ledger->wake, &ledger->mutex, &until);
}

/* Ahead of ordinary threads where that is allowed (root, CAP_SYS_NICE) and does not take the only
 * processor: beside busy neighbours a lone entry waits 0.1 ms instead of 4. Quietly without it. */
static void raise_priority(void)
{
    const struct sched_param least = {.sched_priority = 1};
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
        sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &least) == 0)
        return;
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), THREAD_NICE) != 0)
        return;
}

/* At stop: all is written back and the ceiling comes down to what was used, so that a clean
 * restart leaves no gap. */
static void last_round(struct ledger *ledger)
{
    ledger_round_begin(ledger);
    while (ledger_round_step(ledger))
        ;
    if (ledger->round.failed)
        return;
    store_batch_clear(ledger->batch);
    ledger_number_put(ledger->batch, ledger->store, LEDGER_CEILING, ledger->written);
    ledger_must_write(ledger, ledger->batch, true);
}

static void *run(void *context)
{
    struct ledger *ledger = context;
    struct ledger_request *served = NULL; /* by the round under way */
    raise_priority();
    pthread_mutex_lock(&ledger->mutex);
    ledger->round.due_us = clock_monotonic_us() + ROUND_US;
    for (;;) {
        bool sync = false, busy = serve_request(ledger);
        struct ledger_commit *group = take_group(ledger, &sync);
        if (group)
            run_group(ledger, group, sync);
        if (!ledger->round.active && round_wanted(ledger)) {
            served = ledger->round_waiters;
            ledger->round_waiters = NULL;
            ledger_round_begin(ledger);
        }
        bool stepped = ledger->round.active;
        if (stepped)
            step_round(ledger, &served);
        /* Whoever came while the mutex was given up has signalled to nobody: look again. */
        busy = busy || group || stepped || ledger->round_waiters;
        if (!busy && ledger->stopping && !ledger->head && !ledger->requests)
            break;
        if (!busy) {
            if (atomic_load(&ledger->tight)) /* else who writes next looks */
                ledger_space_refresh(ledger);
            wait_for_work(ledger);
        }
    }
    pthread_mutex_unlock(&ledger->mutex);
    last_round(ledger);
    return NULL;
}

/* --- start and stop --------------------------------------------------------------------------- */

struct replay {
    struct ledger *ledger;
    struct diag *diag;
};

static enum status replay_row(void *context, uint32_t workspace, uint64_t sequence,
                              uint8_t kind_code, struct slice log_value)
{
    struct replay *replay = context;
    const struct ledger_kind *kind = replay->ledger->kinds[kind_code];
    if (!kind)
        return diag_set(replay->diag, STATUS_INVALID, "ledger",
                        "the log holds a kind this version does not know (%u at sequence %llu)",
                        kind_code, (unsigned long long)sequence);
    if (!kind->replay)
        return STATUS_OK;
    return kind->replay(replay->ledger->contexts[kind_code], workspace, sequence, log_value);
}

enum status ledger_start(struct ledger *ledger, struct diag *diag)
{
    struct replay replay = {.ledger = ledger, .diag = diag};
    enum status status =
        ledger_scan(ledger->store, atomic_load(&ledger->low_water) + 1, replay_row, &replay);
    if (status == STATUS_INVALID)
        return status;
    if (status != STATUS_OK)
        return say_damage(ledger->store, status, "the log cannot be replayed", diag);
    ledger_space_refresh(ledger);
    ledger->started = true;
    if (pthread_create(&ledger->thread, NULL, run, ledger) != 0) {
        ledger->started = false;
        return diag_set(diag, STATUS_IO, "ledger", "the ledger's thread cannot be started");
    }
    return STATUS_OK;
}

void ledger_stop(struct ledger *ledger)
{
    if (!ledger->started)
        return;
    pthread_mutex_lock(&ledger->mutex);
    ledger->stopping = true;
    pthread_cond_signal(&ledger->wake);
    pthread_mutex_unlock(&ledger->mutex);
    pthread_join(ledger->thread, NULL);
    ledger->started = false;
}

/* --- figures ---------------------------------------------------------------------------------- */

uint64_t ledger_sequence(const struct ledger *ledger)
{
    return atomic_load(&ledger->synced);
}

uint64_t ledger_low_water(const struct ledger *ledger)
{
    return atomic_load(&ledger->low_water);
}

void ledger_counts(const struct ledger *ledger, struct ledger_counts *out_counts)
{
    struct ledger *locked = (struct ledger *)ledger; /* the mutex is not what const promises */
    pthread_mutex_lock(&locked->mutex);
    *out_counts = locked->counts;
    out_counts->queue_entries = locked->queued_entries;
    pthread_mutex_unlock(&locked->mutex);
}
