/* /api/v1/session and /api/v1/sessions: signing in and out, and where one is signed in. */
#include "api/audit.h"
#include "api/signed_in.h"
#include "api/user_making.h"
#include "base/clock.h"

#include <stdio.h>

enum { SESSION_BYTES_MAX = 256 << 10 };

/* Whoever has no hash is compared with this one, which no password has: an answer takes as long
 * for a name that nobody bears. */
static const char nobody[PASSWORD_PHC_SIZE] =
    "$argon2id$v=19$m=19456,t=2,p=1$dmlzYXZpcyBub2JvZHkgIQ$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* --- answers ---------------------------------------------------------------------------------- */

/* cookie: SLICE_NONE for none. Nothing of it is for a cache. */
static void answer(struct http_request *request, const struct buf *body, struct slice cookie)
{
    struct http_header headers[] = {{SLICE("Cache-Control"), SLICE("no-store")},
                                    {SLICE("Set-Cookie"), cookie}};
    http_respond(request, &(struct http_response){.code = 200,
                                                  .body = buf_slice(body),
                                                  .headers = headers,
                                                  .header_count = cookie.size ? 2 : 1});
}

static void answer_done(struct http_request *request, struct slice cookie)
{
    struct buf body;
    buf_init(&body, 64);
    buf_add(&body, SLICE("{\"ended\":true}"));
    answer(request, &body, cookie);
    buf_done(&body);
}

static void write_scopes(const struct user *user, struct json_out *out)
{
    json_name(out, "scopes");
    json_array(out);
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        if (role_scopes(user->role) >> scope & 1)
            json_string(out, slice_of(scope_name((enum scope)scope)));
    json_end(out);
}

static void write_workspaces(struct api *api, const struct user *user, struct json_out *out)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(api->engine->workspaces);
    json_name(out, "workspaces");
    json_array(out);
    for (size_t i = 0; i < workspaces_count(snapshot); i++)
        if (user_sees(user, workspaces_at(snapshot, i)->id))
            json_string(out, workspaces_at(snapshot, i)->name);
    json_end(out);
    workspaces_unpin(snapshot);
}

static void write_signed_in(struct api *api, const struct signed_in *signed_in,
                            struct json_out *out)
{
    char csrf[CSRF_TEXT_SIZE], expires[25];
    const struct user *user = &signed_in->user;
    signed_in_csrf(signed_in->secret, csrf);
    clock_format_iso(signed_in->session.created_ms + USER_SESSION_MS_MAX, expires);
    json_object(out);
    JSON_STRING_MEMBER(out, "user", slice_of(user->name));
    JSON_STRING_MEMBER(out, "role", slice_of(role_name(user->role)));
    write_scopes(user, out);
    write_workspaces(api, user, out);
    JSON_STRING_MEMBER(out, "locale", slice_of(locale_name(user->locale)));
    JSON_STRING_MEMBER(out, "csrf", slice_of(csrf));
    JSON_STRING_MEMBER(out, "expires", slice_of(expires));
    json_end(out);
}

static void answer_signed_in(struct api *api, struct http_request *request,
                             const struct signed_in *signed_in, bool is_new)
{
    struct buf body;
    buf_init(&body, SESSION_BYTES_MAX);
    struct json_out out = json_out(&body);
    write_signed_in(api, signed_in, &out);
    answer(request, &body,
           is_new ? signed_in_cookie(signed_in->secret, request->arena) : SLICE_NONE);
    buf_done(&body);
}

/* --- signing in ------------------------------------------------------------------------------- */

struct login {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct slice name, password, token, network;
    struct user user;        /* whom the token's link is for; id 0: it was used, or never made */
    struct signed_in before; /* what the cookie named until now; user 0: nothing */
};

/* by: a user's name, or empty; how: "", "link, ". */
static enum status audit_login(struct api *api, const struct http_request *request,
                               enum audit_action action, const char *by, const char *how)
{
    struct audit audit;
    struct slice who = by[0] ? arena_format(request->arena, "user:%s", by) : SLICE("nobody");
    audit_init(api->engine->ledger, &audit, AUDIT_INSTALLATION, action, who);
    snprintf(audit.detail, sizeof audit.detail, "%sfrom %.*s", how, SLICE_ARG(request->peer));
    return audit_append(api->engine->ledger, &audit);
}

/* Makes the session: with a new secret always, and the one before ends. */
static void sign_in(struct api *api, struct http_request *request, const struct user *user,
                    const struct signed_in *before)
{
    struct signed_in now = {.user = *user};
    struct sessions *sessions = api->engine->sessions;
    char *secret = ARENA_ARRAY(request->arena, SESSION_SECRET_SIZE, char);
    if (before->session.user)
        (void)sessions_end(sessions, before->session.id, 0);
    now.session = sessions_begin(sessions, user, request->peer, clock_now_ms(), secret);
    now.secret = slice_of(secret);
    answer_signed_in(api, request, &now, true);
}

/* Parameters may have risen since the hash was made; only now is the password known. */
static enum status rehash(struct engine *engine, const struct user *user, struct slice password)
{
    struct user_edit edit = {.what = USER_EDIT_REHASH};
    struct diag diag = {0};
    if (!password_outdated(user->phc))
        return STATUS_OK;
    password_hash(password, edit.to.phc);
    return users_edit(engine->users, slice_of(user->name), &edit, SLICE("login"), &diag);
}

static bool takes_password(struct login *login, struct user *out_user)
{
    struct engine *engine = login->api->engine;
    char name[USER_NAME_BYTES_MAX + 1] = "";
    bool known =
        user_name_read(login->name, name) && users_by_name(engine->users, slice_of(name), out_user);
    known = known && out_user->phc[0]; /* who was invited and has not come has none */
    bool right = password_matches(known ? out_user->phc : nobody, login->password);
    return known && right && !out_user->disabled;
}

static void take_link(struct login *login)
{
    struct engine *engine = login->api->engine;
    struct user user;
    uint64_t id, epoch;
    if (sessions_take_link(engine->sessions, login->token, clock_now_ms(), &id, &epoch) &&
        users_by_id(engine->users, id, &user) && user.epoch == epoch && !user.disabled)
        login->user = user;
}

static void run_login(struct errand *errand)
{
    struct login *login = (struct login *)errand;
    struct engine *engine = login->api->engine;
    struct user user = login->user;
    struct diag diag = {0};
    bool right = login->token.size ? user.id != 0 : takes_password(login, &user);
    enum status status =
        audit_login(login->api, login->request, right ? AUDIT_LOGIN : AUDIT_LOGIN_FAILURE,
                    user.name, login->token.size ? "link, " : "");
    if (status == STATUS_OK && !right)
        status = diag_set(&diag, STATUS_UNAUTHENTICATED, "",
                          login->token.size ? "This link was used, or is too old; ask for another"
                                            : "The user or the password is not right");
    if (status == STATUS_OK && !login->token.size) {
        throttle_succeeded(login->api->throttle, slice_of(user.name), login->network);
        status = rehash(engine, &user, login->password);
    }
    if (status == STATUS_OK)
        sign_in(login->api, login->request, &user, &login->before);
    else
        http_problem(login->request, status, &diag);
}

static enum status read_login(struct login *login, const struct json *body, struct diag *diag)
{
    login->name = json_get_text(body, "user");
    login->password = json_get_text(body, "password");
    login->token = json_get_text(body, "token");
    bool by_password = login->name.size && login->password.size && !login->token.size;
    bool by_token = login->token.size && !login->name.size && !login->password.size;
    if (!by_password && !by_token)
        return diag_set(diag, STATUS_INVALID, "",
                        "Send {\"user\", \"password\"}, or {\"token\"} of a login link");
    if (login->password.size > PASSWORD_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "/password", "A password has at most %d bytes",
                        PASSWORD_BYTES_MAX);
    return STATUS_OK;
}

static struct slice network_of(struct http_request *request)
{
    return arena_format(request->arena, "%016llx", (unsigned long long)api_network(request));
}

/* False: answered. Names are counted as they are compared, whether anybody bears them or not. */
static bool may_try(struct api *api, struct http_request *request, struct slice account)
{
    char name[USER_NAME_BYTES_MAX + 1] = "";
    (void)user_name_read(account, name);
    unsigned wait_s =
        throttle_take(api->throttle, slice_of(name), network_of(request), clock_now_ms());
    if (wait_s)
        http_problem_later(request, STATUS_RATE_LIMITED,
                           "Too many tries; wait as long as Retry-After says", wait_s);
    return wait_s == 0;
}

void api_session_begin(void *context, struct http_request *request)
{
    struct login *login = ARENA_NEW(request->arena, struct login);
    const struct json *body;
    struct diag diag = {0};
    *login = (struct login){.errand.run = run_login, .api = context, .request = request};
    enum status status = signed_in_check_login(request, &diag);
    if (status != STATUS_OK) {
        http_problem(request, status, &diag);
        return;
    }
    if (!api_body(request, &body))
        return;
    status = read_login(login, body, &diag);
    login->network = network_of(request);
    if (login->token.size)
        take_link(login);
    /* nobody guesses a link: wrong ones count so that they cannot fill the audit */
    if (status == STATUS_OK && !login->user.id &&
        !may_try(login->api, request, login->token.size ? login->network : login->name))
        return;
    if (!signed_in_find(login->api, request, &login->before))
        login->before = (struct signed_in){.secret = SLICE_NONE};
    if (status == STATUS_OK)
        status = errands_add(login->api->errands, &login->errand);
    if (status != STATUS_OK)
        http_problem(request, status, &diag);
}

void api_session_show(void *context, struct http_request *request)
{
    const struct signed_in *signed_in = api_enter_signed_in(context, request);
    if (signed_in)
        answer_signed_in(context, request, signed_in, false);
}

/* --- signing out ------------------------------------------------------------------------------ */

struct logout {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    const struct signed_in *signed_in;
    struct uuid id; /* the session that ends: the present one, or another */
};

/* One's own; an owner ends anybody's. It ends whether the audit can tell of it or not. */
static void run_logout(struct errand *errand)
{
    struct logout *logout = (struct logout *)errand;
    const struct user_session *present = &logout->signed_in->session;
    struct http_request *request = logout->request;
    struct diag diag = {0};
    bool here = uuid_equal(logout->id, present->id);
    bool anybodys = role_scopes(logout->signed_in->user.role) >> SCOPE_USERS_WRITE & 1;
    if (!sessions_end(logout->api->engine->sessions, logout->id, anybodys ? 0 : present->user)) {
        enum status none = diag_set(&diag, STATUS_NOT_FOUND, "", "You have no session of this id");
        http_problem(request, none, &diag);
        return;
    }
    enum status status = audit_login(logout->api, request, AUDIT_LOGOUT,
                                     logout->signed_in->user.name, here ? "" : "another session, ");
    if (status == STATUS_OK)
        answer_done(request, here ? signed_in_cookie(SLICE_NONE, request->arena) : SLICE_NONE);
    else
        http_problem(request, status, &diag);
}

static void log_out(struct api *api, struct http_request *request,
                    const struct signed_in *signed_in, struct uuid id)
{
    struct logout *logout = ARENA_NEW(request->arena, struct logout);
    *logout = (struct logout){
        .errand.run = run_logout, .api = api, .request = request, .signed_in = signed_in, .id = id};
    enum status status = errands_add(api->errands, &logout->errand);
    if (status != STATUS_OK)
        http_problem(request, status, NULL);
}

void api_session_end(void *context, struct http_request *request)
{
    const struct signed_in *signed_in = api_enter_signed_in(context, request);
    if (signed_in)
        log_out(context, request, signed_in, signed_in->session.id);
}

static void write_session(const struct user_session *session, bool present, struct json_out *out)
{
    char id[UUID_TEXT_SIZE + 1], begun[25], seen[25];
    uuid_format(session->id, id);
    clock_format_iso(session->created_ms, begun);
    clock_format_iso(session->seen_ms, seen);
    json_object(out);
    JSON_STRING_MEMBER(out, "id", slice_of(id));
    JSON_STRING_MEMBER(out, "begun", slice_of(begun));
    JSON_STRING_MEMBER(out, "seen", slice_of(seen));
    JSON_STRING_MEMBER(out, "address", slice_of(session->address));
    JSON_BOOL_MEMBER(out, "present", present);
    json_end(out);
}

void api_sessions_list(void *context, struct http_request *request)
{
    struct api *api = context;
    const struct signed_in *signed_in = api_enter_signed_in(api, request);
    if (!signed_in)
        return;
    struct user_session list[SESSIONS_PER_USER_MAX];
    size_t count = sessions_of(api->engine->sessions, &signed_in->user, clock_now_ms(), list);
    struct buf body;
    buf_init(&body, SESSION_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "sessions");
    json_array(&out);
    for (size_t i = 0; i < count; i++)
        write_session(&list[i], uuid_equal(list[i].id, signed_in->session.id), &out);
    json_end(&out);
    json_end(&out);
    answer(request, &body, SLICE_NONE);
    buf_done(&body);
}

void api_sessions_end(void *context, struct http_request *request)
{
    const struct signed_in *signed_in = api_enter_signed_in(context, request);
    struct uuid id = {0};
    if (signed_in && !uuid_parse(request->parameters[0], &id))
        id = (struct uuid){0}; /* nobody has it */
    if (signed_in)
        log_out(context, request, signed_in, id);
}

/* --- another password ------------------------------------------------------------------------- */

struct password_change {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    const struct signed_in *signed_in;
    struct slice before, after;
};

static enum status change_password(struct password_change *change, struct user *user,
                                   struct diag *diag)
{
    struct engine *engine = change->api->engine;
    struct user_edit edit = {.what = USER_EDIT_PASSWORD};
    struct slice by = arena_format(change->request->arena, "user:%s", user->name);
    if (!password_matches(user->phc, change->before)) {
        enum status told = audit_login(change->api, change->request, AUDIT_LOGIN_FAILURE,
                                       user->name, "another password, ");
        return told == STATUS_OK ? diag_set(diag, STATUS_FORBIDDEN, "/password",
                                            "The present password is not right")
                                 : told;
    }
    throttle_succeeded(change->api->throttle, slice_of(user->name), network_of(change->request));
    enum status status = user_check_password(engine, user, change->after, diag);
    if (status != STATUS_OK)
        return status;
    password_hash(change->after, edit.to.phc);
    status = users_edit(engine->users, slice_of(user->name), &edit, by, diag);
    return status == STATUS_OK && !users_by_id(engine->users, user->id, user) ? STATUS_NOT_FOUND
                                                                              : status;
}

static void run_password_change(struct errand *errand)
{
    struct password_change *change = (struct password_change *)errand;
    struct user user = change->signed_in->user;
    struct diag diag = {0};
    enum status status = change_password(change, &user, &diag);
    if (status == STATUS_OK)
        sign_in(change->api, change->request, &user, change->signed_in);
    else
        http_problem(change->request, status, &diag);
}

void api_password_put(void *context, struct http_request *request)
{
    struct password_change *change = ARENA_NEW(request->arena, struct password_change);
    const struct json *body;
    struct diag diag = {0};
    *change = (struct password_change){
        .errand.run = run_password_change, .api = context, .request = request};
    change->signed_in = api_enter_signed_in(change->api, request);
    if (!change->signed_in || !api_body(request, &body))
        return;
    change->before = json_get_text(body, "password");
    change->after = json_get_text(body, "newPassword");
    enum status status = STATUS_OK;
    if (!change->before.size || !change->after.size || change->before.size > PASSWORD_BYTES_MAX)
        status = diag_set(&diag, STATUS_INVALID, "", "Send {\"password\", \"newPassword\"}");
    if (status == STATUS_OK &&
        !may_try(change->api, request, slice_of(change->signed_in->user.name)))
        return;
    if (status == STATUS_OK)
        status = errands_add(change->api->errands, &change->errand);
    if (status != STATUS_OK)
        http_problem(request, status, &diag);
}

/* --- a link to choose a password -------------------------------------------------------------- */

struct acceptance {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct slice token, password;
    struct user user;
    struct signed_in before; /* what the cookie named until now; user 0: nothing */
};

static void answer_invited(struct http_request *request, const struct user *user)
{
    struct buf body;
    buf_init(&body, SESSION_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "user", slice_of(user->name));
    JSON_STRING_MEMBER(&out, "role", slice_of(role_name(user->role)));
    JSON_STRING_MEMBER(&out, "locale", slice_of(locale_name(user->locale)));
    JSON_TIME_MEMBER(&out, "until", user->invited_until_ms);
    json_end(&out);
    answer(request, &body, SLICE_NONE);
    buf_done(&body);
}

/* Of many who try at once the ledger lets one. */
static enum status accept(struct acceptance *acceptance, struct diag *diag)
{
    struct engine *engine = acceptance->api->engine;
    struct user *user = &acceptance->user;
    struct user_edit edit = {.what = USER_EDIT_PASSWORD | USER_EDIT_ACCEPT};
    struct slice by = arena_format(acceptance->request->arena, "user:%s", user->name);
    enum status status = user_check_password(engine, user, acceptance->password, diag);
    if (status != STATUS_OK)
        return status;
    memcpy(edit.to.invitation, user->invitation, sizeof edit.to.invitation);
    password_hash(acceptance->password, edit.to.phc);
    status = users_edit(engine->users, slice_of(user->name), &edit, by, diag);
    if (status == STATUS_OK)
        status = audit_login(acceptance->api, acceptance->request, AUDIT_LOGIN, user->name,
                             "link to choose a password, ");
    return status == STATUS_OK && !users_by_id(engine->users, user->id, user) ? STATUS_NOT_FOUND
                                                                              : status;
}

static void run_acceptance(struct errand *errand)
{
    struct acceptance *acceptance = (struct acceptance *)errand;
    struct diag diag = {0};
    enum status status = accept(acceptance, &diag);
    if (status == STATUS_OK)
        sign_in(acceptance->api, acceptance->request, &acceptance->user, &acceptance->before);
    else
        http_problem(acceptance->request, status, &diag);
}

/* A wrong token counts as a wrong password does; a right one waits for nobody. */
static bool find_invited(struct acceptance *acceptance)
{
    struct diag diag = {0};
    if (user_of_invitation(acceptance->api->engine, acceptance->token, &acceptance->user))
        return true;
    if (may_try(acceptance->api, acceptance->request, network_of(acceptance->request)))
        http_problem(acceptance->request,
                     diag_set(&diag, STATUS_UNAUTHENTICATED, "",
                              "This link was used, or is too old; ask for another"),
                     &diag);
    return false;
}

void api_invitation(void *context, struct http_request *request)
{
    struct acceptance *acceptance = ARENA_NEW(request->arena, struct acceptance);
    const struct json *body;
    struct diag diag = {0};
    *acceptance =
        (struct acceptance){.errand.run = run_acceptance, .api = context, .request = request};
    enum status status = signed_in_check_login(request, &diag);
    if (status != STATUS_OK) {
        http_problem(request, status, &diag);
        return;
    }
    if (!api_body(request, &body))
        return;
    acceptance->token = json_get_text(body, "token");
    acceptance->password = json_get_text(body, "password");
    if (!acceptance->token.size)
        status = diag_set(&diag, STATUS_INVALID, "/token",
                          "Send {\"token\"} of a link, and \"password\" to choose it");
    else if (!find_invited(acceptance))
        return;
    if (status == STATUS_OK && !json_get(body, "password")) {
        answer_invited(request, &acceptance->user);
        return;
    }
    if (!signed_in_find(acceptance->api, request, &acceptance->before))
        acceptance->before = (struct signed_in){.secret = SLICE_NONE};
    if (status == STATUS_OK)
        status = errands_add(acceptance->api->errands, &acceptance->errand);
    if (status != STATUS_OK)
        http_problem(request, status, &diag);
}
