/* See imports.h: the list, the files, and what is asked of a job. */
#include "api/imports_state.h"

#include "api/audit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ERRORS_BYTES_MAX = 65536, SUMMARY_BYTES_MAX = 65536, ROOM_KEPT = 64 << 20 };
#define FILE_KEPT_MS ((int64_t)IMPORT_FILE_DAYS * MS_PER_DAY)

/* --- jobs ------------------------------------------------------------------------------------- */

struct job *job_new(void)
{
    struct job *job = must_alloc_zero(1, sizeof *job);
    buf_init(&job->options, IMPORT_OPTIONS_BYTES_MAX);
    buf_init(&job->summary, SUMMARY_BYTES_MAX);
    buf_init(&job->errors, ERRORS_BYTES_MAX);
    buf_init(&job->samples, ERRORS_BYTES_MAX);
    buf_init(&job->detail, 1024);
    return job;
}

void job_free(struct job *job)
{
    buf_done(&job->options);
    buf_done(&job->summary);
    buf_done(&job->errors);
    buf_done(&job->samples);
    buf_done(&job->detail);
    free(job);
}

struct job *job_find(const struct imports *imports, const struct imports_name *name)
{
    for (struct job *job = imports->jobs; job; job = job->next)
        if (uuid_equal(job->id, name->id) && job->workspace == name->workspace && !job->removed &&
            name->kinds >> job->kind & 1U)
            return job;
    return NULL;
}

static enum status not_found(struct diag *diag)
{
    return diag_set(diag, STATUS_NOT_FOUND, "id", "There is no import of this id");
}

/* --- files ------------------------------------------------------------------------------------ */

bool imports_directory(const struct imports *imports, char out_path[DIRECTORY_PATH_MAX])
{
    const char *directory = store_directory(imports->engine->store);
    return path_join(out_path, directory, "imports") &&
           (mkdir(out_path, 0700) == 0 || errno == EEXIST);
}

void job_file_name(const struct job *job, const char *end, char out_name[64])
{
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(job->id, id);
    (void)snprintf(out_name, 64, "%s%s", id, end);
}

static bool job_path(const struct imports *imports, const struct job *job, const char *end,
                     char out_path[DIRECTORY_PATH_MAX])
{
    char directory[DIRECTORY_PATH_MAX], name[64];
    job_file_name(job, end, name);
    return imports_directory(imports, directory) && path_join(out_path, directory, name);
}

int job_open_file(const struct imports *imports, const struct job *job, int flags)
{
    char path[DIRECTORY_PATH_MAX];
    return job_path(imports, job, ".data", path) ? open(path, flags | O_CLOEXEC, 0600) : -1;
}

static void drop(const struct imports *imports, const struct job *job, const char *end)
{
    char path[DIRECTORY_PATH_MAX];
    if (job_path(imports, job, end, path))
        (void)unlink(path);
}

void job_drop_file(const struct imports *imports, struct job *job)
{
    drop(imports, job, ".data");
    job->has_file = false;
    job->changed = true;
}

enum status job_keep(const struct imports *imports, struct job *job)
{
    char directory[DIRECTORY_PATH_MAX], name[64];
    struct buf text;
    if (!imports_directory(imports, directory))
        return STATUS_IO;
    job_file_name(job, ".json", name);
    buf_init(&text, IMPORT_JOB_BYTES_MAX);
    struct json_out out = json_out(&text);
    job_write(job, clock_now_ms(), false, &out);
    enum status status = text.overflowed
                             ? STATUS_TOO_LARGE
                             : file_write_whole(directory, name, buf_slice(&text), 0600);
    buf_done(&text);
    job->changed = status != STATUS_OK;
    return status;
}

/* --- which leave ------------------------------------------------------------------------------ */

/* Out of the list, the disk and memory; what runs is left to its thread. */
static void take_away(struct imports *imports, struct job *job)
{
    drop(imports, job, ".data");
    drop(imports, job, ".json");
    job->has_file = false;
    if (job == imports->running) {
        job->stop = job->removed = true;
        return;
    }
    struct job **at = &imports->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    job_free(job);
}

/* Files that were never brought in hold people: they do not lie there for ever. */
static void drop_old_files(struct imports *imports)
{
    int64_t before_ms = clock_now_ms() - FILE_KEPT_MS;
    for (struct job *job = imports->jobs; job; job = job->next)
        if (job->has_file && !job_is_under_way(job) && job->touched_ms < before_ms) {
            job_drop_file(imports, job);
            (void)job_keep(imports, job);
        }
}

/* The oldest that may go, when there are too many. */
static enum status make_place(struct imports *imports, uint32_t workspace, struct diag *diag)
{
    struct job *oldest = NULL;
    size_t count = 0;
    drop_old_files(imports);
    for (struct job *job = imports->jobs; job; job = job->next) {
        count += job->workspace == workspace;
        if (job->workspace == workspace && !job_is_under_way(job))
            oldest = job;
    }
    if (count < IMPORTS_MAX)
        return STATUS_OK;
    if (!oldest)
        return diag_set(diag, STATUS_CONFLICT, "", "%d imports are under way: wait or stop one",
                        IMPORTS_MAX);
    take_away(imports, oldest);
    return STATUS_OK;
}

/* --- receiving -------------------------------------------------------------------------------- */

static uint64_t bytes_of_files(const struct imports *imports)
{
    uint64_t bytes = 0;
    for (const struct job *job = imports->jobs; job; job = job->next)
        bytes += job->has_file ? job->bytes : 0;
    return bytes;
}

static enum status check_room(const struct imports *imports, uint64_t before, size_t size,
                              struct diag *diag)
{
    const struct store *store = imports->engine->store;
    if (before + size > IMPORT_FILE_BYTES_MAX)
        return diag_set(
            diag, STATUS_TOO_LARGE, "",
            "A file has at most %d MB here: cut it, or run visavis import on the server",
            (int)(IMPORT_FILE_BYTES_MAX >> 20));
    if (bytes_of_files(imports) + size > IMPORT_FILES_BYTES_MAX)
        return diag_set(diag, STATUS_TOO_LARGE, "",
                        "Files that wait hold %d GB together: import them or take some away",
                        (int)(IMPORT_FILES_BYTES_MAX >> 30));
    return store_free_bytes(store) > store_reserve_bytes(store) + ROOM_KEPT
               ? STATUS_OK
               : diag_set(diag, STATUS_NO_SPACE, "", "The disk is nearly full");
}

static bool write_at(int fd, uint64_t at, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t count = pwrite(fd, bytes.data, bytes.size, (off_t)at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)count);
        at += (uint64_t)count;
    }
    return true;
}

static enum status add_part(struct imports *imports, struct job *job, struct slice bytes,
                            struct diag *diag)
{
    enum status status = check_room(imports, job->bytes, bytes.size, diag);
    if (status != STATUS_OK)
        return status;
    int fd = job_open_file(imports, job, O_WRONLY | O_CREAT);
    bool written = fd >= 0 && write_at(fd, job->bytes, bytes);
    if (fd >= 0)
        written &= close(fd) == 0;
    if (!written)
        return diag_set(diag, STATUS_IO, "", "The file cannot be kept: %s", strerror(errno));
    job->bytes += bytes.size;
    job->touched_ms = clock_now_ms();
    job->has_file = true;
    return job_keep(imports, job);
}

static void copy_text(char *out_text, size_t size, struct slice text)
{
    (void)snprintf(out_text, size, "%.*s", SLICE_ARG(text));
}

static struct job *new_job(const struct import_begin *begin)
{
    struct job *job = job_new();
    job->id = uuid_new();
    job->workspace = begin->workspace;
    job->kind = begin->kind;
    job->created_ms = clock_now_ms();
    copy_text(job->file_name, sizeof job->file_name, begin->file_name);
    copy_text(job->by, sizeof job->by, begin->by);
    return job;
}

enum status imports_begin(struct imports *imports, const struct import_begin *begin,
                          struct uuid *out_id, struct diag *diag)
{
    pthread_mutex_lock(&imports->mutex);
    enum status status = make_place(imports, begin->workspace, diag);
    if (status == STATUS_OK) {
        struct job *job = new_job(begin);
        job->next = imports->jobs;
        imports->jobs = job;
        *out_id = job->id;
        status = add_part(imports, job, begin->bytes, diag);
        if (status != STATUS_OK)
            take_away(imports, job);
    }
    pthread_mutex_unlock(&imports->mutex);
    return status;
}

static enum status append(struct imports *imports, struct job *job, uint64_t at, struct slice bytes,
                          struct diag *diag)
{
    if (job->state != IMPORT_RECEIVING)
        return diag_set(diag, STATUS_CONFLICT, "", "This import has been started already");
    if (at != job->bytes)
        return diag_set(diag, STATUS_CONFLICT, "at", "%llu bytes are here: go on from there",
                        (unsigned long long)job->bytes);
    return add_part(imports, job, bytes, diag);
}

enum status imports_append(struct imports *imports, const struct imports_name *name, uint64_t at,
                           struct slice bytes, struct diag *diag)
{
    pthread_mutex_lock(&imports->mutex);
    struct job *job = job_find(imports, name);
    enum status status = job ? append(imports, job, at, bytes, diag) : not_found(diag);
    pthread_mutex_unlock(&imports->mutex);
    return status;
}

/* --- starting and stopping -------------------------------------------------------------------- */

static enum status check_start(const struct job *job, struct diag *diag)
{
    if (job_is_under_way(job))
        return diag_set(diag, STATUS_CONFLICT, "", "This import is under way");
    if (!job->has_file)
        return diag_set(diag, STATUS_CONFLICT, "",
                        "Its file is gone: it was imported, or waited too long; send it again");
    return STATUS_OK;
}

/* Would it be taken? So that a wrong wish is told to who asks, not to the job. */
static enum status check_wish(struct imports *imports, const struct job *job,
                              const struct json *options, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(imports->engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, job->workspace);
    struct import_wish wish;
    struct import *import = NULL;
    struct arena arena;
    arena_init(&arena);
    enum status status = workspace ? STATUS_OK : STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        job_wish(imports, job, workspace, &wish);
        status = import_options_read(options, &arena, &wish.options, diag);
    }
    if (status == STATUS_OK)
        status = import_new(&wish, &import, diag);
    import_free(import);
    arena_done(&arena);
    workspaces_unpin(snapshot);
    return status;
}

static enum status note(struct imports *imports, const struct job *job, struct slice by)
{
    struct audit audit;
    char id[UUID_TEXT_SIZE + 1];
    struct ledger *ledger = imports->engine->ledger;
    uuid_format(job->id, id);
    audit_init(ledger, &audit, job->workspace, AUDIT_IMPORT, by);
    (void)snprintf(audit.detail, sizeof audit.detail, "%s %s", import_kind_name(job->kind), id);
    return audit_append(ledger, &audit);
}

static enum status run_thread(struct imports *imports)
{
    if (!imports->started)
        imports->started = pthread_create(&imports->thread, NULL, imports_thread, imports) == 0;
    return imports->started ? STATUS_OK : STATUS_OVERLOADED;
}

static enum status start(struct imports *imports, struct job *job, const struct json *options,
                         struct slice by, struct diag *diag)
{
    bool dry_run = json_get_bool(options, "dryRun", false);
    enum status status = check_start(job, diag);
    if (status == STATUS_OK)
        status = check_wish(imports, job, options, diag);
    if (status == STATUS_OK)
        status = run_thread(imports);
    if (status == STATUS_OK && !dry_run)
        status = note(imports, job, by);
    if (status != STATUS_OK)
        return status;
    buf_clear(&job->options);
    buf_clear(&job->summary);
    buf_clear(&job->errors);
    buf_clear(&job->samples);
    buf_clear(&job->detail);
    struct json_out out = json_out(&job->options);
    json_value(&out, options);
    copy_text(job->by, sizeof job->by, by);
    job->dry_run = dry_run;
    job->stop = false;
    job->rows = job->read_bytes = job->errors_left_out = 0;
    job->error_count = 0;
    job->started_ms = job->touched_ms = clock_now_ms();
    job->ended_ms = 0;
    job->state = IMPORT_WAITING;
    pthread_cond_signal(&imports->wake);
    return job_keep(imports, job);
}

enum status imports_start(struct imports *imports, const struct imports_name *name,
                          const struct json *options, struct slice by, struct diag *diag)
{
    pthread_mutex_lock(&imports->mutex);
    struct job *job = job_find(imports, name);
    enum status status = job ? start(imports, job, options, by, diag) : not_found(diag);
    pthread_mutex_unlock(&imports->mutex);
    return status;
}

static enum status stop(struct imports *imports, struct job *job, struct diag *diag)
{
    if (!job_is_under_way(job))
        return diag_set(diag, STATUS_CONFLICT, "", "This import is not under way");
    if (job->state == IMPORT_RUNNING) {
        job->stop = true;
        return STATUS_OK;
    }
    job->state = IMPORT_STOPPED;
    job->ended_ms = clock_now_ms();
    return job_keep(imports, job);
}

enum status imports_stop(struct imports *imports, const struct imports_name *name,
                         struct diag *diag)
{
    pthread_mutex_lock(&imports->mutex);
    struct job *job = job_find(imports, name);
    enum status status = job ? stop(imports, job, diag) : not_found(diag);
    pthread_mutex_unlock(&imports->mutex);
    return status;
}

enum status imports_remove(struct imports *imports, const struct imports_name *name,
                           struct diag *diag)
{
    pthread_mutex_lock(&imports->mutex);
    struct job *job = job_find(imports, name);
    if (job)
        take_away(imports, job);
    pthread_mutex_unlock(&imports->mutex);
    return job ? STATUS_OK : not_found(diag);
}

/* --- told ------------------------------------------------------------------------------------- */

enum status imports_write(struct imports *imports, const struct imports_name *name,
                          struct json_out *out)
{
    pthread_mutex_lock(&imports->mutex);
    const struct job *job = job_find(imports, name);
    if (job)
        job_write(job, clock_now_ms(), true, out);
    pthread_mutex_unlock(&imports->mutex);
    return job ? STATUS_OK : STATUS_NOT_FOUND;
}

void imports_write_all(struct imports *imports, const struct imports_name *name,
                       struct json_out *out)
{
    json_object(out);
    json_name(out, "imports");
    json_array(out);
    pthread_mutex_lock(&imports->mutex);
    drop_old_files(imports);
    for (const struct job *job = imports->jobs; job; job = job->next)
        if (job->workspace == name->workspace && !job->removed && name->kinds >> job->kind & 1U)
            job_write(job, clock_now_ms(), true, out);
    pthread_mutex_unlock(&imports->mutex);
    json_end(out);
    json_end(out);
}

/* --- life ------------------------------------------------------------------------------------- */

/* Newest first: a UUIDv7 tells when it was made. */
static void insert(struct imports *imports, struct job *job)
{
    struct job **at = &imports->jobs;
    while (*at && memcmp((*at)->id.bytes, job->id.bytes, sizeof job->id.bytes) > 0)
        at = &(*at)->next;
    job->next = *at;
    *at = job;
}

static bool read_whole(const char *path, struct buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *room;
    ssize_t count = fd < 0 ? -1 : 1;
    while (count > 0 && (room = buf_reserve(text, 4096))) {
        count = read(fd, room, 4096);
        if (count > 0)
            buf_added(text, (size_t)count);
    }
    if (fd >= 0)
        close(fd);
    return count == 0;
}

static void take_up(struct imports *imports, const char *path)
{
    const struct json *json;
    struct buf text;
    struct arena arena;
    struct diag diag = {0};
    arena_init(&arena);
    buf_init(&text, IMPORT_JOB_BYTES_MAX);
    struct job *job = job_new();
    if (read_whole(path, &text) &&
        json_parse(&arena, buf_slice(&text), &json, &diag) == STATUS_OK && job_read(json, job)) {
        insert(imports, job);
    } else {
        (void)unlink(path);
        job_free(job);
    }
    buf_done(&text);
    arena_done(&arena);
}

static bool has_job(const struct imports *imports, const char *file_name)
{
    char name[64];
    for (const struct job *job = imports->jobs; job; job = job->next) {
        job_file_name(job, ".data", name);
        if (job->has_file && strcmp(name, file_name) == 0)
            return true;
    }
    return false;
}

/* First the jobs, then whatever belongs to none of them goes: a file whose job never got to the
 * disk, a temporary one. */
static void each_file(struct imports *imports, bool jobs)
{
    char directory[DIRECTORY_PATH_MAX], path[DIRECTORY_PATH_MAX];
    DIR *files = imports_directory(imports, directory) ? opendir(directory) : NULL;
    const struct dirent *file;
    while (files && (file = readdir(files))) {
        struct slice name = slice_of(file->d_name);
        bool job = name.size > 5 && slice_is(slice_from(name, name.size - 5), ".json");
        if (file->d_name[0] == '.' || !path_join(path, directory, file->d_name))
            continue;
        if (job && jobs)
            take_up(imports, path);
        else if (!job && !jobs && !has_job(imports, file->d_name))
            (void)unlink(path);
    }
    if (files)
        closedir(files);
}

struct imports *imports_new(struct engine *engine)
{
    struct imports *imports = must_alloc_zero(1, sizeof *imports);
    imports->engine = engine;
    pthread_mutex_init(&imports->mutex, NULL);
    pthread_cond_init(&imports->wake, NULL);
    each_file(imports, true);
    each_file(imports, false);
    drop_old_files(imports);
    return imports;
}

void imports_free(struct imports *imports)
{
    if (!imports)
        return;
    pthread_mutex_lock(&imports->mutex);
    imports->ending = true;
    pthread_cond_signal(&imports->wake);
    pthread_mutex_unlock(&imports->mutex);
    if (imports->started)
        pthread_join(imports->thread, NULL);
    for (struct job *job = imports->jobs, *next; job; job = next) {
        next = job->next;
        job_free(job);
    }
    pthread_cond_destroy(&imports->wake);
    pthread_mutex_destroy(&imports->mutex);
    free(imports);
}
