#include "base/pack.h"

#include <assert.h>

void pack_bytes(struct buf *buf, const void *bytes, size_t size)
{
    buf_add(buf, slice_make(bytes, size));
}

void pack_u8(struct buf *buf, uint8_t value)
{
    buf_add_byte(buf, (char)value);
}

void pack_u64(struct buf *buf, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    pack_bytes(buf, bytes, sizeof bytes);
}

void pack_uint(struct buf *buf, uint64_t value)
{
    if (value < 0x80) {
        buf_add_byte(buf, (char)value);
        return;
    }
    uint8_t bytes[10];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    pack_bytes(buf, bytes, size);
}

void pack_int(struct buf *buf, int64_t value)
{
    pack_uint(buf, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

void pack_double(struct buf *buf, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    pack_u64(buf, bits);
}

void pack_float(struct buf *buf, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(bits >> (8 * i));
    pack_bytes(buf, bytes, sizeof bytes);
}

void pack_text(struct buf *buf, struct slice text)
{
    pack_uint(buf, text.size);
    buf_add(buf, text);
}

void pack_uuid(struct buf *buf, struct uuid uuid)
{
    pack_bytes(buf, uuid.bytes, sizeof uuid.bytes);
}

struct unpack unpack_of(struct slice bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.data;
    return (struct unpack){at, at ? at + bytes.size : at, false};
}

/* The next size bytes, NULL (and failed) when there are fewer. */
static const uint8_t *take(struct unpack *in, size_t size)
{
    if (in->failed || (size_t)(in->end - in->at) < size) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *at = in->at;
    in->at += size;
    return at;
}

uint8_t unpack_u8(struct unpack *in)
{
    const uint8_t *at = take(in, 1);
    return at ? *at : 0;
}

static uint64_t take_little_endian(struct unpack *in, size_t size)
{
    const uint8_t *at = take(in, size);
    uint64_t value = 0;
    for (size_t i = 0; at && i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

uint64_t unpack_u64(struct unpack *in)
{
    return take_little_endian(in, 8);
}

uint64_t unpack_uint(struct unpack *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = unpack_u8(in);
        value |= (uint64_t)(byte & 0x7f) << shift;
        bool too_large = shift == 63 && byte > 1;
        if (too_large)
            break;
        if (byte < 0x80)
            return in->failed ? 0 : value;
    }
    in->failed = true;
    return 0;
}

int64_t unpack_int(struct unpack *in)
{
    uint64_t value = unpack_uint(in);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

double unpack_double(struct unpack *in)
{
    uint64_t bits = unpack_u64(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float unpack_float(struct unpack *in)
{
    uint32_t bits = (uint32_t)take_little_endian(in, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct slice unpack_bytes(struct unpack *in, size_t size)
{
    const uint8_t *at = take(in, size);
    return at ? slice_make(at, size) : SLICE_NONE;
}

struct slice unpack_text(struct unpack *in)
{
    uint64_t size = unpack_uint(in);
    if (size > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return SLICE_NONE;
    }
    return unpack_bytes(in, (size_t)size);
}

struct uuid unpack_uuid(struct unpack *in)
{
    struct uuid uuid = {{0}};
    const uint8_t *at = take(in, sizeof uuid.bytes);
    if (at)
        memcpy(uuid.bytes, at, sizeof uuid.bytes);
    return uuid;
}

size_t unpack_count(struct unpack *in, size_t max)
{
    uint64_t count = unpack_uint(in);
    if (count > max || count > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return 0;
    }
    return (size_t)count;
}

bool unpack_finished(const struct unpack *in)
{
    return !in->failed && in->at == in->end;
}

static void put_big_endian(uint8_t *out, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static uint64_t get_big_endian(const uint8_t *key, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | key[i];
    return value;
}

void key_put_u16(uint8_t *out, uint16_t value)
{
    put_big_endian(out, value, 2);
}

void key_put_u32(uint8_t *out, uint32_t value)
{
    put_big_endian(out, value, 4);
}

void key_put_u64(uint8_t *out, uint64_t value)
{
    put_big_endian(out, value, 8);
}

void key_put_time(uint8_t *out, int64_t ms)
{
    put_big_endian(out, (uint64_t)ms ^ (uint64_t)1 << 63, 8);
}

uint32_t key_get_u32(const uint8_t *key)
{
    return (uint32_t)get_big_endian(key, 4);
}

uint64_t key_get_u64(const uint8_t *key)
{
    return get_big_endian(key, 8);
}

int64_t key_get_time(const uint8_t *key)
{
    return (int64_t)(get_big_endian(key, 8) ^ (uint64_t)1 << 63);
}
