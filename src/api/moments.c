#include "api/moments.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    CARD_BYTES_MAX = 16384,
    SECOND_US = 1000000,
    CARD_EVERY_US = SECOND_US / MOMENTS_PER_SECOND
};

struct card {
    uint32_t workspace;
    struct buf event; /* framed for the stream */
};

struct listener {
    struct moments *moments;
    struct http_stream *stream;
    uint32_t workspace;
    struct listener *next;
};

struct moments {
    pthread_mutex_t mutex; /* guards all below but the rate */
    struct listener *listeners;
    size_t listener_count;
    struct card ring[MOMENTS_KEPT];
    size_t told;
    _Atomic uint64_t due_us; /* of the next card, were none left unmade */
};

struct moments *moments_new(void)
{
    struct moments *moments = must_alloc_zero(1, sizeof *moments);
    pthread_mutex_init(&moments->mutex, NULL);
    for (size_t i = 0; i < MOMENTS_KEPT; i++)
        buf_init(&moments->ring[i].event, CARD_BYTES_MAX + 64);
    return moments;
}

/* After the server stopped: no stream is open any more. */
void moments_free(struct moments *moments)
{
    if (!moments)
        return;
    for (size_t i = 0; i < MOMENTS_KEPT; i++)
        buf_done(&moments->ring[i].event);
    pthread_mutex_destroy(&moments->mutex);
    free(moments);
}

bool moments_wanted(struct moments *moments, uint64_t now_us)
{
    uint64_t due_us = atomic_load_explicit(&moments->due_us, memory_order_relaxed);
    uint64_t second_ago_us = now_us > SECOND_US ? now_us - SECOND_US : 0;
    uint64_t from_us = due_us > second_ago_us ? due_us : second_ago_us;
    return from_us + CARD_EVERY_US <= now_us &&
           atomic_compare_exchange_strong_explicit(&moments->due_us, &due_us,
                                                   from_us + CARD_EVERY_US, memory_order_relaxed,
                                                   memory_order_relaxed);
}

void moments_tell(struct moments *moments, uint32_t workspace, struct slice card)
{
    if (card.size > CARD_BYTES_MAX)
        return;
    pthread_mutex_lock(&moments->mutex);
    struct card *kept = &moments->ring[moments->told++ % MOMENTS_KEPT];
    kept->workspace = workspace;
    buf_clear(&kept->event);
    buf_add_text(&kept->event, "event: moment\ndata: ");
    buf_add(&kept->event, card);
    buf_add_text(&kept->event, "\n\n");
    for (struct listener *listener = moments->listeners; listener; listener = listener->next)
        if (listener->workspace == workspace)
            http_stream_send(listener->stream, buf_slice(&kept->event));
    pthread_mutex_unlock(&moments->mutex);
}

static void on_close(void *context)
{
    struct listener *closed = context;
    struct moments *moments = closed->moments;
    pthread_mutex_lock(&moments->mutex);
    struct listener **at = &moments->listeners;
    while (*at && *at != closed)
        at = &(*at)->next;
    if (*at) {
        *at = closed->next;
        moments->listener_count--;
    }
    pthread_mutex_unlock(&moments->mutex);
    http_stream_unref(closed->stream);
    free(closed);
}

/* The newest that fit into half of what a stream may hold unsent: one told too much at once is
 * taken for a dead one. */
static void send_kept(struct moments *moments, const struct listener *listener)
{
    size_t oldest = moments->told > MOMENTS_KEPT ? moments->told - MOMENTS_KEPT : 0;
    size_t first = moments->told, bytes = 0;
    while (first > oldest) {
        const struct card *card = &moments->ring[(first - 1) % MOMENTS_KEPT];
        if (card->workspace == listener->workspace)
            bytes += card->event.size;
        if (bytes > HTTP_STREAM_UNSENT_BYTES_MAX / 2)
            break;
        first--;
    }
    for (size_t i = first; i < moments->told; i++) {
        const struct card *card = &moments->ring[i % MOMENTS_KEPT];
        if (card->workspace == listener->workspace)
            http_stream_send(listener->stream, buf_slice(&card->event));
    }
}

void moments_listen(struct moments *moments, uint32_t workspace, struct http_request *request)
{
    pthread_mutex_lock(&moments->mutex);
    bool full = moments->listener_count >= STREAM_LISTENERS_MAX;
    if (!full) {
        struct listener *listener = must_alloc_zero(1, sizeof *listener);
        listener->moments = moments;
        listener->workspace = workspace;
        listener->next = moments->listeners;
        moments->listeners = listener;
        moments->listener_count++;
        listener->stream = http_stream_open(request, "text/event-stream", on_close, listener);
        send_kept(moments, listener);
    }
    pthread_mutex_unlock(&moments->mutex);
    if (full)
        http_problem_code(request, 503, STATUS_OVERLOADED, "Too many listen already; close one");
}
