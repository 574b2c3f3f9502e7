/* The spaces' table: name on disk, and how long their rows live. Pure, any thread; knows nothing
 * of RocksDB.
 *
 * A row's age stands in its key or value, so that compaction can drop it without asking anybody:
 *   dedup     value begins with the time accepted, 8 bytes little-endian
 *   decision  key is prefix, decision id; a UUIDv7 begins with 48 bits of milliseconds
 *   decided   key ends with the decision id
 *   refused   key is prefix, time (key_put_time)
 * Compaction drops an aged row late: who reads one of these spaces asks space_row_aged too. */
#ifndef VISAVIS_STORE_SPACE_H
#define VISAVIS_STORE_SPACE_H

#include "base/slice.h"

enum space_age { SPACE_AGE_NEVER, SPACE_AGE_VALUE, SPACE_AGE_KEY_UUID, SPACE_AGE_KEY_TIME };

struct space_facts {
    const char *name;
    enum space_age age;
    bool point_reads; /* gets of absent keys are common: a bloom filter pays */
    bool hashed;      /* asked for by whole keys alone: a memtable may keep them out of order */
    /* Rows are asked for by what their keys begin with, workspace and node: a filter of those
     * beginnings tells which tables need not be read. */
    bool by_node;
};

/* index is an enum space, below SPACE_COUNT. */
const struct space_facts *space_facts(unsigned index);

/* When the row was made, false when it carries no time that can be read (such a row is kept). */
bool space_row_time(unsigned index, struct slice key, struct slice value, int64_t *out_ms);

#endif
