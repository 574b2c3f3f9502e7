#include "app/demo.h"

#include "app/demo_history.h"
#include "app/demo_people.h"
#include "app/simulate_world.h"
#include "base/yaml.h"
#include "embedded.h"

static const char *const placement_files[] = {"demo-accueil.yaml", "demo-categorie.yaml",
                                              "demo-panier.yaml", "demo-produit.yaml",
                                              "demo-recherche.yaml"};

enum {
    PLACEMENT_FILES = sizeof placement_files / sizeof *placement_files,
    DEMO_PLACEMENTS_MAX = 32
};

/* --- filling ---------------------------------------------------------------------------------- */

static enum status read_yaml(struct arena *arena, const char *name, const struct json **out_root,
                             struct diag *diag)
{
    const struct embedded_file *file = embedded_file(slice_of(name));
    if (!file)
        return diag_set(diag, STATUS_NOT_FOUND, name, "This build carries no demo shop");
    return yaml_parse(arena, file->bytes, out_root, diag);
}

static enum status set_settings(struct engine *engine, uint32_t workspace, struct arena *arena,
                                struct diag *diag)
{
    const struct json *settings = NULL;
    enum status status = read_yaml(arena, "demo-settings.yaml", &settings, diag);
    return status == STATUS_OK
               ? workspaces_set(engine->workspaces, workspace, json_get(settings, "settings"),
                                SLICE("command:demo"), diag)
               : status;
}

static enum status publish(struct engine *engine, uint32_t workspace, struct arena *arena,
                           struct diag *diag)
{
    const struct json *placements[DEMO_PLACEMENTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < PLACEMENT_FILES; i++) {
        const struct json *root = NULL;
        enum status status = read_yaml(arena, placement_files[i], &root, diag);
        if (status != STATUS_OK)
            return status;
        const struct json *list = json_get(root, "placements");
        for (size_t k = 0; list && k < list->count && count < DEMO_PLACEMENTS_MAX; k++)
            placements[count++] = &list->elements[k];
    }
    uint32_t version;
    const struct placements_wish wish = {.workspace = workspace,
                                         .placements = placements,
                                         .count = count,
                                         .by = SLICE("command:demo")};
    return workspaces_publish(engine->workspaces, &wish, &version, diag);
}

static enum status put_items(struct engine *engine, uint32_t workspace, const struct item *items,
                             size_t count)
{
    struct arena arena;
    arena_init(&arena);
    struct catalog_change *changes = ARENA_ARRAY(&arena, count, struct catalog_change);
    struct ledger_entry **entries = ARENA_ARRAY(&arena, count, struct ledger_entry *);
    for (size_t i = 0; i < count; i++) {
        catalog_change_init(engine->catalog, &changes[i], workspace);
        changes[i].item = items[i];
        entries[i] = &changes[i].entry;
    }
    struct ledger_commit commit = {.entries = entries, .entry_count = count};
    enum status status = ledger_submit_and_wait(engine->ledger, &commit);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (changes[i].entry.status != STATUS_CONFLICT) /* there already, and the same */
            status = changes[i].entry.status;
    arena_done(&arena);
    catalog_settle(engine->catalog, workspace); /* messages look their items up */
    return status;
}

static enum status put_catalog(struct engine *engine, uint32_t workspace, struct arena *arena,
                               struct diag *diag)
{
    struct slice text = SLICE_NONE;
    struct item *items = NULL;
    size_t count = 0;
    enum status status = simulate_own_catalog(&text, diag);
    if (status == STATUS_OK)
        status = simulate_read_items(text, arena, &items, &count, diag);
    return status == STATUS_OK ? put_items(engine, workspace, items, count) : status;
}

static enum status put_history(struct engine *engine, uint32_t workspace, struct diag *diag)
{
    struct world world;
    enum status status = demo_world_init(&world, diag);
    if (status == STATUS_OK)
        status = demo_history_write(engine, workspace, &world, diag);
    world_done(&world);
    return status;
}

enum status demo_fill(struct engine *engine, uint32_t workspace, struct diag *diag)
{
    struct arena arena;
    arena_init(&arena);
    enum status status = set_settings(engine, workspace, &arena, diag);
    if (status == STATUS_OK)
        status = put_catalog(engine, workspace, &arena, diag);
    if (status == STATUS_OK)
        status = put_history(engine, workspace, diag);
    if (status == STATUS_OK)
        status = publish(engine, workspace, &arena, diag);
    arena_done(&arena);
    return status;
}
