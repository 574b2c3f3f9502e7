/* Evidence that was gathered for one recipe, read with the eyes of another: which column answered
 * for which step. */
#include "decide/decide.h"
#include "decide/voices.h"

static const struct asked_step *asked_in(const struct placement_evidence *evidence, unsigned column)
{
    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].column == column)
            return &evidence->asked[i];
    return NULL;
}

unsigned evidence_column(const struct placement_evidence *evidence, const struct recipe_step *step)
{
    if (step->asks == 0 && asked_in(evidence, step->strategy) == NULL)
        return step->strategy;
    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].strategy == step->strategy && evidence->asked[i].asks == step->asks)
            return evidence->asked[i].column;
    return COLUMN_COUNT;
}

static bool fits(const struct placement_evidence *evidence, const struct placement *definition)
{
    for (size_t i = 0; i < definition->step_count; i++)
        if (evidence_column(evidence, &definition->steps[i]) != step_column(&definition->steps[i]))
            return false;
    return true;
}

static void move_candidate(const struct candidate *from, unsigned source, unsigned target,
                           struct candidate *to)
{
    to->answers[target] = from->answers[source];
    to->because[target] = from->because[source];
    if (voices_kind(target) >= 0)
        to->voices[voices_kind(target)] = voices_of(from, source);
    to->because_personal |= (from->because_personal >> source & 1) << target;
}

const struct placement_evidence *evidence_fit(const struct placement_evidence *evidence,
                                              const struct placement *definition,
                                              struct arena *arena)
{
    if (fits(evidence, definition))
        return evidence;
    size_t count = evidence->candidate_count;
    struct placement_evidence *fitted = ARENA_NEW(arena, struct placement_evidence);
    struct candidate *candidates = ARENA_ARRAY(arena, count, struct candidate);
    *fitted = *evidence;
    fitted->candidates = candidates;
    fitted->stages_cut = fitted->not_ready = 0;
    memset(fitted->highest, 0, sizeof fitted->highest);
    memset(fitted->answered, 0, sizeof fitted->answered);
    for (size_t i = 0; i < count; i++) {
        candidates[i] = evidence->candidates[i];
        candidates[i].because_personal = 0;
        memset(candidates[i].answers, 0, sizeof candidates[i].answers);
        memset(candidates[i].because, 0, sizeof candidates[i].because);
        memset(candidates[i].voices, 0, sizeof candidates[i].voices);
    }
    for (size_t i = 0; i < definition->step_count; i++) {
        unsigned target = step_column(&definition->steps[i]);
        unsigned source = evidence_column(evidence, &definition->steps[i]);
        if (source == COLUMN_COUNT)
            continue;
        fitted->highest[target] = evidence->highest[source];
        fitted->answered[target] = evidence->answered[source];
        fitted->stages_cut |= (evidence->stages_cut >> source & 1) << target;
        fitted->not_ready |= (evidence->not_ready >> source & 1) << target;
        for (size_t j = 0; j < count; j++)
            move_candidate(&evidence->candidates[j], source, target, &candidates[j]);
    }
    return fitted;
}
