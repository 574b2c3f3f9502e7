/* GET /api/v1/simulated: whom the console's vis-à-vis can show, and what they hide. */
#include "api/api.h"

#include "base/clock.h"

enum { SIMULATED_BYTES_MAX = 1 << 20 };

void api_simulated(void *context, struct http_request *request)
{
    struct api *api = context;
    const struct api_simulated *simulated = &api->settings.simulated;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    bool there = simulated->write && slice_equal(caller->workspace->name, simulated->workspace);
    struct buf body;
    struct diag diag = {0};
    buf_init(&body, SIMULATED_BYTES_MAX);
    api_leave(caller);
    if (there) {
        struct json_out out = json_out(&body);
        json_object(&out);
        json_name(&out, "people");
        simulated->write(simulated->context, clock_now_ms(), &out);
        json_end(&out);
    } else {
        (void)diag_set(&diag, STATUS_NOT_FOUND, "",
                       "Nobody is simulated in this shop: `visavis demo --data DIR` runs one");
    }
    api_settle(request, there ? STATUS_OK : STATUS_NOT_FOUND, &diag, &body);
}
