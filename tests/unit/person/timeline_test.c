/* The timeline of a person: newest first over all of their nodes, each in the time that it was
 * theirs. */
#include "test.h"

#include "base/pack.h"
#include "person/timeline.h"
#include "unit/person/world.h"

enum { SEEN_MAX = 64 };

struct seen {
    char items[SEEN_MAX + 1]; /* a letter each */
    size_t count, limit;
    struct event_order last;
    struct uuid calls[SEEN_MAX];
};

static bool see(void *context, const struct event *event)
{
    struct seen *seen = context;
    seen->items[seen->count++] = event->items[0].item.data[0];
    seen->last = event->order;
    return seen->count < seen->limit;
}

static struct timeline open_for(struct world *world, enum identifier_type type, const char *value)
{
    struct identifier identifier = named(type, value);
    struct timeline timeline;
    assert_int_equal(timeline_open(world->people, SHOP, &identifier, &world->arena, &timeline),
                     STATUS_OK);
    return timeline;
}

static void assert_seen(struct world *world, const char *user, struct timeline_range range,
                        const char *wanted)
{
    struct timeline timeline = open_for(world, IDENTIFIER_USER_ID, user);
    struct seen seen = {.limit = SEEN_MAX};
    assert_int_equal(timeline_events(&timeline, &range, see, &seen), STATUS_OK);
    assert_string_equal(seen.items, wanted);
}

static const struct timeline_range always = {.from_ms = INT64_MIN, .until_ms = INT64_MAX};

/* A tablet that Ada and Bob share, and Ada's own phone. */
static void tell_of_two(struct world *world)
{
    const struct tell tells[] = {
        {.minutes_ago = 90, .anonymous = "tablet", .act = ACT_VIEW_ITEM, .item = "a"},
        {.minutes_ago = 80,
         .anonymous = "tablet",
         .user = "ada",
         .act = ACT_VIEW_ITEM,
         .item = "b"},
        {.minutes_ago = 70, .anonymous = "phone", .user = "ada", .act = ACT_VIEW_ITEM, .item = "c"},
        {.minutes_ago = 60, .anonymous = "tablet", .act = ACT_VIEW_ITEM, .item = "d"},
        {.minutes_ago = 50,
         .anonymous = "tablet",
         .user = "bob",
         .act = ACT_VIEW_ITEM,
         .item = "e"},
        {.minutes_ago = 40, .anonymous = "tablet", .act = ACT_VIEW_ITEM, .item = "f"},
        {.minutes_ago = 30, .anonymous = "phone", .act = ACT_VIEW_ITEM, .item = "g"},
    };
    tell_all(world, tells, sizeof tells / sizeof *tells);
}

static void shows_each_owner_of_a_device_what_was_theirs(void **state)
{
    struct world *world = *state;
    tell_of_two(world);
    assert_seen(world, "ada", always, "gdcba");
    assert_seen(world, "bob", always, "fe");
}

static void goes_on_behind_any_event_it_showed(void **state)
{
    struct world *world = *state;
    tell_of_two(world);
    struct timeline timeline = open_for(world, IDENTIFIER_ANONYMOUS, "phone");
    struct timeline_range range = always;
    char all[6] = "";
    struct event_order below;
    for (size_t i = 0; i < 5; i++) {
        struct seen seen = {.limit = 1};
        assert_int_equal(timeline_events(&timeline, &range, see, &seen), STATUS_OK);
        all[i] = seen.items[0];
        below = seen.last;
        range.below = &below;
    }
    assert_string_equal(all, "gdcba");
    struct seen none = {.limit = 1};
    assert_int_equal(timeline_events(&timeline, &range, see, &none), STATUS_OK);
    assert_int_equal(none.count, 0);
}

static void keeps_to_a_time(void **state)
{
    struct world *world = *state;
    tell_of_two(world);
    int64_t minute = 60000, now = world->now_ms;
    const struct {
        int64_t from_ms, until_ms;
        const char *wanted;
    } cases[] = {{now - 80 * minute, now - 60 * minute, "cb"}, /* from ≤ time < until */
                 {now - 79 * minute, INT64_MAX, "gdc"},
                 {INT64_MIN, now - 80 * minute, "a"},
                 {now - 60 * minute, now - 80 * minute, ""},
                 {now, INT64_MAX, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_seen(
            world, "ada",
            (struct timeline_range){.from_ms = cases[i].from_ms, .until_ms = cases[i].until_ms},
            cases[i].wanted);
}

static bool see_call(void *context, struct uuid call)
{
    struct seen *seen = context;
    seen->calls[seen->count++] = call;
    return seen->count < seen->limit;
}

/* A call as decisions.c leaves it under a node. */
static struct uuid put_call(struct world *world, struct uuid node, int64_t time_ms)
{
    uint8_t key[STORE_KEY_PREFIX_BYTES + 32];
    struct uuid call = uuid_new();
    struct store_batch *batch = store_batch_new();
    uint8_t ms[8];
    key_put_u64(ms, (uint64_t)time_ms << 16);
    memcpy(call.bytes, ms, 6);
    store_key_prefix(SHOP, key);
    memcpy(key + STORE_KEY_PREFIX_BYTES, node.bytes, 16);
    memcpy(key + STORE_KEY_PREFIX_BYTES + 16, call.bytes, 16);
    store_batch_put(batch, world->store, SPACE_DECIDED, slice_make(key, sizeof key), SLICE_NONE);
    assert_int_equal(store_write(world->store, batch, true), STATUS_OK);
    store_batch_free(batch);
    return call;
}

static void shows_decisions_of_all_nodes_but_not_of_another_owner(void **state)
{
    struct world *world = *state;
    tell_of_two(world);
    int64_t minute = 60000, now = world->now_ms;
    struct timeline ada = open_for(world, IDENTIFIER_USER_ID, "ada"),
                    tablet = open_for(world, IDENTIFIER_ANONYMOUS, "tablet");
    struct uuid first = put_call(world, tablet.node, now - 85 * minute),
                second = put_call(world, ada.node, now - 65 * minute);
    (void)put_call(world, tablet.node, now - 45 * minute);           /* Bob's */
    (void)put_call(world, ada.node, now - 40 * (int64_t)MS_PER_DAY); /* too old to be kept */
    struct seen seen = {.limit = SEEN_MAX};
    struct timeline_range range = always;
    assert_int_equal(timeline_decisions(&ada, &range, see_call, &seen), STATUS_OK);
    assert_int_equal(seen.count, 2);
    assert_true(uuid_equal(seen.calls[0], second) && uuid_equal(seen.calls[1], first));
    range.call = &second;
    seen.count = 0;
    assert_int_equal(timeline_decisions(&ada, &range, see_call, &seen), STATUS_OK);
    assert_int_equal(seen.count, 1);
    assert_true(uuid_equal(seen.calls[0], first));
}

static void knows_nobody_by_an_identifier_that_never_came(void **state)
{
    struct world *world = *state;
    struct identifier nobody = named(IDENTIFIER_EMAIL, "nobody@example.org");
    struct timeline timeline;
    assert_int_equal(timeline_open(world->people, SHOP, &nobody, &world->arena, &timeline),
                     STATUS_NOT_FOUND);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(shows_each_owner_of_a_device_what_was_theirs),
        IN_A_WORLD(goes_on_behind_any_event_it_showed),
        IN_A_WORLD(keeps_to_a_time),
        IN_A_WORLD(shows_decisions_of_all_nodes_but_not_of_another_owner),
        IN_A_WORLD(knows_nobody_by_an_identifier_that_never_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
