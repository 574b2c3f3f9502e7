/* GET /api/v1/overview: the console's first screen. */
#include "api/api.h"
#include "api/overview.h"

#include "base/clock.h"

struct looking {
    struct errand errand; /* first */
    struct http_request *request;
    struct caller *caller;
    struct overview overview;
};

static void answer(struct looking *looking)
{
    struct buf body;
    buf_init(&body, OVERVIEW_BYTES_MAX);
    overview_write(&looking->overview, looking->request->arena, &body);
    api_leave(looking->caller);
    api_settle(looking->request, STATUS_OK, NULL, &body);
}

/* The connection waits while what is too old is made anew; who asks meanwhile gets what is
 * there. */
static void refresh(struct errand *errand)
{
    struct looking *looking = (struct looking *)errand;
    overview_refresh(&looking->overview);
    answer(looking);
}

void api_overview(void *context, struct http_request *request)
{
    struct api *api = context;
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct looking *looking = ARENA_NEW(request->arena, struct looking);
    *looking = (struct looking){.errand = {.run = refresh},
                                .request = request,
                                .caller = caller,
                                .overview = {.kept = api->overviews,
                                             .engine = api->engine,
                                             .activity = api->activity,
                                             .workspace = caller->workspace,
                                             .now_ms = clock_now_ms()}};
    if (!overview_claim(&looking->overview)) {
        answer(looking);
    } else if (errands_add(api->chores, &looking->errand) != STATUS_OK) {
        overview_unclaim(&looking->overview);
        answer(looking);
    }
}
