/* init, keys, settings, apply: a shop is made, opened, tuned and furnished. */
#include "api/feed_settings.h"
#include "api/feeds.h"
#include "api/publishing.h"
#include "app/command.h"
#include "app/files.h"
#include "base/yaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 4 << 20, FOLDER_FILES_MAX = 1000 };

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
        {SLICE("currency"), {.kind = JSON_STRING, .text = wish->currency}}};
    struct json settings = {.kind = JSON_OBJECT, .count = 2, .members = members};
    return workspaces_check_settings(&settings, &call->arena, diag);
}

static void tell_keys(struct call *call, struct slice name, const char *write_key,
                      const char *secret_key)
{
    if (call_has(call, "json")) {
        output_format(&call->out,
                      "{\"workspace\":\"%.*s\",\"write_key\":\"%s\",\"secret_key\":\"%s\"}\n",
                      SLICE_ARG(name), write_key, secret_key);
        return;
    }
    output_format(&call->out,
                  "workspace   %.*s\nwrite key   %s\nsecret key  %s\n\n"
                  "Keep the secret key safe: it is shown this once.\n",
                  SLICE_ARG(name), write_key, secret_key);
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
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    enum status status = check_wish(call, &wish, diag);
    if (status == STATUS_OK)
        status = workspaces_create(call->engine->workspaces, &wish, write_key, secret_key, diag);
    if (status == STATUS_OK)
        tell_keys(call, wish.name, write_key, secret_key);
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
        if (!scope_from_name(scopes[i], &scope))
            return diag_set(diag, STATUS_INVALID, "scope", "There is no scope \"%.*s\"",
                            SLICE_ARG(scopes[i]));
        out_wish->scopes |= 1U << scope;
    }
    if (out_wish->secret && out_wish->origin_count)
        return diag_set(diag, STATUS_INVALID, "origin",
                        "A secret key has no origins: it must never reach a browser");
    return STATUS_OK;
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

static uint32_t workspace_id(struct call *call, enum status *out_status, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    *out_status = call_workspace(call, snapshot, &workspace, diag);
    uint32_t id = *out_status == STATUS_OK ? workspace->id : 0;
    workspaces_unpin(snapshot);
    return id;
}

enum status command_settings(struct call *call, struct diag *diag)
{
    struct slice text;
    const struct json *settings;
    enum status status;
    uint32_t id = workspace_id(call, &status, diag);
    if (status == STATUS_OK)
        status = file_read_fd(call->file >= 0 ? call->file : 0, FILE_BYTES_MAX, &call->arena, &text,
                              diag);
    if (status == STATUS_OK)
        status = yaml_parse(&call->arena, text, &settings, diag);
    if (status == STATUS_OK)
        status = workspaces_set(call->engine->workspaces, id, settings, call_by(call), diag);
    return status;
}

/* --- apply ------------------------------------------------------------------------------------ */

/* What a folder says, over all its files. */
struct folder {
    const struct json *placements[PLACEMENTS_MAX];
    size_t placement_count;
    const struct json *settings, *page;
    const struct json *feeds[FEEDS_PER_WORKSPACE_MAX];
    size_t feed_count;
    char file[512]; /* the one being read, for messages */
};

static bool is_yaml(struct slice name)
{
    return slice_ends_with(name, SLICE(".yaml")) || slice_ends_with(name, SLICE(".yml")) ||
           slice_ends_with(name, SLICE(".json"));
}

static enum status take_feeds(struct folder *folder, const struct json *list, struct diag *diag)
{
    if (list && !json_is(list, JSON_ARRAY))
        return diag_set(diag, STATUS_INVALID, folder->file, "feeds is a list");
    for (size_t i = 0; list && i < list->count; i++) {
        if (folder->feed_count == FEEDS_PER_WORKSPACE_MAX)
            return diag_set(diag, STATUS_TOO_LARGE, folder->file, "At most %d feeds",
                            FEEDS_PER_WORKSPACE_MAX);
        folder->feeds[folder->feed_count++] = &list->elements[i];
    }
    return STATUS_OK;
}

static enum status take_document(struct folder *folder, const struct json *root, struct diag *diag)
{
    const struct json *list = json_get(root, "placements"), *feeds = json_get(root, "feeds");
    const struct json *settings = json_get(root, "settings"), *page = json_get(root, "page");
    if (json_is(root, JSON_NULL))
        return STATUS_OK;
    if (!list && !settings && !feeds && !page)
        return diag_set(
            diag, STATUS_INVALID, folder->file,
            "A file holds placements: and a list, feeds: and a list, or settings: or page: and an "
            "object");
    if (list && !json_is(list, JSON_ARRAY))
        return diag_set(diag, STATUS_INVALID, folder->file, "placements is a list");
    for (size_t i = 0; list && i < list->count; i++) {
        if (folder->placement_count == PLACEMENTS_MAX)
            return diag_set(diag, STATUS_TOO_LARGE, folder->file, "At most %d placements",
                            PLACEMENTS_MAX);
        folder->placements[folder->placement_count++] = &list->elements[i];
    }
    if (settings)
        folder->settings = settings;
    if (page)
        folder->page = page;
    return take_feeds(folder, feeds, diag);
}

static enum status read_folder_file(struct call *call, struct folder *folder, struct diag *diag)
{
    struct slice text;
    const struct json *root;
    enum status status = file_read(folder->file, FILE_BYTES_MAX, &call->arena, &text, diag);
    if (status == STATUS_OK)
        status = yaml_parse(&call->arena, text, &root, diag);
    if (status != STATUS_OK) {
        struct slice name = slice_of(folder->file); /* its end tells it apart from the others */
        size_t room = sizeof diag->field - 1;
        name = slice_from(name, name.size > room ? name.size - room : 0);
        memcpy(diag->field, name.data, name.size + 1);
        return status;
    }
    return take_document(folder, root, diag);
}

static int only_yaml(const struct dirent *entry)
{
    return is_yaml(slice_of(entry->d_name));
}

/* In the order of their names, one folder deep and its sub-folder placements/. */
static enum status read_folder(struct call *call, const char *path, struct folder *folder,
                               struct diag *diag)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, only_yaml, alphasort);
    if (count < 0)
        return diag_set(diag, STATUS_NOT_FOUND, "f", "%s is not a folder that can be read", path);
    enum status status = STATUS_OK;
    for (int i = 0; i < count; i++) {
        snprintf(folder->file, sizeof folder->file, "%s/%s", path, entries[i]->d_name);
        if (status == STATUS_OK && i < FOLDER_FILES_MAX)
            status = read_folder_file(call, folder, diag);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static enum status read_all(struct call *call, struct folder *folder, struct diag *diag)
{
    struct slice path = call_option(call, "f");
    if (path.size == 0)
        return diag_set(diag, STATUS_INVALID, "f", "Say which folder with -f DIR");
    const char *text = arena_copy_text(&call->arena, path);
    enum status status = read_folder(call, text, folder, diag);
    const char *below = arena_format(&call->arena, "%s/placements", text).data;
    DIR *there = opendir(below);
    if (!there)
        return status;
    closedir(there);
    return status == STATUS_OK ? read_folder(call, below, folder, diag) : status;
}

/* "feeds/night/url": which feed of the folder is wrong, and where. */
static enum status name_feed(enum status status, struct slice id, struct diag *diag)
{
    char member[sizeof diag->field];
    memcpy(member, diag->field, sizeof member);
    if (status != STATUS_OK)
        (void)snprintf(diag->field, sizeof diag->field, "feeds/%.*s%.20s",
                       SLICE_ARG(slice_first(id, 30)), member);
    return status;
}

/* All are looked at before the first is put. */
static enum status check_feeds(struct call *call, const struct folder *folder, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < folder->feed_count && status == STATUS_OK; i++) {
        struct feed_settings settings;
        struct slice id = json_get_text(folder->feeds[i], "id");
        if (!json_is(folder->feeds[i], JSON_OBJECT) || !feed_name_valid(id))
            return diag_set(diag, STATUS_INVALID, "feeds",
                            "Each feed is an object with an id of 1 to 64 letters, digits, \"-\", "
                            "\"_\" and \".\"");
        status = name_feed(feed_settings_read(folder->feeds[i], &call->arena, &settings, diag), id,
                           diag);
    }
    return status;
}

static enum status put_feeds(struct call *call, uint32_t workspace, const struct folder *folder,
                             struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < folder->feed_count && status == STATUS_OK; i++) {
        struct feed_name name = {workspace, json_get_text(folder->feeds[i], "id"), call_by(call)};
        status =
            name_feed(feeds_put(call->engine->feeds, &name, folder->feeds[i], diag), name.id, diag);
    }
    if (status == STATUS_OK && folder->feed_count > 0)
        output_format(&call->out, "%zu feed%s\n", folder->feed_count,
                      folder->feed_count == 1 ? "" : "s");
    return status;
}

enum status command_apply(struct call *call, struct diag *diag)
{
    struct folder *folder = ARENA_NEW(&call->arena, struct folder);
    struct workspaces *workspaces = call->engine->workspaces;
    enum status status;
    struct published published;
    uint32_t id = workspace_id(call, &status, diag);
    if (status == STATUS_OK)
        status = read_all(call, folder, diag);
    if (status == STATUS_OK)
        status = check_feeds(call, folder, diag);
    if (status == STATUS_OK && folder->settings)
        status = workspaces_set(workspaces, id, folder->settings, call_by(call), diag);
    if (status == STATUS_OK)
        status = publish_placements(
            call->engine,
            &(struct placements_wish){id, folder->placements, folder->placement_count,
                                      call_has(call, "prune"), call_by(call), folder->page},
            &call->arena, &published, diag);
    if (status == STATUS_OK)
        status = put_feeds(call, id, folder, diag);
    if (status != STATUS_OK)
        return status;
    if (call->stopped) /* on a server: the next call should find it all */
        (void)engine_settle(call->engine, id, SETTLE_MS_MAX);
    output_format(&call->out, "%zu placements, policy version %u\n", folder->placement_count,
                  published.version);
    for (size_t i = 0; i < published.unknown_count; i++)
        output_format(&call->err, "a manual step names %.*s, which the catalogue does not have\n",
                      SLICE_ARG(published.unknown[i]));
    return STATUS_OK;
}
