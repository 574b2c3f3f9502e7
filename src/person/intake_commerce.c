/* What a track event means, by the names of Segment's e-commerce specification (v2, and v1's
 * word order), and what it carries: products, order, money. Unknown products keep the message's
 * own attributes; known ones get the catalogue's. */
#include "person/intake_work.h"

enum { NAME_BYTES_MAX = 64 };

static const struct {
    const char *name; /* lower case, words apart by one space */
    enum act act;
} ACTS[] = {
    {"products searched", ACT_SEARCH},
    {"product searched", ACT_SEARCH},
    {"product list viewed", ACT_VIEW_LIST},
    {"product list filtered", ACT_VIEW_LIST},
    {"viewed product category", ACT_VIEW_LIST},
    {"product viewed", ACT_VIEW_ITEM},
    {"viewed product", ACT_VIEW_ITEM},
    {"product clicked", ACT_CLICK_ITEM},
    {"clicked product", ACT_CLICK_ITEM},
    {"product shared", ACT_SHARE_ITEM},
    {"product added to wishlist", ACT_WISH},
    {"product removed from wishlist", ACT_UNWISH},
    {"product added", ACT_ADD},
    {"added product", ACT_ADD},
    {"wishlist product added to cart", ACT_ADD},
    {"product removed", ACT_REMOVE},
    {"removed product", ACT_REMOVE},
    {"cart viewed", ACT_VIEW_CART},
    {"viewed cart", ACT_VIEW_CART},
    {"checkout started", ACT_CHECKOUT},
    {"checkout step viewed", ACT_CHECKOUT},
    {"checkout step completed", ACT_CHECKOUT},
    {"payment info entered", ACT_CHECKOUT},
    {"order completed", ACT_ORDER},
    {"completed order", ACT_ORDER},
    {"order refunded", ACT_REFUND},
    {"refunded order", ACT_REFUND},
    {"order cancelled", ACT_CANCEL},
    {"order canceled", ACT_CANCEL},
    {"product reviewed", ACT_REVIEW},
    {"segment consent preference updated", ACT_PREFERENCE},
    {"experiment viewed", ACT_EXPOSURE},
};

enum act intake_act_of(struct slice event_name)
{
    struct slice name = slice_trim(event_name);
    if (name.size > NAME_BYTES_MAX)
        return ACT_OTHER;
    char plain[NAME_BYTES_MAX];
    for (size_t i = 0; i < name.size; i++)
        plain[i] = name.data[i] == '_' || name.data[i] == '-' ? ' ' : name.data[i];
    for (size_t i = 0; i < sizeof ACTS / sizeof *ACTS; i++)
        if (slice_equal_ignoring_case(slice_make(plain, name.size), slice_of(ACTS[i].name)))
            return ACTS[i].act;
    return ACT_OTHER;
}

/* --- attributes ------------------------------------------------------------------------------- */

/* How many of the catalogue's attributes are stored: those of a taste's length, within the
 * event's budget. */
struct attribute_room {
    size_t bytes_left;
};

enum { ATTRIBUTE_NAME_BYTES_MAX = 32, ATTRIBUTE_VALUE_BYTES_MAX = 64 };

static void keep_attribute(struct event_item *item, struct attribute *kept,
                           const struct attribute *attribute, struct attribute_room *room)
{
    size_t size = attribute->name.size + attribute->value.size + 2;
    if (attribute->name.size == 0 || attribute->name.size > ATTRIBUTE_NAME_BYTES_MAX ||
        attribute->value.size == 0 || attribute->value.size > ATTRIBUTE_VALUE_BYTES_MAX ||
        item->attribute_count == EVENT_ITEM_ATTRIBUTES_MAX || size > room->bytes_left)
        return;
    room->bytes_left -= size;
    kept[item->attribute_count++] = *attribute;
}

static void keep_from_catalogue(struct intake_work *work, struct event_item *item,
                                const struct attribute *attributes, size_t count,
                                struct attribute_room *room)
{
    size_t most = count < EVENT_ITEM_ATTRIBUTES_MAX ? count : EVENT_ITEM_ATTRIBUTES_MAX;
    struct attribute *kept = ARENA_ARRAY(work->arena, most, struct attribute);
    item->attributes = kept;
    for (size_t i = 0; i < count; i++)
        keep_attribute(item, kept, &attributes[i], room);
    for (size_t i = 0; i < item->attribute_count; i++) { /* the snapshot may go before the event */
        kept[i].name = arena_copy(work->arena, kept[i].name);
        kept[i].value = arena_copy(work->arena, kept[i].value);
    }
}

static void keep_from_message(struct intake_work *work, struct event_item *item,
                              const struct json *product, struct attribute_room *room)
{
    static const char *const names[] = {"brand",       "category", "color",    "material",
                                        "pattern",     "gender",   "season",   "size",
                                        "size_system", "variant",  "age_group"};
    enum { NAMES = sizeof names / sizeof *names };
    struct attribute *kept = ARENA_ARRAY(work->arena, NAMES + 1, struct attribute);
    item->attributes = kept;
    for (size_t i = 0; i < NAMES; i++) {
        struct attribute attribute = {slice_of(names[i]),
                                      json_scalar_text(json_get(product, names[i]))};
        keep_attribute(item, kept, &attribute, room);
    }
    struct attribute colour = {SLICE("color"), json_get_text(product, "colour")};
    keep_attribute(item, kept, &colour, room);
}

/* The catalogue by product id, else by sku: shops differ in which of the two their feed calls
 * the id. */
static bool look_up(const struct intake_work *work, struct event_item *item, struct slice sku,
                    const struct attribute **out_attributes, size_t *out_count)
{
    const struct intake *intake = work->intake;
    struct slice id = item->item, variant = item->variant;
    if (!intake->item_lookup)
        return false;
    bool known =
        intake->item_lookup(intake->item_context, &id, &variant, out_attributes, out_count);
    if (!known && sku.size > 0 && sku.size <= ITEM_ID_BYTES_MAX && !slice_equal(sku, id)) {
        id = sku;
        variant = SLICE_NONE;
        known = intake->item_lookup(intake->item_context, &id, &variant, out_attributes, out_count);
    }
    if (!known)
        return false;
    item->item = arena_copy(work->arena, id); /* the catalogue's may go before the event */
    item->variant = arena_copy(work->arena, variant);
    return true;
}

/* --- products --------------------------------------------------------------------------------- */

static int64_t quantity_of(const struct json *product)
{
    enum { UNITS_MAX = 1000000000 };
    const struct json *value = json_get(product, "quantity");
    int64_t quantity = 1;
    if (json_is(value, JSON_INTEGER))
        quantity = value->integer;
    else if (json_is(value, JSON_NUMBER) && value->number > -UNITS_MAX && value->number < UNITS_MAX)
        quantity = (int64_t)value->number;
    else if (json_is(value, JSON_STRING) && !slice_to_int64(slice_trim(value->text), &quantity))
        quantity = 1;
    if (quantity > UNITS_MAX || quantity < -UNITS_MAX)
        return UNITS_MAX;
    if (quantity < 0) /* returns are told so by some */
        quantity = -quantity;
    return quantity == 0 ? 1 : quantity;
}

/* Of a line that tells what it sold for and what it cost: itself, or by what the catalogue says
 * now. A cost is the word of the shop's server, then of the catalogue, then of whoever sent it. */
static void add_margin(struct intake_work *work, const struct json *product,
                       const struct event_item *item)
{
    struct event *event = work->event;
    const struct intake *intake = work->intake;
    int64_t told = -1, known_price = -1, known_cost = -1, unit, line;
    if (!intake_money(json_get(product, "cost"), event->currency, &told))
        told = -1;
    if (intake->worth_lookup && item->known)
        intake->worth_lookup(intake->item_context, item, event->currency, &known_price,
                             &known_cost);
    int64_t price = item->price_minor >= 0 ? item->price_minor : known_price;
    int64_t cost = known_cost < 0 || (told >= 0 && intake_is_server(intake)) ? told : known_cost;
    int64_t sum = event->margin_minor == INT64_MIN ? 0 : event->margin_minor;
    if (price < 0 || cost < 0 || __builtin_sub_overflow(price, cost, &unit) ||
        __builtin_mul_overflow(unit, item->quantity, &line) ||
        __builtin_add_overflow(sum, line, &sum))
        return;
    event->margin_minor = sum;
}

/* False when there is no id that a catalogue could know. */
static bool add_product(struct intake_work *work, const struct json *product,
                        struct attribute_room *room)
{
    static const char *const item_names[] = {"product_id", "productId", "itemId",
                                             "id",         "sku",       NULL};
    static const char *const variant_names[] = {"variant_id", "variantId", "sku", NULL};
    struct event *event = work->event;
    struct event_item item = {.item = intake_first_text(product, item_names), .price_minor = -1};
    if (item.item.size == 0 || item.item.size > ITEM_ID_BYTES_MAX)
        return false;
    struct slice variant = intake_first_text(product, variant_names);
    if (variant.size <= ITEM_ID_BYTES_MAX && !slice_equal(variant, item.item))
        item.variant = variant;
    item.quantity = quantity_of(product);
    int64_t price;
    if (intake_money(json_get(product, "price"), event->currency, &price) && price >= 0)
        item.price_minor = price;
    struct slice sku = json_scalar_text(json_get(product, "sku"));
    const struct attribute *attributes = NULL;
    size_t count = 0;
    item.known = look_up(work, &item, sku, &attributes, &count);
    if (item.known)
        keep_from_catalogue(work, &item, attributes, count, room);
    else
        keep_from_message(work, &item, product, room);
    if (event->act == ACT_ORDER)
        add_margin(work, product, &item);
    event->items[event->item_count++] = item;
    return true;
}

/* Events of one product carry it in their own properties. */
static bool is_of_one_product(enum act act)
{
    return (act >= ACT_VIEW_ITEM && act <= ACT_REMOVE) || act == ACT_REVIEW;
}

static void read_products(struct intake_work *work)
{
    struct event *event = work->event;
    struct attribute_room room = {EVENT_ATTRIBUTES_BYTES_MAX};
    const struct json *products = json_get(work->properties, "products");
    if (!json_is(products, JSON_ARRAY)) {
        if (!is_of_one_product(event->act))
            return;
        event->items = ARENA_NEW(work->arena, struct event_item);
        (void)add_product(work, work->properties, &room);
        return;
    }
    size_t most = products->count < EVENT_ITEMS_MAX ? products->count : EVENT_ITEMS_MAX;
    event->items = ARENA_ARRAY(work->arena, most, struct event_item);
    for (size_t i = 0; i < products->count; i++) {
        bool added = event->item_count < most && add_product(work, &products->elements[i], &room);
        if (!added)
            event->flags |= EVENT_TRUNCATED;
    }
}

/* --- order and money -------------------------------------------------------------------------- */

static void read_currency(struct intake_work *work)
{
    struct slice text = slice_trim(json_get_text(work->properties, "currency"));
    bool good = text.size == 3;
    char *code = arena_copy_text(work->arena, good ? text : SLICE_NONE);
    for (size_t i = 0; good && i < 3; i++) {
        if (code[i] >= 'a' && code[i] <= 'z')
            code[i] = (char)(code[i] - ('a' - 'A'));
        good = code[i] >= 'A' && code[i] <= 'Z';
    }
    work->event->currency = good ? slice_make(code, 3) : work->intake->currency;
}

/* The sum of the lines, unknown unless each has a price and none was left out. */
static int64_t sum_of_lines(const struct event *event)
{
    int64_t sum = 0;
    if (event->item_count == 0 || event->flags & EVENT_TRUNCATED)
        return INT64_MIN;
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        int64_t line;
        if (item->price_minor < 0 ||
            __builtin_mul_overflow(item->price_minor, item->quantity, &line) ||
            __builtin_add_overflow(sum, line, &sum))
            return INT64_MIN;
    }
    return sum;
}

static int64_t amount_of(const struct intake_work *work, const char *first, const char *second)
{
    const struct event *event = work->event;
    int64_t amount;
    if (intake_money(json_get(work->properties, first), event->currency, &amount) ||
        intake_money(json_get(work->properties, second), event->currency, &amount))
        return amount;
    return sum_of_lines(event);
}

static void read_order(struct intake_work *work)
{
    static const char *const id_names[] = {"order_id", "orderId", NULL};
    struct event *event = work->event;
    struct slice order_id = slice_trim(intake_first_text(work->properties, id_names));
    if (order_id.size <= IDENTIFIER_BYTES_MAX)
        event->order_id = order_id;
    if (event->act == ACT_ORDER) {
        event->revenue_minor = amount_of(work, "revenue", "total");
    } else {
        int64_t amount = amount_of(work, "total", "revenue");
        event->revenue_minor = amount < 0 && amount != INT64_MIN ? -amount : amount;
    }
    if (intake_is_server(work->intake))
        event->flags |= EVENT_ASSERTED;
}

void intake_commerce(struct intake_work *work)
{
    struct event *event = work->event;
    if (event->act < ACT_SEARCH || event->act > ACT_REVIEW)
        return;
    read_currency(work);
    if (event->act == ACT_SEARCH) {
        static const char *const query_names[] = {"query", "search_term", "q", NULL};
        event->query = intake_cut(slice_trim(intake_first_text(work->properties, query_names)),
                                  EVENT_NAME_BYTES_MAX);
        return;
    }
    read_products(work);
    if (event->act == ACT_ORDER || event->act == ACT_REFUND || event->act == ACT_CANCEL)
        read_order(work);
}
