/* Stored records, byte by byte: little-endian fixed integers, LEB128 varints, zigzag for signed,
 * length-prefixed text.
 *
 * A packer writes into a buf. An unpacker reads a slice and never beyond it: the first thing
 * that does not fit sets `failed`, after which every read gives zero or empty, so a reader
 * checks once, at the end. Text borrows from the slice. */
#ifndef VISAVIS_BASE_PACK_H
#define VISAVIS_BASE_PACK_H

#include "base/buf.h"
#include "base/uuid.h"

void pack_u8(struct buf *buf, uint8_t value);
void pack_u64(struct buf *buf, uint64_t value);     /* 8 bytes */
void pack_uint(struct buf *buf, uint64_t value);    /* varint, 1 to 10 bytes */
void pack_int(struct buf *buf, int64_t value);      /* zigzag varint */
void pack_double(struct buf *buf, double value);    /* IEEE 754 bits, 8 bytes */
void pack_float(struct buf *buf, float value);      /* 4 bytes */
void pack_text(struct buf *buf, struct slice text); /* varint size, bytes */
void pack_uuid(struct buf *buf, struct uuid uuid);  /* 16 bytes */
void pack_bytes(struct buf *buf, const void *bytes, size_t size);

struct unpack {
    const uint8_t *at, *end;
    bool failed;
};

struct unpack unpack_of(struct slice bytes);
uint8_t unpack_u8(struct unpack *in);
uint64_t unpack_u64(struct unpack *in);
uint64_t unpack_uint(struct unpack *in);
int64_t unpack_int(struct unpack *in);
double unpack_double(struct unpack *in);
float unpack_float(struct unpack *in);
struct slice unpack_text(struct unpack *in);
struct uuid unpack_uuid(struct unpack *in);
struct slice unpack_bytes(struct unpack *in, size_t size);
/* A count of things that each take at least one byte: fails (and gives 0) when more than fit in
 * the rest or than max. */
size_t unpack_count(struct unpack *in, size_t max);
/* All read and nothing failed. */
bool unpack_finished(const struct unpack *in);

/* Big-endian, so that byte order is number order: for keys. */
void key_put_u16(uint8_t *out, uint16_t value);
void key_put_u32(uint8_t *out, uint32_t value);
void key_put_u64(uint8_t *out, uint64_t value);
void key_put_time(uint8_t *out, int64_t ms); /* signed, biased so that earlier sorts first */
uint32_t key_get_u32(const uint8_t *key);
uint64_t key_get_u64(const uint8_t *key);
int64_t key_get_time(const uint8_t *key);

#endif
