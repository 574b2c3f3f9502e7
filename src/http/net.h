/* The door to libuv: one loop a thread, its sockets, a coarse clock tick and a wake-up. Knows
 * nothing of HTTP.
 *
 * All calls but net_loop_wake belong to the loop's thread (net_loop_new may run before it,
 * net_loop_free after it). A socket's owner gets on_closed once as the last call for it. One
 * write is under way at a time; its bytes stay the caller's until on_written. Clients never get
 * the last quarter of the file descriptors, which the store's files need: beyond it a client is
 * told so and let go. Accepting never spins. */
#ifndef VISAVIS_HTTP_NET_H
#define VISAVIS_HTTP_NET_H

#include "base/status.h"
#include "http/address.h"

struct net_loop;
struct net_socket;

struct net_events {
    /* A client came: the owner of its socket, or NULL to close it. */
    void *(*on_open)(void *context, struct net_socket *socket, struct address peer);
    void (*on_bytes)(void *owner, struct slice bytes); /* borrowed until the return */
    void (*on_end)(void *owner, bool broken);          /* the client sends no more, or is gone */
    void (*on_written)(void *owner, bool failed);
    void (*on_closed)(void *owner);
    void (*on_shed)(void *context); /* a client was turned away for want of file descriptors */
    void (*on_tick)(void *context);
    void (*on_wake)(void *context);
    /* All that had come was read, or a good part of it. True: there is work left, only look and
     * come back. */
    bool (*on_polled)(void *context);
    struct slice (*shed_answer)(void); /* what such a client is told */
};

/* Takes over listen_fd (a listening, non-blocking socket). NULL when the machine gives no loop. */
struct net_loop *net_loop_new(int listen_fd, unsigned tick_ms, const struct net_events *events,
                              void *context);
/* Runs until net_loop_finish was called and the last socket is closed. */
void net_loop_run(struct net_loop *loop);
void net_loop_free(struct net_loop *loop);
/* Calls on_wake soon, on the loop's thread. Any thread, until net_loop_finish. */
void net_loop_wake(struct net_loop *loop);
uint64_t net_loop_now_ms(const struct net_loop *loop); /* monotonic, read once a turn of the loop */
/* Takes in whom the kernel has already greeted, then closes the listening socket. */
void net_loop_stop_listening(struct net_loop *loop);
void net_loop_finish(struct net_loop *loop);

enum net_sent { NET_SENT, NET_SENDING, NET_FAILED };
/* NET_SENT: all given to the kernel; NET_SENDING: on_written will come. */
enum net_sent net_socket_write(struct net_socket *socket, struct slice bytes) MUST_CHECK;
size_t net_socket_unsent(const struct net_socket *socket); /* 0: the next write may come */
/* Also what the kernel holds and the client has not taken: this falls smoothly while a client
 * reads. */
size_t net_socket_untaken(const struct net_socket *socket);
void net_socket_read(struct net_socket *socket, bool on);
/* Sends FIN after what was written. */
void net_socket_shutdown(struct net_socket *socket);
void net_socket_close(struct net_socket *socket); /* once is enough, twice does no harm */

#endif
