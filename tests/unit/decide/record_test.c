/* The record of a call: what comes out is what went in, as far as a decision can tell. */
#include "test.h"

#include "base/hash.h"
#include "decide/record.h"
#include "world.h"

enum { WORLDS = 10000 };

static void replays_ten_thousand_worlds_to_the_same_bytes(void **state)
{
    (void)state;
    struct buf live, replayed, packed;
    buf_init(&live, 1 << 22);
    buf_init(&replayed, 1 << 22);
    buf_init(&packed, 1 << 20);
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decide_input input = world_input(seed, &arena);
        decide_trim(&input, &arena);
        struct decision_record record = {.input = input, .sequence = seed * 77, .asker_trust = 2};
        record.answer_hash = hash64(world_answer(&input, &live));
        record.call_events = SLICE("events of the call");
        if (seed % 3 == 0)
            record.asker_person = input.call;

        buf_clear(&packed);
        decision_record_pack(&record, &packed);
        assert_false(packed.overflowed);
        struct decision_record back;
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
        assert_int_equal(back.policy_version, input.policy->version);
        assert_int_equal(back.input.policy->version, input.policy->version);
        back.input.policy = input.policy;
        struct slice again = world_answer(&back.input, &replayed);
        assert_true(slice_equal(again, buf_slice(&live)));
        assert_true(hash64(again) == back.answer_hash);
        assert_true(back.sequence == record.sequence && back.asker_trust == 2);
        assert_true(uuid_equal(back.asker_person, record.asker_person));
        assert_true(slice_is(back.call_events, "events of the call"));
        assert_true(slice_is(back.input.person.view, "a packed view"));
        arena_done(&arena);
    }
    buf_done(&live);
    buf_done(&replayed);
    buf_done(&packed);
}

static void packs_the_same_bytes_again_after_unpacking(void **state)
{
    (void)state;
    struct buf first, second;
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decision_record record = {.input = world_input(seed, &arena)};
        struct decision_record back;
        buf_clear(&first);
        buf_clear(&second);
        decision_record_pack(&record, &first);
        assert_int_equal(decision_record_unpack(buf_slice(&first), &arena, &back), STATUS_OK);
        decision_record_pack(&back, &second);
        assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
        arena_done(&arena);
    }
    buf_done(&first);
    buf_done(&second);
}

static void keeps_texts_of_any_size_and_likeness(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct buf packed;
    buf_init(&packed, 1 << 16);
    struct candidate candidates[64] = {0};
    for (unsigned i = 0; i < 64; i++) {
        char *id = arena_alloc(&arena, i + 1);
        memset(id, 'a', i + 1);
        candidates[i].item = slice_make(id, i + 1);
        candidates[i].answers[STRATEGY_TRENDING] = 1;
    }
    struct placement_evidence evidence = {.candidates = candidates, .candidate_count = 64};
    struct policy policy = {.version = 1};
    struct wish wish = {.placement = SLICE("p")};
    struct decision_record record = {.input = {.policy = &policy, .evidence = &evidence}}, back;
    record.input.moment.wishes = &wish;
    record.input.moment.wish_count = 1;
    decision_record_pack(&record, &packed);
    assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
    for (unsigned i = 0; i < 64; i++)
        assert_true(slice_equal(back.input.evidence[0].candidates[i].item, candidates[i].item));
    buf_done(&packed);
    arena_done(&arena);
}

static void refuses_every_shortened_record(void **state)
{
    (void)state;
    struct buf packed;
    buf_init(&packed, 1 << 20);
    struct arena arena;
    arena_init(&arena);
    struct decision_record record = {.input = world_input(5, &arena)}, back;
    decision_record_pack(&record, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        struct slice part = slice_first(buf_slice(&packed), size);
        assert_int_equal(decision_record_unpack(part, &arena, &back), STATUS_CORRUPT);
    }
    buf_add_byte(&packed, 0);
    assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_CORRUPT);
    arena_done(&arena);
    buf_done(&packed);
}

static void refuses_a_record_of_another_version(void **state)
{
    (void)state;
    struct buf packed;
    buf_init(&packed, 1 << 20);
    struct arena arena;
    arena_init(&arena);
    struct decision_record record = {.input = world_input(5, &arena)}, back;
    decision_record_pack(&record, &packed);
    char ours = packed.data[0];
    for (unsigned version = 0; version <= UINT8_MAX; version++) {
        packed.data[0] = (char)version;
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back),
                         packed.data[0] == ours ? STATUS_OK : STATUS_CORRUPT);
    }
    arena_done(&arena);
    buf_done(&packed);
}

/* Whatever byte is damaged: refused, or as good as one we wrote. */
static void takes_no_harm_from_a_damaged_byte(void **state)
{
    (void)state;
    struct buf packed, again;
    buf_init(&packed, 1 << 20);
    buf_init(&again, 1 << 20);
    struct arena arena;
    arena_init(&arena);
    struct decision_record record = {.input = world_input(8, &arena)}, back;
    const struct policy *policy = record.input.policy;
    decide_trim(&record.input, &arena);
    decision_record_pack(&record, &packed);
    for (size_t i = 0; i < packed.size; i++) {
        struct arena scratch;
        arena_init(&scratch);
        packed.data[i] ^= (char)(1 << i % 8);
        if (decision_record_unpack(buf_slice(&packed), &scratch, &back) == STATUS_OK) {
            back.input.policy = policy;
            (void)world_answer(&back.input, &again);
        }
        packed.data[i] ^= (char)(1 << i % 8);
        arena_done(&scratch);
    }
    arena_done(&arena);
    buf_done(&packed);
    buf_done(&again);
}

static void counts_what_the_cut_dropped(void **state)
{
    (void)state;
    struct buf packed;
    buf_init(&packed, 1 << 20);
    unsigned cut = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct arena arena;
        arena_init(&arena);
        struct decision_record record = {.input = world_input(seed, &arena)}, back;
        decide_trim(&record.input, &arena);
        uint32_t dropped = 0;
        for (size_t i = 0; i < record.input.moment.wish_count; i++) {
            for (unsigned j = 0; j < REMOVED_COUNT; j++)
                dropped += record.input.evidence[i].dropped[j];
        }
        buf_clear(&packed);
        decision_record_pack(&record, &packed);
        assert_int_equal(decision_record_unpack(buf_slice(&packed), &arena, &back), STATUS_OK);
        assert_int_equal(back.dropped, dropped);
        cut += dropped > 0;
        arena_done(&arena);
    }
    assert_true(cut > 20);
    buf_done(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replays_ten_thousand_worlds_to_the_same_bytes),
        cmocka_unit_test(packs_the_same_bytes_again_after_unpacking),
        cmocka_unit_test(keeps_texts_of_any_size_and_likeness),
        cmocka_unit_test(refuses_every_shortened_record),
        cmocka_unit_test(refuses_a_record_of_another_version),
        cmocka_unit_test(takes_no_harm_from_a_damaged_byte),
        cmocka_unit_test(counts_what_the_cut_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
