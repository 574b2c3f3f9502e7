#include "api/evaluations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum state { STATE_RUNNING, STATE_DONE, STATE_STOPPED, STATE_FAILED };
static const char *const state_names[] = {"running", "done", "stopped", "failed"};

/* What was asked, with all that it borrows from. */
struct job {
    struct arena arena;
    const struct workspaces_snapshot *snapshot;
    struct evaluation_wish wish;
    struct slice placement;
    struct evaluated evaluated;
    enum state state;
    struct diag diag;
};

struct evaluations {
    struct engine *engine;
    pthread_mutex_t mutex;
    pthread_t thread;
    struct job *job; /* NULL: none yet */
    _Atomic bool stop;
};

struct evaluations *evaluations_new(struct engine *engine)
{
    struct evaluations *evaluations = must_alloc_zero(1, sizeof *evaluations);
    evaluations->engine = engine;
    pthread_mutex_init(&evaluations->mutex, NULL);
    return evaluations;
}

static void job_free(struct job *job)
{
    if (!job)
        return;
    workspaces_unpin(job->snapshot);
    arena_done(&job->arena);
    free(job);
}

void evaluations_free(struct evaluations *evaluations)
{
    if (!evaluations)
        return;
    atomic_store(&evaluations->stop, true);
    if (evaluations->job)
        pthread_join(evaluations->thread, NULL);
    job_free(evaluations->job);
    pthread_mutex_destroy(&evaluations->mutex);
    free(evaluations);
}

/* --- what is asked ---------------------------------------------------------------------------- */

struct whole {           /* a whole number of the wish */
    const char *pointer; /* "/days" */
    unsigned max;
    unsigned *value;
};

static enum status read_whole(const struct json *json, const struct whole *whole, struct diag *diag)
{
    const struct json *member = json_get(json, whole->pointer + 1);
    if (!member)
        return STATUS_OK;
    if (!json_is(member, JSON_INTEGER) || member->integer < 1 ||
        member->integer > (int64_t)whole->max)
        return diag_set(diag, STATUS_INVALID, whole->pointer, "A whole number from 1 to %u",
                        whole->max);
    *whole->value = (unsigned)member->integer;
    return STATUS_OK;
}

static enum status read_target(const struct json *json, enum evaluation_target *inout_target,
                               struct diag *diag)
{
    const struct json *member = json_get(json, "target");
    struct slice name = json_get_text(json, "target");
    if (!member)
        return STATUS_OK;
    if (!slice_is(name, "bought") && !slice_is(name, "viewed"))
        return diag_set(diag, STATUS_INVALID, "/target", "The target is bought or viewed");
    *inout_target = slice_is(name, "bought") ? EVALUATION_BOUGHT : EVALUATION_VIEWED;
    return STATUS_OK;
}

static enum status check_members(const struct json *json, struct diag *diag)
{
    static const char *const names[] = {"since", "days", "k", "people", "target", "placement"};
    for (size_t i = 0; i < json->count; i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            known |= slice_is(json->members[i].name, names[j]);
        if (!known)
            return diag_set(diag, STATUS_INVALID, "",
                            "An evaluation has since, days, k, people, target and placement");
    }
    return STATUS_OK;
}

static enum status find_placement(struct job *job, const struct workspace *workspace,
                                  const struct json *json, const struct placement **out_placement,
                                  struct diag *diag)
{
    const struct json *given = json_get(json, "placement");
    struct placement *draft = ARENA_NEW(&job->arena, struct placement);
    *out_placement = draft;
    if (given) {
        enum status status = placement_from_json(given, &job->arena, draft, diag);
        if (status == STATUS_OK && !slice_equal(draft->id, job->placement))
            status = diag_set(diag, STATUS_INVALID, "/placement/id", "The id is the path's");
        return status;
    }
    *out_placement = policy_find(workspace->policy, job->placement);
    if (*out_placement)
        return (*out_placement)->kind == PLACEMENT_ITEMS
                   ? STATUS_OK
                   : diag_set(diag, STATUS_INVALID, "id",
                              "Only placements that show items can be evaluated");
    return diag_set(diag, STATUS_NOT_FOUND, "id", "No placement of this id is published");
}

static enum status read_wish(struct job *job, const struct workspace *workspace,
                             const struct json *json, struct diag *diag)
{
    struct evaluation_wish *wish = &job->wish;
    const struct placement *placement;
    enum status status = check_members(json, diag);
    if (status == STATUS_OK)
        status = find_placement(job, workspace, json, &placement, diag);
    if (status != STATUS_OK)
        return status;
    *wish = evaluation_wish_default(workspace, placement);
    wish->draft = json_get(json, "placement") != NULL;
    const struct whole wholes[] = {{"/days", EVALUATION_SPAN_DAYS_MAX, &wish->cut_days},
                                   {"/k", ITEMS_PER_PLACEMENT_MAX, &wish->k},
                                   {"/people", EVALUATION_PEOPLE_MAX, &wish->people_max}};
    for (size_t i = 0; status == STATUS_OK && i < sizeof wholes / sizeof wholes[0]; i++)
        status = read_whole(json, &wholes[i], diag);
    if (status == STATUS_OK)
        status = read_target(json, &wish->target, diag);
    if (status == STATUS_OK &&
        !evaluation_since(workspace, json_get_text(json, "since"), &wish->since_ms))
        status = diag_set(diag, STATUS_INVALID, "/since", "Say since when, as \"2026-10-01\"");
    return status;
}

/* The JSON goes with its request: the job has a copy. */
static const struct json *copy_json(struct job *job, const struct json *json, struct diag *diag)
{
    struct buf text;
    const struct json *copy = NULL;
    buf_init(&text, EVALUATION_WISH_BYTES_MAX);
    struct json_out out = json_out(&text);
    json_value(&out, json);
    struct slice kept = arena_copy(&job->arena, buf_slice(&text));
    if (text.overflowed || json_parse(&job->arena, kept, &copy, diag) != STATUS_OK)
        copy = NULL;
    buf_done(&text);
    return copy;
}

static enum status job_new(struct evaluations *evaluations, const struct evaluation_call *call,
                           struct job **out_job, struct diag *diag)
{
    struct job *job = must_alloc_zero(1, sizeof *job);
    arena_init(&job->arena);
    job->snapshot = workspaces_pin(evaluations->engine->workspaces);
    job->placement = arena_copy(&job->arena, call->placement);
    const struct workspace *workspace = workspaces_by_id(job->snapshot, call->workspace);
    const struct json *copy = copy_json(job, call->wish, diag);
    enum status status = copy ? read_wish(job, workspace, copy, diag)
                              : diag_set(diag, STATUS_TOO_LARGE, "", "The placement is too large");
    if (status == STATUS_OK)
        *out_job = job;
    else
        job_free(job);
    return status;
}

/* --- running ---------------------------------------------------------------------------------- */

static bool is_stopped(void *context)
{
    struct evaluations *evaluations = context;
    return atomic_load(&evaluations->stop);
}

static void *run(void *context)
{
    struct evaluations *evaluations = context;
    struct job *job = evaluations->job;
    struct diag diag = {0};
    enum status status =
        evaluate_placement(evaluations->engine, &job->wish, &job->evaluated, &diag);
    pthread_mutex_lock(&evaluations->mutex);
    job->diag = diag;
    job->state = status == STATUS_OK         ? STATE_DONE
                 : status == STATUS_CONFLICT ? STATE_STOPPED
                                             : STATE_FAILED;
    pthread_mutex_unlock(&evaluations->mutex);
    return NULL;
}

/* Under the mutex. The thread before it has come to its end, or is about to. */
static enum status start(struct evaluations *evaluations, struct job *job, struct diag *diag)
{
    if (evaluations->job && evaluations->job->state == STATE_RUNNING)
        return diag_set(diag, STATUS_CONFLICT, "",
                        "An evaluation is running; wait for its end, or stop it");
    if (evaluations->job)
        pthread_join(evaluations->thread, NULL);
    job_free(evaluations->job);
    evaluations->job = job;
    atomic_store(&evaluations->stop, false);
    job->wish.stopped = is_stopped;
    job->wish.context = evaluations;
    if (pthread_create(&evaluations->thread, NULL, run, evaluations) == 0)
        return STATUS_OK;
    evaluations->job = NULL;
    return STATUS_OVERLOADED;
}

enum status evaluations_start(struct evaluations *evaluations, const struct evaluation_call *call,
                              struct diag *diag)
{
    struct job *job;
    enum status status = job_new(evaluations, call, &job, diag);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&evaluations->mutex);
    status = start(evaluations, job, diag);
    pthread_mutex_unlock(&evaluations->mutex);
    if (status != STATUS_OK)
        job_free(job);
    return status;
}

/* --- asking ----------------------------------------------------------------------------------- */

/* Under the mutex. */
static struct job *find(struct evaluations *evaluations, uint32_t workspace, struct slice placement)
{
    struct job *job = evaluations->job;
    bool same =
        job && job->wish.workspace->id == workspace && slice_equal(job->placement, placement);
    return same ? job : NULL;
}

static void write(struct job *job, enum locale locale, struct buf *buf)
{
    struct json_out out = json_out(buf);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "state", slice_of(state_names[job->state]));
    if (job->state == STATE_FAILED)
        JSON_STRING_MEMBER(&out, "detail", slice_of(job->diag.sentence));
    if (job->state == STATE_DONE) {
        struct buf report;
        struct evaluation_wish wish = job->wish;
        wish.locale = locale;
        buf_init(&report, EVALUATION_REPORT_BYTES_MAX);
        evaluation_write(&wish, &job->evaluated, &report);
        json_name(&out, "report");
        json_raw(&out, buf_slice(&report));
        buf_done(&report);
    }
    json_end(&out);
}

enum status evaluations_write(struct evaluations *evaluations, uint32_t workspace,
                              struct slice placement, enum locale locale, struct buf *buf)
{
    pthread_mutex_lock(&evaluations->mutex);
    struct job *job = find(evaluations, workspace, placement);
    if (job)
        write(job, locale, buf);
    pthread_mutex_unlock(&evaluations->mutex);
    return job ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status evaluations_stop(struct evaluations *evaluations, uint32_t workspace,
                             struct slice placement)
{
    pthread_mutex_lock(&evaluations->mutex);
    struct job *job = find(evaluations, workspace, placement);
    if (job)
        atomic_store(&evaluations->stop, true);
    pthread_mutex_unlock(&evaluations->mutex);
    return job ? STATUS_OK : STATUS_NOT_FOUND;
}
