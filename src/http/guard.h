/* What must not reach the parser: the raw bytes of a request, looked at before llhttp sees them.
 *
 * Two HTTP parsers that read one byte stream differently let a client smuggle a second request
 * past the first. So everything that is ambiguous is refused here with 400 (or 413, 414, 431
 * when over a limit) and the connection closed. Pure functions over borrowed bytes; the answer
 * is the same however the bytes were split. Limits: HTTP_LINE_BYTES_MAX, HTTP_HEAD_BYTES_MAX,
 * HTTP_HEADERS_MAX, HTTP_CHUNK_EXTENSION_BYTES_MAX, HTTP_TRAILER_BYTES_MAX.
 *
 * Refused in a head: a line end that is not CR LF, NUL and other controls, obs-fold, space
 * before a colon, empty or odd names, doubled spaces in the request line, any version but 1.0
 * and 1.1, CONNECT, Upgrade, missing, empty or second Host, two Content-Length (equal ones too),
 * anything but digits in it, any Transfer-Encoding but one "chunked" on 1.1, both together, a
 * target that is neither origin-form nor an absolute-form of the same host. Refused in a chunked
 * body: sizes over eight digits, anything between size and CR LF but a short extension, bare CR
 * or LF. */
#ifndef VISAVIS_HTTP_GUARD_H
#define VISAVIS_HTTP_GUARD_H

#include "base/limits.h"
#include "http/http.h"

/* Why: an HTTP code and one English sentence without a full stop (static text). */
struct guard_refusal {
    int code;
    const char *sentence;
};

enum guard_step { GUARD_MORE, GUARD_DONE, GUARD_REFUSED };

/* Progress of the search for a head's end; all zero before the first byte. */
struct guard_scan {
    size_t start; /* 2 when the head follows one empty line, which RFC 9112 2.2 wants ignored */
    size_t line_start; /* where the line begins whose end has not come */
    size_t lines;      /* complete ones */
};

/* Looks on in the bytes held so far (all of them, from the first). GUARD_DONE: out_end is the
 * size of the head with its empty line. */
enum guard_step guard_scan(struct guard_scan *scan, struct slice bytes, size_t *out_end,
                           struct guard_refusal *out_refusal) MUST_CHECK;

struct guard_head {
    struct slice method, target; /* target in origin-form, or "*" */
    struct slice host;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    int64_t content_length; /* -1 when absent */
    bool chunked, keep_alive, expect_continue, version_1_0;
};

/* Checks a whole head as found by guard_scan (from scan.start to out_end). Slices in out_head
 * borrow from it. */
bool guard_check(struct slice head, struct guard_head *out_head,
                 struct guard_refusal *out_refusal) MUST_CHECK;

/* Of a hexadecimal digit; -1 of any other byte. */
int hex_value(char c);

enum guard_chunk_state {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START,
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_END_LF
};

/* Progress through a chunked body; all zero before its first byte. */
struct guard_chunks {
    enum guard_chunk_state state;
    unsigned digits;
    uint64_t size;                         /* of the chunk, then what is left of it */
    uint64_t data_bytes;                   /* announced by all chunks so far */
    size_t extension_bytes, trailer_bytes; /* of the whole body */
};

/* Walks the next bytes of a chunked body. out_used: how many belong to it; GUARD_DONE once its
 * end was among them; the last of them is the bad one when refused. */
enum guard_step guard_chunks(struct guard_chunks *chunks, struct slice bytes, size_t *out_used,
                             struct guard_refusal *out_refusal) MUST_CHECK;

#endif
