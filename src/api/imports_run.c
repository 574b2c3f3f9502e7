/* The thread that imports, and the guess at a file's columns. A job is the thread's own while it
 * runs but for what the mutex guards: progress and errors are told under it. */
#include "api/imports_state.h"

#include "catalog/feed_guess.h"

#include <fcntl.h>
#include <unistd.h>

enum { KEEP_EVERY_MS = 2000 };

struct running {
    struct imports *imports;
    struct job *job;
    int64_t kept_ms; /* when the job was written to the disk */
};

/* --- told while it runs ----------------------------------------------------------------------- */

static void tell_error(struct running *running, unsigned line, const struct diag *diag)
{
    struct job *job = running->job;
    pthread_mutex_lock(&running->imports->mutex);
    if (job->error_count == IMPORT_ERRORS_TOLD) {
        job->errors_left_out++;
    } else {
        struct json_out out = json_out(&job->errors);
        out.comma = job->error_count++ > 0;
        json_object(&out);
        JSON_INT_MEMBER(&out, "line", line);
        if (diag->column)
            JSON_INT_MEMBER(&out, "column", diag->column);
        json_text_member(&out, "field", slice_of(diag->field));
        JSON_STRING_MEMBER(
            &out, "detail",
            slice_of(diag->sentence[0] ? diag->sentence : status_sentence(STATUS_INVALID)));
        json_end(&out);
    }
    pthread_mutex_unlock(&running->imports->mutex);
}

static void on_refused(void *context, unsigned line, const struct diag *diag)
{
    tell_error(context, line, diag);
}

static void on_nobody(void *context, unsigned line)
{
    struct diag diag = {0};
    (void)diag_set(&diag, STATUS_INVALID, "",
                   "no person: neither user, anonymous id, e-mail nor phone");
    tell_error(context, line, &diag);
}

static void on_sample(void *context, struct slice json)
{
    struct running *running = context;
    struct buf *samples = &running->job->samples;
    pthread_mutex_lock(&running->imports->mutex);
    if (samples->size > 0)
        buf_add_byte(samples, ',');
    buf_add(samples, json);
    pthread_mutex_unlock(&running->imports->mutex);
}

static bool on_progress(void *context, const struct import_counts *counts, int64_t bytes)
{
    struct running *running = context;
    struct job *job = running->job;
    int64_t now_ms = clock_now_ms();
    pthread_mutex_lock(&running->imports->mutex);
    job->rows = counts->rows;
    job->read_bytes = (uint64_t)bytes;
    if (now_ms - running->kept_ms > KEEP_EVERY_MS && !job->removed) {
        running->kept_ms = now_ms;
        (void)job_keep(running->imports, job);
    }
    bool goes_on = !job->stop && !running->imports->ending;
    pthread_mutex_unlock(&running->imports->mutex);
    return goes_on;
}

/* --- a job ------------------------------------------------------------------------------------ */

void job_wish(const struct imports *imports, const struct job *job,
              const struct workspace *workspace, struct import_wish *out_wish)
{
    *out_wish = (struct import_wish){.house = engine_import_house(imports->engine),
                                     .shop = workspace_import_shop(workspace),
                                     .options = {.kind = job->kind}};
}

static void tell_end(struct running *running, const struct import *import, enum status status,
                     const struct diag *diag)
{
    struct job *job = running->job;
    bool ending = running->imports->ending;
    job->state = status == STATUS_OK                ? IMPORT_DONE
                 : ending                           ? IMPORT_INTERRUPTED
                 : job->stop                        ? IMPORT_STOPPED
                 : import && import_is_held(import) ? IMPORT_DONE
                                                    : IMPORT_FAILED;
    job->ended_ms = job->touched_ms = clock_now_ms();
    buf_clear(&job->detail);
    if (status != STATUS_OK && job->state != IMPORT_STOPPED)
        buf_add_text(&job->detail, diag->sentence[0] ? diag->sentence : status_sentence(status));
    if (!import)
        return;
    buf_clear(&job->summary);
    struct json_out out = json_out(&job->summary);
    json_object(&out);
    import_summary(import, true, &out);
    json_end(&out);
    job->rows = import_counts(import)->rows;
    if (job->state == IMPORT_DONE)
        job->read_bytes = job->bytes;
}

/* Reads the options as they were kept, and imports. The mutex is held at both ends, not between. */
static enum status import_job(struct running *running, const struct workspace *workspace,
                              struct import **out_import, struct diag *diag)
{
    struct imports *imports = running->imports;
    struct import_wish wish;
    struct arena arena;
    const struct json *options = NULL;
    arena_init(&arena);
    job_wish(imports, running->job, workspace, &wish);
    wish.listener = (struct import_listener){.context = running,
                                             .refused = on_refused,
                                             .nobody = on_nobody,
                                             .sample = on_sample,
                                             .progress = on_progress};
    enum status status = json_parse(&arena, buf_slice(&running->job->options), &options, diag);
    if (status == STATUS_OK)
        status = import_options_read(options, &arena, &wish.options, diag);
    int fd = job_open_file(imports, running->job, O_RDONLY);
    pthread_mutex_unlock(&imports->mutex);
    if (status == STATUS_OK && fd < 0)
        status = diag_set(diag, STATUS_IO, "", "The file is gone");
    if (status == STATUS_OK)
        status = import_new(&wish, out_import, diag);
    if (status == STATUS_OK)
        status = import_open(*out_import, fd, diag);
    if (status == STATUS_OK)
        status = import_run(*out_import, diag);
    if (fd >= 0)
        close(fd);
    pthread_mutex_lock(&imports->mutex);
    tell_end(running, *out_import, status, diag);
    import_free(*out_import);
    arena_done(&arena);
    return status;
}

static void unlink_job(struct imports *imports, struct job *job)
{
    struct job **at = &imports->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    job_free(job);
}

static void run(struct imports *imports, struct job *job)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(imports->engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, job->workspace);
    struct running running = {.imports = imports, .job = job, .kept_ms = clock_now_ms()};
    struct import *import = NULL;
    struct diag diag = {0};
    imports->running = job;
    job->state = IMPORT_RUNNING;
    job->started_ms = clock_now_ms();
    if (workspace)
        (void)import_job(&running, workspace, &import, &diag);
    else
        job->state = IMPORT_FAILED;
    imports->running = NULL;
    workspaces_unpin(snapshot);
    if (job->removed) {
        unlink_job(imports, job);
        return;
    }
    if (job->state == IMPORT_DONE && !job->dry_run)
        job_drop_file(imports, job);
    (void)job_keep(imports, job);
}

/* The one that waits longest. */
static struct job *next_job(const struct imports *imports)
{
    struct job *first = NULL;
    for (struct job *job = imports->jobs; job; job = job->next)
        if (job->state == IMPORT_WAITING && (!first || job->started_ms <= first->started_ms))
            first = job;
    return first;
}

void *imports_thread(void *context)
{
    struct imports *imports = context;
    pthread_mutex_lock(&imports->mutex);
    while (!imports->ending) {
        struct job *job = next_job(imports);
        if (job)
            run(imports, job);
        else
            pthread_cond_wait(&imports->wake, &imports->mutex);
    }
    pthread_mutex_unlock(&imports->mutex);
    return NULL;
}

/* --- a guess at columns ----------------------------------------------------------------------- */

static enum status guess(const struct import_wish *wish, int fd, enum locale locale,
                         struct json_out *out, struct diag *diag)
{
    struct import *import = NULL;
    struct guesses guesses;
    enum status status = import_new(wish, &import, diag);
    if (status == STATUS_OK)
        status = import_open(import, fd, diag);
    if (status == STATUS_OK)
        status = import_guess(import, &guesses, diag);
    if (status == STATUS_OK)
        guesses_to_json(&guesses, locale, out);
    import_free(import);
    return status;
}

enum status imports_guess(struct imports *imports, const struct imports_name *name,
                          enum locale locale, struct json_out *out, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(imports->engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, name->workspace);
    struct import_wish wish = {0};
    int fd = -1;
    pthread_mutex_lock(&imports->mutex);
    const struct job *job = job_find(imports, name);
    if (job && workspace) {
        job_wish(imports, job, workspace, &wish);
        fd = job_open_file(imports, job, O_RDONLY);
    }
    pthread_mutex_unlock(&imports->mutex);
    enum status status = fd >= 0 ? guess(&wish, fd, locale, out, diag)
                                 : diag_set(diag, STATUS_NOT_FOUND, "id",
                                            "There is no import of this id, or its file is gone");
    if (fd >= 0)
        close(fd);
    workspaces_unpin(snapshot);
    return status;
}
