/* Who calls, and may they? See api.h. */
#include "api/api.h"
#include "api/key_uses.h"
#include "api/places.h"
#include "api/sightings.h"
#include "api/signed_in.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/seal.h"
#include "http/address.h"

#include <stdlib.h>

static bool take_scheme(struct slice header, const char *scheme, struct slice *out_rest)
{
    struct slice name, rest;
    if (!slice_cut(header, ' ', &name, &rest) || !slice_equal_ignoring_case(name, slice_of(scheme)))
        return false;
    *out_rest = slice_trim(rest);
    return true;
}

/* Basic: the key is the user name; clients leave the colon and the password away. */
static struct slice key_of_basic(struct slice encoded, struct arena *arena)
{
    struct slice plain, user, password;
    if (!base64_decode(arena, encoded, &plain))
        return SLICE_NONE;
    return slice_cut(plain, ':', &user, &password) ? user : plain;
}

static struct slice key_of_header(struct http_request *request)
{
    struct slice header = http_header(request, "authorization"), rest;
    if (take_scheme(header, "basic", &rest))
        return key_of_basic(rest, request->arena);
    if (take_scheme(header, "bearer", &rest))
        return rest;
    struct slice write_key = http_header(request, "x-write-key"), id, secret;
    return slice_cut(write_key, ':', &id, &secret) ? secret : write_key;
}

/* The first that is a key of ours counts. */
static bool find_key(const struct slice *tries, size_t count, struct caller *caller)
{
    for (size_t i = 0; i < count; i++)
        if (tries[i].size &&
            workspaces_by_key(caller->snapshot, tries[i], &caller->workspace, &caller->key))
            return true;
    return false;
}

bool api_scopes_allow(const struct http_request *request, uint32_t scopes)
{
    const struct api_operation *operation = request->route;
    struct slice rest = slice_of(operation->scopes), name;
    while (rest.size) {
        if (!slice_cut(rest, ' ', &name, &rest)) {
            name = rest;
            rest = SLICE_NONE;
        }
        enum scope scope;
        if (scope_from_name(name, &scope) && (scopes >> scope & 1))
            return true;
    }
    return false;
}

bool key_lives(const struct api_key *key)
{
    return !key->revoked && (key->expires_ms == 0 || clock_now_ms() < key->expires_ms);
}

bool key_allows_origin(const struct api_key *key, struct slice origin)
{
    if (key->secret || !key_lives(key))
        return false;
    for (size_t i = 0; i < key->origin_count; i++)
        if (slice_is(key->origins[i], "*") || slice_equal(key->origins[i], origin))
            return true;
    return false;
}

static bool origin_fits(const struct http_request *request, const struct api_key *key)
{
    struct slice origin = http_header(request, "origin");
    return key->origin_count == 0 || origin.size == 0 || key_allows_origin(key, origin);
}

/* --- rates ------------------------------------------------------------------------------------ */

static uint64_t id_of_user(const struct signed_in *signed_in)
{
    return (uint64_t)1 << 63 | signed_in->user.id;
}

static uint64_t id_of_key(const struct caller *caller)
{
    return (uint64_t)caller->workspace->id << 32 | caller->key->source;
}

/* A network of IPv6 is a house: its 64 bits of hosts are one caller. */
uint64_t api_network(const struct http_request *request)
{
    static const uint8_t ipv4[12] = {[10] = 0xff, [11] = 0xff};
    struct address address = {0};
    (void)address_parse(request->peer, &address);
    bool short_one = memcmp(address.bytes, ipv4, sizeof ipv4) == 0;
    return hash64(slice_make(address.bytes, short_one ? sizeof address.bytes : 8));
}

/* The slot keeps what the answer will tell. */
static bool take_token(struct limiter *limiter, uint64_t id, struct http_request *request)
{
    struct limiter_state *state = ARENA_NEW(request->arena, struct limiter_state);
    request->slot = state;
    return limiter_take(limiter, id, clock_monotonic_us(), state);
}

bool api_rate(struct api *api, struct http_request *request, struct limiter_state *out_state)
{
    const struct api_operation *operation = request->route;
    if (request->slot) {
        *out_state = *(const struct limiter_state *)request->slot;
        return true;
    }
    if (!operation || !operation->scopes[0] || request->method == HTTP_OPTIONS)
        return false;
    struct slice tries[] = {key_of_header(request), http_query(request, "writeKey")};
    struct caller caller = {.snapshot = workspaces_pin(api->engine->workspaces)};
    if (find_key(tries, 2, &caller))
        limiter_peek(api->limiter, id_of_key(&caller), clock_monotonic_us(), out_state);
    else
        limiter_peek(api->strangers, api_network(request), clock_monotonic_us(), out_state);
    workspaces_unpin(caller.snapshot);
    return true;
}

/* --- entering --------------------------------------------------------------------------------- */

static struct caller *refuse(struct http_request *request, struct caller *caller,
                             enum status status, const char *sentence)
{
    struct diag diag = {0};
    api_leave(
        caller); /* first: the caller lives in the request's arena, which the answer may end */
    http_problem(request, diag_set(&diag, status, "", "%s", sentence), &diag);
    return NULL;
}

static struct caller *refuse_rate(struct api *api, struct http_request *request,
                                  struct caller *caller, const char *sentence)
{
    atomic_fetch_add_explicit(&api->counts.rate_limited, 1, memory_order_relaxed);
    return refuse(request, caller, STATUS_RATE_LIMITED, sentence);
}

/* --- users ------------------------------------------------------------------------------------ */

/* The workspace that is named, else the only one that the user sees. */
static const struct workspace *workspace_of_user(struct http_request *request,
                                                 const struct workspaces_snapshot *snapshot,
                                                 const struct user *user)
{
    struct slice name = http_header(request, "x-visavis-workspace");
    const struct workspace *found = NULL;
    for (size_t i = 0; i < workspaces_count(snapshot); i++) {
        const struct workspace *workspace = workspaces_at(snapshot, i);
        if (!user_sees(user, workspace->id) || (name.size && !slice_equal(workspace->name, name)))
            continue;
        if (found)
            return NULL;
        found = workspace;
    }
    return found;
}

/* The key that a role amounts to: none of a shop's, so no source of events. */
static const struct api_key *key_of_user(struct http_request *request, const struct user *user)
{
    struct api_key *key = ARENA_NEW(request->arena, struct api_key);
    *key = (struct api_key){
        .id = slice_of(user->name), .secret = true, .scopes = role_scopes(user->role)};
    return key;
}

static struct caller *enter_user(struct api *api, struct http_request *request,
                                 struct caller *caller)
{
    struct diag diag = {0};
    const struct signed_in *signed_in = caller->signed_in;
    if (!take_token(api->limiter, id_of_user(signed_in), request))
        return refuse_rate(api, request, caller, "Too many requests; wait a second");
    if (signed_in_check(request, signed_in, &diag) != STATUS_OK)
        return refuse(request, caller, STATUS_FORBIDDEN, diag.sentence);
    caller->key = key_of_user(request, &signed_in->user);
    caller->workspace = workspace_of_user(request, caller->snapshot, &signed_in->user);
    return caller->workspace ? caller
                             : refuse(request, caller, STATUS_NOT_FOUND,
                                      "Name one of your workspaces: X-Visavis-Workspace: NAME");
}

struct signed_in *api_enter_signed_in(struct api *api, struct http_request *request)
{
    struct signed_in *signed_in = ARENA_NEW(request->arena, struct signed_in);
    const struct api_operation *operation = request->route;
    struct diag diag = {0};
    enum status status = STATUS_OK;
    bool found = signed_in_find(api, request, signed_in);
    if (!take_token(found ? api->limiter : api->strangers,
                    found ? id_of_user(signed_in) : api_network(request), request))
        status = diag_set(&diag, STATUS_RATE_LIMITED, "", "Too many requests; wait a second");
    else if (!found)
        status = diag_set(&diag, STATUS_UNAUTHENTICATED, "",
                          "Sign in first: POST /api/v1/session; no key does here");
    else if (operation->scopes[0] && !api_scopes_allow(request, role_scopes(signed_in->user.role)))
        status = diag_set(&diag, STATUS_FORBIDDEN, "", "Your role does not allow this");
    else
        status = signed_in_check(request, signed_in, &diag);
    if (status == STATUS_OK)
        return signed_in;
    http_problem(request, status, &diag);
    return NULL;
}

/* --- keys and users --------------------------------------------------------------------------- */

static bool has_key(const struct slice *tries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tries[i].size)
            return true;
    return false;
}

/* unknown: how nobody's key is answered. */
static struct caller *enter(struct api *api, struct http_request *request,
                            const struct slice *tries, size_t count, enum status unknown)
{
    struct caller *caller = ARENA_NEW(request->arena, struct caller);
    caller->snapshot = workspaces_pin(api->engine->workspaces);
    if (find_key(tries, count, caller)) {
        key_uses_note(api->key_uses, caller->key, clock_now_ms());
        return take_token(api->limiter, id_of_key(caller), request)
                   ? caller
                   : refuse_rate(api, request, caller,
                                 "Too many requests for this key; wait a second");
    }
    struct signed_in signed_in;
    if (!has_key(tries, count) && signed_in_find(api, request, &signed_in)) {
        struct signed_in *kept = ARENA_NEW(request->arena, struct signed_in);
        *kept = signed_in;
        caller->signed_in = kept;
        return enter_user(api, request, caller);
    }
    if (!take_token(api->strangers, api_network(request), request))
        return refuse_rate(api, request, caller,
                           "Too many requests without a key from this address; wait a second");
    return refuse(request, caller, unknown,
                  unknown == STATUS_UNAUTHENTICATED
                      ? "Send a key: Authorization: Bearer KEY, or Basic with the key as user name"
                      : "No workspace has this write key");
}

/* For whoever connects the shop, if it is an origin at all. */
static void tell_origin(struct api *api, struct http_request *request, const struct caller *caller)
{
    struct slice origin = http_header(request, "origin");
    if (origin_check(origin, NULL) == STATUS_OK && !slice_is(origin, "*"))
        sightings_origin(api->sightings, caller->workspace->id, caller->key->id, origin,
                         clock_now_ms());
}

/* Segment's browser client sends its key in the header and in the body; the header may be
 * somebody else's (a proxy's). */
struct caller *api_enter(struct api *api, struct http_request *request, struct slice body_key)
{
    struct slice tries[] = {key_of_header(request), body_key, http_query(request, "writeKey")};
    struct caller *caller = enter(api, request, tries, 3, STATUS_UNAUTHENTICATED);
    if (!caller)
        return NULL;
    if (!api_scopes_allow(request, caller->key->scopes))
        return refuse(
            request, caller, STATUS_FORBIDDEN,
            caller->signed_in
                ? "Your role does not allow this"
                : "This key lacks the scope for this operation; use a secret key that has it");
    if (!origin_fits(request, caller->key)) {
        tell_origin(api, request, caller);
        return refuse(request, caller, STATUS_FORBIDDEN,
                      "This write key is bound to other origins; add this one to the key");
    }
    return caller;
}

struct caller *api_enter_by_path(struct api *api, struct http_request *request, struct slice key)
{
    struct caller *caller = enter(api, request, &key, 1, STATUS_NOT_FOUND);
    return caller && caller->key->secret
               ? refuse(request, caller, STATUS_NOT_FOUND, "No workspace has this write key")
               : caller;
}

void api_leave(struct caller *caller)
{
    workspaces_unpin(caller->snapshot);
}

struct slice caller_by(const struct caller *caller, struct arena *arena)
{
    return arena_format(arena, "%s:%.*s", caller->signed_in ? "user" : "key",
                        SLICE_ARG(caller->key->id));
}

/* A write key bound to origins: what a browser may hold. */
static bool caller_is_browser(const struct caller *caller)
{
    return !caller->key->secret && caller->key->origin_count > 0;
}

/* --- user signatures -------------------------------------------------------------------------- */

struct signature {
    int64_t expires_s;
    uint8_t bytes[32];
};

static bool read_bytes(struct slice text, uint8_t out_bytes[32])
{
    if (hash_from_hex(text, out_bytes, 32))
        return true;
    struct arena arena;
    struct slice bytes;
    arena_init(&arena);
    bool good = base64_decode(&arena, text, &bytes) && bytes.size == 32;
    if (good)
        memcpy(out_bytes, bytes.data, 32);
    arena_done(&arena);
    return good;
}

static bool read_signature(const struct json *json, struct signature *out_signature)
{
    struct slice expires, text;
    if (json_is(json, JSON_OBJECT)) {
        out_signature->expires_s = json_get_int(json, "expires", 0);
        return read_bytes(json_get_text(json, "signature"), out_signature->bytes);
    }
    return slice_cut(json_text(json), '.', &expires, &text) &&
           slice_to_int64(expires, &out_signature->expires_s) &&
           read_bytes(text, out_signature->bytes);
}

bool api_signature_valid(const struct caller *caller, const struct json *signature,
                         struct slice user_id, struct slice anonymous_id, int64_t now_ms)
{
    struct signature given;
    if (!read_signature(signature, &given) || given.expires_s <= now_ms / MS_PER_SECOND)
        return false;
    struct arena arena;
    arena_init(&arena);
    struct slice signed_text =
        arena_format(&arena, "%.*s\n%.*s\n%.*s\n%lld\n", SLICE_ARG(caller->workspace->name),
                     SLICE_ARG(user_id), SLICE_ARG(anonymous_id), (long long)given.expires_s);
    bool valid = false;
    for (size_t i = 0; i < caller->workspace->key_count && !valid; i++) {
        const struct api_key *key = &caller->workspace->keys[i];
        uint8_t expected[32];
        if (!key->secret || !key_lives(key))
            continue;
        hash_hmac_sha256(slice_make(key->hash, sizeof key->hash), signed_text, expected);
        valid = hash_equal_constant_time(expected, given.bytes, sizeof expected);
    }
    arena_done(&arena);
    return valid;
}

/* --- what intake wants to know of a call ------------------------------------------------------ */

static bool signature_of_message(void *context, const struct json *signature, struct slice user_id,
                                 struct slice anonymous_id)
{
    const struct intake_context *call = context;
    return api_signature_valid(call->caller, signature, user_id, anonymous_id, call->now_ms);
}

static bool lookup_item(void *context, struct slice *inout_item, struct slice *inout_variant,
                        const struct attribute **out_attributes, size_t *out_count)
{
    const struct intake_context *call = context;
    return catalog_attributes(call->catalog, inout_item, inout_variant, out_attributes, out_count);
}

static void lookup_worth(void *context, const struct event_item *item, struct slice currency,
                         int64_t *inout_price, int64_t *inout_cost)
{
    const struct intake_context *call = context;
    catalog_worth(call->catalog, item, currency, inout_price, inout_cost);
}

void api_intake(struct intake_context *context, const struct http_request *request,
                struct intake *out_intake)
{
    const struct caller *caller = context->caller;
    struct places *places = context->api->engine->places;
    *out_intake = (struct intake){
        .source = caller->key->source,
        .browser_key = caller_is_browser(caller),
        .secret = caller->key->secret,
        .cmp_filters_before = caller->workspace->cmp_filters_before,
        .received_ms = context->now_ms,
        .sent_at_ms = INT64_MIN,
        .user_agent = http_header(request, "user-agent"),
        .peer_ip = request->peer,
        .shop_country_header = http_header(request, "x-shop-country"),
        .currency = caller->workspace->currency,
        .timezone = caller->workspace->timezone,
        .categories = caller->workspace->categories,
        .category_count = caller->workspace->category_count,
        .signature_valid = signature_of_message,
        .signature_context = context,
        .item_lookup = lookup_item,
        .worth_lookup = lookup_worth,
        .item_context = context,
        .ip_lookup = places ? places_find : NULL,
        .ip_context = places,
    };
}
