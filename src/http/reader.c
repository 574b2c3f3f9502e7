/* Guard, llhttp and gunzip in a row; see reader.h. */
#include "http/reader.h"

#include "base/gunzip.h"
#include "base/limits.h"

#include <assert.h>

enum { KEPT_BYTES_MAX = 16384 }; /* buffers a pooled exchange keeps for the next request */

void reader_init(struct reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->parse = parse_new();
    buf_init(&reader->held, HTTP_HEAD_BYTES_MAX + 4);
    buf_init(&reader->body, HTTP_BODY_BYTES_MAX);
    buf_init(&reader->inflated, HTTP_BODY_BYTES_MAX);
    parse_begin(reader->parse, &reader->body);
}

void reader_done(struct reader *reader)
{
    parse_free(reader->parse);
    buf_done(&reader->held);
    buf_done(&reader->body);
    buf_done(&reader->inflated);
}

static void shrink(struct buf *buf)
{
    buf_clear(buf);
    if (buf->room > KEPT_BYTES_MAX)
        buf_done(buf);
}

void reader_reset(struct reader *reader)
{
    shrink(&reader->held);
    shrink(&reader->body);
    shrink(&reader->inflated);
    parse_begin(reader->parse, &reader->body);
    reader->phase = PHASE_HEAD;
    reader->scan = (struct guard_scan){0};
    reader->chunks = (struct guard_chunks){0};
    reader->content = SLICE_NONE;
    reader->body_left = reader->wire_bytes = 0;
    reader->gzip = reader->head_checked = false;
}

static enum reader_step refuse(struct reader *reader, int code, const char *sentence)
{
    reader->refusal = (struct guard_refusal){code, sentence};
    return READER_REFUSED;
}

/* gzip or nothing: what else an encoding could hide is not looked at. */
static bool check_encoding(struct reader *reader)
{
    for (size_t i = 0; i < reader->head.header_count; i++) {
        const struct http_header *header = &reader->head.headers[i];
        if (!slice_equal_ignoring_case(header->name, SLICE("content-encoding")))
            continue;
        bool gzip = slice_equal_ignoring_case(header->value, SLICE("gzip")) ||
                    slice_equal_ignoring_case(header->value, SLICE("x-gzip"));
        bool identity = slice_equal_ignoring_case(header->value, SLICE("identity"));
        if ((!gzip && !identity) || (gzip && reader->gzip))
            return false;
        reader->gzip = reader->gzip || gzip;
    }
    return true;
}

static enum reader_step judge_head(struct reader *reader, struct slice head)
{
    const char *reason = NULL;
    if (!guard_check(head, &reader->head, &reader->refusal))
        return READER_REFUSED;
    reader->head_checked = true;
    if (!parse_feed(reader->parse, head, &reason))
        return refuse(reader, 400, "The request is not well-formed HTTP");
    int64_t length = reader->head.content_length;
    if (!parse_head_complete(reader->parse) ||
        parse_is_chunked(reader->parse) != reader->head.chunked ||
        parse_content_length(reader->parse) != (uint64_t)(length < 0 ? 0 : length))
        return refuse(reader, 400, "The end of the request is ambiguous");
    if (length > HTTP_BODY_BYTES_MAX)
        return refuse(reader, 413, "The body is over 512000 bytes");
    if (!check_encoding(reader))
        return refuse(reader, 415, "The only Content-Encoding taken here is gzip");
    reader->body_left = length > 0 ? (uint64_t)length : 0;
    reader->phase = PHASE_BODY;
    return READER_HEAD;
}

/* A head in one piece is scanned where it lies; only one that comes in pieces is held. */
static enum reader_step feed_head(struct reader *reader, struct arena *arena, struct slice bytes,
                                  size_t *out_used)
{
    size_t held = reader->held.size, end = 0;
    struct slice seen = bytes;
    if (held > 0) {
        size_t room = reader->held.size_max - held;
        buf_add(&reader->held, slice_first(bytes, room));
        seen = buf_slice(&reader->held);
    }
    enum guard_step step = guard_scan(&reader->scan, seen, &end, &reader->refusal);
    if (step == GUARD_REFUSED)
        return READER_REFUSED;
    if (step == GUARD_MORE) {
        if (held == 0)
            buf_add(&reader->held, bytes);
        *out_used = bytes.size;
        return READER_MORE;
    }
    *out_used = end - held;
    size_t start = reader->scan.start;
    return judge_head(reader, arena_copy(arena, slice_make(seen.data + start, end - start)));
}

static enum reader_step finish(struct reader *reader)
{
    if (!parse_message_complete(reader->parse))
        return refuse(reader, 400, "The end of the request is ambiguous");
    reader->phase = PHASE_END;
    reader->content = buf_slice(&reader->body);
    if (!reader->gzip || reader->content.size == 0)
        return READER_DONE;
    enum status status = gunzip(reader->content, &reader->inflated);
    if (status == STATUS_TOO_LARGE)
        return refuse(reader, 413, "The body is over 512000 bytes when unpacked");
    if (status != STATUS_OK)
        return refuse(reader, 400, "The body is not gzip, as its Content-Encoding says");
    reader->content = buf_slice(&reader->inflated);
    return READER_DONE;
}

/* How many of the bytes belong to the body, and whether its end is among them. */
static enum guard_step measure_body(struct reader *reader, struct slice bytes, size_t *out_used)
{
    if (reader->head.chunked)
        return guard_chunks(&reader->chunks, bytes, out_used, &reader->refusal);
    *out_used = bytes.size < reader->body_left ? bytes.size : (size_t)reader->body_left;
    reader->body_left -= *out_used;
    return reader->body_left == 0 ? GUARD_DONE : GUARD_MORE;
}

/* llhttp also sees the bytes before the one the guard refuses, and its refusal of an earlier one
 * counts: so the answer is the same however the bytes come. */
static enum reader_step feed_body(struct reader *reader, struct slice bytes, size_t *out_used)
{
    size_t used = 0;
    enum guard_step step = measure_body(reader, bytes, &used);
    size_t good = step == GUARD_REFUSED ? used - 1 : used;
    const char *reason = NULL;
    if (!parse_feed(reader->parse, slice_first(bytes, good), &reason))
        return refuse(reader, 400, "The request is not well-formed HTTP");
    if (step != GUARD_DONE && parse_message_complete(reader->parse))
        return refuse(reader, 400, "The end of the request is ambiguous");
    if (step == GUARD_REFUSED)
        return READER_REFUSED;
    assert(!reader->body.overflowed);
    reader->wire_bytes += used;
    *out_used = used;
    return step == GUARD_DONE ? finish(reader) : READER_MORE;
}

enum reader_step reader_feed(struct reader *reader, struct arena *arena, struct slice bytes,
                             size_t *out_used)
{
    *out_used = 0;
    if (reader->phase == PHASE_HEAD)
        return bytes.size > 0 ? feed_head(reader, arena, bytes, out_used) : READER_MORE;
    return feed_body(reader, bytes, out_used);
}
