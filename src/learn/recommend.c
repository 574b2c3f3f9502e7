#include "learn/recommend.h"

#include <assert.h>
#include <stdlib.h>

void score_parts_add(struct score_parts *parts, const struct score_part *part)
{
    if (parts->count == parts->room) {
        size_t room = parts->room ? 2 * parts->room : 16;
        struct score_part *all = ARENA_ARRAY(parts->arena, room, struct score_part);
        for (size_t i = 0; i < parts->count; i++)
            all[i] = parts->all[i];
        parts->all = all;
        parts->room = room;
    }
    parts->all[parts->count++] = *part;
}

double score_parts_sum(const struct score_parts *parts)
{
    double sum = 0;
    for (size_t i = 0; i < parts->count; i++)
        sum += parts->all[i].amount;
    return sum;
}

/* --- the board -------------------------------------------------------------------------------- */

void board_init(struct board *board, uint32_t item_count)
{
    *board = (struct board){.scores = must_alloc_zero((size_t)item_count + 1, sizeof(double)),
                            .touched = must_alloc(((size_t)item_count + 1) * sizeof(uint32_t)),
                            .item_count = item_count};
}

void board_done(struct board *board)
{
    for (size_t i = 0; i < board->inner_count; i++)
        board_done(&board->inner[i]);
    free(board->inner);
    free(board->scores);
    free(board->touched);
    *board = (struct board){0};
}

void board_clear(struct board *board)
{
    for (uint32_t i = 0; i < board->touched_count; i++)
        board->scores[board->touched[i]] = 0;
    board->touched_count = 0;
    for (size_t i = 0; i < board->inner_count; i++)
        board_clear(&board->inner[i]);
}

struct board *board_inner(struct board *board, size_t count)
{
    if (count > board->inner_count) {
        board->inner = must_realloc(board->inner, count * sizeof *board->inner);
        for (; board->inner_count < count; board->inner_count++)
            board_init(&board->inner[board->inner_count], board->item_count);
    }
    return board->inner;
}

size_t board_bytes(const struct board *board)
{
    return (1 + board->inner_count) * ((size_t)board->item_count + 1) *
           (sizeof(double) + sizeof(uint32_t));
}

/* --- choosing --------------------------------------------------------------------------------- */

bool view_hides(const struct recommend_view *view, uint32_t item)
{
    return view->hidden && item < view->hidden_count &&
           (view->hidden[item >> 6] >> (item & 63) & 1);
}

static bool is_better(const struct recommended *a, const struct recommended *b)
{
    return a->score > b->score || (a->score == b->score && a->item < b->item);
}

/* A heap with the worst on top. */
static void sink(struct recommended *heap, size_t count, size_t at)
{
    struct recommended moving = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_better(&heap[child], &heap[child + 1]))
            child++;
        if (!is_better(&moving, &heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moving;
}

static void offer(struct recommended_list *list, struct recommended fresh)
{
    if (list->count < list->room) {
        list->best[list->count++] = fresh;
        if (list->count == list->room)
            for (size_t at = list->count / 2; at-- > 0;)
                sink(list->best, list->count, at);
    } else if (is_better(&fresh, &list->best[0])) {
        list->best[0] = fresh;
        sink(list->best, list->count, 0);
    }
}

static int best_first(const void *left, const void *right)
{
    return is_better(left, right) ? -1 : 1;
}

void board_best(const struct board *board, const struct recommend_view *view,
                struct recommended_list *out_list)
{
    out_list->count = 0;
    for (uint32_t i = 0; out_list->room && i < board->touched_count; i++) {
        struct recommended fresh = {board->touched[i], board->scores[board->touched[i]]};
        if (fresh.score > 0 && !view_hides(view, fresh.item))
            offer(out_list, fresh);
    }
    if (out_list->count)
        qsort(out_list->best, out_list->count, sizeof *out_list->best, best_first);
}

void recommend(const struct recommender *recommender, const struct recommend_context *context,
               const struct recommend_view *view, struct board *board,
               struct recommended_list *out_list)
{
    board_clear(board);
    recommender->kind->score(recommender->model, context, view, board);
    board_best(board, view, out_list);
}

/* A list with room left holds all that has a score over zero. */
void recommend_fill(const struct board *board, const struct recommend_view *view,
                    const uint32_t *ranked, size_t count, struct recommended_list *list)
{
    for (size_t i = 0; i < count && list->count < list->room; i++)
        if (!(board->scores[ranked[i]] > 0) && !view_hides(view, ranked[i]))
            list->best[list->count++] = (struct recommended){.item = ranked[i]};
}

size_t context_newest(const struct recommend_context *context, uint32_t item_count, size_t max,
                      uint32_t *out_items)
{
    size_t count = 0;
    for (size_t i = context->count; i-- > 0 && count < max;) {
        uint32_t item = context->items[i];
        bool twice = item >= item_count;
        for (size_t k = 0; k < count && !twice; k++)
            twice = out_items[k] == item;
        if (!twice)
            out_items[count++] = item;
    }
    return count;
}
