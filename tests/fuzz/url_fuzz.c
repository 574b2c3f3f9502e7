/* Any bytes as a request's path: refused, or segments and a text that are clean UTF-8 without NUL
 * and begin with '/'; and decoding what needs no decoding changes nothing. */
#include "base/json.h"
#include "http/router.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_unreserved(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (!plain)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct router_path path;
    struct slice raw = slice_make(data, size), text;
    arena_init(&arena);
    if (router_decode_path(&arena, raw, &path, &text)) {
        assert(text.size > 0 && text.data[0] == '/');
        assert(text.size <= raw.size);
        for (size_t i = 0; i < path.count; i++)
            assert(path.segments[i].size <= raw.size);
    }
    char *room = arena_alloc(&arena, size + 1);
    size_t decoded = 0;
    if (router_percent_decode(raw, true, room, &decoded)) {
        assert(decoded <= size);
        assert(!is_unreserved(raw) || slice_equal(slice_make(room, decoded), raw));
    }
    arena_done(&arena);
    return 0;
}
