#include "api/publishing.h"

struct looking {
    const struct catalog_snapshot *catalog;
    struct arena *arena;
    struct slice *unknown;
    size_t count;
};

static void note_unknown(struct looking *looking, struct slice id)
{
    if (looking->count == UNKNOWN_TOLD_MAX || catalog_find(looking->catalog, id))
        return;
    for (size_t i = 0; i < looking->count; i++)
        if (slice_equal(looking->unknown[i], id))
            return;
    looking->unknown[looking->count++] = arena_copy(looking->arena, id);
}

static void look_through(struct looking *looking, const struct placement *placement)
{
    for (size_t i = 0; i < placement->step_count; i++)
        for (size_t j = 0; j < placement->steps[i].item_count; j++)
            note_unknown(looking, placement->steps[i].items[j]);
}

static void find_unknown(struct engine *engine, const struct placements_wish *wish,
                         struct arena *arena, struct published *published)
{
    const struct workspaces_snapshot *workspaces = workspaces_pin(engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(workspaces, wish->workspace);
    struct looking looking = {.catalog = catalog_pin(engine->catalog, wish->workspace),
                              .arena = arena,
                              .unknown = ARENA_ARRAY(arena, UNKNOWN_TOLD_MAX, struct slice)};
    for (size_t i = 0; workspace && i < wish->count; i++) {
        const struct placement *placement =
            policy_find(workspace->policy, json_get_text(wish->placements[i], "id"));
        if (placement)
            look_through(&looking, placement);
    }
    catalog_unpin(looking.catalog);
    workspaces_unpin(workspaces);
    published->unknown = looking.unknown;
    published->unknown_count = looking.count;
}

enum status publish_placements(struct engine *engine, const struct placements_wish *wish,
                               struct arena *arena, struct published *out_published,
                               struct diag *diag)
{
    struct published published = {0};
    enum status status = workspaces_publish(engine->workspaces, wish, &published.version, diag);
    if (status != STATUS_OK)
        return status;
    find_unknown(engine, wish, arena, &published);
    *out_published = published;
    return STATUS_OK;
}
