/* Lines of orders to Order Completed and Order Refunded.
 *
 * A few orders are open at a time: tills write lines of two at once. An order closes when more
 * others were begun since its newest line. It keeps what its message can hold (EVENT_ITEMS_MAX
 * products) and sums every line, so that an order of a thousand lines has its true revenue and
 * is said to have left products out. A cancellation (its id begins with C) or an order of
 * negative quantities alone is a refund; in a mixed one negative lines lessen the revenue and
 * are no products. */
#include "import/rows.h"

#include <assert.h>
#include <stdlib.h>

enum {
    PRODUCTS_BYTES_MAX = EVENT_BYTES_MAX - 4096, /* of the message; the rest is ids and address */
    PRODUCT_BYTES_MAX = 1024,
    ORDERS_OPEN_MAX = 4
};

struct line {
    struct slice item, variant, title, brand, category;
    int64_t quantity, price_minor; /* -1 unknown */
};

struct lines {
    struct line lines[EVENT_ITEMS_MAX];
    size_t count;
};

struct order {
    struct import *import;
    bool open;
    uint64_t touched;   /* when its newest line came */
    struct arena arena; /* of the open order */
    struct row_person person;
    struct slice id, currency;
    int64_t time_ms;
    unsigned line; /* the first */
    bool cancellation;
    struct lines sold, returned; /* by the sign of their quantity; of a cancellation all returned */
    uint64_t sold_count, returned_count;
    int64_t sum_minor; /* of quantity × price, signed */
    bool sum_known;
    struct buf text;
};

struct import_orders {
    struct import *import;
    struct order orders[ORDERS_OPEN_MAX];
    uint64_t lines;
};

struct import_orders *import_orders_new(struct import *import)
{
    struct import_orders *orders = must_alloc_zero(1, sizeof *orders);
    orders->import = import;
    for (size_t i = 0; i < ORDERS_OPEN_MAX; i++) {
        orders->orders[i].import = import;
        arena_init(&orders->orders[i].arena);
        buf_init(&orders->orders[i].text, EVENT_BYTES_MAX);
    }
    return orders;
}

void import_orders_free(struct import_orders *orders)
{
    for (size_t i = 0; i < ORDERS_OPEN_MAX; i++) {
        arena_done(&orders->orders[i].arena);
        buf_done(&orders->orders[i].text);
    }
    free(orders);
}

/* --- the message ------------------------------------------------------------------------------ */

static void put_product(const struct order *order, const struct line *line, struct json_out *out)
{
    json_object(out);
    JSON_STRING_MEMBER(out, "product_id", line->item);
    json_text_member(out, "variant", line->variant);
    json_text_member(out, "name", line->title);
    json_text_member(out, "brand", line->brand);
    json_text_member(out, "category", line->category);
    JSON_INT_MEMBER(out, "quantity", line->quantity < 0 ? -line->quantity : line->quantity);
    if (line->price_minor >= 0)
        row_put_amount(out, "price", line->price_minor, order->currency);
    json_end(out);
}

/* How many products the message holds. */
static size_t put_products(struct order *order, const struct lines *lines, struct json_out *out)
{
    size_t count = 0;
    json_name(out, "products");
    json_array(out);
    while (count < lines->count && order->text.size < PRODUCTS_BYTES_MAX - PRODUCT_BYTES_MAX)
        put_product(order, &lines->lines[count++], out);
    json_end(out);
    return count;
}

static void put_properties(struct order *order, bool refund, struct json_out *out)
{
    uint64_t lines = refund ? order->returned_count : order->sold_count;
    json_name(out, "properties");
    json_object(out);
    JSON_STRING_MEMBER(out, "order_id", order->id);
    JSON_STRING_MEMBER(out, "currency", order->currency);
    if (order->sum_known) {
        int64_t sum = refund && order->sum_minor < 0 ? -order->sum_minor : order->sum_minor;
        row_put_amount(out, refund ? "total" : "revenue", sum, order->currency);
    }
    size_t put = put_products(order, refund ? &order->returned : &order->sold, out);
    order->import->counts.lines_left_out += lines - put;
    json_end(out);
}

static void write_message(struct order *order)
{
    bool refund = order->sold_count == 0;
    struct slice id = import_message_id(order->import, 'e', order->line, &order->arena);
    buf_clear(&order->text);
    struct json_out out = json_out(&order->text);
    json_object(&out);
    JSON_STRING_MEMBER(&out, "type", SLICE("track"));
    JSON_STRING_MEMBER(&out, "event", refund ? SLICE("Order Refunded") : SLICE("Order Completed"));
    row_person_put_ids(&order->person, &out);
    JSON_STRING_MEMBER(&out, "messageId", id);
    row_put_time(&out, order->time_ms);
    put_properties(order, refund, &out);
    row_person_put_traits(&order->person, &out);
    json_end(&out);
    json_end(&out);
    json_end(&out);
}

static enum status close_order(struct order *order)
{
    if (!order->open)
        return STATUS_OK;
    order->open = false;
    if (order->sold_count + order->returned_count == 0) {
        struct diag diag = {0};
        (void)diag_set(&diag, STATUS_INVALID, "quantity", "is 0 in every line of this order");
        import_refuse(order->import, order->line, &diag);
        return STATUS_OK;
    }
    write_message(order);
    return import_send_text(order->import, &order->text, order->line);
}

/* --- its lines -------------------------------------------------------------------------------- */

static struct slice short_text(struct import *import, enum row_field field,
                               const struct json *record)
{
    enum { TEXT_BYTES_MAX = 120 };
    struct slice text = import_value(&import->map, field, record);
    return text.size <= TEXT_BYTES_MAX ? text : SLICE_NONE;
}

static enum status read_line(struct import *import, const struct json *record,
                             struct slice currency, struct line *line, struct diag *diag)
{
    *line = (struct line){.item = feed_plain_id(import_value(&import->map, ROW_ITEM, record)),
                          .variant = short_text(import, ROW_VARIANT, record),
                          .title = short_text(import, ROW_TITLE, record),
                          .brand = short_text(import, ROW_BRAND, record),
                          .category = short_text(import, ROW_CATEGORY, record)};
    if (line->item.size == 0 || line->item.size > ITEM_ID_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "item", "is missing or over %d bytes",
                        ITEM_ID_BYTES_MAX);
    enum status status = row_quantity(import, record, &line->quantity, diag);
    return status == STATUS_OK ? row_price(import, record, currency, &line->price_minor, diag)
                               : status;
}

static void keep_line(struct order *order, const struct line *line)
{
    bool sold = !order->cancellation && line->quantity > 0;
    struct lines *lines = sold ? &order->sold : &order->returned;
    int64_t amount;
    if (line->quantity == 0)
        return;
    *(sold ? &order->sold_count : &order->returned_count) += 1;
    if (line->price_minor < 0 ||
        __builtin_mul_overflow(line->quantity, line->price_minor, &amount) ||
        __builtin_add_overflow(order->sum_minor, amount, &order->sum_minor))
        order->sum_known = false;
    if (lines->count == EVENT_ITEMS_MAX)
        return;
    struct line *kept = &lines->lines[lines->count++];
    *kept = *line;
    kept->item = arena_copy(&order->arena, line->item);
    kept->variant = arena_copy(&order->arena, line->variant);
    kept->title = arena_copy(&order->arena, line->title);
    kept->brand = arena_copy(&order->arena, line->brand);
    kept->category = arena_copy(&order->arena, line->category);
}

struct opening { /* what a row says of the whole order */
    struct row_person person;
    struct slice id, currency;
    int64_t time_ms;
    unsigned line;
};

static void open_order(struct order *order, const struct opening *opening)
{
    arena_reset(&order->arena);
    order->open = true;
    order->person = row_person_copy(&opening->person, &order->arena);
    order->id = arena_copy(&order->arena, opening->id);
    order->currency = arena_copy(&order->arena, opening->currency);
    order->time_ms = opening->time_ms;
    order->line = opening->line;
    order->cancellation = opening->id.data[0] == 'C' || opening->id.data[0] == 'c';
    order->sold.count = order->returned.count = 0;
    order->sold_count = order->returned_count = 0;
    order->sum_minor = 0;
    order->sum_known = true;
}

static bool continues(const struct order *order, const struct opening *opening)
{
    return order->open && slice_equal(order->id, opening->id) &&
           row_person_equal(&order->person, &opening->person);
}

static enum status read_opening(struct import *import, const struct json *record,
                                struct opening *opening, struct diag *diag)
{
    opening->id = feed_plain_id(import_value(&import->map, ROW_ORDER, record));
    if (opening->id.size == 0 || opening->id.size > IDENTIFIER_BYTES_MAX)
        return diag_set(diag, STATUS_INVALID, "order", "is missing or over %d bytes",
                        IDENTIFIER_BYTES_MAX);
    enum status status = row_currency(import, record, &opening->currency, diag);
    return status == STATUS_OK ? row_time(import, record, &opening->time_ms, diag) : status;
}

/* The order that a line goes on with, else a place for a new one. */
static struct order *find_order(struct import_orders *orders, const struct opening *opening)
{
    struct order *oldest = &orders->orders[0];
    for (size_t i = 0; i < ORDERS_OPEN_MAX; i++) {
        struct order *order = &orders->orders[i];
        if (continues(order, opening))
            return order;
        if (order->touched < oldest->touched)
            oldest = order;
    }
    return oldest;
}

static enum status take_line(struct import_orders *orders, const struct opening *opening,
                             const struct line *line)
{
    struct order *order = find_order(orders, opening);
    if (!continues(order, opening)) {
        enum status status = close_order(order);
        if (status != STATUS_OK)
            return status;
        open_order(order, opening);
    }
    order->touched = ++orders->lines;
    keep_line(order, line);
    return STATUS_OK;
}

enum status import_orders_line(struct import_orders *orders, const struct json *record,
                               unsigned line)
{
    struct import *import = orders->import;
    struct opening opening = {.line = line};
    struct line read;
    struct diag diag = {0};
    if (!row_person_read(import, record, &opening.person)) {
        import_refuse_nobody(import, line);
        return STATUS_OK;
    }
    if (read_opening(import, record, &opening, &diag) != STATUS_OK ||
        read_line(import, record, opening.currency, &read, &diag) != STATUS_OK) {
        import_refuse(import, line, &diag);
        return STATUS_OK;
    }
    return take_line(orders, &opening, &read);
}

enum status import_orders_finish(struct import_orders *orders)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ORDERS_OPEN_MAX && status == STATUS_OK; i++) {
        struct order *oldest = NULL;
        for (size_t k = 0; k < ORDERS_OPEN_MAX; k++)
            if (orders->orders[k].open && (!oldest || orders->orders[k].touched < oldest->touched))
                oldest = &orders->orders[k];
        if (oldest)
            status = close_order(oldest);
    }
    return status;
}
