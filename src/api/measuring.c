#include "api/measuring.h"

#include "api/measured_call.h"
#include "api/measured_event.h"
#include "api/workspaces.h"
#include "base/clock.h"
#include "base/pack.h"
#include "learn/tireless.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    SAVED_BYTES_MAX = 1 << 30,
    SAVE_SHARE = 50,      /* a save rests so many times as long as it took */
    CATCH_UP_ROWS = 2000, /* of the log, a portion: some tens of milliseconds at most */
    ROW_MEASURED = 'M',
    ROW_TIRELESS = 'T', /* saved with it */
    KEY_SIZE = STORE_KEY_PREFIX_BYTES + 1
};

struct measure {
    uint32_t workspace;
    pthread_mutex_t mutex; /* the join: written by the ledger thread, read by reports */
    struct join *join;
    struct tireless tireless; /* the ledger thread's, like all below */
    uint64_t sequence;        /* the last one taken */
    uint64_t unsaved;         /* changes since the last save */
};

/* Grows by one a workspace; a measure never moves, so readers need the mutex only to find it. */
struct measuring {
    struct store *store;
    pthread_mutex_t mutex;
    struct measure *measures[WORKSPACES_MAX];
    size_t count;
    _Atomic bool catching_up, save_next;
    bool saving; /* the ledger thread's, like all below */
    uint64_t saving_sequence, next_sequence;
    uint64_t passed; /* events and calls since the last save, of any workspace */
    int64_t save_not_before_us;
    struct arena arena;        /* of one event */
    struct arena policy_arena; /* of the policy last asked for, while catching up */
    uint32_t policy_workspace;
    struct policy policy;
};

static struct measure *find(struct measuring *measuring, uint32_t workspace)
{
    for (size_t i = 0; i < measuring->count; i++)
        if (measuring->measures[i]->workspace == workspace)
            return measuring->measures[i];
    return NULL;
}

static struct measure *find_or_add(struct measuring *measuring, uint32_t workspace)
{
    struct measure *measure = find(measuring, workspace);
    if (measure || measuring->count == WORKSPACES_MAX)
        return measure;
    measure = must_alloc_zero(1, sizeof *measure);
    measure->workspace = workspace;
    measure->join = join_new(NULL);
    tireless_init(&measure->tireless);
    pthread_mutex_init(&measure->mutex, NULL);
    pthread_mutex_lock(&measuring->mutex);
    measuring->measures[measuring->count++] = measure;
    pthread_mutex_unlock(&measuring->mutex);
    return measure;
}

/* --- taking ----------------------------------------------------------------------------------- */

/* Who turns out to be a robot leaves the measurement with all they brought, in whichever arm. */
static bool is_tireless(struct measure *measure, const struct event *event)
{
    enum tireless_answer answer =
        tireless_take(&measure->tireless, event->node, event->order.time_ms);
    if (answer == TIRELESS_NOW)
        join_forget(measure->join, event->node);
    return answer != TIRELESS_NOT;
}

/* Only a workspace in which somebody was exposed has outcomes. */
static void take_event(struct measuring *measuring, struct decisions *decisions, uint32_t workspace,
                       const struct event *event)
{
    struct measure *measure = find(measuring, workspace);
    if (!measure || event->sequence <= measure->sequence)
        return;
    const struct measured_event measured = {measuring->store, decisions, workspace, event,
                                            &measuring->arena};
    pthread_mutex_lock(&measure->mutex);
    if (!is_tireless(measure, event))
        measured_event_take(&measured, measure->join);
    pthread_mutex_unlock(&measure->mutex);
    measure->sequence = event->sequence;
    measure->unsaved++;
    arena_reset(&measuring->arena);
}

static void take_call(struct measuring *measuring, uint32_t workspace, uint64_t sequence,
                      const struct measured_call *call)
{
    struct measure *measure = find_or_add(measuring, workspace);
    if (!measure || sequence <= measure->sequence)
        return;
    pthread_mutex_lock(&measure->mutex);
    for (size_t i = 0; i < call->exposure_count; i++)
        join_expose(measure->join, &call->exposures[i]);
    pthread_mutex_unlock(&measure->mutex);
    measure->sequence = sequence;
    measure->unsaved++;
}

void measuring_observe(struct measuring *measuring, struct decisions *decisions, uint32_t workspace,
                       const struct event *event)
{
    measuring->passed++;
    if (!measuring_dirty(measuring))
        take_event(measuring, decisions, workspace, event);
}

void measuring_decided(struct measuring *measuring, uint32_t workspace, uint64_t sequence,
                       const struct measured_call *call)
{
    if (!measuring_dirty(measuring))
        take_call(measuring, workspace, sequence, call);
}

void measuring_forget(struct measuring *measuring, uint32_t workspace, const struct uuid *nodes,
                      size_t count)
{
    struct measure *measure = find(measuring, workspace);
    if (!measure)
        return;
    pthread_mutex_lock(&measure->mutex);
    for (size_t i = 0; i < count; i++) {
        join_forget(measure->join, nodes[i]);
        tireless_forget(&measure->tireless, nodes[i]);
    }
    pthread_mutex_unlock(&measure->mutex);
    measure->unsaved++;
}

/* --- catching up ------------------------------------------------------------------------------ */

struct catch_up {
    struct measuring *measuring;
    struct people *people;
    struct decisions *decisions;
    struct arena arena;
    size_t rows;
};

static const struct policy *policy_of(struct measuring *measuring, uint32_t workspace,
                                      uint32_t version)
{
    if (measuring->policy_workspace == workspace && measuring->policy.version == version)
        return &measuring->policy;
    arena_reset(&measuring->policy_arena);
    measuring->policy_workspace = 0;
    if (workspaces_policy(measuring->store, workspace, version, &measuring->policy_arena,
                          &measuring->policy) != STATUS_OK)
        return NULL;
    measuring->policy_workspace = workspace;
    return &measuring->policy;
}

/* A record that is gone (erased, aged out) exposes nobody. Where the row says that no placement was
 * measured, none is read. */
static void take_record(struct catch_up *catch_up, uint32_t workspace, uint64_t sequence,
                        struct slice log_value)
{
    struct unpack in = unpack_of(log_value);
    struct decision_record record;
    struct uuid call = unpack_uuid(&in);
    bool measured = in.at == in.end || unpack_u8(&in) != 0; /* rows of old do not say */
    if (in.failed || !measured ||
        decisions_get(catch_up->decisions, workspace, call, &catch_up->arena, &record) != STATUS_OK)
        return;
    const struct policy *policy = policy_of(catch_up->measuring, workspace, record.policy_version);
    struct measured_call *taken = policy ? measured_call_new(&record, policy) : NULL;
    if (taken)
        take_call(catch_up->measuring, workspace, sequence, taken);
    measured_call_free(taken);
}

/* Killed between an erasure and the save after it: whom it touched is forgotten, be it a person who
 * shared a device with the erased one; when the row names nobody, all are. */
static void take_erasure(struct measuring *measuring, uint32_t workspace, uint64_t sequence,
                         struct slice log_value)
{
    struct measure *measure = find(measuring, workspace);
    if (!measure || sequence <= measure->sequence)
        return;
    struct uuid *nodes;
    size_t count;
    if (people_erased_of_log(log_value, &measuring->arena, &nodes, &count)) {
        measuring_forget(measuring, workspace, nodes, count);
    } else {
        join_free(measure->join);
        measure->join = join_new(NULL);
        tireless_done(&measure->tireless);
        tireless_init(&measure->tireless);
    }
    measure->sequence = sequence;
    arena_reset(&measuring->arena);
    measuring_save_next(measuring);
}

/* Stops a portion with STATUS_OVERLOADED, which no row gives. */
static enum status take_row(void *context, uint32_t workspace, uint64_t sequence, uint8_t kind_code,
                            struct slice log_value)
{
    struct catch_up *catch_up = context;
    struct event event;
    if (catch_up->rows++ == CATCH_UP_ROWS)
        return STATUS_OVERLOADED;
    catch_up->measuring->next_sequence = sequence + 1;
    arena_reset(&catch_up->arena);
    if (kind_code == DECISIONS_KIND)
        take_record(catch_up, workspace, sequence, log_value);
    else if (kind_code == PEOPLE_KIND_ERASURE)
        take_erasure(catch_up->measuring, workspace, sequence, log_value);
    else if (kind_code == PEOPLE_KIND_EVENT && find(catch_up->measuring, workspace) &&
             people_event_of_log(catch_up->people, workspace, log_value, &catch_up->arena,
                                 &event) == STATUS_OK)
        take_event(catch_up->measuring, catch_up->decisions, workspace, &event);
    return STATUS_OK;
}

bool measuring_catch_up(struct measuring *measuring, struct people *people,
                        struct decisions *decisions)
{
    if (!measuring_dirty(measuring))
        return false;
    struct catch_up catch_up = {.measuring = measuring, .people = people, .decisions = decisions};
    arena_init(&catch_up.arena);
    enum status status =
        ledger_scan(measuring->store, measuring->next_sequence, take_row, &catch_up);
    arena_done(&catch_up.arena);
    atomic_store(&measuring->catching_up, status == STATUS_OVERLOADED);
    return status == STATUS_OVERLOADED;
}

bool measuring_dirty(const struct measuring *measuring)
{
    return atomic_load_explicit(&measuring->catching_up, memory_order_relaxed);
}

/* --- saving ----------------------------------------------------------------------------------- */

static struct slice saved_key(uint32_t workspace, uint8_t row, uint8_t room[KEY_SIZE])
{
    store_key_prefix(workspace, room);
    room[STORE_KEY_PREFIX_BYTES] = row;
    return slice_make(room, KEY_SIZE);
}

static void save(struct measure *measure, struct store_batch *batch, struct store *store)
{
    struct buf value, tireless;
    buf_init(&value, SAVED_BYTES_MAX);
    buf_init(&tireless, SAVED_BYTES_MAX);
    pack_u64(&value, measure->sequence);
    join_pack(measure->join, &value);
    tireless_pack(&measure->tireless, &tireless);
    uint8_t room[KEY_SIZE], beside[KEY_SIZE];
    if (!value.overflowed) {
        store_batch_put(batch, store, SPACE_COUNTER,
                        saved_key(measure->workspace, ROW_MEASURED, room), buf_slice(&value));
        store_batch_put(batch, store, SPACE_COUNTER,
                        saved_key(measure->workspace, ROW_TIRELESS, beside), buf_slice(&tireless));
    }
    measure->unsaved = 0;
    buf_done(&tireless);
    buf_done(&value);
}

void measuring_save_next(struct measuring *measuring)
{
    atomic_store(&measuring->save_next, true);
}

static bool save_is_due(struct measuring *measuring)
{
    bool due = atomic_exchange(&measuring->save_next, false);
    bool rested = (int64_t)clock_monotonic_us() >= measuring->save_not_before_us;
    return due || (rested && measuring->passed >= MEASURING_SAVE_ROWS);
}

/* One measure a call, so that a batch stays of bounded size; last the sequence that all of them
 * have seen. */
bool measuring_checkpoint(void *context, struct store_batch *batch, struct store *store,
                          uint64_t sequence)
{
    struct measuring *measuring = context;
    if (!measuring->saving && save_is_due(measuring)) {
        measuring->saving = true;
        measuring->passed = 0;
        measuring->saving_sequence =
            measuring_dirty(measuring) ? measuring->next_sequence - 1 : sequence;
    }
    for (size_t i = 0; measuring->saving && i < measuring->count; i++) {
        if (measuring->measures[i]->unsaved == 0)
            continue;
        uint64_t began_us = clock_monotonic_us();
        save(measuring->measures[i], batch, store);
        uint64_t now_us = clock_monotonic_us();
        measuring->save_not_before_us = (int64_t)(now_us + SAVE_SHARE * (now_us - began_us));
        return false;
    }
    if (measuring->saving) {
        uint8_t room[KEY_SIZE], value[8];
        key_put_u64(value, measuring->saving_sequence);
        store_batch_put(batch, store, SPACE_COUNTER, saved_key(0, ROW_MEASURED, room),
                        slice_make(value, sizeof value));
        measuring->saving = false;
    }
    return true;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum status load(struct measure *measure, struct slice value)
{
    struct unpack in = unpack_of(value);
    uint64_t sequence = unpack_u64(&in);
    struct join *join;
    if (!measure || in.failed || join_unpack(slice_from(value, 8), NULL, &join) != STATUS_OK)
        return STATUS_CORRUPT;
    join_free(measure->join);
    measure->join = join;
    measure->sequence = sequence;
    return STATUS_OK;
}

static enum status load_tireless(struct measure *measure, struct slice value)
{
    struct unpack in = unpack_of(value);
    if (!measure)
        return STATUS_CORRUPT;
    tireless_unpack(&in, &measure->tireless);
    return unpack_finished(&in) ? STATUS_OK : STATUS_CORRUPT;
}

static enum status load_all(struct measuring *measuring)
{
    struct store_range all = {SLICE("\0"), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), false, true};
    struct store_iterator *rows = store_iterate(measuring->store, SPACE_COUNTER, &all);
    struct slice key, value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_next(rows, &key, &value)) {
        uint8_t row = key.size == KEY_SIZE ? (uint8_t)key.data[STORE_KEY_PREFIX_BYTES] : 0;
        if (row != ROW_MEASURED && row != ROW_TIRELESS)
            continue;
        uint32_t workspace = key_get_u32((const uint8_t *)key.data);
        if (row == ROW_TIRELESS)
            status = load_tireless(find_or_add(measuring, workspace), value);
        else if (workspace == 0)
            measuring->next_sequence = key_get_u64((const uint8_t *)value.data) + 1;
        else
            status = load(find_or_add(measuring, workspace), value);
    }
    if (status == STATUS_OK)
        status = store_iterator_status(rows);
    store_iterator_close(rows);
    return status;
}

enum status measuring_open(struct store *store, struct measuring **out_measuring, struct diag *diag)
{
    struct measuring *measuring = must_alloc_zero(1, sizeof *measuring);
    measuring->store = store;
    measuring->next_sequence = 1;
    atomic_store(&measuring->catching_up, true);
    pthread_mutex_init(&measuring->mutex, NULL);
    arena_init(&measuring->arena);
    arena_init(&measuring->policy_arena);
    enum status status = load_all(measuring);
    if (status != STATUS_OK) {
        measuring_close(measuring);
        return diag_set(diag, status, "counter", "What was measured cannot be read from the store");
    }
    *out_measuring = measuring;
    return STATUS_OK;
}

void measuring_close(struct measuring *measuring)
{
    if (!measuring)
        return;
    for (size_t i = 0; i < measuring->count; i++) {
        join_free(measuring->measures[i]->join);
        tireless_done(&measuring->measures[i]->tireless);
        pthread_mutex_destroy(&measuring->measures[i]->mutex);
        free(measuring->measures[i]);
    }
    arena_done(&measuring->arena);
    arena_done(&measuring->policy_arena);
    pthread_mutex_destroy(&measuring->mutex);
    free(measuring);
}

/* --- reading ---------------------------------------------------------------------------------- */

void measuring_report(struct measuring *measuring, const struct measuring_question *question,
                      struct arena *arena, struct measuring_answer *out_answer)
{
    struct joined *joined = &out_answer->joined;
    *out_answer = (struct measuring_answer){.report = {.verdict = REPORT_NOBODY,
                                                       .split_p = 1,
                                                       .split_once = {.p = 1},
                                                       .cap = INFINITY,
                                                       .variance_left = 1}};
    pthread_mutex_lock(&measuring->mutex);
    struct measure *measure = find(measuring, question->workspace);
    pthread_mutex_unlock(&measuring->mutex);
    if (!measure)
        return;
    pthread_mutex_lock(&measure->mutex);
    if (join_get(measure->join, question->placement, joined)) {
        int64_t now_ms = clock_now_ms();
        report_make(joined, now_ms, &out_answer->report);
        if (question->series)
            series_make(joined, &out_answer->report, now_ms, &out_answer->series);
        joined->placement = arena_copy(arena, joined->placement);
        joined->objective.event = arena_copy(arena, joined->objective.event);
        joined->currency = arena_copy(arena, joined->currency);
        joined->people = NULL;
    }
    pthread_mutex_unlock(&measure->mutex);
}

size_t measuring_people(struct measuring *measuring)
{
    size_t people = 0;
    pthread_mutex_lock(&measuring->mutex);
    size_t count = measuring->count;
    pthread_mutex_unlock(&measuring->mutex);
    for (size_t i = 0; i < count; i++) {
        struct measure *measure = measuring->measures[i];
        pthread_mutex_lock(&measure->mutex);
        people += join_people(measure->join);
        pthread_mutex_unlock(&measure->mutex);
    }
    return people;
}
