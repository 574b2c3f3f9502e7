#include "api/backups.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { PATH_SIZE = 1024, CHECKS_KEPT = 32 };

enum job_kind { JOB_COPY, JOB_CHECK };

/* The last one, under way or ended. */
struct job {
    enum job_kind kind;
    bool runs;
    char name[BACKUP_NAME_SIZE];
    int64_t began_ms, ended_ms; /* 0: there was none; 0: it runs */
    uint64_t expected_bytes;
    enum status status;
    struct diag diag;
};

struct check {
    char name[BACKUP_NAME_SIZE];
    int64_t at_ms;
    bool whole;
};

struct backups {
    struct engine *engine;
    char folder[PATH_SIZE];
    struct backup_watch watch;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    bool started;          /* the thread is to be joined */
    struct job job;
    struct check checks[CHECKS_KEPT];
    size_t next_check;
};

struct backups *backups_new(struct engine *engine, struct slice folder)
{
    struct backups *backups = must_alloc_zero(1, sizeof *backups);
    const char *data = store_directory(engine->store);
    size_t size = strlen(data);
    while (size > 1 && data[size - 1] == '/')
        size--;
    backups->engine = engine;
    pthread_mutex_init(&backups->mutex, NULL);
    if (folder.size)
        snprintf(backups->folder, sizeof backups->folder, "%.*s", SLICE_ARG(folder));
    else
        snprintf(backups->folder, sizeof backups->folder, "%.*s-backups", (int)size, data);
    return backups;
}

static void join(struct backups *backups)
{
    if (backups->started)
        pthread_join(backups->thread, NULL);
    backups->started = false;
}

void backups_free(struct backups *backups)
{
    if (!backups)
        return;
    atomic_store(&backups->watch.stop, true);
    join(backups);
    pthread_mutex_destroy(&backups->mutex);
    free(backups);
}

enum status backups_audit(struct engine *engine, enum audit_action action, struct slice by)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(engine->workspaces);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < workspaces_count(snapshot) && status == STATUS_OK; i++) {
        struct audit audit;
        audit_init(engine->ledger, &audit, workspaces_at(snapshot, i)->id, action, by);
        status = audit_append(engine->ledger, &audit);
    }
    workspaces_unpin(snapshot);
    return status;
}

/* --- names and sizes -------------------------------------------------------------------------- */

/* visavis-20261122T175501Z */
static void make_name(int64_t now_ms, char out_name[BACKUP_NAME_SIZE])
{
    time_t seconds = (time_t)(now_ms / MS_PER_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(out_name, BACKUP_NAME_SIZE, "visavis-%Y%m%dT%H%M%SZ", &parts);
}

static bool read_name(const char *name, int64_t *out_ms)
{
    struct tm parts = {0};
    const char *end = strptime(name, "visavis-%Y%m%dT%H%M%SZ", &parts);
    if (!end || *end || strlen(name) != sizeof "visavis-20261122T175501Z" - 1)
        return false;
    *out_ms = (int64_t)timegm(&parts) * MS_PER_SECOND;
    return true;
}

static bool path_of(const struct backups *backups, const char *name, const char *ending,
                    char out_path[PATH_SIZE])
{
    int size = snprintf(out_path, PATH_SIZE, "%s/%s%s", backups->folder, name, ending);
    return size > 0 && size < PATH_SIZE;
}

/* Of the files in it, and of those one level down. */
static uint64_t bytes_in(const char *path, bool below)
{
    uint64_t bytes = 0;
    DIR *listing = opendir(path);
    if (!listing)
        return 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char inner[PATH_SIZE];
        struct stat facts;
        int size = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || size >= PATH_SIZE || lstat(inner, &facts) != 0)
            continue;
        if (S_ISREG(facts.st_mode))
            bytes += (uint64_t)facts.st_size;
        else if (S_ISDIR(facts.st_mode) && below)
            bytes += bytes_in(inner, false);
    }
    closedir(listing);
    return bytes;
}

/* --- a job ------------------------------------------------------------------------------------ */

static void remember_check(struct backups *backups, const struct job *job)
{
    struct check *check = &backups->checks[backups->next_check++ % CHECKS_KEPT];
    memcpy(check->name, job->name, sizeof check->name);
    check->at_ms = job->ended_ms;
    check->whole = job->status == STATUS_OK;
}

static enum status work(struct backups *backups, enum job_kind kind, const char *name,
                        struct diag *diag)
{
    char path[PATH_SIZE];
    if (!path_of(backups, name, "", path))
        return diag_set(diag, STATUS_INVALID, "", "The path of the folder is too long");
    if (kind == JOB_CHECK)
        return store_backup_check(path, &backups->watch, diag);
    if (mkdir(backups->folder, 0700) != 0 && errno != EEXIST)
        return diag_set(diag, STATUS_IO, "", "cannot make %s: %s", backups->folder,
                        strerror(errno));
    return store_backup(backups->engine->store, path, diag);
}

static void *run(void *context)
{
    struct backups *backups = context;
    struct diag diag = {0};
    char name[BACKUP_NAME_SIZE];
    pthread_mutex_lock(&backups->mutex);
    enum job_kind kind = backups->job.kind;
    memcpy(name, backups->job.name, sizeof name);
    pthread_mutex_unlock(&backups->mutex);
    enum status status = work(backups, kind, name, &diag);
    pthread_mutex_lock(&backups->mutex);
    struct job *job = &backups->job;
    job->status = status;
    job->diag = diag;
    job->ended_ms = clock_now_ms();
    job->runs = false;
    if (kind == JOB_CHECK && status != STATUS_CONFLICT)
        remember_check(backups, job);
    pthread_mutex_unlock(&backups->mutex);
    return NULL;
}

/* Under the mutex. */
static enum status start(struct backups *backups, const struct job *job, struct diag *diag)
{
    if (backups->job.runs)
        return diag_set(diag, STATUS_CONFLICT, "",
                        "Another one is under way; wait until it has ended");
    join(backups);
    atomic_store(&backups->watch.bytes, 0);
    struct job before = backups->job;
    backups->job = *job;
    backups->job.runs = true;
    backups->started = pthread_create(&backups->thread, NULL, run, backups) == 0;
    if (!backups->started)
        backups->job = before;
    return backups->started ? STATUS_OK : STATUS_OVERLOADED;
}

static bool is_running(struct backups *backups)
{
    pthread_mutex_lock(&backups->mutex);
    bool runs = backups->job.runs;
    pthread_mutex_unlock(&backups->mutex);
    return runs;
}

enum status backups_start(struct backups *backups, struct slice by, struct diag *diag)
{
    struct store_sizes sizes;
    struct job job = {.kind = JOB_COPY, .began_ms = clock_now_ms()};
    if (!is_running(backups)) { /* the row stands before anything is copied */
        enum status status = backups_audit(backups->engine, AUDIT_BACKUP, by);
        if (status != STATUS_OK)
            return status;
    }
    make_name(job.began_ms, job.name);
    store_sizes(backups->engine->store, &sizes);
    job.expected_bytes = sizes.disk_bytes;
    pthread_mutex_lock(&backups->mutex);
    enum status status = start(backups, &job, diag);
    pthread_mutex_unlock(&backups->mutex);
    return status;
}

enum status backups_check(struct backups *backups, struct slice name, struct diag *diag)
{
    char path[PATH_SIZE];
    int64_t at_ms;
    struct stat facts;
    struct job job = {.kind = JOB_CHECK, .began_ms = clock_now_ms()};
    snprintf(job.name, sizeof job.name, "%.*s", SLICE_ARG(name));
    if (!read_name(job.name, &at_ms) || !path_of(backups, job.name, "", path) ||
        stat(path, &facts) != 0)
        return diag_set(diag, STATUS_NOT_FOUND, "", "There is no backup of this name");
    job.expected_bytes = bytes_in(path, true);
    pthread_mutex_lock(&backups->mutex);
    enum status status = start(backups, &job, diag);
    pthread_mutex_unlock(&backups->mutex);
    return status;
}

/* --- told ------------------------------------------------------------------------------------- */

static uint64_t bytes_done(struct backups *backups, const struct job *job)
{
    char path[PATH_SIZE];
    if (job->kind == JOB_CHECK)
        return atomic_load(&backups->watch.bytes);
    return path_of(backups, job->name, ".partial", path) ? bytes_in(path, true) : 0;
}

static void write_job(struct backups *backups, const struct job *job, struct json_out *out)
{
    json_name(out, "job");
    if (job->began_ms == 0) {
        json_null(out);
        return;
    }
    json_object(out);
    JSON_STRING_MEMBER(out, "kind", slice_of(job->kind == JOB_COPY ? "copy" : "check"));
    JSON_STRING_MEMBER(out, "name", slice_of(job->name));
    JSON_TIME_MEMBER(out, "began", job->began_ms);
    JSON_BOOL_MEMBER(out, "runs", job->runs);
    if (job->runs) {
        uint64_t done = bytes_done(backups, job);
        JSON_INT_MEMBER(out, "bytes", (int64_t)done);
        JSON_INT_MEMBER(out, "expectedBytes",
                        (int64_t)(job->expected_bytes > done ? job->expected_bytes : done));
    } else {
        JSON_TIME_MEMBER(out, "ended", job->ended_ms);
        JSON_BOOL_MEMBER(out, "good", job->status == STATUS_OK);
        if (job->status != STATUS_OK)
            JSON_STRING_MEMBER(out, "detail",
                               job->diag.sentence[0] ? slice_of(job->diag.sentence)
                                                     : slice_of(status_sentence(job->status)));
    }
    json_end(out);
}

static void write_backup(const struct backups *backups, const struct check *checks,
                         const char *name, struct json_out *out)
{
    char path[PATH_SIZE];
    int64_t at_ms = 0;
    const struct check *last = NULL;
    (void)read_name(name, &at_ms);
    for (size_t i = 0; i < CHECKS_KEPT; i++)
        if (strcmp(checks[i].name, name) == 0 && (!last || checks[i].at_ms > last->at_ms))
            last = &checks[i];
    json_object(out);
    JSON_STRING_MEMBER(out, "name", slice_of(name));
    JSON_TIME_MEMBER(out, "at", at_ms);
    JSON_INT_MEMBER(out, "bytes",
                    path_of(backups, name, "", path) ? (int64_t)bytes_in(path, true) : 0);
    if (last) {
        JSON_TIME_MEMBER(out, "checked", last->at_ms);
        JSON_BOOL_MEMBER(out, "whole", last->whole);
    }
    json_end(out);
}

typedef char backup_name[BACKUP_NAME_SIZE];

static int compare_names(const void *a, const void *b)
{
    return strcmp(b, a); /* newest first */
}

/* The first ones that are found, where there are more. */
static size_t list_names(const struct backups *backups, backup_name names[BACKUPS_TOLD_MAX])
{
    size_t count = 0;
    int64_t at_ms;
    DIR *listing = opendir(backups->folder);
    if (!listing)
        return 0;
    for (struct dirent *entry; count < BACKUPS_TOLD_MAX && (entry = readdir(listing)) != NULL;)
        if (read_name(entry->d_name, &at_ms))
            memcpy(names[count++], entry->d_name, strlen(entry->d_name) + 1);
    closedir(listing);
    qsort(names, count, sizeof *names, compare_names);
    return count;
}

void backups_write(struct backups *backups, struct json_out *out)
{
    backup_name names[BACKUPS_TOLD_MAX];
    struct check checks[CHECKS_KEPT];
    size_t count = list_names(backups, names);
    pthread_mutex_lock(&backups->mutex);
    struct job job = backups->job;
    memcpy(checks, backups->checks, sizeof checks);
    pthread_mutex_unlock(&backups->mutex);
    json_object(out);
    JSON_STRING_MEMBER(out, "folder", slice_of(backups->folder));
    write_job(backups, &job, out);
    json_name(out, "backups");
    json_array(out);
    for (size_t i = 0; i < count; i++)
        write_backup(backups, checks, names[i], out);
    json_end(out);
    json_end(out);
}
