#include "api/signed_in.h"

#include "base/clock.h"
#include "base/hash.h"

static const char cookie_name[] = "__Host-visavis";

/* --- the cookie ------------------------------------------------------------------------------- */

static struct slice find_cookie(struct slice header)
{
    struct slice rest = header, pair, name, value;
    while (rest.size) {
        if (!slice_cut(rest, ';', &pair, &rest)) {
            pair = rest;
            rest = SLICE_NONE;
        }
        if (slice_cut(slice_trim(pair), '=', &name, &value) && slice_is(name, cookie_name))
            return value;
    }
    return SLICE_NONE;
}

struct slice signed_in_cookie(struct slice secret, struct arena *arena)
{
    return arena_format(arena, "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=Strict%s", cookie_name,
                        SLICE_ARG(secret), secret.size ? "" : "; Max-Age=0");
}

bool signed_in_find(struct api *api, const struct http_request *request,
                    struct signed_in *out_signed_in)
{
    struct engine *engine = api->engine;
    struct slice secret = find_cookie(http_header(request, "cookie"));
    if (!sessions_find(engine->sessions, secret, clock_now_ms(), &out_signed_in->session))
        return false;
    const struct user_session *session = &out_signed_in->session;
    out_signed_in->secret = secret;
    return users_by_id(engine->users, session->user, &out_signed_in->user) &&
           !out_signed_in->user.disabled && out_signed_in->user.epoch == session->epoch;
}

/* --- whose page ------------------------------------------------------------------------------- */

void signed_in_csrf(struct slice secret, char out_text[CSRF_TEXT_SIZE])
{
    uint8_t token[32];
    hash_hmac_sha256(secret, SLICE("csrf"), token);
    hash_to_hex(token, sizeof token, out_text);
}

static bool has_csrf(const struct http_request *request, const struct signed_in *signed_in)
{
    struct slice given = http_header(request, "x-csrf-token");
    char expected[CSRF_TEXT_SIZE];
    signed_in_csrf(signed_in->secret, expected);
    return given.size == CSRF_TEXT_SIZE - 1 &&
           hash_equal_constant_time(given.data, expected, given.size);
}

/* "https://visavis.example.org" against "visavis.example.org". */
static bool is_origin_of_host(const struct http_request *request, struct slice origin)
{
    struct slice scheme, host;
    return slice_cut(origin, ':', &scheme, &host) && slice_starts_with(host, SLICE("//")) &&
           slice_equal_ignoring_case(slice_from(host, 2), http_header(request, "host"));
}

/* unsaid: what is answered for a call with neither header. */
static bool is_our_page(const struct http_request *request, bool unsaid)
{
    struct slice site = http_header(request, "sec-fetch-site");
    struct slice origin = http_header(request, "origin");
    if (site.size)
        return slice_is(site, "same-origin");
    return origin.size ? is_origin_of_host(request, origin) : unsaid;
}

/* What a form or a script without leave of ours can send; a body without a type is such. */
static bool is_of_a_form(const struct http_request *request)
{
    static const char *const types[] = {"application/x-www-form-urlencoded", "multipart/form-data",
                                        "text/plain"};
    struct slice type = http_header(request, "content-type"), rest;
    bool form = request->body.size > 0 && type.size == 0;
    (void)slice_cut(type, ';', &type, &rest);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        form |= slice_equal_ignoring_case(slice_trim(type), slice_of(types[i]));
    return form;
}

static enum status check(const struct http_request *request, bool unsaid, struct diag *diag)
{
    if (!is_our_page(request, unsaid))
        return diag_set(
            diag, STATUS_FORBIDDEN, "",
            "This call comes from another site's page; the console's own page sends it");
    if (is_of_a_form(request))
        return diag_set(diag, STATUS_FORBIDDEN, "", "Send JSON: Content-Type: application/json");
    return STATUS_OK;
}

enum status signed_in_check_login(const struct http_request *request, struct diag *diag)
{
    return check(request, true, diag);
}

enum status signed_in_check(const struct http_request *request, const struct signed_in *signed_in,
                            struct diag *diag)
{
    if (request->method == HTTP_GET || request->method == HTTP_HEAD)
        return STATUS_OK;
    if (!has_csrf(request, signed_in))
        return diag_set(diag, STATUS_FORBIDDEN, "",
                        "Send X-CSRF-Token: the csrf that GET /api/v1/session answers");
    return check(request, false, diag);
}
