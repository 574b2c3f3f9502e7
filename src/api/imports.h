/* Files that are brought in over HTTP, as jobs: received in parts, looked at by a dry run,
 * imported in the background, and what came of it kept until somebody takes it away.
 *
 *   DIR/imports/ID.json   the job, written whole when its state changes and every few seconds
 *   DIR/imports/ID.data   what was received; gone once it was imported
 *
 * One thread imports one file after the other. A job outlives the page that asked for it and the
 * server: one that was under way when the server ended is `interrupted`, says how far it came
 * and is started anew; what was written counts as duplicates then. Bounded: IMPORTS_MAX jobs a
 * workspace, of which the oldest that is not under way leaves for a new one, a file
 * IMPORT_FILE_BYTES_MAX, all files IMPORT_FILES_BYTES_MAX, and IMPORT_FILE_DAYS after the last
 * touch a file that was never imported is removed. Kinds: import/import.h; whose scope opens
 * which is the caller's to check. Any thread but a loop: files are written. */
#ifndef VISAVIS_API_IMPORTS_H
#define VISAVIS_API_IMPORTS_H

#include "api/importing.h"

enum {
    IMPORTS_MAX = 20,
    IMPORT_FILE_DAYS = 2,
    IMPORT_ERRORS_TOLD = 20,
    IMPORT_FILE_NAME_BYTES_MAX = 120,
    IMPORT_OPTIONS_BYTES_MAX = 65536,
    IMPORT_JOB_BYTES_MAX = 262144 /* as JSON */
};
#define IMPORT_FILE_BYTES_MAX (UINT64_C(256) << 20)
#define IMPORT_FILES_BYTES_MAX (UINT64_C(2) << 30)

enum import_state {
    IMPORT_RECEIVING, /* not started yet */
    IMPORT_WAITING,   /* for another one to end */
    IMPORT_RUNNING,
    IMPORT_DONE,
    IMPORT_STOPPED,
    IMPORT_FAILED,
    IMPORT_INTERRUPTED, /* the server ended */
    IMPORT_STATE_COUNT
};

struct imports;
/* Takes up the jobs that are kept, and removes files that belong to none. */
struct imports *imports_new(struct engine *engine);
/* Stops what runs. Before the engine closes. */
void imports_free(struct imports *imports);

/* Which job, and the kinds that the caller may see: of others there is none. */
struct imports_name {
    uint32_t workspace;
    struct uuid id;
    uint32_t kinds; /* a bit each enum import_kind */
};

struct import_begin {
    uint32_t workspace;
    enum import_kind kind;
    struct slice file_name; /* as the browser calls it; for people alone */
    struct slice by;
    struct slice bytes; /* the first part */
};
/* STATUS_CONFLICT: IMPORTS_MAX are under way; STATUS_TOO_LARGE, STATUS_NO_SPACE, STATUS_IO. */
enum status imports_begin(struct imports *imports, const struct import_begin *begin,
                          struct uuid *out_id, struct diag *diag) MUST_CHECK;
/* The next part. STATUS_CONFLICT: it is not the next, or the job was started; diag says how many
 * bytes there are. */
enum status imports_append(struct imports *imports, const struct imports_name *name, uint64_t at,
                           struct slice bytes, struct diag *diag) MUST_CHECK;
/* options: {"dryRun","map","timezone","locale","format","mode","feed","consent"}; see
 * spec/openapi.yaml: ImportStart. The audit row of an import that writes is on the disk before the
 * answer. STATUS_CONFLICT: under way, or its file is gone; STATUS_INVALID. */
enum status imports_start(struct imports *imports, const struct imports_name *name,
                          const struct json *options, struct slice by,
                          struct diag *diag) MUST_CHECK;
/* STATUS_CONFLICT: it does not run. */
enum status imports_stop(struct imports *imports, const struct imports_name *name,
                         struct diag *diag) MUST_CHECK;
/* Takes it away with its file; stops it when it runs. */
enum status imports_remove(struct imports *imports, const struct imports_name *name,
                           struct diag *diag) MUST_CHECK;

/* One JSON object (spec/openapi.yaml: Import). STATUS_NOT_FOUND. */
enum status imports_write(struct imports *imports, const struct imports_name *name,
                          struct json_out *out) MUST_CHECK;
/* {"imports": […]}, newest first; name->id counts for nothing. */
void imports_write_all(struct imports *imports, const struct imports_name *name,
                       struct json_out *out);
/* Members of an object: which column seems to be which field (catalog/feed_guess.h). */
enum status imports_guess(struct imports *imports, const struct imports_name *name,
                          enum locale locale, struct json_out *out, struct diag *diag) MUST_CHECK;

#endif
