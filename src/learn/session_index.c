#include "learn/session_index.h"

#include <assert.h>
#include <stdlib.h>

/* Tables of pages: a page is never moved, so a reader's pointer stays good while the adder
 * appends. The tables are as long as they can ever be; pages come when needed. */
enum {
    HEADS_PER_PAGE = 4096, /* items */
    BLOCKS_PER_PAGE = 16384,
    SESSIONS_PER_PAGE = 65536,
    ITEMS_PER_PAGE = 1 << 20,
    HEAD_PAGES = SESSION_ITEM_NUMBERS / HEADS_PER_PAGE,
    PAGE_SIZE = 64 /* alignment of blocks: one cache line each */
};

struct session_row {
    uint32_t page, at_and_count; /* page of items; place << 8 | count */
};

typedef _Atomic uint32_t atomic_u32;

/* Invariant: a block's sessions ascend and all are below what was added; a block is complete
 * before a head or a count that leads to it is stored (release), and readers load those with
 * acquire. */
struct session_store {
    atomic_u32 refs;
    uint32_t session_count, item_count, block_count, item_pages;
    uint32_t items_used; /* of the last page of items */
    uint32_t busiest;    /* sessions of the item that most have */
    uint64_t steps, again_steps, items_held;
    size_t bytes;
    _Atomic(atomic_u32 *) *heads; /* page → number of an item's newest block + 1 */
    struct session_block **blocks;
    struct session_row **rows;
    uint32_t **items;
    uint32_t block_pages_max, row_pages_max, item_pages_max;
};

struct session_index {
    struct session_store *store;
    uint32_t sessions_max;
};

/* Not zeroed: what a reader may look at is written before it is told of. */
static void *new_page(struct session_store *store, size_t count, size_t size)
{
    void *page = aligned_alloc(PAGE_SIZE, count * size);
    if (!page)
        abort(); /* as must_alloc does */
    store->bytes += count * size;
    return page;
}

static void *new_table(struct session_store *store, size_t pages)
{
    store->bytes += pages * sizeof(void *);
    return must_alloc_zero(pages, sizeof(void *));
}

static struct session_store *store_new(uint32_t sessions_max)
{
    struct session_store *store = must_alloc_zero(1, sizeof *store);
    uint64_t postings = (uint64_t)sessions_max * SESSION_ITEMS_MAX;
    if (postings > UINT32_MAX - 1)
        postings = UINT32_MAX - 1;
    store->refs = 1;
    store->bytes = sizeof *store;
    store->block_pages_max = (uint32_t)(postings / BLOCKS_PER_PAGE + 1);
    store->row_pages_max = sessions_max / SESSIONS_PER_PAGE + 1;
    store->item_pages_max = (uint32_t)(postings / (ITEMS_PER_PAGE - SESSION_ITEMS_MAX) + 1);
    store->heads = new_table(store, HEAD_PAGES);
    store->blocks = new_table(store, store->block_pages_max);
    store->rows = new_table(store, store->row_pages_max);
    store->items = new_table(store, store->item_pages_max);
    return store;
}

static void store_unref(struct session_store *store)
{
    if (atomic_fetch_sub_explicit(&store->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (uint32_t i = 0; i < HEAD_PAGES; i++)
        free(atomic_load_explicit(&store->heads[i], memory_order_relaxed));
    for (uint32_t i = 0; i < store->block_pages_max; i++)
        free(store->blocks[i]);
    for (uint32_t i = 0; i < store->row_pages_max; i++)
        free(store->rows[i]);
    for (uint32_t i = 0; i < store->item_pages_max; i++)
        free(store->items[i]);
    free(store->heads);
    free(store->blocks);
    free(store->rows);
    free(store->items);
    free(store);
}

/* --- adding ----------------------------------------------------------------------------------- */

static struct session_block *block_at(const struct session_store *store, uint32_t number)
{
    return &store->blocks[number / BLOCKS_PER_PAGE][number % BLOCKS_PER_PAGE];
}

static atomic_u32 *head_of(struct session_store *store, uint32_t item)
{
    _Atomic(atomic_u32 *) *slot = &store->heads[item / HEADS_PER_PAGE];
    atomic_u32 *page = atomic_load_explicit(slot, memory_order_relaxed);
    if (!page) {
        page = new_page(store, HEADS_PER_PAGE, sizeof *page);
        memset(page, 0, HEADS_PER_PAGE * sizeof *page);
        atomic_store_explicit(slot, page, memory_order_release);
    }
    return &page[item % HEADS_PER_PAGE];
}

static struct session_block *new_block(struct session_store *store, uint32_t *out_number)
{
    uint32_t number = store->block_count++, page = number / BLOCKS_PER_PAGE;
    assert(page < store->block_pages_max);
    if (!store->blocks[page])
        store->blocks[page] = new_page(store, BLOCKS_PER_PAGE, sizeof(struct session_block));
    *out_number = number;
    return block_at(store, number);
}

static void add_posting(struct session_store *store, uint32_t item, uint32_t posting)
{
    atomic_u32 *head = head_of(store, item);
    uint32_t newest = atomic_load_explicit(head, memory_order_relaxed), number;
    struct session_block *block = newest ? block_at(store, newest - 1) : NULL;
    uint32_t count = block ? atomic_load_explicit(&block->count, memory_order_relaxed) : 0;
    if (block && block->postings[count - 1] == posting)
        return; /* a repeat */
    uint32_t held_by = (block ? block->before : 0) + count + 1;
    store->busiest = held_by > store->busiest ? held_by : store->busiest;
    if (block && count < SESSION_BLOCK) {
        block->postings[count] = posting;
        atomic_store_explicit(&block->count, count + 1, memory_order_release);
        return;
    }
    struct session_block *fresh = new_block(store, &number);
    fresh->previous = newest;
    fresh->before = block ? block->before + count : 0;
    fresh->postings[0] = posting;
    atomic_store_explicit(&fresh->count, 1, memory_order_relaxed);
    atomic_store_explicit(head, number + 1, memory_order_release);
}

static void count_steps(struct session_store *store, const uint32_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = items[k] == items[i];
        store->steps++;
        store->again_steps += again;
    }
}

static uint32_t *room_for_items(struct session_store *store, size_t count)
{
    if (store->item_pages == 0 || store->items_used + count > ITEMS_PER_PAGE) {
        assert(store->item_pages < store->item_pages_max);
        store->items[store->item_pages++] = new_page(store, ITEMS_PER_PAGE, sizeof(uint32_t));
        store->items_used = 0;
    }
    return &store->items[store->item_pages - 1][store->items_used];
}

static void store_add(struct session_store *store, const uint32_t *items, size_t count)
{
    uint32_t session = store->session_count;
    struct session_row **rows = &store->rows[session / SESSIONS_PER_PAGE];
    if (!*rows)
        *rows = new_page(store, SESSIONS_PER_PAGE, sizeof(struct session_row));
    memcpy(room_for_items(store, count), items, count * sizeof *items);
    (*rows)[session % SESSIONS_PER_PAGE] =
        (struct session_row){store->item_pages - 1, store->items_used << 8 | (uint32_t)count};
    store->items_used += (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        assert(items[i] < SESSION_ITEM_NUMBERS);
        add_posting(store, items[i], session << SESSION_LENGTH_BITS | (uint32_t)count);
        if (items[i] >= store->item_count)
            store->item_count = items[i] + 1;
    }
    count_steps(store, items, count);
    store->items_held += count;
    store->session_count++;
}

static struct session_items items_of(const struct session_store *store, uint32_t session)
{
    const struct session_row *row =
        &store->rows[session / SESSIONS_PER_PAGE][session % SESSIONS_PER_PAGE];
    return (struct session_items){&store->items[row->page][row->at_and_count >> 8],
                                  row->at_and_count & 255};
}

void session_index_add(struct session_index *index, const uint32_t *items, size_t count)
{
    if (count == 0)
        return;
    if (count > SESSION_ITEMS_MAX) {
        items += count - SESSION_ITEMS_MAX;
        count = SESSION_ITEMS_MAX;
    }
    assert(index->store->session_count < index->sessions_max);
    store_add(index->store, items, count);
}

struct session_index *session_index_new(uint32_t sessions_max)
{
    assert(sessions_max >= 2 && sessions_max < SESSION_NUMBERS);
    struct session_index *index = must_alloc_zero(1, sizeof *index);
    *index = (struct session_index){store_new(sessions_max), sessions_max};
    return index;
}

void session_index_free(struct session_index *index)
{
    if (!index)
        return;
    store_unref(index->store);
    free(index);
}

size_t session_index_count(const struct session_index *index)
{
    return index->store->session_count;
}

uint64_t session_index_items(const struct session_index *index)
{
    return index->store->items_held;
}

size_t session_index_bytes(const struct session_index *index)
{
    return sizeof *index + index->store->bytes;
}

struct session_items session_index_at(const struct session_index *index, uint32_t session)
{
    assert(session < index->store->session_count);
    return items_of(index->store, session);
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct session_view *session_index_pin(struct session_index *index)
{
    struct session_store *store = index->store;
    struct session_view *view = must_alloc_zero(1, sizeof *view);
    atomic_fetch_add_explicit(&store->refs, 1, memory_order_relaxed);
    *view = (struct session_view){
        .refs = 1,
        .store = store,
        .session_count = store->session_count,
        .item_count = store->item_count,
        .busiest = store->busiest,
        .bytes = sizeof *view + store->bytes,
        .again_share = store->steps ? (double)store->again_steps / (double)store->steps : 0};
    return view;
}

void session_view_unref(const struct session_view *view)
{
    struct session_view *mine = (struct session_view *)view;
    if (!view || atomic_fetch_sub_explicit(&mine->refs, 1, memory_order_acq_rel) > 1)
        return;
    store_unref(mine->store);
    free(mine);
}

struct session_items session_at(const struct session_view *view, uint32_t session)
{
    assert(session < view->session_count);
    return items_of(view->store, session);
}

void session_prefetch(const struct session_view *view, uint32_t session)
{
    __builtin_prefetch(
        &view->store->rows[session / SESSIONS_PER_PAGE][session % SESSIONS_PER_PAGE]);
}

static const struct session_block *newest_block(const struct session_view *view, uint32_t item)
{
    if (item >= view->item_count)
        return NULL;
    const atomic_u32 *page =
        atomic_load_explicit(&view->store->heads[item / HEADS_PER_PAGE], memory_order_acquire);
    uint32_t number =
        page ? atomic_load_explicit(&page[item % HEADS_PER_PAGE], memory_order_acquire) : 0;
    return number ? block_at(view->store, number - 1) : NULL;
}

static const struct session_block *previous_block(const struct session_store *store,
                                                  const struct session_block *block)
{
    return block->previous ? block_at(store, block->previous - 1) : NULL;
}

uint32_t session_cursor_init(struct session_cursor *cursor, const struct session_view *view,
                             uint32_t item, uint32_t most)
{
    const struct session_block *block = newest_block(view, item);
    uint32_t end = view->session_count << SESSION_LENGTH_BITS; /* of postings that the view sees */
    while (block && block->postings[0] >= end)
        block = previous_block(view->store, block);
    *cursor = (struct session_cursor){.store = view->store, .block = block};
    if (!block)
        return 0;
    cursor->at = atomic_load_explicit(&block->count, memory_order_acquire);
    while (block->postings[cursor->at - 1] >= end)
        cursor->at--;
    uint32_t count = block->before + cursor->at;
    cursor->left = count < most ? count : most;
    session_cursor_read(cursor);
    return count;
}

uint32_t session_item_count(const struct session_view *view, uint32_t item)
{
    struct session_cursor cursor;
    return session_cursor_init(&cursor, view, item, 1);
}

void session_cursor_previous(struct session_cursor *cursor)
{
    cursor->block = previous_block(cursor->store, cursor->block);
    cursor->at = SESSION_BLOCK;
    if (cursor->block->previous)
        __builtin_prefetch(block_at(cursor->store, cursor->block->previous - 1));
}
