/* Erasure, and what a person can see of what is held. Real store, real ledger; the files
 * themselves are searched. */
#include "unit/test.h"

#include "base/pack.h"
#include "unit/person/world.h"

#include <pthread.h>

#define PERSONALISE PURPOSE_BIT(PURPOSE_PERSONALISE)

/* --- searching files -------------------------------------------------------------------------- */

struct needle {
    char name[32];
    struct slice bytes;
};

static struct needle needles[512];
static size_t needle_count;
static unsigned found_count;

static void add_needle(const char *name, struct slice bytes)
{
    assert_true(needle_count < sizeof needles / sizeof *needles);
    snprintf(needles[needle_count].name, sizeof needles[needle_count].name, "%s", name);
    needles[needle_count++].bytes = bytes;
}

/* The base64 text that is the same whatever stands before and behind, for one of three
 * alignments. */
static struct slice base64_core(struct arena *arena, struct slice raw, unsigned shift)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = arena_alloc(arena, raw.size * 2 + 8);
    size_t size = 0;
    for (size_t i = (3 - shift) % 3; i + 3 <= raw.size; i += 3) {
        const unsigned char *at = (const unsigned char *)raw.data + i;
        unsigned bits = (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
        for (int j = 18; j >= 0; j -= 6)
            text[size++] = alphabet[bits >> j & 63];
    }
    return slice_make(text, size);
}

static void add_canary(struct arena *arena, const char *canary)
{
    struct slice raw = slice_of(canary);
    char *hex = arena_alloc(arena, 2 * raw.size + 1);
    char *upper = arena_alloc(arena, 2 * raw.size + 1);
    hash_to_hex((const uint8_t *)raw.data, raw.size, hex);
    for (size_t i = 0; i < 2 * raw.size; i++)
        upper[i] = (char)(hex[i] >= 'a' ? hex[i] - 'a' + 'A' : hex[i]);
    add_needle(canary, raw);
    add_needle(canary, slice_make(hex, 2 * raw.size));
    add_needle(canary, slice_make(upper, 2 * raw.size));
    for (unsigned shift = 0; shift < 3; shift++)
        add_needle(canary, base64_core(arena, raw, shift));
}

static int search_file(const char *path, const struct stat *facts, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F || facts->st_size == 0)
        return 0;
    FILE *file = fopen(path, "re");
    char *bytes = must_alloc((size_t)facts->st_size);
    size_t size = file ? fread(bytes, 1, (size_t)facts->st_size, file) : 0;
    for (size_t i = 0; i < needle_count; i++)
        if (memmem(bytes, size, needles[i].bytes.data, needles[i].bytes.size)) {
            print_message("%s: %s (%zu)\n", path, needles[i].name, i % 6);
            found_count++;
        }
    if (file)
        fclose(file);
    free(bytes);
    return 0;
}

static unsigned search(const char *directory)
{
    found_count = 0;
    nftw(directory, search_file, 16, FTW_PHYS);
    return found_count;
}

/* --- erasing ---------------------------------------------------------------------------------- */

static const char *const CANARIES[] = {
    "canary.mail@example.org", "canary-user-4711", "canary-anonymous-0815", "canary-message-2342",
    "canary-trait-value-1",    "canary-item-99",   "canary-brand-3",        "canary-consent-text"};

static void tell_of_canary(struct world *world)
{
    tell(world, (struct tell){.minutes_ago = 50,
                              .anonymous = CANARIES[2],
                              .act = ACT_VIEW_ITEM,
                              .item = CANARIES[5],
                              .brand = CANARIES[6],
                              .message_id = CANARIES[3],
                              .grants = PERSONALISE});
    tell(world, (struct tell){.minutes_ago = 40,
                              .anonymous = CANARIES[2],
                              .user = CANARIES[1],
                              .email = CANARIES[0],
                              .type = EVENT_IDENTIFY,
                              .act = ACT_IDENTIFY,
                              .trait_name = "city",
                              .trait_value = CANARIES[4]});
    struct consent_change change = {.purposes = PURPOSE_BIT(PURPOSE_EMAIL),
                                    .state = CONSENT_DENIED,
                                    .source = CONSENT_FROM_API,
                                    .text = slice_of(CANARIES[7])};
    assert_int_equal(STATUS_OK, choose(world, named(IDENTIFIER_EMAIL, CANARIES[0]), change));
    grant(world, named(IDENTIFIER_USER_ID, CANARIES[1]));
}

static void tell_of_others(struct world *world, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char device[24];
        snprintf(device, sizeof device, "other-%u", i);
        tell(world, (struct tell){.minutes_ago = 60 - (int64_t)(i % 50),
                                  .anonymous = device,
                                  .act = ACT_VIEW_ITEM,
                                  .item = "i1",
                                  .grants = PERSONALISE});
    }
}

/* What other modules keep of a person: a decision record and its index, a refused message. */
static void put_foreign_rows(struct world *world, struct uuid node)
{
    struct store_batch *batch = store_batch_new();
    uint8_t decision[22], decided[38], refused[22];
    struct uuid id = uuid_new();
    store_key_prefix(SHOP, decision);
    store_key_prefix(SHOP, decided);
    store_key_prefix(SHOP, refused);
    memcpy(decision + 6, id.bytes, 16);
    memcpy(decided + 6, node.bytes, 16);
    memcpy(decided + 22, id.bytes, 16);
    memset(refused + 6, 0, 16);
    uint64_t now = (uint64_t)world->now_ms ^ 1ULL << 63;
    for (int i = 0; i < 8; i++)
        refused[6 + i] = (uint8_t)(now >> (56 - 8 * i));
    store_batch_put(batch, world->store, SPACE_DECISION, slice_make(decision, 22),
                    slice_of(CANARIES[5]));
    store_batch_put(batch, world->store, SPACE_DECIDED, slice_make(decided, 38), SLICE_NONE);
    store_batch_put(batch, world->store, SPACE_REFUSED, slice_make(refused, 22),
                    SLICE("{\"traits\":{\"email\":\"Canary.Mail@example.org\"}}"));
    assert_int_equal(STATUS_OK, store_write(world->store, batch, true));
    store_batch_free(batch);
}

static struct erasure_receipt erase(struct world *world, struct identifier identifier)
{
    struct erasure_receipt receipt = {0};
    assert_int_equal(STATUS_OK, people_erase(world->people, SHOP, &identifier, &receipt));
    return receipt;
}

/* A refused message as api/ keeps it. */
static struct slice refused_key(struct world *world, unsigned number, uint8_t room[22])
{
    store_key_prefix(SHOP, room);
    key_put_time(room + STORE_KEY_PREFIX_BYTES, world->now_ms + number);
    key_put_u64(room + STORE_KEY_PREFIX_BYTES + 8, number);
    return slice_make(room, 22);
}

static void put_refused(struct world *world, unsigned number, const char *message)
{
    uint8_t room[22];
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, world->store, SPACE_REFUSED, refused_key(world, number, room),
                    slice_of(message));
    assert_int_equal(STATUS_OK, store_write(world->store, batch, true));
    store_batch_free(batch);
}

static bool has_refused(struct world *world, unsigned number)
{
    uint8_t room[22];
    struct slice value;
    return store_get(world->store, SPACE_REFUSED, refused_key(world, number, room), &world->arena,
                     &value) == STATUS_OK;
}

struct meanwhile {
    struct world *world;
    pthread_t thread;
    struct identifier erased;
};

static void *erase_elsewhere(void *context)
{
    struct meanwhile *meanwhile = context;
    erase(meanwhile->world, meanwhile->erased);
    return NULL;
}

/* The ledger's thread is held while the erasure waits: what is refused now comes behind the look
 * through the others. */
static void refuse_more(void *context)
{
    struct meanwhile *meanwhile = context;
    pthread_create(&meanwhile->thread, NULL, erase_elsewhere, meanwhile);
    usleep(100000);
    put_refused(meanwhile->world, 50, "{\"userId\":\"ada-love\"}");
    put_refused(meanwhile->world, 51, "{\"userId\":\"somebody\"}");
}

static void refused_messages_go_by_whom_they_name_also_those_that_come_meanwhile(void **state)
{
    struct world *world = *state;
    grant(world, named(IDENTIFIER_ANONYMOUS, "kiosk-77"));
    tell(world, (struct tell){.minutes_ago = 9, .anonymous = "kiosk-77", .user = "ada-love"});
    tell(world, (struct tell){.minutes_ago = 7, .anonymous = "kiosk-77", .user = "bob-loved"});
    put_refused(world, 1, "{\"userId\":\"ADA-LOVE\"}");
    put_refused(world, 2, "{\"anonymousId\":\"kiosk-77\"}"); /* hers and another's */
    put_refused(world, 3, "{\"userId\":\"bob-loved\"}");
    struct meanwhile meanwhile = {.world = world, .erased = named(IDENTIFIER_USER_ID, "ada-love")};
    ledger_run(world->ledger, refuse_more, &meanwhile);
    pthread_join(meanwhile.thread, NULL);
    assert_false(has_refused(world, 1) || has_refused(world, 50));
    assert_true(has_refused(world, 2) && has_refused(world, 3) && has_refused(world, 51));
}

static void nothing_of_an_erased_person_is_left_in_the_files(void **state)
{
    struct world *world = *state;
    needle_count = 0;
    for (size_t i = 0; i < sizeof CANARIES / sizeof *CANARIES; i++)
        add_canary(&world->arena, CANARIES[i]);
    tell_of_others(world, 30);
    tell_of_canary(world);
    struct identifier user = named(IDENTIFIER_USER_ID, CANARIES[1]);
    struct uuid node;
    assert_int_equal(STATUS_OK, identity_find(world->store, SHOP, &user, &node));
    put_foreign_rows(world, node);
    ask(world, ASKER_SECRET, CANARIES[2], CANARIES[1]);
    ask(world, ASKER_PUBLIC, CANARIES[2], "");
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    tell_of_others(world, 30);
    assert_true(search(world->data) > 0);
    struct erasure_receipt receipt = erase(world, named(IDENTIFIER_EMAIL, CANARIES[0]));
    assert_int_equal(2, receipt.event_count);
    assert_int_equal(1, receipt.decision_count);
    assert_int_equal(3, receipt.node_count);
    assert_int_equal(0, search(world->data));
    struct person_view view = ask(world, ASKER_SECRET, CANARIES[2], CANARIES[1]);
    assert_false(view.known || view.open);
    check_all(world);
    world_reopen(world);
    assert_int_equal(0, search(world->data));
    struct identifier mail = named(IDENTIFIER_EMAIL, CANARIES[0]);
    assert_int_equal(STATUS_NOT_FOUND, people_erase(world->people, SHOP, &mail, &receipt));
    struct person_view other = ask(world, ASKER_PUBLIC, "other-3", "");
    assert_int_equal(2, other.profile->event_count);
}

static void a_stranger_who_claimed_her_address_loses_that_message_alone(void **state)
{
    struct world *world = *state;
    needle_count = 0;
    add_canary(&world->arena, CANARIES[0]);
    tell_of_canary(world);
    tell(world, (struct tell){.minutes_ago = 30,
                              .anonymous = "stranger",
                              .email = CANARIES[0],
                              .claim = true,
                              .grants = PERSONALISE});
    tell(world, (struct tell){.minutes_ago = 20,
                              .anonymous = "stranger",
                              .act = ACT_VIEW_ITEM,
                              .item = "i1",
                              .grants = PERSONALISE});
    struct person_view view = ask(world, ASKER_PUBLIC, "stranger", "");
    assert_int_equal(2, view.profile->event_count);
    erase(world, named(IDENTIFIER_USER_ID, CANARIES[1]));
    assert_int_equal(0, search(world->data));
    view = ask(world, ASKER_PUBLIC, "stranger", "");
    assert_int_equal(1, view.profile->event_count);
    check_all(world);
}

static void the_other_user_of_a_device_keeps_everything(void **state)
{
    struct world *world = *state;
    grant(world, named(IDENTIFIER_ANONYMOUS, "shared"));
    static const char *const items[] = {"hers", "his"};
    for (unsigned i = 0; i < 2; i++) {
        tell(world, (struct tell){.minutes_ago = 50 - 20 * (int64_t)i,
                                  .anonymous = "shared",
                                  .user = i ? "bob" : "ada"});
        tell(world, (struct tell){.minutes_ago = 45 - 20 * (int64_t)i,
                                  .anonymous = "shared",
                                  .act = ACT_VIEW_ITEM,
                                  .item = items[i]});
    }
    struct person_view before = ask(world, ASKER_SIGNED, "shared", "bob");
    struct slice bytes = packed_view(world, &before);
    erase(world, named(IDENTIFIER_USER_ID, "ada"));
    struct person_view after = ask(world, ASKER_SIGNED, "shared", "bob");
    assert_true(slice_equal(bytes, packed_view(world, &after)));
    /* a late message of her time falls to nobody */
    tell(world,
         (struct tell){
             .minutes_ago = 44, .anonymous = "shared", .act = ACT_VIEW_ITEM, .item = "late"});
    after = ask(world, ASKER_SIGNED, "shared", "bob");
    assert_false(saw(&after, "late") || saw(&after, "hers"));
    check_all(world);
}

static void a_refusal_outlives_the_erasure(void **state)
{
    struct world *world = *state;
    tell_of_canary(world);
    erase(world, named(IDENTIFIER_EMAIL, CANARIES[0]));
    struct consent_change import = {.purposes = PURPOSE_BIT(PURPOSE_EMAIL) | PERSONALISE,
                                    .state = CONSENT_GRANTED,
                                    .source = CONSENT_FROM_IMPORT,
                                    .order.time_ms = world->now_ms + 1};
    struct identifier mail = named(IDENTIFIER_EMAIL, CANARIES[0]);
    choose(world, mail, import);
    struct asker asker = asker_of(world, ASKER_SECRET, "", "");
    struct person_view view;
    asker.other = mail;
    asker.purpose = PURPOSE_EMAIL;
    assert_int_equal(STATUS_OK, people_view(world->people, &asker, &world->arena, &view));
    assert_int_equal(GATE_DENIED, view.gate);
    import.source = CONSENT_FROM_API; /* she herself may change her mind */
    import.order.time_ms++;
    choose(world, mail, import);
    assert_int_equal(STATUS_OK, people_view(world->people, &asker, &world->arena, &view));
    assert_int_equal(GATE_GRANTED, view.gate);
}

static void a_restored_backup_is_erased_again_and_who_came_back_stays(void **state)
{
    struct world *world = *state;
    char backup[160], erasures[192];
    struct identifier user = named(IDENTIFIER_USER_ID, CANARIES[1]);
    struct uuid node;
    needle_count = 0;
    for (size_t i = 0; i < sizeof CANARIES / sizeof *CANARIES; i++)
        add_canary(&world->arena, CANARIES[i]);
    tell_of_canary(world);
    snprintf(backup, sizeof backup, "%s/backup", world->parent);
    snprintf(erasures, sizeof erasures, "%s/erasures", world->data);
    assert_int_equal(STATUS_OK, store_backup(world->store, backup, &world->diag));
    erase(world, user);
    tell(world, (struct tell){.minutes_ago = 1, .user = CANARIES[1]}); /* and comes back */
    world_reopen(world);
    assert_int_equal(STATUS_OK, identity_find(world->store, SHOP, &user, &node));
    world_close(world);
    snprintf(world->data, sizeof world->data, "%s/restored", world->parent);
    assert_int_equal(STATUS_OK, store_restore(backup, world->data, erasures, &world->diag));
    assert_true(search(world->data) > 0);
    world_open(world);
    assert_int_equal(STATUS_NOT_FOUND, identity_find(world->store, SHOP, &user, &node));
    assert_int_equal(0, search(world->data));
    tell(world, (struct tell){.minutes_ago = 1, .user = CANARIES[1]});
    world_reopen(world);
    assert_int_equal(STATUS_OK, identity_find(world->store, SHOP, &user, &node));
}

/* --- seeing ----------------------------------------------------------------------------------- */

static const struct json *shown(struct world *world, bool whole)
{
    struct buf buf;
    const struct json *root = NULL;
    struct identifier user = named(IDENTIFIER_USER_ID, CANARIES[1]);
    buf_init(&buf, 1 << 20);
    struct json_out out = json_out(&buf);
    assert_int_equal(STATUS_OK, (whole ? people_export : people_show)(world->people, SHOP, &user,
                                                                      world->now_ms, &out));
    assert_int_equal(STATUS_OK, json_parse(&world->arena, buf_slice(&buf), &root, &world->diag));
    buf_done(&buf);
    return root;
}

static void a_person_is_shown_whole_and_nobody_else(void **state)
{
    struct world *world = *state;
    tell_of_others(world, 3);
    tell_of_canary(world);
    const struct json *root = shown(world, false);
    assert_int_equal(3, json_get(root, "identifiers")->count);
    assert_int_equal(2, json_get(root, "links")->count);
    assert_int_equal(2, json_at(root, "events.count")->integer);
    assert_true(
        slice_is(json_get_text(&json_get(root, "traits")->elements[0], "value"), CANARIES[4]));
    assert_int_equal(3, json_get(root, "consents")->count);
    assert_null(json_get(root, "messages"));
    root = shown(world, true);
    assert_int_equal(2, json_get(root, "messages")->count);
    assert_true(slice_is(
        json_get_text(json_get(&json_get(root, "messages")->elements[0], "message"), "messageId"),
        CANARIES[3]));
    struct identifier nobody = named(IDENTIFIER_USER_ID, "nobody");
    struct buf buf;
    buf_init(&buf, 64);
    struct json_out out = json_out(&buf);
    assert_int_equal(STATUS_NOT_FOUND,
                     people_show(world->people, SHOP, &nobody, world->now_ms, &out));
    buf_done(&buf);
}

static enum status count_message(void *context, const struct event *event)
{
    uint64_t *numbers = context;
    assert_true(event->sequence > numbers[1]);
    numbers[0]++;
    numbers[1] = event->sequence;
    return STATUS_OK;
}

static void messages_come_out_in_sequence_without_the_erased(void **state)
{
    struct world *world = *state;
    uint64_t numbers[2] = {0};
    tell_of_others(world, 5);
    tell_of_canary(world);
    tell_of_others(world, 2);
    assert_int_equal(STATUS_OK, people_each_message(world->people, SHOP, count_message, numbers));
    assert_int_equal(9, numbers[0]);
    erase(world, named(IDENTIFIER_USER_ID, CANARIES[1]));
    numbers[0] = numbers[1] = 0;
    assert_int_equal(STATUS_OK, people_each_message(world->people, SHOP, count_message, numbers));
    assert_int_equal(7, numbers[0]);
}

static void identifiers_are_read_as_type_and_value(void **state)
{
    struct world *world = *state;
    const struct {
        const char *text;
        enum identifier_type type;
        const char *value; /* NULL: refused */
    } cases[] = {{"email: Ada@Example.org ", IDENTIFIER_EMAIL, "ada@example.org"},
                 {"user_id:42", IDENTIFIER_USER_ID, "42"},
                 {"user_id:a:b", IDENTIFIER_USER_ID, "a:b"},
                 {"phone:+33 6 12 34", IDENTIFIER_PHONE, "+3361234"},
                 {"crm:7", IDENTIFIER_CUSTOM, "7"},
                 {"ada@example.org", IDENTIFIER_EMAIL, NULL},
                 {":x", IDENTIFIER_EMAIL, NULL},
                 {"email:", IDENTIFIER_EMAIL, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct identifier identifier;
        enum status status = people_parse_identifier(slice_of(cases[i].text), &world->arena,
                                                     &identifier, &world->diag);
        assert_int_equal(cases[i].value ? STATUS_OK : STATUS_INVALID, status);
        if (cases[i].value) {
            assert_int_equal(cases[i].type, identifier.type);
            assert_true(slice_is(identifier.value, cases[i].value));
        }
    }
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(nothing_of_an_erased_person_is_left_in_the_files),
        WORLD_TEST(refused_messages_go_by_whom_they_name_also_those_that_come_meanwhile),
        WORLD_TEST(a_stranger_who_claimed_her_address_loses_that_message_alone),
        WORLD_TEST(the_other_user_of_a_device_keeps_everything),
        WORLD_TEST(a_refusal_outlives_the_erasure),
        WORLD_TEST(a_restored_backup_is_erased_again_and_who_came_back_stays),
        WORLD_TEST(a_person_is_shown_whole_and_nobody_else),
        WORLD_TEST(messages_come_out_in_sequence_without_the_erased),
        WORLD_TEST(identifiers_are_read_as_type_and_value),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
