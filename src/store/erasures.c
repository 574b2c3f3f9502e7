/* DIR/erasures: what was erased, for the day an older backup is restored.
 *
 * A line each: keyed hash (32 hex digits), workspace, sequence, check (16 hex digits: hash64 of
 * the line before it). Nobody can read an identifier from it, and only this store's secret key
 * finds one again. Appended and synced by the ledger thread. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/directory.h"
#include "store/erasures.h"

enum { HASH_HEX = 32, CHECK_HEX = 16, LINE_BYTES_MAX = 128, FILE_BYTES_MAX = 1 << 30 };

static void add_line(struct buf *lines, const struct store_erasure *erasure)
{
    char hex[HASH_HEX + 1], line[LINE_BYTES_MAX];
    hash_to_hex(erasure->identifier.bytes, sizeof erasure->identifier.bytes, hex);
    int size = snprintf(line, sizeof line, "%s %" PRIu32 " %" PRIu64 " ", hex, erasure->workspace,
                        erasure->sequence);
    buf_format(lines, "%s%016" PRIx64 "\n", line, hash64(slice_make(line, (size_t)size)));
}

/* Does the file end within a line? Then the new line starts with a line end, and the torn one
 * stays for what it is. */
static bool ends_torn(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static enum status append_lines(int fd, struct buf *lines)
{
    struct slice rest = buf_slice(lines);
    while (rest.size > 0) {
        ssize_t size = write(fd, rest.data, rest.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
        rest = slice_from(rest, (size_t)size);
    }
    return fsync(fd) == 0 ? STATUS_OK : STATUS_IO;
}

enum status store_erasures_append(struct store *store, const struct store_erasure *erasures,
                                  size_t count)
{
    char path[DIRECTORY_PATH_MAX];
    struct stat facts;
    if (!path_join(path, store_directory(store), "erasures"))
        return STATUS_INVALID;
    bool fresh = stat(path, &facts) != 0;
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
    struct buf lines;
    buf_init(&lines, count * LINE_BYTES_MAX + 1);
    if (ends_torn(fd))
        buf_add_byte(&lines, '\n');
    for (size_t i = 0; i < count; i++)
        add_line(&lines, &erasures[i]);
    enum status status = append_lines(fd, &lines);
    buf_done(&lines);
    close(fd);
    if (status == STATUS_OK && fresh)
        status = directory_sync(store_directory(store));
    return status;
}

static bool parse_line(struct slice line, struct store_erasure *out_erasure)
{
    struct slice hash, workspace, sequence, rest;
    int64_t workspace_number, sequence_number;
    char check[CHECK_HEX + 1];
    if (line.size < CHECK_HEX + 1)
        return false;
    struct slice checked = slice_first(line, line.size - CHECK_HEX);
    snprintf(check, sizeof check, "%016" PRIx64, hash64(checked));
    if (!slice_is(slice_from(line, checked.size), check))
        return false;
    return slice_cut(checked, ' ', &hash, &rest) && slice_cut(rest, ' ', &workspace, &rest) &&
           slice_cut(rest, ' ', &sequence, &rest) &&
           hash_from_hex(hash, out_erasure->identifier.bytes, sizeof out_erasure->identifier) &&
           slice_to_int64(workspace, &workspace_number) &&
           slice_to_int64(sequence, &sequence_number) &&
           (out_erasure->workspace = (uint32_t)workspace_number,
            out_erasure->sequence = (uint64_t)sequence_number, true);
}

static enum status read_file(const char *path, char **out_bytes, size_t *out_size)
{
    FILE *file = fopen(path, "re");
    struct stat facts;
    if (!file)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (fstat(fileno(file), &facts) != 0 || facts.st_size > FILE_BYTES_MAX) {
        fclose(file);
        return STATUS_IO;
    }
    char *bytes = must_alloc((size_t)facts.st_size + 1);
    size_t size = fread(bytes, 1, (size_t)facts.st_size, file);
    fclose(file);
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

enum status erasures_scan_file(const char *path, store_erasure_visitor *visitor, void *context,
                               struct diag *diag)
{
    char *bytes;
    size_t size;
    enum status status = read_file(path, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    struct slice rest = slice_make(bytes, size), line;
    unsigned number = 0;
    while (status == STATUS_OK && slice_cut(rest, '\n', &line, &rest)) {
        struct store_erasure erasure;
        number++;
        if (parse_line(line, &erasure))
            status = visitor(context, &erasure);
        else if (line.size >= HASH_HEX + CHECK_HEX + 4)
            status = diag_set(diag, STATUS_CORRUPT, "erasures", "%s is damaged at line %u", path,
                              number);
        /* a shorter line was cut by a crash before anybody was promised anything */
    }
    free(bytes);
    return status;
}

enum status store_erasures_scan(const char *directory, store_erasure_visitor *visitor,
                                void *context, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    if (!path_join(path, directory, "erasures"))
        return STATUS_INVALID;
    enum status status = erasures_scan_file(path, visitor, context, diag);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
