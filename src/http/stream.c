/* Server-sent events and their like; see stream.h. */
#include "http/stream.h"

#include "base/limits.h"
#include "http/connection.h"

#include <stdlib.h>

struct http_stream {
    struct post post; /* "there is something to send" */
    struct exchange *exchange;
    void (*on_close)(void *context);
    void *context;
    atomic_uint references;
    bool pings;
    struct buf sending;    /* with the socket; loop thread */
    pthread_mutex_t mutex; /* guards what follows */
    struct buf waiting;
    size_t sending_bytes;
    bool closed, broken, posted;
};

void http_stream_ref(struct http_stream *stream)
{
    atomic_fetch_add(&stream->references, 1);
}

void http_stream_unref(struct http_stream *stream)
{
    if (atomic_fetch_sub(&stream->references, 1) != 1)
        return;
    buf_done(&stream->sending);
    buf_done(&stream->waiting);
    pthread_mutex_destroy(&stream->mutex);
    free(stream);
}

static void on_post(struct post *post, bool loop_gone)
{
    struct http_stream *stream = (struct http_stream *)post;
    pthread_mutex_lock(&stream->mutex);
    stream->posted = false;
    bool flush = !stream->closed && !loop_gone;
    pthread_mutex_unlock(&stream->mutex);
    if (flush && stream->exchange->connection)
        connection_flush_stream(stream->exchange->connection);
    http_stream_unref(stream);
}

struct http_stream *http_stream_open(struct http_request *request, const char *content_type,
                                     void (*on_close)(void *context), void *context)
{
    struct exchange *exchange = (struct exchange *)request;
    struct http_stream *stream = must_alloc_zero(1, sizeof *stream);
    stream->post.deliver = on_post;
    stream->exchange = exchange;
    stream->on_close = on_close;
    stream->context = context;
    stream->pings = slice_starts_with(slice_of(content_type), SLICE("text/event-stream"));
    atomic_init(&stream->references, 2); /* the caller's and the connection's */
    buf_init(&stream->sending, HTTP_STREAM_UNSENT_BYTES_MAX);
    buf_init(&stream->waiting, HTTP_STREAM_UNSENT_BYTES_MAX);
    pthread_mutex_init(&stream->mutex, NULL);
    exchange->stream = stream;
    respond_format_stream(exchange, content_type);
    exchange_answered(exchange);
    return stream;
}

/* The post is queued under the mutex: until stream_close has had it, the loop's memory is there.
 * It holds a reference, so that the stream is there when it arrives. */
static bool post_locked(struct http_stream *stream)
{
    if (stream->posted)
        return true;
    stream->posted = true;
    http_stream_ref(stream);
    return loop_post(stream->exchange->loop, &stream->post);
}

void http_stream_send(struct http_stream *stream, struct slice bytes)
{
    bool posted = true;
    pthread_mutex_lock(&stream->mutex);
    if (!stream->closed && !stream->broken) {
        size_t room = HTTP_STREAM_UNSENT_BYTES_MAX - stream->sending_bytes;
        if (bytes.size > room || stream->waiting.size > room - bytes.size)
            stream->broken = true;
        else
            buf_add(&stream->waiting, bytes);
        posted = post_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
    if (!posted)
        http_stream_unref(stream);
}

bool stream_take(struct http_stream *stream, struct slice *out_bytes)
{
    buf_clear(&stream->sending);
    pthread_mutex_lock(&stream->mutex);
    struct buf filled = stream->waiting;
    stream->waiting = stream->sending;
    stream->sending = filled;
    stream->sending_bytes = filled.size;
    pthread_mutex_unlock(&stream->mutex);
    *out_bytes = buf_slice(&stream->sending);
    return out_bytes->size > 0;
}

bool stream_is_broken(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    bool broken = stream->broken;
    pthread_mutex_unlock(&stream->mutex);
    return broken;
}

void stream_ping(struct http_stream *stream)
{
    if (stream->pings)
        http_stream_send(stream, SLICE(": ping\n\n"));
}

void stream_close(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    stream->closed = true;
    pthread_mutex_unlock(&stream->mutex);
    if (stream->on_close)
        stream->on_close(stream->context);
    http_stream_unref(stream);
}
