/* Whose turn it is: whole requests wait here for their handler.
 *
 * The loop reads what has come, but not much at a time, then calls handlers by rank for
 * HTTP_TURN_US, then reads again. So whoever cannot be served in time is told so at once, at the
 * price of reading him, and what matters more goes first however much of the rest has come. Loop
 * thread only.
 *
 * Invariants:
 *  1. A request is taken in while what goes before it is worked off in time, as reckoned from what
 *     handlers of each rank took of late: within HTTP_BURST_WAIT_US, and once the queues have not
 *     been empty for HTTP_STANDING_MS (no burst, but more than can be served) within its rank's
 *     wait, much shorter. HTTP_RANK_FIRST always is.
 *  2. What was taken in is served: by rank, in order of arrival within one; who has waited for
 *     HTTP_TURN_WAIT_MS_MAX goes before all.
 *  3. A request whose client has gone meanwhile is dropped without a call of its handler. */
#ifndef VISAVIS_HTTP_TURNS_H
#define VISAVIS_HTTP_TURNS_H

#include "http/http.h"

struct exchange;
struct http_loop;

struct turns {
    struct turn_queue {
        struct exchange *first, *last;
        uint64_t count;
        uint64_t cost_us; /* of one call of a handler of this rank, smoothed */
    } queues[HTTP_RANK_COUNT];
    uint64_t standing_since_ms; /* since when somebody has always waited; 0: nobody does */
};

/* The exchange waits for its turn with the handler of the route. False: there is no room for it. */
bool turns_join(struct exchange *exchange, const struct http_route *route) MUST_CHECK;
/* Calls handlers for a while; true while some still wait. */
bool turns_serve(struct http_loop *loop);
/* At the end of a loop: drops whoever still waits. */
void turns_done(struct http_loop *loop);

#endif
