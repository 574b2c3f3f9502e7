/* What all kinds share: options, the file and its hash, what is told of rows, the summary. */
#include "import/reading.h"

#include "base/clock.h"
#include "base/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONSENT_SOURCE_BYTES_MAX = 1024, BLOCK_BYTES = 65536, PROGRESS_ROWS = 256 };

static const struct kind {
    const char *name;
    enum status (*run)(struct import *import, struct diag *diag);
    const struct import_fields *fields;
} kinds[IMPORT_KIND_COUNT] = {
    [IMPORT_CATALOG] = {"catalog", import_catalog, &import_catalog_fields},
    [IMPORT_EVENTS] = {"events", import_events, &import_event_fields},
    [IMPORT_ORDERS] = {"orders", import_events, &import_event_fields},
    [IMPORT_PEOPLE] = {"people", import_people, &import_people_fields},
};

const char *import_kind_name(enum import_kind kind)
{
    return kinds[kind].name;
}

bool import_kind_from_name(struct slice name, enum import_kind *out_kind)
{
    for (int kind = 0; kind < IMPORT_KIND_COUNT; kind++)
        if (slice_is(name, kinds[kind].name)) {
            *out_kind = (enum import_kind)kind;
            return true;
        }
    return false;
}

const struct import_fields *import_fields_of(enum import_kind kind)
{
    return kinds[kind].fields;
}

static bool is_catalog(const struct import *import)
{
    return import->options.kind == IMPORT_CATALOG;
}

/* --- what is told ----------------------------------------------------------------------------- */

void import_refuse(struct import *import, unsigned line, const struct diag *diag)
{
    import->counts.refused++;
    if (import->listener.refused)
        import->listener.refused(import->listener.context, line, diag);
}

void import_refuse_nobody(struct import *import, unsigned line)
{
    import->counts.nobody++;
    if (import->listener.nobody)
        import->listener.nobody(import->listener.context, line);
}

void import_sample(struct import *import, struct slice json)
{
    if (!import->options.dry_run || import->samples == IMPORT_SAMPLES)
        return;
    import->samples++;
    if (import->listener.sample)
        import->listener.sample(import->listener.context, json);
}

static bool goes_on(struct import *import)
{
    const struct import_listener *listener = &import->listener;
    if (!listener->progress || import->counts.rows % PROGRESS_ROWS != 0)
        return true;
    off_t at = lseek(import->fd, 0, SEEK_CUR);
    import->stopped = !listener->progress(listener->context, &import->counts, at - import->start);
    return !import->stopped;
}

const struct import_counts *import_counts(const struct import *import)
{
    return &import->counts;
}

const struct feed_diff *import_diff(const struct import *import)
{
    return &import->diff;
}

bool import_is_held(const struct import *import)
{
    return import->held;
}

void import_summary(const struct import *import, bool examples, struct json_out *out)
{
    const struct import_counts *counts = &import->counts;
    bool catalog = is_catalog(import);
    JSON_INT_MEMBER(out, "rows", (int64_t)counts->rows);
    if (catalog) {
        JSON_INT_MEMBER(out, "items", (int64_t)counts->items);
    } else {
        JSON_INT_MEMBER(out, "messages", (int64_t)counts->messages);
        JSON_INT_MEMBER(out, "orders", (int64_t)counts->orders);
        JSON_INT_MEMBER(out, "refunds", (int64_t)counts->refunds);
        JSON_INT_MEMBER(out, "people", (int64_t)counts->people);
    }
    JSON_INT_MEMBER(out, "written", (int64_t)counts->written);
    JSON_INT_MEMBER(out, catalog ? "unchanged" : "duplicates", (int64_t)counts->unchanged);
    JSON_INT_MEMBER(out, "refused", (int64_t)counts->refused);
    if (catalog) {
        JSON_INT_MEMBER(out, "hidden", (int64_t)counts->hidden);
        feed_diff_to_json(&import->diff, examples, out);
    } else {
        JSON_INT_MEMBER(out, "noPerson", (int64_t)counts->nobody);
        JSON_INT_MEMBER(out, "linesLeftOut", (int64_t)counts->lines_left_out);
        JSON_INT_MEMBER(out, "consents", (int64_t)counts->consents);
        JSON_INT_MEMBER(out, "refusalsKept", (int64_t)counts->refusals_kept);
    }
    if (import->options.dry_run)
        JSON_BOOL_MEMBER(out, "dryRun", true);
    if (import->held)
        JSON_BOOL_MEMBER(out, "held", true);
}

/* --- the file --------------------------------------------------------------------------------- */

/* XXH3 over the content, chained over blocks of one size: hash = XXH3(hash, block). */
static enum status hash_file(struct import *import, struct diag *diag)
{
    enum { HEAD = sizeof import->file_hash.bytes };
    char *block = must_alloc_zero(1, HEAD + BLOCK_BYTES);
    off_t at = import->start;
    size_t size;
    ssize_t count = 0;
    do {
        for (size = 0; size < BLOCK_BYTES; size += (size_t)count, at += count) {
            count = pread(import->fd, block + HEAD + size, BLOCK_BYTES - size, at);
            if (count < 0 && errno == EINTR)
                count = 0;
            else if (count <= 0)
                break;
        }
        import->file_hash = hash128(slice_make(block, HEAD + size));
        memcpy(block, import->file_hash.bytes, HEAD);
    } while (count > 0);
    free(block);
    return count == 0
               ? STATUS_OK
               : diag_set(diag, STATUS_IO, "", "The file cannot be read: %s", strerror(errno));
}

/* Opens the feed at the file's start. */
static enum status open_feed(struct import *import, struct diag *diag)
{
    if (lseek(import->fd, import->start, SEEK_SET) < 0)
        return diag_set(diag, STATUS_IO, "", "The file cannot be read: %s", strerror(errno));
    enum status status = feed_open(import->fd, import->options.format, &import->feed, diag);
    if (status != STATUS_OK)
        return status;
    import->rows_are_objects = feed_columns(import->feed).size == 0;
    *diag = (struct diag){0}; /* a good head line leaves its place there */
    return STATUS_OK;
}

enum status import_open(struct import *import, int fd, struct diag *diag)
{
    import->fd = fd;
    import->start = lseek(fd, 0, SEEK_CUR);
    if (import->start < 0)
        return diag_set(diag, STATUS_IO, "", "The file cannot be read: %s", strerror(errno));
    enum status status = is_catalog(import) ? STATUS_OK : hash_file(import, diag); /* for ids */
    return status == STATUS_OK ? open_feed(import, diag) : status;
}

enum status import_next(struct import *import, const struct json **out_record, unsigned *out_line,
                        struct diag *diag)
{
    for (;;) {
        struct diag of_row = {0};
        arena_reset(&import->row);
        enum status status = feed_next(import->feed, &import->row, out_record, out_line, &of_row);
        if (status == STATUS_NOT_FOUND)
            return status;
        import->counts.rows++;
        if (!goes_on(import))
            return diag_set(diag, STATUS_CONFLICT, "", "Stopped");
        import->column = of_row.column;
        if (status != STATUS_INVALID || feed_broken(import->feed)) {
            *diag = status == STATUS_OK ? *diag : of_row;
            return status;
        }
        import_refuse(import, *out_line, &of_row);
    }
}

enum status import_map_load(struct import *import, struct diag *diag)
{
    const struct import_map_wish wish = {.known = import_fields_of(import->options.kind),
                                         .texts = import->options.maps,
                                         .count = import->options.map_count,
                                         .arena = &import->arena};
    return import_map_read(&import->map, &wish, import->feed, diag);
}

/* --- what the options say --------------------------------------------------------------------- */

static enum status read_purpose(struct import *import, struct slice text, struct diag *diag)
{
    struct slice name = text, state = SLICE_NONE;
    enum purpose purpose;
    bool cut = slice_cut(text, '=', &name, &state);
    bool granted = slice_is(state, "granted"), denied = slice_is(state, "denied");
    if (!cut || (!granted && !denied) || !purpose_from_name(name, &purpose))
        return diag_set(diag, STATUS_INVALID, "consent",
                        "\"%.*s\" is not purpose=granted or purpose=denied; the purposes stand in "
                        "spec/purposes.yaml, as personalise",
                        SLICE_ARG(slice_first(text, 60)));
    import->consent.purposes[denied] |= 1U << purpose;
    if (import->consent.purposes[0] & import->consent.purposes[1])
        return diag_set(diag, STATUS_INVALID, "consent", "%.*s is both granted and denied",
                        SLICE_ARG(name));
    return STATUS_OK;
}

static enum status read_consent(struct import *import, struct diag *diag)
{
    const struct import_options *options = &import->options;
    struct slice date = options->consent_date;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < options->consent_count && status == STATUS_OK; i++)
        status = read_purpose(import, options->consents[i], diag);
    import->consent.source = slice_trim(options->consent_source);
    bool told = options->consent_count > 0;
    if (status != STATUS_OK || (!told && !import->consent.source.size && !date.size))
        return status;
    if (!told || import->consent.source.size == 0 || date.size == 0)
        return diag_set(diag, STATUS_INVALID, "consent",
                        "Asserting consent takes all three: --consent purpose=granted, "
                        "--consent-source TEXT (who collected it, how) and --consent-date DATE");
    if (import->consent.source.size > CONSENT_SOURCE_BYTES_MAX)
        return diag_set(diag, STATUS_TOO_LARGE, "consent-source", "At most %d bytes",
                        CONSENT_SOURCE_BYTES_MAX);
    status = import_time(date, import->timezone, &import->consent.time_ms, diag);
    if (status == STATUS_OK && import->consent.time_ms > clock_now_ms())
        status = diag_set(diag, STATUS_INVALID, "consent-date", "The date lies in the future");
    return status;
}

static enum status read_options(struct import *import, struct diag *diag)
{
    const struct import_options *options = &import->options;
    import->map_given = options->map_count > 0;
    import->timezone = options->timezone.size ? options->timezone : import->shop.timezone;
    if (!zone_exists(import->timezone))
        return diag_set(diag, STATUS_INVALID, "timezone",
                        "\"%.*s\" is not a time zone, as Europe/Paris is",
                        SLICE_ARG(slice_first(import->timezone, 60)));
    if (!is_catalog(import) && options->locale.size)
        return diag_set(diag, STATUS_INVALID, "locale", "Only a catalogue's rows have a locale");
    if (!is_catalog(import) && options->mode == FEED_FULL)
        return diag_set(diag, STATUS_INVALID, "mode", "Only a catalogue is full or a delta");
    if (is_catalog(import) && options->consent_count + options->consent_source.size)
        return diag_set(diag, STATUS_INVALID, "consent", "A catalogue holds no people's consent");
    return read_consent(import, diag);
}

/* --- an import -------------------------------------------------------------------------------- */

static void settle(void *context, struct ledger_entry *entry, unsigned line)
{
    struct import *import = context;
    struct diag diag = {0};
    bool consent = entry->kind->code == PEOPLE_KIND_CONSENT; /* counted when it was told */
    if (entry->status == STATUS_OK) {
        import->counts.written += !consent;
    } else if (entry->status == STATUS_CONFLICT) {
        import->counts.unchanged++;
    } else {
        (void)diag_set(&diag, entry->status, "", "%s", status_sentence(entry->status));
        import_refuse(import, line, &diag);
    }
}

enum status import_new(const struct import_wish *wish, struct import **out_import,
                       struct diag *diag)
{
    struct import *import = must_alloc_zero(1, sizeof *import);
    import->house = wish->house;
    import->shop = wish->shop;
    import->options = wish->options;
    import->listener = wish->listener;
    import->fd = -1;
    arena_init(&import->arena);
    arena_init(&import->row);
    number_table_init(&import->people);
    number_table_init(&import->consented);
    ledger_batch_init(&import->batch, import->house.ledger);
    import->batch.settle = settle;
    import->batch.context = import;
    import->batch.dry_run = import->options.dry_run;
    enum status status = read_options(import, diag);
    if (status == STATUS_OK)
        *out_import = import;
    else
        import_free(import);
    return status;
}

void import_free(struct import *import)
{
    if (!import)
        return;
    ledger_batch_done(&import->batch);
    number_table_done(&import->people);
    number_table_done(&import->consented);
    arena_done(&import->row);
    arena_done(&import->arena);
    feed_close(import->feed);
    free(import);
}

/* Rows, and not one of them good: a wrong map or a wrong file, which a script must see. */
static bool nothing_good(const struct import *import)
{
    const struct import_counts *counts = &import->counts;
    return counts->refused + counts->nobody > 0 && counts->items + counts->messages == 0;
}

static enum status tell_nothing_good(const struct import *import, struct diag *diag)
{
    const struct import_counts *counts = &import->counts;
    if (counts->untitled == counts->rows)
        return diag_set(diag, STATUS_INVALID, "",
                        "No row has a title that can be taken: --guess shows which column could be "
                        "it, and the --map that says so");
    return counts->rows == 1
               ? diag_set(diag, STATUS_INVALID, "", "The only row could not be taken")
               : diag_set(diag, STATUS_INVALID, "", "None of the %llu rows could be taken",
                          (unsigned long long)counts->rows);
}

enum status import_run(struct import *import, struct diag *diag)
{
    enum status status = kinds[import->options.kind].run(import, diag);
    if (status == STATUS_OK)
        status = ledger_batch_flush(&import->batch);
    if (status == STATUS_OK && nothing_good(import))
        status = tell_nothing_good(import, diag);
    return status;
}
