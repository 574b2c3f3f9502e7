/* A backup on disk: a directory that can be checked without opening it.
 *
 *   BACKUP/MANIFEST    "visavis-backup 1", then a line "size hash path" for each file,
 *                      then "end count hash-of-all-lines-before"
 *   BACKUP/FORMAT, secret.key, erasures (if any), store/…
 *                      as in the data directory; no ballast, no lock
 *
 * Made under another name and renamed when it is whole and synced. hash is XXH3-64 chained over
 * pieces of 1 MiB. */
#ifndef VISAVIS_STORE_BACKUP_H
#define VISAVIS_STORE_BACKUP_H

#include "base/diag.h"

/* Puts a consistent image of the database into a directory that does not exist yet. */
typedef enum status backup_checkpoint(void *context, const char *directory, struct diag *diag);

enum status backup_write(const char *data, const char *backup, backup_checkpoint *checkpoint,
                         void *context, struct diag *diag) MUST_CHECK;

#endif
