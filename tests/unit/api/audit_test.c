/* The audit's chain: what is written follows, and whatever is changed, added or taken away behind
 * the ledger's back is found. */
#include "test.h"

#include "api/audit.h"
#include "api/engine.h"
#include "base/pack.h"
#include "unit/store/temporary.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOP = 1, ROWS = 6, KEY_BYTES = STORE_KEY_PREFIX_BYTES + 8 };

struct world {
    char parent[64], data[128];
    struct engine *engine;
    struct arena arena;
};

static void append(struct world *world, enum audit_action action, const char *detail)
{
    struct audit audit;
    audit_init(world->engine->ledger, &audit, SHOP, action, SLICE("key:k2"));
    (void)snprintf(audit.detail, sizeof audit.detail, "%s", detail);
    assert_int_equal(audit_append(world->engine->ledger, &audit), STATUS_OK);
}

static void open_engine(struct world *world)
{
    struct engine_options options = {.memory_bytes = 64 << 20, .create = true};
    struct diag diag = {0};
    assert_int_equal(engine_open(world->data, &options, &world->engine, &diag), STATUS_OK);
}

/* A workspace makes the first row, the rest are look-ups. */
static int set_up(void **state)
{
    struct world *world = must_alloc_zero(1, sizeof *world);
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    const struct workspace_wish wish = {.name = SLICE("shop"), .by = SLICE("command:init")};
    struct diag diag = {0};
    temporary_make(world->parent);
    (void)snprintf(world->data, sizeof world->data, "%s/data", world->parent);
    arena_init(&world->arena);
    open_engine(world);
    assert_int_equal(
        workspaces_create(world->engine->workspaces, &wish, write_key, secret_key, &diag),
        STATUS_OK);
    for (int i = 1; i < ROWS; i++)
        append(world, AUDIT_PERSON_SHOW, "");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    engine_close(world->engine);
    temporary_remove(world->parent);
    arena_done(&world->arena);
    free(world);
    return 0;
}

static enum status check(struct world *world, struct diag *diag)
{
    uint64_t count = 0;
    enum status status = audit_check(world->engine->store, SHOP, &count, diag);
    if (status == STATUS_OK)
        assert_int_equal(count, ROWS);
    return status;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct seen {
    struct world *world;
    struct audit_row rows[ROWS];
    size_t count;
};

static enum status take(void *context, const struct audit_row *row)
{
    struct seen *seen = context;
    assert_true(seen->count < ROWS);
    seen->rows[seen->count] = *row;
    seen->rows[seen->count++].by = arena_copy(&seen->world->arena, row->by);
    return STATUS_OK;
}

static struct seen read_rows(struct world *world, uint64_t below, size_t limit)
{
    struct seen seen = {.world = world};
    const struct audit_range range = {SHOP, below, limit};
    assert_int_equal(audit_each(world->engine->store, &range, take, &seen), STATUS_OK);
    return seen;
}

static void rows_come_newest_first_each_with_the_hash_of_the_one_before(void **state)
{
    struct seen all = read_rows(*state, 0, SIZE_MAX);
    assert_int_equal(all.count, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(all.rows[i].number, ROWS - i);
    for (size_t i = 0; i + 1 < ROWS; i++)
        assert_memory_equal(all.rows[i].before, all.rows[i + 1].hash, AUDIT_HASH_BYTES);
    assert_int_equal(all.rows[ROWS - 1].action, AUDIT_WORKSPACE_CREATE);
    assert_true(slice_is(all.rows[ROWS - 1].by, "command:init"));
    assert_true(slice_is(all.rows[0].by, "key:k2"));
}

static void a_page_begins_below_a_number_and_ends_at_its_limit(void **state)
{
    struct seen page = read_rows(*state, 5, 2);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.rows[0].number, 4);
    assert_int_equal(page.rows[1].number, 3);
    assert_int_equal(read_rows(*state, 1, 2).count, 0);
}

/* --- what is recorded ------------------------------------------------------------------------- */

static void what_was_refused_leaves_no_row_and_what_was_done_leaves_one(void **state)
{
    struct world *world = *state;
    struct workspaces *workspaces = world->engine->workspaces;
    struct diag diag = {0};
    assert_int_equal(
        workspaces_revoke_key(workspaces, SHOP, SLICE("k99"), SLICE("command:keys"), &diag),
        STATUS_NOT_FOUND);
    assert_int_equal(read_rows(world, 0, 1).rows[0].number, ROWS);
    assert_int_equal(
        workspaces_revoke_key(workspaces, SHOP, SLICE("k1"), SLICE("command:keys"), &diag),
        STATUS_OK);
    struct audit_row last = read_rows(world, 0, 1).rows[0];
    assert_int_equal(last.number, ROWS + 1);
    assert_int_equal(last.action, AUDIT_KEY_REVOKE);
}

static void the_chain_goes_on_after_a_restart(void **state)
{
    struct world *world = *state;
    struct diag diag = {0};
    uint64_t count = 0;
    engine_close(world->engine);
    open_engine(world);
    append(world, AUDIT_POLICY_PUBLISH, "version 2");
    assert_int_equal(audit_check(world->engine->store, SHOP, &count, &diag), STATUS_OK);
    assert_int_equal(count, ROWS + 1);
}

static void two_chains_do_not_meet(void **state)
{
    struct world *world = *state;
    uint64_t count = 1;
    assert_int_equal(audit_check(world->engine->store, SHOP + 1, &count, NULL), STATUS_OK);
    assert_int_equal(count, 0);
}

/* --- damage ----------------------------------------------------------------------------------- */

static struct slice key_of(uint64_t number, uint8_t room[KEY_BYTES])
{
    store_key_prefix(SHOP, room);
    key_put_u64(room + STORE_KEY_PREFIX_BYTES, number);
    return slice_make(room, KEY_BYTES);
}

struct damage {
    const char *what, *told;
    uint64_t first, last; /* rows taken away */
    uint64_t changed;     /* row with another action */
    uint64_t added;       /* a copy of the last row under this number */
};

static const struct damage damages[] = {
    {"nothing", NULL, 0, 0, 0, 0},
    {"the first row taken away", "Row 1 ", 1, 1, 0, 0},
    {"a row in the middle taken away", "Row 3 ", 3, 3, 0, 0},
    {"the last row taken away", "Row 6 ", 6, 6, 0, 0},
    {"all rows taken away", "Row 1 ", 1, ROWS, 0, 0},
    {"the first row changed", "Row 2 ", 0, 0, 1, 0},
    {"a row in the middle changed", "Row 4 ", 0, 0, 3, 0},
    {"the last row changed", "Row 6 ", 0, 0, ROWS, 0},
    {"a row added at the end", "Row 7 ", 0, 0, 0, ROWS + 1},
    {"a row added far behind", "Row 7 ", 0, 0, 0, ROWS + 9},
};

static struct slice value_of(struct world *world, uint64_t number)
{
    uint8_t room[KEY_BYTES];
    struct slice value;
    assert_int_equal(
        store_get(world->engine->store, SPACE_AUDIT, key_of(number, room), &world->arena, &value),
        STATUS_OK);
    return value;
}

static void put(struct world *world, struct store_batch *batch, uint64_t number, struct slice value)
{
    uint8_t room[KEY_BYTES];
    store_batch_put(batch, world->engine->store, SPACE_AUDIT, key_of(number, room), value);
}

static void do_damage(struct world *world, const struct damage *damage)
{
    enum { ACTION_AT = 4 + AUDIT_HASH_BYTES + 8 };
    struct store_batch *batch = store_batch_new();
    uint8_t room[KEY_BYTES];
    for (uint64_t row = damage->first; row && row <= damage->last; row++)
        store_batch_delete(batch, world->engine->store, SPACE_AUDIT, key_of(row, room));
    if (damage->changed) {
        struct slice value = value_of(world, damage->changed);
        ((char *)value.data)[ACTION_AT] = AUDIT_PERSON_EXPORT;
        put(world, batch, damage->changed, value);
    }
    if (damage->added)
        put(world, batch, damage->added, value_of(world, ROWS));
    assert_int_equal(store_write(world->engine->store, batch, false), STATUS_OK);
    store_batch_free(batch);
}

static void whatever_was_done_to_the_rows_is_found_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        void *fresh = NULL;
        struct diag diag = {0};
        set_up(&fresh);
        do_damage(fresh, &damages[i]);
        enum status status = check(fresh, &diag);
        if (status != (damages[i].told ? STATUS_CORRUPT : STATUS_OK))
            fail_msg("%s: %s", damages[i].what, status_name(status));
        if (damages[i].told && !strstr(diag.sentence, damages[i].told))
            fail_msg("%s: %s", damages[i].what, diag.sentence);
        tear_down(&fresh);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rows_come_newest_first_each_with_the_hash_of_the_one_before),
        TEST(a_page_begins_below_a_number_and_ends_at_its_limit),
        TEST(what_was_refused_leaves_no_row_and_what_was_done_leaves_one),
        TEST(the_chain_goes_on_after_a_restart),
        TEST(two_chains_do_not_meet),
        cmocka_unit_test(whatever_was_done_to_the_rows_is_found_with_its_place),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
