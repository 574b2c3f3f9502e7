/* The model of repurchases as bytes, for checkpoints: known items and categories by their key,
 * then the latest purchases in their places. */
#include "learn/repurchase_state.h"

#include "base/hash.h"
#include "base/pack.h"

#include <stdlib.h>

enum { FORMAT_VERSION = 1 };

static int compare_known_pointers(const void *left, const void *right)
{
    const struct known *const *a = left, *const *b = right;
    return slice_compare(known_key(*a), known_key(*b));
}

static void pack_known(const struct known *known, struct buf *buf)
{
    pack_text(buf, known_key(known));
    pack_uint(buf, known->purchases);
    pack_uint(buf, known->repeats);
    for (int bin = 0; known->gaps && bin < HISTOGRAM_BINS; bin++)
        pack_uint(buf, known->gaps->bins[bin]);
}

void repurchase_pack(const struct repurchase *repurchase, struct buf *buf)
{
    pack_u8(buf, FORMAT_VERSION);
    pack_uint(buf, repurchase->known_count);
    const struct known **sorted =
        must_alloc((repurchase->known_count + 1) * sizeof(struct known *));
    for (uint32_t i = 0; i < repurchase->known_count; i++)
        sorted[i] = &repurchase->known[i];
    if (repurchase->known_count > 1)
        qsort(sorted, repurchase->known_count, sizeof *sorted, compare_known_pointers);
    for (uint32_t i = 0; i < repurchase->known_count; i++)
        pack_known(sorted[i], buf);
    free(sorted);
    pack_uint(buf, repurchase->pair_room);
    for (size_t i = 0; i < repurchase->pair_room;
         i++) { /* places matter: sets fill from the left */
        pack_u64(buf, repurchase->pairs[i].person);
        pack_u64(buf, repurchase->pairs[i].key);
        pack_int(buf, repurchase->pairs[i].last_ms);
    }
}

static bool unpack_known(struct unpack *in, struct repurchase *repurchase)
{
    struct slice key = unpack_text(in);
    uint64_t purchases = unpack_uint(in), repeats = unpack_uint(in), hash = hash64(key);
    if (in->failed || key.size < 2 || key.size > KEY_BYTES_MAX || purchases > UINT32_MAX ||
        repeats > purchases || known_find(repurchase, key, hash))
        return false;
    struct known *known = known_add(repurchase, key, hash);
    known->purchases = (uint32_t)purchases;
    known->repeats = (uint32_t)repeats;
    known_mark(repurchase, known);
    if (repeats == 0)
        return true;
    known->gaps = must_alloc_zero(1, sizeof *known->gaps);
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        uint64_t count = unpack_uint(in);
        if (count > UINT16_MAX)
            return false;
        known->gaps->bins[bin] = (uint16_t)count;
        known->gaps->sum += (uint32_t)count;
    }
    return known->gaps->sum > 0;
}

static bool unpack_pairs(struct unpack *in, struct repurchase *repurchase)
{
    size_t room = unpack_count(in, REPURCHASE_PAIRS_MAX);
    if (in->failed || room < PAIRS_MIN || (room & (room - 1)))
        return false;
    free(repurchase->pairs);
    repurchase->pair_room = room;
    repurchase->pairs = must_alloc_zero(room, sizeof *repurchase->pairs);
    for (size_t i = 0; i < room; i++) {
        struct pair *pair = &repurchase->pairs[i];
        pair->person = unpack_u64(in);
        pair->key = unpack_u64(in);
        pair->last_ms = unpack_int(in);
        repurchase->pair_count += !pair_is_free(pair);
    }
    return !in->failed;
}

enum status repurchase_unpack(struct slice bytes, struct repurchase **out_repurchase)
{
    struct unpack in = unpack_of(bytes);
    uint8_t version = unpack_u8(&in);
    size_t count = unpack_count(&in, REPURCHASE_KEYS_MAX);
    if (in.failed || version != FORMAT_VERSION)
        return STATUS_CORRUPT;
    struct repurchase *repurchase = repurchase_new();
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = unpack_known(&in, repurchase);
    good = good && unpack_pairs(&in, repurchase);
    repurchase->changed = true;
    if (!good || !unpack_finished(&in)) {
        repurchase_free(repurchase);
        return STATUS_CORRUPT;
    }
    *out_repurchase = repurchase;
    return STATUS_OK;
}
