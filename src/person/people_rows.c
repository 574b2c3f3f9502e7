/* See people_rows.h. */
#include "person/people_rows.h"

#include "base/limits.h"

enum {
    AT_NODE = STORE_KEY_PREFIX_BYTES,
    AT_TIME = AT_NODE + 16,
    AT_SOURCE = AT_TIME + 8,
    AT_MESSAGE = AT_SOURCE + 4,
    RECORD_SEQUENCE = 4
};

void event_key(uint32_t workspace, struct uuid node, const struct event_order *order,
               uint8_t out_key[EVENT_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    memcpy(out_key + AT_NODE, node.bytes, sizeof node.bytes);
    key_put_time(out_key + AT_TIME, order->time_ms);
    key_put_u32(out_key + AT_SOURCE, order->source);
    memcpy(out_key + AT_MESSAGE, order->message.bytes, sizeof order->message.bytes);
}

static struct uuid event_key_node(struct slice key)
{
    struct uuid node;
    memcpy(node.bytes, key.data + AT_NODE, sizeof node.bytes);
    return node;
}

struct event_order event_key_order(struct slice key)
{
    const uint8_t *bytes = (const uint8_t *)key.data;
    struct event_order order = {.time_ms = key_get_time(bytes + AT_TIME),
                                .source = key_get_u32(bytes + AT_SOURCE)};
    memcpy(order.message.bytes, bytes + AT_MESSAGE, sizeof order.message.bytes);
    return order;
}

void event_key_from(uint32_t workspace, struct uuid node, int64_t time_ms,
                    uint8_t out_key[EVENT_KEY_BYTES])
{
    struct event_order order = {.time_ms = time_ms};
    if (time_ms == INT64_MAX) {
        order.source = UINT32_MAX;
        memset(order.message.bytes, 0xff, sizeof order.message.bytes);
    }
    event_key(workspace, node, &order, out_key);
}

void dedup_key(uint32_t workspace, const struct event_order *order,
               uint8_t out_key[DEDUP_KEY_BYTES])
{
    store_key_prefix(workspace, out_key);
    key_put_u32(out_key + STORE_KEY_PREFIX_BYTES, order->source);
    memcpy(out_key + STORE_KEY_PREFIX_BYTES + 4, order->message.bytes, sizeof order->message.bytes);
}

uint64_t event_record_sequence(struct slice record)
{
    if (record.size < EVENT_HEAD_BYTES)
        return 0;
    struct unpack in = unpack_of(slice_from(record, RECORD_SEQUENCE));
    return unpack_u64(&in);
}

/* --- the log row ------------------------------------------------------------------------------ */

/* Deeds that move a model: what else happens, and what robots do, need not be read again. */
static bool teaches(const struct event *event)
{
    switch (event->act) {
    case ACT_VIEW_ITEM:
    case ACT_ADD:
    case ACT_ORDER:
    case ACT_REFUND:
    case ACT_CANCEL:
        return !(event->flags & EVENT_ROBOT);
    default:
        return false;
    }
}

void event_log_pack(const struct event *event, struct buf *log_value)
{
    uint8_t key[EVENT_KEY_BYTES];
    size_t known = 0;
    event_key(0, event->node, &event->order, key);
    pack_bytes(log_value, key + STORE_KEY_PREFIX_BYTES, EVENT_PLACE_BYTES);
    for (size_t i = 0; i < event->item_count; i++)
        known += event->items[i].known;
    if (known == 0 || !teaches(event)) {
        pack_u8(log_value, ACT_OTHER);
        return;
    }
    pack_u8(log_value, (uint8_t)event->act);
    pack_uint(log_value, event->stamp);
    pack_uint(log_value, known);
    for (size_t i = 0; i < event->item_count; i++) {
        if (!event->items[i].known)
            continue;
        pack_u64(log_value, hash64(event->items[i].item));
        pack_int(log_value, event->items[i].quantity);
    }
}

static void unpack_taken(struct unpack *in, struct arena *arena, struct event_lesson *lesson)
{
    unsigned act = unpack_u8(in);
    if (act >= ACT_COUNT)
        in->failed = true;
    if (act == ACT_OTHER || in->failed)
        return;
    lesson->act = (enum act)act;
    lesson->stamp = (consent_stamp)unpack_uint(in);
    lesson->item_count = unpack_count(in, EVENT_ITEMS_MAX);
    lesson->items = ARENA_ARRAY(arena, lesson->item_count, struct lesson_item);
    for (size_t i = 0; i < lesson->item_count; i++) {
        lesson->items[i].item = unpack_u64(in);
        lesson->items[i].quantity = unpack_int(in);
    }
}

enum status event_log_unpack(struct slice log_value, struct arena *arena,
                             struct event_lesson *out_lesson, struct slice *out_rest)
{
    uint8_t key[EVENT_KEY_BYTES] = {0};
    struct unpack in = unpack_of(log_value);
    struct slice place = unpack_bytes(&in, EVENT_PLACE_BYTES);
    if (in.failed)
        return STATUS_CORRUPT;
    memcpy(key + STORE_KEY_PREFIX_BYTES, place.data, place.size);
    struct event_lesson lesson = {.order = event_key_order(slice_make(key, sizeof key)),
                                  .node = event_key_node(slice_make(key, sizeof key))};
    unpack_taken(&in, arena, &lesson);
    if (in.failed)
        return STATUS_CORRUPT;
    *out_lesson = lesson;
    *out_rest = slice_make(in.at, (size_t)(in.end - in.at));
    return STATUS_OK;
}

void told_again_pack(const struct told_again *told, struct buf *log_value)
{
    pack_uint(log_value, told->home);
    pack_uint(log_value, told->device);
    if (told->device)
        pack_uuid(log_value, told->device_node);
}

struct told_again told_again_unpack(struct unpack *in)
{
    struct told_again told = {.home = (uint32_t)unpack_uint(in)};
    told.device = (uint32_t)unpack_uint(in);
    if (told.device)
        told.device_node = unpack_uuid(in);
    return told;
}
