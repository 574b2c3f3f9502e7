/* The bytes of a feed: a file as it stands, or what a gzip file holds (known by its first two
 * bytes).
 *
 * Reads from a descriptor it does not own, one block ahead. A gzip bomb ends with an error before
 * it cost more than GZIP_RATIO_MAX times its own size (base/gunzip.h). One thread. */
#ifndef VISAVIS_CATALOG_FEED_BYTES_H
#define VISAVIS_CATALOG_FEED_BYTES_H

#include "base/diag.h"

#include <stddef.h>

struct feed_bytes;

struct feed_bytes *feed_bytes_new(int fd);
void feed_bytes_free(struct feed_bytes *bytes);
/* Up to size bytes; fewer only at the end, 0 beyond it. STATUS_IO; STATUS_INVALID for damaged or
 * endless gzip and for a ZIP archive, with how to mend it: nothing more can be read then. */
enum status feed_bytes_read(struct feed_bytes *bytes, char *out, size_t size, size_t *out_size,
                            struct diag *diag) MUST_CHECK;

#endif
