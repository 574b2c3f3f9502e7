/* One question of an evaluation: the lists that the serving code makes for a person in the state
 * they were in, held against what they took. */
#include "api/canonical.h"
#include "api/evaluating_state.h"

#include "api/evidence.h"
#include "api/person_facts.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/zone.h"

#include <math.h>

/* --- the lists -------------------------------------------------------------------------------- */

static void add_list(struct evaluating *evaluating, const struct placement *placement)
{
    size_t index = evaluating->list_count++;
    evaluating->placements[index] = *placement;
    evaluating->policies[index] = (struct policy){
        .version = 1, .placements = &evaluating->placements[index], .placement_count = 1};
    number_table_init(&evaluating->shown[index].items);
}

/* Chance shows nothing in a list that is measured by what people took. */
static void leave_chance_out(struct evaluating *evaluating, struct placement *placement)
{
    size_t count = 0;
    for (size_t i = 0; i < placement->rule_count; i++)
        if (placement->rules[i].kind != RULE_ARRIVALS)
            evaluating->rules[count++] = placement->rules[i];
    placement->rules = evaluating->rules;
    placement->rule_count = count;
    placement->explore = 0;
}

void evaluating_make_lists(struct evaluating *evaluating)
{
    struct placement placement = *evaluating->wish->placement;
    leave_chance_out(evaluating, &placement);
    placement.objective.holdout_arm = HOLDOUT_BEST_SELLERS;
    add_list(evaluating, &placement); /* the recipe */
    add_list(evaluating, &placement); /* asked as somebody who is held out */
    for (size_t i = 0; i < recipe_steps(&placement); i++) {
        struct placement step = placement; /* measured alone: nothing comes in for it */
        step.fallback_count = 0;
        step.minimum = 0;
        step.withholds = false;
        step.steps[0] = placement.steps[i];
        step.step_count = 1;
        step.mix = MIX_IN_ORDER;
        step.affinity_weight = 0;
        add_list(evaluating, &step);
    }
}

enum status evaluating_follow_catalog(struct evaluating *evaluating)
{
    for (size_t i = 0; i < catalog_count(evaluating->catalog); i++)
        evaluating->visible_items += !catalog_at(evaluating->catalog, i)->hidden;
    while (placement_asks_assortment(evaluating->wish->placement) &&
           assortments_refresh(evaluating->assortments, evaluating->engine->catalog,
                               evaluating->wish->workspace))
        if (!evaluating_goes_on(evaluating))
            return STATUS_CONFLICT;
    return STATUS_OK;
}

void evaluating_study(struct evaluating *evaluating)
{
    uint32_t workspace = evaluating->wish->workspace->id;
    if (evaluating->wish->placement->mix != MIX_BLEND)
        return;
    struct blend_school school = {.catalog = evaluating->catalog,
                                  .assortment =
                                      assortments_pin(evaluating->assortments, workspace)};
    (void)learning_publish(evaluating->learning);
    learning_study_blend(evaluating->learning, workspace, true, &school);
    assortment_unpin(school.assortment);
}

void evaluating_pin(struct evaluating *evaluating)
{
    uint32_t workspace = evaluating->wish->workspace->id;
    evaluating->blend_learned = learning_blend(evaluating->learning, workspace, &evaluating->blend);
    evaluating->learned = learning_pin(evaluating->learning, workspace);
    evaluating->habits = learning_pin_habits(evaluating->learning, workspace);
    evaluating->assortment = assortments_pin(evaluating->assortments, workspace);
}

void evaluating_unpin(struct evaluating *evaluating)
{
    if (evaluating->learned)
        learn_unpin(evaluating->learned);
    habits_unpin(evaluating->habits);
    assortment_unpin(evaluating->assortment);
}

/* --- who is asked ----------------------------------------------------------------------------- */

/* May be recognised today, and could be then: the view as known before the deed. */
static bool read_then(struct evaluating *evaluating, const struct question *question,
                      struct person_view *out_view)
{
    struct people *people = evaluating->engine->people;
    const struct workspace *workspace = evaluating->wish->workspace;
    int64_t now_ms = clock_now_ms();
    struct asker asker = {
        .workspace = workspace->id,
        .trust = ASKER_SECRET,
        .node = question->device,
        .person = question->node,
        .purpose = PURPOSE_PERSONALISE,
        .now_ms = now_ms,
        .utc_offset_ms = MS_PER_MINUTE * (int64_t)zone_offset_minutes(workspace->timezone, now_ms)};
    if (people_view(people, &asker, &evaluating->arena, out_view) != STATUS_OK || !out_view->open)
        return false;
    /* the deed was stamped granted: the decision before it would have been told so */
    asker.preferences = stamp_set(0, PURPOSE_PERSONALISE, CONSENT_GRANTED);
    asker.now_ms = question->time_ms;
    return people_view_as_known(people, &asker, question->sequence - 1, &evaluating->arena,
                                out_view) == STATUS_OK &&
           out_view->open && !out_view->profile->robot;
}

/* --- a list ----------------------------------------------------------------------------------- */

static bool is_taken(const struct question *question, uint64_t item)
{
    for (size_t i = 0; i < question->taken_count; i++)
        if (question->taken[i] == item)
            return true;
    return false;
}

static struct offline_gain note(struct evaluating *evaluating, const struct question *question,
                                const struct decision *decision, size_t index)
{
    struct shown_list *list = &evaluating->shown[index];
    bool hits[ITEMS_PER_PLACEMENT_MAX];
    for (size_t i = 0; i < decision->shown_count; i++) {
        uint64_t item = hash64(decision->shown[i]->candidate->item);
        double deeds = (double)number_table_get(&evaluating->deeds, item ? item : 1);
        hits[i] = is_taken(question, item);
        number_table_put(&list->items, item ? item : 1, 1);
        list->surprise -= log2((deeds + 1) / ((double)evaluating->deed_count + 1));
    }
    list->count += decision->shown_count;
    list->answers += decision->shown_count > 0;
    return offline_gain(hits, decision->shown_count, question->taken_count, evaluating->wish->k);
}

static struct offline_gain ask_list(struct evaluating *evaluating, const struct question *question,
                                    const struct decide_input *asked,
                                    const struct evidence_source *source, size_t index)
{
    struct decide_input input = *asked;
    struct wish wish = {.placement = evaluating->placements[index].id,
                        .count = evaluating->wish->k,
                        .arm = index == EVALUATION_BEST_SELLERS ? ARM_HOLDOUT : ARM_NONE};
    struct outcome outcome;
    input.moment.wishes = &wish;
    input.moment.wish_count = 1;
    input.policy = &evaluating->policies[index];
    evidence_gather(source, &input, &evaluating->arena);
    decide_trim(&input, &evaluating->arena);
    decide_run(&input, &evaluating->arena, &outcome);
    return note(evaluating, question, &outcome.decisions[0], index);
}

static void add(struct evaluating *evaluating, const struct question *question, bool cold,
                size_t index, const struct offline_gain *gain)
{
    size_t at = question->person * evaluating->list_count + index;
    offline_add(&evaluating->sums[0][at], gain);
    if (cold)
        offline_add(&evaluating->sums[1][at], gain);
}

enum status evaluating_ask(struct evaluating *evaluating, const struct question *question)
{
    const struct workspace *workspace = evaluating->wish->workspace;
    struct person_view view;
    arena_reset(&evaluating->arena);
    if (!read_then(evaluating, question, &view))
        return evaluating_goes_on(evaluating) ? STATUS_OK : STATUS_CONFLICT;
    struct decide_input input = {
        .moment = {.now_ms = question->time_ms,
                   .utc_offset_minutes =
                       zone_offset_minutes(workspace->timezone, question->time_ms),
                   .locale = workspace->locale,
                   .page_item = item_names_find(evaluating->names, question->page)},
        .seed = question->sequence};
    struct evidence_source source = {.catalog = evaluating->catalog,
                                     .learned = evaluating->learned,
                                     .assortment = evaluating->assortment,
                                     .habits = evaluating->habits,
                                     .blend = evaluating->blend_learned ? &evaluating->blend : NULL,
                                     .deadline_us = UINT64_MAX,
                                     .moves = &workspace->category_map};
    person_facts(&view, question->time_ms, &evaluating->arena, &input.person);
    canonical_person(&source, &input.person, &evaluating->arena);
    person_evidence(&view, question->time_ms, &evaluating->arena, &source);
    bool cold = view.profile->event_count == 0;
    for (size_t i = 0; i < evaluating->list_count; i++) {
        struct offline_gain gain = ask_list(evaluating, question, &input, &source, i);
        add(evaluating, question, cold, i, &gain);
    }
    evaluating->counts[0][question->person]++;
    evaluating->counts[1][question->person] += cold;
    evaluating->answered_questions++;
    return evaluating_goes_on(evaluating) ? STATUS_OK : STATUS_CONFLICT;
}
