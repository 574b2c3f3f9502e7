#include "api/engine.h"

#include "api/audit.h"
#include "api/drafts.h"
#include "api/places.h"
#include "api/refused.h"
#include "api/strategies.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* When nothing waits the timer sleeps longer. Between two portions it sleeps at least PORTION_SHARE
 * times as long as the last one took: under load, when everything changes all the time, the
 * ledger keeps nine tenths of its thread. While a start's log is caught up with it keeps half. */
enum { PUBLISH_EVERY_MS = 250, PORTION_EVERY_MS = 10, PORTION_SHARE = 9 };

/* Publishes what was learned a few times a second, on the ledger thread, and follows the catalogue
 * on its own; both in bounded portions. */
struct engine_timer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop, hurry;
    struct engine *engine;
    uint64_t rested_us; /* when the next portion may come */
};

static void publish_portion(void *context)
{
    struct engine_timer *timer = context;
    struct engine *engine = timer->engine;
    uint64_t began_us = clock_monotonic_us();
    bool behind = learning_catch_up(engine->learning, engine->catalog);
    (void)learning_publish(engine->learning);
    behind |= measuring_catch_up(engine->measuring, engine->people, engine->decisions);
    uint64_t now_us = clock_monotonic_us();
    timer->rested_us = now_us + (behind ? 1 : PORTION_SHARE) * (now_us - began_us);
}

static bool portion_waits(const struct engine *engine)
{
    return learning_dirty(engine->learning) || measuring_dirty(engine->measuring);
}

/* The catalogues are followed meanwhile: that holds nobody up. */
static int64_t pause_ms(const struct engine_timer *timer, bool more)
{
    uint64_t now_us = clock_monotonic_us();
    if (more)
        return PORTION_EVERY_MS;
    if (!portion_waits(timer->engine))
        return PUBLISH_EVERY_MS;
    int64_t rest_ms = timer->rested_us > now_us ? (int64_t)(timer->rested_us - now_us) / 1000 : 0;
    return rest_ms > PORTION_EVERY_MS ? rest_ms + 1 : PORTION_EVERY_MS;
}

static bool wait_for_tick(struct engine_timer *timer, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&timer->mutex);
    int waited = 0;
    while (!timer->stop && !timer->hurry && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&timer->wake, &timer->mutex, &until);
    bool stop = timer->stop;
    if (timer->hurry)
        timer->rested_us = 0;
    timer->hurry = false;
    pthread_mutex_unlock(&timer->mutex);
    return !stop;
}

/* Only where a placement asks for it is the index worth its memory. */
static bool wants_assortment(const struct policy *policy)
{
    for (size_t i = 0; i < policy->placement_count; i++) {
        if (placement_asks_assortment(&policy->placements[i]))
            return true;
    }
    return false;
}

static bool wants_tops(const struct policy *policy)
{
    for (size_t i = 0; i < policy->placement_count; i++)
        for (size_t j = 0; j < policy->placements[i].step_count; j++)
            if (strategy_asks_tops(policy->placements[i].steps[j].strategy))
                return true;
    return false;
}

static bool wants_blend(const struct policy *policy)
{
    for (size_t i = 0; i < policy->placement_count; i++)
        if (policy->placements[i].mix == MIX_BLEND)
            return true;
    return false;
}

static void study_blend(struct engine *engine, const struct workspace *workspace)
{
    bool wanted = wants_blend(workspace->policy);
    struct blend_school school = {
        .catalog = catalog_pin(engine->catalog, workspace->id),
        .assortment = wanted ? assortments_pin(engine->assortments, workspace->id) : NULL};
    learning_study_blend(engine->learning, workspace->id, wanted, &school);
    assortment_unpin(school.assortment);
    catalog_unpin(school.catalog);
}

/* True while there is more. */
static bool follow_catalogs(struct engine *engine)
{
    const struct workspaces_snapshot *workspaces = workspaces_pin(engine->workspaces);
    bool more = false;
    for (size_t i = 0; i < workspaces_count(workspaces); i++) {
        const struct workspace *workspace = workspaces_at(workspaces, i);
        if (wants_assortment(workspace->policy))
            more |= assortments_refresh(engine->assortments, engine->catalog, workspace) ||
                    assortments_find_ahead(engine->assortments, workspace->id);
        if (wants_tops(workspace->policy))
            learning_place_tops(engine->learning, workspace->id, engine->catalog);
        study_blend(engine, workspace);
    }
    workspaces_unpin(workspaces);
    return more;
}

static void *run_timer(void *context)
{
    struct engine_timer *timer = context;
    struct engine *engine = timer->engine;
    bool more = follow_catalogs(engine); /* nobody should wait for the first tick */
    while (wait_for_tick(timer, pause_ms(timer, more))) {
        if (portion_waits(engine) && clock_monotonic_us() >= timer->rested_us)
            ledger_run(engine->ledger, publish_portion, timer);
        more = follow_catalogs(engine);
    }
    return NULL;
}

static enum status start_timer(struct engine *engine)
{
    struct engine_timer *timer = must_alloc_zero(1, sizeof *timer);
    timer->engine = engine;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&timer->mutex, NULL);
    pthread_cond_init(&timer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&timer->thread, NULL, run_timer, timer) != 0) {
        free(timer);
        return STATUS_IO;
    }
    engine->timer = timer;
    return STATUS_OK;
}

static void hurry_timer(struct engine_timer *timer)
{
    pthread_mutex_lock(&timer->mutex);
    timer->hurry = true;
    pthread_cond_signal(&timer->wake);
    pthread_mutex_unlock(&timer->mutex);
}

static bool is_settled(struct engine *engine, uint32_t id)
{
    const struct workspaces_snapshot *workspaces = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(workspaces, id);
    bool wanted = workspace && wants_assortment(workspace->policy);
    const struct assortment *assortment = wanted ? assortments_pin(engine->assortments, id) : NULL;
    bool settled = !wanted || assortment != NULL;
    assortment_unpin(assortment);
    workspaces_unpin(workspaces);
    return settled;
}

bool engine_settle(struct engine *engine, uint32_t workspace, int64_t wait_ms)
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    uint64_t until_us = clock_monotonic_us() + 1000 * (uint64_t)wait_ms;
    bool settled = is_settled(engine, workspace);
    if (!settled)
        hurry_timer(engine->timer);
    while (!settled && clock_monotonic_us() < until_us) {
        nanosleep(&pause, NULL);
        settled = is_settled(engine, workspace);
    }
    return settled;
}

static void stop_timer(struct engine_timer *timer)
{
    if (!timer)
        return;
    pthread_mutex_lock(&timer->mutex);
    timer->stop = true;
    pthread_cond_signal(&timer->wake);
    pthread_mutex_unlock(&timer->mutex);
    pthread_join(timer->thread, NULL);
    pthread_cond_destroy(&timer->wake);
    pthread_mutex_destroy(&timer->mutex);
    free(timer);
}

static void on_event(void *context, uint32_t workspace, const struct event *event)
{
    struct engine *engine = context;
    learning_observe(engine->learning, workspace, event);
    measuring_observe(engine->measuring, engine->decisions, workspace, event);
}

static void on_decided(void *context, uint32_t workspace, uint64_t sequence,
                       const struct measured_call *call)
{
    struct engine *engine = context;
    measuring_decided(engine->measuring, workspace, sequence, call);
}

static void on_erased(void *context, uint32_t workspace, const struct uuid *nodes, size_t count)
{
    struct engine *engine = context;
    learning_forget(engine->learning, workspace, nodes, count);
    learning_save_next(engine->learning); /* what was saved still knew them */
    measuring_forget(engine->measuring, workspace, nodes, count);
    measuring_save_next(engine->measuring);
    if (engine->decisions)
        decisions_forget(engine->decisions, nodes, count);
}

/* Lowest floor first; each step needs those before it. */
static enum status open_parts(struct engine *engine, const char *directory,
                              const struct engine_options *options, struct diag *diag)
{
    size_t memory = options->memory_bytes ? options->memory_bytes : (size_t)512 << 20;
    struct store_options store = {.memory_bytes = memory / 2, .create = options->create};
    struct people_options people = {.cache_bytes_max = memory / 2,
                                    .on_event = on_event,
                                    .on_erased = on_erased,
                                    .context = engine};
    enum status status = store_open(directory, &store, &engine->store, diag);
    if (status == STATUS_OK)
        status = ledger_open(engine->store, NULL, &engine->ledger, diag);
    if (status == STATUS_OK)
        status = workspaces_open(engine->store, engine->ledger, &engine->workspaces, diag);
    if (status == STATUS_OK)
        status = users_open(engine->store, engine->ledger, &engine->users, diag);
    if (status == STATUS_OK)
        status = catalog_open(engine->store, engine->ledger, &engine->catalog, diag);
    if (status == STATUS_OK)
        status = learning_open(engine->store, &engine->learning, diag);
    if (status == STATUS_OK)
        status = measuring_open(engine->store, &engine->measuring, diag);
    if (status == STATUS_OK)
        status = people_open(engine->store, engine->ledger, &people, &engine->people, diag);
    if (status == STATUS_OK && options->places_path)
        status = places_open(options->places_path, &engine->places, diag);
    return status;
}

static enum status open_feeds(struct engine *engine, struct diag *diag)
{
    const struct feeds_parts parts = {engine->store, engine->ledger, engine->workspaces,
                                      engine->catalog};
    return feeds_open(&parts, &engine->feeds, diag);
}

static enum status start_threads(struct engine *engine, const struct engine_options *options)
{
    engine->rebuilding =
        rebuilding_start(&(struct rebuilding_parts){engine->store, engine->ledger, engine->catalog,
                                                    engine->learning, options->rebuild_every_ms});
    return engine->rebuilding ? start_timer(engine) : STATUS_IO;
}

static enum status start_parts(struct engine *engine, const struct engine_options *options,
                               struct diag *diag)
{
    engine->decisions = decisions_open(engine->store, engine->ledger);
    decisions_watch(engine->decisions, on_decided, engine);
    refused_register(engine->ledger);
    audit_register(engine->ledger);
    drafts_register(engine->ledger);
    ledger_add_checkpointer(engine->ledger, learning_checkpoint, engine->learning);
    ledger_add_checkpointer(engine->ledger, measuring_checkpoint, engine->measuring);
    /* The first portion at once, which is all in most shops; the timer sees to the rest. */
    (void)learning_catch_up(engine->learning, engine->catalog);
    (void)learning_publish(engine->learning);
    (void)measuring_catch_up(engine->measuring, engine->people, engine->decisions);
    enum status status = ledger_start(engine->ledger, diag);
    return status == STATUS_OK ? start_threads(engine, options) : status;
}

enum status engine_open(const char *directory, const struct engine_options *options,
                        struct engine **out_engine, struct diag *diag)
{
    struct engine *engine = must_alloc_zero(1, sizeof *engine);
    engine->assortments = assortments_new();
    engine->sessions = sessions_new();
    enum status status = open_parts(engine, directory, options, diag);
    if (status == STATUS_OK)
        status = open_feeds(engine, diag);
    if (status == STATUS_OK)
        status = start_parts(engine, options, diag);
    if (status != STATUS_OK) {
        engine_close(engine);
        return status;
    }
    *out_engine = engine;
    return STATUS_OK;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    feeds_stop(engine->feeds);
    rebuilding_stop(engine->rebuilding);
    if (engine->timer) {
        stop_timer(engine->timer);
        learning_save_next(engine->learning);
        measuring_save_next(engine->measuring);
        ledger_stop(engine->ledger);
    }
    assortments_free(engine->assortments); /* it pins what the catalogue published */
    people_close(engine->people);
    feeds_close(engine->feeds);
    catalog_close(engine->catalog);
    workspaces_close(engine->workspaces);
    users_close(engine->users);
    sessions_free(engine->sessions);
    decisions_close(engine->decisions);
    if (engine->ledger)
        ledger_close(engine->ledger);
    learning_close(engine->learning);
    measuring_close(engine->measuring);
    places_close(engine->places);
    if (engine->store)
        store_close(engine->store);
    free(engine);
}
