#include "unit/test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/pack.h"
#include "store/store.h"
#include "unit/store/temporary.h"

struct fixture {
    char parent[64], data[128], database[160];
    struct store *store;
    struct arena arena;
    struct diag diag;
};

static const struct store_options plain = {.create = true, .memory_bytes = 16 << 20};

static void open_store(struct fixture *fixture)
{
    fixture->diag.sentence[0] = '\0';
    enum status status = store_open(fixture->data, &plain, &fixture->store, &fixture->diag);
    if (status != STATUS_OK)
        fail_msg("%s", fixture->diag.sentence);
}

static enum status try_open(struct fixture *fixture)
{
    fixture->diag.sentence[0] = '\0';
    return store_open(fixture->data, &plain, &fixture->store, &fixture->diag);
}

static void close_store(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

static int set_up(void **state)
{
    struct fixture *fixture = must_alloc_zero(1, sizeof *fixture);
    temporary_make(fixture->parent);
    snprintf(fixture->data, sizeof fixture->data, "%s/data", fixture->parent);
    snprintf(fixture->database, sizeof fixture->database, "%s/store", fixture->data);
    arena_init(&fixture->arena);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_store(fixture);
    arena_done(&fixture->arena);
    temporary_remove(fixture->parent);
    free(fixture);
    return 0;
}

static struct slice make_key(uint8_t room[STORE_KEY_BYTES_MAX], const char *text)
{
    store_key_prefix(7, room);
    memcpy(room + STORE_KEY_PREFIX_BYTES, text, strlen(text));
    return slice_make(room, STORE_KEY_PREFIX_BYTES + strlen(text));
}

static void put(struct fixture *fixture, enum space space, const char *key, const char *value)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, fixture->store, space, make_key(room, key), slice_of(value));
    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
}

static const char *get(struct fixture *fixture, enum space space, const char *key)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice value;
    enum status status =
        store_get(fixture->store, space, make_key(room, key), &fixture->arena, &value);
    return status == STATUS_OK ? arena_copy_text(&fixture->arena, value) : status_name(status);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void keeps_rows_across_closing_in_every_space(void **state)
{
    struct fixture *fixture = *state;
    open_store(fixture);
    for (unsigned space = 0; space < SPACE_COUNT; space++)
        put(fixture, space, "a-long-enough-key-for-any-space", "value");
    close_store(fixture);
    open_store(fixture);
    for (unsigned space = 0; space < SPACE_COUNT; space++)
        assert_string_equal(get(fixture, space, "a-long-enough-key-for-any-space"), "value");
    assert_string_equal(get(fixture, SPACE_ITEM, "absent"), "not_found");
}

static void says_of_a_row_whether_it_may_be_there(void **state)
{
    struct fixture *fixture = *state;
    uint8_t room[STORE_KEY_BYTES_MAX];
    open_store(fixture);
    put(fixture, SPACE_PROFILE, "kept", "x");
    put(fixture, SPACE_PROFILE, "deleted", "x");
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    struct store_batch *batch = store_batch_new();
    store_batch_delete(batch, fixture->store, SPACE_PROFILE, make_key(room, "deleted"));
    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
    put(fixture, SPACE_PROFILE, "in memory", "x");
    assert_true(store_may_hold(fixture->store, SPACE_PROFILE, make_key(room, "kept")));
    assert_true(store_may_hold(fixture->store, SPACE_PROFILE, make_key(room, "in memory")));
    assert_false(store_may_hold(fixture->store, SPACE_PROFILE, make_key(room, "deleted")));
    assert_false(store_may_hold(fixture->store, SPACE_PROFILE, make_key(room, "never put")));
    close_store(fixture); /* cold: what cannot be told without reading may be there */
    open_store(fixture);
    assert_true(store_may_hold(fixture->store, SPACE_PROFILE, make_key(room, "kept")));
}

static const char *walk(struct fixture *fixture, const struct store_range *range)
{
    struct buf seen;
    struct slice key, value;
    buf_init(&seen, 1024);
    struct store_iterator *rows = store_iterate(fixture->store, SPACE_ITEM, range);
    while (store_next(rows, &key, &value))
        buf_add(&seen, slice_from(key, STORE_KEY_PREFIX_BYTES));
    assert_false(store_next(rows, &key, &value));
    assert_int_equal(store_iterator_status(rows), STATUS_OK);
    store_iterator_close(rows);
    const char *text = arena_copy_text(&fixture->arena, buf_slice(&seen));
    buf_done(&seen);
    return text;
}

static void walks_a_range_in_both_directions(void **state)
{
    struct fixture *fixture = *state;
    open_store(fixture);
    for (const char *letter = "acegi"; *letter; letter++)
        put(fixture, SPACE_ITEM, (char[]){*letter, '\0'}, "x");
    static const struct {
        const char *from, *to;
        bool backward;
        const char *seen;
    } cases[] = {
        {"a", "z", false, "acegi"}, {"a", "z", true, "igeca"}, {"c", "g", false, "ce"},
        {"c", "g", true, "ec"},     {"b", "b", false, ""},     {"j", "z", true, ""},
        {"", "", false, "acegi"},   {"", "", true, "igeca"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
        struct store_range range = {.backward = cases[i].backward};
        if (cases[i].from[0])
            range.from = make_key(from, cases[i].from), range.to = make_key(to, cases[i].to);
        assert_string_equal(walk(fixture, &range), cases[i].seen);
    }
}

/* Key of a row of a node, in a space that is asked for by node. */
static struct slice node_row(uint8_t room[STORE_KEY_BYTES_MAX], unsigned node, unsigned row)
{
    char text[32];
    snprintf(text, sizeof text, "node-%011u-%04u", node, row);
    return make_key(room, text);
}

static void put_node_rows(struct fixture *fixture, unsigned first, unsigned step, unsigned row)
{
    struct store_batch *batch = store_batch_new();
    uint8_t room[STORE_KEY_BYTES_MAX];
    for (unsigned node = first; node < 400; node += step)
        store_batch_put(batch, fixture->store, SPACE_LINK, node_row(room, node, row), SLICE("x"));
    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
}

static unsigned count_node_rows(struct fixture *fixture, unsigned node)
{
    uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    struct store_range range = {.from = node_row(from, node, 0), .to = node_row(to, node, 9999)};
    struct store_iterator *rows = store_iterate(fixture->store, SPACE_LINK, &range);
    struct slice key, value;
    unsigned count = 0;
    while (store_next(rows, &key, &value))
        count++;
    assert_int_equal(store_iterator_status(rows), STATUS_OK);
    store_iterator_close(rows);
    return count;
}

/* Filters pass over tables without the node; what a newer table deletes of an older one stays
 * deleted. */
static void finds_the_rows_of_a_node_in_whatever_tables_they_lie(void **state)
{
    struct fixture *fixture = *state;
    uint8_t from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    open_store(fixture);
    put_node_rows(fixture, 0, 2, 1);
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    put_node_rows(fixture, 0, 4, 2);
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    const struct store_range erased = {.from = node_row(from, 40, 0), .to = node_row(to, 80, 9999)};
    struct store_batch *batch = store_batch_new();
    store_batch_delete_range(batch, fixture->store, SPACE_LINK, &erased);
    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    put_node_rows(fixture, 60, 400, 3);
    for (unsigned look = 0; look < 2; look++) {
        for (unsigned node = 0; node < 400; node++) {
            unsigned rows = node % 4 == 0 ? 2 : node % 2 == 0 ? 1 : 0;
            if (node >= 40 && node <= 80)
                rows = node == 60;
            if (count_node_rows(fixture, node) != rows)
                fail_msg("node %u has %u rows", node, count_node_rows(fixture, node));
        }
        close_store(fixture);
        open_store(fixture);
    }
}

static void gives_the_range_of_a_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *end;
        size_t prefix_size, end_size;
    } cases[] = {{"ab", "ac", 2, 2}, {"a\xff", "b", 2, 1}, {"\xff\xff", "", 2, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t room[STORE_KEY_BYTES_MAX];
        struct store_range range =
            store_range_of_prefix(slice_make(cases[i].prefix, cases[i].prefix_size), room);
        assert_int_equal(range.to.size, cases[i].end_size);
        assert_memory_equal(room, cases[i].end, cases[i].end_size);
    }
}

static const char *batch_get(struct fixture *fixture, struct store_batch *batch, const char *key)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    struct slice value;
    enum status status = store_batch_get(batch, fixture->store, SPACE_ITEM, make_key(room, key),
                                         &fixture->arena, &value);
    return status == STATUS_OK ? arena_copy_text(&fixture->arena, value) : status_name(status);
}

static void batch_put(struct fixture *fixture, struct store_batch *batch, const char *key,
                      const char *value)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    store_batch_put(batch, fixture->store, SPACE_ITEM, make_key(room, key), slice_of(value));
}

static void reads_through_a_batch_what_it_put_deleted_and_took_back(void **state)
{
    struct fixture *fixture = *state;
    uint8_t room[STORE_KEY_BYTES_MAX], from[STORE_KEY_BYTES_MAX], to[STORE_KEY_BYTES_MAX];
    open_store(fixture);
    put(fixture, SPACE_ITEM, "b", "stored");
    struct store_batch *batch = store_batch_new();
    assert_string_equal(batch_get(fixture, batch, "b"), "stored");
    batch_put(fixture, batch, "a", "1");
    batch_put(fixture, batch, "a", "2");
    batch_put(fixture, batch, "empty", "");
    assert_string_equal(batch_get(fixture, batch, "a"), "2");
    assert_string_equal(batch_get(fixture, batch, "empty"), "");
    store_batch_delete(batch, fixture->store, SPACE_ITEM, make_key(room, "b"));
    assert_string_equal(batch_get(fixture, batch, "b"), "not_found");

    store_batch_mark(batch);
    struct store_range range = {.from = make_key(from, "a"), .to = make_key(to, "b")};
    store_batch_delete_range(batch, fixture->store, SPACE_ITEM, &range);
    assert_string_equal(batch_get(fixture, batch, "a"), "not_found");
    batch_put(fixture, batch, "a", "3");
    assert_string_equal(batch_get(fixture, batch, "a"), "3");
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "many%d", i);
        batch_put(fixture, batch, key, key);
    }
    assert_string_equal(batch_get(fixture, batch, "many500"), "many500");
    store_batch_rewind(batch);
    assert_string_equal(batch_get(fixture, batch, "many500"), "not_found");
    assert_string_equal(batch_get(fixture, batch, "a"), "2");
    assert_int_equal(store_batch_rows(batch), 4);

    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
    assert_string_equal(get(fixture, SPACE_ITEM, "a"), "2");
    assert_string_equal(get(fixture, SPACE_ITEM, "b"), "not_found");
}

static void drops_aged_rows_when_it_compacts(void **state)
{
    struct fixture *fixture = *state;
    const int64_t now_ms = INT64_C(1800000000000), day_ms = MS_PER_DAY;
    static const struct {
        enum space space;
        int days_old;
        bool kept;
    } cases[] = {{SPACE_DEDUP, 6, true},    {SPACE_DEDUP, 8, false},    {SPACE_REFUSED, 6, true},
                 {SPACE_REFUSED, 8, false}, {SPACE_DECISION, 29, true}, {SPACE_DECISION, 31, false},
                 {SPACE_DECIDED, 29, true}, {SPACE_DECIDED, 31, false}, {SPACE_EVENT, 10000, true}};
    open_store(fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t key[STORE_KEY_PREFIX_BYTES + 32] = {0}, value[8];
        int64_t made_ms = now_ms - cases[i].days_old * day_ms;
        store_key_prefix(1, key);
        if (cases[i].space == SPACE_REFUSED)
            key_put_time(key + STORE_KEY_PREFIX_BYTES, made_ms);
        size_t size = STORE_KEY_PREFIX_BYTES + (cases[i].space == SPACE_DECIDED ? 32 : 16);
        if (cases[i].space == SPACE_DECISION || cases[i].space == SPACE_DECIDED)
            key_put_u64(key + size - 16, (uint64_t)made_ms << 16);
        key[size - 1] = (uint8_t)i;
        for (int byte = 0; byte < 8; byte++)
            value[byte] = (uint8_t)((uint64_t)made_ms >> 8 * byte);
        struct slice row_key = slice_make(key, size), row_value = slice_make(value, sizeof value);
        struct store_batch *batch = store_batch_new();
        store_batch_put(batch, fixture->store, cases[i].space, row_key, row_value);
        assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
        store_batch_free(batch);
        assert_int_equal(store_row_aged(fixture->store, cases[i].space, row_key, row_value, now_ms),
                         !cases[i].kept);

        clock_fix(now_ms);
        struct store_range all = {0};
        struct slice found;
        assert_int_equal(store_compact(fixture->store, cases[i].space, &all), STATUS_OK);
        assert_int_equal(
            store_get(fixture->store, cases[i].space, row_key, &fixture->arena, &found),
            cases[i].kept ? STATUS_OK : STATUS_NOT_FOUND);
        clock_free_run();
    }
}

static void leaves_no_byte_of_an_erased_row_after_flush_and_compaction(void **state)
{
    struct fixture *fixture = *state;
    uint8_t room[STORE_KEY_BYTES_MAX];
    char command[512];
    open_store(fixture);
    put(fixture, SPACE_EVENT, "someone", "canary-7b1f");
    put(fixture, SPACE_ITEM, "other", "x"); /* a family that pins the WAL */
    close_store(fixture);                   /* what a start finds in the WAL stays there at first */
    open_store(fixture);
    struct store_range range =
        store_range_of_prefix(make_key(room, "someone"), (uint8_t[STORE_KEY_BYTES_MAX]){0});
    struct store_batch *batch = store_batch_new();
    uint8_t end[STORE_KEY_BYTES_MAX];
    range = store_range_of_prefix(range.from, end);
    store_batch_delete_range(batch, fixture->store, SPACE_EVENT, &range);
    assert_int_equal(store_write(fixture->store, batch, true), STATUS_OK);
    store_batch_free(batch);
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    assert_int_equal(store_compact(fixture->store, SPACE_EVENT, &range), STATUS_OK);
    snprintf(command, sizeof command, "! grep -rqa canary-7b1f %s", fixture->data);
    assert_int_equal(system(command), 0);
}

static uint64_t wal_bytes(const struct fixture *fixture)
{
    uint64_t bytes = 0;
    DIR *listing = opendir(fixture->database);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        struct stat facts;
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && strcmp(dot, ".log") == 0 &&
            fstatat(dirfd(listing), entry->d_name, &facts, 0) == 0) /* else just deleted */
            bytes += (uint64_t)facts.st_size;
    }
    closedir(listing);
    return bytes;
}

/* Memory enough for memtables that would let the WAL grow further. */
static void bounds_the_wal(void **state)
{
    struct fixture *fixture = *state;
    enum { VALUE_BYTES = 1 << 20, ROWS = 160, WRITTEN_BYTES = ROWS * VALUE_BYTES };
    const struct store_options roomy = {.create = true, .memory_bytes = 512 << 20};
    char *value = must_alloc(VALUE_BYTES), key[16];
    uint8_t room[STORE_KEY_BYTES_MAX];
    uint64_t most = 0;
    memset(value, 'v', VALUE_BYTES);
    assert_int_equal(store_open(fixture->data, &roomy, &fixture->store, NULL), STATUS_OK);
    put(fixture, SPACE_ITEM, "idle", "x"); /* a space with nothing to write out for long */
    struct store_batch *batch = store_batch_new();
    for (unsigned i = 0; i < ROWS; i++) {
        snprintf(key, sizeof key, "%05u", i);
        store_batch_clear(batch);
        store_batch_put(batch, fixture->store, SPACE_EVENT, make_key(room, key),
                        slice_make(value, VALUE_BYTES));
        assert_int_equal(store_write(fixture->store, batch, false), STATUS_OK);
        uint64_t bytes = wal_bytes(fixture);
        most = bytes > most ? bytes : most;
    }
    store_batch_free(batch);
    free(value);
    assert_true(most < WRITTEN_BYTES * 3 / 4); /* 48 MiB, and what is being deleted */
}

/* --- opening ---------------------------------------------------------------------------------- */

static void answers_conflict_to_a_second_opener(void **state)
{
    struct fixture *fixture = *state;
    struct store *second;
    open_store(fixture);
    assert_int_equal(store_open(fixture->data, &plain, &second, &fixture->diag), STATUS_CONFLICT);
    pid_t child = fork();
    if (child == 0)
        _exit(store_open(fixture->data, &plain, &second, NULL) == STATUS_CONFLICT ? 0 : 1);
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
}

static void write_text(const struct fixture *fixture, const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", fixture->data, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void refuses_a_directory_that_is_not_its_own_and_says_why(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name, *text;
        enum status status;
        const char *says;
    } cases[] = {{"FORMAT", "visavis 7\n", STATUS_INVALID, "made by another version, newer"},
                 {"FORMAT", "visavis 5\n", STATUS_INVALID, "made by another version, older"},
                 {"FORMAT", "visavis", STATUS_CORRUPT, "damaged at offset 0"},
                 {"FORMAT", "visavis -1\n", STATUS_CORRUPT, "damaged"},
                 {"holiday.jpg", "x", STATUS_INVALID, "not a data directory"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        temporary_remove(fixture->data);
        assert_int_equal(mkdir(fixture->data, 0700), 0);
        write_text(fixture, cases[i].name, cases[i].text);
        assert_int_equal(try_open(fixture), cases[i].status);
        assert_non_null(strstr(fixture->diag.sentence, cases[i].says));
    }
    struct store_options options = {.create = false};
    temporary_remove(fixture->data);
    assert_int_equal(store_open(fixture->data, &options, &fixture->store, NULL), STATUS_NOT_FOUND);
}

static void refuses_a_secret_key_that_others_can_read_or_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    char path[192];
    uint8_t secret[32];
    open_store(fixture);
    memcpy(secret, store_secret(fixture->store), sizeof secret);
    close_store(fixture);
    open_store(fixture);
    assert_memory_equal(secret, store_secret(fixture->store), sizeof secret);
    close_store(fixture);
    snprintf(path, sizeof path, "%s/secret.key", fixture->data);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(try_open(fixture), STATUS_INVALID);
    assert_non_null(strstr(fixture->diag.sentence, "chmod 600"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(try_open(fixture), STATUS_CORRUPT);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* What a child of this very program does (TSan allows no threads after a fork alone): writes
 * synced rows and is killed, so that they lie in the WAL. */
static int write_and_be_killed(const char *data, int count)
{
    struct fixture fixture = {0};
    if (store_open(data, &plain, &fixture.store, NULL) != STATUS_OK)
        return 1;
    for (int i = 0; i < count; i++) {
        char key[16], value[400];
        snprintf(key, sizeof key, "%05d", i);
        memset(value, 'a' + i % 26, sizeof value);
        value[sizeof value - 1] = '\0';
        put(&fixture, SPACE_ITEM, key, value);
    }
    return raise(SIGKILL);
}

static void write_and_die(struct fixture *fixture, int count)
{
    char count_text[16];
    snprintf(count_text, sizeof count_text, "%d", count);
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "store_test", fixture->data, count_text, NULL);
        _exit(127);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended));
}

static uint64_t count_items(struct fixture *fixture)
{
    uint64_t counts[SPACE_COUNT] = {0};
    assert_int_equal(store_verify(fixture->store, counts, &fixture->diag), STATUS_OK);
    return counts[SPACE_ITEM];
}

static void keeps_every_synced_row_when_it_is_killed(void **state)
{
    struct fixture *fixture = *state;
    write_and_die(fixture, 100);
    open_store(fixture);
    assert_int_equal(count_items(fixture), 100);
}

static void drops_a_torn_end_silently_and_opens(void **state)
{
    struct fixture *fixture = *state;
    char path[512];
    write_and_die(fixture, 100);
    off_t size = temporary_find(fixture->database, ".log", path);
    assert_int_equal(truncate(path, size - 17), 0);
    open_store(fixture);
    assert_int_equal(count_items(fixture), 99);
}

static void refuses_a_damaged_wal_with_file_and_offset_and_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    char path[512];
    write_and_die(fixture, 100);
    off_t size = temporary_find(fixture->database, ".log", path);
    const off_t places[] = {size / 2, size - 2000, size - 20, 5};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        temporary_flip(path, places[i], 0x20);
        assert_int_equal(try_open(fixture), STATUS_CORRUPT);
        assert_non_null(strstr(fixture->diag.sentence, strrchr(path, '/') + 1));
        assert_non_null(strstr(fixture->diag.sentence, "offset"));
        temporary_flip(path, places[i], 0x20);
    }
    open_store(fixture);
    assert_int_equal(count_items(fixture), 100);
}

static void refuses_a_damaged_manifest(void **state)
{
    struct fixture *fixture = *state;
    char command[512], path[512] = "", name[64] = "";
    open_store(fixture);
    put(fixture, SPACE_ITEM, "a", "1");
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    close_store(fixture);
    snprintf(command, sizeof command, "%s/CURRENT", fixture->database);
    FILE *file = fopen(command, "re");
    assert_non_null(file);
    assert_non_null(fgets(name, sizeof name, file));
    fclose(file);
    name[strcspn(name, "\n")] = '\0';
    snprintf(path, sizeof path, "%s/%s", fixture->database, name);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    for (off_t at = 0; at < facts.st_size; at += 7) {
        temporary_flip(path, at, 0x10);
        assert_int_equal(try_open(fixture), STATUS_CORRUPT);
        temporary_flip(path, at, 0x10);
    }
    open_store(fixture);
}

static void finds_a_damaged_table_byte_with_its_file(void **state)
{
    struct fixture *fixture = *state;
    char path[512];
    uint64_t counts[SPACE_COUNT];
    open_store(fixture);
    for (int i = 0; i < 500; i++) {
        char key[16];
        snprintf(key, sizeof key, "%05d", i * 7919 % 10007);
        put(fixture, SPACE_ITEM, key, key);
    }
    assert_int_equal(store_flush(fixture->store), STATUS_OK);
    close_store(fixture);
    off_t size = temporary_find(fixture->database, ".sst", path);
    for (off_t at = 0; at < size; at += size / 23) {
        temporary_flip(path, at, 0x04);
        enum status status = try_open(fixture);
        if (status == STATUS_OK)
            status = store_verify(fixture->store, counts, &fixture->diag);
        close_store(fixture);
        if (status == STATUS_CORRUPT)
            assert_true(strstr(fixture->diag.sentence, strrchr(path, '/') + 1) ||
                        strstr(fixture->diag.sentence, "in a table of store/"));
        else /* the properties of a table are read by nobody */
            assert_true(status == STATUS_OK && at > size * 3 / 4);
        temporary_flip(path, at, 0x04);
    }
}

/* --- backup and erasures ---------------------------------------------------------------------- */

static void restores_what_was_backed_up(void **state)
{
    struct fixture *fixture = *state;
    char backup[128], again[128];
    snprintf(backup, sizeof backup, "%s/backup", fixture->parent);
    snprintf(again, sizeof again, "%s/again", fixture->parent);
    open_store(fixture);
    put(fixture, SPACE_ITEM, "a", "before");
    uint8_t secret[32];
    memcpy(secret, store_secret(fixture->store), sizeof secret);
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_OK);
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_CONFLICT);
    put(fixture, SPACE_ITEM, "a", "after");
    close_store(fixture);
    assert_int_equal(store_restore(backup, again, NULL, &fixture->diag), STATUS_OK);
    assert_int_equal(store_restore(backup, again, NULL, &fixture->diag), STATUS_CONFLICT);
    snprintf(fixture->data, sizeof fixture->data, "%s", again);
    open_store(fixture);
    assert_string_equal(get(fixture, SPACE_ITEM, "a"), "before");
    assert_memory_equal(secret, store_secret(fixture->store), sizeof secret);
}

static void refuses_to_back_up_into_its_own_directory(void **state)
{
    struct fixture *fixture = *state;
    char backup[160];
    open_store(fixture);
    snprintf(backup, sizeof backup, "%s/backup", fixture->data);
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_INVALID);
}

static void refuses_a_backup_in_which_any_file_has_changed(void **state)
{
    struct fixture *fixture = *state;
    char backup[128], again[128], database[160];
    snprintf(backup, sizeof backup, "%s/backup", fixture->parent);
    snprintf(again, sizeof again, "%s/again", fixture->parent);
    snprintf(database, sizeof database, "%s/store", backup);
    open_store(fixture);
    put(fixture, SPACE_ITEM, "a", "1");
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_OK);
    static const char *const endings[] = {".sst", "CURRENT", "FORMAT", "secret.key", "MANIFEST"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[512];
        if (temporary_find(database, endings[i], path) < 0)
            temporary_find(backup, endings[i], path);
        temporary_flip(path, 3, 0x01);
        enum status status = store_restore(backup, again, NULL, &fixture->diag);
        assert_true(status == STATUS_CORRUPT || status == STATUS_INVALID);
        assert_int_equal(access(again, F_OK), -1); /* nothing half restored */
        temporary_flip(path, 3, 0x01);
    }
    assert_int_equal(store_restore(backup, again, NULL, &fixture->diag), STATUS_OK);
}

static enum status sum_erasures(void *context, const struct store_erasure *erasure)
{
    uint64_t *sum = context;
    *sum += erasure->sequence + erasure->identifier.bytes[0] + erasure->workspace;
    return STATUS_OK;
}

static void keeps_erasures_and_merges_later_ones_on_restore(void **state)
{
    struct fixture *fixture = *state;
    char backup[128], again[128], path[192];
    uint64_t sum = 0;
    snprintf(backup, sizeof backup, "%s/backup", fixture->parent);
    snprintf(again, sizeof again, "%s/again", fixture->parent);
    snprintf(path, sizeof path, "%s/erasures", fixture->data);
    open_store(fixture);
    assert_int_equal(store_erasures_scan(fixture->data, sum_erasures, &sum, NULL), STATUS_OK);
    assert_int_equal(sum, 0);
    const struct store_erasure first = {{{1}}, 1, 10},
                               later[] = {{{{2}}, 1, 100}, {{{3}}, 2, 1000}};
    assert_int_equal(store_erasures_append(fixture->store, &first, 1), STATUS_OK);
    assert_int_equal(store_backup(fixture->store, backup, &fixture->diag), STATUS_OK);
    /* a crash in the midst of a line, then two more */
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs("00ff", file);
    fclose(file);
    assert_int_equal(store_erasures_append(fixture->store, later, 2), STATUS_OK);
    assert_int_equal(store_erasures_scan(fixture->data, sum_erasures, &sum, NULL), STATUS_OK);
    assert_int_equal(sum, 1110 + 6 + 4);
    close_store(fixture);
    assert_int_equal(store_restore(backup, again, path, &fixture->diag), STATUS_OK);
    sum = 0;
    assert_int_equal(store_erasures_scan(again, sum_erasures, &sum, NULL), STATUS_OK);
    assert_int_equal(sum, 1110 + 6 + 4 + 10 + 1 + 1); /* the first is in both, which does no harm */
    temporary_flip(path, 4, 0x01);
    assert_int_equal(store_erasures_scan(fixture->data, sum_erasures, &sum, &fixture->diag),
                     STATUS_CORRUPT);
    assert_non_null(strstr(fixture->diag.sentence, "line 1"));
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return write_and_be_killed(argv[1], (int)strtol(argv[2], NULL, 10));
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(keeps_rows_across_closing_in_every_space),
        TEST(says_of_a_row_whether_it_may_be_there),
        TEST(walks_a_range_in_both_directions),
        TEST(finds_the_rows_of_a_node_in_whatever_tables_they_lie),
        TEST(gives_the_range_of_a_prefix),
        TEST(reads_through_a_batch_what_it_put_deleted_and_took_back),
        TEST(drops_aged_rows_when_it_compacts),
        TEST(leaves_no_byte_of_an_erased_row_after_flush_and_compaction),
        TEST(bounds_the_wal),
        TEST(answers_conflict_to_a_second_opener),
        TEST(refuses_a_directory_that_is_not_its_own_and_says_why),
        TEST(refuses_a_secret_key_that_others_can_read_or_that_is_gone),
        TEST(keeps_every_synced_row_when_it_is_killed),
        TEST(drops_a_torn_end_silently_and_opens),
        TEST(refuses_a_damaged_wal_with_file_and_offset_and_changes_nothing),
        TEST(refuses_a_damaged_manifest),
        TEST(finds_a_damaged_table_byte_with_its_file),
        TEST(restores_what_was_backed_up),
        TEST(refuses_to_back_up_into_its_own_directory),
        TEST(refuses_a_backup_in_which_any_file_has_changed),
        TEST(keeps_erasures_and_merges_later_ones_on_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
