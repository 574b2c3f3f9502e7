/* The people of all workspaces: events and consents in, views out. The face of person/.
 *
 * Owns identity, the profile cache (shards by node, a mutex each, no I/O inside; a byte budget
 * that is kept) and the ledger kinds `event`, `consent`, `unlink` and `erasure`. Cached profiles
 * are keyed by (root node, scope: person or device) and hold the fold for the purpose
 * `personalise`; other purposes are folded on demand. A late event, a consent change or a new
 * link marks entries stale; one re-fold on touch mends them. Readers: any thread. Writers: the
 * ledger thread. */
#ifndef VISAVIS_PERSON_PEOPLE_H
#define VISAVIS_PERSON_PEOPLE_H

#include "base/json.h"
#include "ledger/ledger.h"
#include "person/identity.h"
#include "person/view.h"

struct people;

/* Codes of the ledger kinds, stored in log rows. */
enum people_kind {
    PEOPLE_KIND_EVENT = 1,
    PEOPLE_KIND_CONSENT = 2,
    PEOPLE_KIND_UNLINK = 3,
    PEOPLE_KIND_ERASURE = 4
};

struct people_options {
    size_t cache_bytes_max; /* 0 takes 256 MiB */
    /* On the ledger thread after the sync, in sequence order, for learning and the live list.
     * May be NULL. */
    void (*on_event)(void *context, uint32_t workspace, const struct event *event);
    /* A person was erased: forget these nodes. */
    void (*on_erased)(void *context, uint32_t workspace, const struct uuid *nodes, size_t count);
    void *context;
    /* Persons with more events than this are handed to a worker when they must be folded anew on
     * a decision: 0 takes 4,096. */
    size_t fold_events_at_once_max;
};

enum status people_open(struct store *store, struct ledger *ledger,
                        const struct people_options *options, struct people **out_people,
                        struct diag *diag) MUST_CHECK;
void people_close(struct people *people);

/* --- in --------------------------------------------------------------------------------------- */

/* An event on its way. record: packed by event_pack on the asking thread. counted_only (out):
 * the intake rule kept no trace but a counter. */
struct people_event {
    struct ledger_entry entry; /* first */
    struct event event;
    struct slice record;
    bool
        /* browser key and no consent object: keep only if the node granted measure or
         * personalise */
        needs_consent;
    bool counted_only; /* out */
    unsigned part;     /* the ledger's own: what the fold takes of it */
};
void people_event_init(struct people *people, struct people_event *item, uint32_t workspace);

/* A choice told through the API, the console or an import; on the node of the identifier (minted
 * when unknown). */
struct people_consent {
    struct ledger_entry entry;
    struct identifier identifier;
    struct consent_change change;
    int32_t birth_day; /* INT32_MIN: no change */
};
void people_consent_init(struct people *people, struct people_consent *item, uint32_t workspace);

/* Withdraws a link between two identifiers from now on (append-only: sets the withdrawn
 * sequence). */
struct people_unlink {
    struct ledger_entry entry;
    struct identifier from, to;
    struct slice reason;
};
void people_unlink_init(struct people *people, struct people_unlink *item, uint32_t workspace);

/* --- out -------------------------------------------------------------------------------------- */

enum status people_view(struct people *people, const struct asker *asker, struct arena *arena,
                        struct person_view *out_view) MUST_CHECK;
/* A copy of a view into which the call's own events are folded as they would be if stored now. */
void people_view_with(const struct person_view *view, const struct event *events, size_t count,
                      struct arena *arena, struct person_view *out_view);
/* Was this message stored at or before a sequence? Then a view of that sequence holds it
 * already. */
bool people_has_message(struct people *people, uint32_t workspace, const struct event_order *order,
                        uint64_t sequence);
/* The view as it was known at a sequence, folded from the log: the proof behind `replay
 * --refold`. */
enum status people_view_as_known(struct people *people, const struct asker *asker,
                                 uint64_t sequence, struct arena *arena,
                                 struct person_view *out_view) MUST_CHECK;
/* Bytes that stand for a view in a decision record: profile values read, gate, level. Same view,
 * same bytes. */
void people_view_pack(const struct person_view *view, struct buf *buf);

/* Everything about one person as JSON, for `person show` (purpose service) and, with every event
 * and decision id, `person export`. */
enum status people_show(struct people *people, uint32_t workspace,
                        const struct identifier *identifier, int64_t now_ms,
                        struct json_out *out) MUST_CHECK;
enum status people_export(struct people *people, uint32_t workspace,
                          const struct identifier *identifier, int64_t now_ms,
                          struct json_out *out) MUST_CHECK;
/* Stored messages in sequence order, one call each. */
typedef enum status people_message_visitor(void *context, const struct event *event);
enum status people_each_message(struct people *people, uint32_t workspace,
                                people_message_visitor *visitor, void *context) MUST_CHECK;
/* Unpacks the event that a log row of kind `event` points to; STATUS_GONE after an erasure. For
 * replays into measures. */
enum status people_event_of_log(struct people *people, uint32_t workspace, struct slice log_value,
                                struct arena *arena, struct event *out_event) MUST_CHECK;
/* What a log row of kind `event` tells by itself, items in the arena: for replays into learning,
 * which read nothing but the log. STATUS_CORRUPT. */
enum status people_lesson_of_log(struct slice log_value, struct arena *arena,
                                 struct event_lesson *out_lesson) MUST_CHECK;

/* Erases a person: events, profile, links, identifiers, consents (the refusal survives as a
 * keyed hash), dedup rows, refused rows and decisions; flushes and compacts, appends to
 * DIR/erasures. Waits until it is so. Not from the ledger thread. */
/* The nodes that an erasure's log row names: those erased and those of people who shared a device
 * with them. False: too many to be named. */
bool people_erased_of_log(struct slice log_value, struct arena *arena, struct uuid **out_nodes,
                          size_t *out_count);
struct erasure_receipt {
    struct uuid id;
    uint64_t sequence, event_count, decision_count, node_count;
};
enum status people_erase(struct people *people, uint32_t workspace,
                         const struct identifier *identifier,
                         struct erasure_receipt *out_receipt) MUST_CHECK;
/* Re-applies DIR/erasures after a restore; called by open. */

/* Compares each cached or stored profile with a re-fold; diag names the first that differs. For
 * check and the crash tests. */
enum status people_check(struct people *people, uint64_t *out_checked,
                         struct diag *diag) MUST_CHECK;

/* "email:ada@example.org", "user_id:42", "anonymous_id:…". STATUS_INVALID. */
enum status people_parse_identifier(struct slice text, struct arena *arena,
                                    struct identifier *out_identifier,
                                    struct diag *diag) MUST_CHECK;

struct people_counts {
    uint64_t cached_profiles, cached_bytes, folds, refolds;
    uint64_t tails;     /* an event folded onto a cached profile */
    uint64_t continued; /* what came since folded onto a stored one */
    uint64_t evictions, erased, robots;
};
void people_counts(const struct people *people, struct people_counts *out_counts);

#endif
