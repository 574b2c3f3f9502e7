/* CRC-32C (Castagnoli, RFC 3720 appendix B.4), as RocksDB's log files use it. With the
 * processor's instruction where there is one. */
#ifndef VISAVIS_STORE_CRC32C_H
#define VISAVIS_STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const uint8_t *bytes, size_t size);

#endif
