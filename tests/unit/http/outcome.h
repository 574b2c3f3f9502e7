/* What a reader makes of a byte stream, as one comparable value: each request's text, then why
 * it stopped. Shared by the reader's tests and the fuzz target, which compare it over different
 * splits. */
#ifndef VISAVIS_TESTS_UNIT_HTTP_OUTCOME_H
#define VISAVIS_TESTS_UNIT_HTTP_OUTCOME_H

#include "base/limits.h"
#include "http/reader.h"

#include <assert.h>

struct outcome {
    int code; /* of the refusal, 0 without one */
    const char *sentence;
    size_t requests;
    struct buf text;
};

static inline void outcome_add(struct outcome *outcome, const struct reader *reader)
{
    const struct guard_head *head = &reader->head;
    outcome->requests++;
    buf_format(&outcome->text, "%.*s %.*s\n", SLICE_ARG(head->method), SLICE_ARG(head->target));
    for (size_t i = 0; i < head->header_count; i++)
        buf_format(&outcome->text, "%.*s: %.*s\n", SLICE_ARG(head->headers[i].name),
                   SLICE_ARG(head->headers[i].value));
    buf_add_text(&outcome->text, "\n");
    buf_add(&outcome->text, reader->content);
    buf_add_text(&outcome->text, "\n--\n");
}

/* False once the stream is refused. */
static inline bool outcome_feed(struct outcome *outcome, struct reader *reader, struct arena *arena,
                                struct slice bytes)
{
    for (;;) {
        size_t used;
        enum reader_step step = reader_feed(reader, arena, bytes, &used);
        assert(used <= bytes.size);
        bytes = slice_from(bytes, used);
        if (step == READER_REFUSED) {
            outcome->code = reader->refusal.code;
            outcome->sentence = reader->refusal.sentence;
            return false;
        }
        if (step == READER_DONE) {
            assert(reader->content.size <= HTTP_BODY_BYTES_MAX);
            outcome_add(outcome, reader);
            reader_reset(reader);
            arena_reset(arena);
        }
        if (step == READER_MORE || (step == READER_DONE && bytes.size == 0))
            return true;
    }
}

/* Reads bytes in a first piece, then in pieces of the given size. The caller frees outcome.text. */
static inline struct outcome outcome_of(struct slice bytes, size_t first, size_t piece)
{
    struct outcome outcome = {0};
    struct reader reader;
    struct arena arena;
    buf_init(&outcome.text, 16 << 20);
    reader_init(&reader);
    arena_init(&arena);
    bool more = true;
    for (size_t size = first; more && bytes.size > 0; size = piece) {
        more = outcome_feed(&outcome, &reader, &arena, slice_first(bytes, size));
        bytes = slice_from(bytes, size);
    }
    arena_done(&arena);
    reader_done(&reader);
    return outcome;
}

static inline bool outcome_equal(const struct outcome *a, const struct outcome *b)
{
    bool same_reason =
        a->code == b->code && (a->code == 0 || strcmp(a->sentence, b->sentence) == 0);
    return same_reason && a->requests == b->requests &&
           slice_equal(buf_slice(&a->text), buf_slice(&b->text));
}

#endif
