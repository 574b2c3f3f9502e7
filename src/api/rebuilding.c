#include "api/rebuilding.h"

#include "api/learner.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    EVERY_MS = 86400000,
    LAST_ROWS = 500, /* taken on the ledger thread: some milliseconds */
    SIZED_ROWS = 100000,
    WORKER_NICE = 19
};

struct rebuilding {
    struct rebuilding_parts parts;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    uint32_t asked; /* a workspace, 0: none */
    bool running;
    _Atomic bool stop;
    _Atomic uint64_t done, last_us, rows, bytes, given_up, last_sequence;
    _Atomic int64_t last_ms;
    _Atomic bool last_given_up;
};

/* --- one workspace ---------------------------------------------------------------------------- */

enum progress { BEHIND, READY, ADOPTED, GIVEN_UP };

/* The worker's; the ledger thread's while that runs for the worker, which waits. */
struct rebuild {
    struct rebuilding *rebuilding;
    struct learner fresh;
    struct arena arena;     /* of one row */
    uint64_t next_sequence; /* of the log */
    uint64_t until;         /* what the living learner has seen */
    uint64_t rows;
    enum progress outcome;
};

static enum status take_row(void *context, uint32_t workspace, uint64_t sequence, uint8_t kind_code,
                            struct slice log_value)
{
    struct rebuild *rebuild = context;
    struct rebuilding *rebuilding = rebuild->rebuilding;
    if (sequence > rebuild->until || atomic_load_explicit(&rebuilding->stop, memory_order_relaxed))
        return STATUS_OVERLOADED; /* which no row gives: enough */
    rebuild->next_sequence = sequence + 1;
    if (workspace != rebuild->fresh.workspace || kind_code != PEOPLE_KIND_EVENT)
        return STATUS_OK;
    struct event_lesson lesson;
    struct event event;
    arena_reset(&rebuild->arena);
    if (people_lesson_of_log(log_value, &rebuild->arena, &lesson) == STATUS_OK) {
        learner_event(&rebuild->fresh, rebuilding->parts.catalog, &lesson, &rebuild->arena, &event);
        event.sequence = sequence;
        learner_take(&rebuild->fresh, &event);
    }
    if (++rebuild->rows % SIZED_ROWS == 0)
        atomic_store(&rebuilding->bytes,
                     learn_graph_bytes(rebuild->fresh.learn) + learn_bytes(rebuild->fresh.learn));
    return STATUS_OK;
}

/* False: stopped, or the log cannot be read. */
static bool take_rows(struct rebuild *rebuild)
{
    enum status status =
        ledger_scan(rebuild->rebuilding->parts.store, rebuild->next_sequence, take_row, rebuild);
    if (atomic_load(&rebuild->rebuilding->stop))
        return false;
    return status == STATUS_OK || status == STATUS_OVERLOADED;
}

/* Ledger thread. */
static void begin(void *context)
{
    struct rebuild *rebuild = context;
    struct learning *learning = rebuild->rebuilding->parts.learning;
    struct learner *living = learning_find(learning, rebuild->fresh.workspace);
    if (!living || learning->catching_up)
        return; /* given up */
    living->rebuilding = true;
    rebuild->until = living->sequence;
    rebuild->outcome = BEHIND;
}

static void adopt(struct rebuild *rebuild, struct learner *living)
{
    for (size_t i = 0; i < living->forgotten_count; i++)
        learn_forget(rebuild->fresh.learn, living->forgotten[i]);
    learn_adopt(living->learn, rebuild->fresh.learn);
    living->unsaved++;
    living->dirty = true;
    atomic_store(&rebuild->rebuilding->parts.learning->dirty, true);
    rebuild->outcome = ADOPTED;
}

/* Ledger thread: takes the last rows and the learner's place, unless too many are missing. */
static void finish(void *context)
{
    struct rebuild *rebuild = context;
    struct learner *living =
        learning_find(rebuild->rebuilding->parts.learning, rebuild->fresh.workspace);
    bool near = living->sequence < rebuild->next_sequence + LAST_ROWS;
    rebuild->until = living->sequence;
    if (rebuild->outcome == READY && near && take_rows(rebuild))
        adopt(rebuild, living);
    else if (rebuild->outcome == READY && near)
        rebuild->outcome = GIVEN_UP;
    if (rebuild->outcome == READY)
        return; /* the worker follows, and comes again */
    living->rebuilding = false;
    living->forgotten_count = 0;
}

static void build(struct rebuild *rebuild)
{
    struct ledger *ledger = rebuild->rebuilding->parts.ledger;
    ledger_run(ledger, begin, rebuild);
    if (rebuild->outcome == GIVEN_UP)
        return;
    rebuild->outcome = take_rows(rebuild) ? READY : GIVEN_UP;
    learn_settle(rebuild->fresh.learn);
    if (rebuild->outcome == READY)
        learn_publish_all(rebuild->fresh.learn, learner_as_of(&rebuild->fresh, clock_now_ms()));
    ledger_run(ledger, finish, rebuild);
    while (rebuild->outcome == READY) {
        if (!take_rows(rebuild))
            rebuild->outcome = GIVEN_UP;
        ledger_run(ledger, finish, rebuild);
    }
}

static void rebuild_workspace(struct rebuilding *rebuilding, uint32_t workspace)
{
    struct rebuild rebuild = {
        .rebuilding = rebuilding,
        .fresh = {.workspace = workspace, .learn = learn_new_gathering()},
        .next_sequence = 1,
        .outcome = GIVEN_UP,
    };
    uint64_t began_us = clock_monotonic_us();
    arena_init(&rebuild.arena);
    tireless_init(&rebuild.fresh.tireless);
    build(&rebuild);
    if (rebuild.outcome == ADOPTED) {
        atomic_store(&rebuilding->last_us, clock_monotonic_us() - began_us);
        atomic_store(&rebuilding->rows, rebuild.rows);
        atomic_fetch_add(&rebuilding->done, 1);
        atomic_store(&rebuilding->last_ms, clock_now_ms());
        atomic_store(&rebuilding->last_sequence, ledger_sequence(rebuilding->parts.ledger));
    } else if (!atomic_load(&rebuilding->stop)) {
        atomic_fetch_add(&rebuilding->given_up, 1);
    }
    atomic_store(&rebuilding->last_given_up, rebuild.outcome != ADOPTED);
    atomic_store(&rebuilding->bytes, 0);
    learn_free(rebuild.fresh.learn); /* what was there before */
    item_names_free(rebuild.fresh.names);
    tireless_done(&rebuild.fresh.tireless);
    arena_done(&rebuild.arena);
}

/* --- the worker ------------------------------------------------------------------------------- */

static void rebuild_all(struct rebuilding *rebuilding)
{
    struct learning *learning = rebuilding->parts.learning;
    pthread_mutex_lock(&learning->mutex);
    size_t count = learning->count;
    pthread_mutex_unlock(&learning->mutex);
    for (size_t i = 0; i < count && !atomic_load(&rebuilding->stop); i++)
        rebuild_workspace(rebuilding, learning->learners[i]->workspace);
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / MS_PER_SECOND;
    until.tv_nsec += ms % MS_PER_SECOND * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

/* Under the mutex. True when the time has come for all. */
static bool wait_for_work(struct rebuilding *rebuilding, const struct timespec *due)
{
    int waited = 0;
    while (!atomic_load(&rebuilding->stop) && rebuilding->asked == 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&rebuilding->wake, &rebuilding->mutex, due);
    return rebuilding->asked == 0;
}

static void *work(void *context)
{
    struct rebuilding *rebuilding = context;
    int64_t every_ms = rebuilding->parts.every_ms ? rebuilding->parts.every_ms : EVERY_MS;
    struct timespec due = in_ms(every_ms);
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
    pthread_mutex_lock(&rebuilding->mutex);
    while (!atomic_load(&rebuilding->stop)) {
        bool all = wait_for_work(rebuilding, &due);
        uint32_t asked = rebuilding->asked;
        rebuilding->asked = 0;
        rebuilding->running = true;
        pthread_mutex_unlock(&rebuilding->mutex);
        if (!all)
            rebuild_workspace(rebuilding, asked);
        else if (!atomic_load(&rebuilding->stop))
            rebuild_all(rebuilding);
        if (all)
            due = in_ms(every_ms);
        pthread_mutex_lock(&rebuilding->mutex);
        rebuilding->running = false;
    }
    pthread_mutex_unlock(&rebuilding->mutex);
    return NULL;
}

struct rebuilding *rebuilding_start(const struct rebuilding_parts *parts)
{
    struct rebuilding *rebuilding = must_alloc_zero(1, sizeof *rebuilding);
    rebuilding->parts = *parts;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&rebuilding->mutex, NULL);
    pthread_cond_init(&rebuilding->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&rebuilding->thread, NULL, work, rebuilding) == 0)
        return rebuilding;
    free(rebuilding);
    return NULL;
}

void rebuilding_stop(struct rebuilding *rebuilding)
{
    if (!rebuilding)
        return;
    pthread_mutex_lock(&rebuilding->mutex);
    atomic_store(&rebuilding->stop, true);
    pthread_cond_signal(&rebuilding->wake);
    pthread_mutex_unlock(&rebuilding->mutex);
    pthread_join(rebuilding->thread, NULL);
    pthread_cond_destroy(&rebuilding->wake);
    pthread_mutex_destroy(&rebuilding->mutex);
    free(rebuilding);
}

enum status rebuilding_ask(struct rebuilding *rebuilding, uint32_t workspace)
{
    struct learning *learning = rebuilding->parts.learning;
    pthread_mutex_lock(&learning->mutex);
    bool known = learning_find(learning, workspace) != NULL;
    pthread_mutex_unlock(&learning->mutex);
    pthread_mutex_lock(&rebuilding->mutex);
    bool busy = rebuilding->running || rebuilding->asked;
    if (known && !busy)
        rebuilding->asked = workspace;
    pthread_cond_signal(&rebuilding->wake);
    pthread_mutex_unlock(&rebuilding->mutex);
    if (!known)
        return STATUS_NOT_FOUND;
    return busy ? STATUS_CONFLICT : STATUS_OK;
}

void rebuilding_counts(const struct rebuilding *rebuilding, struct rebuilding_counts *out_counts)
{
    *out_counts =
        (struct rebuilding_counts){.done = atomic_load(&rebuilding->done),
                                   .last_us = atomic_load(&rebuilding->last_us),
                                   .rows = atomic_load(&rebuilding->rows),
                                   .bytes = atomic_load(&rebuilding->bytes),
                                   .given_up = atomic_load(&rebuilding->given_up),
                                   .last_given_up = atomic_load(&rebuilding->last_given_up),
                                   .last_ms = atomic_load(&rebuilding->last_ms),
                                   .last_sequence = atomic_load(&rebuilding->last_sequence)};
}
