/* check, backup, restore: is it whole, keep a copy, come back from one. */
#include "app/command.h"

enum status command_check(struct call *call, struct diag *diag)
{
    uint64_t counts[SPACE_COUNT], checked = 0, rows = 0;
    enum status status = store_verify(call->engine->store, counts, diag);
    if (status == STATUS_OK)
        status = people_check(call->engine->people, &checked, diag);
    if (status != STATUS_OK)
        return status;
    for (int space = 0; space < SPACE_COUNT; space++)
        rows += counts[space];
    output_format(&call->out,
                  call_has(call, "json")
                      ? "{\"rows\":%llu,\"profiles\":%llu,\"sequence\":%llu}\n"
                      : "%llu rows verified, %llu profiles equal their re-fold, sequence %llu\n",
                  (unsigned long long)rows, (unsigned long long)checked,
                  (unsigned long long)ledger_sequence(call->engine->ledger));
    return STATUS_OK;
}

enum status command_backup(struct call *call, struct diag *diag)
{
    if (call->word_count != 1)
        return diag_set(diag, STATUS_INVALID, "", "Say where to: a directory that does not exist");
    const char *target = arena_copy_text(&call->arena, call->words[0]);
    enum status status = store_backup(call->engine->store, target, diag);
    if (status == STATUS_OK)
        output_format(&call->out, "backed up to %s\n", target);
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
        output_format(&call->out, "restored to %s\n", call->directory);
    return status;
}
