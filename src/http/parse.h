/* The door to llhttp (Node's parser), the second opinion behind http/guard.h: both must agree on
 * where a message ends.
 *
 * One struct parse a connection's request, heap, loop thread only. This header names nothing of
 * http.h, whose method names llhttp also has. */
#ifndef VISAVIS_HTTP_PARSE_H
#define VISAVIS_HTTP_PARSE_H

#include "base/buf.h"
#include "base/status.h"

struct parse;

struct parse *parse_new(void);
void parse_free(struct parse *parse);

/* Before each message; body bytes are appended to body, whose maximum is the limit. */
void parse_begin(struct parse *parse, struct buf *body);
/* False when llhttp refuses; out_reason is static text. Feed no byte beyond the message's end. */
bool parse_feed(struct parse *parse, struct slice bytes, const char **out_reason) MUST_CHECK;

bool parse_head_complete(const struct parse *parse);
bool parse_message_complete(const struct parse *parse);
/* How llhttp frames the body, valid once the head is complete; content_length is 0 without one. */
bool parse_is_chunked(const struct parse *parse);
uint64_t parse_content_length(const struct parse *parse);

#endif
