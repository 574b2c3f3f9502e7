/* evaluate placement: what a recipe would have been worth on the workspace's own last days. */
#include "api/evaluating.h"
#include "app/command.h"
#include "app/files.h"
#include "base/yaml.h"

static enum status read_number(const struct call *call, const char *option, unsigned max,
                               unsigned *inout_number, struct diag *diag)
{
    int64_t number;
    if (!call_has(call, option))
        return STATUS_OK;
    if (!slice_to_int64(call_option(call, option), &number) || number < 1 || number > max)
        return diag_set(diag, STATUS_INVALID, option, "A whole number from 1 to %u", max);
    *inout_number = (unsigned)number;
    return STATUS_OK;
}

/* A file with one placement, as `apply` takes it, or the placement alone. */
static enum status read_draft(struct call *call, struct placement *out_placement, struct diag *diag)
{
    struct slice text;
    const struct json *root;
    const char *path = arena_copy_text(&call->arena, call_option(call, "f"));
    enum status status = file_read(path, EVALUATION_WISH_BYTES_MAX, &call->arena, &text, diag);
    if (status == STATUS_OK)
        status = yaml_parse(&call->arena, text, &root, diag);
    if (status != STATUS_OK)
        return status;
    const struct json *list = json_get(root, "placements");
    for (size_t i = 0; list && i < list->count; i++)
        if (slice_equal(json_get_text(&list->elements[i], "id"), call->words[1]))
            return placement_from_json(&list->elements[i], &call->arena, out_placement, diag);
    if (list || !slice_equal(json_get_text(root, "id"), call->words[1]))
        return diag_set(diag, STATUS_NOT_FOUND, "f", "The file has no placement \"%.*s\"",
                        SLICE_ARG(call->words[1]));
    return placement_from_json(root, &call->arena, out_placement, diag);
}

static enum status find_placement(struct call *call, const struct workspace *workspace,
                                  const struct placement **out_placement, struct diag *diag)
{
    struct placement *draft = ARENA_NEW(&call->arena, struct placement);
    enum status status = STATUS_OK;
    *out_placement = draft;
    if (call_has(call, "f"))
        return read_draft(call, draft, diag);
    *out_placement = policy_find(workspace->policy, call->words[1]);
    if (!*out_placement)
        status = diag_set(diag, STATUS_NOT_FOUND, "", "No placement of this id is published");
    else if ((*out_placement)->kind != PLACEMENT_ITEMS)
        status =
            diag_set(diag, STATUS_INVALID, "", "Only placements that show items can be evaluated");
    return status;
}

static enum status read_target(const struct call *call, enum evaluation_target *inout_target,
                               struct diag *diag)
{
    struct slice target = call_option(call, "target");
    if (slice_is(target, "bought"))
        *inout_target = EVALUATION_BOUGHT;
    else if (slice_is(target, "viewed"))
        *inout_target = EVALUATION_VIEWED;
    else if (call_has(call, "target"))
        return diag_set(diag, STATUS_INVALID, "target", "The target is bought or viewed");
    return STATUS_OK;
}

static enum status read_wish(struct call *call, const struct workspace *workspace,
                             struct evaluation_wish *out_wish, struct diag *diag)
{
    const struct placement *placement;
    enum status status = find_placement(call, workspace, &placement, diag);
    if (status != STATUS_OK)
        return status;
    struct evaluation_wish wish = evaluation_wish_default(workspace, placement);
    wish.draft = call_has(call, "f");
    wish.stopped = call->stopped;
    wish.context = call->stopped_context;
    wish.locale = locale_from_text(call_option(call, "lang"), workspace->locale);
    if (!evaluation_since(workspace, call_option(call, "since"), &wish.since_ms))
        return diag_set(diag, STATUS_INVALID, "since",
                        "Say from which day on with --since 2026-10-01");
    status = read_number(call, "days", EVALUATION_SPAN_DAYS_MAX, &wish.cut_days, diag);
    if (status == STATUS_OK)
        status = read_number(call, "k", ITEMS_PER_PLACEMENT_MAX, &wish.k, diag);
    if (status == STATUS_OK)
        status = read_number(call, "people", EVALUATION_PEOPLE_MAX, &wish.people_max, diag);
    if (status == STATUS_OK)
        status = read_target(call, &wish.target, diag);
    *out_wish = wish;
    return status;
}

static void print(struct call *call, const struct evaluation_wish *wish,
                  const struct evaluated *evaluated)
{
    struct buf text;
    buf_init(&text, EVALUATION_REPORT_BYTES_MAX);
    if (call_has(call, "json")) {
        evaluation_write(wish, evaluated, &text);
        buf_add_byte(&text, '\n');
    } else {
        evaluation_tell(wish, evaluated, &text);
    }
    output_write(&call->out, buf_slice(&text));
    buf_done(&text);
}

enum status command_evaluate_placement(struct call *call, struct diag *diag)
{
    if (call->word_count != 2)
        return diag_set(diag, STATUS_INVALID, "", "Say `evaluate placement ID --since DATE`");
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    struct evaluation_wish wish;
    struct evaluated *evaluated = ARENA_NEW(&call->arena, struct evaluated);
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK)
        status = read_wish(call, workspace, &wish, diag);
    if (status == STATUS_OK)
        status = evaluate_placement(call->engine, &wish, evaluated, diag);
    if (status == STATUS_OK)
        print(call, &wish, evaluated);
    workspaces_unpin(snapshot);
    return status;
}
