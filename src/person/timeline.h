/* What a person did, and what was decided for them, newest first, a page at a time.
 *
 * Read from the rows of their own nodes, in the time these were theirs: an identifier that
 * changed hands shows each owner what was theirs alone. Everything is told, whatever was
 * consented to: it is for the service desk and for the person. A page costs what it shows;
 * nothing is kept. Any thread, but not a loop: the disk is read. */
#ifndef VISAVIS_PERSON_TIMELINE_H
#define VISAVIS_PERSON_TIMELINE_H

#include "person/people.h"

struct timeline {
    struct people *people;
    uint32_t workspace;
    struct uuid node, person; /* of the identifier; the person's name */
    struct person_spans spans;
};
/* Whose identifier it is now. Spans live in the arena. STATUS_NOT_FOUND. */
enum status timeline_open(struct people *people, uint32_t workspace,
                          const struct identifier *identifier, struct arena *arena,
                          struct timeline *out_timeline) MUST_CHECK;

struct timeline_range {
    int64_t from_ms, until_ms;       /* from ≤ time < until; INT64_MIN and INT64_MAX: all */
    const struct event_order *below; /* of events: only those before this one; NULL: all */
    const struct uuid *call;         /* of decisions: only calls before this one; NULL: all */
};
/* False: enough. The event dies with the call. */
typedef bool timeline_event_visitor(void *context, const struct event *event);
enum status timeline_events(const struct timeline *timeline, const struct timeline_range *range,
                            timeline_event_visitor *visitor, void *context) MUST_CHECK;
/* Ids of calls, as decision_call tells them; those that aged out are passed over. */
typedef bool timeline_call_visitor(void *context, struct uuid call);
enum status timeline_decisions(const struct timeline *timeline, const struct timeline_range *range,
                               timeline_call_visitor *visitor, void *context) MUST_CHECK;

#endif
