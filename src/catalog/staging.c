/* The file of a staging. HEAD_BYTES of head, written when it is held (all zero before):
 *
 *   "visavis feed 1\n", then packed: workspace, mode, taken_ms, rows, refused, feed
 *
 * then rows: a struct row_head and its bytes of item record. Integers are the machine's; the
 * file is never moved to another. */
#include "catalog/staging.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/number_table.h"
#include "base/pack.h"
#include "catalog/item_text.h"
#include "store/directory.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 160, BLOCK_BYTES = 1 << 20, SPOKEN_MAX = ITEM_TEXTS_MAX + 1 };
/* Left for the store, which needs it more: so much, or on a small disk its share of it. */
#define FREE_BYTES_MIN (UINT64_C(256) << 20)
enum { FREE_SHARE = 20 };
static const struct slice magic = SLICE_INIT("visavis feed 1\n");

struct row_head {
    uint32_t size;   /* of the record behind it */
    uint32_t line;   /* 0: of a refused row, which names id, lead and locale */
    uint64_t item;   /* hash of the id */
    uint64_t part;   /* … with locale and lead; 0: the row has neither */
    uint64_t before; /* where the item's row before begins; 0 none */
};
enum { ROW_HEAD_BYTES = sizeof(struct row_head) };

struct staging {
    struct catalog *catalog;
    struct staging_about about;
    int fd;
    char path[DIRECTORY_PATH_MAX];
    struct buf waiting; /* rows not in the file yet */
    uint64_t size;      /* of the file with them */
    /* item → where its last row begins, twice, plus 1 when it has a good one; part → where its
     * newest row begins; an item's locale → how many parts in it */
    struct number_table newest;
    size_t items;
    struct slice spoken[SPOKEN_MAX];
    size_t spoken_count;
    const char *map; /* the whole file, once reading begins */
    size_t map_size;
    struct arena arena;
};

bool feed_name_valid(struct slice name)
{
    bool good = name.size > 0 && name.size <= FEED_NAME_BYTES_MAX && name.data[0] != '.';
    for (size_t i = 0; i < name.size && good; i++) {
        char byte = name.data[i];
        good = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
    }
    return good;
}

/* --- paths ------------------------------------------------------------------------------------ */

static bool folder_of(const char *directory, char out_path[DIRECTORY_PATH_MAX])
{
    return path_join(out_path, directory, "feeds");
}

static bool held_path(struct catalog *catalog, uint32_t workspace, struct slice feed,
                      char out_path[DIRECTORY_PATH_MAX])
{
    char name[FEED_NAME_BYTES_MAX + 32];
    if (!feed_name_valid(feed))
        return false;
    (void)snprintf(name, sizeof name, "feeds/%u-%.*s.held", workspace, SLICE_ARG(feed));
    return path_join(out_path, catalog_directory(catalog), name);
}

static enum status told(struct diag *diag, const char *what)
{
    return diag_set(diag, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO, "", "%s: %s", what,
                    strerror(errno));
}

void staging_clean(const char *directory)
{
    char folder[DIRECTORY_PATH_MAX];
    DIR *names = folder_of(directory, folder) ? opendir(folder) : NULL;
    if (!names)
        return;
    const struct dirent *entry;
    while ((entry = readdir(names)))
        if (slice_starts_with(slice_of(entry->d_name), SLICE("staging-")))
            (void)unlinkat(dirfd(names), entry->d_name, 0);
    closedir(names);
}

/* --- writing ---------------------------------------------------------------------------------- */

static struct staging *staging_of(struct catalog *catalog, const struct staging_about *about)
{
    struct staging *staging = must_alloc_zero(1, sizeof *staging);
    staging->catalog = catalog;
    staging->about = *about;
    staging->fd = -1;
    staging->size = HEAD_BYTES;
    buf_init(&staging->waiting, BLOCK_BYTES + (size_t)ROW_HEAD_BYTES + ITEM_BYTES_MAX);
    number_table_init(&staging->newest);
    arena_init(&staging->arena);
    staging->about.feed = arena_copy(&staging->arena, about->feed);
    return staging;
}

static enum status make_file(struct staging *staging, struct diag *diag)
{
    const char *directory = catalog_directory(staging->catalog);
    char folder[DIRECTORY_PATH_MAX];
    if (!folder_of(directory, folder) ||
        !path_join(staging->path, directory, "feeds/staging-XXXXXX"))
        return diag_set(diag, STATUS_INVALID, "", "the data directory's path is too long");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return told(diag, "the folder feeds/ cannot be made");
    staging->fd = mkostemp(staging->path, O_CLOEXEC);
    static const char head[HEAD_BYTES];
    if (staging->fd < 0)
        return told(diag, "the feed cannot be staged");
    if (write(staging->fd, head, HEAD_BYTES) != HEAD_BYTES)
        return told(diag, "the feed cannot be staged");
    return STATUS_OK;
}

enum status staging_new(struct catalog *catalog, const struct staging_about *about,
                        struct staging **out_staging, struct diag *diag)
{
    if (!feed_name_valid(about->feed))
        return diag_set(diag, STATUS_INVALID, "feed",
                        "a feed's name has 1 to 64 letters, digits, \"-\", \"_\" and \".\"");
    struct staging *staging = staging_of(catalog, about);
    enum status status = make_file(staging, diag);
    if (status == STATUS_OK)
        *out_staging = staging;
    else
        staging_free(staging);
    return status;
}

void staging_free(struct staging *staging)
{
    if (!staging)
        return;
    if (staging->map)
        (void)munmap((void *)(uintptr_t)staging->map, staging->map_size);
    if (staging->fd >= 0)
        close(staging->fd);
    if (staging->path[0])
        (void)unlink(staging->path);
    buf_done(&staging->waiting);
    number_table_done(&staging->newest);
    arena_done(&staging->arena);
    free(staging);
}

static enum status flush(struct staging *staging, struct diag *diag)
{
    struct slice rest = buf_slice(&staging->waiting);
    const char *directory = catalog_directory(staging->catalog);
    uint64_t left = disk_total_bytes(directory) / FREE_SHARE;
    left = left < FREE_BYTES_MIN ? left : FREE_BYTES_MIN;
    if (disk_free_bytes(directory) < left + rest.size)
        return diag_set(diag, STATUS_NO_SPACE, "", "there is no room on the disk for the feed");
    while (rest.size > 0) {
        ssize_t wrote = write(staging->fd, rest.data, rest.size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return told(diag, "the feed cannot be staged");
        rest = slice_from(rest, (size_t)wrote);
    }
    buf_clear(&staging->waiting);
    return STATUS_OK;
}

static uint64_t part_of(const struct item *row, uint64_t item)
{
    if (row->locale.size == 0 && row->lead.size == 0)
        return 0;
    return (hash64_pair(row->locale, row->lead) ^ (item * UINT64_C(0x9E3779B97F4A7C15))) | 1;
}

static uint64_t locale_of(const struct item *row, uint64_t item)
{
    return hash64_pair(row->locale, SLICE("parts")) ^ (item * UINT64_C(0x9E3779B97F4A7C15));
}

static struct slice spoken_locale(const struct staging *staging, struct slice locale)
{
    return locale.size > 0 ? locale : slice_of(locale_name(staging->about.locale));
}

/* A good row makes its locale one that the feed speaks. */
static bool speak(struct staging *staging, struct slice locale)
{
    for (size_t i = 0; i < staging->spoken_count; i++)
        if (slice_equal(staging->spoken[i], locale))
            return true;
    if (staging->spoken_count == SPOKEN_MAX)
        return false;
    staging->spoken[staging->spoken_count++] = arena_copy(&staging->arena, locale);
    return true;
}

/* So many rows of one item there may be as an item has variants and texts. */
static enum status check_room(struct staging *staging, const struct item *row, struct diag *diag)
{
    uint64_t item = hash64(row->id), part = part_of(row, item);
    bool fresh = (number_table_get(&staging->newest, item) & 1) == 0;
    if (fresh && staging->items == CATALOG_ITEMS_MAX)
        return diag_set(diag, STATUS_TOO_LARGE, "", "A catalogue holds at most %d items",
                        CATALOG_ITEMS_MAX);
    if (!speak(staging, spoken_locale(staging, row->locale)))
        return diag_set(diag, STATUS_INVALID, "locale", "a feed has at most %d locales",
                        SPOKEN_MAX);
    if (part != 0 && number_table_get(&staging->newest, part) == 0 &&
        number_table_get(&staging->newest, locale_of(row, item)) >= ITEM_VARIANTS_MAX)
        return diag_set(diag, STATUS_INVALID, "item_group_id",
                        "has more than %d variants: make several items", ITEM_VARIANTS_MAX);
    return STATUS_OK;
}

/* What a row at `at` means for the tables. */
static void index_row(struct staging *staging, const struct row_head *head, const struct item *row,
                      uint64_t at)
{
    uint64_t last = number_table_get(&staging->newest, head->item);
    bool good = (last & 1) || head->line > 0;
    staging->items += good && !(last & 1);
    (void)number_table_put(&staging->newest, head->item, 2 * at + good);
    if (head->part == 0 || !number_table_put(&staging->newest, head->part, at))
        return;
    uint64_t locale = locale_of(row, head->item);
    uint64_t parts = number_table_get(&staging->newest, locale);
    (void)number_table_put(&staging->newest, locale, parts + 1);
}

static enum status add_row(struct staging *staging, const struct item *row, unsigned line,
                           struct diag *diag)
{
    uint64_t at = staging->size, item = hash64(row->id);
    struct buf *waiting = &staging->waiting;
    struct row_head head = {.line = line,
                            .item = item,
                            .part = part_of(row, item),
                            .before = number_table_get(&staging->newest, item) / 2};
    size_t from = waiting->size;
    buf_add(waiting, slice_make(&head, sizeof head));
    size_t most = waiting->size + ITEM_BYTES_MAX;
    catalog_item_pack(row, waiting);
    bool fits = !waiting->overflowed && waiting->size <= most;
    head.size = (uint32_t)(waiting->size - from - sizeof head);
    if (!fits || at + sizeof head + head.size > STAGING_BYTES_MAX) {
        waiting->size = from;
        waiting->overflowed = false;
        return fits ? diag_set(diag, STATUS_TOO_LARGE, "", "a feed has at most 4 GiB of items")
                    : diag_set(diag, STATUS_INVALID, "", "the item is over %d bytes",
                               ITEM_BYTES_MAX);
    }
    memcpy(waiting->data + from, &head, sizeof head);
    staging->size += sizeof head + head.size;
    index_row(staging, &head, row, at);
    return waiting->size >= BLOCK_BYTES ? flush(staging, diag) : STATUS_OK;
}

enum status staging_put(struct staging *staging, const struct item *row, unsigned line,
                        struct diag *diag)
{
    assert(!staging->map && line > 0);
    enum status status = check_room(staging, row, diag);
    return status == STATUS_OK ? add_row(staging, row, line, diag) : status;
}

void staging_keep(struct staging *staging, const struct item *named)
{
    struct item row = {.id = named->id, .lead = named->lead};
    struct diag unused;
    uint64_t item = hash64(row.id);
    if (row.id.size == 0 || row.id.size > ITEM_ID_BYTES_MAX || row.lead.size > ITEM_ID_BYTES_MAX)
        return;
    (void)locale_tag_read(named->locale, &staging->arena, &row.locale);
    uint64_t part = part_of(&row, item);
    if (number_table_get(&staging->newest, part != 0 ? part : item) == 0 &&
        number_table_get(&staging->newest, locale_of(&row, item)) < ITEM_VARIANTS_MAX)
        (void)add_row(staging, &row, 0, &unused); /* what fails here the next put says */
}

size_t staging_items(const struct staging *staging)
{
    return staging->items;
}

/* --- reading ---------------------------------------------------------------------------------- */

bool staging_has(const struct staging *staging, struct slice id)
{
    return number_table_get(&staging->newest, hash64(id)) != 0;
}

static enum status map_file(struct staging *staging, struct diag *diag)
{
    enum status status = staging->map ? STATUS_OK : flush(staging, diag);
    if (status != STATUS_OK || staging->map)
        return status;
    void *map = mmap(NULL, (size_t)staging->size, PROT_READ, MAP_PRIVATE, staging->fd, 0);
    if (map == MAP_FAILED)
        return told(diag, "the staged feed cannot be read");
    staging->map = map;
    staging->map_size = (size_t)staging->size;
    return STATUS_OK;
}

/* The row at `at`; STATUS_NOT_FOUND at the end, STATUS_CORRUPT when it goes beyond. */
static enum status row_at(const struct staging *staging, size_t at, struct row_head *out_head,
                          struct slice *out_record)
{
    if (at == staging->map_size)
        return STATUS_NOT_FOUND;
    if (at > staging->map_size || staging->map_size - at < ROW_HEAD_BYTES)
        return STATUS_CORRUPT;
    memcpy(out_head, staging->map + at, sizeof *out_head);
    if (out_head->size > staging->map_size - at - ROW_HEAD_BYTES || out_head->before >= at)
        return STATUS_CORRUPT;
    *out_record = slice_make(staging->map + at + ROW_HEAD_BYTES, out_head->size);
    return STATUS_OK;
}

/* The rows of an item from its last one backwards; with lists the good ones that count go into
 * `list` and what refused rows name into `kept`, both from their ends on. */
struct chain {
    struct item *list, *kept;
    size_t count, kept_count;
};

static enum status take_row(struct slice record, struct arena *arena, struct item *list,
                            size_t *inout_count)
{
    *inout_count -= list ? 1 : 0;
    if (list)
        return catalog_item_unpack(record, arena, &list[*inout_count]);
    *inout_count += 1;
    return STATUS_OK;
}

/* Counts, or takes what it counted before. */
static enum status follow(const struct staging *staging, size_t at, struct arena *arena,
                          struct chain *chain)
{
    struct row_head head;
    struct slice record;
    bool plain = false; /* met a row without parts: older ones do not count */
    enum status status = STATUS_OK;
    for (; at != 0 && status == STATUS_OK; at = (size_t)head.before) {
        status = row_at(staging, at, &head, &record);
        if (status != STATUS_OK)
            return STATUS_CORRUPT;
        bool newest = head.part == 0 ? !plain : number_table_get(&staging->newest, head.part) == at;
        if (newest && head.line == 0)
            status = take_row(record, arena, chain->kept, &chain->kept_count);
        else if (newest)
            status = take_row(record, arena, chain->list, &chain->count);
        plain |= head.line > 0 && head.part == 0;
    }
    return status;
}

struct item_rows staging_rows(const struct staging *staging)
{
    return (struct item_rows){.locale = slice_of(locale_name(staging->about.locale)),
                              .full = staging->about.mode == FEED_FULL,
                              .spoken = staging->spoken,
                              .spoken_count = staging->spoken_count};
}

static enum status gather(const struct staging *staging, size_t at, struct arena *arena,
                          struct staged_item *out_item)
{
    struct chain chain = {0};
    struct item_rows rows = staging_rows(staging);
    enum status status = follow(staging, at, arena, &chain);
    rows.count = chain.count;
    rows.kept_count = chain.kept_count;
    rows.list = chain.list = ARENA_ARRAY(arena, chain.count + 1, struct item);
    rows.kept = chain.kept = ARENA_ARRAY(arena, chain.kept_count + 1, struct item);
    if (status == STATUS_OK)
        status = follow(staging, at, arena, &chain);
    out_item->id = rows.count > 0 ? rows.list[0].id : SLICE_NONE;
    out_item->rows = rows;
    return status;
}

enum status staging_next(struct staging *staging, size_t *inout_at, struct arena *arena,
                         struct staged_item *out_item)
{
    struct diag unused;
    struct row_head head;
    struct slice record;
    enum status status = map_file(staging, &unused);
    size_t at = *inout_at ? *inout_at : HEAD_BYTES;
    while (status == STATUS_OK && (status = row_at(staging, at, &head, &record)) == STATUS_OK) {
        bool last = number_table_get(&staging->newest, head.item) == 2 * at + 1;
        if (last)
            status = gather(staging, at, arena, out_item);
        out_item->line = head.line;
        at += ROW_HEAD_BYTES + head.size;
        if (last)
            break;
    }
    *inout_at = at;
    return status;
}

/* --- held ------------------------------------------------------------------------------------- */

static enum status write_head(struct staging *staging, struct diag *diag)
{
    const struct staging_about *about = &staging->about;
    struct buf head;
    buf_init(&head, HEAD_BYTES);
    buf_add(&head, magic);
    pack_uint(&head, about->workspace);
    pack_u8(&head, (uint8_t)about->mode);
    pack_u8(&head, (uint8_t)about->locale);
    pack_int(&head, about->taken_ms);
    pack_uint(&head, about->rows);
    pack_uint(&head, about->refused);
    pack_text(&head, about->feed);
    assert(!head.overflowed);
    ssize_t wrote = pwrite(staging->fd, head.data, head.size, 0);
    bool whole = wrote == (ssize_t)head.size;
    buf_done(&head);
    return whole && fdatasync(staging->fd) == 0 ? STATUS_OK : told(diag, "the feed cannot be held");
}

enum status staging_hold(struct staging *staging, uint64_t rows, uint64_t refused,
                         struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    const struct staging_about *about = &staging->about;
    staging->about.rows = rows;
    staging->about.refused = refused;
    enum status status = map_file(staging, diag);
    if (status == STATUS_OK)
        status = write_head(staging, diag);
    if (status != STATUS_OK)
        return status;
    if (!held_path(staging->catalog, about->workspace, about->feed, path))
        return diag_set(diag, STATUS_INVALID, "", "the data directory's path is too long");
    if (rename(staging->path, path) != 0)
        return told(diag, "the feed cannot be held");
    staging->path[0] = 0; /* stays */
    return STATUS_OK;
}

static enum status read_head(struct staging *staging)
{
    struct slice head = slice_make(staging->map, HEAD_BYTES);
    if (!slice_starts_with(head, magic))
        return STATUS_CORRUPT;
    struct unpack in = unpack_of(slice_from(head, magic.size));
    struct staging_about about = {.workspace = (uint32_t)unpack_uint(&in)};
    about.mode = unpack_u8(&in) == FEED_FULL ? FEED_FULL : FEED_DELTA;
    about.locale = unpack_u8(&in) == LOCALE_EN ? LOCALE_EN : LOCALE_FR;
    about.taken_ms = unpack_int(&in);
    about.rows = unpack_uint(&in);
    about.refused = unpack_uint(&in);
    about.feed = unpack_text(&in); /* in the map */
    bool good =
        about.workspace == staging->about.workspace && slice_equal(about.feed, staging->about.feed);
    staging->about = good ? about : staging->about;
    return good ? STATUS_OK : STATUS_CORRUPT;
}

/* The tables, anew. */
static enum status index_rows(struct staging *staging)
{
    size_t at = HEAD_BYTES;
    struct row_head head;
    struct slice record;
    struct item item;
    struct arena scratch;
    enum status status;
    arena_init(&scratch);
    while ((status = row_at(staging, at, &head, &record)) == STATUS_OK) {
        arena_reset(&scratch);
        if (catalog_item_unpack(record, &scratch, &item) != STATUS_OK)
            break;
        if (head.line > 0)
            (void)speak(staging, spoken_locale(staging, item.locale));
        index_row(staging, &head, &item, at);
        at += ROW_HEAD_BYTES + head.size;
    }
    arena_done(&scratch);
    return status == STATUS_NOT_FOUND ? STATUS_OK : STATUS_CORRUPT;
}

enum status staging_open_held(struct catalog *catalog, uint32_t workspace, struct slice feed,
                              struct staging **out_staging, struct diag *diag)
{
    char path[DIRECTORY_PATH_MAX];
    struct stat facts;
    int fd = held_path(catalog, workspace, feed, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return diag_set(diag, STATUS_NOT_FOUND, "", "no feed of this name waits for approval");
    struct staging *staging =
        staging_of(catalog, &(struct staging_about){.workspace = workspace, .feed = feed});
    staging->fd = fd;
    enum status status = STATUS_CORRUPT;
    if (fstat(fd, &facts) == 0 && facts.st_size >= HEAD_BYTES) {
        staging->size = (uint64_t)facts.st_size;
        status = map_file(staging, diag);
    }
    if (status == STATUS_OK)
        status = read_head(staging);
    if (status == STATUS_OK)
        status = index_rows(staging);
    if (status == STATUS_OK) {
        *out_staging = staging;
        return STATUS_OK;
    }
    staging_free(staging);
    return diag_set(diag, status, "", "what was held cannot be read: reject it, and send it again");
}

enum status staging_drop_held(struct catalog *catalog, uint32_t workspace, struct slice feed)
{
    char path[DIRECTORY_PATH_MAX];
    if (!held_path(catalog, workspace, feed, path))
        return STATUS_NOT_FOUND;
    if (unlink(path) == 0)
        return STATUS_OK;
    return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
}

static int by_text(const void *left, const void *right)
{
    const struct slice *a = left, *b = right;
    return slice_compare(*a, *b);
}

size_t staging_list_held(struct catalog *catalog, uint32_t workspace, struct arena *arena,
                         struct slice *out_names, size_t names_max)
{
    char folder[DIRECTORY_PATH_MAX];
    struct slice prefix = arena_format(arena, "%u-", workspace), end = SLICE(".held");
    DIR *names = folder_of(catalog_directory(catalog), folder) ? opendir(folder) : NULL;
    const struct dirent *entry;
    size_t count = 0;
    while (names && count < names_max && (entry = readdir(names))) {
        struct slice name = slice_of(entry->d_name);
        if (slice_starts_with(name, prefix) && slice_ends_with(name, end) &&
            name.size > prefix.size + end.size)
            out_names[count++] = arena_copy(arena, slice_first(slice_from(name, prefix.size),
                                                               name.size - prefix.size - end.size));
    }
    if (names)
        closedir(names);
    qsort(out_names, count, sizeof *out_names, by_text);
    return count;
}

const struct staging_about *staging_about(const struct staging *staging)
{
    return &staging->about;
}

struct catalog *staging_catalog(const struct staging *staging)
{
    return staging->catalog;
}
