/* Choices told again: when their rows are written, and what a kill, a restart and an erasure make
 * of those that wait. Real store, real ledger. */
#include "unit/test.h"

#include "person/identity_rows.h"
#include "person/people_private.h"
#include "unit/person/world.h"

#include <signal.h>
#include <sys/wait.h>

#define PERSONALISE PURPOSE_BIT(PURPOSE_PERSONALISE)
#define MEASURE PURPOSE_BIT(PURPOSE_MEASURE)
#define EMAIL PURPOSE_BIT(PURPOSE_EMAIL)

/* --- rows ------------------------------------------------------------------------------------- */

static bool find_node(struct world *world, struct identifier identifier, struct uuid *out_node)
{
    uint8_t key[IDENTIFIER_KEY_BYTES];
    struct identifier_row row;
    struct slice bytes;
    identifier_key(SHOP, identifier_hash(world->store, &identifier), key);
    if (store_get(world->store, SPACE_IDENTIFIER, slice_make(key, sizeof key), &world->arena,
                  &bytes) != STATUS_OK)
        return false;
    assert_int_equal(STATUS_OK, identifier_row_unpack(bytes, &row));
    *out_node = row.node;
    return !row.erased;
}

/* As who looks is shown it. */
static struct consent known(struct world *world, struct identifier identifier)
{
    struct consent consent;
    struct uuid node;
    consent_init(&consent);
    if (!find_node(world, identifier, &node))
        return consent;
    const struct table_key key = table_key(SHOP, 0, node.bytes);
    assert_int_equal(STATUS_OK, consent_load(world->store, SHOP, node, &consent));
    renewals_apply(&world->people->renewals, &key, &consent);
    return consent;
}

static struct consent stored(struct world *world, struct identifier identifier)
{
    struct consent consent;
    struct uuid node;
    assert_true(find_node(world, identifier, &node));
    assert_int_equal(STATUS_OK, consent_load(world->store, SHOP, node, &consent));
    return consent;
}

static int64_t told_minutes_ago(const struct world *world, const struct consent *consent,
                                enum purpose purpose)
{
    return (world->now_ms - consent->purposes[purpose].order.time_ms) / 60000;
}

static int64_t stored_minutes_ago(struct world *world, const char *device)
{
    struct consent consent = stored(world, named(IDENTIFIER_ANONYMOUS, device));
    return told_minutes_ago(world, &consent, PURPOSE_PERSONALISE);
}

static void view(struct world *world, const char *device, int64_t minutes_ago, uint32_t grants)
{
    assert_int_equal(STATUS_OK, tell(world, (struct tell){.minutes_ago = minutes_ago,
                                                          .anonymous = device,
                                                          .act = ACT_VIEW_ITEM,
                                                          .item = "i1",
                                                          .grants = grants}));
}

static void a_choice_told_again_is_written_by_the_checkpoint(void **state)
{
    struct world *world = *state;
    struct identifier device = named(IDENTIFIER_ANONYMOUS, "a1");
    view(world, "a1", 90, PERSONALISE);
    assert_int_equal(90, stored_minutes_ago(world, "a1"));
    view(world, "a1", 80, PERSONALISE);
    view(world, "a1", 70, PERSONALISE);
    assert_int_equal(90, stored_minutes_ago(world, "a1"));
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    assert_int_equal(70, stored_minutes_ago(world, "a1"));
    /* what waits is a part of what comes: it goes on waiting */
    view(world, "a1", 60, PERSONALISE);
    view(world, "a1", 50, PERSONALISE | MEASURE); /* a new choice: written at once, with all */
    assert_int_equal(50, stored_minutes_ago(world, "a1"));
    view(world, "a1", 40, PERSONALISE | MEASURE);
    assert_int_equal(50, stored_minutes_ago(world, "a1"));
    /* what waits is not told again by this one: written at once */
    view(world, "a1", 30, MEASURE);
    struct consent consent = stored(world, device);
    assert_int_equal(40, told_minutes_ago(world, &consent, PURPOSE_PERSONALISE));
    assert_int_equal(30, told_minutes_ago(world, &consent, PURPOSE_MEASURE));
    assert_int_equal(CONSENT_GRANTED, consent.purposes[PURPOSE_PERSONALISE].state);
}

static void who_looks_sees_a_choice_that_waits(void **state)
{
    struct world *world = *state;
    view(world, "a1", 90, PERSONALISE);
    view(world, "a1", 80, PERSONALISE);
    struct consent consent = known(world, named(IDENTIFIER_ANONYMOUS, "a1"));
    assert_int_equal(80, told_minutes_ago(world, &consent, PURPOSE_PERSONALISE));
}

static void a_late_refusal_loses_to_a_choice_that_waits(void **state)
{
    struct world *world = *state;
    view(world, "a1", 90, PERSONALISE);
    view(world, "a1", 50, PERSONALISE);
    tell(world, (struct tell){.minutes_ago = 70, .anonymous = "a1", .denies = PERSONALISE});
    struct person_view seen = ask(world, ASKER_PUBLIC, "a1", "");
    assert_true(seen.open);
    world_reopen(world);
    tell(world, (struct tell){.minutes_ago = 60, .anonymous = "a1", .denies = PERSONALISE});
    seen = ask(world, ASKER_PUBLIC, "a1", "");
    assert_true(seen.open);
    tell(world, (struct tell){.minutes_ago = 40, .anonymous = "a1", .denies = PERSONALISE});
    seen = ask(world, ASKER_PUBLIC, "a1", "");
    assert_false(seen.open);
}

/* --- any history, killed anywhere ------------------------------------------------------------- */

enum { TELLS = 600, DEVICES = 5, USERS = 3 };
static const char *const DEVICE_NAMES[DEVICES] = {"d0", "d1", "d2", "d3", "d4"};
static const char *const USER_NAMES[USERS] = {"u0", "u1", "u2"};

static uint32_t some_purposes(struct random_stream *stream)
{
    static const uint32_t sets[] = {PERSONALISE, PERSONALISE | MEASURE, MEASURE,
                                    PERSONALISE | MEASURE | EMAIL};
    return sets[random_below(stream, 10) < 7 ? 1 : random_below(stream, 4)];
}

/* Mostly the same choice again, out of order; now and then another, an age, a user. */
static struct tell some_tell(struct random_stream *stream, unsigned number)
{
    static char ids[TELLS][16];
    snprintf(ids[number], sizeof ids[number], "m-%u", number);
    int64_t drift = (int64_t)random_below(stream, 40);
    struct tell tell = {.minutes_ago = 2 * (TELLS - (int64_t)number) + drift,
                        .anonymous = DEVICE_NAMES[random_below(stream, DEVICES)],
                        .act = ACT_VIEW_ITEM,
                        .item = "i1",
                        .message_id = ids[number]};
    if (random_below(stream, 12) == 0)
        tell.denies = some_purposes(stream);
    else
        tell.grants = some_purposes(stream);
    if (random_below(stream, 4) == 0)
        tell.user = USER_NAMES[random_below(stream, USERS)];
    if (random_below(stream, 30) == 0) {
        tell.trait_name = random_below(stream, 2) ? "minor" : "birthday";
        tell.trait_value = *tell.trait_name == 'm' ? "false" : "1980-02-03";
    }
    return tell;
}

/* What the messages say, without store, cache or log. */
static void fold(struct world *world, const struct tell *tells, unsigned count,
                 struct consent *devices, struct consent *users)
{
    for (unsigned i = 0; i < DEVICES; i++)
        consent_init(&devices[i]);
    for (unsigned i = 0; i < USERS; i++)
        consent_init(&users[i]);
    for (unsigned i = 0; i < count; i++) {
        const struct event *event = &tell_make(world, &tells[i])->event;
        struct consent *device = &devices[tells[i].anonymous[1] - '0'];
        if (tells[i].user) {
            consent_learn_device(device, event);
            consent_learn(&users[tells[i].user[1] - '0'], event);
        } else {
            consent_learn(device, event);
        }
    }
}

/* But for the ledger's sequence, of which messages know nothing. */
static void assert_same_consent(const struct consent *expected, const struct consent *got)
{
    struct consent told = *expected;
    struct buf wanted, had;
    told.sequence = got->sequence;
    buf_init(&wanted, CONSENT_BYTES_MAX);
    buf_init(&had, CONSENT_BYTES_MAX);
    consent_pack(&told, &wanted);
    consent_pack(got, &had);
    assert_true(slice_equal(buf_slice(&wanted), buf_slice(&had)));
    buf_done(&wanted);
    buf_done(&had);
}

/* A child of threads may start none under ThreadSanitizer, and RocksDB does. */
static void skip_where_no_child_may_run(void)
{
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
    skip();
#endif
#elif defined(__SANITIZE_THREAD__)
    skip();
#endif
}

/* Tells until it is killed: nothing is written back but what a checkpoint in between wrote. */
static unsigned tell_and_die(struct world *world, const struct tell *tells, unsigned from,
                             struct random_stream *stream)
{
    unsigned to = from + 1 + (unsigned)random_below(stream, 60);
    unsigned checkpoint_at = from + (unsigned)random_below(stream, 120);
    to = to < TELLS ? to : TELLS;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        world_open(world);
        for (unsigned i = from; i < to; i++) {
            if (i == checkpoint_at && ledger_checkpoint(world->ledger) != STATUS_OK)
                _exit(1);
            tell(world, tells[i]);
        }
        kill(getpid(), SIGKILL);
    }
    int how = 0;
    waitpid(child, &how, 0);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    return to;
}

static void assert_as_told(struct world *world, const struct tell *tells, unsigned count)
{
    struct consent devices[DEVICES], users[USERS];
    fold(world, tells, count, devices, users);
    for (unsigned i = 0; i < DEVICES; i++) {
        struct consent got = known(world, named(IDENTIFIER_ANONYMOUS, DEVICE_NAMES[i]));
        assert_same_consent(&devices[i], &got);
    }
    for (unsigned i = 0; i < USERS; i++) {
        struct consent got = known(world, named(IDENTIFIER_USER_ID, USER_NAMES[i]));
        assert_same_consent(&users[i], &got);
    }
}

/* Half of the kills are followed by the next, the others by a look and a clean stop. */
static void after_kills_the_rows_are_what_the_messages_say(void **state)
{
    struct world *world = *state;
    struct tell tells[TELLS];
    struct random_stream stream = random_stream(11);
    skip_where_no_child_may_run();
    for (unsigned i = 0; i < TELLS; i++)
        tells[i] = some_tell(&stream, i);
    world_close(world);
    for (unsigned told = 0; told < TELLS;) {
        told = tell_and_die(world, tells, told, &stream);
        if (told < TELLS && random_below(&stream, 2) == 0)
            continue;
        world_open(world);
        assert_as_told(world, tells, told);
        assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
        assert_as_told(world, tells, told);
        check_all(world);
        world_close(world);
    }
    world_open(world);
}

/* --- as known --------------------------------------------------------------------------------- */

static void assert_same_states(const struct consent *expected, const struct consent *got)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        assert_int_equal(expected->purposes[i].state, got->purposes[i].state);
        assert_int_equal(expected->purposes[i].objected, got->purposes[i].objected);
    }
    assert_int_equal(expected->birth_day, got->birth_day);
    assert_int_equal(expected->minor_declared, got->minor_declared);
}

/* The states are those of the row where nothing has changed since, else of the history. */
static void consent_is_what_was_known_at_each_sequence(void **state)
{
    enum { STEPS = 120 };
    struct world *world = *state;
    struct random_stream stream = random_stream(12);
    static struct consent seen[STEPS][DEVICES];
    uint64_t sequences[STEPS];
    struct uuid node;
    for (unsigned i = 0; i < STEPS; i++) {
        tell(world, some_tell(&stream, i));
        if (i % 40 == 39)
            assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
        sequences[i] = ledger_sequence(world->ledger);
        for (unsigned d = 0; d < DEVICES; d++)
            seen[i][d] = known(world, named(IDENTIFIER_ANONYMOUS, DEVICE_NAMES[d]));
    }
    unsigned older = 0;
    for (unsigned i = 0; i < STEPS; i++)
        for (unsigned d = 0; d < DEVICES; d++) {
            struct consent as_known;
            if (!find_node(world, named(IDENTIFIER_ANONYMOUS, DEVICE_NAMES[d]), &node))
                continue;
            assert_int_equal(STATUS_OK, consent_load_as_known(world->store, SHOP, node,
                                                              sequences[i], &as_known));
            assert_same_states(&seen[i][d], &as_known);
            older += as_known.sequence != seen[STEPS - 1][d].sequence;
        }
    assert_true(older > 0);
}

/* --- erasure ---------------------------------------------------------------------------------- */

static void *erase_u1(void *context)
{
    struct world *world = context;
    const struct identifier user = named(IDENTIFIER_USER_ID, "u1");
    struct erasure_receipt receipt;
    enum status status = people_erase(world->people, SHOP, &user, &receipt);
    return status == STATUS_OK ? world : NULL;
}

/* Once the erasure is on the disk: its rewriting of files is not waited for. */
static void erase_and_die(struct world *world)
{
    struct people_counts counts = {0};
    pthread_t thread;
    pthread_create(&thread, NULL, erase_u1, world);
    while (counts.erased == 0) {
        usleep(1000);
        people_counts(world->people, &counts);
    }
    kill(getpid(), SIGKILL);
}

/* The erased user's log rows tell what the device, which stays, was told again. */
static void an_erasure_loses_no_choice_of_a_shared_device(void **state)
{
    struct world *world = *state;
    const struct identifier device = named(IDENTIFIER_ANONYMOUS, "a1");
    const struct identifier user = named(IDENTIFIER_USER_ID, "u1");
    struct uuid node;
    skip_where_no_child_may_run();
    world_close(world);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        world_open(world);
        for (int64_t ago = 90; ago >= 50; ago -= 10)
            tell(world, (struct tell){.minutes_ago = ago,
                                      .anonymous = "a1",
                                      .user = "u1",
                                      .act = ACT_VIEW_ITEM,
                                      .item = "i1",
                                      .grants = PERSONALISE});
        tell(world, (struct tell){.minutes_ago = 20, .anonymous = "a1", .user = "u2"});
        erase_and_die(world);
    }
    int how = 0;
    waitpid(child, &how, 0);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    world_open(world);
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    struct consent consent = stored(world, device);
    assert_int_equal(50, told_minutes_ago(world, &consent, PURPOSE_PERSONALISE));
    assert_false(find_node(world, user, &node));
}

static unsigned count_rows(struct world *world)
{
    struct store_range all = {.bulk = true};
    struct store_iterator *rows = store_iterate(world->store, SPACE_CONSENT, &all);
    struct slice key, value;
    unsigned count = 0;
    while (store_next(rows, &key, &value))
        count++;
    store_iterator_close(rows);
    return count;
}

static void an_erased_persons_choice_does_not_come_back(void **state)
{
    struct world *world = *state;
    const struct identifier device = named(IDENTIFIER_ANONYMOUS, "a1");
    struct erasure_receipt receipt;
    for (int64_t ago = 90; ago >= 50; ago -= 10)
        view(world, "a1", ago, PERSONALISE);
    assert_int_equal(STATUS_OK, people_erase(world->people, SHOP, &device, &receipt));
    assert_int_equal(0, count_rows(world));
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    assert_int_equal(0, count_rows(world));
    view(world, "a1", 40, PERSONALISE);
    assert_int_equal(40, stored_minutes_ago(world, "a1"));
}

/* --- the list alone --------------------------------------------------------------------------- */

static void waiting_ones_are_taken_oldest_first_and_up_to_a_sequence(void **state)
{
    (void)state;
    struct renewals renewals;
    struct renewal taken;
    renewals_init(&renewals);
    for (uint8_t i = 1; i <= 4; i++) {
        const struct renewal told = {.key = table_key(SHOP, 0, (uint8_t[16]){i}),
                                     .purposes = PERSONALISE,
                                     .order = {.time_ms = i},
                                     .sequence = i};
        renewals_add(&renewals, &told);
    }
    const struct renewal again = {.key = table_key(SHOP, 0, (uint8_t[16]){1}),
                                  .purposes = PERSONALISE | MEASURE,
                                  .order = {.time_ms = 50},
                                  .sequence = 9};
    renewals_add(&renewals, &again);
    assert_false(renewals_accept(&renewals, &again.key, MEASURE));
    assert_true(renewals_accept(&renewals, &again.key, PERSONALISE | MEASURE | EMAIL));
    assert_true(renewals_take(&renewals, 2, &taken));
    assert_int_equal(50, taken.order.time_ms);
    assert_int_equal(1, taken.sequence);
    assert_true(renewals_take(&renewals, 2, &taken));
    assert_int_equal(2, taken.sequence);
    assert_false(renewals_take(&renewals, 2, &taken));
    assert_true(renewals_take(&renewals, 3, &taken));
    assert_false(renewals_take(&renewals, 3, &taken));
    assert_true(renewals_take(&renewals, 4, &taken));
    assert_false(renewals_take(&renewals, UINT64_MAX, &taken));
    renewals_done(&renewals);
}

static void a_full_list_takes_no_other_node(void **state)
{
    (void)state;
    struct renewals renewals;
    struct renewal told = {.purposes = PERSONALISE, .sequence = 1};
    renewals_init(&renewals);
    for (uint32_t i = 0; i < RENEWALS_MAX; i++) {
        uint8_t node[16] = {0};
        memcpy(node, &i, sizeof i);
        told.key = table_key(SHOP, 0, node);
        assert_true(renewals_accept(&renewals, &told.key, told.purposes));
        renewals_add(&renewals, &told);
    }
    assert_true(renewals_accept(&renewals, &told.key, told.purposes));
    told.key = table_key(SHOP + 1, 0, told.key.bytes);
    assert_false(renewals_accept(&renewals, &told.key, told.purposes));
    renewals_done(&renewals);
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_choice_told_again_is_written_by_the_checkpoint),
        WORLD_TEST(who_looks_sees_a_choice_that_waits),
        WORLD_TEST(a_late_refusal_loses_to_a_choice_that_waits),
        WORLD_TEST(after_kills_the_rows_are_what_the_messages_say),
        WORLD_TEST(consent_is_what_was_known_at_each_sequence),
        WORLD_TEST(an_erasure_loses_no_choice_of_a_shared_device),
        WORLD_TEST(an_erased_persons_choice_does_not_come_back),
        cmocka_unit_test(waiting_ones_are_taken_oldest_first_and_up_to_a_sequence),
        cmocka_unit_test(a_full_list_takes_no_other_node),
    };
    return cmocka_run_group_tests_name("renewals", tests, NULL, NULL);
}
