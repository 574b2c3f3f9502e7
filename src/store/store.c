/* The only file that speaks to RocksDB (C API, 7.8.3).
 *
 * A store lives from store_open to store_close on any thread; every function between may be
 * called from any thread, writing is the ledger's. Limits: block cache and memtables share
 * memory_bytes; the WAL holds at most WAL_BYTES_MAX, or writing waits; each of MERGERS compactions
 * works on at most COMPACTION_BYTES_MAX, which the floor of free space is computed from. */
#include "store/store.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/pack.h"
#include "store/backup.h"
#include "store/batch_index.h"
#include "store/directory.h"
#include "store/space.h"
#include "store/wal.h"

#define MIB (UINT64_C(1) << 20)
/* Of the memtable's bytes: an absent key, or node, costs no walk through it. */
#define MEMTABLE_BLOOM_RATIO 0.05
#define MEMTABLE_NODE_BLOOM_RATIO 0.01

enum {
    MEMORY_BYTES_DEFAULT = 256 << 20,
    WAL_BYTES_MAX = 48 << 20,                /* read again at start: under a second */
    MEMTABLES_BYTES_MAX = 2 * WAL_BYTES_MAX, /* they hold what the WAL does, and pointers */
    TABLE_BYTES = 16 << 20,                  /* small files: an erasure rewrites little */
    COMPACTION_BYTES_MAX = 256 << 20,        /* of one compaction */
    SMALL_DISK_MIB = 1024, /* below it memtables and tables shrink with the disk */
    BLOOM_BITS = 10,       /* 1 % of absent keys cost a read */
    NODE_PREFIX_BYTES = STORE_KEY_PREFIX_BYTES + 16, /* what rows of a space by node begin with */
    BLOCK_BYTES = 8192,
    BYTES_PER_BUCKET = 1024, /* of the memtables' budget: a few rows share a bucket */
    TABLE_FORMAT = 5,
    OPEN_FILES_MAX = 512, /* and no more than FILES_KEPT_SHARE leaves to the store */
    MANIFEST_BYTES_MAX = 4 << 20,
    INFO_LOG_BYTES_MAX = 1 << 20,
    INFO_LOGS_KEPT = 2,
    INFO_LOG_LEVEL_WARN = 2,
    /* Tables of a space that wait to be merged. Many slow reading down a little; at the limit all
     * writing waits, for seconds where the processor is busy. */
    UNMERGED_WAIT = 40,
    UNMERGED_STOP = 56,
    /* Threads that merge, and one that writes memtables out. A single one stood at a merge of one
     * space while another's tables piled up, until all writing waited for more than 5 s. */
    MERGERS = 3,
    MEMTABLES_MAX = 3, /* of a space: writing waits while all but one are being written out */
    LEVELS = 7,
    COMPRESSION_NONE = rocksdb_no_compression,
    COMPRESSION_LZ4 = rocksdb_lz4_compression,
    /* Refuses a damaged record and takes a torn tail for what it is: a batch that nobody was
     * promised (docs/internals/format.md). */
    WAL_RECOVERY_TOLERATE_TORN_TAIL = 0,
    COMPACT_ALSO_BOTTOM = 2,
    ERROR_TEXT_MAX = 1024
};

/* Rows older than a month of days would never meet a compaction by themselves in a quiet family. */
static const char *const extra_options =
    "periodic_compaction_seconds=86400;"
    "compaction_readahead_size=1048576;"
    "avoid_unnecessary_blocking_io=true;"
    "avoid_flush_during_recovery=true;" /* what a start reads stays in memory: it is soon written */
    "fail_if_options_file_error=true";  /* a directory that cannot be synced */

/* Index and filter of an open table stay in the cache, at its expense, and the table knows where:
 * each look at them took a lock and a walk through the cache's lists, several for one row. The C
 * interface has no word for it. */
static const char *const pinning_options =
    "block_based_table_factory={metadata_cache_options={unpartitioned_pinning=kAll}};";

struct filter_state {
    int64_t keep_ms;
    unsigned space;
};

struct store {
    char directory[DIRECTORY_PATH_MAX], rocksdb_directory[DIRECTORY_PATH_MAX];
    int lock;
    uint8_t secret[SECRET_BYTES];
    int64_t keep_ms[SPACE_COUNT];
    size_t cache_bytes, memtable_bytes;
    uint64_t wal_bytes; /* written since all memtables were last told to be written out */
    rocksdb_t *db;
    rocksdb_cache_t *cache;
    rocksdb_options_t *options, *space_options[SPACE_COUNT];
    rocksdb_compactionfilter_t *filters[SPACE_COUNT];
    struct filter_state filter_states[SPACE_COUNT];
    rocksdb_column_family_handle_t *families[SPACE_COUNT], *default_family;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write_synced, *write_lazy;
    pthread_mutex_t damage_mutex; /* of the last damage met, for who got a bare STATUS_CORRUPT */
    struct diag damage;
};

void store_key_prefix(uint32_t workspace, uint8_t *out_key)
{
    key_put_u32(out_key, workspace);
    key_put_u16(out_key + 4, 0);
}

/* --- errors ----------------------------------------------------------------------------------- */

static enum status status_of_error(const char *error)
{
    if (strstr(error, "No space left"))
        return STATUS_NO_SPACE;
    if (strstr(error, "Corruption") || strstr(error, "checksum mismatch"))
        return STATUS_CORRUPT;
    return STATUS_IO;
}

/* At opening RocksDB blames the MANIFEST, which names the tables, for what it finds in one of
 * them. The MANIFEST itself has been read from end to end by then (wal_check). */
static void blame_a_table(char text[ERROR_TEXT_MAX])
{
    char *blamed = strstr(text, " in file store/MANIFEST-");
    if (blamed)
        snprintf(blamed, ERROR_TEXT_MAX - (size_t)(blamed - text),
                 " in a table of store/ (which one is not known)");
}

/* Frees error. RocksDB's text names file and offset; the directory is cut from it, since the
 * sentence is short. */
static enum status take_error(struct store *store, char *error, struct diag *diag)
{
    char text[ERROR_TEXT_MAX];
    snprintf(text, sizeof text, "%s", error);
    enum status status = status_of_error(error);
    rocksdb_free(error);
    size_t cut = strlen(store->directory);
    for (char *at; cut && (at = strstr(text, store->directory)) != NULL;) {
        size_t skip = cut + (at[cut] == '/');
        memmove(at, at + skip, strlen(at + skip) + 1);
    }
    blame_a_table(text);
    if (status == STATUS_CORRUPT) {
        pthread_mutex_lock(&store->damage_mutex);
        diag_set(&store->damage, status, "data", "%s", text);
        pthread_mutex_unlock(&store->damage_mutex);
    }
    return diag_set(diag, status, "data", "%s", text);
}

bool store_damage(struct store *store, struct diag *out_diag)
{
    pthread_mutex_lock(&store->damage_mutex);
    bool any = store->damage.sentence[0] != '\0';
    if (any)
        *out_diag = store->damage;
    pthread_mutex_unlock(&store->damage_mutex);
    return any;
}

/* --- options ---------------------------------------------------------------------------------- */

bool store_row_aged(const struct store *store, enum space space, struct slice key,
                    struct slice value, int64_t now_ms)
{
    int64_t made_ms;
    return space_row_time(space, key, value, &made_ms) && made_ms + store->keep_ms[space] < now_ms;
}

/* The parameters are RocksDB's. */
/* NOLINTNEXTLINE(readability-function-size) */
static unsigned char filter_aged_row(void *context, int level, const char *key, size_t key_size,
                                     const char *value, size_t value_size, char **new_value,
                                     size_t *new_value_size, unsigned char *value_changed)
{
    (void)level, (void)new_value, (void)new_value_size;
    const struct filter_state *state = context;
    int64_t made_ms;
    *value_changed = 0;
    return space_row_time(state->space, slice_make(key, key_size), slice_make(value, value_size),
                          &made_ms) &&
           made_ms + state->keep_ms < clock_now_ms();
}

static const char *filter_name(void *context)
{
    (void)context;
    return "visavis.age";
}

static void filter_done(void *context)
{
    (void)context; /* it lives in the store */
}

static void set_ages(struct store *store, const struct store_options *options)
{
    int64_t dedup = options->dedup_keep_ms, decision = options->decision_keep_ms,
            refused = options->refused_keep_ms;
    store->keep_ms[SPACE_DEDUP] = dedup ? dedup : DEDUP_MS;
    store->keep_ms[SPACE_DECISION] =
        decision ? decision : (int64_t)DECISION_DAYS_DEFAULT * MS_PER_DAY;
    store->keep_ms[SPACE_DECIDED] = store->keep_ms[SPACE_DECISION];
    store->keep_ms[SPACE_REFUSED] = refused ? refused : REFUSED_MS;
}

/* A quarter of the memory, and no more than the WAL asks for; less on a small disk: what lies in
 * memtables must still fit the disk when it is written out. */
static size_t memtable_budget(const struct store *store, size_t memory_bytes)
{
    uint64_t disk = disk_total_bytes(store->directory);
    size_t size = memory_bytes / 4;
    if (disk && disk < SMALL_DISK_MIB * MIB && disk / 32 < size)
        size = (size_t)(disk / 32);
    if (size > MEMTABLES_BYTES_MAX)
        size = MEMTABLES_BYTES_MAX;
    return size < 512 << 10 ? 512 << 10 : size;
}

/* After so many bytes all memtables are written out (bound_wal). As a space holds MEMTABLES_MAX of
 * them, the WAL never holds more than so many such parts. A small disk's stays small too: it is
 * read again at start and its tables need as much room once more. */
static uint64_t wal_part(const struct store *store)
{
    uint64_t size = 4 * (uint64_t)store->memtable_bytes;
    return (size < WAL_BYTES_MAX ? size : WAL_BYTES_MAX) / MEMTABLES_MAX;
}

/* Tables kept open at once. RocksDB takes 20 for less. */
static int open_files_max(void)
{
    struct rlimit limit;
    bool small = getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
                 limit.rlim_cur < (rlim_t)OPEN_FILES_MAX * FILES_KEPT_SHARE;
    return small ? (int)(limit.rlim_cur / FILES_KEPT_SHARE) : OPEN_FILES_MAX;
}

/* The options and what only has words; frees the ones given. */
static rocksdb_options_t *with_more(rocksdb_options_t *options, const char *words)
{
    rocksdb_options_t *more = rocksdb_options_create();
    char *error = NULL;
    rocksdb_get_options_from_string(options, words, more, &error);
    assert(!error && "RocksDB 7.8 knows these options");
    rocksdb_options_destroy(options);
    return more;
}

static rocksdb_options_t *base_options(const struct store *store)
{
    rocksdb_options_t *options = with_more(rocksdb_options_create(), extra_options);
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_wal_recovery_mode(options, WAL_RECOVERY_TOLERATE_TORN_TAIL);
    rocksdb_options_set_db_write_buffer_size(options, store->memtable_bytes);
    rocksdb_options_set_max_open_files(options, open_files_max());
    rocksdb_options_set_allow_concurrent_memtable_write(options, 0); /* the ledger writes alone */
    rocksdb_options_set_max_background_jobs(options, MERGERS + 1);
    rocksdb_options_set_bytes_per_sync(options, 1 << 20);
    rocksdb_options_set_max_manifest_file_size(options, MANIFEST_BYTES_MAX);
    rocksdb_options_set_manifest_preallocation_size(options, 64 << 10);
    rocksdb_options_set_info_log_level(options, INFO_LOG_LEVEL_WARN);
    rocksdb_options_set_max_log_file_size(options, INFO_LOG_BYTES_MAX);
    rocksdb_options_set_keep_log_file_num(options, INFO_LOGS_KEPT);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
    return options;
}

/* Rows that are only asked for by their whole key need no order until they are flushed: a hash
 * table takes them for a tenth of a skip list's comparisons. */
static void use_hash_memtable(const struct store *store, rocksdb_options_t *options)
{
    rocksdb_options_set_prefix_extractor(options, rocksdb_slicetransform_create_noop());
    rocksdb_options_set_hash_link_list_rep(options, store->memtable_bytes / BYTES_PER_BUCKET);
}

/* Filters of whole keys, or of the nodes that keys begin with. */
static void use_filters(const struct space_facts *facts, rocksdb_options_t *options,
                        rocksdb_block_based_table_options_t *table)
{
    if (!facts->point_reads && !facts->by_node)
        return;
    rocksdb_block_based_options_set_filter_policy(
        table, rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
    rocksdb_block_based_options_set_whole_key_filtering(table, facts->point_reads);
    rocksdb_options_set_memtable_whole_key_filtering(options, facts->point_reads);
    rocksdb_options_set_memtable_prefix_bloom_size_ratio(
        options, facts->point_reads ? MEMTABLE_BLOOM_RATIO : MEMTABLE_NODE_BLOOM_RATIO);
    if (facts->by_node)
        rocksdb_options_set_prefix_extractor(
            options, rocksdb_slicetransform_create_fixed_prefix(NODE_PREFIX_BYTES));
}

/* A table fresh from memory is soon merged into another: compressing it would be work done twice.
 * The log's never are: its keys only rise, so its tables are handed down as they stand. Rows of
 * hashes do not get smaller at all. */
static void set_compression(rocksdb_options_t *options, unsigned space)
{
    int by_level[LEVELS];
    for (unsigned level = 0; level < LEVELS; level++)
        by_level[level] = (level == 0 && space != SPACE_LOG) || space_facts(space)->hashed
                              ? COMPRESSION_NONE
                              : COMPRESSION_LZ4;
    rocksdb_options_set_num_levels(options, LEVELS);
    rocksdb_options_set_compression_per_level(options, by_level, LEVELS);
}

static rocksdb_options_t *space_options(struct store *store, unsigned space)
{
    rocksdb_options_t *options = rocksdb_options_create_copy(store->options);
    size_t arena_bytes = store->memtable_bytes / 64;
    arena_bytes = arena_bytes > 256 << 10 ? 256 << 10 : arena_bytes;
    if (space_facts(space)->hashed)
        use_hash_memtable(store, options);
    rocksdb_options_set_write_buffer_size(options, store->memtable_bytes / 2);
    rocksdb_options_set_max_write_buffer_number(options, MEMTABLES_MAX);
    rocksdb_options_set_arena_block_size(options, arena_bytes);
    rocksdb_options_set_level0_slowdown_writes_trigger(options, UNMERGED_WAIT);
    rocksdb_options_set_level0_stop_writes_trigger(options, UNMERGED_STOP);
    set_compression(options, space);
    uint64_t table_bytes =
        store->memtable_bytes < TABLE_BYTES ? store->memtable_bytes : TABLE_BYTES;
    rocksdb_options_set_target_file_size_base(options, table_bytes);
    rocksdb_options_set_max_bytes_for_level_base(options, 4 * table_bytes);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_max_compaction_bytes(options, COMPACTION_BYTES_MAX);

    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, store->cache);
    rocksdb_block_based_options_set_block_size(table, BLOCK_BYTES);
    rocksdb_block_based_options_set_format_version(table, TABLE_FORMAT);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    use_filters(space_facts(space), options, table);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    options = with_more(options, pinning_options);

    if (space_facts(space)->age != SPACE_AGE_NEVER) {
        store->filter_states[space] =
            (struct filter_state){.keep_ms = store->keep_ms[space], .space = space};
        store->filters[space] = rocksdb_compactionfilter_create(
            &store->filter_states[space], filter_done, filter_aged_row, filter_name);
        rocksdb_options_set_compaction_filter(options, store->filters[space]);
    }
    return options;
}

static void make_options(struct store *store, const struct store_options *options)
{
    size_t memory = options->memory_bytes ? options->memory_bytes : MEMORY_BYTES_DEFAULT;
    store->memtable_bytes = memtable_budget(store, memory);
    store->cache_bytes =
        memory - (store->memtable_bytes < memory / 2 ? store->memtable_bytes : memory / 2);
    store->cache = rocksdb_cache_create_lru(store->cache_bytes);
    set_ages(store, options);
    store->options = base_options(store);
    for (unsigned space = 0; space < SPACE_COUNT; space++)
        store->space_options[space] = space_options(store, space);
    store->read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_verify_checksums(store->read, 1);
    store->write_synced = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(store->write_synced, 1);
    store->write_lazy = rocksdb_writeoptions_create();
}

/* --- open and close --------------------------------------------------------------------------- */

/* Replaying the WAL writes tables of about its size. The ballast is given up for that, and only
 * for that. */
static enum status find_room_to_open(struct store *store, uint64_t wal_bytes, struct diag *diag)
{
    uint64_t need = wal_bytes + MIB;
    if (disk_free_bytes(store->directory) >= need)
        return STATUS_OK;
    if (ballast_free(store->directory) && disk_free_bytes(store->directory) >= need)
        return STATUS_OK;
    return diag_set(diag, STATUS_NO_SPACE, "data",
                    "%s needs %" PRIu64 " bytes of free space to open", store->directory, need);
}

/* A newer version may have added spaces; RocksDB wants every family named, so theirs is refused
 * by name. */
static enum status check_families(struct store *store, struct diag *diag)
{
    char current[DIRECTORY_PATH_MAX];
    if (!path_join(current, store->rocksdb_directory, "CURRENT"))
        return STATUS_INVALID;
    if (access(current, F_OK) != 0)
        return STATUS_OK; /* new */
    char *error = NULL;
    size_t count = 0;
    char **names =
        rocksdb_list_column_families(store->options, store->rocksdb_directory, &count, &error);
    if (error)
        return take_error(store, error, diag);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        bool known = strcmp(names[i], "default") == 0;
        for (unsigned space = 0; space < SPACE_COUNT; space++)
            known = known || strcmp(names[i], space_facts(space)->name) == 0;
        if (!known)
            status = diag_set(diag, STATUS_INVALID, "data",
                              "%s was written by a newer version (space %s)", store->directory,
                              names[i]);
    }
    rocksdb_list_column_families_destroy(names, count);
    return status;
}

static enum status open_rocksdb(struct store *store, struct diag *diag)
{
    const char *names[SPACE_COUNT + 1] = {"default"};
    const rocksdb_options_t *options[SPACE_COUNT + 1] = {store->options};
    rocksdb_column_family_handle_t *handles[SPACE_COUNT + 1] = {NULL};
    for (unsigned space = 0; space < SPACE_COUNT; space++) {
        names[space + 1] = space_facts(space)->name;
        options[space + 1] = store->space_options[space];
    }
    char *error = NULL;
    store->db = rocksdb_open_column_families(store->options, store->rocksdb_directory,
                                             SPACE_COUNT + 1, names, options, handles, &error);
    if (error) {
        store->db = NULL;
        return take_error(store, error, diag);
    }
    store->default_family = handles[0];
    for (unsigned space = 0; space < SPACE_COUNT; space++)
        store->families[space] = handles[space + 1];
    return STATUS_OK;
}

static enum status open_locked(struct store *store, const struct store_options *options,
                               struct diag *diag)
{
    enum status status = directory_secret(store->directory, store->secret, diag);
    if (status != STATUS_OK)
        return status;
    uint64_t wal_bytes = 0;
    status = wal_check(store->rocksdb_directory, &wal_bytes, diag);
    if (status == STATUS_OK)
        status = find_room_to_open(store, wal_bytes, diag);
    if (status != STATUS_OK)
        return status;
    store->wal_bytes = wal_bytes;
    make_options(store, options);
    status = check_families(store, diag);
    if (status == STATUS_OK)
        status = open_rocksdb(store, diag);
    return status;
}

enum status store_open(const char *directory, const struct store_options *options,
                       struct store **out_store, struct diag *diag)
{
    static const struct store_options defaults = {0};
    struct store *store = must_alloc_zero(1, sizeof *store);
    if (!options)
        options = &defaults;
    store->lock = -1;
    pthread_mutex_init(&store->damage_mutex, NULL);
    enum status status = STATUS_OK;
    int size = snprintf(store->directory, sizeof store->directory, "%s", directory);
    if (size <= 0 || size >= DIRECTORY_PATH_MAX - 64 ||
        !path_join(store->rocksdb_directory, directory, "store"))
        status = diag_set(diag, STATUS_INVALID, "data", "not a usable path of a data directory");
    if (status == STATUS_OK)
        status = directory_open(directory, options->create, &store->lock, diag);
    if (status == STATUS_OK)
        status = open_locked(store, options, diag);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    store_ballast_restore(store);
    *out_store = store;
    return STATUS_OK;
}

static void destroy_options(struct store *store)
{
    for (unsigned space = 0; space < SPACE_COUNT; space++) {
        if (store->space_options[space])
            rocksdb_options_destroy(store->space_options[space]);
        if (store->filters[space])
            rocksdb_compactionfilter_destroy(store->filters[space]);
    }
    if (!store->options)
        return;
    rocksdb_options_destroy(store->options);
    rocksdb_readoptions_destroy(store->read);
    rocksdb_writeoptions_destroy(store->write_synced);
    rocksdb_writeoptions_destroy(store->write_lazy);
    rocksdb_cache_destroy(store->cache);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->db) {
        /* Families before the database: it does not close while one is held. */
        for (unsigned space = 0; space < SPACE_COUNT; space++)
            rocksdb_column_family_handle_destroy(store->families[space]);
        rocksdb_column_family_handle_destroy(store->default_family);
        rocksdb_close(store->db);
    }
    destroy_options(store);
    if (store->lock >= 0)
        close(store->lock);
    pthread_mutex_destroy(&store->damage_mutex);
    explicit_bzero(store->secret, sizeof store->secret);
    free(store);
}

const char *store_directory(const struct store *store)
{
    return store->directory;
}

const uint8_t *store_secret(const struct store *store)
{
    return store->secret;
}

/* RocksDB counts each comparison of keys in thread-local counters that nobody reads: a twentieth of
 * a write. The switch is the calling thread's. */
static void count_nothing(void)
{
    static _Thread_local bool told;
    if (told)
        return;
    told = true;
    rocksdb_set_perf_level(rocksdb_disable);
}

/* --- reading ---------------------------------------------------------------------------------- */

enum status store_get(struct store *store, enum space space, struct slice key, struct arena *arena,
                      struct slice *out_value)
{
    assert(key.size >= STORE_KEY_PREFIX_BYTES && key.size <= STORE_KEY_BYTES_MAX);
    char *error = NULL;
    count_nothing();
    rocksdb_pinnableslice_t *pinned = rocksdb_get_pinned_cf(
        store->db, store->read, store->families[space], key.data, key.size, &error);
    if (error)
        return take_error(store, error, NULL);
    if (!pinned)
        return STATUS_NOT_FOUND;
    size_t size = 0;
    const char *value = rocksdb_pinnableslice_value(pinned, &size);
    *out_value = arena_copy(arena, slice_make(value, size));
    rocksdb_pinnableslice_destroy(pinned);
    return STATUS_OK;
}

bool store_may_hold(struct store *store, enum space space, struct slice key)
{
    count_nothing();
    return rocksdb_key_may_exist_cf(store->db, store->read, store->families[space], key.data,
                                    key.size, NULL, NULL, NULL, 0, NULL);
}

struct store_iterator {
    struct store *store;
    rocksdb_iterator_t *rows;
    rocksdb_readoptions_t *read;
    bool backward, started;
    enum status status;
    size_t from_size, to_size;
    char from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
};

/* Do all keys of the range begin with one node? Then tables without it are passed over. */
static bool is_of_one_node(enum space space, const struct store_range *range)
{
    return space_facts(space)->by_node && !range->backward &&
           range->from.size >= NODE_PREFIX_BYTES && range->to.size >= NODE_PREFIX_BYTES &&
           memcmp(range->from.data, range->to.data, NODE_PREFIX_BYTES) == 0;
}

struct store_iterator *store_iterate(struct store *store, enum space space,
                                     const struct store_range *range)
{
    assert(range->from.size <= STORE_KEY_BYTES_MAX && range->to.size <= STORE_KEY_BYTES_MAX);
    struct store_iterator *iterator = must_alloc_zero(1, sizeof *iterator);
    count_nothing();
    iterator->store = store;
    iterator->backward = range->backward;
    iterator->from_size = range->from.size;
    iterator->to_size = range->to.size;
    if (range->from.size)
        memcpy(iterator->from, range->from.data, range->from.size);
    if (range->to.size)
        memcpy(iterator->to, range->to.data, range->to.size);
    iterator->read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_verify_checksums(iterator->read, 1);
    bool of_one_node = is_of_one_node(space, range);
    rocksdb_readoptions_set_total_order_seek(iterator->read, !of_one_node); /* of hashed ones too */
    rocksdb_readoptions_set_prefix_same_as_start(iterator->read, of_one_node);
    rocksdb_readoptions_set_fill_cache(iterator->read, !range->bulk);
    if (range->bulk)
        rocksdb_readoptions_set_readahead_size(iterator->read, 1 << 20);
    if (range->from.size)
        rocksdb_readoptions_set_iterate_lower_bound(iterator->read, iterator->from,
                                                    iterator->from_size);
    if (range->to.size)
        rocksdb_readoptions_set_iterate_upper_bound(iterator->read, iterator->to,
                                                    iterator->to_size);
    iterator->rows = rocksdb_create_iterator_cf(store->db, iterator->read, store->families[space]);
    return iterator;
}

static void step(struct store_iterator *iterator)
{
    bool first = !iterator->started;
    iterator->started = true;
    if (first && iterator->backward)
        rocksdb_iter_seek_to_last(iterator->rows); /* the last below the upper bound */
    else if (first)
        rocksdb_iter_seek_to_first(iterator->rows);
    else if (iterator->backward)
        rocksdb_iter_prev(iterator->rows);
    else
        rocksdb_iter_next(iterator->rows);
}

bool store_next(struct store_iterator *iterator, struct slice *out_key, struct slice *out_value)
{
    if (iterator->started && !rocksdb_iter_valid(iterator->rows))
        return false;
    step(iterator);
    if (rocksdb_iter_valid(iterator->rows)) {
        out_key->data = rocksdb_iter_key(iterator->rows, &out_key->size);
        out_value->data = rocksdb_iter_value(iterator->rows, &out_value->size);
        return true;
    }
    char *error = NULL;
    rocksdb_iter_get_error(iterator->rows, &error);
    if (error)
        iterator->status = take_error(iterator->store, error, NULL);
    return false;
}

enum status store_iterator_status(const struct store_iterator *iterator)
{
    return iterator->status;
}

void store_iterator_close(struct store_iterator *iterator)
{
    if (!iterator)
        return;
    rocksdb_iter_destroy(iterator->rows);
    rocksdb_readoptions_destroy(iterator->read);
    free(iterator);
}

struct store_range store_range_of_prefix(struct slice prefix, uint8_t *room)
{
    assert(prefix.size <= STORE_KEY_BYTES_MAX);
    memcpy(room, prefix.data, prefix.size);
    size_t size = prefix.size;
    while (size > 0 && room[size - 1] == 0xff)
        size--;
    if (size > 0)
        room[size - 1]++;
    return (struct store_range){.from = prefix, .to = slice_make(room, size)};
}

/* --- batches ---------------------------------------------------------------------------------- */

enum { BATCH_RANGES_MAX = 64, RANGE_KEY_MAX = STORE_KEY_BYTES_MAX };

/* A range delete inside a batch, kept so that store_batch_get answers rightly after it. */
struct batch_range {
    uint8_t space;
    size_t rows_before;
    size_t from_size, to_size;
    char from[RANGE_KEY_MAX], to[RANGE_KEY_MAX];
};

struct store_batch {
    rocksdb_writebatch_t *writes;
    struct batch_index index;
    struct batch_range *ranges;
    size_t range_count, range_room;
    size_t rows;
    bool marked;
    size_t mark_index, mark_ranges, mark_rows;
};

struct store_batch *store_batch_new(void)
{
    struct store_batch *batch = must_alloc_zero(1, sizeof *batch);
    batch->writes = rocksdb_writebatch_create();
    batch_index_init(&batch->index);
    return batch;
}

void store_batch_free(struct store_batch *batch)
{
    if (!batch)
        return;
    rocksdb_writebatch_destroy(batch->writes);
    batch_index_done(&batch->index);
    free(batch->ranges);
    free(batch);
}

void store_batch_clear(struct store_batch *batch)
{
    rocksdb_writebatch_clear(batch->writes);
    batch_index_truncate(&batch->index, 0);
    batch->range_count = batch->rows = 0;
    batch->marked = false;
}

size_t store_batch_bytes(const struct store_batch *batch)
{
    size_t size = 0;
    rocksdb_writebatch_data(batch->writes, &size);
    return size;
}

size_t store_batch_rows(const struct store_batch *batch)
{
    return batch->rows;
}

/* A put ends with key, size of value, value; so the offsets are counted from the end of the
 * batch. */
static void index_row(struct store_batch *batch, enum space space, struct slice key,
                      size_t value_size, bool deleted)
{
    size_t end = store_batch_bytes(batch), size_bytes = 0;
    if (!deleted)
        for (size_t rest = value_size; size_bytes == 0 || rest; rest >>= 7)
            size_bytes++;
    const struct batch_row row = {
        .value_offset = end - value_size,
        .key_offset = end - value_size - size_bytes - key.size,
        .key_size = (uint32_t)key.size,
        .value_size = (uint32_t)value_size,
        .space = (uint8_t)space,
        .deleted = deleted,
    };
    batch_index_add(&batch->index, &row, key);
    batch->rows++;
}

void store_batch_put(struct store_batch *batch, struct store *store, enum space space,
                     struct slice key, struct slice value)
{
    assert(key.size >= STORE_KEY_PREFIX_BYTES && key.size <= STORE_KEY_BYTES_MAX);
    assert(value.size < UINT32_MAX);
    rocksdb_writebatch_put_cf(batch->writes, store->families[space], key.data, key.size,
                              value.size ? value.data : "", value.size);
    index_row(batch, space, key, value.size, false);
}

void store_batch_delete(struct store_batch *batch, struct store *store, enum space space,
                        struct slice key)
{
    assert(key.size >= STORE_KEY_PREFIX_BYTES && key.size <= STORE_KEY_BYTES_MAX);
    rocksdb_writebatch_delete_cf(batch->writes, store->families[space], key.data, key.size);
    index_row(batch, space, key, 0, true);
}

void store_batch_delete_range(struct store_batch *batch, struct store *store, enum space space,
                              const struct store_range *range)
{
    struct slice from = range->from, to = range->to;
    assert(from.size && from.size <= RANGE_KEY_MAX && to.size && to.size <= RANGE_KEY_MAX);
    rocksdb_writebatch_delete_range_cf(batch->writes, store->families[space], from.data, from.size,
                                       to.data, to.size);
    if (batch->range_count == batch->range_room) {
        batch->range_room = batch->range_room ? batch->range_room * 2 : 8;
        batch->ranges = must_realloc(batch->ranges, batch->range_room * sizeof(batch->ranges[0]));
    }
    struct batch_range *kept = &batch->ranges[batch->range_count++];
    *kept = (struct batch_range){.space = (uint8_t)space,
                                 .rows_before = batch->index.count,
                                 .from_size = from.size,
                                 .to_size = to.size};
    memcpy(kept->from, from.data, from.size);
    memcpy(kept->to, to.data, to.size);
    batch->rows++;
}

/* Rows put before this index are gone, because a later range delete of the batch covers the key;
 * 0 when none does. */
static size_t rows_deleted_before(const struct store_batch *batch, enum space space,
                                  struct slice key, bool *out_covered)
{
    *out_covered = false;
    for (size_t i = batch->range_count; i > 0; i--) {
        const struct batch_range *range = &batch->ranges[i - 1];
        if (range->space == space &&
            slice_compare(key, slice_make(range->from, range->from_size)) >= 0 &&
            slice_compare(key, slice_make(range->to, range->to_size)) < 0) {
            *out_covered = true;
            return range->rows_before;
        }
    }
    return 0;
}

/* store_get and the batch before it: kinds call ledger_get, which has four. */
/* NOLINTNEXTLINE(readability-function-size) */
enum status store_batch_get(struct store_batch *batch, struct store *store, enum space space,
                            struct slice key, struct arena *arena, struct slice *out_value)
{
    size_t size = 0;
    bool covered = false;
    const char *bytes = rocksdb_writebatch_data(batch->writes, &size);
    const struct batch_row *row = batch_index_find(&batch->index, bytes, (uint8_t)space, key);
    size_t first_kept = rows_deleted_before(batch, space, key, &covered);
    if (row && (size_t)(row - batch->index.rows) >= first_kept) {
        if (row->deleted)
            return STATUS_NOT_FOUND;
        *out_value = arena_copy(arena, slice_make(bytes + row->value_offset, row->value_size));
        return STATUS_OK;
    }
    return covered ? STATUS_NOT_FOUND : store_get(store, space, key, arena, out_value);
}

void store_batch_mark(struct store_batch *batch)
{
    if (batch->marked) {
        char *error = NULL;
        rocksdb_writebatch_pop_save_point(batch->writes, &error);
        assert(!error);
    }
    rocksdb_writebatch_set_save_point(batch->writes);
    batch->marked = true;
    batch->mark_index = batch->index.count;
    batch->mark_ranges = batch->range_count;
    batch->mark_rows = batch->rows;
}

void store_batch_rewind(struct store_batch *batch)
{
    assert(batch->marked);
    char *error = NULL;
    rocksdb_writebatch_rollback_to_save_point(batch->writes, &error);
    assert(!error);
    batch->marked = false;
    batch_index_truncate(&batch->index, batch->mark_index);
    batch->range_count = batch->mark_ranges;
    batch->rows = batch->mark_rows;
}

static char *flush_all(struct store *store, bool wait)
{
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(options, wait);
    char *error = NULL;
    for (unsigned space = 0; space < SPACE_COUNT && !error; space++)
        rocksdb_flush_cf(store->db, options, store->families[space], &error);
    rocksdb_flushoptions_destroy(options);
    return error;
}

/* RocksDB's own max_total_wal_size asks for a flush and goes on writing, however late that comes:
 * beside busy neighbours 875 MB were found, a minute's work for the next start. A flush that is
 * asked for here waits, by itself, while a space has no memtable left. */
static enum status bound_wal(struct store *store)
{
    if (store->wal_bytes < wal_part(store))
        return STATUS_OK;
    store->wal_bytes = 0;
    char *error = flush_all(store, false);
    return error ? take_error(store, error, NULL) : STATUS_OK;
}

enum status store_write(struct store *store, struct store_batch *batch, bool sync)
{
    enum status status = bound_wal(store);
    if (status != STATUS_OK)
        return status;
    /* The last byte of each WAL record is not zero, so that zeros at its end can only mean a
     * torn write (wal.h). */
    rocksdb_writebatch_put_log_data(batch->writes, WAL_END_MARK, sizeof WAL_END_MARK - 1);
    char *error = NULL;
    count_nothing();
    rocksdb_write(store->db, sync ? store->write_synced : store->write_lazy, batch->writes, &error);
    store->wal_bytes += store_batch_bytes(batch);
    return error ? take_error(store, error, NULL) : STATUS_OK;
}

/* --- space on the disk ------------------------------------------------------------------------ */

static uint64_t sum_of_property(const struct store *store, const char *property)
{
    uint64_t sum = 0;
    for (unsigned space = 0; space < SPACE_COUNT; space++) {
        uint64_t value = 0;
        if (rocksdb_property_int_cf(store->db, store->families[space], property, &value) == 0)
            sum += value;
    }
    return sum;
}

uint64_t store_free_bytes(const struct store *store)
{
    return disk_free_bytes(store->directory);
}

uint64_t store_floor_bytes(const struct store *store)
{
    uint64_t memtables = sum_of_property(store, "rocksdb.cur-size-all-mem-tables");
    uint64_t tables = sum_of_property(store, "rocksdb.live-sst-files-size");
    if (tables > MERGERS * (uint64_t)COMPACTION_BYTES_MAX)
        tables = MERGERS * (uint64_t)COMPACTION_BYTES_MAX;
    return memtables + tables + MIB;
}

uint64_t store_reserve_bytes(const struct store *store)
{
    uint64_t share = disk_total_bytes(store->directory) / 64;
    share = share < MIB ? MIB : share > 64 * MIB ? 64 * MIB : share;
    return store_floor_bytes(store) + share;
}

void store_ballast_release(struct store *store)
{
    ballast_free(store->directory);
}

void store_ballast_restore(struct store *store)
{
    ballast_make(store->directory, store_reserve_bytes(store));
}

void store_sizes(struct store *store, struct store_sizes *out_sizes)
{
    *out_sizes = (struct store_sizes){
        .disk_bytes = sum_of_property(store, "rocksdb.live-sst-files-size"),
        .memtable_bytes = sum_of_property(store, "rocksdb.cur-size-all-mem-tables"),
        .cache_bytes = rocksdb_cache_get_usage(store->cache),
    };
}

/* --- flush, compact, backup, verify ----------------------------------------------------------- */

enum status store_flush(struct store *store)
{
    char *error = flush_all(store, true);
    return error ? take_error(store, error, NULL) : STATUS_OK;
}

enum status store_compact(struct store *store, enum space space, const struct store_range *range)
{
    char *error = NULL;
    rocksdb_flushoptions_t *flush = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(flush, 1);
    rocksdb_flush_cf(store->db, flush, store->families[space], &error);
    rocksdb_flushoptions_destroy(flush);
    if (error)
        return take_error(store, error, NULL);
    rocksdb_compactoptions_t *options = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_bottommost_level_compaction(options, COMPACT_ALSO_BOTTOM);
    rocksdb_compact_range_cf_opt(store->db, store->families[space], options,
                                 range->from.size ? range->from.data : NULL, range->from.size,
                                 range->to.size ? range->to.data : NULL, range->to.size);
    rocksdb_compactoptions_destroy(options);
    return STATUS_OK;
}

static enum status checkpoint(void *context, const char *directory, struct diag *diag)
{
    struct store *store = context;
    char *error = NULL;
    rocksdb_checkpoint_t *object = rocksdb_checkpoint_object_create(store->db, &error);
    if (!error) {
        rocksdb_checkpoint_create(object, directory, 0, &error);
        rocksdb_checkpoint_object_destroy(object);
    }
    return error ? take_error(store, error, diag) : STATUS_OK;
}

enum status store_backup(struct store *store, const char *directory, struct diag *diag)
{
    return backup_write(store->directory, directory, checkpoint, store, diag);
}

static enum status count_rows(struct store *store, unsigned space, uint64_t *out_count,
                              struct diag *diag)
{
    struct store_range all = {.bulk = true};
    struct store_iterator *iterator = store_iterate(store, space, &all);
    uint64_t count = 0;
    for (rocksdb_iter_seek_to_first(iterator->rows); rocksdb_iter_valid(iterator->rows);
         rocksdb_iter_next(iterator->rows))
        count++;
    char *error = NULL;
    rocksdb_iter_get_error(iterator->rows, &error);
    store_iterator_close(iterator);
    if (error)
        return take_error(store, error, diag);
    *out_count = count;
    return STATUS_OK;
}

/* Scans do not read filter blocks; a get of each table's first key does. */
static enum status verify_filters(struct store *store, struct diag *diag)
{
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->db);
    char *error = NULL;
    for (int i = 0; i < rocksdb_livefiles_count(files) && !error; i++) {
        const char *name = rocksdb_livefiles_column_family_name(files, i);
        size_t size = 0, value_size = 0;
        const char *key = rocksdb_livefiles_smallestkey(files, i, &size);
        for (unsigned space = 0; space < SPACE_COUNT && !error; space++)
            if (strcmp(name, space_facts(space)->name) == 0)
                rocksdb_free(rocksdb_get_cf(store->db, store->read, store->families[space], key,
                                            size, &value_size, &error));
    }
    rocksdb_livefiles_destroy(files);
    return error ? take_error(store, error, diag) : STATUS_OK;
}

enum status store_verify(struct store *store, uint64_t out_counts[SPACE_COUNT], struct diag *diag)
{
    /* A cached block would hide what has become of it on the disk. */
    rocksdb_cache_set_capacity(store->cache, 0);
    enum status status = verify_filters(store, diag);
    for (unsigned space = 0; space < SPACE_COUNT && status == STATUS_OK; space++)
        status = count_rows(store, space, &out_counts[space], diag);
    rocksdb_cache_set_capacity(store->cache, store->cache_bytes);
    return status;
}
