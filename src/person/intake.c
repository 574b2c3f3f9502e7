/* One message through all its stations: type and ids, times, meaning, surroundings, consent, the
 * copy that is kept. */
#include "person/intake_work.h"

#include <assert.h>

const struct json *intake_context(const struct intake_work *work, const char *name)
{
    const struct json *own = json_get(work->context, name);
    return own ? own : json_get(work->intake->batch_context, name);
}

struct slice intake_first_text(const struct json *object, const char *const *names)
{
    struct slice text = SLICE_NONE;
    for (; *names && text.size == 0; names++)
        text = json_scalar_text(json_get(object, *names));
    return text;
}

struct slice intake_cut(struct slice text, size_t most)
{
    if (text.size <= most)
        return text;
    while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80)
        most--;
    return slice_first(text, most);
}

bool intake_is_server(const struct intake *intake)
{
    return intake->secret || !intake->browser_key || intake->imported;
}

bool intake_refuse(struct intake_work *work, enum refusal refusal, const char *field)
{
    work->refusal = refusal;
    return refusal_set(work->diag, refusal, field);
}

static bool read_type(struct intake_work *work, struct slice type)
{
    static const char *const names[] = {"type", "action", NULL};
    if (type.size == 0)
        type = intake_first_text(work->message, names);
    for (unsigned i = 0; i < EVENT_TYPE_COUNT; i++) {
        if (slice_is(type, event_type_name((enum event_type)i))) {
            work->event->type = (enum event_type)i;
            return true;
        }
    }
    return intake_refuse(work, REFUSAL_TYPE, "type");
}

static bool read_name(struct intake_work *work)
{
    struct event *event = work->event;
    if (event->type == EVENT_PAGE || event->type == EVENT_SCREEN) {
        event->name = intake_cut(json_get_text(work->message, "name"), EVENT_NAME_BYTES_MAX);
        event->act = ACT_PAGE;
        return true;
    }
    if (event->type == EVENT_IDENTIFY)
        event->act = ACT_IDENTIFY;
    if (event->type != EVENT_TRACK)
        return true;
    event->name = slice_trim(json_get_text(work->message, "event"));
    if (event->name.size == 0)
        return intake_refuse(work, REFUSAL_NO_EVENT, "event");
    if (event->name.size > EVENT_NAME_BYTES_MAX)
        return intake_refuse(work, REFUSAL_LONG_EVENT, "event");
    event->act = intake_act_of(event->name);
    return true;
}

static bool read_message_id(struct intake_work *work)
{
    struct event *event = work->event;
    const struct json *id = json_get(work->message, "messageId");
    event->message_id = json_scalar_text(id);
    if (event->message_id.size > MESSAGE_ID_BYTES_MAX)
        return intake_refuse(work, REFUSAL_LONG_MESSAGE_ID, "messageId");
    bool absent = !id || id->kind == JSON_NULL || id->kind == JSON_STRING;
    if (event->message_id.size == 0 && !absent)
        return intake_refuse(work, REFUSAL_MESSAGE_ID_KIND, "messageId");
    if (event->message_id.size == 0) {
        char text[UUID_TEXT_SIZE + 1];
        uuid_format(uuid_new(), text);
        event->message_id = arena_copy(work->arena, slice_of(text));
    }
    event->order.message = hash128(event->message_id);
    event->order.source = work->intake->source;
    return true;
}

static bool check_shape(struct intake_work *work, size_t json_size)
{
    static const char *const objects[] = {"context", "properties", "traits"};
    if (json_size > EVENT_BYTES_MAX)
        return intake_refuse(work, REFUSAL_LONG_MESSAGE, "");
    if (!json_is(work->message, JSON_OBJECT))
        return intake_refuse(work, REFUSAL_NOT_OBJECT, "");
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        const struct json *member = json_get(work->message, objects[i]);
        if (member && member->kind != JSON_OBJECT && member->kind != JSON_NULL)
            return intake_refuse(work, REFUSAL_MEMBER_NOT_OBJECT, objects[i]);
    }
    return true;
}

static bool read_message(struct intake_work *work, const struct intake_input *input)
{
    if (!check_shape(work, input->json_size))
        return false;
    work->context = json_get(work->message, "context");
    work->properties = json_get(work->message, "properties");
    if (!read_type(work, input->type) || !read_name(work) || !read_message_id(work) ||
        !intake_identifiers(work))
        return false;
    if (work->event->type == EVENT_GROUP &&
        json_scalar_text(json_get(work->message, "groupId")).size == 0)
        return intake_refuse(work, REFUSAL_NO_GROUP, "groupId");
    intake_times(work);
    intake_device(work);
    intake_commerce(work);
    intake_traits(work);
    intake_page(work);
    intake_place(work);
    intake_preferences(work);
    return true;
}

/* The intake rule of browser keys. A refusal told as such is the ledger's to weigh: it must
 * reach a node that had granted, and leaves no trace of one that had not. */
static enum intake_result rule(const struct intake *intake, const struct event *event,
                               bool *out_needs_consent)
{
    *out_needs_consent = false;
    if (event->identifier_count == 0)
        return INTAKE_COUNTED;
    if (intake_is_server(intake) || intake->cmp_filters_before)
        return INTAKE_KEPT;
    if (!event->has_preferences) {
        *out_needs_consent = true;
        return INTAKE_KEPT;
    }
    if (stamp_get(event->preferences, PURPOSE_MEASURE) == CONSENT_GRANTED ||
        stamp_get(event->preferences, PURPOSE_PERSONALISE) == CONSENT_GRANTED)
        return INTAKE_KEPT;
    *out_needs_consent = event->act == ACT_PREFERENCE;
    return *out_needs_consent ? INTAKE_KEPT : INTAKE_COUNTED;
}

enum intake_result intake_message(const struct intake *intake, const struct intake_input *input,
                                  struct arena *arena, struct intake_output *out, struct diag *diag)
{
    *out = (struct intake_output){.event = {.revenue_minor = INT64_MIN, .margin_minor = INT64_MIN}};
    struct intake_work work = {.intake = intake,
                               .message = input->message,
                               .arena = arena,
                               .event = &out->event,
                               .diag = diag,
                               .sent_ms = INT64_MIN};
    struct event *event = &out->event;
    if (intake->browser_key && !intake->secret)
        event->flags |= EVENT_FROM_BROWSER;
    if (intake->imported)
        event->flags |= EVENT_IMPORTED;
    if (intake->in_request)
        event->flags |= EVENT_IN_REQUEST;
    enum intake_result result = INTAKE_REFUSED;
    if (read_message(&work, input))
        result = rule(intake, event, &out->needs_consent);
    if (result == INTAKE_COUNTED) /* nothing of the visitor goes on from here */
        *event = (struct event){.type = event->type,
                                .act = event->act,
                                .flags = event->flags,
                                .received_ms = event->received_ms,
                                .revenue_minor = INT64_MIN,
                                .margin_minor = INT64_MIN};
    if (result == INTAKE_KEPT && !intake_stored(&work)) {
        (void)intake_refuse(&work, REFUSAL_LONG_CONTEXT, "context");
        result = INTAKE_REFUSED;
    }
    out->refusal = work.refusal;
    return result;
}
