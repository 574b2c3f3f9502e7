/* See timeline.h: a backward iterator a span, of which the latest row goes first. */
#include "person/timeline.h"

#include "base/clock.h"
#include "person/people_private.h"

#include <stdlib.h>

enum {
    AT_ORDER = STORE_KEY_PREFIX_BYTES + 16, /* in both spaces: behind prefix and node */
    CALL_KEY_BYTES = AT_ORDER + 16
};

enum status timeline_open(struct people *people, uint32_t workspace,
                          const struct identifier *identifier, struct arena *arena,
                          struct timeline *out_timeline)
{
    const struct identity_at now = {
        .store = people->store, .workspace = workspace, .sequence = UINT64_MAX};
    struct timeline timeline = {.people = people, .workspace = workspace};
    struct uuid root;
    enum status status = identity_find(now.store, workspace, identifier, &timeline.node);
    if (status == STATUS_OK)
        status = identity_root(&now, timeline.node, clock_now_ms(), &root);
    if (status == STATUS_OK)
        status = identity_spans(&now, root, arena, &timeline.spans);
    if (status != STATUS_OK)
        return status;
    timeline.person = timeline.spans.name;
    *out_timeline = timeline;
    return STATUS_OK;
}

/* --- the latest row of all spans -------------------------------------------------------------- */

struct row_stream {
    struct store_iterator *iterator;
    uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    struct slice key, value;
    bool open;
};

struct merge {
    struct row_stream *streams;
    size_t count;
};

static void step(struct row_stream *stream)
{
    stream->open = store_next(stream->iterator, &stream->key, &stream->value);
}

static struct row_stream *latest(const struct merge *merge)
{
    struct row_stream *last = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        struct row_stream *stream = &merge->streams[i];
        if (stream->open && (!last || slice_compare(slice_from(stream->key, AT_ORDER),
                                                    slice_from(last->key, AT_ORDER)) > 0))
            last = stream;
    }
    return last;
}

static void open_stream(struct row_stream *stream, struct store *store, enum space space,
                        size_t key_size)
{
    if (memcmp(stream->from, stream->to, key_size) > 0) /* nothing in common */
        memcpy(stream->to, stream->from, key_size);
    struct store_range range = {.from = slice_make(stream->from, key_size),
                                .to = slice_make(stream->to, key_size),
                                .backward = true};
    stream->iterator = store_iterate(store, space, &range);
    step(stream);
}

static struct merge merge_new(const struct timeline *timeline)
{
    return (struct merge){must_alloc_zero(timeline->spans.count, sizeof(struct row_stream)),
                          timeline->spans.count};
}

static enum status merge_end(struct merge *merge, enum status status)
{
    for (size_t i = 0; i < merge->count; i++) {
        if (status == STATUS_OK)
            status = store_iterator_status(merge->streams[i].iterator);
        store_iterator_close(merge->streams[i].iterator);
    }
    free(merge->streams);
    return status;
}

/* What a span and a range have in common. */
static struct node_span narrowed(const struct node_span *span, const struct timeline_range *range)
{
    struct node_span common = *span;
    if (range->from_ms > common.from_ms)
        common.from_ms = range->from_ms;
    if (range->until_ms < common.to_ms)
        common.to_ms = range->until_ms;
    if (common.to_ms < common.from_ms)
        common.to_ms = common.from_ms;
    return common;
}

/* --- events ----------------------------------------------------------------------------------- */

static void open_events(const struct timeline *timeline, const struct timeline_range *range,
                        struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct row_stream *stream = &merge->streams[i];
        struct node_span span = narrowed(&timeline->spans.spans[i], range);
        bool cut = range->below && range->below->time_ms < span.to_ms;
        event_key_from(timeline->workspace, span.node, span.from_ms, stream->from);
        if (cut)
            event_key(timeline->workspace, span.node, range->below, stream->to);
        else
            event_key_from(timeline->workspace, span.node, span.to_ms, stream->to);
        open_stream(stream, timeline->people->store, SPACE_EVENT, EVENT_KEY_BYTES);
    }
}

enum status timeline_events(const struct timeline *timeline, const struct timeline_range *range,
                            timeline_event_visitor *visitor, void *context)
{
    struct merge merge = merge_new(timeline);
    struct row_stream *stream;
    enum status status = STATUS_OK;
    bool goes_on = true;
    struct arena arena;
    arena_init(&arena);
    open_events(timeline, range, &merge);
    while (goes_on && status == STATUS_OK && (stream = latest(&merge))) {
        struct event event;
        arena_reset(&arena);
        status = event_unpack(stream->value, &arena, &event);
        if (status == STATUS_OK)
            goes_on = visitor(context, &event);
        step(stream);
    }
    arena_done(&arena);
    return merge_end(&merge, status);
}

/* --- decisions -------------------------------------------------------------------------------- */

/* The first call that can have been made at an instant: a UUIDv7 begins with 48 bits of ms. */
static void call_key_from(uint32_t workspace, struct uuid node, int64_t time_ms,
                          uint8_t out_key[CALL_KEY_BYTES])
{
    uint64_t ms = time_ms < 0 ? 0 : (uint64_t)time_ms;
    store_key_prefix(workspace, out_key);
    memcpy(out_key + STORE_KEY_PREFIX_BYTES, node.bytes, sizeof node.bytes);
    if (ms >> 48) {
        memset(out_key + AT_ORDER, 0xff, sizeof node.bytes);
        return;
    }
    memset(out_key + AT_ORDER, 0, sizeof node.bytes);
    key_put_u64(out_key + AT_ORDER, ms << 16);
}

static void open_calls(const struct timeline *timeline, const struct timeline_range *range,
                       struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct row_stream *stream = &merge->streams[i];
        struct node_span span = narrowed(&timeline->spans.spans[i], range);
        call_key_from(timeline->workspace, span.node, span.from_ms, stream->from);
        call_key_from(timeline->workspace, span.node, span.to_ms, stream->to);
        if (range->call &&
            memcmp(range->call->bytes, stream->to + AT_ORDER, sizeof range->call->bytes) < 0)
            memcpy(stream->to + AT_ORDER, range->call->bytes, sizeof range->call->bytes);
        open_stream(stream, timeline->people->store, SPACE_DECIDED, CALL_KEY_BYTES);
    }
}

enum status timeline_decisions(const struct timeline *timeline, const struct timeline_range *range,
                               timeline_call_visitor *visitor, void *context)
{
    struct store *store = timeline->people->store;
    struct merge merge = merge_new(timeline);
    struct row_stream *stream;
    enum status status = STATUS_OK;
    int64_t now_ms = clock_now_ms();
    bool goes_on = true;
    open_calls(timeline, range, &merge);
    while (goes_on && status == STATUS_OK && (stream = latest(&merge))) {
        struct uuid call;
        if (stream->key.size != CALL_KEY_BYTES)
            status = STATUS_CORRUPT;
        else if (!store_row_aged(store, SPACE_DECIDED, stream->key, stream->value, now_ms)) {
            memcpy(call.bytes, stream->key.data + AT_ORDER, sizeof call.bytes);
            goes_on = visitor(context, call);
        }
        step(stream);
    }
    return merge_end(&merge, status);
}
