/* The data directory around RocksDB: lock, format version, secret key, ballast, and small files
 * written whole.
 *
 *   DIR/LOCK        held (flock) while a process has the directory open
 *   DIR/FORMAT      "visavis 6\n"
 *   DIR/secret.key  32 random bytes, mode 0600
 *   DIR/ballast     bytes kept for the day the disk is full
 *   DIR/erasures    what was erased, applied again after a restore (erasures.c)
 *   DIR/store/      RocksDB's
 *
 * Nothing here is shared between threads; the store calls it while opening and, for the ballast,
 * from the ledger thread. */
#ifndef VISAVIS_STORE_DIRECTORY_H
#define VISAVIS_STORE_DIRECTORY_H

#include "base/diag.h"
#include "base/slice.h"

enum { DIRECTORY_FORMAT = 6, SECRET_BYTES = 32, DIRECTORY_PATH_MAX = 4096 };

/* Joins "directory/name" into out_path; false when it does not fit. */
bool path_join(char out_path[DIRECTORY_PATH_MAX], const char *directory, const char *name);

/* Makes the directory (0700) when asked and absent, locks it, checks or writes FORMAT. The
 * lock's descriptor is the caller's to close. */
enum status directory_open(const char *directory, bool create, int *out_lock,
                           struct diag *diag) MUST_CHECK;
/* Reads secret.key, or makes it when the store does not exist yet. */
enum status directory_secret(const char *directory, uint8_t out_secret[SECRET_BYTES],
                             struct diag *diag) MUST_CHECK;

/* Written to a temporary name, synced, renamed, directory synced: old bytes or new bytes, never
 * a part. */
enum status file_write_whole(const char *directory, const char *name, struct slice bytes,
                             unsigned mode) MUST_CHECK;
enum status directory_sync(const char *directory) MUST_CHECK;

uint64_t disk_free_bytes(const char *directory);
uint64_t disk_total_bytes(const char *directory);

/* Makes the file when there is room for it and room_bytes more; true when it is there
 * afterwards. */
bool ballast_make(const char *directory, uint64_t room_bytes);
/* True when there was one. */
bool ballast_free(const char *directory);

#endif
