#include "api/api.h"

#include "api/activity.h"
#include "api/backups.h"
#include "api/evaluations.h"
#include "api/imports.h"
#include "api/key_uses.h"
#include "api/overview.h"
#include "api/sightings.h"
#include "base/clock.h"
#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>

/* --- routes, derived from spec/openapi.yaml --------------------------------------------------- */

#define ROUTE(method, path, handler, cost, scopes) {cost, scopes},
static const struct api_operation operations[] = {
#include "routes.inc"
};
#undef ROUTE

enum {
    ROUTE_COUNT = sizeof operations / sizeof operations[0],
    CHORE_THREADS = 4, /* they wait for the ledger as often as they compute */
};

#define ROUTE(method, path, handler, cost, scopes) {method, path, handler, NULL, HTTP_RANK_FIRST},
static struct http_route routes[] = {
#include "routes.inc"
};
#undef ROUTE

static enum endpoint_class class_of(const struct http_request *request)
{
    static const char *const names[CLASS_COUNT] = {"none", "collect", "decide", "consent",
                                                   "read", "write",   "stream"};
    const struct api_operation *operation = request->route;
    for (int i = 0; operation && i < CLASS_COUNT; i++)
        if (strcmp(operation->cost, names[i]) == 0)
            return (enum endpoint_class)i;
    return CLASS_NONE;
}

static void on_answer(void *context, const struct http_request *request, int code, size_t bytes,
                      uint64_t duration_us)
{
    (void)bytes;
    struct api *api = context;
    enum endpoint_class class = class_of(request);
    unsigned digit = code >= 100 && code < 600 ? (unsigned)code / 100 : 0;
    atomic_fetch_add_explicit(&api->counts.answers[class][digit], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&api->counts.duration_us[class][digit], duration_us,
                              memory_order_relaxed);
}

/* Routes that a shop's pages call: what a write key may do, and what asks for nothing. What the
 * console commands is for pages of ours alone. */
static bool is_for_pages(const struct http_request *request)
{
    const struct api_operation *operation = request->route;
    if (!operation)
        return false;
    return operation->scopes[0] ? api_scopes_allow(request, SCOPES_OF_WRITE_KEY)
                                : !slice_starts_with(request->path, SLICE("/api/v1/")) &&
                                      !slice_starts_with(request->path, SLICE("/console"));
}

/* A preflight carries no key, so any origin that some key allows passes; the key's own list is
 * checked with the request itself. */
static bool origin_allowed(void *context, const struct http_request *request, struct slice origin)
{
    if (!is_for_pages(request))
        return false;
    struct api *api = context;
    const struct workspaces_snapshot *snapshot = workspaces_pin(api->engine->workspaces);
    bool allowed = false;
    for (size_t i = 0; i < workspaces_count(snapshot) && !allowed; i++) {
        const struct workspace *workspace = workspaces_at(snapshot, i);
        for (size_t k = 0; k < workspace->key_count && !allowed; k++)
            allowed = key_allows_origin(&workspace->keys[k], origin);
    }
    workspaces_unpin(snapshot);
    return allowed;
}

/* draft-ietf-httpapi-ratelimit-headers: a policy and what is left of it. */
static size_t rate_headers(void *context, struct http_request *request,
                           struct http_header out_headers[HTTP_ANSWER_HEADERS_MAX])
{
    struct limiter_state rate;
    if (!api_rate(context, request, &rate) || rate.limit == 0)
        return 0;
    out_headers[0] = (struct http_header){
        SLICE("RateLimit-Policy"),
        arena_format(request->arena, "\"%s\";q=%u;w=1", rate.policy, rate.limit)};
    out_headers[1] = (struct http_header){SLICE("RateLimit"),
                                          arena_format(request->arena, "\"%s\";r=%u;t=%u",
                                                       rate.policy, rate.remaining, rate.reset_s)};
    return 2;
}

/* consent and erasure > decisions > what is sent in > what is read out */
static enum http_rank rank_of(const struct api_operation *operation)
{
    static const struct {
        const char *cost;
        enum http_rank rank;
    } ranks[] = {
        {"none", HTTP_RANK_FIRST},      {"consent", HTTP_RANK_FIRST}, {"decide", HTTP_RANK_DECIDE},
        {"collect", HTTP_RANK_TAKE_IN}, {"write", HTTP_RANK_TAKE_IN}, {"read", HTTP_RANK_READ},
        {"stream", HTTP_RANK_READ},
    };
    size_t i = 0;
    while (strcmp(operation->cost, ranks[i].cost) != 0)
        assert(++i < sizeof ranks / sizeof ranks[0]);
    return ranks[i].rank;
}

void api_serve(struct api *api, struct http_options *options)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        routes[i].tag = &operations[i];
        routes[i].rank = rank_of(&operations[i]);
    }
    options->routes = routes;
    options->route_count = ROUTE_COUNT;
    options->context = api;
    options->origin_allowed = origin_allowed;
    options->on_answer = on_answer;
    options->answer_headers = rate_headers;
}

enum status api_new(struct engine *engine, const struct api_settings *settings,
                    struct api **out_api)
{
    struct api *api = must_alloc_zero(1, sizeof *api);
    api->engine = engine;
    api->settings = *settings;
    api->moments = moments_new();
    api->evaluations = evaluations_new(engine);
    api->imports = imports_new(engine);
    api->overviews = overviews_new();
    api->activity = activity_new(clock_now_ms());
    api->sightings = sightings_new(clock_now_ms());
    api->key_uses = key_uses_new();
    api->backups = backups_new(engine, settings->backups);
    api->limiter = limiter_new("default", settings->rate_per_second);
    api->strangers = limiter_new("address", settings->rate_per_second);
    api->throttle = throttle_new();
    api->errands = errands_new(1, ERRANDS_MAX);
    api->chores = errands_new(CHORE_THREADS, CHORES_MAX);
    api->started_ms = clock_now_ms();
    *out_api = api;
    return api->errands && api->chores ? STATUS_OK : STATUS_IO;
}

void api_stop(struct api *api)
{
    evaluations_free(api->evaluations);
    api->evaluations = NULL;
    errands_free(api->errands);
    api->errands = NULL;
    errands_free(api->chores);
    api->chores = NULL;
    imports_free(api->imports); /* chores ask for them */
    api->imports = NULL;
    backups_free(api->backups); /* no errand asks it any more */
    api->backups = NULL;
}

void api_free(struct api *api)
{
    if (!api)
        return;
    api_stop(api);
    moments_free(api->moments);
    overviews_free(api->overviews);
    activity_free(api->activity);
    sightings_free(api->sightings);
    key_uses_free(api->key_uses);
    limiter_free(api->limiter);
    limiter_free(api->strangers);
    throttle_free(api->throttle);
    free(api);
}

void api_apart(struct api *api, struct http_request *request, struct caller *caller,
               struct errand *errand)
{
    if (errands_add(api->chores, errand) == STATUS_OK)
        return;
    api_leave(caller);
    http_problem(request, STATUS_OVERLOADED, NULL);
}

/* --- answers ---------------------------------------------------------------------------------- */

void api_answer_page(struct http_request *request, const struct buf *body)
{
    http_respond(request, &(struct http_response){.code = 200, .body = buf_slice(body)});
}

void api_answer(struct http_request *request, int code, const struct buf *body)
{
    const struct http_header header = {SLICE("Cache-Control"), SLICE("no-store")};
    http_respond(request,
                 &(struct http_response){
                     .code = code, .body = buf_slice(body), .headers = &header, .header_count = 1});
}

void api_settle(struct http_request *request, enum status status, const struct diag *diag,
                struct buf *body)
{
    if (status == STATUS_OK && body->overflowed)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        api_answer(request, 200, body);
    else
        http_problem(request, status, diag && diag->sentence[0] ? diag : NULL);
    buf_done(body);
}

bool api_body(struct http_request *request, const struct json **out_body)
{
    struct diag diag = {0};
    enum status status = json_parse(request->arena, request->body, out_body, &diag);
    if (status == STATUS_OK && !json_is(*out_body, JSON_OBJECT))
        status = diag_set(&diag, STATUS_INVALID, "", "The body is not an object; send { … }");
    if (status != STATUS_OK)
        http_problem(request, status, &diag);
    return status == STATUS_OK;
}
