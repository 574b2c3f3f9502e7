/* Whom an item calls to be compared with: a step of asking an index of contents (learn/content.h).
 *
 * Each feature of the item calls those that have it (of many, a sample), the rarest feature first,
 * CONTENT_TOUCHES_MAX calls at most. Who is called gains what the feature is worth; those who
 * gained most are compared in full. Reads one immutable snapshot; all memory is the caller's
 * arena. Within learn/ only. */
#ifndef VISAVIS_LEARN_CONTENT_CALL_H
#define VISAVIS_LEARN_CONTENT_CALL_H

#include "learn/content_state.h"

#include "base/arena.h"

struct content_caller {
    const struct content_feature *feature;
    float gain;     /* ≥ 0, of whom it calls */
    uint32_t place; /* among the item's features: orders those equally rare */
};

struct content_calls {
    const struct content_snapshot *snapshot;
    uint32_t slot; /* of the item itself, which is not called */
    struct content_caller *callers;
    size_t count; /* CONTENT_USES_MAX at most; they are sorted here */
};

/* The `wanted` who gained most, ties by hash and id of the item; in no order. out_docs has room for
 * them. Answers how many. */
size_t content_call(const struct content_calls *calls, size_t wanted, struct arena *arena,
                    const struct content_doc **out_docs);

#endif
