/* person and export: what is known of somebody, everything there is, and nothing any more. */
#include "app/command.h"

#include "api/audit.h"
#include "base/clock.h"

#include <stdio.h>

enum { PERSON_BYTES_MAX = 256 << 20 };

/* On the disk before anything of the person is told. */
static enum status tell_audit(struct call *call, uint32_t workspace, enum audit_action action,
                              const struct identifier *identifier)
{
    struct audit audit;
    audit_init(call->engine->ledger, &audit, workspace, action, call_by(call));
    enum status found = STATUS_OK;
    if (identifier)
        found = identity_find(call->engine->store, workspace, identifier, &audit.node);
    if (found != STATUS_OK)
        snprintf(audit.detail, sizeof audit.detail, "%s", status_name(found));
    enum status status = audit_append(call->engine->ledger, &audit);
    return status == STATUS_OK ? found : status;
}

static enum status show(struct call *call, uint32_t workspace, const struct identifier *identifier,
                        bool whole)
{
    enum status status =
        tell_audit(call, workspace, whole ? AUDIT_PERSON_EXPORT : AUDIT_PERSON_SHOW, identifier);
    if (status != STATUS_OK)
        return status;
    struct buf text;
    buf_init(&text, PERSON_BYTES_MAX);
    struct json_out out = json_out(&text);
    int64_t now_ms = clock_now_ms();
    struct people *people = call->engine->people;
    status = whole ? people_export(people, workspace, identifier, now_ms, &out)
                   : people_show(people, workspace, identifier, now_ms, &out);
    if (status == STATUS_OK && text.overflowed)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK) {
        output_write(&call->out, buf_slice(&text));
        output_format(&call->out, "\n");
    }
    buf_done(&text);
    return status;
}

static enum status erase(struct call *call, uint32_t workspace, const struct identifier *identifier)
{
    struct erasure_receipt receipt;
    enum status status = tell_audit(call, workspace, AUDIT_PERSON_ERASE, identifier);
    if (status == STATUS_OK)
        status = people_erase(call->engine->people, workspace, identifier, &receipt);
    if (status != STATUS_OK)
        return status;
    char id[UUID_TEXT_SIZE + 1];
    uuid_format(receipt.id, id);
    output_format(
        &call->out, "{\"receipt\":\"%s\",\"events\":%llu,\"decisions\":%llu,\"nodes\":%llu}\n", id,
        (unsigned long long)receipt.event_count, (unsigned long long)receipt.decision_count,
        (unsigned long long)receipt.node_count);
    return STATUS_OK;
}

enum status command_person(struct call *call, struct diag *diag)
{
    if (call->word_count != 2)
        return diag_set(diag, STATUS_INVALID, "",
                        "Say what to do and of whom: visavis person show email:ada@example.org");
    struct identifier identifier;
    uint32_t workspace;
    enum status status = people_parse_identifier(call->words[1], &call->arena, &identifier, diag);
    if (status == STATUS_OK)
        status = call_workspace_id(call, &workspace, diag);
    if (status != STATUS_OK)
        return status;
    if (slice_is(call->words[0], "show"))
        status = show(call, workspace, &identifier, false);
    else if (slice_is(call->words[0], "export"))
        status = show(call, workspace, &identifier, true);
    else if (slice_is(call->words[0], "erase"))
        status = erase(call, workspace, &identifier);
    else
        status = diag_set(diag, STATUS_INVALID, "", "Say show, export or erase");
    if (status == STATUS_NOT_FOUND && !diag->sentence[0])
        (void)diag_set(diag, status, "", "Nobody is known by %.*s", SLICE_ARG(call->words[1]));
    return status;
}

static enum status write_message(void *context, const struct event *event)
{
    struct call *call = context;
    output_write(&call->out, event->message);
    output_write(&call->out, SLICE("\n"));
    return call->out.broken ? STATUS_IO : STATUS_OK;
}

enum status command_export(struct call *call, struct diag *diag)
{
    uint32_t workspace;
    if (call->word_count != 1 || !slice_is(call->words[0], "events"))
        return diag_set(diag, STATUS_INVALID, "", "Say what to export: events");
    enum status status = call_workspace_id(call, &workspace, diag);
    if (status == STATUS_OK)
        status = tell_audit(call, workspace, AUDIT_EVENTS_EXPORT, NULL);
    return status == STATUS_OK
               ? people_each_message(call->engine->people, workspace, write_message, call)
               : status;
}
