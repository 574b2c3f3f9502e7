#include "store/crc32c.h"

#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL_BITS = 8, TABLE_SIZE = 256 };
#define POLYNOMIAL_REVERSED 0x82f63b78u

static uint32_t table[TABLE_SIZE];
static pthread_once_t table_made = PTHREAD_ONCE_INIT;

static void make_table(void)
{
    for (uint32_t i = 0; i < TABLE_SIZE; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < POLYNOMIAL_BITS; bit++)
            crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL_REVERSED : crc >> 1;
        table[i] = crc;
    }
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *bytes, size_t size)
{
    pthread_once(&table_made, make_table);
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
    return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
crc_by_instruction(uint32_t crc, const uint8_t *bytes, size_t size)
{
    uint64_t wide = crc;
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), bytes += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; size > 0; size--, bytes++)
        crc = __builtin_ia32_crc32qi(crc, *bytes);
    return crc;
}
#endif

uint32_t crc32c(const uint8_t *bytes, size_t size)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_by_instruction(~0u, bytes, size);
#endif
    return ~crc_by_table(~0u, bytes, size);
}
