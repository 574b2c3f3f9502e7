/* Ended sessions and, for each item, which of them it was in, newest first (the index of
 * VMIS-kNN: Kersbergen et al. 2022, "Serenade").
 *
 * One thread adds; any thread reads through a view pinned at some moment. Everything is only
 * appended: sessions stand in order, an item's sessions in a chain of blocks of one cache line,
 * and a reader passes over what is newer than its view. So a view costs nothing to make, never
 * changes, and sessions added one by one answer exactly like all of them at once.
 * Bounded by sessions_max, which is as many as may ever be added (visits.h keeps to it by moving
 * on to a fresh index). Takes plain numbers; a million visits of six items are about 60 MB. */
#ifndef VISAVIS_LEARN_SESSION_INDEX_H
#define VISAVIS_LEARN_SESSION_INDEX_H

#include "base/arena.h"

#include <stdatomic.h>

enum {
    SESSION_ITEMS_MAX = 60,  /* the newest of a longer session stay: beyond it it is a robot's */
    SESSION_BLOCK = 13,      /* sessions in a block: 64 bytes with its head */
    SESSION_LENGTH_BITS = 6, /* of a posting: how long the session is, beside its number */
    SESSION_NUMBERS = 1 << 26,
    SESSION_ITEM_NUMBERS = 1 << 26 /* item numbers are below it */
};

struct session_items {
    const uint32_t *items;
    uint32_t count;
};

struct session_index;
struct session_index *session_index_new(uint32_t sessions_max); /* 2 … SESSION_NUMBERS */
void session_index_free(struct session_index *index);
/* A session that ended: its items, oldest first, repeats kept. Empty ones teach nothing. */
void session_index_add(struct session_index *index, const uint32_t *items, size_t count);
/* For the adder: how many sessions, how many items in all of them, and one of them. */
size_t session_index_count(const struct session_index *index);
uint64_t session_index_items(const struct session_index *index);
size_t session_index_bytes(const struct session_index *index);
struct session_items session_index_at(const struct session_index *index, uint32_t session);

struct session_store;
struct session_view {
    _Atomic uint32_t refs;
    struct session_store *store;
    uint32_t session_count; /* sessions 0 … count - 1, oldest first */
    uint32_t item_count;    /* item numbers are below it */
    uint32_t busiest;       /* sessions of the item that most have */
    size_t bytes;           /* of the store, when the view was pinned */
    double again_share;     /* of all steps: led back to an item of the same session */
};
const struct session_view *session_index_pin(struct session_index *index); /* adder's thread */
void session_view_unref(const struct session_view *view);                  /* any thread */

struct session_items session_at(const struct session_view *view, uint32_t session);
/* Says that session_at comes soon: memory is slow and many are asked at once. */
void session_prefetch(const struct session_view *view, uint32_t session);

/* The sessions with an item, newest first, at most `left` of them. */
struct session_block {
    uint32_t previous;                /* number of the block before it + 1; 0: none */
    uint32_t before;                  /* sessions in the blocks before it */
    _Atomic uint32_t count;           /* of this block */
    uint32_t postings[SESSION_BLOCK]; /* number of the session << SESSION_LENGTH_BITS | length */
};
struct session_cursor {
    const struct session_store *store;
    const struct session_block *block;
    uint32_t at, left; /* it stands on postings[at - 1]; left 0: at the end */
    uint32_t session, length;
};
/* How many sessions of the view have the item; the cursor stands on the newest of them. */
uint32_t session_cursor_init(struct session_cursor *cursor, const struct session_view *view,
                             uint32_t item, uint32_t most);
void session_cursor_previous(struct session_cursor *cursor);
/* The same number, without a cursor. */
uint32_t session_item_count(const struct session_view *view, uint32_t item);

static inline void session_cursor_read(struct session_cursor *cursor)
{
    uint32_t posting = cursor->block->postings[cursor->at - 1];
    cursor->session = posting >> SESSION_LENGTH_BITS;
    cursor->length = posting & ((1u << SESSION_LENGTH_BITS) - 1);
}

static inline void session_cursor_next(struct session_cursor *cursor)
{
    if (--cursor->left == 0)
        return;
    if (--cursor->at == 0)
        session_cursor_previous(cursor);
    session_cursor_read(cursor);
}

#endif
