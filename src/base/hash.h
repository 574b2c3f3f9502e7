/* Hashes, each for one use.
 *
 * hash64 / hash64_pair / hash128: XXH3, fast, unkeyed, stable for ever (they are written in
 * stored keys). hash_keyed: BLAKE2b-128 under a 32-byte key, for identifiers that must not stand
 * in clear in keys. hash_sha256 / hash_hmac_sha256: for credentials and signatures. All pure. */
#ifndef VISAVIS_BASE_HASH_H
#define VISAVIS_BASE_HASH_H

#include "base/slice.h"

struct hash128 {
    uint8_t bytes[16];
};

uint64_t hash64(struct slice bytes);
/* Of two texts in this order, told apart from any other cut of the same bytes. */
uint64_t hash64_pair(struct slice first, struct slice second);
struct hash128 hash128(struct slice bytes);
struct hash128 hash_keyed(const uint8_t key[32], struct slice bytes);
void hash_sha256(struct slice bytes, uint8_t out_hash[32]);
/* A key of any size, as RFC 2104 wants it: over 64 bytes it is hashed first. */
void hash_hmac_sha256(struct slice key, struct slice bytes, uint8_t out_hash[32]);
bool hash_equal_constant_time(const void *a, const void *b, size_t size);

void hash_to_hex(const uint8_t *bytes, size_t size, char *out_text); /* 2 × size + 1 bytes */
bool hash_from_hex(struct slice text, uint8_t *out_bytes, size_t size);

#endif
