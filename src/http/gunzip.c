/* zlib's inflate behind gunzip.h. */
#include "http/gunzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum { WINDOW_BITS_GZIP = 15 + 16, PIECE_BYTES = 16384 };

/* Inflates the next piece. Z_OK to go on, Z_STREAM_END, or an error; Z_MEM_ERROR stands for a
 * full buffer. */
static int inflate_piece(z_stream *stream, struct buf *out)
{
    size_t room = out->size_max - out->size;
    unsigned char beyond; /* at the maximum, one byte more tells a full buffer from an end */
    char *piece = NULL;
    if (room > PIECE_BYTES)
        room = PIECE_BYTES;
    if (room > 0)
        piece = buf_reserve(out, room);
    stream->next_out = piece ? (unsigned char *)piece : &beyond;
    stream->avail_out = piece ? (unsigned)room : 1;
    unsigned given = stream->avail_out;
    int result = inflate(stream, Z_NO_FLUSH);
    unsigned got = given - stream->avail_out;
    if (!piece && got > 0)
        return Z_MEM_ERROR;
    if (piece)
        buf_added(out, got);
    return result;
}

enum status gunzip(struct slice compressed, struct buf *out)
{
    z_stream stream = {.next_in = (const unsigned char *)compressed.data,
                       .avail_in = (unsigned)compressed.size};
    if (compressed.size == 0 || compressed.size > UINT32_MAX ||
        inflateInit2(&stream, WINDOW_BITS_GZIP) != Z_OK)
        return STATUS_INVALID;
    int result = Z_OK;
    while (result == Z_OK)
        result = inflate_piece(&stream, out);
    bool whole = result == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (result == Z_MEM_ERROR)
        return STATUS_TOO_LARGE;
    return whole ? STATUS_OK : STATUS_INVALID;
}
