#include "api/parcel.h"

#include "base/pack.h"

#include <assert.h>
#include <stdlib.h>

struct parcel {
    struct ledger_commit commit;
    struct arena arena;
    struct people_event *events;
    bool *stored; /* one an event */
    struct ledger_entry **entries;
    size_t count, room;
    struct parcel_company company;
};

struct parcel *parcel_new(size_t count)
{
    struct parcel *parcel = must_alloc_zero(1, sizeof *parcel);
    arena_init(&parcel->arena);
    parcel->room = count;
    parcel->events = ARENA_ARRAY(&parcel->arena, count, struct people_event);
    parcel->stored = ARENA_ARRAY(&parcel->arena, count, bool);
    parcel->entries = ARENA_ARRAY(&parcel->arena, count + 1, struct ledger_entry *);
    return parcel;
}

void parcel_add(struct parcel *parcel, const struct intake_output *output)
{
    assert(parcel->count < parcel->room);
    struct people_event *item = &parcel->events[parcel->count];
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(&output->event, &record);
    item->record = arena_copy(&parcel->arena, buf_slice(&record));
    buf_done(&record);
    enum status status = event_unpack(item->record, &parcel->arena, &item->event);
    assert(status == STATUS_OK); /* what was just packed */
    item->needs_consent = output->needs_consent;
    parcel->count++;
}

size_t parcel_events(const struct parcel *parcel, struct event *out_events, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < parcel->count && count < max; i++)
        if (!parcel->stored[i])
            out_events[count++] = parcel->events[i].event;
    return count;
}

void parcel_skip_stored(struct parcel *parcel, struct people *people, uint32_t workspace,
                        uint64_t sequence)
{
    for (size_t i = 0; i < parcel->count; i++)
        parcel->stored[i] =
            people_has_message(people, workspace, &parcel->events[i].event.order, sequence);
}

void parcel_pack(const struct parcel *parcel, struct buf *buf)
{
    for (size_t i = 0; i < parcel->count; i++)
        if (!parcel->stored[i])
            pack_text(buf, parcel->events[i].record);
}

static void parcel_free(struct parcel *parcel)
{
    arena_done(&parcel->arena);
    free(parcel);
}

static void done(struct ledger_commit *commit, enum status status)
{
    struct parcel *parcel = (struct parcel *)commit;
    struct ledger_entry *company = parcel->company.entry;
    if (company)
        parcel->company.on_done(company, status == STATUS_OK && company->status == STATUS_OK);
    parcel_free(parcel);
}

struct uuid parcel_node(const struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->count; i++)
        if (parcel->events[i].entry.status == STATUS_OK && !parcel->events[i].counted_only)
            return parcel->events[i].event.node;
    return (struct uuid){{0}};
}

bool parcel_send(struct parcel *parcel, struct people *people, struct ledger *ledger,
                 uint32_t workspace, struct parcel_company company)
{
    size_t count = parcel->count;
    for (size_t i = 0; i < count; i++) {
        people_event_init(people, &parcel->events[i], workspace);
        parcel->entries[i] = &parcel->events[i].entry;
    }
    parcel->company = company;
    if (company.entry)
        parcel->entries[count++] = company.entry;
    parcel->commit = (struct ledger_commit){
        .entries = parcel->entries, .entry_count = count, .done = done, .no_sync_wait = true};
    if (count && ledger_submit(ledger, &parcel->commit) == STATUS_OK)
        return true;
    if (company.entry)
        company.on_done(company.entry, false);
    parcel_free(parcel);
    return count == 0;
}
