#include "test.h"

#include <inttypes.h>
#include <sched.h>

#include "unit/store/temporary.h"

#include "api/engine.h"
#include "base/random.h"

enum { SHOP = 1, ITEMS = 40, PEOPLE = 30, EVENTS = 600 };

static struct event view_of(unsigned number, struct event_item *item)
{
    struct event event = {.type = EVENT_TRACK,
                          .act = ACT_VIEW_ITEM,
                          .sequence = number,
                          .order = {.time_ms = 1700000000000 + number},
                          .stamp = stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED),
                          .items = item,
                          .item_count = 1};
    memcpy(event.node.bytes, &number, sizeof number);
    return event;
}

static void a_save_comes_past_each_learner_once_though_events_go_on(void **state)
{
    char parent[64], data[128];
    struct diag diag;
    struct store *store;
    struct store_options options = {.create = true, .memory_bytes = 16 << 20};
    struct store_batch *batch = store_batch_new();
    struct learning *learning;
    struct event_item item = {.item = SLICE("shoe"), .quantity = 1, .known = true};
    (void)state;
    temporary_make(parent);
    snprintf(data, sizeof data, "%s/data", parent);
    assert_int_equal(store_open(data, &options, &store, &diag), STATUS_OK);
    assert_int_equal(learning_open(store, &learning, &diag), STATUS_OK);
    (void)learning_catch_up(learning, NULL); /* an empty log */
    unsigned number = 0;
    while (number < LEARNING_SAVE_EVENTS) {
        struct event event = view_of(++number, &item);
        learning_observe(learning, SHOP, &event);
    }
    assert_false(learning_checkpoint(learning, batch, store, number));
    assert_int_equal(store_batch_rows(batch), 3); /* what was learned, of habits, who is watched */
    struct event later = view_of(++number, &item);
    learning_observe(learning, SHOP, &later);
    assert_true(learning_checkpoint(learning, batch, store, number));
    assert_int_equal(store_batch_rows(batch), 4); /* and how far the log was seen */
    learning_close(learning);
    store_batch_free(batch);
    store_close(store);
    temporary_remove(parent);
}

/* --- catching up ------------------------------------------------------------------------------ */

static enum status submit(struct engine *engine, struct ledger_entry *entry)
{
    struct ledger_commit commit = {.entries = &entry, .entry_count = 1};
    assert_int_equal(ledger_submit_and_wait(engine->ledger, &commit), STATUS_OK);
    return entry->status;
}

static void add_items(struct engine *engine, struct arena *arena)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        struct catalog_change change;
        catalog_change_init(engine->catalog, &change, SHOP);
        change.item = (struct item){.id = arena_format(arena, "item-%u", i),
                                    .title = SLICE("Shoe"),
                                    .currency = SLICE("EUR"),
                                    .price_minor = 1990};
        assert_int_equal(submit(engine, &change.entry), STATUS_OK);
    }
}

/* As intake does: it knows only what a snapshot holds. */
static void wait_for_items(struct engine *engine)
{
    for (size_t count = 0; count < ITEMS;) {
        const struct catalog_snapshot *snapshot = catalog_pin(engine->catalog, SHOP);
        count = catalog_count(snapshot);
        catalog_unpin(snapshot);
        sched_yield();
    }
}

/* How something is told: by whom, of what, under which choices. */
struct manner {
    const char *who;
    size_t people, acts; /* the first so many of each */
    uint8_t flags;
    bool has_preferences;
    consent_stamp preferences;
};

/* Orders and views, some of items that the catalogue does not know. */
static void tell_as(struct engine *engine, struct random_stream *random, struct arena *arena,
                    const struct manner *manner)
{
    static const enum act acts[] = {ACT_VIEW_ITEM, ACT_VIEW_ITEM, ACT_ADD,
                                    ACT_ORDER,     ACT_REFUND,    ACT_SEARCH};
    struct people_event item = {0};
    struct event *event = &item.event;
    struct event_item items[3];
    struct buf record;
    struct identifier identifier = {
        .type = IDENTIFIER_ANONYMOUS,
        .name = SLICE("anonymous_id"),
        .value = arena_format(arena, "%s-%u", manner->who,
                              (unsigned)random_below(random, manner->people)),
        .proven = true};
    *event = (struct event){.type = EVENT_TRACK,
                            .act = acts[random_below(random, manner->acts)],
                            .flags = manner->flags,
                            .message_id = arena_format(arena, "m-%" PRIu64, random_next(random)),
                            .identifiers = &identifier,
                            .identifier_count = 1,
                            .items = items,
                            .item_count = 1 + random_below(random, 3),
                            .revenue_minor = INT64_MIN,
                            .has_preferences = manner->has_preferences,
                            .preferences = manner->preferences};
    for (size_t i = 0; i < event->item_count; i++)
        items[i] = (struct event_item){
            .item = arena_format(arena, "item-%u", (unsigned)random_below(random, ITEMS)),
            .quantity = 1 + (int64_t)random_below(random, 3),
            .price_minor = 1990,
            .known = random_below(random, 8) > 0};
    event->order =
        (struct event_order){.time_ms = 1700000000000 + (int64_t)random_below(random, 40000000),
                             .source = 1,
                             .message = hash128(event->message_id)};
    buf_init(&record, 4096);
    event_pack(event, &record);
    item.record = buf_slice(&record);
    people_event_init(engine->people, &item, SHOP);
    assert_int_equal(submit(engine, &item.entry), STATUS_OK);
    buf_done(&record);
}

/* Some consent, some are robots. */
static void tell(struct engine *engine, struct random_stream *random, struct arena *arena)
{
    const struct manner manner = {.who = "p",
                                  .people = PEOPLE,
                                  .acts = 6,
                                  .flags = random_below(random, 9) == 0 ? EVENT_ROBOT : 0,
                                  .has_preferences = random_below(random, 4) > 0,
                                  .preferences =
                                      stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED)};
    tell_as(engine, random, arena, &manner);
}

struct saving {
    struct learning *learning;
    struct engine *engine;
    struct store_batch *batch;
};

static void save(void *context)
{
    struct saving *saving = context;
    learning_save_next(saving->learning);
    while (!learning_checkpoint(saving->learning, saving->batch, saving->engine->store, EVENTS))
        ;
}

/* All that was learned for the shop: same observations, same bytes. */
static struct slice saved_bytes(const struct saving *saving, char row, struct arena *arena)
{
    uint8_t key[STORE_KEY_PREFIX_BYTES + 1];
    struct slice bytes;
    store_key_prefix(SHOP, key);
    key[STORE_KEY_PREFIX_BYTES] = (uint8_t)row;
    assert_int_equal(store_batch_get(saving->batch, saving->engine->store, SPACE_COUNTER,
                                     slice_make(key, sizeof key), arena, &bytes),
                     STATUS_OK);
    return bytes;
}

/* In each of these rows, what the engine learned as it went and what its log alone teaches. */
static void assert_log_teaches_the_same(struct engine *engine, const char *rows,
                                        struct arena *arena)
{
    struct learning *again;
    struct diag diag;
    assert_int_equal(learning_open(engine->store, &again, &diag), STATUS_OK);
    while (learning_catch_up(again, engine->catalog))
        ;
    struct saving live = {engine->learning, engine, store_batch_new()};
    struct saving late = {again, engine, store_batch_new()};
    ledger_run(engine->ledger, save, &live);
    save(&late);
    for (; *rows; rows++) {
        struct slice bytes = saved_bytes(&live, *rows, arena);
        assert_true(bytes.size > (*rows == 'L' ? 1000 : 50));
        assert_true(slice_equal(bytes, saved_bytes(&late, *rows, arena)));
    }
    store_batch_free(live.batch);
    store_batch_free(late.batch);
    learning_close(again);
}

static void the_log_alone_teaches_what_the_events_taught(void **state)
{
    char parent[64], data[128];
    struct diag diag;
    struct engine *engine;
    struct arena arena;
    struct random_stream random = random_stream(7);
    const struct engine_options options = {.create = true, .memory_bytes = 32 << 20};
    (void)state;
    arena_init(&arena);
    temporary_make(parent);
    snprintf(data, sizeof data, "%s/data", parent);
    assert_int_equal(engine_open(data, &options, &engine, &diag), STATUS_OK);
    add_items(engine, &arena);
    wait_for_items(engine);
    for (unsigned i = 0; i < EVENTS; i++)
        tell(engine, &random, &arena);
    assert_log_teaches_the_same(engine, "LW", &arena);
    engine_close(engine);
    temporary_remove(parent);
    arena_done(&arena);
}

/* --- who may teach ---------------------------------------------------------------------------- */

struct lesson_world {
    char parent[64];
    struct engine *engine;
    struct arena arena;
    struct random_stream random;
};

static void world_open(struct lesson_world *world)
{
    char data[128];
    struct diag diag;
    const struct engine_options options = {.create = true, .memory_bytes = 32 << 20};
    arena_init(&world->arena);
    world->random = random_stream(11);
    temporary_make(world->parent);
    snprintf(data, sizeof data, "%s/data", world->parent);
    assert_int_equal(engine_open(data, &options, &world->engine, &diag), STATUS_OK);
    add_items(world->engine, &world->arena);
    wait_for_items(world->engine);
    for (unsigned i = 0; i < EVENTS; i++)
        tell(world->engine, &world->random, &world->arena);
}

static void world_close(struct lesson_world *world)
{
    engine_close(world->engine);
    temporary_remove(world->parent);
    arena_done(&world->arena);
}

static void tell_many(struct lesson_world *world, const struct manner *manner, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        tell_as(world->engine, &world->random, &world->arena, manner);
}

/* Of the models of a row all but the sequence that they have seen. */
static struct slice learned(struct lesson_world *world, char row)
{
    struct saving saving = {world->engine->learning, world->engine, store_batch_new()};
    const struct manner unseen = {"robot", 1, 1, EVENT_ROBOT, false, 0};
    tell_many(world, &unseen, 1); /* what has seen nothing new is not saved again */
    ledger_run(world->engine->ledger, save, &saving);
    struct slice bytes = saved_bytes(&saving, row, &world->arena);
    store_batch_free(saving.batch);
    return slice_from(bytes, row == 'L' ? sizeof(uint64_t) : 0);
}

enum { VIEWS_AND_ADDS = 3, ORDERS_TOO = 5 };

static void robots_and_who_refuses_move_no_model_by_a_bit(void **state)
{
    (void)state;
    const consent_stamp all = stamp_set(stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED),
                                        PURPOSE_LEARN, CONSENT_GRANTED);
    const struct manner poisons[] = {
        {"robot", 40, ORDERS_TOO, EVENT_ROBOT, true, all},
        {"refuser", 40, VIEWS_AND_ADDS, 0, true, stamp_set(0, PURPOSE_PERSONALISE, CONSENT_DENIED)},
        {"silent", 40, VIEWS_AND_ADDS, 0, false, 0},
        {"private", 40, VIEWS_AND_ADDS, 0, true, stamp_set(all, PURPOSE_LEARN, CONSENT_DENIED)},
    };
    struct lesson_world world;
    world_open(&world);
    struct slice before = learned(&world, 'L'), habits = learned(&world, 'H');
    assert_true(before.size > 1000 && habits.size > 100);
    for (size_t i = 0; i < sizeof poisons / sizeof poisons[0]; i++) {
        tell_many(&world, &poisons[i], 500);
        assert_true(slice_equal(learned(&world, 'L'), before));
        assert_true(slice_equal(learned(&world, 'H'), habits));
    }
    /* orders of who refuses are anonymous counts, and nothing else */
    const struct manner orders = {"refuser", 40, ORDERS_TOO, 0, true, poisons[1].preferences};
    tell_many(&world, &orders, 300);
    assert_true(slice_equal(learned(&world, 'H'), habits));
    before = learned(&world, 'L');
    const struct manner teacher = {"teacher", 1, VIEWS_AND_ADDS, 0, true, all};
    tell_many(&world, &teacher, 20); /* who may, does */
    assert_false(slice_equal(learned(&world, 'L'), before));
    world_close(&world);
}

/* --- made anew from the log ------------------------------------------------------------------- */

static uint64_t rebuilds(const struct engine *engine)
{
    struct rebuilding_counts counts;
    rebuilding_counts(engine->rebuilding, &counts);
    return counts.done;
}

/* No list overflows and nothing fades away in this world, so complete counts are the streamed ones
 * to the bit, wherever the cut falls among the events that go on. */
static void a_rebuild_loses_and_doubles_no_event_that_comes_meanwhile(void **state)
{
    (void)state;
    struct lesson_world world;
    world_open(&world);
    struct engine *engine = world.engine;
    for (uint64_t round = 1; round <= 4; round++) {
        assert_int_equal(rebuilding_ask(engine->rebuilding, SHOP), STATUS_OK);
        while (rebuilds(engine) < round)
            tell(engine, &world.random, &world.arena);
        for (unsigned i = 0; i < 20; i++)
            tell(engine, &world.random, &world.arena);
        assert_log_teaches_the_same(engine, "L", &world.arena);
    }
    world_close(&world);
}

static void a_rebuild_comes_by_itself_and_stops_with_the_engine(void **state)
{
    (void)state;
    char parent[64], data[128];
    struct diag diag;
    struct engine *engine;
    struct arena arena;
    struct random_stream random = random_stream(5);
    const struct engine_options options = {
        .create = true, .memory_bytes = 32 << 20, .rebuild_every_ms = 1};
    arena_init(&arena);
    temporary_make(parent);
    snprintf(data, sizeof data, "%s/data", parent);
    assert_int_equal(engine_open(data, &options, &engine, &diag), STATUS_OK);
    assert_int_equal(rebuilding_ask(engine->rebuilding, 77), STATUS_NOT_FOUND);
    add_items(engine, &arena);
    wait_for_items(engine);
    while (rebuilds(engine) < 3)
        tell(engine, &random, &arena);
    engine_close(engine); /* wherever the worker is */
    temporary_remove(parent);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_save_comes_past_each_learner_once_though_events_go_on),
        cmocka_unit_test(the_log_alone_teaches_what_the_events_taught),
        cmocka_unit_test(robots_and_who_refuses_move_no_model_by_a_bit),
        cmocka_unit_test(a_rebuild_loses_and_doubles_no_event_that_comes_meanwhile),
        cmocka_unit_test(a_rebuild_comes_by_itself_and_stops_with_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
