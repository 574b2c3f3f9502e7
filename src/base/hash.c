/* The door to xxHash; the keyed and cryptographic hashes of hash.h stand in crypto.c. */
#include "base/hash.h"

#include <xxhash.h>

uint64_t hash64(struct slice bytes)
{
    return XXH3_64bits(bytes.data, bytes.size);
}

uint64_t hash64_pair(struct slice first, struct slice second)
{
    return XXH3_64bits_withSeed(second.data, second.size, hash64(first));
}

struct hash128 hash128(struct slice bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data, bytes.size));
    struct hash128 hash;
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}
