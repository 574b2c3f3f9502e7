/* What the ledger itself keeps in the store, byte by byte (docs/internals/format.md has the
 * same).
 *
 *   log      prefix of workspace 0 (6) | sequence (8, big-endian)
 *            →  version u8 = 1 | kind u8 | flags u8 = 0 | key id u8 = 0 |
 *               workspace u32 little-endian | what the kind wrote
 *   counter  prefix of workspace 0 | "ledger/low-water"  →  u64 little-endian
 *   counter  prefix of workspace 0 | "ledger/ceiling"    →  u64 little-endian
 *
 * The ceiling: no sequence above it has been used. It is written ahead, with a sync, so that
 * sequences given to entries that were not synced when the power went (decision records) are not
 * given again. Pure but for the store; ledger thread. */
#ifndef VISAVIS_LEDGER_ROWS_H
#define VISAVIS_LEDGER_ROWS_H

#include "ledger/ledger.h"

enum {
    LOG_KEY_BYTES = STORE_KEY_PREFIX_BYTES + 8,
    LOG_HEADER_BYTES = 8,
    LOG_FORMAT = 1,
    LOG_VALUE_BYTES_MAX = 65536
};

struct log_header {
    uint8_t format, kind, flags, key_id;
    uint32_t workspace;
};

void log_key(uint64_t sequence, uint8_t out_key[LOG_KEY_BYTES]);
struct log_row {
    uint64_t sequence;
    struct log_header header;
    struct slice value; /* what the kind wrote */
};
/* room is a scratch buffer. */
void log_put(struct store_batch *batch, struct store *store, const struct log_row *row,
             struct buf *room);

enum ledger_number { LEDGER_LOW_WATER, LEDGER_CEILING };
/* 0 when it was never written. */
enum status ledger_number_get(struct store *store, enum ledger_number which,
                              uint64_t *out_value) MUST_CHECK;
void ledger_number_put(struct store_batch *batch, struct store *store, enum ledger_number which,
                       uint64_t value);

/* Sequence of the newest log row, 0 when there is none. */
enum status log_last(struct store *store, uint64_t *out_sequence) MUST_CHECK;

#endif
