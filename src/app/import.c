/* visavis import: a file of the command line into src/import/, and what is told of it. A pipe is
 * first copied into an unlinked file of the data directory, because an import reads its file from
 * the start again, and so that a pipe and a file with the same bytes give the same message ids. */
#include "app/import.h"

#include "api/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SUMMARY_BYTES_MAX = 65536,
    COPY_BLOCK = 65536,
    LOOK_BYTES = 64 << 20,
    TOLD_MAX = 20,       /* refused rows told by name, the rest is counted */
    TOLD_NOBODY_MAX = 3, /* the same of rows without a person: often half a file */
    PROGRESS_ROWS = 50000
};

/* One run of the command, on the thread that runs it. */
struct importing {
    struct call *call;
    struct slice maps[OPTIONS_MAX], consents[OPTIONS_MAX];
    struct import_wish wish;
    struct import *import;
    int fd;
    bool spooled; /* fd is our copy of a pipe */
    unsigned told, told_nobody;
    uint64_t rows_told;
};

/* --- what is told ----------------------------------------------------------------------------- */

/* The descriptor has it all: progress and errors stand in the order in which they happened. */
static void show(struct call *call)
{
    int fd = call->err.fd;
    output_done(&call->err);
    output_init(&call->err, fd);
}

static void tell_refused(void *context, unsigned line, const struct diag *diag)
{
    struct importing *importing = context;
    struct output *err = &importing->call->err;
    if (importing->told == TOLD_MAX)
        return;
    importing->told++;
    output_format(err, "line %u", line);
    if (diag->column)
        output_format(err, ", column %u", diag->column);
    output_format(err, ": %s%s%s\n", diag->field, diag->field[0] ? ": " : "",
                  diag->sentence[0] ? diag->sentence : status_sentence(STATUS_INVALID));
}

static void tell_nobody(void *context, unsigned line)
{
    struct importing *importing = context;
    if (importing->told_nobody == TOLD_NOBODY_MAX)
        return;
    importing->told_nobody++;
    output_format(&importing->call->err,
                  "line %u: no person: neither user, anonymous id, e-mail nor phone\n", line);
}

static void tell_sample(void *context, struct slice json)
{
    struct importing *importing = context;
    output_write(&importing->call->err, json);
    output_write(&importing->call->err, SLICE("\n"));
}

static bool tell_progress(void *context, const struct import_counts *counts, int64_t bytes)
{
    struct importing *importing = context;
    (void)bytes;
    if (counts->rows < importing->rows_told + PROGRESS_ROWS)
        return true;
    importing->rows_told = counts->rows - counts->rows % PROGRESS_ROWS;
    output_format(&importing->call->err, "%llu rows\n", (unsigned long long)importing->rows_told);
    show(importing->call);
    return true;
}

static void tell_rest(struct importing *importing)
{
    const struct import_counts *counts = import_counts(importing->import);
    uint64_t refused = counts->refused - importing->told;
    uint64_t nobody = counts->nobody - importing->told_nobody;
    struct output *err = &importing->call->err;
    if (refused)
        output_format(err, "and %llu more were refused\n", (unsigned long long)refused);
    if (nobody)
        output_format(err, "and %llu more rows name no person\n", (unsigned long long)nobody);
}

static void write_summary(struct importing *importing)
{
    struct call *call = importing->call;
    struct buf text;
    buf_init(&text, SUMMARY_BYTES_MAX);
    struct json_out out = json_out(&text);
    json_object(&out);
    import_summary(importing->import, call_has(call, "json"), &out);
    json_end(&out);
    output_write(&call->out, buf_slice(&text));
    output_write(&call->out, SLICE("\n"));
    buf_done(&text);
}

/* --- the file --------------------------------------------------------------------------------- */

static int make_unlinked(struct importing *importing)
{
    const char *directory = store_directory(importing->call->engine->store);
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    struct slice path = arena_format(&importing->call->arena, "%s/import-XXXXXX", directory);
    char *text = arena_copy_text(&importing->call->arena, path);
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
static bool has_room(const struct importing *importing, uint64_t *inout_left, size_t size)
{
    const struct store *store = importing->call->engine->store;
    if (*inout_left >= size) {
        *inout_left -= size;
        return true;
    }
    *inout_left = LOOK_BYTES - size;
    return store_free_bytes(store) > store_reserve_bytes(store) + LOOK_BYTES;
}

/* A pipe is read once; the file is read several times. */
static enum status spool(struct importing *importing, int from, struct diag *diag)
{
    char *block = must_alloc(COPY_BLOCK);
    int to = make_unlinked(importing);
    ssize_t count = to < 0 ? -1 : 1;
    uint64_t left = 0;
    while (count > 0) {
        count = read(from, block, COPY_BLOCK);
        if (count < 0 && errno == EINTR) {
            count = 1;
        } else if (count > 0 && !has_room(importing, &left, (size_t)count)) {
            errno = ENOSPC;
            count = -1;
        } else if (count > 0 && !write_all(to, block, (size_t)count)) {
            count = -1;
        }
    }
    free(block);
    importing->fd = to;
    importing->spooled = to >= 0;
    if (count == 0)
        return STATUS_OK;
    return diag_set(diag, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO, "",
                    "The input cannot be copied into the data directory: %s", strerror(errno));
}

static enum status take_file(struct importing *importing, struct diag *diag)
{
    struct call *call = importing->call;
    struct stat facts = {0};
    importing->fd = call->file;
    if (fstat(importing->fd, &facts) == 0 && S_ISDIR(facts.st_mode))
        return diag_set(diag, STATUS_INVALID, "", "This is a directory: name a file");
    if (lseek(importing->fd, 0, SEEK_CUR) >= 0 && S_ISREG(facts.st_mode))
        return STATUS_OK;
    enum status status = spool(importing, importing->fd, diag);
    if (status == STATUS_OK && lseek(importing->fd, 0, SEEK_SET) < 0)
        status = STATUS_IO;
    return status;
}

/* --- what the options say --------------------------------------------------------------------- */

static size_t repeated(const struct call *call, const char *name, struct slice out[OPTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < call->option_count; i++)
        if (slice_is(call->options[i].name, name))
            out[count++] = call->options[i].value;
    return count;
}

static enum status read_options(struct importing *importing, struct diag *diag)
{
    struct call *call = importing->call;
    struct import_options *options = &importing->wish.options;
    struct slice mode = call_option(call, "mode");
    if (!feed_format_from_name(call_option(call, "format"), &options->format))
        return diag_set(diag, STATUS_INVALID, "format", "Say csv, tsv, ndjson, xml or auto");
    if (mode.size && options->kind != IMPORT_CATALOG)
        return diag_set(diag, STATUS_INVALID, "mode", "Only a catalogue is full or a delta");
    if (mode.size && !slice_is(mode, "full") && !slice_is(mode, "delta"))
        return diag_set(diag, STATUS_INVALID, "mode",
                        "Say full (what the file does not name is hidden) or delta (it stays)");
    options->mode = slice_is(mode, "full") ? FEED_FULL : FEED_DELTA;
    options->dry_run = call_has(call, "dry-run");
    options->maps = importing->maps;
    options->map_count = repeated(call, "map", importing->maps);
    options->consents = importing->consents;
    options->consent_count = repeated(call, "consent", importing->consents);
    options->consent_source = call_option(call, "consent-source");
    options->consent_date = call_option(call, "consent-date");
    options->timezone = call_option(call, "timezone");
    options->locale = call_option(call, "locale");
    options->feed = call_option(call, "feed");
    return STATUS_OK;
}

/* --- the command ------------------------------------------------------------------------------ */

static enum status prepare(struct importing *importing, const struct workspaces_snapshot *snapshot,
                           struct diag *diag)
{
    struct call *call = importing->call;
    const struct workspace *workspace;
    struct import_wish *wish = &importing->wish;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK)
        status = read_options(importing, diag);
    if (status != STATUS_OK)
        return status;
    wish->house = engine_import_house(call->engine);
    wish->shop = workspace_import_shop(workspace);
    wish->listener =
        (struct import_listener){.context = importing,
                                 .refused = tell_refused,
                                 .nobody = tell_nobody,
                                 .sample = tell_sample,
                                 .progress = isatty(call->err.fd) ? tell_progress : NULL};
    status = import_new(wish, &importing->import, diag);
    if (status == STATUS_OK)
        status = take_file(importing, diag);
    return status == STATUS_OK ? import_open(importing->import, importing->fd, diag) : status;
}

static enum status tell_audit(const struct importing *importing)
{
    struct audit audit;
    struct call *call = importing->call;
    const struct import_wish *wish = &importing->wish;
    const char *name = import_kind_name(wish->options.kind);
    struct ledger *ledger = call->engine->ledger;
    if (wish->options.dry_run)
        return STATUS_OK;
    audit_init(ledger, &audit, wish->shop.id, AUDIT_IMPORT, call_by(call));
    memcpy(audit.detail, name, strlen(name) + 1);
    return audit_append(ledger, &audit);
}

static enum status run(struct importing *importing, struct diag *diag)
{
    struct import *import = importing->import;
    const struct import_options *options = &importing->wish.options;
    if (call_has(importing->call, "guess"))
        return import_tell_guess(importing->call, import, importing->wish.shop.locale, diag);
    enum status status = import_run(import, diag);
    if (options->kind == IMPORT_CATALOG && options->dry_run && import_counts(import)->items > 0 &&
        !call_has(importing->call, "json"))
        import_tell_diff(importing->call, import_diff(import));
    tell_rest(importing);
    if (import_counts(import)->rows > 0 || status == STATUS_OK)
        write_summary(importing);
    return status;
}

enum status command_import(struct call *call, struct diag *diag)
{
    struct importing *importing = must_alloc_zero(1, sizeof *importing);
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    enum status status = STATUS_OK;
    importing->call = call;
    importing->fd = -1;
    if (call->word_count != 2 ||
        !import_kind_from_name(call->words[0], &importing->wish.options.kind))
        status = diag_set(diag, STATUS_INVALID, "",
                          "Say what to import and from where: visavis import catalog items.csv");
    if (status == STATUS_OK)
        status = prepare(importing, snapshot, diag);
    if (status == STATUS_OK)
        status = tell_audit(importing);
    if (status == STATUS_OK)
        status = run(importing, diag);
    import_free(importing->import);
    workspaces_unpin(snapshot);
    if (importing->spooled)
        close(importing->fd);
    free(importing);
    return status;
}
