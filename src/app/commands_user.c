/* user: who may use the console. */
#include "app/command.h"

#include "api/audit.h"
#include "api/user_making.h"
#include "base/clock.h"

enum { LINE_BYTES_MAX = 8192, AUDIT_LINE_BYTES_MAX = 4096 };

/* --- what is told ----------------------------------------------------------------------------- */

static void tell_json(struct call *call, const struct user *user, const char *password)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    struct json_out out = json_out(&line);
    user_write(user, snapshot, &out);
    if (password)
        JSON_STRING_MEMBER(&out, "password", slice_of(password));
    json_end(&out);
    workspaces_unpin(snapshot);
    output_write(&call->out, buf_slice(&line));
    output_write(&call->out, SLICE("\n"));
    buf_done(&line);
}

static void tell_password(struct call *call, const struct user *user, const char *password)
{
    if (call_has(call, "json"))
        tell_json(call, user, password);
    else
        output_format(&call->out,
                      "user        %s\nrole        %s\npassword    %s\n\n"
                      "The password is shown this once.\n",
                      user->name, role_name(user->role), password);
}

static void tell_line(struct call *call, const struct user *user)
{
    if (call_has(call, "json")) {
        tell_json(call, user, NULL);
        return;
    }
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    output_format(&call->out, "%-30s %-10s %s%s", user->name, role_name(user->role),
                  user->workspace_count ? "" : "all workspaces", user->disabled ? " disabled" : "");
    for (size_t i = 0; i < user->workspace_count; i++) {
        const struct workspace *workspace = workspaces_by_id(snapshot, user->workspaces[i]);
        if (workspace)
            output_format(&call->out, " %.*s", SLICE_ARG(workspace->name));
    }
    output_format(&call->out, "\n");
    workspaces_unpin(snapshot);
}

/* --- what is done ----------------------------------------------------------------------------- */

static enum status read_wish(struct call *call, struct slice name, struct user *user,
                             struct diag *diag)
{
    struct slice locale = call_option(call, "locale");
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    enum status status = user_take_name(user, name, diag);
    if (status == STATUS_OK)
        status = user_take_role(user, call_option(call, "role"), diag);
    if (status == STATUS_OK)
        status = user_take_locale(user, locale.size ? locale : SLICE("fr"), diag);
    for (size_t i = 0; i < call->option_count && status == STATUS_OK; i++)
        if (slice_is(call->options[i].name, "workspace"))
            status = user_take_workspace(user, call->options[i].value, snapshot, diag);
    workspaces_unpin(snapshot);
    return status;
}

static enum status add(struct call *call, struct slice name, struct diag *diag)
{
    struct user user = {.name = ""};
    char password[PASSWORD_TEXT_SIZE];
    enum status status = read_wish(call, name, &user, diag);
    if (status == STATUS_OK)
        status = user_make(call->engine, &user, call_by(call), password, diag);
    if (status == STATUS_OK && users_by_name(call->engine->users, slice_of(user.name), &user))
        tell_password(call, &user, password);
    return status;
}

static enum status list(struct call *call)
{
    struct user *all;
    size_t count = users_all(call->engine->users, &call->arena, &all);
    for (size_t i = 0; i < count; i++)
        tell_line(call, &all[i]);
    return STATUS_OK;
}

static enum status reset(struct call *call, const struct user *user, struct diag *diag)
{
    char password[PASSWORD_TEXT_SIZE];
    enum status status =
        user_reset(call->engine, slice_of(user->name), call_by(call), password, diag);
    if (status == STATUS_OK)
        tell_password(call, user, password);
    return status;
}

static enum status disable(struct call *call, const struct user *user, bool disabled,
                           struct diag *diag)
{
    const struct user_edit edit = {.what = USER_EDIT_DISABLED, .to.disabled = disabled};
    return users_edit(call->engine->users, slice_of(user->name), &edit, call_by(call), diag);
}

/* A link lives in the memory of the server that will be asked with it. */
static enum status make_link(struct call *call, const struct user *user, struct diag *diag)
{
    char token[SESSION_SECRET_SIZE];
    if (!call->stopped)
        return diag_set(diag, STATUS_CONFLICT, "",
                        "A link lives in the memory of a server; start it first");
    enum status status =
        user_make_link(call->engine, slice_of(user->name), call_by(call), token, diag);
    if (status != STATUS_OK)
        return status;
    if (call_has(call, "json"))
        output_format(&call->out, "{\"user\":\"%s\",\"token\":\"%s\"}\n", user->name, token);
    else
        output_format(&call->out,
                      LOGIN_LINK_PATH
                      "%s\n\nOn the address of the server, once, within %d minutes.\n",
                      token, LOGIN_LINK_MS / 60000);
    return STATUS_OK;
}

/* --- who did what ----------------------------------------------------------------------------- */

static enum status tell_audit(void *context, const struct audit_row *row)
{
    struct call *call = context;
    struct buf line;
    buf_init(&line, AUDIT_LINE_BYTES_MAX);
    struct json_out out = json_out(&line);
    audit_write(row, &out);
    output_write(&call->out, buf_slice(&line));
    output_write(&call->out, SLICE("\n"));
    buf_done(&line);
    return call->out.broken ? STATUS_IO : STATUS_OK;
}

static enum status audit(struct call *call)
{
    const struct audit_range range = {.workspace = AUDIT_INSTALLATION, .limit = SIZE_MAX};
    return audit_each(call->engine->store, &range, tell_audit, call);
}

/* --- the command ------------------------------------------------------------------------------ */

static enum status change(struct call *call, struct slice verb, const struct user *user,
                          struct diag *diag)
{
    if (slice_is(verb, "reset"))
        return reset(call, user, diag);
    if (slice_is(verb, "link"))
        return make_link(call, user, diag);
    if (slice_is(verb, "disable") || slice_is(verb, "enable"))
        return disable(call, user, slice_is(verb, "disable"), diag);
    if (slice_is(verb, "remove"))
        return users_remove(call->engine->users, slice_of(user->name), call_by(call), diag);
    return diag_set(diag, STATUS_INVALID, "",
                    "Say add, list, reset, link, disable, enable, remove or audit");
}

enum status command_user(struct call *call, struct diag *diag)
{
    struct slice verb = call->word_count ? call->words[0] : SLICE("list");
    struct user user = {.name = ""};
    if (call->word_count < 2 && slice_is(verb, "list"))
        return list(call);
    if (call->word_count < 2 && slice_is(verb, "audit"))
        return audit(call);
    if (call->word_count != 2)
        return diag_set(diag, STATUS_INVALID, "", "Say what to do with which user");
    if (slice_is(verb, "add"))
        return add(call, call->words[1], diag);
    enum status status = user_take_name(&user, call->words[1], diag);
    if (status != STATUS_OK)
        return status;
    if (!users_by_name(call->engine->users, slice_of(user.name), &user))
        return diag_set(diag, STATUS_NOT_FOUND, "", "There is no user \"%s\"", user.name);
    return change(call, verb, &user, diag);
}
