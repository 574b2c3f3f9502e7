/* Refused messages are kept with their reason, newest first, and no more than their limit. */
#include "test.h"

#include "api/engine.h"
#include "api/refused.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/pack.h"
#include "unit/store/temporary.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOP = 1, KEY_BYTES = STORE_KEY_PREFIX_BYTES + REFUSED_ID_BYTES };

struct world {
    char parent[64], data[128];
    struct engine *engine;
};

static int set_up(void **state)
{
    struct world *world = must_alloc_zero(1, sizeof *world);
    struct engine_options options = {.memory_bytes = 64 << 20, .create = true};
    struct diag diag = {0};
    temporary_make(world->parent);
    (void)snprintf(world->data, sizeof world->data, "%s/data", world->parent);
    assert_int_equal(engine_open(world->data, &options, &world->engine, &diag), STATUS_OK);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    engine_close(world->engine);
    temporary_remove(world->parent);
    clock_free_run();
    free(world);
    return 0;
}

static void submit(struct world *world, struct refused *refused)
{
    refused_init(world->engine->ledger, refused, SHOP);
    struct ledger_entry *entry = &refused->entry;
    struct ledger_commit commit = {.entries = &entry, .entry_count = 1};
    assert_int_equal(ledger_submit_and_wait(world->engine->ledger, &commit), STATUS_OK);
    assert_int_equal(entry->status, STATUS_OK);
}

static void refuse(struct world *world, const char *message)
{
    struct refused refused = {.source = 7, .message = slice_of(message)};
    (void)diag_set(&refused.diag, STATUS_INVALID, "event", "because");
    submit(world, &refused);
}

/* What is listed: count, and the first and the last. */
struct listed {
    size_t count;
    struct refused_row first, last;
    char message[16], reason[16];
};

static enum status take(void *context, const struct refused_row *row)
{
    struct listed *listed = context;
    if (listed->count++ == 0) {
        listed->first = *row;
        (void)snprintf(listed->message, sizeof listed->message, "%.*s", SLICE_ARG(row->message));
        (void)snprintf(listed->reason, sizeof listed->reason, "%.*s",
                       SLICE_ARG(slice_of(row->diag.sentence)));
    }
    listed->last = *row;
    return STATUS_OK;
}

static struct listed list(struct world *world, const uint8_t *after, size_t limit)
{
    struct listed listed = {0};
    const struct refused_range range = {SHOP, after, limit};
    assert_int_equal(refused_each(world->engine->store, &range, take, &listed), STATUS_OK);
    return listed;
}

static void the_newest_comes_first_with_its_reason_and_pages_go_on_behind_the_last(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 5; i++)
        refuse(world, i < 4 ? "earlier" : "newest");
    struct listed page = list(world, NULL, 2);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.message, "newest");
    assert_string_equal(page.reason, "because");
    assert_int_equal(page.first.source, 7);
    struct listed rest = list(world, page.last.id, SIZE_MAX);
    assert_int_equal(rest.count, 3);
    assert_string_equal(rest.message, "earlier");
}

static void what_is_older_than_seven_days_is_not_told(void **state)
{
    struct world *world = *state;
    clock_fix(clock_now_ms() - REFUSED_MS - MS_PER_HOUR);
    refuse(world, "old");
    clock_free_run();
    refuse(world, "new");
    struct listed listed = list(world, NULL, SIZE_MAX);
    assert_int_equal(listed.count, 1);
    assert_string_equal(listed.message, "new");
}

static void a_reason_is_told_in_either_language(void **state)
{
    static const struct {
        enum refusal refusal;
        const char *field, *sentence;
        unsigned line, column;
        const char *french, *english;
    } cases[] = {
        {REFUSAL_NO_GROUP, "groupId", "not kept", 0, 0, "un message group doit porter un groupId",
         "a group message needs a groupId"},
        {REFUSAL_ID_KIND, "userId", "not kept", 0, 0, "userId doit être un texte ou un nombre",
         "userId must be a text or a number"},
        {REFUSAL_NOT_JSON, "", "A string is not closed", 1, 7,
         "ce n'est pas du JSON valide (ligne 1, colonne 7)",
         "A string is not closed (line 1, column 7)"},
        {REFUSAL_OTHER, "", "because", 0, 0, "because", "because"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct refused refused = {.refusal = cases[i].refusal};
        refused.diag.line = cases[i].line;
        refused.diag.column = cases[i].column;
        (void)diag_set(&refused.diag, STATUS_INVALID, cases[i].field, "%s", cases[i].sentence);
        submit(world, &refused);
        struct listed listed = list(world, NULL, 1);
        for (int locale = 0; locale < LOCALE_COUNT; locale++) {
            struct buf reason;
            buf_init(&reason, 1024);
            refusal_say(listed.first.refusal, &listed.first.diag, (enum locale)locale, &reason);
            struct slice told = buf_slice(&reason);
            const char *wanted = locale == LOCALE_FR ? cases[i].french : cases[i].english;
            if (!slice_is(told, wanted))
                fail_msg("%.*s", SLICE_ARG(told));
            buf_done(&reason);
        }
    }
}

/* Rows as a busy week would have left them, put past the ledger for speed. */
static void fill(struct world *world, size_t count)
{
    struct store *store = world->engine->store;
    struct store_batch *batch = store_batch_new();
    struct buf value;
    buf_init(&value, 64);
    pack_u8(&value, 1);
    for (int i = 0; i < 4; i++) /* source, reason, line, column */
        pack_uint(&value, 0);
    for (int i = 0; i < 3; i++)
        pack_text(&value, SLICE("x"));
    uint8_t key[KEY_BYTES];
    store_key_prefix(SHOP, key);
    for (size_t i = 0; i < count; i++) {
        key_put_time(key + STORE_KEY_PREFIX_BYTES, clock_now_ms() - MS_PER_HOUR + (int64_t)i);
        key_put_u64(key + STORE_KEY_PREFIX_BYTES + 8, i);
        store_batch_put(batch, store, SPACE_REFUSED, slice_make(key, sizeof key),
                        buf_slice(&value));
    }
    buf_clear(&value);
    pack_u64(&value, REFUSED_ROWS_MAX);
    char name[STORE_KEY_BYTES_MAX];
    memcpy(name, key, STORE_KEY_PREFIX_BYTES);
    int size = snprintf(name + STORE_KEY_PREFIX_BYTES, 32, "refused/count");
    store_batch_put(batch, store, SPACE_COUNTER,
                    slice_make(name, STORE_KEY_PREFIX_BYTES + (size_t)size), buf_slice(&value));
    assert_int_equal(store_write(store, batch, false), STATUS_OK);
    buf_done(&value);
    store_batch_free(batch);
}

static void at_the_limit_the_oldest_go_and_the_newest_stay(void **state)
{
    struct world *world = *state;
    fill(world, REFUSED_ROWS_MAX);
    refuse(world, "newest");
    struct listed listed = list(world, NULL, SIZE_MAX);
    assert_int_equal(listed.count, REFUSED_ROWS_MAX / 10 * 9 + 1);
    assert_string_equal(listed.message, "newest");
    assert_int_equal(key_get_u64(listed.last.id + 8), REFUSED_ROWS_MAX / 10);
}

static void a_count_that_is_too_high_costs_nobody_a_row(void **state)
{
    struct world *world = *state;
    fill(world, 10);
    refuse(world, "newest");
    assert_int_equal(list(world, NULL, SIZE_MAX).count, 11);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_newest_comes_first_with_its_reason_and_pages_go_on_behind_the_last),
        TEST(what_is_older_than_seven_days_is_not_told),
        TEST(a_reason_is_told_in_either_language),
        TEST(at_the_limit_the_oldest_go_and_the_newest_stay),
        TEST(a_count_that_is_too_high_costs_nobody_a_row),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
