/* Whom the console's vis-à-vis can show: the demo's faces with what names them to the shop, and
 * what they hide. The door of api.h, struct api_simulated. Any thread. */
#ifndef VISAVIS_APP_DEMO_SIMULATED_H
#define VISAVIS_APP_DEMO_SIMULATED_H

#include "api/api.h"

struct demo_simulated;
/* secret_key: of the demo workspace; signs for the faces. */
enum status demo_simulated_new(const char *secret_key, struct demo_simulated **out_simulated,
                               struct diag *diag) MUST_CHECK;
void demo_simulated_free(struct demo_simulated *simulated);
/* [{"number", "name", "city", "visitors": [{"level", "anonymousId", "userId", "userSignature"}],
 * "truth"}] */
void demo_simulated_write(void *context, int64_t now_ms, struct json_out *out);

#endif
