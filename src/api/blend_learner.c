#include "api/blend_learner.h"

#include "api/evidence.h"
#include "decide/taste.h"
#include "learn/logit.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    LESSONS_PER_TICK = 24,
    CONTEXT_MAX = VISIT_SEEDS_MAX,
    FEATURES = sizeof(struct blend_weights) / sizeof(float)
};
static_assert((int)FEATURES <= (int)LOGIT_FEATURES_MAX, "a weight a feature");

struct lesson {
    const struct learn_snapshot *learned; /* pinned */
    int64_t time_ms;
    struct slice items[CONTEXT_MAX]; /* the visit, newest first */
    size_t count;
    struct slice taken;
    struct arena memory;
};

struct blend_learner {
    pthread_mutex_t mutex; /* of all up to the empty line */
    struct lesson *waiting[BLEND_LESSONS_WAIT_MAX];
    size_t waiting_count;
    bool wanted, learned;
    struct blend_weights weights;
    size_t bytes;

    struct logit_examples examples; /* the timer's */
    size_t fitted;                  /* examples when the weights were fitted */
};

struct blend_learner *blend_learner_new(void)
{
    struct blend_learner *learner = must_alloc_zero(1, sizeof *learner);
    int failed = pthread_mutex_init(&learner->mutex, NULL);
    assert(failed == 0);
    logit_examples_init(&learner->examples, FEATURES);
    return learner;
}

static void lesson_free(struct lesson *lesson)
{
    learn_unpin(lesson->learned);
    arena_done(&lesson->memory);
    free(lesson);
}

void blend_learner_free(struct blend_learner *learner)
{
    if (!learner)
        return;
    for (size_t i = 0; i < learner->waiting_count; i++)
        lesson_free(learner->waiting[i]);
    logit_examples_done(&learner->examples);
    pthread_mutex_destroy(&learner->mutex);
    free(learner);
}

size_t blend_learner_bytes(struct blend_learner *learner)
{
    pthread_mutex_lock(&learner->mutex);
    size_t bytes = sizeof *learner + learner->bytes;
    pthread_mutex_unlock(&learner->mutex);
    return bytes;
}

/* --- noting ----------------------------------------------------------------------------------- */

bool blend_learner_wants(struct blend_learner *learner)
{
    pthread_mutex_lock(&learner->mutex);
    bool wants = learner->wanted && learner->waiting_count < BLEND_LESSONS_WAIT_MAX;
    pthread_mutex_unlock(&learner->mutex);
    return wants;
}

void blend_learner_note(struct blend_learner *learner, struct learn *learn,
                        const struct learn_observation *taken)
{
    struct slice items[CONTEXT_MAX];
    size_t count = learn_running(learn, taken->person, taken->time_ms, items, CONTEXT_MAX);
    for (size_t i = 0; i < count; i++)
        if (slice_equal(items[i], taken->items[0]))
            return; /* they came back: no list would have shown it */
    if (count == 0)
        return;
    struct lesson *lesson = must_alloc_zero(1, sizeof *lesson);
    arena_init(&lesson->memory);
    lesson->learned = learn_pin(learn);
    lesson->time_ms = taken->time_ms;
    lesson->taken = arena_copy(&lesson->memory, taken->items[0]);
    for (; lesson->count < count; lesson->count++)
        lesson->items[lesson->count] = arena_copy(&lesson->memory, items[lesson->count]);
    pthread_mutex_lock(&learner->mutex);
    learner->waiting[learner->waiting_count++] = lesson;
    pthread_mutex_unlock(&learner->mutex);
}

/* --- a lesson --------------------------------------------------------------------------------- */

static const struct placement *lesson_placement(void)
{
    static const struct placement placement = {
        .id = {"lesson", 6},
        .mix = MIX_BLEND,
        .steps = {{.strategy = STRATEGY_SESSIONS, .weight = 1},
                  {.strategy = STRATEGY_VIEWED_TOGETHER, .weight = 1},
                  {.strategy = STRATEGY_BOUGHT_TOGETHER, .weight = 1},
                  {.strategy = STRATEGY_CATEGORY_BEST_SELLERS, .weight = 1},
                  {.strategy = STRATEGY_TRENDING, .weight = 1},
                  {.strategy = STRATEGY_BEST_SELLERS, .weight = 1},
                  {.strategy = STRATEGY_NEW_ARRIVALS, .weight = 1},
                  {.strategy = STRATEGY_VIEWED_NEXT, .weight = 1},
                  {.strategy = STRATEGY_SIMILAR, .weight = 1}},
        .step_count = 9,
        .count = 8};
    return &placement;
}

/* Tastes as the visit alone shows them: a share for each value of an attribute of its items. */
static void take_tastes(const struct lesson *lesson, const struct blend_school *school,
                        struct arena *arena, struct decide_person *person)
{
    struct decide_affinity *all =
        ARENA_ARRAY(arena, PROFILE_AFFINITIES_MAX, struct decide_affinity);
    for (size_t i = 0; i < lesson->count; i++) {
        size_t count = 0;
        const struct item *item = catalog_find(school->catalog, lesson->items[i]);
        const struct attribute *attributes = item ? item_interests(item, &count) : NULL;
        for (size_t k = 0; k < count; k++) {
            size_t at = 0;
            while (at < person->affinity_count &&
                   !(slice_equal(all[at].attribute, attributes[k].name) &&
                     slice_equal(all[at].value, attributes[k].value)))
                at++;
            if (at == PROFILE_AFFINITIES_MAX)
                continue;
            if (at == person->affinity_count)
                all[person->affinity_count++] =
                    (struct decide_affinity){attributes[k].name, attributes[k].value, 0};
            all[at].weight += 1;
        }
    }
    person->affinities = all;
}

/* Like somebody who is on the page of the visit's newest item. */
static void stage(const struct lesson *lesson, const struct blend_school *school,
                  struct arena *arena, struct decide_input *input, struct evidence_source *source)
{
    struct profile *profile = ARENA_NEW(arena, struct profile);
    for (size_t i = 0; i < lesson->count; i++)
        profile->recents[profile->recent_count++] =
            (struct profile_recent){lesson->items[i], lesson->time_ms, 1};
    input->moment.now_ms = lesson->time_ms;
    input->moment.page_item = lesson->items[0];
    input->person.personal = true;
    input->person.recents = lesson->items;
    input->person.recent_count = lesson->count;
    take_tastes(lesson, school, arena, &input->person);
    *source = (struct evidence_source){.catalog = school->catalog,
                                       .learned = lesson->learned,
                                       .assortment = school->assortment,
                                       .habits = school->habits,
                                       .profile = profile,
                                       .visit_count = lesson->count,
                                       .deadline_us = UINT64_MAX};
}

/* The highest answer of each strategy, as a decision scales by it. */
struct highest {
    float answers[STRATEGY_COUNT];
};

static struct highest highest_of(const struct placement_evidence *evidence)
{
    struct highest highest = {{0}};
    for (size_t i = 0; i < evidence->candidate_count; i++)
        for (size_t k = 0; k < STRATEGY_COUNT; k++)
            if (evidence->candidates[i].answers[k] > highest.answers[k])
                highest.answers[k] = evidence->candidates[i].answers[k];
    return highest;
}

/* In the order of struct blend_weights: what each weight is multiplied with. */
static void features_of(const struct highest *highest, const struct taste *taste,
                        const struct candidate *candidate, double out_features[FEATURES])
{
    memset(out_features, 0, FEATURES * sizeof *out_features);
    for (size_t i = 0; i < STRATEGY_COUNT; i++)
        if (candidate->answers[i] > 0)
            out_features[i] =
                blend_answer((double)candidate->answers[i] / (double)highest->answers[i]);
    for (size_t i = 0; i < TERM_COUNT; i++)
        out_features[STRATEGY_COUNT + i] = blend_value(candidate->terms[i]);
    for (size_t i = 0; i < candidate->likes.count; i++)
        out_features[FEATURES - 1] += taste->shares[candidate->likes.affinities[i]];
}

static bool is_seen(const struct lesson *lesson, struct slice item)
{
    for (size_t i = 0; i < lesson->count; i++)
        if (slice_equal(lesson->items[i], item))
            return true;
    return false;
}

/* A step to what nobody proposed teaches nothing: no weight could have changed it. */
static void study(struct blend_learner *learner, const struct lesson *lesson,
                  const struct blend_school *school, struct arena *arena)
{
    struct policy policy = {.placements = lesson_placement(), .placement_count = 1};
    struct wish wish = {.placement = lesson_placement()->id};
    struct decide_input input = {.policy = &policy, .moment = {.wishes = &wish, .wish_count = 1}};
    struct evidence_source source;
    stage(lesson, school, arena, &input, &source);
    evidence_gather(&source, &input, arena);
    const struct placement_evidence *evidence = &input.evidence[0];
    struct taste taste = taste_of(&input.person, arena);
    struct highest highest = highest_of(evidence);
    size_t rows = 0, chosen = SIZE_MAX;
    for (size_t i = 0; i < evidence->candidate_count; i++) {
        const struct candidate *candidate = &evidence->candidates[i];
        double features[FEATURES];
        if (candidate->hidden || is_seen(lesson, candidate->item))
            continue;
        features_of(&highest, &taste, candidate, features);
        if (slice_equal(candidate->item, lesson->taken))
            chosen = rows;
        logit_push_row(&learner->examples, features);
        rows++;
    }
    if (chosen == SIZE_MAX)
        logit_drop_rows(&learner->examples, rows);
    else
        logit_end_example(&learner->examples, rows, chosen);
}

/* --- the weights ------------------------------------------------------------------------------ */

static struct blend_weights fit(const struct blend_learner *learner)
{
    struct blend_weights weights = blend_weights_default();
    float all[FEATURES];
    double fitted[FEATURES];
    memcpy(all, &weights, sizeof all);
    for (size_t i = 0; i < FEATURES; i++)
        fitted[i] = (double)all[i];
    logit_fit(&learner->examples, FEATURES, fitted);
    for (size_t i = 0; i < FEATURES; i++) {
        all[i] = fitted[i] > 0 ? (float)fitted[i] : 0;
        all[i] = all[i] < BLEND_WEIGHT_MAX ? all[i] : BLEND_WEIGHT_MAX;
    }
    memcpy(&weights, all, sizeof all);
    return weights;
}

static void fit_when_due(struct blend_learner *learner)
{
    struct logit_examples *examples = &learner->examples;
    if (examples->count < BLEND_EXAMPLES_MIN ||
        examples->count < learner->fitted + BLEND_EXAMPLES_STEP)
        return;
    struct blend_weights weights = fit(learner);
    learner->fitted = examples->count;
    if (examples->count >= BLEND_EXAMPLES_MAX) {
        logit_drop_oldest(examples, examples->count / 2);
        learner->fitted = examples->count;
    }
    pthread_mutex_lock(&learner->mutex);
    learner->weights = weights;
    learner->learned = true;
    pthread_mutex_unlock(&learner->mutex);
}

static size_t take_lessons(struct blend_learner *learner, bool wanted,
                           struct lesson *out_lessons[LESSONS_PER_TICK])
{
    pthread_mutex_lock(&learner->mutex);
    size_t count = learner->waiting_count;
    count = count < LESSONS_PER_TICK ? count : LESSONS_PER_TICK;
    learner->waiting_count -= count;
    for (size_t i = 0; i < count; i++)
        out_lessons[i] = learner->waiting[learner->waiting_count + i];
    learner->wanted = wanted;
    learner->bytes = learner->examples.row_room * FEATURES * sizeof(float);
    pthread_mutex_unlock(&learner->mutex);
    return count;
}

void blend_learner_study(struct blend_learner *learner, bool wanted,
                         const struct blend_school *school)
{
    struct lesson *lessons[LESSONS_PER_TICK];
    struct arena arena;
    arena_init(&arena);
    size_t count = take_lessons(learner, wanted, lessons);
    for (size_t i = 0; i < count; i++) {
        study(learner, lessons[i], school, &arena);
        lesson_free(lessons[i]);
        arena_reset(&arena);
    }
    arena_done(&arena);
    fit_when_due(learner);
}

bool blend_learner_weights(struct blend_learner *learner, struct blend_weights *out_weights)
{
    pthread_mutex_lock(&learner->mutex);
    bool learned = learner->learned;
    if (learned)
        *out_weights = learner->weights;
    pthread_mutex_unlock(&learner->mutex);
    return learned;
}

bool blend_learner_restore(struct blend_learner *learner, const struct blend_weights *weights)
{
    float all[FEATURES];
    memcpy(all, weights, sizeof all);
    for (size_t i = 0; i < FEATURES; i++)
        if (!(all[i] >= 0 && all[i] <= BLEND_WEIGHT_MAX))
            return false;
    pthread_mutex_lock(&learner->mutex);
    learner->weights = *weights;
    learner->learned = true;
    pthread_mutex_unlock(&learner->mutex);
    return true;
}
