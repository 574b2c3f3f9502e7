/* A file of rows into items, messages and people: what `visavis import` and the console both do.
 *
 * One struct import lives for one reading of one file, on one thread. The file is read from
 * where its descriptor stands, as often as a kind needs it, so it must be one that can be
 * rewound. Messages have ids made of the file's content and the line: the same file again adds
 * nothing, so an import that was cut short is begun anew. Memory: one row or one order at a
 * time, one batch, a set of 64-bit hashes. What is given (house, shop, options, listener) is
 * borrowed until import_free. */
#ifndef VISAVIS_IMPORT_IMPORT_H
#define VISAVIS_IMPORT_IMPORT_H

#include "catalog/feed.h"
#include "catalog/staging.h"
#include "person/intake.h"
#include "person/people.h"

/* ORDERS: rows are lines of orders, whatever other columns there are; EVENTS finds that out. */
enum import_kind { IMPORT_CATALOG, IMPORT_EVENTS, IMPORT_ORDERS, IMPORT_PEOPLE, IMPORT_KIND_COUNT };
const char *import_kind_name(enum import_kind kind);
bool import_kind_from_name(struct slice name, enum import_kind *out_kind);

/* Where it goes. */
struct import_house {
    struct store *store;
    struct ledger *ledger;
    struct people *people;
    struct catalog *catalog;
};

/* Whose it is: of the workspace. */
struct import_shop {
    uint32_t id;
    struct slice timezone, currency;
    enum locale locale;
    const struct intake_category *categories;
    size_t category_count;
    const struct category_map *category_map;
};

struct import_options {
    enum import_kind kind;
    enum feed_format format;
    bool dry_run;             /* reads, checks and counts; writes nothing */
    const struct slice *maps; /* "field=column", several in one joined by commas */
    size_t map_count;
    struct slice timezone;        /* of times without an offset; empty: the shop's */
    const struct slice *consents; /* "purpose=granted" or "=denied", asserted of everybody */
    size_t consent_count;
    struct slice consent_source, consent_date; /* both, where something is asserted */
    /* of a catalogue: its rows' language where they say none; its name; may be empty */
    struct slice locale, feed;
    enum feed_mode mode;
};

struct import_counts {
    uint64_t rows, items, messages, orders, refunds, people;
    uint64_t written, unchanged, hidden, refused, nobody, lines_left_out;
    uint64_t consents, refusals_kept;
    uint64_t untitled; /* items refused for want of a title */
};

/* Told on the thread that imports; each may be NULL. */
struct import_listener {
    void *context;
    void (*refused)(void *context, unsigned line, const struct diag *diag);
    void (*nobody)(void *context, unsigned line);     /* a row that names no person */
    void (*sample)(void *context, struct slice json); /* the first few of a dry run */
    /* Every few hundred rows, and how far the file was read. False: stop, with STATUS_CONFLICT. */
    bool (*progress)(void *context, const struct import_counts *counts, int64_t bytes);
};

struct import_wish {
    struct import_house house;
    struct import_shop shop;
    struct import_options options;
    struct import_listener listener;
};

struct guesses; /* catalog/feed_guess.h */
struct import;
/* Checks the options. STATUS_INVALID. */
enum status import_new(const struct import_wish *wish, struct import **out_import,
                       struct diag *diag) MUST_CHECK;
/* Takes the file: its hash, its head line. The descriptor stays the caller's. */
enum status import_open(struct import *import, int fd, struct diag *diag) MUST_CHECK;
/* Reads it all. STATUS_INVALID: not one row could be taken, or the map does not fit the file;
 * STATUS_CONFLICT: stopped, or a feed is held (import_is_held). What was written before an error
 * stays, and import_counts tells it. */
enum status import_run(struct import *import, struct diag *diag) MUST_CHECK;
void import_free(struct import *import);

const struct import_counts *import_counts(const struct import *import);
const struct feed_diff *import_diff(const struct import *import); /* of a catalogue */
bool import_is_held(const struct import *import);
/* Members of an object: the summary. examples: of what a catalogue changes. */
void import_summary(const struct import *import, bool examples, struct json_out *out);

/* Which column seems to be which field, by name and values. Instead of import_run; writes nothing.
 * Lives in the import's memory. */
enum status import_guess(struct import *import, struct guesses *out_guesses,
                         struct diag *diag) MUST_CHECK;

#endif
