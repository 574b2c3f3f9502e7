#include "learn/visits.h"

#include "base/hash.h"
#include "base/limits.h"
#include "learn/blend_terms.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    MOVED_PER_VISIT = 4, /* so that a fresh index has caught up after a sixth of visits_max */
    IDLE_BOARDS_MAX = 8,
    ANSWERS_MAX = 256
};

/* An index with its names, until its last view goes; and boards to think on. */
struct visit_index {
    _Atomic uint32_t refs;
    struct session_index *sessions;
    struct item_numbers *numbers;
    pthread_mutex_t mutex; /* of the boards */
    struct board boards[IDLE_BOARDS_MAX];
    size_t board_count;
};

struct visits {
    uint32_t visits_max;
    struct visit_index *now, *next; /* next: NULL unless visits are being moved */
    uint32_t moved_from, moving;    /* of `now`: the first that moved, the next one that moves */
};

struct visits_view {
    _Atomic uint32_t refs;
    struct visit_index *index;
    const struct session_view *sessions;
    struct vmis vmis;
    struct rules rules;
};

/* A fresh index has caught up before visits_max / 6 more visits came: this is more. */
static uint32_t room_of(uint32_t visits_max)
{
    return visits_max + visits_max / 2 + 2;
}

static struct visit_index *index_new(uint32_t visits_max)
{
    struct visit_index *index = must_alloc_zero(1, sizeof *index);
    atomic_init(&index->refs, 1);
    index->sessions = session_index_new(room_of(visits_max));
    index->numbers = item_numbers_new();
    int failed = pthread_mutex_init(&index->mutex, NULL);
    assert(failed == 0);
    return index;
}

static void index_unref(struct visit_index *index)
{
    if (!index || atomic_fetch_sub_explicit(&index->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < index->board_count; i++)
        board_done(&index->boards[i]);
    pthread_mutex_destroy(&index->mutex);
    session_index_free(index->sessions);
    item_numbers_free(index->numbers);
    free(index);
}

struct visits *visits_new(uint32_t visits_max)
{
    struct visits *visits = must_alloc_zero(1, sizeof *visits);
    visits->visits_max = visits_max;
    return visits;
}

void visits_free(struct visits *visits)
{
    if (!visits)
        return;
    index_unref(visits->now);
    index_unref(visits->next);
    free(visits);
}

/* --- adding ----------------------------------------------------------------------------------- */

static void add_to(struct visit_index *index, const struct numbered_item *items, size_t count)
{
    uint32_t numbers[SESSION_ITEMS_MAX];
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = item_numbers_intern(index->numbers, items[i]);
        if (number != ITEM_NUMBER_NONE)
            numbers[known++] = number;
    }
    session_index_add(index->sessions, numbers, known);
}

static bool is_full(const struct visits *visits)
{
    const struct session_index *sessions = visits->now->sessions;
    return session_index_count(sessions) >= visits->visits_max ||
           session_index_items(sessions) >= (uint64_t)VISIT_ITEMS_MEAN * visits->visits_max;
}

static void move_one(struct visits *visits)
{
    struct session_items session = session_index_at(visits->now->sessions, visits->moving++);
    struct numbered_item items[SESSION_ITEMS_MAX];
    for (uint32_t i = 0; i < session.count; i++)
        items[i] = *item_numbers_at(visits->now->numbers, session.items[i]);
    add_to(visits->next, items, session.count);
}

static void move_some(struct visits *visits)
{
    uint32_t count = (uint32_t)session_index_count(visits->now->sessions);
    if (!visits->next) {
        visits->next = index_new(visits->visits_max);
        visits->moved_from = visits->moving = count - count / 2;
    }
    for (int i = 0; i < MOVED_PER_VISIT && visits->moving < count; i++)
        move_one(visits);
    if (visits->moving < count)
        return;
    index_unref(visits->now);
    visits->now = visits->next;
    visits->next = NULL;
}

void visits_add(struct visits *visits, const struct numbered_item *items, size_t count)
{
    if (count < 2)
        return;
    if (count > SESSION_ITEMS_MAX) {
        items += count - SESSION_ITEMS_MAX;
        count = SESSION_ITEMS_MAX;
    }
    if (!visits->now)
        visits->now = index_new(visits->visits_max);
    add_to(visits->now, items, count);
    if (visits->next || is_full(visits))
        move_some(visits);
}

static size_t index_bytes(struct visit_index *index)
{
    if (!index)
        return 0;
    size_t bytes =
        sizeof *index + item_numbers_bytes(index->numbers) + session_index_bytes(index->sessions);
    pthread_mutex_lock(&index->mutex);
    for (size_t i = 0; i < index->board_count; i++)
        bytes += board_bytes(&index->boards[i]);
    pthread_mutex_unlock(&index->mutex);
    return bytes;
}

size_t visits_bytes(const struct visits *visits)
{
    return sizeof *visits + index_bytes(visits->now) + index_bytes(visits->next);
}

/* --- to bytes and back ------------------------------------------------------------------------ */

/* All names by number, the visits in their order, and which of them had moved. */
void visits_pack(const struct visits *visits, struct buf *buf)
{
    const struct visit_index *index = visits->now;
    uint32_t names = index ? item_numbers_count(index->numbers) : 0;
    size_t count = index ? session_index_count(index->sessions) : 0;
    pack_uint(buf, names);
    for (uint32_t i = 0; i < names; i++)
        pack_text(buf, item_numbers_at(index->numbers, i)->id);
    pack_uint(buf, count);
    for (uint32_t i = 0; i < count; i++) {
        struct session_items session = session_index_at(index->sessions, i);
        pack_uint(buf, session.count);
        for (uint32_t k = 0; k < session.count; k++)
            pack_uint(buf, session.items[k]);
    }
    pack_uint(buf, visits->next ? visits->moved_from : 0);
    pack_uint(buf, visits->next ? visits->moving : 0);
}

static void unpack_visit(struct unpack *in, struct visits *visits, uint32_t names)
{
    struct numbered_item items[SESSION_ITEMS_MAX];
    size_t count = unpack_count(in, SESSION_ITEMS_MAX);
    for (size_t i = 0; i < count && !in->failed; i++) {
        uint64_t number = unpack_uint(in);
        if (number >= names)
            in->failed = true;
        else
            items[i] = *item_numbers_at(visits->now->numbers, (uint32_t)number);
    }
    if (count == 0)
        in->failed = true;
    if (!in->failed)
        add_to(visits->now, items, count);
}

static void unpack_move(struct unpack *in, struct visits *visits, size_t count)
{
    uint64_t from = unpack_uint(in), to = unpack_uint(in);
    if (from > to || to > count)
        in->failed = true;
    if (in->failed || to == 0)
        return;
    visits->next = index_new(visits->visits_max);
    visits->moved_from = visits->moving = (uint32_t)from;
    while (visits->moving < to)
        move_one(visits);
}

void visits_unpack(struct unpack *in, struct visits *visits)
{
    size_t names = unpack_count(in, CATALOG_ITEMS_MAX);
    assert(!visits->now);
    visits->now = index_new(visits->visits_max);
    for (size_t i = 0; i < names && !in->failed; i++) {
        struct slice id = unpack_text(in);
        if (!in->failed &&
            item_numbers_intern(visits->now->numbers, (struct numbered_item){id, hash64(id)}) != i)
            in->failed = true; /* one name twice */
    }
    size_t count = unpack_count(in, room_of(visits->visits_max) - 1);
    for (size_t i = 0; i < count && !in->failed; i++)
        unpack_visit(in, visits, (uint32_t)names);
    unpack_move(in, visits, count);
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct visits_view *visits_pin(struct visits *visits)
{
    if (!visits->now)
        return NULL;
    struct visits_view *view = must_alloc_zero(1, sizeof *view);
    struct vmis_options options = vmis_options_default();
    atomic_init(&view->refs, 1);
    view->index = visits->now;
    atomic_fetch_add_explicit(&view->index->refs, 1, memory_order_relaxed);
    view->sessions = session_index_pin(view->index->sessions);
    vmis_init(&view->vmis, view->sessions, &options);
    rules_init(&view->rules, view->sessions);
    return view;
}

const struct visits_view *visits_view_ref(const struct visits_view *view)
{
    if (view)
        atomic_fetch_add_explicit(&((struct visits_view *)view)->refs, 1, memory_order_relaxed);
    return view;
}

void visits_view_unref(const struct visits_view *pinned)
{
    struct visits_view *view = (struct visits_view *)pinned; /* only the count changes */
    if (!view || atomic_fetch_sub_explicit(&view->refs, 1, memory_order_acq_rel) > 1)
        return;
    session_view_unref(view->sessions);
    index_unref(view->index);
    free(view);
}

uint32_t visits_view_count(const struct visits_view *view)
{
    return view ? view->sessions->session_count : 0;
}

/* --- boards ----------------------------------------------------------------------------------- */

static struct board board_borrow(const struct visits_view *view)
{
    struct visit_index *index = view->index;
    struct board board = {0};
    pthread_mutex_lock(&index->mutex);
    if (index->board_count > 0)
        board = index->boards[--index->board_count];
    pthread_mutex_unlock(&index->mutex);
    if (board.item_count >= view->sessions->item_count && board.scores)
        return board;
    board_done(&board); /* items came since: with room for as many again as one in eight */
    board_init(&board, view->sessions->item_count + view->sessions->item_count / 8 + 64);
    return board;
}

static void board_give_back(const struct visits_view *view, struct board *board)
{
    struct visit_index *index = view->index;
    board_clear(board);
    pthread_mutex_lock(&index->mutex);
    bool kept = index->board_count < IDLE_BOARDS_MAX;
    if (kept)
        index->boards[index->board_count++] = *board;
    pthread_mutex_unlock(&index->mutex);
    if (!kept)
        board_done(board);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* The live visit in numbers, the oldest first as models take it; an item that no visit had keeps
 * its place, for its neighbours' positions count. */
static void number_live(const struct visits_view *view, const struct numbered_item *live,
                        size_t count, uint32_t out_numbers[VMIS_WINDOW_MAX])
{
    for (size_t i = 0; i < count; i++) {
        uint32_t number = item_numbers_find(view->index->numbers, live[i]);
        bool seen = number < view->sessions->item_count;
        out_numbers[count - 1 - i] = seen ? number : SESSION_ITEM_NUMBERS + (uint32_t)i;
    }
}

static void take_answers(const struct visits_view *view, const struct recommended_list *list,
                         struct visit_answer *out_answers)
{
    for (size_t i = 0; i < list->count; i++)
        out_answers[i] =
            (struct visit_answer){.item = item_numbers_at(view->index->numbers, list->best[i].item),
                                  .score = list->best[i].score};
}

size_t visits_ask(const struct visits_view *view, const struct numbered_item *live, size_t count,
                  struct visit_answer *out_answers, size_t room)
{
    uint32_t numbers[VMIS_WINDOW_MAX];
    struct recommended best[ANSWERS_MAX];
    struct vmis_voices voices[ANSWERS_MAX];
    struct recommended_list list = {best, 0, room < ANSWERS_MAX ? room : ANSWERS_MAX};
    count = count < VMIS_WINDOW_MAX ? count : VMIS_WINDOW_MAX;
    if (visits_view_count(view) == 0 || count == 0)
        return 0;
    number_live(view, live, count, numbers);
    struct board board = board_borrow(view);
    vmis_ask(&view->vmis, &(struct recommend_context){numbers, count}, &board, &list, voices);
    board_give_back(view, &board);
    take_answers(view, &list, out_answers);
    for (size_t i = 0; i < list.count; i++)
        memcpy(out_answers[i].shares, voices[i].shares, sizeof voices[i].shares);
    return list.count;
}

/* The newest live item that some visit has: rules speak for it alone. */
static size_t newest_known(const struct visits_view *view, const uint32_t *numbers, size_t count)
{
    size_t at = 0;
    while (at < count && numbers[count - 1 - at] >= view->sessions->item_count)
        at++;
    return at;
}

size_t visits_ask_next(const struct visits_view *view, const struct numbered_item *live,
                       size_t count, struct visit_answer *out_answers, size_t room)
{
    const struct recommend_view all = {0};
    uint32_t numbers[VMIS_WINDOW_MAX];
    struct recommended best[ANSWERS_MAX];
    struct recommended_list list = {best, 0, room < ANSWERS_MAX ? room : ANSWERS_MAX};
    count = count < VMIS_WINDOW_MAX ? count : VMIS_WINDOW_MAX;
    if (visits_view_count(view) == 0 || count == 0)
        return 0;
    number_live(view, live, count, numbers);
    size_t newest = newest_known(view, numbers, count);
    struct recommender rules = {&rules_kind, &view->rules};
    struct board board = board_borrow(view);
    recommend(&rules, &(struct recommend_context){numbers, count}, &all, &board, &list);
    board_give_back(view, &board);
    take_answers(view, &list, out_answers);
    for (size_t i = 0; i < list.count && newest < count; i++)
        out_answers[i].shares[newest] = 1;
    return list.count;
}

double visits_popularity(const struct visits_view *view, struct numbered_item item)
{
    uint32_t number =
        view ? item_numbers_find(view->index->numbers, item) : (uint32_t)ITEM_NUMBER_NONE;
    if (number == ITEM_NUMBER_NONE)
        return 0;
    return blend_popularity(session_item_count(view->sessions, number), view->sessions->busiest);
}
