/* POST /v1/visitor: the tag's own cookie once more, set by HTTP. Safari forgets in a week what a
 * script wrote, and keeps what the shop's own domain sent. Nothing is stored here. */
#include "api/api.h"
#include "api/shape.h"

#include "base/clock.h"

/* ID.SECONDS.PURPOSES, as tag/src/consent.ts writes it: made then, never to live longer. */
enum { LIFE_SECONDS = 390 * 86400, DOMAIN_BYTES_MAX = 253 };

static bool is_all(struct slice text, const char *letters)
{
    for (size_t i = 0; i < text.size; i++)
        if (!text.data[i] || !strchr(letters, text.data[i]))
            return false;
    return true;
}

/* Seconds since 1970 in base 36. */
static bool read_made(struct slice text, int64_t *out_seconds)
{
    if (text.size == 0 || text.size > 7 || !is_all(text, "0123456789abcdefghijklmnopqrstuvwxyz"))
        return false;
    int64_t seconds = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        seconds = seconds * 36 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *out_seconds = seconds;
    return true;
}

/* Seconds left to live; 0 for what is no visitor of the tag's, or too old. */
static int64_t life_of(struct slice visitor, int64_t now_s)
{
    struct slice id, rest, made, purposes;
    int64_t made_s;
    if (!slice_cut(visitor, '.', &id, &rest) || !slice_cut(rest, '.', &made, &purposes))
        return 0;
    if (id.size != UUID_TEXT_SIZE || !is_all(id, "0123456789abcdef-") || purposes.size != 1 ||
        !is_all(purposes, "1234567") || !read_made(made, &made_s) || made_s > now_s + 60)
        return 0;
    int64_t left = made_s + LIFE_SECONDS - now_s;
    return left > 0 ? left : 0;
}

static enum status read_cookie(struct http_request *request, const struct json *body,
                               struct slice *out_cookie, struct diag *diag)
{
    static const struct shape_member members[] = {{.name = "visitor", .type = SHAPE_TEXT},
                                                  {.name = "domain", .type = SHAPE_TEXT},
                                                  {.name = "writeKey", .type = SHAPE_TEXT}};
    const struct shape shape = {"", members, sizeof members / sizeof *members, false};
    enum status status = shape_check(&shape, body, diag);
    if (status != STATUS_OK)
        return status;
    struct slice visitor = json_get_text(body, "visitor"), domain = json_get_text(body, "domain");
    int64_t life = life_of(visitor, clock_now_ms() / MS_PER_SECOND);
    if (life == 0)
        return diag_set(diag, STATUS_INVALID, "/visitor",
                        "The value of the tag's cookie: ID.SECONDS.PURPOSES, at most 390 days old");
    if (domain.size > DOMAIN_BYTES_MAX || !is_all(domain, "abcdefghijklmnopqrstuvwxyz0123456789-."))
        return diag_set(diag, STATUS_INVALID, "/domain", "A domain in small letters");
    bool secure = slice_starts_with(http_header(request, "origin"), SLICE("https:"));
    *out_cookie =
        arena_format(request->arena, "visavis_id=%.*s; Path=/; Max-Age=%lld; SameSite=Lax%s%s%.*s",
                     SLICE_ARG(visitor), (long long)life, secure ? "; Secure" : "",
                     domain.size ? "; Domain=" : "", SLICE_ARG(domain));
    return STATUS_OK;
}

void api_visitor(void *context, struct http_request *request)
{
    const struct json *body;
    struct diag diag = {0};
    struct slice cookie;
    if (!api_body(request, &body))
        return;
    struct caller *caller = api_enter(context, request, json_get_text(body, "writeKey"));
    if (!caller)
        return;
    api_leave(caller);
    if (read_cookie(request, body, &cookie, &diag) != STATUS_OK) {
        http_problem(request, STATUS_INVALID, &diag);
        return;
    }
    const struct http_header headers[] = {{SLICE("Set-Cookie"), cookie},
                                          {SLICE("Cache-Control"), SLICE("no-store")}};
    http_respond(request, &(struct http_response){.code = 200,
                                                  .body = SLICE("{\"success\":true}"),
                                                  .headers = headers,
                                                  .header_count = 2});
}
