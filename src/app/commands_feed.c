/* visavis feed: what waits for a person's word because it would hide much of the catalogue. */
#include "app/command.h"
#include "base/clock.h"
#include "catalog/staging.h"

enum { NAMES_MAX = 100, LINE_BYTES_MAX = 65536 };

struct held {
    struct staging *staging;
    struct feed_diff diff;
};

static enum status open_held(struct call *call, uint32_t workspace, struct slice name,
                             struct held *out_held, struct diag *diag)
{
    enum status status =
        staging_open_held(call->engine->catalog, workspace, name, &out_held->staging, diag);
    if (status != STATUS_OK)
        return status;
    status = staging_compare(out_held->staging, &call->arena, &out_held->diff);
    if (status != STATUS_OK)
        staging_free(out_held->staging);
    return status;
}

static void show(struct call *call, const struct held *held)
{
    const struct staging_about *about = staging_about(held->staging);
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    struct json_out out = json_out(&line);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "feed", about->feed);
    JSON_TIME_MEMBER(&out, "taken", about->taken_ms);
    JSON_INT_MEMBER(&out, "rows", (int64_t)about->rows);
    JSON_INT_MEMBER(&out, "refused", (int64_t)about->refused);
    JSON_INT_MEMBER(&out, "items", (int64_t)held->diff.items);
    feed_diff_to_json(&held->diff, true, &out);
    json_end(&out);
    buf_add_byte(&line, '\n');
    output_write(&call->out, buf_slice(&line));
    buf_done(&line);
}

/* One line of JSON a feed. */
static enum status list(struct call *call, uint32_t workspace, struct diag *diag)
{
    struct slice names[NAMES_MAX];
    size_t count =
        staging_list_held(call->engine->catalog, workspace, &call->arena, names, NAMES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct held held;
        enum status status = open_held(call, workspace, names[i], &held, diag);
        if (status != STATUS_OK)
            return status;
        show(call, &held);
        staging_free(held.staging);
    }
    return STATUS_OK;
}

static enum status approve(struct call *call, uint32_t workspace, struct slice name,
                           struct diag *diag)
{
    struct staging_result result = {0};
    struct staging *staging;
    enum status status = staging_open_held(call->engine->catalog, workspace, name, &staging, diag);
    if (status != STATUS_OK)
        return status;
    status = staging_apply(staging, &result);
    staging_free(staging);
    if (status != STATUS_OK)
        return status;
    output_format(&call->out, "{\"written\":%llu,\"unchanged\":%llu,\"hidden\":%llu}\n",
                  (unsigned long long)result.written, (unsigned long long)result.unchanged,
                  (unsigned long long)result.hidden);
    return staging_drop_held(call->engine->catalog, workspace, name);
}

static enum status reject(struct call *call, uint32_t workspace, struct slice name,
                          struct diag *diag)
{
    enum status status = staging_drop_held(call->engine->catalog, workspace, name);
    return status == STATUS_OK
               ? status
               : diag_set(diag, status, "", "No feed of this name waits for approval");
}

enum status command_feed(struct call *call, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    struct slice verb = call->word_count > 0 ? call->words[0] : SLICE_NONE;
    struct slice name = call->word_count > 1 ? call->words[1] : SLICE_NONE;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    uint32_t id = status == STATUS_OK ? workspace->id : 0;
    workspaces_unpin(snapshot);
    if (status != STATUS_OK)
        return status;
    if (slice_is(verb, "list") && call->word_count == 1)
        return list(call, id, diag);
    if (slice_is(verb, "approve") && call->word_count == 2)
        return approve(call, id, name, diag);
    if (slice_is(verb, "reject") && call->word_count == 2)
        return reject(call, id, name, diag);
    return diag_set(diag, STATUS_INVALID, "",
                    "Say list, approve NAME or reject NAME: visavis feed approve import");
}
