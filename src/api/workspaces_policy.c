/* Placements published: each set of them is a policy under the next number, kept for ever. */
#include "api/drafts.h"
#include "api/placement_versions.h"
#include "api/workspaces_private.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/pack.h"

#include <stdlib.h>

static int compare_placements(const void *a, const void *b)
{
    const struct placement *left = a, *right = b;
    return slice_compare(left->id, right->id);
}

/* Is the published placement, NULL for none, still the one that the change began from? */
static enum status check_revision(const struct change *change, const struct placement *published,
                                  struct arena *arena)
{
    const struct slice *wanted = change->placements->revision;
    if (!wanted || slice_equal(*wanted, placement_revision(published, arena)))
        return STATUS_OK;
    return diag_set(change->diag, STATUS_CONFLICT, "/base",
                    "Another version of this placement was published meanwhile; look at what "
                    "changed, then save the draft on it");
}

/* The placements in force after the change, sorted. */
static enum status merge_placements(struct change *change, const struct policy *before,
                                    struct arena *arena, struct policy *out_after)
{
    size_t kept = change->placements->replace_all ? 0 : before->placement_count;
    struct placement *list = ARENA_ARRAY(arena, kept + change->placements->count, struct placement);
    size_t count = 0;
    for (size_t i = 0; i < kept; i++)
        list[count++] = before->placements[i];
    for (size_t i = 0; i < change->placements->count; i++) {
        struct placement placement;
        enum status status =
            placement_from_json(change->placements->placements[i], arena, &placement, change->diag);
        if (status != STATUS_OK)
            return status;
        size_t at = 0;
        while (at < count && !slice_equal(list[at].id, placement.id))
            at++;
        status = check_revision(change, at < count ? &list[at] : NULL, arena);
        if (status != STATUS_OK)
            return status;
        if (at < count && !json_get(change->placements->placements[i], "stopped"))
            placement.stopped = list[at].stopped;
        list[at] = placement;
        count += at == count;
    }
    if (count > PLACEMENTS_MAX)
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "At most %d placements are kept",
                        PLACEMENTS_MAX);
    qsort(list, count, sizeof *list, compare_placements);
    *out_after = (struct policy){.version = before->version + 1,
                                 .published_ms = clock_now_ms(),
                                 .by = change->placements->by,
                                 .placements = list,
                                 .placement_count = count,
                                 .page = before->page};
    if (change->placements->page || change->placements->replace_all)
        return page_budget_from_json(change->placements->page, &out_after->page, change->diag);
    return STATUS_OK;
}

/* Equal but for number and date? Told by their JSON, which is a function of the placements. */
static bool same_placements(const struct policy *a, const struct policy *b)
{
    struct policy left = *a, right = *b;
    left.version = right.version = 0;
    left.published_ms = right.published_ms = 0;
    left.by = right.by = SLICE_NONE;
    struct buf one, two;
    buf_init(&one, ROW_BYTES_MAX);
    buf_init(&two, ROW_BYTES_MAX);
    struct json_out out_one = json_out(&one), out_two = json_out(&two);
    policy_to_json(&left, &out_one);
    policy_to_json(&right, &out_two);
    bool same = slice_equal(buf_slice(&one), buf_slice(&two));
    buf_done(&one);
    buf_done(&two);
    return same;
}

static void tell_publish(struct change *change, uint32_t version)
{
    const struct placements_wish *wish = change->placements;
    struct slice id = wish->count == 1 ? json_get_text(wish->placements[0], "id") : SLICE_NONE;
    if (wish->deed)
        change_tell(change, "version %u, %s %.*s", version, wish->deed, SLICE_ARG(id));
    else
        change_tell(change, "version %u", version);
}

static void remove_drafts(const struct change *change, struct ledger_write *write)
{
    uint8_t room[DRAFT_KEY_BYTES];
    for (size_t i = 0; i < change->placements->count; i++) {
        struct slice id = json_get_text(change->placements->placements[i], "id");
        store_batch_delete(write->batch, write->store, SPACE_CONFIG,
                           draft_key(change->id, id, room));
    }
}

enum status change_policy(struct change *change, struct master *master, struct ledger_write *write)
{
    struct policy before = {0}, after;
    if (master->policy_row.size) {
        const struct json *json;
        if (json_parse(write->arena, buf_slice(&master->policy_row), &json, NULL) != STATUS_OK ||
            policy_from_json(json, write->arena, &before, NULL) != STATUS_OK)
            return STATUS_CORRUPT;
    }
    enum status status = merge_placements(change, &before, write->arena, &after);
    if (status != STATUS_OK)
        return status;
    change->version = before.version;
    change->unchanged = before.version > 0 && same_placements(&before, &after);
    if (change->unchanged)
        return STATUS_CONFLICT;
    struct buf row;
    buf_init(&row, ROW_BYTES_MAX);
    struct json_out out = json_out(&row);
    policy_to_json(&after, &out);
    if (row.overflowed) {
        buf_done(&row);
        return diag_set(change->diag, STATUS_TOO_LARGE, "", "The placements are over 4 MiB");
    }
    buf_done(&master->policy_row);
    master->policy_row = row;
    change->version = after.version;
    tell_publish(change, after.version);
    pack_uint(write->log_value, after.version);
    change_put(change, write, ROW_POLICY, after.version, &master->policy_row);
    if (change->placements->drafted)
        remove_drafts(change, write);
    return STATUS_OK;
}

enum status workspaces_policy(struct store *store, uint32_t workspace, uint32_t version,
                              struct arena *arena, struct policy *out_policy)
{
    if (version == 0) {
        *out_policy = (struct policy){0};
        return STATUS_OK;
    }
    uint8_t room[CONFIG_KEY_SIZE];
    struct slice row;
    enum status status = store_get(store, SPACE_CONFIG,
                                   config_key(workspace, ROW_POLICY, version, room), arena, &row);
    if (status != STATUS_OK)
        return status;
    const struct json *json;
    if (json_parse(arena, row, &json, NULL) != STATUS_OK ||
        policy_from_json(json, arena, out_policy, NULL) != STATUS_OK)
        return STATUS_CORRUPT;
    return STATUS_OK;
}

enum status workspaces_publish(struct workspaces *workspaces, const struct placements_wish *wish,
                               uint32_t *out_version, struct diag *diag)
{
    struct change change = {.id = wish->workspace, .diag = diag, .placements = wish};
    enum status status = change_submit(workspaces, &change, AUDIT_POLICY_PUBLISH, wish->by);
    if (status == STATUS_CONFLICT && change.unchanged)
        status = STATUS_OK;
    if (status == STATUS_OK)
        *out_version = change.version;
    return status;
}
