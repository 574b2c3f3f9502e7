/* One interface for all that recommends: (context, view, count) → scored items, each with named
 * parts that sum to its score.
 *
 * Items are small numbers given out by the caller; a number a model never saw is known to nobody
 * and harms nobody. A model is an immutable snapshot, read by any thread; a board is one
 * thread's scratch paper. What the view hides is left out before the best are chosen, never
 * after. Ties go to the smaller number. */
#ifndef VISAVIS_LEARN_RECOMMEND_H
#define VISAVIS_LEARN_RECOMMEND_H

#include "base/arena.h"

#define RECOMMEND_NO_ITEM UINT32_MAX

struct recommend_context {
    const uint32_t *items; /* what the person touched, oldest first; repeats stay */
    size_t count;
};

struct recommend_view {
    const uint64_t *hidden; /* a bit an item: 1 is never answered; NULL: nothing is hidden */
    size_t hidden_count;    /* bits; items beyond them are not hidden */
};

struct recommended {
    uint32_t item;
    double score;
};

struct recommended_list {
    struct recommended *best; /* the caller's room, best first */
    size_t count, room;
};

enum part_kind {
    PART_ITEM,       /* one of the person's items */
    PART_SESSION,    /* a visit that resembles this one */
    PART_POPULARITY, /* everybody */
    PART_AGAIN       /* it is itself one of the person's items */
};

struct score_part {
    const char *strategy; /* static text: "sessions", "rules" … */
    enum part_kind kind;
    uint32_t which; /* the item or the number of the session; RECOMMEND_NO_ITEM for popularity */
    double amount;
};

/* Parts of one score, in the arena given at the start. */
struct score_parts {
    struct arena *arena;
    struct score_part *all;
    size_t count, room;
};
void score_parts_add(struct score_parts *parts, const struct score_part *part);
double score_parts_sum(const struct score_parts *parts);

/* Scores under way: one number an item and which of them were touched. */
struct board {
    double *scores;    /* zero unless touched */
    uint32_t *touched; /* in order of the first touch */
    uint32_t touched_count, item_count;
    struct board *inner; /* of models that ask others; made when first wanted */
    size_t inner_count;
};
void board_init(struct board *board, uint32_t item_count);
void board_done(struct board *board);
void board_clear(struct board *board);
/* Boards beside this one, of the same size and cleared with it. */
struct board *board_inner(struct board *board, size_t count);
size_t board_bytes(const struct board *board);

/* Adds to an item's score. Items newer than the board are passed over. */
static inline void board_add(struct board *board, uint32_t item, double score)
{
    if (item >= board->item_count)
        return;
    double before = board->scores[item];
    if (before == 0 && score != 0)
        board->touched[board->touched_count++] = item;
    board->scores[item] = before + score;
}

struct recommender_kind {
    const char *name;
    /* Adds the scores of all items the model has something to say about to an empty board. What
     * the view hides is taken off later; it is told for models that choose among others'. */
    void (*score)(const void *model, const struct recommend_context *context,
                  const struct recommend_view *view, struct board *board);
    /* The parts of one item's score. */
    void (*explain)(const void *model, const struct recommend_context *context, uint32_t item,
                    struct score_parts *out_parts);
    size_t (*bytes)(const void *model);
};

struct recommender {
    const struct recommender_kind *kind;
    const void *model;
};

bool view_hides(const struct recommend_view *view, uint32_t item);
/* The best of a board, best first: at most list->room, fewer when fewer have a score over
 * zero. */
void board_best(const struct board *board, const struct recommend_view *view,
                struct recommended_list *out_list);
/* Clears the board, scores, chooses: the one call that serving makes. */
void recommend(const struct recommender *recommender, const struct recommend_context *context,
               const struct recommend_view *view, struct board *board,
               struct recommended_list *out_list);

/* What room the list has left goes to the first of `ranked` that have no score and are not hidden:
 * the answer where the model has nothing to say. The board is as recommend left it. */
void recommend_fill(const struct board *board, const struct recommend_view *view,
                    const uint32_t *ranked, size_t count, struct recommended_list *list);

/* The context's distinct items that are below item_count, newest first, at most max. */
size_t context_newest(const struct recommend_context *context, uint32_t item_count, size_t max,
                      uint32_t *out_items);

#endif
