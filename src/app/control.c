#include "app/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 3 };

struct control {
    struct engine *engine;
    int listener, stop_pipe[2];
    pthread_t thread;
    char path[108];
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    unsigned running;
    _Atomic bool stopping;
};

/* A socket's path is short by its own limit; a data directory with a longer one has no control
 * socket, and says so. */
static bool address_of(const char *directory, struct sockaddr_un *out_address)
{
    *out_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int size =
        snprintf(out_address->sun_path, sizeof out_address->sun_path, "%s/control.sock", directory);
    return size > 0 && (size_t)size < sizeof out_address->sun_path;
}

/* --- the wire --------------------------------------------------------------------------------- */

static bool send_all(int socket, const char *bytes, size_t size)
{
    while (size) {
        ssize_t count = send(socket, bytes, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

static bool receive_all(int socket, char *bytes, size_t size)
{
    while (size) {
        ssize_t count = recv(socket, bytes, size, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

union rights {
    struct cmsghdr header;
    char room[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
};

/* The size of what follows, with the descriptors riding on it. */
static bool send_head(int socket, uint32_t size, const int *descriptors, size_t count)
{
    struct iovec part = {&size, sizeof size};
    union rights rights = {.room = {0}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof size;
}

static bool receive_head(int socket, uint32_t *out_size, int out_descriptors[DESCRIPTORS_MAX],
                         size_t *out_count)
{
    struct iovec part = {out_size, sizeof *out_size};
    union rights rights = {.room = {0}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = sizeof rights.room};
    *out_count = 0;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *out_size)
        return false;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return false;
    *out_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(out_descriptors, CMSG_DATA(header), *out_count * sizeof(int));
    return *out_count >= 2 && *out_size > 0 && *out_size <= CONTROL_REQUEST_BYTES_MAX;
}

/* --- server ----------------------------------------------------------------------------------- */

struct session {
    struct control *control;
    int socket;
};

static int split_arguments(char *bytes, size_t size, const char **out_arguments)
{
    int count = 0;
    for (size_t at = 0; at < size && count < ARGUMENTS_MAX; at += strlen(bytes + at) + 1)
        out_arguments[count++] = bytes + at;
    return count;
}

static int run_command(struct engine *engine, int count, const char *const *arguments,
                       struct call *call)
{
    struct diag diag = {0};
    const struct command *command = command_called(count, arguments);
    if (!command) {
        output_format(&call->err, "visavis: the server does not know this command\n");
        return 2;
    }
    if (command->need == NEEDS_DIRECTORY) {
        output_format(&call->err, "visavis %s: a server holds this directory; stop it first\n",
                      command->name);
        return 1;
    }
    call->engine = engine;
    if (call_read(call, command, count - 1, arguments + 1, &diag) != STATUS_OK) {
        output_format(&call->err, "visavis %s: %s\n", command->name, diag.sentence);
        return 2;
    }
    return call_run(call);
}

/* A client that goes away closes its end, which reads as the end of what it says. */
static bool is_stopped(void *context)
{
    struct session *session = context;
    char byte;
    return atomic_load(&session->control->stopping) ||
           recv(session->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void serve_session(struct session *session)
{
    uint32_t size = 0;
    int descriptors[DESCRIPTORS_MAX];
    size_t count = 0;
    bool good = receive_head(session->socket, &size, descriptors, &count);
    char *bytes = must_alloc_zero(good ? size + 1 : 1, 1);
    if (good && receive_all(session->socket, bytes, size)) {
        const char *arguments[ARGUMENTS_MAX];
        int argument_count = split_arguments(bytes, size, arguments);
        struct call *call = must_alloc(sizeof *call);
        call_init(call, descriptors[0], descriptors[1]);
        call->file = count > 2 ? descriptors[2] : -1;
        call->stopped = is_stopped;
        call->stopped_context = session;
        char code = (char)run_command(session->control->engine, argument_count, arguments, call);
        call_done(call);
        free(call);
        count = count < 2 ? count : 2; /* the file is closed with the call */
        (void)send_all(session->socket, &code, 1);
    }
    for (size_t i = 0; i < count; i++)
        close(descriptors[i]);
    free(bytes);
}

static void *run_session(void *context)
{
    struct session *session = context;
    struct control *control = session->control;
    serve_session(session);
    close(session->socket);
    free(session);
    pthread_mutex_lock(&control->mutex);
    control->running--;
    pthread_cond_signal(&control->idle);
    pthread_mutex_unlock(&control->mutex);
    return NULL;
}

static bool may_run(struct control *control)
{
    pthread_mutex_lock(&control->mutex);
    bool room = control->running < CONTROL_COMMANDS_MAX;
    control->running += room;
    pthread_mutex_unlock(&control->mutex);
    return room;
}

static void accept_one(struct control *control)
{
    int socket = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0)
        return;
    struct session *session = must_alloc(sizeof *session);
    *session = (struct session){control, socket};
    pthread_t thread;
    if (may_run(control)) {
        if (pthread_create(&thread, NULL, run_session, session) == 0) {
            pthread_detach(thread);
            return;
        }
        pthread_mutex_lock(&control->mutex);
        control->running--;
        pthread_mutex_unlock(&control->mutex);
    }
    close(socket); /* the client says that the server is busy */
    free(session);
}

static void *run_listener(void *context)
{
    struct control *control = context;
    struct pollfd wait[] = {{control->listener, POLLIN, 0}, {control->stop_pipe[0], POLLIN, 0}};
    for (;;) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (wait[1].revents)
            return NULL;
        if (wait[0].revents)
            accept_one(control);
    }
}

static int listen_at(const struct sockaddr_un *address)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0)
        return -1;
    unlink(
        address->sun_path); /* left by a killed server: the directory's lock says that none runs */
    mode_t before = umask(0177);
    bool bound = bind(listener, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(before);
    if (bound && listen(listener, 16) == 0)
        return listener;
    close(listener);
    return -1;
}

enum status control_start(struct engine *engine, struct control **out_control, struct diag *diag)
{
    struct sockaddr_un address;
    if (!address_of(store_directory(engine->store), &address))
        return diag_set(
            diag, STATUS_INVALID, "data",
            "The data directory's path is too long for a socket in it; choose a shorter one");
    struct control *control = must_alloc_zero(1, sizeof *control);
    control->engine = engine;
    control->listener = listen_at(&address);
    memcpy(control->path, address.sun_path, sizeof control->path);
    pthread_mutex_init(&control->mutex, NULL);
    pthread_cond_init(&control->idle, NULL);
    bool started = control->listener >= 0 && pipe2(control->stop_pipe, O_CLOEXEC) == 0 &&
                   pthread_create(&control->thread, NULL, run_listener, control) == 0;
    if (!started) {
        if (control->listener >= 0)
            close(control->listener);
        free(control);
        return diag_set(diag, STATUS_IO, "control.sock", "The control socket cannot be made: %s",
                        strerror(errno));
    }
    *out_control = control;
    return STATUS_OK;
}

void control_stop(struct control *control)
{
    if (!control)
        return;
    unlink(control->path);
    atomic_store(&control->stopping, true);
    close(control->stop_pipe[1]);
    pthread_join(control->thread, NULL);
    pthread_mutex_lock(&control->mutex);
    while (control->running)
        pthread_cond_wait(&control->idle, &control->mutex);
    pthread_mutex_unlock(&control->mutex);
    close(control->listener);
    close(control->stop_pipe[0]);
    pthread_cond_destroy(&control->idle);
    pthread_mutex_destroy(&control->mutex);
    free(control);
}

/* --- client ----------------------------------------------------------------------------------- */

static int connect_to(const char *directory)
{
    struct sockaddr_un address;
    if (!address_of(directory, &address))
        return -1;
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0)
        return -1;
    if (connect(server, (const struct sockaddr *)&address, sizeof address) == 0)
        return server;
    close(server);
    return -1;
}

bool control_ask(const char *directory, int count, const char *const *arguments, int file,
                 int *out_exit)
{
    int server = connect_to(directory);
    if (server < 0)
        return false;
    struct buf request;
    buf_init(&request, CONTROL_REQUEST_BYTES_MAX);
    for (int i = 0; i < count; i++)
        buf_add(&request, slice_make(arguments[i], strlen(arguments[i]) + 1));
    int descriptors[DESCRIPTORS_MAX] = {STDOUT_FILENO, STDERR_FILENO, file};
    char code = 1;
    bool ran = !request.overflowed &&
               send_head(server, (uint32_t)request.size, descriptors, file >= 0 ? 3 : 2) &&
               send_all(server, request.data, request.size) && receive_all(server, &code, 1);
    if (!ran)
        fputs("visavis: the server did not run this command; try again\n", stderr);
    *out_exit = ran ? code : 1;
    buf_done(&request);
    close(server);
    return true;
}
