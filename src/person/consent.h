/* Consent as a ledger: who allowed what, when, on what word; and the gate that every reading of a person passes.
 *
 * A choice is stored per node (a device, an address, a user): tracker consent stays on the node where it was given, message consent on the
 * address. On one node the newest choice by event time wins, never across nodes. Objection is separate and absolute: it
 * stands until it is withdrawn by the person, whatever is granted later. Unknown means no.
 * The rules on states are pure functions on struct consent; rows are read and written by people.c. */
#ifndef VISAVIS_PERSON_CONSENT_H
#define VISAVIS_PERSON_CONSENT_H

#include "person/event.h"

enum consent_source { CONSENT_FROM_EVENT, CONSENT_FROM_API, CONSENT_FROM_IMPORT };

/* One purpose on one node. */
struct consent_choice {
    enum consent_state state;
    enum consent_source source;
    struct event_order order; /* of the newest choice: ties by source and message */
    bool objected;
    struct event_order objected_order; /* of the newest objection or its withdrawal */
};

struct consent {
    struct consent_choice purposes[PURPOSE_COUNT];
    int32_t birth_day;   /* days since 1970 of a declared birth date, INT32_MIN unknown */
    bool minor_declared; /* a `minor` trait was true and no birth date says otherwise */
};

void consent_init(struct consent *consent);

struct consent_change {
    uint32_t purposes;         /* bit per purpose: which ones change */
    enum consent_state state;
    bool objection;            /* sets (or, with state granted, withdraws) objection instead of consent */
    enum consent_source source;
    struct event_order order;
    struct slice text;         /* what the person was shown or the importer asserts; proof */
};
/* Newest wins; an import never overwrites a known refusal. True when anything changed. */
bool consent_apply(struct consent *consent, const struct consent_change *change);
consent_stamp consent_stamp_of(const struct consent *consent);

void consent_pack(const struct consent *consent, struct buf *buf);
enum status consent_unpack(struct slice bytes, struct consent *out_consent) MUST_CHECK;

enum gate_answer {
    GATE_GRANTED, GATE_BASIS /* a legal basis other than consent */, GATE_UNKNOWN, GATE_DENIED, GATE_OBJECTED,
    GATE_MINOR, GATE_COUNT
};
/* May this purpose be served on this node at this instant? Age by the workspace's day (now_ms): under 15 only `necessary`; 15 to 17 not
 * `email push sms share` profiling for offers nor `personalise` of offers (offers_only tells which). buyer: has an order (soft opt-in). */
struct gate_question {
    enum purpose purpose;
    int64_t now_ms;
    bool buyer;
    bool for_offer;
};
enum gate_answer consent_gate(const struct consent *consent, const struct gate_question *question);
/* Sentence for explanations ("personalise: consent given on this device on 2026-03-01"), French or English. */
const char *gate_sentence(enum gate_answer answer, bool french);

#endif
