#include "learn/popular.h"

#include <stdlib.h>

void popular_counts_init(struct popular_counts *counts)
{
    *counts = (struct popular_counts){0};
}

void popular_counts_done(struct popular_counts *counts)
{
    free(counts->counts);
    popular_counts_init(counts);
}

void popular_count(struct popular_counts *counts, uint32_t item)
{
    if (item >= counts->room) {
        uint32_t room = item < 512 ? 1024 : 2 * item;
        counts->counts = must_realloc(counts->counts, (size_t)room * sizeof *counts->counts);
        memset(counts->counts + counts->room, 0,
               (size_t)(room - counts->room) * sizeof *counts->counts);
        counts->room = room;
    }
    if (item >= counts->item_count)
        counts->item_count = item + 1;
    counts->counts[item]++;
}

struct ranked {
    uint32_t count, item;
};

static int most_counted_first(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->item < b->item ? -1 : 1;
}

struct popular *popular_new(const struct popular_counts *counts)
{
    struct popular *popular = must_alloc_zero(1, sizeof *popular);
    size_t room = (size_t)counts->item_count + 1;
    struct ranked *order = must_alloc(room * sizeof *order);
    popular->item_count = counts->item_count;
    popular->counts = must_alloc_zero(room, sizeof(uint32_t));
    popular->ranked = must_alloc(room * sizeof(uint32_t));
    for (uint32_t i = 0; i < counts->item_count; i++) {
        popular->counts[i] = counts->counts[i];
        popular->total += counts->counts[i];
        if (counts->counts[i])
            order[popular->ranked_count++] = (struct ranked){counts->counts[i], i};
    }
    qsort(order, popular->ranked_count, sizeof *order, most_counted_first);
    for (uint32_t i = 0; i < popular->ranked_count; i++)
        popular->ranked[i] = order[i].item;
    free(order);
    return popular;
}

void popular_free(struct popular *popular)
{
    if (!popular)
        return;
    free(popular->counts);
    free(popular->ranked);
    free(popular);
}

double popular_share(const struct popular *popular, uint32_t item)
{
    if (item >= popular->item_count || popular->total == 0)
        return 0;
    return (double)popular->counts[item] / (double)popular->total;
}

static void popular_score(const void *model, const struct recommend_context *context,
                          const struct recommend_view *view, struct board *board)
{
    (void)context, (void)view;
    const struct popular *popular = model;
    for (uint32_t i = 0; i < popular->ranked_count; i++)
        board_add(board, popular->ranked[i], popular->counts[popular->ranked[i]]);
}

static void popular_explain(const void *model, const struct recommend_context *context,
                            uint32_t item, struct score_parts *out_parts)
{
    (void)context;
    const struct popular *popular = model;
    if (item < popular->item_count && popular->counts[item])
        score_parts_add(out_parts, &(struct score_part){"popular", PART_POPULARITY,
                                                        RECOMMEND_NO_ITEM, popular->counts[item]});
}

static size_t popular_bytes(const void *model)
{
    const struct popular *popular = model;
    return sizeof *popular + ((size_t)popular->item_count + 1) * 2 * sizeof(uint32_t);
}

const struct recommender_kind popular_kind = {"popular", popular_score, popular_explain,
                                              popular_bytes};
