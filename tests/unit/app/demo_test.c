/* The demo shop on a real engine in a temporary directory. */
#include "test.h"

#include "app/demo.h"
#include "app/simulate_world.h"
#include "base/clock.h"
#include "embedded.h"
#include "unit/store/temporary.h"

enum { ITEMS_MIN = 300, EVENTS_MIN = 4000, DRAWINGS_BYTES_MAX = 400000, HISTORY_DAYS_MAX = 36 };

struct fixture {
    char parent[64], data[128];
    struct engine *engine;
    uint32_t workspace;
    struct arena arena;
    struct diag diag;
};

static uint32_t make_workspace(struct fixture *world, struct slice name)
{
    struct workspace_wish wish = {.name = name};
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    assert_int_equal(
        workspaces_create(world->engine->workspaces, &wish, write_key, secret_key, &world->diag),
        STATUS_OK);
    const struct workspaces_snapshot *snapshot = workspaces_pin(world->engine->workspaces);
    uint32_t id = workspaces_by_name(snapshot, name)->id;
    workspaces_unpin(snapshot);
    return id;
}

static void fill(struct fixture *world, uint32_t workspace)
{
    if (demo_fill(world->engine, workspace, &world->diag) != STATUS_OK)
        fail_msg("%s: %s", world->diag.field, world->diag.sentence);
}

static int set_up(void **state)
{
    struct fixture *world = must_alloc_zero(1, sizeof *world);
    struct engine_options options = {.memory_bytes = 64 << 20, .create = true};
    clock_fix(clock_now_ms() / MS_PER_DAY * MS_PER_DAY + MS_PER_DAY / 2); /* midnight may come */
    temporary_make(world->parent);
    (void)snprintf(world->data, sizeof world->data, "%s/data", world->parent);
    arena_init(&world->arena);
    assert_int_equal(engine_open(world->data, &options, &world->engine, &world->diag), STATUS_OK);
    world->workspace = make_workspace(world, SLICE("demo"));
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *world = *state;
    engine_close(world->engine);
    clock_free_run();
    temporary_remove(world->parent);
    arena_done(&world->arena);
    free(world);
    return 0;
}

/* --- what its messages say -------------------------------------------------------------------- */

struct tally {
    size_t events, orders, identified, unmarked, unseemly, misplaced, strangers;
    uint64_t sum; /* of ids, times and items, in order */
};

/* Who did not agree leaves nothing. */
static bool seemly(const struct event *event)
{
    return stamp_get(event->stamp, PURPOSE_PERSONALISE) == CONSENT_GRANTED;
}

static enum status take(void *context, const struct event *event)
{
    struct tally *tally = context;
    static const char mark[] = "\"simulated\":true";
    int64_t age_ms = clock_now_ms() - event->order.time_ms;
    tally->events++;
    tally->orders += event->act == ACT_ORDER;
    tally->identified += event->act == ACT_IDENTIFY;
    tally->unmarked +=
        memmem(event->message.data, event->message.size, mark, sizeof mark - 1) == NULL;
    tally->unseemly += !seemly(event);
    tally->misplaced += age_ms < 0 || age_ms > (int64_t)HISTORY_DAYS_MAX * MS_PER_DAY;
    for (size_t i = 0; i < event->item_count; i++)
        tally->strangers += !event->items[i].known;
    tally->sum = tally->sum * 31 + hash64(event->message_id) + (uint64_t)event->order.time_ms;
    for (size_t i = 0; i < event->item_count; i++)
        tally->sum = tally->sum * 31 + hash64(event->items[i].item);
    return STATUS_OK;
}

static struct tally count(struct fixture *world, uint32_t workspace)
{
    struct tally tally = {0};
    assert_int_equal(people_each_message(world->engine->people, workspace, take, &tally),
                     STATUS_OK);
    return tally;
}

static void fills_a_workspace_with_items_placements_and_a_plausible_history(void **state)
{
    struct fixture *world = *state;
    fill(world, world->workspace);
    const struct catalog_snapshot *catalog = catalog_pin(world->engine->catalog, world->workspace);
    assert_true(catalog_count(catalog) >= ITEMS_MIN);
    assert_non_null(catalog_find(catalog, SLICE(DEMO_ITEM)));
    catalog_unpin(catalog);
    const struct workspaces_snapshot *snapshot = workspaces_pin(world->engine->workspaces);
    const struct workspace *workspace = workspaces_by_id(snapshot, world->workspace);
    assert_int_equal(workspace->policy->placement_count, 8);
    assert_non_null(policy_find(workspace->policy, SLICE(DEMO_PLACEMENT)));
    workspaces_unpin(snapshot);
    struct tally tally = count(world, world->workspace);
    assert_true(tally.events >= EVENTS_MIN);
    assert_true(tally.orders > 200);
    assert_true(tally.identified > 50);
    assert_int_equal(tally.misplaced, 0);
    assert_int_equal(tally.strangers, 0);
}

static void marks_each_message_as_simulated(void **state)
{
    struct fixture *world = *state;
    fill(world, world->workspace);
    assert_int_equal(count(world, world->workspace).unmarked, 0);
}

static void follows_those_alone_who_agreed(void **state)
{
    struct fixture *world = *state;
    fill(world, world->workspace);
    assert_int_equal(count(world, world->workspace).unseemly, 0);
}

static void tells_the_same_history_on_the_same_day_and_counts_it_once(void **state)
{
    struct fixture *world = *state;
    uint32_t second = make_workspace(world, SLICE("second"));
    fill(world, world->workspace);
    fill(world, second);
    struct tally first = count(world, world->workspace);
    assert_int_equal(first.sum, count(world, second).sum);
    fill(world, world->workspace);
    assert_int_equal(first.events, count(world, world->workspace).events);
}

static void carries_every_picture_of_its_catalogue(void **state)
{
    struct fixture *world = *state;
    struct item *items;
    struct slice text;
    size_t count, bytes = 0;
    assert_int_equal(simulate_own_catalog(&text, &world->diag), STATUS_OK);
    assert_int_equal(simulate_read_items(text, &world->arena, &items, &count, &world->diag),
                     STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        struct slice image = items[i].image;
        assert_true(slice_starts_with(image, SLICE("/shop/images/")));
        struct slice name = slice_from(image, sizeof "/shop/images/" - 1);
        const struct embedded_file *file =
            embedded_file(arena_format(&world->arena, "shop-%.*s", SLICE_ARG(name)));
        assert_non_null(file);
        bytes += file->bytes.size;
    }
    assert_true(bytes < DRAWINGS_BYTES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            fills_a_workspace_with_items_placements_and_a_plausible_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(marks_each_message_as_simulated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_those_alone_who_agreed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_the_same_history_on_the_same_day_and_counts_it_once,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(carries_every_picture_of_its_catalogue, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
