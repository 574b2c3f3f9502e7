/* Events: messages of the Segment family, one a line, or rows of a spreadsheet. */
#include "import/rows.h"

static const struct import_field fields[ROW_FIELD_COUNT] = {
    [ROW_TYPE] = {"type", {NULL}},
    [ROW_EVENT] = {"event", {NULL}},
    [ROW_USER] = {"user", {"user_id", "userId", "customer", "customer_id"}},
    [ROW_ANONYMOUS] = {"anonymous_id", {"anonymousId"}},
    [ROW_EMAIL] = {"email", {NULL}},
    [ROW_PHONE] = {"phone", {NULL}},
    [ROW_TIME] = {"time", {"timestamp", "date"}},
    [ROW_ITEM] = {"item", {"product_id", "sku", "item_id"}},
    [ROW_VARIANT] = {"variant", {"variant_id"}},
    [ROW_TITLE] = {"title", {"name"}},
    [ROW_BRAND] = {"brand", {NULL}},
    [ROW_CATEGORY] = {"category", {NULL}},
    [ROW_QUANTITY] = {"quantity", {"qty"}},
    [ROW_PRICE] = {"price", {"unit_price"}},
    [ROW_ORDER] = {"order", {"order_id"}},
    [ROW_CURRENCY] = {"currency", {NULL}},
    [ROW_COUNTRY] = {"country", {NULL}},
    [ROW_REGION] = {"region", {NULL}},
    [ROW_CITY] = {"city", {NULL}},
    [ROW_POSTCODE] = {"postcode", {"zip", "postal_code"}},
    [ROW_URL] = {"url", {NULL}},
    [ROW_QUERY] = {"query", {NULL}},
    [ROW_MESSAGE_ID] = {"message_id", {"messageId"}},
};
const struct import_fields import_event_fields = {
    fields, ROW_FIELD_COUNT, {"properties.", "traits."}, false};

/* --- one row, one message --------------------------------------------------------------------- */

static void put_free(struct import *import, const struct json *record, const char *prefix,
                     struct json_out *out)
{
    for (size_t i = 0; i < import->map.count; i++) {
        struct slice name, text;
        if (!import_is_free(&import->map, i, prefix, &name))
            continue;
        text = import_value_at(&import->map, i, record);
        if (text.size == 0)
            continue;
        json_name_slice(out, name);
        json_string(out, text);
    }
}

struct product {
    struct slice currency;
    int64_t price_minor, quantity;
};

static void put_product(struct import *import, const struct json *record,
                        const struct product *product, struct json_out *out)
{
    struct import_map *map = &import->map;
    json_text_member(out, "product_id", feed_plain_id(import_value(map, ROW_ITEM, record)));
    json_text_member(out, "variant", import_value(map, ROW_VARIANT, record));
    json_text_member(out, "name", import_value(map, ROW_TITLE, record));
    json_text_member(out, "brand", import_value(map, ROW_BRAND, record));
    json_text_member(out, "category", import_value(map, ROW_CATEGORY, record));
    JSON_INT_MEMBER(out, "quantity", product->quantity);
    if (product->price_minor >= 0)
        row_put_amount(out, "price", product->price_minor, product->currency);
}

/* The product of an order stands in a list, that of a view in the properties themselves. */
static void put_properties(struct import *import, const struct json *record,
                           const struct product *product, struct json_out *out)
{
    struct import_map *map = &import->map;
    struct slice order = feed_plain_id(import_value(map, ROW_ORDER, record));
    bool has_item = import_value(map, ROW_ITEM, record).size > 0;
    json_name(out, "properties");
    json_object(out);
    json_text_member(out, "order_id", order);
    JSON_STRING_MEMBER(out, "currency", product->currency);
    if (has_item && order.size > 0) {
        json_name(out, "products");
        json_array(out);
        json_object(out);
        put_product(import, record, product, out);
        json_end(out);
        json_end(out);
    } else if (has_item) {
        put_product(import, record, product, out);
    } else {
        json_text_member(out, "category", import_value(map, ROW_CATEGORY, record));
    }
    json_text_member(out, "url", import_value(map, ROW_URL, record));
    json_text_member(out, "query", import_value(map, ROW_QUERY, record));
    put_free(import, record, "properties.", out);
    json_end(out);
}

static void put_head(struct import *import, const struct json *record, unsigned line,
                     struct json_out *out)
{
    struct slice type = import_value(&import->map, ROW_TYPE, record);
    struct slice name = import_value(&import->map, ROW_EVENT, record);
    struct slice id = import_value(&import->map, ROW_MESSAGE_ID, record);
    bool page = slice_is(type, "page") || slice_is(type, "screen");
    JSON_STRING_MEMBER(out, "type", type.size ? type : SLICE("track"));
    json_text_member(out, page ? "name" : "event", name);
    JSON_STRING_MEMBER(out, "messageId",
                       id.size ? id : import_message_id(import, 'e', line, &import->row));
}

/* Each row is one message. */
static enum status import_one_row(struct import *import, const struct json *record, unsigned line,
                                  struct buf *text)
{
    struct row_person person;
    struct product product;
    int64_t time_ms;
    struct diag diag = {0};
    if (!row_person_read(import, record, &person)) {
        import_refuse_nobody(import, line);
        return STATUS_OK;
    }
    if (row_time(import, record, &time_ms, &diag) != STATUS_OK ||
        row_currency(import, record, &product.currency, &diag) != STATUS_OK ||
        row_price(import, record, product.currency, &product.price_minor, &diag) != STATUS_OK ||
        row_quantity(import, record, &product.quantity, &diag) != STATUS_OK) {
        import_refuse(import, line, &diag);
        return STATUS_OK;
    }
    buf_clear(text);
    struct json_out out = json_out(text);
    json_object(&out);
    put_head(import, record, line, &out);
    row_person_put_ids(&person, &out);
    row_put_time(&out, time_ms);
    put_properties(import, record, &product, &out);
    row_person_put_traits(&person, &out);
    put_free(import, record, "traits.", &out);
    json_end(&out);
    json_end(&out);
    json_end(&out);
    return import_send_text(import, text, line);
}

static enum status import_rows(struct import *import, struct diag *diag)
{
    struct buf text;
    const struct json *record;
    unsigned line;
    enum status status;
    buf_init(&text, EVENT_BYTES_MAX);
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        status = import_one_row(import, record, line, &text);
        if (status != STATUS_OK)
            break;
    }
    buf_done(&text);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- lines of orders -------------------------------------------------------------------------- */

static enum status import_orders(struct import *import, struct diag *diag)
{
    struct import_orders *orders = import_orders_new(import);
    const struct json *record;
    unsigned line;
    enum status status;
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        status = import_orders_line(orders, record, line);
        if (status != STATUS_OK)
            break;
    }
    if (status == STATUS_NOT_FOUND)
        status = import_orders_finish(orders);
    import_orders_free(orders);
    return status;
}

/* --- messages --------------------------------------------------------------------------------- */

/* With an id made from file and line when the message has none. */
static const struct json *with_message_id(struct import *import, const struct json *record,
                                          unsigned line)
{
    struct arena *arena = &import->row;
    const struct json *own = json_get(record, "messageId");
    if (own && !json_is(own, JSON_NULL) && !(json_is(own, JSON_STRING) && own->text.size == 0))
        return record;
    struct json *made = ARENA_NEW(arena, struct json);
    *made = *record;
    made->members = ARENA_ARRAY(arena, record->count + 1, struct json_member);
    if (record->count > 0)
        memcpy(made->members, record->members, record->count * sizeof *made->members);
    made->members[made->count++] = (struct json_member){
        /* of two the last counts */
        SLICE("messageId"),
        {.kind = JSON_STRING, .text = import_message_id(import, 'e', line, arena)}};
    return made;
}

static enum status import_messages(struct import *import, struct diag *diag)
{
    struct buf text;
    const struct json *record;
    unsigned line;
    enum status status;
    buf_init(&text, EVENT_BYTES_MAX);
    while ((status = import_next(import, &record, &line, diag)) == STATUS_OK) {
        buf_clear(&text);
        struct json_out out = json_out(&text);
        json_value(&out, with_message_id(import, record, line));
        status = import_send_text(import, &text, line);
        if (status != STATUS_OK)
            break;
    }
    buf_done(&text);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status import_events(struct import *import, struct diag *diag)
{
    if (import->rows_are_objects && !import->map_given && import->options.kind == IMPORT_EVENTS)
        return import_messages(import, diag);
    enum status status = import_map_load(import, diag);
    if (status != STATUS_OK)
        return status;
    bool named = import_map_has(&import->map, ROW_EVENT) || import_map_has(&import->map, ROW_TYPE);
    bool lines = import->options.kind == IMPORT_ORDERS;
    if (import_map_has(&import->map, ROW_ORDER) && (lines || !named))
        return import_orders(import, diag);
    if (lines || !named)
        return diag_set(diag, STATUS_INVALID, "map",
                        "map order=COLUMN for lines of orders, or event=COLUMN for other events; "
                        "the head line is: %.*s",
                        SLICE_ARG(slice_first(feed_columns(import->feed), 100)));
    return import_rows(import, diag);
}
