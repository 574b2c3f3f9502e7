/* The event record: one layout, written by event_pack, patched by the ledger, read by
 * event_unpack.
 *
 *  head    version u8 · kind u8 · flags u8 · key id u8 · sequence u64 · node 16 · stamp u32 ·
 *          device 16
 *          (little-endian)
 *  body    type u8 · act u8 · event flags u8 · place source u8 · device u8 · presence u8
 *          time int · source uint · message hash 16 · received − time int · original − time int
 *          message id, name, order id, currency, query, category, url, locale, timezone,
 *          country, region, city, postcode: text
 *          revenue int (presence bit 0) · margin int (bit 2) · preferences u32 (bit 1)
 *          identifiers: count, each type u8 (bit 7: proven) · name text (empty: the type's own) ·
 *                 value text
 *          items: count, each item text · variant text · quantity int · price int · known u8 ·
 *                 attributes: count, each name text · value text
 *          traits: count, each name text · value text
 *          message text
 *
 * The message stands last, so that what a fold reads lies together.
 * docs/internals/format.md says the same in prose. */
#include "person/event.h"

#include "base/limits.h"
#include "base/pack.h"

#include <assert.h>

enum { HAS_REVENUE = 1, HAS_PREFERENCES = 2, HAS_MARGIN = 4, PRESENCE_MASK = 7 };
enum { IDENTIFIER_PROVEN = 0x80 };
enum { HEAD_SEQUENCE = 4, HEAD_NODE = 12, HEAD_STAMP = 28, HEAD_DEVICE = 32 };

static const char *const TYPE_NAMES[EVENT_TYPE_COUNT] = {"track",    "page",  "screen",
                                                         "identify", "group", "alias"};

static const char *const IDENTIFIER_NAMES[IDENTIFIER_TYPE_COUNT] = {
    "user_id", "email", "phone", "loyalty", "push", "social", "custom", "anonymous_id"};

const char *event_type_name(enum event_type type)
{
    assert((unsigned)type < EVENT_TYPE_COUNT);
    return TYPE_NAMES[type];
}

const char *identifier_type_name(enum identifier_type type)
{
    assert((unsigned)type < IDENTIFIER_TYPE_COUNT);
    return IDENTIFIER_NAMES[type];
}

int event_order_compare(const struct event_order *a, const struct event_order *b)
{
    if (a->time_ms != b->time_ms)
        return a->time_ms < b->time_ms ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    int order = memcmp(a->message.bytes, b->message.bytes, sizeof a->message.bytes);
    return (order > 0) - (order < 0);
}

/* Differences of two instants wrap rather than overflow: a hostile clock may be anywhere. */
static int64_t time_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t time_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_u32(const uint8_t *in)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)in[i] << 8 * i;
    return value;
}

void event_patch(uint8_t *record, const struct event *event)
{
    for (unsigned i = 0; i < 8; i++)
        record[HEAD_SEQUENCE + i] = (uint8_t)(event->sequence >> 8 * i);
    memcpy(record + HEAD_NODE, event->node.bytes, sizeof event->node.bytes);
    put_u32(record + HEAD_STAMP, event->stamp);
    memcpy(record + HEAD_DEVICE, event->device_node.bytes, sizeof event->device_node.bytes);
}

/* --- pack ------------------------------------------------------------------------------------- */

static void pack_attributes(const struct attribute *attributes, size_t count, struct buf *buf)
{
    pack_uint(buf, count);
    for (size_t i = 0; i < count; i++) {
        pack_text(buf, attributes[i].name);
        pack_text(buf, attributes[i].value);
    }
}

static void pack_identifiers(const struct event *event, struct buf *buf)
{
    pack_uint(buf, event->identifier_count);
    for (size_t i = 0; i < event->identifier_count; i++) {
        const struct identifier *identifier = &event->identifiers[i];
        bool own_name = slice_is(identifier->name, identifier_type_name(identifier->type));
        pack_u8(buf, (uint8_t)(identifier->type | (identifier->proven ? IDENTIFIER_PROVEN : 0)));
        pack_text(buf, own_name ? SLICE_NONE : identifier->name);
        pack_text(buf, identifier->value);
    }
}

static void pack_lists(const struct event *event, struct buf *buf)
{
    assert(event->identifier_count <= EVENT_IDENTIFIERS_MAX);
    assert(event->item_count <= EVENT_ITEMS_MAX);
    assert(event->trait_count <= EVENT_TRAITS_MAX);
    pack_identifiers(event, buf);
    pack_uint(buf, event->item_count);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct event_item *item = &event->items[i];
        assert(item->attribute_count <= EVENT_ITEM_ATTRIBUTES_MAX);
        pack_text(buf, item->item);
        pack_text(buf, item->variant);
        pack_int(buf, item->quantity);
        pack_int(buf, item->price_minor);
        pack_u8(buf, item->known);
        pack_attributes(item->attributes, item->attribute_count, buf);
    }
    pack_uint(buf, event->trait_count);
    for (size_t i = 0; i < event->trait_count; i++) {
        pack_text(buf, event->traits[i].name);
        pack_text(buf, event->traits[i].value);
    }
}

static void pack_head(const struct event *event, struct buf *buf)
{
    uint8_t head[EVENT_HEAD_BYTES] = {EVENT_RECORD_VERSION, EVENT_RECORD_KIND};
    event_patch(head, event);
    pack_bytes(buf, head, sizeof head);
}

static uint8_t presence_of(const struct event *event)
{
    return (uint8_t)((event->revenue_minor != INT64_MIN ? HAS_REVENUE : 0) |
                     (event->has_preferences ? HAS_PREFERENCES : 0) |
                     (event->margin_minor != INT64_MIN ? HAS_MARGIN : 0));
}

static void pack_fixed(const struct event *event, struct buf *buf)
{
    const uint8_t bytes[] = {
        (uint8_t)event->type, (uint8_t)event->act, event->flags,
        event->place_source,  event->device,       presence_of(event),
    };
    pack_bytes(buf, bytes, sizeof bytes);
    pack_int(buf, event->order.time_ms);
    pack_uint(buf, event->order.source);
    pack_bytes(buf, event->order.message.bytes, sizeof event->order.message.bytes);
    pack_int(buf, time_minus(event->received_ms, event->order.time_ms));
    pack_int(buf, time_minus(event->original_ms, event->order.time_ms));
}

void event_pack(const struct event *event, struct buf *buf)
{
    assert((unsigned)event->type < EVENT_TYPE_COUNT && (unsigned)event->act < ACT_COUNT);
    pack_head(event, buf);
    pack_fixed(event, buf);
    const struct slice texts[] = {
        event->message_id, event->name, event->order_id, event->currency, event->query,
        event->category,   event->url,  event->locale,   event->timezone, event->country,
        event->region,     event->city, event->postcode,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        pack_text(buf, texts[i]);
    if (event->revenue_minor != INT64_MIN)
        pack_int(buf, event->revenue_minor);
    if (event->margin_minor != INT64_MIN)
        pack_int(buf, event->margin_minor);
    if (event->has_preferences) {
        uint8_t preferences[4];
        put_u32(preferences, event->preferences);
        pack_bytes(buf, preferences, sizeof preferences);
    }
    pack_lists(event, buf);
    pack_text(buf, event->message);
}

/* --- unpack ----------------------------------------------------------------------------------- */

static void unpack_head(struct unpack *in, struct event *event)
{
    struct slice head = unpack_bytes(in, EVENT_HEAD_BYTES);
    if (in->failed)
        return;
    const uint8_t *bytes = (const uint8_t *)head.data;
    /* flags and key id are 0 today: compressed or sealed records are not ours to read */
    if (bytes[0] != EVENT_RECORD_VERSION || bytes[1] != EVENT_RECORD_KIND || bytes[2] || bytes[3])
        in->failed = true;
    for (unsigned i = 0; i < 8; i++)
        event->sequence |= (uint64_t)bytes[HEAD_SEQUENCE + i] << 8 * i;
    memcpy(event->node.bytes, bytes + HEAD_NODE, sizeof event->node.bytes);
    event->stamp = get_u32(bytes + HEAD_STAMP);
    memcpy(event->device_node.bytes, bytes + HEAD_DEVICE, sizeof event->device_node.bytes);
}

static uint8_t unpack_fixed(struct unpack *in, struct event *event)
{
    uint8_t type = unpack_u8(in), act = unpack_u8(in);
    event->flags = unpack_u8(in);
    event->place_source = unpack_u8(in);
    event->device = unpack_u8(in);
    uint8_t presence = unpack_u8(in);
    if (type >= EVENT_TYPE_COUNT || act >= ACT_COUNT || presence & ~PRESENCE_MASK) {
        in->failed = true;
        return 0;
    }
    event->type = (enum event_type)type;
    event->act = (enum act)act;
    event->order.time_ms = unpack_int(in);
    uint64_t source = unpack_uint(in);
    if (source > UINT32_MAX)
        in->failed = true;
    event->order.source = (uint32_t)source;
    struct slice message = unpack_bytes(in, sizeof event->order.message.bytes);
    if (!in->failed)
        memcpy(event->order.message.bytes, message.data, message.size);
    event->received_ms = time_plus(event->order.time_ms, unpack_int(in));
    event->original_ms = time_plus(event->order.time_ms, unpack_int(in));
    return presence;
}

static void unpack_identifiers(struct unpack *in, struct arena *arena, struct event *event)
{
    event->identifier_count = unpack_count(in, EVENT_IDENTIFIERS_MAX);
    event->identifiers = ARENA_ARRAY(arena, event->identifier_count, struct identifier);
    for (size_t i = 0; i < event->identifier_count && !in->failed; i++) {
        struct identifier *identifier = &event->identifiers[i];
        uint8_t type = unpack_u8(in);
        identifier->proven = type & IDENTIFIER_PROVEN;
        type &= (uint8_t)~IDENTIFIER_PROVEN;
        if (type >= IDENTIFIER_TYPE_COUNT) {
            in->failed = true;
            return;
        }
        identifier->type = (enum identifier_type)type;
        identifier->name = unpack_text(in);
        if (identifier->name.size == 0)
            identifier->name = slice_of(identifier_type_name(identifier->type));
        identifier->value = unpack_text(in);
    }
}

static void unpack_item(struct unpack *in, struct arena *arena, struct event_item *item)
{
    item->item = unpack_text(in);
    item->variant = unpack_text(in);
    item->quantity = unpack_int(in);
    item->price_minor = unpack_int(in);
    item->known = unpack_u8(in) != 0;
    item->attribute_count = unpack_count(in, EVENT_ITEM_ATTRIBUTES_MAX);
    struct attribute *attributes = ARENA_ARRAY(arena, item->attribute_count, struct attribute);
    for (size_t i = 0; i < item->attribute_count; i++) {
        attributes[i].name = unpack_text(in);
        attributes[i].value = unpack_text(in);
    }
    item->attributes = attributes;
}

static void unpack_lists(struct unpack *in, struct arena *arena, struct event *event)
{
    unpack_identifiers(in, arena, event);
    event->item_count = unpack_count(in, EVENT_ITEMS_MAX);
    event->items = ARENA_ARRAY(arena, event->item_count, struct event_item);
    for (size_t i = 0; i < event->item_count && !in->failed; i++)
        unpack_item(in, arena, &event->items[i]);
    event->trait_count = unpack_count(in, EVENT_TRAITS_MAX);
    event->traits = ARENA_ARRAY(arena, event->trait_count, struct event_trait);
    for (size_t i = 0; i < event->trait_count; i++) {
        event->traits[i].name = unpack_text(in);
        event->traits[i].value = unpack_text(in);
    }
}

enum status event_unpack(struct slice record, struct arena *arena, struct event *out_event)
{
    struct event event = {.revenue_minor = INT64_MIN, .margin_minor = INT64_MIN};
    struct unpack in = unpack_of(record);
    unpack_head(&in, &event);
    uint8_t presence = unpack_fixed(&in, &event);
    struct slice *const texts[] = {
        &event.message_id, &event.name, &event.order_id, &event.currency, &event.query,
        &event.category,   &event.url,  &event.locale,   &event.timezone, &event.country,
        &event.region,     &event.city, &event.postcode,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = unpack_text(&in);
    if (presence & HAS_REVENUE)
        event.revenue_minor = unpack_int(&in);
    if (presence & HAS_MARGIN)
        event.margin_minor = unpack_int(&in);
    event.has_preferences = presence & HAS_PREFERENCES;
    if (event.has_preferences) {
        struct slice preferences = unpack_bytes(&in, 4);
        event.preferences = in.failed ? 0 : get_u32((const uint8_t *)preferences.data);
    }
    unpack_lists(&in, arena, &event);
    event.message = unpack_text(&in);
    if (!unpack_finished(&in))
        return STATUS_CORRUPT;
    *out_event = event;
    return STATUS_OK;
}
