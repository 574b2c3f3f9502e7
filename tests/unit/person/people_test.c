/* People as a whole: what goes in, who sees what of it, what is cached, what survives a crash.
 * Real store, real ledger. */
#include "unit/test.h"

#include "unit/person/world.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define PERSONALISE PURPOSE_BIT(PURPOSE_PERSONALISE)

static struct slice unknown_bytes(struct world *world)
{
    struct person_view view = ask(world, ASKER_PUBLIC, "never-seen", "");
    return packed_view(world, &view);
}

static void assert_like_unknown(struct world *world, const struct person_view *view)
{
    assert_false(view->open);
    assert_int_equal(1, view->level);
    assert_true(uuid_is_zero(view->person));
    assert_true(slice_equal(unknown_bytes(world), packed_view(world, view)));
}

/* --- who sees what ---------------------------------------------------------------------------- */

static void the_next_view_sees_an_acknowledged_event(void **state)
{
    struct world *world = *state;
    for (int i = 9; i > 0; i--) {
        char item[16];
        snprintf(item, sizeof item, "item-%d", i);
        tell(world, (struct tell){.minutes_ago = i,
                                  .anonymous = "a1",
                                  .act = ACT_VIEW_ITEM,
                                  .item = item,
                                  .grants = PERSONALISE});
        struct person_view view = ask(world, ASKER_PUBLIC, "a1", "");
        assert_true(view.open);
        assert_true(saw(&view, item));
    }
    struct people_counts counts;
    people_counts(world->people, &counts);
    assert_int_equal(8, counts.tails); /* the first view folds, the others find it done */
    assert_int_equal(1, check_all(world));
}

static void history_of_before_the_login_stays_with_the_person(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 9,
                              .anonymous = "a1",
                              .act = ACT_VIEW_ITEM,
                              .item = "before",
                              .grants = PERSONALISE});
    struct person_view view = ask(world, ASKER_PUBLIC, "a1", "");
    assert_true(saw(&view, "before"));
    grant(world, named(IDENTIFIER_USER_ID, "u1"));
    tell(world, (struct tell){.minutes_ago = 5,
                              .anonymous = "a1",
                              .user = "u1",
                              .act = ACT_VIEW_ITEM,
                              .item = "login"});
    tell(world,
         (struct tell){.minutes_ago = 3, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = "after"});
    view = ask(world, ASKER_SIGNED, "a1", "u1");
    assert_true(saw(&view, "before") && saw(&view, "login") && saw(&view, "after"));
    /* the public key sees the device alone, and only since it came into these hands */
    view = ask(world, ASKER_PUBLIC, "a1", "u1");
    assert_true(saw(&view, "after"));
    assert_false(saw(&view, "before") || saw(&view, "login"));
    assert_true(uuid_is_zero(view.person));
    check_all(world);
}

static void two_users_of_a_device_keep_their_own(void **state)
{
    struct world *world = *state;
    grant(world, named(IDENTIFIER_ANONYMOUS, "a1"));
    static const char *const items[] = {"one", "two", "three", "four"};
    const struct tell tells[] = {
        {.minutes_ago = 40, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = items[0]},
        {.minutes_ago = 30, .anonymous = "a1", .user = "u1"},
        {.minutes_ago = 25, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = items[1]},
        {.minutes_ago = 20, .anonymous = "a1", .user = "u2"},
        {.minutes_ago = 15, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = items[2]},
    };
    for (size_t i = 0; i < sizeof tells / sizeof *tells; i++)
        tell(world, tells[i]);
    struct person_view first = ask(world, ASKER_SIGNED, "a1", "u1");
    struct person_view second = ask(world, ASKER_SIGNED, "a1", "u2");
    assert_true(saw(&first, "one") && saw(&first, "two") && !saw(&first, "three"));
    assert_true(saw(&second, "three") && !saw(&second, "one") && !saw(&second, "two"));
    assert_false(uuid_equal(first.person, second.person));
    check_all(world);
}

static void a_late_login_between_two_of_another_cuts_their_time_also_after_a_restart(void **state)
{
    struct world *world = *state;
    grant(world, named(IDENTIFIER_ANONYMOUS, "a1"));
    tell(world, (struct tell){.minutes_ago = 90, .anonymous = "a1", .user = "u1"});
    tell(world, (struct tell){.minutes_ago = 50, .anonymous = "a1", .user = "u1"});
    world_reopen(world);
    tell(world, (struct tell){.minutes_ago = 70, .anonymous = "a1", .user = "u2"});
    tell(world,
         (struct tell){.minutes_ago = 60, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = "hers"});
    tell(world,
         (struct tell){.minutes_ago = 40, .anonymous = "a1", .act = ACT_VIEW_ITEM, .item = "his"});
    struct person_view first = ask(world, ASKER_SIGNED, "a1", "u1");
    struct person_view second = ask(world, ASKER_SIGNED, "a1", "u2");
    assert_true(saw(&first, "his") && !saw(&first, "hers"));
    assert_true(saw(&second, "hers") && !saw(&second, "his"));
    check_all(world);
}

static void two_attackers_see_and_change_nothing(void **state)
{
    struct world *world = *state;
    grant(world, named(IDENTIFIER_USER_ID, "ada"));
    grant(world, named(IDENTIFIER_EMAIL, "ada@example.org"));
    tell(world, (struct tell){.minutes_ago = 50,
                              .user = "ada",
                              .email = "ada@example.org",
                              .act = ACT_VIEW_ITEM,
                              .item = "secret"});
    struct person_view hers = ask(world, ASKER_SECRET, "", "ada");
    assert_true(saw(&hers, "secret"));
    struct slice before = packed_view(world, &hers);
    /* one types her user id into decide, the other identifies with her e-mail */
    tell(world, (struct tell){.minutes_ago = 40,
                              .anonymous = "mallory",
                              .user = "ada",
                              .claim = true,
                              .grants = PERSONALISE,
                              .act = ACT_VIEW_ITEM,
                              .item = "planted"});
    tell(world, (struct tell){.minutes_ago = 30,
                              .anonymous = "trudy",
                              .email = "ada@example.org",
                              .claim = true,
                              .grants = PERSONALISE,
                              .type = EVENT_IDENTIFY,
                              .act = ACT_IDENTIFY,
                              .trait_name = "city",
                              .trait_value = "Nulle"});
    static const char *const attackers[] = {"mallory", "trudy"};
    for (size_t i = 0; i < 2; i++) {
        struct person_view view = ask(world, ASKER_PUBLIC, attackers[i], "ada");
        assert_false(saw(&view, "secret"));
        assert_true(uuid_is_zero(view.person));
    }
    hers = ask(world, ASKER_SECRET, "", "ada");
    assert_true(slice_equal(before, packed_view(world, &hers)));
    check_all(world);
}

/* --- consent ---------------------------------------------------------------------------------- */

static void without_consent_a_visitor_is_an_unknown_one(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){
                    .minutes_ago = 9, .anonymous = "unasked", .act = ACT_VIEW_ITEM, .item = "i1"});
    tell(world, (struct tell){.minutes_ago = 9,
                              .anonymous = "denier",
                              .act = ACT_VIEW_ITEM,
                              .item = "i1",
                              .denies = PERSONALISE,
                              .grants = PURPOSE_BIT(PURPOSE_MEASURE)});
    tell(world, (struct tell){.minutes_ago = 9,
                              .anonymous = "objector",
                              .act = ACT_VIEW_ITEM,
                              .item = "i1",
                              .grants = PERSONALISE});
    struct consent_change objection = {
        .purposes = PERSONALISE, .state = CONSENT_DENIED, .objection = true};
    choose(world, named(IDENTIFIER_ANONYMOUS, "objector"), objection);
    tell(world, (struct tell){.minutes_ago = 9, .user = "known", .act = ACT_ORDER, .item = "i1"});
    static const char *const devices[] = {"unasked", "denier", "objector"};
    for (size_t i = 0; i < 3; i++)
        for (unsigned trust = ASKER_PUBLIC; trust <= ASKER_SECRET; trust++) {
            struct person_view view = ask(world, (enum asker_trust)trust, devices[i], "");
            assert_like_unknown(world, &view);
        }
    struct person_view known = ask(world, ASKER_SECRET, "", "known");
    assert_like_unknown(world, &known);
    known = ask(world, ASKER_SIGNED, "a-new-device", "known");
    assert_like_unknown(world, &known);
}

static void consent_on_one_device_says_nothing_about_another(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){
                    .minutes_ago = 50, .anonymous = "phone", .user = "u1", .grants = PERSONALISE});
    tell(world, (struct tell){.minutes_ago = 40, .anonymous = "laptop", .user = "u1"});
    tell(world, (struct tell){.minutes_ago = 30,
                              .anonymous = "phone",
                              .act = ACT_VIEW_ITEM,
                              .item = "on-phone",
                              .grants = PERSONALISE});
    tell(world,
         (struct tell){
             .minutes_ago = 20, .anonymous = "laptop", .act = ACT_VIEW_ITEM, .item = "on-laptop"});
    struct person_view laptop = ask(world, ASKER_SIGNED, "laptop", "u1");
    assert_like_unknown(world, &laptop);
    struct person_view phone = ask(world, ASKER_SIGNED, "phone", "u1");
    assert_true(phone.open && saw(&phone, "on-phone"));
    assert_false(saw(&phone, "on-laptop"));
    /* what the laptop did before it said yes stays out, its orders come in */
    tell(world, (struct tell){
                    .minutes_ago = 15, .anonymous = "laptop", .act = ACT_ORDER, .item = "bought"});
    grant(world, named(IDENTIFIER_ANONYMOUS, "laptop"));
    laptop = ask(world, ASKER_SIGNED, "laptop", "u1");
    assert_true(laptop.open && saw(&laptop, "on-phone"));
    assert_false(saw(&laptop, "on-laptop"));
    assert_int_equal(1, laptop.profile->order_count);
    check_all(world);
}

static void an_objection_on_any_node_closes_all(void **state)
{
    struct world *world = *state;
    tell(world,
         (struct tell){
             .minutes_ago = 50, .anonymous = "phone", .user = "u1", .email = "u1@example.org"});
    grant(world, named(IDENTIFIER_ANONYMOUS, "phone"));
    struct person_view view = ask(world, ASKER_PUBLIC, "phone", "");
    assert_true(view.open);
    struct consent_change change = {
        .purposes = PERSONALISE, .state = CONSENT_DENIED, .objection = true};
    choose(world, named(IDENTIFIER_EMAIL, "u1@example.org"), change);
    view = ask(world, ASKER_PUBLIC, "phone", "");
    assert_like_unknown(world, &view);
    assert_int_equal(GATE_OBJECTED, view.gate);
    view = ask(world, ASKER_SIGNED, "phone", "u1");
    assert_like_unknown(world, &view);
    change.state = CONSENT_GRANTED;
    change.order.time_ms = world->now_ms + 1;
    choose(world, named(IDENTIFIER_EMAIL, "u1@example.org"), change);
    view = ask(world, ASKER_PUBLIC, "phone", "");
    assert_true(view.open);
}

static void a_child_is_not_profiled_until_fifteen(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){
                    .minutes_ago = 50, .anonymous = "tablet", .user = "u1", .grants = PERSONALISE});
    tell(world, (struct tell){.minutes_ago = 49,
                              .anonymous = "tablet",
                              .act = ACT_VIEW_ITEM,
                              .item = "i1",
                              .grants = PERSONALISE});
    struct person_view view = ask(world, ASKER_PUBLIC, "tablet", "");
    assert_true(view.open);
    tell(world, (struct tell){.minutes_ago = 48,
                              .user = "u1",
                              .type = EVENT_IDENTIFY,
                              .trait_name = "birthday",
                              .trait_value = "2020-05-01"});
    view = ask(world, ASKER_PUBLIC, "tablet", "");
    assert_like_unknown(world, &view);
    assert_int_equal(GATE_MINOR, view.gate);
    world->now_ms += (int64_t)366 * 16 * MS_PER_DAY;
    view = ask(world, ASKER_PUBLIC, "tablet", "");
    assert_true(view.open && saw(&view, "i1"));
}

static void a_browser_without_consent_leaves_only_a_count(void **state)
{
    struct world *world = *state;
    uint64_t counts[SPACE_COUNT];
    struct people_event *item = tell_make(
        world, &(struct tell){.minutes_ago = 9, .anonymous = "a1", .needs_consent = true});
    assert_int_equal(STATUS_CONFLICT, tell_item(world, item));
    assert_true(item->counted_only);
    assert_int_equal(STATUS_OK, store_verify(world->store, counts, &world->diag));
    static const enum space spaces[] = {SPACE_EVENT,   SPACE_IDENTIFIER, SPACE_DEDUP,
                                        SPACE_CONSENT, SPACE_LINK,       SPACE_LOG};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        assert_int_equal(0, counts[spaces[i]]);
    grant(world, named(IDENTIFIER_ANONYMOUS, "a1"));
    item = tell_make(world,
                     &(struct tell){.minutes_ago = 8, .anonymous = "a1", .needs_consent = true});
    assert_int_equal(STATUS_OK, tell_item(world, item));
    assert_false(item->counted_only);
}

/* --- order, repetition ------------------------------------------------------------------------ */

static void a_message_counts_once_also_after_a_restart(void **state)
{
    struct world *world = *state;
    struct tell once = {.minutes_ago = 9,
                        .anonymous = "a1",
                        .act = ACT_ORDER,
                        .item = "i1",
                        .message_id = "the-same",
                        .grants = PERSONALISE};
    struct people_event *twice[] = {tell_make(world, &once), tell_make(world, &once)};
    struct ledger_entry *entries[] = {&twice[0]->entry, &twice[1]->entry};
    struct ledger_commit commit = {.entries = entries, .entry_count = 2};
    assert_int_equal(STATUS_OK, ledger_submit_and_wait(world->ledger, &commit));
    assert_int_equal(STATUS_OK, entries[0]->status);
    assert_int_equal(STATUS_CONFLICT, entries[1]->status);
    world_reopen(world);
    assert_int_equal(STATUS_CONFLICT, tell(world, once));
    struct person_view view = ask(world, ASKER_PUBLIC, "a1", "");
    assert_int_equal(1, view.profile->order_count);
}

static void an_imported_event_counts_once_however_late_its_file_comes_again(void **state)
{
    struct world *world = *state;
    const struct tell row = {.minutes_ago = 9,
                             .user = "u1",
                             .act = ACT_ORDER,
                             .item = "i1",
                             .message_id = "row-1",
                             .grants = PERSONALISE,
                             .imported = true};
    struct people_event *again = tell_make(world, &row);
    assert_int_equal(STATUS_OK, tell(world, row));
    clock_fix(clock_now_ms() + DEDUP_MS + 60000);
    assert_int_equal(STATUS_CONFLICT, tell_item(world, again));
    clock_free_run();
}

enum { STORY = 40 };

/* A person on two devices with a login in between, an address, orders and baskets. */
static void write_story(struct tell *tells, char items[STORY][16], char ids[STORY][24])
{
    static const enum act acts[] = {ACT_VIEW_ITEM, ACT_ADD, ACT_ORDER, ACT_REMOVE, ACT_WISH};
    static const char *const brands[] = {"Veja", "Aigle", "Armor Lux"};
    struct random_stream stream = random_stream(42);
    for (int i = 0; i < STORY; i++) {
        snprintf(items[i], 16, "item-%u", (unsigned)random_below(&stream, 9));
        snprintf(ids[i], 24, "story-%d", i);
        tells[i] = (struct tell){.minutes_ago = (STORY - i) * 17,
                                 .anonymous = i % 3 ? "phone" : "laptop",
                                 .act = acts[random_below(&stream, 5)],
                                 .item = items[i],
                                 .brand = brands[random_below(&stream, 3)],
                                 .message_id = ids[i]};
        if (i == 11 || i == 30)
            tells[i].user = "u1";
        if (i == 21)
            tells[i] = (struct tell){.minutes_ago = tells[i].minutes_ago,
                                     .user = "u1",
                                     .email = "u1@example.org",
                                     .anonymous = "phone",
                                     .type = EVENT_IDENTIFY,
                                     .act = ACT_IDENTIFY,
                                     .trait_name = "city",
                                     .trait_value = "Brest",
                                     .message_id = ids[i]};
    }
}

static void arrival_order_does_not_change_the_profile(void **state)
{
    enum { ROUNDS = 8 };
    struct random_stream stream = random_stream(7);
    struct tell tells[STORY];
    char items[STORY][16], ids[STORY][24];
    struct slice expected[2] = {{0}};
    struct world *keeper = *state;
    write_story(tells, items, ids);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct world *world = world_new(NULL);
        world->now_ms = keeper->now_ms;
        grant(world, named(IDENTIFIER_ANONYMOUS, "phone"));
        grant(world, named(IDENTIFIER_ANONYMOUS, "laptop"));
        grant(world, named(IDENTIFIER_USER_ID, "u1"));
        for (unsigned i = STORY - 1; i > 0 && round > 0; i--) {
            unsigned j = (unsigned)random_below(&stream, i + 1);
            struct tell kept = tells[i];
            tells[i] = tells[j];
            tells[j] = kept;
        }
        for (unsigned i = 0; i < STORY; i++) {
            assert_int_equal(STATUS_OK, tell(world, tells[i]));
            if (i % 5 == 0)
                ask(world, ASKER_SECRET, "phone", "u1"); /* views in between leave things cached */
        }
        struct person_view views[] = {ask(world, ASKER_SECRET, "phone", "u1"),
                                      ask(world, ASKER_PUBLIC, "phone", "")};
        for (size_t i = 0; i < 2; i++) {
            assert_true(views[i].open);
            struct slice bytes = packed_profile(world, &views[i]);
            if (round == 0)
                expected[i] = arena_copy(&keeper->arena, bytes);
            assert_true(slice_equal(expected[i], bytes));
        }
        check_all(world);
        world_free(world);
    }
}

static void a_view_can_be_had_as_it_was_known(void **state)
{
    struct world *world = *state;
    struct tell tells[STORY];
    char items[STORY][16], ids[STORY][24];
    struct slice seen[2 * STORY];
    uint64_t sequences[2 * STORY];
    struct asker askers[2] = {asker_of(world, ASKER_SECRET, "phone", "u1"),
                              asker_of(world, ASKER_PUBLIC, "phone", "")};
    write_story(tells, items, ids);
    for (unsigned i = 0; i < STORY; i++) {
        if (i % 7 == 3)
            tells[i].grants = PERSONALISE;
        if (i % 14 == 12)
            tells[i].denies = PERSONALISE;
        tells[i].minutes_ago += i % 4 == 2 ? 200 : 0; /* some come late */
        tell(world, tells[i]);
        for (unsigned j = 0; j < 2; j++) {
            struct person_view view;
            assert_int_equal(STATUS_OK,
                             people_view(world->people, &askers[j], &world->arena, &view));
            seen[2 * i + j] = packed_view(world, &view);
            sequences[2 * i + j] = view.sequence;
        }
    }
    world_reopen(world);
    for (unsigned i = 0; i < 2 * STORY; i++) {
        struct person_view view;
        assert_int_equal(STATUS_OK, people_view_as_known(world->people, &askers[i % 2],
                                                         sequences[i], &world->arena, &view));
        if (!slice_equal(seen[i], packed_view(world, &view)))
            fail_msg("view %u is not what was seen", i);
    }
}

static void the_calls_own_events_count_at_once(void **state)
{
    struct world *world = *state;
    tell(world, (struct tell){.minutes_ago = 9,
                              .anonymous = "a1",
                              .act = ACT_VIEW_ITEM,
                              .item = "stored",
                              .grants = PERSONALISE});
    struct person_view view = ask(world, ASKER_PUBLIC, "a1", ""), with;
    struct event events[2] = {tell_make(world, &(struct tell){.minutes_ago = 0,
                                                              .anonymous = "a1",
                                                              .act = ACT_VIEW_ITEM,
                                                              .item = "just-now"})
                                  ->event,
                              tell_make(world, &(struct tell){.minutes_ago = 30,
                                                              .anonymous = "a1",
                                                              .act = ACT_VIEW_ITEM,
                                                              .item = "late"})
                                  ->event};
    people_view_with(&view, events, 2, &world->arena, &with);
    assert_true(saw(&with, "stored") && saw(&with, "just-now") && saw(&with, "late"));
    assert_false(saw(&view, "just-now"));
    view = ask(world, ASKER_PUBLIC, "never-seen", "");
    people_view_with(&view, events, 2, &world->arena, &with);
    assert_like_unknown(world, &with);
}

/* --- cache ------------------------------------------------------------------------------------ */

static void visit_many(struct world *world, unsigned devices, unsigned rounds)
{
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < devices; i++) {
            char device[24], item[24];
            snprintf(device, sizeof device, "device-%u", i);
            snprintf(item, sizeof item, "item-%u-%u", i, round);
            tell(world, (struct tell){.minutes_ago = (int64_t)(rounds - round) * 10,
                                      .anonymous = device,
                                      .act = ACT_VIEW_ITEM,
                                      .item = item,
                                      .grants = PERSONALISE});
            struct person_view view = ask(world, ASKER_PUBLIC, device, "");
            assert_true(saw(&view, item));
            assert_int_equal(round + 1, view.profile->event_count);
        }
}

static void a_tiny_cache_gives_the_same_answers(void **state)
{
    (void)state;
    struct people_options options = {.cache_bytes_max = 128 << 10};
    struct world *world = world_new(&options);
    struct people_counts counts;
    visit_many(world, 150, 3);
    people_counts(world->people, &counts);
    assert_true(counts.evictions > 0);
    assert_true(counts.cached_bytes <= options.cache_bytes_max);
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    visit_many(world, 0, 0);
    assert_true(check_all(world) > 0);
    world_free(world);
}

static void profiles_written_back_are_believed_after_a_restart(void **state)
{
    struct world *world = *state;
    struct people_counts counts;
    visit_many(world, 20, 3);
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    world_reopen(world);
    struct person_view view = ask(world, ASKER_PUBLIC, "device-7", "");
    assert_int_equal(3, view.profile->event_count);
    people_counts(world->people, &counts);
    assert_int_equal(0, counts.folds);
    assert_int_equal(20, check_all(world));
}

static struct tell seen_by_a1(int64_t minutes_ago, const char *item)
{
    return (struct tell){.minutes_ago = minutes_ago,
                         .anonymous = "a1",
                         .act = ACT_VIEW_ITEM,
                         .item = item,
                         .grants = PERSONALISE};
}

static void a_stored_profile_takes_what_came_since_and_no_more(void **state)
{
    struct world *world = *state;
    struct people_counts counts;
    for (int i = 0; i < 5; i++)
        tell(world, seen_by_a1(50 - i, "early"));
    ask(world, ASKER_PUBLIC, "a1", "");
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    world_reopen(world);
    tell(world, seen_by_a1(8, "one"));
    tell(world, seen_by_a1(9, "two"));
    struct person_view view = ask(world, ASKER_PUBLIC, "a1", "");
    assert_true(saw(&view, "early") && saw(&view, "one") && saw(&view, "two"));
    assert_int_equal(7, view.profile->event_count);
    people_counts(world->people, &counts);
    assert_int_equal(0, counts.folds);
    assert_int_equal(1, counts.continued);
    assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    world_reopen(world);
    tell(world, seen_by_a1(48, "late")); /* before what the stored profile holds */
    view = ask(world, ASKER_PUBLIC, "a1", "");
    assert_int_equal(8, view.profile->event_count);
    people_counts(world->people, &counts);
    assert_int_equal(1, counts.folds);
    assert_int_equal(0, counts.continued);
    assert_int_equal(1, check_all(world));
}

/* A row for a few events would cost more than folding them again. */
static void only_a_long_history_is_stored_for_being_read(void **state)
{
    struct world *world = *state;
    struct people_counts counts;
    for (int i = 0; i < 20; i++)
        tell(world, (struct tell){.minutes_ago = 50 - i,
                                  .anonymous = i < 4 ? "brief" : "long",
                                  .act = ACT_VIEW_ITEM,
                                  .item = "i1",
                                  .grants = PERSONALISE});
    for (unsigned round = 0; round < 2; round++) {
        world_reopen(world);
        assert_int_equal(4, ask(world, ASKER_PUBLIC, "brief", "").profile->event_count);
        assert_int_equal(16, ask(world, ASKER_PUBLIC, "long", "").profile->event_count);
        people_counts(world->people, &counts);
        assert_int_equal(round == 0 ? 2 : 1, counts.folds);
        check_all(world);
        assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    }
    tell(world, (struct tell){.minutes_ago = 5,
                              .anonymous = "brief",
                              .act = ACT_VIEW_ITEM,
                              .item = "i2",
                              .grants = PERSONALISE});
    struct person_view view = ask(world, ASKER_PUBLIC, "brief", "");
    assert_true(saw(&view, "i2"));
    assert_int_equal(5, view.profile->event_count);
    assert_int_equal(2, check_all(world));
}

enum { DEVICES = 8, USERS = 3 };
static const char *const devices[DEVICES] = {"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"};
static const char *const users[USERS] = {"u0", "u1", "u2"};

/* Mostly in order, seldom a login or a change of mind. */
static void live_on(struct world *world, struct random_stream *stream, unsigned step)
{
    struct tell told = {.minutes_ago = 4000 - (int64_t)step,
                        .anonymous = devices[random_below(stream, DEVICES)],
                        .act = random_below(stream, 3) == 0 ? ACT_ORDER : ACT_VIEW_ITEM,
                        .item = users[random_below(stream, USERS)],
                        .grants = PERSONALISE};
    if (random_below(stream, 30) == 0)
        told.user = users[random_below(stream, USERS)];
    if (random_below(stream, 12) == 0)
        told.minutes_ago += (int64_t)random_below(stream, 400);
    if (random_below(stream, 50) == 0) {
        told.denies = PERSONALISE;
        told.grants = 0;
    }
    tell(world, told);
}

/* fold(checkpoint + tail) = fold(all), whatever comes between. */
static void a_fold_gone_on_with_equals_a_fold_of_all(void **state)
{
    enum { CYCLES = 24, STEPS = 20 };
    struct world *world = *state;
    struct random_stream stream = random_stream(11);
    struct people_counts counts;
    uint64_t continued = 0, folds = 0, checked = 0;
    for (unsigned cycle = 0; cycle < CYCLES; cycle++) {
        for (unsigned step = 0; step < STEPS; step++)
            live_on(world, &stream, cycle * STEPS + step);
        for (size_t i = 0; i < DEVICES; i++) {
            ask(world, ASKER_PUBLIC, devices[i], "");
            ask(world, ASKER_SECRET, devices[i], users[i % USERS]);
        }
        people_counts(world->people, &counts);
        continued += counts.continued;
        folds += counts.folds;
        checked += check_all(world);
        assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
        world_reopen(world);
        arena_reset(&world->arena);
    }
    assert_true(continued > CYCLES && folds > CYCLES && checked > (size_t)CYCLES * DEVICES);
}

static void a_long_history_is_folded_by_the_worker(void **state)
{
    enum { EVENTS = 60 };
    (void)state;
    struct people_options options = {.fold_events_at_once_max = EVENTS / 2};
    struct world *world = world_new(&options);
    struct tell tells[EVENTS];
    for (int i = 0; i < EVENTS; i++)
        tells[i] = (struct tell){.minutes_ago = EVENTS - i,
                                 .anonymous = "a1",
                                 .act = ACT_VIEW_ITEM,
                                 .item = "i1",
                                 .grants = PERSONALISE};
    tell_all(world, tells, EVENTS);
    struct person_view view = ask(world, ASKER_PUBLIC, "a1", "");
    assert_true(view.incomplete && !view.open);
    for (int tries = 0; tries < 500 && view.incomplete; tries++) {
        usleep(10000);
        view = ask(world, ASKER_PUBLIC, "a1", "");
    }
    assert_true(view.open);
    assert_int_equal(EVENTS, view.profile->event_count);
    world_free(world);
}

/* --- crash ------------------------------------------------------------------------------------ */

static void run_until_killed(struct world *world, unsigned cycle)
{
    for (unsigned i = 0;; i++) {
        char device[24], user[24], id[40];
        snprintf(device, sizeof device, "device-%u", i % 11);
        snprintf(user, sizeof user, "user-%u", i % 4);
        snprintf(id, sizeof id, "cycle-%u-%u", cycle, i);
        struct tell told = {.minutes_ago = 3000 - (int64_t)(i * 7 % 2900),
                            .anonymous = device,
                            .act = ACT_VIEW_ITEM,
                            .item = "i1",
                            .grants = PERSONALISE,
                            .message_id = id};
        if (i % 5 == 0)
            told.user = user;
        tell(world, told);
        if (i % 3 == 0)
            ask(world, ASKER_SECRET, device, user);
        if (i % 40 == 39)
            assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
        arena_reset(&world->arena);
    }
}

static void after_a_kill_profiles_equal_a_fold(void **state)
{
    struct world *world = *state;
    struct random_stream stream = random_stream(3);
    world_close(world);
    for (unsigned cycle = 0; cycle < 4; cycle++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            world_open(world);
            run_until_killed(world, cycle);
        }
        usleep((useconds_t)(300000 + random_below(&stream, 400000)));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        world_open(world);
        for (unsigned i = 0; i < 11; i++) {
            char device[24];
            snprintf(device, sizeof device, "device-%u", i);
            ask(world, ASKER_SECRET, device, "user-1");
        }
        check_all(world);
        world_close(world);
    }
    world_open(world);
}

/* --- threads ---------------------------------------------------------------------------------- */

struct reader {
    pthread_t thread;
    struct world *world;
    atomic_bool *stop;
    uint64_t seen[6];
    unsigned bad;
};

/* A view never goes back: what was seen once stays seen. */
static void *read_on(void *context)
{
    struct reader *reader = context;
    struct arena arena;
    arena_init(&arena);
    for (unsigned i = 0; !atomic_load(reader->stop); i++) {
        char device[24];
        snprintf(device, sizeof device, "device-%u", i % 6);
        struct asker asker = asker_of(reader->world, ASKER_PUBLIC, device, "");
        struct person_view view;
        if (people_view(reader->world->people, &asker, &arena, &view) != STATUS_OK ||
            view.profile->event_count < reader->seen[i % 6])
            reader->bad++;
        else
            reader->seen[i % 6] = view.profile->event_count;
        arena_reset(&arena);
    }
    arena_done(&arena);
    return NULL;
}

static void readers_and_the_writer_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct people_options options = {.cache_bytes_max = 96 << 10}; /* entries come and go */
    struct world *world = world_new(&options);
    atomic_bool stop = false;
    struct reader readers[3];
    for (size_t i = 0; i < 3; i++) {
        readers[i] = (struct reader){.world = world, .stop = &stop};
        pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
    }
    for (unsigned i = 0; i < 240; i++) {
        char device[24];
        snprintf(device, sizeof device, "device-%u", i % 6);
        tell(world, (struct tell){.minutes_ago = 300 - (int64_t)i,
                                  .anonymous = device,
                                  .act = ACT_VIEW_ITEM,
                                  .item = "i1",
                                  .grants = PERSONALISE});
        if (i % 60 == 59)
            assert_int_equal(STATUS_OK, ledger_checkpoint(world->ledger));
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(0, readers[i].bad);
    }
    for (unsigned i = 0; i < 6; i++) {
        char device[24];
        snprintf(device, sizeof device, "device-%u", i);
        struct person_view view = ask(world, ASKER_PUBLIC, device, "");
        assert_int_equal(40, view.profile->event_count);
    }
    check_all(world);
    world_free(world);
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_next_view_sees_an_acknowledged_event),
        WORLD_TEST(history_of_before_the_login_stays_with_the_person),
        WORLD_TEST(two_users_of_a_device_keep_their_own),
        WORLD_TEST(a_late_login_between_two_of_another_cuts_their_time_also_after_a_restart),
        WORLD_TEST(two_attackers_see_and_change_nothing),
        WORLD_TEST(without_consent_a_visitor_is_an_unknown_one),
        WORLD_TEST(consent_on_one_device_says_nothing_about_another),
        WORLD_TEST(an_objection_on_any_node_closes_all),
        WORLD_TEST(a_child_is_not_profiled_until_fifteen),
        WORLD_TEST(a_browser_without_consent_leaves_only_a_count),
        WORLD_TEST(a_message_counts_once_also_after_a_restart),
        WORLD_TEST(an_imported_event_counts_once_however_late_its_file_comes_again),
        WORLD_TEST(arrival_order_does_not_change_the_profile),
        WORLD_TEST(a_view_can_be_had_as_it_was_known),
        WORLD_TEST(the_calls_own_events_count_at_once),
        cmocka_unit_test(a_tiny_cache_gives_the_same_answers),
        WORLD_TEST(profiles_written_back_are_believed_after_a_restart),
        WORLD_TEST(a_stored_profile_takes_what_came_since_and_no_more),
        WORLD_TEST(only_a_long_history_is_stored_for_being_read),
        WORLD_TEST(a_fold_gone_on_with_equals_a_fold_of_all),
        cmocka_unit_test(a_long_history_is_folded_by_the_worker),
        WORLD_TEST(after_a_kill_profiles_equal_a_fold),
        cmocka_unit_test(readers_and_the_writer_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
