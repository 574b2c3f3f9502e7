/* A person as far as a purpose allows: the only way to read one from outside person/.
 *
 * A view is made for a purpose and an asker. It is empty unless the purpose is granted now on
 * the asking node, and it holds only what was folded from events stamped granted, from nodes
 * that granted; orders and basket count when the purpose is granted now. Who asks with a public
 * key alone is the device of the anonymousId: its own events since it last changed hands, never
 * a known person's history. With a good user signature or a secret key the whole person answers.
 * Values live in the arena of the request. */
#ifndef VISAVIS_PERSON_VIEW_H
#define VISAVIS_PERSON_VIEW_H

#include "person/consent.h"
#include "person/profile.h"

enum asker_trust { ASKER_PUBLIC, ASKER_SIGNED, ASKER_SECRET };

struct asker {
    uint32_t workspace;
    enum asker_trust trust;
    struct slice anonymous_id,
        user_id;             /* empty when absent; with ASKER_PUBLIC only anonymous_id is used */
    struct identifier other; /* with ASKER_SECRET: any identifier; value empty when absent */
    enum purpose purpose;
    bool for_offer;
    int64_t now_ms;
    int64_t utc_offset_ms; /* of the workspace at now_ms: whose day an age is told by */
    /* What the call itself says of purposes (decide's context.consent), as if it were the node's
     * newest choice; 0: it says nothing. */
    consent_stamp preferences;
    /* The nodes themselves instead of identifiers: a replay's asker, as a view of then names them.
     * Zero: identifiers count. */
    struct uuid node, person;
};

struct person_view {
    bool known; /* the asker names a person that has events */
    bool open;  /* the gate let the profile through; otherwise every field of it is empty */
    enum gate_answer gate;
    struct uuid node;   /* the asking node, zero when unknown */
    struct uuid person; /* the person's name; zero unless trust is signed or secret */
    unsigned level;
    uint64_t sequence;             /* what was known: every event ≤ this was seen */
    const struct profile *profile; /* never NULL; empty unless open */
    /* of the asking node at this instant: may what follows be counted (purpose measure)? Not part
     * of what a record keeps */
    bool measurable;
    bool incomplete; /* a longer re-fold was handed to a worker: context alone this time */
};

#endif
