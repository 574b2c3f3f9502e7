/* Which placements are decided from the same candidates: what is found out about them for one of a
 * call's wishes then holds for the others.
 *
 * Twins differ in nothing but how many items they show, to whom they are an experiment, and what
 * they are called. Pure. */
#ifndef VISAVIS_DECIDE_TWINS_H
#define VISAVIS_DECIDE_TWINS_H

#include "decide/policy.h"

/* The same steps, weights and rules, and each item counts for itself: neither does a step wait for
 * what those before it leave open, nor a rule for what other items are there. */
bool placements_are_twins(const struct placement *left, const struct placement *right);

#endif
