/* The message as it is kept: what the client sent, with times corrected and the batch's context
 * and integrations in it, without IP address, user agent, referrer, the query of its page, keys
 * and signatures. The user agent leaves its class behind: context.deviceClass. */
#include "person/intake_work.h"

#include "base/clock.h"

static const char *const DEVICE_NAMES[] = {"unknown", "desktop", "mobile", "tablet", "robot"};

static bool is_among(struct slice name, const char *const *names)
{
    for (; *names; names++)
        if (slice_is(name, *names))
            return true;
    return false;
}

static void put_members(struct json_out *out, const struct json *object,
                        const char *const *left_out)
{
    for (size_t i = 0; json_is(object, JSON_OBJECT) && i < object->count; i++) {
        const struct json_member *member = &object->members[i];
        if (is_among(member->name, left_out))
            continue;
        json_name_slice(out, member->name);
        json_value(out, &member->value);
    }
}

static struct slice without_query(struct slice url)
{
    return slice_first(slice_first(url, slice_find(url, '#')), slice_find(url, '?'));
}

/* A page, or the properties of a page event: its address without query, no referrer. */
static void put_page(struct json_out *out, const struct json *page)
{
    static const char *const left_out[] = {"referrer", "search", "url", NULL};
    json_object(out);
    put_members(out, page, left_out);
    const struct json *url = json_get(page, "url");
    if (json_is(url, JSON_STRING))
        JSON_STRING_MEMBER(out, "url", without_query(url->text));
    json_end(out);
}

static void put_context(struct json_out *out, const struct intake_work *work)
{
    static const char *const left_out[] = {
        "ip",   "userAgent",   "user_agent", "userAgentData", "userSignature", "referrer",
        "page", "deviceClass", NULL};
    json_name(out, "context");
    json_object(out);
    const struct json *batch = work->intake->batch_context;
    for (size_t i = 0; json_is(batch, JSON_OBJECT) && i < batch->count; i++) {
        const struct json_member *member = &batch->members[i];
        bool own = false;
        for (size_t j = 0; json_is(work->context, JSON_OBJECT) && j < work->context->count; j++)
            own |= slice_equal(work->context->members[j].name, member->name);
        if (own || is_among(member->name, left_out))
            continue;
        json_name_slice(out, member->name);
        json_value(out, &member->value);
    }
    put_members(out, work->context, left_out);
    const struct json *page = intake_context(work, "page");
    if (json_is(page, JSON_OBJECT)) {
        json_name(out, "page");
        put_page(out, page);
    }
    JSON_STRING_MEMBER(out, "deviceClass", slice_of(DEVICE_NAMES[work->event->device]));
    json_end(out);
}

static void put_head(struct json_out *out, const struct intake_work *work)
{
    const struct event *event = work->event;
    JSON_STRING_MEMBER(out, "type", slice_of(event_type_name(event->type)));
    JSON_STRING_MEMBER(out, "messageId", event->message_id);
    JSON_TIME_MEMBER(out, "timestamp", event->order.time_ms);
    JSON_TIME_MEMBER(out, "originalTimestamp", event->original_ms);
    if (work->sent_ms != INT64_MIN)
        JSON_TIME_MEMBER(out, "sentAt", work->sent_ms);
    JSON_TIME_MEMBER(out, "receivedAt", event->received_ms);
}

bool intake_stored(struct intake_work *work)
{
    static const char *const left_out[] = {
        "type",      "messageId", "timestamp", "originalTimestamp", "sentAt",     "receivedAt",
        "context",   "writeKey",  "ip",        "request_ip",        "properties", "integrations",
        "userAgent", NULL};
    struct buf buf;
    buf_init(&buf, MERGED_MESSAGE_BYTES_MAX);
    struct json_out out = json_out(&buf);
    json_object(&out);
    put_head(&out, work);
    put_members(&out, work->message, left_out);
    if (work->properties) {
        json_name(&out, "properties");
        if (work->event->type == EVENT_PAGE && json_is(work->properties, JSON_OBJECT))
            put_page(&out, work->properties);
        else
            json_value(&out, work->properties);
    }
    put_context(&out, work);
    const struct json *integrations = json_get(work->message, "integrations");
    if (!integrations)
        integrations = work->intake->batch_integrations;
    if (integrations) {
        json_name(&out, "integrations");
        json_value(&out, integrations);
    }
    json_end(&out);
    bool fits = !buf.overflowed;
    if (fits)
        work->event->message = arena_copy(work->arena, buf_slice(&buf));
    buf_done(&buf);
    return fits;
}
