/* One client's connection: reading, waiting for the answer, writing, lingering; with an absolute
 * deadline for each.
 *
 * Loop thread only, pooled by the loop. Invariants: one exchange at a time; while it is worked
 * on or written at most one read's bytes are held and reading stops; a connection whose bytes
 * cannot be trusted any more is never read as HTTP again. */
#ifndef VISAVIS_HTTP_CONNECTION_H
#define VISAVIS_HTTP_CONNECTION_H

#include "http/exchange.h"

extern const struct net_events connection_events; /* its context is the http_loop */

/* The exchange's answer lies in its out buffer: write it. Takes the exchange. */
void connection_answer(struct exchange *exchange);
/* More bytes of an endless answer wait in the stream, or it was closed. */
void connection_flush_stream(struct connection *connection);
void connection_free_pool(struct http_loop *loop);

#endif
