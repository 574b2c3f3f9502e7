/* apply: a folder of YAML says what a shop shows. All of it is looked at before the first of it is
 * changed; what is wrong is told with its file, line and column. */
#include "api/feed_settings.h"
#include "api/feeds.h"
#include "api/publishing.h"
#include "app/command.h"
#include "app/files.h"
#include "base/yaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 4 << 20, FOLDER_FILES_MAX = 1000, POINTER_MAX = 96 };

struct source { /* a file, in the call's arena */
    struct slice name, text;
    struct call *call;
};

struct part { /* something in a file */
    const struct json *json;
    const struct source *source;
    size_t index; /* in its list there */
};

/* What a folder says, over all its files. */
struct folder {
    struct part placements[PLACEMENTS_MAX], feeds[FEEDS_PER_WORKSPACE_MAX];
    size_t placement_count, feed_count;
    struct part settings, page;
};

/* --- telling where ---------------------------------------------------------------------------- */

/* At a pointer into the file. */
static enum status wrong_at(enum status status, const struct source *source, struct slice pointer,
                            struct diag *diag)
{
    if (status == STATUS_OK)
        return status;
    yaml_locate(source->text, pointer, diag);
    (void)snprintf(diag->field, sizeof diag->field, "%.*s", SLICE_ARG(pointer));
    source->call->wrong_file = source->name;
    return status;
}

/* diag's pointer is into the index-th of the list. */
static enum status wrong_in(enum status status, const struct part *part, const char *list,
                            struct diag *diag)
{
    char pointer[POINTER_MAX];
    (void)snprintf(pointer, sizeof pointer, "/%s/%zu%s", list, part->index, diag->field);
    return wrong_at(status, part->source, slice_of(pointer), diag);
}

static enum status refuse(const struct source *source, const char *pointer, const char *sentence,
                          struct diag *diag)
{
    enum status status = diag_set(diag, STATUS_INVALID, "", "%s", sentence);
    return wrong_at(status, source, slice_of(pointer), diag);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct list_wish {
    const char *name;
    struct part *parts;
    size_t *count;
    size_t max;
};

static enum status take_list(const struct source *source, const struct json *root,
                             const struct list_wish *wish, struct diag *diag)
{
    const struct json *list = json_get(root, wish->name);
    char pointer[POINTER_MAX];
    (void)snprintf(pointer, sizeof pointer, "/%s", wish->name);
    if (list && !json_is(list, JSON_ARRAY))
        return refuse(source, pointer, "a list belongs here", diag);
    for (size_t i = 0; list && i < list->count; i++) {
        if (*wish->count == wish->max)
            return diag_set(diag, STATUS_TOO_LARGE, pointer, "At most %zu", wish->max);
        wish->parts[(*wish->count)++] = (struct part){&list->elements[i], source, i};
    }
    return STATUS_OK;
}

static enum status take_document(struct folder *folder, const struct source *source,
                                 const struct json *root, struct diag *diag)
{
    static const char *const known[] = {"placements", "feeds", "settings", "page"};
    if (json_is(root, JSON_NULL))
        return STATUS_OK;
    size_t found = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found += json_is(root, JSON_OBJECT) && json_get(root, known[i]);
    if (found == 0)
        return refuse(source, "",
                      "A file holds placements: and a list, feeds: and a list, or settings: or "
                      "page: and an object",
                      diag);
    const struct json *settings = json_get(root, "settings"), *page = json_get(root, "page");
    if (settings)
        folder->settings = (struct part){settings, source, 0};
    if (page)
        folder->page = (struct part){page, source, 0};
    const struct list_wish wishes[] = {
        {"placements", folder->placements, &folder->placement_count, PLACEMENTS_MAX},
        {"feeds", folder->feeds, &folder->feed_count, FEEDS_PER_WORKSPACE_MAX}};
    enum status status = take_list(source, root, &wishes[0], diag);
    return status == STATUS_OK ? take_list(source, root, &wishes[1], diag) : status;
}

static enum status read_source(struct call *call, struct folder *folder, struct slice path,
                               struct diag *diag)
{
    struct source *source = ARENA_NEW(&call->arena, struct source);
    const struct json *root;
    source->name = path;
    source->call = call;
    enum status status = file_read(path.data, FILE_BYTES_MAX, &call->arena, &source->text, diag);
    if (status == STATUS_OK)
        status = yaml_parse(&call->arena, source->text, &root, diag);
    if (status == STATUS_INVALID || status == STATUS_TOO_LARGE) /* else its name is told already */
        call->wrong_file = path;
    if (status != STATUS_OK)
        return status;
    return take_document(folder, source, root, diag);
}

static int only_yaml(const struct dirent *entry)
{
    struct slice name = slice_of(entry->d_name);
    return slice_ends_with(name, SLICE(".yaml")) || slice_ends_with(name, SLICE(".yml")) ||
           slice_ends_with(name, SLICE(".json"));
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
        struct slice file = arena_format(&call->arena, "%s/%s", path, entries[i]->d_name);
        if (status == STATUS_OK && i < FOLDER_FILES_MAX)
            status = read_source(call, folder, file, diag);
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

/* --- checking --------------------------------------------------------------------------------- */

static enum status check_feed(struct call *call, const struct part *part, struct diag *diag)
{
    struct feed_settings settings;
    if (json_is(part->json, JSON_OBJECT) && feed_name_valid(json_get_text(part->json, "id")))
        return feed_settings_read(part->json, &call->arena, &settings, diag);
    return diag_set(diag, STATUS_INVALID, "",
                    "Each feed is an object with an id of 1 to 64 letters, digits, \"-\", \"_\" "
                    "and \".\"");
}

static enum status check_lists(struct call *call, const struct folder *folder, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < folder->placement_count && status == STATUS_OK; i++) {
        struct placement placement;
        status = wrong_in(
            placement_from_json(folder->placements[i].json, &call->arena, &placement, diag),
            &folder->placements[i], "placements", diag);
    }
    for (size_t i = 0; i < folder->feed_count && status == STATUS_OK; i++)
        status =
            wrong_in(check_feed(call, &folder->feeds[i], diag), &folder->feeds[i], "feeds", diag);
    return status;
}

static enum status check(struct call *call, const struct folder *folder, struct diag *diag)
{
    char pointer[POINTER_MAX];
    struct page_budget budget;
    enum status status = check_lists(call, folder, diag);
    if (status == STATUS_OK && folder->page.json) {
        status = page_budget_from_json(folder->page.json, &budget, diag);
        (void)snprintf(pointer, sizeof pointer, "%s", diag->field);
        status = wrong_at(status, folder->page.source, slice_of(pointer), diag);
    }
    if (status == STATUS_OK && folder->settings.json) {
        status = workspaces_check_settings(folder->settings.json, &call->arena, diag);
        (void)snprintf(pointer, sizeof pointer, "/settings%s", diag->field);
        status = wrong_at(status, folder->settings.source, slice_of(pointer), diag);
    }
    return status;
}

/* --- publishing ------------------------------------------------------------------------------- */

static enum status put_feeds(struct call *call, uint32_t workspace, const struct folder *folder,
                             struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < folder->feed_count && status == STATUS_OK; i++) {
        const struct part *part = &folder->feeds[i];
        struct feed_name name = {workspace, json_get_text(part->json, "id"), call_by(call)};
        status =
            wrong_in(feeds_put(call->engine->feeds, &name, part->json, diag), part, "feeds", diag);
    }
    if (status == STATUS_OK && folder->feed_count > 0)
        output_format(&call->out, "%zu feed%s\n", folder->feed_count,
                      folder->feed_count == 1 ? "" : "s");
    return status;
}

static enum status publish(struct call *call, uint32_t workspace, const struct folder *folder,
                           struct published *out_published, struct diag *diag)
{
    const struct json **placements =
        ARENA_ARRAY(&call->arena, folder->placement_count, const struct json *);
    for (size_t i = 0; i < folder->placement_count; i++)
        placements[i] = folder->placements[i].json;
    const struct placements_wish wish = {.workspace = workspace,
                                         .placements = placements,
                                         .count = folder->placement_count,
                                         .replace_all = call_has(call, "prune"),
                                         .by = call_by(call),
                                         .page = folder->page.json};
    return publish_placements(call->engine, &wish, &call->arena, out_published, diag);
}

static enum status put_all(struct call *call, uint32_t workspace, const struct folder *folder,
                           struct published *out_published, struct diag *diag)
{
    enum status status = STATUS_OK;
    if (folder->settings.json)
        status = workspaces_set(call->engine->workspaces, workspace, folder->settings.json,
                                call_by(call), diag);
    if (status == STATUS_OK)
        status = publish(call, workspace, folder, out_published, diag);
    return status == STATUS_OK ? put_feeds(call, workspace, folder, diag) : status;
}

enum status command_apply(struct call *call, struct diag *diag)
{
    struct folder *folder = ARENA_NEW(&call->arena, struct folder);
    struct published published;
    uint32_t id;
    enum status status = call_workspace_id(call, &id, diag);
    if (status == STATUS_OK)
        status = read_all(call, folder, diag);
    if (status == STATUS_OK)
        status = check(call, folder, diag);
    if (status == STATUS_OK)
        status = put_all(call, id, folder, &published, diag);
    if (status != STATUS_OK)
        return status;
    if (call->stopped) /* on a server: the next call should find it all */
        (void)engine_settle(call->engine, id, SETTLE_MS_MAX);
    output_format(&call->out, "%zu placement%s, policy version %u\n", folder->placement_count,
                  folder->placement_count == 1 ? "" : "s", published.version);
    for (size_t i = 0; i < published.unknown_count; i++)
        output_format(&call->err, "a manual step names %.*s, which the catalogue does not have\n",
                      SLICE_ARG(published.unknown[i]));
    return STATUS_OK;
}
