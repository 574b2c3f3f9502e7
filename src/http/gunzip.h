/* The door to zlib: one gzip body into a buffer that knows its maximum. Pure, any thread.
 *
 * The output's maximum bounds a bomb absolutely: work stops with the first byte beyond it. */
#ifndef VISAVIS_HTTP_GUNZIP_H
#define VISAVIS_HTTP_GUNZIP_H

#include "base/buf.h"
#include "base/status.h"

/* Appends to out. STATUS_INVALID: not one whole gzip member; STATUS_TOO_LARGE: over out's
 * maximum. */
enum status gunzip(struct slice compressed, struct buf *out) MUST_CHECK;

#endif
