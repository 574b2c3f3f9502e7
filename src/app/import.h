/* visavis import: a file of rows into items, messages and people. Private to src/app/import*.c.
 *
 * One struct import lives for one run of the command, on the thread that runs it. The file is read
 * from its start as often as a kind needs it: what cannot be rewound (a pipe) is first copied into
 * an unlinked file of the data directory, so that a pipe and a file with the same bytes give the
 * same message ids. Memory: one row or one order at a time, one batch, a set of 64-bit hashes. */
#ifndef VISAVIS_APP_IMPORT_H
#define VISAVIS_APP_IMPORT_H

#include "app/command.h"
#include "app/import_fields.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/number_table.h"
#include "catalog/staging.h"
#include "ledger/batch.h"

#include <sys/types.h>

/* The credential of all imports in the event order and in dedup; keys count up from 1. */
#define IMPORT_SOURCE UINT32_C(0xfffffff0)

enum {
    IMPORT_TOLD_MAX = 20,       /* refused rows told by name, the rest is counted */
    IMPORT_TOLD_NOBODY_MAX = 3, /* the same of rows without a person: often half a file */
    IMPORT_SAMPLES = 3,         /* shown by a dry run */
    IMPORT_PROGRESS_ROWS = 50000
};

struct import_counts {
    uint64_t rows, items, messages, orders, refunds, people;
    uint64_t written, unchanged, hidden, refused, nobody, lines_left_out;
    uint64_t consents, refusals_kept;
    uint64_t untitled; /* items refused for want of a title */
};

/* What --consent says of everybody in the file; [0] granted, [1] denied. */
struct import_consent {
    uint32_t purposes[2];
    struct slice source; /* who says so: kept as the proof's text */
    int64_t time_ms;
};

struct import {
    struct call *call;
    const struct workspaces_snapshot *snapshot;
    const struct workspace *workspace; /* of the snapshot */
    struct slice timezone;             /* of times without an offset */
    int fd;
    bool spooled; /* fd is our copy of a pipe */
    off_t start;
    struct hash128 file_hash;
    struct feed *feed;
    unsigned column;       /* where the row at hand begins in its line; 0: at its start */
    bool rows_are_objects; /* NDJSON, XML */
    bool map_given;
    struct slice locale; /* of a catalogue's rows that name none; may be empty */
    struct import_map map;
    struct import_consent consent;
    struct number_table people, consented;
    struct ledger_batch batch;
    struct arena row; /* one record */
    bool dry_run, terminal;
    struct import_counts counts;
    struct feed_diff diff; /* of a catalogue */
    bool held;             /* … that waits for approval */
    unsigned told, told_nobody, samples;
};

/* The kinds. Rows are read, refused or submitted; the summary is the command's. */
enum status import_catalog(struct import *import, struct diag *diag) MUST_CHECK;
enum status import_events(struct import *import, struct diag *diag) MUST_CHECK;
enum status import_people(struct import *import, struct diag *diag) MUST_CHECK;
/* Of a catalogue: prints which column seems to be which field and why, and writes nothing. */
enum status import_guess(struct import *import, struct diag *diag) MUST_CHECK;

/* The next good record into import->row, which it resets. Bad ones are told and passed over.
 * STATUS_NOT_FOUND at the end. */
enum status import_next(struct import *import, const struct json **out_record, unsigned *out_line,
                        struct diag *diag) MUST_CHECK;

/* "line N: field: sentence", counted as refused. */
void import_refuse(struct import *import, unsigned line, const struct diag *diag);
/* A row that names nobody; counted apart. */
void import_refuse_nobody(struct import *import, unsigned line);
/* Shows the first few of a dry run. */
void import_sample(struct import *import, struct slice json);

/* "imp-" and a hash of the file's hash, the kind and the line. */
struct slice import_message_id(const struct import *import, char kind, unsigned line,
                               struct arena *arena);

/* Local times ("2010-12-01 08:26", "01/12/2010 08:26") to UTC by the zone; ISO with an offset as it
 * says. STATUS_INVALID tells how to write it. */
enum status import_time(struct slice text, struct slice timezone, int64_t *out_ms,
                        struct diag *diag) MUST_CHECK;

/* Reserves and sends. The text is the caller's. */
enum status import_send_text(struct import *import, const struct buf *text,
                             unsigned line) MUST_CHECK;

#endif
