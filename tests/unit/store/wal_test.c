/* Real WAL bytes, cut at every length, flipped at every byte, zeroed from every sector on. */
#include "unit/test.h"

#include "base/arena.h"
#include "store/crc32c.h"
#include "store/store.h"
#include "store/wal.h"
#include "unit/store/temporary.h"

enum { BATCHES = 24, VALUE_BYTES = 300, WAL_ROOM = 1 << 20, SECTOR_BYTES = 512 };

struct wal {
    char *bytes, *damaged;
    size_t size;
    size_t ends[BATCHES]; /* where each batch ends */
};

static struct slice key_of(int number, uint8_t room[STORE_KEY_BYTES_MAX])
{
    store_key_prefix(1, room);
    room[STORE_KEY_PREFIX_BYTES] = (uint8_t)(number >> 8);
    room[STORE_KEY_PREFIX_BYTES + 1] = (uint8_t)number;
    return slice_make(room, STORE_KEY_PREFIX_BYTES + 2);
}

static void write_batch(struct store *store, int number, size_t value_bytes)
{
    uint8_t room[STORE_KEY_BYTES_MAX];
    char *value = must_alloc(value_bytes);
    memset(value, 'a' + number % 26, value_bytes);
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, store, SPACE_ITEM, key_of(number, room), slice_make(value, value_bytes));
    assert_int_equal(store_write(store, batch, true), STATUS_OK);
    store_batch_free(batch);
    free(value);
}

static size_t read_file(const char *path, char *room, size_t room_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, room, room_bytes);
    close(fd);
    assert_true(size >= 0);
    return (size_t)size;
}

static int make_wal(void **state)
{
    struct wal *wal = must_alloc_zero(1, sizeof *wal);
    char directory[64], data[128], database[160], path[512];
    temporary_make(directory);
    snprintf(data, sizeof data, "%s/data", directory);
    snprintf(database, sizeof database, "%s/store", data);
    struct store_options options = {.create = true, .memory_bytes = 16 << 20};
    struct store *store;
    assert_int_equal(store_open(data, &options, &store, NULL), STATUS_OK);
    wal->bytes = must_alloc(WAL_ROOM);
    wal->damaged = must_alloc(WAL_ROOM);
    for (int i = 0; i < BATCHES; i++) {
        /* one batch is cut in two by the end of a block, one takes three blocks */
        write_batch(store, i, i == 4 ? 32000 : i == 9 ? 70000 : VALUE_BYTES);
        assert_true(temporary_find(database, ".log", path) > 0);
        wal->size = wal->ends[i] = read_file(path, wal->bytes, WAL_ROOM);
    }
    store_close(store);
    temporary_remove(directory);
    *state = wal;
    return 0;
}

static int free_wal(void **state)
{
    struct wal *wal = *state;
    free(wal->bytes);
    free(wal->damaged);
    free(wal);
    return 0;
}

static enum wal_verdict judge(const struct wal *wal, size_t size, size_t *out_offset)
{
    return wal_judge(slice_make(wal->damaged, size), out_offset);
}

static void copy(const struct wal *wal)
{
    memcpy(wal->damaged, wal->bytes, wal->size);
}

static void computes_the_published_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc32c((const uint8_t *)"123456789", 9), 0xe3069283u);
}

static void finds_a_wal_whole_as_it_was_written(void **state)
{
    size_t offset = 0;
    copy(*state);
    assert_int_equal(judge(*state, ((struct wal *)*state)->size, &offset), WAL_WHOLE);
}

static bool is_an_end(const struct wal *wal, size_t size)
{
    for (int i = 0; i < BATCHES; i++)
        if (wal->ends[i] == size)
            return true;
    return size == 0;
}

static size_t last_end_before(const struct wal *wal, size_t size)
{
    size_t end = 0;
    for (int i = 0; i < BATCHES && wal->ends[i] <= size; i++)
        end = wal->ends[i];
    return end;
}

static void cuts_a_torn_end_back_to_the_last_whole_batch_at_every_length(void **state)
{
    const struct wal *wal = *state;
    copy(wal);
    for (size_t size = wal->ends[BATCHES - 6]; size < wal->size; size++) {
        size_t offset = 0;
        enum wal_verdict verdict = judge(wal, size, &offset);
        if (is_an_end(wal, size)) {
            assert_int_equal(verdict, WAL_WHOLE);
            continue;
        }
        assert_int_equal(verdict, WAL_TORN);
        assert_int_equal(offset, last_end_before(wal, size));
    }
}

static void takes_zeros_from_any_sector_of_the_last_batch_on_for_a_torn_write(void **state)
{
    const struct wal *wal = *state;
    size_t began = wal->ends[8], end = wal->ends[9]; /* the batch of three blocks */
    for (size_t at = (began / SECTOR_BYTES + 1) * SECTOR_BYTES; at < end; at += SECTOR_BYTES) {
        size_t offset = 0;
        copy(wal);
        memset(wal->damaged + at, 0, end - at);
        assert_int_equal(judge(wal, end, &offset), WAL_TORN);
        assert_int_equal(offset, began);
    }
}

static void takes_zeros_behind_the_last_batch_for_space_not_yet_written(void **state)
{
    const struct wal *wal = *state;
    size_t offset = 0;
    copy(wal);
    memset(wal->damaged + wal->size, 0, 8192);
    assert_int_equal(judge(wal, wal->size + 8192, &offset), WAL_TORN);
    assert_int_equal(offset, wal->size);
}

/* Bytes left at the end of a block, shorter than a header, carry nothing. */
static bool is_padding(const struct wal *wal, size_t at)
{
    return 32768 - at % 32768 < 7 && wal->bytes[at] == 0 && at + 7 < wal->size;
}

static void finds_a_flipped_bit_in_every_byte_up_to_the_last(void **state)
{
    const struct wal *wal = *state;
    copy(wal);
    /* every byte of the small batches at both ends, every 61st of the large ones */
    for (size_t at = 0; at < wal->size; at += at < 2000 || at > wal->ends[10] ? 1 : 61) {
        size_t offset = wal->size;
        unsigned char mask = (unsigned char)(1u << at * 5 % 8);
        if (is_padding(wal, at))
            continue;
        wal->damaged[at] = (char)(wal->damaged[at] ^ mask);
        enum wal_verdict verdict = judge(wal, wal->size, &offset);
        wal->damaged[at] = (char)(wal->damaged[at] ^ mask);
        if (verdict != WAL_DAMAGED)
            fail_msg("a flip at offset %zu of %zu was not found", at, wal->size);
        assert_true(offset <= at);
    }
}

static void finds_a_zeroed_header_before_good_records(void **state)
{
    const struct wal *wal = *state;
    for (int i = 0; i < BATCHES - 1; i++) {
        size_t offset = 0, at = i ? wal->ends[i - 1] : 0;
        copy(wal);
        memset(wal->damaged + at, 0, 7);
        assert_int_equal(judge(wal, wal->size, &offset), WAL_DAMAGED);
        assert_int_equal(offset, at);
    }
}

static void finds_a_whole_sector_lost_before_good_records(void **state)
{
    const struct wal *wal = *state;
    size_t offset = 0;
    copy(wal);
    memset(wal->damaged + 2 * SECTOR_BYTES, 0, SECTOR_BYTES);
    assert_int_equal(judge(wal, wal->size, &offset), WAL_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_published_check_value),
        cmocka_unit_test(finds_a_wal_whole_as_it_was_written),
        cmocka_unit_test(cuts_a_torn_end_back_to_the_last_whole_batch_at_every_length),
        cmocka_unit_test(takes_zeros_from_any_sector_of_the_last_batch_on_for_a_torn_write),
        cmocka_unit_test(takes_zeros_behind_the_last_batch_for_space_not_yet_written),
        cmocka_unit_test(finds_a_flipped_bit_in_every_byte_up_to_the_last),
        cmocka_unit_test(finds_a_zeroed_header_before_good_records),
        cmocka_unit_test(finds_a_whole_sector_lost_before_good_records),
    };
    return cmocka_run_group_tests(tests, make_wal, free_wal);
}
