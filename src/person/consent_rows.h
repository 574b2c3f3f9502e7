/* Rows of consent: the state of each purpose on a node, and the history of its changes.
 *
 * Keys (after the prefix of 6 bytes):
 *   node 16 | 0                                             → the state (consent_pack)
 *   node 16 | 1 | time 8 | sequence 8 | number in it u8     → one change
 * The history holds each change of a state, an objection or an age; what only renews a choice
 * moves the state's order (at the next checkpoint: renewals.h) and leaves no history. Replaying
 * a node's history up to a sequence gives the states as known then. docs/internals/format.md
 * states the values. */
#ifndef VISAVIS_PERSON_CONSENT_ROWS_H
#define VISAVIS_PERSON_CONSENT_ROWS_H

#include "ledger/ledger.h"
#include "person/consent.h"
#include "person/key_table.h"

enum { CONSENT_KEY_BYTES_MAX = 64, CONSENT_TEXT_BYTES_MAX = 1024 };

size_t consent_key(uint32_t workspace, struct uuid node, uint8_t *out_key);
/* Prefix of a node's history. */
size_t consent_history_prefix(uint32_t workspace, struct uuid node, uint8_t *out_key);

/* As committed; an unknown node has an empty consent. Any thread. */
enum status consent_load(struct store *store, uint32_t workspace, struct uuid node,
                         struct consent *out_consent) MUST_CHECK;
/* As known at a sequence: the state, or from the history where it has changed since. Of choices
 * told again since, the state tells the later order. */
enum status consent_load_as_known(struct store *store, uint32_t workspace, struct uuid node,
                                  uint64_t sequence, struct consent *out_consent) MUST_CHECK;

/* One row of the history. */
struct consent_moment {
    uint64_t sequence;
    uint32_t purposes; /* 0: an age alone */
    enum consent_state state;
    bool objection;
    enum consent_source source;
    struct event_order order;
    int32_t birth_day; /* as it was after the change */
    bool minor;
    struct slice text;
};
struct consent_moments {
    struct consent_moment *list;
    size_t count;
};
enum status consent_history(struct store *store, uint32_t workspace, struct uuid node,
                            struct arena *arena, struct consent_moments *out_moments) MUST_CHECK;

/* Ledger thread: puts the state alone. */
void consent_put_state(struct store_batch *batch, struct store *store, const struct table_key *key,
                       const struct consent *consent);
/* Ledger thread: puts the state, and the history rows of what changed between before and after.
 * Sets after's sequence. text may be empty. */
void consent_put(struct ledger_write *write, struct uuid node, const struct consent *before,
                 struct consent *after, struct slice text);
/* Only refusals and objections, for what survives an erasure; false when there are none. */
bool consent_refusals(const struct consent *consent, struct consent *out_refusals);

#endif
