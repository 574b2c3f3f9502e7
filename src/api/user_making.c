#include "api/user_making.h"

#include "api/audit.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"

/* --- JSON ------------------------------------------------------------------------------------- */

enum status user_take_workspace(struct user *user, struct slice name,
                                const struct workspaces_snapshot *snapshot, struct diag *diag)
{
    const struct workspace *workspace = workspaces_by_name(snapshot, name);
    if (!workspace)
        return diag_set(diag, STATUS_INVALID, "/workspaces", "There is no workspace \"%.*s\"",
                        SLICE_ARG(name));
    if (user->workspace_count == USER_WORKSPACES_MAX)
        return diag_set(diag, STATUS_INVALID, "/workspaces",
                        "At most %d workspaces are named; name none for all", USER_WORKSPACES_MAX);
    user->workspaces[user->workspace_count++] = workspace->id;
    return STATUS_OK;
}

static enum status take_workspaces(const struct json *names, struct user *user,
                                   const struct workspaces_snapshot *snapshot, struct diag *diag)
{
    if (!json_is(names, JSON_ARRAY))
        return diag_set(diag, STATUS_INVALID, "/workspaces",
                        "workspaces is a list of names; an empty one is all");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < names->count && status == STATUS_OK; i++)
        status = user_take_workspace(user, json_text(&names->elements[i]), snapshot, diag);
    return status;
}

enum status user_take_name(struct user *user, struct slice name, struct diag *diag)
{
    return user_name_read(name, user->name)
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "/user",
                          "A user's name is a word or an e-mail address: 1 to %d of a-z, 0-9 and "
                          ". _ + - @, a letter or digit first",
                          USER_NAME_BYTES_MAX);
}

enum status user_take_role(struct user *user, struct slice name, struct diag *diag)
{
    return role_from_name(name, &user->role)
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "/role",
                          "A role is owner, marketer, analyst, agent, privacy or developer");
}

enum status user_take_locale(struct user *user, struct slice name, struct diag *diag)
{
    user->locale = locale_from_text(name, LOCALE_COUNT);
    return user->locale != LOCALE_COUNT
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, "/locale", "A locale is fr or en");
}

static enum status take_disabled(struct user *user, const struct json *value, struct diag *diag)
{
    if (!json_is(value, JSON_BOOL))
        return diag_set(diag, STATUS_INVALID, "/disabled", "disabled is true or false");
    user->disabled = value->boolean;
    return STATUS_OK;
}

static enum status take_member(struct user *user, unsigned what, const struct json *value,
                               const struct workspaces_snapshot *snapshot, struct diag *diag)
{
    switch (what) {
    case USER_EDIT_NAME:
        return user_take_name(user, json_text(value), diag);
    case USER_EDIT_ROLE:
        return user_take_role(user, json_text(value), diag);
    case USER_EDIT_LOCALE:
        return user_take_locale(user, json_text(value), diag);
    case USER_EDIT_WORKSPACES:
        return take_workspaces(value, user, snapshot, diag);
    default:
        return take_disabled(user, value, diag);
    }
}

enum status user_edit_from_json(const struct json *json, unsigned allowed,
                                const struct workspaces_snapshot *snapshot,
                                struct user_edit *out_edit, struct diag *diag)
{
    static const struct {
        const char *name;
        unsigned what;
    } members[] = {{"user", USER_EDIT_NAME},
                   {"role", USER_EDIT_ROLE},
                   {"workspaces", USER_EDIT_WORKSPACES},
                   {"locale", USER_EDIT_LOCALE},
                   {"disabled", USER_EDIT_DISABLED}};
    *out_edit = (struct user_edit){0};
    for (size_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        unsigned what = 0;
        for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
            if (slice_is(member->name, members[k].name))
                what = members[k].what & allowed & ~out_edit->what;
        if (!what)
            return diag_set(diag, STATUS_INVALID, "",
                            "\"%.*s\" cannot be set here, or stands twice",
                            SLICE_ARG(member->name));
        enum status status = take_member(&out_edit->to, what, &member->value, snapshot, diag);
        if (status != STATUS_OK)
            return status;
        out_edit->what |= what;
    }
    return STATUS_OK;
}

void user_write(const struct user *user, const struct workspaces_snapshot *snapshot,
                struct json_out *out)
{
    char created[25];
    clock_format_iso(user->created_ms, created);
    json_object(out);
    JSON_STRING_MEMBER(out, "user", slice_of(user->name));
    JSON_STRING_MEMBER(out, "role", slice_of(role_name(user->role)));
    json_name(out, "workspaces");
    json_array(out);
    for (size_t i = 0; i < user->workspace_count; i++) {
        const struct workspace *workspace = workspaces_by_id(snapshot, user->workspaces[i]);
        if (workspace)
            json_string(out, workspace->name);
    }
    json_end(out);
    JSON_STRING_MEMBER(out, "locale", slice_of(locale_name(user->locale)));
    JSON_BOOL_MEMBER(out, "disabled", user->disabled);
    if (user->invited_until_ms)
        JSON_TIME_MEMBER(out, "invitedUntil", user->invited_until_ms);
    JSON_STRING_MEMBER(out, "created", slice_of(created));
}

/* --- making ----------------------------------------------------------------------------------- */

enum status user_check_password(struct engine *engine, const struct user *user,
                                struct slice password, struct diag *diag)
{
    struct slice words[WORKSPACES_MAX + 3];
    struct slice name = slice_of(user->name), local = name, domain = SLICE_NONE;
    size_t count = 0;
    (void)slice_cut(name, '@', &local, &domain);
    words[count++] = name;
    words[count++] = local;
    words[count++] = domain;
    const struct workspaces_snapshot *snapshot = workspaces_pin(engine->workspaces);
    for (size_t i = 0; i < workspaces_count(snapshot) && i < WORKSPACES_MAX; i++)
        words[count++] = workspaces_at(snapshot, i)->name;
    enum status status = password_check(password, words, count, diag);
    workspaces_unpin(snapshot);
    return status;
}

enum status user_make(struct engine *engine, struct user *wish, struct slice by,
                      char out_password[PASSWORD_TEXT_SIZE], struct diag *diag)
{
    char password[PASSWORD_TEXT_SIZE];
    password_make(password);
    password_hash(slice_of(password), wish->phc);
    enum status status = users_add(engine->users, wish, by, diag);
    if (status == STATUS_OK)
        memcpy(out_password, password, sizeof password);
    return status;
}

enum status user_reset(struct engine *engine, struct slice name, struct slice by,
                       char out_password[PASSWORD_TEXT_SIZE], struct diag *diag)
{
    char password[PASSWORD_TEXT_SIZE];
    struct user_edit edit = {.what = USER_EDIT_PASSWORD};
    password_make(password);
    password_hash(slice_of(password), edit.to.phc);
    enum status status = users_edit(engine->users, name, &edit, by, diag);
    if (status == STATUS_OK)
        memcpy(out_password, password, sizeof password);
    return status;
}

static void make_token(struct user *user, int64_t life_ms, char out_token[SESSION_SECRET_SIZE])
{
    uint8_t bytes[32];
    random_bytes(bytes, sizeof bytes);
    hash_to_hex(bytes, sizeof bytes, out_token);
    hash_sha256(slice_of(out_token), user->invitation);
    user->invited_until_ms = clock_now_ms() + life_ms;
}

enum status user_invite(struct engine *engine, struct user *wish, struct slice by,
                        char out_token[SESSION_SECRET_SIZE], struct diag *diag)
{
    make_token(wish, INVITATION_MS, out_token);
    wish->phc[0] = '\0';
    return users_add(engine->users, wish, by, diag);
}

enum status user_invite_again(struct engine *engine, struct slice name, struct slice by,
                              char out_token[SESSION_SECRET_SIZE], struct diag *diag)
{
    struct user_edit edit = {.what = USER_EDIT_PASSWORD | USER_EDIT_INVITE};
    make_token(&edit.to, INVITATION_AGAIN_MS, out_token);
    return users_edit(engine->users, name, &edit, by, diag);
}

bool user_of_invitation(struct engine *engine, struct slice token, struct user *out_user)
{
    uint8_t hash[32];
    if (token.size != SESSION_SECRET_SIZE - 1)
        return false;
    hash_sha256(token, hash);
    return users_by_invitation(engine->users, hash, clock_now_ms(), out_user);
}

enum status user_make_first(struct engine *engine, struct slice by,
                            char out_password[PASSWORD_TEXT_SIZE], struct diag *diag)
{
    struct user owner = {.name = USER_FIRST_NAME, .role = USER_ROLE_OWNER, .locale = LOCALE_FR};
    struct arena arena;
    struct user *all;
    arena_init(&arena);
    size_t count = users_all(engine->users, &arena, &all);
    arena_done(&arena);
    out_password[0] = '\0';
    return count ? STATUS_OK : user_make(engine, &owner, by, out_password, diag);
}

enum status user_make_link(struct engine *engine, struct slice name, struct slice by,
                           char out_token[SESSION_SECRET_SIZE], struct diag *diag)
{
    struct user user;
    struct audit audit;
    if (!users_by_name(engine->users, name, &user))
        return diag_set(diag, STATUS_NOT_FOUND, "", "There is no user \"%.*s\"", SLICE_ARG(name));
    if (user.disabled)
        return diag_set(diag, STATUS_CONFLICT, "", "This user is disabled");
    audit_init(engine->ledger, &audit, AUDIT_INSTALLATION, AUDIT_LOGIN_LINK, by);
    memcpy(audit.detail, user.name, sizeof user.name);
    enum status status = audit_append(engine->ledger, &audit);
    if (status == STATUS_OK)
        sessions_make_link(engine->sessions, &user, clock_now_ms(), out_token);
    return status;
}
