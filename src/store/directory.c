#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FORMAT_TEXT_MAX = 64 };

bool path_join(char out_path[DIRECTORY_PATH_MAX], const char *directory, const char *name)
{
    int size = snprintf(out_path, DIRECTORY_PATH_MAX, "%s/%s", directory, name);
    return size > 0 && size < DIRECTORY_PATH_MAX;
}

enum status directory_sync(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return STATUS_IO;
    int failed = fsync(fd);
    close(fd);
    return failed ? STATUS_IO : STATUS_OK;
}

static bool write_and_sync(int fd, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t size = write(fd, bytes.data, bytes.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)size);
    }
    return fsync(fd) == 0;
}

enum status file_write_whole(const char *directory, const char *name, struct slice bytes,
                             unsigned mode)
{
    char path[DIRECTORY_PATH_MAX], temporary[DIRECTORY_PATH_MAX];
    int size = snprintf(temporary, sizeof temporary, "%s/%s.new", directory, name);
    if (!path_join(path, directory, name) || size < 0 || size >= DIRECTORY_PATH_MAX)
        return STATUS_INVALID;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
    bool written = write_and_sync(fd, bytes);
    int reason = errno;
    close(fd);
    if (!written || rename(temporary, path) != 0) {
        unlink(temporary);
        return reason == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
    }
    return directory_sync(directory);
}

/* --- lock and format -------------------------------------------------------------------------- */

static bool is_empty(const char *directory)
{
    DIR *listing = opendir(directory);
    if (!listing)
        return false;
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") && strcmp(name, "..") && strcmp(name, "lost+found") &&
            strcmp(name, "LOCK") && strcmp(name, "FORMAT.new"))
            empty = false;
    }
    closedir(listing);
    return empty;
}

static enum status make_directory(const char *directory, bool create, struct diag *diag)
{
    struct stat facts;
    if (stat(directory, &facts) == 0)
        return S_ISDIR(facts.st_mode)
                   ? STATUS_OK
                   : diag_set(diag, STATUS_INVALID, "data", "%s is not a directory", directory);
    if (!create)
        return diag_set(diag, STATUS_NOT_FOUND, "data",
                        "there is no data directory %s; make one with `visavis init`", directory);
    if (mkdir(directory, 0700) != 0)
        return diag_set(diag, STATUS_IO, "data", "cannot make %s: %s", directory, strerror(errno));
    return STATUS_OK;
}

static enum status lock_directory(const char *directory, int *out_lock, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, directory, "LOCK"))
        return diag_set(diag, STATUS_INVALID, "data", "the path of the data directory is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return diag_set(diag, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO, "data",
                        "cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return diag_set(diag, STATUS_CONFLICT, "data", "another process holds %s", directory);
    }
    *out_lock = fd;
    return STATUS_OK;
}

static enum status check_format(const char *directory, bool create, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX], text[FORMAT_TEXT_MAX] = "";
    if (!path_join(path, directory, "FORMAT"))
        return STATUS_INVALID;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (!create || !is_empty(directory))
            return diag_set(diag, STATUS_INVALID, "data",
                            "%s holds other things and no FORMAT: it is not a data directory",
                            directory);
        int size = snprintf(text, sizeof text, "visavis %d\n", DIRECTORY_FORMAT);
        return file_write_whole(directory, "FORMAT", slice_make(text, (size_t)size), 0600);
    }
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    struct slice name, version;
    int64_t number = 0;
    bool read_well = size > 0 && slice_cut(slice_make(text, (size_t)size), ' ', &name, &version) &&
                     slice_is(name, "visavis") && slice_to_int64(slice_trim(version), &number) &&
                     number > 0;
    if (!read_well)
        return diag_set(diag, STATUS_CORRUPT, "data", "%s is damaged at offset 0", path);
    if (number != DIRECTORY_FORMAT)
        return diag_set(diag, STATUS_INVALID, "data",
                        "%s was made by another version, %s than this one (format %lld, not %d)",
                        directory, number > DIRECTORY_FORMAT ? "newer" : "older", (long long)number,
                        DIRECTORY_FORMAT);
    return STATUS_OK;
}

enum status directory_open(const char *directory, bool create, int *out_lock, struct diag *diag)
{
    int lock = -1;
    enum status status = make_directory(directory, create, diag);
    if (status == STATUS_OK)
        status = lock_directory(directory, &lock, diag);
    if (status != STATUS_OK)
        return status;
    status = check_format(directory, create, diag);
    if (status != STATUS_OK) {
        close(lock);
        return status;
    }
    *out_lock = lock;
    return STATUS_OK;
}

/* --- disk and ballast ------------------------------------------------------------------------- */

uint64_t disk_free_bytes(const char *directory)
{
    struct statvfs facts;
    if (statvfs(directory, &facts) != 0)
        return 0;
    return (uint64_t)facts.f_bavail * facts.f_frsize;
}

uint64_t disk_total_bytes(const char *directory)
{
    struct statvfs facts;
    if (statvfs(directory, &facts) != 0)
        return 0;
    return (uint64_t)facts.f_blocks * facts.f_frsize;
}

/* 1 % of the disk between 8 and 64 MiB, never more than a quarter of what is free. */
static uint64_t ballast_size(const char *directory)
{
    const uint64_t least = UINT64_C(8) << 20, most = UINT64_C(64) << 20;
    uint64_t size = disk_total_bytes(directory) / 100;
    size = size < least ? least : size > most ? most : size;
    uint64_t quarter = disk_free_bytes(directory) / 4;
    return size < quarter ? size : quarter;
}

bool ballast_make(const char *directory, uint64_t room_bytes)
{
    char path[DIRECTORY_PATH_MAX];
    struct stat facts;
    if (!path_join(path, directory, "ballast"))
        return false;
    if (stat(path, &facts) == 0)
        return true;
    uint64_t size = ballast_size(directory);
    if (size == 0 || disk_free_bytes(directory) < size + room_bytes)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool made = posix_fallocate(fd, 0, (off_t)size) == 0;
    close(fd);
    if (!made)
        unlink(path);
    return made;
}

bool ballast_free(const char *directory)
{
    char path[DIRECTORY_PATH_MAX];
    return path_join(path, directory, "ballast") && unlink(path) == 0;
}
