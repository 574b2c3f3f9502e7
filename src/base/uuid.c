#include "base/uuid.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"

#include <pthread.h>

/* RFC 9562 §6.2 method 1: within one millisecond a 12-bit counter (rand_a) rises, so that ids of
 * a process sort by making; when the counter is full, or the clock goes back, time stays where
 * it was or steps one ahead. */
static struct {
    pthread_mutex_t mutex;
    int64_t last_ms;
    unsigned counter;
} maker = {PTHREAD_MUTEX_INITIALIZER, 0, 0};

static void next_instant(int64_t *out_ms, unsigned *out_counter)
{
    int64_t now_ms = clock_now_ms();
    pthread_mutex_lock(&maker.mutex);
    if (now_ms > maker.last_ms) {
        maker.last_ms = now_ms;
        maker.counter = 0;
    } else if (++maker.counter > 0xfff) {
        maker.last_ms++;
        maker.counter = 0;
    }
    *out_ms = maker.last_ms;
    *out_counter = maker.counter;
    pthread_mutex_unlock(&maker.mutex);
}

struct uuid uuid_new(void)
{
    int64_t ms;
    unsigned counter;
    next_instant(&ms, &counter);
    struct uuid uuid;
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)(0x70 | counter >> 8);
    uuid.bytes[7] = (uint8_t)counter;
    random_bytes(uuid.bytes + 8, 8);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    return uuid;
}

bool uuid_is_zero(struct uuid uuid)
{
    static const struct uuid zero;
    return uuid_equal(uuid, zero);
}

bool uuid_equal(struct uuid a, struct uuid b)
{
    return uuid_compare(a, b) == 0;
}

int uuid_compare(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

void uuid_format(struct uuid uuid, char out_text[UUID_TEXT_SIZE + 1])
{
    char hex[33];
    hash_to_hex(uuid.bytes, sizeof uuid.bytes, hex);
    static const int group_sizes[] = {8, 4, 4, 4, 12};
    char *to = out_text;
    const char *from = hex;
    for (int group = 0; group < 5; group++) {
        if (group)
            *to++ = '-';
        memcpy(to, from, (size_t)group_sizes[group]);
        to += group_sizes[group];
        from += group_sizes[group];
    }
    *to = 0;
}

bool uuid_parse(struct slice text, struct uuid *out_uuid)
{
    if (text.size != UUID_TEXT_SIZE)
        return false;
    char hex[32];
    size_t used = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text.data[i] == '-'))
            return false;
        if (!dash)
            hex[used++] = text.data[i];
    }
    struct uuid uuid;
    if (!hash_from_hex(slice_make(hex, sizeof hex), uuid.bytes, sizeof uuid.bytes))
        return false;
    *out_uuid = uuid;
    return true;
}
