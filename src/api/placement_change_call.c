/* What a placement goes through: its draft beside the published one, publishing that, going back
 * to an earlier version, switching it off and on.
 *
 * What waits for the ledger or looks through policies runs apart. */
#include "api/drafts.h"
#include "api/placement_call.h"
#include "api/placement_versions.h"
#include "api/shape.h"

#include "base/clock.h"

enum { VERSIONS_TOLD = 50, VERSIONS_TOLD_MAX = 200, STOP_TRIES_MAX = 4 };

/* One call; in the request's arena. */
struct changing {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    const struct json *body;
    struct diag diag;
    struct published published;
};

static struct slice id_of(const struct changing *changing)
{
    return changing->request->parameters[0];
}

static struct changing *enter(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return NULL;
    struct changing *changing = ARENA_NEW(request->arena, struct changing);
    *changing = (struct changing){.api = context, .request = request, .caller = caller};
    return changing;
}

static void refuse(struct changing *changing, enum status status)
{
    struct diag diag = changing->diag;
    if (status == STATUS_NOT_FOUND && !diag.sentence[0])
        (void)diag_set(&diag, status, "id", "No placement of this id is there");
    api_leave(changing->caller);
    http_problem(changing->request, status, diag.sentence[0] ? &diag : NULL);
}

static void run_apart(struct changing *changing, void (*run)(struct errand *errand))
{
    changing->errand.run = run;
    api_apart(changing->api, changing->request, changing->caller, &changing->errand);
}

static void answer(struct changing *changing, struct buf *body)
{
    api_leave(changing->caller);
    api_settle(changing->request, STATUS_OK, NULL, body);
}

/* Of the snapshot that the caller has pinned. */
static const struct placement *published_one(const struct changing *changing)
{
    return policy_find(changing->caller->workspace->policy, id_of(changing));
}

/* --- as it stands ----------------------------------------------------------------------------- */

static void write_draft(const struct changing *changing, const struct draft *draft,
                        struct json_out *out)
{
    struct slice revision = placement_revision(published_one(changing), changing->request->arena);
    json_object(out);
    json_name(out, "draft");
    draft_write(draft, out);
    JSON_BOOL_MEMBER(out, "outdated", !slice_equal(draft->base, revision));
    json_end(out);
}

void api_placement_show(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (!changing)
        return;
    const struct workspace *workspace = changing->caller->workspace;
    const struct placement *placement = published_one(changing);
    struct draft draft;
    enum status status = draft_get(changing->api->engine->store, workspace->id, id_of(changing),
                                   request->arena, &draft);
    if (status != STATUS_OK && (status != STATUS_NOT_FOUND || !placement)) {
        refuse(changing, status);
        return;
    }
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_INT_MEMBER(&out, "version", workspace->policy->version);
    json_name(&out, "placement");
    if (placement)
        placement_to_json(placement, &out);
    else
        json_null(&out);
    JSON_STRING_MEMBER(&out, "revision", placement_revision(placement, request->arena));
    JSON_BOOL_MEMBER(&out, "stopped", placement && placement->stopped);
    JSON_BOOL_MEMBER(&out, "drafted", status == STATUS_OK);
    json_end(&out);
    answer(changing, &body);
}

static void list_drafts(struct errand *errand)
{
    struct changing *changing = (struct changing *)errand;
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "drafts");
    enum status status =
        drafts_write(changing->api->engine->store, changing->caller->workspace->id, &out);
    json_end(&out);
    if (status == STATUS_OK) {
        answer(changing, &body);
    } else {
        buf_done(&body);
        refuse(changing, status);
    }
}

void api_drafts_list(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, list_drafts);
}

/* --- versions --------------------------------------------------------------------------------- */

static enum status read_range(struct changing *changing, struct versions_range *out_range)
{
    struct slice after = http_query(changing->request, "after"),
                 limit = http_query(changing->request, "limit");
    int64_t newest = changing->caller->workspace->policy->version, most = VERSIONS_TOLD;
    if (after.size && (!slice_to_int64(after, &newest) || newest < 1 || newest > UINT32_MAX))
        return diag_set(&changing->diag, STATUS_INVALID, "after",
                        "after is what the page before said: next");
    if (limit.size && (!slice_to_int64(limit, &most) || most < 1 || most > VERSIONS_TOLD_MAX))
        return diag_set(&changing->diag, STATUS_INVALID, "limit", "limit is 1 to %d",
                        VERSIONS_TOLD_MAX);
    if (newest > changing->caller->workspace->policy->version)
        newest = changing->caller->workspace->policy->version;
    *out_range = (struct versions_range){
        {changing->caller->workspace->id, (uint32_t)newest, id_of(changing)}, (size_t)most};
    return STATUS_OK;
}

static void list_versions(struct errand *errand)
{
    struct changing *changing = (struct changing *)errand;
    struct versions_range range;
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    enum status status = read_range(changing, &range);
    if (status == STATUS_OK)
        status = placement_versions_write(changing->api->engine->store, &range, &out);
    json_end(&out);
    if (status == STATUS_OK) {
        answer(changing, &body);
    } else {
        buf_done(&body);
        refuse(changing, status);
    }
}

void api_placement_versions(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, list_versions);
}

/* number: of the path or of a body. */
static enum status find_version(struct changing *changing, int64_t number,
                                struct placement_version *out_version)
{
    const struct workspace *workspace = changing->caller->workspace;
    const struct version_name name = {workspace->id, (uint32_t)number, id_of(changing)};
    enum status status = STATUS_NOT_FOUND;
    if (number >= 1 && number <= workspace->policy->version)
        status = placement_version_get(changing->api->engine->store, &name,
                                       changing->request->arena, out_version);
    if (status == STATUS_NOT_FOUND)
        (void)diag_set(&changing->diag, status, "version", "No such version has this placement");
    return status;
}

void api_placement_version(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (!changing)
        return;
    struct placement_version version;
    int64_t number;
    enum status status = STATUS_OK;
    if (!slice_to_int64(request->parameters[1], &number))
        status = diag_set(&changing->diag, STATUS_INVALID, "version", "A version is a number");
    if (status == STATUS_OK)
        status = find_version(changing, number, &version);
    if (status != STATUS_OK) {
        refuse(changing, status);
        return;
    }
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_INT_MEMBER(&out, "version", number);
    JSON_TIME_MEMBER(&out, "published", version.published_ms);
    JSON_STRING_MEMBER(&out, "by", version.by);
    json_name(&out, "placement");
    json_value(&out, version.placement);
    json_end(&out);
    answer(changing, &body);
}

/* --- the draft -------------------------------------------------------------------------------- */

static enum status find_draft(struct changing *changing, struct draft *out_draft)
{
    enum status status = draft_get(changing->api->engine->store, changing->caller->workspace->id,
                                   id_of(changing), changing->request->arena, out_draft);
    if (status == STATUS_NOT_FOUND)
        (void)diag_set(&changing->diag, status, "id", "This placement has no draft");
    return status;
}

static void answer_draft(struct changing *changing, const struct draft *draft)
{
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    write_draft(changing, draft, &out);
    answer(changing, &body);
}

void api_draft_show(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (!changing)
        return;
    struct draft draft;
    enum status status = find_draft(changing, &draft);
    if (status == STATUS_OK)
        answer_draft(changing, &draft);
    else
        refuse(changing, status);
}

/* A new draft begins from what is published; one that goes on keeps where it began, unless ?base=
 * names the revision that is published now. */
static enum status find_base(struct changing *changing, struct slice *out_base)
{
    struct slice revision = placement_revision(published_one(changing), changing->request->arena);
    struct slice base = http_query(changing->request, "base");
    struct draft before;
    if (base.size && !slice_equal(base, revision))
        return diag_set(&changing->diag, STATUS_CONFLICT, "base",
                        "The published placement has another revision");
    enum status status = draft_get(changing->api->engine->store, changing->caller->workspace->id,
                                   id_of(changing), changing->request->arena, &before);
    *out_base = status == STATUS_OK && !base.size ? before.base : revision;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void put_draft(struct errand *errand)
{
    struct changing *changing = (struct changing *)errand;
    struct arena *arena = changing->request->arena;
    struct json json;
    struct placement placement;
    struct draft draft = {.saved_ms = clock_now_ms(), .placement = &json};
    enum status status =
        placement_of_path(changing->request, changing->body, &json, &changing->diag);
    if (status == STATUS_OK)
        status = placement_from_json(&json, arena, &placement, &changing->diag);
    if (status == STATUS_OK)
        status = find_base(changing, &draft.base);
    draft.by = caller_by(changing->caller, arena);
    if (status == STATUS_OK)
        status = draft_put(changing->api->engine->ledger, changing->caller->workspace->id,
                           id_of(changing), &draft);
    if (status == STATUS_OK)
        answer_draft(changing, &draft);
    else
        refuse(changing, status);
}

void api_draft_put(void *context, struct http_request *request)
{
    const struct json *body;
    if (!api_body(request, &body))
        return;
    struct changing *changing = enter(context, request);
    if (!changing)
        return;
    changing->body = body;
    run_apart(changing, put_draft);
}

static void remove_draft(struct errand *errand)
{
    struct changing *changing = (struct changing *)errand;
    struct draft draft;
    enum status status = find_draft(changing, &draft);
    if (status == STATUS_OK)
        status = draft_put(changing->api->engine->ledger, changing->caller->workspace->id,
                           id_of(changing), NULL);
    if (status == STATUS_OK)
        answer_draft(changing, &draft);
    else
        refuse(changing, status);
}

void api_draft_remove(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, remove_draft);
}

/* --- what is published ------------------------------------------------------------------------ */

/* The placement of the wish stands alone in it. */
static enum status publish(struct changing *changing, const struct json *placement,
                           struct placements_wish *wish)
{
    struct engine *engine = changing->api->engine;
    wish->workspace = changing->caller->workspace->id;
    wish->placements = &placement;
    wish->count = 1;
    wish->by = caller_by(changing->caller, changing->request->arena);
    enum status status = publish_placements(engine, wish, changing->request->arena,
                                            &changing->published, &changing->diag);
    wish->placements = NULL; /* which lives no longer than this */
    if (status == STATUS_OK)
        (void)engine_settle(engine, wish->workspace, SETTLE_MS_MAX);
    return status;
}

static void settle(struct changing *changing, enum status status)
{
    if (status != STATUS_OK) {
        refuse(changing, status);
        return;
    }
    api_leave(changing->caller);
    placement_answer(changing->request, &changing->published);
}

/* A draft that says what is published already changes nothing, and goes all the same. */
static void publish_draft(struct errand *errand)
{
    struct changing *changing = (struct changing *)errand;
    struct draft draft;
    enum status status = find_draft(changing, &draft);
    struct placements_wish wish = {.revision = &draft.base, .drafted = true};
    if (status == STATUS_OK)
        status = publish(changing, draft.placement, &wish);
    if (status == STATUS_OK)
        status = draft_put(changing->api->engine->ledger, wish.workspace, id_of(changing), NULL);
    settle(changing, status);
}

void api_placement_publish(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, publish_draft);
}

/* The same placement with another word on whether it is stopped, or (NULL) none. */
static struct json with_stopped(const struct json *placement, const bool *stopped,
                                struct arena *arena)
{
    struct json copy = *placement;
    copy.members = ARENA_ARRAY(arena, placement->count + 1, struct json_member);
    copy.count = 0;
    for (size_t i = 0; i < placement->count; i++)
        if (!slice_is(placement->members[i].name, "stopped"))
            copy.members[copy.count++] = placement->members[i];
    if (stopped)
        copy.members[copy.count++] =
            (struct json_member){SLICE("stopped"), {.kind = JSON_BOOL, .boolean = *stopped}};
    return copy;
}

static void roll_back(struct errand *errand)
{
    static const struct shape_member members[] = {
        {.name = "version", .type = SHAPE_COUNT, .min = 1, .max = UINT32_MAX}};
    static const struct shape shape = {.at = "", .members = members, .count = 1};
    struct changing *changing = (struct changing *)errand;
    struct placement_version version;
    struct placements_wish wish = {.deed = "rollback"};
    enum status status = shape_check(&shape, changing->body, &changing->diag);
    if (status == STATUS_OK && !json_get(changing->body, "version"))
        status = diag_set(&changing->diag, STATUS_INVALID, "/version",
                          "Say which version: {\"version\": 3}");
    if (status == STATUS_OK)
        status = find_version(changing, json_get_int(changing->body, "version", 0), &version);
    if (status == STATUS_OK) {
        struct json placement = with_stopped(version.placement, NULL, changing->request->arena);
        status = publish(changing, &placement, &wish);
    }
    settle(changing, status);
}

void api_placement_rollback(void *context, struct http_request *request)
{
    const struct json *body;
    if (!api_body(request, &body))
        return;
    struct changing *changing = enter(context, request);
    if (!changing)
        return;
    changing->body = body;
    run_apart(changing, roll_back);
}

/* --- off and on ------------------------------------------------------------------------------- */

/* One try, from what is published at this instant. */
static enum status try_switch(struct changing *changing, bool stopped)
{
    struct arena *arena = changing->request->arena;
    const struct workspaces_snapshot *workspaces =
        workspaces_pin(changing->api->engine->workspaces);
    const struct workspace *workspace =
        workspaces_by_id(workspaces, changing->caller->workspace->id);
    const struct placement *placement =
        workspace ? policy_find(workspace->policy, id_of(changing)) : NULL;
    const struct json *json;
    struct buf text;
    buf_init(&text, POLICY_BYTES_MAX);
    struct json_out out = json_out(&text);
    struct slice revision = placement_revision(placement, arena);
    enum status status = placement ? STATUS_OK : STATUS_NOT_FOUND;
    if (placement)
        placement_to_json(placement, &out);
    workspaces_unpin(workspaces);
    if (status == STATUS_OK)
        status = json_parse(arena, arena_copy(arena, buf_slice(&text)), &json, NULL);
    buf_done(&text);
    if (status != STATUS_OK)
        return status;
    struct placements_wish wish = {.revision = &revision, .deed = stopped ? "stop" : "start"};
    struct json switched = with_stopped(json, &stopped, arena);
    return publish(changing, &switched, &wish);
}

/* Who publishes at the same instant does not undo it, nor is undone. */
static void switch_to(struct changing *changing, bool stopped)
{
    enum status status = STATUS_CONFLICT;
    for (unsigned tries = 0; status == STATUS_CONFLICT && tries < STOP_TRIES_MAX; tries++)
        status = try_switch(changing, stopped);
    settle(changing, status);
}

static void stop(struct errand *errand)
{
    switch_to((struct changing *)errand, true);
}

static void start(struct errand *errand)
{
    switch_to((struct changing *)errand, false);
}

void api_placement_stop(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, stop);
}

void api_placement_start(void *context, struct http_request *request)
{
    struct changing *changing = enter(context, request);
    if (changing)
        run_apart(changing, start);
}
