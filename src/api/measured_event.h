/* An event as measures see it: an outcome, a click on a decision, a sign that one was seen.
 *
 * On the ledger thread. Who refuses to be measured, and robots, are no outcome. */
#ifndef VISAVIS_API_MEASURED_EVENT_H
#define VISAVIS_API_MEASURED_EVENT_H

#include "api/decisions.h"
#include "measure/join.h"
#include "person/people.h"

struct measured_event {
    struct store *store;
    struct decisions *decisions;
    uint32_t workspace;
    const struct event *event;
    struct arena *arena;
};

/* Takes the event into the join. Reads links or the decision's record, as known at the event's
 * sequence, only where some placement asks for it. */
void measured_event_take(const struct measured_event *measured, struct join *join);

/* The decision that a click or a sight names; false for any other event. */
bool event_names_decision(const struct event *event, struct arena *arena,
                          struct uuid *out_decision);

#endif
