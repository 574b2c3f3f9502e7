#include "store/wal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/crc32c.h"
#include "store/directory.h"

/* The log format, from RocksDB's db/log_format.h: blocks of 32 KiB; a record is checksum (4,
 * masked CRC-32C of type and payload), size (2), type (1), payload; it does not cross a block,
 * so long ones are cut into first, middle … last. Fewer than 7 bytes left in a block are zero.
 * Types above 4 belong to recycled logs, which we do not use. */
enum {
    BLOCK_BYTES = 32768,
    HEADER_BYTES = 7,
    TYPE_FULL = 1,
    TYPE_FIRST = 2,
    TYPE_MIDDLE = 3,
    TYPE_LAST = 4,
    PAYLOAD_BYTES_LEAST =
        4, /* shorter ones prove nothing: a checksum over next to nothing is found by chance */
    SECTOR_BYTES = 512
};

struct fragment {
    uint32_t checksum;
    size_t size;
    uint8_t type;
};

static struct fragment read_header(const uint8_t *at)
{
    return (struct fragment){
        .checksum =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24,
        .size = (size_t)at[4] | (size_t)at[5] << 8,
        .type = at[6],
    };
}

/* The checksum over type and size bytes of payload, masked as RocksDB masks it. */
static uint32_t checksum_at(const uint8_t *header, size_t size)
{
    uint32_t crc = crc32c(header + 6, size + 1);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static size_t block_left(size_t offset)
{
    return BLOCK_BYTES - offset % BLOCK_BYTES;
}

static bool fragment_is_good(struct slice bytes, size_t offset)
{
    const uint8_t *at = (const uint8_t *)bytes.data + offset;
    if (bytes.size - offset < HEADER_BYTES || block_left(offset) < HEADER_BYTES)
        return false;
    struct fragment fragment = read_header(at);
    size_t whole = HEADER_BYTES + fragment.size;
    return fragment.type >= TYPE_FULL && fragment.type <= TYPE_LAST &&
           whole <= block_left(offset) && whole <= bytes.size - offset &&
           checksum_at(at, fragment.size) == fragment.checksum;
}

static bool any_good_after(struct slice bytes, size_t offset)
{
    for (size_t at = offset; at + HEADER_BYTES + PAYLOAD_BYTES_LEAST <= bytes.size; at++) {
        const uint8_t *header = (const uint8_t *)bytes.data + at;
        if (header[6] >= TYPE_FULL && header[6] <= TYPE_LAST &&
            read_header(header).size >= PAYLOAD_BYTES_LEAST && fragment_is_good(bytes, at))
            return true;
    }
    return false;
}

static bool all_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool has_zero_sector(struct slice bytes, size_t offset)
{
    size_t at = (offset + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    for (; at + SECTOR_BYTES <= bytes.size; at += SECTOR_BYTES)
        if (all_zero(bytes.data + at, SECTOR_BYTES))
            return true;
    return false;
}

/* Nothing good follows the bad fragment at offset. */
static bool tail_is_torn(struct slice bytes, size_t offset)
{
    size_t left = bytes.size - offset;
    if (left < HEADER_BYTES)
        return true;
    const uint8_t *at = (const uint8_t *)bytes.data + offset;
    size_t whole = HEADER_BYTES + read_header(at).size;
    bool cut_short = whole > left && whole <= block_left(offset);
    /* Cut short by its own account, yet the checksum fits what is there: then it is the size
     * that is wrong. */
    if (cut_short)
        return checksum_at(at, left - HEADER_BYTES) != read_header(at).checksum;
    return bytes.data[bytes.size - 1] == 0 || has_zero_sector(bytes, offset);
}

/* Follows first … middle … last; false on an order that RocksDB does not write. */
static bool follows(bool *inside, uint8_t type)
{
    bool fits = *inside == (type == TYPE_MIDDLE || type == TYPE_LAST);
    *inside = type == TYPE_FIRST || type == TYPE_MIDDLE;
    return fits;
}

enum wal_verdict wal_judge(struct slice bytes, size_t *out_offset)
{
    size_t at = 0, whole_until = 0;
    bool inside = false;
    while (at < bytes.size) {
        if (block_left(at) < HEADER_BYTES) {
            at += block_left(at);
            continue;
        }
        if (!fragment_is_good(bytes, at))
            break;
        struct fragment fragment = read_header((const uint8_t *)bytes.data + at);
        if (!follows(&inside, fragment.type)) {
            *out_offset = at;
            return WAL_DAMAGED;
        }
        at += HEADER_BYTES + fragment.size;
        if (!inside)
            whole_until = at;
    }
    if (at >= bytes.size && !inside)
        return WAL_WHOLE;
    if (at < bytes.size && (any_good_after(bytes, at + 1) || !tail_is_torn(bytes, at))) {
        *out_offset = at;
        return WAL_DAMAGED;
    }
    *out_offset = whole_until;
    return WAL_TORN;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Whole file into malloc'ed memory. */
static enum status read_all(int fd, char **out_bytes, size_t *out_size)
{
    struct stat facts;
    if (fstat(fd, &facts) != 0)
        return STATUS_IO;
    size_t size = (size_t)facts.st_size, done = 0;
    char *bytes = must_alloc(size + 1);
    while (done < size) {
        ssize_t count = pread(fd, bytes + done, size - done, (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            free(bytes);
            return STATUS_IO;
        }
        done += (size_t)count;
    }
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

static enum status check_file(const char *directory, const char *name, bool may_cut,
                              struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX], *bytes = NULL;
    size_t size = 0, offset = 0;
    if (!path_join(path, directory, name))
        return STATUS_INVALID;
    int fd = open(path, (may_cut ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0 || read_all(fd, &bytes, &size) != STATUS_OK) {
        if (fd >= 0)
            close(fd);
        return diag_set(diag, STATUS_IO, "data", "cannot read store/%s: %s", name, strerror(errno));
    }
    enum status status = STATUS_OK;
    enum wal_verdict verdict = wal_judge(slice_make(bytes, size), &offset);
    free(bytes);
    if (verdict == WAL_DAMAGED)
        status = diag_set(diag, STATUS_CORRUPT, "data",
                          "store/%s is damaged at offset %zu; nothing was changed", name, offset);
    if (verdict == WAL_TORN && may_cut && (ftruncate(fd, (off_t)offset) != 0 || fsync(fd) != 0))
        status = diag_set(diag, STATUS_IO, "data", "cannot cut the torn end of store/%s", name);
    close(fd);
    return status;
}

static bool is_wal(const char *name, const char *directory, uint64_t *out_size)
{
    char path[DIRECTORY_PATH_MAX];
    struct stat facts;
    size_t size = strlen(name);
    if (size < 5 || strspn(name, "0123456789") != size - 4 || strcmp(name + size - 4, ".log") ||
        !path_join(path, directory, name) || stat(path, &facts) != 0)
        return false;
    *out_size = (uint64_t)facts.st_size;
    return true;
}

/* "MANIFEST-000005\n" and nothing else. */
static bool names_manifest(struct slice text)
{
    struct slice number, rest;
    if (!slice_starts_with(text, SLICE("MANIFEST-")) ||
        !slice_cut(slice_from(text, sizeof "MANIFEST-" - 1), '\n', &number, &rest))
        return false;
    for (size_t i = 0; i < number.size; i++)
        if (number.data[i] < '0' || number.data[i] > '9')
            return false;
    return number.size > 0 && rest.size == 0;
}

static enum status check_manifest(const char *directory, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX], name[64] = "";
    struct stat facts;
    if (!path_join(path, directory, "CURRENT"))
        return STATUS_INVALID;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STATUS_OK; /* a new store, or RocksDB will say what is missing */
    ssize_t size = read(fd, name, sizeof name - 1);
    close(fd);
    struct slice text = slice_make(name, size > 0 ? (size_t)size : 0);
    if (!names_manifest(text))
        return diag_set(diag, STATUS_CORRUPT, "data", "store/CURRENT is damaged at offset 0");
    name[text.size - 1] = '\0';
    if (path_join(path, directory, name) && stat(path, &facts) != 0 && errno == ENOENT)
        return diag_set(diag, STATUS_CORRUPT, "data",
                        "store/CURRENT names %s, which is not there: one of the two is damaged",
                        name);
    return check_file(directory, name, false, diag);
}

enum status wal_check(const char *directory, uint64_t *out_bytes, struct diag *diag)
{
    uint64_t bytes = 0, size;
    DIR *listing = opendir(directory);
    if (!listing) {
        *out_bytes = 0;
        return STATUS_OK;
    }
    enum status status = check_manifest(directory, diag);
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(listing)) != NULL;) {
        if (!is_wal(entry->d_name, directory, &size))
            continue;
        bytes += size;
        status = check_file(directory, entry->d_name, true, diag);
    }
    closedir(listing);
    if (status == STATUS_OK)
        *out_bytes = bytes;
    return status;
}
