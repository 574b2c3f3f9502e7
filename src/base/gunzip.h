/* The door to zlib: gzip in pieces, or one gzip body into a buffer that knows its maximum. Any
 * thread; a stream is used by one at a time.
 *
 * A bomb costs little: a buffer's maximum bounds one body absolutely, work stops with the first
 * byte beyond it; a stream counts what it took and gave and stops when the one outgrows the
 * other GZIP_RATIO_MAX times. */
#ifndef VISAVIS_BASE_GUNZIP_H
#define VISAVIS_BASE_GUNZIP_H

#include "base/buf.h"
#include "base/status.h"

enum {
    GZIP_RATIO_MAX = 200,      /* honest feeds stay below 60; deflate itself could reach 1,032 */
    GZIP_RATIO_FREE = 16 << 20 /* bytes given before the ratio counts */
};

/* Appends to out. STATUS_INVALID: not one whole gzip member; STATUS_TOO_LARGE: over out's
 * maximum. */
enum status gunzip(struct slice compressed, struct buf *out) MUST_CHECK;

/* A gzip file of one or several members, piece by piece. */
struct gunzip_stream;
struct gunzip_stream *gunzip_stream_new(void);
void gunzip_stream_free(struct gunzip_stream *stream);
/* Inflates the front of *inout_compressed, which it shortens, into room bytes at out. out_size 0
 * with an empty rest: more is wanted. STATUS_INVALID: damaged bytes; STATUS_TOO_LARGE: over the
 * ratio. */
enum status gunzip_stream_read(struct gunzip_stream *stream, struct slice *inout_compressed,
                               char *out, size_t room, size_t *out_size) MUST_CHECK;
/* Between two members: the file may end here. */
bool gunzip_stream_ended(const struct gunzip_stream *stream);

#endif
