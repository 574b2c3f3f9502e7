/* Stored bytes of a person: an event record, a packed profile, a consent row. Whatever lies
 * there, reading never crashes, and what can be read packs to bytes that read and pack the same
 * again. The first byte says which. */
#include "person/consent.h"
#include "person/profile.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(struct slice first, struct slice second)
{
    assert(slice_equal(first, second));
}

static void try_event(struct slice bytes)
{
    struct arena arena;
    arena_init(&arena);
    struct event event, again;
    if (event_unpack(bytes, &arena, &event) == STATUS_OK) {
        struct buf first, second;
        buf_init(&first, 4 * bytes.size + EVENT_RECORD_BYTES_MAX);
        buf_init(&second, 4 * bytes.size + EVENT_RECORD_BYTES_MAX);
        event_pack(&event, &first);
        enum status status = event_unpack(buf_slice(&first), &arena, &again);
        assert(status == STATUS_OK);
        event_pack(&again, &second);
        check_same(buf_slice(&first), buf_slice(&second));
        buf_done(&first);
        buf_done(&second);
    }
    arena_done(&arena);
}

static void try_profile(struct slice bytes)
{
    struct profile profile, again;
    if (profile_unpack(bytes, &profile) != STATUS_OK)
        return;
    struct buf first, second;
    /* attributes that the bytes name once may be named anew for each row */
    buf_init(&first, (size_t)PROFILE_BYTES_MAX * (PROFILE_AFFINITIES_MAX + 1));
    buf_init(&second, first.size_max);
    profile_pack(&profile, &first);
    assert(!first.overflowed);
    if (profile_unpack(buf_slice(&first), &again) == STATUS_OK) {
        profile_pack(&again, &second);
        check_same(buf_slice(&first), buf_slice(&second));
    } else {
        assert(first.size > PROFILE_BYTES_MAX); /* the only reason there may be */
    }
    buf_done(&first);
    buf_done(&second);
}

static void try_consent(struct slice bytes)
{
    struct consent consent, again;
    if (consent_unpack(bytes, &consent) != STATUS_OK)
        return;
    struct buf first, second;
    buf_init(&first, CONSENT_BYTES_MAX);
    buf_init(&second, CONSENT_BYTES_MAX);
    consent_pack(&consent, &first);
    enum status status = consent_unpack(buf_slice(&first), &again);
    assert(status == STATUS_OK && !first.overflowed);
    consent_pack(&again, &second);
    check_same(buf_slice(&first), buf_slice(&second));
    buf_done(&first);
    buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice rest = slice_make(data + 1, size - 1);
    if (data[0] % 3 == 0)
        try_event(rest);
    else if (data[0] % 3 == 1)
        try_profile(rest);
    else
        try_consent(rest);
    return 0;
}
