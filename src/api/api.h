/* The HTTP interface: one handler an operation of spec/openapi.yaml, and what they share.
 *
 * Handlers run on the connection's thread and never block on the disk but for a cold profile:
 * what waits for the ledger answers from its completion. The table of routes is derived from the
 * specification; api_enter is the first line of every handler that needs a key. */
#ifndef VISAVIS_API_API_H
#define VISAVIS_API_API_H

#include "api/engine.h"
#include "api/errands.h"
#include "api/limiter.h"
#include "api/moments.h"
#include "api/throttle.h"
#include "http/http.h"

#include <stdatomic.h>

enum endpoint_class {
    CLASS_NONE,
    CLASS_COLLECT,
    CLASS_DECIDE,
    CLASS_CONSENT,
    CLASS_READ,
    CLASS_WRITE,
    CLASS_STREAM,
    CLASS_COUNT
};

struct api_counts {
    _Atomic uint64_t answers[CLASS_COUNT][6]; /* by class and first digit of the code */
    _Atomic uint64_t duration_us[CLASS_COUNT][6];
    _Atomic uint64_t messages_accepted, messages_duplicate, messages_refused, messages_counted_only,
        decisions, decisions_personalised, decisions_fallback, rate_limited;
};

/* The simulated people whom the demo can show, as a JSON value; NULL: there is no demo. */
struct api_simulated {
    void (*write)(void *context, int64_t now_ms, struct json_out *out);
    void *context;
    struct slice workspace; /* the name of theirs */
};

struct api_settings {
    uint32_t rate_per_second; /* of one key, or one address without; 0: no limit */
    struct slice shop_key;    /* write key for the pages of the demo shop; empty: there is none */
    struct api_simulated simulated;
    struct slice backups; /* the folder for backups; empty: DATA-backups */
};

struct api {
    struct engine *engine;
    struct moments *moments;
    struct evaluations *evaluations;
    struct imports *imports;
    struct overviews *overviews;        /* what the console's first screen keeps */
    struct activity *activity;          /* decisions of late, a placement */
    struct sightings *sightings;        /* what arrived of late */
    struct key_uses *key_uses;          /* when each key was last used */
    struct backups *backups;            /* copies that the console asks for */
    struct limiter *limiter;            /* of keys */
    struct limiter *strangers;          /* of addresses that call without a key of ours */
    struct throttle *throttle;          /* of logins */
    struct errands *errands;            /* logins and changes of users, one after the other */
    struct errands *chores;             /* what reads much or waits for the ledger, some at once */
    struct http_server *_Atomic server; /* for its counters; set after it started */
    struct api_settings settings;
    struct api_counts counts;
    _Atomic bool draining;
    int64_t started_ms;
};

enum status api_new(struct engine *engine, const struct api_settings *settings,
                    struct api **out_api) MUST_CHECK;
/* Ends what runs on threads of its own. Before the engine closes. */
void api_stop(struct api *api);
void api_free(struct api *api);
/* Fills routes, context and hooks of the server's options. */
void api_serve(struct api *api, struct http_options *options);

/* --- for handlers ----------------------------------------------------------------------------- */

/* What a row of the routes says beside path and handler. */
struct api_operation {
    const char *cost, *scopes;
};

struct signed_in;

/* Who calls: a key, or a user who is signed in, to whom the key is what his role makes of him.
 * Pinned until api_leave, which every way out of a handler passes (also from a ledger
 * completion). In the request's arena. */
struct caller {
    const struct workspaces_snapshot *snapshot;
    const struct workspace *workspace;
    const struct api_key *key;
    const struct signed_in *signed_in; /* NULL for a key */
};

/* Finds the key (Authorization Basic or Bearer, X-Write-Key, body_key, ?writeKey=), checks
 * rate, scope and origin; without any key the session of the cookie, its workspace
 * (X-Visavis-Workspace) and whether the page is ours. NULL: answered with a problem. body_key: the
 * writeKey member of a body, or empty. */
struct caller *api_enter(struct api *api, struct http_request *request, struct slice body_key);
/* With a write key that stands in the path and may be told to anyone: rate alone is checked. */
struct caller *api_enter_by_path(struct api *api, struct http_request *request, struct slice key);
/* What the answer's RateLimit headers tell: the state at which the request entered, else (it was
 * refused before) the state now. False for a route that asks no key. */
bool api_rate(struct api *api, struct http_request *request, struct limiter_state *out_state);
void api_leave(struct caller *caller);
/* Runs the errand on one of the threads for what takes a while; when too many wait the caller is
 * left and the call answered 503. */
void api_apart(struct api *api, struct http_request *request, struct caller *caller,
               struct errand *errand);
/* Do these scopes (bits) open the request's route? */
bool api_scopes_allow(const struct http_request *request, uint32_t scopes);
/* One number for one address, or for one house of IPv6. */
uint64_t api_network(const struct http_request *request);
/* Who an audit row names: "key:k2", "user:ada". */
struct slice caller_by(const struct caller *caller, struct arena *arena);

/* 200 to what a shop's page asks all the time. Without a word on caches: what is posted is kept by
 * none, and Chromium holds up a page's parallel calls to an address that says no-store. */
void api_answer_page(struct http_request *request, const struct buf *body);
/* What stands now, of people or of how the shop does: no cache keeps it. */
void api_answer(struct http_request *request, int code, const struct buf *body);
/* 200 with the body, or the problem in the words of diag where it has some; ends the body. Last:
 * the request's arena may die with it. */
void api_settle(struct http_request *request, enum status status, const struct diag *diag,
                struct buf *body);
/* The body as a JSON object; false: answered. */
bool api_body(struct http_request *request, const struct json **out_body);

/* An intake for this caller; catalog is pinned by the asker for as long as events made with it
 * are used. */
struct intake_context {
    struct api *api;
    const struct catalog_snapshot *catalog;
    const struct caller *caller;
    int64_t now_ms;
};
void api_intake(struct intake_context *context, const struct http_request *request,
                struct intake *out_intake);
/* HMAC-SHA-256 by the secret key over workspace, user, anonymous id and expiry, each ended by a
 * line feed (docs/signing.md): "EXPIRY.HEX" or {"expires": seconds, "signature": hex or base64}. */
bool api_signature_valid(const struct caller *caller, const struct json *signature,
                         struct slice user_id, struct slice anonymous_id, int64_t now_ms);

/* One for each operation; the list stands in routes.inc. */
#define ROUTE(method, path, handler, cost, scopes) http_handler handler;
#include "routes.inc"
#undef ROUTE

#endif
