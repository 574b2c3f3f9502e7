/* Offline evaluation on who takes what: full ranking; parameters and weights are chosen on a cut
 * of train, never on test. */
#include "learn/evaluate.h"

#include "base/clock.h"
#include "learn/ease.h"
#include "learn/rp3.h"

#include <math.h>
#include <stdlib.h>

enum {
    CUT_PEOPLE_MAX = 3000, /* of train, whose items are partly held out to choose by */
    CUT_PART = 5,          /* each fifth item of theirs */
    BLEND_ITEMS_MAX = 5000 /* more and EASE takes no part in a blend: it would be trained twice */
};

/* Who has what, as the models are trained on it. */
struct sides {
    const struct sequences *known; /* of each person */
    const struct sequences *wanted;
    uint32_t item_count;
};

/* Models made of one side. */
struct models {
    struct rp3 *graph; /* with what is popular; without rows where nothing asks for them */
    struct ease *ease;
    struct blend blend;
};

/* --- making ----------------------------------------------------------------------------------- */

/* Without `neighbours`: what everybody takes, no rows. */
static struct rp3 *make_graph(const struct sides *sides, const struct rp3_options *options)
{
    return rp3_new(sides->known, sides->known->count, sides->item_count, options);
}

static enum status make_ease(const struct sides *sides, float lambda, struct ease **out_ease,
                             struct diag *diag)
{
    struct ease_options options = ease_options_default();
    options.lambda = lambda;
    struct ease_people people = {sides->known->items, sides->known->starts, sides->known->count,
                                 sides->item_count};
    return ease_new(&people, &options, out_ease, diag);
}

static void models_done(struct models *models)
{
    rp3_free(models->graph);
    ease_free(models->ease);
}

/* --- asking ----------------------------------------------------------------------------------- */

struct asker {
    const struct sides *sides;
    const struct rp3 *popular; /* fills what a list lacks */
    uint64_t *hidden;
    struct board board;
    struct recommended_list list;
};

static void asker_init(struct asker *asker, const struct sides *sides, const struct rp3 *popular,
                       uint32_t k)
{
    if (k > sides->item_count)
        k = sides->item_count;
    *asker = (struct asker){.sides = sides,
                            .popular = popular,
                            .hidden = must_alloc_zero(sides->item_count / 64 + 1, sizeof(uint64_t)),
                            .list = {must_alloc((k + 1) * sizeof(struct recommended)), 0, k}};
    board_init(&asker->board, sides->item_count);
}

static void asker_done(struct asker *asker)
{
    free(asker->hidden);
    free(asker->list.best);
    board_done(&asker->board);
}

static void mask(struct asker *asker, const struct recommend_context *context, bool hide)
{
    for (size_t i = 0; i < context->count; i++) {
        uint32_t item = context->items[i];
        uint64_t bit = (uint64_t)1 << (item & 63), others = asker->hidden[item >> 6] & ~bit;
        asker->hidden[item >> 6] = hide ? others | bit : others;
    }
}

struct gains {
    double recall, ndcg;
    size_t users;
};

static bool is_wanted(const uint32_t *wanted, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++)
        if (wanted[i] == item)
            return true;
    return false;
}

static void ask_one(struct asker *asker, struct recommender recommender, size_t user,
                    struct gains *gains)
{
    const uint32_t *wanted;
    struct recommend_context context;
    struct recommend_view view = {asker->hidden, asker->sides->item_count};
    size_t count = sequence_at(asker->sides->wanted, user, &wanted), hits = 0;
    double gain = 0, ideal = 0;
    if (count == 0)
        return;
    context.count = sequence_at(asker->sides->known, user, &context.items);
    mask(asker, &context, true);
    recommend(&recommender, &context, &view, &asker->board, &asker->list);
    recommend_fill(&asker->board, &view, asker->popular->ranked, asker->popular->ranked_count,
                   &asker->list);
    mask(asker, &context, false);
    for (size_t i = 0; i < asker->list.count; i++) {
        bool hit = is_wanted(wanted, count, asker->list.best[i].item);
        hits += hit;
        gain += hit ? 1 / log2((double)i + 2) : 0;
    }
    for (size_t i = 0; i < count && i < asker->list.room; i++)
        ideal += 1 / log2((double)i + 2);
    gains->recall += (double)hits / (double)count;
    gains->ndcg += ideal > 0 ? gain / ideal : 0;
    gains->users++;
}

static struct gains ask_all(const struct sides *sides, struct recommender recommender,
                            const struct rp3 *popular, uint32_t k)
{
    struct gains gains = {0};
    struct asker asker;
    asker_init(&asker, sides, popular, k);
    for (size_t u = 0; u < sides->wanted->count; u++)
        ask_one(&asker, recommender, u, &gains);
    asker_done(&asker);
    gains.recall /= (double)(gains.users ? gains.users : 1);
    gains.ndcg /= (double)(gains.users ? gains.users : 1);
    return gains;
}

/* --- a cut of train --------------------------------------------------------------------------- */

struct cut {
    struct sequences known, wanted;
    struct sides sides;
};

/* Each fifth item of at most CUT_PEOPLE_MAX people, spread evenly over the file. */
static void cut_init(struct cut *cut, const struct interaction_data *data)
{
    size_t people = data->train.count, step = (people + CUT_PEOPLE_MAX - 1) / CUT_PEOPLE_MAX;
    sequences_init(&cut->known);
    sequences_init(&cut->wanted);
    for (size_t u = 0; u < people; u++) {
        const uint32_t *items;
        size_t count = sequence_at(&data->train, u, &items);
        for (size_t i = 0; i < count; i++) {
            /* which fifth differs from person to person; one item alone stays */
            bool out = u % step == 0 && count > 1 && (i * 7919 + u) % CUT_PART == 0;
            sequences_push(out ? &cut->wanted : &cut->known, items[i]);
        }
        sequences_end(&cut->known);
        sequences_end(&cut->wanted);
    }
    cut->sides = (struct sides){&cut->known, &cut->wanted, data->train_items};
}

static void cut_done(struct cut *cut)
{
    sequences_done(&cut->known);
    sequences_done(&cut->wanted);
}

/* --- choosing parameters ---------------------------------------------------------------------- */

static double try_graph(const struct cut *cut, const struct rp3_options *options, uint32_t k)
{
    struct rp3 *graph = make_graph(&cut->sides, options);
    double ndcg = ask_all(&cut->sides, (struct recommender){&rp3_kind, graph}, graph, k).ndcg;
    rp3_free(graph);
    return ndcg;
}

/* How much what everybody has weighs, and what was seen once, is not alike in two shops: a handful
 * of forms is always tried, the default first. */
static void choose_form(const struct cut *cut, struct rp3_options *options, uint32_t k)
{
    static const struct rp3_form others[] = {
        {6, 2, 20}, {6, 4, 0}, {6, 5, 0}, {2, 0, 0}, {0, 0, 0}};
    double best = try_graph(cut, options, k);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct rp3_options next = *options;
        next.form = others[i];
        double ndcg = try_graph(cut, &next, k);
        if (ndcg > best) {
            best = ndcg;
            *options = next;
        }
    }
}

/* One parameter after the other, the others at their best so far. */
static void tune_graph(const struct cut *cut, struct rp3_options *options, uint32_t k)
{
    enum knob { BETA, ALPHA, NEIGHBOURS };
    static const struct {
        enum knob knob;
        unsigned value; /* of an exponent: eighths */
    } trials[] = {{BETA, 0},  {BETA, 1},  {BETA, 2},         {BETA, 3},
                  {BETA, 4},  {BETA, 5},  {BETA, 6},         {ALPHA, 2},
                  {ALPHA, 3}, {ALPHA, 4}, {ALPHA, 5},        {ALPHA, 6},
                  {ALPHA, 7}, {ALPHA, 8}, {NEIGHBOURS, 100}, {NEIGHBOURS, 1000}};
    double best = try_graph(cut, options, k);
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        struct rp3_options next = *options;
        if (trials[i].knob == BETA)
            next.form.beta_eighths = trials[i].value;
        else if (trials[i].knob == ALPHA)
            next.form.alpha_eighths = trials[i].value;
        else
            next.neighbours = trials[i].value;
        double ndcg = try_graph(cut, &next, k);
        if (ndcg > best) {
            best = ndcg;
            *options = next;
        }
    }
}

static enum status tune_ease(const struct cut *cut, float *inout_lambda, uint32_t k,
                             struct diag *diag)
{
    static const struct rp3_options counts = {.neighbours = 0};
    static const float lambdas[] = {3, 10, 30, 100, 200, 300, 500, 1000, 2000};
    struct rp3 *popular = make_graph(&cut->sides, &counts);
    enum status status = STATUS_OK;
    double best = -1;
    for (size_t i = 0; i < sizeof lambdas / sizeof *lambdas && status == STATUS_OK; i++) {
        struct ease *ease;
        status = make_ease(&cut->sides, lambdas[i], &ease, diag);
        if (status != STATUS_OK)
            break;
        double ndcg = ask_all(&cut->sides, (struct recommender){&ease_kind, ease}, popular, k).ndcg;
        ease_free(ease);
        if (ndcg > best) {
            best = ndcg;
            *inout_lambda = lambdas[i];
        }
    }
    rp3_free(popular);
    return status;
}

/* --- the blend -------------------------------------------------------------------------------- */

static void make_blend(struct models *models, const struct sides *sides,
                       const struct rp3_options *options, float lambda)
{
    struct diag diag;
    models->graph = make_graph(sides, options);
    blend_init(&models->blend, models->graph);
    blend_add_source(&models->blend, (struct recommender){&rp3_kind, models->graph}, 0.01);
    if (sides->item_count <= BLEND_ITEMS_MAX &&
        make_ease(sides, lambda, &models->ease, &diag) == STATUS_OK)
        blend_add_source(&models->blend, (struct recommender){&ease_kind, models->ease}, 0.01);
}

/* The weights that would have foretold what the cut holds out. */
static void learn_weights(const struct cut *cut, struct models *models)
{
    struct asker asker;
    struct logit_examples examples;
    asker_init(&asker, &cut->sides, models->graph, 0);
    logit_examples_init(&examples, BLEND_FEATURES);
    for (size_t u = 0; u < cut->wanted.count; u++) {
        const uint32_t *wanted;
        struct blend_step step = {.view = {asker.hidden, cut->sides.item_count}};
        size_t count = sequence_at(&cut->wanted, u, &wanted);
        step.context.count = sequence_at(&cut->known, u, &step.context.items);
        mask(&asker, &step.context, true);
        for (size_t i = 0; i < count && i < 5; i++) {
            step.chosen = wanted[i];
            blend_observe(&models->blend, &step, &asker.board, &examples);
        }
        mask(&asker, &step.context, false);
    }
    blend_fit(&models->blend, &examples);
    logit_examples_done(&examples);
    asker_done(&asker);
}

/* --- one trial -------------------------------------------------------------------------------- */

struct run {
    struct sides sides;
    struct rp3_options options;
    float lambda;
    struct models models;
    double weights[BLEND_FEATURES];
};

static enum status choose(struct run *run, const struct interaction_data *data,
                          const struct interaction_trial *trial, struct diag *diag)
{
    bool blend = trial->model == INTERACTIONS_BLEND;
    bool graph = blend || trial->model == INTERACTIONS_GRAPH;
    bool ease =
        trial->model == INTERACTIONS_EASE || (blend && data->train_items <= BLEND_ITEMS_MAX);
    struct cut cut;
    cut_init(&cut, data);
    enum status status = STATUS_OK;
    if (graph)
        choose_form(&cut, &run->options, trial->k);
    if (trial->tune && graph)
        tune_graph(&cut, &run->options, trial->k);
    if (trial->tune && ease)
        status = tune_ease(&cut, &run->lambda, trial->k, diag);
    if (blend && status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* no OpenBLAS: the blend does without */
    if (blend && status == STATUS_OK) {
        struct models models = {0};
        make_blend(&models, &cut.sides, &run->options, run->lambda);
        learn_weights(&cut, &models);
        memcpy(run->weights, models.blend.weights, sizeof run->weights);
        models_done(&models);
    }
    cut_done(&cut);
    return status;
}

static enum status train(struct run *run, enum interaction_model model,
                         struct recommender *out_recommender, struct diag *diag)
{
    static const struct rp3_options counts = {.neighbours = 0};
    struct models *models = &run->models;
    enum status status = STATUS_OK;
    if (model == INTERACTIONS_GRAPH) {
        models->graph = make_graph(&run->sides, &run->options);
        *out_recommender = (struct recommender){&rp3_kind, models->graph};
    } else if (model == INTERACTIONS_EASE) {
        models->graph = make_graph(&run->sides, &counts);
        status = make_ease(&run->sides, run->lambda, &models->ease, diag);
        *out_recommender = (struct recommender){&ease_kind, models->ease};
    } else if (model == INTERACTIONS_POPULAR) {
        models->graph = make_graph(&run->sides, &counts);
        *out_recommender = (struct recommender){&popular_kind, models->graph};
    } else {
        make_blend(models, &run->sides, &run->options, run->lambda);
        memcpy(models->blend.weights, run->weights, sizeof run->weights);
        *out_recommender = (struct recommender){&blend_kind, &models->blend};
    }
    return status;
}

enum status evaluate_interactions(const struct interaction_data *data,
                                  const struct interaction_trial *trial,
                                  struct interaction_figures *out_figures, struct diag *diag)
{
    struct run run = {.sides = {&data->train, &data->test, data->train_items},
                      .options = rp3_options_default(),
                      .lambda = ease_options_default().lambda};
    struct recommender recommender = {0};
    uint64_t began_us = clock_monotonic_us();
    enum status status = STATUS_OK;
    if (trial->tune || trial->model == INTERACTIONS_GRAPH || trial->model == INTERACTIONS_BLEND)
        status = choose(&run, data, trial, diag);
    if (status == STATUS_OK)
        status = train(&run, trial->model, &recommender, diag);
    if (status == STATUS_OK) {
        *out_figures = (struct interaction_figures){
            .train_seconds = (double)(clock_monotonic_us() - began_us) / 1e6,
            .alpha = run.options.form.alpha_eighths / (double)RP3_EIGHTHS,
            .beta = run.options.form.beta_eighths / (double)RP3_EIGHTHS,
            .prior = run.options.form.prior,
            .neighbours = run.options.neighbours,
            .lambda = (double)run.lambda};
        memcpy(out_figures->weights, run.weights, sizeof run.weights);
        struct gains gains = ask_all(&run.sides, recommender, run.models.graph, trial->k);
        out_figures->recall = gains.recall;
        out_figures->ndcg = gains.ndcg;
        out_figures->users = gains.users;
    }
    models_done(&run.models);
    return status;
}
