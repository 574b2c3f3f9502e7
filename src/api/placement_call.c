/* Placements over HTTP: what is published, and a new version with one of them changed. */
#include "api/placement_call.h"

void api_placements_list(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    policy_to_json(caller->workspace->policy, &out);
    api_leave(caller);
    api_answer(request, 200, &body);
    buf_done(&body);
}

/* Publishing waits for the ledger, which a loop must not. */
struct publishing {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct json placement;
};

void placement_answer(struct http_request *request, const struct published *published)
{
    struct buf body;
    buf_init(&body, POLICY_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_INT_MEMBER(&out, "version", published->version);
    if (published->unknown_count > 0) {
        json_name(&out, "unknownItems");
        json_array(&out);
        for (size_t i = 0; i < published->unknown_count; i++)
            json_string(&out, published->unknown[i]);
        json_end(&out);
    }
    json_end(&out);
    api_answer(request, 200, &body);
    buf_done(&body);
}

static void publish(struct errand *errand)
{
    struct publishing *publishing = (struct publishing *)errand;
    struct http_request *request = publishing->request;
    const struct json *placements[] = {&publishing->placement};
    struct diag diag = {0};
    struct published published;
    const struct placements_wish wish = {.workspace = publishing->caller->workspace->id,
                                         .placements = placements,
                                         .count = 1,
                                         .by = caller_by(publishing->caller, request->arena)};
    enum status status =
        publish_placements(publishing->api->engine, &wish, request->arena, &published, &diag);
    if (status == STATUS_OK)
        (void)engine_settle(publishing->api->engine, wish.workspace, SETTLE_MS_MAX);
    api_leave(publishing->caller);
    if (status == STATUS_OK) {
        placement_answer(request, &published);
    } else {
        http_problem(request, status, &diag);
    }
}

enum status placement_of_path(const struct http_request *request, const struct json *body,
                              struct json *out_placement, struct diag *diag)
{
    struct slice id = request->parameters[0], given = json_get_text(body, "id");
    if (given.size && !slice_equal(given, id))
        return diag_set(diag, STATUS_INVALID, "/id",
                        "The id differs from the path's; leave it out");
    *out_placement = *body;
    if (given.size)
        return STATUS_OK;
    out_placement->members = ARENA_ARRAY(request->arena, body->count + 1, struct json_member);
    if (body->count)
        memcpy(out_placement->members, body->members, body->count * sizeof *body->members);
    out_placement->members[out_placement->count++] =
        (struct json_member){SLICE("id"), {.kind = JSON_STRING, .text = id}};
    return STATUS_OK;
}

void api_placement_put(void *context, struct http_request *request)
{
    struct publishing *publishing = ARENA_NEW(request->arena, struct publishing);
    publishing->api = context;
    publishing->request = request;
    const struct json *body;
    struct diag diag = {0};
    if (!api_body(request, &body))
        return;
    publishing->caller = api_enter(publishing->api, request, SLICE_NONE);
    if (!publishing->caller)
        return;
    enum status status = placement_of_path(request, body, &publishing->placement, &diag);
    if (status == STATUS_OK) {
        publishing->errand.run = publish;
        api_apart(context, request, publishing->caller, &publishing->errand);
        return;
    }
    api_leave(publishing->caller);
    http_problem(request, status, &diag);
}
