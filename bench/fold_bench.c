/* Nanoseconds of the fold's parts on made-up shoppers: one JSON line each. Measured, never
 * asserted. */
#include "base/clock.h"
#include "person/consent.h"
#include "unit/person/histories.h"

enum { EVENTS = 200, ROUNDS = 2000 };

static void report(const char *name, uint64_t started_us, size_t count, size_t bytes)
{
    uint64_t took_us = clock_monotonic_us() - started_us;
    printf("{\"bench\":\"%s\",\"ns\":%.0f,\"bytes\":%zu}\n", name,
           (double)took_us * 1000 / (double)count, bytes);
}

static size_t pack_events(const struct event *events, struct slice *records, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, EVENT_RECORD_BYTES_MAX);
    size_t bytes = 0;
    uint64_t started = clock_monotonic_us();
    for (size_t i = 0; i < (size_t)ROUNDS * EVENTS / 10; i++) {
        buf_clear(&buf);
        event_pack(&events[i % EVENTS], &buf);
        bytes = buf.size;
    }
    report("event_pack", started, (size_t)ROUNDS * EVENTS / 10, bytes);
    for (size_t i = 0; i < EVENTS; i++) {
        buf_clear(&buf);
        event_pack(&events[i], &buf);
        records[i] = arena_copy(arena, buf_slice(&buf));
    }
    buf_done(&buf);
    return bytes;
}

static void unpack_events(const struct slice *records)
{
    struct arena arena;
    arena_init(&arena);
    uint64_t started = clock_monotonic_us();
    size_t sum = 0;
    for (size_t i = 0; i < (size_t)ROUNDS * EVENTS / 10; i++) {
        struct event event;
        if (event_unpack(records[i % EVENTS], &arena, &event) == STATUS_OK)
            sum += event.item_count;
        if (i % EVENTS == 0)
            arena_reset(&arena);
    }
    report("event_unpack", started, (size_t)ROUNDS * EVENTS / 10, sum > 0 ? records[0].size : 0);
    arena_done(&arena);
}

static void fold_events(const struct event *events, struct profile *profile, struct arena *kept)
{
    struct arena arena;
    arena_init(&arena);
    uint64_t started = clock_monotonic_us();
    for (size_t round = 0; round < ROUNDS / 10; round++) {
        arena_reset(&arena);
        profile_init(profile);
        for (size_t i = 0; i < EVENTS; i++)
            profile_fold(profile, &events[i], FOLD_ALL, &arena);
    }
    report("profile_fold", started, (size_t)ROUNDS / 10 * EVENTS, sizeof *profile);
    profile_init(profile);
    for (size_t i = 0; i < EVENTS; i++)
        profile_fold(profile, &events[i], FOLD_ALL, kept);
    arena_done(&arena);
}

static void pack_profile(const struct profile *profile)
{
    struct buf buf;
    buf_init(&buf, PROFILE_BYTES_MAX);
    uint64_t started = clock_monotonic_us();
    for (size_t i = 0; i < (size_t)ROUNDS * 20; i++) {
        buf_clear(&buf);
        profile_pack(profile, &buf);
    }
    report("profile_pack", started, (size_t)ROUNDS * 20, buf.size);
    started = clock_monotonic_us();
    size_t good = 0;
    for (size_t i = 0; i < (size_t)ROUNDS * 20; i++) {
        struct profile back;
        good += profile_unpack(buf_slice(&buf), &back) == STATUS_OK && back.event_count > 0;
    }
    report("profile_unpack", started, (size_t)ROUNDS * 20, good > 0 ? buf.size : 0);
    buf_done(&buf);
}

int main(void)
{
    struct arena arena;
    arena_init(&arena);
    struct event *events = history_make(42, EVENTS, &arena);
    history_sort(events, EVENTS);
    struct slice records[EVENTS];
    (void)pack_events(events, records, &arena);
    unpack_events(records);
    struct profile profile;
    fold_events(events, &profile, &arena);
    pack_profile(&profile);
    arena_done(&arena);
    return 0;
}
