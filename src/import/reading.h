/* What the files of import/ share: one import under way. Nobody else includes it. */
#ifndef VISAVIS_IMPORT_READING_H
#define VISAVIS_IMPORT_READING_H

#include "base/hash.h"
#include "base/limits.h"
#include "base/number_table.h"
#include "import/fields.h"
#include "import/import.h"
#include "ledger/batch.h"

#include <sys/types.h>

/* The credential of all imports in the event order and in dedup; keys count up from 1. */
#define IMPORT_SOURCE UINT32_C(0xfffffff0)

enum { IMPORT_SAMPLES = 3 /* told by a dry run */ };

/* What is asserted of everybody in the file; [0] granted, [1] denied. */
struct import_consent {
    uint32_t purposes[2];
    struct slice source; /* who says so: kept as the proof's text */
    int64_t time_ms;
};

struct import {
    struct import_house house;
    struct import_shop shop;
    struct import_options options;
    struct import_listener listener;
    struct arena arena;    /* of the whole import */
    struct slice timezone; /* of times without an offset */
    int fd;
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
    struct import_counts counts;
    struct feed_diff diff; /* of a catalogue */
    bool held;             /* … that waits for approval */
    bool stopped;          /* the listener said so */
    unsigned samples;
};

/* The kinds. Rows are read, refused or submitted. */
enum status import_catalog(struct import *import, struct diag *diag) MUST_CHECK;
enum status import_events(struct import *import, struct diag *diag) MUST_CHECK;
enum status import_people(struct import *import, struct diag *diag) MUST_CHECK;
/* The fields of a kind. */
extern const struct import_fields import_catalog_fields, import_event_fields, import_people_fields;
const struct import_fields *import_fields_of(enum import_kind kind);
/* Fills import->map for the file at hand. */
enum status import_map_load(struct import *import, struct diag *diag) MUST_CHECK;

/* The next good record into import->row, which it resets. Bad ones are told and passed over.
 * STATUS_NOT_FOUND at the end, STATUS_CONFLICT when it was stopped. */
enum status import_next(struct import *import, const struct json **out_record, unsigned *out_line,
                        struct diag *diag) MUST_CHECK;

/* "line N: field: sentence", counted as refused. */
void import_refuse(struct import *import, unsigned line, const struct diag *diag);
/* A row that names nobody; counted apart. */
void import_refuse_nobody(struct import *import, unsigned line);
/* Tells the first few of a dry run. */
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
