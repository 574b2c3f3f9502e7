#include "api/decide_call.h"

static enum status bad(struct diag *diag, const char *field, const char *sentence)
{
    return diag_set(diag, STATUS_INVALID, field, "%s", sentence);
}

/* An identifier as a string or a number, within its limit. */
static enum status read_id(const struct json *object, const char *name, struct slice *out_id,
                           struct diag *diag)
{
    const struct json *value = json_get(object, name);
    *out_id = json_scalar_text(value);
    if (value && out_id->size == 0 && !json_is(value, JSON_NULL) && !json_is(value, JSON_STRING))
        return diag_set(diag, STATUS_INVALID, name, "%s is a text or a number", name);
    if (out_id->size > IDENTIFIER_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, name, "%s is over %d bytes", name,
                        IDENTIFIER_BYTES_MAX);
    return STATUS_OK;
}

static enum status read_user(const struct json *body, struct decide_call *call, struct diag *diag)
{
    const struct json *user = json_get(body, "user");
    if (user && !json_is(user, JSON_OBJECT) && !json_is(user, JSON_NULL))
        return bad(diag, "/user", "user is an object such as {\"anonymousId\": \"…\"}");
    enum status status = read_id(user, "anonymousId", &call->anonymous_id, diag);
    if (status == STATUS_OK)
        status = read_id(user, "userId", &call->user_id, diag);
    if (status == STATUS_OK)
        status = read_id(user, "email", &call->email, diag);
    return status;
}

static enum status read_cart(const struct json *cart, struct arena *arena, struct moment *moment,
                             struct diag *diag)
{
    if (!cart || json_is(cart, JSON_NULL))
        return STATUS_OK;
    if (!json_is(cart, JSON_ARRAY))
        return bad(diag, "/context/cart", "cart is a list of {\"itemId\", \"quantity\"}");
    size_t count = cart->count < CART_LINES_MAX ? cart->count : CART_LINES_MAX;
    struct slice *items = ARENA_ARRAY(arena, count, struct slice);
    for (size_t i = 0; i < count; i++) {
        const struct json *line = &cart->elements[i];
        struct slice item =
            json_scalar_text(json_is(line, JSON_OBJECT) ? json_get(line, "itemId") : line);
        if (item.size && item.size <= ITEM_ID_BYTES_MAX)
            items[moment->cart_count++] = item;
    }
    moment->cart = items;
    return STATUS_OK;
}

static enum status read_budget(const struct json *page, struct page_budget *out_budget,
                               struct diag *diag)
{
    const struct json *most = json_get(page, "personalisedMax");
    if (!most || json_is(most, JSON_NULL))
        return STATUS_OK;
    if (!json_is(most, JSON_INTEGER) || most->integer < 0 ||
        most->integer > PLACEMENTS_PER_CALL_MAX)
        return diag_set(diag, STATUS_INVALID, "/context/page/personalisedMax",
                        "personalisedMax is a whole number of placements from 0 to %d",
                        PLACEMENTS_PER_CALL_MAX);
    *out_budget = (struct page_budget){true, (unsigned)most->integer};
    return STATUS_OK;
}

static enum status read_context(const struct json *body, struct arena *arena,
                                struct decide_call *call, struct diag *diag)
{
    const struct json *context = json_get(body, "context");
    if (context && !json_is(context, JSON_OBJECT) && !json_is(context, JSON_NULL))
        return bad(diag, "/context", "context is an object");
    const struct json *page = json_get(context, "page");
    struct moment *moment = &call->moment;
    call->context = json_is(context, JSON_OBJECT) ? context : NULL;
    call->signature = json_get(context, "userSignature");
    call->timezone = json_get_text(context, "timezone");
    moment->page_type = slice_first(json_get_text(page, "type"), 64);
    moment->page_url = slice_first(json_get_text(page, "url"), 1024);
    moment->page_item = slice_first(json_scalar_text(json_get(page, "itemId")), ITEM_ID_BYTES_MAX);
    moment->page_category = slice_first(json_get_text(page, "category"), 256);
    moment->locale = locale_from_text(json_get_text(context, "locale"), LOCALE_COUNT);
    enum status status = read_budget(page, &moment->budget, diag);
    return status == STATUS_OK ? read_cart(json_get(context, "cart"), arena, moment, diag) : status;
}

static enum status read_wish(const struct json *json, struct arena *arena, struct wish *out_wish,
                             struct diag *diag)
{
    struct slice id = json_is(json, JSON_STRING) ? json->text : json_get_text(json, "id");
    if (id.size == 0)
        return bad(diag, "/placements", "Each placement is {\"id\": \"…\"}");
    int64_t count = json_get_int(json, "count", 0);
    if (count < 0 || count > ITEMS_PER_PLACEMENT_MAX)
        return diag_set(diag, STATUS_INVALID, "/placements", "count is 1 to %d",
                        ITEMS_PER_PLACEMENT_MAX);
    const struct json *exclude = json_get(json, "exclude");
    size_t most = json_is(exclude, JSON_ARRAY) ? exclude->count : 0;
    if (most > EXCLUDE_LIST_MAX)
        return diag_set(diag, STATUS_INVALID, "/placements", "exclude holds at most %d items",
                        EXCLUDE_LIST_MAX);
    struct slice *items = ARENA_ARRAY(arena, most, struct slice);
    const struct json *order = json_get(json_get(json, "order"), "ids");
    struct order_ids ids = {0};
    if (order || json_get(json, "order")) {
        enum status status = order_ids_read(order, "/placements", arena, &ids, diag);
        if (status != STATUS_OK)
            return status;
    }
    *out_wish =
        (struct wish){.order = ids, .placement = id, .count = (unsigned)count, .exclude = items};
    for (size_t i = 0; i < most; i++) {
        struct slice item = json_scalar_text(&exclude->elements[i]);
        if (item.size)
            items[out_wish->exclude_count++] = item;
    }
    return STATUS_OK;
}

static enum status read_wishes(const struct json *body, struct arena *arena,
                               struct decide_call *call, struct diag *diag)
{
    const struct json *placements = json_get(body, "placements");
    if (!json_is(placements, JSON_ARRAY) || placements->count == 0)
        return bad(diag, "/placements", "placements is a list of at least one {\"id\": \"…\"}");
    if (placements->count > PLACEMENTS_PER_CALL_MAX)
        return diag_set(diag, STATUS_INVALID, "/placements", "At most %d placements a call",
                        PLACEMENTS_PER_CALL_MAX);
    struct wish *wishes = ARENA_ARRAY(arena, placements->count, struct wish);
    for (size_t i = 0; i < placements->count; i++) {
        enum status status = read_wish(&placements->elements[i], arena, &wishes[i], diag);
        if (status != STATUS_OK)
            return status;
    }
    call->moment.wishes = wishes;
    call->moment.wish_count = placements->count;
    return STATUS_OK;
}

static enum status read_rest(const struct json *body, struct decide_call *call, struct diag *diag)
{
    int64_t deadline = json_get_int(body, "deadlineMs", DECIDE_DEADLINE_MS_DEFAULT);
    if (deadline < 1 || deadline > DECIDE_DEADLINE_MS_MAX)
        return diag_set(diag, STATUS_INVALID, "/deadlineMs", "deadlineMs is 1 to %d",
                        DECIDE_DEADLINE_MS_MAX);
    const struct json *events = json_get(body, "events");
    if (events && !json_is(events, JSON_ARRAY) && !json_is(events, JSON_NULL))
        return bad(diag, "/events", "events is a list of messages as sent to /v1/track");
    if (events && json_is(events, JSON_ARRAY) && events->count > CALL_EVENTS_MAX)
        return diag_set(diag, STATUS_INVALID, "/events", "At most %d events a call",
                        CALL_EVENTS_MAX);
    call->moment.deadline_ms = (unsigned)deadline;
    call->moment.explain = json_get_bool(body, "explain", false);
    call->events = json_is(events, JSON_ARRAY) ? events : NULL;
    return STATUS_OK;
}

enum status decide_call_read(const struct json *body, struct arena *arena,
                             struct decide_call *out_call, struct diag *diag)
{
    *out_call = (struct decide_call){0};
    enum status status = read_user(body, out_call, diag);
    if (status == STATUS_OK)
        status = read_context(body, arena, out_call, diag);
    if (status == STATUS_OK)
        status = read_wishes(body, arena, out_call, diag);
    if (status == STATUS_OK)
        status = read_rest(body, out_call, diag);
    return status;
}
