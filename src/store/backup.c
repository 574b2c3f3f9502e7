#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/pack.h"
#include "store/directory.h"
#include "store/erasures.h"
#include "store/store.h"

enum { PIECE_BYTES = 1 << 20, MANIFEST_BYTES_MAX = 16 << 20, HASH_BYTES = 8 };

static const char first_line[] = "visavis-backup 1\n";
/* Beside the database; erasures may be absent. */
static const char *const single_files[] = {"FORMAT", "secret.key", "erasures"};
enum { SINGLE_FILES = sizeof single_files / sizeof single_files[0], FILES_REQUIRED = 2 };

/* --- one file --------------------------------------------------------------------------------- */

/* Reads `from` to its end, hashes it and, if to ≥ 0, writes it there. The hash of a piece covers
 * the hash so far. */
static enum status pour(int from, int to, uint64_t *out_size, uint64_t *out_hash)
{
    char *room = must_alloc(HASH_BYTES + PIECE_BYTES);
    uint64_t size = 0, hash = 0;
    enum status status = STATUS_OK;
    for (;;) {
        size_t filled = 0;
        ssize_t count = 1;
        while (filled < PIECE_BYTES &&
               (count = read(from, room + HASH_BYTES + filled, PIECE_BYTES - filled)) > 0)
            filled += (size_t)count;
        if (count < 0)
            status = STATUS_IO;
        if (status != STATUS_OK || filled == 0)
            break;
        key_put_u64((uint8_t *)room, hash);
        hash = hash64(slice_make(room, HASH_BYTES + filled));
        size += filled;
        if (to >= 0 && write(to, room + HASH_BYTES, filled) != (ssize_t)filled)
            status = errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
        if (status != STATUS_OK)
            break;
    }
    free(room);
    if (status == STATUS_OK) {
        *out_size = size;
        *out_hash = hash;
    }
    return status;
}

static enum status copy_file(const char *from_path, const char *to_path, uint64_t *out_size,
                             uint64_t *out_hash)
{
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum status status = to < 0 ? STATUS_IO : pour(from, to, out_size, out_hash);
    if (status == STATUS_OK && fsync(to) != 0)
        status = STATUS_IO;
    close(from);
    if (to >= 0)
        close(to);
    return status;
}

static enum status hash_file(const char *path, uint64_t *out_size, uint64_t *out_hash)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    enum status status = pour(fd, -1, out_size, out_hash);
    if (status == STATUS_OK && fsync(fd) != 0)
        status = STATUS_IO;
    close(fd);
    return status;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Our own half-made directory: one level of files and store/. */
static void remove_made(const char *directory, int depth)
{
    DIR *listing = opendir(directory);
    if (!listing)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[DIRECTORY_PATH_MAX];
        bool inside = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        if (inside && path_join(path, directory, entry->d_name) && unlink(path) != 0 && depth > 0)
            remove_made(path, depth - 1);
    }
    closedir(listing);
    rmdir(directory);
}

static enum status list_file(struct buf *manifest, const char *backup, const char *name,
                             size_t *count)
{
    char path[DIRECTORY_PATH_MAX];
    uint64_t size, hash;
    if (!path_join(path, backup, name))
        return STATUS_INVALID;
    enum status status = hash_file(path, &size, &hash);
    if (status != STATUS_OK)
        return status;
    buf_format(manifest, "%" PRIu64 " %016" PRIx64 " %s\n", size, hash, name);
    ++*count;
    return manifest->overflowed ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status list_store(struct buf *manifest, const char *backup, size_t *count)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, backup, "store"))
        return STATUS_INVALID;
    DIR *listing = opendir(path);
    if (!listing)
        return STATUS_IO;
    enum status status = STATUS_OK;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(listing)) != NULL;) {
        char name[sizeof "store/" + sizeof entry->d_name];
        snprintf(name, sizeof name, "store/%s", entry->d_name);
        if (entry->d_name[0] != '.')
            status = list_file(manifest, backup, name, count);
    }
    closedir(listing);
    return status;
}

static enum status write_manifest(const char *backup)
{
    struct buf manifest;
    size_t count = 0;
    buf_init(&manifest, MANIFEST_BYTES_MAX);
    buf_add_text(&manifest, first_line);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < SINGLE_FILES && status == STATUS_OK; i++) {
        status = list_file(&manifest, backup, single_files[i], &count);
        if (status == STATUS_NOT_FOUND && i >= FILES_REQUIRED)
            status = STATUS_OK;
    }
    if (status == STATUS_OK)
        status = list_store(&manifest, backup, &count);
    buf_format(&manifest, "end %zu %016" PRIx64 "\n", count, hash64(buf_slice(&manifest)));
    if (status == STATUS_OK)
        status = manifest.overflowed
                     ? STATUS_TOO_LARGE
                     : file_write_whole(backup, "MANIFEST", buf_slice(&manifest), 0600);
    buf_done(&manifest);
    return status;
}

static enum status copy_singles(const char *from, const char *to)
{
    for (size_t i = 0; i < SINGLE_FILES; i++) {
        char from_path[DIRECTORY_PATH_MAX], to_path[DIRECTORY_PATH_MAX];
        uint64_t size, hash;
        if (!path_join(from_path, from, single_files[i]) ||
            !path_join(to_path, to, single_files[i]))
            return STATUS_INVALID;
        enum status status = copy_file(from_path, to_path, &size, &hash);
        if (status != STATUS_OK && !(status == STATUS_NOT_FOUND && i >= FILES_REQUIRED))
            return status;
    }
    return STATUS_OK;
}

static enum status fill_backup(const char *data, const char *partial, backup_checkpoint *checkpoint,
                               void *context, struct diag *diag)
{
    char database[DIRECTORY_PATH_MAX];
    if (!path_join(database, partial, "store"))
        return STATUS_INVALID;
    enum status status = checkpoint(context, database, diag);
    if (status == STATUS_OK)
        status = copy_singles(data, partial);
    if (status == STATUS_OK)
        status = write_manifest(partial);
    if (status == STATUS_OK)
        status = directory_sync(database);
    return status;
}

/* Real path of the directory that shall hold the backup; a backup inside the data directory
 * would be erased with it. */
static enum status check_target(const char *data, const char *backup,
                                char out_parent[DIRECTORY_PATH_MAX], struct diag *diag)
{
    struct stat facts;
    char copy[DIRECTORY_PATH_MAX], real_data[PATH_MAX], real_parent[PATH_MAX];
    int size = snprintf(copy, sizeof copy, "%s", backup);
    if (size <= 0 || size >= DIRECTORY_PATH_MAX - 16)
        return diag_set(diag, STATUS_INVALID, "backup", "not a usable path");
    if (lstat(backup, &facts) == 0)
        return diag_set(diag, STATUS_CONFLICT, "backup", "%s exists; name a new directory", backup);
    snprintf(out_parent, DIRECTORY_PATH_MAX, "%s", dirname(copy));
    if (!realpath(data, real_data) || !realpath(out_parent, real_parent))
        return diag_set(diag, STATUS_IO, "backup", "there is no directory %s", out_parent);
    struct slice inside = slice_of(real_parent), outer = slice_of(real_data);
    if (slice_starts_with(inside, outer) &&
        (inside.size == outer.size || inside.data[outer.size] == '/'))
        return diag_set(diag, STATUS_INVALID, "backup", "a backup must not lie in %s", data);
    return STATUS_OK;
}

enum status backup_write(const char *data, const char *backup, backup_checkpoint *checkpoint,
                         void *context, struct diag *diag)
{
    char parent[DIRECTORY_PATH_MAX], partial[DIRECTORY_PATH_MAX];
    struct diag none = {0};
    diag = diag ? diag : &none;
    diag->sentence[0] = '\0';
    enum status status = check_target(data, backup, parent, diag);
    if (status != STATUS_OK)
        return status;
    int size = snprintf(partial, sizeof partial, "%s.partial", backup);
    if (size <= 0 || size >= DIRECTORY_PATH_MAX)
        return diag_set(diag, STATUS_INVALID, "backup", "not a usable path");
    remove_made(partial, 1);
    if (mkdir(partial, 0700) != 0)
        return diag_set(diag, STATUS_IO, "backup", "cannot make %s: %s", partial, strerror(errno));
    status = fill_backup(data, partial, checkpoint, context, diag);
    if (status == STATUS_OK && rename(partial, backup) != 0)
        status = STATUS_IO;
    if (status == STATUS_OK)
        return directory_sync(parent);
    remove_made(partial, 1);
    return diag->sentence[0] ? status : diag_set(diag, status, "backup", "cannot write %s", backup);
}

/* --- restoring -------------------------------------------------------------------------------- */

/* Copied to, unless the directory it goes into is NULL: then it is only looked at. */
static enum status read_file(const char *from, const char *directory, const char *name,
                             uint64_t *out_size, uint64_t *out_hash)
{
    char to[DIRECTORY_PATH_MAX];
    if (!directory)
        return hash_file(from, out_size, out_hash);
    return path_join(to, directory, name) ? copy_file(from, to, out_size, out_hash)
                                          : STATUS_INVALID;
}

/* A line of the manifest: the file must be there with this size and hash; it is copied while it
 * is read. */
static enum status restore_line(const char *backup, const char *directory, struct slice line,
                                uint64_t *out_size, struct diag *diag)
{
    struct slice size_text, hash_text, name;
    int64_t size_told;
    char name_text[sizeof "store/" + NAME_MAX], from[DIRECTORY_PATH_MAX];
    char hash_found[2 * HASH_BYTES + 1];
    if (!slice_cut(line, ' ', &size_text, &name) || !slice_cut(name, ' ', &hash_text, &name) ||
        !slice_to_int64(size_text, &size_told) || name.size >= sizeof name_text)
        return diag_set(diag, STATUS_CORRUPT, "backup", "%s/MANIFEST has a line that is none",
                        backup);
    snprintf(name_text, sizeof name_text, "%.*s", SLICE_ARG(name));
    if (strstr(name_text, "..") || !path_join(from, backup, name_text))
        return diag_set(diag, STATUS_CORRUPT, "backup", "%s/MANIFEST names a file outside", backup);
    uint64_t size, hash;
    enum status status = read_file(from, directory, name_text, &size, &hash);
    if (status != STATUS_OK)
        return diag_set(diag, status == STATUS_NOT_FOUND ? STATUS_CORRUPT : status, "backup",
                        "cannot %s %s: %s", directory ? "copy" : "read", from, strerror(errno));
    snprintf(hash_found, sizeof hash_found, "%016" PRIx64, hash);
    if (size != (uint64_t)size_told || !slice_is(hash_text, hash_found))
        return diag_set(diag, STATUS_CORRUPT, "backup", "%s is not what was backed up", from);
    *out_size = size;
    return STATUS_OK;
}

/* Checks the closing line and gives the lines between the first and it. */
static enum status check_manifest(const char *backup, struct slice text, struct slice *out_lines,
                                  struct diag *diag)
{
    size_t last = text.size;
    while (last > 1 && text.data[last - 2] != '\n')
        last--;
    if (!slice_starts_with(text, slice_of(first_line)) || last < sizeof first_line - 1)
        return diag_set(diag, STATUS_INVALID, "backup", "%s/MANIFEST is not a backup's", backup);
    struct slice before = slice_first(text, last - 1);
    size_t count = 0;
    for (size_t i = 0; i < before.size; i++)
        count += before.data[i] == '\n';
    char closing[64];
    int size =
        snprintf(closing, sizeof closing, "end %zu %016" PRIx64 "\n", count - 1, hash64(before));
    if (!slice_equal(slice_from(text, before.size), slice_make(closing, (size_t)size)))
        return diag_set(diag, STATUS_CORRUPT, "backup", "%s/MANIFEST is damaged", backup);
    *out_lines = slice_from(before, sizeof first_line - 1);
    return STATUS_OK;
}

/* directory: NULL to check alone; watch: may be NULL. */
static enum status restore_files(const char *backup, const char *directory,
                                 struct backup_watch *watch, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, backup, "MANIFEST"))
        return STATUS_INVALID;
    FILE *file = fopen(path, "re");
    if (!file)
        return diag_set(diag, STATUS_NOT_FOUND, "backup", "%s is not a backup: no MANIFEST",
                        backup);
    char *text = must_alloc(MANIFEST_BYTES_MAX);
    struct slice lines = SLICE_NONE, line,
                 rest = slice_make(text, fread(text, 1, MANIFEST_BYTES_MAX, file));
    fclose(file);
    enum status status = check_manifest(backup, rest, &lines, diag);
    while (status == STATUS_OK && slice_cut(lines, '\n', &line, &lines)) {
        uint64_t size = 0;
        if (watch && atomic_load(&watch->stop))
            status = diag_set(diag, STATUS_CONFLICT, "backup", "stopped");
        else
            status = restore_line(backup, directory, line, &size, diag);
        if (watch)
            atomic_fetch_add(&watch->bytes, size);
    }
    free(text);
    return status;
}

static enum status make_empty(const char *directory, struct diag *diag)
{
    char database[DIRECTORY_PATH_MAX];
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return diag_set(diag, STATUS_IO, "data", "cannot make %s: %s", directory, strerror(errno));
    DIR *listing = opendir(directory);
    if (!listing)
        return diag_set(diag, STATUS_IO, "data", "cannot read %s", directory);
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                          strcmp(entry->d_name, "lost+found") == 0);
    closedir(listing);
    if (!empty)
        return diag_set(diag, STATUS_CONFLICT, "data", "%s is not empty", directory);
    if (!path_join(database, directory, "store") || mkdir(database, 0700) != 0)
        return diag_set(diag, STATUS_IO, "data", "cannot make %s/store", directory);
    return STATUS_OK;
}

/* Appends the lines of the file of later erasures as they stand, after they have been read once. */
static enum status skip_erasure(void *context, const struct store_erasure *erasure)
{
    (void)context, (void)erasure;
    return STATUS_OK;
}

static enum status merge_erasures(const char *file, const char *directory, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    uint64_t size, hash;
    enum status status = erasures_scan_file(file, skip_erasure, NULL, diag);
    if (status == STATUS_NOT_FOUND)
        return diag_set(diag, STATUS_NOT_FOUND, "erasures", "there is no file %s", file);
    if (status != STATUS_OK || !path_join(path, directory, "erasures"))
        return status;
    int from = open(file, O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    status = from < 0 || to < 0 ? STATUS_IO : pour(from, to, &size, &hash);
    if (status == STATUS_OK && fsync(to) != 0)
        status = STATUS_IO;
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return status;
}

enum status store_restore(const char *backup, const char *directory, const char *erasures,
                          struct diag *diag)
{
    char database[DIRECTORY_PATH_MAX];
    enum status status = make_empty(directory, diag);
    if (status != STATUS_OK)
        return status;
    if (!path_join(database, directory, "store"))
        return STATUS_INVALID;
    status = restore_files(backup, directory, NULL, diag);
    if (status == STATUS_OK && erasures)
        status = merge_erasures(erasures, directory, diag);
    if (status == STATUS_OK)
        status = directory_sync(database);
    if (status == STATUS_OK)
        return directory_sync(directory);
    /* Nothing half restored is left to be served by mistake. */
    remove_made(directory, 1);
    return status;
}

enum status store_backup_check(const char *backup, struct backup_watch *watch, struct diag *diag)
{
    return restore_files(backup, NULL, watch, diag);
}
