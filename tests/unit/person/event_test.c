/* The event record: what is packed comes back, what is damaged is refused. */
#include "unit/test.h"

#include "base/limits.h"
#include "person/event.h"

#include <stdlib.h>

static struct identifier IDENTIFIERS[] = {
    {IDENTIFIER_USER_ID, SLICE_INIT("user_id"), SLICE_INIT("42"), true},
    {IDENTIFIER_CUSTOM, SLICE_INIT("ga_client_id"), SLICE_INIT("GA1.2.3"), false},
};
static const struct attribute ATTRIBUTES[] = {
    {SLICE_INIT("brand"), SLICE_INIT("Petit Bateau")},
    {SLICE_INIT("color"), SLICE_INIT("écru")},
};
static struct event_item ITEMS[] = {
    {SLICE_INIT("sku-1"), SLICE_INIT("sku-1-38"), 2, 1990, ATTRIBUTES, 2, true},
    {SLICE_INIT("sku-2"), {NULL, 0}, 1, -1, NULL, 0, false},
};
static struct event_trait TRAITS[] = {{SLICE_INIT("address.city"), SLICE_INIT("Lyon")}};

static struct event full_event(void)
{
    struct event event = {
        .type = EVENT_TRACK,
        .act = ACT_ORDER,
        .flags = EVENT_SIGNED | EVENT_ASSERTED,
        .order = {1700000000123, 7, {{1, 2, 3, 4}}},
        .received_ms = 1700000000999,
        .original_ms = 1699999990000,
        .message_id = SLICE("m-1"),
        .name = SLICE("Order Completed"),
        .identifiers = IDENTIFIERS,
        .identifier_count = 2,
        .items = ITEMS,
        .item_count = 2,
        .traits = TRAITS,
        .trait_count = 1,
        .order_id = SLICE("o-1"),
        .currency = SLICE("EUR"),
        .revenue_minor = 3980,
        .margin_minor = -120,
        .query = SLICE("pull"),
        .category = SLICE("basket"),
        .url = SLICE("https://shop.example/p/1"),
        .locale = SLICE("fr-FR"),
        .timezone = SLICE("Europe/Paris"),
        .country = SLICE("FR"),
        .region = SLICE("ARA"),
        .city = SLICE("Lyon"),
        .postcode = SLICE("69001"),
        .place_source = 5,
        .device = 2,
        .preferences = 5,
        .has_preferences = true,
        .message = SLICE("{\"type\":\"track\"}"),
        .sequence = 99,
        .stamp = 0x01020304,
    };
    event.node.bytes[15] = 9;
    return event;
}

static void assert_slice(struct slice got, struct slice wanted)
{
    assert_int_equal(got.size, wanted.size);
    assert_true(slice_equal(got, wanted));
}

static void brings_back_every_field(void **state)
{
    (void)state;
    struct event wanted = full_event(), got;
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&wanted, &buf);
    struct arena arena;
    arena_init(&arena);
    assert_int_equal(event_unpack(buf_slice(&buf), &arena, &got), STATUS_OK);
    assert_int_equal(got.type, wanted.type);
    assert_int_equal(got.act, wanted.act);
    assert_int_equal(got.flags, wanted.flags);
    assert_int_equal(event_order_compare(&got.order, &wanted.order), 0);
    assert_int_equal(got.received_ms, wanted.received_ms);
    assert_int_equal(got.original_ms, wanted.original_ms);
    assert_int_equal(got.identifier_count, 2);
    assert_slice(got.identifiers[0].name, SLICE("user_id"));
    assert_slice(got.identifiers[1].name, SLICE("ga_client_id"));
    assert_true(got.identifiers[0].proven && !got.identifiers[1].proven);
    assert_int_equal(got.items[0].price_minor, 1990);
    assert_int_equal(got.items[1].price_minor, -1);
    assert_slice(got.items[0].attributes[1].value, SLICE("écru"));
    assert_true(got.items[0].known && !got.items[1].known);
    assert_slice(got.traits[0].name, SLICE("address.city"));
    assert_int_equal(got.revenue_minor, 3980);
    assert_int_equal(got.margin_minor, -120);
    assert_int_equal(got.preferences, 5);
    assert_int_equal(got.sequence, 99);
    assert_int_equal(got.stamp, 0x01020304);
    assert_slice(got.message, wanted.message);

    /* and what was unpacked packs to the same bytes: nothing is lost on the way */
    struct buf again;
    buf_init(&again, EVENT_RECORD_BYTES_MAX);
    event_pack(&got, &again);
    assert_slice(buf_slice(&again), buf_slice(&buf));
    buf_done(&again);
    buf_done(&buf);
    arena_done(&arena);
}

static void patches_what_the_ledger_knows(void **state)
{
    (void)state;
    struct event event = full_event(), got;
    event.sequence = 0;
    event.stamp = 0;
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&event, &buf);
    struct uuid node = {{0xAA, 0xBB}}, device = {{0xCC}};
    event.sequence = UINT64_C(0x1122334455667788);
    event.node = node;
    event.device_node = device;
    event.stamp = 0xDEADBEEF;
    event_patch((uint8_t *)buf.data, &event);
    struct arena arena;
    arena_init(&arena);
    assert_int_equal(event_unpack(buf_slice(&buf), &arena, &got), STATUS_OK);
    assert_true(got.sequence == UINT64_C(0x1122334455667788));
    assert_true(uuid_equal(got.node, node));
    assert_true(uuid_equal(got.device_node, device));
    assert_true(got.stamp == 0xDEADBEEF);
    assert_slice(got.name, event.name);
    buf_done(&buf);
    arena_done(&arena);
}

static void refuses_every_cut_and_any_tail(void **state)
{
    (void)state;
    struct event event = full_event(), got;
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&event, &buf);
    struct arena arena;
    arena_init(&arena);
    for (size_t size = 0; size < buf.size; size++) {
        char *copy = must_alloc(size); /* exact room: a sanitizer sees a read beyond it */
        memcpy(copy, buf.data, size);
        assert_int_equal(event_unpack(slice_make(copy, size), &arena, &got), STATUS_CORRUPT);
        free(copy);
    }
    buf_add_byte(&buf, 0);
    assert_int_equal(event_unpack(buf_slice(&buf), &arena, &got), STATUS_CORRUPT);
    buf_done(&buf);
    arena_done(&arena);
}

static void survives_any_single_damaged_byte(void **state)
{
    (void)state;
    struct event event = full_event(), got;
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&event, &buf);
    struct arena arena;
    arena_init(&arena);
    static const uint8_t masks[] = {1, 0x80, 0xFF};
    for (size_t i = 0; i < buf.size * sizeof masks; i++) {
        char *byte = &buf.data[i / sizeof masks];
        uint8_t mask = masks[i % sizeof masks];
        *byte = (char)((uint8_t)*byte ^ mask);
        enum status status = event_unpack(buf_slice(&buf), &arena, &got);
        assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
        /* version, kind, flags and key id are ours to know */
        if (i / sizeof masks < 4)
            assert_int_equal(status, STATUS_CORRUPT);
        *byte = (char)((uint8_t)*byte ^ mask);
        arena_reset(&arena);
    }
    buf_done(&buf);
    arena_done(&arena);
}

static void orders_by_time_then_source_then_message(void **state)
{
    (void)state;
    static const struct {
        struct event_order a, b;
        int wanted;
    } cases[] = {
        {{1, 9, {{9}}}, {2, 0, {{0}}}, -1},      {{-5, 0, {{0}}}, {5, 0, {{0}}}, -1},
        {{2, 1, {{9}}}, {2, 2, {{0}}}, -1},      {{2, 1, {{0, 1}}}, {2, 1, {{0, 2}}}, -1},
        {{2, 1, {{0xFF}}}, {2, 1, {{0x01}}}, 1}, {{2, 1, {{7}}}, {2, 1, {{7}}}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(event_order_compare(&cases[i].a, &cases[i].b), cases[i].wanted);
        assert_int_equal(event_order_compare(&cases[i].b, &cases[i].a), -cases[i].wanted);
    }
}

static void keeps_times_at_the_ends_of_the_world(void **state)
{
    (void)state;
    struct event event = full_event(), got;
    event.order.time_ms = INT64_MIN + 1;
    event.received_ms = INT64_MAX;
    event.original_ms = INT64_MIN;
    event.revenue_minor = event.margin_minor = INT64_MIN;
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    event_pack(&event, &buf);
    struct arena arena;
    arena_init(&arena);
    assert_int_equal(event_unpack(buf_slice(&buf), &arena, &got), STATUS_OK);
    assert_true(got.received_ms == INT64_MAX && got.original_ms == INT64_MIN);
    assert_true(got.order.time_ms == INT64_MIN + 1 && got.revenue_minor == INT64_MIN &&
                got.margin_minor == INT64_MIN);
    buf_done(&buf);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_back_every_field),
        cmocka_unit_test(patches_what_the_ledger_knows),
        cmocka_unit_test(refuses_every_cut_and_any_tail),
        cmocka_unit_test(survives_any_single_damaged_byte),
        cmocka_unit_test(orders_by_time_then_source_then_message),
        cmocka_unit_test(keeps_times_at_the_ends_of_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
