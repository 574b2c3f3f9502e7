/* DIR/secret.key: made once with the store, never written again. Without it no identifier can be
 * found, so a store whose key is gone is refused rather than given a new one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "store/directory.h"

static enum status make_secret(const char *directory, uint8_t out_secret[SECRET_BYTES],
                               struct diag *diag)
{
    char current[DIRECTORY_PATH_MAX];
    if (!path_join(current, directory, "store/CURRENT"))
        return STATUS_INVALID;
    if (access(current, F_OK) == 0)
        return diag_set(diag, STATUS_CORRUPT, "data",
                        "%s/secret.key is missing; put it back from a backup", directory);
    uint8_t secret[SECRET_BYTES];
    random_bytes(secret, sizeof secret);
    enum status status =
        file_write_whole(directory, "secret.key", slice_make(secret, sizeof secret), 0600);
    if (status != STATUS_OK)
        return diag_set(diag, status, "data", "cannot write %s/secret.key", directory);
    memcpy(out_secret, secret, sizeof secret);
    return STATUS_OK;
}

enum status directory_secret(const char *directory, uint8_t out_secret[SECRET_BYTES],
                             struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, directory, "secret.key"))
        return STATUS_INVALID;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return make_secret(directory, out_secret, diag);
    if (fd < 0)
        return diag_set(diag, STATUS_IO, "data", "cannot open %s: %s", path, strerror(errno));
    struct stat facts;
    uint8_t bytes[SECRET_BYTES + 1];
    bool private = fstat(fd, &facts) == 0 && (facts.st_mode & 077) == 0;
    ssize_t size = private ? read(fd, bytes, sizeof bytes) : 0;
    close(fd);
    if (!private)
        return diag_set(diag, STATUS_INVALID, "data",
                        "%s can be read by others; run `chmod 600` on it", path);
    if (size != SECRET_BYTES)
        return diag_set(diag, STATUS_CORRUPT, "data", "%s is damaged: it must hold %d bytes", path,
                        SECRET_BYTES);
    memcpy(out_secret, bytes, SECRET_BYTES);
    return STATUS_OK;
}
