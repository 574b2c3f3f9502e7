/* init, keys, settings: a shop is made, opened and tuned. */
#include "api/user_making.h"
#include "app/command.h"
#include "app/files.h"
#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 4 << 20 };

/* --- init ------------------------------------------------------------------------------------- */

static struct slice or_else(struct slice text, const char *fallback)
{
    return text.size ? text : slice_of(fallback);
}

/* The settings of a wish are checked as any settings are. */
static enum status check_wish(struct call *call, const struct workspace_wish *wish,
                              struct diag *diag)
{
    struct json_member members[] = {
        {SLICE("timezone"), {.kind = JSON_STRING, .text = wish->timezone}},
        {SLICE("currency"), {.kind = JSON_STRING, .text = wish->currency}},
        {SLICE("locale"),
         {.kind = JSON_STRING, .text = or_else(call_option(call, "locale"), "fr")}}};
    struct json settings = {.kind = JSON_OBJECT, .count = 3, .members = members};
    return workspaces_check_settings(&settings, &call->arena, diag);
}

/* What is shown this once. */
struct made {
    struct slice workspace;
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    char password[PASSWORD_TEXT_SIZE]; /* of the first user; empty: there was one */
};

static void tell_json(struct call *call, const struct made *made)
{
    output_format(&call->out, "{\"workspace\":\"%.*s\",\"write_key\":\"%s\",\"secret_key\":\"%s\"",
                  SLICE_ARG(made->workspace), made->write_key, made->secret_key);
    if (made->password[0])
        output_format(&call->out, ",\"user\":\"" USER_FIRST_NAME "\",\"password\":\"%s\"",
                      made->password);
    output_format(&call->out, "}\n");
}

static void tell_made(struct call *call, const struct made *made)
{
    output_format(&call->out, "workspace   %.*s\nwrite key   %s\nsecret key  %s\n\n",
                  SLICE_ARG(made->workspace), made->write_key, made->secret_key);
    if (made->password[0])
        output_format(&call->out, "user        " USER_FIRST_NAME "\npassword    %s\n\n",
                      made->password);
    output_format(&call->out, "Keep the secret key%s safe: shown this once.\n",
                  made->password[0] ? " and the password" : "");
}

enum status command_init(struct call *call, struct diag *diag)
{
    struct workspace_wish wish = {
        .name = or_else(call_option(call, "workspace"), "shop"),
        .timezone = or_else(call_option(call, "timezone"), "Europe/Paris"),
        .currency = or_else(call_option(call, "currency"), "EUR"),
        .locale = locale_from_text(call_option(call, "locale"), LOCALE_FR),
        .by = call_by(call),
    };
    struct made made = {.workspace = wish.name};
    enum status status = check_wish(call, &wish, diag);
    if (status == STATUS_OK)
        status = workspaces_create(call->engine->workspaces, &wish, made.write_key, made.secret_key,
                                   diag);
    if (status == STATUS_OK)
        status = user_make_first(call->engine, wish.by, made.password, diag);
    if (status == STATUS_OK && call_has(call, "json"))
        tell_json(call, &made);
    else if (status == STATUS_OK)
        tell_made(call, &made);
    return status;
}

/* --- keys ------------------------------------------------------------------------------------- */

static void list_key(struct call *call, const struct api_key *key)
{
    output_format(&call->out, "%-5.*s %-13.*s %s source %u%s", SLICE_ARG(key->id),
                  SLICE_ARG(key->hint), key->secret ? "secret" : "write ", key->source,
                  key->revoked ? " revoked" : "");
    for (size_t i = 0; i < key->origin_count; i++)
        output_format(&call->out, " %.*s", SLICE_ARG(key->origins[i]));
    for (unsigned scope = 0; key->secret && scope < SCOPE_COUNT; scope++)
        if (key->scopes >> scope & 1)
            output_format(&call->out, " %s", scope_name((enum scope)scope));
    output_format(&call->out, "\n");
}

static size_t repeated(const struct call *call, const char *name, struct slice *out_values,
                       size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < call->option_count && count < max; i++)
        if (slice_is(call->options[i].name, name))
            out_values[count++] = call->options[i].value;
    return count;
}

static enum status read_key_wish(struct call *call, struct key_wish *out_wish, struct diag *diag)
{
    struct slice *origins = ARENA_ARRAY(&call->arena, ORIGINS_PER_KEY_MAX, struct slice);
    struct slice scopes[SCOPE_COUNT];
    *out_wish = (struct key_wish){.secret = call_has(call, "secret"),
                                  .replaces = call_option(call, "replaces"),
                                  .by = call_by(call),
                                  .origins = origins};
    out_wish->origin_count = repeated(call, "origin", origins, ORIGINS_PER_KEY_MAX);
    size_t scope_count = repeated(call, "scope", scopes, SCOPE_COUNT);
    for (size_t i = 0; i < scope_count; i++) {
        enum scope scope;
        if (!scope_from_name(scopes[i], &scope) || scope == SCOPE_USERS_WRITE)
            return diag_set(diag, STATUS_INVALID, "scope", "There is no scope \"%.*s\"",
                            SLICE_ARG(scopes[i]));
        out_wish->scopes |= 1U << scope;
    }
    if (out_wish->secret && out_wish->origin_count)
        return diag_set(diag, STATUS_INVALID, "origin",
                        "A secret key has no origins: it must never reach a browser");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < out_wish->origin_count && status == STATUS_OK; i++)
        status = origin_check(origins[i], diag);
    return status;
}

static enum status add_key(struct call *call, uint32_t workspace, struct diag *diag)
{
    struct key_wish wish;
    char text[KEY_TEXT_MAX];
    enum status status = read_key_wish(call, &wish, diag);
    if (status == STATUS_OK)
        status = workspaces_add_key(call->engine->workspaces, workspace, &wish, text, diag);
    if (status == STATUS_OK)
        output_format(&call->out, call_has(call, "json") ? "{\"key\":\"%s\"}\n" : "%s\n", text);
    return status;
}

enum status command_keys(struct call *call, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    struct slice verb = call->word_count ? call->words[0] : SLICE("list");
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK && slice_is(verb, "list"))
        for (size_t i = 0; i < workspace->key_count; i++)
            list_key(call, &workspace->keys[i]);
    else if (status == STATUS_OK && slice_is(verb, "add"))
        status = add_key(call, workspace->id, diag);
    else if (status == STATUS_OK && slice_is(verb, "revoke") && call->word_count == 2)
        status = workspaces_revoke_key(call->engine->workspaces, workspace->id, call->words[1],
                                       call_by(call), diag);
    else if (status == STATUS_OK)
        status = diag_set(diag, STATUS_INVALID, "", "Say list, add or revoke ID");
    workspaces_unpin(snapshot);
    return status;
}

/* --- settings --------------------------------------------------------------------------------- */

enum status command_settings(struct call *call, struct diag *diag)
{
    struct slice text = SLICE_NONE;
    const struct json *settings;
    uint32_t id = 0;
    enum status status = call_workspace_id(call, &id, diag);
    if (status == STATUS_OK)
        status = file_read_fd(call->file >= 0 ? call->file : 0, FILE_BYTES_MAX, &call->arena, &text,
                              diag);
    if (status == STATUS_OK)
        status = yaml_parse(&call->arena, text, &settings, diag);
    if (status == STATUS_OK)
        status = workspaces_set(call->engine->workspaces, id, settings, call_by(call), diag);
    if (status == STATUS_INVALID && diag->field[0] == '/')
        yaml_locate(text, slice_of(diag->field), diag);
    if (call->file >= 0 && diag->line)
        call->wrong_file = call->words[0];
    return status;
}
