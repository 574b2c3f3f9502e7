/* The one writer. Everything that changes state goes through here, as a typed entry with a
 * sequence.
 *
 * Any thread submits a commit (one or many entries and one completion); the ledger thread takes
 * all that is queued, lets each entry's kind put its rows into ONE write batch, adds the log row
 * itself, writes with one sync, then lets each kind apply what was written to memory, in
 * sequence order, and completes the commits. Connections wait, no thread does.
 *
 * Invariants:
 *  1. `done` with STATUS_OK is called only after the sync. A failed sync ends the process (abort
 *     after a line on stderr).
 *  2. Sequences rise by one per written entry and are never used twice, also across restarts;
 *     gaps are legal (erasure makes them).
 *  3. `record` and `applied` run on the ledger thread only, so kinds need no lock for what only
 *     they touch.
 *  4. Queue bounded in entries and bytes: beyond it submit answers STATUS_OVERLOADED at once, a
 *     part of it earlier for all but kinds that may use the reserve and commits that no sync
 *     waits for (records of decisions);
 *     below the disk's reserve it answers STATUS_NO_SPACE except for kinds that may use the
 *     reserve.
 *  5. The low-water mark M is durable: every cached state (profiles, learned snapshots) covers
 *     all sequences ≤ M; start-up replays log rows > M to each kind's `replay`. */
#ifndef VISAVIS_LEDGER_LEDGER_H
#define VISAVIS_LEDGER_LEDGER_H

#include "store/store.h"

struct ledger;
struct ledger_entry;

/* What `record` writes into. */
struct ledger_write {
    struct store *store;
    struct store_batch *batch;
    uint64_t sequence;   /* of this entry, if it is kept */
    int64_t now_ms;      /* one clock reading for the whole group */
    struct arena *arena; /* dies when the group is done */
    struct buf *
        /* what the log row holds after its header: the kind writes it here; bounded to 64 KiB */
        log_value;
    uint32_t workspace;
};

/* What an earlier entry of this group put for the key, else what the store holds: what `record`
 * reads with. */
enum status ledger_get(const struct ledger_write *write, enum space space, struct slice key,
                       struct slice *out_value) MUST_CHECK;

struct ledger_kind {
    const char *name;
    uint8_t code;         /* stored in the log row; unique, never reused */
    bool may_use_reserve; /* consent and erasure */
    /* Begins a group: all that was queued before is on the disk when `record` looks into the store.
     * For erasure, which must find every row of a person. */
    bool begins_group;
    /* Puts the entry's rows. STATUS_OK: kept, gets a log row. STATUS_CONFLICT: a duplicate,
     * nothing kept, not an error to its sender. Anything else: refused; what the entry has put
     * is taken back. The result is kept in entry->status. */
    enum status (*record)(void *context, struct ledger_entry *entry, struct ledger_write *write);
    /* After the sync, in sequence order; may be NULL. */
    void (*applied)(void *context, struct ledger_entry *entry);
    /* At start, for log rows beyond the low-water mark, in order; may be NULL. */
    enum status (*replay)(void *context, uint32_t workspace, uint64_t sequence,
                          struct slice log_value);
};

/* Embedded as first member of the submitter's own struct. Owned by the submitter until done. */
struct ledger_entry {
    const struct ledger_kind *kind;
    void *context; /* the kind's */
    uint32_t workspace;
    size_t size_bytes;  /* for the queue's limit */
    enum status status; /* out: as record answered */
    uint64_t sequence;  /* out: 0 when not kept */
};

struct ledger_commit {
    struct ledger_entry **entries;
    size_t entry_count;
    /* On the ledger thread, once; status is STATUS_OK (look at each entry), or the reason why
     * nothing was done. Must be quick and not block. */
    void (*done)(struct ledger_commit *commit, enum status status);
    void *context;
    bool
        /* carried by the next group, completed without a sync of its own (decision records) */
        no_sync_wait;
    struct ledger_commit *next; /* the queue's */
};

struct ledger_options {
    size_t queue_entries_max, queue_bytes_max; /* 0 takes base/limits.h */
};

enum status ledger_open(struct store *store, const struct ledger_options *options,
                        struct ledger **out_ledger, struct diag *diag) MUST_CHECK;
/* Registers a kind with its context before ledger_start; context is passed to replay, and copied
 * to entries by ledger_entry_init. */
void ledger_register(struct ledger *ledger, const struct ledger_kind *kind, void *context);
void ledger_entry_init(struct ledger *ledger, struct ledger_entry *entry,
                       const struct ledger_kind *kind, uint32_t workspace, size_t size_bytes);
/* Replays the log beyond the low-water mark, then starts the thread. */
enum status ledger_start(struct ledger *ledger, struct diag *diag) MUST_CHECK;
/* Completes all that is queued, then stops the thread. No submit may follow. */
void ledger_stop(struct ledger *ledger);
void ledger_close(struct ledger *ledger);

/* Any thread. STATUS_OK: done will be called. Otherwise it will not. */
enum status ledger_submit(struct ledger *ledger, struct ledger_commit *commit) MUST_CHECK;
/* Would the queue take so much now? For who would have to work before it can submit: a no is
 * counted as a commit refused. Any thread. */
bool ledger_has_room(struct ledger *ledger, size_t entries, size_t bytes);
/* Submits and waits (sets done and context itself); not from the ledger thread. Answers the
 * commit's status. */
enum status ledger_submit_and_wait(struct ledger *ledger, struct ledger_commit *commit) MUST_CHECK;

/* The last synced sequence; any thread. */
uint64_t ledger_sequence(const struct ledger *ledger);
uint64_t ledger_low_water(const struct ledger *ledger);

/* Write-back of cached state: each registered checkpointer is called on the ledger thread
 * between groups, every few seconds and at stop, with a batch to put its dirty rows into
 * (bounded portions: it answers false while it has more). When all have answered true the
 * low-water mark rises to the sequence at which the round began. */
typedef bool ledger_checkpointer(void *context, struct store_batch *batch, struct store *store,
                                 uint64_t sequence);
void ledger_add_checkpointer(struct ledger *ledger, ledger_checkpointer *checkpointer,
                             void *context);
/* A full round now, from another thread than the ledger's; waits. STATUS_NO_SPACE: the disk is too
 * full to write back, nothing is lost. */
enum status ledger_checkpoint(struct ledger *ledger) MUST_CHECK;

/* Runs a function on the ledger thread between two groups and waits: for work that must not meet
 * a writer (erasure's range deletes). */
void ledger_run(struct ledger *ledger, void (*work)(void *context), void *context);

/* Log rows with from ≤ sequence, ascending. */
typedef enum status ledger_visitor(void *context, uint32_t workspace, uint64_t sequence,
                                   uint8_t kind_code, struct slice log_value);
enum status ledger_scan(struct store *store, uint64_t from, ledger_visitor *visitor,
                        void *context) MUST_CHECK;

struct ledger_counts {
    uint64_t commits, entries_kept, entries_duplicate, entries_refused, groups, refused_overload,
        refused_space, queue_entries, sync_us_total, sync_us_max;
};
void ledger_counts(const struct ledger *ledger, struct ledger_counts *out_counts);

#endif
