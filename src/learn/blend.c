#include "learn/blend.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* How far below its best a model is still heard: log(1 + sharpness × share). */
static const double sharpness = 1000, popular_sharpness = 10000;

void blend_init(struct blend *blend, const struct rp3 *popular)
{
    *blend = (struct blend){.popular = popular};
    blend->weights[BLEND_POPULAR] = 0.1;
}

void blend_add_source(struct blend *blend, struct recommender recommender, double prior)
{
    assert(blend->source_count < BLEND_SOURCES_MAX);
    blend->weights[blend->source_count] = 1;
    blend->sources[blend->source_count++] = (struct blend_source){recommender, prior};
}

/* --- candidates and features ------------------------------------------------------------------ */

struct pool {
    const struct blend *blend;
    const struct board *boards;       /* one a source, scored */
    double totals[BLEND_SOURCES_MAX]; /* of each board, with the prior */
    uint32_t own[BLEND_OWN_MAX];      /* newest first */
    uint32_t own_times[BLEND_OWN_MAX];
    size_t own_count;
    uint32_t items[BLEND_UNION_MAX];
    size_t count;
};

static void pool_add(struct pool *pool, struct board *seen, const struct recommend_view *view,
                     uint32_t item)
{
    if (item >= seen->item_count || seen->scores[item] != 0 || view_hides(view, item))
        return;
    board_add(seen, item, 1);
    pool->items[pool->count++] = item;
}

static double board_total(const struct board *board)
{
    double total = 0;
    for (uint32_t i = 0; i < board->touched_count; i++)
        total += fmax(0, board->scores[board->touched[i]]);
    return total;
}

static void add_best_of(struct pool *pool, struct board *seen, const struct board *scored,
                        const struct recommend_view *view)
{
    struct recommended best[BLEND_CANDIDATES_MAX];
    struct recommended_list list = {best, 0, BLEND_CANDIDATES_MAX};
    board_best(scored, view, &list);
    for (size_t i = 0; i < list.count; i++)
        pool_add(pool, seen, view, best[i].item);
}

static void add_popular(struct pool *pool, struct board *seen, const struct recommend_view *view)
{
    const struct rp3 *popular = pool->blend->popular;
    size_t before = pool->count;
    for (uint32_t i = 0; i < popular->ranked_count; i++) {
        if (pool->count - before == BLEND_CANDIDATES_MAX || i == 4 * BLEND_CANDIDATES_MAX)
            break;
        pool_add(pool, seen, view, popular->ranked[i]);
    }
}

/* Asks every source and gathers who may be chosen. */
static void pool_fill(struct pool *pool, const struct blend *blend,
                      const struct recommend_context *context, const struct recommend_view *view,
                      struct board *board)
{
    struct board *inner = board_inner(board, blend->source_count + 1);
    struct board *seen = &inner[blend->source_count];
    *pool = (struct pool){.blend = blend, .boards = inner};
    for (size_t i = 0; i <= blend->source_count; i++)
        board_clear(&inner[i]);
    for (size_t i = 0; i < blend->source_count; i++) {
        const struct recommender *source = &blend->sources[i].recommender;
        source->kind->score(source->model, context, view, &inner[i]);
        pool->totals[i] = board_total(&inner[i]) + blend->sources[i].prior;
        add_best_of(pool, seen, &inner[i], view);
    }
    add_popular(pool, seen, view);
    pool->own_count = context_newest(context, board->item_count, BLEND_OWN_MAX, pool->own);
    for (size_t i = 0; i < pool->own_count; i++) {
        pool_add(pool, seen, view, pool->own[i]);
        for (size_t k = 0; k < context->count; k++)
            pool->own_times[i] += context->items[k] == pool->own[i];
    }
}

static void features_of(const struct pool *pool, uint32_t item, double out[BLEND_FEATURES])
{
    const struct blend *blend = pool->blend;
    memset(out, 0, BLEND_FEATURES * sizeof *out);
    for (size_t i = 0; i < blend->source_count; i++) {
        double said = fmax(0, pool->boards[i].scores[item]);
        out[i] = said > 0 ? log1p(sharpness * said / pool->totals[i]) : 0;
    }
    out[BLEND_POPULAR] = log1p(popular_sharpness * rp3_share(blend->popular, item));
    for (size_t i = 0; i < pool->own_count; i++)
        if (pool->own[i] == item) {
            out[i == 0 ? BLEND_CURRENT : BLEND_EARLIER] = 1;
            out[BLEND_LATELY] = i == 0 ? 0 : 1 / (double)i;
            out[BLEND_OFTEN] = log((double)pool->own_times[i]);
        }
}

static double weigh(const double weights[BLEND_FEATURES], const double features[BLEND_FEATURES])
{
    double sum = 0;
    for (size_t i = 0; i < BLEND_FEATURES; i++)
        sum += weights[i] * features[i];
    return sum;
}

/* --- answering -------------------------------------------------------------------------------- */

static void blend_score(const void *model, const struct recommend_context *context,
                        const struct recommend_view *view, struct board *board)
{
    const struct blend *blend = model;
    struct pool pool;
    double features[BLEND_FEATURES];
    pool_fill(&pool, blend, context, view, board);
    for (size_t i = 0; i < pool.count; i++) {
        features_of(&pool, pool.items[i], features);
        board_add(board, pool.items[i], weigh(blend->weights, features));
    }
}

static void add_term(size_t feature, double term, uint32_t item, struct score_parts *out_parts)
{
    struct score_part part = {"again", PART_AGAIN, item, term};
    if (feature == BLEND_POPULAR)
        part = (struct score_part){"popular", PART_POPULARITY, RECOMMEND_NO_ITEM, term};
    score_parts_add(out_parts, &part);
}

/* A model's term, divided as the model's own score is. */
static void divide_term(const struct recommender *source, double term,
                        const struct recommend_context *context, uint32_t item,
                        struct score_parts *out_parts)
{
    struct score_parts own = {.arena = out_parts->arena};
    source->kind->explain(source->model, context, item, &own);
    double sum = score_parts_sum(&own);
    for (size_t i = 0; i < own.count; i++) {
        own.all[i].amount *= term / sum;
        score_parts_add(out_parts, &own.all[i]);
    }
}

static void blend_explain(const void *model, const struct recommend_context *context, uint32_t item,
                          struct score_parts *out_parts)
{
    const struct blend *blend = model;
    const struct recommend_view all = {0};
    struct pool pool;
    struct board board;
    double features[BLEND_FEATURES];
    if (item >= blend->popular->item_count)
        return;
    board_init(&board, blend->popular->item_count);
    pool_fill(&pool, blend, context, &all, &board);
    features_of(&pool, item, features);
    for (size_t i = 0; i < BLEND_FEATURES; i++) {
        double term = blend->weights[i] * features[i];
        if (term == 0)
            continue;
        if (i < blend->source_count)
            divide_term(&blend->sources[i].recommender, term, context, item, out_parts);
        else
            add_term(i, term, item, out_parts);
    }
    board_done(&board);
}

static size_t blend_bytes(const void *model)
{
    const struct blend *blend = model;
    size_t bytes = sizeof *blend;
    for (size_t i = 0; i < blend->source_count; i++)
        bytes += blend->sources[i].recommender.kind->bytes(blend->sources[i].recommender.model);
    return bytes;
}

const struct recommender_kind blend_kind = {"blend", blend_score, blend_explain, blend_bytes};

/* --- learning --------------------------------------------------------------------------------- */

void blend_observe(const struct blend *blend, const struct blend_step *step, struct board *board,
                   struct logit_examples *examples)
{
    struct pool pool;
    double features[BLEND_FEATURES];
    size_t chosen = SIZE_MAX;
    pool_fill(&pool, blend, &step->context, &step->view, board);
    for (size_t i = 0; i < pool.count; i++)
        if (pool.items[i] == step->chosen)
            chosen = i;
    if (chosen == SIZE_MAX)
        return;
    for (size_t i = 0; i < pool.count; i++) {
        features_of(&pool, pool.items[i], features);
        logit_push_row(examples, features);
    }
    logit_end_example(examples, pool.count, chosen);
}

void blend_fit(struct blend *blend, const struct logit_examples *examples)
{
    logit_fit(examples, BLEND_POPULAR + 1, blend->weights);
}
