/* What the collection clients of browsers ask for before they send anything, and what they tell
 * of themselves. The shapes are what those clients read. */
#include "api/api.h"

/* Clients' own metrics are answered and not kept. */
void api_client_metrics(void *context, struct http_request *request)
{
    (void)context;
    http_respond(request,
                 &(struct http_response){.code = 200, .body = SLICE("{\"success\":true}")});
}

/* --- analytics-next --------------------------------------------------------------------------- */

/* This machine's own address, where nobody has put TLS in front. */
static bool is_loopback(struct slice host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct slice name = slice_of(names[i]);
        if (slice_starts_with(host, name) &&
            (host.size == name.size || host.data[name.size] == ':'))
            return true;
    }
    return false;
}

/* Members of integrations["Segment.io"]. The client speaks https unless told otherwise. */
static void write_segment(struct json_out *out, struct slice key, struct http_request *request)
{
    struct slice host = http_header(request, "host");
    JSON_STRING_MEMBER(out, "apiKey", key);
    JSON_STRING_MEMBER(out, "apiHost", arena_format(request->arena, "%.*s/v1", SLICE_ARG(host)));
    if (is_loopback(host))
        JSON_STRING_MEMBER(out, "protocol", SLICE("http"));
    json_name(out, "unbundledIntegrations"), json_raw(out, SLICE("[]"));
}

void api_client_settings(void *context, struct http_request *request)
{
    struct slice key = request->parameters[0];
    struct caller *caller = api_enter_by_path(context, request, key);
    if (!caller)
        return;
    api_leave(caller);
    struct buf body;
    buf_init(&body, 8192);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "integrations"), json_object(&out);
    json_name(&out, "Segment.io"), json_object(&out);
    write_segment(&out, key, request);
    json_end(&out);
    json_end(&out);
    json_name(&out, "plan");
    json_raw(&out, SLICE("{\"track\":{\"__default\":{\"enabled\":true}}}"));
    json_name(&out, "edgeFunction"), json_raw(&out, SLICE("{}"));
    JSON_BOOL_MEMBER(&out, "analyticsNextEnabled", true);
    json_name(&out, "middlewareSettings"), json_raw(&out, SLICE("{}"));
    json_name(&out, "enabledMiddleware"), json_raw(&out, SLICE("{}"));
    json_name(&out, "metrics"), json_raw(&out, SLICE("{\"sampleRate\":0}"));
    JSON_BOOL_MEMBER(&out, "legacyVideoPluginsEnabled", false);
    json_name(&out, "remotePlugins"), json_raw(&out, SLICE("[]"));
    json_end(&out);
    api_answer_page(request, &body);
    buf_done(&body);
}

/* --- RudderStack ------------------------------------------------------------------------------ */

/* A source that is on, without destinations and without reports of the client's own. */
void api_client_source_config(void *context, struct http_request *request)
{
    struct caller *caller = api_enter(context, request, SLICE_NONE);
    if (!caller)
        return;
    struct buf body;
    buf_init(&body, 8192);
    struct json_out out = json_out(&body);
    json_object(&out);
    json_name(&out, "source"), json_object(&out);
    JSON_STRING_MEMBER(&out, "id", arena_format(request->arena, "%u", caller->key->source));
    JSON_STRING_MEMBER(&out, "name", caller->workspace->name);
    JSON_STRING_MEMBER(&out, "workspaceId", caller->workspace->name);
    JSON_BOOL_MEMBER(&out, "enabled", true);
    json_name(&out, "config");
    json_raw(&out, SLICE("{\"statsCollection\":{\"errors\":{\"enabled\":false},"
                         "\"metrics\":{\"enabled\":false}}}"));
    json_name(&out, "destinations"), json_raw(&out, SLICE("[]"));
    json_end(&out);
    json_end(&out);
    api_leave(caller);
    api_answer_page(request, &body);
    buf_done(&body);
}
