/* A small kind for the ledger's tests, its driver and its benchmark: an entry is a text; the
 * same text counts once.
 *
 * Rows: dedup (text → time, sequence), counter (sequence → text). Header-only, each program has
 * its own. */
#ifndef VISAVIS_TESTS_UNIT_LEDGER_KINDS_H
#define VISAVIS_TESTS_UNIT_LEDGER_KINDS_H

#include <stdlib.h>

#include "base/pack.h"
#include "ledger/ledger.h"

struct note {
    struct ledger_entry entry;
    struct slice text;
};

/* What the kind keeps in memory: filled by applied and by replay. */
struct notes {
    uint64_t applied, replayed, last_sequence;
    bool out_of_order;
};

static inline struct slice note_key(struct slice text, uint8_t room[STORE_KEY_BYTES_MAX])
{
    store_key_prefix(1, room);
    size_t size = text.size < 48 ? text.size : 48;
    memcpy(room + STORE_KEY_PREFIX_BYTES, text.data, size);
    return slice_make(room, STORE_KEY_PREFIX_BYTES + size);
}

static inline enum status note_record(void *context, struct ledger_entry *entry,
                                      struct ledger_write *write)
{
    (void)context;
    struct note *note = (struct note *)entry;
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice value, key = note_key(note->text, room);
    if (ledger_get(write, SPACE_DEDUP, key, &value) == STATUS_OK)
        return STATUS_CONFLICT;
    struct buf bytes;
    buf_init(&bytes, 64);
    pack_u64(&bytes, (uint64_t)write->now_ms);
    pack_u64(&bytes, write->sequence);
    store_batch_put(write->batch, write->store, SPACE_DEDUP, key, buf_slice(&bytes));
    buf_done(&bytes);
    buf_add(write->log_value, note->text);
    /* After the rows, so that the ledger has something to take back. */
    return slice_starts_with(note->text, SLICE("refuse")) ? STATUS_INVALID : STATUS_OK;
}

static inline void note_seen(struct notes *notes, uint64_t sequence)
{
    notes->out_of_order = notes->out_of_order || sequence <= notes->last_sequence;
    notes->last_sequence = sequence;
}

static inline void note_applied(void *context, struct ledger_entry *entry)
{
    struct notes *notes = context;
    notes->applied++;
    note_seen(notes, entry->sequence);
}

static inline enum status note_replay(void *context, uint32_t workspace, uint64_t sequence,
                                      struct slice log_value)
{
    (void)workspace, (void)log_value;
    struct notes *notes = context;
    notes->replayed++;
    note_seen(notes, sequence);
    return STATUS_OK;
}

static const struct ledger_kind note_kind = {.name = "note",
                                             .code = 200,
                                             .record = note_record,
                                             .applied = note_applied,
                                             .replay = note_replay};
static const struct ledger_kind withdrawal_kind = {.name = "withdrawal",
                                                   .code = 201,
                                                   .may_use_reserve = true,
                                                   .record = note_record,
                                                   .applied = note_applied,
                                                   .replay = note_replay};

/* Opens store and ledger, registers both kinds, starts. */
static inline enum status notes_open(const char *directory, struct notes *notes,
                                     struct store **out_store, struct ledger **out_ledger,
                                     struct diag *diag)
{
    struct store_options options = {.create = true, .memory_bytes = 16 << 20};
    enum status status = store_open(directory, &options, out_store, diag);
    if (status != STATUS_OK)
        return status;
    status = ledger_open(*out_store, NULL, out_ledger, diag);
    if (status != STATUS_OK) {
        store_close(*out_store);
        return status;
    }
    ledger_register(*out_ledger, &note_kind, notes);
    ledger_register(*out_ledger, &withdrawal_kind, notes);
    status = ledger_start(*out_ledger, diag);
    if (status != STATUS_OK) {
        ledger_close(*out_ledger);
        store_close(*out_store);
    }
    return status;
}

static inline void notes_close(struct store *store, struct ledger *ledger)
{
    ledger_stop(ledger);
    ledger_close(ledger);
    store_close(store);
}

/* Submits one text and waits: the entry's status, or the commit's when nothing was done. */
static inline enum status notes_add_kind(struct ledger *ledger, const struct ledger_kind *kind,
                                         const char *text, uint64_t *out_sequence)
{
    struct note note = {.text = slice_of(text)};
    struct ledger_entry *entries[] = {&note.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    ledger_entry_init(ledger, &note.entry, kind, 1, note.text.size);
    enum status status = ledger_submit_and_wait(ledger, &commit);
    if (out_sequence)
        *out_sequence = note.entry.sequence;
    return status == STATUS_OK ? note.entry.status : status;
}

static inline enum status notes_add(struct ledger *ledger, const char *text, uint64_t *out_sequence)
{
    return notes_add_kind(ledger, &note_kind, text, out_sequence);
}

#endif
