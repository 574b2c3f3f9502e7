#include "learn/content_call.h"

#include "base/sort.h"

#include <assert.h>

enum { DIGIT_BITS = 11 };

struct called {
    uint32_t slot;
    float gain;
};

/* Everybody called: caller by caller, and who was called by the same in the order of their hashes,
 * as a feature's list has them. */
struct calling {
    struct called *list;
    size_t count;
    size_t ends[CONTENT_USES_MAX]; /* behind those whom a caller was the first to call */
    size_t end_count;
    uint16_t *table; /* open, by slot: position in the list + 1 */
    size_t room;     /* of the table, a power of two */
};
_Static_assert(CONTENT_TOUCHES_MAX < UINT16_MAX, "positions fit the table");

static bool is_rarer(const struct content_caller *left, const struct content_caller *right)
{
    if (left->feature->item_count != right->feature->item_count)
        return left->feature->item_count < right->feature->item_count;
    return left->place < right->place;
}

SORT_OF(callers, struct content_caller, is_rarer)

static void call_list(struct calling *calling, const struct content_caller *caller, uint32_t own)
{
    struct called *list = calling->list;
    uint16_t *table = calling->table;
    for (size_t i = 0; i < caller->feature->slot_count; i++) {
        uint32_t slot = caller->feature->slots[i];
        size_t at = (slot * 2654435761U >> 7) & (calling->room - 1);
        if (slot == own)
            continue;
        while (table[at] && list[table[at] - 1].slot != slot)
            at = (at + 1) & (calling->room - 1);
        if (!table[at]) {
            list[calling->count].slot = slot;
            table[at] = (uint16_t)++calling->count;
        }
        list[table[at] - 1].gain += caller->gain;
    }
    calling->ends[calling->end_count++] = calling->count;
}

static void call_all(const struct content_calls *calls, struct arena *arena,
                     struct calling *calling)
{
    size_t touches = 0, count = 0;
    callers_sort(calls->callers, calls->count);
    while (count < calls->count &&
           touches + calls->callers[count].feature->slot_count <= CONTENT_TOUCHES_MAX)
        touches += calls->callers[count++].feature->slot_count;
    calling->room = 64;
    while (calling->room < 2 * touches)
        calling->room *= 2;
    calling->table = ARENA_ARRAY(arena, calling->room, uint16_t);
    calling->list = ARENA_ARRAY(arena, touches, struct called);
    for (size_t i = 0; i < count; i++)
        call_list(calling, &calls->callers[i], calls->slot);
}

/* --- the best of them ------------------------------------------------------------------------- */

/* What the last of the best gained, and how many who gained just as much there are, and are taken.
 */
struct bar {
    float gain;
    size_t there, taken;
};

/* Gains are not negative, so they are in the order of their bits: eleven of them at a time. */
static struct bar find_bar(const struct calling *calling, size_t wanted)
{
    uint32_t bits, known = 0, mask = 0;
    struct bar bar = {.taken = wanted};
    for (int shift = 32 - DIGIT_BITS; shift > -DIGIT_BITS; shift -= DIGIT_BITS) {
        uint16_t counts[1 << DIGIT_BITS] = {0};
        unsigned low = shift > 0 ? (unsigned)shift : 0;
        uint32_t digit = (UINT32_C(1) << DIGIT_BITS) - 1;
        for (size_t i = 0; i < calling->count; i++) {
            memcpy(&bits, &calling->list[i].gain, sizeof bits);
            if ((bits & mask) == known)
                counts[bits >> low & ((1 << DIGIT_BITS) - 1)]++;
        }
        for (; counts[digit] < bar.taken; digit--)
            bar.taken -= counts[digit];
        bar.there = counts[digit];
        known |= digit << low;
        mask |= UINT32_MAX << low;
    }
    memcpy(&bar.gain, &known, sizeof known);
    return bar;
}

struct tie {
    uint64_t hash;
    const struct content_doc *doc;
};

static bool is_first(const struct tie *left, const struct tie *right)
{
    if (left->hash != right->hash)
        return left->hash < right->hash;
    return left != right && slice_compare(left->doc->entry.key, right->doc->entry.key) < 0;
}

SORT_OF(ties, struct tie, is_first)

/* Of those who stand at the bar, the first by hash: among whom one caller called they are the first
 * in its list, so that no others need to be looked at. */
static size_t take_ties(const struct content_snapshot *snapshot, const struct calling *calling,
                        const struct bar *bar, struct arena *arena,
                        const struct content_doc **out_docs)
{
    struct tie *ties = ARENA_ARRAY(arena, bar->there, struct tie);
    size_t count = 0, at = 0;
    for (size_t i = 0; i < calling->end_count; i++) {
        size_t taken = 0;
        for (; at < calling->ends[i] && taken < bar->taken; at++) {
            if (calling->list[at].gain != bar->gain)
                continue;
            const struct content_doc *doc = content_doc_at(snapshot, calling->list[at].slot);
            ties[count++] = (struct tie){doc->entry.hash, doc};
            taken++;
        }
        at = calling->ends[i];
    }
    assert(count >= bar->taken);
    ties_select(ties, count, bar->taken);
    for (size_t i = 0; i < bar->taken; i++)
        out_docs[i] = ties[i].doc;
    return bar->taken;
}

size_t content_call(const struct content_calls *calls, size_t wanted, struct arena *arena,
                    const struct content_doc **out_docs)
{
    struct calling calling = {.list = NULL};
    struct bar bar = {.gain = -1};
    size_t count = 0;
    assert(calls->count <= CONTENT_USES_MAX);
    call_all(calls, arena, &calling);
    if (calling.count > wanted)
        bar = find_bar(&calling, wanted);
    for (size_t i = 0; i < calling.count; i++)
        if (calling.list[i].gain > bar.gain)
            out_docs[count++] = content_doc_at(calls->snapshot, calling.list[i].slot);
    if (bar.taken > 0)
        count += take_ties(calls->snapshot, &calling, &bar, arena, out_docs + count);
    return count;
}
