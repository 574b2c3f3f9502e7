#include "test.h"

#include "base/limits.h"
#include "learn/tireless.h"

static const int64_t start_ms = 1700000000000 / 3600000 * 3600000; /* a full hour */
enum { HOUR = 3600000 };

static struct uuid node(uint32_t number)
{
    struct uuid uuid = {{1}};
    memcpy(uuid.bytes + 8, &number, sizeof number);
    return uuid;
}

static enum tireless_answer take_many(struct tireless *tireless, uint32_t who, int64_t time_ms,
                                      unsigned count)
{
    enum tireless_answer answer = TIRELESS_NOT;
    for (unsigned i = 0; i < count; i++)
        answer = tireless_take(tireless, node(who), time_ms);
    return answer;
}

static struct buf packed(const struct tireless *tireless)
{
    struct buf buf;
    buf_init(&buf, 8 << 20);
    tireless_pack(tireless, &buf);
    assert_false(buf.overflowed);
    return buf;
}

static void marks_who_does_too_much_in_an_hour(void **state)
{
    (void)state;
    struct tireless tireless;
    tireless_init(&tireless);
    for (int hour = 0; hour < 5; hour++) /* as much as may be, each hour */
        assert_int_equal(take_many(&tireless, 1, start_ms + hour * HOUR, PERSON_HOUR_EVENTS_MAX),
                         TIRELESS_NOT);
    assert_int_equal(tireless_take(&tireless, node(1), start_ms + 5 * HOUR - 1), TIRELESS_NOW);
    assert_int_equal(tireless_take(&tireless, node(1), start_ms + 90 * HOUR), TIRELESS_ALREADY);
    assert_int_equal(tireless_take(&tireless, node(2), start_ms + 90 * HOUR), TIRELESS_NOT);
    assert_int_equal(tireless.marked_count, 1);
    tireless_forget(&tireless, node(1));
    assert_int_equal(tireless.marked_count, 0);
    assert_int_equal(tireless_take(&tireless, node(1), start_ms + 90 * HOUR), TIRELESS_NOT);
    tireless_done(&tireless);
}

static void marks_who_does_too_much_in_all(void **state)
{
    (void)state;
    struct tireless tireless;
    tireless_init(&tireless);
    for (int i = 0; i < PERSON_EVENTS_MAX; i++)
        assert_int_equal(tireless_take(&tireless, node(1), start_ms + i * (int64_t)60000),
                         TIRELESS_NOT);
    assert_int_equal(tireless_take(&tireless, node(1), start_ms), TIRELESS_NOW);
    tireless_done(&tireless);
}

static void a_crowd_hides_nobody_and_takes_bounded_memory(void **state)
{
    (void)state;
    struct tireless tireless;
    tireless_init(&tireless);
    assert_int_equal(take_many(&tireless, 1, start_ms, PERSON_HOUR_EVENTS_MAX + 1), TIRELESS_NOW);
    (void)take_many(&tireless, 2, start_ms, PERSON_HOUR_EVENTS_MAX);
    for (uint32_t i = 0; i < 5 * TIRELESS_NODES_MAX; i++) {
        (void)tireless_take(&tireless, node(1000 + i), start_ms);
        assert_true(tireless.watched.count < TIRELESS_NODES_MAX);
    }
    assert_int_equal(tireless_take(&tireless, node(1), start_ms), TIRELESS_ALREADY);
    assert_int_equal(tireless_take(&tireless, node(2), start_ms), TIRELESS_NOW);
    assert_int_equal(tireless.marked_count, 2);
    tireless_done(&tireless);
}

static void goes_on_after_its_bytes_as_if_nothing_had_been(void **state)
{
    (void)state;
    struct tireless whole, again;
    tireless_init(&whole);
    tireless_init(&again);
    for (uint32_t i = 0; i < TIRELESS_NODES_MAX - 100; i++)
        (void)tireless_take(&whole, node(i * i), start_ms + i);
    (void)take_many(&whole, 9, start_ms, PERSON_HOUR_EVENTS_MAX + 1);
    tireless_forget(&whole, node(16));
    struct buf bytes = packed(&whole);
    struct unpack in = unpack_of(buf_slice(&bytes));
    tireless_unpack(&in, &again);
    assert_true(unpack_finished(&in));
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(tireless_take(&whole, node(7777777 + i), start_ms),
                         tireless_take(&again, node(7777777 + i), start_ms));
    struct buf one = packed(&whole), other = packed(&again);
    assert_true(slice_equal(buf_slice(&one), buf_slice(&other)));
    assert_int_equal(whole.marked_count, again.marked_count);
    buf_done(&bytes);
    buf_done(&one);
    buf_done(&other);
    tireless_done(&whole);
    tireless_done(&again);
}

static void refuses_bytes_it_does_not_write(void **state)
{
    (void)state;
    const struct {
        uint64_t key, value;
    } cases[] = {
        {0, 2},                      /* no key */
        {5, UINT64_C(1) << 63},      /* bits beyond the hour */
        {5, (uint64_t)0xFFFFF << 1}, /* more events than are counted */
        {5, (uint64_t)0xFFFF << 21}, /* … in an hour */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tireless tireless;
        struct buf buf;
        tireless_init(&tireless);
        buf_init(&buf, 64);
        pack_uint(&buf, 1);
        pack_u64(&buf, cases[i].key);
        pack_uint(&buf, cases[i].value);
        struct unpack in = unpack_of(buf_slice(&buf));
        tireless_unpack(&in, &tireless);
        assert_true(in.failed);
        buf_done(&buf);
        tireless_done(&tireless);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_who_does_too_much_in_an_hour),
        cmocka_unit_test(marks_who_does_too_much_in_all),
        cmocka_unit_test(a_crowd_hides_nobody_and_takes_bounded_memory),
        cmocka_unit_test(goes_on_after_its_bytes_as_if_nothing_had_been),
        cmocka_unit_test(refuses_bytes_it_does_not_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
