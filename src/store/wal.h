/* The check RocksDB does not make of its own log files, before it is let near them.
 *
 * RocksDB's recovery mode 0 refuses a record with a bad checksum, but takes a damaged length in
 * the last block for a torn tail and skips zeroed headers, and so drops rows that were promised.
 * Here every record of every WAL and of the live MANIFEST is checked:
 *
 *  1. A bad record with a good one anywhere behind it is damage: STATUS_CORRUPT with file and
 *     offset, nothing is changed.
 *  2. A bad record at the end is a torn write only if it is cut by the end of the file, or zeros
 *     stand where its last byte or a whole sector should be: each batch ends in WAL_END_MARK, so
 *     its last byte is never zero. A WAL is then cut back to the last whole batch. Anything else
 *     at the end is damage too.
 *
 * Runs once, at open, under the directory's lock. Reads one file at a time into memory
 * (WAL_BYTES_MAX and a batch). */
#ifndef VISAVIS_STORE_WAL_H
#define VISAVIS_STORE_WAL_H

#include "base/diag.h"
#include "base/slice.h"

/* Kept as a log-only record at the end of each batch; its last byte is not zero. */
#define WAL_END_MARK "vis."

/* directory is RocksDB's; it may be absent. out_bytes: size of all WALs together. */
enum status wal_check(const char *directory, uint64_t *out_bytes, struct diag *diag) MUST_CHECK;

enum wal_verdict { WAL_WHOLE, WAL_TORN, WAL_DAMAGED };
/* Judges the bytes of one log file. out_offset: where the last whole record ends (torn) or the
 * damage begins. */
enum wal_verdict wal_judge(struct slice bytes, size_t *out_offset);

#endif
