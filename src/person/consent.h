/* Consent as a ledger: who allowed what, when, on what word; and the gate that every reading of
 * a person passes.
 *
 * A choice is stored per node (a device, an address, a user): tracker consent stays on the node
 * where it was given, message consent on the address. On one node the newest choice by event
 * time wins, never across nodes. Objection is separate and absolute: it stands until it is
 * withdrawn by the person, whatever is granted later. Unknown means no. The rules on states are
 * pure functions on struct consent; rows are read and written by people.c. */
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
    bool minor_declared; /* a `minor` trait was true; counts only while no birth date is known */
    struct event_order birth_order, minor_order; /* of what said so: the newest wins */
    uint64_t sequence; /* the ledger's, since when the states are these; 0 nothing was ever said */
};

enum { CONSENT_RECORD_VERSION = 2, CONSENT_BYTES_MAX = 1024 };

void consent_init(struct consent *consent);

struct consent_change {
    uint32_t purposes; /* bit per purpose: which ones change */
    enum consent_state state;
    /* sets (or, with state granted, withdraws) objection instead of consent */
    bool objection;
    enum consent_source source;
    struct event_order order;
    struct slice text; /* what the person was shown or the importer asserts; proof */
};
/* Newest wins; an import overwrites no known refusal and withdraws no objection. True when
 * anything changed. Choices told by events and the API give one result in whatever order they
 * come; imports apply to what is known when they come. */
bool consent_apply(struct consent *consent, const struct consent_change *change);
/* A birth date (days since 1970) or a `minor` trait told at order; the newest wins. True when
 * anything changed. */
bool consent_set_birth_day(struct consent *consent, int32_t birth_day,
                           const struct event_order *order);
bool consent_set_minor(struct consent *consent, bool minor, const struct event_order *order);
/* What an event itself says: its preferences (of named categories only) and its traits
 * `birthday`, `birthdate`, `birth_date`, `birthDate`, `date_of_birth`, `dateOfBirth`, `minor`,
 * `isMinor`. An implausible birth date (after the event, or 130 years before) says nothing. */
bool consent_learn(struct consent *consent, const struct event *event);
/* The same for the device that an event names beside somebody: its choices on trackers alone.
 * Whom it names learns all, so that who asks by the user alone is answered by what the user said
 * last. */
bool consent_learn_device(struct consent *device, const struct event *event);
/* What counts for such an event: the device's choices on trackers, the home's on addresses; an
 * objection or an age told on either. */
struct consent consent_join(const struct consent *device, const struct consent *home);
/* Which choices were told again with the state they had, so that only their order (and that it was
 * an event who told) differs: the event's. 0 when a state or an age differs too, or nothing. */
uint32_t consent_renewed(const struct consent *before, const struct consent *after);
/* Does that again; choices that are newer, or were never made, stay as they are. */
void consent_renew(struct consent *consent, uint32_t purposes, const struct event_order *order);
/* Was any of these choices ever made? */
bool consent_made(const struct consent *consent, uint32_t purposes);
/* State of every purpose as an event is stamped with: denied where objected. The second also
 * denies what the age at now_ms forbids: stamp with it. */
consent_stamp consent_stamp_of(const struct consent *consent);
consent_stamp consent_stamp_at(const struct consent *consent, int64_t now_ms);
/* The stamp of one event on this node (consent_learn came before): with a consent object, what
 * it names is as it says and the purposes that rest on a choice and are not named are denied for
 * this event; without one, the node's state. Objection and age deny either way. */
consent_stamp consent_stamp_event(const struct consent *consent, const struct event *event,
                                  int64_t now_ms);

void consent_pack(const struct consent *consent, struct buf *buf);
enum status consent_unpack(struct slice bytes, struct consent *out_consent) MUST_CHECK;

enum gate_answer {
    GATE_GRANTED,
    GATE_BASIS /* a legal basis other than consent */,
    GATE_UNKNOWN,
    GATE_DENIED,
    GATE_OBJECTED,
    GATE_MINOR,
    GATE_COUNT
};
/* May this purpose be served on this node at this instant? In this order: `necessary` always is;
 * an objection; the age on the workspace's day; a consent; another legal basis of
 * spec/purposes.yaml (buyers' soft opt-in where the table allows it; contract, legitimate
 * interest); unknown means no. Age: under 15, or `minor` without a birth date, only `necessary`;
 * 15 to 17 not `email push sms share`, and no consented purpose for offers. */
struct gate_question {
    enum purpose purpose;
    int64_t now_ms;
    int64_t utc_offset_ms; /* of the workspace at now_ms: whose day it is */
    bool buyer;            /* has an order: soft opt-in for own similar products */
    bool for_offer;        /* the reading serves an offer or advertising */
};
static inline bool gate_is_open(enum gate_answer answer)
{
    return answer == GATE_GRANTED || answer == GATE_BASIS;
}
enum gate_answer consent_gate(const struct consent *consent, const struct gate_question *question);

#endif
