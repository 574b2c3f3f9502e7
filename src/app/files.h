/* Small files read whole, within a limit. */
#ifndef VISAVIS_APP_FILES_H
#define VISAVIS_APP_FILES_H

#include "base/arena.h"
#include "base/diag.h"

/* NUL-terminated beyond its size. STATUS_NOT_FOUND, STATUS_TOO_LARGE, STATUS_IO. */
enum status file_read(const char *path, size_t size_max, struct arena *arena,
                      struct slice *out_text, struct diag *diag) MUST_CHECK;
enum status file_read_fd(int fd, size_t size_max, struct arena *arena, struct slice *out_text,
                         struct diag *diag) MUST_CHECK;

#endif
