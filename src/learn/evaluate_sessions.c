/* Offline evaluation on visits: the index is fed in order, the graph is made of what was fed; a
 * blend is fitted on the newest tenth of the visits before those are learned too. */
#include "learn/evaluate.h"

#include "base/clock.h"
#include "learn/rp3.h"
#include "learn/rules.h"
#include "learn/vmis.h"

#include <stdlib.h>

enum {
    HELD_OUT_PART = 10, /* a tenth of the visits, the newest, teaches the blend */
    HELD_OUT_VISITS_MAX = 3000,
    HELD_OUT_STEPS_MAX = 5000
};

/* What learns from visits, fed in order. */
struct trainer {
    struct session_index *index;
    bool blend;
    size_t fed;
};

/* What answers: made from a trainer, asked, thrown away. */
struct models {
    const struct session_view *view;
    struct rp3 *graph;          /* with what is popular; rows only in a blend */
    struct vmis vmis, vmis_new; /* the second says nothing of what was seen already */
    struct rules rules;
    struct blend blend;
};

static void feed(struct trainer *trainer, const struct session_data *data, size_t end)
{
    for (; trainer->fed < end; trainer->fed++) {
        const uint32_t *items;
        size_t count = sequence_at(&data->visits, trainer->fed, &items);
        session_index_add(trainer->index, items, count);
    }
}

static void trainer_init(struct trainer *trainer, const struct session_data *data,
                         enum session_model model)
{
    *trainer = (struct trainer){.index = session_index_new((uint32_t)data->visits.count + 2),
                                .blend = model == SESSIONS_BLEND};
}

static void trainer_done(struct trainer *trainer)
{
    session_index_free(trainer->index);
}

static void models_init(struct models *models, struct trainer *trainer,
                        const struct session_data *data)
{
    struct vmis_options options = vmis_options_default();
    *models = (struct models){.view = session_index_pin(trainer->index)};
    vmis_init(&models->vmis, models->view, &options);
    options.again = 0;
    vmis_init(&models->vmis_new, models->view, &options);
    rules_init(&models->rules, models->view);
    struct rp3_options graph = rp3_options_default();
    graph.fading = 0.7;
    if (!trainer->blend)
        graph.neighbours = 0;
    models->graph = rp3_new(&data->visits, trainer->fed, data->items.count, &graph);
    if (!trainer->blend)
        return;
    blend_init(&models->blend, models->graph);
    blend_add_source(&models->blend, (struct recommender){&vmis_kind, &models->vmis_new}, 0.1);
    blend_add_source(&models->blend, (struct recommender){&rules_kind, &models->rules}, 1);
    blend_add_source(&models->blend, (struct recommender){&rp3_kind, models->graph}, 0.01);
}

static void models_done(struct models *models)
{
    session_view_unref(models->view);
    rp3_free(models->graph);
}

/* --- asking ----------------------------------------------------------------------------------- */

struct asker {
    const struct session_data *data;
    const struct session_trial *trial;
    uint64_t *hidden; /* a bit an item; clear between questions */
    struct board board;
    struct logit_examples examples;
};

static void asker_init(struct asker *asker, const struct session_data *data,
                       const struct session_trial *trial)
{
    *asker = (struct asker){.data = data, .trial = trial};
    asker->hidden = must_alloc_zero(data->items.count / 64 + 1, sizeof *asker->hidden);
    board_init(&asker->board, data->items.count);
    logit_examples_init(&asker->examples, BLEND_FEATURES);
}

static void asker_done(struct asker *asker)
{
    free(asker->hidden);
    board_done(&asker->board);
    logit_examples_done(&asker->examples);
}

/* Hides the newest item, or shows it again. */
static void hide_newest(struct asker *asker, const struct recommend_context *context, bool hide)
{
    uint32_t item = context->count ? context->items[context->count - 1] : NAME_NONE;
    if (!asker->trial->drop_repeats || item >= asker->data->items.count)
        return;
    uint64_t bit = (uint64_t)1 << (item & 63);
    uint64_t others = asker->hidden[item >> 6] & ~bit;
    asker->hidden[item >> 6] = hide ? others | bit : others;
}

static struct recommend_view view_of(const struct asker *asker)
{
    return (struct recommend_view){asker->hidden, asker->data->items.count};
}

/* --- the blend's weights ---------------------------------------------------------------------- */

static void observe_visit(struct asker *asker, const struct blend *blend, size_t visit)
{
    const uint32_t *items;
    size_t count = sequence_at(&asker->data->visits, visit, &items);
    for (size_t i = 1; i < count && asker->examples.count < HELD_OUT_STEPS_MAX; i++) {
        struct blend_step step = {{items, i}, view_of(asker), items[i]};
        hide_newest(asker, &step.context, true);
        blend_observe(blend, &step, &asker->board, &asker->examples);
        hide_newest(asker, &step.context, false);
    }
}

/* Learns the older visits, fits the weights on the newest; the caller then feeds those too. */
static void learn_weights(struct trainer *trainer, struct asker *asker,
                          double out_weights[BLEND_FEATURES])
{
    size_t visits = asker->data->visits.count, held_out = visits / HELD_OUT_PART;
    if (held_out > HELD_OUT_VISITS_MAX)
        held_out = HELD_OUT_VISITS_MAX;
    struct models models;
    feed(trainer, asker->data, visits - held_out);
    models_init(&models, trainer, asker->data);
    for (size_t i = visits; i-- > visits - held_out;)
        observe_visit(asker, &models.blend, i);
    blend_fit(&models.blend, &asker->examples);
    memcpy(out_weights, models.blend.weights, sizeof models.blend.weights);
    models_done(&models);
}

/* --- measuring -------------------------------------------------------------------------------- */

static struct recommender recommender_of(const struct models *models, enum session_model model)
{
    switch (model) {
    case SESSIONS_RULES:
        return (struct recommender){&rules_kind, &models->rules};
    case SESSIONS_BLEND:
        return (struct recommender){&blend_kind, &models->blend};
    default:
        return (struct recommender){&vmis_kind, &models->vmis};
    }
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Rank of the target, from 1; 0 when it is not among the best. */
static size_t rank_in(const struct recommended_list *list, uint32_t target)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->best[i].item == target)
            return i + 1;
    return 0;
}

static void ask_all(struct asker *asker, struct recommender recommender, const struct rp3 *popular,
                    struct session_figures *out_figures)
{
    size_t questions = asker->data->prefixes.count, k = asker->trial->k;
    if (k > asker->data->items.count)
        k = asker->data->items.count;
    struct recommended_list list = {must_alloc((k + 1) * sizeof *list.best), 0, k};
    double *times_us = must_alloc(questions * sizeof *times_us), hits = 0, reciprocal = 0;
    for (size_t q = 0; q < questions; q++) {
        struct recommend_context context;
        struct recommend_view view = view_of(asker);
        context.count = sequence_at(&asker->data->prefixes, q, &context.items);
        hide_newest(asker, &context, true);
        uint64_t began_us = clock_monotonic_us();
        recommend(&recommender, &context, &view, &asker->board, &list);
        recommend_fill(&asker->board, &view, popular->ranked, popular->ranked_count, &list);
        times_us[q] = (double)(clock_monotonic_us() - began_us);
        hide_newest(asker, &context, false);
        size_t rank = rank_in(&list, asker->data->targets[q]);
        hits += rank > 0;
        reciprocal += rank ? 1 / (double)rank : 0;
    }
    qsort(times_us, questions, sizeof *times_us, ascending);
    out_figures->questions = questions;
    out_figures->hr = hits / (double)questions;
    out_figures->mrr = reciprocal / (double)questions;
    out_figures->p50_us = times_us[questions / 2];
    out_figures->p99_us = times_us[questions - 1 - questions / 100];
    free(times_us);
    free(list.best);
}

void evaluate_sessions(const struct session_data *data, const struct session_trial *trial,
                       struct session_figures *out_figures)
{
    struct session_figures figures = {0};
    struct trainer trainer;
    struct models models;
    struct asker asker;
    uint64_t began_us = clock_monotonic_us();
    trainer_init(&trainer, data, trial->model);
    asker_init(&asker, data, trial);
    if (trial->model == SESSIONS_BLEND)
        learn_weights(&trainer, &asker, figures.weights);
    feed(&trainer, data, data->visits.count);
    models_init(&models, &trainer, data);
    if (trial->model == SESSIONS_BLEND)
        memcpy(models.blend.weights, figures.weights, sizeof figures.weights);
    figures.train_seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    ask_all(&asker, recommender_of(&models, trial->model), models.graph, &figures);
    models_done(&models);
    trainer_done(&trainer);
    asker_done(&asker);
    *out_figures = figures;
}
