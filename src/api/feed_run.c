#include "api/feed_run.h"

#include "base/clock.h"
#include "store/directory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct running {
    const struct feed_run *run;
    struct feed_report *report;
    struct feed *feed;
    struct staging *staging;
    struct arena row;
};

/* --- rows ------------------------------------------------------------------------------------- */

static void refuse(void *context, unsigned line, const struct diag *diag)
{
    struct feed_report *report = context;
    report->refused++;
    if (report->error_count < FEED_ERRORS_MAX)
        report->errors[report->error_count++] = (struct feed_error){line, *diag};
}

static bool rows_are_objects(const struct running *running)
{
    enum feed_format format = feed_format_of(running->feed);
    return format == FEED_NDJSON || format == FEED_XML;
}

static enum status stage_row(struct running *running, const struct json *record, unsigned line,
                             unsigned column)
{
    const struct feed_run *run = running->run;
    struct diag diag = {0};
    bool objects = rows_are_objects(running);
    if (!objects || run->settings.map_count > 0)
        record = catalog_record_from_feed(run->settings.map, run->settings.map_count, record,
                                          &running->row);
    const struct staging_record row = {.json = record,
                                       .spreadsheet = !objects,
                                       .currency = run->currency,
                                       .locale = run->settings.locale,
                                       .moves = &run->moves,
                                       .line = line};
    enum status status = staging_put_record(running->staging, &row, &running->row, &diag);
    if (status != STATUS_INVALID) {
        running->report->diag = diag;
        return status;
    }
    diag.line = line;
    diag.column = column;
    running->report->untitled += strcmp(diag.field, "title") == 0;
    refuse(running->report, line, &diag);
    return STATUS_OK;
}

static enum status stage_rows(struct running *running)
{
    struct feed_report *report = running->report;
    for (;;) {
        const struct json *record;
        unsigned line;
        struct diag diag;
        arena_reset(&running->row);
        enum status status = feed_next(running->feed, &running->row, &record, &line, &diag);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        report->rows++;
        if (feed_broken(running->feed)) {
            report->diag = diag;
            return status;
        }
        if (status == STATUS_INVALID)
            refuse(report, line, &diag);
        else
            status = stage_row(running, record, line, diag.column);
        if (status != STATUS_OK && status != STATUS_INVALID)
            return status;
    }
}

/* --- taken or held ---------------------------------------------------------------------------- */

static enum status tell_nothing_good(struct feed_report *report)
{
    if (report->rows > 0 && report->untitled == report->rows)
        return diag_set(&report->diag, STATUS_INVALID, "",
                        "no row has a title that can be taken: map the column that is it "
                        "(\"map\": {\"title\": …}); /api/v1/catalog/guess shows which it could be");
    return diag_set(&report->diag, STATUS_INVALID, "",
                    "none of the rows could be taken (%llu read)",
                    (unsigned long long)report->rows);
}

static enum status settle(struct running *running)
{
    struct feed_report *report = running->report;
    if (staging_items(running->staging) == 0)
        return tell_nothing_good(report);
    enum status status = staging_compare(running->staging, &running->row, &report->diff);
    memset(report->diff.examples, 0, sizeof report->diff.examples);
    if (status != STATUS_OK)
        return status;
    if (feed_diff_shrinks(&report->diff, (unsigned)running->run->settings.hold_percent)) {
        report->outcome = FEED_HELD;
        return staging_hold(running->staging, report->rows, report->refused, &report->diag);
    }
    struct staging_result result = {.refuse = refuse, .context = report};
    status = staging_apply(running->staging, &result);
    report->written = result.written;
    report->unchanged = result.unchanged;
    report->hidden = result.hidden;
    report->outcome = FEED_TAKEN;
    return status;
}

static enum status take_file(struct running *running, int fd)
{
    const struct feed_run *run = running->run;
    struct diag *diag = &running->report->diag;
    struct staging_about about = {.workspace = run->workspace,
                                  .feed = run->id,
                                  .mode = run->settings.mode,
                                  .locale = run->locale,
                                  .taken_ms = running->report->started_ms};
    if (lseek(fd, 0, SEEK_SET) != 0)
        return STATUS_IO;
    enum status status = feed_open(fd, run->settings.format, &running->feed, diag);
    if (status != STATUS_OK)
        return status;
    *diag = (struct diag){0}; /* a good head line leaves its place there */
    status = feed_map_check(running->feed, run->settings.map, run->settings.map_count, diag);
    if (status == STATUS_OK)
        status = staging_new(run->catalog, &about, &running->staging, diag);
    if (status == STATUS_OK)
        status = stage_rows(running);
    if (status == STATUS_OK)
        status = settle(running);
    staging_free(running->staging);
    feed_close(running->feed);
    return status;
}

/* --- the file --------------------------------------------------------------------------------- */

static int make_file(const struct feed_run *run)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, catalog_directory(run->catalog), "fetch-XXXXXX"))
        return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

static enum status fetch(struct running *running, int fd)
{
    const struct feed_run *run = running->run;
    struct fetch_options options = {.url = run->settings.url,
                                    .etag = run->etag,
                                    .last_modified = run->last_modified,
                                    .bytes_max = FEED_FETCH_BYTES_MAX,
                                    .seconds_max = FEED_FETCH_SECONDS_MAX,
                                    .hosts = run->hosts,
                                    .host_count = run->host_count,
                                    .stop = run->stop,
                                    .fd = fd};
    return fetch_get(&options, &running->report->fetched, &running->report->diag);
}

void feed_run(const struct feed_run *run, struct feed_report *out_report)
{
    struct running running = {.run = run, .report = out_report};
    int fd = make_file(run);
    *out_report = (struct feed_report){.started_ms = clock_now_ms()};
    arena_init(&running.row);
    enum status status = fd >= 0 ? fetch(&running, fd)
                                 : diag_set(&out_report->diag, STATUS_IO, "",
                                            "no file can be made: %s", strerror(errno));
    if (status == STATUS_OK && out_report->fetched.not_modified)
        out_report->outcome = FEED_NOT_MODIFIED;
    else if (status == STATUS_OK)
        status = take_file(&running, fd);
    if (status != STATUS_OK) {
        out_report->outcome = FEED_FAILED;
        if (!out_report->diag.sentence[0])
            (void)diag_set(&out_report->diag, status, "", "%s", status_sentence(status));
    }
    out_report->finished_ms = clock_now_ms();
    arena_done(&running.row);
    if (fd >= 0)
        close(fd);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static const char *outcome_name(enum feed_outcome outcome)
{
    static const char *const names[] = {"never", "not_modified", "taken", "held", "failed"};
    return names[outcome];
}

static void put_diag(struct json_out *out, const struct diag *diag)
{
    if (diag->line)
        JSON_INT_MEMBER(out, "line", diag->line);
    if (diag->column)
        JSON_INT_MEMBER(out, "column", diag->column);
    if (diag->field[0])
        JSON_STRING_MEMBER(out, "field", slice_of(diag->field));
    JSON_STRING_MEMBER(out, "detail", slice_of(diag->sentence));
}

static void put_rows(const struct feed_report *report, struct json_out *out)
{
    JSON_INT_MEMBER(out, "bytes", (int64_t)report->fetched.bytes);
    JSON_INT_MEMBER(out, "rows", (int64_t)report->rows);
    JSON_INT_MEMBER(out, "refused", (int64_t)report->refused);
    JSON_INT_MEMBER(out, "items", (int64_t)report->diff.items);
    JSON_INT_MEMBER(out, "written", (int64_t)report->written);
    JSON_INT_MEMBER(out, "unchanged", (int64_t)report->unchanged);
    JSON_INT_MEMBER(out, "hidden", (int64_t)report->hidden);
    feed_diff_to_json(&report->diff, false, out);
    json_name(out, "errors");
    json_array(out);
    for (size_t i = 0; i < report->error_count; i++) {
        json_object(out);
        put_diag(out, &report->errors[i].diag);
        json_end(out);
    }
    json_end(out);
}

void feed_report_write(const struct feed_report *report, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "outcome", slice_of(outcome_name(report->outcome)));
    if (report->outcome != FEED_NEVER) {
        JSON_TIME_MEMBER(out, "started", report->started_ms);
        JSON_TIME_MEMBER(out, "finished", report->finished_ms);
    }
    if (report->outcome == FEED_FAILED)
        put_diag(out, &report->diag);
    if (report->rows > 0)
        put_rows(report, out);
    json_end(out);
}
