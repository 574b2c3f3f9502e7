/* /api/v1/imports: files of people, events, orders or items as jobs. Files are read
 * and written, so apart from the loops. */
#include "api/api.h"
#include "api/imports.h"

enum { JOB_BYTES = IMPORT_JOB_BYTES_MAX, LIST_BYTES_MAX = IMPORTS_MAX * IMPORT_JOB_BYTES_MAX };

struct import_call {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct imports_name name;
    struct buf body;
    int code;
    enum status (*act)(struct import_call *call, struct diag *diag);
};

/* Catalogues are opened by their own scope, the rest by that of imports. */
static uint32_t kinds_of(const struct caller *caller)
{
    uint32_t scopes = caller->key->scopes, kinds = 0;
    if (scopes >> SCOPE_CATALOG_WRITE & 1U)
        kinds |= 1U << IMPORT_CATALOG;
    if (scopes >> SCOPE_IMPORTS_WRITE & 1U)
        kinds |= 1U << IMPORT_EVENTS | 1U << IMPORT_ORDERS | 1U << IMPORT_PEOPLE;
    return kinds;
}

static enum status answer_job(struct import_call *call, enum status status)
{
    struct json_out out = json_out(&call->body);
    return status == STATUS_OK ? imports_write(call->api->imports, &call->name, &out) : status;
}

static struct slice by_of(const struct import_call *call)
{
    return caller_by(call->caller, call->request->arena);
}

/* --- what is asked ---------------------------------------------------------------------------- */

static enum status begin(struct import_call *call, struct diag *diag)
{
    struct http_request *request = call->request;
    struct import_begin begin = {.workspace = call->name.workspace,
                                 .file_name = http_query(request, "name"),
                                 .by = by_of(call),
                                 .bytes = request->body};
    if (!import_kind_from_name(http_query(request, "kind"), &begin.kind))
        return diag_set(diag, STATUS_INVALID, "kind", "kind is people, events, orders or catalog");
    if (!(call->name.kinds >> begin.kind & 1U))
        return diag_set(diag, STATUS_FORBIDDEN, "kind", "This takes the scope %s",
                        begin.kind == IMPORT_CATALOG ? "catalog:write" : "imports:write");
    if (begin.file_name.size > IMPORT_FILE_NAME_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "name", "At most %d bytes",
                        IMPORT_FILE_NAME_BYTES_MAX);
    if (begin.bytes.size == 0)
        return diag_set(diag, STATUS_INVALID, "", "The file is empty");
    call->code = 201;
    return answer_job(call, imports_begin(call->api->imports, &begin, &call->name.id, diag));
}

static enum status append(struct import_call *call, struct diag *diag)
{
    int64_t at;
    if (!slice_to_int64(http_query(call->request, "at"), &at) || at < 0)
        return diag_set(diag, STATUS_INVALID, "at", "at is how many bytes were sent before");
    return answer_job(call, imports_append(call->api->imports, &call->name, (uint64_t)at,
                                           call->request->body, diag));
}

static enum status start(struct import_call *call, struct diag *diag)
{
    const struct json *options;
    struct http_request *request = call->request;
    enum status status = json_parse(request->arena, request->body, &options, diag);
    if (status == STATUS_OK && !json_is(options, JSON_OBJECT))
        status = diag_set(diag, STATUS_INVALID, "", "The body is not an object; send { … }");
    if (status != STATUS_OK)
        return status;
    if (json_get(options, "consent") && !(call->caller->key->scopes >> SCOPE_CONSENT_WRITE & 1U))
        return diag_set(diag, STATUS_FORBIDDEN, "/consent",
                        "To assert people's consent takes the scope consent:write");
    call->code = 202;
    return answer_job(call,
                      imports_start(call->api->imports, &call->name, options, by_of(call), diag));
}

static enum status stop(struct import_call *call, struct diag *diag)
{
    call->code = 202;
    return answer_job(call, imports_stop(call->api->imports, &call->name, diag));
}

static enum status take_away(struct import_call *call, struct diag *diag)
{
    buf_add_text(&call->body, "{\"success\":true}");
    return imports_remove(call->api->imports, &call->name, diag);
}

static enum status show(struct import_call *call, struct diag *diag)
{
    enum status status = answer_job(call, STATUS_OK);
    return status == STATUS_OK ? status
                               : diag_set(diag, status, "id", "There is no import of this id");
}

static enum status list(struct import_call *call, struct diag *diag)
{
    struct json_out out = json_out(&call->body);
    (void)diag;
    imports_write_all(call->api->imports, &call->name, &out);
    return STATUS_OK;
}

static enum status guess(struct import_call *call, struct diag *diag)
{
    struct json_out out = json_out(&call->body);
    enum locale locale =
        locale_from_text(http_query(call->request, "lang"), call->caller->workspace->locale);
    json_object(&out);
    enum status status = imports_guess(call->api->imports, &call->name, locale, &out, diag);
    json_end(&out);
    return status;
}

/* --- a call ----------------------------------------------------------------------------------- */

static void answer(struct import_call *call, enum status status, const struct diag *diag)
{
    if (status == STATUS_OK && call->body.overflowed)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        api_answer(call->request, call->code, &call->body);
    else
        http_problem(call->request, status, diag->sentence[0] ? diag : NULL);
}

static void run(struct errand *errand)
{
    struct import_call *call = (struct import_call *)errand;
    struct diag diag = {0};
    struct buf body;
    bool named = call->request->parameters[0].size > 0;
    enum status status =
        !named || uuid_parse(call->request->parameters[0], &call->name.id)
            ? call->act(call, &diag)
            : diag_set(&diag, STATUS_NOT_FOUND, "id", "There is no import of this id");
    body = call->body;
    api_leave(call->caller);
    answer(call, status, &diag); /* the request's arena, and the call in it, may die with it */
    buf_done(&body);
}

static void enter(void *context, struct http_request *request,
                  enum status (*act)(struct import_call *call, struct diag *diag))
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    struct import_call *call = ARENA_NEW(request->arena, struct import_call);
    *call = (struct import_call){
        .errand.run = run,
        .api = context,
        .request = request,
        .caller = caller,
        .name = {.workspace = caller->workspace->id, .kinds = kinds_of(caller)},
        .code = 200,
        .act = act};
    buf_init(&call->body, act == list ? LIST_BYTES_MAX : JOB_BYTES);
    api_apart(context, request, caller, &call->errand);
}

void api_import_begin(void *context, struct http_request *request)
{
    enter(context, request, begin);
}

void api_imports_list(void *context, struct http_request *request)
{
    enter(context, request, list);
}

void api_import_show(void *context, struct http_request *request)
{
    enter(context, request, show);
}

void api_import_delete(void *context, struct http_request *request)
{
    enter(context, request, take_away);
}

void api_import_append(void *context, struct http_request *request)
{
    enter(context, request, append);
}

void api_import_columns(void *context, struct http_request *request)
{
    enter(context, request, guess);
}

void api_import_start(void *context, struct http_request *request)
{
    enter(context, request, start);
}

void api_import_stop(void *context, struct http_request *request)
{
    enter(context, request, stop);
}
