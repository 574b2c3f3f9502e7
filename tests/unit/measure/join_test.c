/* Outcomes joined to exposures: once each, late ones too, the same wherever the fold was cut. */
#include "test.h"

#include "base/arena.h"
#include "base/random.h"
#include "measure/join.h"

#include <math.h>

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
static const int64_t start_ms = 1790000000000;

static struct uuid node(uint64_t number)
{
    struct uuid uuid = {{0x01, 0x90}};
    for (size_t i = 0; i < 8; i++)
        uuid.bytes[15 - i] = (uint8_t)(number >> (8 * i));
    return uuid;
}

static const struct objective purchase = {.kind = OBJECTIVE_PURCHASE,
                                          .horizon_days = 7,
                                          .cap = 0.99,
                                          .minimum_effect = 0.05,
                                          .holdout_share = 0.1};

static void expose(struct join *join, uint64_t who, int64_t time_ms)
{
    join_expose(join, &(struct exposure){.placement = SLICE("home"),
                                         .objective = &purchase,
                                         .policy = 1,
                                         .person = node(who),
                                         .arm = who % 10 ? ARM_CHOSEN : ARM_HOLDOUT,
                                         .time_ms = time_ms});
}

static void order(struct join *join, uint64_t who, uint64_t key, int64_t time_ms)
{
    struct join_person theirs = {node(who), INT64_MIN, INT64_MAX};
    join_outcome(join, &(struct outcome_seen){.time_ms = time_ms,
                                              .key = key,
                                              .order = true,
                                              .revenue = 1000,
                                              .margin = 300,
                                              .currency = SLICE("EUR"),
                                              .people = &theirs,
                                              .people_count = 1});
}

static const struct joined_person *row_of(const struct join *join, uint64_t who)
{
    static struct joined joined;
    assert_true(join_get(join, SLICE("home"), &joined));
    for (size_t i = 0; i < joined.people_count; i++)
        if (uuid_equal(joined.people[i].person, node(who)))
            return &joined.people[i];
    return NULL;
}

static void counts_an_order_of_the_horizon_once(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        double value;
    } cases[] = {{-1, 0}, {0, 1000}, {DAY, 1000}, {7 * DAY - 1, 1000}, {7 * DAY, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct join *join = join_new(NULL);
        expose(join, 1, start_ms);
        expose(join, 1, start_ms + 3 * DAY); /* the window is the first exposure's */
        order(join, 1, 42, start_ms + cases[i].after_ms);
        order(join, 1, 42, start_ms + cases[i].after_ms); /* the same order by another message */
        order(join, 2, 43, start_ms + DAY);               /* never exposed */
        assert_true(row_of(join, 1)->value == cases[i].value);
        assert_int_equal(row_of(join, 1)->decisions[0], 2);
        assert_null(row_of(join, 2));
        join_free(join);
    }
}

static void takes_back_what_was_returned(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    expose(join, 1, start_ms);
    order(join, 1, 42, start_ms + HOUR);
    order(join, 1, 43, start_ms + HOUR);
    join_refund(join, 42, 400);
    assert_true(row_of(join, 1)->value == 1600);
    join_refund(join, 42, 5000); /* never more than was paid */
    assert_true(row_of(join, 1)->value == 1000);
    join_refund(join, 43, NAN);
    join_refund(join, 44, 10); /* of an order that did not count */
    assert_true(row_of(join, 1)->value == 0);
    assert_int_equal(row_of(join, 1)->outcomes, 2);
    join_free(join);
}

static void a_part_returned_takes_back_its_part_of_the_margin(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct objective margin = purchase;
    margin.kind = OBJECTIVE_MARGIN;
    join_expose(join, &(struct exposure){.placement = SLICE("home"),
                                         .objective = &margin,
                                         .policy = 1,
                                         .person = node(1),
                                         .arm = ARM_CHOSEN,
                                         .time_ms = start_ms});
    order(join, 1, 42, start_ms + HOUR);
    assert_true(row_of(join, 1)->value == 300);
    join_refund(join, 42, 500); /* half of the 1000 that it cost */
    assert_true(row_of(join, 1)->value == 150);
    join_refund(join, 42, NAN);
    assert_true(row_of(join, 1)->value == 0);
    join_free(join);
}

static void attributes_what_follows_a_click(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct join_mark click = {SLICE("home"), node(1), 7, false, start_ms + 2 * HOUR};
    expose(join, 1, start_ms);
    order(join, 1, 41, start_ms + HOUR);
    join_click(join, &click);
    join_click(join, &click);
    order(join, 1, 42, start_ms + 3 * HOUR);
    const struct joined_person *row = row_of(join, 1);
    assert_int_equal(row->clicks[0], 1);
    assert_int_equal(row->outcomes, 2);
    assert_int_equal(row->attributed_outcomes, 1);
    assert_true(row->value == 2000 && row->attributed == 1000);
    join_free(join);
}

/* A device before it was known whose it is, and the person it turned out to be. */
static void gives_an_outcome_to_one_row_of_a_person(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    expose(join, 5, start_ms + HOUR);
    expose(join, 6, start_ms);
    struct join_person theirs[] = {{node(5), INT64_MIN, INT64_MAX},
                                   {node(6), INT64_MIN, start_ms}, /* theirs only until then */
                                   {node(7), INT64_MIN, INT64_MAX}};
    struct outcome_seen bought = {.time_ms = start_ms + DAY,
                                  .key = 1,
                                  .order = true,
                                  .revenue = 500,
                                  .currency = SLICE("EUR"),
                                  .people = theirs,
                                  .people_count = 3};
    join_outcome(join, &bought);
    assert_true(row_of(join, 5)->value == 500 && row_of(join, 6)->value == 0);
    theirs[1].to_ms = INT64_MAX;
    bought.key = 2;
    join_outcome(join, &bought);
    assert_true(row_of(join, 5)->value == 500 && row_of(join, 6)->value == 500);
    join_free(join);
}

/* Whatever the order in which the devices are named. */
static void of_two_exposed_at_one_instant_the_smaller_name_has_the_outcome(void **state)
{
    (void)state;
    for (uint64_t first = 5; first <= 6; first++) {
        struct join *join = join_new(NULL);
        expose(join, 5, start_ms);
        expose(join, 6, start_ms);
        struct join_person theirs[] = {{node(first), INT64_MIN, INT64_MAX},
                                       {node(11 - first), INT64_MIN, INT64_MAX}};
        join_outcome(join, &(struct outcome_seen){.time_ms = start_ms + HOUR,
                                                  .key = 1,
                                                  .order = true,
                                                  .revenue = 500,
                                                  .currency = SLICE("EUR"),
                                                  .people = theirs,
                                                  .people_count = 2});
        assert_true(row_of(join, 5)->value == 500 && row_of(join, 6)->value == 0);
        join_free(join);
    }
}

static void keeps_to_one_currency(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct join_person theirs = {node(1), INT64_MIN, INT64_MAX};
    struct outcome_seen bought = {.time_ms = start_ms + 1,
                                  .key = 1,
                                  .order = true,
                                  .revenue = 500,
                                  .currency = SLICE("CHF"),
                                  .people = &theirs,
                                  .people_count = 1};
    expose(join, 1, start_ms);
    join_outcome(join, &bought);
    order(join, 1, 2, start_ms + 1);
    struct joined joined;
    assert_true(join_get(join, SLICE("home"), &joined));
    assert_true(slice_is(joined.currency, "CHF"));
    assert_int_equal(joined.other_currency, 1);
    assert_true(row_of(join, 1)->value == 500);
    join_free(join);
}

static void asks_for_each_kind_of_outcome(void **state)
{
    (void)state;
    static const struct {
        enum objective_kind kind;
        double value;
        bool order, lead;
        const char *name;
        double counted;
    } cases[] = {
        {OBJECTIVE_PURCHASE, 0, true, false, "Order Completed", 1000},
        {OBJECTIVE_PURCHASE, 1, true, false, "Order Completed", 1},
        {OBJECTIVE_MARGIN, 0, true, false, "Order Completed", 300},
        {OBJECTIVE_LEAD, 2, false, true, "Signed Up", 2},
        {OBJECTIVE_LEAD, 2, true, false, "Order Completed", 0},
        {OBJECTIVE_EVENT, 3, false, false, "quote asked", 3},
        {OBJECTIVE_EVENT, 3, true, true, "Signed Up", 0},
        {OBJECTIVE_CLICK, 1, true, false, "Order Completed", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct join *join = join_new(NULL);
        struct objective objective = purchase;
        objective.kind = cases[i].kind;
        objective.value = cases[i].value;
        objective.event = SLICE("Quote Asked");
        join_expose(join, &(struct exposure){.placement = SLICE("home"),
                                             .objective = &objective,
                                             .person = node(1),
                                             .arm = ARM_CHOSEN,
                                             .time_ms = start_ms});
        struct join_person theirs = {node(1), INT64_MIN, INT64_MAX};
        struct outcome_seen outcome = {.time_ms = start_ms + 1,
                                       .key = 1,
                                       .name = slice_of(cases[i].name),
                                       .order = cases[i].order,
                                       .lead = cases[i].lead,
                                       .revenue = 1000,
                                       .margin = 300,
                                       .currency = SLICE("EUR"),
                                       .people = &theirs,
                                       .people_count = 1};
        assert_int_equal(join_wants(join, &outcome), cases[i].counted > 0);
        join_outcome(join, &outcome);
        assert_true(row_of(join, 1)->value == cases[i].counted);
        join_free(join);
    }
}

static void begins_anew_when_what_is_measured_changes(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct objective longer = purchase;
    longer.horizon_days = 14;
    expose(join, 1, start_ms);
    struct exposure later = {.placement = SLICE("home"),
                             .objective = &longer,
                             .policy = 2,
                             .person = node(2),
                             .arm = ARM_CHOSEN,
                             .time_ms = start_ms + 1};
    join_expose(join, &later);
    expose(join, 3, start_ms + 2); /* decided before the new policy was published */
    struct joined joined;
    assert_true(join_get(join, SLICE("home"), &joined));
    assert_int_equal(joined.people_count, 1);
    assert_true(uuid_equal(joined.people[0].person, node(2)));
    later.policy = 3; /* another change of the policy: this placement is the same */
    later.person = node(4);
    join_expose(join, &later);
    assert_true(join_get(join, SLICE("home"), &joined));
    assert_int_equal(joined.people_count, 2);
    join_free(join);
}

static void leaves_nothing_of_somebody_erased(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    for (uint64_t who = 1; who <= 50; who++) {
        expose(join, who, start_ms);
        order(join, who, 1000 + who, start_ms + 1);
    }
    join_forget(join, node(7));
    join_forget(join, node(99));
    assert_null(row_of(join, 7));
    assert_int_equal(join_people(join), 49);
    for (uint64_t who = 1; who <= 50; who++)
        assert_true(who == 7 || row_of(join, who)->value == 1000);
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    join_pack(join, &bytes);
    struct uuid gone = node(7);
    assert_null(memmem(bytes.data, bytes.size, gone.bytes, sizeof gone.bytes));
    buf_done(&bytes);
    join_refund(join, 1050, NAN); /* outcomes still belong to whom they did */
    assert_true(row_of(join, 50)->value == 0);
    join_free(join);
}

/* A random history. */
static void happen(struct join *join, struct random_stream *random, int64_t now_ms)
{
    uint64_t who = random_below(random, 600), what = random_below(random, 10);
    static const char *const placements[] = {"home", "product", "basket"};
    struct slice placement = slice_of(placements[random_below(random, 3)]);
    struct objective objective = purchase;
    objective.kind = slice_is(placement, "product") ? OBJECTIVE_CLICK : OBJECTIVE_PURCHASE;
    objective.value = slice_is(placement, "product") ? 1 : 0;
    objective.exposure = slice_is(placement, "basket") ? EXPOSURE_SEEN : EXPOSURE_ANSWERED;
    struct join_mark mark = {placement, node(who), random_below(random, 400), what % 2, now_ms};
    int64_t then_ms = now_ms - (int64_t)random_below(random, 10) * DAY; /* late, at times */
    if (what < 4)
        join_expose(join, &(struct exposure){.placement = placement,
                                             .objective = &objective,
                                             .policy = (uint32_t)(now_ms > start_ms + 20 * DAY),
                                             .person = node(who),
                                             .outside = who % 7 ? OUTSIDE_NOT : OUTSIDE_UNMEASURED,
                                             .arm = who % 3 ? ARM_CHOSEN : ARM_HOLDOUT,
                                             .explored = what == 0,
                                             .before = (uint32_t)(who % 40),
                                             .time_ms = now_ms});
    else if (what < 5)
        join_see(join, &mark);
    else if (what < 6)
        join_click(join, &mark);
    else if (what < 9)
        order(join, who, random_below(random, 3000), then_ms);
    else if (random_below(random, 20) > 0)
        join_refund(join, random_below(random, 3000), random_below(random, 2) ? NAN : 100);
    else
        join_forget(join, node(who));
}

static struct join *cut(struct join *join, const struct join_limits *limits)
{
    struct buf bytes;
    buf_init(&bytes, 16 << 20);
    join_pack(join, &bytes);
    assert_false(bytes.overflowed);
    join_free(join);
    assert_int_equal(join_unpack(buf_slice(&bytes), limits, &join), STATUS_OK);
    buf_done(&bytes);
    return join;
}

/* Saved and read again at random places, or never: the same bytes; with and without its limits. */
static void is_the_same_fold_wherever_it_is_cut(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct join_limits limits = {seed % 2 ? 150 : 0, seed % 2 ? 200 : 0};
        struct random_stream one = random_stream(seed), other = one, cuts = random_stream(~seed);
        struct join *whole = join_new(&limits), *parts = join_new(&limits);
        int64_t now_ms = start_ms;
        for (size_t i = 0; i < 4000; i++, now_ms += HOUR / 4) {
            happen(whole, &one, now_ms);
            happen(parts, &other, now_ms);
            if (random_below(&cuts, 500) == 0)
                parts = cut(parts, &limits);
            assert_true(limits.people_max == 0 || join_people(whole) <= limits.people_max);
        }
        struct buf a, b;
        buf_init(&a, 16 << 20), buf_init(&b, 16 << 20);
        join_pack(whole, &a), join_pack(parts, &b);
        assert_true(join_people(whole) > 20);
        assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
        buf_done(&a), buf_done(&b);
        join_free(whole), join_free(parts);
    }
}

/* Over its limit: a share of the people, as good as all of them. */
static void keeps_a_fair_sample_beyond_its_limits(void **state)
{
    (void)state;
    const struct join_limits limits = {4000, 0};
    struct join *join = join_new(&limits);
    for (uint64_t who = 0; who < 30000; who++) {
        expose(join, who, start_ms + (int64_t)who);
        if (who % 4 == 0)
            order(join, who, who, start_ms + (int64_t)who + 1);
    }
    struct joined joined;
    assert_true(join_get(join, SLICE("home"), &joined));
    assert_int_equal(joined.halvings, 3);
    double buyers = 0, held = 0, people = (double)joined.people_count;
    for (size_t i = 0; i < joined.people_count; i++) {
        buyers += joined.people[i].outcomes;
        held += joined.people[i].arm == ARM_HOLDOUT;
    }
    assert_true(people > 3400 && people < 4000);
    assert_true(fabs(buyers / people - 0.25) < 0.03);
    assert_true(fabs(held / people - 0.1) < 0.02);
    join_free(join);
}

static void refuses_damaged_bytes(void **state)
{
    (void)state;
    struct join *join = join_new(NULL), *read;
    struct random_stream random = random_stream(1);
    for (size_t i = 0; i < 300; i++)
        happen(join, &random, start_ms + (int64_t)i * HOUR);
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    join_pack(join, &bytes);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(join_unpack(slice_make(bytes.data, size), NULL, &read), STATUS_CORRUPT);
    for (size_t i = 0; i < 3000; i++) { /* anything but a crash */
        size_t at = random_below(&random, bytes.size);
        char kept = bytes.data[at];
        bytes.data[at] = (char)random_next(&random);
        if (join_unpack(buf_slice(&bytes), NULL, &read) == STATUS_OK)
            join_free(read);
        bytes.data[at] = kept;
    }
    buf_done(&bytes);
    join_free(join);
}

static void decisions_outside_are_counted_alone(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct exposure exposure = {.placement = SLICE("home"),
                                .objective = &purchase,
                                .policy = 1,
                                .outside = OUTSIDE_UNRECOGNISED,
                                .time_ms = DAY};
    struct joined joined;
    for (size_t i = 0; i < 6; i++) {
        exposure.outside = (enum outside)(1 + i % 3 * (i % 2)); /* 1 2 1 1 1 3, in this order */
        join_expose(join, &exposure);
    }
    expose(join, 3, DAY);
    assert_true(join_get(join, SLICE("home"), &joined));
    assert_int_equal(joined.people_count, 1);
    assert_int_equal(joined.outside[OUTSIDE_UNRECOGNISED], 4);
    assert_int_equal(joined.outside[OUTSIDE_NEW], 1);
    assert_int_equal(joined.outside[OUTSIDE_UNMEASURED], 1);
    join_free(join);
}

static void what_was_known_before_is_that_of_the_first_exposure(void **state)
{
    (void)state;
    struct join *join = join_new(NULL);
    struct exposure exposure = {.placement = SLICE("home"),
                                .objective = &purchase,
                                .policy = 1,
                                .person = node(5),
                                .arm = ARM_CHOSEN,
                                .explored = true,
                                .before = 3,
                                .time_ms = DAY};
    join_expose(join, &exposure);
    exposure.before = 9;
    exposure.explored = false;
    join_expose(join, &exposure);
    assert_int_equal(row_of(join, 5)->before, 3);
    assert_true(row_of(join, 5)->first_explored);
    join_free(join);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_outside_are_counted_alone),
        cmocka_unit_test(what_was_known_before_is_that_of_the_first_exposure),
        cmocka_unit_test(counts_an_order_of_the_horizon_once),
        cmocka_unit_test(takes_back_what_was_returned),
        cmocka_unit_test(a_part_returned_takes_back_its_part_of_the_margin),
        cmocka_unit_test(attributes_what_follows_a_click),
        cmocka_unit_test(gives_an_outcome_to_one_row_of_a_person),
        cmocka_unit_test(of_two_exposed_at_one_instant_the_smaller_name_has_the_outcome),
        cmocka_unit_test(keeps_to_one_currency),
        cmocka_unit_test(asks_for_each_kind_of_outcome),
        cmocka_unit_test(begins_anew_when_what_is_measured_changes),
        cmocka_unit_test(leaves_nothing_of_somebody_erased),
        cmocka_unit_test(is_the_same_fold_wherever_it_is_cut),
        cmocka_unit_test(keeps_a_fair_sample_beyond_its_limits),
        cmocka_unit_test(refuses_damaged_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
