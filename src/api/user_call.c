/* /api/v1/users: who may use the console. For owners who are signed in; no key does. */
#include "api/audit.h"
#include "api/signed_in.h"
#include "api/user_making.h"

enum { USERS_BYTES_MAX = 4 << 20 };

void api_users_list(void *context, struct http_request *request)
{
    struct api *api = context;
    if (!api_enter_signed_in(api, request))
        return;
    struct user *all;
    size_t count = users_all(api->engine->users, request->arena, &all);
    const struct workspaces_snapshot *snapshot = workspaces_pin(api->engine->workspaces);
    struct buf body;
    buf_init(&body, USERS_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "users");
    json_array(&out);
    for (size_t i = 0; i < count; i++) {
        user_write(&all[i], snapshot, &out);
        json_end(&out);
    }
    json_end(&out);
    json_end(&out);
    workspaces_unpin(snapshot);
    api_answer(request, 200, &body);
    buf_done(&body);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* One on its way; in the request's arena. */
struct user_change {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct slice by, name;
    struct user_edit edit;
    char token[SESSION_SECRET_SIZE]; /* of a link made for it, told once; empty: none */
};

static void answer_user(struct user_change *change, const struct user *user)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(change->api->engine->workspaces);
    struct buf body;
    buf_init(&body, USERS_BYTES_MAX);
    struct json_out out = json_out(&body);
    user_write(user, snapshot, &out);
    if (change->token[0])
        JSON_STRING_MEMBER(
            &out, "invitation",
            arena_format(change->request->arena, INVITATION_PATH "%s", change->token));
    json_end(&out);
    workspaces_unpin(snapshot);
    api_answer(change->request, 200, &body);
    buf_done(&body);
}

static void settle(struct user_change *change, enum status status, const struct diag *diag)
{
    struct user user;
    if (status == STATUS_OK && !users_by_name(change->api->engine->users, change->name, &user))
        status = STATUS_NOT_FOUND; /* somebody took him away meanwhile */
    if (status == STATUS_OK)
        answer_user(change, &user);
    else
        http_problem(change->request, status, diag);
}

static void run_add(struct errand *errand)
{
    struct user_change *change = (struct user_change *)errand;
    struct diag diag = {0};
    enum status status =
        user_invite(change->api->engine, &change->edit.to, change->by, change->token, &diag);
    if (status != STATUS_OK)
        change->token[0] = '\0';
    settle(change, status, &diag);
}

static void run_edit(struct errand *errand)
{
    struct user_change *change = (struct user_change *)errand;
    struct diag diag = {0};
    enum status status =
        users_edit(change->api->engine->users, change->name, &change->edit, change->by, &diag);
    settle(change, status, &diag);
}

static void run_reset(struct errand *errand)
{
    struct user_change *change = (struct user_change *)errand;
    struct diag diag = {0};
    enum status status =
        user_invite_again(change->api->engine, change->name, change->by, change->token, &diag);
    settle(change, status, &diag);
}

static void run_remove(struct errand *errand)
{
    struct user_change *change = (struct user_change *)errand;
    struct diag diag = {0};
    struct buf body;
    enum status status = users_remove(change->api->engine->users, change->name, change->by, &diag);
    if (status != STATUS_OK) {
        http_problem(change->request, status, &diag);
        return;
    }
    buf_init(&body, 64);
    buf_add(&body, SLICE("{\"removed\":true}"));
    api_answer(change->request, 200, &body);
    buf_done(&body);
}

/* NULL: answered. */
static struct user_change *enter_change(void *context, struct http_request *request)
{
    struct user_change *change = ARENA_NEW(request->arena, struct user_change);
    char *name = ARENA_ARRAY(request->arena, USER_NAME_BYTES_MAX + 1, char);
    change->api = context;
    change->request = request;
    const struct signed_in *signed_in = api_enter_signed_in(change->api, request);
    if (!signed_in)
        return NULL;
    change->by = arena_format(request->arena, "user:%s", signed_in->user.name);
    (void)user_name_read(request->parameters[0], name); /* an unreadable one is nobody's */
    change->name = slice_of(name);
    return change;
}

static void start(struct user_change *change, void (*run)(struct errand *errand),
                  enum status status, const struct diag *diag)
{
    change->errand.run = run;
    if (status == STATUS_OK)
        status = errands_add(change->api->errands, &change->errand);
    if (status != STATUS_OK)
        http_problem(change->request, status, diag);
}

static enum status read_edit(struct user_change *change, const struct json *body, unsigned allowed,
                             struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(change->api->engine->workspaces);
    enum status status = user_edit_from_json(body, allowed, snapshot, &change->edit, diag);
    workspaces_unpin(snapshot);
    return status;
}

void api_user_add(void *context, struct http_request *request)
{
    struct user_change *change = enter_change(context, request);
    const struct json *body;
    struct diag diag = {0};
    if (!change || !api_body(request, &body))
        return;
    const unsigned needed = USER_EDIT_NAME | USER_EDIT_ROLE;
    enum status status =
        read_edit(change, body, needed | USER_EDIT_WORKSPACES | USER_EDIT_LOCALE, &diag);
    if (status == STATUS_OK && (change->edit.what & needed) != needed)
        status = diag_set(&diag, STATUS_INVALID, "", "A user has a name (user) and a role");
    change->name = slice_of(change->edit.to.name);
    start(change, run_add, status, &diag);
}

void api_user_edit(void *context, struct http_request *request)
{
    struct user_change *change = enter_change(context, request);
    const struct json *body;
    struct diag diag = {0};
    if (!change || !api_body(request, &body))
        return;
    enum status status = read_edit(
        change, body, USER_EDIT_ROLE | USER_EDIT_WORKSPACES | USER_EDIT_LOCALE | USER_EDIT_DISABLED,
        &diag);
    start(change, run_edit, status, &diag);
}

void api_user_reset(void *context, struct http_request *request)
{
    struct user_change *change = enter_change(context, request);
    if (change)
        start(change, run_reset, STATUS_OK, NULL);
}

void api_user_remove(void *context, struct http_request *request)
{
    struct user_change *change = enter_change(context, request);
    if (change)
        start(change, run_remove, STATUS_OK, NULL);
}
