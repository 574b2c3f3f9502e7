/* Decisions on record: written with the next group commit, read again for explanation and
 * replay.
 *
 * One row a call in SPACE_DECISION under the call's id, and one in SPACE_DECIDED that finds a
 * person's calls. A contextual call (no identifier) leaves a record without any person in it.
 * Writing waits for no sync; a record that is over its limit, or a full queue, costs the record
 * and is counted, never the answer. */
#ifndef VISAVIS_API_DECISIONS_H
#define VISAVIS_API_DECISIONS_H

#include "api/measured_call.h"
#include "api/parcel.h"
#include "decide/record.h"
#include "ledger/ledger.h"

enum { DECISIONS_KIND = 11 }; /* in the log; never reused */

struct decisions;

struct decisions *decisions_open(struct store *store, struct ledger *ledger);
void decisions_close(struct decisions *decisions);

/* On the ledger thread, for each call with somebody of an experiment, after it was written. Before
 * ledger_start. */
typedef void decisions_watcher(void *context, uint32_t workspace, uint64_t sequence,
                               const struct measured_call *call);
void decisions_watch(struct decisions *decisions, decisions_watcher *watcher, void *context);

/* Packs and submits, behind the call's own events, which it takes over: a person who is new with
 * this very call can be found by it. Any thread. */
void decisions_put(struct decisions *decisions, struct people *people, uint32_t workspace,
                   const struct decision_record *record, struct parcel *parcel);
/* These nodes were erased: a record of them that is still on its way is dropped. Ledger thread. */
void decisions_forget(struct decisions *decisions, const struct uuid *nodes, size_t count);

/* A record by the id of one of its decisions; borrows from the arena. STATUS_NOT_FOUND (never
 * was, or aged out), STATUS_GONE (erased), STATUS_CORRUPT. */
enum status decisions_get(struct decisions *decisions, uint32_t workspace, struct uuid decision,
                          struct arena *arena, struct decision_record *out_record) MUST_CHECK;

typedef enum status decisions_visitor(void *context, uint32_t workspace, struct uuid call,
                                      struct slice record);
/* Every record of a workspace in the order of their making. */
enum status decisions_each(struct decisions *decisions, uint32_t workspace,
                           decisions_visitor *visitor, void *context) MUST_CHECK;

struct decisions_counts {
    uint64_t kept, lost, bytes;
};
void decisions_counts(const struct decisions *decisions, struct decisions_counts *out_counts);

#endif
