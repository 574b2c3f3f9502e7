/* Who does more than people do: robots behind a browser's name, and kiosks.
 *
 * A node with more than PERSON_HOUR_EVENTS_MAX events in one clock hour, or more than
 * PERSON_EVENTS_MAX in all, is marked, for good. By event time, in the order of observation: the
 * same log marks the same nodes at the same events. Bounded: at most TIRELESS_NODES_MAX nodes
 * are watched; when they are that many the half that did least leaves, and what the most active
 * of those did is taken off the count in all of the others (Misra and Gries 1982), which
 * therefore is short by at most one event in TIRELESS_NODES_MAX / 2 of all. Nodes by hash64, 32
 * bytes each. One thread. */
#ifndef VISAVIS_LEARN_TIRELESS_H
#define VISAVIS_LEARN_TIRELESS_H

#include "base/buf.h"
#include "base/number_table.h"
#include "base/pack.h"
#include "base/uuid.h"

enum { TIRELESS_NODES_MAX = 65536 };

struct tireless {
    struct number_table watched; /* struct pace of tireless.c by node */
    size_t marked_count;
};

enum tireless_answer { TIRELESS_NOT, TIRELESS_NOW, TIRELESS_ALREADY };

void tireless_init(struct tireless *tireless);
void tireless_done(struct tireless *tireless);
/* Counts one event. TIRELESS_NOW: it marked the node. */
enum tireless_answer tireless_take(struct tireless *tireless, struct uuid node, int64_t time_ms);
void tireless_forget(struct tireless *tireless, struct uuid node);

/* Same observations, same bytes. Unpacking ends with in->failed set on bytes that pack does not
 * write; *tireless must be new. */
void tireless_pack(const struct tireless *tireless, struct buf *buf);
void tireless_unpack(struct unpack *in, struct tireless *tireless);

#endif
