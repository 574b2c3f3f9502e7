/* Choices that were told again with the state they had, and wait for the checkpoint to be written.
 *
 * Nearly every message of a shop repeats its visitor's choices. Only their order moves by that,
 * so the node's row is not written for each: the log row says which choices were told again, a
 * checkpoint writes the newest, and a start takes up again what the log beyond the low-water mark
 * tells. For each node the last telling, with a part of whose choices nothing older waits.
 *
 * Invariants:
 *  1. What waits is no older than the node's row, as far as it names choices: applying it twice, or
 *     after the row was written, changes nothing.
 *  2. A telling that does not repeat all that waits for the node is written with its entry and is
 *     not in the log row; so one that is there replaces what waits, also in a replay.
 *
 * The ledger thread adds and takes out (a replay comes before it); any thread may apply. Bounded
 * by RENEWALS_MAX, a replay by the tail of the log. */
#ifndef VISAVIS_PERSON_RENEWALS_H
#define VISAVIS_PERSON_RENEWALS_H

#include "person/consent.h"
#include "person/key_table.h"

#include <pthread.h>

enum { RENEWALS_MAX = 65536 };

struct renewal {
    struct table_key key; /* workspace, 0, node */
    uint32_t purposes;    /* a bit each */
    struct event_order order;
    uint64_t sequence; /* since when something waits for the node */
    struct renewal *next;
};

struct renewals {
    pthread_mutex_t mutex;
    struct key_table nodes;        /* node → struct renewal */
    struct renewal *first, **last; /* by sequence */
};

void renewals_init(struct renewals *renewals);
void renewals_done(struct renewals *renewals);
/* May choices on this node be told again without writing its row? */
bool renewals_accept(struct renewals *renewals, const struct table_key *key, uint32_t purposes);
/* Copies the telling; sequence is its entry's. */
void renewals_add(struct renewals *renewals, const struct renewal *told);
/* Brings a node's consent, as its row tells it, up to date. */
void renewals_apply(struct renewals *renewals, const struct table_key *key,
                    struct consent *consent);
/* Takes out the one that waits for longest, if since no later than a sequence. */
bool renewals_take(struct renewals *renewals, uint64_t sequence, struct renewal *out_told);
/* Calls visit for each that waits, oldest first, while it answers STATUS_OK. Ledger thread. */
typedef enum status renewal_visitor(void *context, const struct renewal *told);
enum status renewals_each(const struct renewals *renewals, renewal_visitor *visit,
                          void *context) MUST_CHECK;

#endif
