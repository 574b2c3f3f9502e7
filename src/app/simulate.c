#include "app/simulate.h"

#include "app/simulate_line.h"
#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TELL_US = 1000000, STEP_MS = 50 };

/* The people of one line, the one who comes next on top (a binary heap by day, then number). */
struct crowd {
    struct person *people;
    size_t count;
};

struct worker {
    pthread_t thread;
    struct simulate_line line;
    struct crowd crowd;
    double *liking;
};

/* --- who comes next --------------------------------------------------------------------------- */

static bool sooner(const struct person *a, const struct person *b)
{
    return a->next_day < b->next_day || (a->next_day <= b->next_day && a->number < b->number);
}

static void swap(struct person *a, struct person *b)
{
    struct person kept = *a;
    *a = *b;
    *b = kept;
}

static void sink(struct crowd *crowd, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < crowd->count; child++)
            if (sooner(&crowd->people[child], &crowd->people[least]))
                least = child;
        if (least == at)
            return;
        swap(&crowd->people[at], &crowd->people[least]);
        at = least;
    }
}

static void gather(struct worker *worker, const struct simulate_options *options, size_t index)
{
    struct crowd *crowd = &worker->crowd;
    crowd->people = must_alloc_zero(options->people / SIMULATE_LINES + 1, sizeof *crowd->people);
    for (size_t number = index; number < options->people; number += SIMULATE_LINES) {
        struct person *person = &crowd->people[crowd->count++];
        *person = person_make(options->world->seed, number);
        person_plan(person, options->start_day - options->history_days);
    }
    for (size_t at = crowd->count; at > 0; at--)
        sink(crowd, at - 1);
}

/* --- how far it is ---------------------------------------------------------------------------- */

static void tell_progress(struct simulate_pace *pace, const struct simulate_options *options,
                          bool past, double share)
{
    uint64_t now_us = clock_monotonic_us();
    if (!options->progress || now_us - pace->told_us < TELL_US)
        return;
    pace->told_us = now_us;
    options->progress(
        options->progress_context,
        &(struct simulate_progress){.past = past,
                                    .share = share,
                                    .seconds = (double)(now_us - pace->started_us) / 1e6,
                                    .visits = atomic_load(&pace->visits)});
}

/* Of the present; the lesser of its two ends counts. */
static double share_lived(const struct simulate_pace *pace, const struct simulate_options *options)
{
    double seconds = (double)(clock_monotonic_us() - pace->started_us) / 1e6;
    double whole = fmin(options->seconds, options->days * 86400 / options->speed);
    return whole < INFINITY ? fmin(1, seconds / whole) : -1;
}

/* --- visits ----------------------------------------------------------------------------------- */

/* The visit of whoever is on top. */
static void visit(struct crowd *crowd, struct simulate_line *line, double *liking)
{
    simulate_visit(line, &crowd->people[0], liking);
    sink(crowd, 0);
}

/* The past of everybody, in order of time, over one line. */
static void live_through_past(struct worker *workers, const struct simulate_options *options)
{
    struct simulate_line *line = &workers[0].line;
    line->history = true;
    while (line->status == STATUS_OK && !atomic_load(options->stop)) {
        struct crowd *next = NULL;
        for (size_t i = 0; i < SIMULATE_LINES; i++) {
            struct crowd *crowd = &workers[i].crowd;
            if (crowd->count && (!next || sooner(crowd->people, next->people)))
                next = crowd;
        }
        if (!next || next->people[0].next_day >= options->start_day)
            break;
        double left_days = options->start_day - next->people[0].next_day;
        tell_progress(line->pace, options, true, 1 - left_days / options->history_days);
        visit(next, line, workers[0].liking);
    }
    simulate_flush(line);
    line->history = false;
}

static void *live(void *context)
{
    struct worker *worker = context;
    const struct simulate_options *options = worker->line.options;
    struct crowd *crowd = &worker->crowd;
    double end = options->start_day + options->days;
    while (crowd->count && crowd->people[0].next_day < end && worker->line.status == STATUS_OK &&
           simulate_wait(&worker->line, crowd->people[0].next_day))
        visit(crowd, &worker->line, worker->liking);
    atomic_fetch_sub(&worker->line.pace->living, 1);
    return NULL;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void add(struct simulate_counts *sum, const struct simulate_counts *counts)
{
    sum->visits += counts->visits;
    sum->nameless_visits += counts->nameless_visits;
    sum->requests += counts->requests;
    sum->retries += counts->retries;
    sum->messages += counts->messages;
    sum->refused_messages += counts->refused_messages;
    sum->decisions += counts->decisions;
    sum->personalised += counts->personalised;
    sum->views += counts->views;
    sum->clicks += counts->clicks;
    sum->orders += counts->orders;
    sum->lists_seen += counts->lists_seen;
    sum->revenue_minor += counts->revenue_minor;
}

static enum status start(struct worker *workers, size_t *out_started, struct diag *diag)
{
    for (*out_started = 0; *out_started < SIMULATE_LINES; ++*out_started)
        if (pthread_create(&workers[*out_started].thread, NULL, live, &workers[*out_started]) != 0)
            return diag_set(diag, STATUS_OVERLOADED, "", "No thread could be started");
    return STATUS_OK;
}

static enum status live_now(struct worker *workers, struct simulate_pace *pace, struct diag *diag)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    const struct simulate_options *options = workers[0].line.options;
    size_t started = 0;
    pace->started_us = clock_monotonic_us();
    atomic_store(&pace->living, SIMULATE_LINES);
    enum status status = start(workers, &started, diag);
    if (status != STATUS_OK)
        atomic_store(&pace->failed, true);
    while (options->progress && atomic_load(&pace->living) > SIMULATE_LINES - started) {
        (void)nanosleep(&step, NULL);
        tell_progress(pace, options, false, share_lived(pace, options));
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return status;
}

enum status simulate_run(const struct simulate_options *options, struct simulate_counts *out_counts,
                         struct diag *diag)
{
    struct simulate_pace pace = {.run = clock_now_ms(), .started_us = clock_monotonic_us()};
    struct worker *workers = must_alloc_zero(SIMULATE_LINES, sizeof *workers);
    for (size_t i = 0; i < SIMULATE_LINES; i++) {
        simulate_line_open(&workers[i].line, options, &pace);
        workers[i].liking = must_alloc_zero(options->world->item_count + 1, sizeof(double));
        gather(&workers[i], options, i);
    }
    live_through_past(workers, options);
    enum status status = workers[0].line.status;
    if (status == STATUS_OK)
        status = live_now(workers, &pace, diag);
    *out_counts = (struct simulate_counts){0};
    for (size_t i = SIMULATE_LINES; i > 0; i--) {
        struct worker *worker = &workers[i - 1];
        add(out_counts, &worker->line.counts);
        if (worker->line.status != STATUS_OK) {
            status = worker->line.status;
            *diag = worker->line.diag;
        }
        simulate_line_close(&worker->line);
        free(worker->crowd.people);
        free(worker->liking);
    }
    free(workers);
    return status;
}
