/* The fold: what each event does, and the invariants that hold for every history. */
#include "unit/test.h"

#include "unit/person/histories.h"

#include <math.h>

static const int64_t NOON = INT64_C(1772366400000); /* 2026-03-01T12:00:00Z */

struct fixture {
    struct arena arena;
    struct profile profile;
    uint64_t events;
};

static void begin(struct fixture *fixture)
{
    arena_init(&fixture->arena);
    profile_init(&fixture->profile);
    fixture->events = 0;
}

static void end(struct fixture *fixture)
{
    arena_done(&fixture->arena);
}

static struct event happens(enum act act, int64_t time_ms)
{
    return (struct event){.act = act, .order = {.time_ms = time_ms}, .revenue_minor = INT64_MIN};
}

static void fold(struct fixture *fixture, struct event event)
{
    event.order.source = (uint32_t)fixture->events;
    event.sequence = ++fixture->events;
    profile_fold(&fixture->profile, &event, FOLD_ALL, &fixture->arena);
}

static struct event_item item_of(const char *item, int64_t quantity, int64_t price_minor)
{
    return (struct event_item){
        .item = slice_of(item), .quantity = quantity, .price_minor = price_minor};
}

static void fold_items(struct fixture *fixture, struct event event, struct event_item *items,
                       size_t count)
{
    event.items = items;
    event.item_count = count;
    fold(fixture, event);
}

static void fold_item(struct fixture *fixture, enum act act, int64_t time_ms,
                      struct event_item item)
{
    fold_items(fixture, happens(act, time_ms), &item, 1);
}

static void packed(const struct profile *profile, struct buf *buf)
{
    buf_init(buf, PROFILE_BYTES_MAX);
    profile_pack(profile, buf);
    assert_false(buf->overflowed);
}

static void assert_same_profile(const struct profile *a, const struct profile *b)
{
    struct buf left, right;
    packed(a, &left);
    packed(b, &right);
    assert_int_equal(left.size, right.size);
    assert_memory_equal(left.data, right.data, left.size);
    buf_done(&left);
    buf_done(&right);
}

static void assert_text(struct slice got, const char *wanted)
{
    if (!slice_is(got, wanted))
        fail_msg("got \"%.*s\", wanted \"%s\"", SLICE_ARG(got), wanted);
}

/* --- what each event does --------------------------------------------------------------------- */

static void a_session_ends_after_thirty_minutes_of_silence(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    fold(&f, happens(ACT_PAGE, NOON));
    fold_item(&f, ACT_VIEW_ITEM, NOON + 1000, item_of("a", 1, -1));
    fold_item(&f, ACT_VIEW_ITEM, NOON + 2000, item_of("a", 1, -1));
    fold(&f, happens(ACT_PAGE, NOON + 2000 + SESSION_GAP_MS));
    assert_int_equal(f.profile.session_count, 1);
    assert_int_equal(f.profile.session_events, 4);
    assert_int_equal(f.profile.session_items, 1);
    fold(&f, happens(ACT_SEARCH, NOON + 2001 + INT64_C(2) * SESSION_GAP_MS));
    assert_int_equal(f.profile.session_count, 2);
    assert_int_equal(f.profile.session_events, 1);
    assert_int_equal(f.profile.session_items, 0);
    fold(&f, happens(ACT_REFUND, NOON + INT64_C(10) * SESSION_GAP_MS)); /* the merchant's doing */
    assert_int_equal(f.profile.session_count, 2);
    assert_true(f.profile.last_seen_ms == NOON + 2001 + INT64_C(2) * SESSION_GAP_MS);
    assert_true(f.profile.first_seen_ms == NOON);
    assert_int_equal(f.profile.search_count, 1);
    assert_int_equal(f.profile.view_count, 2);
    end(&f);
}

static void recents_hold_one_row_an_item_newest_first(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (int i = 0; i < 30; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "i%d", i);
        fold_item(&f, ACT_VIEW_ITEM, NOON + INT64_C(1000) * i, item_of(name, 1, -1));
    }
    fold_item(&f, ACT_VIEW_ITEM, NOON + 40000, item_of("i20", 1, -1));
    assert_int_equal(f.profile.recent_count, PROFILE_RECENT_MAX);
    assert_text(f.profile.recents[0].item, "i20");
    assert_int_equal(f.profile.recents[0].views, 2);
    assert_text(f.profile.recents[1].item, "i29");
    assert_text(f.profile.recents[PROFILE_RECENT_MAX - 1].item, "i10");
    end(&f);
}

static void the_basket_follows_what_is_added_removed_shown_and_ordered(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    fold_item(&f, ACT_ADD, NOON, item_of("a", 2, 1000));
    fold_item(&f, ACT_ADD, NOON + 1, item_of("b", 1, 500));
    fold_item(&f, ACT_ADD, NOON + 2, item_of("a", 1, 900));
    assert_int_equal(f.profile.basket_count, 2);
    assert_text(f.profile.basket[0].item, "a");
    assert_int_equal(f.profile.basket[0].quantity, 3);
    assert_int_equal(f.profile.basket[0].price_minor, 900);
    fold_item(&f, ACT_REMOVE, NOON + 3, item_of("a", 2, -1));
    assert_int_equal(f.profile.basket[0].quantity, 1);
    fold_item(&f, ACT_REMOVE, NOON + 4, item_of("a", 5, -1));
    assert_int_equal(f.profile.basket_count, 1);
    fold(&f, happens(ACT_VIEW_CART, NOON + 5)); /* names nothing: changes nothing */
    assert_int_equal(f.profile.basket_count, 1);
    fold_item(&f, ACT_VIEW_CART, NOON + 6, item_of("c", 4, 100)); /* names all there is */
    assert_int_equal(f.profile.basket_count, 1);
    assert_text(f.profile.basket[0].item, "c");
    fold_item(&f, ACT_ORDER, NOON + 7, item_of("c", 4, 100));
    assert_int_equal(f.profile.basket_count, 0);
    end(&f);
}

static struct event order_event(enum act act, int64_t time_ms, const char *order_id,
                                int64_t revenue_minor)
{
    struct event event = happens(act, time_ms);
    event.order_id = slice_of(order_id);
    event.currency = SLICE("EUR");
    event.revenue_minor = revenue_minor;
    return event;
}

static void orders_count_once_an_id_and_refunds_subtract(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct event_item two[] = {item_of("a", 2, 1000), item_of("b", 1, 500)};
    fold_items(&f, order_event(ACT_ORDER, NOON, "o1", 2500), two, 2);
    fold_items(&f, order_event(ACT_ORDER, NOON + 5, "o1", 2500), two, 2); /* told twice */
    fold_items(&f, order_event(ACT_ORDER, NOON + 10, "o2", 700), &two[1], 1);
    const struct profile *p = &f.profile;
    assert_int_equal(p->order_count, 2);
    assert_int_equal(p->money[0].spent_minor, 3200);
    assert_int_equal(p->money[0].last_minor, 700);
    assert_true(p->first_order_ms == NOON && p->last_order_ms == NOON + 10);
    assert_text(p->last_order_id, "o2");
    assert_int_equal(p->bought_count, 2);
    assert_text(p->bought[0].item, "b");
    assert_int_equal(p->bought[0].quantity, 2);

    struct event_item one = item_of("a", 1, 1000);
    fold_items(&f, order_event(ACT_REFUND, NOON + 20, "o1", 1000), &one, 1); /* a part */
    assert_int_equal(p->money[0].refunded_minor, 1000);
    assert_int_equal(p->bought[1].quantity, 1);
    fold(&f, order_event(ACT_REFUND, NOON + 30, "o1", INT64_MIN)); /* the rest of it */
    assert_int_equal(p->money[0].refunded_minor, 2500);
    assert_int_equal(p->bought_count, 1);
    fold(&f, order_event(ACT_CANCEL, NOON + 40, "o1", INT64_MIN)); /* nothing is left of it */
    assert_int_equal(p->money[0].refunded_minor, 2500);
    fold(&f, order_event(ACT_CANCEL, NOON + 50, "o2", 999));
    assert_int_equal(p->money[0].refunded_minor, 3200);
    assert_int_equal(p->order_count, 2);
    assert_int_equal(p->refund_count, 4);
    /* b was bought twice; its last purchase, o2, came back, and of o1 only the last purchase's
     * units were known */
    assert_int_equal(p->bought[0].quantity, 1);
    end(&f);
}

static void a_refund_under_its_own_number_gives_back_what_it_names(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct event_item item = item_of("a", 6, 255);
    fold_items(&f, order_event(ACT_ORDER, NOON, "536365", 1530), &item, 1);
    item.quantity = 2;
    fold_items(&f, order_event(ACT_REFUND, NOON + 1, "C536379", 510), &item, 1);
    assert_int_equal(f.profile.money[0].refunded_minor, 510);
    assert_int_equal(f.profile.bought[0].quantity, 4);
    item.quantity = 4;
    fold_items(&f, order_event(ACT_REFUND, NOON + 2, "C536380", 1020), &item, 1);
    assert_int_equal(f.profile.bought_count, 0);
    end(&f);
}

/* The first row of a system: declared, or kept most. */
static struct slice size_in(const struct profile *profile, const char *system)
{
    for (size_t i = 0; i < profile->size_count; i++)
        if (slice_is(profile->sizes[i].system, system))
            return profile->sizes[i].size;
    return SLICE_NONE;
}

static void sizes_come_from_what_was_kept_and_a_declared_one_wins(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct attribute s38[] = {{SLICE("size_system"), SLICE("shoe-eu")},
                                    {SLICE("size"), SLICE("38")}};
    const struct attribute s39[] = {{SLICE("size_system"), SLICE("shoe-eu")},
                                    {SLICE("size"), SLICE("39")}};
    struct event_item shoe = item_of("shoe", 1, 9000), boot = item_of("boot", 2, 9000);
    shoe.attributes = s38;
    boot.attributes = s39;
    shoe.attribute_count = boot.attribute_count = 2;
    fold_items(&f, order_event(ACT_ORDER, NOON, "o1", 9000), &shoe, 1);
    fold_items(&f, order_event(ACT_ORDER, NOON + 1, "o2", 18000), &boot, 1);
    assert_text(size_in(&f.profile, "shoe-eu"), "39");
    fold(&f, order_event(ACT_REFUND, NOON + 2, "o2", INT64_MIN)); /* too large: sent back */
    assert_text(size_in(&f.profile, "shoe-eu"), "38");
    struct event_trait trait = {SLICE("size.shoe-eu"), SLICE("40")};
    struct event says = happens(ACT_IDENTIFY, NOON + 3);
    says.type = EVENT_IDENTIFY;
    says.traits = &trait;
    says.trait_count = 1;
    fold(&f, says);
    assert_text(size_in(&f.profile, "shoe-eu"), "40");
    assert_int_equal(f.profile.trait_count, 0);
    trait.value = SLICE_NONE; /* and takes it back */
    says.order.time_ms++;
    fold(&f, says);
    assert_text(size_in(&f.profile, "shoe-eu"), "38");
    assert_text(size_in(&f.profile, "shirt"), "");
    end(&f);
}

static void traits_keep_the_newest_word_its_source_and_its_time(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct event_trait traits[] = {{SLICE("firstName"), SLICE("Ada")},
                                   {SLICE("email"), SLICE("ada@example.org")},
                                   {SLICE("address.city"), SLICE("Lyon")},
                                   {SLICE("plan"), SLICE("gold")}};
    struct event says = happens(ACT_IDENTIFY, NOON);
    says.type = EVENT_IDENTIFY;
    says.flags = EVENT_IMPORTED;
    says.traits = traits;
    says.trait_count = 4;
    fold(&f, says);
    assert_int_equal(f.profile.trait_count, 2); /* identifiers and places stand elsewhere */
    assert_int_equal(f.profile.traits[0].source, TRAIT_IMPORTED);
    assert_int_equal(f.profile.session_count, 0);
    traits[0].value = SLICE("Augusta");
    says.flags = 0;
    says.trait_count = 1;
    says.order.time_ms = NOON + 1;
    fold(&f, says);
    assert_text(f.profile.traits[0].value, "Augusta");
    assert_int_equal(f.profile.traits[0].source, TRAIT_DECLARED);
    assert_true(f.profile.traits[0].time_ms == NOON + 1);
    traits[0].value = SLICE_NONE;
    says.order.time_ms = NOON + 2;
    fold(&f, says);
    assert_int_equal(f.profile.trait_count, 1);
    assert_text(f.profile.traits[0].name, "plan");
    end(&f);
}

static void the_best_source_of_a_place_wins_then_the_newest(void **state)
{
    (void)state;
    static const struct {
        uint8_t source;
        const char *country, *wanted;
    } cases[] = {
        {PLACE_TIMEZONE, "BE", "BE"}, {PLACE_IP, "DE", "DE"},       {PLACE_TIMEZONE, "BE", "DE"},
        {PLACE_IP, "IT", "IT"},       {PLACE_DECLARED, "FR", "FR"}, {PLACE_HEADER, "ES", "FR"},
        {PLACE_NONE, "", "FR"},       {PLACE_DECLARED, "CH", "CH"},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event event = happens(ACT_PAGE, NOON + (int64_t)i);
        event.place_source = cases[i].source;
        event.country = slice_of(cases[i].country);
        fold(&f, event);
        assert_text(f.profile.place.country, cases[i].wanted);
    }
    end(&f);
}

static void robots_are_counted_and_teach_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct event_item item = item_of("a", 1, 100);
    struct event event = happens(ACT_VIEW_ITEM, NOON);
    event.flags = EVENT_ROBOT;
    fold_items(&f, event, &item, 1);
    assert_int_equal(f.profile.event_count, 1);
    assert_int_equal(f.profile.robot_count, 1);
    assert_int_equal(f.profile.recent_count, 0);
    assert_int_equal(f.profile.session_count, 0);
    assert_true(f.profile.robot);
    event.flags = 0;
    for (int i = 1; i < 3; i++) {
        event.order.time_ms = NOON + i;
        fold_items(&f, event, &item, 1);
    }
    assert_false(f.profile.robot);
    end(&f);
}

static void a_person_with_too_many_events_is_marked_and_no_longer_folded(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.profile.event_count = PERSON_EVENTS_MAX;
    fold_item(&f, ACT_VIEW_ITEM, NOON, item_of("a", 1, 100));
    assert_true(f.profile.robot);
    assert_int_equal(f.profile.recent_count, 0);
    end(&f);
}

static void who_does_more_than_people_do_is_marked_for_good(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const int64_t hour = NOON / MS_PER_HOUR * MS_PER_HOUR;
    for (int i = 0; i < PERSON_HOUR_EVENTS_MAX; i++)
        fold_item(&f, ACT_VIEW_ITEM, hour + i, item_of("a", 1, 100));
    assert_false(f.profile.robot);
    fold_item(&f, ACT_VIEW_ITEM, hour + MS_PER_HOUR, item_of("b", 1, 100)); /* the next hour */
    assert_false(f.profile.robot);
    for (int i = 1; i <= PERSON_HOUR_EVENTS_MAX; i++)
        fold_item(&f, ACT_VIEW_ITEM, hour + MS_PER_HOUR + i, item_of("c", 1, 100));
    assert_true(f.profile.robot && f.profile.tireless);
    fold_item(&f, ACT_VIEW_ITEM, hour + 40 * (int64_t)MS_PER_HOUR, item_of("d", 1, 100));
    assert_true(f.profile.robot);
    assert_int_equal(f.profile.recent_count, 3);
    end(&f);
}

static void affinities_halve_in_thirty_days_and_fade_away(void **state)
{
    (void)state;
    const int64_t half_life = (int64_t)AFFINITY_HALF_LIFE_DAYS * MS_PER_DAY;
    const struct attribute attributes[] = {{SLICE("brand"), SLICE("Veja")},
                                           {SLICE("url"), SLICE("https://shop.example/a")},
                                           {SLICE("brand"), SLICE("Veja")}};
    struct fixture f;
    begin(&f);
    struct event_item item = item_of("a", 3, 100);
    item.attributes = attributes;
    item.attribute_count = 3;
    fold_item(&f, ACT_ORDER, NOON, item);
    assert_int_equal(f.profile.affinity_count, 1);
    const struct profile_affinity *row = &f.profile.affinities[0];
    assert_true(row->weight == 5);
    for (int n = 0; n < 60; n++) {
        int64_t now = NOON + n * half_life / 7;
        double exact = 5 * exp2(-(double)(now - NOON) / (double)half_life);
        double got = profile_affinity_at(row, now);
        assert_true(fabs(got - exact) <= exact * 0.003); /* a step of the grid is 0.27 % */
    }
    fold_item(&f, ACT_VIEW_ITEM, NOON + half_life, item);
    assert_true(fabs(f.profile.affinities[0].weight - 3.5) < 1e-6);
    fold_item(&f, ACT_REMOVE, NOON + half_life, item);
    assert_true(fabs(f.profile.affinities[0].weight - 1.5) < 1e-6);
    fold_item(&f, ACT_REMOVE, NOON + half_life + 1, item);
    assert_int_equal(f.profile.affinity_count, 0); /* below nothing is nothing */
    fold_item(&f, ACT_VIEW_ITEM, NOON + half_life + 2, item);
    struct event_item other = item_of("b", 1, 100);
    other.attributes = (struct attribute[]){{SLICE("brand"), SLICE("Aigle")}};
    other.attribute_count = 1;
    fold_item(&f, ACT_VIEW_ITEM, NOON + 9 * half_life, other);
    assert_int_equal(f.profile.affinity_count, 1);
    assert_text(f.profile.affinities[0].value, "Aigle");
    end(&f);
}

static void the_weakest_affinity_leaves_when_all_rows_are_taken(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (int i = 0; i < 60; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "v%02d", i);
        const struct attribute attribute = {SLICE("brand"), slice_of(value)};
        struct event_item item = item_of("a", 1, -1);
        item.attributes = &attribute;
        item.attribute_count = 1;
        fold_item(&f, i == 0 ? ACT_ADD : ACT_VIEW_ITEM, NOON + i, item);
    }
    assert_int_equal(f.profile.affinity_count, PROFILE_AFFINITIES_MAX);
    assert_text(f.profile.affinities[0].value, "v00");
    assert_text(f.profile.affinities[39].value, "v39"); /* equal weights: greater names leave */
    end(&f);
}

static void orders_and_basket_alone_say_nothing_of_behaviour(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct event_item item = item_of("a", 1, 100);
    const struct attribute brand = {SLICE("brand"), SLICE("Veja")};
    item.attributes = &brand;
    item.attribute_count = 1;
    static const enum act acts[] = {ACT_VIEW_ITEM, ACT_SEARCH, ACT_ADD, ACT_ORDER, ACT_ADD};
    for (size_t i = 0; i < 5; i++) {
        struct event event = order_event(acts[i], NOON + (int64_t)i, "o1", 100);
        event.items = &item;
        event.item_count = 1;
        profile_fold(&f.profile, &event, FOLD_ORDERS_AND_BASKET, &f.arena);
    }
    assert_int_equal(f.profile.order_count, 1);
    assert_int_equal(f.profile.basket_count, 1);
    assert_int_equal(f.profile.bought_count, 1);
    assert_int_equal(f.profile.event_count, 0);
    assert_int_equal(f.profile.recent_count, 0);
    assert_int_equal(f.profile.affinity_count, 0);
    assert_int_equal(f.profile.session_count, 0);
    end(&f);
}

static void the_level_rises_with_what_is_known(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const char *missing_fr, *missing_en;
    assert_int_equal(profile_level(&f.profile, NOON, &missing_fr, &missing_en), 1);
    assert_true(strlen(missing_fr) > 5 && strlen(missing_en) > 5);
    struct identifier known = {IDENTIFIER_USER_ID, SLICE("user_id"), SLICE("1"), true};
    struct event_trait traits[] = {{SLICE("firstName"), SLICE("Ada")},
                                   {SLICE("plan"), SLICE("gold")},
                                   {SLICE("size"), SLICE("38")}};
    struct event says = happens(ACT_IDENTIFY, NOON);
    says.type = EVENT_IDENTIFY;
    says.identifiers = &known;
    says.identifier_count = 1;
    says.traits = traits;
    says.trait_count = 3;
    fold(&f, says);
    assert_int_equal(profile_level(&f.profile, NOON, NULL, NULL), 2);
    const struct attribute brand = {SLICE("brand"), SLICE("Veja")};
    struct event_item item = item_of("a", 1, 100);
    item.attributes = &brand;
    item.attribute_count = 1;
    fold_item(&f, ACT_VIEW_ITEM, NOON + 1, item);
    assert_int_equal(profile_level(&f.profile, NOON, NULL, NULL), 3);
    fold_items(&f, order_event(ACT_ORDER, NOON + 2, "o1", 100), &item, 1);
    assert_int_equal(profile_level(&f.profile, NOON + 3, &missing_fr, &missing_en), 4);
    assert_int_equal(strlen(missing_fr), 0);
    assert_int_equal(profile_level(&f.profile, NOON + 100 * (int64_t)MS_PER_DAY, &missing_fr, NULL),
                     3);
    end(&f);
}

/* --- what holds for every history ------------------------------------------------------------- */

enum { HISTORIES = 60, HISTORY_EVENTS = 120 };

static void fold_all(struct profile *profile, const struct event *events, size_t count,
                     struct arena *arena)
{
    profile_init(profile);
    for (size_t i = 0; i < count; i++)
        profile_fold(profile, &events[i], i % 7 == 3 ? FOLD_ORDERS_AND_BASKET : FOLD_ALL, arena);
}

static void any_arrival_order_gives_the_same_bytes(void **state)
{
    (void)state;
    struct arena arena;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        arena_init(&arena);
        struct event *events = history_make(seed, HISTORY_EVENTS, &arena);
        history_sort(events, HISTORY_EVENTS);
        struct profile in_order, shuffled;
        fold_all(&in_order, events, HISTORY_EVENTS, &arena);
        struct random_stream stream = random_stream(seed * 77);
        for (size_t i = HISTORY_EVENTS - 1; i > 0; i--) {
            size_t j = (size_t)random_below(&stream, i + 1);
            struct event kept = events[i];
            events[i] = events[j];
            events[j] = kept;
        }
        history_sort(events, HISTORY_EVENTS);
        fold_all(&shuffled, events, HISTORY_EVENTS, &arena);
        assert_same_profile(&in_order, &shuffled);
        arena_done(&arena);
    }
}

static void a_checkpoint_and_its_tail_equal_the_whole_at_every_prefix(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 100 + HISTORIES; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct event *events = history_make(seed, HISTORY_EVENTS, &arena);
        history_sort(events, HISTORY_EVENTS);
        struct profile whole, hopping;
        profile_init(&whole);
        profile_init(&hopping);
        for (size_t i = 0; i < HISTORY_EVENTS; i++) {
            profile_fold(&whole, &events[i], FOLD_ALL, &arena);
            profile_fold(&hopping, &events[i], FOLD_ALL, &arena);
            struct buf buf;
            packed(&hopping, &buf);
            struct slice bytes = arena_copy(&arena, buf_slice(&buf));
            assert_int_equal(profile_unpack(bytes, &hopping), STATUS_OK);
            buf_done(&buf);
            assert_same_profile(&whole, &hopping);
        }
        arena_done(&arena);
    }
}

static void events_that_went_through_a_record_fold_the_same(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct event *events = history_make(7, HISTORY_EVENTS, &arena);
    history_sort(events, HISTORY_EVENTS);
    struct profile plain, stored;
    profile_init(&plain);
    profile_init(&stored);
    for (size_t i = 0; i < HISTORY_EVENTS; i++) {
        struct buf buf;
        buf_init(&buf, EVENT_RECORD_BYTES_MAX);
        event_pack(&events[i], &buf);
        struct event back;
        struct slice record = arena_copy(&arena, buf_slice(&buf));
        assert_int_equal(event_unpack(record, &arena, &back), STATUS_OK);
        buf_done(&buf);
        profile_fold(&plain, &events[i], FOLD_ALL, &arena);
        profile_fold(&stored, &back, FOLD_ALL, &arena);
    }
    assert_same_profile(&plain, &stored);
    arena_done(&arena);
}

/* Text of any bytes and any length up to most, as a hostile shop would send it. */
static struct slice naughty(struct random_stream *stream, struct arena *arena, size_t most)
{
    size_t size = 1 + (size_t)random_below(stream, most);
    char *text = arena_alloc(arena, size);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)random_below(stream, 256);
    return slice_make(text, size);
}

static struct event naughty_event(struct random_stream *stream, struct arena *arena,
                                  int64_t time_ms)
{
    struct event event = happens((enum act)random_below(stream, ACT_COUNT), time_ms);
    event.order.message.bytes[0] = (uint8_t)random_below(stream, 256);
    event.type = (enum event_type)random_below(stream, EVENT_TYPE_COUNT);
    event.trait_count = (size_t)random_below(stream, 8);
    event.traits = ARENA_ARRAY(arena, event.trait_count, struct event_trait);
    for (size_t i = 0; i < event.trait_count; i++) {
        event.traits[i].name = naughty(stream, arena, 70);
        if (random_below(stream, 4) == 0)
            event.traits[i].name =
                arena_format(arena, "size.%llu", (unsigned long long)random_below(stream, 9));
        event.traits[i].value = naughty(stream, arena, 140);
    }
    event.item_count = (size_t)random_below(stream, 6);
    event.items = ARENA_ARRAY(arena, event.item_count, struct event_item);
    for (size_t i = 0; i < event.item_count; i++) {
        struct attribute *attributes = ARENA_ARRAY(arena, 4, struct attribute);
        for (size_t j = 0; j < 4; j++)
            attributes[j] = (struct attribute){random_below(stream, 3) ? naughty(stream, arena, 34)
                                                                       : SLICE("size"),
                                               naughty(stream, arena, 66)};
        event.items[i] = (struct event_item){.item = naughty(stream, arena, 66),
                                             .variant = naughty(stream, arena, 66),
                                             .quantity = 1 + (int64_t)random_below(stream, 1 << 30),
                                             .price_minor = (int64_t)random_next(stream) >> 1,
                                             .attributes = attributes,
                                             .attribute_count = 4};
    }
    event.order_id = naughty(stream, arena, 66);
    event.currency = naughty(stream, arena, 66);
    event.revenue_minor = (int64_t)random_next(stream);
    event.locale = naughty(stream, arena, 66);
    event.city = naughty(stream, arena, 66);
    event.country = naughty(stream, arena, 66);
    event.region = naughty(stream, arena, 66);
    event.postcode = naughty(stream, arena, 66);
    event.place_source = (uint8_t)random_below(stream, 256);
    event.sequence = random_next(stream);
    return event;
}

static void no_history_packs_into_more_than_the_ceiling(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random_stream stream = random_stream(seed);
        struct arena arena;
        arena_init(&arena);
        struct profile profile, back;
        profile_init(&profile);
        int64_t time_ms = -NOON;
        size_t largest = 0;
        for (int i = 0; i < 250; i++) {
            time_ms += 1 + (int64_t)random_below(&stream, (uint64_t)1 << random_below(&stream, 34));
            struct event event = naughty_event(&stream, &arena, time_ms);
            profile_fold(&profile, &event, FOLD_ALL, &arena);
            struct buf buf;
            packed(&profile, &buf); /* asserts the ceiling */
            if (buf.size > largest)
                largest = buf.size;
            struct slice bytes = arena_copy(&arena, buf_slice(&buf));
            assert_int_equal(profile_unpack(bytes, &back), STATUS_OK);
            buf_done(&buf);
            assert_same_profile(&profile, &back);
        }
        assert_true(largest > PROFILE_BYTES_MAX / 2); /* the test did come near it */
        arena_done(&arena);
    }
}

static int compare_sizes(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

static void a_realistic_shopper_packs_into_less_than_700_bytes(void **state)
{
    (void)state;
    enum { SHOPPERS = 301 };
    size_t sizes[SHOPPERS];
    struct random_stream stream = random_stream(2026);
    for (size_t i = 0; i < SHOPPERS; i++) {
        struct arena arena;
        arena_init(&arena);
        /* most come a few times, some often: 4 to 250 events, half of them below 40 */
        uint64_t reach = 6 + random_below(&stream, 6) * random_below(&stream, 6) * 10;
        size_t count = 4 + (size_t)random_below(&stream, reach);
        struct event *events = history_make(i, count, &arena);
        history_sort(events, count);
        struct profile profile;
        fold_all(&profile, events, count, &arena);
        struct buf buf;
        packed(&profile, &buf);
        sizes[i] = buf.size;
        buf_done(&buf);
        arena_done(&arena);
    }
    qsort(sizes, SHOPPERS, sizeof *sizes, compare_sizes);
    print_message("packed bytes: median %zu, 90 %% within %zu, largest %zu\n", sizes[SHOPPERS / 2],
                  sizes[SHOPPERS * 9 / 10], sizes[SHOPPERS - 1]);
    assert_true(sizes[SHOPPERS / 2] < 700);
}

static void refuses_damaged_bytes_and_other_plans(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct event *events = history_make(3, HISTORY_EVENTS, &arena);
    history_sort(events, HISTORY_EVENTS);
    struct profile profile, back;
    fold_all(&profile, events, HISTORY_EVENTS, &arena);
    struct buf buf;
    packed(&profile, &buf);
    for (size_t size = 0; size < buf.size; size++)
        assert_int_equal(profile_unpack(slice_make(buf.data, size), &back), STATUS_CORRUPT);
    for (size_t i = 0; i < buf.size; i++) {
        char kept = buf.data[i];
        buf.data[i] = (char)(kept ^ 0x55);
        enum status status = profile_unpack(buf_slice(&buf), &back);
        assert_true(status == STATUS_OK || status == STATUS_CORRUPT || status == STATUS_CONFLICT);
        buf.data[i] = kept;
    }
    buf.data[0] = FOLD_PLAN_VERSION + 1;
    assert_int_equal(profile_unpack(buf_slice(&buf), &back), STATUS_CONFLICT);
    buf_done(&buf);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_ends_after_thirty_minutes_of_silence),
        cmocka_unit_test(recents_hold_one_row_an_item_newest_first),
        cmocka_unit_test(the_basket_follows_what_is_added_removed_shown_and_ordered),
        cmocka_unit_test(orders_count_once_an_id_and_refunds_subtract),
        cmocka_unit_test(a_refund_under_its_own_number_gives_back_what_it_names),
        cmocka_unit_test(sizes_come_from_what_was_kept_and_a_declared_one_wins),
        cmocka_unit_test(traits_keep_the_newest_word_its_source_and_its_time),
        cmocka_unit_test(the_best_source_of_a_place_wins_then_the_newest),
        cmocka_unit_test(robots_are_counted_and_teach_nothing),
        cmocka_unit_test(a_person_with_too_many_events_is_marked_and_no_longer_folded),
        cmocka_unit_test(who_does_more_than_people_do_is_marked_for_good),
        cmocka_unit_test(affinities_halve_in_thirty_days_and_fade_away),
        cmocka_unit_test(the_weakest_affinity_leaves_when_all_rows_are_taken),
        cmocka_unit_test(orders_and_basket_alone_say_nothing_of_behaviour),
        cmocka_unit_test(the_level_rises_with_what_is_known),
        cmocka_unit_test(any_arrival_order_gives_the_same_bytes),
        cmocka_unit_test(a_checkpoint_and_its_tail_equal_the_whole_at_every_prefix),
        cmocka_unit_test(events_that_went_through_a_record_fold_the_same),
        cmocka_unit_test(no_history_packs_into_more_than_the_ceiling),
        cmocka_unit_test(a_realistic_shopper_packs_into_less_than_700_bytes),
        cmocka_unit_test(refuses_damaged_bytes_and_other_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
