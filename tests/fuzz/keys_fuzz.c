/* Any bytes as an API key, as an identifier on the command line and as stored keys: never beyond
 * the end, and what is accepted is what we make. */
#include "api/keys.h"
#include "person/people.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_api_key(struct slice text)
{
    bool secret;
    if (!key_is_well_formed(text, &secret))
        return;
    assert(text.size < KEY_TEXT_MAX);
    assert(slice_starts_with(text, secret ? SLICE("vv_sk_") : SLICE("vv_wk_")));
}

static void check_identifier(struct slice text, struct arena *arena)
{
    struct identifier identifier;
    struct diag diag = {0};
    enum status status = people_parse_identifier(text, arena, &identifier, &diag);
    assert(status == STATUS_OK || diag.sentence[0]);
    if (status == STATUS_OK)
        assert(identifier.value.size > 0 && identifier.value.size <= IDENTIFIER_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct slice text = slice_make(data, size);
    arena_init(&arena);
    check_api_key(text);
    check_identifier(text, &arena);
    arena_done(&arena);
    return 0;
}
