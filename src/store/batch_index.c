#include "store/batch_index.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

enum { BUCKETS_FIRST = 256 };

void batch_index_init(struct batch_index *index)
{
    *index = (struct batch_index){.bucket_count = BUCKETS_FIRST};
    index->buckets = must_alloc_zero(index->bucket_count, sizeof(index->buckets[0]));
}

void batch_index_done(struct batch_index *index)
{
    free(index->rows);
    free(index->buckets);
}

static uint64_t row_hash(uint8_t space, struct slice key)
{
    return hash64(key) ^ (uint64_t)space * UINT64_C(0x9e3779b97f4a7c15);
}

static void chain_row(struct batch_index *index, size_t row)
{
    uint32_t *bucket = &index->buckets[index->rows[row].hash & (index->bucket_count - 1)];
    index->rows[row].older = *bucket;
    *bucket = (uint32_t)row + 1;
}

static void double_buckets(struct batch_index *index)
{
    index->bucket_count *= 2;
    free(index->buckets);
    index->buckets = must_alloc_zero(index->bucket_count, sizeof(index->buckets[0]));
    for (size_t row = 0; row < index->count; row++)
        chain_row(index, row);
}

void batch_index_add(struct batch_index *index, const struct batch_row *row, struct slice key)
{
    assert(index->count < UINT32_MAX - 1);
    if (index->count == index->room) {
        index->room = index->room ? index->room * 2 : BUCKETS_FIRST;
        index->rows = must_realloc(index->rows, index->room * sizeof(index->rows[0]));
    }
    if (index->count >= index->bucket_count)
        double_buckets(index);
    index->rows[index->count] = *row;
    index->rows[index->count].hash = row_hash(row->space, key);
    chain_row(index, index->count);
    index->count++;
}

void batch_index_truncate(struct batch_index *index, size_t count)
{
    assert(count <= index->count);
    while (index->count > count) {
        const struct batch_row *row = &index->rows[--index->count];
        index->buckets[row->hash & (index->bucket_count - 1)] = row->older;
    }
}

const struct batch_row *batch_index_find(const struct batch_index *index, const char *bytes,
                                         uint8_t space, struct slice key)
{
    uint64_t hash = row_hash(space, key);
    uint32_t at = index->buckets[hash & (index->bucket_count - 1)];
    while (at) {
        const struct batch_row *row = &index->rows[at - 1];
        if (row->hash == hash && row->space == space &&
            slice_equal(key, slice_make(bytes + row->key_offset, row->key_size)))
            return row;
        at = row->older;
    }
    return NULL;
}
