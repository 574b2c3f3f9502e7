/* A folded state as it is cached and stored: a packed profile and what it holds for; and a
 * node's card. Pure.
 *
 * Scopes: a device's own events since it last changed hands; a person's events on all nodes. A
 * card says how a node may be asked: its consent, its root, what its person objects to. Cards
 * are cached and never stored. */
#ifndef VISAVIS_PERSON_PROFILE_ROW_H
#define VISAVIS_PERSON_PROFILE_ROW_H

#include "person/consent.h"
#include "person/profile.h"

enum scope { SCOPE_CARD = 0, SCOPE_DEVICE = 1, SCOPE_PERSON = 2 };

enum { PROFILE_KEY_BYTES = 6 + 17, PROFILE_ROW_BYTES_MAX = PROFILE_BYTES_MAX + 128 };

struct profile_row {
    uint64_t sequence;      /* every change up to here is in */
    int64_t from_ms;        /* earlier events are not the device's */
    int64_t valid_until_ms; /* from then on a link already known says otherwise; INT64_MAX */
    bool known;             /* there are events, folded or not */
    struct uuid name;       /* of the person; zero for a device */
    struct slice profile;   /* profile_pack */
    uint64_t events_folded; /* by the fold that made it; not stored */
};

/* node 16 | scope u8, after the prefix. */
void profile_row_key(uint32_t workspace, struct uuid node, enum scope scope,
                     uint8_t out_key[PROFILE_KEY_BYTES]);
void profile_row_pack(const struct profile_row *row, struct buf *buf);
/* Borrows from bytes. STATUS_CORRUPT. */
enum status profile_row_unpack(struct slice bytes, struct profile_row *out_row) MUST_CHECK;

struct card {
    uint64_t sequence;
    int64_t valid_until_ms;
    struct uuid root; /* at the instant it was made */
    struct consent
        /* the node's own, with the objections and the age of the whole person laid over it */
        consent;
};
void card_pack(const struct card *card, struct buf *buf);
enum status card_unpack(struct slice bytes, struct card *out_card) MUST_CHECK;

#endif
