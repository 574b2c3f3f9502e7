/* A message as a client may send it: parsed, taken in under each kind of key, packed, read back,
 * and folded. */
#include "person/intake.h"
#include "person/profile.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 65536 };

static void fold_record(struct slice record, struct arena *arena)
{
    struct event event;
    enum status status = event_unpack(record, arena, &event);
    assert(status == STATUS_OK);
    struct profile profile;
    profile_init(&profile);
    profile_fold(&profile, &event, FOLD_ALL, arena);
    struct buf packed;
    buf_init(&packed, PROFILE_BYTES_MAX);
    profile_pack(&profile, &packed);
    assert(!packed.overflowed);
    struct profile back;
    status = profile_unpack(buf_slice(&packed), &back);
    assert(status == STATUS_OK);
    buf_done(&packed);
}

static void take(const struct json *message, size_t size, struct intake *intake,
                 struct arena *arena)
{
    struct intake_input input = {.message = message, .json_size = size};
    struct intake_output out;
    struct diag diag = {.line = 0};
    enum intake_result result = intake_message(intake, &input, arena, &out, &diag);
    assert(result != INTAKE_REFUSED || diag.sentence[0] != '\0');
    if (result != INTAKE_KEPT)
        return;
    struct buf record;
    buf_init(&record, EVENT_RECORD_BYTES_MAX);
    event_pack(&out.event, &record);
    assert(!record.overflowed);
    const struct json *stored;
    enum status status = json_parse(arena, out.event.message, &stored, &diag);
    assert(status == STATUS_OK);
    fold_record(buf_slice(&record), arena);
    buf_done(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_BYTES_MAX)
        return 0;
    struct arena arena;
    arena_init(&arena);
    const struct json *message;
    struct diag diag = {.line = 0};
    if (json_parse(&arena, slice_make(data, size), &message, &diag) == STATUS_OK) {
        struct intake intake = {.received_ms = INT64_C(1772366400000),
                                .sent_at_ms = INT64_MIN,
                                .currency = SLICE("EUR"),
                                .peer_ip = SLICE("203.0.113.7")};
        take(message, size, &intake, &arena);
        intake.browser_key = true;
        intake.batch_context = message; /* whatever it is, it lies under its own context */
        take(message, size, &intake, &arena);
        intake.imported = true;
        take(message, size, &intake, &arena);
    }
    arena_done(&arena);
    return 0;
}
