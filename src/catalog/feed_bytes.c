#include "catalog/feed_bytes.h"

#include "base/arena.h"
#include "base/gunzip.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK_BYTES = 65536 };

struct feed_bytes {
    int fd;
    struct gunzip_stream *gunzip; /* NULL: as it stands */
    char block[BLOCK_BYTES];      /* as the file has it */
    struct slice rest;            /* of the block */
    bool begun, ended;
};

struct feed_bytes *feed_bytes_new(int fd)
{
    struct feed_bytes *bytes = must_alloc_zero(1, sizeof *bytes);
    bytes->fd = fd;
    return bytes;
}

void feed_bytes_free(struct feed_bytes *bytes)
{
    if (!bytes)
        return;
    gunzip_stream_free(bytes->gunzip);
    free(bytes);
}

/* Fills the block once it is used up. */
static enum status fill(struct feed_bytes *bytes, struct diag *diag)
{
    size_t size = 0;
    while (bytes->rest.size == 0 && !bytes->ended && size < BLOCK_BYTES) {
        ssize_t got = read(bytes->fd, bytes->block + size, BLOCK_BYTES - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return diag_set(diag, STATUS_IO, "", "the file cannot be read further: %s",
                            strerror(errno));
        bytes->ended = got == 0;
        size += (size_t)got;
    }
    if (size > 0)
        bytes->rest = slice_make(bytes->block, size);
    return STATUS_OK;
}

static enum status begin(struct feed_bytes *bytes, struct diag *diag)
{
    enum status status = fill(bytes, diag);
    bytes->begun = true;
    if (status != STATUS_OK)
        return status;
    if (slice_starts_with(bytes->rest, SLICE("PK\x03\x04")))
        return diag_set(diag, STATUS_INVALID, "",
                        "the file is a ZIP archive: unpack it, or compress it with gzip");
    if (slice_starts_with(bytes->rest, SLICE("\x1F\x8B")))
        bytes->gunzip = gunzip_stream_new();
    return STATUS_OK;
}

static enum status inflate_some(struct feed_bytes *bytes, char *out, size_t room, size_t *out_size,
                                struct diag *diag)
{
    enum status status = gunzip_stream_read(bytes->gunzip, &bytes->rest, out, room, out_size);
    if (status == STATUS_TOO_LARGE)
        return diag_set(diag, STATUS_INVALID, "",
                        "the gzip file unpacks to more than %d times its size: is it a feed?",
                        (int)GZIP_RATIO_MAX);
    if (status != STATUS_OK)
        return diag_set(diag, STATUS_INVALID, "",
                        "the gzip file is damaged: fetch or compress it again");
    return STATUS_OK;
}

/* One step towards a full out: bytes, or nothing when the block must be filled first. */
static enum status take(struct feed_bytes *bytes, char *out, size_t room, size_t *out_size,
                        struct diag *diag)
{
    if (bytes->gunzip)
        return inflate_some(bytes, out, room, out_size, diag);
    struct slice piece = slice_first(bytes->rest, room);
    if (piece.size > 0)
        memcpy(out, piece.data, piece.size);
    bytes->rest = slice_from(bytes->rest, piece.size);
    *out_size = piece.size;
    return STATUS_OK;
}

enum status feed_bytes_read(struct feed_bytes *bytes, char *out, size_t size, size_t *out_size,
                            struct diag *diag)
{
    size_t done = 0, got = 0;
    enum status status = bytes->begun ? STATUS_OK : begin(bytes, diag);
    while (status == STATUS_OK && done < size) {
        status = fill(bytes, diag);
        if (status == STATUS_OK)
            status = take(bytes, out + done, size - done, &got, diag);
        if (got == 0 && bytes->rest.size == 0 && bytes->ended)
            break;
        done += got;
    }
    *out_size = status == STATUS_OK ? done : 0;
    if (status == STATUS_OK && done < size && bytes->gunzip && !gunzip_stream_ended(bytes->gunzip))
        return diag_set(diag, STATUS_INVALID, "",
                        "the gzip file ends in its middle: fetch or compress it again");
    return status;
}
