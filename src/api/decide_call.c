#include "api/decide_call.h"

#include "api/shape.h"

#include <assert.h>
#include <stdio.h>

/* A page's own words (context, page, user) may hold more than we know, as a tag sends them; what
 * asks for something is held to the letter, so that a slip of the pen is told. */
static const struct shape_member body_members[] = {
    {.name = "user", .type = SHAPE_OBJECT},
    {.name = "context", .type = SHAPE_OBJECT},
    {.name = "events",
     .type = SHAPE_LIST,
     .max = CALL_EVENTS_MAX,
     .sentence = "events is a list of messages as sent to /v1/track"},
    {.name = "placements",
     .type = SHAPE_LIST,
     .max = PLACEMENTS_PER_CALL_MAX,
     .sentence = "placements is a list of at least one {\"id\": \"…\"}"},
    {.name = "deadlineMs", .type = SHAPE_COUNT, .min = 1, .max = DECIDE_DEADLINE_MS_MAX},
    {.name = "explain", .type = SHAPE_BOOL},
    {.name = "details", .type = SHAPE_BOOL},
    {.name = "writeKey", .type = SHAPE_TEXT},
};
static const struct shape_member user_members[] = {
    {.name = "anonymousId", .type = SHAPE_SCALAR},
    {.name = "userId", .type = SHAPE_SCALAR},
    {.name = "email", .type = SHAPE_TEXT},
};
static const struct shape_member context_members[] = {
    {.name = "page", .type = SHAPE_OBJECT},
    {.name = "cart",
     .type = SHAPE_LIST,
     .sentence = "cart is a list of {\"itemId\", \"quantity\"}"},
    {.name = "locale", .type = SHAPE_TEXT},
    {.name = "timezone", .type = SHAPE_TEXT},
    {.name = "consent", .type = SHAPE_OBJECT},
    {.name = "userSignature", .type = SHAPE_ANY},
};
static const struct shape_member page_members[] = {
    {.name = "type", .type = SHAPE_TEXT},
    {.name = "url", .type = SHAPE_TEXT},
    {.name = "itemId", .type = SHAPE_SCALAR},
    {.name = "category", .type = SHAPE_TEXT},
    {.name = "personalisedMax",
     .type = SHAPE_COUNT,
     .max = PLACEMENTS_PER_CALL_MAX,
     .sentence = "personalisedMax is a whole number of placements from 0 to 20"},
};
static_assert(PLACEMENTS_PER_CALL_MAX == 20, "said above");
static const struct shape_member wish_members[] = {
    {.name = "id", .type = SHAPE_TEXT},
    {.name = "count", .type = SHAPE_COUNT, .min = 1, .max = ITEMS_PER_PLACEMENT_MAX},
    {.name = "exclude", .type = SHAPE_LIST, .max = EXCLUDE_LIST_MAX},
    {.name = "order", .type = SHAPE_OBJECT},
};
static const struct shape_member order_members[] = {{.name = "ids", .type = SHAPE_LIST}};

#define SHAPE_OF(place, list, others)                                                              \
    (&(struct shape){.at = (place),                                                                \
                     .members = (list),                                                            \
                     .count = sizeof(list) / sizeof *(list),                                       \
                     .open = (others)})

/* An identifier as a string or a number, within its limit. */
static enum status read_id(const struct json *object, const char *name, struct slice *out_id,
                           struct diag *diag)
{
    *out_id = json_scalar_text(json_get(object, name));
    if (out_id->size <= IDENTIFIER_BYTES_MAX)
        return STATUS_OK;
    char field[40];
    (void)snprintf(field, sizeof field, "/user/%s", name);
    return diag_set(diag, STATUS_INVALID, field, "%s is over %d bytes", name, IDENTIFIER_BYTES_MAX);
}

static enum status read_user(const struct json *body, struct decide_call *call, struct diag *diag)
{
    const struct json *user = json_get(body, "user");
    enum status status = shape_check(SHAPE_OF("/user", user_members, true), user, diag);
    if (status == STATUS_OK)
        status = read_id(user, "anonymousId", &call->anonymous_id, diag);
    if (status == STATUS_OK)
        status = read_id(user, "userId", &call->user_id, diag);
    if (status == STATUS_OK)
        status = read_id(user, "email", &call->email, diag);
    return status;
}

/* Items of a list at `at`: a text, a number, or where lines may stand an object with an itemId. */
static enum status check_items(const struct json *list, const char *at, bool lines,
                               struct diag *diag)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct json *entry = &list->elements[i];
        bool line = lines && json_is(entry, JSON_OBJECT);
        char field[80];
        if (json_scalar_text(line ? json_get(entry, "itemId") : entry).size > 0)
            continue;
        (void)snprintf(field, sizeof field, "%s/%zu%s", at, i, line ? "/itemId" : "");
        return diag_set(diag, STATUS_INVALID, field, "an item's id is a text or a number%s",
                        lines ? ", alone or as {\"itemId\", \"quantity\"}" : "");
    }
    return STATUS_OK;
}

/* What is beyond the limits of a cart is left out: a full one must not cost the page its answer. */
static enum status read_cart(const struct json *cart, struct arena *arena, struct moment *moment,
                             struct diag *diag)
{
    if (!json_is(cart, JSON_ARRAY))
        return STATUS_OK;
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
    return check_items(cart, "/context/cart", true, diag);
}

static void read_budget(const struct json *page, struct page_budget *out_budget)
{
    const struct json *most = json_get(page, "personalisedMax");
    if (json_is(most, JSON_INTEGER))
        *out_budget = (struct page_budget){true, (unsigned)most->integer};
}

static enum status read_context(const struct json *body, struct arena *arena,
                                struct decide_call *call, struct diag *diag)
{
    const struct json *context = json_get(body, "context");
    const struct json *page = json_get(context, "page");
    struct moment *moment = &call->moment;
    enum status status = shape_check(SHAPE_OF("/context", context_members, true), context, diag);
    if (status == STATUS_OK)
        status = shape_check(SHAPE_OF("/context/page", page_members, true), page, diag);
    if (status != STATUS_OK)
        return status;
    call->context = json_is(context, JSON_OBJECT) ? context : NULL;
    call->signature = json_get(context, "userSignature");
    call->timezone = json_get_text(context, "timezone");
    moment->page_type = slice_first(json_get_text(page, "type"), 64);
    moment->page_url = slice_first(json_get_text(page, "url"), 1024);
    moment->page_item = slice_first(json_scalar_text(json_get(page, "itemId")), ITEM_ID_BYTES_MAX);
    moment->page_category = slice_first(json_get_text(page, "category"), 256);
    moment->locale = locale_from_text(json_get_text(context, "locale"), LOCALE_COUNT);
    read_budget(page, &moment->budget);
    return read_cart(json_get(context, "cart"), arena, moment, diag);
}

static void read_exclude(const struct json *exclude, struct arena *arena, struct wish *wish)
{
    size_t most = json_is(exclude, JSON_ARRAY) ? exclude->count : 0;
    struct slice *items = ARENA_ARRAY(arena, most, struct slice);
    for (size_t i = 0; i < most; i++)
        items[wish->exclude_count++] = json_scalar_text(&exclude->elements[i]);
    wish->exclude = items;
}

static enum status check_wish(const struct json *json, const char *at, struct diag *diag)
{
    char inside[64];
    const struct json *exclude = json_get(json, "exclude");
    enum status status = shape_check(SHAPE_OF(at, wish_members, false), json, diag);
    (void)snprintf(inside, sizeof inside, "%s/exclude", at);
    if (status == STATUS_OK && json_is(exclude, JSON_ARRAY))
        status = check_items(exclude, inside, false, diag);
    (void)snprintf(inside, sizeof inside, "%s/order", at);
    if (status == STATUS_OK)
        status = shape_check(SHAPE_OF(inside, order_members, false), json_get(json, "order"), diag);
    return status;
}

static enum status read_wish(const struct json *json, const char *at, struct arena *arena,
                             struct wish *out_wish, struct diag *diag)
{
    bool named = json_is(json, JSON_STRING); /* its id alone */
    char inside[64];
    struct wish wish = {.placement = named ? json->text : json_get_text(json, "id")};
    enum status status = named ? STATUS_OK : check_wish(json, at, diag);
    if (status != STATUS_OK)
        return status;
    if (wish.placement.size == 0)
        return diag_set(diag, STATUS_INVALID, at, "Each placement is {\"id\": \"…\"}");
    const struct json *order = json_get(json, "order");
    (void)snprintf(inside, sizeof inside, "%s/order/ids", at);
    if (json_is(order, JSON_OBJECT))
        status = order_ids_read(json_get(order, "ids"), inside, arena, &wish.order, diag);
    wish.count = (unsigned)json_get_int(json, "count", 0);
    read_exclude(json_get(json, "exclude"), arena, &wish);
    *out_wish = wish;
    return status;
}

static enum status read_wishes(const struct json *body, struct arena *arena,
                               struct decide_call *call, struct diag *diag)
{
    const struct json *placements = json_get(body, "placements");
    if (!json_is(placements, JSON_ARRAY) || placements->count == 0)
        return diag_set(diag, STATUS_INVALID, "/placements",
                        "placements is a list of at least one {\"id\": \"…\"}");
    struct wish *wishes = ARENA_ARRAY(arena, placements->count, struct wish);
    for (size_t i = 0; i < placements->count; i++) {
        char at[40];
        (void)snprintf(at, sizeof at, "/placements/%zu", i);
        enum status status = read_wish(&placements->elements[i], at, arena, &wishes[i], diag);
        if (status != STATUS_OK)
            return status;
    }
    call->moment.wishes = wishes;
    call->moment.wish_count = placements->count;
    return STATUS_OK;
}

static enum status read_events(const struct json *body, struct decide_call *call, struct diag *diag)
{
    const struct json *events = json_get(body, "events");
    if (!json_is(events, JSON_ARRAY))
        return STATUS_OK;
    call->events = events;
    for (size_t i = 0; i < events->count; i++) {
        char at[40];
        (void)snprintf(at, sizeof at, "/events/%zu", i);
        if (!json_is(&events->elements[i], JSON_OBJECT))
            return diag_set(diag, STATUS_INVALID, at, "a message is an object, as for /v1/track");
    }
    return STATUS_OK;
}

enum status decide_call_read(const struct json *body, struct arena *arena,
                             struct decide_call *out_call, struct diag *diag)
{
    *out_call = (struct decide_call){0};
    enum status status = shape_check(SHAPE_OF("", body_members, false), body, diag);
    if (status == STATUS_OK)
        status = read_user(body, out_call, diag);
    if (status == STATUS_OK)
        status = read_context(body, arena, out_call, diag);
    if (status == STATUS_OK)
        status = read_wishes(body, arena, out_call, diag);
    if (status == STATUS_OK)
        status = read_events(body, out_call, diag);
    out_call->moment.deadline_ms =
        (unsigned)json_get_int(body, "deadlineMs", DECIDE_DEADLINE_MS_DEFAULT);
    out_call->moment.explain = json_get_bool(body, "explain", false);
    out_call->details = json_get_bool(body, "details", false);
    return status;
}
