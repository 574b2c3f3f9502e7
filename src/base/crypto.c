/* The door to libsodium: system randomness, keyed hashes, SHA-256, HMAC, sealing, passwords. See
 * random.h, hash.h, seal.h and password.h for the promises. */
#include "base/hash.h"
#include "base/password.h"
#include "base/random.h"
#include "base/seal.h"

#include <assert.h>
#include <sodium.h>

/* sodium_init is idempotent and thread-safe, so any thread may ask first. */
static void ready(void)
{
    int result = sodium_init();
    assert(result >= 0);
}

void random_bytes(void *out_bytes, size_t size)
{
    ready();
    randombytes_buf(out_bytes, size);
}

struct hash128 hash_keyed(const uint8_t key[32], struct slice bytes)
{
    struct hash128 hash;
    int failed = crypto_generichash(hash.bytes, sizeof hash.bytes, (const uint8_t *)bytes.data,
                                    bytes.size, key, 32);
    assert(failed == 0);
    return hash;
}

void hash_sha256(struct slice bytes, uint8_t out_hash[32])
{
    crypto_hash_sha256(out_hash, (const uint8_t *)bytes.data, bytes.size);
}

void hash_hmac_sha256(struct slice key, struct slice bytes, uint8_t out_hash[32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)key.data, key.size);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)bytes.data, bytes.size);
    crypto_auth_hmacsha256_final(&state, out_hash);
    sodium_memzero(&state, sizeof state);
}

bool hash_equal_constant_time(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void hash_to_hex(const uint8_t *bytes, size_t size, char *out_text)
{
    sodium_bin2hex(out_text, 2 * size + 1, bytes, size);
}

bool hash_from_hex(struct slice text, uint8_t *out_bytes, size_t size)
{
    size_t read = 0;
    return text.size == 2 * size &&
           sodium_hex2bin(out_bytes, size, text.data, text.size, NULL, &read, NULL) == 0 &&
           read == size;
}

bool base64_decode(struct arena *arena, struct slice text, struct slice *out_bytes)
{
    uint8_t *bytes = arena_alloc(arena, text.size);
    size_t size = 0;
    static const int variants[] = {sodium_base64_VARIANT_ORIGINAL,
                                   sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        if (sodium_base642bin(bytes, text.size, text.data, text.size, NULL, &size, NULL,
                              variants[i]) == 0) {
            *out_bytes = slice_make(bytes, size);
            return true;
        }
    }
    return false;
}

void seal(const uint8_t key[32], struct slice plain, struct buf *out_sealed)
{
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    random_bytes(nonce, sizeof nonce);
    buf_add(out_sealed, slice_make(nonce, sizeof nonce));
    size_t size = plain.size + crypto_secretbox_MACBYTES;
    char *room = buf_reserve(out_sealed, size);
    if (!room)
        return;
    crypto_secretbox_easy((uint8_t *)room, (const uint8_t *)plain.data, plain.size, nonce, key);
    buf_added(out_sealed, size);
}

bool seal_open(const uint8_t key[32], struct slice sealed, struct arena *arena,
               struct slice *out_plain)
{
    const size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sealed.size < overhead)
        return false;
    const uint8_t *nonce = (const uint8_t *)sealed.data;
    const uint8_t *box = nonce + crypto_secretbox_NONCEBYTES;
    uint8_t *plain = arena_alloc(arena, sealed.size - overhead);
    if (crypto_secretbox_open_easy(plain, box, sealed.size - crypto_secretbox_NONCEBYTES, nonce,
                                   key) != 0)
        return false;
    *out_plain = slice_make(plain, sealed.size - overhead);
    return true;
}

/* --- passwords -------------------------------------------------------------------------------- */

static_assert(PASSWORD_PHC_SIZE == crypto_pwhash_STRBYTES, "libsodium's room for a PHC string");

static const size_t memory_bytes = (size_t)PASSWORD_MEMORY_KIB * 1024;

void password_hash(struct slice password, char out_phc[PASSWORD_PHC_SIZE])
{
    ready();
    int failed = crypto_pwhash_str_alg(out_phc, password.data, password.size, PASSWORD_PASSES,
                                       memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    assert(failed == 0); /* no memory */
}

bool password_matches(const char phc[PASSWORD_PHC_SIZE], struct slice password)
{
    ready();
    return crypto_pwhash_str_verify(phc, password.data, password.size) == 0;
}

bool password_outdated(const char phc[PASSWORD_PHC_SIZE])
{
    return crypto_pwhash_str_needs_rehash(phc, PASSWORD_PASSES, memory_bytes) != 0;
}
