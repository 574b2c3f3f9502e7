/* Answers without an end, inside the server. See http_stream_* in http.h for what handlers see.
 *
 * A stream is shared by whoever sends and by its connection; its mutex guards what both touch. */
#ifndef VISAVIS_HTTP_STREAM_H
#define VISAVIS_HTTP_STREAM_H

#include "http/exchange.h"

/* The next bytes to write, borrowed until the next call; false when there are none. Loop thread. */
bool stream_take(struct http_stream *stream, struct slice *out_bytes);
/* Has the sender fallen over the limit? */
bool stream_is_broken(struct http_stream *stream);
void stream_ping(struct http_stream *stream);
/* The connection is gone: on_close is called and the connection's reference given back. Loop
 * thread, or any when no loop runs. */
void stream_close(struct http_stream *stream);

#endif
