/* What a feed's settings were before: the last FEED_PAST_MAX, newest first, kept beside the
 * settings in one row, so that a change can be taken back. Text lives in the owner's arena. Pure.
 */
#ifndef VISAVIS_API_FEED_PAST_H
#define VISAVIS_API_FEED_PAST_H

#include "base/buf.h"
#include "base/json.h"
#include "base/pack.h"

enum { FEED_PAST_MAX = 10 };

struct feed_past {
    struct {
        int64_t until_ms;
        struct slice by;   /* who changed them then: "key:k2" */
        struct slice text; /* as feed_settings_write wrote them */
    } list[FEED_PAST_MAX];
    size_t count;
};

/* One more in front of what `before` has, copied into the arena; the oldest goes. */
struct feed_past feed_past_add(const struct feed_past *before, int64_t until_ms, struct slice by,
                               struct slice text, struct arena *arena);
void feed_past_pack(const struct feed_past *past, struct buf *buf);
/* False on what pack does not write. */
bool feed_past_unpack(struct unpack *in, struct arena *arena, struct feed_past *out_past);
/* {"versions": [{"until", "by", "settings": {…}}]} */
void feed_past_write(const struct feed_past *past, struct json_out *out);

#endif
