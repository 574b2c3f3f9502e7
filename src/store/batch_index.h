/* What a batch holds, by key, so that a later entry of the same group sees what an earlier one
 * put.
 *
 * Remembers offsets into the batch's bytes, not copies: the owner hands the bytes in at each
 * look-up. Rows are appended; truncating to an earlier count is how an entry is taken back. One
 * thread. Bounded by the batch (COMMIT_GROUP_*). */
#ifndef VISAVIS_STORE_BATCH_INDEX_H
#define VISAVIS_STORE_BATCH_INDEX_H

#include "base/slice.h"

struct batch_row {
    uint64_t hash;
    size_t key_offset, value_offset;
    uint32_t key_size, value_size;
    uint32_t older; /* row of the same bucket put before, plus 1; 0 ends the chain */
    uint8_t space;
    bool deleted;
};

struct batch_index {
    struct batch_row *rows;
    size_t count, room;
    uint32_t *buckets; /* row plus 1 of the newest; a power of two of them */
    size_t bucket_count;
};

void batch_index_init(struct batch_index *index);
void batch_index_done(struct batch_index *index);
void batch_index_add(struct batch_index *index, const struct batch_row *row, struct slice key);
void batch_index_truncate(struct batch_index *index, size_t count);
/* The newest row of this key, NULL when the batch has none. */
const struct batch_row *batch_index_find(const struct batch_index *index, const char *bytes,
                                         uint8_t space, struct slice key);

#endif
