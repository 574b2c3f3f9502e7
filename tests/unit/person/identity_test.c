/* Nodes, links, claims and limits, on a real store through a real ledger. */
#include "unit/test.h"

#include "unit/person/world.h"

#define NOW_OF(world) (&(struct identity_at){(world)->store, SHOP, UINT64_MAX})

static struct uuid uuid_number(uint8_t number)
{
    return (struct uuid){.bytes = {[15] = number}};
}

static struct link link_at(uint8_t owner, int64_t time_ms, bool proven)
{
    return (struct link){.from = uuid_number(1),
                         .to = uuid_number(owner),
                         .valid_from_ms = time_ms,
                         .order.time_ms = time_ms,
                         .known_sequence = (uint64_t)time_ms,
                         .proven = proven};
}

static void an_owner_is_the_latest_link_before_else_the_first_after(void **state)
{
    struct link links[] = {link_at(2, 10, true), link_at(3, 20, true), link_at(4, 15, false),
                           link_at(2, 30, true)};
    const struct {
        int64_t time_ms;
        uint64_t sequence;
        uint8_t owner; /* 0: none */
    } cases[] = {{0, 99, 2},  {10, 99, 2}, {15, 99, 2}, {20, 99, 3}, {29, 99, 3},
                 {30, 99, 2}, {99, 99, 2}, {99, 20, 3}, {25, 10, 2}, {25, 9, 0}};
    (void)state;
    links[3].withdrawn_sequence = 98;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uuid owner = {0};
        bool owned = identity_owner_at(links, 4, cases[i].time_ms, cases[i].sequence, &owner);
        uint8_t expected = cases[i].time_ms >= 30 && cases[i].sequence == 99 ? 3 : cases[i].owner;
        assert_int_equal(expected != 0, owned);
        if (owned)
            assert_int_equal(expected, owner.bytes[15]);
    }
}

static struct uuid node_of(struct world *world, enum identifier_type type, const char *value)
{
    struct uuid node = {0};
    struct identifier identifier = named(type, value);
    assert_int_equal(STATUS_OK, identity_find(world->store, SHOP, &identifier, &node));
    return node;
}

static struct uuid root_at(struct world *world, const char *anonymous, int64_t minutes_ago)
{
    struct uuid root = {0};
    assert_int_equal(STATUS_OK,
                     identity_root(NOW_OF(world), node_of(world, IDENTIFIER_ANONYMOUS, anonymous),
                                   world->now_ms - minutes_ago * 60000, &root));
    return root;
}

static void a_device_belongs_to_its_user_from_the_beginning(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 90, .anonymous = "a1"});
    tell(world, (struct tell){.minutes_ago = 60, .anonymous = "a1", .user = "u1"});
    struct uuid user = node_of(world, IDENTIFIER_USER_ID, "u1");
    assert_true(uuid_equal(user, root_at(world, "a1", 90)));
    assert_true(uuid_equal(user, root_at(world, "a1", 0)));
}

static void a_shared_device_is_divided_by_time(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 60, .anonymous = "a1", .user = "u1"});
    tell(world, (struct tell){.minutes_ago = 30, .anonymous = "a1", .user = "u2"});
    assert_true(uuid_equal(node_of(world, IDENTIFIER_USER_ID, "u1"), root_at(world, "a1", 99)));
    assert_true(uuid_equal(node_of(world, IDENTIFIER_USER_ID, "u1"), root_at(world, "a1", 31)));
    assert_true(uuid_equal(node_of(world, IDENTIFIER_USER_ID, "u2"), root_at(world, "a1", 30)));
    struct uuid root = {0};
    assert_int_equal(STATUS_OK,
                     identity_root(NOW_OF(world), node_of(world, IDENTIFIER_USER_ID, "u1"),
                                   world->now_ms, &root));
    assert_true(uuid_equal(root, node_of(world, IDENTIFIER_USER_ID, "u1")));
}

/* Three users take turns on one device; the owner at each minute is that of the latest proof,
 * however the proofs come in. */
static void owners_do_not_hang_on_the_order_of_arrival(void **state)
{
    enum { PROOFS = 24, ROUNDS = 12 };
    struct random_stream stream = random_stream(20261121);
    struct world *world = *state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char device[32], users[3][32];
        unsigned owner[PROOFS];
        struct tell tells[PROOFS];
        snprintf(device, sizeof device, "device-%u", round);
        for (unsigned i = 0; i < 3; i++) /* new ones, within the limit of devices a week */
            snprintf(users[i], sizeof users[i], "user-%u-%u", round, i);
        for (unsigned i = 0; i < PROOFS; i++) {
            owner[i] = (unsigned)random_below(&stream, 3);
            tells[i] = (struct tell){
                .minutes_ago = PROOFS - i, .anonymous = device, .user = users[owner[i]]};
        }
        for (unsigned i = PROOFS - 1; i > 0 && round > 0; i--) {
            unsigned j = (unsigned)random_below(&stream, i + 1);
            struct tell kept = tells[i];
            tells[i] = tells[j];
            tells[j] = kept;
        }
        for (unsigned i = 0; i < PROOFS;) {
            unsigned size = 1 + (unsigned)random_below(&stream, 6);
            size = size > PROOFS - i ? PROOFS - i : size;
            tell_all(world, tells + i, size);
            i += size;
        }
        for (unsigned i = 0; i < PROOFS; i++)
            if (!uuid_equal(root_at(world, device, PROOFS - i),
                            node_of(world, IDENTIFIER_USER_ID, users[owner[i]])))
                fail_msg("round %u: another owner at proof %u", round, i);
    }
}

static void concurrent_first_calls_of_a_browser_make_one_node(void **state)
{
    struct world *world = *state;
    tell_all(
        world,
        (struct tell[]){{.minutes_ago = 3, .anonymous = "a1", .item = "i1", .act = ACT_VIEW_ITEM},
                        {.minutes_ago = 2, .anonymous = "a1", .item = "i2", .act = ACT_VIEW_ITEM},
                        {.minutes_ago = 1, .anonymous = "a1", .user = "u1"}},
        3);
    grant(world, named(IDENTIFIER_ANONYMOUS, "a1"));
    struct person_view view = ask(world, ASKER_SECRET, "a1", "u1");
    assert_true(view.open);
    struct person_spans spans;
    assert_int_equal(STATUS_OK,
                     identity_spans(NOW_OF(world), node_of(world, IDENTIFIER_USER_ID, "u1"),
                                    &world->arena, &spans));
    assert_int_equal(2, spans.count);
    assert_true(uuid_equal(spans.name, node_of(world, IDENTIFIER_ANONYMOUS, "a1")) ||
                uuid_equal(spans.name, node_of(world, IDENTIFIER_USER_ID, "u1")));
}

static void a_sixth_address_of_a_person_is_dropped(void **state)
{
    struct world *world = *state;
    struct person_spans spans;
    struct identifier sixth = named(IDENTIFIER_EMAIL, "mail5@example.org");
    struct uuid node;
    for (unsigned i = 0; i < 6; i++) {
        const char *mail =
            arena_copy_text(&world->arena, arena_format(&world->arena, "mail%u@example.org", i));
        assert_int_equal(
            STATUS_OK,
            tell(world, (struct tell){.minutes_ago = 9 - i, .user = "u1", .email = mail}));
    }
    assert_int_equal(STATUS_OK,
                     identity_spans(NOW_OF(world), node_of(world, IDENTIFIER_USER_ID, "u1"),
                                    &world->arena, &spans));
    assert_int_equal(6, spans.count); /* the user and five addresses */
    assert_int_equal(STATUS_NOT_FOUND, identity_find(world->store, SHOP, &sixth, &node));
}

static void five_new_devices_a_week_and_five_more_the_next(void **state)
{
    struct world *world = *state;
    struct person_spans spans;
    const int64_t week = 7 * 24 * 60;
    for (unsigned i = 0; i < 12; i++) {
        const char *device =
            arena_copy_text(&world->arena, arena_format(&world->arena, "device-%u", i));
        tell(world, (struct tell){.minutes_ago = (i < 6 ? 2 * week : 0) + 60 - i,
                                  .user = "u1",
                                  .anonymous = device});
    }
    assert_int_equal(STATUS_OK,
                     identity_spans(NOW_OF(world), node_of(world, IDENTIFIER_USER_ID, "u1"),
                                    &world->arena, &spans));
    assert_int_equal(11, spans.count);
}

static void a_claim_opens_nothing_until_it_is_proven(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 9, .user = "u1"});
    tell(world, (struct tell){.minutes_ago = 5, .anonymous = "a1", .user = "u1", .claim = true});
    struct uuid device = node_of(world, IDENTIFIER_ANONYMOUS, "a1");
    assert_true(uuid_equal(device, root_at(world, "a1", 0)));
    struct person_spans spans;
    struct identity_facts facts;
    assert_int_equal(STATUS_OK, identity_spans(NOW_OF(world), device, &world->arena, &spans));
    assert_int_equal(STATUS_OK, identity_facts(world->store, SHOP, &spans, &world->arena, &facts));
    assert_int_equal(1, facts.link_count);
    assert_false(facts.links[0].proven);
    tell(world, (struct tell){.minutes_ago = 4, .anonymous = "a1", .user = "u1"});
    assert_true(uuid_equal(node_of(world, IDENTIFIER_USER_ID, "u1"), root_at(world, "a1", 0)));
}

static void an_unlink_returns_the_device_and_is_remembered(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 9, .anonymous = "a1", .user = "u1"});
    struct people_unlink item = {.from = named(IDENTIFIER_ANONYMOUS, "a1"),
                                 .to = named(IDENTIFIER_USER_ID, "u1"),
                                 .reason = SLICE("wrong login")};
    people_unlink_init(world->people, &item, SHOP);
    struct ledger_entry *entries[1] = {&item.entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 1};
    assert_int_equal(STATUS_OK, ledger_submit_and_wait(world->ledger, &commit));
    assert_int_equal(STATUS_OK, item.entry.status);
    struct uuid device = node_of(world, IDENTIFIER_ANONYMOUS, "a1"), root;
    assert_true(uuid_equal(device, root_at(world, "a1", 5)));
    assert_int_equal(
        STATUS_OK, identity_root(&(struct identity_at){world->store, SHOP, item.entry.sequence - 1},
                                 device, world->now_ms, &root));
    assert_true(uuid_equal(root, node_of(world, IDENTIFIER_USER_ID, "u1")));
    world_reopen(world);
    assert_true(uuid_equal(device, root_at(world, "a1", 5)));
}

static void what_proves_nothing_is_refused(void **state)
{
    struct world *world = *state;
    const struct tell cases[] = {
        {.user = "u1", .claim = true},
        {.anonymous = "null"},
        {.anonymous = "0000-0000"},
        {.user = "undefined", .email = "-1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(STATUS_INVALID, tell(world, cases[i]));
    uint64_t counts[SPACE_COUNT];
    assert_int_equal(STATUS_OK, store_verify(world->store, counts, &world->diag));
    assert_int_equal(0, counts[SPACE_IDENTIFIER]);
    assert_int_equal(0, counts[SPACE_EVENT]);
}

static void workspaces_do_not_know_each_other(void **state)
{
    struct world *world = *state;
    struct uuid node;
    struct identifier user = named(IDENTIFIER_USER_ID, "u1");
    tell(world, (struct tell){.minutes_ago = 9, .user = "u1"});
    assert_int_equal(STATUS_NOT_FOUND, identity_find(world->store, OTHER_SHOP, &user, &node));
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_is_the_latest_link_before_else_the_first_after),
        WORLD_TEST(a_device_belongs_to_its_user_from_the_beginning),
        WORLD_TEST(a_shared_device_is_divided_by_time),
        WORLD_TEST(owners_do_not_hang_on_the_order_of_arrival),
        WORLD_TEST(concurrent_first_calls_of_a_browser_make_one_node),
        WORLD_TEST(a_sixth_address_of_a_person_is_dropped),
        WORLD_TEST(five_new_devices_a_week_and_five_more_the_next),
        WORLD_TEST(a_claim_opens_nothing_until_it_is_proven),
        WORLD_TEST(an_unlink_returns_the_device_and_is_remembered),
        WORLD_TEST(what_proves_nothing_is_refused),
        WORLD_TEST(workspaces_do_not_know_each_other),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
