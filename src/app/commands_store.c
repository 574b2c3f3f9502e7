/* check, backup, restore: is it whole, keep a copy, come back from one. */
#include "app/command.h"

#include "api/backups.h"

static enum status check_audit(struct call *call, uint64_t *out_rows, struct diag *diag)
{
    const struct workspaces_snapshot *snapshot = workspaces_pin(call->engine->workspaces);
    enum status status = audit_check(call->engine->store, AUDIT_INSTALLATION, out_rows, diag);
    for (size_t i = 0; i < workspaces_count(snapshot) && status == STATUS_OK; i++) {
        uint64_t rows = 0;
        status = audit_check(call->engine->store, workspaces_at(snapshot, i)->id, &rows, diag);
        *out_rows += rows;
    }
    workspaces_unpin(snapshot);
    return status;
}

enum status command_check(struct call *call, struct diag *diag)
{
    uint64_t counts[SPACE_COUNT], checked = 0, rows = 0, audited = 0;
    enum status status = store_verify(call->engine->store, counts, diag);
    if (status == STATUS_OK)
        status = people_check(call->engine->people, &checked, diag);
    if (status == STATUS_OK)
        status = check_audit(call, &audited, diag);
    if (status != STATUS_OK)
        return status;
    for (int space = 0; space < SPACE_COUNT; space++)
        rows += counts[space];
    output_format(&call->out,
                  call_has(call, "json")
                      ? "{\"rows\":%llu,\"profiles\":%llu,\"audit\":%llu,\"sequence\":%llu}\n"
                      : "%llu rows verified, %llu profiles equal their re-fold, %llu audit rows "
                        "follow each other, sequence %llu\n",
                  (unsigned long long)rows, (unsigned long long)checked,
                  (unsigned long long)audited,
                  (unsigned long long)ledger_sequence(call->engine->ledger));
    return STATUS_OK;
}

enum status command_backup(struct call *call, struct diag *diag)
{
    if (call->word_count != 1)
        return diag_set(diag, STATUS_INVALID, "", "Say where to: a directory that does not exist");
    const char *target = arena_copy_text(&call->arena, call->words[0]);
    enum status status = backups_audit(call->engine, AUDIT_BACKUP, call_by(call));
    if (status == STATUS_OK)
        status = store_backup(call->engine->store, target, diag);
    if (status == STATUS_OK)
        output_format(&call->out, "backed up to %s\n", target);
    return status;
}

/* A first start of what was restored: it says so in its audit, and is known to open. */
static enum status open_restored(struct call *call, struct diag *diag)
{
    struct engine *engine;
    const struct engine_options options = {0};
    enum status status = engine_open(call->directory, &options, &engine, diag);
    if (status != STATUS_OK)
        return status;
    status = backups_audit(engine, AUDIT_RESTORE, call_by(call));
    engine_close(engine);
    return status;
}

enum status command_restore(struct call *call, struct diag *diag)
{
    if (call->word_count != 1 || !call_has(call, "data"))
        return diag_set(diag, STATUS_INVALID, "",
                        "Say from where and to where: visavis restore BACKUP --data DIR");
    const char *backup = arena_copy_text(&call->arena, call->words[0]);
    struct slice erasures = call_option(call, "erasures");
    enum status status =
        store_restore(backup, call->directory,
                      erasures.size ? arena_copy_text(&call->arena, erasures) : NULL, diag);
    if (status == STATUS_OK)
        status = open_restored(call, diag);
    if (status == STATUS_OK)
        output_format(&call->out, "restored to %s\n", call->directory);
    return status;
}
