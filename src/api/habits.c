#include "api/habits.h"

#include "base/pack.h"

#define DAY_MS 86400000LL
enum {
    UNITS_MAX = 100, /* of one line, as for best sellers */
    PACKED_BYTES_MAX = 1 << 30
};

void habits_init(struct habits *habits)
{
    habits->sold = popularity_new(30 * DAY_MS, HABITS_LISTS_MAX);
    habits->lasting = repurchase_new();
}

void habits_done(struct habits *habits)
{
    popularity_free(habits->sold);
    repurchase_free(habits->lasting);
}

static bool is_counted(struct slice attribute)
{
    return slice_is(attribute, "category") || slice_is(attribute, "brand");
}

/* The full path: the longest of the item's categories. */
static struct slice category_of(const struct event_item *item)
{
    struct slice category = SLICE_NONE;
    for (size_t i = 0; i < item->attribute_count; i++)
        if (slice_is(item->attributes[i].name, "category") &&
            item->attributes[i].value.size > category.size)
            category = item->attributes[i].value;
    return category;
}

static void count_sale(struct habits *habits, const struct event *event,
                       const struct event_item *item)
{
    struct popularity_key keys[16];
    size_t count = 0;
    for (size_t i = 0; i < item->attribute_count && count < 16; i++)
        if (is_counted(item->attributes[i].name))
            keys[count++] =
                (struct popularity_key){item->attributes[i].name, item->attributes[i].value};
    int64_t units = item->quantity < UNITS_MAX ? item->quantity : UNITS_MAX;
    bool sale = event->act == ACT_ORDER;
    popularity_observe(habits->sold, &(struct popularity_observation){
                                         .time_ms = event->order.time_ms,
                                         .item = item->item,
                                         .weight = sale ? (double)units : -(double)units,
                                         .keys = keys,
                                         .key_count = count,
                                     });
}

void habits_observe(struct habits *habits, const struct event *event)
{
    bool sale = event->act == ACT_ORDER;
    if (!sale && event->act != ACT_REFUND && event->act != ACT_CANCEL)
        return;
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        if (!item->known)
            continue;
        count_sale(habits, event, item);
        if (sale)
            repurchase_observe(habits->lasting,
                               &(struct repurchase_purchase){.time_ms = event->order.time_ms,
                                                             .person = event->node,
                                                             .item = item->item,
                                                             .category = category_of(item)});
    }
}

void habits_forget(struct habits *habits, struct uuid person)
{
    repurchase_forget(habits->lasting, person);
}

void habits_publish(struct habits *habits, int64_t now_ms)
{
    popularity_publish(habits->sold, now_ms);
    repurchase_publish(habits->lasting);
}

void habits_pack(const struct habits *habits, struct buf *buf)
{
    struct buf sold;
    buf_init(&sold, PACKED_BYTES_MAX);
    popularity_pack(habits->sold, &sold);
    pack_text(buf, buf_slice(&sold));
    buf_done(&sold);
    repurchase_pack(habits->lasting, buf);
}

enum status habits_unpack(struct slice bytes, struct habits *habits)
{
    struct unpack in = unpack_of(bytes);
    struct slice sold_bytes = unpack_text(&in);
    struct habits fresh = {0};
    if (in.failed || popularity_unpack(sold_bytes, &fresh.sold) != STATUS_OK)
        return STATUS_CORRUPT;
    struct slice rest = slice_make(in.at, (size_t)(in.end - in.at));
    if (repurchase_unpack(rest, &fresh.lasting) != STATUS_OK) {
        popularity_free(fresh.sold);
        return STATUS_CORRUPT;
    }
    habits_done(habits);
    *habits = fresh;
    return STATUS_OK;
}

struct habits_pin habits_pin(const struct habits *habits)
{
    return (struct habits_pin){.sold = popularity_pin(habits->sold),
                               .lasting = repurchase_pin(habits->lasting)};
}

void habits_unpin(struct habits_pin pin)
{
    if (pin.sold)
        popularity_unpin(pin.sold);
    if (pin.lasting)
        repurchase_unpin(pin.lasting);
    category_tops_unref(pin.tops);
}
