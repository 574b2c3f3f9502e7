#include "store/space.h"

#include <assert.h>

#include "base/pack.h"
#include "store/store.h"

enum { UUID_BYTES = 16, UUID_TIME_BYTES = 6, TIME_BYTES = 8 };

static const struct space_facts table[SPACE_COUNT] = {
    [SPACE_EVENT] = {.name = "event", .age = SPACE_AGE_NEVER, .by_node = true},
    [SPACE_LOG] = {.name = "log", .age = SPACE_AGE_NEVER},
    [SPACE_IDENTIFIER] = {.name = "identifier", .age = SPACE_AGE_NEVER, .point_reads = true},
    [SPACE_LINK] = {.name = "link", .age = SPACE_AGE_NEVER, .by_node = true},
    [SPACE_PROFILE] = {.name = "profile", .age = SPACE_AGE_NEVER, .point_reads = true},
    [SPACE_CONSENT] = {.name = "consent", .age = SPACE_AGE_NEVER, .by_node = true},
    [SPACE_DEDUP] = {.name = "dedup", .age = SPACE_AGE_VALUE, .point_reads = true, .hashed = true},
    [SPACE_DECISION] = {.name = "decision", .age = SPACE_AGE_KEY_UUID, .point_reads = true},
    [SPACE_DECIDED] = {.name = "decided", .age = SPACE_AGE_KEY_UUID, .by_node = true},
    [SPACE_ITEM] = {.name = "item", .age = SPACE_AGE_NEVER, .point_reads = true},
    [SPACE_PRICE] = {.name = "price", .age = SPACE_AGE_NEVER},
    [SPACE_CONFIG] = {.name = "config", .age = SPACE_AGE_NEVER},
    [SPACE_REFUSED] = {.name = "refused", .age = SPACE_AGE_KEY_TIME},
    [SPACE_COUNTER] = {.name = "counter", .age = SPACE_AGE_NEVER},
    [SPACE_AUDIT] = {.name = "audit", .age = SPACE_AGE_NEVER},
};

const struct space_facts *space_facts(unsigned index)
{
    assert(index < SPACE_COUNT);
    return &table[index];
}

static int64_t uuid_time(const uint8_t *bytes)
{
    int64_t ms = 0;
    for (int i = 0; i < UUID_TIME_BYTES; i++)
        ms = ms << 8 | bytes[i];
    return ms;
}

bool space_row_time(unsigned index, struct slice key, struct slice value, int64_t *out_ms)
{
    const uint8_t *bytes = (const uint8_t *)key.data;
    switch (space_facts(index)->age) {
    case SPACE_AGE_VALUE: {
        struct unpack in = unpack_of(value);
        int64_t ms = (int64_t)unpack_u64(&in);
        if (in.failed)
            return false;
        *out_ms = ms;
        return true;
    }
    case SPACE_AGE_KEY_UUID:
        if (key.size < STORE_KEY_PREFIX_BYTES + UUID_BYTES)
            return false;
        *out_ms = uuid_time(bytes + key.size - UUID_BYTES);
        return true;
    case SPACE_AGE_KEY_TIME:
        if (key.size < STORE_KEY_PREFIX_BYTES + TIME_BYTES)
            return false;
        *out_ms = key_get_time(bytes + STORE_KEY_PREFIX_BYTES);
        return true;
    case SPACE_AGE_NEVER:
        return false;
    }
    return false;
}
