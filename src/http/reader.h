/* Bytes in, one request out: guard, then llhttp, then gunzip, with every limit on size. Knows no
 * socket and no clock.
 *
 * Owned by an exchange, loop thread only. Held memory: the head until it is whole
 * (HTTP_HEAD_BYTES_MAX), the body as it comes and inflated (HTTP_BODY_BYTES_MAX each).
 * Invariant: the outcome does not depend on how the bytes were split. */
#ifndef VISAVIS_HTTP_READER_H
#define VISAVIS_HTTP_READER_H

#include "http/guard.h"
#include "http/parse.h"

enum reader_step {
    READER_MORE,    /* all given bytes are used */
    READER_HEAD,    /* the head is whole and in reader.head; feed again, also without bytes */
    READER_DONE,    /* the request is whole, reader.content is its body */
    READER_REFUSED, /* reader.refusal says why; the connection cannot be read on */
};

enum reader_phase { PHASE_HEAD, PHASE_BODY, PHASE_END };

struct reader {
    enum reader_phase phase;
    struct guard_scan scan;
    struct guard_chunks chunks;
    struct guard_head head;
    struct guard_refusal refusal;
    struct parse *parse;
    struct buf held; /* of a head that came in pieces */
    struct buf body; /* as sent, without chunk framing */
    struct buf inflated;
    struct slice content;
    uint64_t body_left;  /* with Content-Length */
    uint64_t wire_bytes; /* of the body so far, with framing: for the rate */
    bool gzip;
    bool head_checked; /* reader.head is good, also when the request was refused later */
};

void reader_init(struct reader *reader);
void reader_done(struct reader *reader);
/* For the next request; large buffers are given back. */
void reader_reset(struct reader *reader);

/* Takes bytes of one request; the head is copied to the arena. out_used: bytes taken, the rest
 * belongs to the next request. */
enum reader_step reader_feed(struct reader *reader, struct arena *arena, struct slice bytes,
                             size_t *out_used) MUST_CHECK;

#endif
