/* A placement as a marketer writes it, in YAML: whatever is read is written as JSON, and reads back
 * as the same bytes; what is refused has a sentence. */
#include <assert.h>

#include "base/yaml.h"
#include "decide/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct placement *placement, struct arena *arena)
{
    struct buf first, second;
    struct placement again;
    const struct json *json;
    struct diag diag = {0};
    buf_init(&first, 4 << 20);
    buf_init(&second, 4 << 20);
    struct json_out out = json_out(&first);
    placement_to_json(placement, &out);
    enum status status = json_parse(arena, buf_slice(&first), &json, &diag);
    assert(status == STATUS_OK);
    status = placement_from_json(json, arena, &again, &diag);
    assert(status == STATUS_OK);
    out = json_out(&second);
    placement_to_json(&again, &out);
    assert(slice_equal(buf_slice(&first), buf_slice(&second)));
    buf_done(&first);
    buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    const struct json *json;
    struct placement placement;
    struct diag diag = {0};
    arena_init(&arena);
    enum status status = yaml_parse(&arena, slice_make(data, size), &json, &diag);
    if (status == STATUS_OK)
        status = placement_from_json(json, &arena, &placement, &diag);
    if (status == STATUS_OK)
        check(&placement, &arena);
    else
        assert(diag.sentence[0] != '\0');
    arena_done(&arena);
    return 0;
}
