/* Basket, orders and what came back.
 *
 *  1. An order id counts once among the last PROFILE_ORDERS_MAX; an order without an id counts
 *     each time.
 *  2. A refund that names products or an amount gives back what it names. One that names
 *     neither, a cancellation, and one whose amount covers what is left of a known order give
 *     back all that is left of that order, once.
 *  3. spent and refunded are sums of facts, per currency, saturating; neither is cut by the
 *     other. */
#include "person/fold.h"
#include "person/rows.h"

enum { UNITS_MAX = 1000000000 };

static int64_t units_plus(int64_t a, int64_t b)
{
    int64_t sum = fold_plus(a, b);
    return sum > UNITS_MAX ? UNITS_MAX : sum;
}

/* --- basket ----------------------------------------------------------------------------------- */

static int compare_lines(const struct profile_line *a, const struct profile_line *b)
{
    if (a->time_ms != b->time_ms)
        return a->time_ms > b->time_ms ? -1 : 1;
    int order = slice_compare(a->item, b->item);
    return order != 0 ? order : slice_compare(a->variant, b->variant);
}

/* When all rows are taken the oldest leaves, which may be this one. */
static void insert_line(struct profile *profile, const struct profile_line *line)
{
    size_t index = 0;
    while (index < profile->basket_count && compare_lines(&profile->basket[index], line) < 0)
        index++;
    if (index == PROFILE_BASKET_MAX)
        return;
    if (profile->basket_count == PROFILE_BASKET_MAX)
        profile->basket_count--;
    rows_insert(profile->basket, sizeof *line, &profile->basket_count, index, line);
}

static size_t find_line(const struct profile *profile, struct slice item, struct slice variant)
{
    for (size_t i = 0; i < profile->basket_count; i++)
        if (slice_equal(profile->basket[i].item, item) &&
            slice_equal(profile->basket[i].variant, variant))
            return i;
    return SIZE_MAX;
}

static struct slice variant_of(const struct event_item *item)
{
    return item->variant.size <= ITEM_ID_BYTES_MAX ? item->variant : SLICE_NONE;
}

static void add_line(struct profile *profile, const struct event_item *item, int64_t time_ms,
                     struct arena *arena)
{
    if (!fold_fits_item(item->item))
        return;
    struct profile_line line = {.price_minor = -1};
    size_t index = find_line(profile, item->item, variant_of(item));
    if (index != SIZE_MAX) {
        line = profile->basket[index];
        rows_remove(profile->basket, sizeof line, &profile->basket_count, index);
    } else {
        line.item = arena_copy(arena, item->item);
        line.variant = arena_copy(arena, variant_of(item));
    }
    line.quantity = units_plus(line.quantity, item->quantity);
    if (item->price_minor >= 0)
        line.price_minor = item->price_minor;
    line.time_ms = time_ms;
    insert_line(profile, &line);
}

/* A removal without a variant takes from whichever line holds the item. */
static void remove_line(struct profile *profile, const struct event_item *item)
{
    size_t index = find_line(profile, item->item, variant_of(item));
    for (size_t i = 0; index == SIZE_MAX && item->variant.size == 0 && i < profile->basket_count;
         i++)
        if (slice_equal(profile->basket[i].item, item->item))
            index = i;
    if (index == SIZE_MAX)
        return;
    struct profile_line *line = &profile->basket[index];
    line->quantity -= item->quantity < line->quantity ? item->quantity : line->quantity;
    if (line->quantity == 0)
        rows_remove(profile->basket, sizeof *line, &profile->basket_count, index);
}

void fold_basket(struct profile *profile, const struct event *event, struct arena *arena)
{
    /* a basket shown with its products, or taken to the till, is the whole basket */
    if (event->act != ACT_ADD && event->act != ACT_REMOVE && event->item_count > 0)
        profile->basket_count = 0;
    for (size_t i = 0; i < event->item_count; i++) {
        if (event->act == ACT_REMOVE)
            remove_line(profile, &event->items[i]);
        else
            add_line(profile, &event->items[i], event->order.time_ms, arena);
    }
}

/* --- what was bought -------------------------------------------------------------------------- */

static struct slice attribute_of(const struct event_item *item, const char *name)
{
    for (size_t i = 0; i < item->attribute_count; i++)
        if (slice_is(item->attributes[i].name, name))
            return item->attributes[i].value;
    return SLICE_NONE;
}

static struct slice size_system_of(const struct event_item *item)
{
    struct slice system = attribute_of(item, "size_system");
    return system.size > 0 ? system : SLICE("size");
}

static size_t find_bought(const struct profile *profile, struct slice item)
{
    for (size_t i = 0; i < profile->bought_count; i++)
        if (slice_equal(profile->bought[i].item, item))
            return i;
    return SIZE_MAX;
}

static void insert_bought(struct profile *profile, const struct profile_bought *row)
{
    size_t index = 0;
    for (; index < profile->bought_count; index++) {
        const struct profile_bought *at = &profile->bought[index];
        if (at->time_ms < row->time_ms ||
            (at->time_ms == row->time_ms && slice_compare(at->item, row->item) > 0))
            break;
    }
    if (index == PROFILE_BOUGHT_MAX)
        return;
    if (profile->bought_count == PROFILE_BOUGHT_MAX)
        profile->bought_count--;
    rows_insert(profile->bought, sizeof *row, &profile->bought_count, index, row);
}

static void buy(struct profile *profile, const struct event_item *item, int64_t time_ms,
                struct arena *arena)
{
    if (!fold_fits_item(item->item))
        return;
    struct slice system = size_system_of(item), size = attribute_of(item, "size");
    bool sized = fold_size_kept(profile, system, size, item->quantity, arena);
    struct profile_bought row = {0};
    size_t index = find_bought(profile, item->item);
    if (index != SIZE_MAX) {
        row = profile->bought[index];
        rows_remove(profile->bought, sizeof row, &profile->bought_count, index);
    } else {
        row.item = arena_copy(arena, item->item);
    }
    int64_t before = row.time_ms == time_ms ? row.last_quantity : 0;
    row.quantity = units_plus(row.quantity, item->quantity);
    row.last_quantity = units_plus(before, item->quantity);
    row.time_ms = time_ms;
    row.size_system = sized ? arena_copy(arena, system) : SLICE_NONE;
    row.size = sized ? arena_copy(arena, size) : SLICE_NONE;
    insert_bought(profile, &row);
}

/* Gives units of a row back, in the size told or the one last bought; the row leaves with its
 * last unit. */
static void give_back(struct profile *profile, size_t index, int64_t units,
                      const struct event_item *item, struct arena *arena)
{
    struct profile_bought *row = &profile->bought[index];
    if (units > row->quantity)
        units = row->quantity;
    struct slice system = item ? size_system_of(item) : row->size_system;
    struct slice size = item ? attribute_of(item, "size") : row->size;
    if (size.size == 0) {
        system = row->size_system;
        size = row->size;
    }
    row->quantity -= units;
    row->last_quantity -= units < row->last_quantity ? units : row->last_quantity;
    (void)fold_size_kept(profile, system, size, -units, arena);
    if (row->quantity == 0)
        rows_remove(profile->bought, sizeof *row, &profile->bought_count, index);
}

/* --- money ------------------------------------------------------------------------------------ */

/* The row of a currency; NULL when there is none and no room: a fifth currency is not kept. */
static struct profile_money *money_of(struct profile *profile, struct slice currency,
                                      struct arena *arena)
{
    size_t index = 0;
    for (; index < profile->money_count; index++) {
        int order = slice_compare(profile->money[index].currency, currency);
        if (order == 0)
            return &profile->money[index];
        if (order > 0)
            break;
    }
    if (profile->money_count == PROFILE_CURRENCIES_MAX || currency.size == 0 ||
        currency.size > PROFILE_NAME_BYTES_MAX)
        return NULL;
    struct profile_money row = {.currency = arena_copy(arena, currency)};
    rows_insert(profile->money, sizeof row, &profile->money_count, index, &row);
    return &profile->money[index];
}

static struct profile_order *find_order(struct profile *profile, struct slice order_id)
{
    uint64_t id_hash = hash64(order_id);
    for (size_t i = 0; order_id.size > 0 && i < profile->recent_order_count; i++)
        if (profile->orders[i].id_hash == id_hash)
            return &profile->orders[i];
    return NULL;
}

static void remember_order(struct profile *profile, const struct event *event,
                           struct slice currency)
{
    struct profile_order order = {.id_hash = hash64(event->order_id),
                                  .time_ms = event->order.time_ms,
                                  .currency = currency,
                                  .value_minor = event->revenue_minor};
    if (profile->recent_order_count == PROFILE_ORDERS_MAX)
        profile->recent_order_count--;
    rows_insert(profile->orders, sizeof order, &profile->recent_order_count, 0, &order);
}

void fold_order(struct profile *profile, const struct event *event, struct arena *arena)
{
    if (find_order(profile, event->order_id))
        return;
    struct profile_money *money = NULL;
    if (event->revenue_minor != INT64_MIN)
        money = money_of(profile, event->currency, arena);
    if (money) {
        money->spent_minor = fold_plus(money->spent_minor, event->revenue_minor);
        money->last_minor = event->revenue_minor;
    }
    if (profile->order_count++ == 0)
        profile->first_order_ms = event->order.time_ms;
    profile->last_order_ms = event->order.time_ms;
    profile->last_order_id = SLICE_NONE;
    fold_keep(&profile->last_order_id, event->order_id, arena);
    if (event->order_id.size > 0)
        remember_order(profile, event, money ? money->currency : SLICE_NONE);
    for (size_t i = 0; i < event->item_count; i++)
        buy(profile, &event->items[i], event->order.time_ms, arena);
    profile->basket_count = 0;
}

/* --- refunds ---------------------------------------------------------------------------------- */

static int64_t rest_of(const struct profile_order *order)
{
    if (order->value_minor == INT64_MIN || order->closed)
        return 0;
    return fold_plus(order->value_minor, -order->refunded_minor);
}

static void refund_money(struct profile *profile, struct slice currency, int64_t amount,
                         struct arena *arena)
{
    struct profile_money *money = money_of(profile, currency, arena);
    if (money)
        money->refunded_minor = fold_plus(money->refunded_minor, amount);
}

/* All that is left of an order: its money, and the units whose last purchase it was. */
static void refund_whole(struct profile *profile, struct profile_order *order, struct arena *arena)
{
    if (order->closed)
        return;
    if (order->currency.size > 0)
        refund_money(profile, order->currency, rest_of(order), arena);
    if (order->value_minor != INT64_MIN)
        order->refunded_minor = order->value_minor;
    order->closed = true;
    for (size_t i = profile->bought_count; i-- > 0;) {
        const struct profile_bought *row = &profile->bought[i];
        if (row->time_ms == order->time_ms)
            give_back(profile, i, row->last_quantity, NULL, arena);
    }
}

static bool is_whole(const struct event *event, const struct profile_order *order)
{
    if (event->act == ACT_CANCEL)
        return true;
    if (event->revenue_minor == INT64_MIN)
        return event->item_count == 0;
    return order->currency.size > 0 && slice_equal(order->currency, event->currency) &&
           event->revenue_minor >= rest_of(order);
}

void fold_refund(struct profile *profile, const struct event *event, struct arena *arena)
{
    profile->refund_count++;
    struct profile_order *order = find_order(profile, event->order_id);
    if (order && is_whole(event, order)) {
        refund_whole(profile, order, arena);
        return;
    }
    if (event->revenue_minor != INT64_MIN) {
        refund_money(profile, event->currency, event->revenue_minor, arena);
        if (order && slice_equal(order->currency, event->currency))
            order->refunded_minor = fold_plus(order->refunded_minor, event->revenue_minor);
    }
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        size_t index = find_bought(profile, item->item);
        if (index != SIZE_MAX)
            give_back(profile, index, item->quantity, item, arena);
    }
}
