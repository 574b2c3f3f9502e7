/* The live list of moments: who, where, what was chosen, because …; told to whoever listens.
 *
 * Cards are kept in a small ring a workspace, so that a new listener sees the last ones at once.
 * Making a card costs more than a decision, so MOMENTS_PER_SECOND are made at most, evenly under
 * load: calls that had to make one each in a row would wait for each other. Nothing that quiet
 * seconds left unmade is lost, up to a second's worth. moments_wanted tells a decision whether to
 * make one. Any thread. */
#ifndef VISAVIS_API_MOMENTS_H
#define VISAVIS_API_MOMENTS_H

#include "base/buf.h"
#include "http/http.h"

enum { MOMENTS_PER_SECOND = 20, MOMENTS_KEPT = 50 };

struct moments;
struct moments *moments_new(void);
void moments_free(struct moments *moments);

/* Is there room for one more card in this second? */
bool moments_wanted(struct moments *moments, uint64_t now_us);
/* card: one JSON object. */
void moments_tell(struct moments *moments, uint32_t workspace, struct slice card);
/* Opens the stream and sends the kept cards. Answers 503 when STREAM_LISTENERS_MAX listen
 * already. */
void moments_listen(struct moments *moments, uint32_t workspace, struct http_request *request);

#endif
