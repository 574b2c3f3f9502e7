/* The door to the disk: spaces of ordered keys and values, batches that are written whole or not
 * at all, snapshots, backups.
 *
 * RocksDB lies behind it and is touched by store.c alone. One process holds a data directory at
 * a time (DIR/LOCK). Any thread may read; writing is arranged in one place, the ledger. Keys are
 * at most 64 bytes and begin with workspace (u32) and partition (u16, 0 today), both big-endian;
 * docs/internals/format.md states each byte.
 *
 * Invariants:
 *  1. store_write with sync returns STATUS_OK only when the batch is on the disk; any error of a
 *     synced write is final: the caller ends the process.
 *  2. The store never meets ENOSPC: store_free_bytes is asked before each commit (a packaged
 *     RocksDB aborts on a full disk).
 *  3. Damage is reported with its place (file and offset where known), never skipped:
 *     wal_recovery_mode 0, checksums verified on each read.
 *  4. No identifier stands in clear in a key (keys are copied into the MANIFEST and outlive an
 *     erasure there): they are keyed hashes. */
#ifndef VISAVIS_STORE_STORE_H
#define VISAVIS_STORE_STORE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/uuid.h"

#include <stdatomic.h>

enum space {
    SPACE_EVENT,      /* node, time, source, message hash → event record */
    SPACE_LOG,        /* sequence → kind and the key or value of what was recorded */
    SPACE_IDENTIFIER, /* keyed hash of (type, value) → node and the identifier */
    SPACE_LINK,       /* node, time, … → link; bitemporal, append-only */
    SPACE_PROFILE,    /* node → packed profile and what it has seen */
    SPACE_CONSENT,    /* node → state of each purpose; node, time, … → its history */
    SPACE_DEDUP,      /* source, message hash → sequence, time; aged out by compaction */
    SPACE_DECISION,   /* decision id → record; aged out by compaction */
    /* node, decision id → nothing: finds a person's decisions for erasure and access */
    SPACE_DECIDED,
    SPACE_ITEM,    /* item hash → item record */
    SPACE_PRICE,   /* item hash, time → price */
    SPACE_CONFIG,  /* workspaces, keys, each published policy version */
    SPACE_REFUSED, /* time, … → refused message and its reason; aged out */
    SPACE_COUNTER, /* anonymous counters, learned snapshots, low-water mark */
    SPACE_AUDIT,   /* hash-chained look-ups, exports, erasures */
    SPACE_COUNT
};

enum { STORE_KEY_PREFIX_BYTES = 6, STORE_KEY_BYTES_MAX = 64 };

/* Key prefix of a workspace; out_key has room for STORE_KEY_PREFIX_BYTES. Partition is 0 today. */
void store_key_prefix(uint32_t workspace, uint8_t *out_key);

struct store_options {
    size_t memory_bytes; /* block cache + memtables together; 0 takes 256 MiB */
    bool create;         /* make the directory when it is absent */
    int64_t dedup_keep_ms, decision_keep_ms,
        refused_keep_ms; /* ages for compaction; 0 takes base/limits.h */
};

struct store;

/* Opens or creates DIR. STATUS_CONFLICT: another process holds it. STATUS_CORRUPT: damage, diag
 * says file and place. STATUS_NO_SPACE: too full to open even without the ballast.
 * STATUS_INVALID: made by another version. */
enum status store_open(const char *directory, const struct store_options *options,
                       struct store **out_store, struct diag *diag) MUST_CHECK;
void store_close(struct store *store);
const char *store_directory(const struct store *store);
/* True when the row is past its space's age (space.h says where its time stands): compaction
 * drops such rows late, so who reads the spaces dedup, decision, decided and refused treats an
 * aged row as absent. */
bool store_row_aged(const struct store *store, enum space space, struct slice key,
                    struct slice value, int64_t now_ms);
/* 32 random bytes made with the store and kept in DIR/secret.key (0600): key of identifier
 * hashes and of sealed settings. */
const uint8_t *store_secret(const struct store *store);

/* Value copied into the arena. STATUS_NOT_FOUND, STATUS_CORRUPT, STATUS_IO. */
enum status store_get(struct store *store, enum space space, struct slice key, struct arena *arena,
                      struct slice *out_value) MUST_CHECK;

/* False: there is no such row. True: there may be one. Reads no table, so it costs far less than a
 * deletion that finds nothing. */
bool store_may_hold(struct store *store, enum space space, struct slice key);

/* Rows with from ≤ key < to, ascending (or descending when `backward`), as of the moment of
 * opening. Keys and values borrow until the next step. */
struct store_range {
    struct slice from, to;
    bool backward;
    bool bulk; /* a long scan: do not fill the block cache */
};
struct store_iterator;
struct store_iterator *store_iterate(struct store *store, enum space space,
                                     const struct store_range *range);
/* The next row, false at the end or on an error (see store_iterator_status). */
bool store_next(struct store_iterator *iterator, struct slice *out_key, struct slice *out_value);
enum status store_iterator_status(const struct store_iterator *iterator) MUST_CHECK;
void store_iterator_close(struct store_iterator *iterator);
/* Key range of all keys that begin with prefix; the end key is written to room
 * (STORE_KEY_BYTES_MAX). */
struct store_range store_range_of_prefix(struct slice prefix, uint8_t *room);

struct store_batch;
struct store_batch *store_batch_new(void);
void store_batch_free(struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);
void store_batch_put(struct store_batch *batch, struct store *store, enum space space,
                     struct slice key, struct slice value);
void store_batch_delete(struct store_batch *batch, struct store *store, enum space space,
                        struct slice key);
void store_batch_delete_range(struct store_batch *batch, struct store *store, enum space space,
                              const struct store_range *range);
/* What the batch holds for the key, else what the store holds: entries of one group see each
 * other. */
enum status store_batch_get(struct store_batch *batch, struct store *store, enum space space,
                            struct slice key, struct arena *arena,
                            struct slice *out_value) MUST_CHECK;
/* Remembers the batch as it is now (one mark at a time); rewind takes back all that was put
 * since. */
void store_batch_mark(struct store_batch *batch);
void store_batch_rewind(struct store_batch *batch);
size_t store_batch_bytes(const struct store_batch *batch);
size_t store_batch_rows(const struct store_batch *batch);
enum status store_write(struct store *store, struct store_batch *batch, bool sync) MUST_CHECK;

/* Bytes free on the file system of the directory; the reserve below which only consent and
 * erasure may write; the floor (what flushing and compacting may still need) below which nothing
 * may. Both follow what memtables and tables hold. Tens of microseconds: ask ten times a second,
 * not a thousand. */
uint64_t store_free_bytes(const struct store *store);
uint64_t store_reserve_bytes(const struct store *store);
uint64_t store_floor_bytes(const struct store *store);
/* Gives the ballast file's bytes back to the file system / makes it again when there is room. */
void store_ballast_release(struct store *store);
void store_ballast_restore(struct store *store);

/* Writes all memtables of all spaces out, so that nothing older lives in the WAL. */
enum status store_flush(struct store *store) MUST_CHECK;
/* Rewrites the range so that deleted rows are gone from the files. */
enum status store_compact(struct store *store, enum space space,
                          const struct store_range *range) MUST_CHECK;
/* A checkpoint (hard links where it can) of a consistent moment, under load, into a directory
 * that must not exist and must not lie in DIR. */
enum status store_backup(struct store *store, const char *directory, struct diag *diag) MUST_CHECK;
/* How far a check has come, and a way to end it between two files. */
struct backup_watch {
    _Atomic uint64_t bytes;
    _Atomic bool stop;
};
/* Is each file of a backup as it was written (sizes and hashes of its manifest)? STATUS_CORRUPT
 * says which is not; STATUS_CONFLICT: stopped. watch may be NULL. */
enum status store_backup_check(const char *backup, struct backup_watch *watch,
                               struct diag *diag) MUST_CHECK;
/* Verifies a backup (sizes and hashes of its manifest) and copies it into a directory that is
 * absent or empty. erasures: a file of erasures made after the backup (DIR/erasures of the lost
 * store), merged into the new DIR/erasures; may be NULL. */
enum status store_restore(const char *backup, const char *directory, const char *erasures,
                          struct diag *diag) MUST_CHECK;

/* DIR/erasures outlives backups: a line for each erased identifier (16-byte keyed hash) with the
 * sequence of the erasure. On the disk when STATUS_OK is answered. The ledger thread writes, who
 * restores reads. */
struct store_erasure {
    struct hash128 identifier;
    uint32_t workspace;
    uint64_t sequence;
};
enum status store_erasures_append(struct store *store, const struct store_erasure *erasures,
                                  size_t count) MUST_CHECK;
typedef enum status store_erasure_visitor(void *context, const struct store_erasure *erasure);
/* In file order. A torn last line is skipped, any other damage is STATUS_CORRUPT with its line.
 * An absent file has none. */
enum status store_erasures_scan(const char *directory, store_erasure_visitor *visitor,
                                void *context, struct diag *diag) MUST_CHECK;

/* Reads every row of every space and verifies every checksum. counts: rows per space. diag: file
 * and place of the first damage. */
enum status store_verify(struct store *store, uint64_t out_counts[SPACE_COUNT],
                         struct diag *diag) MUST_CHECK;
/* The last damage met by any read, with its place: for who was answered a bare STATUS_CORRUPT.
 * False when none was met. */
bool store_damage(struct store *store, struct diag *out_diag);
/* Bytes on disk and in memory, for metrics. */
struct store_sizes {
    uint64_t disk_bytes, memtable_bytes, cache_bytes;
};
void store_sizes(struct store *store, struct store_sizes *out_sizes);

#endif
