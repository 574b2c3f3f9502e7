/* GET and DELETE /api/v1/people/{identifier}: access and erasure, with a secret key. */
#include "api/audited.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { PERSON_BYTES_MAX = 8 << 20 };

void api_person_show(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct audited *audited =
        audited_new(api, caller, request, AUDIT_PERSON_SHOW, PERSON_BYTES_MAX);
    struct json_out out = json_out(&audited->body);
    uint32_t workspace = caller->workspace->id;
    struct identifier identifier;
    audited->status = people_parse_identifier(request->parameters[0], request->arena, &identifier,
                                              &audited->diag);
    if (audited->status == STATUS_OK)
        audited->status =
            identity_find(api->engine->store, workspace, &identifier, &audited->audit.node);
    if (audited->status == STATUS_OK)
        audited->status =
            people_show(api->engine->people, workspace, &identifier, clock_now_ms(), &out);
    api_leave(caller);
    audited_answer(api, audited);
}

/* An erasure flushes and compacts, which takes a while: it has a thread of its own, and the
 * connection waits. */
struct erasing {
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct identifier identifier;
};

static void answer_receipt(struct http_request *request, const struct erasure_receipt *receipt)
{
    struct buf body;
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(receipt->id, id);
    buf_init(&body, 1024);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "receipt", slice_of(id));
    JSON_INT_MEMBER(&out, "events", (int64_t)receipt->event_count);
    JSON_INT_MEMBER(&out, "decisions", (int64_t)receipt->decision_count);
    JSON_INT_MEMBER(&out, "nodes", (int64_t)receipt->node_count);
    json_end(&out);
    api_answer(request, 200, &body);
    buf_done(&body);
}

static void *erase(void *context)
{
    struct erasing *erasing = context;
    struct http_request *request = erasing->request;
    struct engine *engine = erasing->api->engine;
    uint32_t workspace = erasing->caller->workspace->id;
    struct erasure_receipt receipt;
    struct audit audit;
    audit_init(engine->ledger, &audit, workspace, AUDIT_PERSON_ERASE,
               caller_by(erasing->caller, request->arena));
    enum status status = identity_find(engine->store, workspace, &erasing->identifier, &audit.node);
    if (status == STATUS_OK)
        status = audit_append(engine->ledger, &audit);
    if (status == STATUS_OK)
        status = people_erase(engine->people, workspace, &erasing->identifier, &receipt);
    api_leave(erasing->caller);
    if (status == STATUS_OK)
        answer_receipt(request, &receipt);
    else
        http_problem(request, status, NULL);
    return NULL;
}

static bool start_erasing(struct erasing *erasing)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, erase, erasing) != 0)
        return false;
    pthread_detach(thread);
    return true;
}

void api_person_erase(void *context, struct http_request *request)
{
    struct erasing *erasing = ARENA_NEW(request->arena, struct erasing);
    erasing->api = context;
    erasing->request = request;
    erasing->caller = api_enter(erasing->api, request, SLICE_NONE);
    if (!erasing->caller)
        return;
    struct diag diag = {0};
    enum status status = people_parse_identifier(request->parameters[0], request->arena,
                                                 &erasing->identifier, &diag);
    if (status == STATUS_OK && !start_erasing(erasing))
        status = STATUS_OVERLOADED;
    if (status == STATUS_OK)
        return;
    api_leave(erasing->caller);
    http_problem(request, status, &diag);
}
