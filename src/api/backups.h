/* Copies of the whole data directory that the console asks for: one job at a time, on a thread of
 * its own, into one folder (a setting of the server: nobody names a path over HTTP).
 *
 * Each is a directory visavis-YYYYMMDDTHHMMSSZ that `visavis restore` takes. What a check found is
 * remembered until the server stops. Any thread. */
#ifndef VISAVIS_API_BACKUPS_H
#define VISAVIS_API_BACKUPS_H

#include "api/audit.h"
#include "api/engine.h"
#include "base/json_out.h"

enum { BACKUPS_TOLD_MAX = 100, BACKUP_NAME_SIZE = 32, BACKUPS_BYTES_MAX = 64 << 10 };

struct backups;
/* folder: empty takes the data directory's path with "-backups" behind it. */
struct backups *backups_new(struct engine *engine, struct slice folder);
/* Ends a check between two files, waits for a copy. Before the engine closes. */
void backups_free(struct backups *backups);

/* STATUS_CONFLICT: one is under way. by: for the audit, where it stands before anything is copied;
 * waits for the disk. */
enum status backups_start(struct backups *backups, struct slice by, struct diag *diag) MUST_CHECK;
/* STATUS_NOT_FOUND: no backup of this name; STATUS_CONFLICT as above. */
enum status backups_check(struct backups *backups, struct slice name, struct diag *diag) MUST_CHECK;
/* One JSON object (spec/openapi.yaml: Backups). Looks at the folder. */
void backups_write(struct backups *backups, struct json_out *out);

/* What concerns the whole directory stands in the chain of each workspace. */
enum status backups_audit(struct engine *engine, enum audit_action action,
                          struct slice by) MUST_CHECK;

#endif
