/* Consent: which choice wins, when the gate opens, what the stored row says. */
#include "unit/test.h"

#include "base/clock.h"
#include "base/random.h"
#include "person/consent.h"

#include <string.h>

static int64_t day_ms(int year, int month, int day)
{
    return clock_days_from_date(year, month, day) * MS_PER_DAY;
}

static struct consent_change change_of(enum purpose purpose, enum consent_state state,
                                       enum consent_source source, int64_t time_ms)
{
    return (struct consent_change){.purposes = 1U << purpose,
                                   .state = state,
                                   .source = source,
                                   .order = {.time_ms = time_ms, .source = 1}};
}

static void unknown_means_no_where_a_choice_must_be_made(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        struct gate_question question = {.purpose = (enum purpose)i};
        enum gate_answer answer = consent_gate(&consent, &question);
        assert_int_equal(answer, purpose_about(question.purpose)->granted_by_default
                                     ? GATE_BASIS
                                     : GATE_UNKNOWN);
    }
    assert_int_equal(consent_stamp_of(&consent), 0);
}

static void the_newest_choice_wins_in_whatever_order_it_comes(void **state)
{
    (void)state;
    struct consent_change granted =
        change_of(PURPOSE_PERSONALISE, CONSENT_GRANTED, CONSENT_FROM_EVENT, 10);
    struct consent_change denied =
        change_of(PURPOSE_PERSONALISE, CONSENT_DENIED, CONSENT_FROM_API, 20);
    struct consent one, other;
    consent_init(&one);
    consent_init(&other);
    assert_true(consent_apply(&one, &granted));
    assert_true(consent_apply(&one, &denied));
    assert_true(consent_apply(&other, &denied));
    assert_false(consent_apply(&other, &granted));
    assert_false(consent_apply(&other, &denied)); /* the same again */
    assert_int_equal(one.purposes[PURPOSE_PERSONALISE].state, CONSENT_DENIED);
    assert_int_equal(other.purposes[PURPOSE_PERSONALISE].state, CONSENT_DENIED);
    assert_int_equal(one.purposes[PURPOSE_MEASURE].state, CONSENT_UNKNOWN);
}

static void an_import_overwrites_no_refusal_and_withdraws_no_objection(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    struct consent_change denied = change_of(PURPOSE_EMAIL, CONSENT_DENIED, CONSENT_FROM_API, 10);
    struct consent_change imported =
        change_of(PURPOSE_EMAIL, CONSENT_GRANTED, CONSENT_FROM_IMPORT, 20);
    assert_true(consent_apply(&consent, &denied));
    assert_false(consent_apply(&consent, &imported));
    imported.state = CONSENT_UNKNOWN;
    assert_false(consent_apply(&consent, &imported));
    imported.purposes = 1U << PURPOSE_SMS;
    imported.state = CONSENT_GRANTED;
    assert_true(consent_apply(&consent, &imported)); /* nothing was known */
    imported.state = CONSENT_DENIED;
    imported.order.time_ms = 30;
    assert_true(consent_apply(&consent, &imported)); /* an opt-out list counts */

    struct consent_change objection =
        change_of(PURPOSE_EMAIL, CONSENT_DENIED, CONSENT_FROM_API, 40);
    objection.objection = true;
    assert_true(consent_apply(&consent, &objection));
    imported.purposes = 1U << PURPOSE_EMAIL;
    imported.state = CONSENT_GRANTED;
    imported.objection = true;
    imported.order.time_ms = 50;
    assert_false(consent_apply(&consent, &imported));
    assert_true(consent.purposes[PURPOSE_EMAIL].objected);
}

static void an_objection_outlives_a_later_consent(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    struct consent_change change =
        change_of(PURPOSE_PERSONALISE, CONSENT_DENIED, CONSENT_FROM_API, 10);
    change.objection = true;
    assert_true(consent_apply(&consent, &change));
    change = change_of(PURPOSE_PERSONALISE, CONSENT_GRANTED, CONSENT_FROM_EVENT, 20);
    assert_true(consent_apply(&consent, &change));
    struct gate_question question = {.purpose = PURPOSE_PERSONALISE, .now_ms = 30};
    assert_int_equal(consent_gate(&consent, &question), GATE_OBJECTED);
    assert_int_equal(stamp_get(consent_stamp_of(&consent), PURPOSE_PERSONALISE), CONSENT_DENIED);
    change.objection = true; /* withdrawn by the person: the consent given meanwhile holds */
    change.order.time_ms = 40;
    assert_true(consent_apply(&consent, &change));
    assert_int_equal(consent_gate(&consent, &question), GATE_GRANTED);
}

static void soft_opt_in_reaches_buyers_alone_and_yields_to_a_refusal(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    static const enum purpose channels[] = {PURPOSE_EMAIL, PURPOSE_SMS, PURPOSE_PUSH};
    for (size_t i = 0; i < 3; i++) {
        struct gate_question question = {.purpose = channels[i], .buyer = true};
        bool listed = purpose_about(channels[i])->bases & BASIS_SOFT_OPT_IN;
        assert_int_equal(consent_gate(&consent, &question), listed ? GATE_BASIS : GATE_UNKNOWN);
        question.buyer = false;
        assert_int_equal(consent_gate(&consent, &question), GATE_UNKNOWN);
        question.buyer = true;
        struct consent_change denied =
            change_of(channels[i], CONSENT_DENIED, CONSENT_FROM_EVENT, 1);
        assert_true(consent_apply(&consent, &denied));
        assert_int_equal(consent_gate(&consent, &question), GATE_DENIED);
    }
}

static void a_minor_is_protected_until_the_birthday(void **state)
{
    (void)state;
    static const struct {
        int birth[3], now[3];
        enum purpose purpose;
        bool for_offer;
        enum gate_answer wanted;
    } cases[] = {
        {{2010, 6, 15}, {2025, 6, 14}, PURPOSE_PERSONALISE, false, GATE_MINOR},
        {{2010, 6, 15}, {2025, 6, 15}, PURPOSE_PERSONALISE, false, GATE_GRANTED},
        {{2010, 6, 15}, {2025, 6, 15}, PURPOSE_PERSONALISE, true, GATE_MINOR},
        {{2010, 6, 15}, {2025, 6, 15}, PURPOSE_EMAIL, false, GATE_MINOR},
        {{2010, 6, 15}, {2025, 6, 15}, PURPOSE_SHARE, false, GATE_MINOR},
        {{2010, 6, 15}, {2028, 6, 14}, PURPOSE_EMAIL, false, GATE_MINOR},
        {{2010, 6, 15}, {2028, 6, 15}, PURPOSE_EMAIL, false, GATE_GRANTED},
        {{2010, 6, 15}, {2028, 6, 15}, PURPOSE_PERSONALISE, true, GATE_GRANTED},
        {{2010, 6, 15}, {2025, 6, 14}, PURPOSE_SERVICE, false, GATE_MINOR},
        {{2010, 6, 15}, {2025, 6, 14}, PURPOSE_NECESSARY, false, GATE_BASIS},
        {{2008, 2, 29}, {2023, 2, 28}, PURPOSE_MEASURE, false, GATE_MINOR},
        {{2008, 2, 29}, {2023, 3, 1}, PURPOSE_MEASURE, false, GATE_GRANTED},
        {{1950, 1, 1}, {2025, 1, 1}, PURPOSE_EMAIL, true, GATE_GRANTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct consent consent;
        consent_init(&consent);
        struct consent_change all = change_of(0, CONSENT_GRANTED, CONSENT_FROM_API, 1);
        all.purposes = (1U << PURPOSE_COUNT) - 1;
        assert_true(consent_apply(&consent, &all));
        const int *birth = cases[i].birth, *now = cases[i].now;
        int64_t birth_day = clock_days_from_date(birth[0], birth[1], birth[2]);
        assert_true(consent_set_birth_day(&consent, (int32_t)birth_day,
                                          &(struct event_order){.time_ms = 2}));
        struct gate_question question = {.purpose = cases[i].purpose,
                                         .now_ms = day_ms(now[0], now[1], now[2]),
                                         .for_offer = cases[i].for_offer};
        enum gate_answer got = consent_gate(&consent, &question);
        if (got != cases[i].wanted)
            print_error("case %zu\n", i);
        assert_int_equal(got, cases[i].wanted);
        if (cases[i].wanted == GATE_MINOR && !cases[i].for_offer)
            assert_int_equal(
                stamp_get(consent_stamp_at(&consent, question.now_ms), cases[i].purpose),
                CONSENT_DENIED);
    }
}

static void whose_day_it_is_decides_the_birthday(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    struct consent_change granted =
        change_of(PURPOSE_MEASURE, CONSENT_GRANTED, CONSENT_FROM_API, 1);
    assert_true(consent_apply(&consent, &granted));
    assert_true(consent_set_birth_day(&consent, (int32_t)clock_days_from_date(2010, 6, 15),
                                      &(struct event_order){.time_ms = 2}));
    struct gate_question question = {.purpose = PURPOSE_MEASURE,
                                     .now_ms = day_ms(2025, 6, 15) - MS_PER_HOUR};
    assert_int_equal(consent_gate(&consent, &question), GATE_MINOR);
    question.utc_offset_ms = INT64_C(2) * MS_PER_HOUR; /* in Paris the day has begun */
    assert_int_equal(consent_gate(&consent, &question), GATE_GRANTED);
}

static void a_minor_trait_counts_only_without_a_birth_date(void **state)
{
    (void)state;
    struct event_trait traits[] = {{SLICE("minor"), SLICE("true")}};
    struct event event = {
        .order = {.time_ms = day_ms(2026, 1, 1)}, .traits = traits, .trait_count = 1};
    struct consent consent;
    consent_init(&consent);
    assert_true(consent_learn(&consent, &event));
    struct gate_question question = {.purpose = PURPOSE_SERVICE, .now_ms = event.order.time_ms};
    assert_int_equal(consent_gate(&consent, &question), GATE_MINOR);
    static const char *const odd[] = {"not a date", "2030-01-01", "1850-01-01", ""};
    traits[0].name = SLICE("birthday");
    for (size_t i = 0; i < 4; i++) {
        traits[0].value = slice_of(odd[i]);
        assert_false(consent_learn(&consent, &event));
    }
    traits[0].value = SLICE("1980-05-01");
    assert_true(consent_learn(&consent, &event));
    assert_int_equal(consent_gate(&consent, &question), GATE_BASIS);
}

static void an_event_is_stamped_with_what_it_says_itself(void **state)
{
    (void)state;
    struct consent consent;
    consent_init(&consent);
    struct event event = {.order = {.time_ms = 10}};
    assert_int_equal(consent_stamp_event(&consent, &event, 10), 0);
    event.has_preferences = true; /* an object that names nothing: no consent at all */
    consent_stamp stamp = consent_stamp_event(&consent, &event, 10);
    assert_int_equal(stamp_get(stamp, PURPOSE_PERSONALISE), CONSENT_DENIED);
    assert_int_equal(stamp_get(stamp, PURPOSE_NECESSARY), CONSENT_UNKNOWN);
    assert_int_equal(stamp_get(stamp, PURPOSE_FRAUD), CONSENT_UNKNOWN);
    event.preferences = stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED);
    assert_true(consent_learn(&consent, &event));
    stamp = consent_stamp_event(&consent, &event, 10);
    assert_int_equal(stamp_get(stamp, PURPOSE_PERSONALISE), CONSENT_GRANTED);
    assert_int_equal(stamp_get(stamp, PURPOSE_LEARN), CONSENT_DENIED);
    /* the node keeps what was named, and nothing about what was not */
    assert_int_equal(stamp_get(consent_stamp_of(&consent), PURPOSE_LEARN), CONSENT_UNKNOWN);
    struct consent_change objection =
        change_of(PURPOSE_PERSONALISE, CONSENT_DENIED, CONSENT_FROM_API, 5);
    objection.objection = true;
    assert_true(consent_apply(&consent, &objection));
    stamp = consent_stamp_event(&consent, &event, 10);
    assert_int_equal(stamp_get(stamp, PURPOSE_PERSONALISE), CONSENT_DENIED);
}

enum { CHANGES = 12 };

static void make_changes(struct random_stream *stream, struct consent_change *changes)
{
    for (size_t i = 0; i < CHANGES; i++)
        changes[i] = (struct consent_change){
            .purposes = (uint32_t)random_below(stream, 1U << PURPOSE_COUNT),
            .state = (enum consent_state)random_below(stream, 3),
            .objection = random_below(stream, 4) == 0,
            .source = (enum consent_source)random_below(stream, 2), /* not an import */
            .order = {.time_ms = (int64_t)random_below(stream, 5), .source = (uint32_t)i},
        };
}

static void shuffle(struct random_stream *stream, struct consent_change *changes)
{
    for (size_t i = CHANGES - 1; i > 0; i--) {
        size_t j = (size_t)random_below(stream, i + 1);
        struct consent_change kept = changes[i];
        changes[i] = changes[j];
        changes[j] = kept;
    }
}

/* The row after all changes, which must come back as it was packed. */
static void pack_all(const struct consent_change *changes, struct buf *buf)
{
    struct consent consent, back;
    consent_init(&consent);
    for (size_t i = 0; i < CHANGES; i++)
        (void)consent_apply(&consent, &changes[i]);
    struct buf again;
    buf_init(buf, CONSENT_BYTES_MAX);
    buf_init(&again, CONSENT_BYTES_MAX);
    consent_pack(&consent, buf);
    assert_false(buf->overflowed);
    assert_int_equal(consent_unpack(buf_slice(buf), &back), STATUS_OK);
    consent_pack(&back, &again);
    assert_true(slice_equal(buf_slice(buf), buf_slice(&again)));
    buf_done(&again);
}

static void any_arrival_order_of_choices_gives_one_row(void **state)
{
    (void)state;
    struct random_stream stream = random_stream(20260301);
    for (int round = 0; round < 400; round++) {
        struct consent_change changes[CHANGES];
        make_changes(&stream, changes);
        struct buf one, other;
        pack_all(changes, &one);
        shuffle(&stream, changes);
        pack_all(changes, &other);
        assert_true(slice_equal(buf_slice(&one), buf_slice(&other)));
        buf_done(&one);
        buf_done(&other);
    }
}

static void refuses_a_damaged_row(void **state)
{
    (void)state;
    struct consent consent, back;
    consent_init(&consent);
    struct consent_change change = change_of(PURPOSE_EMAIL, CONSENT_GRANTED, CONSENT_FROM_API, 10);
    assert_true(consent_apply(&consent, &change));
    assert_true(consent_set_birth_day(&consent, 4000, &change.order));
    struct buf buf;
    buf_init(&buf, CONSENT_BYTES_MAX);
    consent_pack(&consent, &buf);
    for (size_t size = 0; size < buf.size; size++)
        assert_int_equal(consent_unpack(slice_make(buf.data, size), &back), STATUS_CORRUPT);
    buf.data[0] = 9;
    assert_int_equal(consent_unpack(buf_slice(&buf), &back), STATUS_CORRUPT);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_means_no_where_a_choice_must_be_made),
        cmocka_unit_test(the_newest_choice_wins_in_whatever_order_it_comes),
        cmocka_unit_test(an_import_overwrites_no_refusal_and_withdraws_no_objection),
        cmocka_unit_test(an_objection_outlives_a_later_consent),
        cmocka_unit_test(soft_opt_in_reaches_buyers_alone_and_yields_to_a_refusal),
        cmocka_unit_test(a_minor_is_protected_until_the_birthday),
        cmocka_unit_test(whose_day_it_is_decides_the_birthday),
        cmocka_unit_test(a_minor_trait_counts_only_without_a_birth_date),
        cmocka_unit_test(an_event_is_stamped_with_what_it_says_itself),
        cmocka_unit_test(any_arrival_order_of_choices_gives_one_row),
        cmocka_unit_test(refuses_a_damaged_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
