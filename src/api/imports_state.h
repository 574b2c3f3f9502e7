/* What the files of imports share; nobody else includes it.
 *
 *   imports.c          the list, files, life
 *   imports_job.c      a job as JSON, told and kept
 *   imports_options.c  what is said at a start
 *   imports_run.c      the thread that imports */
#ifndef VISAVIS_API_IMPORTS_STATE_H
#define VISAVIS_API_IMPORTS_STATE_H

#include "api/imports.h"
#include "base/clock.h"
#include "store/directory.h"

#include <pthread.h>

struct job {
    struct job *next; /* newest first */
    struct uuid id;
    uint32_t workspace;
    enum import_kind kind;
    enum import_state state;
    char file_name[IMPORT_FILE_NAME_BYTES_MAX + 1], by[64];
    bool dry_run; /* of the last start */
    bool has_file;
    bool stop, removed; /* told to a job under way */
    bool changed;       /* its JSON on the disk is older */
    uint64_t bytes, read_bytes, rows, errors_left_out;
    int64_t created_ms, touched_ms, started_ms, ended_ms;
    /* JSON: the last start's options, its summary, errors and samples as lists without brackets,
     * and why it failed as text. Samples are in memory alone. */
    struct buf options, summary, errors, samples, detail;
    unsigned error_count;
};

struct imports {
    struct engine *engine;
    pthread_mutex_t mutex; /* guards what follows and every job */
    pthread_cond_t wake;
    struct job *jobs;
    struct job *running; /* not freed by others */
    pthread_t thread;
    bool started, ending;
};

static inline bool job_is_under_way(const struct job *job)
{
    return job->state == IMPORT_WAITING || job->state == IMPORT_RUNNING;
}

/* --- imports.c; all with the mutex held ------------------------------------------------------- */

/* "DIR/imports", made when it is absent; false when it cannot be. */
bool imports_directory(const struct imports *imports, char out_path[DIRECTORY_PATH_MAX]);
/* ID and an end, ".data". */
void job_file_name(const struct job *job, const char *end, char out_name[64]);
int job_open_file(const struct imports *imports, const struct job *job, int flags);
void job_drop_file(const struct imports *imports, struct job *job);
struct job *job_find(const struct imports *imports, const struct imports_name *name);
struct job *job_new(void);
void job_free(struct job *job);
/* Writes its JSON to the disk. */
enum status job_keep(const struct imports *imports, struct job *job);

/* --- imports_job.c ---------------------------------------------------------------------------- */

const char *import_state_name(enum import_state state);
/* samples: what the file says of people, which is not kept. */
void job_write(const struct job *job, int64_t now_ms, bool samples, struct json_out *out);
/* As it was kept; one that was under way is interrupted. False: it cannot be read. */
bool job_read(const struct json *json, struct job *job);

/* --- imports_options.c ------------------------------------------------------------------------ */

/* Texts and lists in the arena. */
enum status import_options_read(const struct json *json, struct arena *arena,
                                struct import_options *options, struct diag *diag) MUST_CHECK;

/* --- imports_run.c ---------------------------------------------------------------------------- */

void *imports_thread(void *context);
/* A wish of this job with options as they were kept; the file's descriptor is the caller's. */
void job_wish(const struct imports *imports, const struct job *job,
              const struct workspace *workspace, struct import_wish *out_wish);

#endif
