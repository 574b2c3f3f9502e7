/* What the model of repurchases holds; the files of it share this and nobody else.
 *
 *   repurchase.c           what purchases teach
 *   repurchase_snapshot.c  what readers see: published, asked
 *   repurchase_pack.c      the whole as bytes, and back
 */
#ifndef VISAVIS_LEARN_REPURCHASE_STATE_H
#define VISAVIS_LEARN_REPURCHASE_STATE_H

#include "learn/repurchase.h"

#include <pthread.h>
#include <string.h>

#define DAY_MS 86400000LL
enum {
    HISTOGRAM_STEPS = 8, /* an octave */
    HISTOGRAM_BINS = HISTOGRAM_STEPS * 9,
    KEY_BYTES_MAX = 520,
    PAIRS_MIN = 1 << 10
};

struct histogram {
    uint16_t bins[HISTOGRAM_BINS];
    uint32_t sum;
};

struct known { /* an item or a category */
    char *key; /* 'i' or 'c', then its name */
    size_t key_size;
    uint64_t hash;
    uint32_t purchases, repeats;
    struct histogram *gaps; /* NULL: nobody bought it twice */
    bool dirty;
};

struct pair {
    uint64_t person, key; /* hashes; both 0: free */
    int64_t last_ms;
};

struct repurchase {
    struct known *known;
    uint32_t known_count, known_room;
    uint32_t *dirty; /* numbers of those that changed since the last publish */
    uint32_t dirty_count, dirty_room;
    uint32_t *buckets; /* number + 1 */
    size_t bucket_count;
    struct pair *pairs;
    size_t pair_room, pair_count;
    char **gone; /* keys that left and may still be published */
    size_t *gone_sizes, gone_count, gone_room;
    bool changed;
    pthread_mutex_t lock;
    struct repurchase_snapshot *published;
};

static inline struct slice known_key(const struct known *known)
{
    return slice_make(known->key, known->key_size);
}

static inline bool pair_is_free(const struct pair *pair)
{
    return pair->person == 0 && pair->key == 0;
}

/* 'i' for an item, 'c' for a category. False for a name that is empty or too long. */
static inline bool key_of(char kind, struct slice name, char room[KEY_BYTES_MAX],
                          struct slice *out_key)
{
    if (name.size == 0 || name.size >= KEY_BYTES_MAX)
        return false;
    room[0] = kind;
    memcpy(room + 1, name.data, name.size);
    *out_key = slice_make(room, name.size + 1);
    return true;
}

/* repurchase.c: one of the known, NULL when it is new; with room made for it; to be published. */
struct known *known_find(const struct repurchase *repurchase, struct slice key, uint64_t hash);
struct known *known_add(struct repurchase *repurchase, struct slice key, uint64_t hash);
void known_mark(struct repurchase *repurchase, struct known *known);

/* repurchase_snapshot.c */
struct repurchase_snapshot *repurchase_snapshot_new(void);
size_t known_published_bytes(const struct known *known);

#endif
