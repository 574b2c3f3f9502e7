/* What a page tells of a simulated person's deed: one message of the Segment family. The same words
 * go over HTTP (simulate_line.h) and into the demo's history (demo_history.h). */
#ifndef VISAVIS_APP_SIMULATE_MESSAGE_H
#define VISAVIS_APP_SIMULATE_MESSAGE_H

#include "base/json_out.h"
#include "simulate/walk.h"

enum { SIMULATE_ID_BYTES = 96 };

struct simulate_message {
    const struct walk *walk;
    const struct walk_deed *deed;
    const char *id;       /* of the message */
    int64_t run;          /* makes the ids of orders new */
    struct slice visitor; /* anonymousId; empty: the person's own */
    struct slice user;    /* who is logged in, or empty */
    bool past;            /* it carries the instant of the walk; else it happens now */
};

void simulate_message_write(const struct simulate_message *message, struct json_out *out);

/* What an order costs, in minor units. */
int64_t simulate_total(const struct walk *walk);
/* "anonymousId" of the person, and "consent" with every purpose of a page granted. */
void simulate_write_name(const struct walk *walk, struct json_out *out);
void simulate_write_agreement(struct json_out *out);

#endif
