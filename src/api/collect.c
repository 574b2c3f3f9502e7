/* Collection: the endpoints of the Segment family. Look up who calls, read each message alone,
 * give all to the ledger, answer when it is on the disk. */
#include "api/api.h"
#include "api/refused.h"
#include "api/sightings.h"

#include "base/clock.h"

/* A call on its way; lives in the request's arena. One entry a message: an event or a refusal. */
struct collect {
    struct ledger_commit commit; /* first */
    struct api *api;
    struct http_request *request;
    struct caller *caller;
    struct intake_context context;
    struct intake intake;
    struct slice type;
    struct slice *messages;
    size_t message_count;
    struct people_event *events;
    size_t event_count;
    struct refused *refused;
    size_t refused_count;
    struct sighted *sighted;        /* one a message */
    struct people_event **at_index; /* the same; NULL: it is no event */
    size_t counted_only;
    bool pixel;
};

static void leave(struct collect *collect)
{
    catalog_unpin(collect->context.catalog);
    api_leave(collect->caller);
}

static void write_errors(struct collect *collect, struct json_out *out)
{
    json_name(out, "errors");
    json_array(out);
    for (size_t i = 0; i < collect->refused_count; i++) {
        const struct refused *refused = &collect->refused[i];
        json_object(out);
        JSON_INT_MEMBER(out, "index", (int64_t)refused->index);
        json_text_member(out, "messageId", refused->message_id);
        JSON_STRING_MEMBER(out, "field", slice_of(refused->diag.field));
        JSON_STRING_MEMBER(out, "detail", slice_of(refused->diag.sentence));
        json_end(out);
    }
    json_end(out);
}

static void answer_pixel(struct http_request *request)
{
    static const char gif[] = "GIF89a\1\0\1\0\200\0\0\0\0\0\0\0\0!\371\4\1\0\0\0\0,\0\0\0\0\1\0\1\0"
                              "\0\2\2D\1\0;";
    static const struct http_header headers[] = {
        {SLICE_INIT("Cache-Control"), SLICE_INIT("no-store")}};
    struct http_response response = {.code = 200,
                                     .content_type = "image/gif",
                                     .body = slice_make(gif, sizeof gif - 1),
                                     .headers = headers,
                                     .header_count = 1};
    http_respond(request, &response);
}

static void answer(struct collect *collect, size_t accepted, size_t duplicates)
{
    struct buf body;
    buf_init(&body, HTTP_RESPONSE_BYTES_MAX);
    struct json_out out = json_out(&body);
    json_object(&out);
    JSON_BOOL_MEMBER(&out, "success", collect->refused_count == 0);
    JSON_INT_MEMBER(&out, "accepted", (int64_t)accepted);
    JSON_INT_MEMBER(&out, "duplicates", (int64_t)duplicates);
    if (collect->refused_count)
        write_errors(collect, &out);
    json_end(&out);
    api_answer_page(collect->request, &body);
    buf_done(&body);
}

static void leave_early(struct collect *collect)
{
    api_leave(collect->caller);
    http_problem(collect->request, STATUS_OVERLOADED, NULL);
}

static void count(_Atomic uint64_t *counter, size_t by)
{
    if (by)
        atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static void tell_sightings(struct collect *collect)
{
    for (size_t i = 0; i < collect->message_count; i++) {
        const struct people_event *event = collect->at_index[i];
        if (!event)
            continue;
        collect->sighted[i].event = &event->event;
        collect->sighted[i].result = event->counted_only                      ? SIGHTED_COUNTED
                                     : event->entry.status == STATUS_CONFLICT ? SIGHTED_AGAIN
                                                                              : SIGHTED_KEPT;
    }
    sightings_note(collect->api->sightings,
                   &(struct sightings_call){.workspace = collect->caller->workspace->id,
                                            .key = collect->caller->key->id,
                                            .now_ms = collect->context.now_ms,
                                            .list = collect->sighted,
                                            .count = collect->message_count});
}

static void finish(struct collect *collect)
{
    tell_sightings(collect);
    size_t accepted = 0, duplicates = 0;
    for (size_t i = 0; i < collect->event_count; i++) {
        const struct people_event *event = &collect->events[i];
        accepted += event->entry.status == STATUS_OK && !event->counted_only;
        duplicates += event->entry.status == STATUS_CONFLICT && !event->counted_only;
        collect->counted_only += event->counted_only;
    }
    struct api_counts *counts = &collect->api->counts;
    count(&counts->messages_accepted, accepted);
    count(&counts->messages_duplicate, duplicates);
    count(&counts->messages_refused, collect->refused_count);
    count(&counts->messages_counted_only, collect->counted_only);
    leave(collect);
    if (collect->pixel)
        answer_pixel(collect->request);
    else
        answer(collect, accepted, duplicates);
}

/* On the ledger thread, after the sync. */
static void on_done(struct ledger_commit *commit, enum status status)
{
    struct collect *collect = (struct collect *)commit;
    if (status == STATUS_OK) {
        finish(collect);
        return;
    }
    leave(collect);
    http_problem(collect->request, status, NULL);
}

/* json: the message when it could be read, else NULL. */
static void refuse(struct collect *collect, size_t index, const struct json *json,
                   enum refusal refusal, const struct diag *diag)
{
    struct refused *refused = &collect->refused[collect->refused_count++];
    refused->source = collect->intake.source;
    /* what a browser says without a consent that can be read is not kept, only why it was
     * refused */
    bool may_keep = !collect->intake.browser_key || collect->intake.cmp_filters_before;
    refused->message = may_keep ? collect->messages[index] : SLICE_NONE;
    refused->refusal = refusal;
    refused->diag = *diag;
    refused->index = index;
    struct slice id = json_get_text(json, "messageId");
    refused->message_id = id.size <= MESSAGE_ID_BYTES_MAX ? id : SLICE_NONE;
    refused_init(collect->api->engine->ledger, refused, collect->caller->workspace->id);
    collect->sighted[index].result = SIGHTED_REFUSED;
    collect->sighted[index].field = slice_of(refused->diag.field);
    collect->sighted[index].detail = slice_of(refused->diag.sentence);
}

/* What a message says of itself, whatever becomes of it. A page's name is its title, which may name
 * somebody: an event's alone is told. */
static void sight(struct collect *collect, size_t index, const struct json *json)
{
    const struct json *context = json_get(json, "context");
    struct sighted *sighted = &collect->sighted[index];
    struct slice type = json_get_text(json, "type");
    sighted->type = collect->type.size ? collect->type : type;
    sighted->name = json_get_text(json, "event");
    sighted->library = json_get_text(json_get(context, "library"), "name");
    sighted->consents =
        json_get(context, "consent") || json_get(collect->intake.batch_context, "consent");
}

static void pack(struct collect *collect, struct people_event *event)
{
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(&event->event, &record);
    event->record = arena_copy(collect->request->arena, buf_slice(&record));
    buf_done(&record);
    people_event_init(collect->api->engine->people, event, collect->caller->workspace->id);
}

/* One message: kept, counted or refused; never a reason to refuse its neighbours. */
static void take_message(struct collect *collect, size_t index)
{
    struct diag diag = {0};
    const struct json *json;
    struct slice raw = collect->messages[index];
    if (raw.size > EVENT_BYTES_MAX) {
        (void)refusal_set(&diag, REFUSAL_LONG_MESSAGE, "");
        refuse(collect, index, NULL, REFUSAL_LONG_MESSAGE, &diag);
        return;
    }
    if (json_parse(collect->request->arena, raw, &json, &diag) != STATUS_OK) {
        refuse(collect, index, NULL, REFUSAL_NOT_JSON, &diag);
        return;
    }
    sight(collect, index, json);
    struct people_event *event = &collect->events[collect->event_count];
    struct intake_input input = {json, collect->type, raw.size};
    struct intake_output output;
    switch (intake_message(&collect->intake, &input, collect->request->arena, &output, &diag)) {
    case INTAKE_KEPT:
        event->event = output.event;
        event->needs_consent = output.needs_consent;
        collect->event_count++;
        collect->at_index[index] = event;
        pack(collect, event);
        break;
    case INTAKE_COUNTED:
        collect->counted_only++;
        collect->sighted[index].result = SIGHTED_COUNTED;
        break;
    case INTAKE_REFUSED:
        refuse(collect, index, json, output.refusal, &diag);
        break;
    }
}

static void submit(struct collect *collect)
{
    size_t count = collect->event_count + collect->refused_count, used = 0;
    struct ledger_entry **entries =
        ARENA_ARRAY(collect->request->arena, count, struct ledger_entry *);
    for (size_t i = 0; i < collect->event_count; i++)
        entries[used++] = &collect->events[i].entry;
    for (size_t i = 0; i < collect->refused_count; i++)
        entries[used++] = &collect->refused[i].entry;
    collect->commit =
        (struct ledger_commit){.entries = entries, .entry_count = count, .done = on_done};
    if (count == 0) {
        finish(collect);
        return;
    }
    enum status status = ledger_submit(collect->api->engine->ledger, &collect->commit);
    if (status != STATUS_OK) {
        leave(collect);
        http_problem(collect->request, status, NULL);
    }
}

static void take_all(struct collect *collect)
{
    struct arena *arena = collect->request->arena;
    collect->context = (struct intake_context){
        .api = collect->api,
        .catalog = catalog_pin(collect->api->engine->catalog, collect->caller->workspace->id),
        .caller = collect->caller,
        .now_ms = clock_now_ms()};
    struct intake call = collect->intake; /* what the batch said */
    api_intake(&collect->context, collect->request, &collect->intake);
    collect->intake.sent_at_ms = call.sent_at_ms;
    collect->intake.batch_context = call.batch_context;
    collect->intake.batch_integrations = call.batch_integrations;
    collect->events = ARENA_ARRAY(arena, collect->message_count, struct people_event);
    collect->refused = ARENA_ARRAY(arena, collect->message_count, struct refused);
    collect->sighted = ARENA_ARRAY(arena, collect->message_count, struct sighted);
    collect->at_index = ARENA_ARRAY(arena, collect->message_count, struct people_event *);
    for (size_t i = 0; i < collect->message_count; i++)
        take_message(collect, i);
}

/* --- the three shapes of a call --------------------------------------------------------------- */

/* "/v1/track", "/v1/t" and "/api/s/track/" → "track"; empty for a batch. */
static struct slice type_of_path(struct slice path)
{
    static const char *const types[] = {"track", "identify", "page", "screen", "group", "alias"};
    struct slice word = path, head;
    if (path.data[path.size - 1] == '/')
        word.size--;
    while (slice_cut(word, '/', &head, &word))
        continue;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        bool letter = word.size == 1 && word.data[0] == types[i][0];
        if (letter || slice_is(word, types[i]))
            return slice_of(types[i]);
    }
    return SLICE_NONE;
}

static enum status read_batch(struct collect *collect, struct slice *out_key, struct diag *diag)
{
    struct json_batch batch;
    enum status status =
        json_cut_batch(collect->request->arena, collect->request->body, "batch", &batch, diag);
    if (status != STATUS_OK)
        return status;
    collect->messages = batch.elements;
    collect->message_count = batch.count;
    *out_key = json_get_text(batch.rest, "writeKey");
    collect->intake.batch_context = json_get(batch.rest, "context");
    collect->intake.batch_integrations = json_get(batch.rest, "integrations");
    if (!clock_parse_iso(json_get_text(batch.rest, "sentAt"), &collect->intake.sent_at_ms))
        collect->intake.sent_at_ms = INT64_MIN;
    return STATUS_OK;
}

static enum status read_message(struct collect *collect, struct slice *out_key, struct diag *diag)
{
    const struct json *json;
    struct http_request *request = collect->request;
    enum status status = json_parse(request->arena, request->body, &json, diag);
    if (status != STATUS_OK)
        return status;
    *out_key = json_get_text(json, "writeKey");
    collect->messages = ARENA_NEW(request->arena, struct slice);
    collect->messages[0] = request->body;
    collect->message_count = 1;
    collect->intake.sent_at_ms = INT64_MIN;
    return STATUS_OK;
}

static struct collect *collect_new(struct api *api, struct http_request *request)
{
    struct collect *collect = ARENA_NEW(request->arena, struct collect);
    collect->api = api;
    collect->request = request;
    collect->type = type_of_path(request->path);
    return collect;
}

void api_collect(void *context, struct http_request *request)
{
    struct collect *collect = collect_new(context, request);
    struct diag diag = {0};
    struct slice body_key = SLICE_NONE;
    enum status status = collect->type.size ? read_message(collect, &body_key, &diag)
                                            : read_batch(collect, &body_key, &diag);
    if (status != STATUS_OK) {
        http_problem(request, status, &diag);
        return;
    }
    collect->caller = api_enter(collect->api, request, body_key);
    if (!collect->caller)
        return;
    /* Before the work of reading each message: refusals must stay cheap for the rest to go on. */
    if (!ledger_has_room(collect->api->engine->ledger, collect->message_count,
                         request->body.size)) {
        leave_early(collect);
        return;
    }
    take_all(collect);
    if (collect->type.size && collect->refused_count) {
        tell_sightings(collect);
        leave(collect);
        http_problem(request, STATUS_INVALID, &collect->refused[0].diag);
        return;
    }
    submit(collect);
}

/* RudderStack's picture: the message stands in the query, its dotted names are its members. Only
 * what a page can say is read. */
void api_pixel(void *context, struct http_request *request)
{
    struct collect *collect = collect_new(context, request);
    collect->pixel = true;
    collect->caller = api_enter(collect->api, request, SLICE_NONE);
    if (!collect->caller)
        return;
    static const char *const names[] = {"anonymousId", "userId",    "event",
                                        "messageId",   "timestamp", "name"};
    struct buf message;
    buf_init(&message, EVENT_BYTES_MAX);
    struct json_out out = json_out(&message);
    json_object(&out);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct slice value = http_query(request, names[i]);
        json_text_member(&out, names[i], value);
    }
    json_end(&out);
    collect->messages = ARENA_NEW(request->arena, struct slice);
    collect->messages[0] = arena_copy(request->arena, buf_slice(&message));
    collect->message_count = 1;
    collect->intake.sent_at_ms = INT64_MIN;
    buf_done(&message);
    take_all(collect);
    submit(collect);
}
