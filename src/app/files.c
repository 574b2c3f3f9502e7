#include "app/files.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BLOCK = 65536 };

enum status file_read_fd(int fd, size_t size_max, struct arena *arena, struct slice *out_text,
                         struct diag *diag)
{
    struct buf text;
    buf_init(&text, size_max + BLOCK);
    ssize_t count = 0;
    do {
        char *room = buf_reserve(&text, BLOCK);
        count = room ? read(fd, room, BLOCK) : 0;
        if (count > 0)
            buf_added(&text, (size_t)count);
    } while (count > 0 || (count < 0 && errno == EINTR));
    enum status status = STATUS_OK;
    if (count < 0)
        status = diag_set(diag, STATUS_IO, "", "The file cannot be read: %s", strerror(errno));
    else if (text.overflowed || text.size > size_max)
        status = diag_set(diag, STATUS_TOO_LARGE, "", "The file is over %zu bytes", size_max);
    else
        *out_text = arena_copy(arena, buf_slice(&text));
    buf_done(&text);
    return status;
}

enum status file_read(const char *path, size_t size_max, struct arena *arena,
                      struct slice *out_text, struct diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return diag_set(diag, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "", "%s: %s", path,
                        strerror(errno));
    enum status status = file_read_fd(fd, size_max, arena, out_text, diag);
    close(fd);
    return status;
}
