/* POST /v1/consent: a person's choice, on the disk before the answer. */
#include "api/api.h"
#include "api/shape.h"

#include "base/clock.h"

#include <stdio.h>

enum { CHANGES_MAX = 4 }; /* granted, denied, objecting, no longer objecting */

/* One call; in the request's arena. */
struct choosing {
    struct ledger_commit commit; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct people_consent changes[CHANGES_MAX];
    struct ledger_entry *entries[CHANGES_MAX];
    size_t count;
};

static void on_done(struct ledger_commit *commit, enum status status)
{
    struct choosing *choosing = (struct choosing *)commit;
    for (size_t i = 0; i < choosing->count && status == STATUS_OK; i++)
        if (choosing->changes[i].entry.status != STATUS_CONFLICT)
            status = choosing->changes[i].entry.status;
    struct http_request *request = choosing->request;
    api_leave(choosing->caller);
    if (status == STATUS_OK)
        http_respond(request,
                     &(struct http_response){.code = 200, .body = SLICE("{\"success\":true}")});
    else
        http_problem(request, status, NULL);
}

/* Whose choice: with a write key only the device's own, or a signed user's. */
static enum status find_subject(const struct choosing *choosing, const struct json *body,
                                struct identifier *out_identifier, struct diag *diag)
{
    struct slice anonymous_id = json_scalar_text(json_get(body, "anonymousId"));
    struct slice user_id = json_scalar_text(json_get(body, "userId"));
    struct slice email = json_get_text(body, "email");
    bool known =
        choosing->caller->key->secret ||
        (user_id.size && api_signature_valid(choosing->caller, json_get(body, "userSignature"),
                                             user_id, anonymous_id, clock_now_ms()));
    if ((user_id.size || email.size) && !known)
        return diag_set(diag, STATUS_FORBIDDEN, "/userId",
                        "A write key speaks for a device alone: send anonymousId, a userSignature, "
                        "or use a secret key");
    struct arena *arena = choosing->request->arena;
    struct slice text = user_id.size ? arena_format(arena, "user_id:%.*s", SLICE_ARG(user_id))
                        : email.size
                            ? arena_format(arena, "email:%.*s", SLICE_ARG(email))
                            : arena_format(arena, "anonymous_id:%.*s", SLICE_ARG(anonymous_id));
    if (user_id.size + email.size + anonymous_id.size == 0)
        return diag_set(diag, STATUS_INVALID, "/anonymousId",
                        "Name the person: anonymousId, or userId or email with a secret key");
    return people_parse_identifier(text, arena, out_identifier, diag);
}

static enum status check_body(const struct json *body, struct diag *diag)
{
    static const struct shape_member members[] = {
        {.name = "anonymousId", .type = SHAPE_SCALAR},
        {.name = "userId", .type = SHAPE_SCALAR},
        {.name = "email", .type = SHAPE_TEXT},
        {.name = "userSignature", .type = SHAPE_ANY},
        {.name = "purposes",
         .type = SHAPE_OBJECT,
         .sentence = "An object of purposes: {\"personalise\": \"granted\"}"},
        {.name = "objections",
         .type = SHAPE_OBJECT,
         .sentence = "An object of purposes: {\"personalise\": true}"},
        {.name = "timestamp", .type = SHAPE_TEXT},
        {.name = "text", .type = SHAPE_TEXT},
        {.name = "writeKey", .type = SHAPE_TEXT},
    };
    const struct shape shape = {"", members, sizeof members / sizeof *members, false};
    return shape_check(&shape, body, diag);
}

static enum status read_purposes(const struct json *object, bool objection, uint32_t out_bits[2],
                                 struct diag *diag)
{
    for (size_t i = 0; json_is(object, JSON_OBJECT) && i < object->count; i++) {
        const struct json_member *member = &object->members[i];
        enum purpose purpose;
        char field[sizeof diag->field];
        (void)snprintf(field, sizeof field, "/%s/%.*s", objection ? "objections" : "purposes",
                       SLICE_ARG(slice_first(member->name, 40)));
        if (!purpose_from_name(member->name, &purpose))
            return diag_set(diag, STATUS_INVALID, field,
                            "\"%.*s\" is not a purpose; see spec/purposes.yaml",
                            SLICE_ARG(slice_first(member->name, 40)));
        bool yes = objection ? member->value.boolean : slice_is(member->value.text, "granted");
        bool no = objection ? !member->value.boolean : slice_is(member->value.text, "denied");
        bool typed = json_is(&member->value, objection ? JSON_BOOL : JSON_STRING);
        if (!typed || (!yes && !no))
            return diag_set(diag, STATUS_INVALID, field,
                            objection ? "%.*s is true or false" : "%.*s is granted or denied",
                            SLICE_ARG(member->name));
        out_bits[yes ? 0 : 1] |= 1U << purpose;
    }
    return STATUS_OK;
}

static void add_change(struct choosing *choosing, const struct people_consent *common,
                       uint32_t purposes, enum consent_state state)
{
    if (purposes == 0)
        return;
    struct people_consent *change = &choosing->changes[choosing->count];
    *change = *common;
    change->change.purposes = purposes;
    change->change.state = state;
    people_consent_init(choosing->api->engine->people, change, choosing->caller->workspace->id);
    choosing->entries[choosing->count++] = &change->entry;
}

static void add_changes(struct choosing *choosing, struct people_consent *common,
                        const uint32_t purposes[2], const uint32_t objections[2])
{
    common->change.objection = false;
    add_change(choosing, common, purposes[0], CONSENT_GRANTED);
    add_change(choosing, common, purposes[1], CONSENT_DENIED);
    common->change.objection = true;
    add_change(choosing, common, objections[0], CONSENT_DENIED);
    add_change(choosing, common, objections[1], CONSENT_GRANTED);
}

static enum status read(struct choosing *choosing, const struct json *body, struct diag *diag)
{
    uint32_t purposes[2] = {0}, objections[2] = {0};
    struct people_consent common = {.birth_day = INT32_MIN};
    int64_t now_ms = clock_now_ms(), time_ms = now_ms;
    struct uuid id = uuid_new();
    const struct json *told = json_get(body, "timestamp");
    enum status status = check_body(body, diag);
    if (status == STATUS_OK)
        status = find_subject(choosing, body, &common.identifier, diag);
    if (status == STATUS_OK)
        status = read_purposes(json_get(body, "purposes"), false, purposes, diag);
    if (status == STATUS_OK)
        status = read_purposes(json_get(body, "objections"), true, objections, diag);
    if (status != STATUS_OK)
        return status;
    if (json_is(told, JSON_STRING) && !clock_parse_iso(told->text, &time_ms))
        return diag_set(diag, STATUS_INVALID, "/timestamp",
                        "timestamp is an instant as in 2026-11-22T08:00:00Z");
    time_ms = time_ms > now_ms ? now_ms : time_ms;
    common.change.source = CONSENT_FROM_API;
    common.change.order =
        (struct event_order){.time_ms = time_ms, .source = choosing->caller->key->source};
    memcpy(common.change.order.message.bytes, id.bytes, sizeof id.bytes); /* rises within the ms */
    common.change.text = slice_first(json_get_text(body, "text"), 1024);
    add_changes(choosing, &common, purposes, objections);
    return choosing->count ? STATUS_OK
                           : diag_set(diag, STATUS_INVALID, "/purposes",
                                      "Say at least one of purposes and objections");
}

void api_consent(void *context, struct http_request *request)
{
    struct choosing *choosing = ARENA_NEW(request->arena, struct choosing);
    choosing->api = context;
    choosing->request = request;
    const struct json *body;
    struct diag diag = {0};
    if (!api_body(request, &body))
        return;
    choosing->caller = api_enter(choosing->api, request, json_get_text(body, "writeKey"));
    if (!choosing->caller)
        return;
    enum status status = read(choosing, body, &diag);
    if (status == STATUS_OK) {
        choosing->commit = (struct ledger_commit){
            .entries = choosing->entries, .entry_count = choosing->count, .done = on_done};
        status = ledger_submit(choosing->api->engine->ledger, &choosing->commit);
        if (status == STATUS_OK)
            return;
    }
    api_leave(choosing->caller);
    http_problem(request, status, diag.sentence[0] ? &diag : NULL);
}
