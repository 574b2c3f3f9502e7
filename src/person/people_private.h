/* What the files of people share; nobody else includes it.
 *
 *   people.c         life, the ledger kinds, looking an event up
 *   people_record.c  the ledger thread: events, choices and unlinks into rows, then into memory
 *   people_fold.c    events of a device or a person into a profile, from the store
 *   people_load.c    cards and profiles through the cache; the worker that folds long histories
 *   people_view.c    views for askers
 *   people_show.c    everything about one person
 *   people_erase.c   erasure; erase.h has its files
 *   renewals.c       choices told again that wait for a checkpoint
 *   people_check.c   cached and stored profiles against a fold */
#ifndef VISAVIS_PERSON_PEOPLE_PRIVATE_H
#define VISAVIS_PERSON_PEOPLE_PRIVATE_H

#include "person/aged_table.h"
#include "person/consent_rows.h"
#include "person/erase_pending.h"
#include "person/node_reads.h"
#include "person/people.h"
#include "person/people_rows.h"
#include "person/profile_cache.h"
#include "person/profile_row.h"
#include "person/renewals.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    CACHE_BYTES_DEFAULT = 256 << 20,
    FOLD_EVENTS_AT_ONCE_DEFAULT = 4096,
    CONSENT_CACHE_MAX = 65536,  /* nodes whose consent the ledger thread keeps */
    WRITE_BACK_ROWS_MAX = 2048, /* a portion of a checkpoint */
    LONG_FOLDS_MAX = 1024,      /* people waiting for the worker */
    LOAD_TRIES_MAX = 4,         /* loads of one key that a writer may disturb */
    VIEW_TRIES_MAX = 8
};

/* What the fold takes of an event that was just recorded; in people_event.part. */
enum part { PART_NONE, PART_TRADE, PART_ALL };

/* A cached state that an entry of the ledger touches: folded in, or to be loaded anew. */
struct touch {
    uint64_t sequence;
    uint32_t workspace;
    struct uuid node;
    enum scope scope;
    bool anew;
};

struct touches {
    struct touch *list;
    size_t count, room, applied; /* applied: the first ones are done */
};

/* People whose history is too long for the asking thread. */
struct long_folds {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool started, stop;
    struct key_table waiting; /* queued or running → 1 */
    struct table_key queue[LONG_FOLDS_MAX];
    size_t head, count;
};

struct people {
    struct store *store;
    struct ledger *ledger;
    struct people_options options;
    struct profile_cache *cache;
    /* the ledger thread's own */
    struct identity *identity;
    struct aged_table consents; /* node → struct consent on the heap, seeing the running group */
    struct touches touches;
    /* shared */
    struct renewals renewals;
    _Atomic uint64_t applied; /* every entry of ours up to here is in the cache */
    _Atomic uint64_t folds, refolds, tails, continued, erased, robots;
    struct long_folds long_folds;
    struct erase_pending pending;
};

/* --- people_fold.c ---------------------------------------------------------------------------- */

struct fold_question {
    uint32_t workspace;
    struct uuid node; /* a device, or the root of a person */
    enum scope scope;
    enum purpose purpose;
    int64_t now_ms;
    uint64_t sequence;        /* events, links and choices as known then */
    bool everything;          /* no gate: for the person and for the service desk */
    uint64_t events_max;      /* STATUS_TOO_LARGE beyond */
    struct node_reads *reads; /* what the asker has read of nodes; NULL: nothing */
    /* A fold of the same question at an earlier sequence, complete but for events from
     * begun_until_ms on, and itself of events before it; NULL: all is folded. */
    const struct profile_row *begun;
    int64_t begun_until_ms;
};
/* The row's profile lies in the arena. */
enum status people_fold(struct people *people, const struct fold_question *question,
                        struct arena *arena, struct profile_row *out_row) MUST_CHECK;
/* What may be folded of an event on a node with this consent. */
enum part people_part_of(const struct consent *consent, consent_stamp stamp, enum purpose purpose);
enum status people_card(struct people *people, const struct fold_question *question,
                        struct card *out_card) MUST_CHECK;
/* Calls visit for each event of the spans in fold order. The record and the event in it die with
 * the call. */
typedef enum status people_event_visitor(void *context, struct slice key, struct slice record);
enum status people_each_event(struct store *store, uint32_t workspace,
                              const struct person_spans *spans, people_event_visitor *visit,
                              void *context) MUST_CHECK;

/* --- people_load.c ---------------------------------------------------------------------------- */

/* Through the cache, for the purpose `personalise`. The question's sequence is set here. */
enum status people_load_card(struct people *people, struct fold_question *question,
                             struct card *out_card) MUST_CHECK;
/* STATUS_TOO_LARGE: handed to the worker. */
enum status people_load_profile(struct people *people, struct fold_question *question,
                                struct arena *arena, struct profile_row *out_row) MUST_CHECK;
void long_folds_start(struct people *people);
void long_folds_stop(struct people *people);

/* --- people_record.c -------------------------------------------------------------------------- */

extern const struct ledger_kind people_event_kind, people_consent_kind, people_unlink_kind,
    people_erasure_kind;
enum status people_consent_of(struct people *people, struct ledger_write *write, struct uuid node,
                              struct consent **out_consent) MUST_CHECK;
/* Marks all cached states of a node and of everybody around it as to be loaded anew. */
enum status people_touch_around(struct people *people, struct ledger_write *write,
                                struct uuid node) MUST_CHECK;
void people_touch(struct people *people, const struct ledger_write *write, struct uuid node,
                  enum scope scope, bool anew);
/* Log rows: the touches of the entry, behind what stands there already. named: the node that the
 * row names before them, zero where it names none. */
void people_log_touches(struct people *people, struct ledger_write *write, struct uuid named);
/* The nodes that people_log_touches wrote after no named one. False: there were too many. */
bool people_logged_touches(struct slice bytes, struct arena *arena, struct uuid **out_nodes,
                           size_t *out_count);
enum status people_replay_touches(struct people *people, uint32_t workspace, uint64_t sequence,
                                  struct uuid named, struct slice bytes) MUST_CHECK;
void people_apply_touches(struct people *people, const struct ledger_entry *entry,
                          const struct people_event *item);
ledger_checkpointer people_write_back;
/* Every choice that waits, into a batch; they go on waiting. For an erasure, which takes log rows
 * away that tell of some. */
enum status people_put_renewals(struct people *people, struct ledger_write *write) MUST_CHECK;

/* --- people_erase.c --------------------------------------------------------------------------- */

enum status people_erase_again(struct people *people, struct diag *diag) MUST_CHECK;

#endif
