/* GET /api/v1/people/{identifier}/timeline, /decisions and /export: what a person did, what was
 * decided for them and what followed, and all of it to take away. Each leaves an audit row before
 * the answer; each reads the disk, so apart from the loops. */
#include "api/audited.h"
#include "api/moment_card.h"
#include "api/person_outcomes.h"
#include "api/replay.h"
#include "base/clock.h"
#include "base/pack.h"

#include <stdio.h>

enum {
    PAGE_BYTES_MAX = 4 << 20,
    PAGE_BYTES_FULL = 1 << 20, /* then the page ends early, and says next */
    EXPORT_BYTES_MAX = HTTP_RESPONSE_BYTES_MAX - 4096,
    EVENTS_LOOKED_MAX = 5000,
    CALLS_MAX = 50,
    CALLS = 20,
    CURSOR_BYTES = 8 + 4 + sizeof(struct hash128)
};

struct looking {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct audited *audited;
    struct timeline timeline;
    struct timeline_range range;
    enum status (*read)(struct looking *looking, struct json_out *out);
};

static uint32_t workspace_of(const struct looking *looking)
{
    return looking->caller->workspace->id;
}

/* --- what the query says ---------------------------------------------------------------------- */

static enum status read_time(struct http_request *request, const char *name, int64_t *inout_ms,
                             struct diag *diag)
{
    struct slice text = http_query(request, name);
    return !text.size || clock_parse_iso(text, inout_ms)
               ? STATUS_OK
               : diag_set(diag, STATUS_INVALID, name, "%s is a time, as 2026-03-01T10:20:30Z",
                          name);
}

static enum status read_range(struct looking *looking)
{
    struct diag *diag = &looking->audited->diag;
    looking->range = (struct timeline_range){.from_ms = INT64_MIN, .until_ms = INT64_MAX};
    enum status status = read_time(looking->request, "from", &looking->range.from_ms, diag);
    return status == STATUS_OK
               ? read_time(looking->request, "until", &looking->range.until_ms, diag)
               : status;
}

static enum status wrong_cursor(struct looking *looking)
{
    return diag_set(&looking->audited->diag, STATUS_INVALID, "after",
                    "after is what the page before said: next");
}

/* --- the timeline ----------------------------------------------------------------------------- */

struct events_page {
    struct json_out *out;
    struct slice name, item, attribute, value; /* filters; empty: none */
    size_t limit, count, looked;
    struct event_order last;
    bool more;
};

static void cursor_text(const struct event_order *order, char out_text[2 * CURSOR_BYTES + 1])
{
    uint8_t bytes[CURSOR_BYTES];
    key_put_time(bytes, order->time_ms);
    key_put_u32(bytes + 8, order->source);
    memcpy(bytes + 12, order->message.bytes, sizeof order->message.bytes);
    hash_to_hex(bytes, sizeof bytes, out_text);
}

static bool cursor_read(struct slice text, struct event_order *out_order)
{
    uint8_t bytes[CURSOR_BYTES];
    if (!hash_from_hex(text, bytes, sizeof bytes))
        return false;
    out_order->time_ms = key_get_time(bytes);
    out_order->source = key_get_u32(bytes + 8);
    memcpy(out_order->message.bytes, bytes + 12, sizeof out_order->message.bytes);
    return true;
}

static bool has_attribute(const struct events_page *page, const struct event_item *item)
{
    for (size_t i = 0; i < item->attribute_count; i++)
        if (slice_equal(item->attributes[i].name, page->attribute) &&
            slice_equal(item->attributes[i].value, page->value))
            return true;
    return false;
}

/* Of the filters on items one item must satisfy both. */
static bool has_item(const struct events_page *page, const struct event *event)
{
    if (page->item.size == 0 && page->attribute.size == 0)
        return true;
    for (size_t i = 0; i < event->item_count; i++)
        if ((page->item.size == 0 || slice_equal(event->items[i].item, page->item)) &&
            (page->attribute.size == 0 || has_attribute(page, &event->items[i])))
            return true;
    return false;
}

static bool is_wanted(const struct events_page *page, const struct event *event)
{
    bool named = page->name.size == 0 || slice_equal_ignoring_case(event->name, page->name) ||
                 slice_is(page->name, event_type_name(event->type));
    return named && has_item(page, event);
}

static struct slice origin_of(const struct event *event)
{
    return event->flags & EVENT_IMPORTED       ? SLICE("import")
           : event->flags & EVENT_IN_REQUEST   ? SLICE("decide")
           : event->flags & EVENT_FROM_BROWSER ? SLICE("browser")
                                               : SLICE("server");
}

static void write_items(const struct event *event, struct json_out *out)
{
    json_name(out, "items");
    json_array(out);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        json_object(out);
        JSON_STRING_MEMBER(out, "itemId", item->item);
        json_text_member(out, "variant", item->variant);
        JSON_INT_MEMBER(out, "quantity", item->quantity);
        if (item->price_minor >= 0)
            JSON_INT_MEMBER(out, "priceMinor", item->price_minor);
        json_end(out);
    }
    json_end(out);
}

static void write_granted(const struct event *event, struct json_out *out)
{
    json_name(out, "granted");
    json_array(out);
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (stamp_get(event->stamp, (enum purpose)i) == CONSENT_GRANTED)
            json_string(out, slice_of(purpose_name((enum purpose)i)));
    json_end(out);
}

static void write_event(const struct event *event, struct json_out *out)
{
    char node[UUID_TEXT_SIZE + 1];
    uuid_format(event->node, node);
    json_object(out);
    JSON_INT_MEMBER(out, "sequence", (int64_t)event->sequence);
    JSON_TIME_MEMBER(out, "at", event->order.time_ms);
    JSON_TIME_MEMBER(out, "receivedAt", event->received_ms);
    JSON_STRING_MEMBER(out, "type", slice_of(event_type_name(event->type)));
    json_text_member(out, "name", event->name);
    JSON_STRING_MEMBER(out, "origin", origin_of(event));
    JSON_STRING_MEMBER(out, "node", slice_of(node));
    json_text_member(out, "orderId", event->order_id);
    if (event->revenue_minor != INT64_MIN)
        JSON_INT_MEMBER(out, "revenueMinor", event->revenue_minor);
    json_text_member(out, "currency", event->currency);
    json_text_member(out, "query", event->query);
    json_text_member(out, "category", event->category);
    json_text_member(out, "url", event->url);
    write_items(event, out);
    write_granted(event, out);
    json_name(out, "message");
    json_raw(out, event->message);
    json_end(out);
}

static bool take_event(void *context, const struct event *event)
{
    struct events_page *page = context;
    if (page->count == page->limit || page->looked == EVENTS_LOOKED_MAX ||
        page->out->buf->size > PAGE_BYTES_FULL) {
        page->more = true;
        return false;
    }
    page->looked++;
    page->last = event->order;
    if (is_wanted(page, event)) {
        write_event(event, page->out);
        page->count++;
    }
    return true;
}

static enum status read_filters(struct looking *looking, struct events_page *page,
                                struct event_order *below)
{
    struct http_request *request = looking->request;
    struct diag *diag = &looking->audited->diag;
    struct slice after = http_query(request, "after");
    page->name = http_query(request, "name");
    page->item = http_query(request, "item");
    page->attribute = http_query(request, "attribute");
    page->value = http_query(request, "value");
    if (after.size && !cursor_read(after, below))
        return wrong_cursor(looking);
    if ((page->attribute.size > 0) != (page->value.size > 0))
        return diag_set(diag, STATUS_INVALID, "attribute",
                        "attribute and value go together: attribute=brand&value=Ida");
    looking->range.below = after.size ? below : NULL;
    return page_limit(request, &page->limit, diag);
}

static enum status read_timeline(struct looking *looking, struct json_out *out)
{
    struct events_page page = {.out = out};
    struct event_order below = {0};
    enum status status = read_filters(looking, &page, &below);
    if (status != STATUS_OK)
        return status;
    json_name(out, "events");
    json_array(out);
    status = timeline_events(&looking->timeline, &looking->range, take_event, &page);
    json_end(out);
    if (status == STATUS_OK && page.more) {
        char next[2 * CURSOR_BYTES + 1];
        cursor_text(&page.last, next);
        JSON_STRING_MEMBER(out, "next", slice_of(next));
    }
    return status;
}

/* --- decisions -------------------------------------------------------------------------------- */

struct calls_page {
    struct uuid calls[CALLS_MAX];
    size_t limit, count;
    bool more;
};

static bool take_call(void *context, struct uuid call)
{
    struct calls_page *page = context;
    page->more = page->count == page->limit;
    if (!page->more)
        page->calls[page->count++] = call;
    return !page->more;
}

static int64_t time_of(struct uuid call)
{
    return (int64_t)(key_get_u64(call.bytes) >> 16); /* UUIDv7: 48 bits of ms first */
}

static void write_call(struct looking *looking, const struct replayed *replayed,
                       const struct person_outcomes *outcomes, struct json_out *out)
{
    const struct decide_input *input = &replayed->record.input;
    struct slice placement = http_query(looking->request, "placement");
    const struct moment_card card = {
        .input = input,
        .outcome = &replayed->outcome,
        .catalog = catalog_pin(looking->api->engine->catalog, workspace_of(looking)),
        .locale = locale_from_text(http_query(looking->request, "lang"),
                                   looking->caller->workspace->locale),
        .node = replayed->record.asker_node};
    for (size_t i = 0; i < replayed->outcome.decision_count; i++) {
        const struct decision *decision = &replayed->outcome.decisions[i];
        if (placement.size && !slice_equal(placement, decision->placement))
            continue;
        json_object(out);
        moment_card_write(&card, i, out);
        person_outcomes_write(outcomes, decision, input->moment.now_ms, out);
        json_end(out);
    }
    catalog_unpin(card.catalog);
}

/* A record that was erased or never got to the disk costs its card alone. */
static enum status write_calls(struct looking *looking, struct calls_page *page,
                               const struct person_outcomes *outcomes, struct json_out *out)
{
    enum status status = STATUS_OK;
    size_t told = 0;
    for (; told < page->count && status == STATUS_OK; told++) {
        if (out->buf->size > PAGE_BYTES_FULL)
            break;
        struct arena arena;
        arena_init(&arena);
        struct replayed *replayed = ARENA_NEW(&arena, struct replayed);
        const struct replay_wish wish = {.workspace = workspace_of(looking),
                                         .decision = page->calls[told]};
        status = replay_decision(looking->api->engine, &wish, &arena, replayed);
        if (status == STATUS_OK)
            write_call(looking, replayed, outcomes, out);
        else if (status == STATUS_GONE || status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        arena_done(&arena);
    }
    page->more |= told < page->count;
    page->count = told;
    return status;
}

static enum status calls_limit(struct looking *looking, size_t *out_limit)
{
    struct slice text = http_query(looking->request, "limit");
    int64_t limit = CALLS;
    if (text.size && (!slice_to_int64(text, &limit) || limit < 1 || limit > CALLS_MAX))
        return diag_set(&looking->audited->diag, STATUS_INVALID, "limit", "limit is 1 to %d",
                        CALLS_MAX);
    *out_limit = (size_t)limit;
    return STATUS_OK;
}

static void write_next(const struct calls_page *page, struct json_out *out)
{
    char next[UUID_TEXT_SIZE + 1];
    if (!page->more || page->count == 0)
        return;
    uuid_format(page->calls[page->count - 1], next);
    JSON_STRING_MEMBER(out, "next", slice_of(next));
}

static enum status read_decisions(struct looking *looking, struct json_out *out)
{
    struct slice after = http_query(looking->request, "after");
    struct calls_page page = {.count = 0};
    struct person_outcomes outcomes = {.whole = true};
    struct uuid below;
    if (after.size && !uuid_parse(after, &below))
        return wrong_cursor(looking);
    looking->range.call = after.size ? &below : NULL;
    enum status status = calls_limit(looking, &page.limit);
    if (status == STATUS_OK)
        status = timeline_decisions(&looking->timeline, &looking->range, take_call, &page);
    if (status == STATUS_OK && page.count > 0)
        status = person_outcomes_read(&looking->timeline, time_of(page.calls[page.count - 1]),
                                      looking->request->arena, &outcomes);
    if (status != STATUS_OK)
        return status;
    json_name(out, "decisions");
    json_array(out);
    status = write_calls(looking, &page, &outcomes, out);
    json_end(out);
    JSON_BOOL_MEMBER(out, "outcomesWhole", outcomes.whole);
    write_next(&page, out);
    return status;
}

/* --- a call ----------------------------------------------------------------------------------- */

static enum status open_timeline(struct looking *looking, const struct identifier *identifier)
{
    struct engine *engine = looking->api->engine;
    enum status status = timeline_open(engine->people, workspace_of(looking), identifier,
                                       looking->request->arena, &looking->timeline);
    looking->audited->audit.node = looking->timeline.node;
    return status == STATUS_OK ? read_range(looking) : status;
}

static void write_person(const struct looking *looking, struct json_out *out)
{
    char person[UUID_TEXT_SIZE + 1];
    uuid_format(looking->timeline.person, person);
    json_object(out);
    JSON_STRING_MEMBER(out, "person", slice_of(person));
}

static enum status look(struct looking *looking, struct json_out *out)
{
    struct identifier identifier;
    struct audited *audited = looking->audited;
    struct http_request *request = looking->request;
    enum status status = people_parse_identifier(request->parameters[0], request->arena,
                                                 &identifier, &audited->diag);
    if (status == STATUS_OK)
        status = open_timeline(looking, &identifier);
    if (status != STATUS_OK)
        return status;
    if (!looking->read)
        return people_export(looking->api->engine->people, workspace_of(looking), &identifier,
                             clock_now_ms(), out);
    write_person(looking, out);
    status = looking->read(looking, out);
    json_end(out);
    return status;
}

static void run(struct errand *errand)
{
    struct looking *looking = (struct looking *)errand;
    struct audited *audited = looking->audited;
    struct json_out out = json_out(&audited->body);
    audited->status = look(looking, &out);
    if (!looking->read && audited->body.overflowed)
        audited->status = diag_set(&audited->diag, STATUS_TOO_LARGE, "",
                                   "More than an answer holds: visavis person export has no limit");
    api_leave(looking->caller);
    audited_answer(looking->api, audited);
}

struct look_up {
    const char *name; /* for the audit */
    enum audit_action action;
    size_t bytes_max;
    enum status (*read)(struct looking *looking, struct json_out *out); /* NULL: the export */
};

static void look_up(struct api *api, struct http_request *request, const struct look_up *wish)
{
    struct caller *caller = api_enter(api, request, SLICE_NONE);
    if (!caller)
        return;
    struct looking *looking = ARENA_NEW(request->arena, struct looking);
    *looking = (struct looking){
        .errand.run = run,
        .api = api,
        .request = request,
        .caller = caller,
        .audited = audited_new(api, caller, request, wish->action, wish->bytes_max),
        .read = wish->read};
    (void)snprintf(looking->audited->audit.detail, sizeof looking->audited->audit.detail, "%s",
                   wish->name);
    api_apart(api, request, caller, &looking->errand);
}

void api_person_timeline(void *context, struct http_request *request)
{
    look_up(context, request,
            &(struct look_up){"timeline", AUDIT_PERSON_SHOW, PAGE_BYTES_MAX, read_timeline});
}

void api_person_decisions(void *context, struct http_request *request)
{
    look_up(context, request,
            &(struct look_up){"decisions", AUDIT_PERSON_SHOW, PAGE_BYTES_MAX, read_decisions});
}

void api_person_export(void *context, struct http_request *request)
{
    look_up(context, request, &(struct look_up){"", AUDIT_PERSON_EXPORT, EXPORT_BYTES_MAX, NULL});
}
