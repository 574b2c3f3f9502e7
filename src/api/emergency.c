#include "api/emergency.h"

#include "api/decide_call.h"
#include "decide/decide.h"

static void decide(void *context, struct http_request *request)
{
    (void)context;
    struct decide_call call;
    const struct json *body;
    struct diag diag = {0};
    enum status status = json_parse(request->arena, request->body, &body, &diag);
    if (status == STATUS_OK)
        status = decide_call_read(body, request->arena, &call, &diag);
    if (status != STATUS_OK) {
        http_problem(request, status, &diag);
        return;
    }
    struct buf answer;
    buf_init(&answer, 65536);
    struct decide_input input = {.moment = call.moment};
    struct outcome outcome;
    static const struct policy none;
    input.policy = &none;
    input.call = decision_call(uuid_new());
    input.evidence = ARENA_ARRAY(request->arena, call.moment.wish_count, struct placement_evidence);
    input.moment.explain = false;
    if (input.moment.locale == LOCALE_COUNT)
        input.moment.locale = LOCALE_FR;
    decide_run(&input, request->arena, &outcome);
    for (size_t i = 0; i < outcome.decision_count; i++)
        outcome.decisions[i].fallback = SLICE("no_store");
    decide_write_answer(&input, &outcome, &answer);
    http_respond(request, &(struct http_response){.code = 200, .body = buf_slice(&answer)});
    buf_done(&answer);
}

static void alive(void *context, struct http_request *request)
{
    (void)context;
    http_respond(request,
                 &(struct http_response){.code = 200, .body = SLICE("{\"status\":\"alive\"}")});
}

static void full(void *context, struct http_request *request)
{
    (void)context;
    http_problem(request, STATUS_NO_SPACE, NULL);
}

static bool any_origin(void *context, const struct http_request *request, struct slice origin)
{
    (void)context;
    (void)request;
    return !slice_is(origin, "null"); /* there is nothing here to protect, and a page that waits */
}

#define ROUTE(method, path, handler, cost, scopes) {method, path, full, NULL, HTTP_RANK_FIRST},
static struct http_route routes[] = {
#include "routes.inc"
};
#undef ROUTE

void emergency_serve(struct http_options *options)
{
    const size_t count = sizeof routes / sizeof routes[0];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(routes[i].path, "/v1/decide") == 0)
            routes[i].handler = decide;
        else if (strcmp(routes[i].path, "/livez") == 0)
            routes[i].handler = alive;
    }
    options->routes = routes;
    options->route_count = count;
    options->origin_allowed = any_origin;
}
