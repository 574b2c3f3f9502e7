/* See people_rows.h. */
#include "person/people_rows.h"

#include "base/pack.h"

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

struct uuid event_key_node(struct slice key)
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
