/* libuv behind net.h; nothing else in the tree includes uv.h. Accepting is done here with
 * accept4 on a polled socket rather than by uv_listen, whose own way out of EMFILE spins when
 * another thread takes its reserve descriptor. */
#include "http/net.h"

#include "base/arena.h"
#include "base/limits.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum {
    READ_BYTES = 65536,
    ACCEPTS_PER_TURN = 64,
    POOLED_SOCKETS_MAX = 256,
    /* libuv polls 48 times in a row while 1,024 sockets are ready each time: 49,000 requests would
     * be read before the first is worked on */
    READS_PER_TURN = 256
};

struct net_socket {
    uv_tcp_t tcp;
    uv_write_t write;
    struct net_loop *loop;
    void *owner;
    struct net_socket *next; /* in the pool */
    bool reading, closing;
};

struct net_loop {
    uv_loop_t uv;
    uv_poll_t listener;
    uv_timer_t ticker;
    uv_async_t waker;
    uv_check_t polled;
    uv_idle_t busy; /* runs while there is work left, so that polling does not wait */
    const struct net_events *events;
    void *context;
    struct net_socket *pool;
    size_t pooled;
    int listen_fd, reserve_fd;
    int fd_end; /* the first descriptor that is not for clients */
    bool listening, rest_from_accepting;
    unsigned reads; /* since on_polled */
    char read_bytes[READ_BYTES];
};

/* --- reading and writing ---------------------------------------------------------------------- */

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buffer)
{
    (void)suggested;
    struct net_socket *socket = handle->data;
    *out_buffer = uv_buf_init(socket->loop->read_bytes, READ_BYTES);
}

static void on_busy(uv_idle_t *busy)
{
    (void)busy;
}

static void on_polled(uv_check_t *polled)
{
    struct net_loop *loop = polled->data;
    loop->reads = 0;
    if (loop->events->on_polled(loop->context))
        uv_idle_start(&loop->busy, on_busy);
    else
        uv_idle_stop(&loop->busy);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct net_socket *socket = stream->data;
    struct net_loop *loop = socket->loop;
    if (size > 0)
        loop->events->on_bytes(socket->owner, slice_make(buffer->base, (size_t)size));
    else if (size < 0)
        loop->events->on_end(socket->owner, size != UV_EOF);
    if (++loop->reads >= READS_PER_TURN)
        on_polled(&loop->polled);
}

void net_socket_read(struct net_socket *socket, bool on)
{
    if (socket->closing || socket->reading == on)
        return;
    socket->reading = on;
    if (on)
        uv_read_start((uv_stream_t *)&socket->tcp, lend_buffer, on_read);
    else
        uv_read_stop((uv_stream_t *)&socket->tcp);
}

static void on_write_done(uv_write_t *request, int status)
{
    struct net_socket *socket = request->data;
    if (!socket->closing)
        socket->loop->events->on_written(socket->owner, status < 0);
}

enum net_sent net_socket_write(struct net_socket *socket, struct slice bytes)
{
    uv_stream_t *stream = (uv_stream_t *)&socket->tcp;
    if (socket->closing)
        return NET_FAILED;
    assert(uv_stream_get_write_queue_size(stream) == 0);
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.size);
    int sent = uv_try_write(stream, &buffer, 1);
    if (sent == (int)bytes.size)
        return NET_SENT;
    if (sent < 0 && sent != UV_EAGAIN)
        return NET_FAILED;
    if (sent > 0)
        buffer = uv_buf_init(buffer.base + sent, (unsigned)(buffer.len - (size_t)sent));
    socket->write.data = socket;
    return uv_write(&socket->write, stream, &buffer, 1, on_write_done) == 0 ? NET_SENDING
                                                                            : NET_FAILED;
}

size_t net_socket_unsent(const struct net_socket *socket)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&socket->tcp);
}

size_t net_socket_untaken(const struct net_socket *socket)
{
    uv_os_fd_t fd;
    int held = 0;
    if (uv_fileno((const uv_handle_t *)&socket->tcp, &fd) != 0 || ioctl(fd, SIOCOUTQ, &held) != 0)
        held = 0;
    return net_socket_unsent(socket) + (size_t)held;
}

void net_socket_shutdown(struct net_socket *socket)
{
    uv_os_fd_t fd;
    if (!socket->closing && uv_fileno((uv_handle_t *)&socket->tcp, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

static void on_socket_closed(uv_handle_t *handle)
{
    struct net_socket *socket = handle->data;
    struct net_loop *loop = socket->loop;
    if (socket->owner)
        loop->events->on_closed(socket->owner);
    if (loop->pooled == POOLED_SOCKETS_MAX) {
        free(socket);
        return;
    }
    socket->next = loop->pool;
    loop->pool = socket;
    loop->pooled++;
}

void net_socket_close(struct net_socket *socket)
{
    if (socket->closing)
        return;
    socket->closing = true;
    uv_close((uv_handle_t *)&socket->tcp, on_socket_closed);
}

/* --- accepting -------------------------------------------------------------------------------- */

static struct net_socket *take_socket(struct net_loop *loop)
{
    struct net_socket *socket = loop->pool;
    if (socket) {
        loop->pool = socket->next;
        loop->pooled--;
    } else {
        socket = must_alloc(sizeof *socket);
    }
    socket->loop = loop;
    socket->owner = NULL;
    socket->reading = socket->closing = false;
    return socket;
}

static void adopt(struct net_loop *loop, int fd, const struct sockaddr_storage *peer)
{
    struct net_socket *socket = take_socket(loop);
    uv_tcp_init(&loop->uv, &socket->tcp);
    socket->tcp.data = socket;
    if (uv_tcp_open(&socket->tcp, fd) != 0) {
        close(fd);
        net_socket_close(socket);
        return;
    }
    uv_tcp_nodelay(&socket->tcp, 1);
    socket->owner =
        loop->events->on_open(loop->context, socket, address_of_socket((const void *)peer));
    if (!socket->owner)
        net_socket_close(socket);
}

static int accept_one(struct net_loop *loop, struct sockaddr_storage *peer)
{
    socklen_t size = sizeof *peer;
    memset(peer, 0, sizeof *peer);
    return accept4(loop->listen_fd, (struct sockaddr *)peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* A descriptor is the lowest that was free, so one beyond fd_end says that all before are taken. */
static int first_fd_kept(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
        return INT_MAX;
    rlim_t kept = limit.rlim_cur / FILES_KEPT_SHARE;
    return (int)(limit.rlim_cur - (kept < FILES_KEPT_MAX ? kept : FILES_KEPT_MAX));
}

/* Tells the client to come again and lets it go. */
static void shed(struct net_loop *loop, int fd)
{
    struct slice answer = loop->events->shed_answer();
    if (send(fd, answer.data, answer.size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        (void)0; /* it is let go either way */
    close(fd);
    loop->events->on_shed(loop->context);
}

/* Somebody else took those that are kept: the descriptor in reserve takes the client in. Without
 * even that, accepting rests until the next tick. */
static bool shed_one(struct net_loop *loop)
{
    struct sockaddr_storage peer;
    if (loop->reserve_fd >= 0)
        close(loop->reserve_fd);
    int fd = accept_one(loop, &peer);
    if (fd >= 0)
        shed(loop, fd);
    loop->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd >= 0 && loop->reserve_fd >= 0;
}

static void accept_some(struct net_loop *loop, unsigned count_max)
{
    for (unsigned i = 0; i < count_max; i++) {
        struct sockaddr_storage peer;
        int fd = accept_one(loop, &peer);
        if (fd >= 0 && fd < loop->fd_end)
            adopt(loop, fd, &peer);
        else if (fd >= 0)
            shed(loop, fd);
        if (fd >= 0)
            continue;
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        bool none_free = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
        if (none_free && shed_one(loop))
            continue;
        if (none_free) {
            uv_poll_stop(&loop->listener);
            loop->rest_from_accepting = true;
        }
        return;
    }
}

static void on_listener_ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    accept_some(poll->data, ACCEPTS_PER_TURN);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    struct net_loop *loop = timer->data;
    if (loop->rest_from_accepting && loop->listening) {
        loop->rest_from_accepting = false;
        uv_poll_start(&loop->listener, UV_READABLE, on_listener_ready);
    }
    loop->events->on_tick(loop->context);
}

static void on_async(uv_async_t *waker)
{
    struct net_loop *loop = waker->data;
    loop->events->on_wake(loop->context);
}

struct net_loop *net_loop_new(int listen_fd, unsigned tick_ms, const struct net_events *events,
                              void *context)
{
    struct net_loop *loop = must_alloc_zero(1, sizeof *loop);
    loop->events = events;
    loop->context = context;
    loop->listen_fd = listen_fd;
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return NULL;
    }
    loop->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    loop->fd_end = first_fd_kept();
    loop->listener.data = loop->ticker.data = loop->waker.data = loop->polled.data = loop;
    int failed = uv_async_init(&loop->uv, &loop->waker, on_async);
    uv_timer_init(&loop->uv, &loop->ticker);
    uv_check_init(&loop->uv, &loop->polled);
    uv_idle_init(&loop->uv, &loop->busy);
    uv_check_start(&loop->polled, on_polled);
    failed |= uv_poll_init(&loop->uv, &loop->listener, listen_fd);
    assert(failed == 0);
    uv_timer_start(&loop->ticker, on_timer, tick_ms, tick_ms);
    uv_poll_start(&loop->listener, UV_READABLE, on_listener_ready);
    loop->listening = true;
    return loop;
}

void net_loop_run(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void net_loop_wake(struct net_loop *loop)
{
    uv_async_send(&loop->waker);
}

uint64_t net_loop_now_ms(const struct net_loop *loop)
{
    return uv_now(&loop->uv);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct net_loop *loop = handle->data;
    close(loop->listen_fd);
}

void net_loop_stop_listening(struct net_loop *loop)
{
    if (!loop->listening)
        return;
    loop->listening = false;
    accept_some(loop, SOMAXCONN);
    uv_close((uv_handle_t *)&loop->listener, on_listener_closed);
}

void net_loop_finish(struct net_loop *loop)
{
    net_loop_stop_listening(loop);
    if (uv_is_closing((uv_handle_t *)&loop->waker))
        return;
    uv_close((uv_handle_t *)&loop->waker, NULL);
    uv_close((uv_handle_t *)&loop->ticker, NULL);
    uv_close((uv_handle_t *)&loop->polled, NULL);
    uv_close((uv_handle_t *)&loop->busy, NULL);
}

void net_loop_free(struct net_loop *loop)
{
    int busy = uv_loop_close(&loop->uv);
    assert(busy == 0);
    while (loop->pool) {
        struct net_socket *next = loop->pool->next;
        free(loop->pool);
        loop->pool = next;
    }
    if (loop->reserve_fd >= 0)
        close(loop->reserve_fd);
    free(loop);
}
