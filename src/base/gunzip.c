/* zlib's inflate behind gunzip.h. */
#include "base/gunzip.h"

#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>

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

/* --- streams ---------------------------------------------------------------------------------- */

struct gunzip_stream {
    z_stream zlib;
    uint64_t taken, given;
    bool ended;
};

struct gunzip_stream *gunzip_stream_new(void)
{
    struct gunzip_stream *stream = must_alloc_zero(1, sizeof *stream);
    int failed = inflateInit2(&stream->zlib, WINDOW_BITS_GZIP);
    assert(failed == Z_OK); /* only memory can fail */
    stream->ended = true;   /* an empty file ends well */
    return stream;
}

void gunzip_stream_free(struct gunzip_stream *stream)
{
    if (!stream)
        return;
    inflateEnd(&stream->zlib);
    free(stream);
}

bool gunzip_stream_ended(const struct gunzip_stream *stream)
{
    return stream->ended;
}

enum status gunzip_stream_read(struct gunzip_stream *stream, struct slice *inout_compressed,
                               char *out, size_t room, size_t *out_size)
{
    assert(inout_compressed->size <= UINT32_MAX && room > 0 && room <= UINT32_MAX);
    z_stream *zlib = &stream->zlib;
    *out_size = 0;
    if (stream->ended && inout_compressed->size == 0)
        return STATUS_OK;
    if (stream->ended && inflateReset(zlib) != Z_OK)
        return STATUS_INVALID;
    zlib->next_in = (const unsigned char *)inout_compressed->data;
    zlib->avail_in = (unsigned)inout_compressed->size;
    zlib->next_out = (unsigned char *)out;
    zlib->avail_out = (unsigned)room;
    int result = inflate(zlib, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return STATUS_INVALID;
    stream->ended = result == Z_STREAM_END;
    stream->taken += inout_compressed->size - zlib->avail_in;
    stream->given += *out_size = room - zlib->avail_out;
    *inout_compressed = slice_from(*inout_compressed, inout_compressed->size - zlib->avail_in);
    bool bomb = stream->given > GZIP_RATIO_FREE && stream->given / GZIP_RATIO_MAX > stream->taken;
    return bomb ? STATUS_TOO_LARGE : STATUS_OK;
}
