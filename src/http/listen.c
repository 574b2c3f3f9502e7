/* Listening sockets; see listen.h. */
#include "http/listen.h"

#include "base/slice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, ADDRESS_TEXT_MAX = 64 };

struct place {
    struct sockaddr_storage address;
    socklen_t size;
};

static bool parse_host(struct slice host, in_port_t port, struct place *out_place)
{
    char text[ADDRESS_TEXT_MAX];
    if (host.size >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(host));
    memset(out_place, 0, sizeof *out_place);
    struct sockaddr_in *four = (struct sockaddr_in *)&out_place->address;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = port;
        out_place->size = sizeof *four;
        return true;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out_place->address;
    if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
        return false;
    six->sin6_family = AF_INET6;
    six->sin6_port = port;
    out_place->size = sizeof *six;
    return true;
}

static bool parse_place(const char *address, struct place *out_place)
{
    struct slice text = slice_of(address);
    size_t colon = text.size;
    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    int64_t port;
    if (colon == 0 || !slice_to_int64(slice_from(text, colon), &port) || port < 0 || port > 65535)
        return false;
    struct slice host = slice_first(text, colon - 1);
    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
        host = slice_make(host.data + 1, host.size - 2);
    return parse_host(host, htons((in_port_t)port), out_place);
}

static enum status fail(const char *address, struct diag *diag)
{
    if (errno == EADDRINUSE)
        return diag_set(diag, STATUS_CONFLICT, "listen",
                        "somebody listens at %s already; stop it or choose another port", address);
    if (errno == EADDRNOTAVAIL || errno == EACCES)
        return diag_set(diag, STATUS_INVALID, "listen",
                        "this machine does not let us listen at %s: %s", address, strerror(errno));
    return diag_set(diag, STATUS_IO, "listen", "cannot listen at %s: %s", address, strerror(errno));
}

/* A socket bound to the place; -1 with errno. */
static int bind_socket(const struct place *place, bool shared)
{
    int fd = socket(place->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0)
        return -1;
    bool failed = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
                  (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
                  bind(fd, (const struct sockaddr *)&place->address, place->size) != 0;
    if (!failed)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* SO_REUSEPORT would let us join another server's port unseen, so the place is first tried
 * without it. */
static bool is_free(const struct place *place)
{
    int fd = bind_socket(place, false);
    if (fd < 0)
        return false;
    bool listens = listen(fd, 1) == 0;
    int reason = errno;
    close(fd);
    errno = reason;
    return listens;
}

enum status listen_open(const char *address, int *out_fds, size_t count, unsigned *out_port,
                        struct diag *diag)
{
    struct place place;
    if (!address || !parse_place(address, &place))
        return diag_set(diag, STATUS_INVALID, "listen",
                        "%s is not an IP address with a port, such as 127.0.0.1:8080",
                        address ? address : "(nothing)");
    if (!is_free(&place))
        return fail(address, diag);
    size_t opened = 0;
    for (; opened < count; opened++) {
        out_fds[opened] = bind_socket(&place, count > 1);
        if (out_fds[opened] < 0 || listen(out_fds[opened], BACKLOG) != 0)
            break;
        /* Port 0 is settled by the first socket; the others join it. */
        socklen_t size = sizeof place.address;
        getsockname(out_fds[opened], (struct sockaddr *)&place.address, &size);
    }
    if (opened < count) {
        enum status status = fail(address, diag);
        for (size_t i = 0; i <= opened; i++)
            if (out_fds[i] >= 0)
                close(out_fds[i]);
        return status;
    }
    *out_port = place.address.ss_family == AF_INET
                    ? ntohs(((struct sockaddr_in *)&place.address)->sin_port)
                    : ntohs(((struct sockaddr_in6 *)&place.address)->sin6_port);
    return STATUS_OK;
}
