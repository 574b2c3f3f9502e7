/* The body of POST /v1/decide as plain values, checked: limits, types, sentences that say how to
 * mend. In the request's arena. */
#ifndef VISAVIS_API_DECIDE_CALL_H
#define VISAVIS_API_DECIDE_CALL_H

#include "base/json.h"
#include "decide/input.h"

struct decide_call {
    const struct json *context;   /* may be NULL */
    const struct json *signature; /* context.userSignature */
    struct slice anonymous_id, user_id, email;
    struct slice timezone;
    const struct json *events; /* an array or NULL */
    struct moment moment;      /* without now, offset and locale's fall-back */
    bool details;              /* what a page needs to show the items is told too */
};

enum status decide_call_read(const struct json *body, struct arena *arena,
                             struct decide_call *out_call, struct diag *diag) MUST_CHECK;

#endif
