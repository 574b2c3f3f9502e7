/* Policies from outside: whatever is read can be written and reads back as the same bytes. */
#include <assert.h>

#include "decide/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_policy(const struct policy *policy, struct buf *buf)
{
    struct json_out out = json_out(buf);
    policy_to_json(policy, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    struct buf first, second;
    buf_init(&first, 16 << 20);
    buf_init(&second, 16 << 20);
    const struct json *json;
    struct diag diag = {0};
    struct policy policy;
    if (json_parse(&arena, slice_make(data, size), &json, &diag) == STATUS_OK) {
        if (policy_from_json(json, &arena, &policy, &diag) == STATUS_OK) {
            write_policy(&policy, &first);
            enum status status = json_parse(&arena, buf_slice(&first), &json, &diag);
            assert(status == STATUS_OK);
            status = policy_from_json(json, &arena, &policy, &diag);
            assert(status == STATUS_OK);
            write_policy(&policy, &second);
            assert(slice_equal(buf_slice(&first), buf_slice(&second)));
        } else {
            assert(diag.sentence[0] != '\0');
        }
    }
    buf_done(&first);
    buf_done(&second);
    arena_done(&arena);
    return 0;
}
