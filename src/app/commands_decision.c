/* explain and replay: a decision told, and made again. */
#include "api/explaining.h"
#include "app/command.h"

static enum status find(struct call *call, uint32_t *out_workspace, enum locale *out_locale,
                        struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    const struct workspace *workspace;
    enum status status = call_workspace(call, snapshot, &workspace, diag);
    if (status == STATUS_OK) {
        *out_workspace = workspace->id;
        *out_locale = workspace->locale;
    }
    workspaces_unpin(snapshot);
    return status;
}

static enum status read_decision(struct call *call, struct uuid *out_id, struct diag *diag)
{
    if (call->word_count == 1 && uuid_parse(call->words[0], out_id))
        return STATUS_OK;
    return diag_set(diag, STATUS_INVALID, "", "Say which decision, by the id that decide answered");
}

static enum status tell_absence(enum status status, struct diag *diag)
{
    if (status == STATUS_NOT_FOUND)
        return diag_set(diag, status, "", "No decision of this id is on record");
    if (status == STATUS_GONE)
        return diag_set(diag, status, "", "This decision was erased with its person");
    return status;
}

static enum status tell(struct call *call, uint32_t workspace, const struct explaining *explaining,
                        struct buf *text, struct diag *diag)
{
    if (explaining->item.size > 0)
        return explain_why_not(call->engine, workspace, explaining, text, diag);
    return tell_absence(explain_decision(call->engine, workspace, explaining, text), diag);
}

enum status command_explain(struct call *call, struct diag *diag)
{
    struct explaining explaining = {.item = call_option(call, "why-not")};
    uint32_t workspace;
    enum status status = find(call, &workspace, &explaining.locale, diag);
    if (status == STATUS_OK)
        status = read_decision(call, &explaining.decision, diag);
    if (status != STATUS_OK)
        return status;
    if (!role_from_text(call_option(call, "as"), &explaining.role))
        return diag_set(diag, STATUS_INVALID, "as", "as is marketer, agent or shopper");
    explaining.titles =
        (struct locale_wish){call_option(call, "lang"), slice_of(locale_name(explaining.locale))};
    explaining.locale = locale_from_text(call_option(call, "lang"), explaining.locale);
    struct buf text;
    buf_init(&text, EXPLANATION_BYTES_MAX);
    status = tell(call, workspace, &explaining, &text, diag);
    if (status == STATUS_OK) {
        output_write(&call->out, buf_slice(&text));
        output_format(&call->out, "\n");
    }
    buf_done(&text);
    return status;
}

/* --- replay ----------------------------------------------------------------------------------- */

static enum status replay_every(struct call *call, uint32_t workspace, struct diag *diag)
{
    struct replay_counts counts;
    struct uuid first;
    enum status status = replay_all(call->engine, workspace, &counts, &first);
    if (status != STATUS_OK)
        return status;
    output_format(&call->out,
                  "{\"identical\":%llu,\"different\":%llu,\"erased\":%llu,\"damaged\":%llu}\n",
                  (unsigned long long)counts.identical, (unsigned long long)counts.different,
                  (unsigned long long)counts.erased, (unsigned long long)counts.damaged);
    if (counts.different == 0 && counts.damaged == 0)
        return STATUS_OK;
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(first, id);
    return diag_set(diag, STATUS_CORRUPT, "",
                    "Not every decision came out the same; the first is %s", id);
}

/* The person rebuilt from the log as known then, held against the values on record. */
static enum status refold(struct call *call, uint32_t workspace, const struct replayed *replayed,
                          struct diag *diag)
{
    bool same;
    enum status status =
        replay_refold(call->engine, workspace, &replayed->record, &call->arena, &same);
    if (status == STATUS_NOT_FOUND) {
        output_format(&call->err, "nothing of a person was read: there is nothing to fold again\n");
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    output_format(&call->err, same ? "the person as known then gives the recorded values\n" : "");
    return same ? STATUS_OK
                : diag_set(diag, STATUS_CORRUPT, "",
                           "The person as known then gives other values than the record");
}

static bool answered(const struct placement_evidence *evidence, const struct recipe_step *step)
{
    unsigned column = evidence_column(evidence, step);
    bool found = column < COLUMN_COUNT && evidence->highest[column] > 0;
    for (size_t i = 0; column < COLUMN_COUNT && i < evidence->candidate_count && !found; i++)
        found = evidence->candidates[i].answers[column] > 0;
    return found;
}

/* Other rules may ask for what was not asked then: the record has no answers of it, and says so. */
static void tell_lacks(struct call *call, const struct replayed *replayed)
{
    const struct decide_input *input = &replayed->record.input;
    for (size_t w = 0; w < input->moment.wish_count; w++) {
        struct slice id = input->moment.wishes[w].placement;
        const struct placement *placement = policy_find(&replayed->policy, id);
        if (!placement)
            output_format(&call->err, "%.*s: this policy version has no such placement\n",
                          SLICE_ARG(id));
        if (placement && placement_has_rule(placement, RULE_DIVERSITY) &&
            input->evidence[w].traits == NULL)
            output_format(&call->err, "%.*s: the record does not say what items have in common\n",
                          SLICE_ARG(id));
        for (size_t i = 0; placement && i < placement->step_count; i++)
            if (!answered(&input->evidence[w], &placement->steps[i]))
                output_format(&call->err, "%.*s: the record has no answers of %s\n", SLICE_ARG(id),
                              strategy_name(placement->steps[i].strategy));
    }
}

enum status command_replay(struct call *call, struct diag *diag)
{
    uint32_t workspace, version = 0;
    enum locale locale;
    struct uuid decision;
    enum status status = find(call, &workspace, &locale, diag);
    if (status == STATUS_OK && call_has(call, "all"))
        return replay_every(call, workspace, diag);
    if (status == STATUS_OK)
        status = read_decision(call, &decision, diag);
    int64_t number = 0;
    struct slice text = call_option(call, "policy");
    if (status == STATUS_OK && text.size && (!slice_to_int64(text, &number) || number < 0))
        status = diag_set(diag, STATUS_INVALID, "policy", "policy is a version's number");
    if (status != STATUS_OK)
        return status;
    version = (uint32_t)number;
    struct replayed *replayed = ARENA_NEW(&call->arena, struct replayed);
    const struct replay_wish wish = {workspace, decision, text.size ? &version : NULL};
    status = replay_decision(call->engine, &wish, &call->arena, replayed);
    if (status != STATUS_OK)
        return tell_absence(status, diag);
    output_write(&call->out, replayed->answer);
    output_format(&call->out, "\n");
    if (text.size)
        tell_lacks(call, replayed);
    if (!replayed->identical && !text.size)
        return diag_set(diag, STATUS_CORRUPT, "", "This is not what was answered then");
    return call_has(call, "refold") ? refold(call, workspace, replayed, diag) : STATUS_OK;
}
