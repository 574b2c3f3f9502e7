/* Sealing of small secrets at rest (XSalsa20-Poly1305, libsodium's secretbox) and base64 in.
 * Pure but for the nonce; any thread. */
#ifndef VISAVIS_BASE_SEAL_H
#define VISAVIS_BASE_SEAL_H

#include "base/arena.h"
#include "base/buf.h"

/* Appends nonce (24), tag (16) and the sealed bytes. */
void seal(const uint8_t key[32], struct slice plain, struct buf *out_sealed);
/* False when the bytes were not sealed under this key. */
bool seal_open(const uint8_t key[32], struct slice sealed, struct arena *arena,
               struct slice *out_plain);

/* Standard or URL-safe alphabet, padded or not. */
bool base64_decode(struct arena *arena, struct slice text, struct slice *out_bytes);

#endif
