/* visavis import: what all kinds share. Options, the file and its hash, what is told of rows, the
 * summary. */
#include "app/import.h"

#include "api/audit.h"

#include "base/clock.h"
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SUMMARY_BYTES_MAX = 65536,
    CONSENT_SOURCE_BYTES_MAX = 1024,
    COPY_BLOCK = 65536,
    LOOK_BYTES = 64 << 20
};

/* --- what is told ----------------------------------------------------------------------------- */

/* The descriptor has it all: progress and errors stand in the order in which they happened. */
static void show(struct import *import)
{
    int fd = import->call->err.fd;
    output_done(&import->call->err);
    output_init(&import->call->err, fd);
}

void import_refuse(struct import *import, unsigned line, const struct diag *diag)
{
    import->counts.refused++;
    if (import->told == IMPORT_TOLD_MAX)
        return;
    import->told++;
    output_format(&import->call->err, "line %u", line);
    if (diag->column)
        output_format(&import->call->err, ", column %u", diag->column);
    output_format(&import->call->err, ": %s%s%s\n", diag->field, diag->field[0] ? ": " : "",
                  diag->sentence[0] ? diag->sentence : status_sentence(STATUS_INVALID));
}

void import_refuse_nobody(struct import *import, unsigned line)
{
    import->counts.nobody++;
    if (import->told_nobody == IMPORT_TOLD_NOBODY_MAX)
        return;
    import->told_nobody++;
    output_format(&import->call->err,
                  "line %u: no person: neither user, anonymous id, e-mail nor phone\n", line);
}

static void tell_rest(struct import *import)
{
    uint64_t refused = import->counts.refused - import->told;
    uint64_t nobody = import->counts.nobody - import->told_nobody;
    if (refused)
        output_format(&import->call->err, "and %llu more were refused\n",
                      (unsigned long long)refused);
    if (nobody)
        output_format(&import->call->err, "and %llu more rows name no person\n",
                      (unsigned long long)nobody);
}

void import_sample(struct import *import, struct slice json)
{
    if (!import->dry_run || import->samples == IMPORT_SAMPLES)
        return;
    import->samples++;
    output_write(&import->call->err, json);
    output_write(&import->call->err, SLICE("\n"));
}

static void tell_progress(struct import *import)
{
    if (!import->terminal || import->counts.rows % IMPORT_PROGRESS_ROWS != 0)
        return;
    output_format(&import->call->err, "%llu rows\n", (unsigned long long)import->counts.rows);
    show(import);
}

static void write_counts(const struct import *import, bool catalog, struct json_out *out)
{
    const struct import_counts *counts = &import->counts;
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
    if (!catalog) {
        JSON_INT_MEMBER(out, "noPerson", (int64_t)counts->nobody);
        JSON_INT_MEMBER(out, "linesLeftOut", (int64_t)counts->lines_left_out);
        JSON_INT_MEMBER(out, "consents", (int64_t)counts->consents);
        JSON_INT_MEMBER(out, "refusalsKept", (int64_t)counts->refusals_kept);
    }
    if (catalog) {
        JSON_INT_MEMBER(out, "hidden", (int64_t)counts->hidden);
        feed_diff_to_json(&import->diff, call_has(import->call, "json"), out);
    }
    if (import->dry_run)
        JSON_BOOL_MEMBER(out, "dryRun", true);
    if (import->held)
        JSON_BOOL_MEMBER(out, "held", true);
}

static void write_summary(struct import *import, bool catalog)
{
    struct buf text;
    buf_init(&text, SUMMARY_BYTES_MAX);
    struct json_out out = json_out(&text);
    json_object(&out);
    write_counts(import, catalog, &out);
    json_end(&out);
    output_write(&import->call->out, buf_slice(&text));
    output_write(&import->call->out, SLICE("\n"));
    buf_done(&text);
}

/* --- the file --------------------------------------------------------------------------------- */

static int make_unlinked(struct import *import)
{
    const char *directory = store_directory(import->call->engine->store);
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    struct slice path = arena_format(&import->call->arena, "%s/import-XXXXXX", directory);
    char *text = arena_copy_text(&import->call->arena, path);
    fd = mkostemp(text, O_CLOEXEC);
    if (fd >= 0)
        unlink(text);
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, bytes, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

/* The store keeps its reserve: looked at before every LOOK_BYTES that are copied. */
static bool has_room(const struct import *import, uint64_t *inout_left, size_t size)
{
    const struct store *store = import->call->engine->store;
    if (*inout_left >= size) {
        *inout_left -= size;
        return true;
    }
    *inout_left = LOOK_BYTES - size;
    return store_free_bytes(store) > store_reserve_bytes(store) + LOOK_BYTES;
}

/* A pipe is read once; the file is read several times. */
static enum status spool(struct import *import, int from, struct diag *diag)
{
    char *block = must_alloc(COPY_BLOCK);
    int to = make_unlinked(import);
    ssize_t count = to < 0 ? -1 : 1;
    uint64_t left = 0;
    while (count > 0) {
        count = read(from, block, COPY_BLOCK);
        if (count < 0 && errno == EINTR) {
            count = 1;
        } else if (count > 0 && !has_room(import, &left, (size_t)count)) {
            errno = ENOSPC;
            count = -1;
        } else if (count > 0 && !write_all(to, block, (size_t)count)) {
            count = -1;
        }
    }
    free(block);
    import->fd = to;
    import->spooled = to >= 0;
    if (count == 0)
        return STATUS_OK;
    return diag_set(diag, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO, "",
                    "The input cannot be copied into the data directory: %s", strerror(errno));
}

static enum status take_file(struct import *import, struct diag *diag)
{
    struct call *call = import->call;
    struct stat facts = {0};
    import->fd = call->file;
    if (fstat(import->fd, &facts) == 0 && S_ISDIR(facts.st_mode))
        return diag_set(diag, STATUS_INVALID, "", "This is a directory: name a file");
    import->start = lseek(import->fd, 0, SEEK_CUR);
    if (import->start >= 0 && S_ISREG(facts.st_mode))
        return STATUS_OK;
    import->start = 0;
    return spool(import, import->fd, diag);
}

/* XXH3 over the content, chained over blocks of one size: hash = XXH3(hash, block). */
static enum status hash_file(struct import *import, struct diag *diag)
{
    enum { HEAD = sizeof import->file_hash.bytes };
    char *block = must_alloc_zero(1, HEAD + COPY_BLOCK);
    off_t at = import->start;
    size_t size;
    ssize_t count = 0;
    do {
        for (size = 0; size < COPY_BLOCK; size += (size_t)count, at += count) {
            count = pread(import->fd, block + HEAD + size, COPY_BLOCK - size, at);
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

/* Opens the feed anew at the file's start. */
static enum status rewind_feed(struct import *import, struct diag *diag)
{
    enum feed_format format;
    if (!feed_format_from_name(call_option(import->call, "format"), &format))
        return diag_set(diag, STATUS_INVALID, "format", "Say csv, tsv, ndjson, xml or auto");
    feed_close(import->feed);
    import->feed = NULL;
    if (lseek(import->fd, import->start, SEEK_SET) < 0)
        return diag_set(diag, STATUS_IO, "", "The file cannot be read: %s", strerror(errno));
    enum status status = feed_open(import->fd, format, &import->feed, diag);
    if (status != STATUS_OK)
        return status;
    import->rows_are_objects = feed_columns(import->feed).size == 0;
    *diag = (struct diag){0}; /* a good head line leaves its place there */
    return STATUS_OK;
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
        tell_progress(import);
        import->column = of_row.column;
        if (status != STATUS_INVALID || feed_broken(import->feed)) {
            *diag = status == STATUS_OK ? *diag : of_row;
            return status;
        }
        import_refuse(import, *out_line, &of_row);
    }
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
    struct call *call = import->call;
    struct slice date = call_option(call, "consent-date");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < call->option_count && status == STATUS_OK; i++)
        if (slice_is(call->options[i].name, "consent"))
            status = read_purpose(import, call->options[i].value, diag);
    import->consent.source = slice_trim(call_option(call, "consent-source"));
    bool told = call_has(call, "consent");
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

static enum status read_options(struct import *import, bool catalog, struct diag *diag)
{
    struct call *call = import->call;
    import->dry_run = call_has(call, "dry-run");
    import->map_given = call_has(call, "map");
    import->terminal = isatty(call->err.fd);
    import->timezone = call_option(call, "timezone");
    if (import->timezone.size == 0)
        import->timezone = import->workspace->timezone;
    if (!zone_exists(import->timezone))
        return diag_set(diag, STATUS_INVALID, "timezone",
                        "\"%.*s\" is not a time zone, as Europe/Paris is",
                        SLICE_ARG(slice_first(import->timezone, 60)));
    if (!catalog && call_has(call, "guess"))
        return diag_set(diag, STATUS_INVALID, "guess", "Only a catalogue's columns are guessed");
    if (!catalog && call_has(call, "locale"))
        return diag_set(diag, STATUS_INVALID, "locale", "Only a catalogue's rows have a locale");
    if (!catalog && call_has(call, "mode"))
        return diag_set(diag, STATUS_INVALID, "mode", "Only a catalogue is full or a delta");
    if (catalog && (call_has(call, "consent") || call_has(call, "consent-source") ||
                    call_has(call, "consent-date")))
        return diag_set(diag, STATUS_INVALID, "consent", "A catalogue holds no people's consent");
    return read_consent(import, diag);
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct import_kind {
    const char *name;
    enum status (*run)(struct import *import, struct diag *diag);
    bool catalog;
} kinds[] = {{"catalog", import_catalog, true},
             {"events", import_events, false},
             {"people", import_people, false}};

static const struct import_kind *find_kind(const struct call *call)
{
    for (size_t i = 0; call->word_count > 0 && i < sizeof kinds / sizeof *kinds; i++)
        if (slice_is(call->words[0], kinds[i].name))
            return &kinds[i];
    return NULL;
}

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

static struct import *import_new(struct call *call)
{
    struct import *import = must_alloc_zero(1, sizeof *import);
    import->call = call;
    import->fd = -1;
    import->snapshot = workspaces_pin(call->engine->workspaces);
    arena_init(&import->row);
    number_table_init(&import->people);
    number_table_init(&import->consented);
    ledger_batch_init(&import->batch, call->engine->ledger);
    import->batch.settle = settle;
    import->batch.context = import;
    return import;
}

static void import_free(struct import *import)
{
    ledger_batch_done(&import->batch);
    number_table_done(&import->people);
    number_table_done(&import->consented);
    arena_done(&import->row);
    feed_close(import->feed);
    workspaces_unpin(import->snapshot);
    if (import->spooled)
        close(import->fd);
    free(import);
}

static enum status prepare(struct import *import, const struct import_kind *kind, struct diag *diag)
{
    enum status status = call_workspace(import->call, import->snapshot, &import->workspace, diag);
    if (status == STATUS_OK)
        status = read_options(import, kind->catalog, diag);
    if (status == STATUS_OK)
        status = take_file(import, diag);
    if (status == STATUS_OK && !kind->catalog) /* messages have their ids by it */
        status = hash_file(import, diag);
    if (status == STATUS_OK)
        status = rewind_feed(import, diag);
    import->batch.dry_run = import->dry_run;
    return status;
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

static enum status tell_audit(const struct import *import, const struct import_kind *kind)
{
    struct audit audit;
    struct call *call = import->call;
    struct ledger *ledger = call->engine->ledger;
    if (import->dry_run)
        return STATUS_OK;
    audit_init(ledger, &audit, import->workspace->id, AUDIT_IMPORT, call_by(call));
    memcpy(audit.detail, kind->name, strlen(kind->name) + 1);
    return audit_append(ledger, &audit);
}

enum status command_import(struct call *call, struct diag *diag)
{
    const struct import_kind *kind = find_kind(call);
    if (!kind || call->word_count != 2)
        return diag_set(diag, STATUS_INVALID, "",
                        "Say what to import and from where: visavis import catalog items.csv");
    struct import *import = import_new(call);
    enum status status = prepare(import, kind, diag);
    if (status == STATUS_OK)
        status = tell_audit(import, kind);
    if (status != STATUS_OK) {
        import_free(import);
        return status;
    }
    if (call_has(call, "guess")) {
        status = import_guess(import, diag);
        import_free(import);
        return status;
    }
    status = kind->run(import, diag);
    if (status == STATUS_OK)
        status = ledger_batch_flush(&import->batch);
    tell_rest(import);
    bool begun = import->counts.rows > 0 || status == STATUS_OK;
    if (begun)
        write_summary(import, kind->catalog);
    if (status == STATUS_OK && nothing_good(import))
        status = tell_nothing_good(import, diag);
    import_free(import);
    return status;
}
