/* See imports.h: a job as JSON, told and kept. */
#include "api/imports_state.h"

static const char *const state_names[IMPORT_STATE_COUNT] = {
    "receiving", "waiting", "running", "done", "stopped", "failed", "interrupted"};

const char *import_state_name(enum import_state state)
{
    return state_names[state];
}

/* --- told ------------------------------------------------------------------------------------- */

static void write_list(struct json_out *out, const char *name, const struct buf *rows)
{
    json_name(out, name);
    json_array(out);
    if (rows->size > 0)
        json_raw(out, buf_slice(rows));
    json_end(out);
}

static void write_time(struct json_out *out, const char *name, int64_t ms)
{
    if (ms != 0)
        JSON_TIME_MEMBER(out, name, ms);
}

/* By the bytes that were read: the rest takes as long as they did. */
static void write_progress(const struct job *job, int64_t now_ms, struct json_out *out)
{
    int64_t took_ms = now_ms - job->started_ms;
    double share = job->bytes > 0 ? (double)job->read_bytes / (double)job->bytes : 0;
    if (job->state != IMPORT_RUNNING && job->state != IMPORT_STOPPED &&
        job->state != IMPORT_INTERRUPTED)
        return;
    JSON_FIGURE_MEMBER(out, "progress", share);
    if (job->state == IMPORT_RUNNING && share > 0.01)
        JSON_INT_MEMBER(out, "remainingMs", (int64_t)((double)took_ms * (1 - share) / share));
}

void job_write(const struct job *job, int64_t now_ms, bool samples, struct json_out *out)
{
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(job->id, id);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_STRING_MEMBER(out, "kind", slice_of(import_kind_name(job->kind)));
    JSON_STRING_MEMBER(out, "name", slice_of(job->file_name));
    JSON_STRING_MEMBER(out, "by", slice_of(job->by));
    JSON_STRING_MEMBER(out, "state", slice_of(state_names[job->state]));
    JSON_BOOL_MEMBER(out, "dryRun", job->dry_run);
    JSON_BOOL_MEMBER(out, "fileKept", job->has_file);
    JSON_INT_MEMBER(out, "bytes", (int64_t)job->bytes);
    JSON_INT_MEMBER(out, "bytesRead", (int64_t)job->read_bytes);
    JSON_INT_MEMBER(out, "rows", (int64_t)job->rows);
    write_progress(job, now_ms, out);
    write_time(out, "created", job->created_ms);
    write_time(out, "touched", job->touched_ms);
    write_time(out, "started", job->started_ms);
    write_time(out, "ended", job->ended_ms);
    json_text_member(out, "detail", buf_slice(&job->detail));
    if (job->options.size > 0) {
        json_name(out, "options");
        json_raw(out, buf_slice(&job->options));
    }
    if (job->summary.size > 0) {
        json_name(out, "summary");
        json_raw(out, buf_slice(&job->summary));
    }
    write_list(out, "errors", &job->errors);
    JSON_INT_MEMBER(out, "errorsLeftOut", (int64_t)job->errors_left_out);
    if (samples)
        write_list(out, "samples", &job->samples);
    else
        JSON_INT_MEMBER(out, "workspace", job->workspace);
    json_end(out);
}

/* --- as it was kept --------------------------------------------------------------------------- */

static void read_text(const struct json *json, const char *name, char *out_text, size_t size)
{
    struct slice text = slice_first(json_get_text(json, name), size - 1);
    memcpy(out_text, text.data, text.size);
    out_text[text.size] = 0;
}

static int64_t read_time(const struct json *json, const char *name)
{
    int64_t ms;
    return clock_parse_iso(json_get_text(json, name), &ms) ? ms : 0;
}

static bool read_state(const struct json *json, struct job *job)
{
    for (int state = 0; state < IMPORT_STATE_COUNT; state++)
        if (slice_is(json_get_text(json, "state"), state_names[state])) {
            job->state = (enum import_state)state;
            return true;
        }
    return false;
}

static void read_lists(const struct json *json, struct job *job)
{
    const struct json *errors = json_get(json, "errors");
    struct json_out out = json_out(&job->options);
    if (json_get(json, "options"))
        json_value(&out, json_get(json, "options"));
    out = json_out(&job->summary);
    if (json_get(json, "summary"))
        json_value(&out, json_get(json, "summary"));
    out = json_out(&job->errors);
    for (size_t i = 0; errors && i < errors->count; i++)
        json_value(&out, &errors->elements[i]);
    job->error_count = errors ? (unsigned)errors->count : 0;
    buf_add(&job->detail, json_get_text(json, "detail"));
}

bool job_read(const struct json *json, struct job *job)
{
    if (!uuid_parse(json_get_text(json, "id"), &job->id) || !read_state(json, job) ||
        !import_kind_from_name(json_get_text(json, "kind"), &job->kind))
        return false;
    job->workspace = (uint32_t)json_get_int(json, "workspace", 0);
    read_text(json, "name", job->file_name, sizeof job->file_name);
    read_text(json, "by", job->by, sizeof job->by);
    job->dry_run = json_get_bool(json, "dryRun", false);
    job->has_file = json_get_bool(json, "fileKept", false);
    job->bytes = (uint64_t)json_get_int(json, "bytes", 0);
    job->read_bytes = (uint64_t)json_get_int(json, "bytesRead", 0);
    job->rows = (uint64_t)json_get_int(json, "rows", 0);
    job->errors_left_out = (uint64_t)json_get_int(json, "errorsLeftOut", 0);
    job->created_ms = read_time(json, "created");
    job->touched_ms = read_time(json, "touched");
    job->started_ms = read_time(json, "started");
    job->ended_ms = read_time(json, "ended");
    read_lists(json, job);
    if (job_is_under_way(job))
        job->state = IMPORT_INTERRUPTED;
    return true;
}
