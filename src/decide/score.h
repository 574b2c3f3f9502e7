/* What a candidate is worth in a placement: the formula of decide.h.
 *
 * Inside decide/ only; plain values in the arena of the decision. */
#ifndef VISAVIS_DECIDE_SCORE_H
#define VISAVIS_DECIDE_SCORE_H

#include "decide/decide.h"
#include "decide/slice_set.h"

/* The person's affinities, ready to be asked; empty unless personal. */
struct taste {
    struct slice_set by_value; /* value → first affinity with it */
    const struct decide_affinity *affinities;
    struct slice *names; /* "affinity:brand=Petit Bateau" */
    double *shares;      /* of the weights of the same attribute, in (0, 1] */
    int32_t *next;       /* next affinity with the same value, -1 at the end */
    size_t count;
};

struct taste taste_of(const struct decide_person *person, struct arena *arena);

/* The affinity to this attribute and value, the first one given; -1: none. */
int64_t taste_find(const struct taste *taste, const struct candidate_attribute *attribute);

struct scale {
    const struct placement *definition;
    const struct taste *taste;
    bool personal;
    double span;
    float highest[STRATEGY_COUNT];
};

struct scale scale_of(const struct placement *definition, const struct placement_evidence *evidence,
                      const struct taste *taste, bool personal);

/* Fills candidate, score, contributions, lead; without lifts, only the strategies' part of the
 * score. False: no step answered for it. */
bool score_candidate(const struct scale *scale, const struct candidate *candidate, bool lifts,
                     struct scored *out_scored);

/* The strategy's answer that counts: 0 unless positive and finite, and, when it came from something
 * of the person, personal. */
float score_answer(const struct candidate *candidate, enum strategy strategy, bool personal);

#endif
