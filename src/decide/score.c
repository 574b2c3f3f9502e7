/* Scores as sums of named contributions. Only + × ÷ on doubles in a fixed order, so that the same
 * input gives the same bits on every machine. */
#include "decide/score.h"

#include <assert.h>
#include <math.h>

static bool is_usable(const struct decide_affinity *affinity)
{
    return isfinite(affinity->weight) && affinity->weight > 0;
}

/* Sum of the weights of an affinity's attribute; sums holds those of the affinities before it. */
static double sum_of_attribute(const struct decide_person *person, size_t index, const double *sums)
{
    struct slice attribute = person->affinities[index].attribute;
    double sum = 0;
    for (size_t i = 0; i < person->affinity_count; i++) {
        const struct decide_affinity *affinity = &person->affinities[i];
        if (!is_usable(affinity) || !slice_equal(affinity->attribute, attribute))
            continue;
        if (i < index)
            return sums[i];
        sum += affinity->weight;
    }
    return sum;
}

/* "affinity:brand=Petit Bateau" */
static struct slice name_of(const struct decide_affinity *affinity, struct arena *arena)
{
    static const struct slice head = {"affinity:", 9};
    struct slice attribute = affinity->attribute, value = affinity->value;
    size_t size = head.size + attribute.size + 1 + value.size;
    char *text = arena_alloc(arena, size), *at = text;
    memcpy(at, head.data, head.size);
    at += head.size;
    if (attribute.size > 0)
        memcpy(at, attribute.data, attribute.size);
    at += attribute.size;
    *at++ = '=';
    if (value.size > 0)
        memcpy(at, value.data, value.size);
    return slice_make(text, size);
}

static void add_affinity(struct taste *taste, const struct decide_person *person, size_t index,
                         double *sums, struct arena *arena)
{
    const struct decide_affinity *affinity = &person->affinities[index];
    taste->next[index] = -1;
    if (!is_usable(affinity))
        return;
    sums[index] = sum_of_attribute(person, index, sums);
    taste->names[index] = name_of(affinity, arena);
    taste->shares[index] = affinity->weight / sums[index]; /* 0 when the sum overflowed */
    uint64_t hash = slice_set_hash(affinity->value);
    int64_t first = slice_set_find(&taste->by_value, hash, affinity->value);
    if (first < 0) {
        slice_set_add(&taste->by_value, hash, affinity->value, (uint32_t)index);
    } else {
        taste->next[index] = taste->next[first];
        taste->next[first] = (int32_t)index;
    }
}

struct taste taste_of(const struct decide_person *person, struct arena *arena)
{
    struct taste taste = {0};
    if (!person->personal || person->affinity_count == 0)
        return taste;
    size_t count = person->affinity_count;
    taste.by_value = slice_set(arena, count);
    taste.affinities = person->affinities;
    taste.names = ARENA_ARRAY(arena, count, struct slice);
    taste.shares = ARENA_ARRAY(arena, count, double);
    taste.next = ARENA_ARRAY(arena, count, int32_t);
    taste.count = count;
    double *sums = ARENA_ARRAY(arena, count, double);
    for (size_t i = 0; i < count; i++)
        add_affinity(&taste, person, i, sums, arena);
    return taste;
}

/* Affinities with this value, whatever their attribute; -1: none. */
static int64_t first_with_value(const struct taste *taste, struct slice value)
{
    return slice_set_find(&taste->by_value, slice_set_hash(value), value);
}

int64_t taste_find(const struct taste *taste, const struct candidate_attribute *attribute)
{
    int64_t at = first_with_value(taste, attribute->value);
    while (at >= 0 && !slice_equal(taste->affinities[at].attribute, attribute->name))
        at = taste->next[at];
    return at;
}

float score_answer(const struct candidate *candidate, enum strategy strategy, bool personal)
{
    float answer = candidate->answers[strategy];
    if (!(answer > 0) || !isfinite(answer))
        return 0;
    if (!personal && (candidate->because_personal >> strategy & 1))
        return 0;
    return answer;
}

struct scale scale_of(const struct placement *definition, const struct placement_evidence *evidence,
                      const struct taste *taste, bool personal)
{
    struct scale scale = {.definition = definition, .taste = taste, .personal = personal};
    double weight = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        enum strategy strategy = definition->steps[i].strategy;
        if (definition->steps[i].weight > weight)
            weight = definition->steps[i].weight;
        float highest = evidence->highest[strategy];
        if (highest > 0 && isfinite(highest))
            scale.highest[strategy] = highest;
        for (size_t j = 0; j < evidence->candidate_count; j++) {
            float answer = score_answer(&evidence->candidates[j], strategy, personal);
            if (answer > scale.highest[strategy])
                scale.highest[strategy] = answer;
        }
    }
    scale.span = weight + AFFINITY_MATCHES_MAX * definition->affinity_weight;
    return scale;
}

static void contribute(struct scored *scored, struct slice name, double value)
{
    assert(scored->contribution_count < CONTRIBUTIONS_MAX);
    scored->contributions[scored->contribution_count++] = (struct contribution){name, value};
    scored->score += value;
}

/* In order: the first step that answered leads and alone counts. */
static bool score_in_order(const struct scale *scale, struct scored *scored)
{
    const struct placement *definition = scale->definition;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        double answer = score_answer(scored->candidate, step->strategy, scale->personal);
        if (answer == 0)
            continue;
        double normal = answer / (double)scale->highest[step->strategy];
        double before = (double)(definition->step_count - 1 - i) * scale->span;
        scored->lead = step->strategy;
        scored->lead_step = i;
        contribute(scored, slice_of(strategy_name(step->strategy)), before + step->weight * normal);
        return true;
    }
    return false;
}

static bool score_blended(const struct scale *scale, struct scored *scored)
{
    const struct placement *definition = scale->definition;
    double largest = 0;
    for (size_t i = 0; i < definition->step_count; i++) {
        const struct recipe_step *step = &definition->steps[i];
        double answer = score_answer(scored->candidate, step->strategy, scale->personal);
        if (answer == 0)
            continue;
        double value = step->weight * (answer / (double)scale->highest[step->strategy]);
        if (scored->contribution_count == 0 || value > largest) {
            largest = value;
            scored->lead = step->strategy;
            scored->lead_step = i;
        }
        contribute(scored, slice_of(strategy_name(step->strategy)), value);
    }
    return scored->contribution_count > 0;
}

/* The best matches so far, largest share first, ties by the person's own order. */
struct matches {
    size_t affinities[AFFINITY_MATCHES_MAX];
    size_t count;
};

static void note_match(struct matches *matches, const struct taste *taste, size_t affinity)
{
    size_t at = matches->count;
    for (size_t i = 0; i < matches->count; i++) {
        if (matches->affinities[i] == affinity)
            return;
    }
    while (at > 0) {
        size_t above = matches->affinities[at - 1];
        if (taste->shares[above] > taste->shares[affinity] ||
            (taste->shares[above] == taste->shares[affinity] && above < affinity))
            break;
        if (at < AFFINITY_MATCHES_MAX)
            matches->affinities[at] = above;
        at--;
    }
    if (at < AFFINITY_MATCHES_MAX)
        matches->affinities[at] = affinity;
    if (matches->count < AFFINITY_MATCHES_MAX)
        matches->count++;
}

static void add_lifts(const struct scale *scale, struct scored *scored)
{
    const struct taste *taste = scale->taste;
    const struct candidate *candidate = scored->candidate;
    struct matches matches = {.count = 0};
    for (size_t i = 0; i < candidate->attribute_count; i++) {
        const struct candidate_attribute *own = &candidate->attributes[i];
        int64_t at = first_with_value(taste, own->value);
        for (; at >= 0; at = taste->next[at]) {
            if (taste->shares[at] > 0 && slice_equal(taste->affinities[at].attribute, own->name))
                note_match(&matches, taste, (size_t)at);
        }
    }
    for (size_t i = 0; i < matches.count; i++) {
        size_t affinity = matches.affinities[i];
        contribute(scored, taste->names[affinity],
                   scale->definition->affinity_weight * taste->shares[affinity]);
    }
}

bool score_candidate(const struct scale *scale, const struct candidate *candidate, bool lifts,
                     struct scored *out_scored)
{
    struct scored *scored = out_scored;
    scored->candidate = candidate;
    scored->score = 0;
    scored->contribution_count = 0;
    bool answered =
        scale->definition->blend ? score_blended(scale, scored) : score_in_order(scale, scored);
    if (!answered)
        return false;
    scored->strategy_contribution_count = scored->contribution_count;
    if (lifts && scale->taste->count > 0 && scale->definition->affinity_weight > 0)
        add_lifts(scale, scored);
    return true;
}
